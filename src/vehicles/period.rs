//! A stretch of time whose end does not belong to it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, Condition};

use crate::clock::office_day;

/// See the module. It always ends after it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

impl Period {
    /// Nothing where the end is not after the start.
    pub fn new(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> Option<Self> {
        let (starts_at, ends_at) = (storable(starts_at), storable(ends_at));
        (starts_at < ends_at).then_some(Self { starts_at, ends_at })
    }

    pub fn length(&self) -> TimeDelta {
        self.ends_at - self.starts_at
    }

    /// The office's day of its last moment.
    pub fn last_day(&self) -> NaiveDate {
        office_day(self.ends_at - TimeDelta::microseconds(1))
    }

    /// "Overlaps this period", for rows with these columns of start and end.
    pub fn overlaps(&self, starts_at: impl ColumnTrait, ends_at: impl ColumnTrait) -> Condition {
        let (begins_before, ends_after): (SimpleExpr, SimpleExpr) =
            (starts_at.lt(self.ends_at), ends_at.gt(self.starts_at));
        Condition::all().add(ends_after).add(begins_before)
    }
}

/// An instant as both databases keep it: whole microseconds, and a leap second is the second after it.
pub fn storable(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}
