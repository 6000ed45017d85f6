//! How much fuel a car may use, dated.

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
            CREATE TABLE fuel_norms (
                id {uuid} PRIMARY KEY,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                litres_per_100_km_hundredths bigint NOT NULL CONSTRAINT fuel_norms_litres_check CHECK (litres_per_100_km_hundredths BETWEEN 0 AND 99999),
                mountain_percent_hundredths bigint NOT NULL CONSTRAINT fuel_norms_mountain_check CHECK (mountain_percent_hundredths BETWEEN 0 AND 99999),
                air_conditioning_percent_hundredths bigint NOT NULL CONSTRAINT fuel_norms_air_conditioning_check CHECK (air_conditioning_percent_hundredths BETWEEN 0 AND 99999),
                idling_litres_per_hour_hundredths bigint NOT NULL CONSTRAINT fuel_norms_idling_check CHECK (idling_litres_per_hour_hundredths BETWEEN 0 AND 99999),
                valid_from {date} NOT NULL,
                valid_to {date},
                document_number text NOT NULL,
                issuer text NOT NULL,
                verification text NOT NULL CONSTRAINT fuel_norms_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                version bigint NOT NULL CONSTRAINT fuel_norms_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT fuel_norms_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "fuel_norms",
                name: "fuel_norms_no_overlap",
                keys: &["vehicle_id"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await
    }
}
