//! Bodies of the claims' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::{ClaimKind, ClaimStatus, Model as Claim};
use entity::payments::PaymentMethod;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::http::document::ProblemGap;
use crate::http::reply::Resource;
use crate::workflow::{AllowedAction, WaitingOn};

/// An invoice that stands behind a line.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimInvoice {
    /// The seller's tax code, with the branch where it has one.
    #[schema(pattern = "^[0-9]{10}(-[0-9]{3})?$", max_length = 14, example = "6001234567")]
    pub seller_tax_code: String,
    /// The invoice's number. Case, spaces, wide letters and leading zeros make no difference: an invoice is
    /// claimed once, however it is spelt.
    #[schema(min_length = 1, max_length = 50)]
    pub number: String,
    pub issued_on: NaiveDate,
}

/// One cost.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimLineIn {
    /// The kind of cost, an open list: `per_diem`, `same_day_per_diem`, `lodging_lump_sum`, `lodging_receipt`,
    /// `ticket`, `private_transport`, `fuel`, `hospitality_meal`, `hospitality_drinks`, `conference_printing`,
    /// `conference_refreshments`, `conference_backdrop`, `other`, … Some kinds need an invoice; `gaps` says which
    /// line lacks one.
    #[schema(
        pattern = "^[a-z][a-z0-9_]*$",
        max_length = 60,
        examples("per_diem", "lodging_receipt", "ticket")
    )]
    pub kind: String,
    /// The day of the cost. A draft may plan ahead; on submission it must not be in the future.
    pub incurred_on: NaiveDate,
    #[schema(min_length = 1, max_length = 500)]
    pub description: String,
    #[schema(minimum = 1)]
    pub claimed_amount: i64,
    /// Null where the cost has none.
    pub invoice: Option<ClaimInvoice>,
    /// The refuel that the line claims; only a fuel statement fills it in, never a caller.
    #[serde(skip)]
    pub refuel_id: Option<Uuid>,
}

/// A claim to write. It belongs to the caller.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "board_id": demo::id("btctu"), "kind": "travel", "purpose": "Kiểm tra công tác tổ chức tại cơ sở",
    "lines": [
        {"kind": "per_diem", "incurred_on": "2025-12-09", "description": "Phụ cấp lưu trú 1 ngày", "claimed_amount": 300_000},
        {"kind": "lodging_receipt", "incurred_on": "2025-12-09", "description": "Phòng nghỉ 1 đêm", "claimed_amount": 450_000,
         "invoice": {"seller_tax_code": "6001234567", "number": "0000123", "issued_on": "2025-12-10"}},
    ],
})))]
pub struct ClaimIn {
    /// The board that bears the cost; one of the caller's that exists today.
    pub board_id: Uuid,
    pub kind: ClaimKind,
    #[schema(min_length = 1, max_length = 500)]
    pub purpose: String,
    /// The travel order that the claim settles. Travel orders are not part of this version: it must be null.
    pub travel_order_id: Option<Uuid>,
    /// The costs, in the order in which they are shown. A draft may still be empty.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub lines: Vec<ClaimLineIn>,
}

/// Changes of a claim that is a draft or was returned.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"purpose": "Kiểm tra công tác đảng viên tại hai xã"})))]
pub struct ClaimPatch {
    #[schema(nullable = false)]
    pub kind: Option<ClaimKind>,
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    pub purpose: Option<String>,
    /// Travel orders are not part of this version: only null is taken.
    #[serde(default, with = "double_option")]
    pub travel_order_id: Option<Option<Uuid>>,
    /// Replaces all lines.
    #[schema(max_items = 100, nullable = false)]
    pub lines: Option<Vec<ClaimLineIn>>,
}

/// Why a step is taken.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Lập lại theo từng đợt công tác"})))]
pub struct ClaimReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// What is allowed of one line.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimVerdictIn {
    /// The line, counted from 0.
    #[schema(maximum = 99)]
    pub line: i64,
    /// At most what is claimed.
    pub allowed_amount: i64,
    /// Needed where less is allowed than claimed, and only there.
    #[schema(max_length = 500)]
    pub cut_reason: Option<String>,
}

/// The accountant's verdict.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"lines": [{"line": 1, "allowed_amount": 0, "cut_reason": "Không có trong định mức"}]})))]
pub struct ClaimVerifyIn {
    /// Lines that are left out are allowed in full.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub lines: Vec<ClaimVerdictIn>,
}

/// Something that the claim lacks.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimGapIn {
    /// The kind of gap, an open list.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60, examples("travel_permit_stamp_missing"))]
    pub code: String,
    /// The line it is about, counted from 0; null for the whole claim.
    #[schema(maximum = 99)]
    pub line: Option<i64>,
    #[schema(min_length = 1, max_length = 500)]
    pub detail: String,
}

/// Why a claim goes back, and all that it lacks.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Thiếu dấu xác nhận nơi đến", "gaps": [
    {"code": "travel_permit_stamp_missing", "detail": "Giấy đi đường thiếu dấu xác nhận nơi đến"},
]})))]
pub struct ClaimReturnIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    /// What is missing beside the papers that the service misses by itself; those are added.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub gaps: Vec<ClaimGapIn>,
}

/// How a claim was paid.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": "PC-2025-000172"})))]
pub struct ClaimPaymentIn {
    pub method: PaymentMethod,
    /// Not in the future.
    pub paid_on: NaiveDate,
    /// The number of the payment voucher; used once.
    #[schema(min_length = 1, max_length = 40)]
    pub voucher_number: String,
}

/// One cost of a claim.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimLineOut {
    /// Its place in the claim, counted from 0; verdicts and gaps name lines by it.
    pub line: i64,
    /// The kind of cost, an open list.
    pub kind: String,
    pub incurred_on: NaiveDate,
    pub description: String,
    pub claimed_amount: i64,
    /// Null until the accountant has verified the claim.
    pub allowed_amount: Option<i64>,
    /// Why less is allowed than claimed; null where it is not.
    pub cut_reason: Option<String>,
    pub invoice: Option<ClaimInvoice>,
    /// The refuel that the line claims; null for other costs. A claim made from a fuel statement keeps its lines.
    pub refuel_id: Option<Uuid>,
}

/// Who claims.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimantOut {
    pub id: Uuid,
    pub full_name: String,
}

/// An expense claim.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimOut {
    pub id: Uuid,
    /// The claim's number, e.g. `EC-2026-000001`.
    pub number: String,
    pub version: i64,
    pub board_id: Uuid,
    pub kind: ClaimKind,
    pub claimant_id: Uuid,
    /// Null unless `expand=claimant` was sent.
    pub claimant: Option<ClaimantOut>,
    pub purpose: String,
    /// Null: travel orders are not part of this version.
    pub travel_order_id: Option<Uuid>,
    pub status: ClaimStatus,
    /// Null when nobody needs to act; in lists also unless `expand=allowed_actions` was sent.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do; null in lists unless `expand=allowed_actions` was sent.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// Everything that the claim lacks: the papers that its lines need, and what whoever returned it found.
    /// A gap's line is the line at the time of the return.
    pub gaps: Vec<ProblemGap>,
    pub lines: Vec<ClaimLineOut>,
    /// The sum of the lines.
    pub claimed_amount: i64,
    /// The sum of what is allowed; null until the accountant has verified the claim.
    pub allowed_amount: Option<i64>,
    /// The payment; null until the claim is paid.
    pub payment_id: Option<Uuid>,
    /// The board head who confirmed it, as staff. This and the next two start anew when a returned claim is
    /// submitted again.
    pub confirmed_by_id: Option<Uuid>,
    /// The accountant who verified it, as staff.
    pub verified_by_id: Option<Uuid>,
    /// The chief of office who approved it, as staff.
    pub approved_by_id: Option<Uuid>,
    /// The cashier who paid it, as staff.
    pub paid_by_id: Option<Uuid>,
    /// Who signed the reversal of the payment first, as staff; a person of the other role completes it.
    pub reversal_asked_by_id: Option<Uuid>,
    pub reversal_reason: Option<String>,
    /// Why it was last returned, rejected or withdrawn, or lost its approval.
    pub decision_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for ClaimOut {
    const COLLECTION: &'static str = "/v1/expense-claims";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// What a claim is shown with.
#[derive(Clone, Debug, Default)]
pub struct ClaimParts {
    pub lines: Vec<Line>,
    pub gaps: Vec<ProblemGap>,
    pub claimant: Option<ClaimantOut>,
    pub waiting_on: Option<WaitingOn>,
    pub allowed_actions: Option<Vec<AllowedAction>>,
}

impl ClaimOut {
    pub fn new(claim: Claim, parts: ClaimParts) -> Self {
        let Claim {
            id,
            number,
            board_id,
            kind,
            claimant_id,
            purpose,
            travel_order_id,
            status,
            waiting_since: _,
            claimed_amount,
            allowed_amount,
            confirmed_by_id,
            verified_by_id,
            approved_by_id,
            paid_by_id,
            payment_id,
            reversal_asked_by_id,
            reversal_reason,
            decision_reason,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = claim;
        let ClaimParts { lines, gaps, claimant, waiting_on, allowed_actions } = parts;
        Self {
            id,
            number,
            version,
            board_id,
            kind,
            claimant_id,
            claimant,
            purpose,
            travel_order_id,
            status,
            waiting_on,
            allowed_actions,
            gaps,
            lines: lines.into_iter().map(ClaimLineOut::from).collect(),
            claimed_amount,
            allowed_amount,
            payment_id,
            confirmed_by_id,
            verified_by_id,
            approved_by_id,
            paid_by_id,
            reversal_asked_by_id,
            reversal_reason,
            decision_reason,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

impl From<Line> for ClaimLineOut {
    fn from(line: Line) -> Self {
        let invoice = match (line.invoice_seller_tax_code, line.invoice_number, line.invoice_issued_on) {
            (Some(seller_tax_code), Some(number), Some(issued_on)) => {
                Some(ClaimInvoice { seller_tax_code, number, issued_on })
            }
            _ => None,
        };
        Self {
            line: line.position,
            kind: line.kind,
            incurred_on: line.incurred_on,
            description: line.description,
            claimed_amount: line.claimed_amount,
            allowed_amount: line.allowed_amount,
            cut_reason: line.cut_reason,
            invoice,
            refuel_id: line.refuel_id,
        }
    }
}

/// Which claims.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ClaimFilter {
    /// Claims of this board.
    pub board_id: Option<Uuid>,
    /// Claims that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<ClaimStatus>>,
    /// Claims of this kind.
    #[param(inline)]
    pub kind: Option<ClaimKind>,
    /// Claims of this member of staff.
    pub claimant_id: Option<Uuid>,
    /// Claims made at this moment or later.
    pub created_at_from: Option<DateTime<Utc>>,
    /// Claims made before this moment.
    pub created_at_before: Option<DateTime<Utc>>,
    /// Finds number and purpose, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<ClaimSort>,
}

/// What to show beside each claim. No filter, so a cursor stays valid when it changes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ClaimExpansion {
    /// What to show beside each claim.
    #[param(inline)]
    pub expand: Option<Vec<ClaimExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum ClaimSort {
    #[serde(rename = "created_at")]
    CreatedAt,
    #[default]
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
    #[serde(rename = "claimed_amount")]
    ClaimedAmount,
    #[serde(rename = "-claimed_amount")]
    ClaimedAmountDescending,
}

/// What can be shown beside a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimExpand {
    /// The claimant's name.
    Claimant,
    /// What the caller can do, and whose turn it is.
    AllowedActions,
}
