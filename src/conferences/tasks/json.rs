//! Bodies of the tasks' operations.

use chrono::{DateTime, Utc};
use entity::conference_tasks::TaskStatus;
use entity::conferences::ConferenceKind;
use entity::task_objections::ObjectionDecision;
use entity::{conferences, staff, task_coordinators, task_holders, task_objections};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::http::reply::Resource;
use crate::workflow::{AllowedAction, WaitingOn};

/// A task to give out: exactly one lead in one body.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "conference_id": demo::id("cf_2029_btctu"), "title": "Trưng bày ảnh tư liệu", "deliverable": "Ảnh đã treo tại sảnh",
    "lead_board_id": demo::id("vptu"), "lead_id": demo::id("p_thinh"), "checker_id": demo::id("p_tuan"),
    "coordinators": [
        {"board_id": demo::id("btctu"), "staff_id": demo::id("p_phuoc"), "deliverable": "Danh mục ảnh"}
    ],
    "accept_by": "2029-06-01T17:00:00+07:00", "due_at": "2029-10-09T17:00:00+07:00",
})))]
pub struct ConferenceTaskIn {
    pub conference_id: Uuid,
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// What there is when the task is done, so that nobody argues about it later.
    #[schema(min_length = 1, max_length = 500)]
    pub deliverable: String,
    /// The body that leads.
    pub lead_board_id: Uuid,
    /// The person who leads; has an appointment in the lead body today.
    pub lead_id: Uuid,
    /// Who helps the lead. Nobody unless given.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub coordinators: Vec<TaskCoordinatorIn>,
    /// The person who checks the result; not the lead.
    pub checker_id: Uuid,
    /// Until when the lead accepts or objects; after that the chief of office is told. Before `due_at`.
    pub accept_by: DateTime<Utc>,
    /// Until when the result is there.
    pub due_at: DateTime<Utc>,
}

/// Somebody who helps the lead with a part of their own.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TaskCoordinatorIn {
    /// The body for which the person helps.
    pub board_id: Uuid,
    /// Has an appointment in that body today.
    pub staff_id: Uuid,
    /// What the lead gets from them.
    #[schema(min_length = 1, max_length = 500)]
    pub deliverable: Option<String>,
}

/// Changes of an open task. The lead is not among them: it changes by a decision on an objection only.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"deliverable": "Tài liệu được duyệt, gửi đại biểu trước ba ngày"})))]
pub struct ConferenceTaskPatch {
    #[schema(min_length = 1, max_length = 300, nullable = false)]
    pub title: Option<String>,
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    pub deliverable: Option<String>,
    #[schema(nullable = false)]
    pub due_at: Option<DateTime<Utc>>,
    /// Only while the task is assigned and the chief of office has not been told of its silence.
    #[schema(nullable = false)]
    pub accept_by: Option<DateTime<Utc>>,
    /// Replaces all coordinators.
    #[schema(max_items = 20, nullable = false)]
    pub coordinators: Option<Vec<TaskCoordinatorIn>>,
}

/// The reason of a step.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Danh sách đại biểu chưa chốt nên chưa có căn cứ"})))]
pub struct TaskReasonIn {
    /// Must be given: somebody else reads it and acts on it.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// The decision that a lead objected rightly, and who leads from now on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "reason": "Ban Tổ chức nắm danh sách đại biểu", "lead_board_id": demo::id("btctu"), "lead_id": demo::id("p_phuoc"),
    "accept_by": "2029-06-08T17:00:00+07:00", "due_at": "2029-10-05T17:00:00+07:00",
})))]
pub struct TaskUpholdIn {
    /// Must be given: the new lead reads it.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    pub lead_board_id: Uuid,
    /// Another person than the lead so far and than the checker, with an appointment in the lead body today.
    pub lead_id: Uuid,
    /// Until when the new lead accepts or objects: later than now, before the task is due.
    pub accept_by: DateTime<Utc>,
    /// Another due time; stays as it is unless given.
    pub due_at: Option<DateTime<Utc>>,
}

/// What the lead hands in.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "result": "Tài liệu đã được duyệt và gửi đại biểu", "evidence": "Tờ trình số 45-TTr/BTCTU",
})))]
pub struct TaskResultIn {
    #[schema(min_length = 1, max_length = 2000)]
    pub result: String,
    /// Where the checker can see it: a document number, a place, a file.
    #[schema(min_length = 1, max_length = 2000)]
    pub evidence: String,
}

/// A task of a conference.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConferenceTaskOut {
    pub id: Uuid,
    /// `CT-2026-000001`
    pub number: String,
    pub version: i64,
    pub conference_id: Uuid,
    /// The board that holds the conference.
    pub board_id: Uuid,
    pub title: String,
    pub deliverable: String,
    pub lead_board_id: Uuid,
    pub lead_id: Uuid,
    pub coordinators: Vec<TaskCoordinatorOut>,
    pub checker_id: Uuid,
    /// Until when the lead accepts or objects.
    pub accept_by: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub status: TaskStatus,
    /// Null when nobody needs to act; in lists also unless `expand=allowed_actions` was sent.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do now; null in lists unless `expand=allowed_actions` was sent.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// When the present lead got the task.
    pub assigned_at: DateTime<Utc>,
    /// When the chief of office was told that the present lead was silent; null if never.
    pub escalated_at: Option<DateTime<Utc>>,
    /// How often leads have objected to the task.
    pub objection_count: i64,
    /// The obstacle that keeps the task from going on; null where there is none.
    pub blocked_by_obstacle_id: Option<Uuid>,
    /// The result handed in last.
    pub result: Option<String>,
    pub evidence: Option<String>,
    /// The reason of the last decision, sending back, cancellation or reopening.
    pub decision_reason: Option<String>,
    pub done_at: Option<DateTime<Utc>>,
    /// Who held the task, from when to when, oldest first.
    pub holders: Vec<TaskHolderOut>,
    /// Oldest first.
    pub objections: Vec<TaskObjectionOut>,
    /// Null unless `expand=lead` was sent.
    pub lead: Option<TaskLeadOut>,
    /// Null unless `expand=conference` was sent.
    pub conference: Option<TaskConferenceOut>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for ConferenceTaskOut {
    const COLLECTION: &'static str = "/v1/conference-tasks";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Somebody who helps the lead.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskCoordinatorOut {
    pub board_id: Uuid,
    pub staff_id: Uuid,
    pub deliverable: Option<String>,
}

impl From<task_coordinators::Model> for TaskCoordinatorOut {
    fn from(row: task_coordinators::Model) -> Self {
        Self { board_id: row.board_id, staff_id: row.staff_id, deliverable: row.deliverable }
    }
}

/// A period in which one person held the task; the next one begins at the very instant at which it ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskHolderOut {
    pub staff_id: Uuid,
    pub board_id: Uuid,
    pub held_from: DateTime<Utc>,
    /// Null while the person holds it.
    pub held_to: Option<DateTime<Utc>>,
    /// The step that ended it, e.g. `uphold`; null while the person holds it.
    pub ended_by: Option<String>,
}

impl From<task_holders::Model> for TaskHolderOut {
    fn from(row: task_holders::Model) -> Self {
        let task_holders::Model { id: _, task_id: _, staff_id, board_id, held_from, held_to, ended_by } = row;
        Self { staff_id, board_id, held_from, held_to, ended_by }
    }
}

/// An objection of a lead and what was decided about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskObjectionOut {
    pub id: Uuid,
    /// The lead who objected.
    pub staff_id: Uuid,
    pub board_id: Uuid,
    pub reason: String,
    pub objected_at: DateTime<Utc>,
    /// Null while it is undecided, and where the task was cancelled before the decision.
    pub decision: Option<ObjectionDecision>,
    pub decided_by_id: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decision_reason: Option<String>,
}

impl From<task_objections::Model> for TaskObjectionOut {
    fn from(row: task_objections::Model) -> Self {
        let task_objections::Model {
            id,
            task_id: _,
            staff_id,
            board_id,
            reason,
            objected_at,
            decision,
            decided_by_id,
            decided_at,
            decision_reason,
        } = row;
        Self {
            id,
            staff_id,
            board_id,
            reason,
            objected_at,
            decision,
            decided_by_id,
            decided_at,
            decision_reason,
        }
    }
}

/// The lead of a task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskLeadOut {
    pub id: Uuid,
    pub full_name: String,
}

impl From<&staff::Model> for TaskLeadOut {
    fn from(person: &staff::Model) -> Self {
        Self { id: person.id, full_name: person.full_name.clone() }
    }
}

/// The conference of a task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskConferenceOut {
    pub id: Uuid,
    pub number: String,
    pub kind: ConferenceKind,
    pub name: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub place: String,
    pub coordinator_id: Uuid,
}

impl From<&conferences::Model> for TaskConferenceOut {
    fn from(conference: &conferences::Model) -> Self {
        Self {
            id: conference.id,
            number: conference.number.clone(),
            kind: conference.kind,
            name: conference.name.clone(),
            starts_at: conference.starts_at,
            ends_at: conference.ends_at,
            place: conference.place.clone(),
            coordinator_id: conference.coordinator_id,
        }
    }
}

/// Which tasks.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ConferenceTaskFilter {
    /// Tasks of this conference.
    pub conference_id: Option<Uuid>,
    /// Tasks of conferences that this board holds.
    pub board_id: Option<Uuid>,
    /// Tasks that this body leads.
    pub lead_board_id: Option<Uuid>,
    /// Tasks that this person leads.
    pub lead_id: Option<Uuid>,
    /// Tasks in one of these states.
    #[param(inline)]
    pub status: Option<Vec<TaskStatus>>,
    /// Whether the chief of office was told that the present lead was silent.
    pub escalated: Option<bool>,
    /// Whether an obstacle blocks the task.
    pub blocked: Option<bool>,
    /// Due at this time or later.
    pub due_at_from: Option<DateTime<Utc>>,
    /// Due before this time.
    pub due_at_before: Option<DateTime<Utc>>,
    /// Finds number, title and deliverable, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<ConferenceTaskSort>,
    /// What to show beside the tasks. `allowed_actions` fills `waiting_on` as well.
    #[param(inline)]
    pub expand: Option<Vec<ConferenceTaskExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum ConferenceTaskSort {
    #[default]
    #[serde(rename = "due_at")]
    DueAt,
    #[serde(rename = "-due_at")]
    DueAtDescending,
    #[serde(rename = "created_at")]
    CreatedAt,
}

/// What can be shown beside a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConferenceTaskExpand {
    Lead,
    Conference,
    AllowedActions,
}
