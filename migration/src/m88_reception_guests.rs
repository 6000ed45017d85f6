//! The guests of a reception; one of them heads the delegation.

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
            CREATE TABLE reception_guests (
                id {uuid} PRIMARY KEY,
                conference_id {uuid} NOT NULL REFERENCES receptions (conference_id),
                position bigint NOT NULL CONSTRAINT reception_guests_position_check CHECK (position >= 0),
                full_name text NOT NULL,
                title text,
                organisation text,
                head boolean NOT NULL,
                UNIQUE (conference_id, position)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE UNIQUE INDEX reception_guests_conference_id_key ON reception_guests (conference_id) WHERE head",
        )
        .await
    }
}
