//! Secret addresses under which calendars are followed. The secret itself is nowhere: only its digest and its
//! beginning.

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
            CREATE TABLE calendar_feeds (
                id {uuid} PRIMARY KEY,
                kind text NOT NULL CONSTRAINT calendar_feeds_kind_check CHECK (kind IN ('vehicle', 'driver', 'person')),
                subject_id {uuid} NOT NULL,
                owner_id {uuid} NOT NULL REFERENCES users (id),
                digest text NOT NULL,
                prefix text NOT NULL,
                revoked_at {time},
                version bigint NOT NULL CONSTRAINT calendar_feeds_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT calendar_feeds_digest_key UNIQUE (digest)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX calendar_feeds_by_owner ON calendar_feeds (owner_id, created_at)")
            .await?;
        // A calendar keeps what was deleted as cancelled; the record is gone, its deletion is in the history.
        ddl::table(
            manager,
            "CREATE INDEX audit_events_deletions ON audit_events (resource_type, occurred_at) WHERE action = 'delete'",
        )
        .await
    }
}
