//! The obstacles' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::obstacles::json::{
    ObstacleAcceptIn, ObstacleFilter, ObstacleIn, ObstacleOut, ObstaclePatch, ObstacleReasonIn,
    ObstacleResolveIn,
};
use crate::obstacles::steps::{Given, take};
use crate::obstacles::{show, store};

/// List obstacles.
///
/// What hinders the work of the caller's boards: reported by them, concerning them, or with a part of the caller; the
/// latest first unless another order is asked for.
#[utoipa::path(
    tag = "obstacles",
    params(ObstacleFilter, PageParams),
    extensions(("x-action" = json!("obstacle.read"))),
    responses((status = 200, description = "A page of obstacles.", body = Page<ObstacleOut>))
)]
#[get("/v1/obstacles")]
pub(crate) async fn list_obstacles(
    call: Call,
    request: HttpRequest,
    filter: Query<ObstacleFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ObstacleOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let Page { items, next_cursor, total } =
        page::load(&call, select, order, entity::obstacles::Column::Id, &params, &*filter).await?;
    let shown = filter.expand.as_deref().unwrap_or_default();
    let items = show::outs(call.db(), &call, items, shown).await?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Report an obstacle.
///
/// Anybody of a board, by a role or an appointment there, says what hinders its work, where people meet it, and which
/// boards it concerns. A chief of office accepts or rejects it.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.report"))),
    responses((status = 201, description = "Created.", body = ObstacleOut))
)]
#[post("/v1/obstacles")]
pub(crate) async fn create_obstacle(call: Call, body: Json<ObstacleIn>) -> ApiResult<Reply<ObstacleOut>> {
    call.write(async |tx| {
        let obstacle = store::insert(tx, &call, &body).await?;
        Reply::created(&show::out(tx.db(), &call, obstacle).await?)
    })
    .await
}

/// Read an obstacle.
///
/// With the boards that it concerns, whom it waits on, what the caller can do now, and the tasks that it blocks.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.read"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[get("/v1/obstacles/{obstacle_id}")]
pub(crate) async fn get_obstacle(call: Call, obstacle_id: Path<Uuid>) -> ApiResult<Reply<ObstacleOut>> {
    let obstacle = store::find(call.db(), &call, *obstacle_id).await?;
    Reply::ok(&show::out(call.db(), &call, obstacle).await?)
}

/// Change an obstacle.
///
/// Who reported it changes what it says while it is reported. A chief of office changes its owner and its day while it
/// is accepted or in action.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.report"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[patch("/v1/obstacles/{obstacle_id}")]
pub(crate) async fn update_obstacle(
    call: Call,
    obstacle_id: Path<Uuid>,
    body: Json<ObstaclePatch>,
) -> ApiResult<Reply<ObstacleOut>> {
    call.write(async |tx| {
        let obstacle = store::find_for_update(tx, &call, *obstacle_id).await?;
        call.expect_version(obstacle.version)?;
        let obstacle = store::update(tx, &call, obstacle, body.0.clone()).await?;
        Reply::ok(&show::out(tx.db(), &call, obstacle).await?)
    })
    .await
}

/// Read an obstacle's history.
///
/// Everything that happened to the obstacle, oldest first: who, when, what, why.
#[utoipa::path(
    tag = "obstacles",
    params(PageParams),
    extensions(("x-action" = json!("obstacle.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/obstacles/{obstacle_id}/history")]
pub(crate) async fn get_obstacle_history(
    call: Call,
    request: HttpRequest,
    obstacle_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let obstacle = store::find(call.db(), &call, *obstacle_id).await?;
    history::of(&call, &request, obstacle.id, &params).await
}

/// Accept an obstacle.
///
/// A chief of office puts one person in charge of it and sets the day on which it is to be gone. Measures can be proposed
/// from here on.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.accept"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[post("/v1/obstacles/{obstacle_id}/accept")]
pub(crate) async fn accept_obstacle(
    call: Call,
    obstacle_id: Path<Uuid>,
    body: Json<ObstacleAcceptIn>,
) -> ApiResult<Reply<ObstacleOut>> {
    take(&call, *obstacle_id, "accept", Given { assignment: Some(&body), ..Given::default() }).await
}

/// Reject an obstacle.
///
/// A chief of office says why nothing is done about it, before a measure is agreed. Measures that are proposed are
/// rejected with it, and tasks that it blocked are unblocked.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.accept"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[post("/v1/obstacles/{obstacle_id}/reject")]
pub(crate) async fn reject_obstacle(
    call: Call,
    obstacle_id: Path<Uuid>,
    body: Json<ObstacleReasonIn>,
) -> ApiResult<Reply<ObstacleOut>> {
    take(&call, *obstacle_id, "reject", Given { reason: body.reason.as_deref(), ..Given::default() }).await
}

/// Withdraw an obstacle.
///
/// Who reported it takes it back before it is accepted, with a reason. Tasks that it blocked are unblocked.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.report"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[post("/v1/obstacles/{obstacle_id}/withdraw")]
pub(crate) async fn withdraw_obstacle(
    call: Call,
    obstacle_id: Path<Uuid>,
    body: Json<ObstacleReasonIn>,
) -> ApiResult<Reply<ObstacleOut>> {
    take(&call, *obstacle_id, "withdraw", Given { reason: body.reason.as_deref(), ..Given::default() }).await
}

/// Resolve an obstacle.
///
/// Its owner says what was done, when no measure is proposed or agreed any more; somebody else verifies it.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.resolve"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[post("/v1/obstacles/{obstacle_id}/resolve")]
pub(crate) async fn resolve_obstacle(
    call: Call,
    obstacle_id: Path<Uuid>,
    body: Json<ObstacleResolveIn>,
) -> ApiResult<Reply<ObstacleOut>> {
    let given = Given { resolution: Some(&body.resolution), ..Given::default() };
    take(&call, *obstacle_id, "resolve", given).await
}

/// Verify that an obstacle is gone.
///
/// For who reported it, the head of their board and the chief of office, never for its owner. Tasks that it blocked are
/// unblocked in the same transaction.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.verify"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[post("/v1/obstacles/{obstacle_id}/verify")]
pub(crate) async fn verify_obstacle(call: Call, obstacle_id: Path<Uuid>) -> ApiResult<Reply<ObstacleOut>> {
    take(&call, *obstacle_id, "verify", Given::default()).await
}

/// Reopen an obstacle.
///
/// It is not gone, or has come back: it is in action again. For those who may verify it; tasks that were unblocked stay
/// so.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.verify"))),
    responses((status = 200, description = "The obstacle.", body = ObstacleOut))
)]
#[post("/v1/obstacles/{obstacle_id}/reopen")]
pub(crate) async fn reopen_obstacle(
    call: Call,
    obstacle_id: Path<Uuid>,
    body: Json<ObstacleReasonIn>,
) -> ApiResult<Reply<ObstacleOut>> {
    take(&call, *obstacle_id, "reopen", Given { reason: body.reason.as_deref(), ..Given::default() }).await
}
