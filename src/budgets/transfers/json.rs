//! Bodies of the transfers' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::budget_transfers::{BudgetTransferKind, BudgetTransferStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::http::reply::Resource;
use crate::workflow::AllowedAction;

/// A decision to propose.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "kind": "transfer", "from_line_id": demo::id("bl_2029_btctu_13_6703"), "to_line_id": demo::id("bl_2029_btctu_13_6702"),
    "amount": 5_000_000, "document_number": "31-QĐ/VPTU", "signed_on": "2025-12-10",
    "reason": "Bổ sung phụ cấp công tác phí",
})))]
pub struct BudgetTransferIn {
    pub kind: BudgetTransferKind,
    /// The line that gives, of the same source; null for a supplement.
    pub from_line_id: Option<Uuid>,
    /// The line that gets.
    pub to_line_id: Uuid,
    #[schema(minimum = 1)]
    pub amount: i64,
    /// The number of the signed decision.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    /// Not in the future.
    pub signed_on: NaiveDate,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Why a step is taken.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Dự toán của ban không còn dư"})))]
pub struct BudgetTransferReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// A transfer or a supplement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetTransferOut {
    pub id: Uuid,
    /// The record's number, e.g. `BT-2026-000001`.
    pub number: String,
    pub version: i64,
    pub kind: BudgetTransferKind,
    /// Null for a supplement.
    pub from_line_id: Option<Uuid>,
    pub to_line_id: Uuid,
    /// The board that gives; null for a supplement.
    pub from_board_id: Option<Uuid>,
    pub to_board_id: Uuid,
    pub amount: i64,
    pub document_number: String,
    pub signed_on: NaiveDate,
    pub reason: String,
    pub status: BudgetTransferStatus,
    /// What the caller can do; null in lists.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// As staff.
    pub proposed_by_id: Uuid,
    /// Who signed for the board that gives, as staff; null until then, and where one signature is enough.
    pub from_signed_by_id: Option<Uuid>,
    /// Who signed for the board that gets, as staff.
    pub to_signed_by_id: Option<Uuid>,
    /// Why it was rejected or withdrawn.
    pub decision_reason: Option<String>,
    /// When the money moved.
    pub posted_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for BudgetTransferOut {
    const COLLECTION: &'static str = "/v1/budget-transfers";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which transfers.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BudgetTransferFilter {
    /// Transfers from or to this board.
    pub board_id: Option<Uuid>,
    /// Transfers from or to this line.
    pub budget_line_id: Option<Uuid>,
    /// Transfers that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<BudgetTransferStatus>>,
}
