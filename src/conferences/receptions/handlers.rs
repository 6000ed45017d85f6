//! The receptions' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::conferences::receptions::arrange::arrange;
use crate::conferences::receptions::json::{ReceptionFilter, ReceptionIn, ReceptionOut};
use crate::conferences::receptions::store;
use crate::conferences::store as conferences;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List receptions.
///
/// Receptions of the caller's boards, and those in which the caller or one of these boards has a task; the latest first
/// unless another order is asked for.
#[utoipa::path(
    tag = "conferences",
    params(ReceptionFilter, PageParams),
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "A page of receptions.", body = Page<ReceptionOut>))
)]
#[get("/v1/receptions")]
pub(crate) async fn list_receptions(
    call: Call,
    request: HttpRequest,
    filter: Query<ReceptionFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ReceptionOut>>> {
    let wanted = filter.conferences();
    let (select, order) = (conferences::select(&call, &wanted), conferences::order(filter.sort));
    let Page { items, next_cursor, total } =
        page::load(&call, select, order, entity::conferences::Column::Id, &params, &*filter).await?;
    let items = store::page(&call, call.db(), items).await?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Arrange a reception.
///
/// A head of the board or a chief of office receives a delegation in one call, all or nothing: the conference of the kind
/// `reception`, guests, host and programme, the cars as submitted bookings of the coordinator, the tasks, and the costs:
/// planned by the coordinator under the ceilings of hospitality, and committed by the caller. Each part keeps its own rules; whatever
/// they refuse is told at once, each under its place in the body, and nothing remains.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("reception.hold"))),
    responses((status = 201, description = "Created.", body = ReceptionOut))
)]
#[post("/v1/receptions")]
pub(crate) async fn create_reception(call: Call, body: Json<ReceptionIn>) -> ApiResult<Reply<ReceptionOut>> {
    call.write(async |tx| {
        let conference = arrange(&call, tx, &body).await?;
        Reply::created(&store::one(&call, tx.db(), conference).await?)
    })
    .await
}

/// Read a reception.
///
/// Its guests, host, programme, meals and cars, and where its money stands. Tasks, costs and changes are those of the
/// conference with the same id.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "The reception.", body = ReceptionOut))
)]
#[get("/v1/receptions/{reception_id}")]
pub(crate) async fn get_reception(call: Call, reception_id: Path<Uuid>) -> ApiResult<Reply<ReceptionOut>> {
    let conference = store::find(call.db(), &call, *reception_id).await?;
    Reply::ok(&store::one(&call, call.db(), conference).await?)
}

/// Read a reception's history.
///
/// Everything that happened to it, oldest first, the steps of its money included; each task has a history of its own.
#[utoipa::path(
    tag = "conferences",
    params(PageParams),
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/receptions/{reception_id}/history")]
pub(crate) async fn get_reception_history(
    call: Call,
    request: HttpRequest,
    reception_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let conference = store::find(call.db(), &call, *reception_id).await?;
    history::of(&call, &request, conference.id, &params).await
}
