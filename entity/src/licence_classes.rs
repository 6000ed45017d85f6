//! The classes of driving licences and how large a car each of them allows.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How well a row of the rules is proved.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// Read in the law or in a published answer of the ministry.
    Verified,
    /// Read in the news only.
    PressOnly,
    /// From memory, or one institution's own rule.
    Unverified,
    /// Chosen to show the service.
    Demo,
}

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
