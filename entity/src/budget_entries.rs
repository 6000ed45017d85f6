//! Entries of the ledger: written once, never changed.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::funding_source::FundingSource;

/// Why money moves.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BudgetEntryKind {
    /// The year's money comes: source to available.
    Appropriate,
    /// More money comes during the year: source to available.
    Supplement,
    /// Money is reserved: available to committed.
    Commit,
    /// Reserved money is given back: committed to available.
    Release,
    /// Reserved money is paid: committed to spent.
    Spend,
    /// A payment is taken back: spent to committed or available.
    Reverse,
    /// Money goes to another line: available to source there, source to available here.
    Transfer,
}

/// The accounts of a budget line. What they hold adds up to nothing: the source owes what the others have.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BudgetAccount {
    Source,
    Available,
    Committed,
    Spent,
}

/// What kind of record moved the money.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DocumentType {
    BudgetLine,
    BudgetTransfer,
    BudgetImport,
    TravelOrder,
    ExpenseClaim,
    Conference,
    BudgetYear,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub budget_line_id: Uuid,
    pub board_id: Uuid,
    pub year: i64,
    pub funding_source: FundingSource,
    pub kind: BudgetEntryKind,
    /// The account that gets the amount.
    pub debit: BudgetAccount,
    /// The account that gives it.
    pub credit: BudgetAccount,
    pub amount: i64,
    pub document_type: DocumentType,
    pub document_id: Uuid,
    pub reverses_id: Option<Uuid>,
    pub posted_at: DateTimeUtc,
    /// As user.
    pub posted_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
