//! The bookings of a trip, with what each of them bears of its km and its fuel.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trip_bookings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub trip_id: Uuid,
    pub booking_id: Uuid,
    pub board_id: Uuid,
    pub passenger_count: i64,
    pub share_km: Option<i64>,
    pub share_litres_hundredths: Option<i64>,
    /// The booking while the trip carries it out; unique.
    pub carried_booking_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
