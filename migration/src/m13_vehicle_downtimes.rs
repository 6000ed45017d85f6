//! Periods in which a car cannot be used, e.g. in the workshop.

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
            CREATE TABLE vehicle_downtimes (
                id {uuid} PRIMARY KEY,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                reason text NOT NULL,
                version bigint NOT NULL CONSTRAINT vehicle_downtimes_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT vehicle_downtimes_period_check CHECK (ends_at > starts_at)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX vehicle_downtimes_by_vehicle ON vehicle_downtimes (vehicle_id, starts_at)",
        )
        .await
    }
}
