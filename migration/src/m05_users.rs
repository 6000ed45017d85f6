//! Logins. A login may belong to a member of staff, and no member of staff has two.

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
            CREATE TABLE users (
                id {uuid} PRIMARY KEY,
                username text NOT NULL UNIQUE,
                password_hash text NOT NULL,
                staff_id {uuid} UNIQUE REFERENCES staff (id),
                active boolean NOT NULL,
                version bigint NOT NULL CONSTRAINT users_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid}
            )
            ",
        )
        .await
    }
}
