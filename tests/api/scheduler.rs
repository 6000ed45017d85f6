//! The background jobs: one run a period, however many processes look; nothing is lost with a process that dies.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::job_runs::{JobOutcome, Model};
use entity::{attachment_leftovers, idempotency_keys, job_runs, login_throttles, sessions};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set};
use shared_office::app::App;
use shared_office::jobs::claims::{self, End, LEASE, Run};
use shared_office::jobs::{self, JOBS, Job};
use uuid::Uuid;

use crate::support::dispatch::{booking_at, history, january, status, submitted};
use crate::support::{Office, at, json};

fn job(name: &str) -> &'static Job {
    JOBS.iter().find(|job| job.name == name).expect("a job of this name")
}

/// How many jobs this process ran.
async fn look(app: &Arc<App>) -> u64 {
    jobs::run_due(app, &|| false).await.expect("the scheduler goes on")
}

async fn row(office: &Office, name: &str) -> Model {
    let row = job_runs::Entity::find_by_id(name.to_owned()).one(&office.app.db.writer).await;
    row.expect("an answer").expect("a row of this job")
}

async fn figures(office: &Office) -> String {
    office.visitor().get("/metrics").await.text
}

#[track_caller]
fn shows(figures: &str, figure: &str, job: &str, value: &str) {
    let line = format!("shared_office_job_{figure}{{job=\"{job}\"");
    let found: Vec<&str> = figures.lines().filter(|text| text.starts_with(&line)).collect();
    assert!(found.iter().any(|text| text.ends_with(&format!("}} {value}"))), "{figure} of {job}: {found:?}");
}

#[actix_web::test]
async fn of_all_processes_one_runs_a_job_in_each_period() {
    let office = Office::open().await;
    let apps = [Arc::clone(&office.app), office.second_app().await, office.second_app().await];
    let mut bookings = Vec::new();
    for hour in 7..11 {
        let (from, to) = (january(&format!("{hour:02}:00")), january(&format!("{hour:02}:30")));
        bookings.push(submitted(&office, "btctu", &from, &to, json!({})).await);
    }
    for now in ["2026-01-12T06:00:00+07:00", "2026-01-12T12:00:00+07:00", "2026-01-13T12:00:00+07:00"] {
        office.set_clock(now);
        let ran: u64 = join_all(apps.iter().map(look)).await.iter().sum();
        assert_eq!(ran, JOBS.len() as u64, "each job once at {now}");
        let again: u64 = join_all(apps.iter().map(look)).await.iter().sum();
        assert_eq!(again, 0, "nothing is due again at once");
    }
    for job in JOBS {
        let row = row(&office, job.name).await;
        assert_eq!((row.claim, row.claimed_until, row.failures), (3, None, 0), "{}", job.name);
        assert_eq!(row.last_outcome, Some(JobOutcome::Succeeded));
        assert_eq!(row.next_due_at, at("2026-01-13T12:00:00+07:00") + job.period);
    }
    let chief = office.login("an.nv");
    for booking in bookings {
        assert_eq!(history(&chief, &booking_at(&booking)).await, ["create", "submit", "expire"]);
    }
}

#[actix_web::test]
async fn a_job_of_a_process_that_died_is_taken_over_after_its_lease() {
    let office = Office::open().await;
    let booking = submitted(&office, "btctu", &january("07:00"), &january("08:00"), json!({})).await;
    let booking = booking_at(&booking);
    look(&office.app).await;
    office.set_clock("2026-01-12T09:00:00+07:00");
    let second = office.second_app().await;
    let dead = claims::take(&second, job("expire_bookings")).await.unwrap().expect("the job is due");
    assert!(claims::take(&office.app, dead.job).await.unwrap().is_none(), "one claim at a time");
    assert_eq!(look(&office.app).await, JOBS.len() as u64 - 1, "the others go on");
    office.advance(LEASE - TimeDelta::seconds(1));
    look(&office.app).await;
    assert_eq!(status(&office.login("an.nv"), &booking).await, "submitted");

    // Its holder gives a sign of life in time: the lease begins anew.
    assert!(dead.renew(&second).await.unwrap());
    office.advance(LEASE - TimeDelta::seconds(1));
    look(&office.app).await;
    assert_eq!(status(&office.login("an.nv"), &booking).await, "submitted");
    office.advance(TimeDelta::seconds(1));
    look(&office.app).await;
    assert_eq!(status(&office.login("an.nv"), &booking).await, "expired");

    // What comes back from the dead has no say any more.
    let after = row(&office, "expire_bookings").await;
    assert!(!dead.renew(&second).await.unwrap());
    assert!(!dead.finish(&second, &Run { changed: 7, end: End::Done }).await.unwrap());
    assert_eq!(row(&office, "expire_bookings").await, after);
}

#[actix_web::test]
async fn a_job_that_fails_stops_no_other_and_is_tried_again_later_and_later() {
    let office = Office::open().await;
    let booking = submitted(&office, "btctu", &january("07:00"), &january("08:00"), json!({})).await;
    let lost = office.app.ids.at(office.app.clock.now());
    let note = attachment_leftovers::ActiveModel { id: Set(lost), noted_at: Set(office.app.clock.now()) };
    note.insert(&office.app.db.writer).await.unwrap();
    // The folder of the attached files is gone, and something else stands in its place.
    let folder = office.database.attachments.clone();
    let away = format!("{folder}.away");
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, "no folder").unwrap();

    office.set_clock("2026-01-12T09:00:00+07:00");
    assert_eq!(look(&office.app).await, JOBS.len() as u64);
    assert_eq!(status(&office.login("an.nv"), &booking_at(&booking)).await, "expired");
    let name = "remove_attachment_leftovers";
    let failed = row(&office, name).await;
    assert_eq!((failed.last_outcome, failed.failures), (Some(JobOutcome::Failed), 1));
    assert_eq!((failed.claimed_until, failed.last_succeeded_at), (None, None));
    assert_eq!(failed.next_due_at, at("2026-01-12T09:00:30+07:00"));
    office.set_clock("2026-01-12T09:00:29+07:00");
    look(&office.app).await;
    assert_eq!(row(&office, name).await.claim, 1);
    office.set_clock("2026-01-12T09:00:30+07:00");
    look(&office.app).await;
    let failed = row(&office, name).await;
    assert_eq!((failed.failures, failed.next_due_at), (2, at("2026-01-12T09:01:30+07:00")));

    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    office.set_clock("2026-01-12T09:01:30+07:00");
    look(&office.app).await;
    let done = row(&office, name).await;
    assert_eq!((done.last_outcome, done.failures, done.changed), (Some(JobOutcome::Succeeded), 0, 1));
    let left = attachment_leftovers::Entity::find().count(&office.app.db.writer).await.unwrap();
    assert_eq!(left, 0);
    let figures = figures(&office).await;
    shows(&figures, "runs_total", name, "2");
    shows(&figures, "runs_total", name, "1");
    shows(&figures, "effects_total", name, "1");
}

#[actix_web::test]
async fn figures_tell_of_each_job_and_when_one_is_overdue() {
    let office = Office::open().await;
    let before = figures(&office).await;
    for job in JOBS {
        shows(&before, "runs_total", job.name, "0");
        assert!(!before.contains(&format!("job_overdue{{job=\"{}\"", job.name)), "nobody has looked yet");
    }
    // Another process does the work, and this one tells of it.
    look(&office.second_app().await).await;
    office.advance(TimeDelta::seconds(90));
    let told = figures(&office).await;
    for job in JOBS {
        shows(&told, "overdue", job.name, "0");
        shows(&told, "since_success_seconds", job.name, "90");
        shows(&told, "last_run_seconds", job.name, "0");
        shows(&told, "runs_total", job.name, "0");
    }
    office.advance(TimeDelta::minutes(2));
    let told = figures(&office).await;
    shows(&told, "overdue", "escalate_tasks", "1");
    shows(&told, "overdue", "remind", "0");
    look(&office.app).await;
    shows(&figures(&office).await, "overdue", "escalate_tasks", "0");

    let unready = Office::unmigrated().await;
    assert!(figures(&unready).await.contains("shared_office_job_runs_total"), "told without a database too");
}

/// Answers that were kept for longer than they had to be.
async fn old_answers(office: &Office, count: u64) {
    let old = office.app.clock.now() - TimeDelta::days(31);
    let rows = (0..count).map(|number| idempotency_keys::ActiveModel {
        caller_id: Set(Uuid::nil()),
        operation: Set("POST /v1/boards".to_owned()),
        idempotency_key: Set(number.to_string()),
        fingerprint: Set(String::new()),
        status: Set(201),
        body: Set(String::new()),
        created_at: Set(old),
        ..Default::default()
    });
    let insert = idempotency_keys::Entity::insert_many(rows);
    insert.exec_without_returning(&office.app.db.writer).await.unwrap();
}

#[actix_web::test]
async fn a_process_that_stops_ends_its_part_and_another_one_goes_on() {
    let office = Office::open().await;
    let name = "forget_idempotency_keys";
    let count = || idempotency_keys::Entity::find().count(&office.app.db.writer);
    old_answers(&office, 2500).await;
    let done = |app: &App| app.metrics.jobs.with_label_values(&[name]).get();
    jobs::run_due(&office.app, &|| done(&office.app) > 0).await.unwrap();
    assert_eq!((count().await.unwrap(), row(&office, name).await.claimed_until), (1500, None));
    let second = office.second_app().await;
    look(&second).await;
    assert_eq!((count().await.unwrap(), done(&second)), (0, 1500), "part after part until nothing is left");

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = actix_web::rt::spawn(jobs::run(Arc::clone(&office.app), stopped));
    stop.send_replace(true);
    running.await.expect("it ends");
    let rows = job_runs::Entity::find().all(&office.app.db.writer).await.unwrap();
    assert!(rows.iter().all(|row| row.claimed_until.is_none()), "{rows:?}");
}

#[actix_web::test]
async fn sessions_and_failed_logins_are_forgotten_in_time() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    office.login("an.nv").get("/v1/me").await.expect(200);
    let wrong = json!({"username": "nobody", "password": "wrong"});
    office.visitor().post("/v1/auth/token", wrong).await.refused(401, "login_failed");
    let failures = || login_throttles::Entity::find().count(db);
    let opened = at("2025-12-12T08:00:00+07:00");
    let sessions = || sessions::Entity::find().filter(sessions::Column::CreatedAt.eq(opened)).count(db);
    let before = failures().await.unwrap();
    office.advance(TimeDelta::hours(24));
    look(&office.app).await;
    assert_eq!((failures().await.unwrap(), sessions().await.unwrap()), (before, 1));
    office.advance(TimeDelta::hours(2));
    look(&office.app).await;
    assert_eq!((failures().await.unwrap(), sessions().await.unwrap()), (0, 1));
    // Twelve hours of life and ninety days of memory.
    office.set_clock("2026-03-12T20:00:00+07:00");
    look(&office.app).await;
    assert_eq!(sessions().await.unwrap(), 1);
    office.set_clock("2026-03-12T21:00:01+07:00");
    look(&office.app).await;
    assert_eq!(sessions().await.unwrap(), 0);
}
