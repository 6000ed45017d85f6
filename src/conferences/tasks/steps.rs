//! How a step of a task is taken: one way for all of them, and what each changes.

use entity::conference_tasks::{ActiveModel, Model};
use entity::task_objections::ObjectionDecision;
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conferences::rules::{self, STEPS};
use crate::conferences::tasks::json::{ConferenceTaskOut, TaskReasonIn, TaskResultIn, TaskUpholdIn};
use crate::conferences::tasks::{duty, show, store};
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::workflow;
use crate::write::{Event, Tx};

/// What comes with a step.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    reason: Option<&'a str>,
    new_lead: Option<&'a TaskUpholdIn>,
    result: Option<&'a TaskResultIn>,
}

impl<'a> Given<'a> {
    pub(crate) fn reason(body: &'a TaskReasonIn) -> Self {
        Self { reason: body.reason.as_deref(), ..Self::default() }
    }

    pub(crate) fn new_lead(body: &'a TaskUpholdIn) -> Self {
        Self { reason: body.reason.as_deref(), new_lead: Some(body), ..Self::default() }
    }

    pub(crate) fn result(body: &'a TaskResultIn) -> Self {
        Self { result: Some(body), ..Self::default() }
    }
}

/// Takes a step of a task in one transaction.
pub(crate) async fn take(
    call: &Call,
    task_id: Uuid,
    verb: &str,
    given: Given<'_>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    call.write(async |tx| {
        let task = store::find_for_update(tx, call, task_id).await?;
        call.expect_version(task.version)?;
        let step = workflow::step(STEPS, verb)?;
        let conference = store::conference_of(tx.db(), &task).await?;
        rules::permit(call, &task, &conference, step)?;
        workflow::check_state(STEPS, step, &task.status)?;
        rules::in_time(step, &task, &duty::objections(tx.db(), task.id).await?, tx.now)?;
        let mut broken = match given.new_lead {
            Some(body) => store::broken_new_lead(tx, &task, body).await?,
            None => Vec::new(),
        };
        let reason = match workflow::reason_for(step, given.reason) {
            Ok(reason) => reason,
            Err(error) => {
                broken.extend(error.problem().errors.clone());
                None
            }
        };
        rules::refuse(broken)?;
        let mut changed = task.clone().into_active_model();
        changed.status = Set(step.to);
        changed.waiting_since = Set(tx.now);
        // What is over is not blocked.
        if !rules::is_open(step.to) {
            changed.blocked_by_obstacle_id = Set(None);
        }
        let event = Event::new(verb, store::TYPE, task.id, task.version + 1).step(&task.status, &step.to);
        let mut event = event.because(reason);
        event.details = effect(tx, call, &task, &mut changed, verb, Given { reason, ..given }).await?;
        let saved = store::save(tx, &task, changed, event).await?;
        Reply::ok(&show::out(tx.db(), call, saved).await?)
    })
    .await
}

/// What a step changes beside the status; gives the details for the history.
async fn effect(
    tx: &Tx,
    call: &Call,
    task: &Model,
    changed: &mut ActiveModel,
    verb: &str,
    given: Given<'_>,
) -> ApiResult<Option<Value>> {
    let reason = given.reason.unwrap_or_default();
    if verb == "object" {
        changed.objection_count = Set(task.objection_count + 1);
        duty::object(tx, task, reason).await?;
        return Ok(None);
    }
    // The reason of an objection stands with the objection; all others are what the lead has to know.
    if given.reason.is_some() {
        changed.decision_reason = Set(given.reason.map(str::to_owned));
    }
    match verb {
        "uphold" => {
            let body = given.new_lead.ok_or_else(|| ApiError::internal("a new lead is missing"))?;
            duty::decide(tx, call, task.id, ObjectionDecision::Upheld, reason).await?;
            return new_lead(tx, task, changed, body).await.map(Some);
        }
        "overrule" => duty::decide(tx, call, task.id, ObjectionDecision::Overruled, reason).await?,
        "submit-result" => {
            let body = given.result.ok_or_else(|| ApiError::internal("a result is missing"))?;
            changed.result = Set(Some(body.result.clone()));
            changed.evidence = Set(Some(body.evidence.clone()));
            return Ok(Some(json!({"result": body.result, "evidence": body.evidence})));
        }
        "accept-result" => {
            changed.done_at = Set(Some(tx.now));
            duty::end(tx, task.id, verb).await?;
        }
        "cancel" => duty::end(tx, task.id, verb).await?,
        "reopen" => {
            changed.done_at = Set(None);
            duty::begin(tx, task.id, task.lead_id, task.lead_board_id).await?;
        }
        _ => {}
    }
    Ok(None)
}

/// The one place where the lead of a task changes: the old one's duty ends and the new one's begins at the
/// same instant.
async fn new_lead(tx: &Tx, task: &Model, changed: &mut ActiveModel, body: &TaskUpholdIn) -> ApiResult<Value> {
    duty::end(tx, task.id, "uphold").await?;
    duty::begin(tx, task.id, body.lead_id, body.lead_board_id).await?;
    store::remove_coordinator(tx, task.id, body.lead_id).await?;
    changed.lead_id = Set(body.lead_id);
    changed.lead_board_id = Set(body.lead_board_id);
    changed.accept_by = Set(body.accept_by);
    changed.due_at = Set(body.due_at.unwrap_or(task.due_at));
    changed.assigned_at = Set(tx.now);
    changed.escalated_at = Set(None);
    Ok(json!({
        "lead_id": body.lead_id,
        "lead_board_id": body.lead_board_id,
        "former_lead_id": task.lead_id,
        "former_lead_board_id": task.lead_board_id,
    }))
}
