//! Who helps the lead, with a part of their own.

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
            CREATE TABLE task_coordinators (
                id {uuid} PRIMARY KEY,
                task_id {uuid} NOT NULL REFERENCES conference_tasks (id) ON DELETE CASCADE,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                staff_id {uuid} NOT NULL REFERENCES staff (id),
                deliverable text,
                done_at {time},
                excused_at {time},
                UNIQUE (task_id, staff_id)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX task_coordinators_by_board ON task_coordinators (board_id, task_id)",
        )
        .await
    }
}
