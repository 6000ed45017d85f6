//! The operation of the conferences' report.

use actix_web::get;

use crate::conferences::reports::buck_passing;
use crate::conferences::reports::json::{BuckPassingFilter, BuckPassingOut};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::Query;
use crate::http::reply::Reply;

/// Read how often tasks are passed on.
///
/// For each of the caller's boards, and for each of its people who held, refused or passed on a task in these days: how
/// many tasks came to them, how they answered, and how long they held them. What was asked for in these days counts,
/// also where it was decided later.
#[utoipa::path(
    tag = "conferences",
    params(BuckPassingFilter),
    extensions(("x-action" = json!("report.read"))),
    responses((status = 200, description = "The report.", body = BuckPassingOut))
)]
#[get("/v1/reports/buck-passing")]
pub(crate) async fn get_buck_passing(
    call: Call,
    filter: Query<BuckPassingFilter>,
) -> ApiResult<Reply<BuckPassingOut>> {
    Reply::plain(&buck_passing::report(&call, &filter).await?)
}
