//! The programme of a reception, leg by leg.

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
            CREATE TABLE reception_legs (
                id {uuid} PRIMARY KEY,
                conference_id {uuid} NOT NULL REFERENCES receptions (conference_id),
                position bigint NOT NULL CONSTRAINT reception_legs_position_check CHECK (position >= 0),
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                place text NOT NULL,
                activity text NOT NULL,
                CONSTRAINT reception_legs_period_check CHECK (ends_at > starts_at),
                UNIQUE (conference_id, position)
            )
            ",
        )
        .await
    }
}
