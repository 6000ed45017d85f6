//! Which cars and drivers are free in a period, and what holds the others: for whoever looks for a car before they
//! ask, and for the dispatcher who looks for a driver.

use std::collections::HashMap;

use actix_web::get;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::drivers;
use entity::holds::HolderKind;
use entity::vehicles::{self, VehicleKind};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, FieldError, Place, Text, text};
use crate::http::call::Call;
use crate::http::input::Query;
use crate::http::reply::Reply;
use crate::vehicles::drivers::store as driver_store;
use crate::vehicles::holds::{self, Taken};
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

/// The cars in service for the whole period, and the drivers; of each the least used in it first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VehicleAvailability {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    #[schema(max_items = 1000)]
    pub vehicles: Vec<AvailableVehicle>,
    /// Those whose licence ends before the period does come last.
    #[schema(max_items = 1000)]
    pub drivers: Vec<AvailableDriver>,
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

/// One driver in the period; their free and their busy intervals tile the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AvailableDriver {
    pub driver_id: Uuid,
    pub staff_id: Uuid,
    pub full_name: String,
    /// In small letters, e.g. `b2`. More classes may come.
    pub licence_class: String,
    /// The licence's last day; a driver whose licence ends before a trip does is not sent out.
    pub licence_expires_on: NaiveDate,
    /// For how long the driver is held in the period (seconds).
    pub held_seconds: i64,
    #[schema(max_items = 10_000)]
    pub free: Vec<FreeInterval>,
    #[schema(max_items = 10_000)]
    pub busy: Vec<BusyInterval>,
}

/// A stretch in which nothing holds the car or the driver.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FreeInterval {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// A stretch in which the car or the driver is held, as far as it lies in the period. Whose it is stays hidden outside
/// the caller's boards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BusyInterval {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub held_by: HolderKind,
    /// The record that holds it; null outside the caller's boards.
    pub record_id: Option<Uuid>,
    /// The board of that record; null outside the caller's boards, for downtimes and for absences.
    pub board_id: Option<Uuid>,
}

/// See which cars and drivers are free.
///
/// For every car that is in service for the whole period, and for every driver: when they are free, when they are held,
/// and for how long. The least used come first; title cars of other people, and drivers whose licence ends before the
/// period does, come last. It only informs; a car's time is taken by submitting a booking.
#[utoipa::path(
    tag = "vehicles",
    params(AvailabilityParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "Cars and drivers with their free and busy times.", body = VehicleAvailability))
)]
#[get("/v1/vehicle-availability")]
pub(crate) async fn get_vehicle_availability(
    call: Call,
    params: Query<AvailabilityParams>,
) -> ApiResult<Reply<VehicleAvailability>> {
    let period = period(&params)?;
    // Three queries, however many cars, drivers and holds there are.
    let cars = cars(call.db(), period, params.seats).await?;
    let drivers = driver_store::all_named(call.db()).await?;
    let mut held = held(call.db(), period).await?;
    let reach = call.reach(Action::ReadBookings);
    let mut times = |id: Uuid| Times::of(period, &reach, held.remove(&id).unwrap_or_default());
    let mut vehicles: Vec<AvailableVehicle> =
        cars.into_iter().map(|car| vehicle(times(car.id), car)).collect();
    let mut drivers: Vec<AvailableDriver> =
        drivers.into_iter().map(|(one, name)| driver(times(one.id), one, name)).collect();
    // Cars that the caller may not ask for come last, however little they are used.
    let foreign =
        |car: &AvailableVehicle| car.title_holder_id.is_some_and(|id| Some(id) != call.caller.staff_id);
    vehicles
        .sort_by(|a, b| (foreign(a), a.held_seconds, &a.plate).cmp(&(foreign(b), b.held_seconds, &b.plate)));
    let expires = |driver: &AvailableDriver| driver.licence_expires_on < period.last_day();
    let key = |driver: &AvailableDriver| (expires(driver), driver.held_seconds, driver.driver_id);
    drivers.sort_by_key(key);
    Reply::plain(&VehicleAvailability { from: period.starts_at, to: period.ends_at, vehicles, drivers })
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

/// What is taken in the period by car or driver, in order of time.
async fn held(db: &impl ConnectionTrait, period: Period) -> ApiResult<HashMap<Uuid, Vec<Taken>>> {
    let mut held: HashMap<Uuid, Vec<Taken>> = HashMap::new();
    for taken in holds::in_period(db, period).await? {
        held.entry(taken.resource_id).or_default().push(taken);
    }
    for taken in held.values_mut() {
        taken.sort_unstable_by_key(|taken| taken.starts_at);
    }
    Ok(held)
}

/// The times of one car or driver.
struct Times {
    held_seconds: i64,
    free: Vec<FreeInterval>,
    busy: Vec<BusyInterval>,
}

impl Times {
    fn of(period: Period, reach: &Reach, held: Vec<Taken>) -> Self {
        let mut free = Vec::new();
        let mut free_since = period.starts_at;
        let busy: Vec<BusyInterval> = held.iter().map(|taken| busy(period, reach, taken)).collect();
        for held in &busy {
            if free_since < held.starts_at {
                free.push(FreeInterval { starts_at: free_since, ends_at: held.starts_at });
            }
            free_since = held.ends_at;
        }
        if free_since < period.ends_at {
            free.push(FreeInterval { starts_at: free_since, ends_at: period.ends_at });
        }
        let held_seconds = busy.iter().map(|held| (held.ends_at - held.starts_at).num_seconds()).sum();
        Self { held_seconds, free, busy }
    }
}

fn vehicle(Times { held_seconds, free, busy }: Times, car: vehicles::Model) -> AvailableVehicle {
    AvailableVehicle {
        vehicle_id: car.id,
        plate: car.plate,
        name: car.name,
        kind: car.kind,
        title_holder_id: car.title_holder_id,
        seats: car.seats,
        held_seconds,
        free,
        busy,
    }
}

fn driver(
    Times { held_seconds, free, busy }: Times,
    driver: drivers::Model,
    full_name: String,
) -> AvailableDriver {
    AvailableDriver {
        driver_id: driver.id,
        staff_id: driver.staff_id,
        full_name,
        licence_class: driver.licence_class,
        licence_expires_on: driver.licence_expires_on,
        held_seconds,
        free,
        busy,
    }
}

fn busy(period: Period, reach: &Reach, taken: &Taken) -> BusyInterval {
    let visible = taken.board_id.is_none_or(|board_id| reach.covers(board_id));
    BusyInterval {
        starts_at: taken.starts_at.max(period.starts_at),
        ends_at: taken.ends_at.min(period.ends_at),
        held_by: taken.held_by_kind,
        record_id: visible.then_some(taken.held_by_id),
        board_id: taken.board_id.filter(|_| visible),
    }
}
