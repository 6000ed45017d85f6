//! Logins of scripts: each belongs to a user and may do a part of what that user may.

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
            CREATE TABLE service_accounts (
                id {uuid} PRIMARY KEY,
                name text NOT NULL,
                owner_id {uuid} NOT NULL REFERENCES users (id),
                scopes {json} NOT NULL,
                board_ids {json},
                active boolean NOT NULL,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT service_accounts_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT service_accounts_name_key UNIQUE (name)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX service_accounts_by_owner ON service_accounts (owner_id)").await
    }
}
