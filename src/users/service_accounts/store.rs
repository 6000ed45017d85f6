//! Every query about service accounts and their keys.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use entity::service_accounts::{ActiveModel, Column, Entity, Model};
use entity::{boards, service_keys};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::keys::NewSecret;
use crate::clock::office_midnight;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::idempotency;
use crate::http::page::{Order, by_id};
use crate::http::text::{contains_pattern, search_key};
use crate::users::service_accounts::json::{
    ServiceAccountFilter, ServiceAccountIn, ServiceAccountOut, ServiceAccountPatch, ServiceAccountSort,
};
use crate::users::service_accounts::rules::KEYS_IN_FORCE;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "service_account";

/// An account shows this many of its keys.
const KEYS_SHOWN: usize = 50;

pub fn select(filter: &ServiceAccountFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(active) = filter.active {
        select = select.filter(Column::Active.eq(active));
    }
    if let Some(owner_id) = filter.owner_id {
        select = select.filter(Column::OwnerId.eq(owner_id));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<ServiceAccountSort>) -> Order<Entity> {
    let descending = matches!(sort, Some(ServiceAccountSort::NameDescending));
    Order { column: Column::Name, descending }
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends.
///
/// # Errors
/// 404.
pub async fn find_for_update(tx: &Tx, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// The account of this name, locked until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_name(tx: &Tx, name: &str) -> ApiResult<Option<Model>> {
    Ok(Entity::find().filter(Column::Name.eq(name)).lock(ROW_LOCK).one(tx.db()).await?)
}

/// The latest keys of each of these accounts, newest first; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn keys(
    db: &impl ConnectionTrait,
    accounts: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<service_keys::Model>>> {
    let rows = service_keys::Entity::find()
        .filter(service_keys::Column::AccountId.is_in(accounts))
        .order_by_desc(service_keys::Column::CreatedAt)
        .order_by_desc(service_keys::Column::Id)
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, Vec<service_keys::Model>> = BTreeMap::new();
    for row in rows {
        let keys = found.entry(row.account_id).or_default();
        if keys.len() < KEYS_SHOWN {
            keys.push(row);
        }
    }
    Ok(found)
}

/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, account: Model) -> ApiResult<ServiceAccountOut> {
    let keys = keys(db, [account.id]).await?.remove(&account.id).unwrap_or_default();
    Ok(ServiceAccountOut::new(account, keys))
}

/// Which of these boards there are.
///
/// # Errors
/// When the database does not answer.
pub async fn known_boards(db: &impl ConnectionTrait, boards: Option<&[Uuid]>) -> ApiResult<BTreeSet<Uuid>> {
    let asked = boards.into_iter().flatten().copied();
    Ok(by_id::<boards::Entity, _>(db, asked, boards::Column::Id).await?.into_keys().collect())
}

/// # Errors
/// 409 `duplicate` for a name that is taken.
pub async fn insert(tx: &Tx, body: &ServiceAccountIn) -> ApiResult<Model> {
    let ServiceAccountIn { name, owner_id, scopes, board_ids } = body;
    let account = ActiveModel {
        id: Set(tx.id()),
        name: Set(name.clone()),
        owner_id: Set(*owner_id),
        scopes: Set(json!(each_once(scopes))),
        board_ids: Set(board_ids.as_ref().map(|boards| json!(each_once(boards)))),
        active: Set(true),
        search: Set(search_key(name)),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let account = account.insert(tx.db()).await?;
    let details = json!({"owner_id": owner_id, "scopes": account.scopes, "board_ids": account.board_ids});
    tx.record(Event::new("create", TYPE, account.id, 1).with(details)).await?;
    Ok(account)
}

/// # Errors
/// 409 `duplicate` for a name that is taken, 412 if the account changed in between.
pub async fn update(tx: &Tx, account: Model, patch: &ServiceAccountPatch) -> ApiResult<Model> {
    let ServiceAccountPatch { name, scopes, board_ids, active } = patch;
    let mut changed = account.clone().into_active_model();
    if let Some(name) = name {
        changed.search = Set(search_key(name));
        changed.name = Set(name.clone());
    }
    if let Some(scopes) = scopes {
        changed.scopes = Set(json!(each_once(scopes)));
    }
    if let Some(boards) = board_ids {
        changed.board_ids = Set(boards.as_ref().map(|boards| json!(each_once(boards))));
    }
    if let Some(active) = active {
        changed.active = Set(*active);
    }
    idempotency::forget_of_account(tx, account.id).await?;
    let mut details = json!({"name": name, "scopes": scopes, "board_ids": board_ids, "active": active});
    if let Some(members) = details.as_object_mut() {
        // Null means something only where the limit to boards was taken away.
        members.retain(|field, value| *value != Value::Null || (field == "board_ids" && board_ids.is_some()));
    }
    let event = Event::new("update", TYPE, account.id, account.version + 1).with(details);
    save(tx, &account, changed, event).await
}

/// Stores a new key of the account; it works to the end of its last day.
///
/// # Errors
/// 409 for a closed account, and where it has too many keys.
pub async fn issue(
    tx: &Tx,
    account: Model,
    new: &NewSecret,
    last_day: NaiveDate,
) -> ApiResult<service_keys::Model> {
    if !account.active {
        let closed = text("Tài khoản dịch vụ đã đóng.", "The service account is closed.");
        return Err(ApiError::new(Code::StateConflict, closed));
    }
    let in_force = service_keys::Entity::find()
        .filter(service_keys::Column::AccountId.eq(account.id))
        .filter(service_keys::Column::RevokedAt.is_null())
        .filter(service_keys::Column::ExpiresAt.gt(tx.now))
        .count(tx.db())
        .await?;
    if in_force >= KEYS_IN_FORCE as u64 {
        let many = text(
            format!("Tài khoản đã có {in_force} khóa còn hiệu lực; hãy thu hồi bớt."),
            format!("The account has {in_force} keys in force; revoke some first."),
        );
        return Err(ApiError::new(Code::StateConflict, many));
    }
    let key = service_keys::ActiveModel {
        id: Set(tx.id()),
        account_id: Set(account.id),
        digest: Set(new.digest.clone()),
        prefix: Set(new.prefix.clone()),
        expires_at: Set(office_midnight(last_day + Days::new(1))),
        revoked_at: Set(None),
        created_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let key = key.insert(tx.db()).await?;
    let details = json!({"key_id": key.id, "prefix": key.prefix, "expires_at": key.expires_at});
    let event = Event::new("issue-key", TYPE, account.id, account.version + 1).with(details);
    save(tx, &account, account.clone().into_active_model(), event).await?;
    Ok(key)
}

/// Ends a key at once.
///
/// # Errors
/// 422 for a key that the account does not have, 409 for one that was revoked before.
pub async fn revoke(tx: &Tx, account: Model, key_id: Uuid, reason: &str) -> ApiResult<Model> {
    let key = service_keys::Entity::find_by_id(key_id).one(tx.db()).await?;
    let key = key
        .filter(|key| key.account_id == account.id)
        .ok_or_else(|| ApiError::invalid(vec![FieldError::unknown_reference("key_id")]))?;
    if key.revoked_at.is_some() {
        let before = text("Khóa này đã bị thu hồi.", "The key was revoked before.");
        return Err(ApiError::new(Code::StateConflict, before));
    }
    let details = json!({"key_id": key.id, "prefix": key.prefix});
    let mut revoked = key.into_active_model();
    revoked.revoked_at = Set(Some(tx.now));
    revoked.update(tx.db()).await?;
    idempotency::forget_of_account(tx, account.id).await?;
    let event = Event::new("revoke-key", TYPE, account.id, account.version + 1);
    let event = event.because(Some(reason)).with(details);
    save(tx, &account, account.clone().into_active_model(), event).await
}

async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event).await?;
    Ok(saved)
}

fn each_once<T: Ord + Clone>(list: &[T]) -> BTreeSet<T> {
    list.iter().cloned().collect()
}
