//! One step of a trip: the record, its bookings, the time that it holds, the odometer, in one transaction.

use chrono::{DateTime, TimeDelta, Utc};
use entity::notifications::NotificationKind;
use entity::odometer_entries::ReadingKind;
use entity::trips::{ActiveModel, Model, TripStatus};
use entity::vehicle_bookings::{BookingStatus, Model as Booking};
use entity::{drivers, vehicles};
use sea_orm::{EntityTrait, QuerySelect, Set};
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::fuel::rules::{Usage, allowed};
use crate::fuel::{norms, statements};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::trips::dispatch::{self, Plan};
use crate::trips::json::{TripCompleteIn, TripDepartIn, TripOut, TripPatch, TripVerifyIn};
use crate::trips::rules::{self, STEPS};
use crate::trips::told::{self, News};
use crate::trips::{carriage, sharing, store, view};
use crate::vehicles::holds;
use crate::vehicles::odometer::{self, Reading};
use crate::vehicles::period::{Period, storable};
use crate::workflow::{self, Step};
use crate::write::{ROW_LOCK, Tx};

type TripStep = &'static Step<TripStatus>;

/// The trip, locked, when the caller may take the step now.
async fn open(tx: &Tx, call: &Call, id: Uuid, step: TripStep) -> ApiResult<Model> {
    let trip = store::find_for_update(tx, call, id).await?;
    call.expect_version(trip.version)?;
    rules::permit(call, step, driver(tx, &trip).await?)?;
    workflow::check_state(STEPS, step, &trip.status)?;
    Ok(trip)
}

/// The member of staff who drives.
async fn driver(tx: &Tx, trip: &Model) -> ApiResult<Uuid> {
    let driver = drivers::Entity::find_by_id(trip.driver_id).one(tx.db()).await?;
    driver.map(|driver| driver.staff_id).ok_or_else(|| ApiError::internal("a trip's driver vanished"))
}

/// The order that a planned trip becomes, or an issued one as amended. With `dry_run` the answer is the same and
/// nothing is written.
///
/// # Errors
/// 404, 412, 403, 409, 422, in this order; what is in the way is told all at once.
pub async fn send_out(
    call: &Call,
    id: Uuid,
    verb: &str,
    patch: &TripPatch,
    dry_run: bool,
) -> ApiResult<Reply<TripOut>> {
    let step = workflow::step(STEPS, verb)?;
    call.write(async |tx| {
        if !dry_run {
            return Reply::ok(&order(tx, call, id, step, patch).await?);
        }
        let attempt = tx.nested().await?;
        let shown = order(&attempt, call, id, step, patch).await?;
        attempt.rollback().await?;
        Reply::plain(&shown)
    })
    .await
}

async fn order(tx: &Tx, call: &Call, id: Uuid, step: TripStep, patch: &TripPatch) -> ApiResult<TripOut> {
    let trip = open(tx, call, id, step).await?;
    let (patched, bookings, order) = store::patched(tx, &trip, patch).await?;
    let plan = Plan { trip: patched, bookings, order };
    let left = left_behind(tx, &trip, &plan).await?;
    dispatch::check(tx, call, &plan).await?;
    let mut changed = store::changing(&trip);
    store::replan(tx, &trip, &plan, &mut changed).await?;
    if trip.status == TripStatus::Planned {
        let (year, number) = tx.next_in_series("LĐX").await?;
        changed.number = Set(Some(rules::order_number(year, number)));
        changed.search = Set(store::search(
            Some(&rules::order_number(year, number)),
            &plan.trip.route,
            plan.trip.note.as_deref(),
        ));
        changed.issued_at = Set(Some(tx.now));
        changed.issued_by_id = Set(Some(call.staff_id()?));
    }
    changed.revision = Set(trip.revision + 1);
    holds::free(tx, trip.id).await?;
    carriage::schedule(tx, &trip, &plan.bookings).await?;
    for wanted in plan.wishes() {
        holds::take(tx, &call.reach(Action::ReadBookings), &wanted).await?;
    }
    carriage::release(tx, &left).await?;
    let shown = advance(tx, call, &trip, changed, step, &plan.bookings, None).await?;
    let planned = trip.status == TripStatus::Planned;
    let news = News {
        kind: if planned { NotificationKind::TripIssued } else { NotificationKind::TripAmended },
        trip_id: trip.id,
        number: shown.number.as_deref(),
        version: shown.version,
        starts_at: plan.trip.starts_at,
    };
    // Also who drives no more, and whose booking goes another way.
    let drivers = [plan.trip.driver_id, if planned { plan.trip.driver_id } else { trip.driver_id }];
    let bookings = plan.bookings.iter().chain(&left);
    told::all(tx, call.caller.staff_id, news, &drivers, bookings).await?;
    Ok(shown)
}

/// Bookings that an amendment takes off the trip.
async fn left_behind(tx: &Tx, trip: &Model, plan: &Plan) -> ApiResult<Vec<Booking>> {
    if trip.status == TripStatus::Planned {
        return Ok(Vec::new());
    }
    let rows = store::carried(tx.db(), trip.id).await?;
    let gone: Vec<Uuid> =
        rows.iter().map(|row| row.booking_id).filter(|id| !plan.order.contains(id)).collect();
    store::lock_bookings(tx, &gone).await
}

/// The car leaves.
///
/// # Errors
/// 404, 412, 403, 409, 422, in this order.
pub async fn depart(call: &Call, id: Uuid, body: &TripDepartIn) -> ApiResult<Reply<TripOut>> {
    let step = workflow::step(STEPS, "depart")?;
    call.write(async |tx| {
        let trip = open(tx, call, id, step).await?;
        let departed_at = body.departed_at.map_or(tx.now, storable);
        if departed_at > tx.now || trip.issued_at.is_some_and(|issued_at| departed_at < issued_at) {
            return Err(out_of_range(
                "departed_at",
                "sau khi có lệnh và không ở tương lai",
                "after the order and not in the future",
            ));
        }
        lock_car(tx, &trip).await?;
        let leaving = Period { starts_at: departed_at, ends_at: departed_at + TimeDelta::microseconds(1) };
        refuse_elsewhere(tx, &trip, leaving).await?;
        statements::refuse_closed(tx.db(), trip.vehicle_id, office_day(departed_at)).await?;
        let mut changed = store::changing(&trip);
        if departed_at < trip.starts_at {
            let moved = leave_early(tx, call, &trip, departed_at).await?;
            changed.starts_at = Set(moved.starts_at);
            changed.ends_at = Set(moved.ends_at);
        }
        let reading = Reading {
            vehicle_id: trip.vehicle_id,
            read_at: departed_at,
            km: body.odometer_km,
            kind: ReadingKind::Departure,
            source_id: Some(trip.id),
            gap_reason: body.gap_reason.as_deref().filter(|reason| !reason.is_empty()),
        };
        odometer::record(tx, &reading).await?;
        carriage::move_on(tx, &trip, "depart", BookingStatus::InProgress).await?;
        changed.departed_at = Set(Some(departed_at));
        changed.odometer_start_km = Set(Some(body.odometer_km));
        Reply::ok(&advance(tx, call, &trip, changed, step, &[], None).await?)
    })
    .await
}

/// A car that leaves before its time is taken from then on. Where it leaves more than a day early, nobody means the
/// planned return any more: the whole trip moves.
async fn leave_early(tx: &Tx, call: &Call, trip: &Model, departed_at: DateTime<Utc>) -> ApiResult<Period> {
    let length = trip.ends_at - trip.starts_at;
    let same_return = trip.starts_at - departed_at <= TimeDelta::days(1);
    let ends_at = if same_return { trip.ends_at } else { departed_at + length };
    let early = Model { starts_at: departed_at, ends_at, ..trip.clone() };
    let ids: Vec<Uuid> = store::carried(tx.db(), trip.id).await?.iter().map(|row| row.booking_id).collect();
    let plan = Plan { trip: early, bookings: store::lock_bookings(tx, &ids).await?, order: ids };
    for wanted in plan.wishes() {
        holds::move_to(tx, &call.reach(Action::ReadBookings), &wanted).await?;
    }
    Ok(plan.period())
}

/// The car is back.
///
/// # Errors
/// 404, 412, 403, 409, 422, in this order; 422 `rate_not_found` where the car had no norm on the departure day.
pub async fn complete(call: &Call, id: Uuid, body: &TripCompleteIn) -> ApiResult<Reply<TripOut>> {
    let step = workflow::step(STEPS, "complete")?;
    call.write(async |tx| {
        let mut trip = open(tx, call, id, step).await?;
        let departed_at = trip.departed_at.unwrap_or(trip.starts_at);
        let returned_at = body.returned_at.map_or(tx.now, storable);
        let out = Period::new(departed_at, returned_at).filter(|out| out.ends_at <= tx.now);
        let Some(out) = out else {
            return Err(out_of_range(
                "returned_at",
                "sau giờ khởi hành và không ở tương lai",
                "after the departure and not in the future",
            ));
        };
        let broken = rules::broken_log(&trip, body, out);
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken));
        }
        lock_car(tx, &trip).await?;
        refuse_elsewhere(tx, &trip, out).await?;
        let reading = Reading {
            vehicle_id: trip.vehicle_id,
            read_at: returned_at,
            km: body.odometer_km,
            kind: ReadingKind::Return,
            source_id: Some(trip.id),
            gap_reason: None,
        };
        odometer::record(tx, &reading).await?;
        let mut changed = store::changing(&trip);
        trip.odometer_end_km = Some(body.odometer_km);
        let day = office_day(departed_at);
        let norm = norms::in_force(tx.db(), trip.vehicle_id, day).await?;
        let usage = Usage {
            km: rules::km(&trip)?,
            mountain_km: body.mountain_km,
            air_conditioned_km: body.air_conditioned_km,
            idling_minutes: body.idling_minutes,
        };
        let allowed = allowed(&norm, &usage);
        trip.norm_litres_hundredths = Some(allowed.litres_hundredths);
        changed.norm_litres_hundredths = Set(Some(allowed.litres_hundredths));
        changed.norm_working = Set(Some(allowed.under(&norm, day).to_json()));
        changed.norm_id = Set(Some(norm.id));
        changed.returned_at = Set(Some(returned_at));
        changed.odometer_end_km = Set(Some(body.odometer_km));
        changed.mountain_km = Set(Some(body.mountain_km));
        changed.air_conditioned_km = Set(Some(body.air_conditioned_km));
        changed.idling_minutes = Set(Some(body.idling_minutes));
        sharing::divide(tx, &trip, None).await?;
        holds::end_at(tx, trip.id, returned_at).await?;
        carriage::move_on(tx, &trip, "complete", BookingStatus::Completed).await?;
        Reply::ok(&advance(tx, call, &trip, changed, step, &[], None).await?)
    })
    .await
}

/// The trip log is right; km and litres are shared out.
///
/// # Errors
/// 404, 412, 403 `four_eyes`, 409, 422, in this order.
pub async fn verify(call: &Call, id: Uuid, body: &TripVerifyIn) -> ApiResult<Reply<TripOut>> {
    let step = workflow::step(STEPS, "verify")?;
    call.write(async |tx| {
        let trip = open(tx, call, id, step).await?;
        sharing::divide(tx, &trip, body.shares.as_deref()).await?;
        let mut changed = store::changing(&trip);
        changed.verified_by_id = Set(Some(call.staff_id()?));
        Reply::ok(&advance(tx, call, &trip, changed, step, &[], None).await?)
    })
    .await
}

/// The trip will not take place.
///
/// # Errors
/// 404, 412, 403, 409, 422, in this order.
pub async fn void(call: &Call, id: Uuid, reason: Option<&str>) -> ApiResult<Reply<TripOut>> {
    let step = workflow::step(STEPS, "void")?;
    call.write(async |tx| {
        let trip = open(tx, call, id, step).await?;
        let reason = workflow::reason_for(step, reason)?;
        let mut changed = store::changing(&trip);
        changed.decision_reason = Set(reason.map(str::to_owned));
        holds::free(tx, trip.id).await?;
        let mut bookings = Vec::new();
        if trip.status == TripStatus::Issued {
            let rows = store::carried(tx.db(), trip.id).await?;
            let ids: Vec<Uuid> = rows.iter().map(|row| row.booking_id).collect();
            bookings = store::lock_bookings(tx, &ids).await?;
            carriage::put_down(tx, trip.id).await?;
            carriage::release(tx, &bookings).await?;
        }
        let shown = advance(tx, call, &trip, changed, step, &[], reason).await?;
        // Nobody was told of a plan.
        if trip.status == TripStatus::Issued {
            let news = News {
                kind: NotificationKind::TripVoided,
                trip_id: trip.id,
                number: trip.number.as_deref(),
                version: shown.version,
                starts_at: trip.starts_at,
            };
            told::all(tx, call.caller.staff_id, news, &[trip.driver_id], bookings.iter()).await?;
        }
        Reply::ok(&shown)
    })
    .await
}

/// Writes the step and shows the trip. `bookings` names them where the event belongs to their board.
async fn advance(
    tx: &Tx,
    call: &Call,
    trip: &Model,
    mut changed: ActiveModel,
    step: TripStep,
    bookings: &[Booking],
    reason: Option<&str>,
) -> ApiResult<TripOut> {
    changed.status = Set(step.to);
    changed.waiting_since = Set(tx.now);
    let board_id = match bookings.first() {
        Some(booking) => Some(booking.board_id),
        None => store::carried(tx.db(), trip.id).await?.first().map(|row| row.board_id),
    };
    let mut event = store::event(step.verb, trip, trip.version + 1, board_id);
    event = event.step(&trip.status, &step.to).because(reason);
    if !bookings.is_empty() {
        // Not the bookings: other boards' ids have no place in a history that each of them reads.
        event = event.with(json!({
            "vehicle_id": changed.vehicle_id.as_ref(), "driver_id": changed.driver_id.as_ref(),
            "starts_at": changed.starts_at.as_ref(), "ends_at": changed.ends_at.as_ref(),
        }));
    }
    let saved = store::save(tx, trip, changed, event).await?;
    view::out(tx.db(), call, saved).await
}

/// Readings of one car come one after another.
async fn lock_car(tx: &Tx, trip: &Model) -> ApiResult<()> {
    vehicles::Entity::find_by_id(trip.vehicle_id).lock(ROW_LOCK).one(tx.db()).await?;
    drivers::Entity::find_by_id(trip.driver_id).lock(ROW_LOCK).one(tx.db()).await?;
    Ok(())
}

/// Car and driver are on one trip at a time.
async fn refuse_elsewhere(tx: &Tx, trip: &Model, out: Period) -> ApiResult<()> {
    let Some(other) = carriage::out_meanwhile(tx, trip, out).await? else { return Ok(()) };
    let number = other.number.unwrap_or_default();
    let detail = match other.status {
        TripStatus::Departed => text(
            format!("Xe hoặc lái xe còn ở chuyến {number}; hãy hoàn thành chuyến đó trước."),
            format!("The car or the driver is still out on {number}; complete that trip first."),
        ),
        _ => text(
            format!("Lúc đó xe hoặc lái xe đang ở chuyến {number}; hãy xem lại giờ đi, giờ về."),
            format!("The car or the driver was out on {number} then; check the times of both trips."),
        ),
    };
    Err(ApiError::new(Code::StateConflict, detail))
}

fn out_of_range(field: &str, vi: &str, en: &str) -> ApiError {
    ApiError::invalid(vec![FieldError::body(
        field,
        "out_of_range",
        text(format!("phải {vi}"), format!("must be {en}")),
    )])
}
