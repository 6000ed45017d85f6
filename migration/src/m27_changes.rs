//! The change feed, in the order in which transactions became visible.

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
            CREATE TABLE changes (
                seq {identity},
                transaction_id bigint NOT NULL,
                occurred_at {time} NOT NULL,
                resource_type text NOT NULL,
                resource_id {uuid} NOT NULL,
                board_id {uuid},
                change text NOT NULL CONSTRAINT changes_change_check CHECK (change IN ('created', 'updated', 'deleted')),
                version bigint NOT NULL
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX changes_in_order ON changes (transaction_id, seq)").await
    }
}
