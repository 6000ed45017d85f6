//! Refuels: fuel that was bought for a car, each with its invoice.

use sea_orm::entity::prelude::*;

use crate::vehicles::FuelType;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refuels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub vehicle_id: Uuid,
    /// The trip during which the fuel was bought.
    pub trip_id: Option<Uuid>,
    pub refuelled_at: DateTimeUtc,
    pub odometer_km: i64,
    pub fuel_type: FuelType,
    pub litres_hundredths: i64,
    /// Đồng a litre.
    pub unit_price: i64,
    pub amount: i64,
    pub invoice_seller_tax_code: String,
    pub invoice_number: String,
    pub invoice_issued_on: Date,
    /// Seller, year and number, however they are spelt.
    #[sea_orm(unique)]
    pub invoice_key: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
