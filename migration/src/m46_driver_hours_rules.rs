//! How long drivers may be on duty, dated.

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
            CREATE TABLE driver_hours_rules (
                id {uuid} PRIMARY KEY,
                scope text NOT NULL CONSTRAINT driver_hours_rules_scope_check CHECK (scope = 'office'),
                daily_minutes bigint NOT NULL CONSTRAINT driver_hours_rules_daily_check CHECK (daily_minutes BETWEEN 60 AND 1440),
                rest_minutes bigint NOT NULL CONSTRAINT driver_hours_rules_rest_check CHECK (rest_minutes BETWEEN 0 AND 1440),
                document_number text NOT NULL,
                issuer text NOT NULL,
                verification text NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                version bigint NOT NULL CONSTRAINT driver_hours_rules_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT driver_hours_rules_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "driver_hours_rules",
                name: "driver_hours_rules_no_overlap",
                keys: &["scope"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await
    }
}
