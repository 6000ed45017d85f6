//! Advances: money paid before it is spent, and how it came back. What was set off and what was refunded never
//! exceeds what was paid, and an advance is settled when nothing is outstanding: the checks say so.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an advance stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AdvanceStatus {
    Requested,
    Approved,
    Paid,
    Settled,
    Rejected,
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "advances")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub board_id: Uuid,
    pub requester_id: Uuid,
    /// The order whose costs it covers; nothing for other purposes.
    pub travel_order_id: Option<Uuid>,
    pub purpose: String,
    pub amount: i64,
    pub settle_by: Date,
    pub status: AdvanceStatus,
    pub waiting_since: DateTimeUtc,
    pub approved_by_id: Option<Uuid>,
    pub paid_by_id: Option<Uuid>,
    pub payment_id: Option<Uuid>,
    /// What claims used up.
    pub set_off_amount: i64,
    /// What came back to the cash desk.
    pub refunded_amount: i64,
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
