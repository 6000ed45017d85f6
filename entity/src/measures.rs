//! What the heads agree to do about an obstacle.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a measure stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MeasureStatus {
    Proposed,
    Agreed,
    Done,
    Effective,
    Ineffective,
    Rejected,
    Withdrawn,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "measures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub obstacle_id: Uuid,
    /// The board that reported the obstacle.
    pub board_id: Uuid,
    pub title: String,
    pub description: String,
    pub proposed_by_id: Uuid,
    pub lead_board_id: Uuid,
    pub lead_id: Uuid,
    pub due_on: Date,
    /// The day from which on its effect is judged.
    pub check_on: Date,
    pub status: MeasureStatus,
    pub waiting_since: DateTimeUtc,
    pub agreed_at: Option<DateTimeUtc>,
    /// What its lead did.
    pub result: Option<String>,
    pub done_at: Option<DateTimeUtc>,
    pub judged_by_id: Option<Uuid>,
    pub judged_at: Option<DateTimeUtc>,
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
