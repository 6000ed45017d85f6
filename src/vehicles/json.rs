//! Bodies of the cars' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::vehicles::{FuelType, Model, VehicleKind};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;
use crate::vehicles::plate::Plate;

/// A car to add.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "plate": "47A-012.34", "name": "Toyota Innova Cross", "kind": "pool_car", "seats": 8, "fuel_type": "petrol",
    "odometer_km": 120,
})))]
pub struct VehicleIn {
    /// In any usual spelling; it is kept as `47A01234`. Unique.
    #[schema(min_length = 1, max_length = 20)]
    pub plate: String,
    /// Make and model.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub kind: VehicleKind,
    /// Seats as registered. Bookings and trips bring at most as many passengers.
    #[schema(minimum = 1, maximum = 60)]
    pub seats: i64,
    pub fuel_type: FuelType,
    /// What the odometer shows now (km).
    #[schema(maximum = 9_999_999)]
    pub odometer_km: i64,
    /// Whose car it is, by staff id; only for a title car.
    pub title_holder_id: Option<Uuid>,
}

/// Changes of a car. What the odometer shows changes by readings and corrections only. Setting `retired_on` takes the car out of service from that day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"name": "Toyota Innova 2.0 E"})))]
pub struct VehiclePatch {
    /// In any usual spelling; it is kept as `47A01234`. Unique.
    #[schema(min_length = 1, max_length = 20, nullable = false)]
    pub plate: Option<String>,
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    pub name: Option<String>,
    #[schema(nullable = false)]
    pub kind: Option<VehicleKind>,
    #[schema(minimum = 1, maximum = 60, nullable = false)]
    pub seats: Option<i64>,
    #[schema(nullable = false)]
    pub fuel_type: Option<FuelType>,
    #[serde(default, with = "double_option")]
    pub title_holder_id: Option<Option<Uuid>>,
    /// The first day out of service; null puts the car back into service.
    #[serde(default, with = "double_option")]
    pub retired_on: Option<Option<NaiveDate>>,
}

/// A car.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VehicleOut {
    pub id: Uuid,
    pub version: i64,
    /// Without dots and dashes, e.g. `47A00123`.
    pub plate: String,
    /// As it stands on the car, e.g. `47A-001.23`.
    pub plate_display: String,
    /// Make and model.
    pub name: String,
    pub kind: VehicleKind,
    pub seats: i64,
    pub fuel_type: FuelType,
    /// What the odometer showed last (km).
    pub odometer_km: i64,
    /// Whose car it is; null for cars that are nobody's.
    pub title_holder_id: Option<Uuid>,
    /// The first day out of service; null while the car is in use.
    pub retired_on: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for VehicleOut {
    const COLLECTION: &'static str = "/v1/vehicles";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for VehicleOut {
    fn from(car: Model) -> Self {
        let Model {
            id,
            plate,
            name,
            kind,
            seats,
            fuel_type,
            odometer_km,
            title_holder_id,
            retired_on,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = car;
        let plate_display = Plate::parse(&plate).map_or_else(|| plate.clone(), |plate| plate.display());
        Self {
            id,
            version,
            plate,
            plate_display,
            name,
            kind,
            seats,
            fuel_type,
            odometer_km,
            title_holder_id,
            retired_on,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which cars.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct VehicleFilter {
    /// Cars in service on this day.
    pub on: Option<NaiveDate>,
    /// Cars of this kind.
    #[param(inline)]
    pub kind: Option<VehicleKind>,
    /// Cars that run on this.
    #[param(inline)]
    pub fuel_type: Option<FuelType>,
    /// Cars with at least this many seats.
    #[param(minimum = 1, maximum = 60)]
    pub seats_from: Option<i64>,
    /// Finds plate and name, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<VehicleSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum VehicleSort {
    #[default]
    #[serde(rename = "plate")]
    Plate,
    #[serde(rename = "-plate")]
    PlateDescending,
    #[serde(rename = "seats")]
    Seats,
    #[serde(rename = "-seats")]
    SeatsDescending,
}
