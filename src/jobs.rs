//! Background work: one timer in each process. Every job is a conditional change in the database, so any
//! number of processes may run it at once and nothing is done twice.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::bookings;
use crate::conferences;
use crate::error::ApiResult;
use crate::http::idempotency;
use crate::integration::attachments;

/// How often the jobs look for work.
const PERIOD: Duration = Duration::from_secs(30);

/// Runs the jobs for as long as the process lives.
pub async fn run(app: Arc<App>) {
    let mut timer = tokio::time::interval(PERIOD);
    loop {
        timer.tick().await;
        if let Err(error) = run_once(&app).await {
            tracing::warn!(%error, "a background job failed and will be tried again");
        }
    }
}

/// Runs every job once.
///
/// # Errors
/// When the database does not answer; what was done by then stays done.
pub async fn run_once(app: &Arc<App>) -> ApiResult<()> {
    count(app, "expire_bookings", bookings::expiry::expire(app).await?);
    count(app, "escalate_tasks", conferences::escalation::escalate(app).await?);
    count(app, "forget_idempotency_keys", idempotency::forget_old(app).await?);
    count(app, "remove_attachment_leftovers", attachments::leftovers::sweep(app).await?);
    Ok(())
}

fn count(app: &App, job: &str, changed: u64) {
    app.metrics.jobs.with_label_values(&[job]).inc_by(changed);
}
