//! What hinders the work, and which tasks of conferences it blocks. Until now a task had no obstacle to name: its column
//! was always null, so it gives way to one that refers to them.

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
            CREATE TABLE obstacles (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                title text NOT NULL,
                description text NOT NULL,
                area text NOT NULL,
                resource_type text CONSTRAINT obstacles_resource_type_check CHECK (resource_type IN ('expense_claim', 'travel_order', 'advance', 'vehicle_booking', 'trip', 'conference', 'conference_task', 'vehicle', 'driver', 'budget_line')),
                resource_id {uuid},
                reported_by_id {uuid} NOT NULL REFERENCES staff (id),
                raised_on {date} NOT NULL,
                owner_id {uuid} REFERENCES staff (id),
                due_on {date},
                status text NOT NULL CONSTRAINT obstacles_status_check CHECK (status IN ('reported', 'accepted', 'in_action', 'resolved', 'verified', 'rejected', 'withdrawn')),
                waiting_since {time} NOT NULL,
                resolution text,
                resolved_at {time},
                verified_by_id {uuid} REFERENCES staff (id),
                verified_at {time},
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT obstacles_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT obstacles_link_check CHECK ((resource_type IS NULL) = (resource_id IS NULL)),
                CONSTRAINT obstacles_owner_check CHECK ((owner_id IS NULL) = (due_on IS NULL) AND (owner_id IS NOT NULL OR status IN ('reported', 'rejected', 'withdrawn'))),
                CONSTRAINT obstacles_resolved_check CHECK (status NOT IN ('resolved', 'verified') OR (resolution IS NOT NULL AND resolved_at IS NOT NULL)),
                CONSTRAINT obstacles_verified_check CHECK ((status = 'verified') = (verified_by_id IS NOT NULL) AND (status = 'verified') = (verified_at IS NOT NULL)),
                CONSTRAINT obstacles_four_eyes_check CHECK (verified_by_id <> owner_id)
            )
            ",
        )
        .await?;
        for statement in [
            "CREATE INDEX obstacles_by_creation ON obstacles (created_at, id)",
            "CREATE INDEX obstacles_by_board ON obstacles (board_id, created_at, id)",
            "CREATE INDEX obstacles_by_due ON obstacles (due_on, id)",
            "CREATE INDEX obstacles_by_resource ON obstacles (resource_id)",
            "ALTER TABLE conference_tasks DROP COLUMN blocked_by_obstacle_id",
            "ALTER TABLE conference_tasks ADD COLUMN blocked_by_obstacle_id {uuid} REFERENCES obstacles (id)",
            "CREATE INDEX conference_tasks_by_obstacle ON conference_tasks (blocked_by_obstacle_id, id) WHERE blocked_by_obstacle_id IS NOT NULL",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
