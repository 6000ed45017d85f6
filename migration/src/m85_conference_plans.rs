//! What a conference or a reception is planned to cost, which money bears it, and who planned, checked and committed
//! it. What is reserved stands in the commitments.

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
            CREATE TABLE conference_plans (
                conference_id {uuid} PRIMARY KEY REFERENCES conferences (id),
                status text NOT NULL CONSTRAINT conference_plans_status_check CHECK (status IN ('planned', 'committed', 'released', 'settled')),
                funding_source text NOT NULL CONSTRAINT conference_plans_funding_source_check CHECK (funding_source IN ('autonomous', 'non_autonomous')),
                estimate {json} NOT NULL,
                planned_amount bigint NOT NULL CONSTRAINT conference_plans_amount_check CHECK (planned_amount BETWEEN 0 AND 999999999999999),
                budget_line_id {uuid} REFERENCES budget_lines (id),
                funds_reason text,
                funds_checked_by_id {uuid} REFERENCES staff (id),
                planned_by_id {uuid} NOT NULL REFERENCES staff (id),
                planned_at {time} NOT NULL,
                committed_kinds {json},
                committed_by_id {uuid} REFERENCES staff (id),
                committed_at {time},
                settled_by_id {uuid} REFERENCES staff (id),
                settled_at {time},
                CONSTRAINT conference_plans_checker_is_not_planner_check CHECK (funds_checked_by_id <> planned_by_id),
                CONSTRAINT conference_plans_committer_is_not_planner_check CHECK (committed_by_id <> planned_by_id),
                CONSTRAINT conference_plans_committer_is_not_checker_check CHECK (committed_by_id <> funds_checked_by_id),
                CONSTRAINT conference_plans_settler_is_not_planner_check CHECK (settled_by_id <> planned_by_id),
                CONSTRAINT conference_plans_committed_check CHECK (status <> 'committed' OR committed_by_id IS NOT NULL)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX conference_plans_by_line ON conference_plans (budget_line_id)")
            .await
    }
}
