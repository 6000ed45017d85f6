//! Who consented to a measure on behalf of which board. A consent is not taken back, so the rows never change.

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
            CREATE TABLE measure_consents (
                id {uuid} PRIMARY KEY,
                measure_id {uuid} NOT NULL REFERENCES measures (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                consented_by_id {uuid} NOT NULL REFERENCES staff (id),
                consented_at {time} NOT NULL,
                in_place_of_head boolean NOT NULL,
                note text,
                UNIQUE (measure_id, board_id),
                CONSTRAINT measure_consents_note_check CHECK (note IS NOT NULL OR NOT in_place_of_head)
            )
            ",
        )
        .await?;
        for statement in ["CREATE INDEX measure_consents_by_board ON measure_consents (board_id, measure_id)"]
        {
            ddl::table(manager, statement).await?;
        }
        ddl::append_only(manager, "measure_consents").await
    }
}
