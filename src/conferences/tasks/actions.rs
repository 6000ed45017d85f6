//! The steps of a task, one operation each; what they do is in `steps`.

use actix_web::post;
use uuid::Uuid;

use crate::conferences::tasks::json::{ConferenceTaskOut, TaskReasonIn, TaskResultIn, TaskUpholdIn};
use crate::conferences::tasks::steps::{Given, take};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path};
use crate::http::reply::Reply;

/// Accept a task.
///
/// The lead takes the task on: `assigned` becomes `in_progress`. Also possible after the escalation.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/accept")]
pub(crate) async fn accept_conference_task(
    call: Call,
    task_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "accept", Given::default()).await
}

/// Object to a task.
///
/// The lead says why the task is not theirs, once, until the end of the second working day after the assignment.
/// The lead keeps the duty until the chief of office has decided.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/object")]
pub(crate) async fn object_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskReasonIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "object", Given::reason(&body)).await
}

/// Uphold an objection.
///
/// The lead was right: another person leads from this very instant on and accepts or objects in their turn. A
/// new lead who was a coordinator of the task is no longer one.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.decide"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/uphold")]
pub(crate) async fn uphold_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskUpholdIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "uphold", Given::new_lead(&body)).await
}

/// Overrule an objection.
///
/// The lead keeps the task and goes on with it.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.decide"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/overrule")]
pub(crate) async fn overrule_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskReasonIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "overrule", Given::reason(&body)).await
}

/// Hand in the result of a task.
///
/// The lead hands in the result with its evidence; the checker is next.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/submit-result")]
pub(crate) async fn submit_conference_task_result(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskResultIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "submit-result", Given::result(&body)).await
}

/// Accept the result of a task.
///
/// The checker finds the deliverable there: the task is done and the lead's duty ends.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.check"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/accept-result")]
pub(crate) async fn accept_conference_task_result(
    call: Call,
    task_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "accept-result", Given::default()).await
}

/// Send back the result of a task.
///
/// The checker says what is missing; the lead goes on.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.check"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/send-back")]
pub(crate) async fn send_back_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskReasonIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "send-back", Given::reason(&body)).await
}

/// Cancel a task.
///
/// For the coordinator of the conference and the chief of office, at any time before the task is done. The
/// lead's duty ends.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.cancel"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/cancel")]
pub(crate) async fn cancel_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskReasonIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "cancel", Given::reason(&body)).await
}

/// Reopen a task.
///
/// For the coordinator of the conference and the chief of office: a task that was done is not. Its lead holds it
/// again from now on.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.coordinate"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/reopen")]
pub(crate) async fn reopen_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskReasonIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "reopen", Given::reason(&body)).await
}
