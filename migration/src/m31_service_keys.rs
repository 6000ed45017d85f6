//! Keys of service accounts. The key itself is nowhere: only its digest and its beginning.

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
            CREATE TABLE service_keys (
                id {uuid} PRIMARY KEY,
                account_id {uuid} NOT NULL REFERENCES service_accounts (id),
                digest text NOT NULL,
                prefix text NOT NULL,
                expires_at {time} NOT NULL,
                revoked_at {time},
                created_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT service_keys_digest_key UNIQUE (digest),
                CONSTRAINT service_keys_expiry_check CHECK (expires_at > created_at)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX service_keys_by_account ON service_keys (account_id, created_at)")
            .await
    }
}
