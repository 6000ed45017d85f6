//! The fuel of a car in a month.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a fuel statement stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FuelStatementStatus {
    /// Its figures follow the trips and refuels.
    Draft,
    /// Its figures are kept as they were.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fuel_statements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub vehicle_id: Uuid,
    /// Its first day.
    pub month: Date,
    pub opening_tank_hundredths: i64,
    pub closing_tank_hundredths: Option<i64>,
    pub explanation: Option<String>,
    pub status: FuelStatementStatus,
    pub waiting_since: DateTimeUtc,
    /// The figures as they were when the statement was closed.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub figures: Option<Json>,
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
