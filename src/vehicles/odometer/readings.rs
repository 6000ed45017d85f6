//! Writing a reading, and what it must fulfil.

use chrono::{DateTime, FixedOffset, Utc};
use entity::odometer_entries::{ActiveModel, Column, Entity, Model, ReadingKind};
use entity::vehicles;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::vehicles::store;
use crate::write::{Event, Tx};

/// What somebody read from an odometer.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    pub vehicle_id: Uuid,
    pub read_at: DateTime<Utc>,
    pub km: i64,
    pub kind: ReadingKind,
    /// The trip, the refuel or the correction.
    pub source_id: Option<Uuid>,
    /// Why the car moved without a trip since the reading before.
    pub gap_reason: Option<&'a str>,
}

/// The readings just before and just after an instant.
struct Neighbours {
    before: Option<Model>,
    after: Option<Model>,
}

/// Writes a reading, and what the car shows if it is the latest. The car's row must be locked.
///
/// # Errors
/// 422 `odometer_went_back` naming the reading in the way, `gap_reason_required`, or a departure noted before a
/// correction.
pub async fn record(tx: &Tx, reading: &Reading<'_>) -> ApiResult<Model> {
    let Neighbours { before, after } = neighbours(tx.db(), reading).await?;
    let mut series = before.as_ref().map_or(0, |entry| entry.series);
    if reading.kind == ReadingKind::Correction {
        series += 1;
    } else {
        let mut broken = broken(reading, before.as_ref(), after.as_ref());
        broken.extend(corrected_since(tx.db(), reading).await?);
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken));
        }
    }
    let entry = ActiveModel {
        id: Set(tx.id()),
        vehicle_id: Set(reading.vehicle_id),
        series: Set(series),
        read_at: Set(reading.read_at),
        km: Set(reading.km),
        previous_km: Set(before.as_ref().map(|entry| entry.km)),
        kind: Set(reading.kind),
        source_id: Set(reading.source_id),
        gap_reason: Set(reading.gap_reason.map(str::to_owned)),
        created_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let entry = entry.insert(tx.db()).await?;
    if after.is_none() {
        show(tx, &entry).await?;
    }
    Ok(entry)
}

/// Everything that is wrong with a reading between its neighbours.
fn broken(reading: &Reading<'_>, before: Option<&Model>, after: Option<&Model>) -> Vec<FieldError> {
    let mut broken = Vec::new();
    // Readings on the two sides of a correction do not compare.
    let series = before.map_or(0, |entry| entry.series);
    let after = after.filter(|entry| entry.series == series);
    if let Some(entry) = before.filter(|entry| entry.km > reading.km) {
        broken.push(went_back(entry, "at least", "ít nhất"));
    }
    if let Some(entry) = after.filter(|entry| entry.km < reading.km) {
        broken.push(went_back(entry, "at most", "nhiều nhất"));
    }
    let moved = before.is_some_and(|entry| entry.km < reading.km);
    if reading.kind == ReadingKind::Departure && moved && reading.gap_reason.is_none() {
        let last = before.map_or(0, |entry| entry.km);
        broken.push(FieldError::body(
            "gap_reason",
            "gap_reason_required",
            text(
                format!("đồng hồ lần trước là {last} km; phải nêu lý do của {} km chênh", reading.km - last),
                format!("the last reading was {last} km; say why there is a gap of {} km", reading.km - last),
            ),
        ));
    }
    broken
}

/// A trip's km are the difference of two readings of one series, so it begins in the one that goes on.
async fn corrected_since(
    db: &impl ConnectionTrait,
    departure: &Reading<'_>,
) -> ApiResult<Option<FieldError>> {
    if departure.kind != ReadingKind::Departure {
        return Ok(None);
    }
    let later = Entity::find()
        .filter(Column::VehicleId.eq(departure.vehicle_id))
        .filter(Column::Kind.eq(ReadingKind::Correction))
        .filter(Column::ReadAt.gt(departure.read_at));
    Ok(later.one(db).await?.map(|_| {
        FieldError::body(
            "departed_at",
            "out_of_range",
            text(
                "phải sau lần hiệu chỉnh đồng hồ gần nhất",
                "must be after the last correction of the odometer",
            ),
        )
    }))
}

fn went_back(entry: &Model, en: &str, vi: &str) -> FieldError {
    let at = FixedOffset::east_opt(7 * 3600).map(|zone| entry.read_at.with_timezone(&zone));
    let at = at.map(|at| at.format("%d/%m/%Y %H:%M").to_string()).unwrap_or_default();
    FieldError::body(
        "odometer_km",
        "odometer_went_back",
        text(
            format!("đồng hồ chỉ {} km lúc {at}, nên phải {vi} {} km", entry.km, entry.km),
            format!("the odometer showed {} km at {at}, so it must be {en} {} km", entry.km, entry.km),
        ),
    )
}

async fn neighbours(db: &impl ConnectionTrait, reading: &Reading<'_>) -> ApiResult<Neighbours> {
    let of_car = || Entity::find().filter(Column::VehicleId.eq(reading.vehicle_id));
    let before = of_car()
        .filter(Column::ReadAt.lte(reading.read_at))
        .order_by_desc(Column::Series)
        .order_by_desc(Column::ReadAt)
        .order_by_desc(Column::Km);
    let after = of_car()
        .filter(Column::ReadAt.gt(reading.read_at))
        .order_by_asc(Column::ReadAt)
        .order_by_asc(Column::Series)
        .order_by_asc(Column::Km);
    Ok(Neighbours { before: before.one(db).await?, after: after.one(db).await? })
}

/// What the car's record shows from now on.
async fn show(tx: &Tx, entry: &Model) -> ApiResult<()> {
    let car = store::find(tx.db(), entry.vehicle_id).await?;
    if car.odometer_km == entry.km {
        return Ok(());
    }
    let version = car.version + 1;
    let mut changed = car.into_active_model();
    changed.odometer_km = Set(entry.km);
    changed.version = Set(version);
    changed.updated_at = Set(tx.now);
    vehicles::Entity::update(changed).exec(tx.db()).await?;
    let details = json!({"odometer_km": entry.km, "kind": entry.kind});
    tx.record(Event::new("read-odometer", store::TYPE, entry.vehicle_id, version).with(details)).await
}
