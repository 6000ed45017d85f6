//! Entries may lead to an import. SQLite cannot change the checks of a table, so it gets a new one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::{ddl, m68_budget_entries};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const DOCUMENT: &str = "CONSTRAINT budget_entries_document_type_check CHECK (document_type IN ('budget_line', 'budget_transfer', 'budget_import', 'travel_order', 'expense_claim', 'conference'))";

const COLUMNS: &str = "id, budget_line_id, board_id, year, funding_source, kind, debit, credit, amount, document_type, document_id, reverses_id, posted_at, posted_by_id";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite runs a migration outside a transaction unless it asks for one.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let swap = format!(
                "ALTER TABLE budget_entries DROP CONSTRAINT budget_entries_document_type_check, ADD {DOCUMENT}"
            );
            return ddl::table(manager, &swap).await;
        }
        rebuild(manager).await
    }
}

async fn rebuild(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = format!(
        "
        CREATE TABLE budget_entries_anew (
            id {{uuid}} PRIMARY KEY,
            budget_line_id {{uuid}} NOT NULL,
            board_id {{uuid}} NOT NULL,
            year bigint NOT NULL,
            funding_source text NOT NULL,
            kind text NOT NULL,
            debit text NOT NULL,
            credit text NOT NULL,
            amount bigint NOT NULL CONSTRAINT budget_entries_amount_check CHECK (amount BETWEEN 1 AND 999999999999999),
            document_type text NOT NULL {DOCUMENT},
            document_id {{uuid}} NOT NULL,
            reverses_id {{uuid}} REFERENCES budget_entries_anew (id),
            posted_at {{time}} NOT NULL,
            posted_by_id {{uuid}},
            {},
            CONSTRAINT budget_entries_reverses_check CHECK ((kind = 'reverse') = (reverses_id IS NOT NULL)),
            FOREIGN KEY (budget_line_id, board_id, year, funding_source) REFERENCES budget_lines (id, board_id, year, funding_source)
        )
        ",
        m68_budget_entries::ACCOUNTS
    );
    ddl::table(manager, &create).await?;
    let copy = format!("INSERT INTO budget_entries_anew ({COLUMNS}) SELECT {COLUMNS} FROM budget_entries");
    for statement in [
        copy.as_str(),
        "DROP TABLE budget_entries",
        "ALTER TABLE budget_entries_anew RENAME TO budget_entries",
    ] {
        ddl::table(manager, statement).await?;
    }
    m68_budget_entries::guard(manager).await
}
