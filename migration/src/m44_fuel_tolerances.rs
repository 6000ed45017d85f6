//! How far fuel may be off before somebody has to say why, dated.

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
            CREATE TABLE fuel_tolerances (
                id {uuid} PRIMARY KEY,
                scope text NOT NULL CONSTRAINT fuel_tolerances_scope_check CHECK (scope = 'office'),
                over_percent_hundredths bigint NOT NULL CONSTRAINT fuel_tolerances_over_check CHECK (over_percent_hundredths BETWEEN 0 AND 9999),
                price_percent_hundredths bigint NOT NULL CONSTRAINT fuel_tolerances_price_check CHECK (price_percent_hundredths BETWEEN 0 AND 9999),
                valid_from {date} NOT NULL,
                valid_to {date},
                document_number text NOT NULL,
                issuer text NOT NULL,
                verification text NOT NULL CONSTRAINT fuel_tolerances_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                version bigint NOT NULL CONSTRAINT fuel_tolerances_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT fuel_tolerances_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "fuel_tolerances",
                name: "fuel_tolerances_no_overlap",
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
