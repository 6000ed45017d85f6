//! Files attached to records: what is known of each. The bytes are kept elsewhere, by the same id.

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
        // The record is of one of several tables, so no foreign key; records with files are never deleted.
        ddl::table(
            manager,
            "
            CREATE TABLE attachments (
                id {uuid} PRIMARY KEY,
                owner_type text NOT NULL,
                owner_id {uuid} NOT NULL,
                board_id {uuid} REFERENCES boards (id),
                kind text NOT NULL,
                file_name text NOT NULL,
                media_type text NOT NULL CONSTRAINT attachments_media_type_check
                    CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
                size_bytes bigint NOT NULL CONSTRAINT attachments_size_check CHECK (size_bytes > 0),
                sha256 text NOT NULL CONSTRAINT attachments_sha256_check CHECK (length(sha256) = 64),
                uploaded_by_id {uuid},
                version bigint NOT NULL CONSTRAINT attachments_version_check CHECK (version = 1),
                created_at {time} NOT NULL,
                CONSTRAINT attachments_owner_id_sha256_key UNIQUE (owner_id, sha256)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX attachments_by_owner ON attachments (owner_id, created_at, id)")
            .await?;
        ddl::table(manager, "CREATE INDEX attachments_by_content ON attachments (sha256)").await
    }
}
