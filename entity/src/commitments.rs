//! Money of a budget line that is reserved for a document.

use sea_orm::entity::prelude::*;

pub use crate::budget_entries::DocumentType;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commitments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub document_type: DocumentType,
    pub document_id: Uuid,
    pub budget_line_id: Uuid,
    pub committed_amount: i64,
    pub spent_amount: i64,
    pub released_amount: i64,
    /// Nothing more is spent of it: what was not spent has been given back.
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
