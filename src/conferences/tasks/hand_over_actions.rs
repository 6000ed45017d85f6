//! The steps of a hand-over, one operation each; what they do is in `hand_overs`.

use actix_web::post;
use uuid::Uuid;

use crate::conferences::tasks::json::{ConferenceTaskOut, TaskHandOverIn, TaskReasonIn};
use crate::conferences::tasks::steps::{Given, take};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path};
use crate::http::reply::Reply;

/// Ask for a hand-over of a task.
///
/// The lead names who is to lead in their place, and why; one hand-over is pending at a time. Nothing changes yet: the
/// lead keeps the duty, and the due time stands.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/request-hand-over")]
pub(crate) async fn request_conference_task_hand_over(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskHandOverIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "request-hand-over", Given::receiver(&body)).await
}

/// Accept a hand-over.
///
/// The receiver is ready to lead. The coordinator of the conference decides next.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/accept-hand-over")]
pub(crate) async fn accept_conference_task_hand_over(
    call: Call,
    task_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "accept-hand-over", Given::default()).await
}

/// Decline a hand-over.
///
/// The receiver says why not; the lead goes on.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/decline-hand-over")]
pub(crate) async fn decline_conference_task_hand_over(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskReasonIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "decline-hand-over", Given::reason(&body)).await
}

/// Withdraw a hand-over.
///
/// The lead takes a pending hand-over back, whoever it waits for, and goes on.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.lead"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/withdraw-hand-over")]
pub(crate) async fn withdraw_conference_task_hand_over(
    call: Call,
    task_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "withdraw-hand-over", Given::default()).await
}

/// Approve a hand-over.
///
/// For the coordinator of the conference and the chief of office, once the receiver has accepted: the receiver leads from
/// this very instant on. After the task's due time, or where the coordinator gives or receives, the chief of office alone
/// approves. A receiver who was a coordinator of the task is no longer one.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.coordinate"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/approve-hand-over")]
pub(crate) async fn approve_conference_task_hand_over(
    call: Call,
    task_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "approve-hand-over", Given::default()).await
}

/// Refuse a hand-over.
///
/// For those who could approve it, also before the receiver has answered; the lead goes on.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.coordinate"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/refuse-hand-over")]
pub(crate) async fn refuse_conference_task_hand_over(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskReasonIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "refuse-hand-over", Given::reason(&body)).await
}
