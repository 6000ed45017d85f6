//! The cars of the office.

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
            CREATE TABLE vehicles (
                id {uuid} PRIMARY KEY,
                plate text NOT NULL UNIQUE,
                name text NOT NULL,
                kind text NOT NULL CONSTRAINT vehicles_kind_check CHECK (kind IN ('title_car', 'pool_car', 'special_car')),
                seats bigint NOT NULL CONSTRAINT vehicles_seats_check CHECK (seats BETWEEN 1 AND 60),
                fuel_type text NOT NULL CONSTRAINT vehicles_fuel_type_check CHECK (fuel_type IN ('petrol', 'diesel', 'electric')),
                odometer_km bigint NOT NULL CONSTRAINT vehicles_odometer_check CHECK (odometer_km >= 0),
                title_holder_id {uuid} REFERENCES staff (id),
                retired_on {date},
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT vehicles_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid}
            )
            ",
        )
        .await
    }
}
