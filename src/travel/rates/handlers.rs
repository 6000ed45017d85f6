//! The rate tables' operations, in reading order.

use actix_web::{HttpRequest, delete, get, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::travel::rates::json::{
    RateEndIn, RateFilter, RateIn, RateOut, RateTableFilter, RateTableIn, RateTableOut,
};
use crate::travel::rates::store;

/// List rate tables.
///
/// The regulations that set rates: circulars of the state and the office's own, by first day.
#[utoipa::path(
    tag = "travel",
    params(RateTableFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of rate tables.", body = Page<RateTableOut>))
)]
#[get("/v1/rate-tables")]
pub(crate) async fn list_rate_tables(
    call: Call,
    request: HttpRequest,
    filter: Query<RateTableFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<RateTableOut>>> {
    use entity::rate_tables::Column;
    let order = Order { column: Column::ValidFrom, descending: false };
    page::load(&call, store::select_tables(&filter), order, Column::Id, &params, &*filter)
        .await?
        .map(RateTableOut::from)
        .reply(&request)
}

/// Enter a rate table.
///
/// A new regulation, still without rows. It takes nothing over by itself: its rows answer from their first day on,
/// the state's newest regulation before older ones, and the office's own rates where they are not above the state's.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("rate.manage"))),
    responses((status = 201, description = "Created.", body = RateTableOut))
)]
#[post("/v1/rate-tables")]
pub(crate) async fn create_rate_table(call: Call, body: Json<RateTableIn>) -> ApiResult<Reply<RateTableOut>> {
    call.write(async |tx| Reply::created(&store::insert_table(tx, tx.id(), &body).await?.into())).await
}

/// Read a rate table.
///
/// The regulation, its days, and how well it is proved.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The rate table.", body = RateTableOut))
)]
#[get("/v1/rate-tables/{rate_table_id}")]
pub(crate) async fn get_rate_table(call: Call, rate_table_id: Path<Uuid>) -> ApiResult<Reply<RateTableOut>> {
    Reply::ok(&store::find_table(call.db(), *rate_table_id).await?.into())
}

/// Read a rate table's history.
///
/// Who entered it. Regulations that came with the service have no entries.
#[utoipa::path(
    tag = "travel",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/rate-tables/{rate_table_id}/history")]
pub(crate) async fn get_rate_table_history(
    call: Call,
    request: HttpRequest,
    rate_table_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let table = store::find_table(call.db(), *rate_table_id).await?;
    history::of(&call, &request, table.id, &params).await
}

/// List the rows of a rate table.
///
/// What the regulation sets, past and to come, by first day: rates, classes of travellers and places, rules and
/// settings. A class of travellers says from which coefficient to which it goes.
#[utoipa::path(
    tag = "travel",
    params(RateFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of rows.", body = Page<RateOut>))
)]
#[get("/v1/rate-tables/{rate_table_id}/rates")]
pub(crate) async fn list_rate_table_rates(
    call: Call,
    request: HttpRequest,
    rate_table_id: Path<Uuid>,
    filter: Query<RateFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<RateOut>>> {
    use entity::rates::Column;
    let table = store::find_table(call.db(), *rate_table_id).await?;
    let order = Order { column: Column::ValidFrom, descending: false };
    let list = (table.id, &*filter);
    page::load(&call, store::select(table.id, &filter), order, Column::Id, &params, &list)
        .await?
        .map(RateOut::from)
        .reply(&request)
}

/// Add a row to a rate table.
///
/// In force from its first day on; a row about the same (kind, code and classes) without a last day that begins
/// earlier ends on the day before. Days that have another such row are refused with `period_taken`, and days for
/// which money was computed by the row that would end with `in_use`: what was computed stays as it is.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("rate.manage"))),
    responses((status = 201, description = "Created.", body = RateOut))
)]
#[post("/v1/rate-tables/{rate_table_id}/rates")]
pub(crate) async fn create_rate_table_rate(
    call: Call,
    rate_table_id: Path<Uuid>,
    body: Json<RateIn>,
) -> ApiResult<Reply<RateOut>> {
    call.write(async |tx| {
        let table = store::find_table_for_update(tx, *rate_table_id).await?;
        Reply::created(&store::insert(tx, &table, tx.id(), &body).await?.into())
    })
    .await
}

/// Read a row of a rate table.
///
/// What it sets, for whom and where, its days, and how well it is proved.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The row.", body = RateOut))
)]
#[get("/v1/rates/{rate_id}")]
pub(crate) async fn get_rate(call: Call, rate_id: Path<Uuid>) -> ApiResult<Reply<RateOut>> {
    Reply::ok(&store::find(call.db(), *rate_id).await?.into())
}

/// End a row of a rate table.
///
/// For a rate that is abolished without another one in its place; where a new row takes over, the old one ends by
/// itself. A row can only end earlier than it would, and not before the last day for which money was computed by it
/// (409 `in_use`).
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("rate.manage"))),
    responses((status = 200, description = "The row.", body = RateOut))
)]
#[post("/v1/rates/{rate_id}/end")]
pub(crate) async fn end_rate(
    call: Call,
    rate_id: Path<Uuid>,
    body: Json<RateEndIn>,
) -> ApiResult<Reply<RateOut>> {
    call.write(async |tx| {
        let rate = store::find_for_update(tx, *rate_id).await?;
        call.expect_version(rate.version)?;
        Reply::ok(&store::end(tx, rate, body.valid_to).await?.into())
    })
    .await
}

/// Delete a row of a rate table.
///
/// For a row that was entered wrongly. One by which money was computed stays (409 `in_use`); the row before it is
/// not prolonged by itself.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("rate.manage"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/rates/{rate_id}")]
pub(crate) async fn delete_rate(call: Call, rate_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let rate = store::find_for_update(tx, *rate_id).await?;
        call.expect_version(rate.version)?;
        store::remove(tx, rate).await?;
        Reply::gone()
    })
    .await
}

/// Read the history of a row of a rate table.
///
/// Who entered it, and when another one took over. Rows that came with the service begin without an entry.
#[utoipa::path(
    tag = "travel",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/rates/{rate_id}/history")]
pub(crate) async fn get_rate_history(
    call: Call,
    request: HttpRequest,
    rate_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let rate = store::find(call.db(), *rate_id).await?;
    history::of(&call, &request, rate.id, &params).await
}
