//! Who looks after which board on which days: on no day two in charge, on no day two substitutes.

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
            CREATE TABLE accountant_assignments (
                id {uuid} PRIMARY KEY,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                accountant_id {uuid} NOT NULL REFERENCES accountants (id),
                kind text NOT NULL CONSTRAINT accountant_assignments_kind_check CHECK (kind IN ('charge', 'substitute')),
                valid_from {date} NOT NULL,
                valid_to {date},
                decision_number text NOT NULL,
                version bigint NOT NULL CONSTRAINT accountant_assignments_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT accountant_assignments_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "accountant_assignments",
                name: "accountant_assignments_no_overlap",
                keys: &["board_id", "kind"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await?;
        ddl::table(manager, "CREATE INDEX accountant_assignments_by_board ON accountant_assignments (board_id, kind, valid_from)").await?;
        ddl::table(manager, "CREATE INDEX accountant_assignments_by_accountant ON accountant_assignments (accountant_id, valid_from)").await
    }
}
