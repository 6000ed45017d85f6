//! What the rules allow for a line of a claim, as it was when the line was written; and until when a travel claim is
//! to be submitted. What is allowed never exceeds the norm, whoever writes it.

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
        for statement in [
            "ALTER TABLE expense_claim_lines ADD COLUMN norm_amount bigint CONSTRAINT expense_claim_lines_norm_check CHECK (norm_amount >= 0 AND (allowed_amount IS NULL OR allowed_amount <= norm_amount))",
            "ALTER TABLE expense_claim_lines ADD COLUMN norm {json}",
            "ALTER TABLE expense_claims ADD COLUMN deadline_on {date}",
            "ALTER TABLE expense_claims ADD COLUMN submitted_on {date}",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
