//! How a step of an obstacle is taken, and what each changes. That it is in action, and that it comes back, follows from
//! its measures.

use entity::obstacles::{ActiveModel, Model, ObstacleStatus};
use sea_orm::{ActiveEnum, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conferences::tasks::blocking;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::obstacles::json::{ObstacleAcceptIn, ObstacleOut};
use crate::obstacles::rules::{self, STEPS};
use crate::obstacles::{TYPE, measures, show, store};
use crate::workflow;
use crate::write::{Event, Tx};

/// What comes with a step.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    pub(crate) reason: Option<&'a str>,
    pub(crate) assignment: Option<&'a ObstacleAcceptIn>,
    pub(crate) resolution: Option<&'a str>,
}

/// Takes a step of an obstacle in one transaction.
pub(crate) async fn take(
    call: &Call,
    obstacle_id: Uuid,
    verb: &str,
    given: Given<'_>,
) -> ApiResult<Reply<ObstacleOut>> {
    call.write(async |tx| {
        let obstacle = store::find_for_update(tx, call, obstacle_id).await?;
        call.expect_version(obstacle.version)?;
        let step = workflow::step(STEPS, verb)?;
        rules::permit(call, &obstacle, step)?;
        workflow::check_state(STEPS, step, &obstacle.status)?;
        let reason = workflow::reason_for(step, given.reason)?;
        let mut changed = obstacle.clone().into_active_model();
        changed.status = Set(step.to);
        changed.waiting_since = Set(tx.now);
        if reason.is_some() {
            changed.decision_reason = Set(reason.map(str::to_owned));
        }
        let details = effect(tx, call, &obstacle, &mut changed, verb, given).await?;
        let mut event =
            Event::new(verb, TYPE, obstacle.id, obstacle.version + 1).step(&obstacle.status, &step.to);
        event.details = details;
        let saved = store::save(tx, &obstacle, changed, event.because(reason)).await?;
        if matches!(verb, "verify" | "reject" | "withdraw") {
            blocking::release(tx, saved.id).await?;
        }
        Reply::ok(&show::out(tx.db(), call, saved).await?)
    })
    .await
}

/// What a step changes beside the status; gives the details for the history.
async fn effect(
    tx: &Tx,
    call: &Call,
    obstacle: &Model,
    changed: &mut ActiveModel,
    verb: &str,
    given: Given<'_>,
) -> ApiResult<Option<Value>> {
    match verb {
        "accept" => {
            let body = given.assignment.ok_or_else(|| ApiError::internal("an owner is missing"))?;
            let broken = store::broken_assignment(tx, Some(body.owner_id), Some(body.due_on)).await?;
            store::refuse(broken)?;
            changed.owner_id = Set(Some(body.owner_id));
            changed.due_on = Set(Some(body.due_on));
            return Ok(Some(json!({"owner_id": body.owner_id, "due_on": body.due_on})));
        }
        "reject" => measures::steps::reject_proposed(tx, obstacle.id, given.reason).await?,
        "resolve" => {
            no_open_measures(tx, obstacle).await?;
            changed.resolution = Set(given.resolution.map(str::to_owned));
            changed.resolved_at = Set(Some(tx.now));
            return Ok(Some(json!({"resolution": given.resolution})));
        }
        "verify" => {
            changed.verified_by_id = Set(Some(call.staff_id()?));
            changed.verified_at = Set(Some(tx.now));
        }
        "reopen" => unresolved(changed),
        _ => {}
    }
    Ok(None)
}

/// It is not gone: what was said about that is no longer so.
fn unresolved(changed: &mut ActiveModel) {
    changed.resolved_at = Set(None);
    changed.verified_by_id = Set(None);
    changed.verified_at = Set(None);
}

/// # Errors
/// 409 `state_conflict`, naming the measures that are open.
async fn no_open_measures(tx: &Tx, obstacle: &Model) -> ApiResult<()> {
    let open = measures::store::open_of(tx, obstacle.id).await?;
    if open.is_empty() {
        return Ok(());
    }
    let numbers: Vec<&str> = open.iter().map(|measure| measure.number.as_str()).collect();
    let numbers = numbers.join(", ");
    Err(ApiError::new(
        Code::StateConflict,
        text(
            format!("Còn biện pháp chưa xong: {numbers}."),
            format!("There are measures that are not done yet: {numbers}."),
        ),
    )
    .with("current_status", obstacle.status.to_value())
    .with("possible_actions", Vec::<String>::new()))
}

/// Puts an obstacle in action, since one of its measures was agreed. It may be so already.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn begin_action(tx: &Tx, obstacle: &Model) -> ApiResult<()> {
    if obstacle.status != ObstacleStatus::Accepted {
        return Ok(());
    }
    move_to_action(tx, obstacle, "begin-action", None).await
}

/// Brings an obstacle back, since one of its measures had no effect. It may be in action still.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn bring_back(tx: &Tx, obstacle: &Model, reason: Option<&str>) -> ApiResult<()> {
    if !matches!(obstacle.status, ObstacleStatus::Resolved | ObstacleStatus::Verified) {
        return Ok(());
    }
    move_to_action(tx, obstacle, "reopen", reason).await
}

async fn move_to_action(tx: &Tx, obstacle: &Model, verb: &str, reason: Option<&str>) -> ApiResult<()> {
    let to = ObstacleStatus::InAction;
    let mut changed = obstacle.clone().into_active_model();
    changed.status = Set(to);
    changed.waiting_since = Set(tx.now);
    unresolved(&mut changed);
    if reason.is_some() {
        changed.decision_reason = Set(reason.map(str::to_owned));
    }
    let event = Event::new(verb, TYPE, obstacle.id, obstacle.version + 1).step(&obstacle.status, &to);
    store::save(tx, obstacle, changed, event.because(reason)).await.map(drop)
}
