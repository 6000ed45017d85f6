//! What a conference is planned to cost, and who committed the money.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::funding_source::FundingSource;

/// Where the money of a conference stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ConferenceCostStatus {
    /// The plan waits for its commitment; what an earlier plan committed stays committed.
    Planned,
    /// The money is reserved, and claims draw on it.
    Committed,
    /// What was not spent was given back; nothing can be claimed.
    Released,
    /// All claims are done, and the rest was given back.
    Settled,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conference_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conference_id: Uuid,
    pub status: ConferenceCostStatus,
    pub funding_source: FundingSource,
    pub estimate: Json,
    pub planned_amount: i64,
    /// The one line that bears all of it, where the accountant chose so.
    pub budget_line_id: Option<Uuid>,
    /// Why one line bears what belongs on others.
    pub funds_reason: Option<String>,
    pub funds_checked_by_id: Option<Uuid>,
    pub planned_by_id: Uuid,
    pub planned_at: DateTimeUtc,
    /// What was last committed for each kind of cost.
    pub committed_kinds: Option<Json>,
    pub committed_by_id: Option<Uuid>,
    pub committed_at: Option<DateTimeUtc>,
    pub settled_by_id: Option<Uuid>,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
