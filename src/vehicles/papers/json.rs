//! Bodies of the papers' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::vehicle_papers::{Model, PaperKind};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;

/// A paper of a car.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "kind": "inspection", "number": "KD-29-00086", "valid_from": "2029-07-01", "valid_to": "2030-06-30",
    "issuer": "Trung tâm Đăng kiểm xe cơ giới 47-01D",
})))]
pub struct VehiclePaperIn {
    pub kind: PaperKind,
    /// What stands on the paper. Case and spaces do not count.
    #[schema(min_length = 1, max_length = 60)]
    pub number: String,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day. Only a registration may have none.
    pub valid_to: Option<NaiveDate>,
    /// Who gave it out.
    #[schema(max_length = 200)]
    pub issuer: Option<String>,
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// Changes of a paper that was written down wrongly. A renewal is a new paper.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"number": "KD-00086-A", "note": "Số tem ghi lại theo bản gốc"})))]
pub struct VehiclePaperPatch {
    /// What stands on the paper. Case and spaces do not count.
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    pub number: Option<String>,
    #[schema(nullable = false)]
    pub valid_from: Option<NaiveDate>,
    /// The last day. Only a registration may have none.
    #[serde(default, with = "double_option")]
    pub valid_to: Option<Option<NaiveDate>>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 200)]
    pub issuer: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 500)]
    pub note: Option<Option<String>>,
}

/// A paper of a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VehiclePaperOut {
    pub id: Uuid,
    pub version: i64,
    pub vehicle_id: Uuid,
    pub kind: PaperKind,
    /// In capitals, without spaces.
    pub number: String,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; null for a registration without an end.
    pub valid_to: Option<NaiveDate>,
    /// Who gave it out.
    pub issuer: Option<String>,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for VehiclePaperOut {
    const COLLECTION: &'static str = "/v1/vehicle-papers";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for VehiclePaperOut {
    fn from(paper: Model) -> Self {
        let Model {
            id,
            vehicle_id,
            kind,
            number,
            valid_from,
            valid_to,
            issuer,
            note,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = paper;
        Self {
            id,
            version,
            vehicle_id,
            kind,
            number,
            valid_from,
            valid_to,
            issuer,
            note,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which papers.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct VehiclePaperFilter {
    /// Papers of this kind.
    #[param(inline)]
    pub kind: Option<PaperKind>,
    /// Papers that are valid on this day.
    pub on: Option<NaiveDate>,
}
