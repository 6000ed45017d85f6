//! The conferences' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::conferences::json::{ConferenceFilter, ConferenceIn, ConferenceOut, ConferencePatch};
use crate::conferences::{rules, store, view};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List conferences.
///
/// Conferences and receptions of the caller's boards, and those in which the caller or one of these boards
/// has a task; the latest first unless another order is asked for.
#[utoipa::path(
    tag = "conferences",
    params(ConferenceFilter, PageParams),
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "A page of conferences.", body = Page<ConferenceOut>))
)]
#[get("/v1/conferences")]
pub(crate) async fn list_conferences(
    call: Call,
    request: HttpRequest,
    filter: Query<ConferenceFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ConferenceOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let Page { items, next_cursor, total } =
        page::load(&call, select, order, entity::conferences::Column::Id, &params, &*filter).await?;
    let items = view::page(&call, call.db(), items).await?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Hold a conference.
///
/// A conference or a reception of a board in which the caller may do so. Its coordinator then gives out the
/// tasks.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.hold"))),
    responses((status = 201, description = "Created.", body = ConferenceOut))
)]
#[post("/v1/conferences")]
pub(crate) async fn create_conference(
    call: Call,
    body: Json<ConferenceIn>,
) -> ApiResult<Reply<ConferenceOut>> {
    call.write(async |tx| {
        rules::may_hold(&call, body.board_id)?;
        Reply::created(&view::one(&call, tx.db(), store::insert(tx, &body).await?).await?)
    })
    .await
}

/// Read a conference.
///
/// When and where it is held, by which board, who coordinates it, and where its money stands.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "The conference.", body = ConferenceOut))
)]
#[get("/v1/conferences/{conference_id}")]
pub(crate) async fn get_conference(call: Call, conference_id: Path<Uuid>) -> ApiResult<Reply<ConferenceOut>> {
    let conference = store::find(call.db(), &call, *conference_id).await?;
    Reply::ok(&view::one(&call, call.db(), conference).await?)
}

/// Change a conference.
///
/// For its coordinator, the head of its board and the chief of office. Another `starts_at` moves the due
/// times of all open tasks by the same span; tasks that are done or cancelled stay as they are.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.hold"))),
    responses((status = 200, description = "The conference.", body = ConferenceOut))
)]
#[patch("/v1/conferences/{conference_id}")]
pub(crate) async fn update_conference(
    call: Call,
    conference_id: Path<Uuid>,
    body: Json<ConferencePatch>,
) -> ApiResult<Reply<ConferenceOut>> {
    call.write(async |tx| {
        let conference = store::find_for_update(tx, &call, *conference_id).await?;
        call.expect_version(conference.version)?;
        rules::may_arrange(&call, &conference)?;
        let conference = store::update(tx, conference, body.0.clone()).await?;
        Reply::ok(&view::one(&call, tx.db(), conference).await?)
    })
    .await
}

/// Read a conference's history.
///
/// Everything that happened to the conference itself, oldest first; each task has a history of its own.
#[utoipa::path(
    tag = "conferences",
    params(PageParams),
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/conferences/{conference_id}/history")]
pub(crate) async fn get_conference_history(
    call: Call,
    request: HttpRequest,
    conference_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let conference = store::find(call.db(), &call, *conference_id).await?;
    history::of(&call, &request, conference.id, &params).await
}
