//! Who runs a job, and when: the rows of `job_runs`, changed only on conditions that one process meets.
//!
//! The rows are the service's own diary and no records of the office: they have no history and are in no change feed.

use chrono::{DateTime, TimeDelta, Utc};
use entity::job_runs::{ActiveModel, Column, Entity, JobOutcome, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Set};

use crate::app::App;
use crate::error::{ApiError, ApiResult};
use crate::jobs::{JOBS, Job};

/// How long a claim counts without a sign of life; a part of a job takes seconds.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

/// A job that failed is tried again after this time, and after twice the time with each further failure.
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(30);
const LONGEST_RETRY: TimeDelta = TimeDelta::minutes(15);

/// The right to run a job now.
pub struct Claim {
    pub job: &'static Job,
    number: i64,
    started_at: DateTime<Utc>,
    failures: i64,
}

/// What a run did.
pub struct Run {
    pub changed: u64,
    pub end: End,
}

/// How a run ended.
pub enum End {
    /// Nothing was left to do.
    Done,
    /// Something may be left, for the next run at once.
    Left,
    Failed(ApiError),
}

/// The jobs as they stand; nothing of those that no process has looked at yet.
///
/// # Errors
/// When the database does not answer.
pub async fn all(app: &App) -> ApiResult<Vec<(&'static Job, Model)>> {
    let mut rows = Entity::find().all(&app.db.reader).await?;
    let mut known = Vec::new();
    for job in JOBS {
        let at = rows.iter().position(|row| row.job == job.name);
        known.extend(at.map(|at| (job, rows.swap_remove(at))));
    }
    Ok(known)
}

/// The jobs that are due and that nobody runs, the longest due first.
///
/// # Errors
/// When the database does not answer.
pub async fn due(app: &App) -> ApiResult<Vec<&'static Job>> {
    let now = app.clock.now();
    let mut known = all(app).await?;
    if known.len() < JOBS.len() {
        enter(app, now).await?;
        known = all(app).await?;
    }
    known.retain(|(_, row)| row.next_due_at <= now && row.claimed_until.is_none_or(|until| until <= now));
    known.sort_by_key(|(_, row)| row.next_due_at);
    for (job, _) in known.iter().filter(|(_, row)| row.claimed_until.is_some()) {
        tracing::warn!(job = job.name, "the process that ran the job has not ended its run in time");
    }
    Ok(known.into_iter().map(|(job, _)| job).collect())
}

/// New jobs are due at once. Several processes may enter them.
async fn enter(app: &App, now: DateTime<Utc>) -> ApiResult<()> {
    let rows = JOBS.iter().map(|job| ActiveModel {
        job: Set(job.name.to_owned()),
        next_due_at: Set(now),
        claim: Set(0),
        failures: Set(0),
        changed: Set(0),
        created_at: Set(now),
        ..ActiveModel::default()
    });
    let known = OnConflict::new().do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(known).exec_without_returning(&app.db.writer).await?;
    Ok(())
}

/// Claims a job that is due; nothing where another process was faster.
///
/// # Errors
/// When the database does not answer.
pub async fn take(app: &App, job: &'static Job) -> ApiResult<Option<Claim>> {
    let now = app.clock.now();
    let free = Condition::any().add(Column::ClaimedUntil.is_null()).add(Column::ClaimedUntil.lte(now));
    let claimed = Entity::update_many()
        .col_expr(Column::Claim, ExprTrait::add(Expr::col(Column::Claim), 1))
        .col_expr(Column::ClaimedUntil, Expr::value(now + LEASE))
        .col_expr(Column::LastStartedAt, Expr::value(now))
        .filter(Column::Job.eq(job.name))
        .filter(Column::NextDueAt.lte(now))
        .filter(free)
        .exec_with_returning(&app.db.writer)
        .await?;
    let claim = |row: &Model| Claim { job, number: row.claim, started_at: now, failures: row.failures };
    Ok(claimed.first().map(claim))
}

impl Claim {
    /// A sign of life: the claim counts for another lease. False where another process has taken the job over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew(&self, app: &App) -> ApiResult<bool> {
        let until = Set(Some(app.clock.now() + LEASE));
        self.write(app, ActiveModel { claimed_until: until, ..ActiveModel::default() }).await
    }

    /// Gives the job back and says when it is due again. False where another process has taken it over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish(self, app: &App, run: &Run) -> ApiResult<bool> {
        let now = app.clock.now();
        let changed = i64::try_from(run.changed).unwrap_or(i64::MAX);
        let mut row = ActiveModel {
            claimed_until: Set(None),
            last_finished_at: Set(Some(now)),
            changed: Set(changed),
            failures: Set(0),
            ..ActiveModel::default()
        };
        row.next_due_at = Set(match &run.end {
            End::Done => self.started_at + self.job.period,
            End::Left => now,
            End::Failed(_) => now + retry_after(self.failures),
        });
        if let End::Failed(_) = &run.end {
            row.failures = Set(self.failures + 1);
            row.last_outcome = Set(Some(JobOutcome::Failed));
        } else {
            row.last_succeeded_at = Set(Some(now));
            row.last_outcome = Set(Some(JobOutcome::Succeeded));
        }
        self.write(app, row).await
    }

    async fn write(&self, app: &App, row: ActiveModel) -> ApiResult<bool> {
        let update = Entity::update_many().set(row);
        let update = update.filter(Column::Job.eq(self.job.name)).filter(Column::Claim.eq(self.number));
        Ok(update.exec(&app.db.writer).await?.rows_affected == 1)
    }
}

/// How long a job waits that has failed once more after so many times.
fn retry_after(failures: i64) -> TimeDelta {
    let doublings = Ord::min(u32::try_from(failures).unwrap_or(0), 10);
    Ord::min(FIRST_RETRY * 2_i32.pow(doublings), LONGEST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_goes_on_failing_is_tried_less_and_less_often() {
        let waits: Vec<i64> =
            [0, 1, 2, 4, 5, 1000].map(|failures| retry_after(failures).num_seconds()).into();
        assert_eq!(waits, [30, 60, 120, 480, 900, 900]);
    }
}
