//! Bodies of the odometers' operations.

use chrono::{DateTime, Utc};
use entity::odometer_corrections::{CorrectionStatus, Model as Correction};
use entity::odometer_entries::{Model as Entry, ReadingKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;
use crate::workflow::{AllowedAction, WaitingOn};

/// What an odometer showed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OdometerEntryOut {
    pub id: Uuid,
    pub vehicle_id: Uuid,
    pub read_at: DateTime<Utc>,
    pub km: i64,
    /// How far the car went without a trip since the reading before (km); 0 except at a departure.
    pub gap_km: i64,
    pub gap_reason: Option<String>,
    pub kind: ReadingKind,
    /// The trip, the refuel or the correction behind it; null for the opening.
    pub source_id: Option<Uuid>,
    /// How many corrections came before; readings never go back within one series.
    pub series: i64,
    pub created_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl From<Entry> for OdometerEntryOut {
    fn from(entry: Entry) -> Self {
        let Entry {
            id,
            vehicle_id,
            series,
            read_at,
            km,
            previous_km,
            kind,
            source_id,
            gap_reason,
            created_at,
            created_by_id,
        } = entry;
        let gap_km = match (kind, previous_km) {
            (ReadingKind::Departure, Some(previous)) => km - previous,
            _ => 0,
        };
        Self {
            id,
            vehicle_id,
            read_at,
            km,
            gap_km,
            gap_reason,
            kind,
            source_id,
            series,
            created_at,
            created_by_id,
        }
    }
}

/// Which readings.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct OdometerEntryFilter {
    /// From this instant on.
    pub read_at_from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub read_at_before: Option<DateTime<Utc>>,
}

/// A correction to propose.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"odometer_km": 119650, "reason": "Thay cụm đồng hồ tại xưởng; biên bản 12/BB-XTX"})))]
pub struct OdometerCorrectionIn {
    /// What the odometer shows in truth (km), lower or higher than the last reading.
    #[schema(maximum = 9_999_999)]
    pub odometer_km: i64,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Why a correction is refused.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Ảnh đồng hồ không khớp với số km đề nghị"})))]
pub struct OdometerRefusalIn {
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// A correction of an odometer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OdometerCorrectionOut {
    pub id: Uuid,
    pub version: i64,
    pub vehicle_id: Uuid,
    pub status: CorrectionStatus,
    /// What the odometer shows in truth (km).
    pub odometer_km: i64,
    pub reason: String,
    pub proposed_by_id: Uuid,
    /// Who consented or refused; never who proposed it.
    pub decided_by_id: Option<Uuid>,
    /// Why it was refused.
    pub decision_reason: Option<String>,
    /// Whose turn it is; null when it is decided, and in lists.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do now; null in lists.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for OdometerCorrectionOut {
    const COLLECTION: &'static str = "/v1/odometer-corrections";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Correction> for OdometerCorrectionOut {
    fn from(row: Correction) -> Self {
        let Correction {
            id,
            vehicle_id,
            km,
            reason,
            status,
            proposed_by_id,
            decided_by_id,
            decision_reason,
            open_vehicle_id: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = row;
        Self {
            id,
            version,
            vehicle_id,
            status,
            odometer_km: km,
            reason,
            proposed_by_id,
            decided_by_id,
            decision_reason,
            waiting_on: None,
            allowed_actions: None,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which corrections.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct OdometerCorrectionFilter {
    #[param(inline)]
    pub status: Option<CorrectionStatus>,
}
