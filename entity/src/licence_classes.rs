//! The classes of driving licences and how large a car each of them allows.

use sea_orm::entity::prelude::*;

pub use crate::verification::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "licence_classes")]
pub struct Model {
    /// In small letters, as drivers' licences have it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Seats of the largest car, the driver's included.
    pub max_seats: i64,
    pub verification: Verification,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
