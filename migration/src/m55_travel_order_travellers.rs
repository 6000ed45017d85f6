//! Who travels by an order. `away` is set while the order takes the traveller's time, from its submission on; nobody
//! is away for two orders at once.

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
            CREATE TABLE travel_order_travellers (
                id {uuid} PRIMARY KEY,
                order_id {uuid} NOT NULL REFERENCES travel_orders (id) ON DELETE CASCADE,
                position bigint NOT NULL,
                staff_id {uuid} NOT NULL REFERENCES staff (id),
                coefficient_hundredths bigint CONSTRAINT travel_order_travellers_coefficient_check CHECK (coefficient_hundredths BETWEEN 0 AND 999),
                private_dates {json} NOT NULL,
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                away boolean NOT NULL,
                CONSTRAINT travel_order_travellers_period_check CHECK (ends_at > starts_at),
                UNIQUE (order_id, position),
                UNIQUE (order_id, staff_id)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "travel_order_travellers",
                name: "travel_order_travellers_no_overlap",
                keys: &["staff_id"],
                from: "starts_at",
                to: "ends_at",
                period: ddl::Period::Instants,
                only_if: Some("{row}.away"),
            },
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX travel_order_travellers_by_staff ON travel_order_travellers (staff_id, ends_at)",
        )
        .await
    }
}
