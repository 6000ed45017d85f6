//! Every query about papers.

use chrono::NaiveDate;
use entity::vehicle_papers::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::page::Order;
use crate::http::text::code_key;
use crate::vehicles::papers::json::{VehiclePaperFilter, VehiclePaperIn, VehiclePaperPatch};
use crate::vehicles::papers::rules::{self, MissingPaper};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "vehicle_paper";

/// The newest first.
pub const ORDER: Order<Entity> = Order { column: Column::ValidFrom, descending: true };

pub fn select(vehicle_id: Uuid, filter: &VehiclePaperFilter) -> Select<Entity> {
    let mut select = Entity::find().filter(Column::VehicleId.eq(vehicle_id));
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(day) = filter.on {
        let not_over = Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(day));
        select = select.filter(Column::ValidFrom.lte(day)).filter(not_over);
    }
    select
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

/// The papers without which a car may not be on the road from `first_day` to `last_day`, both included; see
/// [`rules::blocks`] for which kinds that are.
///
/// # Errors
/// When the database does not answer.
pub async fn missing(
    db: &impl ConnectionTrait,
    vehicle_id: Uuid,
    first_day: NaiveDate,
    last_day: NaiveDate,
) -> ApiResult<Vec<MissingPaper>> {
    let papers = Entity::find().filter(Column::VehicleId.eq(vehicle_id)).all(db).await?;
    Ok(rules::missing(&papers, first_day, last_day))
}

/// # Errors
/// 422 for days that cannot be, 409 for a paper that is there already.
pub async fn insert(tx: &Tx, vehicle_id: Uuid, body: VehiclePaperIn) -> ApiResult<Model> {
    let VehiclePaperIn { kind, number, valid_from, valid_to, issuer, note } = body;
    if let Some(broken) = rules::broken_days(kind, valid_from, valid_to) {
        return Err(ApiError::invalid(vec![broken]));
    }
    let paper = ActiveModel {
        id: Set(tx.id()),
        vehicle_id: Set(vehicle_id),
        kind: Set(kind),
        number: Set(code_key(&number)),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        issuer: Set(issuer),
        note: Set(note),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let paper = paper.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, paper.id, 1)).await?;
    Ok(paper)
}

/// # Errors
/// As [`insert`].
pub async fn update(tx: &Tx, paper: Model, patch: VehiclePaperPatch) -> ApiResult<Model> {
    let VehiclePaperPatch { number, valid_from, valid_to, issuer, note } = patch;
    let (valid_from, valid_to) = (valid_from.unwrap_or(paper.valid_from), valid_to.unwrap_or(paper.valid_to));
    if let Some(broken) = rules::broken_days(paper.kind, valid_from, valid_to) {
        return Err(ApiError::invalid(vec![broken]));
    }
    let mut changed = paper.clone().into_active_model();
    if let Some(number) = number {
        changed.number = Set(code_key(&number));
    }
    changed.valid_from = Set(valid_from);
    changed.valid_to = Set(valid_to);
    changed.issuer = Set(issuer.unwrap_or(paper.issuer));
    changed.note = Set(note.unwrap_or(paper.note));
    changed.version = Set(paper.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(paper.version)).exec(tx.db()).await?;
    tx.record(Event::new("update", TYPE, paper.id, saved.version)).await?;
    Ok(saved)
}

/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &Tx, paper: Model) -> ApiResult<()> {
    let (id, version) = (paper.id, paper.version + 1);
    paper.delete(tx.db()).await?;
    tx.record(Event::new("delete", TYPE, id, version)).await
}
