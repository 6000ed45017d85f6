//! The classes of driving licences and how large a car each of them allows: data, since the law changes them.

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
            CREATE TABLE licence_classes (
                code text PRIMARY KEY,
                max_seats bigint NOT NULL CONSTRAINT licence_classes_seats_check CHECK (max_seats BETWEEN 1 AND 60),
                verification text NOT NULL CONSTRAINT licence_classes_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo'))
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "INSERT INTO licence_classes (code, max_seats, verification) \
             VALUES ('b2', 9, 'unverified'), ('c', 9, 'unverified'), ('d', 30, 'unverified')",
        )
        .await
    }
}
