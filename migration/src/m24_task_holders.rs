//! Who held a task, from when to when: the periods tile its life, and only one is open.

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
            CREATE TABLE task_holders (
                id {uuid} PRIMARY KEY,
                task_id {uuid} NOT NULL REFERENCES conference_tasks (id) ON DELETE CASCADE,
                staff_id {uuid} NOT NULL REFERENCES staff (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                held_from {time} NOT NULL,
                held_to {time},
                ended_by text,
                CONSTRAINT task_holders_period_check CHECK (held_to IS NULL OR held_to >= held_from)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE UNIQUE INDEX task_holders_task_id_key ON task_holders (task_id) WHERE held_to IS NULL",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "task_holders",
                name: "task_holders_no_overlap",
                keys: &["task_id"],
                from: "held_from",
                to: "held_to",
                period: ddl::Period::Instants,
                only_if: None,
            },
        )
        .await?;
        ddl::table(manager, "CREATE INDEX task_holders_by_task ON task_holders (task_id, held_from)").await
    }
}
