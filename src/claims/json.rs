//! Bodies of the claims' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::expense_claim_lines::Model as Line;
use entity::expense_claim_papers::{ClaimPaperKind, Model as Paper};
use entity::expense_claims::{ClaimKind, ClaimStatus, Model as Claim};
use entity::funding_source::FundingSource;
use entity::payments::PaymentMethod;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::claims::norms;
use crate::demo;
use crate::http::document::ProblemGap;
use crate::http::language::Language;
use crate::http::reply::Resource;
use crate::travel::estimates::json::EstimateLine;
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

/// A paper in the file of a claim.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimPaperIn {
    pub kind: ClaimPaperKind,
    /// The line that it proves, counted from 0; null for the whole claim.
    #[schema(maximum = 99)]
    pub line: Option<i64>,
    /// Of a travel permit: whether the places visited stamped it. Null for all other papers.
    pub stamped: Option<bool>,
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
    /// The travel order whose costs are claimed, for claims of the kind `travel`: the claimant travels on it, and it
    /// is approved or completed. A claimant has one claim of an order. Needed before a travel claim is submitted, unless it
    /// claims lump sums of months only.
    pub travel_order_id: Option<Uuid>,
    /// The conference or reception whose money the claim draws on, for claims of the kinds `conference` and `reception`: it
    /// is of the claim's board and kind, and its costs are not settled.
    pub conference_id: Option<Uuid>,
    /// The costs, in the order in which they are shown. A draft may still be empty.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub lines: Vec<ClaimLineIn>,
    /// The papers in the file, beside the invoices of the lines. Travel claims need some; `gaps` says which.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub papers: Vec<ClaimPaperIn>,
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
    /// As in a new claim; null takes the claim off its order.
    #[serde(default, with = "double_option")]
    pub travel_order_id: Option<Option<Uuid>>,
    /// As in a new claim; null takes the claim off its conference.
    #[serde(default, with = "double_option")]
    pub conference_id: Option<Option<Uuid>>,
    /// Replaces all lines.
    #[schema(max_items = 100, nullable = false)]
    pub lines: Option<Vec<ClaimLineIn>>,
    /// Replaces all papers.
    #[schema(max_items = 100, nullable = false)]
    pub papers: Option<Vec<ClaimPaperIn>>,
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
    /// At most what is claimed, and at most the line's norm.
    pub allowed_amount: i64,
    /// Needed where less is allowed than claimed, and only there.
    #[schema(max_length = 500)]
    pub cut_reason: Option<String>,
    /// The sub-item on which the line is booked; null for that of its kind (`/v1/expense-kinds`). Needed for kinds that
    /// have none.
    #[schema(pattern = "^[0-9]{4}$", max_length = 4)]
    pub sub_item: Option<String>,
    /// Why it is another sub-item than the kind's own; needed then, and kept.
    #[schema(max_length = 500)]
    pub sub_item_reason: Option<String>,
}

/// The accountant's verdict.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"lines": [{"line": 1, "allowed_amount": 0, "cut_reason": "Không có trong định mức"}]})))]
pub struct ClaimVerifyIn {
    /// Which money bears the claim; `autonomous` unless given, and for a claim of a travel order or a conference always
    /// that of the order or of the conference's plan.
    pub funding_source: Option<FundingSource>,
    /// Lines that are left out are allowed in full, or up to their norm, and booked on the sub-item of their kind.
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
    /// Not in the future, and not before the day of the approval.
    pub paid_on: NaiveDate,
    /// The number of the payment voucher; used once.
    #[schema(min_length = 1, max_length = 40)]
    pub voucher_number: String,
    /// What is left of the claimant's advance and comes back with this payment. Needed where `settlement` says that
    /// something is to be paid back, and only there.
    pub refund: Option<ClaimRefundIn>,
}

/// The rest of an advance that comes back when the claim is paid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRefundIn {
    /// Exactly the claim's `to_pay_back_amount`.
    #[schema(minimum = 1)]
    pub amount: i64,
    /// The number of the receipt voucher; used once.
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
    /// What the rules allow for it; null where no rule does, e.g. for tickets, and for claims without a travel order or
    /// conference.
    pub norm_amount: Option<i64>,
    /// Where the norm comes from.
    pub norm: Option<ClaimNormOut>,
    /// Why the amounts differ; null where they do not.
    pub difference: Option<ClaimDifference>,
    /// The sub-item on which it is booked; null until the accountant has verified the claim, and where nothing is allowed.
    pub sub_item: Option<String>,
    /// Why it is another sub-item than the kind's own.
    pub sub_item_reason: Option<String>,
    /// The budget line that bears it.
    pub budget_line_id: Option<Uuid>,
}

/// What the rules allow for a kind of cost on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimNormOut {
    /// The sum of the parts; 0 where the journey's estimate has nothing for the kind and day. All lines of one kind and
    /// day share it. Of a conference: what its plan has for the kind, less what its other claims were allowed; all lines
    /// of the kind share it.
    pub amount: i64,
    /// Each with quantity, rate, working and the documents.
    pub parts: Vec<EstimateLine>,
}

/// Why what is claimed, the norm and what is allowed are not the same.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimDifference {
    /// An open list: `over_norm`, `below_norm`, `cut`.
    pub code: String,
    pub detail: String,
}

/// A paper in the file of a claim.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimPaperOut {
    pub kind: ClaimPaperKind,
    /// The line that it proves, counted from 0; null for the whole claim.
    pub line: Option<i64>,
    /// Of a travel permit: whether the places visited stamped it; null for all other papers.
    pub stamped: Option<bool>,
}

impl From<Paper> for ClaimPaperOut {
    fn from(paper: Paper) -> Self {
        Self { kind: paper.kind, line: paper.line_position, stamped: paper.stamped }
    }
}

/// The row of a claim in the travel expense sheet: what is allowed by groups of cost, and what is done with it. Until
/// the claim is paid the advance is as it is now, afterwards as it was then.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimSettlementOut {
    /// Lines of the kind `ticket`.
    pub tickets_amount: i64,
    /// Hired vehicles and private transport.
    pub hired_transport_amount: i64,
    /// Per diems, those of journeys out and back on one day, and monthly lump sums.
    pub per_diem_amount: i64,
    /// Lodging, by lump sum or receipt.
    pub lodging_amount: i64,
    /// All other lines.
    pub other_amount: i64,
    /// The sum of these: what is allowed.
    pub total_amount: i64,
    /// The advance that covers a part; null where nothing was advanced or all of it is settled already.
    pub advance_id: Option<Uuid>,
    /// What of the advance was outstanding.
    pub advance_amount: i64,
    /// What it covers: the smaller of `total_amount` and `advance_amount`.
    pub set_off_amount: i64,
    /// What the claimant still gets: `total_amount - set_off_amount`.
    pub to_receive_amount: i64,
    /// What is left of the advance and comes back with the payment: `advance_amount - set_off_amount`.
    pub to_pay_back_amount: i64,
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
    /// The travel order whose costs are claimed; null for other claims.
    pub travel_order_id: Option<Uuid>,
    /// The conference or reception whose money it draws on; null for other claims.
    pub conference_id: Option<Uuid>,
    /// Until when a claim of a journey is to be submitted: the office's setting `claim_deadline_days` after its end;
    /// null for other claims and where the office has not set it.
    pub deadline_on: Option<NaiveDate>,
    /// It was submitted after the deadline, or is not submitted and the deadline is over.
    pub late: bool,
    /// Which money bears it; null until the accountant has verified the claim.
    pub funding_source: Option<FundingSource>,
    pub status: ClaimStatus,
    /// Null when nobody needs to act; in lists also unless `expand=allowed_actions` was sent.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do; null in lists unless `expand=allowed_actions` was sent.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// Everything that the claim lacks: the papers that its lines need, and what whoever returned it found.
    /// A gap's line is the line at the time of the return.
    pub gaps: Vec<ProblemGap>,
    pub lines: Vec<ClaimLineOut>,
    /// The papers in the file, beside the invoices of the lines.
    pub papers: Vec<ClaimPaperOut>,
    /// The sum of the lines.
    pub claimed_amount: i64,
    /// The sum of what is allowed; null until the accountant has verified the claim.
    pub allowed_amount: Option<i64>,
    /// What is paid, and what an advance covers of it; null until the accountant has verified the claim.
    pub settlement: Option<ClaimSettlementOut>,
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
#[derive(Clone, Debug)]
pub struct ClaimParts {
    pub language: Language,
    pub today: NaiveDate,
    pub lines: Vec<Line>,
    pub papers: Vec<Paper>,
    pub gaps: Vec<ProblemGap>,
    pub claimant: Option<ClaimantOut>,
    pub waiting_on: Option<WaitingOn>,
    pub allowed_actions: Option<Vec<AllowedAction>>,
    pub settlement: Option<ClaimSettlementOut>,
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
            conference_id,
            deadline_on,
            submitted_on,
            funding_source,
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
        let ClaimParts {
            language,
            today,
            lines,
            papers,
            gaps,
            claimant,
            waiting_on,
            allowed_actions,
            settlement,
        } = parts;
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
            conference_id,
            deadline_on,
            late: deadline_on.is_some_and(|last| submitted_on.unwrap_or(today) > last),
            funding_source,
            status,
            waiting_on,
            allowed_actions,
            gaps,
            lines: lines.into_iter().map(|line| ClaimLineOut::new(line, language)).collect(),
            papers: papers.into_iter().map(ClaimPaperOut::from).collect(),
            claimed_amount,
            allowed_amount,
            settlement,
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

impl ClaimLineOut {
    fn new(line: Line, language: Language) -> Self {
        let (norm, difference) = (norms::shown(&line), norms::difference(&line, language));
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
            norm_amount: line.norm_amount,
            norm,
            difference,
            sub_item: line.sub_item,
            sub_item_reason: line.sub_item_reason,
            budget_line_id: line.budget_line_id,
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
    /// Claims of this travel order.
    pub travel_order_id: Option<Uuid>,
    /// Claims that draw on this conference or reception.
    pub conference_id: Option<Uuid>,
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
