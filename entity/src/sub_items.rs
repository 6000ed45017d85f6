//! Sub-items of the budget's classification (tiểu mục), dated.

use sea_orm::entity::prelude::*;

pub use crate::verification::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sub_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    /// The item (mục) that it belongs to.
    pub item: String,
    pub name: String,
    pub name_en: Option<String>,
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
