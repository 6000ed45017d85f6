//! Which role a user has, where and from when to when.

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
            CREATE TABLE user_roles (
                id {uuid} PRIMARY KEY,
                user_id {uuid} NOT NULL REFERENCES users (id),
                role text NOT NULL,
                board_id {uuid} REFERENCES boards (id),
                valid_from {date} NOT NULL,
                valid_to {date},
                decision_number text,
                CONSTRAINT user_roles_scope_check CHECK ((role IN ('board_head', 'requester')) = (board_id IS NOT NULL)),
                CONSTRAINT user_roles_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX user_roles_by_user ON user_roles (user_id)").await?;
        ddl::table(manager, "CREATE INDEX user_roles_by_board ON user_roles (board_id, role)").await
    }
}
