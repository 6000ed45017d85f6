//! The steps of coordinators' parts, one operation each; what they do is in `parts`.

use actix_web::post;
use uuid::Uuid;

use crate::conferences::tasks::json::{ConferenceTaskOut, TaskPartIn, TaskPartReportIn};
use crate::conferences::tasks::steps::{Given, take};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path};
use crate::http::reply::Reply;

/// Report a part of a task.
///
/// A coordinator of the task says what was delivered. The lead hands in the result when every part is done or excused.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.part"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/report-part")]
pub(crate) async fn report_conference_task_part(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskPartReportIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "report-part", Given::report(&body)).await
}

/// Excuse a part of a task.
///
/// For the lead and the coordinator of the conference: the result can be handed in without this part.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.part"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/excuse-part")]
pub(crate) async fn excuse_conference_task_part(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskPartIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "excuse-part", Given::part(&body)).await
}

/// Reopen a part of a task.
///
/// A part that was reported or excused is open again. For the lead, the coordinator of the conference, and a coordinator's
/// own part.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.part"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks/{task_id}/reopen-part")]
pub(crate) async fn reopen_conference_task_part(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<TaskPartIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    take(&call, *task_id, "reopen-part", Given::part(&body)).await
}
