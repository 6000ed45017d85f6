//! The staff operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::staff::json::{StaffAppointIn, StaffAppointmentEndIn, StaffFilter, StaffIn, StaffOut, StaffPatch};
use crate::staff::store;

/// List staff.
///
/// Everyone the office knows, those without an appointment today included. `board_id` and `position` find
/// those who hold such an appointment on the day `on`, or today.
#[utoipa::path(
    tag = "staff",
    params(StaffFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of staff.", body = Page<StaffOut>))
)]
#[get("/v1/staff")]
pub(crate) async fn list_staff(
    call: Call,
    request: HttpRequest,
    filter: Query<StaffFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<StaffOut>>> {
    let (select, order) = (store::select(&filter, call.today()), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::staff::Column::Id, &params, &*filter).await?;
    let mut held = store::appointments_of(call.db(), page.items.iter().map(|person| person.id)).await?;
    page.map(|person| {
        let appointments = held.remove(&person.id).unwrap_or_default();
        StaffOut::new(person, appointments, call.today())
    })
    .reply(&request)
}

/// Take somebody into the directory.
///
/// A person comes with the first appointment, or without one while the boards are still to be founded.
#[utoipa::path(
    tag = "staff",
    extensions(("x-action" = json!("staff.manage"))),
    responses((status = 201, description = "Created.", body = StaffOut))
)]
#[post("/v1/staff")]
pub(crate) async fn create_staff(call: Call, body: Json<StaffIn>) -> ApiResult<Reply<StaffOut>> {
    call.write(async |tx| {
        let person = store::insert(tx, &body).await?;
        Reply::created(&store::out(tx.db(), person, call.today()).await?)
    })
    .await
}

/// Read a person.
///
/// The person with all appointments, and with what counts today.
#[utoipa::path(
    tag = "staff",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The person.", body = StaffOut))
)]
#[get("/v1/staff/{staff_id}")]
pub(crate) async fn get_staff(call: Call, staff_id: Path<Uuid>) -> ApiResult<Reply<StaffOut>> {
    let person = store::find(call.db(), *staff_id).await?;
    Reply::ok(&store::out(call.db(), person, call.today()).await?)
}

/// Change a person's name or code.
///
/// Fields that are left out stay. Board and position change by appointments only.
#[utoipa::path(
    tag = "staff",
    extensions(("x-action" = json!("staff.manage"))),
    responses((status = 200, description = "The person.", body = StaffOut))
)]
#[patch("/v1/staff/{staff_id}")]
pub(crate) async fn update_staff(
    call: Call,
    staff_id: Path<Uuid>,
    body: Json<StaffPatch>,
) -> ApiResult<Reply<StaffOut>> {
    call.write(async |tx| {
        let person = store::find_for_update(tx, *staff_id).await?;
        call.expect_version(person.version)?;
        let person = store::update(tx, person, body.0.clone()).await?;
        Reply::ok(&store::out(tx.db(), person, call.today()).await?)
    })
    .await
}

/// Appoint somebody.
///
/// Adds an appointment from a day on. With `ends_current` the appointments that still run then end on the day
/// before; without it they go on, as for somebody who holds two positions. Who leaves a board with it hands over the open
/// tasks that they lead for it, in `hand_overs`; 422 names every one that is missing.
#[utoipa::path(
    tag = "staff",
    extensions(("x-action" = json!("staff.manage"))),
    responses((status = 200, description = "The person with the new appointment.", body = StaffOut))
)]
#[post("/v1/staff/{staff_id}/appoint")]
pub(crate) async fn appoint_staff(
    call: Call,
    staff_id: Path<Uuid>,
    body: Json<StaffAppointIn>,
) -> ApiResult<Reply<StaffOut>> {
    call.write(async |tx| {
        let person = store::find_for_update(tx, *staff_id).await?;
        call.expect_version(person.version)?;
        let person = store::appoint(tx, person, body.0.clone(), call.caller.staff_id).await?;
        Reply::ok(&store::out(tx.db(), person, call.today()).await?)
    })
    .await
}

/// End an appointment.
///
/// Sets the last day of one appointment. An end that is known already can be brought forward, never put off:
/// a longer stay is a new appointment. Who leaves the board with it hands over, in the same call and at once, the open
/// tasks that they lead for it; who leaves the last board also the tasks that they check and the conferences that they
/// coordinate. 422 names everything for which nobody takes over.
#[utoipa::path(
    tag = "staff",
    extensions(("x-action" = json!("staff.manage"))),
    responses((status = 200, description = "The person.", body = StaffOut))
)]
#[post("/v1/staff/{staff_id}/end-appointment")]
pub(crate) async fn end_staff_appointment(
    call: Call,
    staff_id: Path<Uuid>,
    body: Json<StaffAppointmentEndIn>,
) -> ApiResult<Reply<StaffOut>> {
    call.write(async |tx| {
        let person = store::find_for_update(tx, *staff_id).await?;
        call.expect_version(person.version)?;
        let person = store::end_appointment(tx, person, &body, call.caller.staff_id).await?;
        Reply::ok(&store::out(tx.db(), person, call.today()).await?)
    })
    .await
}

/// Read a person's history.
///
/// Everything that happened to the person's record, oldest first: who, when, what, why.
#[utoipa::path(
    tag = "staff",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/staff/{staff_id}/history")]
pub(crate) async fn get_staff_history(
    call: Call,
    request: HttpRequest,
    staff_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let person = store::find(call.db(), *staff_id).await?;
    history::of(&call, &request, person.id, &params).await
}
