//! Tasks of a conference. The lead is not null: there is exactly one at every moment.

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
            CREATE TABLE conference_tasks (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                conference_id {uuid} NOT NULL REFERENCES conferences (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                title text NOT NULL,
                deliverable text NOT NULL,
                lead_board_id {uuid} NOT NULL REFERENCES boards (id),
                lead_id {uuid} NOT NULL REFERENCES staff (id),
                checker_id {uuid} NOT NULL REFERENCES staff (id),
                accept_by {time} NOT NULL,
                due_at {time} NOT NULL,
                status text NOT NULL CONSTRAINT conference_tasks_status_check CHECK (status IN ('assigned', 'in_progress', 'in_review', 'done', 'objected', 'cancelled')),
                waiting_since {time} NOT NULL,
                assigned_at {time} NOT NULL,
                escalated_at {time},
                objection_count bigint NOT NULL CONSTRAINT conference_tasks_objections_check CHECK (objection_count >= 0),
                blocked_by_obstacle_id {uuid},
                result text,
                evidence text,
                decision_reason text,
                done_at {time},
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT conference_tasks_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT conference_tasks_checker_check CHECK (checker_id <> lead_id)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX conference_tasks_by_conference ON conference_tasks (conference_id, due_at, id)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX conference_tasks_by_due ON conference_tasks (due_at, id)").await?;
        ddl::table(
            manager,
            "CREATE INDEX conference_tasks_by_lead_board ON conference_tasks (lead_board_id, due_at, id)",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX conference_tasks_by_lead ON conference_tasks (lead_id, due_at, id)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX conference_tasks_silent ON conference_tasks (accept_by) WHERE status = 'assigned' AND escalated_at IS NULL").await
    }
}
