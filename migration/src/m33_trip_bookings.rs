//! The bookings of a trip, with what each of them bears.
//!
//! `carried_booking_id` is the booking while the trip has issued orders for it, and unique: a booking is carried
//! out by one trip. A plan, a void trip and a cancelled booking leave it empty.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite runs a migration outside a transaction unless it asks for one.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::table(
            manager,
            "
            CREATE TABLE trip_bookings (
                id {uuid} PRIMARY KEY,
                trip_id {uuid} NOT NULL REFERENCES trips (id),
                booking_id {uuid} NOT NULL REFERENCES vehicle_bookings (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                passenger_count bigint NOT NULL CONSTRAINT trip_bookings_passengers_check CHECK (passenger_count > 0),
                share_km bigint CONSTRAINT trip_bookings_share_km_check CHECK (share_km >= 0),
                share_litres_hundredths bigint CONSTRAINT trip_bookings_share_litres_check CHECK (share_litres_hundredths >= 0),
                carried_booking_id {uuid} UNIQUE,
                CONSTRAINT trip_bookings_carried_check CHECK (carried_booking_id = booking_id),
                UNIQUE (trip_id, booking_id)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX trip_bookings_by_booking ON trip_bookings (booking_id)").await?;
        ddl::table(manager, "CREATE INDEX trip_bookings_by_board ON trip_bookings (board_id, trip_id)").await
    }
}
