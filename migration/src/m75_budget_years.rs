//! Years of the budget: while a year is open, its lines are planned, activated and changed; a frozen one takes nothing
//! new; a closed one takes nothing at all.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

/// Lines are made and activated in an open year only. The lock on PostgreSQL lets no freeze pass in between.
const LINE_NEEDS_OPEN_YEAR: &str = "budget_lines_year_open";

/// A frozen year has no active line, a closed one has closed lines only.
const YEAR_LEADS_ITS_LINES: &str = "budget_years_lines";

const LEFT_BEHIND: &str = "(NEW.status = 'frozen' AND EXISTS (SELECT 1 FROM budget_lines l WHERE l.year = NEW.year AND l.status = 'active')) \
    OR (NEW.status = 'closed' AND EXISTS (SELECT 1 FROM budget_lines l WHERE l.year = NEW.year AND l.status <> 'closed'))";

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
            CREATE TABLE budget_years (
                id {uuid} PRIMARY KEY,
                year bigint NOT NULL UNIQUE CONSTRAINT budget_years_year_check CHECK (year BETWEEN 2000 AND 2100),
                status text NOT NULL CONSTRAINT budget_years_status_check CHECK (status IN ('open', 'frozen', 'closed')),
                frozen_at {time},
                frozen_by_id {uuid} REFERENCES staff (id),
                carried_forward_at {time},
                carried_forward_by_id {uuid} REFERENCES staff (id),
                closed_at {time},
                closed_by_id {uuid} REFERENCES staff (id),
                version bigint NOT NULL CONSTRAINT budget_years_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT budget_years_frozen_check CHECK ((status = 'open') = (frozen_at IS NULL)),
                CONSTRAINT budget_years_closed_check CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
                CONSTRAINT budget_years_freezer_is_not_closer_check CHECK (frozen_by_id <> closed_by_id),
                CONSTRAINT budget_years_carrier_is_not_closer_check CHECK (carried_forward_by_id <> closed_by_id)
            )
            ",
        )
        .await?;
        guard(manager).await
    }
}

async fn guard(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let refuse = |name: &str| {
        format!(
            "RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', MESSAGE = '{name}'; END IF; RETURN NEW; END $$"
        )
    };
    let on_postgres = [
        format!(
            "CREATE FUNCTION {LINE_NEEDS_OPEN_YEAR}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF TG_OP = 'UPDATE' THEN IF NEW.status <> 'active' OR OLD.status = 'active' THEN RETURN NEW; END IF; END IF; \
             PERFORM 1 FROM budget_years y WHERE y.year = NEW.year AND y.status = 'open' FOR SHARE; \
             IF NOT FOUND THEN {}",
            refuse(LINE_NEEDS_OPEN_YEAR)
        ),
        format!(
            "CREATE TRIGGER {LINE_NEEDS_OPEN_YEAR} BEFORE INSERT OR UPDATE OF status ON budget_lines \
             FOR EACH ROW EXECUTE FUNCTION {LINE_NEEDS_OPEN_YEAR}()"
        ),
        format!(
            "CREATE FUNCTION {YEAR_LEADS_ITS_LINES}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {LEFT_BEHIND} THEN {}",
            refuse(YEAR_LEADS_ITS_LINES)
        ),
        format!(
            "CREATE TRIGGER {YEAR_LEADS_ITS_LINES} BEFORE UPDATE OF status ON budget_years \
             FOR EACH ROW EXECUTE FUNCTION {YEAR_LEADS_ITS_LINES}()"
        ),
    ];
    let no_open_year =
        "NOT EXISTS (SELECT 1 FROM budget_years y WHERE y.year = NEW.year AND y.status = 'open')";
    let abort = |name: &str| format!("BEGIN SELECT RAISE(ABORT, '{name}'); END");
    let on_sqlite = [
        format!(
            "CREATE TRIGGER {LINE_NEEDS_OPEN_YEAR}_on_insert BEFORE INSERT ON budget_lines WHEN {no_open_year} {}",
            abort(LINE_NEEDS_OPEN_YEAR)
        ),
        format!(
            "CREATE TRIGGER {LINE_NEEDS_OPEN_YEAR}_on_update BEFORE UPDATE OF status ON budget_lines \
             WHEN NEW.status = 'active' AND OLD.status <> 'active' AND {no_open_year} {}",
            abort(LINE_NEEDS_OPEN_YEAR)
        ),
        format!(
            "CREATE TRIGGER {YEAR_LEADS_ITS_LINES} BEFORE UPDATE OF status ON budget_years WHEN {LEFT_BEHIND} {}",
            abort(YEAR_LEADS_ITS_LINES)
        ),
    ];
    for statement in on_postgres {
        ddl::only(manager, DbBackend::Postgres, &statement).await?;
    }
    for statement in on_sqlite {
        ddl::only(manager, DbBackend::Sqlite, &statement).await?;
    }
    Ok(())
}
