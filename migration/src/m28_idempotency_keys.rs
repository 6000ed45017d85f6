//! Answers kept for repeated requests, written in the transaction of the change.

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
            CREATE TABLE idempotency_keys (
                caller_id {uuid} NOT NULL,
                operation text NOT NULL,
                idempotency_key text NOT NULL,
                fingerprint text NOT NULL,
                status bigint NOT NULL,
                etag text,
                location text,
                body text NOT NULL,
                created_at {time} NOT NULL,
                PRIMARY KEY (caller_id, operation, idempotency_key)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)").await
    }
}
