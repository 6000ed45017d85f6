//! Bodies of the refuels' operations.

use chrono::{DateTime, Utc};
use entity::refuels::Model;
use entity::vehicles::FuelType;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::claims::json::ClaimInvoice;
use crate::decimal::decimal;
use crate::demo;
use crate::http::reply::Resource;

/// Fuel that was bought for a car.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "vehicle_id": demo::id("v_hiace"), "refuelled_at": "2025-12-11T08:00:00+07:00", "odometer_km": 77_005,
    "fuel_type": "petrol", "litres": "24.81", "unit_price": 20_150, "amount": 500_000,
    "invoice": {"seller_tax_code": "6001234567", "number": "HD0012500", "issued_on": "2025-12-11"},
})))]
pub struct RefuelIn {
    pub vehicle_id: Uuid,
    /// The trip during which the fuel was bought: one of this car that has departed. Drivers enter refuels of the
    /// trips they drive; null is for the dispatcher.
    pub trip_id: Option<Uuid>,
    /// Not in the future.
    pub refuelled_at: DateTime<Utc>,
    /// What the odometer showed at the pump.
    #[schema(maximum = 9_999_999)]
    pub odometer_km: i64,
    /// The fuel that the car takes.
    pub fuel_type: FuelType,
    /// More than 0, at most two decimals.
    #[schema(min_length = 1, max_length = 7, pattern = r"^[0-9]{1,4}(\.[0-9]{1,2})?$")]
    pub litres: String,
    /// Whole đồng a litre.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub unit_price: i64,
    /// Litres times unit price. A pump rounds the litres that it shows, so the amount may be off by what half a
    /// hundredth of a litre costs.
    #[schema(minimum = 1)]
    pub amount: i64,
    pub invoice: ClaimInvoice,
}

/// Corrections of a refuel. What was read from the odometer, and when, stays: delete the refuel and enter it again.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"litres": "13.40", "amount": 270_010})))]
pub struct RefuelPatch {
    #[serde(default, with = "double_option")]
    pub trip_id: Option<Option<Uuid>>,
    /// More than 0, at most two decimals.
    #[schema(min_length = 1, max_length = 7, pattern = r"^[0-9]{1,4}(\.[0-9]{1,2})?$", nullable = false)]
    pub litres: Option<String>,
    /// Whole đồng a litre.
    #[schema(minimum = 1, maximum = 1_000_000, nullable = false)]
    pub unit_price: Option<i64>,
    #[schema(minimum = 1, nullable = false)]
    pub amount: Option<i64>,
    #[schema(nullable = false)]
    pub invoice: Option<ClaimInvoice>,
}

/// Fuel that was bought for a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefuelOut {
    pub id: Uuid,
    pub version: i64,
    pub vehicle_id: Uuid,
    /// The trip during which the fuel was bought; null where there was none.
    pub trip_id: Option<Uuid>,
    pub refuelled_at: DateTime<Utc>,
    pub odometer_km: i64,
    pub fuel_type: FuelType,
    /// With two decimals.
    #[schema(max_length = 10, example = "43.50")]
    pub litres: String,
    /// Whole đồng a litre.
    pub unit_price: i64,
    pub amount: i64,
    pub invoice: ClaimInvoice,
    /// What a litre cost on that day by the dated prices; null where there is none.
    pub listed_price: Option<i64>,
    /// The unit price less the listed one; null where there is none.
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub price_difference: Option<i64>,
    /// The unit price is further off the listed one than the tolerance of the day allows.
    pub price_marked: bool,
    /// The claim, under way or paid, that asks for the amount; null while there is none.
    pub claim_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for RefuelOut {
    const COLLECTION: &'static str = "/v1/refuels";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// What a refuel is shown with.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefuelParts {
    pub listed_price: Option<i64>,
    /// In hundredths of a percent; without one nothing is marked.
    pub price_tolerance: Option<i64>,
    pub claim_id: Option<Uuid>,
}

impl RefuelOut {
    pub fn new(refuel: Model, parts: RefuelParts) -> Self {
        let Model {
            id,
            vehicle_id,
            trip_id,
            refuelled_at,
            odometer_km,
            fuel_type,
            litres_hundredths,
            unit_price,
            amount,
            invoice_seller_tax_code,
            invoice_number,
            invoice_issued_on,
            invoice_key: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = refuel;
        let RefuelParts { listed_price, price_tolerance, claim_id } = parts;
        let price_difference = listed_price.map(|listed| unit_price - listed);
        let off =
            |difference: i64, listed: i64, tolerance: i64| difference.abs() * 10_000 > listed * tolerance;
        Self {
            id,
            version,
            vehicle_id,
            trip_id,
            refuelled_at,
            odometer_km,
            fuel_type,
            litres: decimal(litres_hundredths),
            unit_price,
            amount,
            invoice: ClaimInvoice {
                seller_tax_code: invoice_seller_tax_code,
                number: invoice_number,
                issued_on: invoice_issued_on,
            },
            listed_price,
            price_difference,
            price_marked: match (price_difference, listed_price, price_tolerance) {
                (Some(difference), Some(listed), Some(tolerance)) => off(difference, listed, tolerance),
                _ => false,
            },
            claim_id,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which refuels.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct RefuelFilter {
    /// Refuels of this car.
    pub vehicle_id: Option<Uuid>,
    /// Refuels of this trip.
    pub trip_id: Option<Uuid>,
    /// Refuels at this moment or later.
    pub refuelled_at_from: Option<DateTime<Utc>>,
    /// Refuels before this moment.
    pub refuelled_at_before: Option<DateTime<Utc>>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<RefuelSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum RefuelSort {
    #[serde(rename = "refuelled_at")]
    RefuelledAt,
    #[default]
    #[serde(rename = "-refuelled_at")]
    RefuelledAtDescending,
    #[serde(rename = "amount")]
    Amount,
    #[serde(rename = "-amount")]
    AmountDescending,
}
