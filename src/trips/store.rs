//! Every query about trips. Finders take the asker: what lies outside their reach does not exist for them.

use entity::trips::{ActiveModel, Column, Entity, Model, TripStatus};
use entity::{drivers, trip_bookings, vehicle_bookings, vehicles};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, FieldError};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::trips::dispatch::Plan;
use crate::trips::json::{TripFilter, TripIn, TripPatch, TripSort};
use crate::vehicles::period::{Period, storable};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "trip";

/// The trips that carry a booking of these boards, for a condition on the trip's id.
fn carrying(condition: Condition) -> SelectStatement {
    Query::select()
        .column(trip_bookings::Column::TripId)
        .from(trip_bookings::Entity)
        .cond_where(condition)
        .to_owned()
}

/// The trips that the caller may see: all, or those that carry a booking of their boards, and their own drives.
fn within(call: &Call) -> Select<Entity> {
    let boards = match call.reach(Action::ReadTrips) {
        Reach::Office => return Entity::find(),
        Reach::Boards(boards) => boards,
        Reach::None => return Entity::find().filter(Expr::value(false)),
    };
    let carried = carrying(Condition::all().add(trip_bookings::Column::BoardId.is_in(boards)));
    let mine = Query::select()
        .column(drivers::Column::Id)
        .from(drivers::Entity)
        .and_where(drivers::Column::StaffId.eq(call.caller.driver_in_any_board().unwrap_or_default()))
        .to_owned();
    let visible =
        Condition::any().add(Column::Id.in_subquery(carried)).add(Column::DriverId.in_subquery(mine));
    Entity::find().filter(visible)
}

pub fn select(call: &Call, filter: &TripFilter) -> Select<Entity> {
    use trip_bookings::Column as Carried;
    let mut select = within(call);
    for (column, id) in [(Column::VehicleId, filter.vehicle_id), (Column::DriverId, filter.driver_id)] {
        if let Some(id) = id {
            select = select.filter(column.eq(id));
        }
    }
    // A board outside the caller's reach must not be asked for by its trips.
    let reach = call.reach(Action::ReadTrips);
    for (column, id) in [(Carried::BoardId, filter.board_id), (Carried::BookingId, filter.booking_id)] {
        if let Some(id) = id {
            let mut condition = Condition::all().add(column.eq(id));
            if let Reach::Boards(boards) = &reach {
                condition = condition.add(Carried::BoardId.is_in(boards.iter().copied()));
            }
            select = select.filter(Column::Id.in_subquery(carrying(condition)));
        }
    }
    if let Some(statuses) = &filter.status {
        select = select.filter(Column::Status.is_in(statuses.iter().copied()));
    }
    if let Some(at) = filter.starts_at_from {
        select = select.filter(Column::StartsAt.gte(at));
    }
    if let Some(at) = filter.starts_at_before {
        select = select.filter(Column::StartsAt.lt(at));
    }
    if let Some(query) = &filter.q {
        // Route and note may hold other boards' places, which a search must not give away.
        let found = match reach {
            Reach::Office => Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))),
            _ => Column::Number.contains(query.to_uppercase()),
        };
        select = select.filter(found);
    }
    select
}

pub fn order(sort: Option<TripSort>) -> Order<Entity> {
    let descending = matches!(sort.unwrap_or_default(), TripSort::StartsAtDescending);
    Order { column: Column::StartsAt, descending }
}

/// # Errors
/// 404, also for trips that carry nothing of the caller's boards.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    within(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let trip = within(call).filter(Column::Id.eq(id)).lock(ROW_LOCK).one(tx.db()).await?;
    trip.ok_or_else(ApiError::not_found)
}

/// The rows of a trip's bookings, in the order in which they were asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn carried(db: &impl ConnectionTrait, trip_id: Uuid) -> ApiResult<Vec<trip_bookings::Model>> {
    let rows = trip_bookings::Entity::find().filter(trip_bookings::Column::TripId.eq(trip_id));
    Ok(rows.order_by_asc(trip_bookings::Column::Id).all(db).await?)
}

/// These bookings, locked until the transaction ends; always in the same order, so that two dispatchers who want
/// the same ones wait for each other and never both.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_bookings(tx: &Tx, ids: &[Uuid]) -> ApiResult<Vec<vehicle_bookings::Model>> {
    use vehicle_bookings::{Column, Entity};
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).order_by_asc(Column::Id);
    Ok(rows.lock(ROW_LOCK).all(tx.db()).await?)
}

/// A planned trip: nothing is held and nothing is promised yet.
///
/// # Errors
/// 422 with every broken rule.
pub async fn insert(tx: &Tx, body: TripIn) -> ApiResult<Model> {
    let TripIn { booking_ids, vehicle_id, driver_id, starts_at, ends_at, route, note } = body;
    let bookings = known(tx, &booking_ids, vehicle_id, driver_id).await?;
    let first = bookings.iter().map(|booking| booking.starts_at).min().unwrap_or(tx.now);
    let last = bookings.iter().map(|booking| booking.ends_at).max().unwrap_or(tx.now);
    let (starts_at, ends_at) = (starts_at.map_or(first, storable), ends_at.map_or(last, storable));
    check_period(starts_at, ends_at)?;
    let route = route.filter(|route| !route.is_empty()).unwrap_or_else(|| route_of(bookings.iter()));
    let plan = ActiveModel {
        id: Set(tx.id()),
        number: Set(None),
        vehicle_id: Set(vehicle_id),
        driver_id: Set(driver_id),
        starts_at: Set(starts_at),
        ends_at: Set(ends_at),
        search: Set(search(None, &route, note.as_deref())),
        route: Set(route),
        note: Set(note),
        status: Set(TripStatus::Planned),
        waiting_since: Set(tx.now),
        revision: Set(0),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
        ..empty_log()
    };
    let trip = plan.insert(tx.db()).await?;
    put_on(tx, trip.id, &bookings, &booking_ids).await?;
    tx.record(event("create", &trip, 1, bookings.first().map(|booking| booking.board_id))).await?;
    Ok(trip)
}

/// Nothing of the trip log is known yet.
pub fn empty_log() -> ActiveModel {
    ActiveModel {
        issued_at: Set(None),
        issued_by_id: Set(None),
        departed_at: Set(None),
        returned_at: Set(None),
        odometer_start_km: Set(None),
        odometer_end_km: Set(None),
        mountain_km: Set(None),
        air_conditioned_km: Set(None),
        idling_minutes: Set(None),
        norm_id: Set(None),
        norm_litres_hundredths: Set(None),
        norm_working: Set(None),
        verified_by_id: Set(None),
        decision_reason: Set(None),
        ..Default::default()
    }
}

/// The trip as a patch would leave it, and the bookings it would carry. Nothing is written yet.
///
/// # Errors
/// 422 with every broken rule.
pub async fn patched(
    tx: &Tx,
    trip: &Model,
    patch: &TripPatch,
) -> ApiResult<(Model, Vec<vehicle_bookings::Model>, Vec<Uuid>)> {
    let TripPatch { booking_ids, vehicle_id, driver_id, starts_at, ends_at, route, note } = patch.clone();
    let ids = match booking_ids {
        Some(ids) => ids,
        None => carried(tx.db(), trip.id).await?.iter().map(|row| row.booking_id).collect(),
    };
    let mut changed = trip.clone();
    changed.vehicle_id = vehicle_id.unwrap_or(trip.vehicle_id);
    changed.driver_id = driver_id.unwrap_or(trip.driver_id);
    changed.starts_at = starts_at.map_or(trip.starts_at, storable);
    changed.ends_at = ends_at.map_or(trip.ends_at, storable);
    changed.route = route.unwrap_or_else(|| trip.route.clone());
    changed.note = note.unwrap_or_else(|| trip.note.clone());
    check_period(changed.starts_at, changed.ends_at)?;
    let bookings = known(tx, &ids, changed.vehicle_id, changed.driver_id).await?;
    Ok((changed, bookings, ids))
}

/// Writes what [`patched`] says, the bookings included.
///
/// # Errors
/// 412 if the trip changed in between.
pub async fn replan(tx: &Tx, before: &Model, plan: &Plan, changed: &mut ActiveModel) -> ApiResult<()> {
    let Plan { trip, bookings, order } = plan;
    changed.vehicle_id = Set(trip.vehicle_id);
    changed.driver_id = Set(trip.driver_id);
    changed.starts_at = Set(trip.starts_at);
    changed.ends_at = Set(trip.ends_at);
    changed.route = Set(trip.route.clone());
    changed.note = Set(trip.note.clone());
    changed.search = Set(search(before.number.as_deref(), &trip.route, trip.note.as_deref()));
    let rows = carried(tx.db(), before.id).await?;
    // A booking that was returned and corrected since it was planned brings as many people as it says now.
    let stands = |(row, id): (&trip_bookings::Model, &Uuid)| {
        row.booking_id == *id
            && bookings.iter().any(|one| one.id == *id && one.passenger_count == row.passenger_count)
    };
    if rows.len() == order.len() && rows.iter().zip(order).all(stands) {
        return Ok(());
    }
    trip_bookings::Entity::delete_many()
        .filter(trip_bookings::Column::TripId.eq(before.id))
        .exec(tx.db())
        .await?;
    put_on(tx, before.id, bookings, order).await
}

async fn put_on(
    tx: &Tx,
    trip_id: Uuid,
    bookings: &[vehicle_bookings::Model],
    order: &[Uuid],
) -> ApiResult<()> {
    // Ids of one moment carry no order of their own, and the order of the bookings is the dispatcher's.
    let mut ids: Vec<Uuid> = order.iter().map(|_| tx.id()).collect();
    ids.sort_unstable();
    for (id, booking_id) in ids.into_iter().zip(order) {
        let Some(booking) = bookings.iter().find(|booking| booking.id == *booking_id) else { continue };
        let row = trip_bookings::ActiveModel {
            id: Set(id),
            trip_id: Set(trip_id),
            booking_id: Set(booking.id),
            board_id: Set(booking.board_id),
            passenger_count: Set(booking.passenger_count),
            share_km: Set(None),
            share_litres_hundredths: Set(None),
            carried_booking_id: Set(None),
        };
        row.insert(tx.db()).await?;
    }
    Ok(())
}

/// The bookings, where everything that is named exists.
async fn known(
    tx: &Tx,
    booking_ids: &[Uuid],
    vehicle_id: Uuid,
    driver_id: Uuid,
) -> ApiResult<Vec<vehicle_bookings::Model>> {
    let bookings = lock_bookings(tx, booking_ids).await?;
    let mut broken: Vec<FieldError> = booking_ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !bookings.iter().any(|booking| booking.id == **id))
        .map(|(index, _)| FieldError::unknown_reference(&format!("booking_ids/{index}")))
        .collect();
    if vehicles::Entity::find_by_id(vehicle_id).one(tx.db()).await?.is_none() {
        broken.push(FieldError::unknown_reference("vehicle_id"));
    }
    if drivers::Entity::find_by_id(driver_id).one(tx.db()).await?.is_none() {
        broken.push(FieldError::unknown_reference("driver_id"));
    }
    if broken.is_empty() { Ok(bookings) } else { Err(ApiError::invalid(broken)) }
}

fn check_period(
    starts_at: chrono::DateTime<chrono::Utc>,
    ends_at: chrono::DateTime<chrono::Utc>,
) -> ApiResult<()> {
    use crate::bookings::rules::LONGEST;
    use crate::error::text;
    let refuse = |code, vi: &str, en: &str| Err(ApiError::rule("ends_at", code, text(vi, en)));
    match Period::new(starts_at, ends_at) {
        None => refuse("out_of_range", "phải sau starts_at", "must be after starts_at"),
        Some(period) if period.length() > LONGEST => {
            refuse("too_long", "một chuyến tối đa 31 ngày", "a trip may be at most 31 days long")
        }
        Some(_) => Ok(()),
    }
}

/// The places of the bookings, each once, in the order of their start.
pub fn route_of<'a>(bookings: impl Iterator<Item = &'a vehicle_bookings::Model>) -> String {
    let mut by_start: Vec<_> = bookings.collect();
    by_start.sort_by_key(|booking| booking.starts_at);
    let from = by_start.iter().map(|booking| booking.pick_up_place.as_str());
    let mut places: Vec<&str> = Vec::new();
    for place in from.chain(by_start.iter().map(|booking| booking.destination.as_str())) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.join(" - ").chars().take(500).collect()
}

pub fn search(number: Option<&str>, route: &str, note: Option<&str>) -> String {
    search_key(&format!("{} {route} {}", number.unwrap_or_default(), note.unwrap_or_default()))
}

/// An event of a trip. It stands under the board of its first booking; what happens to the others stands in
/// their own history.
pub fn event<'a>(action: &'a str, trip: &Model, version: i64, board_id: Option<Uuid>) -> Event<'a> {
    let event = Event::new(action, TYPE, trip.id, version);
    match board_id {
        Some(board_id) => event.of_board(board_id),
        None => event,
    }
}

/// Writes a changed trip, its next version and its event.
///
/// # Errors
/// 412 if it changed in between.
pub async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event).await?;
    Ok(saved)
}

/// The same record to be changed.
pub fn changing(trip: &Model) -> ActiveModel {
    trip.clone().into_active_model()
}
