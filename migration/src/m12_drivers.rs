//! Members of staff who drive, with their licence.

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
            CREATE TABLE drivers (
                id {uuid} PRIMARY KEY,
                staff_id {uuid} NOT NULL UNIQUE REFERENCES staff (id),
                licence_number text NOT NULL UNIQUE,
                licence_class text NOT NULL,
                licence_expires_on {date} NOT NULL,
                default_vehicle_id {uuid} REFERENCES vehicles (id),
                version bigint NOT NULL CONSTRAINT drivers_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid}
            )
            ",
        )
        .await
    }
}
