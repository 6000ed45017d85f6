//! The services' operations, in reading order.

use actix_web::{HttpRequest, delete, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::vehicles::services::json::{
    VehicleServiceFilter, VehicleServiceIn, VehicleServiceOut, VehicleServicePatch,
};
use crate::vehicles::services::store;
use crate::vehicles::store as vehicles;

/// List a car's services.
///
/// What was done to the car, the newest first, and when each of it is due again.
#[utoipa::path(
    tag = "vehicles",
    params(VehicleServiceFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of services.", body = Page<VehicleServiceOut>))
)]
#[get("/v1/vehicles/{vehicle_id}/services")]
pub(crate) async fn list_vehicle_services(
    call: Call,
    request: HttpRequest,
    vehicle_id: Path<Uuid>,
    filter: Query<VehicleServiceFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<VehicleServiceOut>>> {
    let car = vehicles::find(call.db(), *vehicle_id).await?;
    let (select, list) = (store::select(car.id, &filter), (car.id, &*filter));
    let id = entity::vehicle_services::Column::Id;
    page::load(&call, select, store::ORDER, id, &params, &list)
        .await?
        .map(VehicleServiceOut::from)
        .reply(&request)
}

/// Enter a service that was done.
///
/// From now on it is this one that says when work of its kind is due again, unless a later one is entered already.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 201, description = "Created.", body = VehicleServiceOut))
)]
#[post("/v1/vehicles/{vehicle_id}/services")]
pub(crate) async fn create_vehicle_service(
    call: Call,
    vehicle_id: Path<Uuid>,
    body: Json<VehicleServiceIn>,
) -> ApiResult<Reply<VehicleServiceOut>> {
    call.write(async |tx| {
        let car = vehicles::find(tx.db(), *vehicle_id).await?;
        Reply::created(&VehicleServiceOut::from(store::insert(tx, car.id, body.0.clone()).await?))
    })
    .await
}

/// Read a service.
///
/// What was done, when and at how many km, and when it is due again.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The service.", body = VehicleServiceOut))
)]
#[get("/v1/vehicle-services/{service_id}")]
pub(crate) async fn get_vehicle_service(
    call: Call,
    service_id: Path<Uuid>,
) -> ApiResult<Reply<VehicleServiceOut>> {
    Reply::ok(&VehicleServiceOut::from(store::find(call.db(), *service_id).await?))
}

/// Correct a service.
///
/// Fields that are left out stay; null clears a field that may be empty. The next service is a new record.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 200, description = "The service.", body = VehicleServiceOut))
)]
#[patch("/v1/vehicle-services/{service_id}")]
pub(crate) async fn update_vehicle_service(
    call: Call,
    service_id: Path<Uuid>,
    body: Json<VehicleServicePatch>,
) -> ApiResult<Reply<VehicleServiceOut>> {
    call.write(async |tx| {
        let service = store::find_for_update(tx, *service_id).await?;
        call.expect_version(service.version)?;
        Reply::ok(&VehicleServiceOut::from(store::update(tx, service, body.0.clone()).await?))
    })
    .await
}

/// Delete a service.
///
/// For one that was entered by mistake. What was due before it counts again.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/vehicle-services/{service_id}")]
pub(crate) async fn delete_vehicle_service(call: Call, service_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let service = store::find_for_update(tx, *service_id).await?;
        call.expect_version(service.version)?;
        store::delete(tx, service).await?;
        Reply::gone()
    })
    .await
}

/// Read a service's history.
///
/// Who entered it and who corrected it, oldest first.
#[utoipa::path(
    tag = "vehicles",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/vehicle-services/{service_id}/history")]
pub(crate) async fn get_vehicle_service_history(
    call: Call,
    request: HttpRequest,
    service_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let service = store::find(call.db(), *service_id).await?;
    history::of(&call, &request, service.id, &params).await
}
