//! Which sub-item a kind of expense is booked on, dated.

use sea_orm::entity::prelude::*;

pub use crate::verification::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "expense_kinds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub expense_kind: String,
    pub name: String,
    /// Nothing where an accountant must choose, and where the kind is not paid at all.
    pub sub_item: Option<String>,
    /// The codes among which the accountant chooses, as a JSON list; empty where there is no such list.
    pub sub_item_candidates: Json,
    /// Whether the kind is paid at all.
    pub allowed: bool,
    pub document_number: String,
    pub issuer: String,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub verification: Verification,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
