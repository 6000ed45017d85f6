//! Who is told of a dispatch order: its drivers and the requesters of its bookings, except who took the step.

use chrono::{DateTime, Utc};
use entity::drivers;
use entity::notifications::NotificationKind;
use entity::vehicle_bookings::Model as Booking;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::notifications::{self, Notice};
use crate::write::Tx;

/// The order as it is after the step.
pub struct News<'a> {
    pub kind: NotificationKind,
    pub trip_id: Uuid,
    pub number: Option<&'a str>,
    pub version: i64,
    pub starts_at: DateTime<Utc>,
}

/// Tells them in the transaction of the step. `by` is who took it, as staff.
///
/// # Errors
/// When the database does not take it.
pub async fn all<'a>(
    tx: &Tx,
    by: Option<Uuid>,
    news: News<'_>,
    drivers: &[Uuid],
    bookings: impl Iterator<Item = &'a Booking>,
) -> ApiResult<()> {
    use drivers::Column;
    let at_the_wheel = drivers::Entity::find().filter(Column::Id.is_in(drivers.iter().copied()));
    let mut people: Vec<Uuid> =
        at_the_wheel.select_only().column(Column::StaffId).into_tuple().all(tx.db()).await?;
    people.extend(bookings.map(|booking| booking.requester_id));
    people.retain(|person| by != Some(*person));
    let News { kind, trip_id, number, version, starts_at } = news;
    let notice = Notice::step(kind, trip_id, number.unwrap_or_default(), version).due(starts_at);
    notifications::tell(tx, people, &notice).await.map(drop)
}
