//! Who helps the lead, with a part of their own.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_coordinators")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub task_id: Uuid,
    pub board_id: Uuid,
    pub staff_id: Uuid,
    pub deliverable: Option<String>,
    pub done_at: Option<DateTimeUtc>,
    pub excused_at: Option<DateTimeUtc>,
    pub report: Option<String>,
    pub excused_by_id: Option<Uuid>,
    pub excuse_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
