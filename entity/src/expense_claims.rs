//! Expense claims. No one acts twice on one claim: the checks compare every pair of hands.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::funding_source::FundingSource;

/// What a claim is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    Travel,
    Fuel,
    Reception,
    Conference,
    Other,
}

/// Where an expense claim stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    Draft,
    Submitted,
    Confirmed,
    Verified,
    Approved,
    Paid,
    Returned,
    Rejected,
    Withdrawn,
    Reversed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "expense_claims")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub board_id: Uuid,
    pub kind: ClaimKind,
    pub claimant_id: Uuid,
    pub purpose: String,
    pub travel_order_id: Option<Uuid>,
    /// The conference or reception whose money it draws on.
    pub conference_id: Option<Uuid>,
    /// Until when a travel claim is to be submitted.
    pub deadline_on: Option<Date>,
    /// The first submission.
    pub submitted_on: Option<Date>,
    /// Which money bears it; the accountant says so.
    pub funding_source: Option<FundingSource>,
    pub status: ClaimStatus,
    pub waiting_since: DateTimeUtc,
    pub claimed_amount: i64,
    pub allowed_amount: Option<i64>,
    pub confirmed_by_id: Option<Uuid>,
    pub verified_by_id: Option<Uuid>,
    pub approved_by_id: Option<Uuid>,
    pub paid_by_id: Option<Uuid>,
    pub payment_id: Option<Uuid>,
    pub reversal_asked_by_id: Option<Uuid>,
    pub reversal_reason: Option<String>,
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
