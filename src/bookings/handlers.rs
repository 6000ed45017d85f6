//! The bookings' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use entity::vehicle_bookings::{BookingStatus, Column};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::bookings::json::{
    BookingApproveIn, BookingConfirmIn, BookingExpand, BookingFilter, BookingIn, BookingOut, BookingPatch,
    BookingReasonIn, BookingView,
};
use crate::bookings::rules::{STEPS, only_requester};
use crate::bookings::steps::{Said, perform};
use crate::bookings::store;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::workflow::wrong_state;

/// List bookings.
///
/// The bookings of the caller's boards, whatever their status; the dispatcher and the chief of office see all.
#[utoipa::path(
    tag = "bookings",
    params(BookingFilter, PageParams),
    extensions(("x-action" = json!("booking.read"))),
    responses((status = 200, description = "A page of bookings.", body = Page<BookingOut>))
)]
#[get("/v1/vehicle-bookings")]
pub(crate) async fn list_vehicle_bookings(
    call: Call,
    request: HttpRequest,
    filter: Query<BookingFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BookingOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let page = page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    let items =
        store::outs(call.db(), &call, page.items, filter.expand.as_deref().unwrap_or_default()).await?;
    Page { items, next_cursor: page.next_cursor, total: page.total }.reply(&request)
}

/// Draft a booking.
///
/// The caller asks for a car, for a board of theirs that is active. A draft holds no car yet: submit it.
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.request"))),
    responses((status = 201, description = "Created.", body = BookingOut))
)]
#[post("/v1/vehicle-bookings")]
pub(crate) async fn create_vehicle_booking(
    call: Call,
    body: Json<BookingIn>,
) -> ApiResult<Reply<BookingOut>> {
    call.write(async |tx| {
        let booking = store::insert(tx, &call, &body).await?;
        Reply::created(&store::out(tx.db(), &call, booking).await?)
    })
    .await
}

/// Read a booking.
///
/// Where it stands, whose turn it is and what the caller can do now.
#[utoipa::path(
    tag = "bookings",
    params(BookingView),
    extensions(("x-action" = json!("booking.read"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[get("/v1/vehicle-bookings/{booking_id}")]
pub(crate) async fn get_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
    view: Query<BookingView>,
) -> ApiResult<Reply<BookingOut>> {
    let booking = store::find(call.db(), &call, *booking_id).await?;
    let mut expand = view.0.expand.unwrap_or_default();
    expand.push(BookingExpand::AllowedActions);
    match store::outs(call.db(), &call, vec![booking], &expand).await?.first() {
        Some(out) => Reply::ok(out),
        None => Err(crate::error::ApiError::not_found()),
    }
}

/// Change a booking.
///
/// While it is a draft or was returned, by its requester. Fields that are left out stay; null clears a field
/// that may be empty.
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.request"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[patch("/v1/vehicle-bookings/{booking_id}")]
pub(crate) async fn update_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
    body: Json<BookingPatch>,
) -> ApiResult<Reply<BookingOut>> {
    call.write(async |tx| {
        let booking = store::find_for_update(tx, &call, *booking_id).await?;
        call.expect_version(booking.version)?;
        call.may(Action::RequestCar, booking.board_id)?;
        only_requester(&call, &booking)?;
        if !matches!(booking.status, BookingStatus::Draft | BookingStatus::Returned) {
            return Err(wrong_state(STEPS, &booking.status));
        }
        let booking = store::update(tx, booking, &body).await?;
        Reply::ok(&store::out(tx.db(), &call, booking).await?)
    })
    .await
}

/// Read a booking's history.
///
/// Everything that happened to the booking, oldest first: who, when, what, why.
#[utoipa::path(
    tag = "bookings",
    params(PageParams),
    extensions(("x-action" = json!("booking.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/vehicle-bookings/{booking_id}/history")]
pub(crate) async fn get_vehicle_booking_history(
    call: Call,
    request: HttpRequest,
    booking_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let booking = store::find(call.db(), &call, *booking_id).await?;
    history::of(&call, &request, booking.id, &params).await
}

/// Submit a booking.
///
/// The requester asks for approval. A named car is held from now on; if something else holds it, the answer is
/// 409 `time_taken` with the clashes and the nearest free cars, and nothing changes.
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.request"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[post("/v1/vehicle-bookings/{booking_id}/submit")]
pub(crate) async fn submit_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
) -> ApiResult<Reply<BookingOut>> {
    perform(&call, *booking_id, "submit", Said::default()).await
}

/// Approve a booking.
///
/// By a head of the board or the chief of office, never by the requester (403 `four_eyes`). A booking with
/// `needs_consent` needs `consent: true` (422 `consent_required`).
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.approve"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[post("/v1/vehicle-bookings/{booking_id}/approve")]
pub(crate) async fn approve_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
    body: Json<BookingApproveIn>,
) -> ApiResult<Reply<BookingOut>> {
    perform(&call, *booking_id, "approve", Said { consent: body.consent, ..Said::default() }).await
}

/// Return a booking for correction.
///
/// With a reason; the car is free again, and the requester may correct and submit the booking once more.
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.decline"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[post("/v1/vehicle-bookings/{booking_id}/return")]
pub(crate) async fn return_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
    body: Json<BookingReasonIn>,
) -> ApiResult<Reply<BookingOut>> {
    perform(&call, *booking_id, "return", Said { reason: body.reason.as_deref(), ..Said::default() }).await
}

/// Reject a booking.
///
/// With a reason; the car is free again.
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.decline"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[post("/v1/vehicle-bookings/{booking_id}/reject")]
pub(crate) async fn reject_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
    body: Json<BookingReasonIn>,
) -> ApiResult<Reply<BookingOut>> {
    perform(&call, *booking_id, "reject", Said { reason: body.reason.as_deref(), ..Said::default() }).await
}

/// Cancel a booking.
///
/// With a reason, by the requester before the departure, by a head of the board or by the dispatcher; the car
/// is free again.
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.cancel"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[post("/v1/vehicle-bookings/{booking_id}/cancel")]
pub(crate) async fn cancel_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
    body: Json<BookingReasonIn>,
) -> ApiResult<Reply<BookingOut>> {
    perform(&call, *booking_id, "cancel", Said { reason: body.reason.as_deref(), ..Said::default() }).await
}

/// Confirm a service.
///
/// The requester closes a completed booking, and says where the kilometres or the time differ from the trip log.
/// A service that nobody confirms is closed by itself after three days.
#[utoipa::path(
    tag = "bookings",
    extensions(("x-action" = json!("booking.request"))),
    responses((status = 200, description = "The booking.", body = BookingOut))
)]
#[post("/v1/vehicle-bookings/{booking_id}/confirm")]
pub(crate) async fn confirm_vehicle_booking(
    call: Call,
    booking_id: Path<Uuid>,
    body: Json<BookingConfirmIn>,
) -> ApiResult<Reply<BookingOut>> {
    let said = Said {
        reason: body.note.as_deref(),
        stated_km: body.stated_km,
        stated_ends_at: body.stated_ends_at,
        consent: false,
    };
    perform(&call, *booking_id, "confirm", said).await
}
