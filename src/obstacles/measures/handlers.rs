//! The measures' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::obstacles::measures::json::{
    MeasureConsentIn, MeasureFilter, MeasureIn, MeasureOut, MeasureReasonIn, MeasureResultIn,
};
use crate::obstacles::measures::steps::{Given, take};
use crate::obstacles::measures::{show, store};

/// List measures.
///
/// What is done about the obstacles that the caller sees; the earliest due first unless another order is asked for.
#[utoipa::path(
    tag = "obstacles",
    params(MeasureFilter, PageParams),
    extensions(("x-action" = json!("obstacle.read"))),
    responses((status = 200, description = "A page of measures.", body = Page<MeasureOut>))
)]
#[get("/v1/measures")]
pub(crate) async fn list_measures(
    call: Call,
    request: HttpRequest,
    filter: Query<MeasureFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<MeasureOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let Page { items, next_cursor, total } =
        page::load(&call, select, order, entity::measures::Column::Id, &params, &*filter).await?;
    let shown = filter.expand.as_deref().unwrap_or_default();
    let items = show::outs(call.db(), &call, items, shown).await?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Propose a measure.
///
/// For the owner of the obstacle, the heads of the boards that it concerns and the chief of office, while the obstacle
/// is accepted or in action. The heads consent to it as it stands: it does not change any more.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("measure.propose"))),
    responses((status = 201, description = "Created.", body = MeasureOut))
)]
#[post("/v1/measures")]
pub(crate) async fn create_measure(call: Call, body: Json<MeasureIn>) -> ApiResult<Reply<MeasureOut>> {
    call.write(async |tx| {
        let measure = store::insert(tx, &call, &body).await?;
        Reply::created(&show::out(tx.db(), &call, measure).await?)
    })
    .await
}

/// Read a measure.
///
/// With the consents so far and those that are missing, whom it waits on, and what the caller can do now.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("obstacle.read"))),
    responses((status = 200, description = "The measure.", body = MeasureOut))
)]
#[get("/v1/measures/{measure_id}")]
pub(crate) async fn get_measure(call: Call, measure_id: Path<Uuid>) -> ApiResult<Reply<MeasureOut>> {
    let measure = store::find(call.db(), &call, *measure_id).await?;
    Reply::ok(&show::out(call.db(), &call, measure).await?)
}

/// Read a measure's history.
///
/// Everything that happened to the measure, oldest first: who consented on behalf of which board, what was done, and how
/// it was judged.
#[utoipa::path(
    tag = "obstacles",
    params(PageParams),
    extensions(("x-action" = json!("obstacle.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/measures/{measure_id}/history")]
pub(crate) async fn get_measure_history(
    call: Call,
    request: HttpRequest,
    measure_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let measure = store::find(call.db(), &call, *measure_id).await?;
    history::of(&call, &request, measure.id, &params).await
}

/// Consent to a measure.
///
/// The head of a board concerned consents on behalf of their boards, those included that theirs took over from. A chief
/// of office consents in place of a head only for a board that has none, names it and says why. With the last consent
/// the measure is agreed and its obstacle in action; until then it stays proposed.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("measure.consent"))),
    responses((status = 200, description = "The measure.", body = MeasureOut))
)]
#[post("/v1/measures/{measure_id}/consent")]
pub(crate) async fn consent_measure(
    call: Call,
    measure_id: Path<Uuid>,
    body: Json<MeasureConsentIn>,
) -> ApiResult<Reply<MeasureOut>> {
    take(&call, *measure_id, "consent", Given { consent: Some(&body), ..Given::default() }).await
}

/// Reject a measure.
///
/// The head of a board concerned, or a chief of office, refuses it with a reason. That ends it, whoever has consented:
/// another measure is proposed instead.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("measure.consent"))),
    responses((status = 200, description = "The measure.", body = MeasureOut))
)]
#[post("/v1/measures/{measure_id}/reject")]
pub(crate) async fn reject_measure(
    call: Call,
    measure_id: Path<Uuid>,
    body: Json<MeasureReasonIn>,
) -> ApiResult<Reply<MeasureOut>> {
    take(&call, *measure_id, "reject", Given { reason: body.reason.as_deref(), ..Given::default() }).await
}

/// Withdraw a measure.
///
/// Who proposed it takes it back until it is agreed; a chief of office also afterwards, as long as it is not done.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("measure.propose"))),
    responses((status = 200, description = "The measure.", body = MeasureOut))
)]
#[post("/v1/measures/{measure_id}/withdraw")]
pub(crate) async fn withdraw_measure(
    call: Call,
    measure_id: Path<Uuid>,
    body: Json<MeasureReasonIn>,
) -> ApiResult<Reply<MeasureOut>> {
    take(&call, *measure_id, "withdraw", Given { reason: body.reason.as_deref(), ..Given::default() }).await
}

/// Complete a measure.
///
/// Its lead says what was done. When no measure is open any more, the owner can resolve the obstacle.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("measure.lead"))),
    responses((status = 200, description = "The measure.", body = MeasureOut))
)]
#[post("/v1/measures/{measure_id}/complete")]
pub(crate) async fn complete_measure(
    call: Call,
    measure_id: Path<Uuid>,
    body: Json<MeasureResultIn>,
) -> ApiResult<Reply<MeasureOut>> {
    take(&call, *measure_id, "complete", Given { result: Some(&body.result), ..Given::default() }).await
}

/// Find a measure effective.
///
/// From the day of its check on, by a chief of office or the head of the board that reported the obstacle, never by its
/// lead: it helped.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("measure.judge"))),
    responses((status = 200, description = "The measure.", body = MeasureOut))
)]
#[post("/v1/measures/{measure_id}/mark-effective")]
pub(crate) async fn mark_measure_effective(
    call: Call,
    measure_id: Path<Uuid>,
) -> ApiResult<Reply<MeasureOut>> {
    take(&call, *measure_id, "mark-effective", Given::default()).await
}

/// Find a measure ineffective.
///
/// As the other judgement, with a reason: it did not help. An obstacle that was resolved or verified is in action again.
#[utoipa::path(
    tag = "obstacles",
    extensions(("x-action" = json!("measure.judge"))),
    responses((status = 200, description = "The measure.", body = MeasureOut))
)]
#[post("/v1/measures/{measure_id}/mark-ineffective")]
pub(crate) async fn mark_measure_ineffective(
    call: Call,
    measure_id: Path<Uuid>,
    body: Json<MeasureReasonIn>,
) -> ApiResult<Reply<MeasureOut>> {
    let given = Given { reason: body.reason.as_deref(), ..Given::default() };
    take(&call, *measure_id, "mark-ineffective", given).await
}
