//! Which body leads a duty, from when to when: one on every day.

use sea_orm::entity::prelude::*;

pub use crate::verification::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "duty_leads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub duty_id: Uuid,
    pub lead_board_id: Uuid,
    /// The unit of the lead board; nothing where the board itself leads.
    pub lead_unit_id: Option<Uuid>,
    /// A list of ids.
    pub coordinating_unit_ids: Json,
    /// A list of texts.
    pub coordinating_roles: Json,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub decision_number: String,
    pub verification: Verification,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
