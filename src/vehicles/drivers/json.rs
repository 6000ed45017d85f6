//! Bodies of the drivers' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::drivers::Model;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::http::reply::Resource;

/// A member of staff who is to drive.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "staff_id": demo::id("p_thinh"), "licence_number": "470000099", "licence_class": "b2",
    "licence_expires_on": "2031-05-30", "default_vehicle_id": demo::id("v_hiace"),
})))]
pub struct DriverIn {
    pub staff_id: Uuid,
    /// Unique, whatever its case and spaces.
    #[schema(min_length = 1, max_length = 20)]
    pub licence_number: String,
    /// Class of the licence, kept in small letters. More classes may come.
    #[schema(pattern = "^[A-Za-z][A-Za-z0-9]{0,3}$", min_length = 1, max_length = 4, example = "b2")]
    pub licence_class: String,
    /// The licence's last day.
    pub licence_expires_on: NaiveDate,
    /// The car that this person usually drives.
    pub default_vehicle_id: Option<Uuid>,
}

/// Changes of a driver's licence and usual car.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"licence_expires_on": "2035-12-31"})))]
pub struct DriverPatch {
    /// Unique, whatever its case and spaces.
    #[schema(min_length = 1, max_length = 20, nullable = false)]
    pub licence_number: Option<String>,
    #[schema(pattern = "^[A-Za-z][A-Za-z0-9]{0,3}$", min_length = 1, max_length = 4, nullable = false)]
    pub licence_class: Option<String>,
    #[schema(nullable = false)]
    pub licence_expires_on: Option<NaiveDate>,
    #[serde(default, with = "double_option")]
    pub default_vehicle_id: Option<Option<Uuid>>,
}

/// A driver.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DriverOut {
    pub id: Uuid,
    pub version: i64,
    pub staff_id: Uuid,
    /// The name of the member of staff.
    pub full_name: String,
    pub licence_number: String,
    /// In small letters, e.g. `b2`. More classes may come.
    pub licence_class: String,
    /// The licence's last day.
    pub licence_expires_on: NaiveDate,
    /// The car that this person usually drives; null where there is none.
    pub default_vehicle_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for DriverOut {
    const COLLECTION: &'static str = "/v1/drivers";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl DriverOut {
    pub fn new(driver: Model, full_name: String) -> Self {
        let Model {
            id,
            staff_id,
            licence_number,
            licence_class,
            licence_expires_on,
            default_vehicle_id,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = driver;
        Self {
            id,
            version,
            staff_id,
            full_name,
            licence_number,
            licence_class,
            licence_expires_on,
            default_vehicle_id,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which drivers.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DriverFilter {
    /// The driver who is this member of staff.
    pub staff_id: Option<Uuid>,
    /// Drivers whose licence ends before this day.
    pub licence_expires_on_before: Option<NaiveDate>,
    /// Finds the name, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<DriverSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum DriverSort {
    #[default]
    #[serde(rename = "licence_expires_on")]
    LicenceExpiresOn,
    #[serde(rename = "-licence_expires_on")]
    LicenceExpiresOnDescending,
    #[serde(rename = "created_at")]
    CreatedAt,
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
}
