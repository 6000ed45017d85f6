//! Parameters and bodies of the budget's reports.

use chrono::{DateTime, NaiveDate, Utc};
use entity::budget_entries::DocumentType;
use entity::funding_source::FundingSource;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// Which part of which year's budget.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BudgetReportFilter {
    /// The budget year; this year unless given.
    #[param(minimum = 2000, maximum = 2100)]
    pub year: Option<i64>,
    /// Lines of this board.
    pub board_id: Option<Uuid>,
    #[param(inline)]
    pub funding_source: Option<FundingSource>,
}

/// What became of a part of the budget. All amounts in đồng.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct BudgetFigures {
    pub appropriated_amount: i64,
    #[schema(minimum = -999_999_999_999_999_i64)]
    pub transferred_amount: i64,
    pub available_amount: i64,
    pub committed_amount: i64,
    pub spent_amount: i64,
    /// What was spent of `appropriated_amount + transferred_amount`, in percent with two decimals; null where that is 0.
    pub spent_percent: Option<String>,
}

/// A line in the report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetExecutionRow {
    pub budget_line_id: Uuid,
    pub board_id: Uuid,
    pub board_code: String,
    pub funding_source: FundingSource,
    pub sub_item: String,
    pub figures: BudgetFigures,
}

/// How far a year's budget is used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetExecutionOut {
    pub year: i64,
    /// The day of the report.
    pub on: NaiveDate,
    /// How much of the year is gone, in percent with two decimals, to compare `spent_percent` with.
    pub year_gone_percent: String,
    /// The sum of the rows.
    pub total: BudgetFigures,
    /// By board, source and sub-item.
    #[schema(max_items = 10_000)]
    pub rows: Vec<BudgetExecutionRow>,
}

/// How one board uses a sub-item.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetComparisonBoard {
    pub board_id: Uuid,
    pub board_code: String,
    /// People with an appointment in the board on the day of the report.
    pub head_count: i64,
    pub spent_amount: i64,
    /// Spent for each head, rounded to the đồng; null for a board without people.
    pub spent_per_head_amount: Option<i64>,
    /// Spent of what the board has, in percent with two decimals; null where it has nothing.
    pub spent_percent: Option<String>,
    /// The board's amount for each head against that of all boards together, in percent with two decimals: 100.00 is
    /// like all; null where nothing was spent.
    pub against_all_percent: Option<String>,
}

/// One sub-item, board by board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetComparisonRow {
    pub sub_item: String,
    /// The sub-item's name on the day of the report; null where it is not in force.
    pub name: Option<String>,
    /// Spent for each head over all boards that have the sub-item, rounded to the đồng.
    pub spent_per_head_amount: Option<i64>,
    pub boards: Vec<BudgetComparisonBoard>,
}

/// How boards use the same sub-items.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetComparisonOut {
    pub year: i64,
    /// The day of the report.
    pub on: NaiveDate,
    #[schema(max_items = 1_000)]
    pub rows: Vec<BudgetComparisonRow>,
}

/// Which decisions.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DepartureFilter {
    /// Decisions of this board.
    pub board_id: Option<Uuid>,
    /// Decisions taken at this moment or later.
    pub decided_at_from: Option<DateTime<Utc>>,
    /// Decisions taken before this moment.
    pub decided_at_before: Option<DateTime<Utc>>,
}

/// A decision that departed from the rule, with its reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetDepartureOut {
    /// The line of a claim, or the order.
    pub id: Uuid,
    /// `manual_sub_item` for a claim's line that was booked on another sub-item than its kind's, `one_line_for_all` for a
    /// travel order that one line bears; an open list.
    pub kind: String,
    /// `expense_claim` or `travel_order`.
    pub document_type: DocumentType,
    pub document_id: Uuid,
    /// The record's number.
    pub number: String,
    pub board_id: Uuid,
    /// The kind of cost; null for a whole order.
    pub expense_kind: Option<String>,
    /// The sub-item that was chosen; null for a whole order.
    pub sub_item: Option<String>,
    pub budget_line_id: Option<Uuid>,
    /// What is concerned, in đồng.
    pub amount: i64,
    pub reason: String,
    /// The accountant, as staff.
    pub decided_by_id: Option<Uuid>,
    pub decided_at: DateTime<Utc>,
    /// The address of the record.
    #[schema(format = "uri-reference", max_length = 100)]
    pub href: String,
}
