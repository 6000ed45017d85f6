//! The coordinators' parts of a task: each is open until its coordinator reports it, or until somebody who answers for
//! the task excuses it. A result is handed in only when none is open.

use entity::conference_tasks::Model as Task;
use entity::staff;
use entity::task_coordinators::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveEnum, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conferences::rules::{self, Around};
use crate::conferences::tasks::json::{TaskCoordinatorIn, TaskPartIn, TaskPartReportIn};
use crate::conferences::tasks::store;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::write::Tx;

/// Whether somebody still waits for the part.
pub fn is_open(part: &Model) -> bool {
    part.done_at.is_none() && part.excused_at.is_none()
}

/// What comes with a step of a part.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a> {
    Report(&'a TaskPartReportIn),
    Of(&'a TaskPartIn),
}

/// Coordinators report their own parts; the lead and the coordinator of the conference excuse and reopen them.
///
/// # Errors
/// 403.
pub(crate) fn permit(call: &Call, task: &Task, around: &Around, verb: &str) -> ApiResult<()> {
    let me = call.caller.staff_id;
    let own = around.parts.iter().find(|part| me == Some(part.staff_id));
    let own = own.filter(|part| call.caller.limits_cover(part.board_id));
    let answers = answers_for(call, task, around);
    let (vi, en) = match (verb, own) {
        ("report-part", Some(part)) if is_open(part) => return Ok(()),
        ("report-part", Some(part)) => return Err(wrong_moment(task, around, part)),
        ("report-part", None) => ("người phối hợp", "a coordinator of the task"),
        _ if answers => return Ok(()),
        ("reopen-part", Some(part)) if !is_open(part) => return Ok(()),
        _ => ("người chủ trì và người điều phối hội nghị", "the lead and the coordinator of the conference"),
    };
    Err(ApiError::forbidden(text(format!("Việc này dành cho {vi}."), format!("This is for {en}."))))
}

/// Whether the caller answers for the whole task: as its lead, or as the coordinator of the conference.
fn answers_for(call: &Call, task: &Task, around: &Around) -> bool {
    let leads = call.caller.staff_id == Some(task.lead_id) && call.caller.limits_cover(task.lead_board_id);
    leads || rules::coordinates(call, &around.conference)
}

/// What a step does with a part; gives the details for the history.
///
/// # Errors
/// 422 for somebody who has no part in the task, 403 for a part of another coordinator, 409 for a part that is not in
/// the state that the step needs.
pub(crate) async fn effect(
    tx: &Tx,
    call: &Call,
    task: &Task,
    around: &Around,
    verb: &str,
    (given, reason): (Given<'_>, Option<&str>),
) -> ApiResult<Value> {
    let person = match given {
        Given::Report(_) => call.staff_id()?,
        Given::Of(part) => part.staff_id,
    };
    let part = around.parts.iter().find(|part| part.staff_id == person);
    let part = part.ok_or_else(|| ApiError::unknown_reference("staff_id"))?;
    if is_open(part) == (verb == "reopen-part") {
        return Err(wrong_moment(task, around, part));
    }
    let mut changed = part.clone().into_active_model();
    match given {
        Given::Report(report) => {
            changed.done_at = Set(Some(tx.now));
            changed.report = Set(Some(report.report.clone()));
        }
        Given::Of(_) if verb == "excuse-part" => {
            changed.excused_at = Set(Some(tx.now));
            changed.excused_by_id = Set(call.caller.staff_id);
            changed.excuse_reason = Set(reason.map(str::to_owned));
        }
        Given::Of(_) => {
            reopen_for(call, task, around, part)?;
            clear(&mut changed);
        }
    }
    changed.update(tx.db()).await?;
    let report = if let Given::Report(report) = given { Some(&report.report) } else { None };
    Ok(json!({"staff_id": part.staff_id, "board_id": part.board_id, "report": report}))
}

/// A coordinator reopens their own part only.
fn reopen_for(call: &Call, task: &Task, around: &Around, part: &Model) -> ApiResult<()> {
    if answers_for(call, task, around) || call.caller.staff_id == Some(part.staff_id) {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Phần việc này của người phối hợp khác.",
        "This is the part of another coordinator.",
    )))
}

fn clear(part: &mut ActiveModel) {
    part.done_at = Set(None);
    part.report = Set(None);
    part.excused_at = Set(None);
    part.excused_by_id = Set(None);
    part.excuse_reason = Set(None);
}

fn wrong_moment(task: &Task, around: &Around, part: &Model) -> ApiError {
    let (vi, en) = if part.done_at.is_some() {
        ("Phần việc này đã xong.", "The part is done already.")
    } else if part.excused_at.is_some() {
        ("Phần việc này đã được miễn.", "The part is excused already.")
    } else {
        ("Phần việc này chưa xong và chưa được miễn.", "The part is neither done nor excused.")
    };
    ApiError::new(Code::StateConflict, text(vi, en))
        .with("current_status", task.status.to_value())
        .with("possible_actions", around.possible_verbs(task.status))
}

/// The parts that keep a lead from handing in the result: all of them, by the name of their coordinator.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn open(tx: &Tx, parts: &[Model]) -> ApiResult<Vec<FieldError>> {
    let open = || parts.iter().enumerate().filter(|(_, part)| is_open(part));
    let ids = open().map(|(_, part)| part.staff_id);
    let people = by_id::<staff::Entity, _>(tx.db(), ids, staff::Column::Id).await?;
    let refusal = |(index, part): (usize, &Model)| {
        let name = people.get(&part.staff_id).map(|person| person.full_name.as_str()).unwrap_or_default();
        let what = part.deliverable.as_ref().map(|what| format!(" ({what})")).unwrap_or_default();
        let detail = text(
            format!("phần việc của {name}{what} chưa xong và chưa được miễn"),
            format!("the part of {name}{what} is neither done nor excused"),
        );
        FieldError::body(&format!("coordinators/{index}"), "part_open", detail)
    };
    Ok(open().map(refusal).collect())
}

/// Puts other coordinators in the place of those whom a task has. Who stays with the same part keeps what became of it.
///
/// # Errors
/// When the database does not take them.
pub(crate) async fn replace(tx: &Tx, task_id: Uuid, wanted: &[TaskCoordinatorIn]) -> ApiResult<()> {
    let same = |part: &Model, one: &TaskCoordinatorIn| {
        (part.staff_id, part.board_id, &part.deliverable) == (one.staff_id, one.board_id, &one.deliverable)
    };
    let parts = Entity::find().filter(Column::TaskId.eq(task_id)).all(tx.db()).await?;
    let (kept, gone): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|part| wanted.iter().any(|one| same(part, one)));
    let gone = gone.into_iter().map(|part| part.id);
    Entity::delete_many().filter(Column::Id.is_in(gone)).exec(tx.db()).await?;
    let new: Vec<_> = wanted.iter().filter(|one| !kept.iter().any(|part| same(part, one))).cloned().collect();
    store::insert_coordinators(tx, task_id, &new).await
}
