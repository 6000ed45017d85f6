//! Money that left the cash desk, and its reversals: one payment a claim, one reversal a payment, for ever.

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
            CREATE TABLE payments (
                id {uuid} PRIMARY KEY,
                claim_id {uuid} REFERENCES expense_claims (id),
                advance_id {uuid},
                board_id {uuid} NOT NULL REFERENCES boards (id),
                amount bigint NOT NULL CONSTRAINT payments_amount_check CHECK (amount BETWEEN 1 AND 999999999999999),
                method text NOT NULL CONSTRAINT payments_method_check CHECK (method IN ('cash', 'transfer')),
                paid_on {date} NOT NULL,
                voucher_number text NOT NULL,
                voucher_key text NOT NULL UNIQUE,
                reverses_id {uuid} UNIQUE REFERENCES payments (id),
                reason text,
                paid_by_id {uuid} NOT NULL REFERENCES staff (id),
                approved_by_id {uuid} NOT NULL REFERENCES staff (id),
                created_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT payments_four_eyes_check CHECK (paid_by_id <> approved_by_id),
                CONSTRAINT payments_subject_check CHECK ((claim_id IS NULL) <> (advance_id IS NULL)),
                CONSTRAINT payments_reversal_check CHECK (reverses_id IS NULL OR reason IS NOT NULL)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE UNIQUE INDEX payments_claim_id_key ON payments (claim_id) WHERE reverses_id IS NULL",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX payments_by_board ON payments (board_id, paid_on, id)").await?;
        ddl::table(manager, "CREATE INDEX payments_by_day ON payments (paid_on, id)").await?;
        ddl::append_only(manager, "payments").await
    }
}
