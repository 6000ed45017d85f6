//! Hand-overs: a lead asks another person to lead, who accepts, and the coordinator of the conference approves.
//!
//! Until the approval nothing changes: the lead keeps the duty and the due time stands. What comes after the due
//! time, or concerns the coordinator in person, is the chief of office's to decide.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::conference_tasks::Model as Task;
use entity::conferences;
use entity::task_hand_overs::{ActiveModel, Column, Entity, HandOverOutcome, Model};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Set,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conferences::rules::{self, Around};
use crate::conferences::tasks::json::TaskHandOverIn;
use crate::conferences::tasks::store;
use crate::error::{ApiError, ApiResult, Code, Text, four_eyes, text};
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::workflow::only;
use crate::write::Tx;

/// Whether a hand-over comes too late for the coordinator of the conference.
pub fn is_late(hand_over: &Model, task: &Task, now: DateTime<Utc>) -> bool {
    hand_over.late || now > task.due_at
}

/// Whether the chief of office decides and not the coordinator of the conference.
pub fn is_for_chief(hand_over: &Model, task: &Task, coordinator_id: Uuid, now: DateTime<Utc>) -> bool {
    is_party(hand_over, coordinator_id) || is_late(hand_over, task, now)
}

fn is_party(hand_over: &Model, staff_id: Uuid) -> bool {
    [hand_over.from_staff_id, hand_over.to_staff_id].contains(&staff_id)
}

/// Only the receiver answers; where nothing is pending, the state refuses the step.
///
/// # Errors
/// 403.
pub(crate) fn by_receiver(call: &Call, pending: Option<&Model>) -> ApiResult<()> {
    let Some(pending) = pending else { return Ok(()) };
    call.within_limits(pending.to_board_id)?;
    only(
        call,
        pending.to_staff_id,
        "Việc này dành cho người được đề nghị nhận bàn giao.",
        "This is for the receiver of the hand-over.",
    )
}

/// # Errors
/// 403; `four_eyes` for the two people whom the hand-over concerns.
pub(crate) fn by_approver(call: &Call, task: &Task, around: &Around) -> ApiResult<()> {
    call.within_limits(task.board_id)?;
    let conference = &around.conference;
    let (chief, coordinator) = (rules::is_chief(call, conference), rules::coordinates(call, conference));
    if !chief && !coordinator {
        return Err(rules::not_coordinator());
    }
    let Some(pending) = around.pending() else { return Ok(()) };
    if is_party(pending, call.staff_id()?) {
        return Err(four_eyes());
    }
    if chief || !is_for_chief(pending, task, conference.coordinator_id, call.now()) {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Bàn giao sau hạn hoàn thành do Chánh Văn phòng duyệt.",
        "A hand-over after the due time is the chief of office's to approve.",
    )))
}

/// The hand-overs of some tasks, oldest first.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_tasks(
    db: &impl ConnectionTrait,
    tasks: impl IntoIterator<Item = Uuid>,
) -> ApiResult<Vec<Model>> {
    let select = Entity::find().filter(Column::TaskId.is_in(tasks));
    Ok(select.order_by_asc(Column::RequestedAt).order_by_asc(Column::Id).all(db).await?)
}

/// The pending hand-overs of some tasks, each with the coordinator of the conference; two queries.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn pending_of(
    db: &impl ConnectionTrait,
    tasks: &[Task],
) -> ApiResult<BTreeMap<Uuid, (Model, Uuid)>> {
    let of_these = Column::TaskId.is_in(tasks.iter().map(|task| task.id));
    let pending = Entity::find().filter(of_these).filter(Column::Outcome.is_null()).all(db).await?;
    let mut pending: BTreeMap<Uuid, Model> = pending.into_iter().map(|one| (one.task_id, one)).collect();
    let passed_on = || tasks.iter().filter(|task| pending.contains_key(&task.id));
    let ids = passed_on().map(|task| task.conference_id);
    let conferences = by_id::<conferences::Entity, _>(db, ids, conferences::Column::Id).await?;
    let of_task = |task: &Task| conferences.get(&task.conference_id).map(|one| (task.id, one.coordinator_id));
    let coordinators: Vec<(Uuid, Uuid)> = passed_on().filter_map(of_task).collect();
    let with = |(task, coordinator)| pending.remove(&task).map(|one| (task, (one, coordinator)));
    Ok(coordinators.into_iter().filter_map(with).collect())
}

/// The ids of all tasks with a pending hand-over, for a condition of another query.
pub(crate) fn pending_tasks() -> Select<Entity> {
    Entity::find().select_only().column(Column::TaskId).filter(Column::Outcome.is_null())
}

/// The ids of the tasks that somebody is asked to take over, in person or for one of these boards.
pub(crate) fn offered_to(boards: &[Uuid], staff_id: Option<Uuid>) -> SelectStatement {
    let to = Condition::any()
        .add(Column::ToBoardId.is_in(boards.iter().copied()))
        .add_option(staff_id.map(|person| Column::ToStaffId.eq(person)));
    pending_tasks().filter(to).into_query()
}

/// What a step of the hand-over changes beside the task's row, or with it where the lead changes; gives the details
/// for the history.
///
/// # Errors
/// 409 where the receiver cannot lead any more.
pub(crate) async fn effect(
    tx: &Tx,
    call: &Call,
    task: &Task,
    around: &Around,
    verb: &str,
    (asked, reason): (Option<&TaskHandOverIn>, Option<&str>),
) -> ApiResult<Value> {
    if let Some(asked) = asked {
        return request(tx, task, asked, reason.unwrap_or_default()).await;
    }
    let pending = around.pending().ok_or_else(|| ApiError::internal("no hand-over is pending"))?;
    let to = json!({"hand_over_id": pending.id, "lead_id": pending.to_staff_id, "lead_board_id": pending.to_board_id});
    let outcome = match verb {
        "accept-hand-over" => {
            still_able(tx, task, around, pending).await?;
            let mut accepted = pending.clone().into_active_model();
            accepted.accepted_at = Set(Some(tx.now));
            accepted.update(tx.db()).await?;
            return Ok(to);
        }
        "approve-hand-over" => {
            still_able(tx, task, around, pending).await?;
            HandOverOutcome::Approved
        }
        "decline-hand-over" => HandOverOutcome::Declined,
        "withdraw-hand-over" => HandOverOutcome::Withdrawn,
        _ => HandOverOutcome::Refused,
    };
    end(tx, task, pending, outcome, (Some(call.staff_id()?), reason)).await?;
    Ok(to)
}

async fn request(tx: &Tx, task: &Task, asked: &TaskHandOverIn, reason: &str) -> ApiResult<Value> {
    let TaskHandOverIn { reason: _, lead_id, lead_board_id } = asked;
    let hand_over = new(tx, task, (*lead_id, *lead_board_id), reason).insert(tx.db()).await?;
    Ok(json!({"hand_over_id": hand_over.id, "lead_id": lead_id, "lead_board_id": lead_board_id}))
}

fn new(tx: &Tx, task: &Task, (to_staff_id, to_board_id): (Uuid, Uuid), reason: &str) -> ActiveModel {
    ActiveModel {
        id: Set(tx.id()),
        task_id: Set(task.id),
        from_staff_id: Set(task.lead_id),
        from_board_id: Set(task.lead_board_id),
        to_staff_id: Set(to_staff_id),
        to_board_id: Set(to_board_id),
        reason: Set(reason.to_owned()),
        requested_at: Set(tx.now),
        late: Set(tx.now > task.due_at),
        accepted_at: Set(None),
        outcome: Set(None),
        decided_by_id: Set(None),
        decided_at: Set(None),
        decision_reason: Set(None),
    }
}

/// Notes a hand-over that nobody was asked for: the lead leaves.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn on_departure(
    tx: &Tx,
    task: &Task,
    to: (Uuid, Uuid),
    reason: &str,
    by_id: Option<Uuid>,
) -> ApiResult<Model> {
    let mut row = new(tx, task, to, reason);
    row.outcome = Set(Some(HandOverOutcome::Departure));
    row.decided_by_id = Set(by_id);
    row.decided_at = Set(Some(tx.now));
    Ok(row.insert(tx.db()).await?)
}

/// Ends a pending hand-over.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn end(
    tx: &Tx,
    task: &Task,
    pending: &Model,
    outcome: HandOverOutcome,
    (by_id, reason): (Option<Uuid>, Option<&str>),
) -> ApiResult<()> {
    let mut ended = pending.clone().into_active_model();
    ended.late = Set(is_late(pending, task, tx.now));
    ended.outcome = Set(Some(outcome));
    ended.decided_by_id = Set(by_id);
    ended.decided_at = Set(Some(tx.now));
    ended.decision_reason = Set(reason.map(str::to_owned));
    ended.update(tx.db()).await?;
    Ok(())
}

/// The receiver was able to lead when they were named; much can happen until they do.
async fn still_able(tx: &Tx, task: &Task, around: &Around, pending: &Model) -> ApiResult<()> {
    let broken = store::broken_lead(tx, task, pending.to_staff_id, pending.to_board_id).await?;
    let Some(first) = broken.first() else { return Ok(()) };
    let Text { vi, en } = &first.detail;
    Err(ApiError::new(
        Code::StateConflict,
        text(format!("Người nhận không thể chủ trì: {vi}."), format!("The receiver cannot lead: {en}.")),
    )
    .with("current_status", task.status.to_value())
    .with("possible_actions", around.possible_verbs(task.status)))
}
