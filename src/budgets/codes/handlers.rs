//! The classification's operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::budgets::codes::json::{CodeFilter, ExpenseKindIn, ExpenseKindOut, SubItemIn, SubItemOut};
use crate::budgets::codes::store;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List sub-items.
///
/// The sub-items of the budget's classification, by code: all rows ever in force, or those of a day.
#[utoipa::path(
    tag = "budgets",
    params(CodeFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page.", body = Page<SubItemOut>))
)]
#[get("/v1/sub-items")]
pub(crate) async fn list_sub_items(
    call: Call,
    request: HttpRequest,
    filter: Query<CodeFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<SubItemOut>>> {
    use entity::sub_items::Column;
    let order = Order { column: Column::Code, descending: false };
    page::load(&call, store::select_sub_items(&filter), order, Column::Id, &params, &*filter)
        .await?
        .map(SubItemOut::from)
        .reply(&request)
}

/// Enter a sub-item.
///
/// A new code, or a new name of a code from a day on; the row before it ends on the day before. Days that have a row of
/// the code already are refused with `period_taken`.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("rate.manage"))),
    responses((status = 201, description = "Created.", body = SubItemOut))
)]
#[post("/v1/sub-items")]
pub(crate) async fn create_sub_item(call: Call, body: Json<SubItemIn>) -> ApiResult<Reply<SubItemOut>> {
    call.write(async |tx| Reply::created(&store::insert_sub_item(tx, tx.id(), &body).await?.into())).await
}

/// Read a sub-item.
///
/// Its item, its days, and the regulation that sets it.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The row.", body = SubItemOut))
)]
#[get("/v1/sub-items/{sub_item_id}")]
pub(crate) async fn get_sub_item(call: Call, sub_item_id: Path<Uuid>) -> ApiResult<Reply<SubItemOut>> {
    Reply::ok(&store::sub_item(call.db(), *sub_item_id).await?.into())
}

/// Read a sub-item's history.
///
/// Who entered it. Rows that came with the service have no entries.
#[utoipa::path(
    tag = "budgets",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/sub-items/{sub_item_id}/history")]
pub(crate) async fn get_sub_item_history(
    call: Call,
    request: HttpRequest,
    sub_item_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let row = store::sub_item(call.db(), *sub_item_id).await?;
    history::of(&call, &request, row.id, &params).await
}

/// List kinds of expense.
///
/// Which sub-item each kind of expense is booked on, by kind. A kind without a row, or without a `sub_item`, is booked by
/// the accountant's choice; one with `allowed: false` is not paid at all.
#[utoipa::path(
    tag = "budgets",
    params(CodeFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page.", body = Page<ExpenseKindOut>))
)]
#[get("/v1/expense-kinds")]
pub(crate) async fn list_expense_kinds(
    call: Call,
    request: HttpRequest,
    filter: Query<CodeFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ExpenseKindOut>>> {
    use entity::expense_kinds::Column;
    let order = Order { column: Column::ExpenseKind, descending: false };
    page::load(&call, store::select_kinds(&filter), order, Column::Id, &params, &*filter)
        .await?
        .map(ExpenseKindOut::from)
        .reply(&request)
}

/// Enter a kind of expense.
///
/// Says from which day on a kind is booked on which sub-item; the row before it ends on the day before. Days that have a
/// row of the kind already are refused with `period_taken`.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("rate.manage"))),
    responses((status = 201, description = "Created.", body = ExpenseKindOut))
)]
#[post("/v1/expense-kinds")]
pub(crate) async fn create_expense_kind(
    call: Call,
    body: Json<ExpenseKindIn>,
) -> ApiResult<Reply<ExpenseKindOut>> {
    call.write(async |tx| Reply::created(&store::insert_kind(tx, tx.id(), &body).await?.into())).await
}

/// Read a kind of expense.
///
/// Its sub-item, its days, and the regulation that says so.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The row.", body = ExpenseKindOut))
)]
#[get("/v1/expense-kinds/{expense_kind_id}")]
pub(crate) async fn get_expense_kind(
    call: Call,
    expense_kind_id: Path<Uuid>,
) -> ApiResult<Reply<ExpenseKindOut>> {
    Reply::ok(&store::kind(call.db(), *expense_kind_id).await?.into())
}

/// Read the history of a kind of expense.
///
/// Who entered it. Rows that came with the service have no entries.
#[utoipa::path(
    tag = "budgets",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/expense-kinds/{expense_kind_id}/history")]
pub(crate) async fn get_expense_kind_history(
    call: Call,
    request: HttpRequest,
    expense_kind_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let row = store::kind(call.db(), *expense_kind_id).await?;
    history::of(&call, &request, row.id, &params).await
}
