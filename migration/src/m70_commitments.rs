//! Money that is reserved for a document: what was committed, what of it was spent, what was given back. One row for
//! each budget line that bears a part of it; nothing is spent that was not committed.

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
            CREATE TABLE commitments (
                id {uuid} PRIMARY KEY,
                document_type text NOT NULL CONSTRAINT commitments_document_type_check CHECK (document_type IN ('travel_order', 'expense_claim', 'conference')),
                document_id {uuid} NOT NULL,
                budget_line_id {uuid} NOT NULL REFERENCES budget_lines (id),
                committed_amount bigint NOT NULL CONSTRAINT commitments_committed_check CHECK (committed_amount BETWEEN 0 AND 999999999999999),
                spent_amount bigint NOT NULL CONSTRAINT commitments_spent_check CHECK (spent_amount >= 0),
                released_amount bigint NOT NULL CONSTRAINT commitments_released_check CHECK (released_amount >= 0),
                closed_at {time},
                version bigint NOT NULL CONSTRAINT commitments_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                CONSTRAINT commitments_open_check CHECK (spent_amount + released_amount <= committed_amount),
                CONSTRAINT commitments_closed_check CHECK (closed_at IS NULL OR spent_amount + released_amount = committed_amount),
                UNIQUE (document_id, budget_line_id)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX commitments_by_line ON commitments (budget_line_id)").await
    }
}
