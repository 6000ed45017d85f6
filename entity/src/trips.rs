//! Trips: the dispatch order and the trip log in one.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a trip stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TripStatus {
    Planned,
    Issued,
    Departed,
    Completed,
    Verified,
    Void,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trips")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `07/LĐX-2026`, from the issue on.
    pub number: Option<String>,
    pub vehicle_id: Uuid,
    pub driver_id: Uuid,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub route: String,
    pub note: Option<String>,
    pub status: TripStatus,
    pub waiting_since: DateTimeUtc,
    /// 1 when issued, and one more with each amendment.
    pub revision: i64,
    pub issued_at: Option<DateTimeUtc>,
    pub issued_by_id: Option<Uuid>,
    pub departed_at: Option<DateTimeUtc>,
    pub returned_at: Option<DateTimeUtc>,
    pub odometer_start_km: Option<i64>,
    pub odometer_end_km: Option<i64>,
    pub mountain_km: Option<i64>,
    pub air_conditioned_km: Option<i64>,
    pub idling_minutes: Option<i64>,
    /// The fuel norm in force on the departure day.
    pub norm_id: Option<Uuid>,
    pub norm_litres_hundredths: Option<i64>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub norm_working: Option<Json>,
    pub verified_by_id: Option<Uuid>,
    pub decision_reason: Option<String>,
    pub search: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
