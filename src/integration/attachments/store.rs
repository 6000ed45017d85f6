//! Every query about attachments. A file is found through its record: what the caller may not read there has no files
//! for them.

use entity::attachments::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::File;
use crate::http::page::Order;
use crate::integration::attachments::json::{AttachmentFilter, AttachmentIn};
use crate::integration::attachments::owners::{self, Owner};
use crate::integration::attachments::{leftovers, rules};
use crate::write::{Event, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "attachment";

pub fn select(filter: &AttachmentFilter) -> Select<Entity> {
    Entity::find().filter(Column::OwnerType.eq(filter.owner_type)).filter(Column::OwnerId.eq(filter.owner_id))
}

pub fn order() -> Order<Entity> {
    Order { column: Column::CreatedAt, descending: false }
}

/// The file and its record.
///
/// # Errors
/// 404, the same for a file of a record outside the caller's reach.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<(Model, Owner)> {
    let row = Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)?;
    let owner = owners::find(db, call, row.owner_type, row.owner_id).await?;
    Ok((row, owner))
}

/// The row of a file whose bytes are in the store already.
///
/// # Errors
/// 422 for an unknown record, 403, 409, then 422 with everything that is wrong with the file.
pub async fn insert(
    tx: &Tx,
    call: &Call,
    id: Option<Uuid>,
    new: &AttachmentIn,
    file: &File,
) -> ApiResult<(Model, Owner)> {
    let owner = owners::find_for_update(tx, call, new.owner_type, new.owner_id).await;
    let owner = owner.map_err(of_reference)?;
    owner.permit_change(call)?;
    let most = call.app.attachment_limits.most_per_record;
    if Entity::find().filter(Column::OwnerId.eq(new.owner_id)).count(tx.db()).await? >= most {
        return Err(rules::full(most));
    }
    rules::check(new, file)?;
    // The record was not open to the caller a moment ago, when the bytes came, and is now.
    let id = id.ok_or_else(|| ApiError::unavailable("a record changed while a file was uploaded"))?;
    let size_bytes = i64::try_from(file.bytes.len()).map_err(ApiError::internal)?;
    let row = ActiveModel {
        id: Set(id),
        owner_type: Set(new.owner_type),
        owner_id: Set(new.owner_id),
        board_id: Set(owner.board_id),
        kind: Set(new.kind.clone()),
        file_name: Set(new.file_name.clone()),
        media_type: Set(file.media_type.clone()),
        size_bytes: Set(size_bytes),
        sha256: Set(file.sha256.clone()),
        uploaded_by_id: Set(tx.actor.user_id),
        version: Set(1),
        created_at: Set(tx.now),
    };
    let row = row.insert(tx.db()).await?;
    leftovers::take(tx, id).await?;
    tx.record(event("create", &row, 1)).await?;
    Ok((row, owner))
}

/// Deletes the row and notes that its bytes are to go.
///
/// # Errors
/// 404, 412, 403, 409, in this order.
pub async fn delete(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<()> {
    let row = Entity::find_by_id(id).one(tx.db()).await?.ok_or_else(ApiError::not_found)?;
    let owner = owners::find_for_update(tx, call, row.owner_type, row.owner_id).await?;
    call.expect_version(row.version)?;
    owner.permit_change(call)?;
    // Another request may have deleted it while this one waited for the record.
    if Entity::delete_by_id(id).exec(tx.db()).await?.rows_affected == 0 {
        return Err(ApiError::not_found());
    }
    leftovers::note(&call.app, tx.db(), id).await?;
    tx.record(event("delete", &row, 2)).await
}

fn event<'a>(action: &'a str, row: &Model, version: i64) -> Event<'a> {
    let event = Event::new(action, TYPE, row.id, version).with(json!({
        "owner_type": row.owner_type,
        "owner_id": row.owner_id,
        "file_name": row.file_name,
        "sha256": row.sha256,
    }));
    match row.board_id {
        Some(board_id) => event.of_board(board_id),
        None => event,
    }
}

/// In a creation the record is named in the query: who cannot see it learns that the name leads nowhere.
pub(super) fn of_reference(error: ApiError) -> ApiError {
    if error.code() == crate::error::Code::NotFound { rules::unknown_owner() } else { error }
}
