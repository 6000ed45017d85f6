//! The duties' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::duties::json::{DutyFilter, DutyIn, DutyLeadIn, DutyOut};
use crate::duties::store;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List duties.
///
/// Who leads what: each duty with its lead body and the person who heads it on the day `on`, or today, and with all
/// its leads before and after.
#[utoipa::path(
    tag = "duties",
    params(DutyFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of duties.", body = Page<DutyOut>))
)]
#[get("/v1/duties")]
pub(crate) async fn list_duties(
    call: Call,
    request: HttpRequest,
    filter: Query<DutyFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<DutyOut>>> {
    use entity::duties::Column;
    let order = Order { column: Column::Code, descending: false };
    let select = store::select(&filter, call.today());
    let Page { items, next_cursor, total } =
        page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    let items = store::outs(call.db(), items, filter.on.unwrap_or_else(|| call.today())).await?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Enter a duty.
///
/// The duty begins with the body that leads it, since no day of a duty may be without one.
#[utoipa::path(
    tag = "duties",
    extensions(("x-action" = json!("duty.manage"))),
    responses((status = 201, description = "Created.", body = DutyOut))
)]
#[post("/v1/duties")]
pub(crate) async fn create_duty(call: Call, body: Json<DutyIn>) -> ApiResult<Reply<DutyOut>> {
    call.write(async |tx| {
        let duty = store::insert(tx, tx.id(), &body).await?;
        Reply::created(&store::out(tx.db(), duty, call.today()).await?)
    })
    .await
}

/// Read a duty.
///
/// What belongs to it, who leads it today, and who led it or will.
#[utoipa::path(
    tag = "duties",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The duty.", body = DutyOut))
)]
#[get("/v1/duties/{duty_id}")]
pub(crate) async fn get_duty(call: Call, duty_id: Path<Uuid>) -> ApiResult<Reply<DutyOut>> {
    let duty = store::find(call.db(), *duty_id).await?;
    Reply::ok(&store::out(call.db(), duty, call.today()).await?)
}

/// Assign the lead of a duty.
///
/// Another body leads from a day on, by decision. The lead of that day ends on the day before; the past is not
/// changed, and tasks that were given out keep their lead.
#[utoipa::path(
    tag = "duties",
    extensions(("x-action" = json!("duty.manage"))),
    responses((status = 200, description = "The duty.", body = DutyOut))
)]
#[post("/v1/duties/{duty_id}/assign-lead")]
pub(crate) async fn assign_duty_lead(
    call: Call,
    duty_id: Path<Uuid>,
    body: Json<DutyLeadIn>,
) -> ApiResult<Reply<DutyOut>> {
    call.write(async |tx| {
        let duty = store::find_for_update(tx, *duty_id).await?;
        call.expect_version(duty.version)?;
        let duty = store::assign_lead(tx, duty, &body).await?;
        Reply::ok(&store::out(tx.db(), duty, call.today()).await?)
    })
    .await
}

/// Read a duty's history.
///
/// Who entered it, and by which decisions its lead changed.
#[utoipa::path(
    tag = "duties",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/duties/{duty_id}/history")]
pub(crate) async fn get_duty_history(
    call: Call,
    request: HttpRequest,
    duty_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let duty = store::find(call.db(), *duty_id).await?;
    history::of(&call, &request, duty.id, &params).await
}
