//! What a reception has beside its conference: who comes, who receives, and the meals.

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
            CREATE TABLE receptions (
                conference_id {uuid} PRIMARY KEY REFERENCES conferences (id),
                organisation text NOT NULL,
                host_id {uuid} NOT NULL REFERENCES staff (id),
                meals {json} NOT NULL
            )
            ",
        )
        .await
    }
}
