//! Which role a user has, where and from when to when.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role, for the whole office or for one board.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Users and settings; no rights in the business.
    Admin,
    /// Approves spending, decides objections.
    ChiefOfOffice,
    /// Puts accountants in charge, keeps the rules.
    ChiefAccountant,
    /// Pays.
    Cashier,
    /// Cars, drivers and their time.
    Dispatcher,
    /// Reads everything, changes nothing.
    Auditor,
    /// Heads one board.
    BoardHead,
    /// Works for one board and asks for things.
    Requester,
    /// Drives.
    Driver,
    /// Looks after boards; never stored, it follows from the assignments in force.
    Accountant,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_roles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub role: Role,
    pub board_id: Option<Uuid>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub decision_number: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
