//! Decisions that change what budget lines have.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a decision does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BudgetTransferKind {
    /// Money goes from one line to another; the sum stays.
    Transfer,
    /// A line gets more money.
    Supplement,
}

/// Where a decision stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BudgetTransferStatus {
    Proposed,
    Posted,
    Rejected,
    Withdrawn,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_transfers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub kind: BudgetTransferKind,
    pub from_line_id: Option<Uuid>,
    pub to_line_id: Uuid,
    pub from_board_id: Option<Uuid>,
    pub to_board_id: Uuid,
    pub amount: i64,
    pub document_number: String,
    pub signed_on: Date,
    pub reason: String,
    pub status: BudgetTransferStatus,
    pub waiting_since: DateTimeUtc,
    pub proposed_by_id: Uuid,
    pub from_signed_by_id: Option<Uuid>,
    pub to_signed_by_id: Option<Uuid>,
    pub decision_reason: Option<String>,
    pub posted_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
