//! Which task waits for which, what a task has from its template, and from when it was moved.

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
            CREATE TABLE task_dependencies (
                id {uuid} PRIMARY KEY,
                task_id {uuid} NOT NULL REFERENCES conference_tasks (id) ON DELETE CASCADE,
                depends_on_id {uuid} NOT NULL REFERENCES conference_tasks (id) ON DELETE CASCADE,
                UNIQUE (task_id, depends_on_id),
                CONSTRAINT task_dependencies_other_check CHECK (task_id <> depends_on_id)
            )
            ",
        )
        .await?;
        for statement in [
            "ALTER TABLE conference_tasks ADD COLUMN template_id {uuid} REFERENCES task_templates (id)",
            "ALTER TABLE conference_tasks ADD COLUMN template_item text",
            "ALTER TABLE conference_tasks ADD COLUMN external_coordinators {json} NOT NULL DEFAULT '[]'",
            "ALTER TABLE conference_tasks ADD COLUMN moved_at {time}",
            "ALTER TABLE conference_tasks ADD COLUMN moved_from_due_at {time}",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
