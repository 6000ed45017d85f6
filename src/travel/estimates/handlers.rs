//! The one operation of estimates.

use actix_web::post;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::Json;
use crate::http::reply::Reply;
use crate::travel::estimates::compute;
use crate::travel::estimates::json::{TravelEstimateIn, TravelEstimateOut};

/// Estimate a journey.
///
/// What a journey may cost by the rates in force, computed anew each time; nothing is stored. Every day from the first
/// to the last has one per diem, at sea or on islands where a part of it is spent there; a journey within one day has
/// its own tier only. A night belongs to the leg that spans its midnight; one between two legs is not paid. Amounts
/// are exact and rounded once, at the line. A rate that nobody knows is refused with `rate_not_found`, and `errors`
/// names all that are missing.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.estimate"))),
    responses((status = 200, description = "The estimate.", body = TravelEstimateOut))
)]
#[post("/v1/travel-estimates")]
pub(crate) async fn create_travel_estimate(
    call: Call,
    body: Json<TravelEstimateIn>,
) -> ApiResult<Reply<TravelEstimateOut>> {
    Reply::plain(&compute(call.db(), call.language, &body).await?)
}
