//! The fuel of a car in a month.

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
            CREATE TABLE fuel_statements (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                month {date} NOT NULL,
                opening_tank_hundredths bigint NOT NULL CONSTRAINT fuel_statements_opening_check CHECK (opening_tank_hundredths BETWEEN 0 AND 99999),
                closing_tank_hundredths bigint CONSTRAINT fuel_statements_closing_check CHECK (closing_tank_hundredths BETWEEN 0 AND 99999),
                explanation text,
                status text NOT NULL CONSTRAINT fuel_statements_status_check CHECK (status IN ('draft', 'closed')),
                waiting_since {time} NOT NULL,
                figures {json},
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT fuel_statements_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                UNIQUE (vehicle_id, month),
                CONSTRAINT fuel_statements_closed_check CHECK (status = 'draft' OR (figures IS NOT NULL AND closing_tank_hundredths IS NOT NULL))
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX fuel_statements_by_month ON fuel_statements (month, id)").await
    }
}
