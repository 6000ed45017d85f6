//! Which cars are free in a period, and what holds the others: for whoever looks for a car, before they ask.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::{DateTime, TimeDelta, Utc};
use entity::holds::{self, HolderKind, ResourceKind};
use entity::vehicles::{self, VehicleKind};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, FieldError, Place, Text, text};
use crate::http::call::Call;
use crate::http::input::Query;
use crate::http::reply::Reply;
use crate::vehicles::period::Period;
use crate::vehicles::store::in_service_until;

/// The longest period that one answer covers: two months as a calendar shows them.
const LONGEST_DAYS: i64 = 62;

/// For when, and for how many.
#[derive(Clone, Debug, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AvailabilityParams {
    /// The period's start.
    #[param(example = "2029-03-15T00:00:00Z")]
    from: DateTime<Utc>,
    /// The period's end, which does not belong to it; at most 62 days after its start.
    #[param(example = "2029-03-16T00:00:00Z")]
    to: DateTime<Utc>,
    /// Only cars with at least this many seats.
    #[param(minimum = 1, maximum = 60)]
    seats: Option<i64>,
}

/// The cars in service for the whole period, the least used in it first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VehicleAvailability {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    #[schema(max_items = 1000)]
    pub vehicles: Vec<AvailableVehicle>,
}

/// One car in the period; its free and its busy intervals tile the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AvailableVehicle {
    pub vehicle_id: Uuid,
    pub plate: String,
    pub name: String,
    pub kind: VehicleKind,
    /// Only this person may ask for a title car; null for cars that everyone may ask for.
    pub title_holder_id: Option<Uuid>,
    pub seats: i64,
    /// For how long the car is held in the period (seconds).
    pub held_seconds: i64,
    #[schema(max_items = 10_000)]
    pub free: Vec<FreeInterval>,
    #[schema(max_items = 10_000)]
    pub busy: Vec<BusyInterval>,
}

/// A stretch in which nothing holds the car.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FreeInterval {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// A stretch in which the car is held, as far as it lies in the period. Whose it is stays hidden outside the
/// caller's boards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BusyInterval {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub held_by: HolderKind,
    /// The record that holds the car; null outside the caller's boards.
    pub record_id: Option<Uuid>,
    /// The board of that record; null outside the caller's boards and for downtimes.
    pub board_id: Option<Uuid>,
}

/// See which cars are free.
///
/// For every car that is in service for the whole period: when it is free, when it is held, and for how long.
/// The least used cars come first, title cars of other people last. It only informs; the time is taken by submitting a booking.
#[utoipa::path(
    tag = "vehicles",
    params(AvailabilityParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "Cars with their free and busy times.", body = VehicleAvailability))
)]
#[get("/v1/vehicle-availability")]
pub(crate) async fn get_vehicle_availability(
    call: Call,
    params: Query<AvailabilityParams>,
) -> ApiResult<Reply<VehicleAvailability>> {
    let period = period(&params)?;
    let cars = cars(call.db(), period, params.seats).await?;
    let mut held = held(call.db(), period).await?;
    let reach = call.reach(Action::ReadBookings);
    let mut vehicles: Vec<AvailableVehicle> =
        cars.into_iter().map(|car| available(period, &reach, held.remove(&car.id), car)).collect();
    // Cars that the caller may not ask for come last, however little they are used.
    let foreign =
        |car: &AvailableVehicle| car.title_holder_id.is_some_and(|id| Some(id) != call.caller.staff_id);
    vehicles
        .sort_by(|a, b| (foreign(a), a.held_seconds, &a.plate).cmp(&(foreign(b), b.held_seconds, &b.plate)));
    Reply::plain(&VehicleAvailability { from: period.starts_at, to: period.ends_at, vehicles })
}

fn period(params: &AvailabilityParams) -> ApiResult<Period> {
    let refuse = |code: &'static str, detail: Text| {
        ApiError::invalid(vec![FieldError { place: Place::Parameter("to".to_owned()), code, detail }])
    };
    let period = Period::new(params.from, params.to)
        .ok_or_else(|| refuse("out_of_range", text("phải sau from", "must be after from")))?;
    if period.length() > TimeDelta::days(LONGEST_DAYS) {
        return Err(refuse(
            "too_long",
            text(
                format!("khoảng thời gian tối đa {LONGEST_DAYS} ngày"),
                format!("the period may be at most {LONGEST_DAYS} days long"),
            ),
        ));
    }
    Ok(period)
}

async fn cars(
    db: &impl ConnectionTrait,
    period: Period,
    seats: Option<i64>,
) -> ApiResult<Vec<vehicles::Model>> {
    let cars = vehicles::Entity::find().filter(in_service_until(period.last_day()));
    Ok(cars.filter(vehicles::Column::Seats.gte(seats.unwrap_or(1))).all(db).await?)
}

/// All holds of cars in the period, by car, in order of time.
async fn held(db: &impl ConnectionTrait, period: Period) -> ApiResult<BTreeMap<Uuid, Vec<holds::Model>>> {
    let holds = holds::Entity::find()
        .filter(holds::Column::ResourceKind.eq(ResourceKind::Vehicle))
        .filter(period.overlaps(holds::Column::StartsAt, holds::Column::EndsAt))
        .order_by_asc(holds::Column::StartsAt)
        .all(db)
        .await?;
    let mut by_car: BTreeMap<Uuid, Vec<holds::Model>> = BTreeMap::new();
    for hold in holds {
        by_car.entry(hold.resource_id).or_default().push(hold);
    }
    Ok(by_car)
}

fn available(
    period: Period,
    reach: &Reach,
    holds: Option<Vec<holds::Model>>,
    car: vehicles::Model,
) -> AvailableVehicle {
    let busy: Vec<BusyInterval> =
        holds.into_iter().flatten().map(|hold| busy(period, reach, &hold)).collect();
    let mut free = Vec::new();
    let mut free_since = period.starts_at;
    for held in &busy {
        if free_since < held.starts_at {
            free.push(FreeInterval { starts_at: free_since, ends_at: held.starts_at });
        }
        free_since = held.ends_at;
    }
    if free_since < period.ends_at {
        free.push(FreeInterval { starts_at: free_since, ends_at: period.ends_at });
    }
    AvailableVehicle {
        vehicle_id: car.id,
        plate: car.plate,
        name: car.name,
        kind: car.kind,
        title_holder_id: car.title_holder_id,
        seats: car.seats,
        held_seconds: busy.iter().map(|held| (held.ends_at - held.starts_at).num_seconds()).sum(),
        free,
        busy,
    }
}

fn busy(period: Period, reach: &Reach, hold: &holds::Model) -> BusyInterval {
    let visible = hold.board_id.is_none_or(|board_id| reach.covers(board_id));
    BusyInterval {
        starts_at: hold.starts_at.max(period.starts_at),
        ends_at: hold.ends_at.min(period.ends_at),
        held_by: hold.held_by_kind,
        record_id: visible.then_some(hold.held_by_id),
        board_id: hold.board_id.filter(|_| visible),
    }
}
