//! Bookings end by themselves when their time has passed and no trip carried them out, or when the service was
//! rendered and nobody said a word about it for three days.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::vehicle_bookings::{BookingStatus, Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use crate::app::App;
use crate::bookings::rules::{CLOSES_BY_ITSELF_AFTER, URGENT_GRACE};
use crate::bookings::store;
use crate::error::ApiResult;
use crate::vehicles::holds;
use crate::write::{Actor, Event, ROW_LOCK, Tx, transaction};

/// One look finds at most this many; the next look finds the rest.
const BATCH: u64 = 200;

/// Ends every submitted or approved booking whose end has passed and gives its car back, closes every completed
/// one that nobody confirmed, and tells how many. Each one is a transaction of its own that looks again, so any
/// number of processes may do this at once.
///
/// # Errors
/// When the database does not answer; what was done by then stays done.
pub async fn expire(app: &Arc<App>) -> ApiResult<u64> {
    let mut ended = 0;
    for id in due(app, Column::EndsAt, overdue(app.clock.now())).await? {
        if transaction(app, &Actor::system(), async |tx| expire_one(tx, id).await).await? {
            ended += 1;
        }
    }
    for id in due(app, Column::WaitingSince, unconfirmed(app.clock.now())).await? {
        if transaction(app, &Actor::system(), async |tx| close_one(tx, id).await).await? {
            ended += 1;
        }
    }
    Ok(ended)
}

async fn due(app: &App, oldest_first: Column, which: Condition) -> ApiResult<Vec<Uuid>> {
    let ids = Entity::find().select_only().column(Column::Id).filter(which).order_by_asc(oldest_first);
    Ok(ids.limit(BATCH).into_tuple().all(&app.db.reader).await?)
}

/// An urgent booking can still be approved for a while after its start, even where it was short.
fn overdue(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::Status.is_in([BookingStatus::Submitted, BookingStatus::Approved]))
        .add(Column::EndsAt.lte(now))
        .add(Condition::any().add(Column::Urgent.eq(false)).add(Column::StartsAt.lte(now - URGENT_GRACE)))
}

fn unconfirmed(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::Status.eq(BookingStatus::Completed))
        .add(Column::WaitingSince.lte(now - CLOSES_BY_ITSELF_AFTER))
}

/// Nothing where another process was faster, or somebody decided in between.
async fn expire_one(tx: &Tx, id: Uuid) -> ApiResult<bool> {
    let booking = Entity::find_by_id(id).filter(overdue(tx.now)).lock(ROW_LOCK).one(tx.db()).await?;
    let Some(booking) = booking else { return Ok(false) };
    holds::free(tx, booking.id).await?;
    end(tx, &booking, "expire", BookingStatus::Expired).await
}

/// As [`expire_one`].
async fn close_one(tx: &Tx, id: Uuid) -> ApiResult<bool> {
    let booking = Entity::find_by_id(id).filter(unconfirmed(tx.now)).lock(ROW_LOCK).one(tx.db()).await?;
    let Some(booking) = booking else { return Ok(false) };
    end(tx, &booking, "close", BookingStatus::Closed).await
}

async fn end(tx: &Tx, booking: &Model, verb: &str, to: BookingStatus) -> ApiResult<bool> {
    let mut changed = booking.clone().into_active_model();
    changed.status = Set(to);
    changed.waiting_since = Set(tx.now);
    let event = Event::new(verb, store::TYPE, booking.id, booking.version + 1).of_board(booking.board_id);
    store::save(tx, booking, changed, event.step(&booking.status, &to)).await?;
    Ok(true)
}
