//! Every query about cars.

use chrono::{DateTime, NaiveDate, Utc};
use entity::odometer_entries::ReadingKind;
use entity::vehicles::{ActiveModel, Column, Entity, Model, VehicleKind};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::auth::permissions::Reach;
use crate::clock::office_midnight;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::vehicles::holds;
use crate::vehicles::json::{VehicleFilter, VehicleIn, VehiclePatch, VehicleSort};
use crate::vehicles::odometer::{self, Reading};
use crate::vehicles::plate::Plate;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "vehicle";

pub fn select(filter: &VehicleFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(day) = filter.on {
        select = select.filter(in_service_until(day));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(fuel_type) = filter.fuel_type {
        select = select.filter(Column::FuelType.eq(fuel_type));
    }
    if let Some(seats) = filter.seats_from {
        select = select.filter(Column::Seats.gte(seats));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<VehicleSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        VehicleSort::Plate => (Column::Plate, false),
        VehicleSort::PlateDescending => (Column::Plate, true),
        VehicleSort::Seats => (Column::Seats, false),
        VehicleSort::SeatsDescending => (Column::Seats, true),
    };
    Order { column, descending }
}

/// Cars that are still in service on a day.
pub fn in_service_until(day: NaiveDate) -> Condition {
    Condition::any().add(Column::RetiredOn.is_null()).add(Column::RetiredOn.gt(day))
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
/// 422 for a text that is no plate or an unknown title holder, 409 for a plate that is taken.
pub async fn insert(tx: &Tx, body: VehicleIn) -> ApiResult<Model> {
    let VehicleIn { plate, name, kind, seats, fuel_type, odometer_km, title_holder_id } = body;
    let plate = check(tx, &plate, kind, title_holder_id).await?;
    let car = ActiveModel {
        id: Set(tx.id()),
        search: Set(search(&plate, &name)),
        plate: Set(plate.as_str().to_owned()),
        name: Set(name),
        kind: Set(kind),
        seats: Set(seats),
        fuel_type: Set(fuel_type),
        odometer_km: Set(odometer_km),
        title_holder_id: Set(title_holder_id),
        retired_on: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let car = car.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, car.id, 1)).await?;
    odometer::record(tx, &opening(&car, tx.now)).await?;
    Ok(car)
}

/// The first reading of a car's odometer.
pub fn opening(car: &Model, read_at: DateTime<Utc>) -> Reading<'static> {
    Reading {
        vehicle_id: car.id,
        read_at,
        km: car.odometer_km,
        kind: ReadingKind::Opening,
        source_id: None,
        gap_reason: None,
    }
}

/// # Errors
/// As [`insert`], and 409 `time_taken` where the car is held after its last day.
pub async fn update(tx: &Tx, reach: &Reach, car: Model, patch: VehiclePatch) -> ApiResult<Model> {
    let VehiclePatch { plate, name, kind, seats, fuel_type, title_holder_id, retired_on } = patch;
    let (kind, name) = (kind.unwrap_or(car.kind), name.unwrap_or_else(|| car.name.clone()));
    let holder = title_holder_id.unwrap_or(car.title_holder_id);
    let plate = check(tx, plate.as_deref().unwrap_or(&car.plate), kind, holder).await?;
    let retired_on = retired_on.unwrap_or(car.retired_on);
    if let Some(day) = retired_on {
        let held = holds::held_after(tx.db(), car.id, office_midnight(day)).await?;
        if retired_on != car.retired_on && !held.is_empty() {
            return Err(holds::refusal(reach, held));
        }
    }
    let mut changed = car.clone().into_active_model();
    changed.search = Set(search(&plate, &name));
    changed.plate = Set(plate.as_str().to_owned());
    changed.name = Set(name);
    changed.kind = Set(kind);
    changed.seats = Set(seats.unwrap_or(car.seats));
    changed.fuel_type = Set(fuel_type.unwrap_or(car.fuel_type));
    changed.title_holder_id = Set(holder);
    changed.retired_on = Set(retired_on);
    changed.version = Set(car.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(car.version)).exec(tx.db()).await?;
    let action = if retired_on.is_some() && car.retired_on.is_none() { "retire" } else { "update" };
    tx.record(Event::new(action, TYPE, car.id, saved.version)).await?;
    Ok(saved)
}

/// The plate in its stored spelling; all broken rules at once.
async fn check(tx: &Tx, plate: &str, kind: VehicleKind, holder: Option<Uuid>) -> ApiResult<Plate> {
    let mut broken = Vec::new();
    let parsed = Plate::parse(plate);
    if parsed.is_none() {
        broken.push(Plate::broken("plate"));
    }
    if let Some(holder) = holder {
        if kind != VehicleKind::TitleCar {
            broken.push(FieldError::body(
                "title_holder_id",
                "not_a_title_car",
                text("chỉ xe chức danh mới có người giữ chức danh", "only a title car has a title holder"),
            ));
        } else if entity::staff::Entity::find_by_id(holder).one(tx.db()).await?.is_none() {
            broken.push(FieldError::unknown_reference("title_holder_id"));
        }
    }
    match parsed {
        Some(plate) if broken.is_empty() => Ok(plate),
        _ => Err(ApiError::invalid(broken)),
    }
}

/// Plates are found in both spellings.
pub fn search(plate: &Plate, name: &str) -> String {
    search_key(&format!("{} {} {name}", plate.as_str(), plate.display()))
}
