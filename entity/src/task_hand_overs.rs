//! Hand-overs of tasks: who wanted to pass a task on to whom, why, and what became of it. One is pending at a time.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of a hand-over.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum HandOverOutcome {
    /// The receiver leads from then on.
    Approved,
    /// The receiver did not want the task.
    Declined,
    /// The coordinator of the conference or the chief of office was against it.
    Refused,
    /// The lead took it back.
    Withdrawn,
    /// The task was cancelled, or its lead left, before the decision.
    Lapsed,
    /// The lead left the body, and the end of the appointment named who leads from then on.
    Departure,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_hand_overs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub task_id: Uuid,
    pub from_staff_id: Uuid,
    pub from_board_id: Uuid,
    pub to_staff_id: Uuid,
    pub to_board_id: Uuid,
    pub reason: String,
    pub requested_at: DateTimeUtc,
    pub late: bool,
    pub accepted_at: Option<DateTimeUtc>,
    pub outcome: Option<HandOverOutcome>,
    pub decided_by_id: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    pub decision_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
