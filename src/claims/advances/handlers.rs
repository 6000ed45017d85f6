//! The advances' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::claims::advances::json::{
    AdvanceExpansion, AdvanceFilter, AdvanceIn, AdvanceOut, AdvancePaymentIn, AdvanceReasonIn,
    AdvanceRefundIn,
};
use crate::claims::advances::steps::{self, Turn};
use crate::claims::advances::{store, view};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List advances.
///
/// Advances of the caller's boards, the latest first. `overdue=true` finds those that should be settled by now.
#[utoipa::path(
    tag = "claims",
    params(AdvanceFilter, AdvanceExpansion, PageParams),
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "A page of advances.", body = Page<AdvanceOut>))
)]
#[get("/v1/advances")]
pub(crate) async fn list_advances(
    call: Call,
    request: HttpRequest,
    filter: Query<AdvanceFilter>,
    expansion: Query<AdvanceExpansion>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<AdvanceOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::advances::Column::Id, &params, &*filter).await?;
    let expand = expansion.expand.as_deref().unwrap_or_default();
    let items = view::page(&call, call.db(), page.items, expand).await?;
    Page { items, next_cursor: page.next_cursor, total: page.total }.reply(&request)
}

/// Ask for an advance.
///
/// For the caller. With a travel order: its traveller asks, once it is submitted and until it is completed, for at
/// most its estimate; one open advance an order. Who has an advance that is overdue gets no other one
/// (409 `open_advance_overdue`).
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("advance.request"))),
    responses((status = 201, description = "Created.", body = AdvanceOut))
)]
#[post("/v1/advances")]
pub(crate) async fn create_advance(call: Call, body: Json<AdvanceIn>) -> ApiResult<Reply<AdvanceOut>> {
    call.write(async |tx| {
        let advance = steps::ask(&call, tx, &body).await?;
        Reply::created(&view::one(&call, tx.db(), advance).await?)
    })
    .await
}

/// Read an advance.
///
/// With what was set off, what came back and what is outstanding, whose turn it is and what the caller can do.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "The advance.", body = AdvanceOut))
)]
#[get("/v1/advances/{advance_id}")]
pub(crate) async fn get_advance(call: Call, advance_id: Path<Uuid>) -> ApiResult<Reply<AdvanceOut>> {
    let advance = store::find(call.db(), &call, *advance_id).await?;
    Reply::ok(&view::one(&call, call.db(), advance).await?)
}

/// Read an advance's history.
///
/// Everything that happened to the advance, oldest first: who, when, what, why; with payment, set-offs and refunds.
#[utoipa::path(
    tag = "claims",
    params(PageParams),
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/advances/{advance_id}/history")]
pub(crate) async fn get_advance_history(
    call: Call,
    request: HttpRequest,
    advance_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let advance = store::find(call.db(), &call, *advance_id).await?;
    history::of(&call, &request, advance.id, &params).await
}

/// Approve an advance.
///
/// A chief of office who did not ask for it. Its travel order must be approved by then.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("advance.approve"))),
    responses((status = 200, description = "The advance.", body = AdvanceOut))
)]
#[post("/v1/advances/{advance_id}/approve")]
pub(crate) async fn approve_advance(call: Call, advance_id: Path<Uuid>) -> ApiResult<Reply<AdvanceOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *advance_id, "approve", None).await?.approve().await).await
}

/// Reject an advance.
///
/// A chief of office who did not ask for it ends it, with a reason.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("advance.approve"))),
    responses((status = 200, description = "The advance.", body = AdvanceOut))
)]
#[post("/v1/advances/{advance_id}/reject")]
pub(crate) async fn reject_advance(
    call: Call,
    advance_id: Path<Uuid>,
    body: Json<AdvanceReasonIn>,
) -> ApiResult<Reply<AdvanceOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *advance_id, "reject", body.reason.as_deref()).await?.end().await
    })
    .await
}

/// Cancel an advance.
///
/// The requester gives it up before it is paid, with a reason.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("advance.request"))),
    responses((status = 200, description = "The advance.", body = AdvanceOut))
)]
#[post("/v1/advances/{advance_id}/cancel")]
pub(crate) async fn cancel_advance(
    call: Call,
    advance_id: Path<Uuid>,
    body: Json<AdvanceReasonIn>,
) -> ApiResult<Reply<AdvanceOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *advance_id, "cancel", body.reason.as_deref()).await?.end().await
    })
    .await
}

/// Pay an advance.
///
/// A cashier, neither requester nor approver, records its one payment. Refused when its travel order does not stand
/// any more, or when the requester's claim of the order was paid already.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("advance.pay")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The advance.", body = AdvanceOut))
)]
#[post("/v1/advances/{advance_id}/pay")]
pub(crate) async fn pay_advance(
    call: Call,
    advance_id: Path<Uuid>,
    body: Json<AdvancePaymentIn>,
) -> ApiResult<Reply<AdvanceOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *advance_id, "pay", None).await?.pay(&body).await).await
}

/// Take an advance back.
///
/// A cashier records money that came back without a claim, e.g. when the journey was cancelled: at most what is
/// outstanding. The advance is settled when nothing is outstanding any more.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("advance.pay")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The advance.", body = AdvanceOut))
)]
#[post("/v1/advances/{advance_id}/refund")]
pub(crate) async fn refund_advance(
    call: Call,
    advance_id: Path<Uuid>,
    body: Json<AdvanceRefundIn>,
) -> ApiResult<Reply<AdvanceOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *advance_id, "refund", None).await?.refund(&body).await)
        .await
}
