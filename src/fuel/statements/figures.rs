//! What a fuel statement computes, and keeps once it is closed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::refuels::{self, Model as Refuel};
use entity::trip_bookings::{self, Model as Carried};
use entity::trips::{self, Model as Trip, TripStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::office_midnight;
use crate::decimal::{decimal, divide};
use crate::error::ApiResult;
use crate::fuel::rules::{Variance, variance};
use crate::fuel::statements::rules::next_month;
use crate::fuel::tolerances;
use crate::split::split_by_weight;

/// The figures of a car's month. Litres and percentages have two decimals.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FuelFigures {
    /// Km of the completed trips that departed in the month.
    pub km: i64,
    /// Litres that the norms allow for these trips, as the trips keep them.
    #[schema(max_length = 20)]
    pub norm_litres: String,
    /// Litres of all refuels of the month.
    #[schema(max_length = 20)]
    pub bought_litres: String,
    /// What the refuels cost.
    pub bought_amount: i64,
    /// Opening tank and bought litres less the closing tank; null until the closing tank is known, and so are the
    /// figures that follow from it.
    #[schema(max_length = 20)]
    pub used_litres: Option<String>,
    /// What was used above the norm; `0.00` where it was less.
    #[schema(max_length = 20)]
    pub over_litres: Option<String>,
    /// The same in percent of the norm.
    #[schema(max_length = 20)]
    pub over_percent: Option<String>,
    /// What needs no explanation, in percent of the norm: the tolerance in force on the first day of the month.
    #[schema(max_length = 20)]
    pub tolerance_percent: String,
    /// More than the tolerance: without an explanation nothing can be claimed.
    pub explanation_required: bool,
    /// What the bought litres without those above the norm cost, at the average price of the month.
    pub allowed_amount: Option<i64>,
    /// Who bears it, by km. The parts add up to km, bought litres and bought amount.
    pub by_board: Vec<FuelByBoard>,
    /// The same by trip.
    pub by_trip: Vec<FuelByTrip>,
    /// What was bought.
    pub refuels: Vec<FuelBought>,
}

/// What a board bears.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FuelByBoard {
    /// Null for trips that carried no booking.
    pub board_id: Option<Uuid>,
    pub km: i64,
    #[schema(max_length = 20)]
    pub litres: String,
    pub amount: i64,
}

/// What falls to a trip.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FuelByTrip {
    pub trip_id: Uuid,
    pub number: Option<String>,
    pub departed_at: Option<DateTime<Utc>>,
    pub km: i64,
    /// Litres that the norm allows for it.
    #[schema(max_length = 20)]
    pub norm_litres: String,
    /// Its part of the bought litres.
    #[schema(max_length = 20)]
    pub litres: String,
    /// Its part of the bought amount.
    pub amount: i64,
}

/// A refuel of the month.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FuelBought {
    pub refuel_id: Uuid,
    pub trip_id: Option<Uuid>,
    pub refuelled_at: DateTime<Utc>,
    #[schema(max_length = 20)]
    pub litres: String,
    pub unit_price: i64,
    pub amount: i64,
}

/// What the computation starts from.
struct Month {
    trips: Vec<Trip>,
    carried: BTreeMap<Uuid, Vec<Carried>>,
    refuels: Vec<Refuel>,
}

/// The tank at both ends of the month, in hundredths of a litre.
#[derive(Clone, Copy, Debug)]
pub struct Tank {
    pub opening: i64,
    /// Nothing until it is known.
    pub closing: Option<i64>,
}

/// The figures as the records are now.
///
/// # Errors
/// 422 `rate_not_found` where the month has no tolerance.
pub async fn compute(
    db: &impl ConnectionTrait,
    vehicle_id: Uuid,
    month: NaiveDate,
    tank: Tank,
) -> ApiResult<FuelFigures> {
    let tolerance = tolerances::in_force(db, month).await?.over_percent_hundredths;
    let found = Month::load(db, vehicle_id, month).await?;
    Ok(found.figures(tank, tolerance))
}

/// Litres used, in hundredths; below zero where the closing tank holds more than there was.
pub fn used(figures_bought: i64, tank: Tank) -> Option<i64> {
    tank.closing.map(|closing| tank.opening + figures_bought - closing)
}

/// The refuels of a car in a month, by time.
///
/// # Errors
/// When the database does not answer.
pub async fn refuels_of(
    db: &impl ConnectionTrait,
    vehicle_id: Uuid,
    month: NaiveDate,
) -> ApiResult<Vec<Refuel>> {
    use refuels::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::VehicleId.eq(vehicle_id))
        .filter(Column::RefuelledAt.gte(office_midnight(month)))
        .filter(Column::RefuelledAt.lt(office_midnight(next_month(month))))
        .order_by_asc(Column::RefuelledAt)
        .order_by_asc(Column::Id);
    Ok(rows.all(db).await?)
}

impl Month {
    async fn load(db: &impl ConnectionTrait, vehicle_id: Uuid, month: NaiveDate) -> ApiResult<Self> {
        let trips = trips::Entity::find()
            .filter(trips::Column::VehicleId.eq(vehicle_id))
            .filter(trips::Column::Status.is_in([TripStatus::Completed, TripStatus::Verified]))
            .filter(trips::Column::DepartedAt.gte(office_midnight(month)))
            .filter(trips::Column::DepartedAt.lt(office_midnight(next_month(month))))
            .order_by_asc(trips::Column::DepartedAt)
            .order_by_asc(trips::Column::Id)
            .all(db)
            .await?;
        let rows = trip_bookings::Entity::find()
            .filter(trip_bookings::Column::TripId.is_in(trips.iter().map(|trip| trip.id)))
            .order_by_asc(trip_bookings::Column::Id);
        let mut carried: BTreeMap<Uuid, Vec<Carried>> = BTreeMap::new();
        for row in rows.all(db).await? {
            carried.entry(row.trip_id).or_default().push(row);
        }
        Ok(Self { trips, carried, refuels: refuels_of(db, vehicle_id, month).await? })
    }

    fn figures(&self, tank: Tank, tolerance: i64) -> FuelFigures {
        let norm: i64 = self.trips.iter().filter_map(|trip| trip.norm_litres_hundredths).sum();
        let bought: i64 = self.refuels.iter().map(|refuel| refuel.litres_hundredths).sum();
        let bought_amount: i64 = self.refuels.iter().map(|refuel| refuel.amount).sum();
        let used = used(bought, tank);
        let found: Option<Variance> = used.map(|used| variance(norm, used, tolerance));
        let allowed = |variance: Variance| {
            let payable = (bought - variance.over_hundredths).max(0);
            if bought == 0 {
                0
            } else {
                divide(i128::from(bought_amount) * i128::from(payable), bought.into())
            }
        };
        FuelFigures {
            km: self.trips.iter().map(km).sum(),
            norm_litres: decimal(norm),
            bought_litres: decimal(bought),
            bought_amount,
            used_litres: used.map(decimal),
            over_litres: found.map(|found| decimal(found.over_hundredths)),
            over_percent: found.map(|found| decimal(found.over_percent_hundredths)),
            tolerance_percent: decimal(tolerance),
            explanation_required: found.is_some_and(|found| found.explanation_required),
            allowed_amount: found.map(allowed),
            by_board: self.by_board(bought, bought_amount),
            by_trip: self.by_trip(bought, bought_amount),
            refuels: self.refuels.iter().map(FuelBought::from).collect(),
        }
    }

    /// Km by board, in the order in which the boards first travelled; then litres and amount by km.
    fn by_board(&self, bought: i64, amount: i64) -> Vec<FuelByBoard> {
        let mut boards: Vec<(Option<Uuid>, i64)> = Vec::new();
        for (board, km) in self.trips.iter().flat_map(|trip| self.shares(trip)) {
            match boards.iter_mut().find(|(known, _)| *known == board) {
                Some((_, sum)) => *sum += km,
                None => boards.push((board, km)),
            }
        }
        let weights: Vec<i64> = boards.iter().map(|(_, km)| *km).collect();
        let (litres, amounts) = (split_by_weight(bought, &weights), split_by_weight(amount, &weights));
        let parts = boards.into_iter().zip(litres).zip(amounts);
        parts
            .map(|(((board_id, km), litres), amount)| FuelByBoard {
                board_id,
                km,
                litres: decimal(litres),
                amount,
            })
            .collect()
    }

    fn by_trip(&self, bought: i64, amount: i64) -> Vec<FuelByTrip> {
        let weights: Vec<i64> = self.trips.iter().map(km).collect();
        let (litres, amounts) = (split_by_weight(bought, &weights), split_by_weight(amount, &weights));
        let parts = self.trips.iter().zip(litres).zip(amounts);
        parts
            .map(|((trip, litres), amount)| FuelByTrip {
                trip_id: trip.id,
                number: trip.number.clone(),
                departed_at: trip.departed_at,
                km: km(trip),
                norm_litres: decimal(trip.norm_litres_hundredths.unwrap_or_default()),
                litres: decimal(litres),
                amount,
            })
            .collect()
    }

    /// A trip's km by board: as they were shared out, or by passengers where they were not.
    fn shares(&self, trip: &Trip) -> Vec<(Option<Uuid>, i64)> {
        let carried = self.carried.get(&trip.id).map(Vec::as_slice).unwrap_or_default();
        if carried.is_empty() {
            return vec![(None, km(trip))];
        }
        let stated: Option<Vec<i64>> = carried.iter().map(|row| row.share_km).collect();
        let shares = stated.unwrap_or_else(|| {
            let passengers: Vec<i64> = carried.iter().map(|row| row.passenger_count).collect();
            split_by_weight(km(trip), &passengers)
        });
        carried.iter().map(|row| Some(row.board_id)).zip(shares).collect()
    }
}

fn km(trip: &Trip) -> i64 {
    trip.odometer_end_km.unwrap_or_default() - trip.odometer_start_km.unwrap_or_default()
}

impl From<&Refuel> for FuelBought {
    fn from(refuel: &Refuel) -> Self {
        Self {
            refuel_id: refuel.id,
            trip_id: refuel.trip_id,
            refuelled_at: refuel.refuelled_at,
            litres: decimal(refuel.litres_hundredths),
            unit_price: refuel.unit_price,
            amount: refuel.amount,
        }
    }
}
