//! One step of a booking: the record, the time that it holds and its event, in one transaction.

use chrono::{DateTime, Utc};
use entity::holds::{HolderKind, ResourceKind};
use entity::notifications::NotificationKind;
use entity::vehicle_bookings::{ActiveModel, BookingStatus, Model};
use entity::vehicles;
use sea_orm::{EntityTrait, IntoActiveModel, QuerySelect, Set};
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::bookings::json::BookingOut;
use crate::bookings::rules::{self, STEPS, Wish};
use crate::bookings::store;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::notifications::{self, Notice};
use crate::trips;
use crate::vehicles::holds::{self, Holder, Wanted};
use crate::vehicles::period::{Period, storable};
use crate::workflow::{self, Step};
use crate::write::{Event, ROW_LOCK, Tx};

/// What the caller says with a step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    pub reason: Option<&'a str>,
    pub consent: bool,
    /// The kilometres and the end of the service where they differ from the trip log.
    pub stated_km: Option<i64>,
    pub stated_ends_at: Option<DateTime<Utc>>,
}

/// Takes a step of the table.
///
/// # Errors
/// 404, 412, 403, 409, 422, in this order.
pub async fn perform(call: &Call, id: Uuid, verb: &str, said: Said<'_>) -> ApiResult<Reply<BookingOut>> {
    let step = workflow::step(STEPS, verb)?;
    call.write(async |tx| {
        let trip = trips::carriage::lock_trip_of(tx, id).await?;
        let booking = store::find_for_update(tx, call, id).await?;
        trips::carriage::still_on(trip.as_ref(), &booking)?;
        call.expect_version(booking.version)?;
        call.may(step.action, booking.board_id)?;
        rules::check_person(call, step, &booking, tx.now)?;
        workflow::check_state(STEPS, step, &booking.status)?;
        let reason = workflow::reason_for(step, said.reason)?;
        let mut changed = booking.clone().into_active_model();
        match step.to {
            BookingStatus::Submitted => submit(tx, call, &booking, &mut changed).await?,
            BookingStatus::Approved => approve(tx, call, &booking, &mut changed, said.consent).await?,
            BookingStatus::Closed => confirm(tx, call, &booking, &mut changed, said)?,
            _ => holds::free(tx, booking.id).await?,
        }
        if let Some(trip) = trip.filter(|_| step.to == BookingStatus::Cancelled) {
            changed.trip_id = Set(None);
            trips::carriage::drop_booking(tx, trip, booking.id).await?;
        }
        if step.to == BookingStatus::Returned {
            changed.approved_by_id = Set(None);
        }
        if reason.is_some() && step.to != BookingStatus::Closed {
            changed.decision_reason = Set(reason.map(str::to_owned));
        }
        let saved = advance(tx, &booking, changed, step, said).await?;
        tell_requester(tx, call, &saved).await?;
        Reply::ok(&store::out(tx.db(), call, saved).await?)
    })
    .await
}

async fn advance(
    tx: &Tx,
    before: &Model,
    mut changed: ActiveModel,
    step: &Step<BookingStatus>,
    said: Said<'_>,
) -> ApiResult<Model> {
    changed.status = Set(step.to);
    changed.waiting_since = Set(tx.now);
    let event = Event::new(step.verb, store::TYPE, before.id, before.version + 1)
        .of_board(before.board_id)
        .step(&before.status, &step.to)
        .because(said.reason);
    let event = if said.consent { event.with(json!({"consent": true})) } else { event };
    store::save(tx, before, changed, event).await
}

/// The requester is told what somebody else did to their booking.
async fn tell_requester(tx: &Tx, call: &Call, booking: &Model) -> ApiResult<()> {
    let kind = match booking.status {
        BookingStatus::Returned => NotificationKind::BookingReturned,
        BookingStatus::Rejected => NotificationKind::BookingRejected,
        BookingStatus::Cancelled => NotificationKind::BookingCancelled,
        _ => return Ok(()),
    };
    let requester = Some(booking.requester_id).filter(|person| call.caller.staff_id != Some(*person));
    let notice = Notice::step(kind, booking.id, &booking.number, booking.version);
    notifications::tell(tx, requester, &notice.of_board(booking.board_id)).await.map(drop)
}

/// Submits a booking that was written in this transaction for somebody else, e.g. the coordinator of a reception.
///
/// # Errors
/// 422 with every broken rule, 409 `time_taken`.
pub async fn submit_new(tx: &Tx, call: &Call, booking: &Model) -> ApiResult<Model> {
    let step = workflow::step(STEPS, "submit")?;
    let mut changed = booking.clone().into_active_model();
    submit(tx, call, booking, &mut changed).await?;
    advance(tx, booking, changed, step, Said::default()).await
}

/// All rules again, since the clock, the car and the requester's position may have changed since the draft;
/// then the car's time.
async fn submit(tx: &Tx, call: &Call, booking: &Model, changed: &mut ActiveModel) -> ApiResult<()> {
    let wish = Wish::from(booking);
    // Locked, so that the car cannot be retired between the look and the hold.
    let car = match booking.vehicle_id {
        Some(id) => vehicles::Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?,
        None => None,
    };
    let mut broken = wish.broken(car.as_ref(), booking.requester_id, tx.now);
    broken.extend(wish.without_notice(tx.now));
    if booking.vehicle_id.is_some() && car.is_none() {
        broken.push(FieldError::unknown_reference("vehicle_id"));
    }
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    changed.needs_consent = Set(!store::has_car_right(tx.db(), booking.requester_id, wish.starts_at).await?);
    changed.approved_by_id = Set(None);
    changed.decision_reason = Set(None);
    match wanted(booking) {
        Some(wanted) => holds::take(tx, &call.reach(Action::ReadBookings), &wanted).await,
        None => Ok(()),
    }
}

async fn approve(
    tx: &Tx,
    call: &Call,
    booking: &Model,
    changed: &mut ActiveModel,
    consent: bool,
) -> ApiResult<()> {
    rules::check_approval(booking, consent, tx.now)?;
    changed.approved_by_id = Set(Some(call.staff_id()?));
    let Some(wanted) = wanted(booking) else { return Ok(()) };
    // The car may have been changed since it was held.
    let car = vehicles::Entity::find_by_id(wanted.resource_id).one(tx.db()).await?;
    let unfit = car.map(|car| Wish::from(booking).unfit(&car, booking.requester_id)).unwrap_or_default();
    if !unfit.is_empty() {
        return Err(ApiError::invalid(unfit));
    }
    if holds::is_held(tx.db(), &wanted).await? {
        return Ok(());
    }
    // Never seen to happen; if a hold was lost, it is taken anew or the approval refused.
    holds::free(tx, booking.id).await?;
    holds::take(tx, &call.reach(Action::ReadBookings), &wanted).await
}

/// The requester's word on the service; the note is obligatory where they state another figure.
fn confirm(
    tx: &Tx,
    call: &Call,
    booking: &Model,
    changed: &mut ActiveModel,
    said: Said<'_>,
) -> ApiResult<()> {
    let note = said.reason.filter(|note| !note.is_empty());
    let stated_ends_at = said.stated_ends_at.map(storable);
    let mut broken = Vec::new();
    if note.is_none() && (said.stated_km.is_some() || stated_ends_at.is_some()) {
        broken.push(FieldError::body(
            "note",
            "required",
            text("hãy nêu chỗ khác với nhật trình", "say what differs from the trip log"),
        ));
    }
    if stated_ends_at.is_some_and(|at| at <= booking.starts_at || at > tx.now) {
        broken.push(FieldError::body(
            "stated_ends_at",
            "out_of_range",
            text(
                "phải sau giờ khởi hành và không ở tương lai",
                "must be after the start and not in the future",
            ),
        ));
    }
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    changed.confirmed_by_id = Set(Some(call.staff_id()?));
    changed.confirm_note = Set(note.map(str::to_owned));
    changed.stated_km = Set(said.stated_km);
    changed.stated_ends_at = Set(stated_ends_at);
    Ok(())
}

/// The time of the named car that a booking takes; nothing where the dispatcher chooses a car.
pub fn wanted(booking: &Model) -> Option<Wanted> {
    Some(Wanted {
        kind: ResourceKind::Vehicle,
        resource_id: booking.vehicle_id?,
        period: Period { starts_at: booking.starts_at, ends_at: booking.ends_at },
        holder: Holder { kind: HolderKind::Booking, id: booking.id, board_id: Some(booking.board_id) },
        passengers: booking.passenger_count,
    })
}
