//! The papers of the cars, each with the days on which it is valid.

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
            CREATE TABLE vehicle_papers (
                id {uuid} PRIMARY KEY,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                kind text NOT NULL CONSTRAINT vehicle_papers_kind_check CHECK (kind IN ('registration', 'inspection', 'insurance', 'road_fee')),
                number text NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                issuer text,
                note text,
                version bigint NOT NULL CONSTRAINT vehicle_papers_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT vehicle_papers_days_check CHECK (valid_to IS NULL OR valid_to >= valid_from),
                CONSTRAINT vehicle_papers_open_check CHECK (valid_to IS NOT NULL OR kind = 'registration'),
                UNIQUE (vehicle_id, kind, number, valid_from)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX vehicle_papers_by_vehicle ON vehicle_papers (vehicle_id, valid_from)",
        )
        .await
    }
}
