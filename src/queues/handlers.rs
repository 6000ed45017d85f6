//! The queues' operations.

use actix_web::{HttpRequest, get};

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::Query;
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::queues::json::{ClaimAgeingFilter, ClaimAgeingOut, InboxFilter, InboxItem};
use crate::queues::{ageing, sources};

/// Read my inbox.
///
/// Everything whose next step is the caller's to take: claims to write on, confirm, verify, approve or pay, travel
/// orders, advances, bookings to decide or confirm, trips, odometer corrections, fuel statements, tasks, reviews, obstacles, measures. What is due first comes first; what is
/// due at no time comes last. With a key, the inbox of the account's owner as far as its scopes go.
#[utoipa::path(
    tag = "queues",
    params(InboxFilter, PageParams),
    extensions(("x-action" = json!("me.read"))),
    responses((status = 200, description = "A page of the inbox.", body = Page<InboxItem>))
)]
#[get("/v1/me/inbox")]
pub(crate) async fn get_my_inbox(
    call: Call,
    request: HttpRequest,
    filter: Query<InboxFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<InboxItem>>> {
    let items = sources::all(&call, &filter).await?;
    page::cut(&call, items, sources::key, &params, &("inbox", call.caller.user_id, &*filter))?.reply(&request)
}

/// Read how long claims wait.
///
/// Open claims of the caller's boards by board and step: how many, how much, since when, for how many days, and how many
/// are late. Open is what was handed in and is neither paid nor ended; a returned claim waits for its claimant.
#[utoipa::path(
    tag = "queues",
    params(ClaimAgeingFilter),
    extensions(("x-action" = json!("report.read"))),
    responses((status = 200, description = "The report.", body = ClaimAgeingOut))
)]
#[get("/v1/reports/claim-ageing")]
pub(crate) async fn get_claim_ageing(
    call: Call,
    filter: Query<ClaimAgeingFilter>,
) -> ApiResult<Reply<ClaimAgeingOut>> {
    Reply::plain(&ageing::report(&call, &filter).await?)
}
