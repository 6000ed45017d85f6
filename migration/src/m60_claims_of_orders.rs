//! The travel order of a claim becomes a real reference, and nobody has two open claims of one order.

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
            // Nothing could be written here before there were orders, so nothing is lost.
            "ALTER TABLE expense_claims DROP COLUMN travel_order_id",
            "ALTER TABLE expense_claims ADD COLUMN travel_order_id {uuid} CONSTRAINT expense_claims_travel_order_id_fkey REFERENCES travel_orders (id) CONSTRAINT expense_claims_travel_order_check CHECK (travel_order_id IS NULL OR kind = 'travel')",
            "CREATE UNIQUE INDEX expense_claims_travel_order_id_claimant_id_key ON expense_claims (travel_order_id, claimant_id) WHERE status NOT IN ('rejected', 'withdrawn', 'reversed')",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
