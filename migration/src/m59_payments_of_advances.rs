//! Payments of advances and refunds of their rest, beside the payments of claims; and what an advance covered of a
//! claim. SQLite cannot change the checks of a table, so it gets a new one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What a payment speaks of, by its kind.
const SUBJECT: &str = "CONSTRAINT payments_subject_check CHECK (
    (kind = 'claim' AND claim_id IS NOT NULL AND amount + set_off_amount >= 1 AND (set_off_amount > 0) = (advance_id IS NOT NULL))
    OR (kind = 'advance' AND claim_id IS NULL AND advance_id IS NOT NULL AND amount >= 1 AND set_off_amount = 0)
    OR (kind = 'refund' AND advance_id IS NOT NULL AND amount >= 1 AND set_off_amount = 0))";
const KIND: &str = "CONSTRAINT payments_kind_check CHECK (kind IN ('claim', 'advance', 'refund'))";
const AMOUNT: &str = "CONSTRAINT payments_amount_check CHECK (amount BETWEEN 0 AND 999999999999999)";
const SET_OFF: &str =
    "CONSTRAINT payments_set_off_check CHECK (set_off_amount BETWEEN 0 AND 999999999999999)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite runs a migration outside a transaction unless it asks for one.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            alter(manager).await?;
        } else {
            rebuild(manager).await?;
        }
        for index in [
            "CREATE UNIQUE INDEX payments_claim_id_key ON payments (claim_id) WHERE reverses_id IS NULL AND kind = 'claim'",
            "CREATE UNIQUE INDEX payments_advance_id_key ON payments (advance_id) WHERE reverses_id IS NULL AND kind = 'advance'",
            "CREATE INDEX payments_by_advance ON payments (advance_id, paid_on, id)",
            "CREATE INDEX payments_by_claim ON payments (claim_id, paid_on, id)",
        ] {
            ddl::table(manager, index).await?;
        }
        Ok(())
    }
}

async fn alter(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements = [
        "DROP INDEX payments_claim_id_key".to_owned(),
        "ALTER TABLE payments DROP CONSTRAINT payments_subject_check, DROP CONSTRAINT payments_amount_check".to_owned(),
        format!("ALTER TABLE payments ADD COLUMN kind text NOT NULL DEFAULT 'claim' {KIND}"),
        format!("ALTER TABLE payments ADD COLUMN set_off_amount bigint NOT NULL DEFAULT 0 {SET_OFF}"),
        "ALTER TABLE payments ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN set_off_amount DROP DEFAULT".to_owned(),
        format!("ALTER TABLE payments ADD {AMOUNT}, ADD {SUBJECT}"),
        "ALTER TABLE payments ADD CONSTRAINT payments_advance_id_fkey FOREIGN KEY (advance_id) REFERENCES advances (id)".to_owned(),
    ];
    for statement in statements {
        ddl::table(manager, &statement).await?;
    }
    Ok(())
}

async fn rebuild(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = format!(
        "
        CREATE TABLE payments_anew (
            id {{uuid}} PRIMARY KEY,
            kind text NOT NULL {KIND},
            claim_id {{uuid}} REFERENCES expense_claims (id),
            advance_id {{uuid}} REFERENCES advances (id),
            board_id {{uuid}} NOT NULL REFERENCES boards (id),
            amount bigint NOT NULL {AMOUNT},
            set_off_amount bigint NOT NULL {SET_OFF},
            method text NOT NULL CONSTRAINT payments_method_check CHECK (method IN ('cash', 'transfer')),
            paid_on {{date}} NOT NULL,
            voucher_number text NOT NULL,
            voucher_key text NOT NULL UNIQUE,
            reverses_id {{uuid}} UNIQUE REFERENCES payments_anew (id),
            reason text,
            paid_by_id {{uuid}} NOT NULL REFERENCES staff (id),
            approved_by_id {{uuid}} NOT NULL REFERENCES staff (id),
            created_at {{time}} NOT NULL,
            created_by_id {{uuid}},
            CONSTRAINT payments_four_eyes_check CHECK (paid_by_id <> approved_by_id),
            {SUBJECT},
            CONSTRAINT payments_reversal_check CHECK (reverses_id IS NULL OR reason IS NOT NULL)
        )
        "
    );
    ddl::table(manager, &create).await?;
    for statement in [
        "INSERT INTO payments_anew (id, kind, claim_id, advance_id, board_id, amount, set_off_amount, method, paid_on, voucher_number, voucher_key, reverses_id, reason, paid_by_id, approved_by_id, created_at, created_by_id)
         SELECT id, 'claim', claim_id, advance_id, board_id, amount, 0, method, paid_on, voucher_number, voucher_key, reverses_id, reason, paid_by_id, approved_by_id, created_at, created_by_id FROM payments",
        "DROP TABLE payments",
        "ALTER TABLE payments_anew RENAME TO payments",
        "CREATE INDEX payments_by_board ON payments (board_id, paid_on, id)",
        "CREATE INDEX payments_by_day ON payments (paid_on, id)",
    ] {
        ddl::table(manager, statement).await?;
    }
    ddl::append_only(manager, "payments").await
}
