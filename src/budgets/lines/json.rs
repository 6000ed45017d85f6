//! Bodies of the budget lines' and entries' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::budget_entries::{self, BudgetAccount, BudgetEntryKind, DocumentType};
use entity::budget_lines::{self, BudgetLineStatus};
use entity::funding_source::FundingSource;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::http::reply::Resource;

/// A line of a year's budget.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "year": 2030, "board_id": demo::id("btctu"), "funding_source": "autonomous", "sub_item": "6702",
    "planned_amount": 80_000_000, "document_number": "12-QĐ/TU", "issuer": "Ban Thường vụ Tỉnh ủy", "signed_on": "2025-12-05",
})))]
pub struct BudgetLineIn {
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i64,
    /// The board that may spend it.
    pub board_id: Uuid,
    pub funding_source: FundingSource,
    /// A sub-item in force in that year.
    #[schema(pattern = "^[0-9]{4}$", max_length = 4)]
    pub sub_item: String,
    /// What the decision gives.
    pub planned_amount: i64,
    /// The decision that allocates the money.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    /// Not in the future.
    pub signed_on: NaiveDate,
}

/// What changes in a planned line; what is left out stays.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, examples(json!({"planned_amount": 70_000_000})))]
pub struct BudgetLinePatch {
    #[schema(nullable = false)]
    pub planned_amount: Option<i64>,
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    pub document_number: Option<String>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub issuer: Option<String>,
    /// Not in the future.
    #[schema(nullable = false)]
    pub signed_on: Option<NaiveDate>,
}

/// Why a step is taken.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Khóa sổ cuối năm"})))]
pub struct BudgetReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// A budget line with its balances, in đồng. `appropriated_amount + transferred_amount` is always
/// `available_amount + committed_amount + spent_amount`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetLineOut {
    pub id: Uuid,
    pub version: i64,
    pub year: i64,
    pub board_id: Uuid,
    pub funding_source: FundingSource,
    pub sub_item: String,
    pub status: BudgetLineStatus,
    /// What the decision gives; appropriated when the line is activated.
    pub planned_amount: i64,
    pub document_number: String,
    pub issuer: String,
    pub signed_on: NaiveDate,
    /// Appropriations and supplements.
    pub appropriated_amount: i64,
    /// Transfers in less transfers out.
    #[schema(minimum = -999_999_999_999_999_i64)]
    pub transferred_amount: i64,
    /// What can still be committed.
    pub available_amount: i64,
    /// What is reserved for documents.
    pub committed_amount: i64,
    pub spent_amount: i64,
    /// As staff; null for lines that came with the demo office, or that a year's end made.
    pub planned_by_id: Option<Uuid>,
    /// As staff; null before the activation, and for lines that a year's end made.
    pub activated_by_id: Option<Uuid>,
    /// The import that brought the line; null for a line that was entered by itself.
    pub import_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for BudgetLineOut {
    const COLLECTION: &'static str = "/v1/budget-lines";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<budget_lines::Model> for BudgetLineOut {
    fn from(line: budget_lines::Model) -> Self {
        Self {
            id: line.id,
            version: line.version,
            year: line.year,
            board_id: line.board_id,
            funding_source: line.funding_source,
            sub_item: line.sub_item,
            status: line.status,
            planned_amount: line.planned_amount,
            document_number: line.document_number,
            issuer: line.issuer,
            signed_on: line.signed_on,
            appropriated_amount: line.appropriated_amount,
            transferred_amount: line.transferred_amount,
            available_amount: line.available_amount,
            committed_amount: line.committed_amount,
            spent_amount: line.spent_amount,
            planned_by_id: line.planned_by_id,
            activated_by_id: line.activated_by_id,
            import_id: line.import_id,
            created_at: line.created_at,
            updated_at: line.updated_at,
            created_by_id: line.created_by_id,
        }
    }
}

/// Which lines.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BudgetLineFilter {
    #[param(minimum = 2000, maximum = 2100)]
    pub year: Option<i64>,
    /// Lines of this board.
    pub board_id: Option<Uuid>,
    #[param(inline)]
    pub funding_source: Option<FundingSource>,
    #[param(pattern = "^[0-9]{4}$", max_length = 4)]
    pub sub_item: Option<String>,
    /// Lines that this import brought.
    pub import_id: Option<Uuid>,
    /// Lines that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<BudgetLineStatus>>,
}

/// Of which moment.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BalanceParams {
    /// The balance after all entries up to this moment, included; now unless given.
    pub as_of: Option<DateTime<Utc>>,
}

/// The balance of a line at a moment, added up from its entries. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetBalanceOut {
    pub budget_line_id: Uuid,
    pub as_of: DateTime<Utc>,
    pub appropriated_amount: i64,
    #[schema(minimum = -999_999_999_999_999_i64)]
    pub transferred_amount: i64,
    pub available_amount: i64,
    pub committed_amount: i64,
    pub spent_amount: i64,
    /// How many entries it is made of.
    pub entry_count: i64,
}

/// The record behind an entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetDocument {
    /// `budget_line` for its own appropriation, `budget_import` where an import brought it.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    pub id: Uuid,
    /// Its address in this service.
    pub href: String,
}

/// One movement of money: an amount from one account of a line to another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetEntryOut {
    pub id: Uuid,
    pub budget_line_id: Uuid,
    pub board_id: Uuid,
    pub year: i64,
    pub funding_source: FundingSource,
    pub kind: BudgetEntryKind,
    /// The account that gets the amount.
    pub debit: BudgetAccount,
    /// The account that gives it.
    pub credit: BudgetAccount,
    /// Always positive, in đồng.
    pub amount: i64,
    /// The record that moved it.
    pub document: BudgetDocument,
    /// The entry that this one takes back; null for all others.
    pub reverses_id: Option<Uuid>,
    pub posted_at: DateTime<Utc>,
    /// As user; null where the service itself did it.
    pub posted_by_id: Option<Uuid>,
}

impl BudgetDocument {
    pub fn new(kind: DocumentType, id: Uuid) -> Self {
        let collection = match kind {
            DocumentType::BudgetLine => "budget-lines",
            DocumentType::BudgetTransfer => "budget-transfers",
            DocumentType::BudgetYear => "budget-years",
            DocumentType::BudgetImport => "budget-imports",
            DocumentType::TravelOrder => "travel-orders",
            DocumentType::ExpenseClaim => "expense-claims",
            DocumentType::Conference => "conferences",
        };
        Self { kind, id, href: format!("/v1/{collection}/{id}") }
    }
}

impl From<budget_entries::Model> for BudgetEntryOut {
    fn from(entry: budget_entries::Model) -> Self {
        Self {
            id: entry.id,
            budget_line_id: entry.budget_line_id,
            board_id: entry.board_id,
            year: entry.year,
            funding_source: entry.funding_source,
            kind: entry.kind,
            debit: entry.debit,
            credit: entry.credit,
            amount: entry.amount,
            document: BudgetDocument::new(entry.document_type, entry.document_id),
            reverses_id: entry.reverses_id,
            posted_at: entry.posted_at,
            posted_by_id: entry.posted_by_id,
        }
    }
}

/// Which entries.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BudgetEntryFilter {
    /// Entries of this line.
    pub budget_line_id: Option<Uuid>,
    /// Entries of this board.
    pub board_id: Option<Uuid>,
    /// Entries of this record: what a claim or an order did to the budget.
    pub document_id: Option<Uuid>,
    #[param(inline)]
    pub kind: Option<BudgetEntryKind>,
    /// Entries posted at this moment or later.
    pub posted_at_from: Option<DateTime<Utc>>,
    /// Entries posted before this moment.
    pub posted_at_before: Option<DateTime<Utc>>,
}
