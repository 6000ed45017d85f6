//! The boards that the office serves.

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
            CREATE TABLE boards (
                id {uuid} PRIMARY KEY,
                code text NOT NULL,
                code_key text NOT NULL UNIQUE,
                name text NOT NULL,
                name_en text,
                short_name text,
                kind text NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT boards_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT boards_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        // PostgreSQL needs it to compare plain columns inside an exclusion constraint.
        ddl::only(
            manager,
            sea_orm_migration::sea_orm::DbBackend::Postgres,
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
        )
        .await
    }
}
