//! Budget lines: what a board may spend of one source on one sub-item in one year. The balances follow from the
//! entries and are never below zero, whoever writes them.

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
            CREATE TABLE budget_lines (
                id {uuid} PRIMARY KEY,
                year bigint NOT NULL CONSTRAINT budget_lines_year_check CHECK (year BETWEEN 2000 AND 2100),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                funding_source text NOT NULL CONSTRAINT budget_lines_funding_source_check CHECK (funding_source IN ('autonomous', 'non_autonomous')),
                sub_item text NOT NULL,
                status text NOT NULL CONSTRAINT budget_lines_status_check CHECK (status IN ('planned', 'active', 'frozen', 'closed')),
                planned_amount bigint NOT NULL CONSTRAINT budget_lines_planned_check CHECK (planned_amount BETWEEN 0 AND 999999999999999),
                document_number text NOT NULL,
                issuer text NOT NULL,
                signed_on {date} NOT NULL,
                appropriated_amount bigint NOT NULL CONSTRAINT budget_lines_appropriated_check CHECK (appropriated_amount BETWEEN 0 AND 9007199254740991),
                transferred_amount bigint NOT NULL CONSTRAINT budget_lines_transferred_check CHECK (transferred_amount BETWEEN -9007199254740991 AND 9007199254740991),
                available_amount bigint NOT NULL CONSTRAINT budget_lines_available_check CHECK (available_amount BETWEEN 0 AND 9007199254740991),
                committed_amount bigint NOT NULL CONSTRAINT budget_lines_committed_check CHECK (committed_amount BETWEEN 0 AND 9007199254740991),
                spent_amount bigint NOT NULL CONSTRAINT budget_lines_spent_check CHECK (spent_amount BETWEEN 0 AND 9007199254740991),
                frozen_with_year boolean NOT NULL DEFAULT FALSE,
                planned_by_id {uuid} REFERENCES staff (id),
                activated_by_id {uuid} REFERENCES staff (id),
                version bigint NOT NULL CONSTRAINT budget_lines_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT budget_lines_balance_check CHECK (appropriated_amount + transferred_amount = available_amount + committed_amount + spent_amount),
                CONSTRAINT budget_lines_planned_is_empty_check CHECK (status <> 'planned' OR (appropriated_amount = 0 AND transferred_amount = 0)),
                CONSTRAINT budget_lines_frozen_with_year_check CHECK (NOT frozen_with_year OR status IN ('frozen', 'closed')),
                CONSTRAINT budget_lines_closed_check CHECK (status <> 'closed' OR committed_amount = 0),
                CONSTRAINT budget_lines_four_eyes_check CHECK (activated_by_id <> planned_by_id),
                UNIQUE (year, board_id, funding_source, sub_item),
                UNIQUE (id, board_id, year, funding_source)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX budget_lines_by_board ON budget_lines (board_id, year, sub_item, id)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX budget_lines_by_sub_item ON budget_lines (sub_item, id)").await
    }
}
