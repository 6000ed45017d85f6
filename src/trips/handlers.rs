//! The trips' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use chrono::TimeDelta;
use entity::trips::{Column, TripStatus};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::trips::dispatch::Plan;
use crate::trips::json::{
    BookingSuggestions, DryRun, SuggestionParams, TripCompleteIn, TripDepartIn, TripExpand, TripFilter,
    TripIn, TripOut, TripPatch, TripVerifyIn, TripView, TripVoidIn,
};
use crate::trips::rules::STEPS;
use crate::trips::{steps, store, suggestions, view};
use crate::workflow::wrong_state;

/// List trips.
///
/// The dispatcher, the chief of office, the chief accountant and the auditor see all; a board and its accountant see
/// those that carry its bookings, a driver also the own ones.
#[utoipa::path(
    tag = "trips",
    params(TripFilter, PageParams),
    extensions(("x-action" = json!("trip.read"))),
    responses((status = 200, description = "A page of trips.", body = Page<TripOut>))
)]
#[get("/v1/trips")]
pub(crate) async fn list_trips(
    call: Call,
    request: HttpRequest,
    filter: Query<TripFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<TripOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let page = page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    let expand = filter.expand.as_deref().unwrap_or_default();
    let items = view::outs(call.db(), &call, page.items, expand).await?;
    Page { items, next_cursor: page.next_cursor, total: page.total }.reply(&request)
}

/// Plan a trip.
///
/// A car and a driver for one booking or for several that go the same way. Nothing is held and nothing is checked
/// against other plans yet: issue it, or ask with `dry_run=true` what would be in the way.
#[utoipa::path(
    tag = "trips",
    extensions(("x-action" = json!("trip.dispatch"))),
    responses((status = 201, description = "Created.", body = TripOut))
)]
#[post("/v1/trips")]
pub(crate) async fn plan_trip(call: Call, body: Json<TripIn>) -> ApiResult<Reply<TripOut>> {
    call.write(async |tx| {
        let trip = store::insert(tx, body.0.clone()).await?;
        Reply::created(&view::out(tx.db(), &call, trip).await?)
    })
    .await
}

/// Read a trip.
///
/// The order, the log, whose turn it is and what the caller can do now.
#[utoipa::path(
    tag = "trips",
    params(TripView),
    extensions(("x-action" = json!("trip.read"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[get("/v1/trips/{trip_id}")]
pub(crate) async fn get_trip(
    call: Call,
    trip_id: Path<Uuid>,
    params: Query<TripView>,
) -> ApiResult<Reply<TripOut>> {
    let trip = store::find(call.db(), &call, *trip_id).await?;
    let mut expand = params.0.expand.unwrap_or_default();
    expand.extend([TripExpand::Bookings, TripExpand::AllowedActions]);
    match view::outs(call.db(), &call, vec![trip], &expand).await?.first() {
        Some(out) => Reply::ok(out),
        None => Err(ApiError::not_found()),
    }
}

/// Change a planned trip.
///
/// While it is a plan. An issued trip is changed by an amendment.
#[utoipa::path(
    tag = "trips",
    extensions(("x-action" = json!("trip.dispatch"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[patch("/v1/trips/{trip_id}")]
pub(crate) async fn update_trip(
    call: Call,
    trip_id: Path<Uuid>,
    body: Json<TripPatch>,
) -> ApiResult<Reply<TripOut>> {
    call.write(async |tx| {
        let trip = store::find_for_update(tx, &call, *trip_id).await?;
        call.expect_version(trip.version)?;
        if trip.status != TripStatus::Planned {
            return Err(wrong_state(STEPS, &trip.status));
        }
        let (patched, bookings, order) = store::patched(tx, &trip, &body).await?;
        let plan = Plan { trip: patched, bookings, order };
        let mut changed = store::changing(&trip);
        store::replan(tx, &trip, &plan, &mut changed).await?;
        let board_id = plan.bookings.first().map(|booking| booking.board_id);
        let event = store::event("update", &trip, trip.version + 1, board_id);
        let saved = store::save(tx, &trip, changed, event).await?;
        Reply::ok(&view::out(tx.db(), &call, saved).await?)
    })
    .await
}

/// Read a trip's history.
///
/// Everything that happened to the trip, oldest first: who, when, what, why.
#[utoipa::path(
    tag = "trips",
    params(PageParams),
    extensions(("x-action" = json!("trip.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/trips/{trip_id}/history")]
pub(crate) async fn get_trip_history(
    call: Call,
    request: HttpRequest,
    trip_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let trip = store::find(call.db(), &call, *trip_id).await?;
    history::of(&call, &request, trip.id, &params).await
}

/// Find who could come along.
///
/// Approved bookings without a trip whose time lies within this trip's, stretched by the slack, and whose
/// passengers find a free seat; those that go the same way first. It only informs: put a booking on the trip by
/// changing or amending it.
#[utoipa::path(
    tag = "trips",
    params(SuggestionParams),
    extensions(("x-action" = json!("trip.dispatch"))),
    responses((status = 200, description = "Bookings that could come along.", body = BookingSuggestions))
)]
#[get("/v1/trips/{trip_id}/booking-suggestions")]
pub(crate) async fn list_trip_booking_suggestions(
    call: Call,
    trip_id: Path<Uuid>,
    params: Query<SuggestionParams>,
) -> ApiResult<Reply<BookingSuggestions>> {
    let trip = store::find(call.db(), &call, *trip_id).await?;
    let slack = TimeDelta::minutes(params.slack_minutes.unwrap_or(60));
    Reply::plain(&suggestions::of(&call, &trip, slack).await?)
}

/// Issue a trip.
///
/// The plan becomes a dispatch order with a number. In one transaction: the bookings are approved and within the
/// trip's time, the car has seats for all passengers and its papers on every day, the driver a licence that is
/// valid and fits the car and hours left, and neither car nor driver is held by anything else. Whatever is in
/// the way is told at once and nothing changes: 409 `time_taken` where something holds the car or the driver,
/// else 422, each with all violations in `errors`.
#[utoipa::path(
    tag = "trips",
    params(DryRun),
    extensions(("x-action" = json!("trip.dispatch"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[post("/v1/trips/{trip_id}/issue")]
pub(crate) async fn issue_trip(
    call: Call,
    trip_id: Path<Uuid>,
    params: Query<DryRun>,
) -> ApiResult<Reply<TripOut>> {
    let dry_run = params.dry_run.unwrap_or(false);
    steps::send_out(&call, *trip_id, "issue", &TripPatch::default(), dry_run).await
}

/// Amend an issued trip.
///
/// Another car, driver, time, route or other bookings, before the departure, with the same checks and the same
/// answers as issuing. Bookings that are taken off are approved again.
#[utoipa::path(
    tag = "trips",
    params(DryRun),
    extensions(("x-action" = json!("trip.dispatch"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[post("/v1/trips/{trip_id}/amend")]
pub(crate) async fn amend_trip(
    call: Call,
    trip_id: Path<Uuid>,
    params: Query<DryRun>,
    body: Json<TripPatch>,
) -> ApiResult<Reply<TripOut>> {
    steps::send_out(&call, *trip_id, "amend", &body, params.dry_run.unwrap_or(false)).await
}

/// Depart.
///
/// The driver or the dispatcher notes what the odometer shows. A car that leaves before the trip's start is held from then
/// on (409 `time_taken` where something else holds it); by more than a day earlier, the whole trip moves. Less than its last reading is refused
/// (`odometer_went_back`), more needs a reason (`gap_reason_required`).
#[utoipa::path(
    tag = "trips",
    extensions(("x-action" = json!("trip.drive"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[post("/v1/trips/{trip_id}/depart")]
pub(crate) async fn depart_trip(
    call: Call,
    trip_id: Path<Uuid>,
    body: Json<TripDepartIn>,
) -> ApiResult<Reply<TripOut>> {
    steps::depart(&call, *trip_id, &body).await
}

/// Complete a trip.
///
/// The driver or the dispatcher notes the odometer at the return. The litres allowed by the norm of the departure
/// day are computed and kept with their working (422 `rate_not_found` where the car has none), and the bookings
/// are completed. Time that was not used is free again.
#[utoipa::path(
    tag = "trips",
    extensions(("x-action" = json!("trip.drive"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[post("/v1/trips/{trip_id}/complete")]
pub(crate) async fn complete_trip(
    call: Call,
    trip_id: Path<Uuid>,
    body: Json<TripCompleteIn>,
) -> ApiResult<Reply<TripOut>> {
    steps::complete(&call, *trip_id, &body).await
}

/// Verify a trip.
///
/// The dispatcher confirms the log, and never the driver (403 `four_eyes`). Km and litres are shared out among the
/// bookings by the km stated for each, else by passengers; the parts add up to the whole.
#[utoipa::path(
    tag = "trips",
    extensions(("x-action" = json!("trip.dispatch"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[post("/v1/trips/{trip_id}/verify")]
pub(crate) async fn verify_trip(
    call: Call,
    trip_id: Path<Uuid>,
    body: Json<TripVerifyIn>,
) -> ApiResult<Reply<TripOut>> {
    steps::verify(&call, *trip_id, &body).await
}

/// Void a trip.
///
/// With a reason, before the departure. Car and driver are free again, the bookings approved and in want of
/// another trip; the order's number is not used again.
#[utoipa::path(
    tag = "trips",
    extensions(("x-action" = json!("trip.dispatch"))),
    responses((status = 200, description = "The trip.", body = TripOut))
)]
#[post("/v1/trips/{trip_id}/void")]
pub(crate) async fn void_trip(
    call: Call,
    trip_id: Path<Uuid>,
    body: Json<TripVoidIn>,
) -> ApiResult<Reply<TripOut>> {
    steps::void(&call, *trip_id, body.reason.as_deref()).await
}
