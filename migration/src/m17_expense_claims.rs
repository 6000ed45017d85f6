//! Expense claims. No one acts twice on one claim: the checks compare every pair of hands.

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
            CREATE TABLE expense_claims (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                kind text NOT NULL CONSTRAINT expense_claims_kind_check CHECK (kind IN ('travel', 'fuel', 'reception', 'conference', 'other')),
                claimant_id {uuid} NOT NULL REFERENCES staff (id),
                purpose text NOT NULL,
                travel_order_id {uuid},
                status text NOT NULL CONSTRAINT expense_claims_status_check CHECK (status IN ('draft', 'submitted', 'confirmed', 'verified', 'approved', 'paid', 'returned', 'rejected', 'withdrawn', 'reversed')),
                waiting_since {time} NOT NULL,
                claimed_amount bigint NOT NULL CONSTRAINT expense_claims_claimed_amount_check CHECK (claimed_amount BETWEEN 0 AND 999999999999999),
                allowed_amount bigint CONSTRAINT expense_claims_allowed_amount_check CHECK (allowed_amount BETWEEN 0 AND 999999999999999),
                confirmed_by_id {uuid} REFERENCES staff (id),
                verified_by_id {uuid} REFERENCES staff (id),
                approved_by_id {uuid} REFERENCES staff (id),
                paid_by_id {uuid} REFERENCES staff (id),
                payment_id {uuid},
                reversal_asked_by_id {uuid} REFERENCES staff (id),
                reversal_reason text,
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT expense_claims_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT expense_claims_allowed_is_not_more_check CHECK (allowed_amount <= claimed_amount),
                CONSTRAINT expense_claims_claimant_is_not_confirmed_by_check CHECK (confirmed_by_id <> claimant_id),
                CONSTRAINT expense_claims_claimant_is_not_verified_by_check CHECK (verified_by_id <> claimant_id),
                CONSTRAINT expense_claims_claimant_is_not_approved_by_check CHECK (approved_by_id <> claimant_id),
                CONSTRAINT expense_claims_claimant_is_not_paid_by_check CHECK (paid_by_id <> claimant_id),
                CONSTRAINT expense_claims_confirmed_by_is_not_verified_by_check CHECK (verified_by_id <> confirmed_by_id),
                CONSTRAINT expense_claims_confirmed_by_is_not_approved_by_check CHECK (approved_by_id <> confirmed_by_id),
                CONSTRAINT expense_claims_confirmed_by_is_not_paid_by_check CHECK (paid_by_id <> confirmed_by_id),
                CONSTRAINT expense_claims_verified_by_is_not_approved_by_check CHECK (approved_by_id <> verified_by_id),
                CONSTRAINT expense_claims_verified_by_is_not_paid_by_check CHECK (paid_by_id <> verified_by_id),
                CONSTRAINT expense_claims_approved_by_is_not_paid_by_check CHECK (paid_by_id <> approved_by_id)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX expense_claims_by_board ON expense_claims (board_id, created_at, id)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX expense_claims_by_creation ON expense_claims (created_at, id)")
            .await?;
        ddl::table(
            manager,
            "CREATE INDEX expense_claims_by_status ON expense_claims (status, created_at, id)",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX expense_claims_by_claimant ON expense_claims (claimant_id, created_at, id)",
        )
        .await
    }
}
