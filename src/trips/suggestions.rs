//! Who could come along: open bookings whose route and time fit a planned trip.

use std::cmp::Reverse;

use chrono::TimeDelta;
use entity::trips::{Model as Trip, TripStatus};
use entity::vehicle_bookings::{self, BookingStatus, Column, Model as Booking};
use entity::vehicles;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::text::search_key;
use crate::trips::json::{BookingSuggestion, BookingSuggestions};
use crate::trips::store;

/// So many bookings are looked at, those that begin first.
const LOOKED_AT: u64 = 200;

/// So many are named.
const NAMED: usize = 50;

/// Open bookings that begin and end within the trip's time, stretched by the slack on both sides, and whose passengers
/// find a seat. Those that go the same way and stretch the trip least come first.
///
/// A trip that has departed or is void takes nobody along any more.
///
/// # Errors
/// When the database does not answer.
pub async fn of(call: &Call, trip: &Trip, slack: TimeDelta) -> ApiResult<BookingSuggestions> {
    if !matches!(trip.status, TripStatus::Planned | TripStatus::Issued) {
        return Ok(BookingSuggestions { trip_id: trip.id, free_seats: 0, items: Vec::new() });
    }
    let db = call.db();
    let carried = store::carried(db, trip.id).await?;
    let taken: i64 = carried.iter().map(|row| row.passenger_count).sum();
    let seats = vehicles::Entity::find_by_id(trip.vehicle_id).one(db).await?.map_or(0, |car| car.seats);
    let free_seats = (seats - taken).max(0);
    let open = vehicle_bookings::Entity::find()
        .filter(Column::Status.eq(BookingStatus::Approved))
        .filter(Column::StartsAt.gte(trip.starts_at - slack))
        .filter(Column::StartsAt.lt(trip.ends_at))
        .filter(Column::EndsAt.lte(trip.ends_at + slack))
        .filter(Column::PassengerCount.lte(free_seats))
        .filter(Column::Id.is_not_in(carried.iter().map(|row| row.booking_id)))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .limit(LOOKED_AT)
        .all(db)
        .await?;
    let ids = carried.iter().map(|row| row.booking_id);
    let own = vehicle_bookings::Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    let mut items: Vec<BookingSuggestion> =
        open.into_iter().map(|booking| suggestion(trip, &own, booking)).collect();
    items.sort_by_key(|item| (Reverse(item.same_way), item.stretch_minutes, item.starts_at, item.booking_id));
    items.truncate(NAMED);
    Ok(BookingSuggestions { trip_id: trip.id, free_seats, items })
}

fn suggestion(trip: &Trip, own: &[Booking], booking: Booking) -> BookingSuggestion {
    let place = search_key(&booking.destination);
    let same_way = search_key(&trip.route).contains(&place)
        || own.iter().any(|other| search_key(&other.destination) == place);
    let before = (trip.starts_at - booking.starts_at).num_minutes().max(0);
    let after = (booking.ends_at - trip.ends_at).num_minutes().max(0);
    BookingSuggestion {
        booking_id: booking.id,
        number: booking.number,
        board_id: booking.board_id,
        passenger_count: booking.passenger_count,
        pick_up_place: booking.pick_up_place,
        destination: booking.destination,
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
        same_way,
        stretch_minutes: before + after,
    }
}
