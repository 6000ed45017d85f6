//! The figures of a period: a fixed number of queries, whatever happened in it. Each file counts one kind of record.
//!
//! What happened is counted by its own day. What stands at the end (open claims, advances) is told by the records as
//! they are now; only the ledger of the budget remembers every moment.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::boards;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::clock::{office_day, office_midnight};
use crate::error::ApiResult;
use crate::reviews::columns;
use crate::reviews::figures::json::ReviewFigures;

pub mod accountants;
pub mod bookings;
pub mod budgets;
pub mod cars;
pub mod claims;
pub mod json;
pub mod obstacles;
pub mod tasks;

/// The largest number that every JSON reader holds exactly; no sum of an office comes near it.
const LARGEST_SUM: i64 = 9_007_199_254_740_991;

/// The days that a review is about, and the moment at which it counts.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    pub from: NaiveDate,
    /// Included.
    pub to: NaiveDate,
    pub starts_at: DateTime<Utc>,
    /// Excluded.
    pub ends_at: DateTime<Utc>,
    /// The end, or now before it.
    pub as_of: DateTime<Utc>,
    /// The office's day on which what is open is counted.
    pub on: NaiveDate,
}

impl Period {
    pub fn new(from: NaiveDate, to: NaiveDate, now: DateTime<Utc>) -> Self {
        let ends_at = to.checked_add_days(Days::new(1)).map_or(now, office_midnight);
        let on = to.min(office_day(now));
        Self { from, to, starts_at: office_midnight(from), ends_at, as_of: ends_at.min(now), on }
    }

    fn holds(&self, at: DateTime<Utc>) -> bool {
        self.starts_at <= at && at < self.ends_at
    }

    /// The first and the last moment, as values of a query.
    fn moments(&self) -> Vec<Value> {
        vec![self.starts_at.into(), self.ends_at.into()]
    }

    /// The first and the last day, as values of a query.
    fn days(&self) -> Vec<Value> {
        vec![self.from.into(), self.to.into()]
    }
}

/// The boards of all times by id: those of a period have a row each, the others where something is to be told.
pub struct Boards(BTreeMap<Uuid, boards::Model>);

impl Boards {
    async fn load(db: &impl ConnectionTrait) -> ApiResult<Self> {
        let rows = boards::Entity::find().all(db).await?;
        Ok(Self(rows.into_iter().map(|board| (board.id, board)).collect()))
    }

    fn code(&self, id: Uuid) -> String {
        self.0.get(&id).map(|board| board.code.clone()).unwrap_or_default()
    }

    /// What was found, by the boards' codes; a living board of which nothing was found has nothing.
    fn rows<F: Default>(&self, period: &Period, mut found: BTreeMap<Uuid, F>) -> Vec<(Uuid, String, F)> {
        let living = |board: &boards::Model| {
            board.valid_from <= period.to && board.valid_to.is_none_or(|last| last >= period.from)
        };
        let mut rows: Vec<(Uuid, String, F)> = (self.0.values())
            .filter_map(|board| {
                let figures = found.remove(&board.id);
                (figures.is_some() || living(board))
                    .then(|| (board.id, board.code.clone(), figures.unwrap_or_default()))
            })
            .collect();
        rows.sort_by(|one, other| one.1.cmp(&other.1));
        rows
    }
}

/// The rows of a statement.
async fn ask<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> ApiResult<Vec<T>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(T::find_by_statement(statement).all(db).await?)
}

/// A sum that stays a number of JSON.
fn add(sum: &mut i64, amount: i64) {
    *sum = sum.saturating_add(amount).clamp(-LARGEST_SUM, LARGEST_SUM);
}

/// Everything that is to be told of a period.
///
/// # Errors
/// When the database does not answer.
pub async fn compute(db: &impl ConnectionTrait, period: &Period) -> ApiResult<ReviewFigures> {
    let boards = Boards::load(db).await?;
    Ok(ReviewFigures {
        from: period.from,
        to: period.to,
        as_of: period.as_of,
        units: columns::units(),
        tasks: tasks::count(db, period, &boards).await?,
        bookings: bookings::count(db, period, &boards).await?,
        cars: cars::count(db, period).await?,
        claims: claims::count(db, period, &boards).await?,
        budgets: budgets::count(db, period, &boards).await?,
        advances: budgets::advances(db, period, &boards).await?,
        obstacles: obstacles::count(db, period, &boards).await?,
        accountants: accountants::list(db, period, &boards).await?,
    })
}
