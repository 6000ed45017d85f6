//! The tasks' operations, in reading order; their steps are in `actions`.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::conferences::tasks::json::{
    ConferenceTaskFilter, ConferenceTaskIn, ConferenceTaskOut, ConferenceTaskPatch,
};
use crate::conferences::tasks::{show, store};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List conference tasks.
///
/// All tasks of the conferences of the caller's boards, and elsewhere those in which the caller or one of
/// these boards has a part; the earliest due first unless another order is asked for.
#[utoipa::path(
    tag = "conferences",
    params(ConferenceTaskFilter, PageParams),
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "A page of tasks.", body = Page<ConferenceTaskOut>))
)]
#[get("/v1/conference-tasks")]
pub(crate) async fn list_conference_tasks(
    call: Call,
    request: HttpRequest,
    filter: Query<ConferenceTaskFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ConferenceTaskOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let Page { items, next_cursor, total } =
        page::load(&call, select, order, entity::conference_tasks::Column::Id, &params, &*filter).await?;
    let shown = filter.expand.as_deref().unwrap_or_default();
    let items = show::outs(call.db(), &call, items, shown).await?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Give out a task.
///
/// For the coordinator of the conference, the head of its board and the chief of office. The lead holds the
/// task from this moment on.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.coordinate"))),
    responses((status = 201, description = "Created.", body = ConferenceTaskOut))
)]
#[post("/v1/conference-tasks")]
pub(crate) async fn create_conference_task(
    call: Call,
    body: Json<ConferenceTaskIn>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    call.write(async |tx| {
        let task = store::insert(tx, &call, &body).await?;
        Reply::created(&show::out(tx.db(), &call, task).await?)
    })
    .await
}

/// Read a conference task.
///
/// The task with whom it waits on, what the caller can do now, who held it so far, the objections to it and its
/// hand-overs.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[get("/v1/conference-tasks/{task_id}")]
pub(crate) async fn get_conference_task(
    call: Call,
    task_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    let task = store::find(call.db(), &call, *task_id).await?;
    Reply::ok(&show::out(call.db(), &call, task).await?)
}

/// Change a conference task.
///
/// For the coordinator of the conference while the task is open. The lead is not changed here, only by a
/// decision on an objection or a hand-over.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.coordinate"))),
    responses((status = 200, description = "The task.", body = ConferenceTaskOut))
)]
#[patch("/v1/conference-tasks/{task_id}")]
pub(crate) async fn update_conference_task(
    call: Call,
    task_id: Path<Uuid>,
    body: Json<ConferenceTaskPatch>,
) -> ApiResult<Reply<ConferenceTaskOut>> {
    call.write(async |tx| {
        let task = store::find_for_update(tx, &call, *task_id).await?;
        call.expect_version(task.version)?;
        let task = store::update(tx, &call, task, body.0.clone()).await?;
        Reply::ok(&show::out(tx.db(), &call, task).await?)
    })
    .await
}

/// Read a conference task's history.
///
/// Everything that happened to the task, oldest first: who, when, what, why; the escalation included.
#[utoipa::path(
    tag = "conferences",
    params(PageParams),
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/conference-tasks/{task_id}/history")]
pub(crate) async fn get_conference_task_history(
    call: Call,
    request: HttpRequest,
    task_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let task = store::find(call.db(), &call, *task_id).await?;
    history::of(&call, &request, task.id, &params).await
}
