//! What was returned in a period is counted from the audit events. The index holds these few and costs the others nothing.

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
        let sql =
            "CREATE INDEX audit_events_of_returns ON audit_events (occurred_at) WHERE action = 'return'";
        ddl::table(manager, sql).await
    }
}
