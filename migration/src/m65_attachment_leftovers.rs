//! Files whose bytes may lie in the store without a record that has them: noted before the bytes are written, and
//! when a file is deleted; struck out with the record that takes them, or when the bytes are gone.

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
            CREATE TABLE attachment_leftovers (
                id {uuid} PRIMARY KEY,
                noted_at {time} NOT NULL
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX attachment_leftovers_by_time ON attachment_leftovers (noted_at)")
            .await
    }
}
