//! Which money bears a claim: its source, and for each line the sub-item and the budget line that the accountant
//! booked it on.

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
            "ALTER TABLE expense_claims ADD COLUMN funding_source text CONSTRAINT expense_claims_funding_source_check CHECK (funding_source IN ('autonomous', 'non_autonomous'))",
            "ALTER TABLE expense_claim_lines ADD COLUMN sub_item text",
            "ALTER TABLE expense_claim_lines ADD COLUMN sub_item_reason text",
            "ALTER TABLE expense_claim_lines ADD COLUMN budget_line_id {uuid} REFERENCES budget_lines (id)",
            "CREATE INDEX expense_claim_lines_by_departure ON expense_claim_lines (claim_id) WHERE sub_item_reason IS NOT NULL",
            "CREATE INDEX expense_claim_lines_by_budget_line ON expense_claim_lines (budget_line_id)",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
