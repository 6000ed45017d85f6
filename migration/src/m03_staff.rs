//! The people whom the office serves or employs.

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
            CREATE TABLE staff (
                id {uuid} PRIMARY KEY,
                employee_code text NOT NULL,
                employee_code_key text NOT NULL UNIQUE,
                full_name text NOT NULL,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT staff_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid}
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX staff_by_name ON staff (full_name, id)").await
    }
}
