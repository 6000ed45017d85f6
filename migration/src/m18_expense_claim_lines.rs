//! Lines of a claim. The two keys are filled while the claim is alive, so that one invoice, and one person, day and kind of allowance, is claimed once.

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
            CREATE TABLE expense_claim_lines (
                id {uuid} PRIMARY KEY,
                claim_id {uuid} NOT NULL REFERENCES expense_claims (id) ON DELETE CASCADE,
                position bigint NOT NULL,
                kind text NOT NULL,
                incurred_on {date} NOT NULL,
                description text NOT NULL,
                claimed_amount bigint NOT NULL CONSTRAINT expense_claim_lines_claimed_check CHECK (claimed_amount BETWEEN 1 AND 999999999999999),
                allowed_amount bigint CONSTRAINT expense_claim_lines_allowed_check CHECK (allowed_amount BETWEEN 0 AND claimed_amount),
                cut_reason text,
                invoice_seller_tax_code text,
                invoice_number text,
                invoice_issued_on {date},
                live_invoice_key text UNIQUE,
                live_person_day_key text UNIQUE,
                CONSTRAINT expense_claim_lines_cut_check CHECK (allowed_amount IS NULL OR allowed_amount = claimed_amount OR cut_reason IS NOT NULL),
                CONSTRAINT expense_claim_lines_invoice_check CHECK ((invoice_number IS NULL) = (invoice_seller_tax_code IS NULL) AND (invoice_number IS NULL) = (invoice_issued_on IS NULL)),
                UNIQUE (claim_id, position)
            )
            ",
        )
        .await
    }
}
