//! Regulations that set rates: a circular of the state or the office's own spending regulation.

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
            CREATE TABLE rate_tables (
                id {uuid} PRIMARY KEY,
                code text NOT NULL,
                code_key text NOT NULL CONSTRAINT rate_tables_code_key_key UNIQUE,
                document_number text NOT NULL,
                issuer text NOT NULL,
                title text NOT NULL,
                authority text NOT NULL CONSTRAINT rate_tables_authority_check CHECK (authority IN ('state', 'office')),
                signed_on {date},
                valid_from {date} NOT NULL,
                valid_to {date},
                scopes {json} NOT NULL,
                verification text NOT NULL CONSTRAINT rate_tables_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                verification_basis text,
                note text,
                version bigint NOT NULL CONSTRAINT rate_tables_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT rate_tables_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX rate_tables_by_start ON rate_tables (valid_from, id)").await
    }
}
