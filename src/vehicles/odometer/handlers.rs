//! The odometers' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use entity::{odometer_corrections, odometer_entries};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::vehicles::odometer::corrections;
use crate::vehicles::odometer::json::{
    OdometerCorrectionFilter, OdometerCorrectionIn, OdometerCorrectionOut, OdometerEntryFilter,
    OdometerEntryOut, OdometerRefusalIn,
};
use crate::vehicles::store as vehicles;

/// List what a car's odometer showed.
///
/// One series in order of time: the opening, departures, returns, refuels and corrections. It never goes back
/// except by a correction to which a second person consented.
#[utoipa::path(
    tag = "vehicles",
    params(OdometerEntryFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of readings.", body = Page<OdometerEntryOut>))
)]
#[get("/v1/vehicles/{vehicle_id}/odometer-entries")]
pub(crate) async fn list_odometer_entries(
    call: Call,
    request: HttpRequest,
    vehicle_id: Path<Uuid>,
    filter: Query<OdometerEntryFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<OdometerEntryOut>>> {
    use odometer_entries::{Column, Entity};
    let car = vehicles::find(call.db(), *vehicle_id).await?;
    let mut select = Entity::find().filter(Column::VehicleId.eq(car.id));
    if let Some(at) = filter.read_at_from {
        select = select.filter(Column::ReadAt.gte(at));
    }
    if let Some(at) = filter.read_at_before {
        select = select.filter(Column::ReadAt.lt(at));
    }
    let order = Order { column: Column::ReadAt, descending: false };
    let page = page::load(&call, select, order, Column::Id, &params, &(car.id, &*filter)).await?;
    page.map(OdometerEntryOut::from).reply(&request)
}

/// List the corrections of a car's odometer.
///
/// Proposed, consented and refused ones, oldest first.
#[utoipa::path(
    tag = "vehicles",
    params(OdometerCorrectionFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of corrections.", body = Page<OdometerCorrectionOut>))
)]
#[get("/v1/vehicles/{vehicle_id}/odometer-corrections")]
pub(crate) async fn list_odometer_corrections(
    call: Call,
    request: HttpRequest,
    vehicle_id: Path<Uuid>,
    filter: Query<OdometerCorrectionFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<OdometerCorrectionOut>>> {
    use odometer_corrections::Column;
    let car = vehicles::find(call.db(), *vehicle_id).await?;
    let order = Order { column: Column::CreatedAt, descending: false };
    let select = corrections::select(car.id, &filter);
    let page = page::load(&call, select, order, Column::Id, &params, &(car.id, &*filter)).await?;
    page.map(OdometerCorrectionOut::from).reply(&request)
}

/// Propose a correction of a car's odometer.
///
/// After a wrong reading or with a new instrument. It counts when another person consents; a car has one open
/// proposal at a time (409 `duplicate`).
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 201, description = "Created.", body = OdometerCorrectionOut))
)]
#[post("/v1/vehicles/{vehicle_id}/odometer-corrections")]
pub(crate) async fn propose_odometer_correction(
    call: Call,
    vehicle_id: Path<Uuid>,
    body: Json<OdometerCorrectionIn>,
) -> ApiResult<Reply<OdometerCorrectionOut>> {
    call.write(async |tx| {
        let car = vehicles::find_for_update(tx, *vehicle_id).await?;
        let proposed = corrections::insert(tx, &call, car.id, &body).await?;
        Reply::created(&corrections::out(tx.db(), &call, proposed).await?)
    })
    .await
}

/// Read a correction.
///
/// Who proposed what, and who decided it.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The correction.", body = OdometerCorrectionOut))
)]
#[get("/v1/odometer-corrections/{correction_id}")]
pub(crate) async fn get_odometer_correction(
    call: Call,
    correction_id: Path<Uuid>,
) -> ApiResult<Reply<OdometerCorrectionOut>> {
    let row = corrections::find(call.db(), *correction_id).await?;
    Reply::ok(&corrections::out(call.db(), &call, row).await?)
}

/// Consent to a correction.
///
/// By another person than the one who proposed it (403 `four_eyes`). The car's odometer shows the corrected
/// reading from now on, as an entry of its own.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("odometer.consent"))),
    responses((status = 200, description = "The correction.", body = OdometerCorrectionOut))
)]
#[post("/v1/odometer-corrections/{correction_id}/consent")]
pub(crate) async fn consent_odometer_correction(
    call: Call,
    correction_id: Path<Uuid>,
) -> ApiResult<Reply<OdometerCorrectionOut>> {
    corrections::decide(&call, *correction_id, "consent", None).await
}

/// Refuse a correction.
///
/// With a reason, by another person than the one who proposed it. The odometer stays as it was read.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("odometer.consent"))),
    responses((status = 200, description = "The correction.", body = OdometerCorrectionOut))
)]
#[post("/v1/odometer-corrections/{correction_id}/refuse")]
pub(crate) async fn refuse_odometer_correction(
    call: Call,
    correction_id: Path<Uuid>,
    body: Json<OdometerRefusalIn>,
) -> ApiResult<Reply<OdometerCorrectionOut>> {
    corrections::decide(&call, *correction_id, "refuse", body.reason.as_deref()).await
}

/// Read a correction's history.
///
/// Who proposed, consented or refused, when and why.
#[utoipa::path(
    tag = "vehicles",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/odometer-corrections/{correction_id}/history")]
pub(crate) async fn get_odometer_correction_history(
    call: Call,
    request: HttpRequest,
    correction_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let row = corrections::find(call.db(), *correction_id).await?;
    history::of(&call, &request, row.id, &params).await
}
