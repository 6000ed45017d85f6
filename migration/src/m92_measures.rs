//! What the heads agree to do about an obstacle.

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
            CREATE TABLE measures (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                obstacle_id {uuid} NOT NULL REFERENCES obstacles (id),
                board_id {uuid} NOT NULL REFERENCES boards (id),
                title text NOT NULL,
                description text NOT NULL,
                proposed_by_id {uuid} NOT NULL REFERENCES staff (id),
                lead_board_id {uuid} NOT NULL REFERENCES boards (id),
                lead_id {uuid} NOT NULL REFERENCES staff (id),
                due_on {date} NOT NULL,
                check_on {date} NOT NULL,
                status text NOT NULL CONSTRAINT measures_status_check CHECK (status IN ('proposed', 'agreed', 'done', 'effective', 'ineffective', 'rejected', 'withdrawn')),
                waiting_since {time} NOT NULL,
                agreed_at {time},
                result text,
                done_at {time},
                judged_by_id {uuid} REFERENCES staff (id),
                judged_at {time},
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT measures_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT measures_days_check CHECK (due_on <= check_on),
                CONSTRAINT measures_done_check CHECK ((status IN ('done', 'effective', 'ineffective')) = (done_at IS NOT NULL) AND (done_at IS NULL) = (result IS NULL) AND (done_at IS NULL OR agreed_at IS NOT NULL)),
                CONSTRAINT measures_judged_check CHECK ((status IN ('effective', 'ineffective')) = (judged_by_id IS NOT NULL) AND (judged_by_id IS NULL) = (judged_at IS NULL)),
                CONSTRAINT measures_four_eyes_check CHECK (judged_by_id <> lead_id)
            )
            ",
        )
        .await?;
        for statement in [
            "CREATE INDEX measures_by_due ON measures (due_on, id)",
            "CREATE INDEX measures_by_obstacle ON measures (obstacle_id, id)",
            "CREATE INDEX measures_by_lead ON measures (lead_id, due_on, id)",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
