//! Which template was applied to which conference: each at most once, in whatever version.

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
            CREATE TABLE applied_templates (
                id {uuid} PRIMARY KEY,
                conference_id {uuid} NOT NULL REFERENCES conferences (id),
                template_id {uuid} NOT NULL REFERENCES task_templates (id),
                code_key text NOT NULL,
                applied_at {time} NOT NULL,
                applied_by_id {uuid},
                UNIQUE (conference_id, code_key)
            )
            ",
        )
        .await
    }
}
