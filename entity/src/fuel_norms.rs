//! How much fuel a car may use, dated.

use sea_orm::entity::prelude::*;

pub use crate::verification::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fuel_norms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub vehicle_id: Uuid,
    pub litres_per_100_km_hundredths: i64,
    /// On top, in hundredths of a percent, for km on mountain roads.
    pub mountain_percent_hundredths: i64,
    /// On top, in hundredths of a percent, for km with air-conditioning.
    pub air_conditioning_percent_hundredths: i64,
    pub idling_litres_per_hour_hundredths: i64,
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
