//! Bodies of the measures' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::measure_consents;
use entity::measures::MeasureStatus;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::http::input::broken;
use crate::http::reply::Resource;
use crate::workflow::{AllowedAction, WaitingOn};

/// Something to do about an obstacle.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "checked_after_it_is_due"))]
#[schema(examples(json!({
    "obstacle_id": demo::id("ob_2029_accepted"), "title": "Một lịch đăng ký phòng họp chung",
    "description": "Các ban đăng ký phòng họp trên một lịch, chậm nhất trước hai ngày làm việc",
    "lead_board_id": demo::id("vptu"), "lead_id": demo::id("p_thinh"),
    "due_on": "2029-06-30", "check_on": "2029-09-30",
})))]
pub struct MeasureIn {
    /// An obstacle that is accepted or in action.
    pub obstacle_id: Uuid,
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    /// The body that leads.
    pub lead_board_id: Uuid,
    /// The person who leads; has an appointment in the lead body today.
    pub lead_id: Uuid,
    /// The day until which it is done; not in the past.
    pub due_on: NaiveDate,
    /// The day from which on its effect is judged; not before `due_on`.
    pub check_on: NaiveDate,
}

fn checked_after_it_is_due(measure: &MeasureIn) -> Result<(), ValidationError> {
    if measure.check_on >= measure.due_on {
        return Ok(());
    }
    Err(broken("check_on", "out_of_range", "không được trước due_on", "must not be before due_on"))
}

/// A consent.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"board_id": demo::id("btctu")})))]
pub struct MeasureConsentIn {
    /// On behalf of which board: all boards concerned that the caller heads unless given.
    pub board_id: Option<Uuid>,
    /// Needed from a chief of office who consents in place of a head: why.
    #[schema(min_length = 1, max_length = 1000)]
    pub note: Option<String>,
}

/// The reason of a step.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Tháng sau hồ sơ vẫn bị trả lại như trước"})))]
pub struct MeasureReasonIn {
    /// Must be given: somebody else reads it and acts on it.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// What the lead did.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"result": "Đã ban hành mẫu bảng kê theo Công văn số 15-CV/VPTU"})))]
pub struct MeasureResultIn {
    #[schema(min_length = 1, max_length = 2000)]
    pub result: String,
}

/// Something to do about an obstacle.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeasureOut {
    pub id: Uuid,
    /// `MS-2026-000001`
    pub number: String,
    pub version: i64,
    pub obstacle_id: Uuid,
    /// The board that reported the obstacle.
    pub board_id: Uuid,
    pub title: String,
    pub description: String,
    /// Who proposed it, as staff.
    pub proposed_by_id: Uuid,
    pub lead_board_id: Uuid,
    pub lead_id: Uuid,
    /// The day until which it is done.
    pub due_on: NaiveDate,
    /// The day from which on its effect is judged.
    pub check_on: NaiveDate,
    pub status: MeasureStatus,
    /// Null when nobody needs to act, such as between the work and `check_on`; in lists also unless
    /// `expand=allowed_actions` was sent.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do now; null in lists unless `expand=allowed_actions` was sent.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// Who consented, and on behalf of which board; in order of time.
    pub consents: Vec<MeasureConsentOut>,
    /// The boards concerned whose consent is missing; empty unless the measure is proposed.
    pub missing_board_ids: Vec<Uuid>,
    /// When the last consent came.
    pub agreed_at: Option<DateTime<Utc>>,
    /// What its lead did.
    pub result: Option<String>,
    pub done_at: Option<DateTime<Utc>>,
    /// Who judged its effect, as staff; never its lead.
    pub judged_by_id: Option<Uuid>,
    pub judged_at: Option<DateTime<Utc>>,
    /// Why it was rejected or withdrawn, or found without effect.
    pub decision_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for MeasureOut {
    const COLLECTION: &'static str = "/v1/measures";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// A consent on behalf of one board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeasureConsentOut {
    pub board_id: Uuid,
    /// As staff.
    pub consented_by_id: Uuid,
    pub consented_at: DateTime<Utc>,
    /// A chief of office consented, since the board had no head; `note` says more.
    pub in_place_of_head: bool,
    pub note: Option<String>,
}

impl From<measure_consents::Model> for MeasureConsentOut {
    fn from(row: measure_consents::Model) -> Self {
        let measure_consents::Model {
            id: _,
            measure_id: _,
            board_id,
            consented_by_id,
            consented_at,
            in_place_of_head,
            note,
        } = row;
        Self { board_id, consented_by_id, consented_at, in_place_of_head, note }
    }
}

/// Which measures.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct MeasureFilter {
    /// Measures against this obstacle.
    pub obstacle_id: Option<Uuid>,
    /// Measures in one of these states.
    #[param(inline)]
    pub status: Option<Vec<MeasureStatus>>,
    /// Measures that this body leads.
    pub lead_board_id: Option<Uuid>,
    /// Measures that this person leads.
    pub lead_id: Option<Uuid>,
    /// Whether it is done and its effect can be judged.
    pub check_due: Option<bool>,
    /// Finds number, title and description, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<MeasureSort>,
    /// What to show beside the measures. `allowed_actions` fills `waiting_on` as well.
    #[param(inline)]
    pub expand: Option<Vec<MeasureExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum MeasureSort {
    #[default]
    #[serde(rename = "due_on")]
    DueOn,
    #[serde(rename = "-due_on")]
    DueOnDescending,
    #[serde(rename = "created_at")]
    CreatedAt,
}

/// What can be shown beside a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureExpand {
    AllowedActions,
}
