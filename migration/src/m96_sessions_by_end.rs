//! Sessions and failed logins are forgotten by their age.

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
        ddl::table(manager, "CREATE INDEX sessions_by_end ON sessions (expires_at)").await?;
        ddl::table(manager, "CREATE INDEX login_throttles_by_age ON login_throttles (last_failed_at)").await
    }
}
