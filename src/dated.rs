//! Rows that are in force from a day to a day, both included; without a last day they run on. A row of a rule, a
//! price or a rate is never changed: another one takes over from a day on, and the one before ends the day before.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition};

/// Rows in force on a day; the columns are those of the first and the last day.
pub fn on_day(from: impl ColumnTrait, to: impl ColumnTrait, day: NaiveDate) -> Condition {
    between(from, to, day, day)
}

/// Rows in force on at least one day of a time.
pub fn between(from: impl ColumnTrait, to: impl ColumnTrait, first: NaiveDate, last: NaiveDate) -> Condition {
    let not_over = Condition::any().add(to.is_null()).add(to.gte(first));
    Condition::all().add(from.lte(last)).add(not_over)
}

/// The row that runs on when another one about the same begins.
pub fn running_before(from: impl ColumnTrait, to: impl ColumnTrait, new_from: NaiveDate) -> Condition {
    Condition::all().add(to.is_null()).add(from.lt(new_from))
}
