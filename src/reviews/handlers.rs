//! The reviews' operations, in reading order.

use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::forms::answer;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::attachments::json::AttachmentBytes;
use crate::integration::history::{self, HistoryEntry};
use crate::reviews::figures::json::ReviewFigures;
use crate::reviews::json::{
    ReviewFiguresParams, ReviewFilter, ReviewIn, ReviewOut, ReviewPatch, ReviewReasonIn,
};
use crate::reviews::{figures, report, steps, store, workbook};

/// List reviews.
///
/// By the last day of their period, the latest first, superseded ones included. Figures are not in the list: read a
/// review by itself.
#[utoipa::path(
    tag = "reviews",
    params(ReviewFilter, PageParams),
    extensions(("x-action" = json!("review.read"))),
    responses((status = 200, description = "A page of reviews.", body = Page<ReviewOut>))
)]
#[get("/v1/reviews")]
pub(crate) async fn list_reviews(
    call: Call,
    request: HttpRequest,
    filter: Query<ReviewFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ReviewOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::reviews::Column::Id, &params, &*filter).await?;
    page.map(steps::shown).reply(&request)
}

/// Begin a review.
///
/// For a period of days in the office's calendar, both included. Texts are collected first; the figures come with the
/// draft.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.manage"))),
    responses((status = 201, description = "Created.", body = ReviewOut))
)]
#[post("/v1/reviews")]
pub(crate) async fn create_review(call: Call, body: Json<ReviewIn>) -> ApiResult<Reply<ReviewOut>> {
    call.write(async |tx| {
        let review = steps::begin(tx, &body).await?;
        Reply::created(&steps::out(tx.db(), &call, review).await?)
    })
    .await
}

/// Read a review.
///
/// With its figures as they were kept, their digest, and whether they still fit together.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.read"))),
    responses((status = 200, description = "The review.", body = ReviewOut))
)]
#[get("/v1/reviews/{review_id}")]
pub(crate) async fn get_review(call: Call, review_id: Path<Uuid>) -> ApiResult<Reply<ReviewOut>> {
    let review = store::find(call.db(), &call, *review_id).await?;
    Reply::ok(&steps::out(call.db(), &call, review).await?)
}

/// Change a review.
///
/// Title and texts until it is approved, the period only before the figures are computed. Who writes on a draft cannot
/// approve it any more.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.manage"))),
    responses((status = 200, description = "The review.", body = ReviewOut))
)]
#[patch("/v1/reviews/{review_id}")]
pub(crate) async fn update_review(
    call: Call,
    review_id: Path<Uuid>,
    body: Json<ReviewPatch>,
) -> ApiResult<Reply<ReviewOut>> {
    call.write(async |tx| {
        let review = steps::change(tx, &call, *review_id, &body).await?;
        Reply::ok(&steps::out(tx.db(), &call, review).await?)
    })
    .await
}

/// Draft a review.
///
/// Computes the figures of the period and keeps them with their digest. A period that is not over is counted up to now.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.manage"))),
    responses((status = 200, description = "The review.", body = ReviewOut))
)]
#[post("/v1/reviews/{review_id}/draft")]
pub(crate) async fn draft_review(call: Call, review_id: Path<Uuid>) -> ApiResult<Reply<ReviewOut>> {
    call.write(async |tx| {
        let review = steps::draft(tx, &call, *review_id, "draft").await?;
        Reply::ok(&steps::out(tx.db(), &call, review).await?)
    })
    .await
}

/// Compute a draft's figures anew.
///
/// As the records are now; until the approval only.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.manage"))),
    responses((status = 200, description = "The review.", body = ReviewOut))
)]
#[post("/v1/reviews/{review_id}/recompute")]
pub(crate) async fn recompute_review(call: Call, review_id: Path<Uuid>) -> ApiResult<Reply<ReviewOut>> {
    call.write(async |tx| {
        let review = steps::draft(tx, &call, *review_id, "recompute").await?;
        Reply::ok(&steps::out(tx.db(), &call, review).await?)
    })
    .await
}

/// Return a review.
///
/// Back to the texts, with a reason; the figures are dropped.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.manage"))),
    responses((status = 200, description = "The review.", body = ReviewOut))
)]
#[post("/v1/reviews/{review_id}/return")]
pub(crate) async fn return_review(
    call: Call,
    review_id: Path<Uuid>,
    body: Json<ReviewReasonIn>,
) -> ApiResult<Reply<ReviewOut>> {
    call.write(async |tx| {
        let review = steps::return_(tx, &call, *review_id, body.reason.as_deref()).await?;
        Reply::ok(&steps::out(tx.db(), &call, review).await?)
    })
    .await
}

/// Approve a review.
///
/// Another chief of office than who drafted it or last wrote on it freezes the figures. A correction supersedes the review that it corrects in
/// the same moment.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.approve"))),
    responses((status = 200, description = "The review.", body = ReviewOut))
)]
#[post("/v1/reviews/{review_id}/approve")]
pub(crate) async fn approve_review(call: Call, review_id: Path<Uuid>) -> ApiResult<Reply<ReviewOut>> {
    call.write(async |tx| {
        let review = steps::approve(tx, &call, *review_id).await?;
        Reply::ok(&steps::out(tx.db(), &call, review).await?)
    })
    .await
}

/// Correct a review.
///
/// Begins a new review of the same period with the same texts and the next revision, with a reason. The approved one
/// stays in force until the correction is approved, and is never changed.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.manage"))),
    responses((status = 201, description = "Created.", body = ReviewOut))
)]
#[post("/v1/reviews/{review_id}/correct")]
pub(crate) async fn correct_review(
    call: Call,
    review_id: Path<Uuid>,
    body: Json<ReviewReasonIn>,
) -> ApiResult<Reply<ReviewOut>> {
    call.write(async |tx| {
        let review = steps::correct(tx, &call, *review_id, body.reason.as_deref()).await?;
        Reply::created(&steps::out(tx.db(), &call, review).await?)
    })
    .await
}

/// Read a review's history.
///
/// Who wrote, drafted, returned and approved it, with the digests of the figures, oldest first.
#[utoipa::path(
    tag = "reviews",
    params(PageParams),
    extensions(("x-action" = json!("review.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/reviews/{review_id}/history")]
pub(crate) async fn get_review_history(
    call: Call,
    request: HttpRequest,
    review_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let review = store::find(call.db(), &call, *review_id).await?;
    history::of(&call, &request, review.id, &params).await
}

/// Read a review's workbook.
///
/// The figures as an XLSX file with charts, headings in the caller's language, numbers as numbers: summary, tasks, cars,
/// claims, budgets, obstacles. 422 `form_not_ready` as long as there are no figures.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.read"))),
    responses((
        status = 200,
        description = "The workbook.",
        body = inline(AttachmentBytes),
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ))
)]
#[get("/v1/reviews/{review_id}/workbook")]
pub(crate) async fn get_review_workbook(
    call: Call,
    request: HttpRequest,
    review_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let review = store::find(call.db(), &call, *review_id).await?;
    workbook::send(&call, &request, review).await
}

/// Print a review.
///
/// Báo cáo as a PDF in Vietnamese for the meeting: the texts, the signature, and the figures as tables in an annex with their digest. A
/// draft says that it is one. 422 `form_not_ready` as long as there are no figures.
#[utoipa::path(
    tag = "reviews",
    extensions(("x-action" = json!("review.read"))),
    responses((status = 200, description = "The form.", body = String, content_type = "application/pdf"))
)]
#[get("/v1/reviews/{review_id}/report")]
pub(crate) async fn get_review_report(
    call: Call,
    request: HttpRequest,
    review_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let review = store::find(call.db(), &call, *review_id).await?;
    let (name, sheet) = report::sheet(call.db(), &call, review).await?;
    answer::send(&call, &request, &name, sheet).await
}

/// Count the figures of a period.
///
/// The same figures as a review of these days would get now, for each board and in all; nothing is kept.
#[utoipa::path(
    tag = "reviews",
    params(ReviewFiguresParams),
    extensions(("x-action" = json!("review.read"))),
    responses((status = 200, description = "The figures.", body = ReviewFigures))
)]
#[get("/v1/reports/review-figures")]
pub(crate) async fn get_review_figures(
    call: Call,
    params: Query<ReviewFiguresParams>,
) -> ApiResult<Reply<ReviewFigures>> {
    let period = steps::period(&call, params.from, params.to)?;
    Reply::plain(&figures::compute(call.db(), &period).await?)
}
