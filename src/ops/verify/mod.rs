//! Recomputes what the database holds and tells where it disagrees with itself: after a restore, a repair by hand, or
//! out of prudence. The constraints refuse most of it; what spans tables, no constraint sees.
//!
//! Everything is read in one transaction and thus of one moment, table by table in pages of [`PAGE`] rows, so that
//! neither memory nor a single statement grows with the office. Nothing is written. Each file is one kind of check.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IsolationLevel, QueryFilter, QueryOrder, QuerySelect, Select, TransactionOptions, TransactionTrait,
};
use serde::Serialize;
use uuid::Uuid;

use crate::db::Db;

mod audit;
mod commitments;
mod four_eyes;
mod holds;
mod ledger;
mod payments;
mod reviews;
mod years;

/// How many rows are in memory at once. Their ids go into one statement, and SQLite takes only so many values.
const PAGE: u64 = 200;

/// A check names at most this many disagreements, and counts the others.
const SHOWN: usize = 20;

/// What was found.
#[derive(Debug, Serialize)]
pub struct Report {
    pub ok: bool,
    pub checked_at: DateTime<Utc>,
    pub checks: Vec<Check>,
}

/// One kind of check. Its name stays as it is: scripts read it.
#[derive(Debug, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub ok: bool,
    /// How many records were looked at.
    pub checked: u64,
    pub mismatches: Vec<Mismatch>,
    pub mismatch_count: u64,
}

/// A record that disagrees, and with what.
#[derive(Debug, Serialize)]
pub struct Mismatch {
    pub id: Uuid,
    pub detail: String,
}

impl Check {
    fn new(name: &'static str) -> Self {
        Self { name, ok: true, checked: 0, mismatches: Vec::new(), mismatch_count: 0 }
    }

    fn differs(&mut self, id: Uuid, detail: impl Into<String>) {
        self.ok = false;
        self.mismatch_count += 1;
        if self.mismatches.len() < SHOWN {
            self.mismatches.push(Mismatch { id, detail: detail.into() });
        }
    }

    /// Two figures that must be the same: what a record says and what was counted.
    fn equal(&mut self, id: Uuid, what: &str, kept: i64, counted: i64) {
        if kept != counted {
            self.differs(id, format!("{what}: {kept} is kept, {counted} is counted"));
        }
    }
}

/// Runs every check on one snapshot of the database.
///
/// # Errors
/// When the database does not answer.
pub async fn run(db: &Db, now: DateTime<Utc>) -> Result<Report, DbErr> {
    let tx = snapshot(db).await?;
    let checks = vec![
        ledger::check(&tx).await?,
        commitments::check(&tx).await?,
        years::check(&tx).await?,
        payments::check(&tx).await?,
        holds::check(&tx).await?,
        four_eyes::check(&tx).await?,
        audit::check(&tx).await?,
        reviews::check(&tx).await?,
    ];
    tx.rollback().await?;
    Ok(Report { ok: checks.iter().all(|check| check.ok), checked_at: now, checks })
}

/// The report for people.
pub fn summary(report: &Report) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let Check { name, checked, mismatch_count, .. } = check;
        let verdict = if check.ok { "agree".to_owned() } else { format!("{mismatch_count} DISAGREEMENTS") };
        // Writing to a text never fails.
        let _ = writeln!(text, "{name:<12} {checked:>8} records, {verdict}");
        for Mismatch { id, detail } in &check.mismatches {
            let _ = writeln!(text, "  {id} {detail}");
        }
        let hidden = mismatch_count.saturating_sub(check.mismatches.len() as u64);
        if hidden > 0 {
            let _ = writeln!(text, "  and {hidden} more");
        }
    }
    text + if report.ok { "all agree\n" } else { "the database disagrees with itself\n" }
}

/// A transaction that sees one moment of the database. SQLite's does so by itself and takes no such options.
async fn snapshot(db: &Db) -> Result<DatabaseTransaction, DbErr> {
    let options = match db.backend() {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
        _ => TransactionOptions::default(),
    };
    db.reader.begin_with_options(options).await
}

/// The rows of a table in the order of their ids, page by page.
struct Pages<E: EntityTrait> {
    select: Select<E>,
    column: E::Column,
    id: fn(&E::Model) -> Uuid,
    after: Option<Uuid>,
}

impl<E: EntityTrait> Pages<E> {
    fn of(select: Select<E>, column: E::Column, id: fn(&E::Model) -> Uuid) -> Self {
        Self { select, column, id, after: None }
    }

    /// The next rows, counted as looked at; nothing after the last ones.
    async fn next(
        &mut self,
        db: &impl ConnectionTrait,
        check: &mut Check,
    ) -> Result<Option<Vec<E::Model>>, DbErr> {
        let mut select = self.select.clone();
        if let Some(after) = self.after {
            select = select.filter(self.column.gt(after));
        }
        let rows = select.order_by_asc(self.column).limit(PAGE).all(db).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.after = Some((self.id)(last));
        check.checked += rows.len() as u64;
        Ok(Some(rows))
    }
}
