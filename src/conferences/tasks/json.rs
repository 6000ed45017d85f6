//! Bodies of the tasks' operations.

use chrono::{DateTime, Utc};
use entity::conference_tasks::TaskStatus;
use entity::conferences::ConferenceKind;
use entity::task_hand_overs::HandOverOutcome;
use entity::task_objections::ObjectionDecision;
use entity::{conferences, staff, task_coordinators, task_hand_overs, task_holders, task_objections};
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

/// Changes of an open task. The lead is not among them: it changes by a decision on an objection or a hand-over only.
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
    /// Replaces all coordinators. Who stays with the same part keeps what became of it.
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

/// Whom the lead asks to lead in their place, and why.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "reason": "Đi học tập trung từ tháng tới", "lead_board_id": demo::id("btctu"), "lead_id": demo::id("p_phuoc"),
})))]
pub struct TaskHandOverIn {
    /// Must be given: the receiver and the coordinator of the conference read it.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    pub lead_board_id: Uuid,
    /// The receiver: another person than the lead and than the checker, with an appointment in that body today.
    /// A coordinator of the task who receives it is no coordinator any more from the approval on.
    pub lead_id: Uuid,
}

/// What a coordinator delivered.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"report": "Đã gửi danh sách đại biểu ở xa, công văn số 120-CV/BTCTU"})))]
pub struct TaskPartReportIn {
    #[schema(min_length = 1, max_length = 2000)]
    pub report: String,
}

/// Whose part, and why.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"staff_id": demo::id("p_phuoc"), "reason": "Danh sách của năm trước dùng lại được"})))]
pub struct TaskPartIn {
    /// The coordinator whose part it is.
    pub staff_id: Uuid,
    /// Must be given: the coordinator reads it.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
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
    /// Names of bodies outside that help, such as the police.
    pub external_coordinators: Vec<String>,
    pub checker_id: Uuid,
    /// Until when the lead accepts or objects.
    pub accept_by: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// When the task moved last, with its conference; null if never.
    pub moved_at: Option<DateTime<Utc>>,
    /// When it was due before that.
    pub moved_from_due_at: Option<DateTime<Utc>>,
    /// The tasks that it waits for. Told, not enforced: the lead may hand the result in earlier.
    pub depends_on_ids: Vec<Uuid>,
    /// The template that it was made by; null for a task that was given out by hand.
    pub template_id: Option<Uuid>,
    /// Its code in that template.
    pub template_item: Option<String>,
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
    /// Oldest first; at most one is pending.
    pub hand_overs: Vec<TaskHandOverOut>,
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
    /// When the part was reported; null while it is open, and where it is excused.
    pub done_at: Option<DateTime<Utc>>,
    /// What was delivered.
    pub report: Option<String>,
    /// When the part was excused; the result can be handed in without it.
    pub excused_at: Option<DateTime<Utc>>,
    pub excused_by_id: Option<Uuid>,
    pub excuse_reason: Option<String>,
}

impl From<task_coordinators::Model> for TaskCoordinatorOut {
    fn from(row: task_coordinators::Model) -> Self {
        let task_coordinators::Model {
            id: _,
            task_id: _,
            board_id,
            staff_id,
            deliverable,
            done_at,
            excused_at,
            report,
            excused_by_id,
            excuse_reason,
        } = row;
        Self { board_id, staff_id, deliverable, done_at, report, excused_at, excused_by_id, excuse_reason }
    }
}

/// A hand-over: who asked whom to lead, why, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskHandOverOut {
    pub id: Uuid,
    /// The lead who asked, or who left.
    pub from_staff_id: Uuid,
    pub from_board_id: Uuid,
    /// The receiver.
    pub to_staff_id: Uuid,
    pub to_board_id: Uuid,
    pub reason: String,
    pub requested_at: DateTime<Utc>,
    /// Whether it was requested or decided after the task was due: then the chief of office decides.
    pub late: bool,
    /// When the receiver accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Null while it is pending.
    pub outcome: Option<HandOverOutcome>,
    /// Who ended it: the receiver who declined, the lead who withdrew, who approved or refused; null where nobody did
    /// in person.
    pub decided_by_id: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decision_reason: Option<String>,
}

impl From<task_hand_overs::Model> for TaskHandOverOut {
    fn from(row: task_hand_overs::Model) -> Self {
        let task_hand_overs::Model {
            id,
            task_id: _,
            from_staff_id,
            from_board_id,
            to_staff_id,
            to_board_id,
            reason,
            requested_at,
            late,
            accepted_at,
            outcome,
            decided_by_id,
            decided_at,
            decision_reason,
        } = row;
        Self {
            id,
            from_staff_id,
            from_board_id,
            to_staff_id,
            to_board_id,
            reason,
            requested_at,
            late,
            accepted_at,
            outcome,
            decided_by_id,
            decided_at,
            decision_reason,
        }
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
    /// What ended it: the step, e.g. `uphold`, or `departure`; null while the person holds it.
    pub ended_by: Option<String>,
    /// When the person accepted the task; null where they did not, or took it over from a lead who had.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When the chief of office was told of the person's silence.
    pub escalated_at: Option<DateTime<Utc>>,
}

impl From<task_holders::Model> for TaskHolderOut {
    fn from(row: task_holders::Model) -> Self {
        let task_holders::Model {
            id: _,
            task_id: _,
            staff_id,
            board_id,
            held_from,
            held_to,
            ended_by,
            accepted_at,
            escalated_at,
        } = row;
        Self { staff_id, board_id, held_from, held_to, ended_by, accepted_at, escalated_at }
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
