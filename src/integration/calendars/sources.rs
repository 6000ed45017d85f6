//! What stands in a calendar: one function for each kind of record, each with the time of one car, driver or person in
//! the window. They ask as the owner of the feed, so a calendar never tells more than its owner may read.

use chrono::{DateTime, TimeDelta, Utc};
use entity::vehicle_bookings::{self, BookingStatus};
use entity::{audit_events, conference_tasks, conferences, driver_absences, trips, vehicle_downtimes};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::bookings::json::BookingFilter;
use crate::error::{ApiResult, text};
use crate::http::call::Call;
use crate::integration::calendars::ics::{Item, Standing};
use crate::integration::calendars::subject::Subject;
use crate::trips::json::TripFilter;
use crate::vehicles::downtimes;
use crate::vehicles::drivers::absences;
use crate::{bookings, conferences as conference_feature, trips as trip_feature};

/// A source gives at most this many items, the latest ones: a calendar has an end.
const MOST: u64 = 1000;

/// How far back and how far ahead a calendar goes.
const BACK: TimeDelta = TimeDelta::days(90);
const AHEAD: TimeDelta = TimeDelta::days(400);

/// What ends after its beginning and starts before its end is shown.
struct Window {
    from: DateTime<Utc>,
    before: DateTime<Utc>,
}

/// All items of a calendar. `call` asks as the owner of the feed.
///
/// # Errors
/// When the database does not answer.
pub async fn items(call: &Call, subject: &Subject) -> ApiResult<Vec<Item>> {
    let window = Window { from: call.now() - BACK, before: call.now() + AHEAD };
    let mut items = Vec::new();
    match subject {
        Subject::Vehicle(car) => {
            items.extend(trips_of(call, trips::Column::VehicleId.eq(car.id), &window).await?);
            items.extend(bookings_of_car(call, car.id, &window).await?);
            items.extend(downtimes_of(call, car.id, &window).await?);
            items.extend(deleted(call, downtimes::TYPE, car.id, &window).await?);
        }
        Subject::Driver(driver, _) => {
            items.extend(trips_of(call, trips::Column::DriverId.eq(driver.id), &window).await?);
            items.extend(absences_of(call, driver.id, &window).await?);
            items.extend(deleted(call, absences::TYPE, driver.id, &window).await?);
        }
        Subject::Person(person) => {
            items.extend(bookings_of_person(call, person.id, &window).await?);
            items.extend(conferences_of(call, person.id, &window).await?);
            items.extend(tasks_of(call, person.id, &window).await?);
        }
    }
    Ok(items)
}

/// The trips of a car or a driver, from their order on.
async fn trips_of(call: &Call, whose: SimpleExpr, window: &Window) -> ApiResult<Vec<Item>> {
    use trips::{Column, TripStatus};
    if call.reach(Action::ReadTrips).is_empty() {
        return Ok(Vec::new());
    }
    let rows = trip_feature::store::select(call, &TripFilter::default())
        .filter(whose)
        .filter(Column::Number.is_not_null())
        .filter(Column::EndsAt.gt(window.from))
        .filter(Column::StartsAt.lt(window.before))
        .order_by_desc(Column::StartsAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let item = |row: trips::Model| Item {
        id: row.id,
        version: row.version,
        changed_at: row.updated_at,
        starts_at: row.departed_at.unwrap_or(row.starts_at),
        ends_at: Some(row.returned_at.unwrap_or(row.ends_at)),
        standing: if row.status == TripStatus::Void { Standing::Cancelled } else { Standing::Confirmed },
        summary: format!("{} {}", row.number.unwrap_or_default(), row.route),
        place: Some(row.route),
        description: row.note,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// The bookings that name a car. One that is part of a trip shows as the trip.
async fn bookings_of_car(call: &Call, car: Uuid, window: &Window) -> ApiResult<Vec<Item>> {
    use vehicle_bookings::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::VehicleId.eq(car))
        .filter(Column::TripId.is_null())
        .filter(Column::Status.ne(BookingStatus::Draft))
        .filter(Column::EndsAt.gt(window.from))
        .filter(Column::StartsAt.lt(window.before))
        .order_by_desc(Column::StartsAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let reach = call.reach(Action::ReadBookings);
    Ok(rows.into_iter().map(|row| booking(call, &reach, row)).collect())
}

/// What somebody asked for, in the boards whose bookings they may read today.
async fn bookings_of_person(call: &Call, person: Uuid, window: &Window) -> ApiResult<Vec<Item>> {
    use vehicle_bookings::Column;
    let own = BookingFilter { requester_id: Some(person), ..BookingFilter::default() };
    let rows = bookings::store::select(call, &own)
        .filter(Column::Status.ne(BookingStatus::Draft))
        .filter(Column::EndsAt.gt(window.from))
        .filter(Column::StartsAt.lt(window.before))
        .order_by_desc(Column::StartsAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let reach = call.reach(Action::ReadBookings);
    Ok(rows.into_iter().map(|row| booking(call, &reach, row)).collect())
}

/// Outside the reader's boards a booking tells that the car is taken, and not for what.
fn booking(call: &Call, reach: &Reach, row: vehicle_bookings::Model) -> Item {
    let standing = match row.status {
        BookingStatus::Draft | BookingStatus::Submitted => Standing::Tentative,
        BookingStatus::Approved
        | BookingStatus::Scheduled
        | BookingStatus::InProgress
        | BookingStatus::Completed
        | BookingStatus::Closed => Standing::Confirmed,
        BookingStatus::Returned
        | BookingStatus::Rejected
        | BookingStatus::Cancelled
        | BookingStatus::Expired => Standing::Cancelled,
    };
    let item = Item {
        id: row.id,
        version: row.version,
        changed_at: row.updated_at,
        starts_at: row.starts_at,
        ends_at: Some(row.ends_at),
        standing,
        summary: text("Xe đã được giữ", "The car is taken").get(call.language).to_owned(),
        place: None,
        description: None,
    };
    if !reach.covers(row.board_id) {
        return item;
    }
    let people = text(
        format!("{} người, từ {}", row.passenger_count, row.pick_up_place),
        format!("{} passengers, from {}", row.passenger_count, row.pick_up_place),
    );
    Item {
        summary: row.purpose,
        place: Some(row.destination),
        description: Some(format!("{}\n{}", row.number, people.get(call.language))),
        ..item
    }
}

async fn downtimes_of(call: &Call, car: Uuid, window: &Window) -> ApiResult<Vec<Item>> {
    use vehicle_downtimes::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::VehicleId.eq(car))
        .filter(Column::EndsAt.gt(window.from))
        .filter(Column::StartsAt.lt(window.before))
        .order_by_desc(Column::StartsAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let item = |row: vehicle_downtimes::Model| Item {
        id: row.id,
        version: row.version,
        changed_at: row.updated_at,
        starts_at: row.starts_at,
        ends_at: Some(row.ends_at),
        standing: Standing::Confirmed,
        summary: row.reason,
        place: None,
        description: None,
    };
    Ok(rows.into_iter().map(item).collect())
}

async fn absences_of(call: &Call, driver: Uuid, window: &Window) -> ApiResult<Vec<Item>> {
    use driver_absences::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::DriverId.eq(driver))
        .filter(Column::EndsAt.gt(window.from))
        .filter(Column::StartsAt.lt(window.before))
        .order_by_desc(Column::StartsAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let item = |row: driver_absences::Model| Item {
        id: row.id,
        version: row.version,
        changed_at: row.updated_at,
        starts_at: row.starts_at,
        ends_at: Some(row.ends_at),
        standing: Standing::Confirmed,
        summary: row.reason,
        place: None,
        description: None,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// What a downtime or an absence was when it was deleted.
#[derive(Deserialize)]
struct Gone {
    #[serde(alias = "vehicle_id", alias = "driver_id")]
    subject_id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    reason: String,
}

/// Downtimes and absences that were deleted, as their history tells of them.
async fn deleted(call: &Call, kind: &str, subject: Uuid, window: &Window) -> ApiResult<Vec<Item>> {
    use audit_events::{Column, Entity};
    let events = Entity::find()
        // Spelled out, not as a value: only so do the databases see that their index on deletions holds all.
        .filter(Expr::cust("action = 'delete'"))
        .filter(Column::ResourceType.eq(kind))
        .filter(Column::OccurredAt.gt(window.from - AHEAD))
        .order_by_desc(Column::OccurredAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let item = |event: audit_events::Model| {
        let gone: Gone = serde_json::from_value(event.details?).ok()?;
        let shown =
            gone.subject_id == subject && gone.ends_at > window.from && gone.starts_at < window.before;
        shown.then_some(Item {
            id: event.resource_id,
            version: event.version,
            changed_at: event.occurred_at,
            starts_at: gone.starts_at,
            ends_at: Some(gone.ends_at),
            standing: Standing::Cancelled,
            summary: gone.reason,
            place: None,
            description: None,
        })
    };
    Ok(events.into_iter().filter_map(item).collect())
}

/// The conferences that somebody coordinates.
async fn conferences_of(call: &Call, person: Uuid, window: &Window) -> ApiResult<Vec<Item>> {
    use conferences::{Column, Entity};
    if call.reach(Action::ReadConferences).is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(conference_feature::store::visible(call))
        .filter(Column::CoordinatorId.eq(person))
        .filter(Column::EndsAt.gt(window.from))
        .filter(Column::StartsAt.lt(window.before))
        .order_by_desc(Column::StartsAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let item = |row: conferences::Model| Item {
        id: row.id,
        version: row.version,
        changed_at: row.updated_at,
        starts_at: row.starts_at,
        ends_at: Some(row.ends_at),
        standing: Standing::Confirmed,
        summary: row.name,
        place: Some(row.place),
        description: Some(row.number),
    };
    Ok(rows.into_iter().map(item).collect())
}

/// When the tasks are due that somebody leads.
async fn tasks_of(call: &Call, person: Uuid, window: &Window) -> ApiResult<Vec<Item>> {
    use conference_tasks::{Column, Entity, TaskStatus};
    if call.reach(Action::ReadConferences).is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(conference_feature::store::visible_tasks(call))
        .filter(Column::LeadId.eq(person))
        .filter(Column::DueAt.gt(window.from))
        .filter(Column::DueAt.lt(window.before))
        .order_by_desc(Column::DueAt)
        .limit(MOST)
        .all(call.db())
        .await?;
    let item = |row: conference_tasks::Model| {
        let due = text(format!("Hạn: {}", row.title), format!("Due: {}", row.title));
        let cancelled = row.status == TaskStatus::Cancelled;
        Item {
            id: row.id,
            version: row.version,
            changed_at: row.updated_at,
            starts_at: row.due_at,
            ends_at: None,
            standing: if cancelled { Standing::Cancelled } else { Standing::Confirmed },
            summary: due.get(call.language).to_owned(),
            place: None,
            description: Some(format!("{}\n{}", row.number, row.deliverable)),
        }
    };
    Ok(rows.into_iter().map(item).collect())
}
