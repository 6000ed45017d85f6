//! How a step of a task is taken: one way for all of them, and what each changes.

use entity::conference_tasks::{ActiveModel, Model};
use entity::task_hand_overs::HandOverOutcome;
use entity::task_objections::ObjectionDecision;
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conferences::rules::{self, Around, STEPS};
use crate::conferences::tasks::json::{
    ConferenceTaskOut, TaskHandOverIn, TaskPartIn, TaskPartReportIn, TaskReasonIn, TaskResultIn, TaskUpholdIn,
};
use crate::conferences::tasks::{duty, hand_overs, parts, show, store};
use crate::conferences::told;
use crate::error::{ApiError, ApiResult, FieldError};
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
    receiver: Option<&'a TaskHandOverIn>,
    part: Option<parts::Given<'a>>,
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

    pub(crate) fn receiver(body: &'a TaskHandOverIn) -> Self {
        Self { reason: body.reason.as_deref(), receiver: Some(body), ..Self::default() }
    }

    pub(crate) fn report(body: &'a TaskPartReportIn) -> Self {
        Self { part: Some(parts::Given::Report(body)), ..Self::default() }
    }

    pub(crate) fn part(body: &'a TaskPartIn) -> Self {
        Self { reason: body.reason.as_deref(), part: Some(parts::Given::Of(body)), ..Self::default() }
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
        let around = show::around(tx.db(), &task).await?;
        rules::permit(call, &task, &around, step)?;
        rules::check_state(&task, &around, step)?;
        rules::in_time(step, &task, &around.objections, tx.now)?;
        let mut broken = broken(tx, &task, &around, given).await?;
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
        // What is over is not blocked.
        if !rules::is_open(step.to) {
            changed.blocked_by_obstacle_id = Set(None);
        }
        // The lead waits for a part no less than before.
        if given.part.is_none() {
            changed.waiting_since = Set(tx.now);
        }
        let event = Event::new(verb, store::TYPE, task.id, task.version + 1).step(&task.status, &step.to);
        let mut event = event.because(reason);
        let given = Given { reason, ..given };
        event.details = effect(tx, call, (&task, &around), &mut changed, verb, given).await?;
        let saved = store::save(tx, &task, changed, event).await?;
        if saved.lead_id != task.lead_id {
            told::given_out(tx, call.caller.staff_id, [&saved]).await?;
        }
        Reply::ok(&show::out(tx.db(), call, saved).await?)
    })
    .await
}

/// The rules that the body of a step breaks.
async fn broken(tx: &Tx, task: &Model, around: &Around, given: Given<'_>) -> ApiResult<Vec<FieldError>> {
    if let Some(body) = given.new_lead {
        return store::broken_new_lead(tx, task, body).await;
    }
    if let Some(body) = given.receiver {
        return store::broken_lead(tx, task, body.lead_id, body.lead_board_id).await;
    }
    if given.result.is_some() { parts::open(tx, &around.parts).await } else { Ok(Vec::new()) }
}

/// What a step changes beside the status; gives the details for the history.
async fn effect(
    tx: &Tx,
    call: &Call,
    (task, around): (&Model, &Around),
    changed: &mut ActiveModel,
    verb: &str,
    given: Given<'_>,
) -> ApiResult<Option<Value>> {
    let reason = given.reason.unwrap_or_default();
    if let Some(part) = given.part {
        return parts::effect(tx, call, task, around, verb, (part, given.reason)).await.map(Some);
    }
    if verb.ends_with("-hand-over") {
        let asked = (given.receiver, given.reason);
        let told = hand_overs::effect(tx, call, task, around, verb, asked).await?;
        let approved = around.pending().filter(|_| verb == "approve-hand-over");
        let Some(pending) = approved else { return Ok(Some(told)) };
        let to = (pending.to_staff_id, pending.to_board_id);
        return pass_on(tx, task, changed, to, verb).await.map(Some);
    }
    if verb == "object" {
        changed.objection_count = Set(task.objection_count + 1);
        duty::object(tx, task, reason).await?;
        return Ok(None);
    }
    // The reason of an objection stands with the objection, as that of a hand-over or a part with these; all others
    // are what the lead has to know.
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
        "accept" => duty::accept(tx, task.id).await?,
        "cancel" => {
            if let Some(pending) = around.pending() {
                hand_overs::end(tx, task, pending, HandOverOutcome::Lapsed, (None, None)).await?;
            }
            duty::end(tx, task.id, verb).await?;
        }
        "reopen" => {
            changed.done_at = Set(None);
            duty::begin(tx, task.id, task.lead_id, task.lead_board_id).await?;
        }
        _ => {}
    }
    Ok(None)
}

async fn new_lead(tx: &Tx, task: &Model, changed: &mut ActiveModel, body: &TaskUpholdIn) -> ApiResult<Value> {
    changed.accept_by = Set(body.accept_by);
    changed.due_at = Set(body.due_at.unwrap_or(task.due_at));
    pass_on(tx, task, changed, (body.lead_id, body.lead_board_id), "uphold").await
}

/// The one place where the lead of a task changes: the old one's duty ends and the new one's begins at the
/// same instant.
pub(crate) async fn pass_on(
    tx: &Tx,
    task: &Model,
    changed: &mut ActiveModel,
    (lead_id, lead_board_id): (Uuid, Uuid),
    ended_by: &str,
) -> ApiResult<Value> {
    duty::end(tx, task.id, ended_by).await?;
    duty::begin(tx, task.id, lead_id, lead_board_id).await?;
    store::remove_coordinator(tx, task.id, lead_id).await?;
    changed.lead_id = Set(lead_id);
    changed.lead_board_id = Set(lead_board_id);
    changed.assigned_at = Set(tx.now);
    changed.escalated_at = Set(None);
    Ok(json!({
        "lead_id": lead_id,
        "lead_board_id": lead_board_id,
        "former_lead_id": task.lead_id,
        "former_lead_board_id": task.lead_board_id,
    }))
}
