//! Bodies of the budget years' operations.

use chrono::{DateTime, Utc};
use entity::budget_lines::BudgetLineStatus;
use entity::budget_years::BudgetYearStatus;
use entity::funding_source::FundingSource;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::budgets::lines::json::BudgetDocument;
use crate::http::reply::Resource;
use crate::workflow::AllowedAction;

/// Why a year is unfrozen.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Bổ sung dự toán theo quyết định cuối năm"})))]
pub struct BudgetYearReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// A year of the budget.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetYearOut {
    pub id: Uuid,
    pub version: i64,
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i64,
    pub status: BudgetYearStatus,
    /// What the caller can do; null in lists.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// Null while it is open.
    pub frozen_at: Option<DateTime<Utc>>,
    /// As staff.
    pub frozen_by_id: Option<Uuid>,
    /// When money was carried forward for the last time.
    pub carried_forward_at: Option<DateTime<Utc>>,
    /// As staff.
    pub carried_forward_by_id: Option<Uuid>,
    pub closed_at: Option<DateTime<Utc>>,
    /// As staff.
    pub closed_by_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for BudgetYearOut {
    const COLLECTION: &'static str = "/v1/budget-years";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which years.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BudgetYearFilter {
    #[param(minimum = 2000, maximum = 2100)]
    pub year: Option<i64>,
    /// Years that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<BudgetYearStatus>>,
}

/// Something that stands in the way of the end of a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetObstacle {
    /// `open_commitment`, `claim_under_way`, `not_carried_forward`, `sub_item_ended`, `board_ended`,
    /// `next_line_not_active`, `next_year_not_open` or `no_next_year`. More may come.
    #[schema(max_length = 60)]
    pub code: String,
    pub detail: String,
    /// The line that is concerned; null for what concerns the year, such as a claim that no line bears yet.
    pub budget_line_id: Option<Uuid>,
    /// The record that must come to its end first; null where it is none.
    pub document: Option<BudgetDocument>,
    /// How much is at stake, in đồng.
    pub amount: Option<i64>,
}

/// What becomes of one line at the end of its year. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetCarryForwardLine {
    pub budget_line_id: Uuid,
    pub board_id: Uuid,
    pub funding_source: FundingSource,
    pub sub_item: String,
    pub status: BudgetLineStatus,
    pub available_amount: i64,
    pub committed_amount: i64,
    /// What was carried forward before.
    pub carried_amount: i64,
    /// What would be carried forward now: what is available of autonomous funds.
    pub to_carry_amount: i64,
    /// What is available and stays behind: non-autonomous funds, and what is left on a line that was closed by itself.
    pub lapsing_amount: i64,
    /// The same line of the next year; null where it is to be made.
    pub to_line_id: Option<Uuid>,
    /// What stands in the way.
    #[schema(max_items = 10_000)]
    pub obstacles: Vec<BudgetObstacle>,
}

/// What becomes of a budget year's money. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetCarryForwardOut {
    pub budget_year_id: Uuid,
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i64,
    #[schema(minimum = 2001, maximum = 2101)]
    pub next_year: i64,
    pub status: BudgetYearStatus,
    /// The sums of the lines.
    pub carried_amount: i64,
    pub to_carry_amount: i64,
    pub lapsing_amount: i64,
    pub committed_amount: i64,
    /// What stands in the way beside what the lines tell.
    #[schema(max_items = 10_000)]
    pub obstacles: Vec<BudgetObstacle>,
    /// The year's lines in the caller's boards, by board, source and sub-item.
    #[schema(max_items = 10_000)]
    pub lines: Vec<BudgetCarryForwardLine>,
}
