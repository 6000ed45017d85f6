//! The one place where time is taken.
//!
//! A hold says that a car or a driver is taken from one instant to another, and for what. The database
//! refuses two holds of one car or driver that overlap; this is the guarantee. Looking for clashes first only
//! makes the refusal say more, and locking the car's or the driver's row first keeps PostgreSQL from
//! answering a race with a deadlock.

use chrono::{DateTime, Utc};
use entity::holds::{ActiveModel, Column, Entity, HolderKind, Model, ResourceKind};
use entity::{drivers, vehicles};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, UnionType};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, Set,
};
use uuid::Uuid;

use crate::auth::permissions::Reach;
use crate::db::Trouble;
use crate::error::{ApiError, ApiResult, Code, of_constraint, text};
use crate::http::document::{Clash, FreeVehicle};
use crate::vehicles::period::Period;
use crate::vehicles::store::in_service_until;
use crate::write::{ROW_LOCK, Tx};

/// A refusal names at most this many clashes.
const CLASHES_SHOWN: u64 = 20;

/// A refusal names at most this many cars to take instead.
const FREE_SHOWN: u64 = 5;

/// The name of the database's rule.
const NO_OVERLAP: &str = "holds_no_overlap";

/// The record that a hold is made for.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    pub kind: HolderKind,
    pub id: Uuid,
    /// Nothing for downtimes and absences, which belong to the whole office.
    pub board_id: Option<Uuid>,
}

/// What is to be taken.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub kind: ResourceKind,
    pub resource_id: Uuid,
    pub period: Period,
    pub holder: Holder,
    /// How many seats another car would need; only cars that have them are offered instead.
    pub passengers: i64,
}

/// Takes the time, until [`free`] gives it back or the transaction is undone.
///
/// `reach` is how far the asker may see bookings: what holds the time elsewhere is told without its id.
///
/// # Errors
/// 409 `time_taken` with the clashes and, for a car, the nearest free ones.
pub async fn take(tx: &Tx, reach: &Reach, wanted: &Wanted) -> ApiResult<()> {
    lock(tx, wanted.kind, wanted.resource_id).await?;
    let clashes = clashes(tx.db(), wanted).await?;
    if !clashes.is_empty() {
        return Err(taken(tx.db(), reach, wanted, clashes).await?);
    }
    if insert(tx, wanted).await? {
        return Ok(());
    }
    // Something slipped in without the lock, and the database refused us: the same answer.
    let clashes = self::clashes(tx.db(), wanted).await?;
    Err(taken(tx.db(), reach, wanted, clashes).await?)
}

/// Gives back all that a record holds.
///
/// # Errors
/// When the database does not answer.
pub async fn free(tx: &Tx, held_by_id: Uuid) -> ApiResult<()> {
    Entity::delete_many().filter(Column::HeldById.eq(held_by_id)).exec(tx.db()).await?;
    Ok(())
}

/// Whether a record holds this very car or driver for this very period.
///
/// # Errors
/// When the database does not answer.
pub async fn is_held(db: &impl ConnectionTrait, wanted: &Wanted) -> ApiResult<bool> {
    let held = Entity::find()
        .filter(Column::HeldById.eq(wanted.holder.id))
        .filter(Column::ResourceId.eq(wanted.resource_id))
        .one(db)
        .await?;
    let Period { starts_at, ends_at } = wanted.period;
    Ok(held.is_some_and(|hold| hold.starts_at == starts_at && hold.ends_at == ends_at))
}

/// What holds a car or a driver at or after an instant, first things first.
///
/// # Errors
/// When the database does not answer.
pub async fn held_after(
    db: &impl ConnectionTrait,
    resource_id: Uuid,
    after: DateTime<Utc>,
) -> ApiResult<Vec<Model>> {
    let holds = Entity::find().filter(Column::ResourceId.eq(resource_id)).filter(Column::EndsAt.gt(after));
    Ok(holds.order_by_asc(Column::EndsAt).limit(CLASHES_SHOWN).all(db).await?)
}

/// Time that is taken, without what only the table needs.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Taken {
    pub resource_id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub held_by_kind: HolderKind,
    pub held_by_id: Uuid,
    pub board_id: Option<Uuid>,
}

/// Everything that is taken in a period, of all cars and drivers, in one query and in no particular order.
///
/// It reads what it answers with and nothing else, however many holds there were before or come after: what starts in
/// the period stands together in one index, and since the holds of one car or driver never overlap, only the first one
/// that ends in or after the period can have begun before it.
///
/// # Errors
/// When the database does not answer.
pub async fn in_period(db: &impl ConnectionTrait, period: Period) -> ApiResult<Vec<Taken>> {
    let mut taken =
        columns().filter(Column::StartsAt.gte(period.starts_at)).filter(Column::StartsAt.lt(period.ends_at));
    let cars = running_at(period.starts_at, vehicles::Entity, vehicles::Column::Id);
    let drivers = running_at(period.starts_at, drivers::Entity, drivers::Column::Id);
    let query = QueryTrait::query(&mut taken);
    query.union(UnionType::All, cars.into_query()).union(UnionType::All, drivers.into_query());
    Ok(taken.into_model().all(db).await?)
}

fn columns() -> Select<Entity> {
    use Column::{BoardId, EndsAt, HeldById, HeldByKind, ResourceId, StartsAt};
    Entity::find().select_only().columns([ResourceId, StartsAt, EndsAt, HeldByKind, HeldById, BoardId])
}

/// What holds each of these cars or drivers at an instant and did so before it.
fn running_at<E: EntityTrait>(at: DateTime<Utc>, resources: E, id: E::Column) -> Select<Entity> {
    let next = Alias::new("next");
    let of_next = |column: Column| Expr::col((next.clone(), column));
    let first_to_end = Query::select()
        .column((next.clone(), Column::Id))
        .from_as(Entity, next.clone())
        .and_where(of_next(Column::ResourceId).equals((resources, id)))
        .and_where(of_next(Column::EndsAt).gt(at))
        .order_by((next.clone(), Column::EndsAt), sea_orm::Order::Asc)
        .limit(1)
        .to_owned();
    let of_each = Query::select().expr(Expr::from(first_to_end)).from(resources).to_owned();
    columns().filter(Column::Id.in_subquery(of_each)).filter(Column::StartsAt.lt(at))
}

/// A hold as a refusal shows it. Downtimes and absences are in the office's directory, which everyone reads;
/// of the boards' own records only those within reach are named.
pub fn shown(hold: Model, reach: &Reach) -> Clash {
    let visible = hold.board_id.is_none_or(|board_id| reach.covers(board_id));
    Clash {
        held_by: hold.held_by_kind.to_value(),
        starts_at: hold.starts_at,
        ends_at: hold.ends_at,
        record_id: visible.then_some(hold.held_by_id),
    }
}

/// Everything that stands in the way of several wishes, with the cars' and drivers' rows locked from here on.
/// What the holders named in `except` hold does not count: it is about to be given back.
///
/// # Errors
/// When the database does not answer.
pub async fn in_the_way(tx: &Tx, wishes: &[Wanted], except: &[Uuid]) -> ApiResult<Vec<(Wanted, Model)>> {
    let mut found = Vec::new();
    for wanted in wishes {
        lock(tx, wanted.kind, wanted.resource_id).await?;
        let clashes = clashes(tx.db(), wanted).await?;
        let others = clashes.into_iter().filter(|hold| !except.contains(&hold.held_by_id));
        found.extend(others.map(|hold| (*wanted, hold)));
    }
    Ok(found)
}

/// Takes the time only where nothing stands in the way, and tells whether it did.
///
/// # Errors
/// When the database does not answer.
pub async fn take_if_free(tx: &Tx, wanted: &Wanted) -> ApiResult<bool> {
    lock(tx, wanted.kind, wanted.resource_id).await?;
    if !clashes(tx.db(), wanted).await?.is_empty() {
        return Ok(false);
    }
    insert(tx, wanted).await
}

/// Puts what a record holds to another period, e.g. because a car left early.
///
/// # Errors
/// 409 `time_taken` where something else stands in the way; nothing is changed then.
pub async fn move_to(tx: &Tx, reach: &Reach, wanted: &Wanted) -> ApiResult<()> {
    Entity::delete_many()
        .filter(Column::HeldById.eq(wanted.holder.id))
        .filter(Column::ResourceId.eq(wanted.resource_id))
        .exec(tx.db())
        .await?;
    take(tx, reach, wanted).await
}

/// Ends what a record holds at an instant: the rest of the time is free again.
///
/// # Errors
/// When the database does not answer.
pub async fn end_at(tx: &Tx, held_by_id: Uuid, at: DateTime<Utc>) -> ApiResult<()> {
    Entity::delete_many()
        .filter(Column::HeldById.eq(held_by_id))
        .filter(Column::StartsAt.gte(at))
        .exec(tx.db())
        .await?;
    Entity::update_many()
        .col_expr(Column::EndsAt, Expr::value(at))
        .filter(Column::HeldById.eq(held_by_id))
        .filter(Column::EndsAt.gt(at))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// From now on a board's people are told what a record holds, and no others: its bookings are theirs.
///
/// # Errors
/// When the database does not answer.
pub async fn pass_to_board(tx: &Tx, held_by_id: Uuid, board_id: Uuid) -> ApiResult<()> {
    Entity::update_many()
        .col_expr(Column::BoardId, Expr::value(board_id))
        .filter(Column::HeldById.eq(held_by_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn lock(tx: &Tx, kind: ResourceKind, id: Uuid) -> ApiResult<()> {
    let found = match kind {
        ResourceKind::Vehicle => {
            vehicles::Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.is_some()
        }
        ResourceKind::Driver => drivers::Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.is_some(),
    };
    if found { Ok(()) } else { Err(ApiError::internal(format!("{kind:?} {id} vanished"))) }
}

async fn clashes(db: &impl ConnectionTrait, wanted: &Wanted) -> ApiResult<Vec<Model>> {
    let holds = Entity::find()
        .filter(Column::ResourceId.eq(wanted.resource_id))
        .filter(wanted.period.overlaps(Column::StartsAt, Column::EndsAt))
        .filter(Column::HeldById.ne(wanted.holder.id))
        .order_by_asc(Column::EndsAt)
        .limit(CLASHES_SHOWN);
    Ok(holds.all(db).await?)
}

/// Whether the database took the hold. `DO NOTHING` keeps PostgreSQL's transaction alive after a refusal, and
/// SQLite's trigger undoes its own statement only, so the clashes can still be read.
async fn insert(tx: &Tx, wanted: &Wanted) -> ApiResult<bool> {
    let hold = ActiveModel {
        id: Set(tx.id()),
        resource_kind: Set(wanted.kind),
        resource_id: Set(wanted.resource_id),
        starts_at: Set(wanted.period.starts_at),
        ends_at: Set(wanted.period.ends_at),
        held_by_kind: Set(wanted.holder.kind),
        held_by_id: Set(wanted.holder.id),
        board_id: Set(wanted.holder.board_id),
        created_at: Set(tx.now),
    };
    let insert = Entity::insert(hold).on_conflict(OnConflict::new().do_nothing().to_owned());
    match insert.exec_without_returning(tx.db()).await {
        Ok(rows) => Ok(rows == 1),
        Err(error) if Trouble::of(&error) == Trouble::Refused(NO_OVERLAP.to_owned()) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn taken(
    db: &impl ConnectionTrait,
    reach: &Reach,
    wanted: &Wanted,
    clashes: Vec<Model>,
) -> ApiResult<ApiError> {
    let refusal = refusal(reach, clashes);
    if wanted.kind == ResourceKind::Driver {
        return Ok(refusal);
    }
    Ok(refusal.with("free_vehicles", nearest_free(db, wanted.period, wanted.passengers).await?))
}

/// 409 `time_taken` with what is in the way.
pub fn refusal(reach: &Reach, clashes: Vec<Model>) -> ApiError {
    let shown: Vec<Clash> = clashes.into_iter().map(|hold| shown(hold, reach)).collect();
    let error = of_constraint(NO_OVERLAP);
    let error =
        error.unwrap_or_else(|| ApiError::new(Code::TimeTaken, text("Đã có người giữ.", "It is held.")));
    error.with("clashes", shown)
}

/// Cars that everyone may ask for, free for the whole period and with enough seats, smallest first.
///
/// # Errors
/// When the database does not answer.
pub async fn nearest_free(
    db: &impl ConnectionTrait,
    period: Period,
    passengers: i64,
) -> ApiResult<Vec<FreeVehicle>> {
    use vehicles::Column as Vehicle;
    let held = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ResourceId)).equals((vehicles::Entity, Vehicle::Id)))
        .cond_where(period.overlaps(Column::StartsAt, Column::EndsAt))
        .to_owned();
    let cars = vehicles::Entity::find()
        .filter(Vehicle::Kind.eq(vehicles::VehicleKind::PoolCar))
        .filter(Vehicle::Seats.gte(passengers))
        .filter(in_service_until(period.last_day()))
        .filter(Expr::exists(held).not())
        .order_by_asc(Vehicle::Seats)
        .order_by_asc(Vehicle::Plate)
        .limit(FREE_SHOWN)
        .all(db)
        .await?;
    let offer = |car: vehicles::Model| FreeVehicle {
        vehicle_id: car.id,
        plate: car.plate,
        name: car.name,
        seats: car.seats,
    };
    Ok(cars.into_iter().map(offer).collect())
}
