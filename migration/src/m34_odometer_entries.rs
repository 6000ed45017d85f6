//! What the odometer of each car showed: one series for each car, which never goes back.

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
            CREATE TABLE odometer_entries (
                id {uuid} PRIMARY KEY,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                series bigint NOT NULL CONSTRAINT odometer_entries_series_check CHECK (series >= 0),
                read_at {time} NOT NULL,
                km bigint NOT NULL CONSTRAINT odometer_entries_km_check CHECK (km BETWEEN 0 AND 9999999),
                previous_km bigint,
                kind text NOT NULL CONSTRAINT odometer_entries_kind_check CHECK (kind IN ('opening', 'departure', 'return', 'refuel', 'correction')),
                source_id {uuid},
                gap_reason text,
                created_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT odometer_entries_never_back_check CHECK (kind = 'correction' OR previous_km IS NULL OR km >= previous_km),
                CONSTRAINT odometer_entries_gap_check CHECK (kind <> 'departure' OR previous_km IS NULL OR km = previous_km OR gap_reason IS NOT NULL)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX odometer_entries_by_vehicle ON odometer_entries (vehicle_id, read_at, id)",
        )
        .await?;
        // Cars that were entered before: what they show now is their opening.
        ddl::table(
            manager,
            "
            INSERT INTO odometer_entries (id, vehicle_id, series, read_at, km, kind, created_at, created_by_id)
            SELECT id, id, 0, created_at, odometer_km, 'opening', created_at, created_by_id FROM vehicles
            ",
        )
        .await?;
        ddl::append_only(manager, "odometer_entries").await
    }
}
