//! The arithmetic of fuel: whole numbers only, each figure rounded once.

use chrono::NaiveDate;
use entity::fuel_norms::{Model as Norm, Verification};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::decimal::{decimal, divide};

/// How a car was used on a trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub km: i64,
    /// Of these on mountain roads.
    pub mountain_km: i64,
    /// Of these with air-conditioning.
    pub air_conditioned_km: i64,
    pub idling_minutes: i64,
}

/// What a line of the working is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkingKind {
    /// All km by the norm: quantity in km, rate in litres per 100 km.
    Base,
    /// What km on mountain roads get on top: quantity in km, rate in percent of the norm.
    MountainRoad,
    /// What km with air-conditioning get on top: quantity in km, rate in percent of the norm.
    AirConditioning,
    /// Standing with the engine running: quantity in minutes, rate in litres per hour.
    Idling,
}

/// One line of the working: quantity times rate, rounded half up to two decimals.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct WorkingLine {
    pub kind: WorkingKind,
    pub quantity: i64,
    /// `km` or `minutes`.
    #[schema(max_length = 10)]
    pub unit: String,
    /// `litres_per_100_km`, `percent` or `litres_per_hour`.
    #[schema(max_length = 20)]
    pub rate_unit: String,
    /// With two decimals, e.g. `12.00`.
    #[schema(max_length = 12)]
    pub rate: String,
    /// With two decimals, e.g. `42.72`.
    #[schema(max_length = 20)]
    pub litres: String,
}

/// The litres that a norm allows, and how they came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The sum of the lines.
    pub litres_hundredths: i64,
    pub working: Vec<WorkingLine>,
}

/// Allowed litres as a trip keeps them: which norm, of which document, on which day, and the working.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct NormWorking {
    pub norm_id: Uuid,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    /// The day on which the norm was looked up: the office's day of the departure.
    pub on: NaiveDate,
    /// The sum of the lines, with two decimals.
    #[schema(max_length = 20)]
    pub litres: String,
    pub lines: Vec<WorkingLine>,
}

/// The litres allowed by a norm. Additions that a norm does not grant and usage that there was none of make no
/// line; the base line is always there.
pub fn allowed(norm: &Norm, usage: &Usage) -> Allowed {
    let per_100_km = i128::from(norm.litres_per_100_km_hundredths);
    // Hundredths of a litre on 100 km, times km, times hundredths of a percent of 100.
    let on_top = |km: i64, percent: i64| divide(per_100_km * i128::from(km) * i128::from(percent), 1_000_000);
    let Norm { mountain_percent_hundredths: mountain, air_conditioning_percent_hundredths: air, .. } = *norm;
    let idling = norm.idling_litres_per_hour_hundredths;
    let all = [
        (
            WorkingKind::Base,
            usage.km,
            norm.litres_per_100_km_hundredths,
            divide(per_100_km * i128::from(usage.km), 100),
        ),
        (WorkingKind::MountainRoad, usage.mountain_km, mountain, on_top(usage.mountain_km, mountain)),
        (WorkingKind::AirConditioning, usage.air_conditioned_km, air, on_top(usage.air_conditioned_km, air)),
        (
            WorkingKind::Idling,
            usage.idling_minutes,
            idling,
            divide(i128::from(idling) * i128::from(usage.idling_minutes), 60),
        ),
    ];
    let counts = |kind, quantity, rate| kind == WorkingKind::Base || (quantity > 0 && rate > 0);
    let lines: Vec<_> =
        all.into_iter().filter(|(kind, quantity, rate, _)| counts(*kind, *quantity, *rate)).collect();
    Allowed {
        litres_hundredths: lines.iter().map(|(_, _, _, litres)| litres).sum(),
        working: lines
            .into_iter()
            .map(|(kind, quantity, rate, litres)| line(kind, quantity, rate, litres))
            .collect(),
    }
}

fn line(kind: WorkingKind, quantity: i64, rate: i64, litres: i64) -> WorkingLine {
    let (unit, rate_unit) = match kind {
        WorkingKind::Base => ("km", "litres_per_100_km"),
        WorkingKind::MountainRoad | WorkingKind::AirConditioning => ("km", "percent"),
        WorkingKind::Idling => ("minutes", "litres_per_hour"),
    };
    WorkingLine {
        kind,
        quantity,
        unit: unit.to_owned(),
        rate_unit: rate_unit.to_owned(),
        rate: decimal(rate),
        litres: decimal(litres),
    }
}

impl Allowed {
    /// The working with its source, as a trip keeps and shows it.
    pub fn under(self, norm: &Norm, on: NaiveDate) -> NormWorking {
        NormWorking {
            norm_id: norm.id,
            document_number: norm.document_number.clone(),
            issuer: norm.issuer.clone(),
            verification: norm.verification,
            on,
            litres: decimal(self.litres_hundredths),
            lines: self.working,
        }
    }
}

impl NormWorking {
    /// As the column of a trip holds it.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Back from the column of a trip.
    pub fn from_json(json: &Value) -> Option<Self> {
        serde_json::from_value(json.clone()).ok()
    }
}

/// Fuel used against fuel allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variance {
    /// How much more was used than allowed; 0 where it was less. In hundredths of a litre.
    pub over_hundredths: i64,
    /// The same in hundredths of a percent of what is allowed, rounded half up. Where nothing is allowed and
    /// something was used, 100 percent.
    pub over_percent_hundredths: i64,
    /// More than the tolerance: somebody has to say why.
    pub explanation_required: bool,
}

/// Compares litres used with litres allowed, all in hundredths. At the tolerance nothing needs to be explained;
/// the percentage is compared as it is shown, with two decimals.
pub fn variance(allowed: i64, used: i64, tolerance_percent: i64) -> Variance {
    let over = (used - allowed).max(0);
    let percent = match (over, allowed) {
        (0, _) => 0,
        (_, ..=0) => 10_000,
        _ => divide(i128::from(over) * 10_000, i128::from(allowed)),
    };
    Variance {
        over_hundredths: over,
        over_percent_hundredths: percent,
        explanation_required: percent > tolerance_percent,
    }
}

/// What litres cost: hundredths of a litre times đồng a litre, rounded half up to the đồng.
pub fn cost(litres_hundredths: i64, unit_price: i64) -> i64 {
    divide(i128::from(litres_hundredths) * i128::from(unit_price), 100)
}

/// Whether an amount is what litres cost. A pump measures finer than it shows, so the amount may be off by what
/// half a hundredth of a litre costs, and by the rounding to the đồng.
pub fn fits(litres_hundredths: i64, unit_price: i64, amount: i64) -> bool {
    let exact = i128::from(litres_hundredths) * i128::from(unit_price);
    let difference = (exact - 100 * i128::from(amount)).abs();
    2 * difference <= i128::from(unit_price) + 100
}
