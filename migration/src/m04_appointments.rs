//! Dated positions of staff; the allowance coefficient is kept in hundredths.

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
            CREATE TABLE appointments (
                id {uuid} PRIMARY KEY,
                staff_id {uuid} NOT NULL REFERENCES staff (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                division text,
                position text NOT NULL,
                title text,
                coefficient_hundredths bigint NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                decision_number text,
                CONSTRAINT appointments_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from),
                CONSTRAINT appointments_coefficient_check CHECK (coefficient_hundredths BETWEEN 0 AND 999)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX appointments_by_staff ON appointments (staff_id, valid_from)")
            .await?;
        ddl::table(manager, "CREATE INDEX appointments_by_board ON appointments (board_id, valid_from)").await
    }
}
