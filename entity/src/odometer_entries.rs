//! What the odometer of each car showed: one series for each car, which never goes back.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why the odometer was read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReadingKind {
    /// When the car was entered.
    Opening,
    Departure,
    Return,
    Refuel,
    /// A new beginning after a wrong reading or a new instrument, with a second person's consent.
    Correction,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "odometer_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub vehicle_id: Uuid,
    /// How many corrections came before; readings are compared within one series only.
    pub series: i64,
    pub read_at: DateTimeUtc,
    pub km: i64,
    pub previous_km: Option<i64>,
    pub kind: ReadingKind,
    /// The trip, the refuel or the correction.
    pub source_id: Option<Uuid>,
    pub gap_reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
