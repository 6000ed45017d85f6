//! Time and ids, passed in and never taken from the machine elsewhere, so that a test can set them.

use std::sync::Arc;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, Utc, Weekday,
};
use uuid::{Builder, Uuid};

/// Seconds by which the office's clock is ahead of UTC. Viet Nam has no daylight saving time.
const OFFICE_OFFSET_SECONDS: i32 = 7 * 3600;

/// The office's name of its time zone, for resources that a calendar shows.
pub const TIME_ZONE: &str = "Asia/Ho_Chi_Minh";

/// Tells the time. Cheap to clone; all clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
        Self(Arc::new(Utc::now))
    }

    /// A clock that tells whatever the function says.
    pub fn from_fn(tell: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Now, in whole microseconds: finer fractions would not survive PostgreSQL.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }

    /// Today in the office.
    pub fn today(&self) -> NaiveDate {
        office_day(self.now())
    }
}

/// The office's day on which an instant falls.
pub fn office_day(at: DateTime<Utc>) -> NaiveDate {
    office_time(at).date()
}

/// What the office's clock shows at an instant.
pub fn office_time(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc() + TimeDelta::seconds(i64::from(OFFICE_OFFSET_SECONDS))
}

/// The instant at which a day begins in the office.
pub fn office_midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::seconds(i64::from(OFFICE_OFFSET_SECONDS))
}

/// The office's calendar year of an instant: numbers and budgets start anew on 1 January, 00:00 +07:00.
pub fn office_year(at: DateTime<Utc>) -> i32 {
    office_day(at).year()
}

/// The same time of the day, so many working days later. The office works from Monday to Friday.
pub fn after_working_days(since: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let mut at = since;
    let mut left = days;
    while left > 0 {
        let Some(next) = at.checked_add_days(Days::new(1)) else { return at };
        at = next;
        if !matches!(office_day(at).weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    at
}

/// Makes ids.
#[derive(Clone)]
pub struct Ids(Arc<dyn Fn() -> [u8; 10] + Send + Sync>);

impl Ids {
    /// Ids that nobody can guess from another one, as far as 74 random bits go. They are no secrets.
    pub fn random() -> Self {
        Self(Arc::new(|| {
            let mut bytes = [0; 10];
            // Without randomness two ids of one millisecond are equal and the second insert is refused: a
            // failed request, not a wrong one.
            if let Err(error) = getrandom::fill(&mut bytes) {
                tracing::error!(%error, "the operating system gives no randomness");
            }
            bytes
        }))
    }

    /// A UUIDv7 (RFC 9562) of the given moment.
    pub fn at(&self, at: DateTime<Utc>) -> Uuid {
        Builder::from_unix_timestamp_millis(u64::try_from(at.timestamp_millis()).unwrap_or(0), &(self.0)())
            .into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn a_weekend_does_not_count() {
        // Friday, 16:00 in the office.
        let due = after_working_days(at("2025-12-12T16:00:00+07:00"), 2);
        assert_eq!(due, at("2025-12-16T16:00:00+07:00"));
    }

    #[test]
    fn days_are_the_office_s() {
        // Monday, 01:00 in the office; in UTC it is still Sunday.
        let due = after_working_days(at("2025-12-15T01:00:00+07:00"), 1);
        assert_eq!(due, at("2025-12-16T01:00:00+07:00"));
    }
}
