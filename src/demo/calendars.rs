//! The demo office's calendar feeds. Nobody knows their addresses; make another one to follow a calendar.

use entity::calendar_feeds::{ActiveModel, CalendarKind};
use sea_orm::{ActiveEnum, ActiveModelTrait, Set};

use crate::auth::keys::NewSecret;
use crate::demo::{Demo, reference, string};
use crate::error::ApiResult;
use crate::integration::calendars::store::{SECRET, TYPE};
use crate::write::{Event, Tx};

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("calendar_feeds") {
        let unknown = NewSecret::make(SECRET)?;
        let owner_id = reference(row, "owner")?;
        let feed = ActiveModel {
            id: Set(reference(row, "ref")?),
            kind: Set(CalendarKind::try_from_value(&string(row, "kind"))?),
            subject_id: Set(reference(row, "subject")?),
            owner_id: Set(owner_id),
            digest: Set(unknown.digest),
            prefix: Set(unknown.prefix),
            revoked_at: Set(None),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(Some(owner_id)),
        };
        let feed = feed.insert(tx.db()).await?;
        tx.record(Event::new("create", TYPE, feed.id, 1)).await?;
    }
    Ok(())
}
