//! The operations about the costs of a conference, in reading order.

use actix_web::{get, post};
use uuid::Uuid;

use crate::conferences::costs::json::{
    ConferenceCostsOut, ConferenceFundsIn, ConferencePlanIn, ConferenceReleaseIn,
};
use crate::conferences::costs::steps::Turn;
use crate::conferences::costs::{rules, store, view};
use crate::conferences::store as conferences;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path};
use crate::http::reply::Reply;

/// Read the costs of a conference.
///
/// Plan against reality at any time: what is planned, committed, claimed and paid of each kind of cost, and the claims
/// that are open. For the board's own people, its coordinator and the office; not for those who only have a task in it.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.read_costs"))),
    responses((status = 200, description = "The costs.", body = ConferenceCostsOut))
)]
#[get("/v1/conferences/{conference_id}/costs")]
pub(crate) async fn get_conference_costs(
    call: Call,
    conference_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceCostsOut>> {
    let conference = conferences::find(call.db(), &call, *conference_id).await?;
    rules::may_see_money(&call, &conference)?;
    let plan = store::find(call.db(), conference.id).await?;
    // Without an ETag: claims change the answer and leave the conference's version as it is.
    Reply::plain(&view::costs(&call, call.db(), &conference, plan).await?)
}

/// Plan the costs of a conference.
///
/// Its coordinator keeps an estimate with the conference, of any kind. The plan is changed in the same way until it is
/// committed, and after that too: then what was committed stays reserved until the new plan is. What the accountant
/// chose for the plan before is gone.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.plan_costs"))),
    responses((status = 200, description = "The costs.", body = ConferenceCostsOut))
)]
#[post("/v1/conferences/{conference_id}/plan-costs")]
pub(crate) async fn plan_conference_costs(
    call: Call,
    conference_id: Path<Uuid>,
    body: Json<ConferencePlanIn>,
) -> ApiResult<Reply<ConferenceCostsOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *conference_id, "plan-costs", None).await?.plan(&body).await)
        .await
}

/// Check the funds of a conference.
///
/// The accountant who acts for the board today may say which money bears a plan: each cost by the budget line of its
/// sub-item, or one line for all with a reason. Costs without a line are refused, all at once.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.check_funds"))),
    responses((status = 200, description = "The costs.", body = ConferenceCostsOut))
)]
#[post("/v1/conferences/{conference_id}/check-funds")]
pub(crate) async fn check_conference_funds(
    call: Call,
    conference_id: Path<Uuid>,
    body: Json<ConferenceFundsIn>,
) -> ApiResult<Reply<ConferenceCostsOut>> {
    call.write(async |tx| {
        Turn::begin(&call, tx, *conference_id, "check-funds", None).await?.check_funds(&body).await
    })
    .await
}

/// Commit the funds of a conference.
///
/// A head of the board or a chief of office reserves the plan on its budget lines in one transaction; neither who
/// planned nor who checked the funds. 409 `budget_insufficient` names the line, what it has left and what is missing.
/// After a change of the plan what is reserved is adjusted by the difference.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.commit_funds")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The costs.", body = ConferenceCostsOut))
)]
#[post("/v1/conferences/{conference_id}/commit-funds")]
pub(crate) async fn commit_conference_funds(
    call: Call,
    conference_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceCostsOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *conference_id, "commit-funds", None).await?.commit().await)
        .await
}

/// Release the funds of a conference.
///
/// A head of the board or a chief of office gives back what was not spent, with a reason, e.g. because the conference is
/// called off. `in_use` names the claims that are open. A new plan can be committed afterwards.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.commit_funds")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The costs.", body = ConferenceCostsOut))
)]
#[post("/v1/conferences/{conference_id}/release-funds")]
pub(crate) async fn release_conference_funds(
    call: Call,
    conference_id: Path<Uuid>,
    body: Json<ConferenceReleaseIn>,
) -> ApiResult<Reply<ConferenceCostsOut>> {
    call.write(async |tx| {
        let reason = body.reason.as_deref();
        Turn::begin(&call, tx, *conference_id, "release-funds", reason).await?.release().await
    })
    .await
}

/// Settle the costs of a conference.
///
/// The accountant who acts for the board today closes the conference's money: plan and reality of each kind of cost
/// stand in the answer, and what was committed and not spent is given back. `in_use` names the claims that are open. After
/// that nothing is claimed of it; reversing a payment opens it again.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.settle_costs")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The costs.", body = ConferenceCostsOut))
)]
#[post("/v1/conferences/{conference_id}/settle-costs")]
pub(crate) async fn settle_conference_costs(
    call: Call,
    conference_id: Path<Uuid>,
) -> ApiResult<Reply<ConferenceCostsOut>> {
    call.write(async |tx| Turn::begin(&call, tx, *conference_id, "settle-costs", None).await?.settle().await)
        .await
}
