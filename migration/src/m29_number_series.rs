//! The last number given out in a series and year; numbers have no gaps because the row is locked until the commit.

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
            CREATE TABLE number_series (
                series text NOT NULL,
                year bigint NOT NULL,
                last_number bigint NOT NULL,
                PRIMARY KEY (series, year)
            )
            ",
        )
        .await
    }
}
