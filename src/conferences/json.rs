//! Bodies of the conferences' operations.

use chrono::{DateTime, Utc};
use entity::conferences::{ConferenceKind, Model};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::clock::TIME_ZONE;
use crate::conferences::costs::json::ConferenceMoney;
use crate::demo;
use crate::http::input::broken;
use crate::http::reply::Resource;

/// A conference or reception to hold.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "ends_after_start"))]
#[schema(examples(json!({
    "kind": "conference", "name": "Tập huấn nghiệp vụ tổ chức xây dựng Đảng", "board_id": demo::id("btctu"),
    "starts_at": "2029-03-10T08:00:00+07:00", "ends_at": "2029-03-11T17:00:00+07:00",
    "place": "Hội trường Tỉnh ủy", "delegate_count": 120, "coordinator_id": demo::id("p_duong"),
})))]
pub struct ConferenceIn {
    pub kind: ConferenceKind,
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// The board that holds it.
    pub board_id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 300)]
    pub place: String,
    /// How many delegates or guests are expected.
    #[schema(minimum = 1, maximum = 100_000)]
    pub delegate_count: i64,
    /// The member of staff who gives out the tasks and keeps them moving.
    pub coordinator_id: Uuid,
}

fn ends_after_start(conference: &ConferenceIn) -> Result<(), ValidationError> {
    if conference.ends_at > conference.starts_at {
        return Ok(());
    }
    Err(broken("ends_at", "out_of_range", "phải sau starts_at", "must be after starts_at"))
}

/// Changes of a conference. Another `starts_at` moves the due times of all open tasks by the same span.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"place": "Hội trường Ban Tổ chức", "delegate_count": 140})))]
pub struct ConferencePatch {
    #[schema(min_length = 1, max_length = 300, nullable = false)]
    pub name: Option<String>,
    #[schema(nullable = false)]
    pub starts_at: Option<DateTime<Utc>>,
    #[schema(nullable = false)]
    pub ends_at: Option<DateTime<Utc>>,
    #[schema(min_length = 1, max_length = 300, nullable = false)]
    pub place: Option<String>,
    #[schema(minimum = 1, maximum = 100_000, nullable = false)]
    pub delegate_count: Option<i64>,
    #[schema(nullable = false)]
    pub coordinator_id: Option<Uuid>,
}

/// A conference or reception.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConferenceOut {
    pub id: Uuid,
    /// `CF-2026-000001`; receptions `RC-2026-000001`.
    pub number: String,
    pub version: i64,
    pub kind: ConferenceKind,
    pub name: String,
    /// The board that holds it.
    pub board_id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The time zone in which people think of its times.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    pub time_zone: String,
    pub place: String,
    pub delegate_count: i64,
    pub coordinator_id: Uuid,
    /// Where its money stands; null while nothing is planned, and for those who only have a task in it.
    pub costs: Option<ConferenceMoney>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for ConferenceOut {
    const COLLECTION: &'static str = "/v1/conferences";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for ConferenceOut {
    fn from(conference: Model) -> Self {
        let Model {
            id,
            number,
            kind,
            name,
            board_id,
            starts_at,
            ends_at,
            place,
            delegate_count,
            coordinator_id,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = conference;
        Self {
            id,
            number,
            version,
            kind,
            name,
            board_id,
            starts_at,
            ends_at,
            time_zone: TIME_ZONE.to_owned(),
            place,
            delegate_count,
            coordinator_id,
            costs: None,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which conferences.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ConferenceFilter {
    /// Conferences that this board holds.
    pub board_id: Option<Uuid>,
    /// Conferences or receptions.
    #[param(inline)]
    pub kind: Option<ConferenceKind>,
    /// Begins at this time or later.
    pub starts_at_from: Option<DateTime<Utc>>,
    /// Begins before this time.
    pub starts_at_before: Option<DateTime<Utc>>,
    /// Finds number, name and place, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<ConferenceSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum ConferenceSort {
    #[serde(rename = "starts_at")]
    StartsAt,
    #[default]
    #[serde(rename = "-starts_at")]
    StartsAtDescending,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
}
