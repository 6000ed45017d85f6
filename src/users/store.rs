//! Every query about users and their roles.

use std::collections::BTreeMap;

use entity::user_roles::{self, Role};
use entity::users::{ActiveModel, Column, Entity, Model};
use entity::{boards, staff};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::auth::{sessions, throttle};
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::idempotency;
use crate::http::page::Order;
use crate::users::json::{RoleIn, UserFilter, UserOut, UserPatch, UserSort};
use crate::write::{Event, ROW_LOCK, Tx};

pub const TYPE: &str = "user";

pub fn select(filter: &UserFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(active) = filter.active {
        select = select.filter(Column::Active.eq(active));
    }
    if let Some(staff_id) = filter.staff_id {
        select = select.filter(Column::StaffId.eq(staff_id));
    }
    if let Some(query) = &filter.q {
        let literal = query.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        select = select
            .filter(Expr::col(Column::Username).like(LikeExpr::new(format!("%{literal}%")).escape('\\')));
    }
    select
}

pub fn order(sort: Option<UserSort>) -> Order<Entity> {
    let descending = matches!(sort, Some(UserSort::UsernameDescending));
    Order { column: Column::Username, descending }
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

/// The roles of each of these users; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn roles(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<user_roles::Model>>> {
    let rows = user_roles::Entity::find()
        .filter(user_roles::Column::UserId.is_in(users))
        .order_by_asc(user_roles::Column::ValidFrom)
        .order_by_asc(user_roles::Column::Id)
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, Vec<user_roles::Model>> = BTreeMap::new();
    for row in rows {
        found.entry(row.user_id).or_default().push(row);
    }
    Ok(found)
}

/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, user: Model) -> ApiResult<UserOut> {
    let roles = roles(db, [user.id]).await?.remove(&user.id).unwrap_or_default();
    Ok(UserOut::new(user, roles))
}

/// Users who have ever been administrators.
pub fn administrators() -> Select<user_roles::Entity> {
    user_roles::Entity::find().filter(user_roles::Column::Role.eq(Role::Admin))
}

/// Holds the door while administrators are changed, and looks again: the caller may have lost the role a moment
/// ago, by the other one's hand.
///
/// # Errors
/// 403 for a caller who is no administrator any more.
pub async fn still_administrator(tx: &Tx) -> ApiResult<()> {
    lock_administrators(tx).await?;
    let today = office_day(tx.now);
    let role = administrators()
        .filter(user_roles::Column::UserId.eq(tx.actor.user_id))
        .filter(user_roles::Column::ValidFrom.lte(today))
        .filter(user_roles::Column::ValidTo.is_null().or(user_roles::Column::ValidTo.gte(today)))
        .one(tx.db())
        .await?;
    let lost = text("Bạn không còn là quản trị.", "You are no administrator any more.");
    role.map(drop).ok_or_else(|| ApiError::forbidden(lost))
}

/// Of two commands that both want to make the first administrator, one waits here.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_administrators(tx: &Tx) -> ApiResult<()> {
    if tx.db().get_database_backend() == DbBackend::Postgres {
        tx.db().execute_unprepared("LOCK TABLE user_roles IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// # Errors
/// 409 `duplicate` for a name or a member of staff that has a login, 422 for unknown staff.
pub async fn insert(
    tx: &Tx,
    username: &str,
    password_hash: String,
    staff_id: Option<Uuid>,
) -> ApiResult<Model> {
    if let Some(id) = staff_id
        && staff::Entity::find_by_id(id).one(tx.db()).await?.is_none()
    {
        return Err(ApiError::unknown_reference("staff_id"));
    }
    let user = ActiveModel {
        id: Set(tx.id()),
        username: Set(username.to_owned()),
        password_hash: Set(password_hash),
        staff_id: Set(staff_id),
        active: Set(true),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let user = user.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, user.id, 1)).await?;
    Ok(user)
}

/// # Errors
/// 412 if the user changed in between.
pub async fn update(tx: &Tx, user: Model, patch: &UserPatch) -> ApiResult<Model> {
    let UserPatch { active } = patch;
    let mut changed = user.clone().into_active_model();
    if let Some(active) = active {
        changed.active = Set(*active);
        if !active {
            sessions::end_all(tx, user.id, "login_closed").await?;
        }
    }
    let event = Event::new("update", TYPE, user.id, user.version + 1).with(json!({"active": active}));
    save(tx, &user, changed, event).await
}

/// # Errors
/// 412 if the user changed in between.
pub async fn set_password(tx: &Tx, user: Model, password_hash: String) -> ApiResult<Model> {
    let mut changed = user.clone().into_active_model();
    changed.password_hash = Set(password_hash);
    sessions::end_all(tx, user.id, "password_set").await?;
    throttle::forgive_user(tx, &user.username).await?;
    let event = Event::new("set-password", TYPE, user.id, user.version + 1);
    save(tx, &user, changed, event).await
}

/// # Errors
/// 422 for an unknown board, 409 `duplicate` for a role that the user has already.
pub async fn grant(tx: &Tx, user: &Model, role: &RoleIn) -> ApiResult<Model> {
    let RoleIn { role, board_id, valid_from, valid_to, decision_number } = role.clone();
    if let Some(id) = board_id
        && boards::Entity::find_by_id(id).one(tx.db()).await?.is_none()
    {
        return Err(ApiError::unknown_reference("board_id"));
    }
    if user.staff_id.is_none() && !matches!(role, Role::Admin | Role::Auditor) {
        return Err(ApiError::rule(
            "role",
            "staff_required",
            text(
                "tài khoản không gắn với cán bộ chỉ có thể là admin hoặc auditor",
                "a login that belongs to no member of staff can be admin or auditor only",
            ),
        ));
    }
    let held = roles(tx.db(), [user.id]).await?.remove(&user.id).unwrap_or_default();
    let overlaps = |known: &user_roles::Model| {
        known.valid_to.is_none_or(|last| last >= valid_from)
            && valid_to.is_none_or(|last| last >= known.valid_from)
    };
    if held.iter().any(|known| known.role == role && known.board_id == board_id && overlaps(known)) {
        return Err(ApiError::new(
            Code::Duplicate,
            text(
                "Người dùng đã có vai trò này trong thời gian đó.",
                "The user has this role for some of these days already.",
            ),
        ));
    }
    let row = user_roles::ActiveModel {
        id: Set(tx.id()),
        user_id: Set(user.id),
        role: Set(role),
        board_id: Set(board_id),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        decision_number: Set(decision_number.clone()),
    };
    let row = row.insert(tx.db()).await?;
    let details = json!({"role_id": row.id, "role": role, "board_id": board_id, "valid_from": valid_from,
        "valid_to": valid_to, "decision_number": decision_number});
    let event = Event::new("grant-role", TYPE, user.id, user.version + 1).with(details);
    save(tx, user, user.clone().into_active_model(), event).await
}

/// Takes a role away at once: from today on it does not count. The history keeps that it was there.
///
/// # Errors
/// 422 for a role that the user does not have, or whose last day has passed.
pub async fn end_role(tx: &Tx, user: &Model, role_id: Uuid, reason: &str) -> ApiResult<Model> {
    let today = office_day(tx.now);
    let row = user_roles::Entity::find_by_id(role_id).one(tx.db()).await?;
    let row = row.filter(|row| row.user_id == user.id && row.valid_to.is_none_or(|last| last >= today));
    let row = row.ok_or_else(|| {
        ApiError::rule(
            "role_id",
            "unknown_reference",
            text("người dùng không có vai trò này", "the user does not have this role"),
        )
    })?;
    match today.pred_opt() {
        Some(yesterday) if row.valid_from <= yesterday => {
            let mut ended = row.clone().into_active_model();
            ended.valid_to = Set(Some(yesterday));
            ended.update(tx.db()).await?;
        }
        _ => {
            user_roles::Entity::delete_by_id(row.id).exec(tx.db()).await?;
        }
    }
    idempotency::forget_of(tx, user.id).await?;
    let details = json!({"role_id": row.id, "role": row.role, "board_id": row.board_id});
    let event = Event::new("end-role", TYPE, user.id, user.version + 1).because(Some(reason)).with(details);
    save(tx, user, user.clone().into_active_model(), event).await
}

async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event).await?;
    Ok(saved)
}
