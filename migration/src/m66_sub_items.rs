//! The budget's classification: sub-items, and which of them a kind of expense is booked on. Dated rows; what was
//! booked keeps the code that it was booked on.

use sea_orm_migration::prelude::*;

use crate::ddl::{self, NoOverlap, Period};
use crate::seeds;

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
            CREATE TABLE sub_items (
                id {uuid} PRIMARY KEY,
                code text NOT NULL,
                item text NOT NULL,
                name text NOT NULL,
                name_en text,
                document_number text NOT NULL,
                issuer text NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                verification text NOT NULL CONSTRAINT sub_items_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                version bigint NOT NULL CONSTRAINT sub_items_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT sub_items_period_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "
            CREATE TABLE expense_kinds (
                id {uuid} PRIMARY KEY,
                expense_kind text NOT NULL,
                name text NOT NULL,
                sub_item text,
                sub_item_candidates {json} NOT NULL,
                allowed boolean NOT NULL,
                document_number text NOT NULL,
                issuer text NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                verification text NOT NULL CONSTRAINT expense_kinds_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                version bigint NOT NULL CONSTRAINT expense_kinds_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT expense_kinds_period_check CHECK (valid_to IS NULL OR valid_to >= valid_from),
                CONSTRAINT expense_kinds_refused_check CHECK (allowed OR sub_item IS NULL)
            )
            ",
        )
        .await?;
        for (table, name, key) in [
            ("sub_items", "sub_items_no_overlap", "code"),
            ("expense_kinds", "expense_kinds_no_overlap", "expense_kind"),
        ] {
            let rule = NoOverlap {
                table,
                name,
                keys: if key == "code" { &["code"] } else { &["expense_kind"] },
                from: "valid_from",
                to: "valid_to",
                period: Period::Days,
                only_if: None,
            };
            ddl::no_overlap(manager, rule).await?;
            // The list is in the order of the code.
            ddl::table(manager, &format!("CREATE INDEX {table}_by_{key} ON {table} ({key}, id)")).await?;
        }
        let seed = seeds::parse(include_str!("seed/budget_codes.json"))?;
        for table in ["sub_items", "expense_kinds"] {
            for row in seed[table].as_array().into_iter().flatten() {
                seeds::insert(manager, table, row).await?;
            }
        }
        Ok(())
    }
}
