//! By which processes agree who runs which background job when: one row for each job.

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
            CREATE TABLE job_runs (
                job text PRIMARY KEY,
                next_due_at {time} NOT NULL,
                claim bigint NOT NULL CONSTRAINT job_runs_claim_check CHECK (claim >= 0),
                claimed_until {time},
                last_started_at {time},
                last_finished_at {time},
                last_succeeded_at {time},
                last_outcome text
                    CONSTRAINT job_runs_last_outcome_check CHECK (last_outcome IN ('succeeded', 'failed')),
                failures bigint NOT NULL CONSTRAINT job_runs_failures_check CHECK (failures >= 0),
                changed bigint NOT NULL CONSTRAINT job_runs_changed_check CHECK (changed >= 0),
                created_at {time} NOT NULL
            )
            ",
        )
        .await
    }
}
