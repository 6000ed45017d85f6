//! The papers that lie in the file of a claim.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a paper is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClaimPaperKind {
    /// The travel permit, which the places visited stamp.
    TravelPermit,
    Ticket,
    /// The card that shows that the flight was taken.
    BoardingPass,
    /// A copy of an invoice; the invoice itself stands at its line.
    Invoice,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "expense_claim_papers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub claim_id: Uuid,
    pub position: i64,
    pub kind: ClaimPaperKind,
    /// The line that it proves; nothing for the whole claim.
    pub line_position: Option<i64>,
    /// Whether the places visited stamped it; only of travel permits.
    pub stamped: Option<bool>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
