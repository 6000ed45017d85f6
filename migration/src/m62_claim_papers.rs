//! The papers that lie in the file of a claim.

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
            CREATE TABLE expense_claim_papers (
                id {uuid} PRIMARY KEY,
                claim_id {uuid} NOT NULL REFERENCES expense_claims (id) ON DELETE CASCADE,
                position bigint NOT NULL,
                kind text NOT NULL CONSTRAINT expense_claim_papers_kind_check CHECK (kind IN ('travel_permit', 'ticket', 'boarding_pass', 'invoice', 'other')),
                line_position bigint,
                stamped boolean,
                CONSTRAINT expense_claim_papers_stamped_check CHECK (stamped IS NULL OR kind = 'travel_permit'),
                UNIQUE (claim_id, position)
            )
            ",
        )
        .await
    }
}
