//! The operations of the budget's reports.

use actix_web::{HttpRequest, get};

use crate::budgets::reports::json::{
    BudgetComparisonOut, BudgetDepartureOut, BudgetExecutionOut, BudgetReportFilter, DepartureFilter,
};
use crate::budgets::reports::{comparison, departures, execution};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::Query;
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;

/// Read how far the budget is used.
///
/// The lines of a year of the caller's boards, by board, source and sub-item: what each has, what is committed and spent,
/// and the share of the year that is gone beside it. The figures are those of the lines.
#[utoipa::path(
    tag = "budgets",
    params(BudgetReportFilter),
    extensions(("x-action" = json!("report.read"))),
    responses((status = 200, description = "The report.", body = BudgetExecutionOut))
)]
#[get("/v1/reports/budget-execution")]
pub(crate) async fn get_budget_execution(
    call: Call,
    filter: Query<BudgetReportFilter>,
) -> ApiResult<Reply<BudgetExecutionOut>> {
    Reply::plain(&execution::report(&call, &filter).await?)
}

/// Compare how boards use the budget.
///
/// By sub-item, what each of the caller's boards spent in a year: in all, for each head, of what it has, and against all
/// boards together, so that the office sees where practice differs.
#[utoipa::path(
    tag = "budgets",
    params(BudgetReportFilter),
    extensions(("x-action" = json!("report.read"))),
    responses((status = 200, description = "The comparison.", body = BudgetComparisonOut))
)]
#[get("/v1/reports/budget-comparison")]
pub(crate) async fn get_budget_comparison(
    call: Call,
    filter: Query<BudgetReportFilter>,
) -> ApiResult<Reply<BudgetComparisonOut>> {
    Reply::plain(&comparison::report(&call, &filter).await?)
}

/// List decisions that departed from the rule.
///
/// Costs that an accountant booked on another sub-item than their kind's, and travel orders that one line bears, each
/// with its reason, the oldest first.
#[utoipa::path(
    tag = "budgets",
    params(DepartureFilter, PageParams),
    extensions(("x-action" = json!("report.read"))),
    responses((status = 200, description = "A page of decisions.", body = Page<BudgetDepartureOut>))
)]
#[get("/v1/reports/budget-departures")]
pub(crate) async fn list_budget_departures(
    call: Call,
    request: HttpRequest,
    filter: Query<DepartureFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BudgetDepartureOut>>> {
    let all = departures::all(&call, &filter).await?;
    page::cut(&call, all, departures::key, &params, &("budget-departures", call.caller.user_id, &*filter))?
        .reply(&request)
}
