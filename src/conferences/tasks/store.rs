//! Every query about the tasks of conferences. Who may see which is decided in [`crate::conferences::store`].

use chrono::{DateTime, TimeDelta, Utc};
use entity::conference_tasks::{ActiveModel, Column, Entity, Model, TaskStatus};
use entity::{conferences, staff, task_coordinators};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::conferences::rules::{self, STEPS};
use crate::conferences::store::{visible, visible_tasks};
use crate::conferences::tasks::duty;
use crate::conferences::tasks::json::{
    ConferenceTaskFilter, ConferenceTaskIn, ConferenceTaskPatch, ConferenceTaskSort, TaskCoordinatorIn,
    TaskUpholdIn,
};
use crate::conferences::tasks::parts;
use crate::conferences::tasks::people::{People, unable};
use crate::conferences::told;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::workflow;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "conference_task";

pub fn select(call: &Call, filter: &ConferenceTaskFilter) -> Select<Entity> {
    let ConferenceTaskFilter {
        conference_id,
        board_id,
        lead_board_id,
        lead_id,
        status,
        escalated,
        blocked,
        due_at_from,
        due_at_before,
        q,
        sort: _,
        expand: _,
    } = filter;
    let told = |told: bool| {
        if told { Column::EscalatedAt.is_not_null() } else { Column::EscalatedAt.is_null() }
    };
    let stuck = |stuck: bool| {
        let obstacle = Column::BlockedByObstacleId;
        if stuck { obstacle.is_not_null() } else { obstacle.is_null() }
    };
    let wanted = Condition::all()
        .add_option(conference_id.map(|conference| Column::ConferenceId.eq(conference)))
        .add_option(board_id.map(|board| Column::BoardId.eq(board)))
        .add_option(lead_board_id.map(|board| Column::LeadBoardId.eq(board)))
        .add_option(lead_id.map(|person| Column::LeadId.eq(person)))
        .add_option(status.as_ref().map(|any| Column::Status.is_in(any.iter().copied())))
        .add_option(escalated.map(told))
        .add_option(blocked.map(stuck))
        .add_option(due_at_from.map(|from| Column::DueAt.gte(from)))
        .add_option(due_at_before.map(|before| Column::DueAt.lt(before)))
        .add_option(
            q.as_ref().map(|query| Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query)))),
        );
    Entity::find().filter(visible_tasks(call)).filter(wanted)
}

pub fn order(sort: Option<ConferenceTaskSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        ConferenceTaskSort::DueAt => (Column::DueAt, false),
        ConferenceTaskSort::DueAtDescending => (Column::DueAt, true),
        ConferenceTaskSort::CreatedAt => (Column::CreatedAt, false),
    };
    Order { column, descending }
}

/// # Errors
/// 404, also for what the caller may not see.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).filter(visible_tasks(call)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends.
///
/// # Errors
/// 404, also for what the caller may not see.
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = Entity::find_by_id(id).filter(visible_tasks(call)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// When the database does not answer.
pub async fn conference_of(db: &impl ConnectionTrait, task: &Model) -> ApiResult<conferences::Model> {
    let conference = conferences::Entity::find_by_id(task.conference_id).one(db).await?;
    conference.ok_or_else(|| ApiError::internal("a task without its conference"))
}

/// Gives out a task; its lead holds it from now on.
///
/// # Errors
/// 403 for those who do not arrange the conference; 422 with every broken rule.
pub async fn insert(tx: &Tx, call: &Call, body: &ConferenceTaskIn) -> ApiResult<Model> {
    let mut broken: Vec<FieldError> = rules::broken_due(body.due_at, tx.now).into_iter().collect();
    broken.extend(rules::broken_accept_by(body.accept_by, body.due_at, tx.now));
    broken.extend(rules::broken_checker("checker_id", body.lead_id, body.checker_id));
    broken.extend(broken_coordinators(body.lead_id, &body.coordinators));
    let conference =
        conferences::Entity::find_by_id(body.conference_id).filter(visible(call)).one(tx.db()).await?;
    match &conference {
        Some(conference) => rules::may_arrange(call, conference)?,
        None => broken.push(FieldError::unknown_reference("conference_id")),
    }
    let mut people = People::of_coordinators(&body.coordinators);
    people.add("lead_board_id", "lead_id", body.lead_board_id, body.lead_id);
    broken.extend(people.broken(tx).await?);
    if staff::Entity::find_by_id(body.checker_id).one(tx.db()).await?.is_none() {
        broken.push(FieldError::unknown_reference("checker_id"));
    }
    if broken.is_empty() {
        broken = unable(tx, &[("lead_id", body.lead_id), ("checker_id", body.checker_id)]).await?;
    }
    rules::refuse(broken)?;
    let conference = conference.ok_or_else(ApiError::not_found)?;
    let ConferenceTaskIn { title, deliverable, accept_by, due_at, coordinators, .. } = body.clone();
    let new = NewTask {
        title,
        deliverable,
        lead_board_id: body.lead_board_id,
        lead_id: body.lead_id,
        checker_id: body.checker_id,
        accept_by,
        due_at,
        coordinators,
        external_coordinators: Vec::new(),
        template: None,
    };
    let task = give_out(tx, &conference, new).await?;
    told::given_out(tx, call.caller.staff_id, [&task]).await?;
    Ok(task)
}

/// A task whose people and times have been judged.
pub(crate) struct NewTask {
    pub title: String,
    pub deliverable: String,
    pub lead_board_id: Uuid,
    pub lead_id: Uuid,
    pub checker_id: Uuid,
    pub accept_by: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub coordinators: Vec<TaskCoordinatorIn>,
    pub external_coordinators: Vec<String>,
    /// The template that it comes from, and its code there.
    pub template: Option<(Uuid, String)>,
}

/// Writes a new task of a conference; its lead holds it from now on.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn give_out(tx: &Tx, conference: &conferences::Model, new: NewTask) -> ApiResult<Model> {
    let NewTask { title, deliverable, lead_board_id, lead_id, checker_id, accept_by, due_at, .. } = new;
    let (template_id, template_item) = new.template.unzip();
    let number = tx.next_number("CT").await?;
    let task = ActiveModel {
        id: Set(tx.id()),
        search: Set(search(&number, &title, &deliverable)),
        number: Set(number),
        conference_id: Set(conference.id),
        board_id: Set(conference.board_id),
        title: Set(title),
        deliverable: Set(deliverable),
        lead_board_id: Set(lead_board_id),
        lead_id: Set(lead_id),
        checker_id: Set(checker_id),
        accept_by: Set(accept_by),
        due_at: Set(due_at),
        status: Set(TaskStatus::Assigned),
        waiting_since: Set(tx.now),
        assigned_at: Set(tx.now),
        escalated_at: Set(None),
        objection_count: Set(0),
        blocked_by_obstacle_id: Set(None),
        result: Set(None),
        evidence: Set(None),
        decision_reason: Set(None),
        done_at: Set(None),
        template_id: Set(template_id),
        template_item: Set(template_item),
        external_coordinators: Set(json!(new.external_coordinators)),
        moved_at: Set(None),
        moved_from_due_at: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let task = task.insert(tx.db()).await?;
    insert_coordinators(tx, task.id, &new.coordinators).await?;
    duty::begin(tx, task.id, task.lead_id, task.lead_board_id).await?;
    let details = json!({"lead_id": task.lead_id, "lead_board_id": task.lead_board_id});
    tx.record(Event::new("create", TYPE, task.id, 1).of_board(task.board_id).with(details)).await?;
    Ok(task)
}

/// Changes an open task.
///
/// # Errors
/// 403 for all but the coordinator of the conference, 409 for a task that is closed, 422 with every broken
/// rule.
pub async fn update(tx: &Tx, call: &Call, task: Model, patch: ConferenceTaskPatch) -> ApiResult<Model> {
    let ConferenceTaskPatch { title, deliverable, due_at, accept_by, coordinators } = patch;
    rules::may_change(call, &conference_of(tx.db(), &task).await?)?;
    let waits_for_lead = task.status == TaskStatus::Assigned && task.escalated_at.is_none();
    // What is being judged stays as it was handed in.
    if !rules::is_open(task.status) || task.status == TaskStatus::InReview {
        return Err(workflow::wrong_state(STEPS, &task.status));
    }
    if accept_by.is_some() && !waits_for_lead {
        return Err(accept_by_is_over(&task));
    }
    let due = due_at.unwrap_or(task.due_at);
    let mut broken: Vec<FieldError> =
        due_at.and_then(|due_at| rules::broken_due(due_at, tx.now)).into_iter().collect();
    match accept_by {
        Some(accept_by) => broken.extend(rules::broken_accept_by(accept_by, due, tx.now)),
        None if waits_for_lead && due <= task.accept_by => {
            let detail = text("phải sau accept_by", "must be after accept_by");
            broken.push(FieldError::body("due_at", "out_of_range", detail));
        }
        None => {}
    }
    if let Some(coordinators) = &coordinators {
        broken.extend(broken_coordinators(task.lead_id, coordinators));
        broken.extend(People::of_coordinators(coordinators).broken(tx).await?);
    }
    rules::refuse(broken)?;
    if let Some(coordinators) = &coordinators {
        parts::replace(tx, task.id, coordinators).await?;
    }
    let title = title.unwrap_or_else(|| task.title.clone());
    let deliverable = deliverable.unwrap_or_else(|| task.deliverable.clone());
    let mut changed = task.clone().into_active_model();
    changed.search = Set(search(&task.number, &title, &deliverable));
    changed.title = Set(title);
    changed.deliverable = Set(deliverable);
    changed.due_at = Set(due);
    changed.accept_by = Set(accept_by.unwrap_or(task.accept_by));
    save(tx, &task, changed, Event::new("update", TYPE, task.id, task.version + 1)).await
}

/// The accept-by time belongs to the lead's silence: no one moves it after the answer or the escalation.
fn accept_by_is_over(task: &Model) -> ApiError {
    ApiError::new(
        Code::StateConflict,
        text(
            "Chỉ đổi accept_by khi người chủ trì chưa trả lời và việc chưa được báo lên Chánh Văn phòng.",
            "accept_by can be changed only before the lead has answered and before the escalation.",
        ),
    )
    .with("current_status", task.status.to_value())
}

/// Moves the due times of a conference's open tasks, and the times to accept them, by one span; every lead is told.
///
/// # Errors
/// 422 for a task that would be overdue at once.
pub async fn move_open(tx: &Tx, conference_id: Uuid, by: TimeDelta) -> ApiResult<()> {
    // In the order of ids, as everybody locks several tasks.
    let open = Entity::find()
        .filter(Column::ConferenceId.eq(conference_id))
        .filter(Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled]))
        .order_by_asc(Column::Id)
        .lock(ROW_LOCK)
        .all(tx.db())
        .await?;
    rules::refuse(open.iter().filter_map(|task| overdue_at_once(task, by, tx.now)).collect())?;
    let mut moved = Vec::new();
    for task in open {
        let due_at = task.due_at + by;
        let mut changed = task.clone().into_active_model();
        changed.due_at = Set(due_at);
        changed.moved_at = Set(Some(tx.now));
        changed.moved_from_due_at = Set(Some(task.due_at));
        // The time to accept moves along, unless that would make a silent task of one that is not.
        let accept_by = task.accept_by + by;
        changed.accept_by =
            Set(if accept_by > tx.now { accept_by } else { Ord::min(task.accept_by, due_at) });
        moved.push(store(tx, &task, changed).await?);
    }
    tell_leads(tx, &moved).await
}

fn overdue_at_once(task: &Model, by: TimeDelta, now: DateTime<Utc>) -> Option<FieldError> {
    (task.due_at + by <= now && task.due_at > now).then(|| {
        let detail = text(
            format!("việc {} sẽ quá hạn ngay khi dời", task.number),
            format!("the task {} would be overdue at once", task.number),
        );
        FieldError::body("starts_at", "too_early", detail)
    })
}

/// Tells every lead that their task moved: in the task's history, in the feed that their tools follow, and by a
/// notification.
async fn tell_leads(tx: &Tx, moved: &[Model]) -> ApiResult<()> {
    for task in moved {
        let details =
            json!({"due_at": task.due_at, "moved_from": task.moved_from_due_at, "lead_id": task.lead_id});
        let event = Event::new("move", TYPE, task.id, task.version).of_board(task.board_id);
        tx.record(event.with(details)).await?;
    }
    told::moved(tx, moved).await
}

/// Writes a changed task, its next version and its event.
///
/// # Errors
/// 412 if the task changed in between.
pub async fn save(tx: &Tx, before: &Model, changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    let saved = store(tx, before, changed).await?;
    tx.record(event.of_board(before.board_id)).await?;
    Ok(saved)
}

/// Writes a changed task and its next version; whoever calls it writes the event.
async fn store(tx: &Tx, before: &Model, mut changed: ActiveModel) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let expected = Column::Version.eq(before.version);
    Ok(Entity::update(changed).validate()?.filter(expected).exec(tx.db()).await?)
}

pub(crate) async fn insert_coordinators(
    tx: &Tx,
    task_id: Uuid,
    coordinators: &[TaskCoordinatorIn],
) -> ApiResult<()> {
    let rows = coordinators.iter().map(|coordinator| task_coordinators::ActiveModel {
        id: Set(tx.id()),
        task_id: Set(task_id),
        board_id: Set(coordinator.board_id),
        staff_id: Set(coordinator.staff_id),
        deliverable: Set(coordinator.deliverable.clone()),
        done_at: Set(None),
        excused_at: Set(None),
        report: Set(None),
        excused_by_id: Set(None),
        excuse_reason: Set(None),
    });
    if rows.len() > 0 {
        task_coordinators::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// A coordinator who leads from now on coordinates no more.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_coordinator(tx: &Tx, task_id: Uuid, staff_id: Uuid) -> ApiResult<()> {
    task_coordinators::Entity::delete_many()
        .filter(task_coordinators::Column::TaskId.eq(task_id))
        .filter(task_coordinators::Column::StaffId.eq(staff_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// What is wrong with the lead that the chief of office names.
///
/// # Errors
/// When the database does not answer.
pub async fn broken_new_lead(tx: &Tx, task: &Model, body: &TaskUpholdIn) -> ApiResult<Vec<FieldError>> {
    let mut broken = broken_lead(tx, task, body.lead_id, body.lead_board_id).await?;
    broken.extend(body.due_at.and_then(|due_at| rules::broken_due(due_at, tx.now)));
    broken.extend(rules::broken_accept_by(body.accept_by, body.due_at.unwrap_or(task.due_at), tx.now));
    Ok(broken)
}

/// What is wrong with somebody as the next lead of a task.
///
/// # Errors
/// When the database does not answer.
pub async fn broken_lead(
    tx: &Tx,
    task: &Model,
    lead_id: Uuid,
    lead_board_id: Uuid,
) -> ApiResult<Vec<FieldError>> {
    let mut people = People::default();
    people.add("lead_board_id", "lead_id", lead_board_id, lead_id);
    let mut broken = people.broken(tx).await?;
    if lead_id == task.lead_id {
        let detail =
            text("phải là người khác người chủ trì cũ", "must be another person than the lead so far");
        broken.push(FieldError::body("lead_id", "same_lead", detail));
    }
    if broken.is_empty() {
        broken = unable(tx, &[("lead_id", lead_id)]).await?;
    }
    broken.extend(rules::broken_checker("lead_id", lead_id, task.checker_id));
    Ok(broken)
}

fn broken_coordinators(lead_id: Uuid, coordinators: &[TaskCoordinatorIn]) -> Vec<FieldError> {
    let people: Vec<Uuid> = coordinators.iter().map(|coordinator| coordinator.staff_id).collect();
    rules::broken_coordinators(lead_id, &people)
}

pub(crate) fn search(number: &str, title: &str, deliverable: &str) -> String {
    search_key(&format!("{number} {title} {deliverable}"))
}
