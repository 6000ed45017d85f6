//! Tasks of a conference. The lead is not null: there is exactly one at every moment.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a conference task stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    Assigned,
    InProgress,
    InReview,
    Done,
    Objected,
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conference_tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub conference_id: Uuid,
    pub board_id: Uuid,
    pub title: String,
    pub deliverable: String,
    pub lead_board_id: Uuid,
    pub lead_id: Uuid,
    pub checker_id: Uuid,
    pub accept_by: DateTimeUtc,
    pub due_at: DateTimeUtc,
    pub status: TaskStatus,
    pub waiting_since: DateTimeUtc,
    pub assigned_at: DateTimeUtc,
    pub escalated_at: Option<DateTimeUtc>,
    pub objection_count: i64,
    pub blocked_by_obstacle_id: Option<Uuid>,
    pub result: Option<String>,
    pub evidence: Option<String>,
    pub decision_reason: Option<String>,
    pub done_at: Option<DateTimeUtc>,
    pub search: String,
    pub template_id: Option<Uuid>,
    /// The code of the task in its template.
    pub template_item: Option<String>,
    /// Names of bodies outside that help: a list of texts.
    pub external_coordinators: Json,
    pub moved_at: Option<DateTimeUtc>,
    /// When it was due before it was moved last.
    pub moved_from_due_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
