//! Guessing passwords becomes slow: failures are counted by account and by source in the database, so a
//! restart or a second process forgets nothing.

use chrono::{DateTime, TimeDelta, Utc};
use entity::login_throttles::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::write::{Actor, transaction};

/// Failures of one account that cost nothing; people mistype.
const FREE: i64 = 5;
/// The same for one source: a whole building may stand behind one address.
const FREE_OF_SOURCE: i64 = 100;
const LONGEST_SECONDS: i64 = 86_400;

/// After a day without a failure the count starts anew.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// How long the next attempt must wait after this many failures: 1 s, 2 s, 4 s … up to a day.
fn wait_seconds(subject: &str, failures: i64) -> i64 {
    let free = if subject.starts_with("account:") { FREE } else { FREE_OF_SOURCE };
    match u32::try_from(failures - free) {
        Ok(doublings @ 0..=16) => (1_i64 << doublings).min(LONGEST_SECONDS),
        Ok(_) => LONGEST_SECONDS,
        Err(_) => 0,
    }
}

/// Refuses an attempt that comes too early.
///
/// # Errors
/// 429 `too_many_attempts`, in the same words whether the account exists or not.
pub async fn check(call: &Call, subjects: &[String]) -> ApiResult<()> {
    let rows = Entity::find()
        .filter(Column::Subject.is_in(subjects))
        .filter(Column::BlockedUntil.gt(call.now()))
        .all(&call.app.db.writer)
        .await?;
    match rows.iter().map(|row| row.blocked_until).max() {
        None => Ok(()),
        Some(until) => Err(too_many(until, call.now())),
    }
}

fn too_many(until: DateTime<Utc>, now: DateTime<Utc>) -> ApiError {
    let seconds = (until - now).num_seconds() + 1;
    ApiError::new(
        Code::TooManyAttempts,
        text(format!("Hãy chờ {seconds} giây."), format!("Wait {seconds} seconds.")),
    )
    .retry_after(seconds)
}

/// Counts a failure against every subject.
///
/// # Errors
/// When the database does not answer.
pub async fn failed(call: &Call, subjects: &[String]) -> ApiResult<()> {
    transaction(&call.app, &Actor::system(), async |tx| {
        for subject in subjects {
            let known = Entity::find_by_id(subject.clone()).one(tx.db()).await?;
            let recent = known.filter(|row| tx.now - row.last_failed_at < FORGOTTEN_AFTER);
            let failures = recent.map_or(0, |row| row.failures) + 1;
            let row = ActiveModel {
                subject: Set(subject.clone()),
                failures: Set(failures),
                last_failed_at: Set(tx.now),
                blocked_until: Set(tx.now + TimeDelta::seconds(wait_seconds(subject, failures))),
            };
            Entity::insert(row)
                .on_conflict(
                    OnConflict::column(Column::Subject)
                        .update_columns([Column::Failures, Column::LastFailedAt, Column::BlockedUntil])
                        .to_owned(),
                )
                .exec_without_returning(tx.db())
                .await?;
        }
        Ok(())
    })
    .await
}

/// A success forgives the account's failures, not the source's: one known password must not buy guesses.
///
/// # Errors
/// When the database does not answer.
pub async fn succeeded(call: &Call, account: &str) -> ApiResult<()> {
    let known = Entity::find_by_id(account.to_owned()).one(call.db()).await?;
    if known.is_some() {
        transaction(&call.app, &Actor::system(), async |tx| {
            Entity::delete_by_id(account.to_owned()).exec(tx.db()).await?;
            Ok(())
        })
        .await?;
    }
    Ok(())
}
