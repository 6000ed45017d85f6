//! Periods in which a driver is away, e.g. on leave.

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
            CREATE TABLE driver_absences (
                id {uuid} PRIMARY KEY,
                driver_id {uuid} NOT NULL REFERENCES drivers (id),
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                reason text NOT NULL,
                version bigint NOT NULL CONSTRAINT driver_absences_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT driver_absences_period_check CHECK (ends_at > starts_at)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX driver_absences_by_driver ON driver_absences (driver_id, starts_at)",
        )
        .await
    }
}
