//! How sure a dated figure is.

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
