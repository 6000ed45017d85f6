//! One login on one device: a family of refresh tokens.

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
            CREATE TABLE sessions (
                id {uuid} PRIMARY KEY,
                user_id {uuid} NOT NULL REFERENCES users (id),
                counter bigint NOT NULL,
                created_at {time} NOT NULL,
                rotated_at {time} NOT NULL,
                expires_at {time} NOT NULL,
                ended_at {time},
                end_reason text,
                CONSTRAINT sessions_counter_check CHECK (counter > 0)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX sessions_by_user ON sessions (user_id)").await
    }
}
