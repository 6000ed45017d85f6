//! What hinders the work.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an obstacle stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ObstacleStatus {
    Reported,
    Accepted,
    InAction,
    Resolved,
    Verified,
    Rejected,
    Withdrawn,
}

/// The kinds of record in which people meet an obstacle, in the singular as in the change feed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ObstacleResource {
    ExpenseClaim,
    TravelOrder,
    Advance,
    VehicleBooking,
    Trip,
    Conference,
    ConferenceTask,
    Vehicle,
    Driver,
    BudgetLine,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "obstacles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    /// The board that reports it.
    pub board_id: Uuid,
    pub title: String,
    pub description: String,
    pub area: String,
    pub resource_type: Option<ObstacleResource>,
    pub resource_id: Option<Uuid>,
    pub reported_by_id: Uuid,
    pub raised_on: Date,
    /// Who is in charge of it; nothing before it is accepted.
    pub owner_id: Option<Uuid>,
    pub due_on: Option<Date>,
    pub status: ObstacleStatus,
    pub waiting_since: DateTimeUtc,
    /// What was done, as its owner told it last.
    pub resolution: Option<String>,
    pub resolved_at: Option<DateTimeUtc>,
    pub verified_by_id: Option<Uuid>,
    pub verified_at: Option<DateTimeUtc>,
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
