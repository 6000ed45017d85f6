//! Bodies of the obstacles' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::obstacles::{ObstacleResource, ObstacleStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::http::input::broken;
use crate::http::reply::Resource;
use crate::workflow::{AllowedAction, WaitingOn};

/// Something that hinders the work.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "link_is_whole"))]
#[schema(examples(json!({
    "board_id": demo::id("btctu"), "title": "Thiếu phòng nghỉ cho đại biểu ở xa",
    "description": "Nhà khách đã kín phòng trong những ngày hội nghị", "area": "conference_work",
    "resource_type": "conference", "resource_id": demo::id("cf_2029_btctu"), "raised_on": "2025-12-10",
    "board_ids": [demo::id("btctu"), demo::id("vptu")],
})))]
pub struct ObstacleIn {
    /// The board that reports it; one in which the caller works.
    pub board_id: Uuid,
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    /// What it is about, an open list: `fuel_and_travel`, `vehicles`, `autonomous_funds`, `conference_work`,
    /// `accounting`, `staff`, `other`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    pub area: String,
    /// The kind of record in which people meet it; with `resource_id`.
    pub resource_type: Option<ObstacleResource>,
    /// A record within the caller's reach.
    pub resource_id: Option<Uuid>,
    /// Not in the future; today unless given.
    pub raised_on: Option<NaiveDate>,
    /// The boards that it concerns, whose heads agree on measures: the reporting board unless others are named.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub board_ids: Vec<Uuid>,
}

fn link_is_whole(obstacle: &ObstacleIn) -> Result<(), ValidationError> {
    match (obstacle.resource_type, obstacle.resource_id) {
        (Some(_), None) => Err(broken(
            "resource_id",
            "required",
            "cần đi cùng resource_type",
            "is needed with resource_type",
        )),
        (None, Some(_)) => {
            Err(broken("resource_type", "required", "cần đi cùng resource_id", "is needed with resource_id"))
        }
        _ => Ok(()),
    }
}

/// Changes of an obstacle. While it is reported, its reporter changes what it says; while it is accepted or in action,
/// a chief of office changes who is in charge of it and until when.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"description": "Hóa đơn xăng dầu phải chờ xác nhận km của ba bộ phận"})))]
pub struct ObstaclePatch {
    #[schema(min_length = 1, max_length = 300, nullable = false)]
    pub title: Option<String>,
    #[schema(min_length = 1, max_length = 2000, nullable = false)]
    pub description: Option<String>,
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", nullable = false)]
    pub area: Option<String>,
    /// Replaces all boards concerned.
    #[schema(min_items = 1, max_items = 20, nullable = false)]
    pub board_ids: Option<Vec<Uuid>>,
    #[schema(nullable = false)]
    pub owner_id: Option<Uuid>,
    /// Not in the past.
    #[schema(nullable = false)]
    pub due_on: Option<NaiveDate>,
}

impl ObstaclePatch {
    /// Whether it changes what the obstacle says.
    pub(crate) fn rewrites(&self) -> bool {
        self.title.is_some() || self.description.is_some() || self.area.is_some() || self.board_ids.is_some()
    }

    /// Whether it changes who is in charge, or until when.
    pub(crate) fn reassigns(&self) -> bool {
        self.owner_id.is_some() || self.due_on.is_some()
    }
}

/// Who is in charge of an obstacle, and until when it is to be gone.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"owner_id": demo::id("p_thinh"), "due_on": "2029-12-31"})))]
pub struct ObstacleAcceptIn {
    /// A member of staff who can act.
    pub owner_id: Uuid,
    /// Not in the past.
    pub due_on: NaiveDate,
}

/// The reason of a step.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Tình trạng cũ đã trở lại"})))]
pub struct ObstacleReasonIn {
    /// Must be given: somebody else reads it and acts on it.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// How an obstacle was resolved.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"resolution": "Đã ban hành mẫu bảng kê; hồ sơ tháng qua không bị trả lại"})))]
pub struct ObstacleResolveIn {
    /// What was done.
    #[schema(min_length = 1, max_length = 2000)]
    pub resolution: String,
}

/// Something that hinders the work.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObstacleOut {
    pub id: Uuid,
    /// `OB-2026-000001`
    pub number: String,
    pub version: i64,
    /// The board that reports it.
    pub board_id: Uuid,
    pub title: String,
    pub description: String,
    /// What it is about, an open list: `fuel_and_travel`, `vehicles`, `autonomous_funds`, `conference_work`,
    /// `accounting`, `staff`, `other`.
    pub area: String,
    /// The kind of record in which people meet it; null where none was named.
    pub resource_type: Option<ObstacleResource>,
    pub resource_id: Option<Uuid>,
    /// The boards that it concerns, whose heads agree on measures.
    pub board_ids: Vec<Uuid>,
    /// Who reported it, as staff.
    pub reported_by_id: Uuid,
    pub raised_on: NaiveDate,
    /// Who is in charge of it, as staff; null before it is accepted.
    pub owner_id: Option<Uuid>,
    /// The day on which it is to be gone; null before it is accepted.
    pub due_on: Option<NaiveDate>,
    /// It is accepted or in action, and `due_on` is past.
    pub overdue: bool,
    pub status: ObstacleStatus,
    /// Null when nobody needs to act; in lists also unless `expand=allowed_actions` was sent.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do now; null in lists unless `expand=allowed_actions` was sent.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// What was done, as its owner told it last.
    pub resolution: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    /// Who found that it is gone, as staff; never its owner.
    pub verified_by_id: Option<Uuid>,
    pub verified_at: Option<DateTime<Utc>>,
    /// Why it was rejected, withdrawn or reopened last.
    pub decision_reason: Option<String>,
    /// The conference tasks that it blocks now, as far as the caller sees them.
    pub blocked_task_ids: Vec<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for ObstacleOut {
    const COLLECTION: &'static str = "/v1/obstacles";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which obstacles.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ObstacleFilter {
    /// Obstacles that this board reports, or that concern it.
    pub board_id: Option<Uuid>,
    /// Obstacles in one of these states.
    #[param(inline)]
    pub status: Option<Vec<ObstacleStatus>>,
    /// Obstacles of this area.
    #[param(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    pub area: Option<String>,
    /// Obstacles that people meet in records of this kind.
    #[param(inline)]
    pub resource_type: Option<ObstacleResource>,
    /// Obstacles that people meet in this record.
    pub resource_id: Option<Uuid>,
    /// Obstacles of which this person is in charge.
    pub owner_id: Option<Uuid>,
    /// Whether it is accepted or in action, and its day is past.
    pub overdue: Option<bool>,
    /// Finds number, title and description, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<ObstacleSort>,
    /// What to show beside the obstacles. `allowed_actions` fills `waiting_on` as well.
    #[param(inline)]
    pub expand: Option<Vec<ObstacleExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum ObstacleSort {
    #[serde(rename = "created_at")]
    CreatedAt,
    #[default]
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
    #[serde(rename = "raised_on")]
    RaisedOn,
    #[serde(rename = "-raised_on")]
    RaisedOnDescending,
}

/// What can be shown beside an obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObstacleExpand {
    AllowedActions,
}
