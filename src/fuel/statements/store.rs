//! Every query about fuel statements.

use chrono::NaiveDate;
use entity::fuel_statements::{ActiveModel, Column, Entity, FuelStatementStatus, Model};
use entity::trips::{self, TripStatus};
use entity::vehicles::Model as Vehicle;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use uuid::Uuid;

use FuelStatementStatus::{Closed, Draft};

use crate::auth::permissions::{Action, Reach};
use crate::clock::office_midnight;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::fuel::plate;
use crate::fuel::statements::json::{FuelStatementFilter, FuelStatementSort};
use crate::fuel::statements::rules::{month, month_of, month_text, next_month};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::vehicles::store as vehicles;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "fuel_statement";

/// Statements are the office's: one is about all boards that used a car. Boards see their claims.
fn within(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadFuelStatements) {
        Reach::Office => Entity::find(),
        _ => Entity::find().filter(Expr::value(false)),
    }
}

pub fn select(call: &Call, filter: &FuelStatementFilter) -> Select<Entity> {
    let mut select = within(call);
    if let Some(vehicle_id) = filter.vehicle_id {
        select = select.filter(Column::VehicleId.eq(vehicle_id));
    }
    if let Some(first_day) = filter.month.as_deref().and_then(month) {
        select = select.filter(Column::Month.eq(first_day));
    }
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(status.iter().copied()));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<FuelStatementSort>) -> Order<Entity> {
    let descending = matches!(sort.unwrap_or_default(), FuelStatementSort::MonthDescending);
    Order { column: Column::Month, descending }
}

/// # Errors
/// 404, the same outside the caller's reach.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    within(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The statement and its car, locked until the transaction ends: the car first, as everything does that changes
/// its refuels and trips.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<(Model, Vehicle)> {
    let seen = find(tx.db(), call, id).await?;
    let car = vehicles::find_for_update(tx, seen.vehicle_id).await?;
    let statement = Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?;
    Ok((statement.ok_or_else(ApiError::not_found)?, car))
}

fn of_vehicle(vehicle_id: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::VehicleId.eq(vehicle_id))
}

/// The last closed statement before a month: the tank goes on from it.
///
/// # Errors
/// When the database does not answer.
pub async fn closed_before(
    db: &impl ConnectionTrait,
    vehicle_id: Uuid,
    month: NaiveDate,
) -> ApiResult<Option<Model>> {
    let before = of_vehicle(vehicle_id).filter(Column::Month.lt(month)).filter(Column::Status.eq(Closed));
    Ok(before.order_by_desc(Column::Month).one(db).await?)
}

/// # Errors
/// 409 where a later month is closed already: its tank goes on from what is there now.
pub async fn refuse_closed_after(tx: &Tx, vehicle_id: Uuid, month: NaiveDate) -> ApiResult<()> {
    let after = of_vehicle(vehicle_id).filter(Column::Month.gt(month)).filter(Column::Status.eq(Closed));
    match after.order_by_asc(Column::Month).one(tx.db()).await? {
        None => Ok(()),
        Some(later) => {
            let later = month_text(later.month);
            Err(conflict(
                format!("Bảng kê tháng {later} của xe đã khóa; hãy mở lại bảng kê đó trước."),
                format!("The car's statement of {later} is closed; reopen that one first."),
            ))
        }
    }
}

/// # Errors
/// 409 where an earlier month is still a draft: the tank would have to go on from it.
pub async fn refuse_draft_before(tx: &Tx, vehicle_id: Uuid, month: NaiveDate) -> ApiResult<()> {
    let before = of_vehicle(vehicle_id).filter(Column::Month.lt(month)).filter(Column::Status.eq(Draft));
    match before.order_by_asc(Column::Month).one(tx.db()).await? {
        None => Ok(()),
        Some(earlier) => {
            let earlier = month_text(earlier.month);
            Err(conflict(
                format!("Bảng kê tháng {earlier} của xe chưa khóa; hãy khóa bảng kê đó trước."),
                format!("The car's statement of {earlier} is not closed; close that one first."),
            ))
        }
    }
}

/// # Errors
/// 409 with the numbers of trips of the month that are not completed.
pub async fn refuse_open_trips(tx: &Tx, vehicle_id: Uuid, month: NaiveDate) -> ApiResult<()> {
    use trips::Column;
    let (from, before) = (office_midnight(month), office_midnight(next_month(month)));
    let departed = Condition::all()
        .add(Column::Status.eq(TripStatus::Departed))
        .add(Column::DepartedAt.gte(from))
        .add(Column::DepartedAt.lt(before));
    let issued = Condition::all()
        .add(Column::Status.eq(TripStatus::Issued))
        .add(Column::StartsAt.gte(from))
        .add(Column::StartsAt.lt(before));
    let open = trips::Entity::find()
        .filter(Column::VehicleId.eq(vehicle_id))
        .filter(Condition::any().add(departed).add(issued))
        .order_by_asc(Column::StartsAt)
        .limit(5)
        .all(tx.db())
        .await?;
    if open.is_empty() {
        return Ok(());
    }
    let numbers: Vec<String> = open.into_iter().filter_map(|trip| trip.number).collect();
    let numbers = numbers.join(", ");
    Err(conflict(
        format!("Chuyến trong tháng chưa hoàn thành: {numbers}."),
        format!("Trips of the month are not completed: {numbers}."),
    ))
}

/// Whatever changes a car's fuel in a month asks here first; the car must be locked.
///
/// # Errors
/// 409 where the statement of the day's month is closed.
pub async fn refuse_closed(db: &impl ConnectionTrait, vehicle_id: Uuid, day: NaiveDate) -> ApiResult<()> {
    let of_month = of_vehicle(vehicle_id).filter(Column::Month.eq(month_of(day)));
    match of_month.filter(Column::Status.eq(Closed)).one(db).await? {
        None => Ok(()),
        Some(closed) => Err(conflict(
            format!("Bảng kê nhiên liệu {} đã khóa; hãy mở lại trước.", closed.number),
            format!("The fuel statement {} is closed; reopen it first.", closed.number),
        )),
    }
}

fn conflict(vi: String, en: String) -> ApiError {
    ApiError::new(Code::StateConflict, text(vi, en))
}

/// A statement as it is first written.
pub struct NewStatement {
    pub month: NaiveDate,
    pub opening_tank_hundredths: i64,
    pub closing_tank_hundredths: Option<i64>,
    pub explanation: Option<String>,
}

/// # Errors
/// 409 `duplicate` where the car has a statement of the month.
pub async fn insert(tx: &Tx, car: &Vehicle, new: NewStatement) -> ApiResult<Model> {
    let NewStatement { month, opening_tank_hundredths, closing_tank_hundredths, explanation } = new;
    let number = tx.next_number("FS").await?;
    let statement = ActiveModel {
        id: Set(tx.id()),
        search: Set(search_key(&format!("{number} {} {}", car.plate, plate(car)))),
        number: Set(number),
        vehicle_id: Set(car.id),
        month: Set(month),
        opening_tank_hundredths: Set(opening_tank_hundredths),
        closing_tank_hundredths: Set(closing_tank_hundredths),
        explanation: Set(explanation),
        status: Set(Draft),
        waiting_since: Set(tx.now),
        figures: Set(None),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let statement = statement.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, statement.id, 1)).await?;
    Ok(statement)
}

/// Writes a changed statement, its next version and its event.
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

/// The statement as a change starts from it.
pub fn changing(statement: &Model) -> ActiveModel {
    statement.clone().into_active_model()
}
