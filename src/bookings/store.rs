//! Every query about bookings. Finders take the asker: what lies outside their reach does not exist for them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::vehicle_bookings::{ActiveModel, BookingStatus, Column, Entity, Model};
use entity::{appointments, drivers, staff, trips, vehicles};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Select, Set,
};
use uuid::Uuid;

use crate::auth::deciders::Deciders;
use crate::auth::permissions::{Action, Reach};
use crate::boards;
use crate::bookings::json::{
    BookingExpand, BookingFilter, BookingIn, BookingOut, BookingPatch, BookingRequester, BookingSort,
};
use crate::bookings::rules::{CAR_RIGHT_HUNDREDTHS, Wish};
use crate::bookings::waiting;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, FieldError};
use crate::http::call::Call;
use crate::http::page::{Order, by_id};
use crate::http::text::{contains_pattern, search_key};
use crate::vehicles::json::VehicleOut;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "vehicle_booking";

/// The bookings that the caller may see.
fn within(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadBookings) {
        Reach::Office => Entity::find(),
        Reach::Boards(boards) => Entity::find().filter(Column::BoardId.is_in(boards)),
        Reach::None => Entity::find().filter(Expr::value(false)),
    }
}

pub fn select(call: &Call, filter: &BookingFilter) -> Select<Entity> {
    let mut select = within(call);
    let equal = [
        (Column::BoardId, filter.board_id),
        (Column::RequesterId, filter.requester_id),
        (Column::VehicleId, filter.vehicle_id),
        (Column::ConferenceId, filter.conference_id),
    ];
    for (column, id) in equal {
        if let Some(id) = id {
            select = select.filter(column.eq(id));
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
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<BookingSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        BookingSort::StartsAt => (Column::StartsAt, false),
        BookingSort::StartsAtDescending => (Column::StartsAt, true),
        BookingSort::CreatedAt => (Column::CreatedAt, false),
        BookingSort::CreatedAtDescending => (Column::CreatedAt, true),
    };
    Order { column, descending }
}

/// # Errors
/// 404, also outside the caller's boards: other boards must not learn that this booking exists.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    within(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let booking = within(call).filter(Column::Id.eq(id)).lock(ROW_LOCK).one(tx.db()).await?;
    booking.ok_or_else(ApiError::not_found)
}

/// A draft of the caller.
///
/// # Errors
/// 403, or 422 with every broken rule.
pub async fn insert(tx: &Tx, call: &Call, body: &BookingIn) -> ApiResult<Model> {
    let requester_id = call.staff_id()?;
    let mut broken = Vec::new();
    if !call.reach(Action::ReadBookings).covers(body.board_id) {
        broken.push(FieldError::unknown_reference("board_id"));
    } else if let Err(error) =
        boards::store::living(tx.db(), body.board_id, office_day(tx.now), "board_id").await
    {
        broken.extend(broken_of(error)?);
    } else {
        call.may(Action::RequestCar, body.board_id)?;
    }
    let wish = Wish::from(body);
    broken.extend(check(tx, &wish, requester_id).await?);
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    write(tx, Origin { board_id: body.board_id, requester_id, conference_id: None }, wish).await
}

/// For whom a car is asked, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub board_id: Uuid,
    pub requester_id: Uuid,
    pub conference_id: Option<Uuid>,
}

/// Writes a draft whose wish was checked.
///
/// # Errors
/// When the database does not take it.
pub async fn write(tx: &Tx, origin: Origin, wish: Wish) -> ApiResult<Model> {
    let Origin { board_id, requester_id, conference_id } = origin;
    let needs_consent = !has_car_right(tx.db(), requester_id, wish.starts_at).await?;
    let mut draft = ActiveModel {
        id: Set(tx.id()),
        number: Set(tx.next_number("VB").await?),
        board_id: Set(board_id),
        requester_id: Set(requester_id),
        needs_consent: Set(needs_consent),
        status: Set(BookingStatus::Draft),
        waiting_since: Set(tx.now),
        approved_by_id: Set(None),
        trip_id: Set(None),
        conference_id: Set(conference_id),
        confirmed_by_id: Set(None),
        confirm_note: Set(None),
        stated_km: Set(None),
        stated_ends_at: Set(None),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
        ..Default::default()
    };
    fill(&mut draft, wish);
    let booking = draft.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, booking.id, 1).of_board(booking.board_id)).await?;
    Ok(booking)
}

/// The broken rules of a refusal; any other error goes on.
fn broken_of(error: ApiError) -> ApiResult<Vec<FieldError>> {
    if error.problem().errors.is_empty() { Err(error) } else { Ok(error.problem().errors.clone()) }
}

/// # Errors
/// 422 with every broken rule.
pub async fn update(tx: &Tx, booking: Model, patch: &BookingPatch) -> ApiResult<Model> {
    let wish = Wish::from(&booking).patched(patch);
    let broken = check(tx, &wish, booking.requester_id).await?;
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let needs_consent = !has_car_right(tx.db(), booking.requester_id, wish.starts_at).await?;
    let mut changed = booking.clone().into_active_model();
    changed.needs_consent = Set(needs_consent);
    fill(&mut changed, wish);
    let event = Event::new("update", TYPE, booking.id, booking.version + 1).of_board(booking.board_id);
    save(tx, &booking, changed, event).await
}

/// Everything that is wrong with a wish, as far as a draft is concerned.
///
/// # Errors
/// When the database does not answer.
pub async fn check(tx: &Tx, wish: &Wish, requester_id: Uuid) -> ApiResult<Vec<FieldError>> {
    let car = match wish.vehicle_id {
        Some(id) => vehicles::Entity::find_by_id(id).one(tx.db()).await?,
        None => None,
    };
    let mut broken = wish.broken(car.as_ref(), requester_id, tx.now);
    if wish.vehicle_id.is_some() && car.is_none() {
        broken.push(FieldError::unknown_reference("vehicle_id"));
    }
    Ok(broken)
}

fn fill(row: &mut ActiveModel, wish: Wish) {
    let number = row.number.try_as_ref().cloned().unwrap_or_default();
    let Wish {
        purpose,
        pick_up_place,
        destination,
        starts_at,
        ends_at,
        passenger_count,
        vehicle_id,
        urgent,
        urgent_reason,
    } = wish;
    row.search = Set(search(&number, &purpose, &pick_up_place, &destination));
    row.purpose = Set(purpose);
    row.pick_up_place = Set(pick_up_place);
    row.destination = Set(destination);
    row.starts_at = Set(starts_at);
    row.ends_at = Set(ends_at);
    row.passenger_count = Set(passenger_count);
    row.vehicle_id = Set(vehicle_id);
    row.urgent = Set(urgent);
    row.urgent_reason = Set(urgent_reason);
}

pub fn search(number: &str, purpose: &str, pick_up_place: &str, destination: &str) -> String {
    search_key(&format!("{number} {purpose} {pick_up_place} {destination}"))
}

/// Writes a changed booking, its next version and its event.
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

/// Whether the highest position that somebody holds on the day of the start gives a right to a car.
///
/// # Errors
/// When the database does not answer.
pub async fn has_car_right(
    db: &impl ConnectionTrait,
    staff_id: Uuid,
    starts_at: DateTime<Utc>,
) -> ApiResult<bool> {
    use appointments::Column as Appointment;
    let day = office_day(starts_at);
    let entitling = appointments::Entity::find()
        .filter(Appointment::StaffId.eq(staff_id))
        .filter(Appointment::ValidFrom.lte(day))
        .filter(Appointment::ValidTo.is_null().or(Appointment::ValidTo.gte(day)))
        .filter(Appointment::CoefficientHundredths.gte(CAR_RIGHT_HUNDREDTHS));
    Ok(entitling.one(db).await?.is_some())
}

/// A single booking as the caller sees it.
///
/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, call: &Call, booking: Model) -> ApiResult<BookingOut> {
    let mut out = outs(db, call, vec![booking], &[BookingExpand::AllowedActions]).await?;
    out.pop().ok_or_else(|| ApiError::internal("a booking got lost on its way out"))
}

/// Bookings as the caller sees them, with one query for each kind of record that is added.
///
/// # Errors
/// When the database does not answer.
pub async fn outs(
    db: &impl ConnectionTrait,
    call: &Call,
    bookings: Vec<Model>,
    expand: &[BookingExpand],
) -> ApiResult<Vec<BookingOut>> {
    let wants = |kind| expand.contains(&kind);
    let cars =
        bookings.iter().filter_map(|booking| booking.vehicle_id).filter(|_| wants(BookingExpand::Vehicle));
    let cars = by_id::<vehicles::Entity, _>(db, cars, vehicles::Column::Id).await?;
    let people =
        bookings.iter().map(|booking| booking.requester_id).filter(|_| wants(BookingExpand::Requester));
    let people = by_id::<staff::Entity, _>(db, people, staff::Column::Id).await?;
    let deciders = match wants(BookingExpand::AllowedActions) {
        true => Some(Deciders::load(db, call.today()).await?),
        false => None,
    };
    let drivers = match wants(BookingExpand::AllowedActions) {
        true => drivers_of(db, &bookings).await?,
        false => BTreeMap::new(),
    };
    let complete = |booking: Model| {
        let mut out = BookingOut::from(booking.clone());
        out.vehicle = booking.vehicle_id.and_then(|id| cars.get(&id)).cloned().map(VehicleOut::from);
        let requester = people.get(&booking.requester_id);
        out.requester =
            requester.map(|person| BookingRequester { id: person.id, full_name: person.full_name.clone() });
        if let Some(deciders) = &deciders {
            let driver = booking.trip_id.and_then(|id| drivers.get(&id)).copied();
            waiting::complete(deciders, call, &booking, driver, &mut out);
        }
        out
    };
    Ok(bookings.into_iter().map(complete).collect())
}

/// Who drives each of these bookings' trips, as members of staff, by the trip.
pub(crate) async fn drivers_of(
    db: &impl ConnectionTrait,
    bookings: &[Model],
) -> ApiResult<BTreeMap<Uuid, Uuid>> {
    let ids = bookings.iter().filter_map(|booking| booking.trip_id);
    let trips = by_id::<trips::Entity, _>(db, ids, trips::Column::Id).await?;
    let ids = trips.values().map(|trip| trip.driver_id);
    let drivers = by_id::<drivers::Entity, _>(db, ids, drivers::Column::Id).await?;
    let staff = |driver_id| drivers.get(&driver_id).map(|driver| driver.staff_id);
    Ok(trips.values().filter_map(|trip| Some((trip.id, staff(trip.driver_id)?))).collect())
}
