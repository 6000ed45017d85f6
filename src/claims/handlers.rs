//! The claims' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::claims::json::{
    ClaimExpansion, ClaimFilter, ClaimIn, ClaimOut, ClaimPatch, ClaimPaymentIn, ClaimReasonIn, ClaimReturnIn,
    ClaimVerifyIn,
};
use crate::claims::steps::{self, Turn};
use crate::claims::{store, view};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List expense claims.
///
/// Claims of the caller's boards, the latest first.
#[utoipa::path(
    tag = "claims",
    params(ClaimFilter, ClaimExpansion, PageParams),
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "A page of claims.", body = Page<ClaimOut>))
)]
#[get("/v1/expense-claims")]
pub(crate) async fn list_expense_claims(
    call: Call,
    request: HttpRequest,
    filter: Query<ClaimFilter>,
    expansion: Query<ClaimExpansion>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ClaimOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let page =
        page::load(&call, select, order, entity::expense_claims::Column::Id, &params, &*filter).await?;
    let expand = expansion.expand.as_deref().unwrap_or_default();
    let items = view::page(&call, call.db(), page.items, expand).await?;
    Page { items, next_cursor: page.next_cursor, total: page.total }.reply(&request)
}

/// Write an expense claim.
///
/// A draft of the caller, for one of their boards; nobody acts on it until it is submitted.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.claim"))),
    responses((status = 201, description = "Created.", body = ClaimOut))
)]
#[post("/v1/expense-claims")]
pub(crate) async fn create_expense_claim(call: Call, body: Json<ClaimIn>) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        let claim = steps::draft(&call, tx, &body).await?;
        Reply::created(&view::one(&call, tx.db(), claim).await?)
    })
    .await
}

/// Read an expense claim.
///
/// With its lines, everything that it lacks, whose turn it is and what the caller can do.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[get("/v1/expense-claims/{claim_id}")]
pub(crate) async fn get_expense_claim(call: Call, claim_id: Path<Uuid>) -> ApiResult<Reply<ClaimOut>> {
    let claim = store::find(call.db(), &call, *claim_id).await?;
    Reply::ok(&view::one(&call, call.db(), claim).await?)
}

/// Change an expense claim.
///
/// The claimant corrects a draft or a returned claim. `lines` replaces all lines; fields that are left out stay.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.claim"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[patch("/v1/expense-claims/{claim_id}")]
pub(crate) async fn update_expense_claim(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimPatch>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        let claim = steps::correct(&call, tx, *claim_id, &body).await?;
        Reply::ok(&view::one(&call, tx.db(), claim).await?)
    })
    .await
}

/// Read an expense claim's history.
///
/// Everything that happened to the claim, oldest first: who, when, what, why; with cuts, gaps and payment.
#[utoipa::path(
    tag = "claims",
    params(PageParams),
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/expense-claims/{claim_id}/history")]
pub(crate) async fn get_expense_claim_history(
    call: Call,
    request: HttpRequest,
    claim_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let claim = store::find(call.db(), &call, *claim_id).await?;
    history::of(&call, &request, claim.id, &params).await
}

/// Submit a claim.
///
/// The claimant sends a draft, or a returned claim after its correction, to the board head. From now on its
/// invoices are taken: another claim with the same one is refused with `duplicate_invoice`, and a second travel
/// cost of the same person, day and kind without an invoice with `duplicate_person_day`; `errors` names the
/// lines. The hands, amounts and gaps of an earlier round start anew; the history keeps them.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.claim"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/submit")]
pub(crate) async fn submit_expense_claim(call: Call, claim_id: Path<Uuid>) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *claim_id, "submit", None).await?.submit().await).await
}

/// Confirm a claim.
///
/// The head of the board confirms that the work was done. Not the claimant's own to confirm.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.confirm"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/confirm")]
pub(crate) async fn confirm_expense_claim(call: Call, claim_id: Path<Uuid>) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *claim_id, "confirm", None).await?.confirm().await).await
}

/// Verify a claim.
///
/// The accountant who acts for the board today, in charge or as substitute, says what is allowed of each line;
/// lines that are left out are allowed in full, and a cut needs its reason. If papers are missing,
/// `claim_incomplete` lists all of them in `gaps`: return the claim, or cut these lines to 0.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.verify"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/verify")]
pub(crate) async fn verify_expense_claim(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimVerifyIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *claim_id, "verify", None).await?.verify(&body).await).await
}

/// Approve a claim.
///
/// A chief of office approves the payment of what is allowed. Neither the claimant nor anyone who confirmed or
/// verified the claim may; a claim of which nothing is allowed cannot be approved.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.approve"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/approve")]
pub(crate) async fn approve_expense_claim(call: Call, claim_id: Path<Uuid>) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *claim_id, "approve", None).await?.approve().await).await
}

/// Pay a claim.
///
/// A cashier records the payment of the allowed amount. A claim has exactly one payment, whatever is sent how
/// often: send an `Idempotency-Key` to repeat the request safely after a lost answer.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.pay")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/pay")]
pub(crate) async fn pay_expense_claim(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimPaymentIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *claim_id, "pay", None).await?.pay(&body).await).await
}

/// Return a claim.
///
/// Who holds the claim (submitted: board head; confirmed: acting accountant; verified: chief of office) sends
/// it back to the claimant, once, with everything that it lacks: the `gaps` that are named here and all papers
/// that its lines miss. Its invoices are free until it is submitted again.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.decline"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/return")]
pub(crate) async fn return_expense_claim(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimReturnIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *claim_id, "return", body.reason.as_deref()).await?.return_(&body).await
    })
    .await
}

/// Reject a claim.
///
/// Who holds the claim (submitted: board head; confirmed: acting accountant; verified: chief of office) ends
/// it, with a reason. Its invoices may be claimed again.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.decline"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/reject")]
pub(crate) async fn reject_expense_claim(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimReasonIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *claim_id, "reject", body.reason.as_deref()).await?.end().await
    })
    .await
}

/// Withdraw a claim.
///
/// The claimant gives up a draft or a submitted claim. Its invoices may be claimed again.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.claim"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/withdraw")]
pub(crate) async fn withdraw_expense_claim(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimReasonIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *claim_id, "withdraw", body.reason.as_deref()).await?.end().await
    })
    .await
}

/// Cancel a claim's approval.
///
/// A chief of office takes the approval back, with a reason, as long as the claim is not paid; it waits for an
/// approval again.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.approve"))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/cancel-approval")]
pub(crate) async fn cancel_expense_claim_approval(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimReasonIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *claim_id, "cancel-approval", body.reason.as_deref())
            .await?
            .cancel_approval()
            .await
    })
    .await
}

/// Reverse a claim's payment.
///
/// Takes two people, a cashier and a chief of office, in any order. The first call signs: the claim stays paid
/// and waits on the other role. The second call, by another person of the other role, writes the reversal
/// beside the payment; nothing is erased, and the invoices may be claimed again.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.reverse")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The claim.", body = ClaimOut))
)]
#[post("/v1/expense-claims/{claim_id}/reverse")]
pub(crate) async fn reverse_expense_claim(
    call: Call,
    claim_id: Path<Uuid>,
    body: Json<ClaimReasonIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *claim_id, "reverse", body.reason.as_deref()).await?.reverse().await
    })
    .await
}
