//! Which board took over from which; holds every ancestor, not only the nearest.

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
            CREATE TABLE board_successions (
                board_id {uuid} NOT NULL REFERENCES boards (id),
                predecessor_id {uuid} NOT NULL REFERENCES boards (id),
                direct boolean NOT NULL,
                PRIMARY KEY (board_id, predecessor_id),
                CONSTRAINT board_successions_self_check CHECK (board_id <> predecessor_id)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX board_successions_predecessor ON board_successions (predecessor_id)",
        )
        .await
    }
}
