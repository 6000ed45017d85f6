//! Bytes that no row has: noted before they can come to be, removed when they have.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::attachment_leftovers::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use crate::app::App;
use crate::error::{ApiError, ApiResult};
use crate::write::Tx;

/// Far longer than any upload may take: what is noted for longer belongs to a request that ended.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// How many are removed in one run; the next run is soon.
const AT_ONCE: u64 = 100;

/// Notes that bytes with this id may lie in the store without a row.
///
/// # Errors
/// When the database does not answer.
pub async fn note(app: &App, db: &impl ConnectionTrait, id: Uuid) -> ApiResult<()> {
    ActiveModel { id: Set(id), noted_at: Set(app.clock.now()) }.insert(db).await?;
    Ok(())
}

/// Strikes the note out in the transaction of the row that takes the bytes.
///
/// # Errors
/// 503 where the note is gone, and so may be the bytes: the caller sends the file again.
pub async fn take(tx: &Tx, id: Uuid) -> ApiResult<()> {
    match Entity::delete_by_id(id).exec(tx.db()).await? {
        deleted if deleted.rows_affected == 1 => Ok(()),
        _ => Err(ApiError::unavailable("the bytes of an upload were removed before their row came")),
    }
}

/// Removes the bytes, then the note. What fails is left to the job.
pub async fn discard(app: &App, id: Uuid) {
    if let Err(error) = remove(app, id).await {
        tracing::warn!(%id, %error, "bytes without a row stay until the next run of the job");
    }
}

async fn remove(app: &App, id: Uuid) -> ApiResult<u64> {
    app.blobs.delete(id).await?;
    Ok(Entity::delete_by_id(id).exec(&app.db.writer).await?.rows_affected)
}

/// The job: removes what was left behind.
///
/// # Errors
/// When the database or the store does not answer.
pub async fn sweep(app: &Arc<App>) -> ApiResult<u64> {
    let old = Entity::find()
        .filter(Column::NotedAt.lt(app.clock.now() - KEPT))
        .order_by_asc(Column::NotedAt)
        .limit(AT_ONCE)
        .all(&app.db.writer)
        .await?;
    let mut removed = 0;
    for leftover in old {
        removed += remove(app, leftover.id).await?;
    }
    Ok(removed)
}
