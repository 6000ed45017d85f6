//! What the accountant found missing when a claim was returned, all of it at once.

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
            CREATE TABLE expense_claim_gaps (
                id {uuid} PRIMARY KEY,
                claim_id {uuid} NOT NULL REFERENCES expense_claims (id) ON DELETE CASCADE,
                line_position bigint,
                code text NOT NULL,
                detail text NOT NULL,
                found_at {time} NOT NULL,
                found_by_id {uuid} NOT NULL REFERENCES staff (id)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX expense_claim_gaps_by_claim ON expense_claim_gaps (claim_id, found_at)",
        )
        .await
    }
}
