//! Imports of a year's appropriations: one file brings many budget lines, and the same bytes count once for a year.

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
            CREATE TABLE budget_imports (
                id {uuid} PRIMARY KEY,
                year bigint NOT NULL CONSTRAINT budget_imports_year_check CHECK (year BETWEEN 2000 AND 2100),
                sha256 text NOT NULL CONSTRAINT budget_imports_sha256_check CHECK (length(sha256) = 64),
                file_name text NOT NULL,
                size_bytes bigint NOT NULL CONSTRAINT budget_imports_size_check CHECK (size_bytes > 0),
                row_count bigint NOT NULL CONSTRAINT budget_imports_row_count_check CHECK (row_count > 0),
                total_amount bigint NOT NULL CONSTRAINT budget_imports_total_check CHECK (total_amount BETWEEN 0 AND 999999999999999),
                status text NOT NULL CONSTRAINT budget_imports_status_check CHECK (status IN ('planned', 'active')),
                imported_by_id {uuid} NOT NULL REFERENCES staff (id),
                activated_by_id {uuid} REFERENCES staff (id),
                version bigint NOT NULL CONSTRAINT budget_imports_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT budget_imports_activated_check CHECK ((status = 'active') = (activated_by_id IS NOT NULL)),
                CONSTRAINT budget_imports_four_eyes_check CHECK (activated_by_id <> imported_by_id),
                UNIQUE (year, sha256)
            )
            ",
        )
        .await?;
        for statement in [
            "CREATE INDEX budget_imports_by_creation ON budget_imports (created_at, id)",
            "ALTER TABLE budget_lines ADD COLUMN import_id {uuid} CONSTRAINT budget_lines_import_id_fkey REFERENCES budget_imports (id)",
            "CREATE INDEX budget_lines_by_import ON budget_lines (import_id, id)",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
