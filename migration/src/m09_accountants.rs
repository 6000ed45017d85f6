//! Members of staff who may be put in charge of boards.

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
            CREATE TABLE accountants (
                id {uuid} PRIMARY KEY,
                staff_id {uuid} NOT NULL UNIQUE REFERENCES staff (id),
                active_from {date} NOT NULL,
                active_to {date},
                version bigint NOT NULL CONSTRAINT accountants_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT accountants_validity_check CHECK (active_to IS NULL OR active_to >= active_from)
            )
            ",
        )
        .await
    }
}
