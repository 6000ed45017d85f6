//! How far fuel may be off before somebody has to say why, dated.

use sea_orm::entity::prelude::*;

use crate::fuel_norms::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fuel_tolerances")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `office`: one tolerance for the whole office on each day.
    pub scope: String,
    /// Fuel used above the norm, in hundredths of a percent of the norm.
    pub over_percent_hundredths: i64,
    /// A price off the dated one, in hundredths of a percent of it.
    pub price_percent_hundredths: i64,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
