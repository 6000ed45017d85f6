//! What a litre of fuel costs, dated.

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
            CREATE TABLE fuel_prices (
                id {uuid} PRIMARY KEY,
                fuel_type text NOT NULL CONSTRAINT fuel_prices_fuel_type_check CHECK (fuel_type IN ('petrol', 'diesel')),
                unit_price bigint NOT NULL CONSTRAINT fuel_prices_unit_price_check CHECK (unit_price BETWEEN 1 AND 1000000),
                valid_from {date} NOT NULL,
                valid_to {date},
                document_number text,
                issuer text NOT NULL,
                verification text NOT NULL CONSTRAINT fuel_prices_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                version bigint NOT NULL CONSTRAINT fuel_prices_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT fuel_prices_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "fuel_prices",
                name: "fuel_prices_no_overlap",
                keys: &["fuel_type"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await
    }
}
