//! The notifications' operations.

use actix_web::{HttpRequest, get, post};

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::notifications::json::{
    NotificationFilter, NotificationOut, NotificationsReadIn, NotificationsReadOut,
};
use crate::notifications::store;

/// List my notifications.
///
/// What the caller should know without being asked to act, the latest first: what others did with their bookings, claims
/// and trips, tasks that they were given, days that come nearer. With a key, those of the account's owner as far as its
/// scopes and boards go. A notification that was read is removed after 90 days.
#[utoipa::path(
    tag = "queues",
    params(NotificationFilter, PageParams),
    extensions(("x-action" = json!("me.read"))),
    responses((status = 200, description = "A page of notifications.", body = Page<NotificationOut>))
)]
#[get("/v1/me/notifications")]
pub(crate) async fn list_my_notifications(
    call: Call,
    request: HttpRequest,
    filter: Query<NotificationFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<NotificationOut>>> {
    use entity::notifications::Column;
    let latest_first = Order { column: Column::CreatedAt, descending: true };
    let list = ("notifications", call.caller.user_id, &*filter);
    page::load(&call, store::select(&call, &filter), latest_first, Column::Id, &params, &list)
        .await?
        .map(|row| NotificationOut::new(row, call.language))
        .reply(&request)
}

/// Mark my notifications as read.
///
/// Either those that `ids` names, or `up_to_id` and everything before it. What was marked before stays as it is.
#[utoipa::path(
    tag = "queues",
    extensions(("x-action" = json!("notification.mark"))),
    responses((status = 200, description = "How many were marked and are left.", body = NotificationsReadOut))
)]
#[post("/v1/me/notifications/read")]
pub(crate) async fn mark_my_notifications_read(
    call: Call,
    body: Json<NotificationsReadIn>,
) -> ApiResult<Reply<NotificationsReadOut>> {
    call.write(async |tx| {
        let marked = store::mark(tx, &call, &body).await?;
        let unread = store::unread(tx.db(), &call).await?;
        Reply::plain(&NotificationsReadOut {
            marked_count: i64::try_from(marked).unwrap_or(i64::MAX),
            unread_count: i64::try_from(unread).unwrap_or(i64::MAX),
        })
    })
    .await
}
