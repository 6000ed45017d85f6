//! Which budget lines bear a travel order, as its accountant checked the funds: one row a line, replaced by each check.

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
            CREATE TABLE travel_order_funds (
                id {uuid} PRIMARY KEY,
                order_id {uuid} NOT NULL REFERENCES travel_orders (id),
                budget_line_id {uuid} NOT NULL REFERENCES budget_lines (id),
                amount bigint NOT NULL CONSTRAINT travel_order_funds_amount_check CHECK (amount BETWEEN 1 AND 999999999999999),
                UNIQUE (order_id, budget_line_id)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX travel_order_funds_by_line ON travel_order_funds (budget_line_id)")
            .await?;
        ddl::table(manager, "ALTER TABLE travel_orders ADD COLUMN funds_reason text").await
    }
}
