//! The boards that an obstacle concerns: their heads agree on what is done about it.

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
            CREATE TABLE obstacle_boards (
                obstacle_id {uuid} NOT NULL REFERENCES obstacles (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                PRIMARY KEY (obstacle_id, board_id)
            )
            ",
        )
        .await?;
        for statement in ["CREATE INDEX obstacle_boards_by_board ON obstacle_boards (board_id, obstacle_id)"]
        {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
