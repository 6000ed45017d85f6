//! Travel orders. An amendment is an order of its own that takes the place of the one before it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::funding_source::FundingSource;

/// Where a travel order stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TravelOrderStatus {
    Draft,
    Submitted,
    FundsChecked,
    Approved,
    Completed,
    Settled,
    Returned,
    Rejected,
    Cancelled,
    Superseded,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "travel_orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    /// The first version of this order; its own id where it is the first.
    pub chain_id: Uuid,
    pub revision: i64,
    /// The version that this one replaces once it is approved.
    pub amends_id: Option<Uuid>,
    pub amend_reason: Option<String>,
    pub board_id: Uuid,
    /// Who wrote the order.
    pub requester_id: Uuid,
    /// The head of the party: the first traveller.
    pub traveller_id: Uuid,
    pub purpose: String,
    pub host: Option<String>,
    pub funding_note: Option<String>,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub status: TravelOrderStatus,
    pub waiting_since: DateTimeUtc,
    pub estimate: Option<Json>,
    pub estimated_amount: Option<i64>,
    /// The one line that bears all of it, where the accountant chose so.
    pub budget_line_id: Option<Uuid>,
    /// Why one line bears what belongs on others.
    pub funds_reason: Option<String>,
    pub funding_source: Option<FundingSource>,
    pub submitted_by_id: Option<Uuid>,
    pub funds_checked_by_id: Option<Uuid>,
    pub approved_by_id: Option<Uuid>,
    pub decision_reason: Option<String>,
    pub actual_starts_at: Option<DateTimeUtc>,
    pub actual_ends_at: Option<DateTimeUtc>,
    pub actual_estimate: Option<Json>,
    pub actual_amount: Option<i64>,
    pub permit_stamped: Option<bool>,
    pub completion_note: Option<String>,
    pub completed_at: Option<DateTimeUtc>,
    pub completed_by_id: Option<Uuid>,
    pub settled_at: Option<DateTimeUtc>,
    pub settled_by_id: Option<Uuid>,
    pub search: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
