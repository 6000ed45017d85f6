//! The papers' operations, in reading order.

use actix_web::{HttpRequest, delete, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::vehicles::papers::json::{VehiclePaperFilter, VehiclePaperIn, VehiclePaperOut, VehiclePaperPatch};
use crate::vehicles::papers::store;
use crate::vehicles::store as vehicles;

/// List a car's papers.
///
/// All papers of the car, past and to come, the newest first; `on` gives those that are valid on a day.
#[utoipa::path(
    tag = "vehicles",
    params(VehiclePaperFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of papers.", body = Page<VehiclePaperOut>))
)]
#[get("/v1/vehicles/{vehicle_id}/papers")]
pub(crate) async fn list_vehicle_papers(
    call: Call,
    request: HttpRequest,
    vehicle_id: Path<Uuid>,
    filter: Query<VehiclePaperFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<VehiclePaperOut>>> {
    let car = vehicles::find(call.db(), *vehicle_id).await?;
    let (select, list) = (store::select(car.id, &filter), (car.id, &*filter));
    let id = entity::vehicle_papers::Column::Id;
    page::load(&call, select, store::ORDER, id, &params, &list)
        .await?
        .map(VehiclePaperOut::from)
        .reply(&request)
}

/// Enter a paper of a car.
///
/// A renewal is a new paper, entered as soon as it is there: papers of one kind may follow each other and may overlap.
/// A car without a valid inspection and insurance is not sent out.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 201, description = "Created.", body = VehiclePaperOut))
)]
#[post("/v1/vehicles/{vehicle_id}/papers")]
pub(crate) async fn create_vehicle_paper(
    call: Call,
    vehicle_id: Path<Uuid>,
    body: Json<VehiclePaperIn>,
) -> ApiResult<Reply<VehiclePaperOut>> {
    call.write(async |tx| {
        let car = vehicles::find(tx.db(), *vehicle_id).await?;
        Reply::created(&VehiclePaperOut::from(store::insert(tx, car.id, body.0.clone()).await?))
    })
    .await
}

/// Read a paper.
///
/// Its kind and number, and the days on which it is valid.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The paper.", body = VehiclePaperOut))
)]
#[get("/v1/vehicle-papers/{paper_id}")]
pub(crate) async fn get_vehicle_paper(call: Call, paper_id: Path<Uuid>) -> ApiResult<Reply<VehiclePaperOut>> {
    Reply::ok(&VehiclePaperOut::from(store::find(call.db(), *paper_id).await?))
}

/// Correct a paper.
///
/// Fields that are left out stay; null clears a field that may be empty. A renewal is a new paper.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 200, description = "The paper.", body = VehiclePaperOut))
)]
#[patch("/v1/vehicle-papers/{paper_id}")]
pub(crate) async fn update_vehicle_paper(
    call: Call,
    paper_id: Path<Uuid>,
    body: Json<VehiclePaperPatch>,
) -> ApiResult<Reply<VehiclePaperOut>> {
    call.write(async |tx| {
        let paper = store::find_for_update(tx, *paper_id).await?;
        call.expect_version(paper.version)?;
        Reply::ok(&VehiclePaperOut::from(store::update(tx, paper, body.0.clone()).await?))
    })
    .await
}

/// Delete a paper.
///
/// For one that was entered by mistake. Keep papers that have ended: they show that past trips were in order.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("vehicle.manage"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/vehicle-papers/{paper_id}")]
pub(crate) async fn delete_vehicle_paper(call: Call, paper_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let paper = store::find_for_update(tx, *paper_id).await?;
        call.expect_version(paper.version)?;
        store::delete(tx, paper).await?;
        Reply::gone()
    })
    .await
}

/// Read a paper's history.
///
/// Who entered it and who corrected it, oldest first.
#[utoipa::path(
    tag = "vehicles",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/vehicle-papers/{paper_id}/history")]
pub(crate) async fn get_vehicle_paper_history(
    call: Call,
    request: HttpRequest,
    paper_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let paper = store::find(call.db(), *paper_id).await?;
    history::of(&call, &request, paper.id, &params).await
}
