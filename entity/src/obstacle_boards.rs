//! The boards that an obstacle concerns.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "obstacle_boards")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub obstacle_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub board_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
