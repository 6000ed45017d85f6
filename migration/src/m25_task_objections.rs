//! Objections of leads and what was decided about them.

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
            CREATE TABLE task_objections (
                id {uuid} PRIMARY KEY,
                task_id {uuid} NOT NULL REFERENCES conference_tasks (id) ON DELETE CASCADE,
                staff_id {uuid} NOT NULL REFERENCES staff (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                reason text NOT NULL,
                objected_at {time} NOT NULL,
                decision text CONSTRAINT task_objections_decision_check CHECK (decision IN ('upheld', 'overruled')),
                decided_by_id {uuid} REFERENCES staff (id),
                decided_at {time},
                decision_reason text
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE UNIQUE INDEX task_objections_task_id_key ON task_objections (task_id) WHERE decision IS NULL").await
    }
}
