//! The budget years' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::budgets::years::json::{
    BudgetCarryForwardOut, BudgetYearFilter, BudgetYearOut, BudgetYearReasonIn,
};
use crate::budgets::years::{plan, steps, store};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List budget years.
///
/// Every year that has budget lines, the earliest first. A year is there from its first line on.
#[utoipa::path(
    tag = "budgets",
    params(BudgetYearFilter, PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of years.", body = Page<BudgetYearOut>))
)]
#[get("/v1/budget-years")]
pub(crate) async fn list_budget_years(
    call: Call,
    request: HttpRequest,
    filter: Query<BudgetYearFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BudgetYearOut>>> {
    use entity::budget_years::Column;
    let order = Order { column: Column::Year, descending: false };
    page::load(&call, store::select(&call, &filter), order, Column::Id, &params, &*filter)
        .await?
        .map(steps::shown)
        .reply(&request)
}

/// Read a budget year.
///
/// Where the year stands, and what the caller can do with it.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "The year.", body = BudgetYearOut))
)]
#[get("/v1/budget-years/{budget_year_id}")]
pub(crate) async fn get_budget_year(
    call: Call,
    budget_year_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetYearOut>> {
    let year = store::find(call.db(), &call, *budget_year_id).await?;
    Reply::ok(&steps::one(&call, year))
}

/// Read a budget year's history.
///
/// Who froze, unfroze, carried forward and closed it, oldest first. What moved stands in the histories of its lines.
#[utoipa::path(
    tag = "budgets",
    params(PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/budget-years/{budget_year_id}/history")]
pub(crate) async fn get_budget_year_history(
    call: Call,
    request: HttpRequest,
    budget_year_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let year = store::find(call.db(), &call, *budget_year_id).await?;
    history::of(&call, &request, year.id, &params).await
}

/// Preview what a budget year carries forward.
///
/// Stores nothing. For each line in the caller's boards: what would go to the same line of the next year (what is
/// available of autonomous funds), what lapses (non-autonomous funds), and what stands in the way, with the documents:
/// open commitments, claims under way, sub-items and boards that have ended by then, a line of the next year that is
/// not active.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "The preview.", body = BudgetCarryForwardOut))
)]
#[get("/v1/budget-years/{budget_year_id}/carry-forward")]
pub(crate) async fn get_budget_year_carry_forward(
    call: Call,
    budget_year_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetCarryForwardOut>> {
    let year = store::find(call.db(), &call, *budget_year_id).await?;
    let plan = plan::draw(call.db(), year, &call.reach(Action::ReadBudget)).await?;
    Reply::plain(&plan.shown(call.language))
}

/// Freeze a budget year.
///
/// The chief accountant ends what is new in a year: all its active lines freeze together, and no line is made, activated,
/// supplemented or changed by a transfer any more (409 `budget_year_not_open`). What is reserved can still be spent or
/// released. A frozen year stays as it is.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget_year.manage"))),
    responses((status = 200, description = "The year.", body = BudgetYearOut))
)]
#[post("/v1/budget-years/{budget_year_id}/freeze")]
pub(crate) async fn freeze_budget_year(
    call: Call,
    budget_year_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetYearOut>> {
    call.write(async |tx| steps::take(&call, tx, *budget_year_id, "freeze", None).await).await
}

/// Unfreeze a budget year.
///
/// The chief accountant opens a frozen year again, with a reason. The lines that froze with it are active again; those
/// that were frozen before stay frozen. An open year stays as it is.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget_year.manage"))),
    responses((status = 200, description = "The year.", body = BudgetYearOut))
)]
#[post("/v1/budget-years/{budget_year_id}/unfreeze")]
pub(crate) async fn unfreeze_budget_year(
    call: Call,
    budget_year_id: Path<Uuid>,
    body: Json<BudgetYearReasonIn>,
) -> ApiResult<Reply<BudgetYearOut>> {
    call.write(async |tx| steps::take(&call, tx, *budget_year_id, "unfreeze", body.reason.as_deref()).await)
        .await
}

/// Carry a budget year forward.
///
/// The chief accountant moves exactly what the preview says from each line of a frozen year to the same line of the next
/// one, all or nothing: two `transfer` entries for each line, whose document is the year. A line that the next year does
/// not have is made, in force and with the decision of the old one. 409 `budget_year_unsettled` names in `obstacles` all that stands in the way. Where nothing is
/// left to carry, a second call changes nothing.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget_year.manage")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The year.", body = BudgetYearOut))
)]
#[post("/v1/budget-years/{budget_year_id}/carry-forward")]
pub(crate) async fn carry_budget_year_forward(
    call: Call,
    budget_year_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetYearOut>> {
    call.write(async |tx| steps::take(&call, tx, *budget_year_id, "carry-forward", None).await).await
}

/// Close a budget year.
///
/// A chief of office, who holds the account and did not prepare the end of the year, closes it with all its lines. Refused
/// with 409 `budget_year_unsettled`, which names lines and documents in `obstacles`, while money is reserved, a claim is
/// under way, or autonomous funds are not carried forward. No entry is made after it, not even a reversal. A closed year stays as it is.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget_year.close"))),
    responses((status = 200, description = "The year.", body = BudgetYearOut))
)]
#[post("/v1/budget-years/{budget_year_id}/close")]
pub(crate) async fn close_budget_year(
    call: Call,
    budget_year_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetYearOut>> {
    call.write(async |tx| steps::take(&call, tx, *budget_year_id, "close", None).await).await
}
