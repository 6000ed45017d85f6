//! Units of the office (divisions, desks, the motor pool), and who heads them: on no day two people.

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
            CREATE TABLE office_units (
                id {uuid} PRIMARY KEY,
                code text NOT NULL,
                code_key text NOT NULL UNIQUE,
                name text NOT NULL,
                name_en text,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                parent_id {uuid} REFERENCES office_units (id),
                valid_from {date} NOT NULL,
                valid_to {date},
                decision_number text NOT NULL,
                verification text NOT NULL CONSTRAINT office_units_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT office_units_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT office_units_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from),
                CONSTRAINT office_units_parent_check CHECK (parent_id <> id)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "
            CREATE TABLE office_unit_heads (
                id {uuid} PRIMARY KEY,
                unit_id {uuid} NOT NULL REFERENCES office_units (id),
                staff_id {uuid} NOT NULL REFERENCES staff (id),
                valid_from {date} NOT NULL,
                valid_to {date},
                decision_number text NOT NULL,
                CONSTRAINT office_unit_heads_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "office_unit_heads",
                name: "office_unit_heads_no_overlap",
                keys: &["unit_id"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await
    }
}
