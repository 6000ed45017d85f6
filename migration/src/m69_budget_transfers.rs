//! Decisions that change what lines have: money from one line to another, or more money for a line. Two people sign.

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
            CREATE TABLE budget_transfers (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                kind text NOT NULL CONSTRAINT budget_transfers_kind_check CHECK (kind IN ('transfer', 'supplement')),
                from_line_id {uuid} REFERENCES budget_lines (id),
                to_line_id {uuid} NOT NULL REFERENCES budget_lines (id),
                from_board_id {uuid} REFERENCES boards (id),
                to_board_id {uuid} NOT NULL REFERENCES boards (id),
                amount bigint NOT NULL CONSTRAINT budget_transfers_amount_check CHECK (amount BETWEEN 1 AND 999999999999999),
                document_number text NOT NULL,
                signed_on {date} NOT NULL,
                reason text NOT NULL,
                status text NOT NULL CONSTRAINT budget_transfers_status_check CHECK (status IN ('proposed', 'posted', 'rejected', 'withdrawn')),
                waiting_since {time} NOT NULL,
                proposed_by_id {uuid} NOT NULL REFERENCES staff (id),
                from_signed_by_id {uuid} REFERENCES staff (id),
                to_signed_by_id {uuid} REFERENCES staff (id),
                decision_reason text,
                posted_at {time},
                version bigint NOT NULL CONSTRAINT budget_transfers_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT budget_transfers_lines_check CHECK ((kind = 'transfer') = (from_line_id IS NOT NULL) AND (from_line_id IS NULL) = (from_board_id IS NULL) AND from_line_id <> to_line_id),
                CONSTRAINT budget_transfers_posted_check CHECK ((status = 'posted') = (posted_at IS NOT NULL) AND (status <> 'posted' OR (to_signed_by_id IS NOT NULL AND (from_board_id IS NULL OR from_board_id = to_board_id OR from_signed_by_id IS NOT NULL)))),
                CONSTRAINT budget_transfers_proposer_is_not_from_signer_check CHECK (from_signed_by_id <> proposed_by_id),
                CONSTRAINT budget_transfers_proposer_is_not_to_signer_check CHECK (to_signed_by_id <> proposed_by_id),
                CONSTRAINT budget_transfers_signers_four_eyes_check CHECK (from_signed_by_id <> to_signed_by_id)
            )
            ",
        )
        .await?;
        for statement in [
            "CREATE INDEX budget_transfers_by_creation ON budget_transfers (created_at, id)",
            "CREATE INDEX budget_transfers_by_from_line ON budget_transfers (from_line_id)",
            "CREATE INDEX budget_transfers_by_to_line ON budget_transfers (to_line_id)",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
