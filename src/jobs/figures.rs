//! The jobs in `/metrics`. What this process did is counted here; when and how the last run went is read from the
//! table, so that every process tells the same. The names of the jobs are the only labels, a fixed list.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::job_runs::Model;
use prometheus::{GaugeVec, IntCounterVec, IntGaugeVec, Opts, Registry};

use crate::app::App;
use crate::jobs::claims::{End, LEASE, Run};
use crate::jobs::{JOBS, Job, claims};

/// The other figures do not wait longer for a database that does not answer.
const PATIENCE: Duration = Duration::from_secs(1);

pub struct Figures {
    runs: IntCounterVec,
    seconds: GaugeVec,
    since_success: GaugeVec,
    overdue: IntGaugeVec,
}

impl Figures {
    /// # Errors
    /// When two figures have one name.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let opts = |name: &str, about: &str| Opts::new(format!("shared_office_job_{name}"), about);
        let about = "Runs of background jobs in this process, by job and outcome.";
        let runs = IntCounterVec::new(opts("runs_total", about), &["job", "outcome"])?;
        let seconds = GaugeVec::new(opts("last_run_seconds", "Duration of the last run, by job."), &["job"])?;
        let since_success = GaugeVec::new(
            opts("since_success_seconds", "Time since a run of the job last succeeded, in any process."),
            &["job"],
        )?;
        let overdue = IntGaugeVec::new(
            opts("overdue", "1 where no run of the job succeeded for two of its periods."),
            &["job"],
        )?;
        for job in JOBS {
            for outcome in ["succeeded", "failed"] {
                runs.with_label_values(&[job.name, outcome]);
            }
        }
        registry.register(Box::new(runs.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(since_success.clone()))?;
        registry.register(Box::new(overdue.clone()))?;
        Ok(Self { runs, seconds, since_success, overdue })
    }

    /// Counts a run.
    pub fn count(&self, job: &Job, run: &Run) {
        let outcome = if matches!(run.end, End::Failed(_)) { "failed" } else { "succeeded" };
        self.runs.with_label_values(&[job.name, outcome]).inc();
    }

    /// Brings the figures of the last runs up to date. Without a database there are none: old ones would look like
    /// those of now.
    pub async fn refresh(&self, app: &App) {
        match tokio::time::timeout(PATIENCE, claims::all(app)).await {
            Ok(Ok(known)) => known.iter().for_each(|(job, row)| self.show(job, row, app.clock.now())),
            _ => {
                self.seconds.reset();
                self.since_success.reset();
                self.overdue.reset();
            }
        }
    }

    fn show(&self, job: &Job, row: &Model, now: DateTime<Utc>) {
        let labels = [job.name];
        if let (Some(started), Some(finished)) = (row.last_started_at, row.last_finished_at)
            && started <= finished
        {
            self.seconds.with_label_values(&labels).set((finished - started).as_seconds_f64());
        }
        if let Some(at) = row.last_succeeded_at {
            self.since_success.with_label_values(&labels).set((now - at).as_seconds_f64());
        }
        self.overdue.with_label_values(&labels).set(i64::from(is_overdue(job.period, row, now)));
    }
}

/// A job that failed once has another period to succeed; so has one whose process died, after the lease.
fn is_overdue(period: TimeDelta, row: &Model, now: DateTime<Utc>) -> bool {
    now - row.last_succeeded_at.unwrap_or(row.created_at) > period * 2 + LEASE
}
