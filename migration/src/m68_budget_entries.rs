//! The ledger: every movement of money between the accounts of a budget line, one positive amount from one account to
//! another. Rows are written once; a correction is a row of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

/// Which movements a line does not take, by its status: a frozen one only ends what was begun, or gives what its year
/// carries forward; a planned and a closed one take nothing.
const REFUSED: &str = "EXISTS (SELECT 1 FROM budget_lines l WHERE l.id = NEW.budget_line_id AND NOT (\
    l.status = 'active' OR (l.status = 'frozen' AND (NEW.kind IN ('release', 'spend', 'reverse') \
    OR (NEW.kind = 'transfer' AND NEW.credit = 'available' AND NEW.document_type = 'budget_year')))))";

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
            CREATE TABLE budget_entries (
                id {uuid} PRIMARY KEY,
                budget_line_id {uuid} NOT NULL,
                board_id {uuid} NOT NULL,
                year bigint NOT NULL,
                funding_source text NOT NULL,
                kind text NOT NULL,
                debit text NOT NULL,
                credit text NOT NULL,
                amount bigint NOT NULL CONSTRAINT budget_entries_amount_check CHECK (amount BETWEEN 1 AND 999999999999999),
                document_type text NOT NULL CONSTRAINT budget_entries_document_type_check CHECK (document_type IN ('budget_line', 'budget_transfer', 'budget_import', 'budget_year', 'travel_order', 'expense_claim', 'conference')),
                document_id {uuid} NOT NULL,
                reverses_id {uuid} REFERENCES budget_entries (id),
                posted_at {time} NOT NULL,
                posted_by_id {uuid},
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
            ",
        )
        .await?;
        for statement in [
            "CREATE UNIQUE INDEX budget_entries_reverses_id_key ON budget_entries (reverses_id) WHERE reverses_id IS NOT NULL",
            "CREATE INDEX budget_entries_by_line ON budget_entries (budget_line_id, posted_at, id)",
            "CREATE INDEX budget_entries_by_document ON budget_entries (document_id, id)",
            "CREATE INDEX budget_entries_by_board ON budget_entries (board_id, posted_at, id)",
            "CREATE INDEX budget_entries_by_posting ON budget_entries (posted_at, id)",
        ] {
            ddl::table(manager, statement).await?;
        }
        ddl::only(
            manager,
            DbBackend::Postgres,
            &format!(
                "CREATE FUNCTION budget_entries_line_status() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN                  IF {REFUSED} THEN RAISE EXCEPTION USING ERRCODE = 'check_violation',                  CONSTRAINT = 'budget_entries_line_status', MESSAGE = 'budget_entries_line_status'; END IF;                  RETURN NEW; END $$"
            ),
        )
        .await?;
        ddl::only(
            manager,
            DbBackend::Postgres,
            "CREATE TRIGGER budget_entries_line_status BEFORE INSERT ON budget_entries              FOR EACH ROW EXECUTE FUNCTION budget_entries_line_status()",
        )
        .await?;
        ddl::only(
            manager,
            DbBackend::Sqlite,
            &format!(
                "CREATE TRIGGER budget_entries_line_status BEFORE INSERT ON budget_entries WHEN {REFUSED}                  BEGIN SELECT RAISE(ABORT, 'budget_entries_line_status'); END"
            ),
        )
        .await?;
        ddl::append_only(manager, "budget_entries").await
    }
}
