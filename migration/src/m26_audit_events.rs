//! What happened, to which record, by whom: written in the transaction of the change, never changed.

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
            CREATE TABLE audit_events (
                seq {identity},
                id {uuid} NOT NULL UNIQUE,
                occurred_at {time} NOT NULL,
                actor_id {uuid},
                actor_name text NOT NULL,
                action text NOT NULL,
                resource_type text NOT NULL,
                resource_id {uuid} NOT NULL,
                board_id {uuid},
                version bigint NOT NULL,
                from_status text,
                to_status text,
                reason text,
                details {json},
                request_id text
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX audit_events_by_resource ON audit_events (resource_id, seq)")
            .await?;
        ddl::append_only(manager, "audit_events").await
    }
}
