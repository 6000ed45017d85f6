//! Years of the budget.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a budget year stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BudgetYearStatus {
    /// Its lines are planned, activated, changed and used.
    Open,
    /// Nothing new: what is reserved is spent or given back, and the rest is carried forward.
    Frozen,
    /// All its lines are closed.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_years")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub year: i64,
    pub status: BudgetYearStatus,
    pub frozen_at: Option<DateTimeUtc>,
    pub frozen_by_id: Option<Uuid>,
    /// The last time.
    pub carried_forward_at: Option<DateTimeUtc>,
    pub carried_forward_by_id: Option<Uuid>,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_by_id: Option<Uuid>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
