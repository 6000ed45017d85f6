//! Units of the office: divisions, desks, the motor pool.

use sea_orm::entity::prelude::*;

pub use crate::verification::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "office_units")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    /// The code without case and spaces; unique.
    #[sea_orm(unique)]
    pub code_key: String,
    pub name: String,
    pub name_en: Option<String>,
    /// The board to which the unit belongs.
    pub board_id: Uuid,
    pub parent_id: Option<Uuid>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub decision_number: String,
    pub verification: Verification,
    pub search: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
