//! Guessing passwords becomes slow: failures are counted by account and by source in the database, so a
//! restart or a second process forgets nothing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::login_throttles::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    QueryTrait, Set,
};

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::write::{Actor, ROW_LOCK, Tx, transaction};

/// Failures of one account that cost nothing; people mistype.
const FREE: i64 = 5;
/// The same for one source: a whole building may stand behind one address.
const FREE_OF_SOURCE: i64 = 100;
/// An account waits a quarter of an hour at most, so that a stranger cannot lock somebody out for a day.
const LONGEST_OF_ACCOUNT: i64 = 900;
const LONGEST_OF_SOURCE: i64 = 86_400;
const ACCOUNT: &str = "account:";

/// Who does not have to wait. Not the moment itself: of two attempts at once the later one has an earlier clock.
const FREE_TO_GO: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// After a day without a failure the count starts anew.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// A deletion holds up other writers, so it is small.
const FORGOTTEN_AT_ONCE: u64 = 1000;

/// How long the next attempt must wait after this many failures: 1 s, 2 s, 4 s … up to the longest wait.
fn wait_seconds(subject: &str, failures: i64) -> i64 {
    let account = subject.starts_with(ACCOUNT);
    let (free, longest) =
        if account { (FREE, LONGEST_OF_ACCOUNT) } else { (FREE_OF_SOURCE, LONGEST_OF_SOURCE) };
    match u32::try_from(failures - free) {
        Ok(doublings @ 0..=16) => (1_i64 << doublings).min(longest),
        Ok(_) => longest,
        Err(_) => 0,
    }
}

/// Lets an attempt in and counts it as failed until it succeeds: of a hundred attempts at once, no more than the
/// free ones reach the password.
///
/// # Errors
/// 429 `too_many_attempts`, in the same words whether the account exists or not.
pub async fn enter(call: &Call, subjects: &[String]) -> ApiResult<()> {
    let refused = transaction(&call.app, &Actor::system(), async |tx| {
        let mut counted = Vec::new();
        for subject in subjects {
            let row = find_or_begin(tx, subject).await?;
            if row.blocked_until > tx.now {
                return Ok(Some(row.blocked_until));
            }
            let recent = tx.now - row.last_failed_at < FORGOTTEN_AFTER;
            let failures = if recent { row.failures } else { 0 } + 1;
            counted.push((row, failures));
        }
        for (row, failures) in counted {
            let wait = wait_seconds(&row.subject, failures);
            let mut next = row.into_active_model();
            next.failures = Set(failures);
            next.last_failed_at = Set(tx.now);
            next.blocked_until = Set(if wait == 0 { FREE_TO_GO } else { tx.now + TimeDelta::seconds(wait) });
            next.update(tx.db()).await?;
        }
        Ok(None)
    })
    .await?;
    match refused {
        None => Ok(()),
        Some(until) => Err(too_many(until, call.now())),
    }
}

/// The row of a subject, locked, so that attempts are counted one after another.
async fn find_or_begin(tx: &Tx, subject: &str) -> ApiResult<Model> {
    let new = ActiveModel {
        subject: Set(subject.to_owned()),
        failures: Set(0),
        last_failed_at: Set(tx.now),
        blocked_until: Set(FREE_TO_GO),
    };
    let nothing = OnConflict::new().do_nothing().to_owned();
    Entity::insert(new).on_conflict(nothing).exec_without_returning(tx.db()).await?;
    let row = Entity::find_by_id(subject.to_owned()).lock(ROW_LOCK).one(tx.db()).await?;
    // Forgiven or forgotten between the two.
    row.ok_or_else(ApiError::look_again)
}

fn too_many(until: DateTime<Utc>, now: DateTime<Utc>) -> ApiError {
    let seconds = (until - now).num_seconds() + 1;
    ApiError::new(
        Code::TooManyAttempts,
        text(format!("Hãy chờ {seconds} giây."), format!("Wait {seconds} seconds.")),
    )
    .retry_after(seconds)
}

/// A success forgives the account's failures; of the source's it takes back only the attempt itself, since one
/// known password must not buy guesses at others.
///
/// # Errors
/// When the database does not answer.
pub async fn succeeded(call: &Call, subjects: &[String]) -> ApiResult<()> {
    transaction(&call.app, &Actor::system(), async |tx| {
        for subject in subjects {
            if subject.starts_with(ACCOUNT) {
                forgive(tx, subject).await?;
                continue;
            }
            let row = find_or_begin(tx, subject).await?;
            let failures = (row.failures - 1).max(0);
            let mut next = row.into_active_model();
            next.failures = Set(failures);
            next.blocked_until = Set(FREE_TO_GO);
            next.update(tx.db()).await?;
        }
        Ok(())
    })
    .await
}

/// Forgets the failures of a user, e.g. when a new password was set.
///
/// # Errors
/// When the database does not answer.
pub async fn forgive_user(tx: &Tx, username: &str) -> ApiResult<()> {
    forgive(tx, &account(username)).await
}

/// Forgets some of the counts that start anew anyway, and says how many.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget_old(app: &Arc<App>) -> ApiResult<u64> {
    let now = app.clock.now();
    let over = Condition::all()
        .add(Column::LastFailedAt.lt(now - FORGOTTEN_AFTER))
        .add(Column::BlockedUntil.lte(now));
    let old = Entity::find().select_only().column(Column::Subject).filter(over.clone());
    // The condition stands twice: who fails again in between is counted on.
    let forgotten = Entity::delete_many()
        .filter(over)
        .filter(Column::Subject.in_subquery(old.limit(FORGOTTEN_AT_ONCE).into_query()));
    Ok(forgotten.exec(&app.db.writer).await?.rows_affected)
}

/// The name under which an account's attempts are counted.
pub fn account(username: &str) -> String {
    format!("{ACCOUNT}{username}")
}

async fn forgive(tx: &Tx, subject: &str) -> ApiResult<()> {
    Entity::delete_by_id(subject.to_owned()).exec(tx.db()).await?;
    Ok(())
}
