//! The travel orders' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::travel::orders::json::{
    TravelOrderCompleteIn, TravelOrderExpansion, TravelOrderFilter, TravelOrderFundsIn, TravelOrderIn,
    TravelOrderOut, TravelOrderPatch, TravelOrderReasonIn,
};
use crate::travel::orders::steps::{self, Turn};
use crate::travel::orders::{store, view};

/// List travel orders.
///
/// Orders of the caller's boards and those by which the caller travels, the latest journey first. All versions of an
/// order are listed; `superseded` are those that an amendment replaced.
#[utoipa::path(
    tag = "travel",
    params(TravelOrderFilter, TravelOrderExpansion, PageParams),
    extensions(("x-action" = json!("travel.read"))),
    responses((status = 200, description = "A page of orders.", body = Page<TravelOrderOut>))
)]
#[get("/v1/travel-orders")]
pub(crate) async fn list_travel_orders(
    call: Call,
    request: HttpRequest,
    filter: Query<TravelOrderFilter>,
    expansion: Query<TravelOrderExpansion>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<TravelOrderOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::travel_orders::Column::Id, &params, &*filter).await?;
    let expand = expansion.expand.as_deref().unwrap_or_default();
    let items = view::page(&call, call.db(), page.items, expand).await?;
    Page { items, next_cursor: page.next_cursor, total: page.total }.reply(&request)
}

/// Write a travel order.
///
/// A draft for one of the caller's boards; nobody acts on it, and nobody's time is taken, until it is submitted.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.request"))),
    responses((status = 201, description = "Created.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders")]
pub(crate) async fn create_travel_order(
    call: Call,
    body: Json<TravelOrderIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        let order = steps::draft(&call, tx, &body).await?;
        Reply::created(&view::one(&call, tx.db(), order).await?)
    })
    .await
}

/// Read a travel order.
///
/// With its journey, its estimate, its commitment, whose turn it is and what the caller can do. Travellers read
/// their orders, of whatever board.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.read"))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[get("/v1/travel-orders/{order_id}")]
pub(crate) async fn get_travel_order(call: Call, order_id: Path<Uuid>) -> ApiResult<Reply<TravelOrderOut>> {
    let order = store::find(call.db(), &call, *order_id).await?;
    Reply::ok(&view::one(&call, call.db(), order).await?)
}

/// Change a travel order.
///
/// Who wrote it or heads the party corrects a draft or a returned order. `travellers` and `legs` replace all of
/// them; fields that are left out stay.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.request"))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[patch("/v1/travel-orders/{order_id}")]
pub(crate) async fn update_travel_order(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderPatch>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        let order = steps::correct(&call, tx, *order_id, &body).await?;
        Reply::ok(&view::one(&call, tx.db(), order).await?)
    })
    .await
}

/// Read a travel order's history.
///
/// Everything that happened to this version of the order, oldest first: who, when, what, why.
#[utoipa::path(
    tag = "travel",
    params(PageParams),
    extensions(("x-action" = json!("travel.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/travel-orders/{order_id}/history")]
pub(crate) async fn get_travel_order_history(
    call: Call,
    request: HttpRequest,
    order_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let order = store::find(call.db(), &call, *order_id).await?;
    history::of(&call, &request, order.id, &params).await
}

/// Submit a travel order.
///
/// Who wrote it or heads the party sends it to the accountant. The estimate is computed by the rates in force and
/// frozen with the travellers' coefficients; errors point into the order (`#/legs/0/ends_at`). From now on the travellers
/// are away: another order at that time is refused with `traveller_away`, and `away` names what is in the way. The hands
/// and the funds of an earlier round start anew; the history keeps them.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.request"))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/submit")]
pub(crate) async fn submit_travel_order(
    call: Call,
    order_id: Path<Uuid>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *order_id, "submit", None).await?.submit().await).await
}

/// Check the funds of a travel order.
///
/// The accountant who acts for the board today, in charge or as substitute, says which money bears the journey: each kind
/// of cost by the budget line of its sub-item, or one line for all with a reason. Costs without a line are refused, all
/// at once. Nobody checks the funds of an order by which they travel, or which they wrote or submitted.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.check_funds"))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/check-funds")]
pub(crate) async fn check_travel_order_funds(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderFundsIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *order_id, "check-funds", None).await?.check_funds(&body).await
    })
    .await
}

/// Approve a travel order.
///
/// A head of the board or a chief of office sends the travellers out; no traveller, and no one who acted before. The
/// estimated amount is committed on its budget lines in the same transaction; 409 `budget_insufficient` names the line
/// that has not so much left. Approving an amendment supersedes the version before it: its
/// travellers' time, its commitment, claims and advances pass on, and the commitment is adjusted by the difference.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.approve")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/approve")]
pub(crate) async fn approve_travel_order(
    call: Call,
    order_id: Path<Uuid>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *order_id, "approve", None).await?.approve().await).await
}

/// Return a travel order.
///
/// Who holds the order (submitted: acting accountant; funds checked: board head or chief of office) sends it back to be
/// corrected. The travellers' time is free until it is submitted again.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.decline"))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/return")]
pub(crate) async fn return_travel_order(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderReasonIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *order_id, "return", body.reason.as_deref()).await?.decline().await
    })
    .await
}

/// Reject a travel order.
///
/// Who holds the order (submitted: acting accountant; funds checked: board head or chief of office) ends it, with a
/// reason. The travellers' time is free.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.decline"))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/reject")]
pub(crate) async fn reject_travel_order(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderReasonIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *order_id, "reject", body.reason.as_deref()).await?.decline().await
    })
    .await
}

/// Cancel a travel order.
///
/// Who wrote it, the head of the party or the head of the board calls the journey off, with a reason, as long as it is
/// not completed. Time and commitment are released. While a claim, an advance or an amendment hangs on the order,
/// `in_use` names it.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.cancel")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/cancel")]
pub(crate) async fn cancel_travel_order(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderReasonIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *order_id, "cancel", body.reason.as_deref()).await?.cancel().await
    })
    .await
}

/// Amend a travel order.
///
/// Makes a new version of an approved order, with a reason: a draft with the same content and the number
/// `<number>/<revision>`, which is changed and goes the same way. Until it is approved this version stays in force. One
/// amendment of an order is on its way at a time.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.request"))),
    responses((status = 201, description = "Created: the new version.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/amend")]
pub(crate) async fn amend_travel_order(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderReasonIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *order_id, "amend", body.reason.as_deref()).await?.amend().await
    })
    .await
}

/// Complete a travel order.
///
/// Who wrote it or heads the party tells after the return when the journey really began and ended, and by which legs if
/// they differ from the plan. What may be paid is computed for it. Days outside the authorized ones are refused with
/// `outside_authorization` and listed in `unpaid_dates`: have the order amended first.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.request"))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/complete")]
pub(crate) async fn complete_travel_order(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderCompleteIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *order_id, "complete", None).await?.complete(&body).await)
        .await
}

/// Settle a travel order.
///
/// The accountant who acts for the board today closes a completed order once its claims are paid or ended and its
/// advances are cleared; `in_use` names what is open. Where a traveller has not claimed what the journey may be paid, a
/// `reason` is needed: they cannot claim it afterwards. What was committed and not spent is released.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.settle")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The order.", body = TravelOrderOut))
)]
#[post("/v1/travel-orders/{order_id}/settle")]
pub(crate) async fn settle_travel_order(
    call: Call,
    order_id: Path<Uuid>,
    body: Json<TravelOrderReasonIn>,
) -> ApiResult<Reply<TravelOrderOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *order_id, "settle", body.reason.as_deref()).await?.settle().await
    })
    .await
}
