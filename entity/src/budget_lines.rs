//! Budget lines with their balances.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::funding_source::FundingSource;

/// Where a budget line stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BudgetLineStatus {
    /// Entered, not yet decided: it has no money.
    Planned,
    /// Its money can be reserved and spent.
    Active,
    /// Nothing new is reserved; what is reserved can still be spent or given back.
    Frozen,
    /// The year is over for it: no entry is made any more.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub year: i64,
    pub board_id: Uuid,
    pub funding_source: FundingSource,
    pub sub_item: String,
    pub status: BudgetLineStatus,
    /// What the decision gives; appropriated when the line is activated.
    pub planned_amount: i64,
    pub document_number: String,
    pub issuer: String,
    pub signed_on: Date,
    /// Appropriations and supplements.
    pub appropriated_amount: i64,
    /// Transfers in less transfers out.
    pub transferred_amount: i64,
    pub available_amount: i64,
    pub committed_amount: i64,
    pub spent_amount: i64,
    /// It was in force until its year froze.
    pub frozen_with_year: bool,
    pub planned_by_id: Option<Uuid>,
    pub activated_by_id: Option<Uuid>,
    /// The import that brought it.
    pub import_id: Option<Uuid>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
