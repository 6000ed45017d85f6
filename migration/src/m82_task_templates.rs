//! Lists of tasks for conferences and receptions; each version stays as it was entered.

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
            CREATE TABLE task_templates (
                id {uuid} PRIMARY KEY,
                code text NOT NULL,
                code_key text NOT NULL,
                kind text NOT NULL CONSTRAINT task_templates_kind_check CHECK (kind IN ('conference', 'reception')),
                name text NOT NULL,
                name_en text,
                owner_duty text,
                items {json} NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                document_number text NOT NULL,
                issuer text NOT NULL,
                verification text NOT NULL CONSTRAINT task_templates_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                version bigint NOT NULL CONSTRAINT task_templates_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT task_templates_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "task_templates",
                name: "task_templates_no_overlap",
                keys: &["code_key"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await
    }
}
