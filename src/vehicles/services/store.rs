//! Every query about services.

use entity::vehicle_services::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::clock::office_day;
use crate::error::{ApiError, ApiResult};
use crate::http::page::Order;
use crate::vehicles::services::json::{VehicleServiceFilter, VehicleServiceIn, VehicleServicePatch};
use crate::vehicles::services::rules::{self, Marks};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "vehicle_service";

/// The newest first.
pub const ORDER: Order<Entity> = Order { column: Column::DoneOn, descending: true };

pub fn select(vehicle_id: Uuid, filter: &VehicleServiceFilter) -> Select<Entity> {
    let mut select = Entity::find().filter(Column::VehicleId.eq(vehicle_id));
    if let Some(kind) = &filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(day) = filter.done_on_from {
        select = select.filter(Column::DoneOn.gte(day));
    }
    if let Some(day) = filter.done_on_before {
        select = select.filter(Column::DoneOn.lt(day));
    }
    select
}

/// The latest service of each kind of each car: the one whose next due day and km count. Of two on one day the one
/// that was entered later.
pub fn latest() -> Select<Entity> {
    let newer = Alias::new("newer");
    let of_newer = |column: Column| Expr::col((newer.clone(), column));
    let here = |column: Column| (Entity, column);
    let later_on_the_day = of_newer(Column::DoneOn)
        .equals(here(Column::DoneOn))
        .and(of_newer(Column::Id).gt(Expr::col(here(Column::Id))));
    let later = Condition::any()
        .add(of_newer(Column::DoneOn).gt(Expr::col(here(Column::DoneOn))))
        .add(later_on_the_day);
    let replaced = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, newer.clone())
        .and_where(of_newer(Column::VehicleId).equals(here(Column::VehicleId)))
        .and_where(of_newer(Column::Kind).equals(here(Column::Kind)))
        .cond_where(later)
        .to_owned();
    Entity::find().filter(Expr::exists(replaced).not())
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

/// # Errors
/// 422 for days and km that cannot be.
pub async fn insert(tx: &Tx, vehicle_id: Uuid, body: VehicleServiceIn) -> ApiResult<Model> {
    let VehicleServiceIn {
        kind,
        done_on,
        odometer_km,
        cost_amount,
        workshop,
        note,
        next_due_on,
        next_due_km,
    } = body;
    check(tx, &Marks { done_on, odometer_km, next_due_on, next_due_km })?;
    let service = ActiveModel {
        id: Set(tx.id()),
        vehicle_id: Set(vehicle_id),
        kind: Set(kind),
        done_on: Set(done_on),
        odometer_km: Set(odometer_km),
        cost_amount: Set(cost_amount),
        workshop: Set(workshop),
        note: Set(note),
        next_due_on: Set(next_due_on),
        next_due_km: Set(next_due_km),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let service = service.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, service.id, 1)).await?;
    Ok(service)
}

/// # Errors
/// As [`insert`].
pub async fn update(tx: &Tx, service: Model, patch: VehicleServicePatch) -> ApiResult<Model> {
    let marks = Marks {
        done_on: patch.done_on.unwrap_or(service.done_on),
        odometer_km: patch.odometer_km.unwrap_or(service.odometer_km),
        next_due_on: patch.next_due_on.unwrap_or(service.next_due_on),
        next_due_km: patch.next_due_km.unwrap_or(service.next_due_km),
    };
    check(tx, &marks)?;
    let mut changed = service.clone().into_active_model();
    changed.kind = Set(patch.kind.unwrap_or(service.kind));
    changed.done_on = Set(marks.done_on);
    changed.odometer_km = Set(marks.odometer_km);
    changed.cost_amount = Set(patch.cost_amount.unwrap_or(service.cost_amount));
    changed.workshop = Set(patch.workshop.unwrap_or(service.workshop));
    changed.note = Set(patch.note.unwrap_or(service.note));
    changed.next_due_on = Set(marks.next_due_on);
    changed.next_due_km = Set(marks.next_due_km);
    changed.version = Set(service.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(service.version)).exec(tx.db()).await?;
    tx.record(Event::new("update", TYPE, service.id, saved.version)).await?;
    Ok(saved)
}

/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &Tx, service: Model) -> ApiResult<()> {
    let (id, version) = (service.id, service.version + 1);
    service.delete(tx.db()).await?;
    tx.record(Event::new("delete", TYPE, id, version)).await
}

fn check(tx: &Tx, marks: &Marks) -> ApiResult<()> {
    let broken = rules::broken(marks, office_day(tx.now));
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}
