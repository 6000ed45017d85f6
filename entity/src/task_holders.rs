//! Who held a task, from when to when: the periods tile its life, and only one is open.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_holders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub task_id: Uuid,
    pub staff_id: Uuid,
    pub board_id: Uuid,
    pub held_from: DateTimeUtc,
    pub held_to: Option<DateTimeUtc>,
    pub ended_by: Option<String>,
    pub accepted_at: Option<DateTimeUtc>,
    pub escalated_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
