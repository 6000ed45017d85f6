//! The refuel behind a line of a claim. `live_refuel_id` is filled while the claim is alive, so that a refuel is
//! claimed once.

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
            "ALTER TABLE expense_claim_lines ADD COLUMN refuel_id {uuid} REFERENCES refuels (id)",
        )
        .await?;
        ddl::table(
            manager,
            "ALTER TABLE expense_claim_lines ADD COLUMN live_refuel_id {uuid} CONSTRAINT expense_claim_lines_live_refuel_check CHECK (live_refuel_id = refuel_id)",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE UNIQUE INDEX expense_claim_lines_live_refuel_id_key ON expense_claim_lines (live_refuel_id)",
        )
        .await
    }
}
