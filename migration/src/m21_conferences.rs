//! Conferences and receptions.

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
            CREATE TABLE conferences (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                kind text NOT NULL CONSTRAINT conferences_kind_check CHECK (kind IN ('conference', 'reception')),
                name text NOT NULL,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                place text NOT NULL,
                delegate_count bigint NOT NULL CONSTRAINT conferences_delegates_check CHECK (delegate_count BETWEEN 1 AND 100000),
                coordinator_id {uuid} NOT NULL REFERENCES staff (id),
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT conferences_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT conferences_period_check CHECK (ends_at > starts_at)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX conferences_by_board ON conferences (board_id, starts_at, id)")
            .await?;
        ddl::table(manager, "CREATE INDEX conferences_by_start ON conferences (starts_at, id)").await
    }
}
