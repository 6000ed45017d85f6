//! What people should know without being asked to act. Kinds are added with the service and have no check here: a
//! process of an older build leaves out the kinds that it does not know.

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
            CREATE TABLE notifications (
                id {uuid} PRIMARY KEY,
                staff_id {uuid} NOT NULL REFERENCES staff (id),
                kind text NOT NULL,
                resource_type text NOT NULL,
                resource_id {uuid} NOT NULL,
                board_id {uuid} REFERENCES boards (id),
                facts {json} NOT NULL,
                due_at {time},
                unique_key text NOT NULL,
                created_at {time} NOT NULL,
                read_at {time},
                CONSTRAINT notifications_staff_id_unique_key_key UNIQUE (staff_id, unique_key)
            )
            ",
        )
        .await?;
        // The list of a person, what reminders look for, and what may be forgotten.
        let indexes = [
            "CREATE INDEX notifications_of_person ON notifications (staff_id, created_at, id)",
            "CREATE INDEX notifications_of_record ON notifications (resource_id, kind)",
            "CREATE INDEX notifications_read ON notifications (read_at) WHERE read_at IS NOT NULL",
        ];
        for index in indexes {
            ddl::table(manager, index).await?;
        }
        Ok(())
    }
}
