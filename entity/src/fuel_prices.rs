//! What a litre of fuel costs, dated.

use sea_orm::entity::prelude::*;

use crate::fuel_norms::Verification;
use crate::vehicles::FuelType;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fuel_prices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub fuel_type: FuelType,
    /// Đồng a litre.
    pub unit_price: i64,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub document_number: Option<String>,
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
