//! Bookings end by themselves when their time has passed and no trip carried them out.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::vehicle_bookings::{BookingStatus, Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use crate::app::App;
use crate::bookings::rules::URGENT_GRACE;
use crate::bookings::store;
use crate::error::ApiResult;
use crate::vehicles::holds;
use crate::write::{Actor, Event, ROW_LOCK, Tx, transaction};

/// One look finds at most this many; the next look finds the rest.
const BATCH: u64 = 200;

/// Ends every submitted or approved booking whose end has passed, gives its car back, and tells how many.
/// Each one is a transaction of its own that looks again, so any number of processes may do this at once.
///
/// # Errors
/// When the database does not answer; what was done by then stays done.
pub async fn expire(app: &Arc<App>) -> ApiResult<u64> {
    let overdue: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(overdue(app.clock.now()))
        .order_by_asc(Column::EndsAt)
        .limit(BATCH)
        .into_tuple()
        .all(&app.db.reader)
        .await?;
    let mut expired = 0;
    for id in overdue {
        if transaction(app, &Actor::system(), async |tx| expire_one(tx, id).await).await? {
            expired += 1;
        }
    }
    Ok(expired)
}

/// An urgent booking can still be approved for a while after its start, even where it was short.
fn overdue(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::Status.is_in([BookingStatus::Submitted, BookingStatus::Approved]))
        .add(Column::EndsAt.lte(now))
        .add(Condition::any().add(Column::Urgent.eq(false)).add(Column::StartsAt.lte(now - URGENT_GRACE)))
}

/// Nothing where another process was faster, or somebody decided in between.
async fn expire_one(tx: &Tx, id: Uuid) -> ApiResult<bool> {
    let booking = Entity::find_by_id(id).filter(overdue(tx.now)).lock(ROW_LOCK).one(tx.db()).await?;
    let Some(booking) = booking else { return Ok(false) };
    holds::free(tx, booking.id).await?;
    let (from, to) = (booking.status, BookingStatus::Expired);
    let mut changed = booking.clone().into_active_model();
    changed.status = Set(to);
    changed.waiting_since = Set(tx.now);
    let Model { id, board_id, version, .. } = booking;
    let event = Event::new("expire", store::TYPE, id, version + 1).of_board(board_id).step(&from, &to);
    store::save(tx, &booking, changed, event).await?;
    Ok(true)
}
