//! Every query about calendar feeds. They belong to who asked for them: others do not learn that they exist.

use entity::calendar_feeds::{ActiveModel, CalendarKind, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::auth::keys::{self, NewSecret};
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::integration::calendars::json::CalendarFeedFilter;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in the history. The change feed tells nobody of it.
pub const TYPE: &str = "calendar_feed";

/// How the secret of an address begins.
pub const SECRET: &str = "cal_";

/// Nobody follows more calendars than this; forgotten addresses are open doors.
const LIVE_FEEDS: u64 = 50;

fn own(call: &Call) -> Select<Entity> {
    Entity::find().filter(Column::OwnerId.eq(call.caller.user_id))
}

pub fn select(call: &Call, filter: &CalendarFeedFilter) -> Select<Entity> {
    let mut select = own(call);
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    match filter.revoked {
        Some(true) => select.filter(Column::RevokedAt.is_not_null()),
        Some(false) => select.filter(Column::RevokedAt.is_null()),
        None => select,
    }
}

pub fn order() -> Order<Entity> {
    Order { column: Column::CreatedAt, descending: true }
}

/// # Errors
/// 404, also for somebody else's.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    own(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The feed behind a secret that has not been revoked.
///
/// # Errors
/// 404.
pub async fn find_by_secret(db: &impl ConnectionTrait, secret: &str) -> ApiResult<Model> {
    let feed = Entity::find().filter(Column::Digest.eq(keys::digest(secret)));
    feed.filter(Column::RevokedAt.is_null()).one(db).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// 409 for somebody who follows too many calendars.
pub async fn insert(
    tx: &Tx,
    call: &Call,
    kind: CalendarKind,
    subject_id: Uuid,
    new: &NewSecret,
) -> ApiResult<Model> {
    let live = own(call).filter(Column::RevokedAt.is_null()).count(tx.db()).await?;
    if live >= LIVE_FEEDS {
        let many = text(
            format!("Bạn đang theo dõi {live} lịch; hãy thu hồi bớt."),
            format!("You follow {live} calendars; revoke some first."),
        );
        return Err(ApiError::new(Code::StateConflict, many));
    }
    let feed = ActiveModel {
        id: Set(tx.id()),
        kind: Set(kind),
        subject_id: Set(subject_id),
        owner_id: Set(call.caller.user_id),
        digest: Set(new.digest.clone()),
        prefix: Set(new.prefix.clone()),
        revoked_at: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let feed = feed.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, feed.id, 1)).await?;
    Ok(feed)
}

/// Ends an address at once.
///
/// # Errors
/// 404, 412, or 409 for an address that was revoked before.
pub async fn revoke(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let feed = own(call).filter(Column::Id.eq(id)).lock(ROW_LOCK).one(tx.db()).await?;
    let feed = feed.ok_or_else(ApiError::not_found)?;
    call.expect_version(feed.version)?;
    if feed.revoked_at.is_some() {
        let before = text("Địa chỉ này đã bị thu hồi.", "The address was revoked before.");
        return Err(ApiError::new(Code::StateConflict, before));
    }
    let version = feed.version + 1;
    let mut revoked = feed.into_active_model();
    revoked.revoked_at = Set(Some(tx.now));
    revoked.version = Set(version);
    revoked.updated_at = Set(tx.now);
    let revoked = revoked.update(tx.db()).await?;
    tx.record(Event::new("revoke", TYPE, id, version)).await?;
    Ok(revoked)
}
