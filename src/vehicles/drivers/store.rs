//! Every query about drivers.

use std::collections::BTreeMap;

use entity::drivers::{ActiveModel, Column, Entity, Model};
use entity::{staff, vehicles};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter,
    QuerySelect, QueryTrait, Select, Set,
};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, FieldError};
use crate::http::page::{Order, by_id};
use crate::http::text::{code_key, contains_pattern};
use crate::vehicles::drivers::json::{DriverFilter, DriverIn, DriverOut, DriverPatch, DriverSort};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "driver";

pub fn select(filter: &DriverFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(staff_id) = filter.staff_id {
        select = select.filter(Column::StaffId.eq(staff_id));
    }
    if let Some(day) = filter.licence_expires_on_before {
        select = select.filter(Column::LicenceExpiresOn.lt(day));
    }
    if let Some(query) = &filter.q {
        let pattern = LikeExpr::new(contains_pattern(query));
        let named = staff::Entity::find().select_only().column(staff::Column::Id);
        let named = named.filter(Expr::col(staff::Column::Search).like(pattern)).into_query();
        select = select.filter(Column::StaffId.in_subquery(named));
    }
    select
}

pub fn order(sort: Option<DriverSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        DriverSort::LicenceExpiresOn => (Column::LicenceExpiresOn, false),
        DriverSort::LicenceExpiresOnDescending => (Column::LicenceExpiresOn, true),
        DriverSort::CreatedAt => (Column::CreatedAt, false),
        DriverSort::CreatedAtDescending => (Column::CreatedAt, true),
    };
    Order { column, descending }
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

/// The names of these members of staff; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn names(
    db: &impl ConnectionTrait,
    staff_ids: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, String>> {
    let people = by_id::<staff::Entity, _>(db, staff_ids, staff::Column::Id).await?;
    Ok(people.into_iter().map(|(id, person)| (id, person.full_name)).collect())
}

/// All drivers with their names, in one query.
///
/// # Errors
/// When the database does not answer.
pub async fn all_named(db: &impl ConnectionTrait) -> ApiResult<Vec<(Model, String)>> {
    let person = Entity::belongs_to(staff::Entity).from(Column::StaffId).to(staff::Column::Id).into();
    let select = Entity::find().join(JoinType::InnerJoin, person).select_also(staff::Entity);
    let rows = select.all(db).await?;
    let named = |person: Option<staff::Model>| person.map(|person| person.full_name).unwrap_or_default();
    Ok(rows.into_iter().map(|(driver, person)| (driver, named(person))).collect())
}

/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, driver: Model) -> ApiResult<DriverOut> {
    let name = names(db, [driver.staff_id]).await?.remove(&driver.staff_id).unwrap_or_default();
    Ok(DriverOut::new(driver, name))
}

/// # Errors
/// 422 for unknown staff or cars, 409 for someone who drives already or a licence that is someone else's.
pub async fn insert(tx: &Tx, body: &DriverIn) -> ApiResult<Model> {
    let mut broken = Vec::new();
    if staff::Entity::find_by_id(body.staff_id).one(tx.db()).await?.is_none() {
        broken.push(FieldError::unknown_reference("staff_id"));
    }
    broken.extend(unknown_car(tx, body.default_vehicle_id).await?);
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let driver = ActiveModel {
        id: Set(tx.id()),
        staff_id: Set(body.staff_id),
        licence_number: Set(code_key(&body.licence_number)),
        licence_class: Set(body.licence_class.to_ascii_lowercase()),
        licence_expires_on: Set(body.licence_expires_on),
        default_vehicle_id: Set(body.default_vehicle_id),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let driver = driver.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, driver.id, 1)).await?;
    Ok(driver)
}

/// # Errors
/// As [`insert`].
pub async fn update(tx: &Tx, driver: Model, patch: &DriverPatch) -> ApiResult<Model> {
    let DriverPatch { licence_number, licence_class, licence_expires_on, default_vehicle_id } = patch;
    let broken = unknown_car(tx, default_vehicle_id.flatten()).await?;
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let mut changed = driver.clone().into_active_model();
    if let Some(number) = licence_number {
        changed.licence_number = Set(code_key(number));
    }
    if let Some(class) = licence_class {
        changed.licence_class = Set(class.to_ascii_lowercase());
    }
    changed.licence_expires_on = Set(licence_expires_on.unwrap_or(driver.licence_expires_on));
    changed.default_vehicle_id = Set(default_vehicle_id.unwrap_or(driver.default_vehicle_id));
    changed.version = Set(driver.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(driver.version)).exec(tx.db()).await?;
    tx.record(Event::new("update", TYPE, driver.id, saved.version)).await?;
    Ok(saved)
}

async fn unknown_car(tx: &Tx, id: Option<Uuid>) -> ApiResult<Vec<FieldError>> {
    let Some(id) = id else { return Ok(Vec::new()) };
    let known = vehicles::Entity::find_by_id(id).one(tx.db()).await?.is_some();
    Ok(if known { Vec::new() } else { vec![FieldError::unknown_reference("default_vehicle_id")] })
}
