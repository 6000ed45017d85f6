//! The one place where time is taken: a car or a driver is never held twice at one moment.

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
            CREATE TABLE holds (
                id {uuid} PRIMARY KEY,
                resource_kind text NOT NULL CONSTRAINT holds_resource_kind_check CHECK (resource_kind IN ('vehicle', 'driver')),
                resource_id {uuid} NOT NULL,
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                held_by_kind text NOT NULL CONSTRAINT holds_held_by_kind_check CHECK (held_by_kind IN ('booking', 'trip', 'downtime', 'absence')),
                held_by_id {uuid} NOT NULL,
                board_id {uuid} REFERENCES boards (id),
                created_at {time} NOT NULL,
                CONSTRAINT holds_period_check CHECK (ends_at > starts_at),
                UNIQUE (held_by_id, resource_id)
            )
            ",
        )
        .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "holds",
                name: "holds_no_overlap",
                keys: &["resource_id"],
                from: "starts_at",
                to: "ends_at",
                period: ddl::Period::Instants,
                only_if: None,
            },
        )
        .await?;
        ddl::table(manager, "CREATE INDEX holds_by_resource ON holds (resource_id, ends_at)").await
    }
}
