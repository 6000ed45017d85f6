//! The drivers' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::vehicles::drivers::json::{DriverFilter, DriverIn, DriverOut, DriverPatch};
use crate::vehicles::drivers::store;

/// List drivers.
///
/// All drivers of the office, those with an expired licence included.
#[utoipa::path(
    tag = "vehicles",
    params(DriverFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of drivers.", body = Page<DriverOut>))
)]
#[get("/v1/drivers")]
pub(crate) async fn list_drivers(
    call: Call,
    request: HttpRequest,
    filter: Query<DriverFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<DriverOut>>> {
    let (select, order) = (store::select(&filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::drivers::Column::Id, &params, &*filter).await?;
    let mut names = store::names(call.db(), page.items.iter().map(|driver| driver.staff_id)).await?;
    page.map(|driver| {
        let name = names.remove(&driver.staff_id).unwrap_or_default();
        DriverOut::new(driver, name)
    })
    .reply(&request)
}

/// Enter a driver.
///
/// Makes a member of staff a driver. Nobody is a driver twice.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("driver.manage"))),
    responses((status = 201, description = "Created.", body = DriverOut))
)]
#[post("/v1/drivers")]
pub(crate) async fn create_driver(call: Call, body: Json<DriverIn>) -> ApiResult<Reply<DriverOut>> {
    call.write(async |tx| {
        let driver = store::insert(tx, &body).await?;
        Reply::created(&store::out(tx.db(), driver).await?)
    })
    .await
}

/// Read a driver.
///
/// Who it is, the licence and its last day, the usual car.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The driver.", body = DriverOut))
)]
#[get("/v1/drivers/{driver_id}")]
pub(crate) async fn get_driver(call: Call, driver_id: Path<Uuid>) -> ApiResult<Reply<DriverOut>> {
    let driver = store::find(call.db(), *driver_id).await?;
    Reply::ok(&store::out(call.db(), driver).await?)
}

/// Change a driver.
///
/// Fields that are left out stay; null clears the usual car.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("driver.manage"))),
    responses((status = 200, description = "The driver.", body = DriverOut))
)]
#[patch("/v1/drivers/{driver_id}")]
pub(crate) async fn update_driver(
    call: Call,
    driver_id: Path<Uuid>,
    body: Json<DriverPatch>,
) -> ApiResult<Reply<DriverOut>> {
    call.write(async |tx| {
        let driver = store::find_for_update(tx, *driver_id).await?;
        call.expect_version(driver.version)?;
        let driver = store::update(tx, driver, &body).await?;
        Reply::ok(&store::out(tx.db(), driver).await?)
    })
    .await
}

/// Read a driver's history.
///
/// Everything that was changed about the driver, oldest first: who, when, what.
#[utoipa::path(
    tag = "vehicles",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/drivers/{driver_id}/history")]
pub(crate) async fn get_driver_history(
    call: Call,
    request: HttpRequest,
    driver_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let driver = store::find(call.db(), *driver_id).await?;
    history::of(&call, &request, driver.id, &params).await
}
