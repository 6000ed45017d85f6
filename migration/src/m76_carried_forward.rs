//! What a budget year carries forward leaves its frozen lines, and no other document does so; a line remembers that it
//! froze with its year. SQLite cannot change the checks of a table, so it gets a new one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const DOCUMENT_TYPE: &str = "CONSTRAINT budget_entries_document_type_check CHECK (document_type IN ('budget_line', 'budget_transfer', 'travel_order', 'expense_claim', 'conference', 'budget_year'))";

/// Which movements a line does not take, by its status: a frozen one only ends what was begun, or gives what its year
/// carries forward; a planned and a closed one take nothing.
const REFUSED: &str = "EXISTS (SELECT 1 FROM budget_lines l WHERE l.id = NEW.budget_line_id AND NOT (\
    l.status = 'active' OR (l.status = 'frozen' AND (NEW.kind IN ('release', 'spend', 'reverse') \
    OR (NEW.kind = 'transfer' AND NEW.credit = 'available' AND NEW.document_type = 'budget_year')))))";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite runs a migration outside a transaction unless it asks for one.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::table(
            manager,
            "ALTER TABLE budget_lines ADD COLUMN frozen_with_year boolean NOT NULL DEFAULT FALSE \
             CONSTRAINT budget_lines_frozen_with_year_check CHECK (NOT frozen_with_year OR status IN ('frozen', 'closed'))",
        )
        .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            alter(manager).await
        } else {
            rebuild(manager).await
        }
    }
}

async fn alter(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements = [
        "ALTER TABLE budget_entries DROP CONSTRAINT budget_entries_document_type_check".to_owned(),
        format!("ALTER TABLE budget_entries ADD {DOCUMENT_TYPE}"),
        format!(
            "CREATE OR REPLACE FUNCTION budget_entries_line_status() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF {REFUSED} THEN RAISE EXCEPTION USING ERRCODE = 'check_violation', \
             CONSTRAINT = 'budget_entries_line_status', MESSAGE = 'budget_entries_line_status'; END IF; \
             RETURN NEW; END $$"
        ),
    ];
    for statement in statements {
        ddl::only(manager, DbBackend::Postgres, &statement).await?;
    }
    Ok(())
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
            document_type text NOT NULL {DOCUMENT_TYPE},
            document_id {{uuid}} NOT NULL,
            reverses_id {{uuid}} REFERENCES budget_entries_anew (id),
            posted_at {{time}} NOT NULL,
            posted_by_id {{uuid}},
            CONSTRAINT budget_entries_accounts_check CHECK (
                (kind IN ('appropriate', 'supplement') AND credit = 'source' AND debit = 'available')
                OR (kind = 'commit' AND credit = 'available' AND debit = 'committed')
                OR (kind = 'release' AND credit = 'committed' AND debit = 'available')
                OR (kind = 'spend' AND credit = 'committed' AND debit = 'spent')
                OR (kind = 'reverse' AND credit = 'spent' AND debit IN ('committed', 'available'))
                OR (kind = 'transfer' AND ((credit = 'source' AND debit = 'available') OR (credit = 'available' AND debit = 'source')))
            ),
            CONSTRAINT budget_entries_reverses_check CHECK ((kind = 'reverse') = (reverses_id IS NOT NULL)),
            FOREIGN KEY (budget_line_id, board_id, year, funding_source) REFERENCES budget_lines (id, board_id, year, funding_source)
        )
        "
    );
    let columns = "id, budget_line_id, board_id, year, funding_source, kind, debit, credit, amount, document_type, \
                   document_id, reverses_id, posted_at, posted_by_id";
    let fill = format!("INSERT INTO budget_entries_anew ({columns}) SELECT {columns} FROM budget_entries");
    let trigger = format!(
        "CREATE TRIGGER budget_entries_line_status BEFORE INSERT ON budget_entries WHEN {REFUSED} \
         BEGIN SELECT RAISE(ABORT, 'budget_entries_line_status'); END"
    );
    for statement in [
        create.as_str(),
        &fill,
        "DROP TABLE budget_entries",
        "ALTER TABLE budget_entries_anew RENAME TO budget_entries",
        "CREATE UNIQUE INDEX budget_entries_reverses_id_key ON budget_entries (reverses_id) WHERE reverses_id IS NOT NULL",
        "CREATE INDEX budget_entries_by_line ON budget_entries (budget_line_id, posted_at, id)",
        "CREATE INDEX budget_entries_by_document ON budget_entries (document_id, id)",
        "CREATE INDEX budget_entries_by_board ON budget_entries (board_id, posted_at, id)",
        "CREATE INDEX budget_entries_by_posting ON budget_entries (posted_at, id)",
        &trigger,
    ] {
        ddl::table(manager, statement).await?;
    }
    ddl::append_only(manager, "budget_entries").await
}
