//! Background work: one list of jobs, run by any number of processes at once without anything being done twice.
//!
//! Every process looks at the same table every few seconds and claims what is due ([`claims`]): a job has one run a
//! period, whoever makes it. A claim is a lease. The process that dies in the middle of a job loses it to another one,
//! and so may one that is only slow; that does no harm, since a job is nothing but conditional changes in small
//! transactions, each of which looks again. A job that fails is tried again, later each time, and stops no other one.
//!
//! `/metrics` shows each of them ([`figures`]).

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;

use crate::app::App;
use crate::auth::{sessions, throttle};
use crate::error::ApiResult;
use crate::http::idempotency;
use crate::integration::attachments;
use crate::jobs::claims::{Claim, End, Run};
use crate::{bookings, conferences, notifications};

pub mod claims;
pub mod figures;

/// Something that is done again and again.
pub struct Job {
    /// The name in the table, in `/metrics` and in the log.
    pub name: &'static str,
    /// From the beginning of one run to that of the next.
    pub period: TimeDelta,
    /// Does a part of the work that is soon done and says how many records it changed; none, when nothing is left.
    work: for<'a> fn(&'a Arc<App>) -> Work<'a>,
}

type Work<'a> = Pin<Box<dyn Future<Output = ApiResult<u64>> + 'a>>;

/// All of them.
pub const JOBS: &[Job] = &[
    Job {
        name: "expire_bookings",
        period: TimeDelta::seconds(30),
        work: |app| Box::pin(bookings::expiry::expire(app)),
    },
    Job {
        name: "escalate_tasks",
        period: TimeDelta::seconds(30),
        work: |app| Box::pin(conferences::escalation::escalate(app)),
    },
    Job {
        name: "remind",
        period: TimeDelta::minutes(10),
        work: |app| Box::pin(notifications::reminders::remind(app)),
    },
    Job {
        name: "remove_attachment_leftovers",
        period: TimeDelta::minutes(5),
        work: |app| Box::pin(attachments::leftovers::sweep(app)),
    },
    Job {
        name: "forget_idempotency_keys",
        period: TimeDelta::hours(1),
        work: |app| Box::pin(idempotency::forget_old(app)),
    },
    Job {
        name: "forget_sessions",
        period: TimeDelta::hours(1),
        work: |app| Box::pin(sessions::forget_old(app)),
    },
    Job {
        name: "forget_login_failures",
        period: TimeDelta::hours(1),
        work: |app| Box::pin(throttle::forget_old(app)),
    },
    Job {
        name: "forget_notifications",
        period: TimeDelta::hours(1),
        work: |app| Box::pin(notifications::store::forget_old(app)),
    },
];

/// How often a process looks for what is due.
const LOOK: Duration = Duration::from_secs(10);

/// One run does so many parts of the work at most; then it is the turn of the other jobs.
const MOST_PARTS: u32 = 100;

/// Runs the jobs until it is told to stop; a job that is running ends the part that it is at.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let told = stop.clone();
    let stopping = || *told.borrow();
    let mut timer = tokio::time::interval(LOOK);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !stopping() {
        tokio::select! {
            _ = timer.tick() => {}
            _ = stop.changed() => return,
        }
        if let Err(error) = run_due(&app, &stopping).await {
            tracing::warn!(%error, "the scheduler could not go on and will look again");
        }
    }
}

/// Runs the jobs that are due and that no other process has claimed, and says how many these were.
///
/// # Errors
/// When the database does not take a claim. What a job meets is its own: it is logged, counted and tried again.
pub async fn run_due(app: &Arc<App>, stopping: &impl Fn() -> bool) -> ApiResult<u64> {
    let mut ran = 0;
    for job in claims::due(app).await? {
        if stopping() {
            break;
        }
        if let Some(claim) = claims::take(app, job).await? {
            carry_out(app, claim, stopping).await?;
            ran += 1;
        }
    }
    Ok(ran)
}

async fn carry_out(app: &Arc<App>, claim: Claim, stopping: &impl Fn() -> bool) -> ApiResult<()> {
    let job = claim.job;
    let run = work_through(app, &claim, stopping).await;
    if let End::Failed(error) = &run.end {
        tracing::warn!(job = job.name, changed = run.changed, %error, "a background job failed and will be tried again");
    }
    app.metrics.job_figures.count(job, &run);
    if !claim.finish(app, &run).await? {
        tracing::warn!(job = job.name, "another process took the job over before its run was over");
    }
    Ok(())
}

/// Part after part until nothing is left, as long as the claim is this process's.
async fn work_through(app: &Arc<App>, claim: &Claim, stopping: &impl Fn() -> bool) -> Run {
    let mut changed = 0;
    for _ in 0..MOST_PARTS {
        match part(app, claim.job).await {
            Ok(0) => return Run { changed, end: End::Done },
            Ok(more) => changed += more,
            Err(error) => return Run { changed, end: End::Failed(error) },
        }
        match claim.renew(app).await {
            Ok(true) if !stopping() => {}
            Ok(_) => break,
            Err(error) => return Run { changed, end: End::Failed(error) },
        }
    }
    Run { changed, end: End::Left }
}

async fn part(app: &Arc<App>, job: &Job) -> ApiResult<u64> {
    let changed = (job.work)(app).await?;
    app.metrics.jobs.with_label_values(&[job.name]).inc_by(changed);
    Ok(changed)
}

/// Runs a part of every job now, due or not and claimed or not: what happens where a process goes on with a job that
/// another one has taken over. Tests use it to look at what a job does apart from when.
///
/// # Errors
/// The first that a job met, when all have run; what was done by then stays done.
pub async fn run_once(app: &Arc<App>) -> ApiResult<()> {
    let mut met = Ok(());
    for job in JOBS {
        met = met.and(part(app, job).await.map(drop));
    }
    met
}
