//! Dated positions of staff; the allowance coefficient is kept in hundredths.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub staff_id: Uuid,
    pub board_id: Uuid,
    pub division: Option<String>,
    pub position: String,
    pub title: Option<String>,
    pub coefficient_hundredths: i64,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub decision_number: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
