//! What the requester says of the service when they confirm it.

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
            "ALTER TABLE vehicle_bookings ADD COLUMN confirmed_by_id {uuid} REFERENCES staff (id)",
        )
        .await?;
        ddl::table(manager, "ALTER TABLE vehicle_bookings ADD COLUMN confirm_note text").await?;
        ddl::table(manager, "ALTER TABLE vehicle_bookings ADD COLUMN stated_km bigint CONSTRAINT vehicle_bookings_stated_km_check CHECK (stated_km BETWEEN 0 AND 9999999)").await?;
        ddl::table(manager, "ALTER TABLE vehicle_bookings ADD COLUMN stated_ends_at {time}").await
    }
}
