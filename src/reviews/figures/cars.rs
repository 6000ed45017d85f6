//! Cars: km and litres, by the trips, the refuels and the closed fuel statements.

use std::collections::BTreeMap;

use entity::fuel_statements::{Column as StatementColumn, Entity as Statements, FuelStatementStatus};
use entity::vehicles;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use crate::budgets::reports::execution::percent;
use crate::decimal::{decimal, hundredths};
use crate::error::ApiResult;
use crate::fuel;
use crate::fuel::statements::figures::FuelFigures;
use crate::fuel::statements::rules::last_day;
use crate::reviews::figures::json::{ReviewCarFigures, ReviewCarRow, ReviewCars};
use crate::reviews::figures::{Period, add, ask};

const TRIPS: &str = "
    SELECT vehicle_id, count(*) AS trips,
        CAST(coalesce(sum(odometer_end_km - odometer_start_km), 0) AS bigint) AS km,
        CAST(coalesce(sum(norm_litres_hundredths), 0) AS bigint) AS norm
    FROM trips WHERE status IN ('completed', 'verified') AND departed_at >= $1 AND departed_at < $2
    GROUP BY vehicle_id";

const REFUELS: &str = "
    SELECT vehicle_id, CAST(sum(litres_hundredths) AS bigint) AS litres, CAST(sum(amount) AS bigint) AS amount
    FROM refuels WHERE refuelled_at >= $1 AND refuelled_at < $2 GROUP BY vehicle_id";

#[derive(FromQueryResult)]
struct Driven {
    vehicle_id: Uuid,
    trips: i64,
    km: i64,
    norm: i64,
}

#[derive(FromQueryResult)]
struct Bought {
    vehicle_id: Uuid,
    litres: i64,
    amount: i64,
}

/// What is known of a car, litres in hundredths.
#[derive(Clone, Debug, Default)]
struct Car {
    trips: i64,
    km: i64,
    norm: i64,
    bought: i64,
    amount: i64,
    statements: i64,
    stated_norm: i64,
    stated_used: i64,
}

/// # Errors
/// When the database does not answer.
pub(super) async fn count(db: &impl ConnectionTrait, period: &Period) -> ApiResult<ReviewCars> {
    let mut cars: BTreeMap<Uuid, Car> = BTreeMap::new();
    for row in ask::<Driven>(db, TRIPS, period.moments()).await? {
        let car = cars.entry(row.vehicle_id).or_default();
        (car.trips, car.km, car.norm) = (row.trips, row.km, row.norm);
    }
    for row in ask::<Bought>(db, REFUELS, period.moments()).await? {
        let car = cars.entry(row.vehicle_id).or_default();
        (car.bought, car.amount) = (row.litres, row.amount);
    }
    statements(db, period, &mut cars).await?;
    let known = vehicles::Entity::find().all(db).await?;
    let mut told = ReviewCars::default();
    let mut total = Car::default();
    for vehicle in known {
        let Some(car) = cars.get(&vehicle.id) else { continue };
        sum(&mut total, car);
        let (vehicle_id, plate) = (vehicle.id, fuel::plate(&vehicle));
        told.rows.push(ReviewCarRow { vehicle_id, plate, name: vehicle.name, figures: car.into() });
    }
    told.rows.sort_by(|one, other| one.plate.cmp(&other.plate));
    told.total = (&total).into();
    Ok(told)
}

/// Months that lie in the period as a whole; the figures are those that the statements keep.
async fn statements(
    db: &impl ConnectionTrait,
    period: &Period,
    cars: &mut BTreeMap<Uuid, Car>,
) -> ApiResult<()> {
    let rows = Statements::find()
        .filter(StatementColumn::Status.eq(FuelStatementStatus::Closed))
        .filter(StatementColumn::Month.gte(period.from))
        .filter(StatementColumn::Month.lte(period.to))
        .all(db)
        .await?;
    for row in rows.into_iter().filter(|row| last_day(row.month) <= period.to) {
        let kept = row.figures.and_then(|figures| serde_json::from_value::<FuelFigures>(figures).ok());
        let Some(kept) = kept else { continue };
        let car = cars.entry(row.vehicle_id).or_default();
        car.statements += 1;
        car.stated_norm += hundredths(&kept.norm_litres).unwrap_or_default();
        car.stated_used += kept.used_litres.as_deref().and_then(hundredths).unwrap_or_default();
    }
    Ok(())
}

fn sum(total: &mut Car, car: &Car) {
    total.trips += car.trips;
    total.km += car.km;
    total.norm += car.norm;
    total.bought += car.bought;
    add(&mut total.amount, car.amount);
    total.statements += car.statements;
    total.stated_norm += car.stated_norm;
    total.stated_used += car.stated_used;
}

impl From<&Car> for ReviewCarFigures {
    fn from(car: &Car) -> Self {
        Self {
            trip_count: car.trips,
            km: car.km,
            norm_litres: decimal(car.norm),
            bought_litres: decimal(car.bought),
            bought_amount: car.amount,
            statement_count: car.statements,
            statement_norm_litres: decimal(car.stated_norm),
            statement_used_litres: decimal(car.stated_used),
            used_percent: percent(car.stated_used, car.stated_norm),
        }
    }
}
