//! Bodies of the advances' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::advances::{AdvanceStatus, Model};
use entity::payments::PaymentMethod;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::claims::advances::rules;
use crate::demo;
use crate::http::reply::Resource;
use crate::workflow::{AllowedAction, WaitingOn};

/// An advance to ask for. It is the caller's own.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "board_id": demo::id("btctu"), "purpose": "Tạm ứng mua tài liệu hội nghị", "amount": 1_500_000,
    "settle_by": "2029-06-15",
})))]
pub struct AdvanceIn {
    /// The board that bears the cost; one of the caller's that exists today, and the board of the travel order.
    pub board_id: Uuid,
    /// The travel order whose costs are advanced: the caller travels on it, and it is submitted and not yet
    /// completed. Null for other purposes.
    pub travel_order_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 500)]
    pub purpose: String,
    /// With a travel order, at most its estimate, together with the other advances on it.
    #[schema(minimum = 1)]
    pub amount: i64,
    /// The last day on which the advance may be outstanding. With a travel order unless given, and at the latest,
    /// the office's setting `advance_settlement_days` after the end of the journey; needed otherwise.
    pub settle_by: Option<NaiveDate>,
}

/// Why a step is taken.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Chuyến đi đã thay đổi"})))]
pub struct AdvanceReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// How an advance was paid.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": "PC-2025-000301"})))]
pub struct AdvancePaymentIn {
    pub method: PaymentMethod,
    /// Not in the future.
    pub paid_on: NaiveDate,
    /// The number of the payment voucher; used once.
    #[schema(min_length = 1, max_length = 40)]
    pub voucher_number: String,
}

/// What came back of an advance.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "amount": 500_000, "method": "cash", "paid_on": "2025-12-12", "voucher_number": "PT-2025-000041",
})))]
pub struct AdvanceRefundIn {
    /// At most what is outstanding.
    #[schema(minimum = 1)]
    pub amount: i64,
    pub method: PaymentMethod,
    /// Not in the future, and not before the advance was paid.
    pub paid_on: NaiveDate,
    /// The number of the receipt voucher; used once.
    #[schema(min_length = 1, max_length = 40)]
    pub voucher_number: String,
}

/// An advance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdvanceOut {
    pub id: Uuid,
    /// The advance's number, e.g. `AD-2026-000001`.
    pub number: String,
    pub version: i64,
    pub board_id: Uuid,
    /// Who got the money and settles it, as staff.
    pub requester_id: Uuid,
    /// The version of the travel order that is in force; null for other purposes.
    pub travel_order_id: Option<Uuid>,
    pub purpose: String,
    pub amount: i64,
    /// The last day on which it may be outstanding.
    pub settle_by: NaiveDate,
    pub status: AdvanceStatus,
    /// What claims used up.
    pub set_off_amount: i64,
    /// What came back to the cash desk.
    pub refunded_amount: i64,
    /// What is still to be settled: 0 until it is paid, then `amount - set_off_amount - refunded_amount`.
    pub outstanding_amount: i64,
    /// Something is outstanding after `settle_by`. Its owner gets no other advance.
    pub overdue: bool,
    /// Null when nobody needs to act; in lists also unless `expand=allowed_actions` was sent.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do; null in lists unless `expand=allowed_actions` was sent.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// The chief of office who approved it, as staff.
    pub approved_by_id: Option<Uuid>,
    /// The cashier who paid it, as staff.
    pub paid_by_id: Option<Uuid>,
    /// Its payment; null until it is paid.
    pub payment_id: Option<Uuid>,
    /// Why it was rejected or cancelled.
    pub decision_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for AdvanceOut {
    const COLLECTION: &'static str = "/v1/advances";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl AdvanceOut {
    pub fn new(
        advance: Model,
        today: NaiveDate,
        waiting_on: Option<WaitingOn>,
        allowed_actions: Option<Vec<AllowedAction>>,
    ) -> Self {
        let (outstanding_amount, overdue) = (rules::outstanding(&advance), rules::overdue(&advance, today));
        let Model {
            id,
            number,
            board_id,
            requester_id,
            travel_order_id,
            purpose,
            amount,
            settle_by,
            status,
            waiting_since: _,
            approved_by_id,
            paid_by_id,
            payment_id,
            set_off_amount,
            refunded_amount,
            decision_reason,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = advance;
        Self {
            id,
            number,
            version,
            board_id,
            requester_id,
            travel_order_id,
            purpose,
            amount,
            settle_by,
            status,
            set_off_amount,
            refunded_amount,
            outstanding_amount,
            overdue,
            waiting_on,
            allowed_actions,
            approved_by_id,
            paid_by_id,
            payment_id,
            decision_reason,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which advances.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AdvanceFilter {
    /// Advances of this board.
    pub board_id: Option<Uuid>,
    /// Advances that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<AdvanceStatus>>,
    /// Advances of this member of staff.
    pub requester_id: Option<Uuid>,
    /// Advances for this version of a travel order.
    pub travel_order_id: Option<Uuid>,
    /// `true`: something is outstanding after the last day. `false`: all others.
    pub overdue: Option<bool>,
    /// Advances asked for at this moment or later.
    pub created_at_from: Option<DateTime<Utc>>,
    /// Advances asked for before this moment.
    pub created_at_before: Option<DateTime<Utc>>,
    /// Finds number and purpose, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<AdvanceSort>,
}

/// What to show beside each advance. No filter, so a cursor stays valid when it changes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AdvanceExpansion {
    /// What to show beside each advance.
    #[param(inline)]
    pub expand: Option<Vec<AdvanceExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum AdvanceSort {
    #[serde(rename = "created_at")]
    CreatedAt,
    #[default]
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
    #[serde(rename = "settle_by")]
    SettleBy,
    #[serde(rename = "-settle_by")]
    SettleByDescending,
}

/// What can be shown beside an advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdvanceExpand {
    /// What the caller can do, and whose turn it is.
    AllowedActions,
}
