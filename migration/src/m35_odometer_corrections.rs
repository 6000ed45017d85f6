//! Corrections of an odometer: proposed by one person, consented to by another, one open at a time.

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
            CREATE TABLE odometer_corrections (
                id {uuid} PRIMARY KEY,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                km bigint NOT NULL CONSTRAINT odometer_corrections_km_check CHECK (km BETWEEN 0 AND 9999999),
                reason text NOT NULL,
                status text NOT NULL CONSTRAINT odometer_corrections_status_check CHECK (status IN ('proposed', 'consented', 'refused')),
                proposed_by_id {uuid} NOT NULL REFERENCES staff (id),
                decided_by_id {uuid} REFERENCES staff (id),
                decision_reason text,
                open_vehicle_id {uuid} UNIQUE,
                version bigint NOT NULL CONSTRAINT odometer_corrections_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT odometer_corrections_four_eyes_check CHECK (decided_by_id IS NULL OR decided_by_id <> proposed_by_id),
                CONSTRAINT odometer_corrections_decided_check CHECK ((status = 'proposed') = (decided_by_id IS NULL)),
                CONSTRAINT odometer_corrections_open_check CHECK ((status = 'proposed') = (open_vehicle_id IS NOT NULL))
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX odometer_corrections_by_vehicle ON odometer_corrections (vehicle_id, created_at, id)").await
    }
}
