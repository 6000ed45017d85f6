//! By which processes agree who runs which background job when.

use sea_orm::entity::prelude::*;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum JobOutcome {
    Succeeded,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    pub next_due_at: DateTimeUtc,
    /// Grows with every claim, so that a process whose claim another one took over knows it.
    pub claim: i64,
    /// Until when the claim counts; nothing while nobody runs the job.
    pub claimed_until: Option<DateTimeUtc>,
    pub last_started_at: Option<DateTimeUtc>,
    pub last_finished_at: Option<DateTimeUtc>,
    pub last_succeeded_at: Option<DateTimeUtc>,
    pub last_outcome: Option<JobOutcome>,
    /// How often it failed since it last succeeded.
    pub failures: i64,
    /// How many records the last run changed.
    pub changed: i64,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
