//! The transfers' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::budgets::transfers::json::{
    BudgetTransferFilter, BudgetTransferIn, BudgetTransferOut, BudgetTransferReasonIn,
};
use crate::budgets::transfers::{steps, store};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List budget transfers.
///
/// Transfers and supplements from or to the caller's boards, the latest first.
#[utoipa::path(
    tag = "budgets",
    params(BudgetTransferFilter, PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of transfers.", body = Page<BudgetTransferOut>))
)]
#[get("/v1/budget-transfers")]
pub(crate) async fn list_budget_transfers(
    call: Call,
    request: HttpRequest,
    filter: Query<BudgetTransferFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BudgetTransferOut>>> {
    use entity::budget_transfers::Column;
    let order = Order { column: Column::CreatedAt, descending: true };
    page::load(&call, store::select(&call, &filter), order, Column::Id, &params, &*filter)
        .await?
        .map(steps::shown)
        .reply(&request)
}

/// Propose a budget transfer.
///
/// The chief accountant enters a signed decision: money from one line to another of the same year and source, or a
/// supplement for one line. Nothing moves until it is signed.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.manage"))),
    responses((status = 201, description = "Created.", body = BudgetTransferOut))
)]
#[post("/v1/budget-transfers")]
pub(crate) async fn create_budget_transfer(
    call: Call,
    body: Json<BudgetTransferIn>,
) -> ApiResult<Reply<BudgetTransferOut>> {
    call.write(async |tx| {
        let transfer = steps::propose(&call, tx, &body).await?;
        Reply::created(&steps::one(&call, transfer))
    })
    .await
}

/// Read a budget transfer.
///
/// With its signatures and what the caller can do. Either side reads it.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "The transfer.", body = BudgetTransferOut))
)]
#[get("/v1/budget-transfers/{transfer_id}")]
pub(crate) async fn get_budget_transfer(
    call: Call,
    transfer_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetTransferOut>> {
    let transfer = store::find(call.db(), &call, *transfer_id).await?;
    Reply::ok(&steps::one(&call, transfer))
}

/// Read a budget transfer's history.
///
/// Who proposed, signed, rejected or withdrew it, oldest first.
#[utoipa::path(
    tag = "budgets",
    params(PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/budget-transfers/{transfer_id}/history")]
pub(crate) async fn get_budget_transfer_history(
    call: Call,
    request: HttpRequest,
    transfer_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let transfer = store::find(call.db(), &call, *transfer_id).await?;
    history::of(&call, &request, transfer.id, &params).await
}

/// Sign a budget transfer.
///
/// Between two boards the head of each signs, or a chief of office in their place; nobody signs twice. Within a board and for a
/// supplement a chief of office signs. With the last signature the money moves, or 409 `budget_insufficient` says what
/// is missing.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.sign")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The transfer.", body = BudgetTransferOut))
)]
#[post("/v1/budget-transfers/{transfer_id}/sign")]
pub(crate) async fn sign_budget_transfer(
    call: Call,
    transfer_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetTransferOut>> {
    call.write(async |tx| steps::take(&call, tx, *transfer_id, "sign", None).await).await
}

/// Reject a budget transfer.
///
/// Who may sign it ends it instead, with a reason.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.sign"))),
    responses((status = 200, description = "The transfer.", body = BudgetTransferOut))
)]
#[post("/v1/budget-transfers/{transfer_id}/reject")]
pub(crate) async fn reject_budget_transfer(
    call: Call,
    transfer_id: Path<Uuid>,
    body: Json<BudgetTransferReasonIn>,
) -> ApiResult<Reply<BudgetTransferOut>> {
    call.write(async |tx| steps::take(&call, tx, *transfer_id, "reject", body.reason.as_deref()).await).await
}

/// Withdraw a budget transfer.
///
/// Who proposed it takes it back before the last signature, with a reason.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.manage"))),
    responses((status = 200, description = "The transfer.", body = BudgetTransferOut))
)]
#[post("/v1/budget-transfers/{transfer_id}/withdraw")]
pub(crate) async fn withdraw_budget_transfer(
    call: Call,
    transfer_id: Path<Uuid>,
    body: Json<BudgetTransferReasonIn>,
) -> ApiResult<Reply<BudgetTransferOut>> {
    call.write(async |tx| steps::take(&call, tx, *transfer_id, "withdraw", body.reason.as_deref()).await)
        .await
}
