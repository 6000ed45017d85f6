//! The bookings follow their trip.

use entity::holds::HolderKind;
use entity::notifications::NotificationKind;
use entity::trips::{Column as TripColumn, Entity as Trips, Model as Trip, TripStatus};
use entity::vehicle_bookings::{BookingStatus, Entity as Bookings, Model as Booking};
use entity::{trip_bookings, vehicle_bookings};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set};
use serde_json::json;
use uuid::Uuid;

use crate::bookings::{steps, store as bookings};
use crate::error::{ApiError, ApiResult};
use crate::trips::store;
use crate::trips::told::{self, News};
use crate::vehicles::holds;
use crate::vehicles::period::Period;
use crate::write::{Event, ROW_LOCK, Tx};

/// The trip that carries a booking out, locked before the booking is, as the trip's own steps do it; in the other
/// order a cancellation and a departure could wait for each other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_trip_of(tx: &Tx, booking_id: Uuid) -> ApiResult<Option<Trip>> {
    let booking = Bookings::find_by_id(booking_id).one(tx.db()).await?;
    let Some(trip_id) = booking.and_then(|booking| booking.trip_id) else { return Ok(None) };
    Ok(Trips::find_by_id(trip_id).lock(ROW_LOCK).one(tx.db()).await?)
}

/// Refuses to go on where a booking changed its trip between the look and the lock; the transaction runs again.
///
/// # Errors
/// 503 that nobody sees unless it happens five times.
pub fn still_on(trip: Option<&Trip>, booking: &Booking) -> ApiResult<()> {
    if booking.trip_id == trip.map(|trip| trip.id) { Ok(()) } else { Err(ApiError::look_again()) }
}

/// Puts the bookings on an issued trip: what they hold themselves is given back, the trip holds it for them.
///
/// # Errors
/// 409 where another trip took one of them.
pub async fn schedule(tx: &Tx, trip: &Trip, bookings: &[Booking]) -> ApiResult<()> {
    for booking in bookings.iter().filter(|booking| booking.trip_id != Some(trip.id)) {
        holds::free(tx, booking.id).await?;
        follow(tx, booking, "schedule", BookingStatus::Scheduled, Some(trip.id)).await?;
    }
    trip_bookings::Entity::update_many()
        .col_expr(trip_bookings::Column::CarriedBookingId, Expr::col(trip_bookings::Column::BookingId))
        .filter(trip_bookings::Column::TripId.eq(trip.id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Takes bookings off a trip: they are approved again, and have their named car again where it is still free.
///
/// # Errors
/// When the database does not answer.
pub async fn release(tx: &Tx, bookings: &[Booking]) -> ApiResult<()> {
    for booking in bookings {
        let saved = follow(tx, booking, "unschedule", BookingStatus::Approved, None).await?;
        if let Some(wanted) = steps::wanted(&saved) {
            debug_assert_eq!(wanted.holder.kind, HolderKind::Booking);
            holds::take_if_free(tx, &wanted).await?;
        }
    }
    Ok(())
}

/// The rows of a void trip stay as its record, but carry nothing out any more.
///
/// # Errors
/// When the database does not answer.
pub async fn put_down(tx: &Tx, trip_id: Uuid) -> ApiResult<()> {
    trip_bookings::Entity::update_many()
        .col_expr(trip_bookings::Column::CarriedBookingId, Expr::value(Option::<Uuid>::None))
        .filter(trip_bookings::Column::TripId.eq(trip_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Moves the trip's bookings along with it.
///
/// # Errors
/// When the database does not answer.
pub async fn move_on(tx: &Tx, trip: &Trip, verb: &str, to: BookingStatus) -> ApiResult<()> {
    let ids: Vec<Uuid> = store::carried(tx.db(), trip.id).await?.iter().map(|row| row.booking_id).collect();
    for booking in store::lock_bookings(tx, &ids).await? {
        follow(tx, &booking, verb, to, Some(trip.id)).await?;
    }
    Ok(())
}

/// Frees the seat of a cancelled booking. A trip that carries nothing any more is void.
///
/// # Errors
/// When the database does not answer.
pub async fn drop_booking(tx: &Tx, trip: Trip, booking_id: Uuid) -> ApiResult<()> {
    trip_bookings::Entity::delete_many()
        .filter(trip_bookings::Column::TripId.eq(trip.id))
        .filter(trip_bookings::Column::BookingId.eq(booking_id))
        .exec(tx.db())
        .await?;
    let left = store::carried(tx.db(), trip.id).await?;
    let mut changed = trip.clone().into_active_model();
    let board_id = left.first().map(|row| row.board_id);
    let event = store::event("drop-booking", &trip, trip.version + 1, board_id);
    if let Some(board_id) = board_id {
        holds::pass_to_board(tx, trip.id, board_id).await?;
        return store::save(tx, &trip, changed, event).await.map(drop);
    }
    let reason = "Đăng ký cuối cùng của chuyến đã bị hủy";
    changed.status = Set(TripStatus::Void);
    changed.waiting_since = Set(tx.now);
    changed.decision_reason = Set(Some(reason.to_owned()));
    holds::free(tx, trip.id).await?;
    let event = event.step(&trip.status, &TripStatus::Void).because(Some(reason));
    let saved = store::save(tx, &trip, changed, event).await?;
    let news = News {
        kind: NotificationKind::TripVoided,
        trip_id: saved.id,
        number: saved.number.as_deref(),
        version: saved.version,
        starts_at: saved.starts_at,
    };
    told::all(tx, None, news, &[saved.driver_id], std::iter::empty()).await
}

async fn follow(
    tx: &Tx,
    booking: &Booking,
    verb: &str,
    to: BookingStatus,
    trip_id: Option<Uuid>,
) -> ApiResult<Booking> {
    let mut changed: vehicle_bookings::ActiveModel = booking.clone().into_active_model();
    changed.status = Set(to);
    changed.trip_id = Set(trip_id);
    changed.waiting_since = Set(tx.now);
    let event = Event::new(verb, bookings::TYPE, booking.id, booking.version + 1)
        .of_board(booking.board_id)
        .step(&booking.status, &to)
        .with(json!({"trip_id": trip_id.or(booking.trip_id)}));
    bookings::save(tx, booking, changed, event).await
}

/// Another trip on which the car or the driver was in this time, or still is. Logs may be kept late, but nobody was
/// in two places at once.
///
/// # Errors
/// When the database does not answer.
pub async fn out_meanwhile(tx: &Tx, trip: &Trip, out: Period) -> ApiResult<Option<Trip>> {
    let same = Condition::any()
        .add(TripColumn::VehicleId.eq(trip.vehicle_id))
        .add(TripColumn::DriverId.eq(trip.driver_id));
    let then = Condition::any()
        .add(TripColumn::Status.eq(TripStatus::Departed))
        .add(out.overlaps(TripColumn::DepartedAt, TripColumn::ReturnedAt));
    let others = Trips::find().filter(TripColumn::Id.ne(trip.id)).filter(same).filter(then);
    Ok(others.one(tx.db()).await?)
}
