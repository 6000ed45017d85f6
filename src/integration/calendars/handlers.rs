//! The calendars' operations, in reading order.

use actix_web::http::header::{ETag, EntityTag};
use actix_web::{HttpRequest, HttpResponse, get, post};
use entity::calendar_feeds::{CalendarKind, Column};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::auth::caller::Caller;
use crate::auth::keys::NewSecret;
use crate::auth::permissions::Action;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::{Reply, unchanged};
use crate::integration::calendars::json::{CalendarFeedFilter, CalendarFeedIn, CalendarFeedOut};
use crate::integration::calendars::subject::Subject;
use crate::integration::calendars::{ics, sources, store};
use crate::integration::history::{self, HistoryEntry};

/// List the calendars that I follow.
///
/// The caller's own feeds, newest first, those that were revoked included. Their addresses are not shown again.
#[utoipa::path(
    tag = "integration",
    params(CalendarFeedFilter, PageParams),
    extensions(("x-action" = json!("calendar.follow"))),
    responses((status = 200, description = "A page of calendar feeds.", body = Page<CalendarFeedOut>))
)]
#[get("/v1/calendar-feeds")]
pub(crate) async fn list_calendar_feeds(
    call: Call,
    request: HttpRequest,
    filter: Query<CalendarFeedFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<CalendarFeedOut>>> {
    let select = store::select(&call, &filter);
    let list = (call.caller.user_id, &*filter);
    let page = page::load(&call, select, store::order(), Column::Id, &params, &list).await?;
    page.map(CalendarFeedOut::from).reply(&request)
}

/// Follow a calendar.
///
/// The answer shows the secret address, this once; give it to a calendar application. Cars are followed by those who
/// manage cars, drivers by those who manage drivers and by themselves; `person` is the caller's own calendar. The
/// address ends when it is revoked, when the caller's login is closed, and while the caller has not the right.
#[utoipa::path(
    tag = "integration",
    extensions(("x-action" = json!("calendar.follow"))),
    responses((status = 201, description = "Created.", body = CalendarFeedOut))
)]
#[post("/v1/calendar-feeds")]
pub(crate) async fn create_calendar_feed(
    call: Call,
    body: Json<CalendarFeedIn>,
) -> ApiResult<Reply<CalendarFeedOut>> {
    let me = call.staff_id()?;
    let (field, subject_id) = match body.kind {
        CalendarKind::Vehicle => ("vehicle_id", body.vehicle_id.unwrap_or_default()),
        CalendarKind::Driver => ("driver_id", body.driver_id.unwrap_or_default()),
        CalendarKind::Person => ("kind", me),
    };
    // Cars are asked for by id only where the right is there; whose a driver is has to be looked up first.
    if body.kind == CalendarKind::Vehicle && call.reach(Action::ManageVehicles).is_empty() {
        return Err(call.caller.refusal(Action::ManageVehicles));
    }
    let new = NewSecret::make(store::SECRET)?;
    call.write(async |tx| {
        let subject = Subject::find(tx.db(), body.kind, subject_id).await?;
        subject.ok_or_else(|| ApiError::unknown_reference(field))?.permit(&call.caller)?;
        let kept = CalendarFeedOut::from(store::insert(tx, &call, body.kind, subject_id, &new).await?);
        let address = Some(format!("/calendars/{}.ics", new.secret));
        Reply::created(&CalendarFeedOut { address, ..kept.clone() })?.keeping(&kept)
    })
    .await
}

/// Read a calendar feed.
///
/// Whose calendar it is and whether its address still works; without the address.
#[utoipa::path(
    tag = "integration",
    extensions(("x-action" = json!("calendar.follow"))),
    responses((status = 200, description = "The calendar feed.", body = CalendarFeedOut))
)]
#[get("/v1/calendar-feeds/{calendar_feed_id}")]
pub(crate) async fn get_calendar_feed(
    call: Call,
    calendar_feed_id: Path<Uuid>,
) -> ApiResult<Reply<CalendarFeedOut>> {
    Reply::ok(&CalendarFeedOut::from(store::find(call.db(), &call, *calendar_feed_id).await?))
}

/// Revoke a calendar's address.
///
/// It ends at once; make another feed to follow the calendar again.
#[utoipa::path(
    tag = "integration",
    extensions(("x-action" = json!("calendar.follow"))),
    responses((status = 200, description = "The calendar feed.", body = CalendarFeedOut))
)]
#[post("/v1/calendar-feeds/{calendar_feed_id}/revoke")]
pub(crate) async fn revoke_calendar_feed(
    call: Call,
    calendar_feed_id: Path<Uuid>,
) -> ApiResult<Reply<CalendarFeedOut>> {
    call.write(async |tx| {
        Reply::ok(&CalendarFeedOut::from(store::revoke(tx, &call, *calendar_feed_id).await?))
    })
    .await
}

/// Read a calendar feed's history.
///
/// When it was made and when its address was revoked.
#[utoipa::path(
    tag = "integration",
    params(PageParams),
    extensions(("x-action" = json!("calendar.follow"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/calendar-feeds/{calendar_feed_id}/history")]
pub(crate) async fn get_calendar_feed_history(
    call: Call,
    request: HttpRequest,
    calendar_feed_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let feed = store::find(call.db(), &call, *calendar_feed_id).await?;
    history::of(&call, &request, feed.id, &params).await
}

/// Read a calendar.
///
/// An iCalendar file (RFC 5545) for calendar applications, from 90 days ago to 400 days ahead: of a car its trips,
/// bookings and downtimes, of a driver trips and absences, of a person their bookings, the conferences that they coordinate and the due
/// times of the tasks that they lead. Times are in UTC; what was cancelled or deleted stays as `CANCELLED`. The secret in
/// the address is the right to read, so it belongs into no mail and no log. A wrong or revoked one is 404.
#[utoipa::path(
    tag = "integration",
    security(()),
    params(("feed_name" = String, Path, description = "The secret of the address, with `.ics` behind it.", max_length = 51, pattern = "^cal_[A-Za-z0-9_-]{43}[.]ics$", example = "cal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics")),
    extensions(("x-action" = json!("visit"))),
    responses((status = 200, description = "The calendar.", body = String, content_type = "text/calendar"))
)]
#[get("/calendars/{feed_name}")]
pub(crate) async fn get_calendar(
    call: Call,
    request: HttpRequest,
    feed_name: Path<String>,
) -> ApiResult<HttpResponse> {
    let secret = feed_name.strip_suffix(".ics").ok_or_else(ApiError::not_found)?;
    let feed = store::find_by_secret(call.db(), secret).await?;
    let owner = Caller::of_user(&call.app, feed.owner_id).await?.ok_or_else(ApiError::not_found)?;
    let subject = Subject::find(call.db(), feed.kind, feed.subject_id).await?;
    // The right of today decides; to who holds the address a lost right looks like no address.
    let subject = subject.filter(|subject| subject.permit(&owner).is_ok()).ok_or_else(ApiError::not_found)?;
    let call = Call { caller: owner, ..call };
    let text = ics::write(&subject.name(), sources::items(&call, &subject).await?);
    let tag: String = Sha256::digest(&text).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let mut response = HttpResponse::Ok();
    response.insert_header(ETag(EntityTag::new_strong(tag.clone())));
    if unchanged(&request, &tag) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response.content_type("text/calendar; charset=utf-8").body(text))
}
