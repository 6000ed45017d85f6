//! Hand-overs of tasks: who wanted to pass a task on to whom, why, and what became of it. One is pending at a time.

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
            CREATE TABLE task_hand_overs (
                id {uuid} PRIMARY KEY,
                task_id {uuid} NOT NULL REFERENCES conference_tasks (id) ON DELETE CASCADE,
                from_staff_id {uuid} NOT NULL REFERENCES staff (id),
                from_board_id {uuid} NOT NULL REFERENCES boards (id),
                to_staff_id {uuid} NOT NULL REFERENCES staff (id),
                to_board_id {uuid} NOT NULL REFERENCES boards (id),
                reason text NOT NULL,
                requested_at {time} NOT NULL,
                late boolean NOT NULL,
                accepted_at {time},
                outcome text CONSTRAINT task_hand_overs_outcome_check CHECK (outcome IN ('approved', 'declined', 'refused', 'withdrawn', 'lapsed', 'departure')),
                decided_by_id {uuid} REFERENCES staff (id),
                decided_at {time},
                decision_reason text,
                CONSTRAINT task_hand_overs_people_check CHECK (from_staff_id <> to_staff_id),
                CONSTRAINT task_hand_overs_decided_check CHECK ((outcome IS NULL) = (decided_at IS NULL)),
                CONSTRAINT task_hand_overs_accepted_check CHECK (outcome <> 'approved' OR accepted_at IS NOT NULL),
                CONSTRAINT task_hand_overs_four_eyes_check CHECK (outcome <> 'approved' OR (decided_by_id IS NOT NULL AND decided_by_id <> from_staff_id AND decided_by_id <> to_staff_id))
            )
            ",
        )
        .await?;
        for statement in [
            "CREATE UNIQUE INDEX task_hand_overs_task_id_key ON task_hand_overs (task_id) WHERE outcome IS NULL",
            "CREATE INDEX task_hand_overs_by_task ON task_hand_overs (task_id, requested_at)",
            "CREATE INDEX task_hand_overs_by_receiver ON task_hand_overs (to_staff_id) WHERE outcome IS NULL",
            "CREATE INDEX task_hand_overs_by_request ON task_hand_overs (requested_at)",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
