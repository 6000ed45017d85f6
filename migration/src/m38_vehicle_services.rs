//! What was done to a car in the workshop, and when it is to be done again.

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
            CREATE TABLE vehicle_services (
                id {uuid} PRIMARY KEY,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                kind text NOT NULL,
                done_on {date} NOT NULL,
                odometer_km bigint NOT NULL CONSTRAINT vehicle_services_odometer_check CHECK (odometer_km >= 0),
                cost_amount bigint CONSTRAINT vehicle_services_cost_check CHECK (cost_amount BETWEEN 0 AND 999999999999999),
                workshop text,
                note text,
                next_due_on {date},
                next_due_km bigint,
                version bigint NOT NULL CONSTRAINT vehicle_services_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT vehicle_services_next_day_check CHECK (next_due_on IS NULL OR next_due_on > done_on),
                CONSTRAINT vehicle_services_next_km_check CHECK (next_due_km IS NULL OR next_due_km > odometer_km)
            )
            ",
        )
        .await?;
        // The latest service of each kind of a car is found without reading the others.
        ddl::table(
            manager,
            "CREATE INDEX vehicle_services_by_kind ON vehicle_services (vehicle_id, kind, done_on, id)",
        )
        .await
    }
}
