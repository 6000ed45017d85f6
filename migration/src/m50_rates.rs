//! The rows of all rate tables, dated. What a row is about within its table stands in `row_key`, so that the
//! database itself keeps two rows about the same from overlapping.

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
            CREATE TABLE rates (
                id {uuid} PRIMARY KEY,
                rate_table_id {uuid} NOT NULL REFERENCES rate_tables (id),
                row_key text NOT NULL,
                kind text NOT NULL,
                applies_to text,
                code text,
                name text,
                name_en text,
                traveller_class text,
                place_class text,
                coefficient_from_hundredths bigint CONSTRAINT rates_coefficient_from_check CHECK (coefficient_from_hundredths BETWEEN 0 AND 999),
                coefficient_to_hundredths bigint CONSTRAINT rates_coefficient_to_check CHECK (coefficient_to_hundredths BETWEEN 0 AND 999),
                min_hours_hundredths bigint CONSTRAINT rates_min_hours_check CHECK (min_hours_hundredths BETWEEN 0 AND 2400),
                min_one_way_km_hundredths bigint CONSTRAINT rates_min_one_way_km_check CHECK (min_one_way_km_hundredths BETWEEN 0 AND 9999999),
                litres_per_km_hundredths bigint CONSTRAINT rates_litres_per_km_check CHECK (litres_per_km_hundredths BETWEEN 1 AND 999),
                percent_hundredths bigint CONSTRAINT rates_percent_check CHECK (percent_hundredths BETWEEN 0 AND 99999),
                min_travel_days bigint CONSTRAINT rates_min_travel_days_check CHECK (min_travel_days BETWEEN 0 AND 31),
                standard_occupants bigint CONSTRAINT rates_standard_occupants_check CHECK (standard_occupants BETWEEN 1 AND 10),
                unit text,
                amount_kind text CONSTRAINT rates_amount_kind_check CHECK (amount_kind IN ('fixed', 'up_to', 'forbidden')),
                amount bigint CONSTRAINT rates_amount_check CHECK (amount BETWEEN 0 AND 999999999999999),
                value text,
                article text,
                valid_from {date} NOT NULL,
                valid_to {date},
                verification text NOT NULL CONSTRAINT rates_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                verification_basis text,
                inferred boolean NOT NULL,
                note text,
                last_used_on {date},
                version bigint NOT NULL CONSTRAINT rates_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT rates_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from),
                CONSTRAINT rates_use_check CHECK (last_used_on IS NULL OR valid_to IS NULL OR valid_to >= last_used_on)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "rates",
                name: "rates_no_overlap",
                keys: &["rate_table_id", "row_key"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await?;
        ddl::table(manager, "CREATE INDEX rates_by_table ON rates (rate_table_id, valid_from, id)").await?;
        ddl::table(
            manager,
            "CREATE INDEX rates_by_table_and_kind ON rates (rate_table_id, kind, valid_from, id)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX rates_by_kind ON rates (kind, valid_from)").await
    }
}
