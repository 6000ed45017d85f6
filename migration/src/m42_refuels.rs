//! Refuels: fuel that was bought for a car, each with its invoice.

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
            CREATE TABLE refuels (
                id {uuid} PRIMARY KEY,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                trip_id {uuid} REFERENCES trips (id),
                refuelled_at {time} NOT NULL,
                odometer_km bigint NOT NULL CONSTRAINT refuels_odometer_check CHECK (odometer_km BETWEEN 0 AND 9999999),
                fuel_type text NOT NULL CONSTRAINT refuels_fuel_type_check CHECK (fuel_type IN ('petrol', 'diesel')),
                litres_hundredths bigint NOT NULL CONSTRAINT refuels_litres_check CHECK (litres_hundredths BETWEEN 1 AND 999999),
                unit_price bigint NOT NULL CONSTRAINT refuels_unit_price_check CHECK (unit_price BETWEEN 1 AND 1000000),
                amount bigint NOT NULL CONSTRAINT refuels_amount_check CHECK (amount BETWEEN 1 AND 999999999999999),
                invoice_seller_tax_code text NOT NULL,
                invoice_number text NOT NULL,
                invoice_issued_on {date} NOT NULL,
                invoice_key text NOT NULL UNIQUE,
                version bigint NOT NULL CONSTRAINT refuels_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid}
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX refuels_by_time ON refuels (refuelled_at, id)").await?;
        ddl::table(manager, "CREATE INDEX refuels_by_vehicle ON refuels (vehicle_id, refuelled_at, id)")
            .await?;
        ddl::table(manager, "CREATE INDEX refuels_by_trip ON refuels (trip_id)").await
    }
}
