//! The one operation of readiness.

use actix_web::get;
use uuid::Uuid;

use crate::conferences::readiness::json::ReadinessOut;
use crate::conferences::readiness::store::readiness;
use crate::conferences::store;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::Path;
use crate::http::reply::Reply;

/// Read how far a conference is prepared.
///
/// Every task that the caller sees, with who holds it and how long, how often it passed on, whether it is late, silent
/// or blocked, and for what it waits; how many of each; and the chain of open tasks on which a delay moves the end.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.read"))),
    responses((status = 200, description = "The readiness.", body = ReadinessOut))
)]
#[get("/v1/conferences/{conference_id}/readiness")]
pub(crate) async fn get_conference_readiness(
    call: Call,
    conference_id: Path<Uuid>,
) -> ApiResult<Reply<ReadinessOut>> {
    let conference = store::find(call.db(), &call, *conference_id).await?;
    Reply::plain(&readiness(call.db(), &call, &conference).await?)
}
