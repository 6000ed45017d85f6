//! Who travels by an order, and when the order takes their time.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "travel_order_travellers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: Uuid,
    pub position: i64,
    pub staff_id: Uuid,
    /// Frozen when the order is submitted.
    pub coefficient_hundredths: Option<i64>,
    pub private_dates: Json,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    /// Whether the order takes the traveller's time: nobody is away for two orders at once.
    pub away: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
