//! The office units' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::duties::units::json::{OfficeUnitFilter, OfficeUnitHeadIn, OfficeUnitIn, OfficeUnitOut};
use crate::duties::units::store;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List office units.
///
/// Divisions, desks and teams by code, those that have ended included; `on` gives the ones of a day, with who heads
/// them on that day.
#[utoipa::path(
    tag = "duties",
    params(OfficeUnitFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of units.", body = Page<OfficeUnitOut>))
)]
#[get("/v1/office-units")]
pub(crate) async fn list_office_units(
    call: Call,
    request: HttpRequest,
    filter: Query<OfficeUnitFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<OfficeUnitOut>>> {
    use entity::office_units::Column;
    let order = Order { column: Column::Code, descending: false };
    let Page { items, next_cursor, total } =
        page::load(&call, store::select(&filter), order, Column::Id, &params, &*filter).await?;
    let items = store::outs(call.db(), items, filter.on.unwrap_or_else(|| call.today())).await?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Found an office unit.
///
/// A division, a desk or a team of a board, from a day on; with its head where one is known.
#[utoipa::path(
    tag = "duties",
    extensions(("x-action" = json!("duty.manage"))),
    responses((status = 201, description = "Created.", body = OfficeUnitOut))
)]
#[post("/v1/office-units")]
pub(crate) async fn create_office_unit(
    call: Call,
    body: Json<OfficeUnitIn>,
) -> ApiResult<Reply<OfficeUnitOut>> {
    call.write(async |tx| {
        let unit = store::insert(tx, tx.id(), &body).await?;
        Reply::created(&store::out(tx.db(), unit, call.today()).await?)
    })
    .await
}

/// Read an office unit.
///
/// Its names, the board and the unit it belongs to, who heads it today, and all its heads.
#[utoipa::path(
    tag = "duties",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The unit.", body = OfficeUnitOut))
)]
#[get("/v1/office-units/{unit_id}")]
pub(crate) async fn get_office_unit(call: Call, unit_id: Path<Uuid>) -> ApiResult<Reply<OfficeUnitOut>> {
    let unit = store::find(call.db(), *unit_id).await?;
    Reply::ok(&store::out(call.db(), unit, call.today()).await?)
}

/// Appoint the head of an office unit.
///
/// From a day on, by decision; the head before ends on the day before. Whoever headed the unit on past days stays
/// written down.
#[utoipa::path(
    tag = "duties",
    extensions(("x-action" = json!("duty.manage"))),
    responses((status = 200, description = "The unit.", body = OfficeUnitOut))
)]
#[post("/v1/office-units/{unit_id}/appoint-head")]
pub(crate) async fn appoint_office_unit_head(
    call: Call,
    unit_id: Path<Uuid>,
    body: Json<OfficeUnitHeadIn>,
) -> ApiResult<Reply<OfficeUnitOut>> {
    call.write(async |tx| {
        let unit = store::find_for_update(tx, *unit_id).await?;
        call.expect_version(unit.version)?;
        let unit = store::appoint_head(tx, unit, &body).await?;
        Reply::ok(&store::out(tx.db(), unit, call.today()).await?)
    })
    .await
}

/// Read an office unit's history.
///
/// Who founded it, and by which decisions its heads followed each other.
#[utoipa::path(
    tag = "duties",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/office-units/{unit_id}/history")]
pub(crate) async fn get_office_unit_history(
    call: Call,
    request: HttpRequest,
    unit_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let unit = store::find(call.db(), *unit_id).await?;
    history::of(&call, &request, unit.id, &params).await
}
