//! An obstacle can keep a task from going on. That is a flag with its reason, not a state: it stops nobody's clock, and
//! the lead keeps the duty. It goes when somebody unblocks the task, when the task ends, and when the obstacle does.

use std::collections::BTreeMap;

use actix_web::post;
use entity::conference_tasks::{Column, Entity, Model};
use entity::conferences::Model as Conference;
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::auth::permissions::Action;
use crate::conferences::rules;
use crate::conferences::store::visible_tasks;
use crate::conferences::tasks::json::ConferenceTaskOut;
use crate::conferences::tasks::{show, store};
use crate::demo;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::input::{Json, Path};
use crate::http::reply::Reply;
use crate::obstacles;
use crate::workflow::AllowedAction;
use crate::write::{Event, ROW_LOCK, Tx};

/// What keeps a task from going on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "obstacle_id": demo::id("ob_2029_in_action"), "reason": "Chưa in được tài liệu khi chưa chốt đơn vị in",
})))]
pub struct TaskBlockIn {
    /// An obstacle that the caller sees: reported, accepted or in action.
    pub obstacle_id: Uuid,
    /// How it keeps the task from going on.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// Why a task can go on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Đã có cách làm khác"})))]
pub struct TaskUnblockIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// Block a task.
///
/// The lead, or the coordinator of the conference, says which obstacle keeps the open task from going on. All times of
/// the task stay as they are.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/block")]
pub(crate) async fn block_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskBlockIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    call.write(async |tx| {
        // The obstacle before the task, as everybody locks them: it is not verified meanwhile.
        let obstacle = obstacles::store::lock(tx, &call, body.obstacle_id).await?;
        let task = store::find_for_update(tx, &call, *task_id).await?;
        check(tx, &call, &task, "block").await?;
        let obstacle = obstacle.ok_or_else(|| ApiError::unknown_reference("obstacle_id"))?;
        if !obstacles::rules::hinders(obstacle.status) {
            let detail = text("vướng mắc này đã xong", "is over");
            return Err(ApiError::rule("obstacle_id", "obstacle_not_open", detail));
        }
        let task = set(tx, &task, Some(obstacle.id), body.reason.as_deref()).await?;
        Reply::ok(&show::out(tx.db(), &call, task).await?)
    })
    .await
}

/// Unblock a task.
///
/// The lead, or the coordinator of the conference, says that the task can go on, whether the obstacle is gone or not.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/unblock")]
pub(crate) async fn unblock_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskUnblockIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    call.write(async |tx| {
        let task = store::find_for_update(tx, &call, *task_id).await?;
        check(tx, &call, &task, "unblock").await?;
        let task = set(tx, &task, None, body.reason.as_deref()).await?;
        Reply::ok(&show::out(tx.db(), &call, task).await?)
    })
    .await
}

async fn check(tx: &Tx, call: &Call, task: &Model, verb: &str) -> ApiResult<()> {
    call.expect_version(task.version)?;
    permit(call, task, &store::conference_of(tx.db(), task).await?)?;
    if possible(task) == Some(verb) {
        return Ok(());
    }
    let refusal = match (verb, possible(task)) {
        ("block", Some(_)) => text(
            "Việc này đang bị một vướng mắc cản trở; hãy gỡ trước.",
            "An obstacle blocks the task already; unblock it first.",
        ),
        ("block", None) => text("Việc này đã kết thúc.", "The task is closed."),
        _ => text("Không có vướng mắc nào cản trở việc này.", "No obstacle blocks the task."),
    };
    Err(ApiError::new(Code::StateConflict, refusal)
        .with("current_status", task.status.to_value())
        .with("possible_actions", possible(task).into_iter().collect::<Vec<_>>()))
}

/// What can be done about the flag as the task stands.
fn possible(task: &Model) -> Option<&'static str> {
    match task.blocked_by_obstacle_id {
        Some(_) => Some("unblock"),
        None => rules::is_open(task.status).then_some("block"),
    }
}

/// # Errors
/// 403 for all but the lead and the coordinator of the conference.
fn permit(call: &Call, task: &Model, conference: &Conference) -> ApiResult<()> {
    if call.reach(Action::LeadTask).is_empty() {
        return Err(call.caller.refusal(Action::LeadTask));
    }
    let leads = call.caller.staff_id == Some(task.lead_id) && call.caller.limits_cover(task.lead_board_id);
    if leads || rules::may_change(call, conference).is_ok() {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Việc này dành cho người chủ trì và người điều phối hội nghị.",
        "This is for the lead and the coordinator of the conference.",
    )))
}

/// What the caller can do about the flag.
pub(crate) fn allowed_actions(call: &Call, task: &Model, conference: &Conference) -> Vec<AllowedAction> {
    let refusal = permit(call, task, conference).err();
    let reason = refusal.map(|error| error.problem().detail.get(call.language).to_owned());
    possible(task)
        .map(|verb| AllowedAction { action: verb.to_owned(), allowed: reason.is_none(), reason })
        .into_iter()
        .collect()
}

/// Sets the flag and tells which obstacle it was about.
async fn set(tx: &Tx, task: &Model, obstacle_id: Option<Uuid>, reason: Option<&str>) -> ApiResult<Model> {
    let mut changed = task.clone().into_active_model();
    changed.blocked_by_obstacle_id = Set(obstacle_id);
    let verb = if obstacle_id.is_some() { "block" } else { "unblock" };
    let about = json!({"obstacle_id": obstacle_id.or(task.blocked_by_obstacle_id)});
    let event = Event::new(verb, store::TYPE, task.id, task.version + 1).with(about);
    store::save(tx, task, changed, event.because(reason.filter(|text| !text.is_empty()))).await
}

/// Unblocks every task that an obstacle blocks, since it is over.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn release(tx: &Tx, obstacle_id: Uuid) -> ApiResult<()> {
    let blocked = Entity::find()
        .filter(Column::BlockedByObstacleId.eq(obstacle_id))
        .order_by_asc(Column::Id)
        .lock(ROW_LOCK)
        .all(tx.db())
        .await?;
    for task in blocked {
        set(tx, &task, None, None).await?;
    }
    Ok(())
}

/// The tasks that each of these obstacles blocks, as far as the caller sees them; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn blocked_by(
    db: &impl ConnectionTrait,
    call: &Call,
    obstacles: Vec<Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<Uuid>>> {
    if call.reach(Action::ReadConferences).is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(Option<Uuid>, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::BlockedByObstacleId, Column::Id])
        .filter(Column::BlockedByObstacleId.is_in(obstacles))
        .filter(visible_tasks(call))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (obstacle, task) in rows {
        found.entry(obstacle.unwrap_or_default()).or_default().push(task);
    }
    Ok(found)
}
