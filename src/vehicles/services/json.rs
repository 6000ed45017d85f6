//! Bodies of the services' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::vehicle_services::Model;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;

/// A service that was done.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "kind": "brakes", "done_on": "2025-12-11", "odometer_km": 119500, "cost_amount": 1850000,
    "workshop": "Gara Hoàng Anh", "next_due_on": "2029-12-11", "next_due_km": 149500,
})))]
pub struct VehicleServiceIn {
    /// What was done, e.g. `oil_change`, `tyres`, `general`. The list grows.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", examples("oil_change"))]
    pub kind: String,
    /// The day; not after today.
    pub done_on: NaiveDate,
    /// What the odometer showed then (km).
    #[schema(maximum = 9_999_999)]
    pub odometer_km: i64,
    /// What it cost (đồng).
    pub cost_amount: Option<i64>,
    #[schema(max_length = 200)]
    pub workshop: Option<String>,
    #[schema(max_length = 500)]
    pub note: Option<String>,
    /// The day by which it is to be done again; after `done_on`.
    pub next_due_on: Option<NaiveDate>,
    /// What the odometer shows when it is to be done again (km); more than `odometer_km`.
    #[schema(maximum = 9_999_999)]
    pub next_due_km: Option<i64>,
}

/// Changes of a service that was written down wrongly. The next one is a new record.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"next_due_on": null, "next_due_km": 125000, "note": "Dầu tổng hợp"})))]
pub struct VehicleServicePatch {
    /// What was done, e.g. `oil_change`, `tyres`, `general`. The list grows.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", nullable = false)]
    pub kind: Option<String>,
    /// The day; not after today.
    #[schema(nullable = false)]
    pub done_on: Option<NaiveDate>,
    #[schema(maximum = 9_999_999, nullable = false)]
    pub odometer_km: Option<i64>,
    /// What it cost (đồng).
    #[serde(default, with = "double_option")]
    pub cost_amount: Option<Option<i64>>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 200)]
    pub workshop: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 500)]
    pub note: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    pub next_due_on: Option<Option<NaiveDate>>,
    #[serde(default, with = "double_option")]
    #[schema(maximum = 9_999_999)]
    pub next_due_km: Option<Option<i64>>,
}

/// A service that was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VehicleServiceOut {
    pub id: Uuid,
    pub version: i64,
    pub vehicle_id: Uuid,
    /// What was done, e.g. `oil_change`, `tyres`, `general`. The list grows.
    pub kind: String,
    pub done_on: NaiveDate,
    /// What the odometer showed then (km).
    pub odometer_km: i64,
    /// What it cost (đồng); null where nobody wrote it down.
    pub cost_amount: Option<i64>,
    pub workshop: Option<String>,
    pub note: Option<String>,
    /// The day by which it is to be done again; null where no day is set.
    pub next_due_on: Option<NaiveDate>,
    /// What the odometer shows when it is to be done again (km); null where the km do not matter.
    pub next_due_km: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for VehicleServiceOut {
    const COLLECTION: &'static str = "/v1/vehicle-services";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for VehicleServiceOut {
    fn from(service: Model) -> Self {
        let Model {
            id,
            vehicle_id,
            kind,
            done_on,
            odometer_km,
            cost_amount,
            workshop,
            note,
            next_due_on,
            next_due_km,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = service;
        Self {
            id,
            version,
            vehicle_id,
            kind,
            done_on,
            odometer_km,
            cost_amount,
            workshop,
            note,
            next_due_on,
            next_due_km,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which services.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct VehicleServiceFilter {
    /// Services of this kind.
    #[param(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$")]
    pub kind: Option<String>,
    /// Those that were done on this day or later.
    pub done_on_from: Option<NaiveDate>,
    /// Those that were done before this day.
    pub done_on_before: Option<NaiveDate>,
}
