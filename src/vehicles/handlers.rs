//! The cars' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::vehicles::json::{VehicleFilter, VehicleIn, VehicleOut, VehiclePatch};
use crate::vehicles::store;

/// List cars.
///
/// All cars of the office, retired ones included; `on` gives the ones in service on a day. Which of them are
/// free in a period is told by `GET /v1/vehicle-availability`.
#[utoipa::path(
    tag = "vehicles",
    params(VehicleFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of cars.", body = Page<VehicleOut>))
)]
#[get("/v1/vehicles")]
pub(crate) async fn list_vehicles(
    call: Call,
    request: HttpRequest,
    filter: Query<VehicleFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<VehicleOut>>> {
    let (select, order) = (store::select(&filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::vehicles::Column::Id, &params, &*filter).await?;
    page.map(VehicleOut::from).reply(&request)
}

/// Add a car.
///
/// The plate may be sent in any usual spelling and is kept in one: `47a-001.23` becomes `47A00123`.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 201, description = "Created.", body = VehicleOut))
)]
#[post("/v1/vehicles")]
pub(crate) async fn create_vehicle(call: Call, body: Json<VehicleIn>) -> ApiResult<Reply<VehicleOut>> {
    call.write(async |tx| Reply::created(&VehicleOut::from(store::insert(tx, body.0.clone()).await?))).await
}

/// Read a car.
///
/// Its plate, kind, seats, fuel and odometer, and from which day it is out of service.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The car.", body = VehicleOut))
)]
#[get("/v1/vehicles/{vehicle_id}")]
pub(crate) async fn get_vehicle(call: Call, vehicle_id: Path<Uuid>) -> ApiResult<Reply<VehicleOut>> {
    Reply::ok(&VehicleOut::from(store::find(call.db(), *vehicle_id).await?))
}

/// Change or retire a car.
///
/// Fields that are left out stay; null clears a field that may be empty. `retired_on` is the first day out of
/// service; while something holds the car on or after that day the change is refused with the clashes.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 200, description = "The car.", body = VehicleOut))
)]
#[patch("/v1/vehicles/{vehicle_id}")]
pub(crate) async fn update_vehicle(
    call: Call,
    vehicle_id: Path<Uuid>,
    body: Json<VehiclePatch>,
) -> ApiResult<Reply<VehicleOut>> {
    let reach = call.reach(Action::ReadBookings);
    call.write(async |tx| {
        let car = store::find_for_update(tx, *vehicle_id).await?;
        call.expect_version(car.version)?;
        Reply::ok(&VehicleOut::from(store::update(tx, &reach, car, body.0.clone()).await?))
    })
    .await
}

/// Read a car's history.
///
/// Everything that was changed about the car, oldest first: who, when, what.
#[utoipa::path(
    tag = "vehicles",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/vehicles/{vehicle_id}/history")]
pub(crate) async fn get_vehicle_history(
    call: Call,
    request: HttpRequest,
    vehicle_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let car = store::find(call.db(), *vehicle_id).await?;
    history::of(&call, &request, car.id, &params).await
}
