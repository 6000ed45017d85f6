//! What became of a coordinator's part of a task: what was delivered, or why it is not needed.

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
        for statement in [
            "ALTER TABLE task_coordinators ADD COLUMN report text CONSTRAINT task_coordinators_report_check CHECK ((report IS NULL) = (done_at IS NULL))",
            "ALTER TABLE task_coordinators ADD COLUMN excused_by_id {uuid} REFERENCES staff (id)",
            "ALTER TABLE task_coordinators ADD COLUMN excuse_reason text CONSTRAINT task_coordinators_excuse_check CHECK ((excuse_reason IS NULL) = (excused_at IS NULL) AND (done_at IS NULL OR excused_at IS NULL))",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
