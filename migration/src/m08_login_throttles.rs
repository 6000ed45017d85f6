//! Failed logins by account and by source address; survives a restart, shared by processes.

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
            CREATE TABLE login_throttles (
                subject text PRIMARY KEY,
                failures bigint NOT NULL,
                last_failed_at {time} NOT NULL,
                blocked_until {time} NOT NULL
            )
            ",
        )
        .await
    }
}
