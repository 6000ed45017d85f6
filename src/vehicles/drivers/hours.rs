//! How long a driver may be on trips in a day, and how long they rest between the trips of two days. The limits
//! are dated data ([`super::hours_rules`]).

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};
use entity::driver_hours_rules::Model as Rule;
use entity::drivers::Model as Driver;
use entity::trips::{self, TripStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::clock::{office_day, office_midnight};
use crate::error::{ApiResult, FieldError, text};
use crate::vehicles::drivers::hours_rules;
use crate::vehicles::period::Period;

/// A trip that is shorter has no night in it in which the driver rests.
const DAY: TimeDelta = TimeDelta::days(1);

/// What another trip of this period would break, beside the driver's other trips; all about `driver_id`.
///
/// # Errors
/// When the database does not answer.
pub async fn broken(
    db: &impl ConnectionTrait,
    driver: &Driver,
    period: Period,
    trip_id: Uuid,
) -> ApiResult<Vec<FieldError>> {
    let first_day = office_day(period.starts_at);
    let Some(rule) = hours_rules::in_force(db, first_day).await? else {
        return Ok(vec![FieldError::body(
            "driver_id",
            "rate_not_found",
            text(
                format!("chưa có quy định về thời gian lái xe cho ngày {first_day}"),
                format!("there is no rule of drivers' hours for {first_day}; POST /v1/driver-hours-rules"),
            ),
        )]);
    };
    let around = Period { starts_at: period.starts_at - DAY * 2, ends_at: period.ends_at + DAY * 2 };
    let others = trips::Entity::find()
        .filter(trips::Column::DriverId.eq(driver.id))
        .filter(trips::Column::Id.ne(trip_id))
        .filter(trips::Column::Status.is_not_in([TripStatus::Planned, TripStatus::Void]))
        .filter(around.overlaps(trips::Column::StartsAt, trips::Column::EndsAt))
        .all(db)
        .await?;
    let others: Vec<Period> = others
        .iter()
        .map(|trip| Period { starts_at: trip.starts_at, ends_at: trip.returned_at.unwrap_or(trip.ends_at) })
        .filter(|other| other.starts_at < other.ends_at)
        .collect();
    Ok(problems(&rule, period, &others))
}

fn problems(rule: &Rule, period: Period, others: &[Period]) -> Vec<FieldError> {
    let mut broken = Vec::new();
    for (day, minutes) in days_too_long(rule, period, others) {
        let (limit, day) = (rule.daily_minutes, day.format("%d/%m/%Y"));
        broken.push(FieldError::body(
            "driver_id",
            "driver_daily_hours",
            text(
                format!(
                    "ngày {day} lái xe sẽ đi {minutes} phút, tối đa {limit} phút ({})",
                    rule.document_number
                ),
                format!(
                    "on {day} the driver would be out {minutes} minutes, at most {limit} ({})",
                    rule.document_number
                ),
            ),
        ));
    }
    if let Some(minutes) = rest_too_short(rule, period, others) {
        let limit = rule.rest_minutes;
        broken.push(FieldError::body(
            "driver_id",
            "driver_rest",
            text(
                format!("giữa chuyến của hai ngày lái xe chỉ nghỉ {minutes} phút, ít nhất {limit} phút ({})", rule.document_number),
                format!("between the trips of two days the driver would rest {minutes} minutes, at least {limit} ({})", rule.document_number),
            ),
        ));
    }
    broken
}

/// The days of the trip on which the driver would be out longer than allowed, with the minutes.
fn days_too_long(rule: &Rule, period: Period, others: &[Period]) -> BTreeMap<NaiveDate, i64> {
    let mut minutes = BTreeMap::new();
    let (first, last) = (office_day(period.starts_at), period.last_day());
    for day in first.iter_days().take_while(|day| *day <= last) {
        let together = others.iter().map(|other| minutes_on(rule, *other, day)).sum::<i64>();
        minutes.insert(day, together + minutes_on(rule, period, day));
    }
    minutes.retain(|_, minutes| *minutes > rule.daily_minutes);
    minutes
}

/// A trip of a day and more includes the nights in which its driver rests: they do not count, and such a trip
/// fills no more than the allowed time of a day by itself.
fn minutes_on(rule: &Rule, period: Period, day: NaiveDate) -> i64 {
    let midnight = office_midnight(day);
    let next = office_midnight(day + Days::new(1));
    let minutes = (period.ends_at.min(next) - period.starts_at.max(midnight)).num_minutes().max(0);
    if period.length() < DAY {
        return minutes;
    }
    (minutes - rule.rest_minutes).clamp(0, rule.daily_minutes)
}

/// The shortest rest to the trips of the days before and after, if it is too short. Trips of one day are within
/// that day's limit.
fn rest_too_short(rule: &Rule, period: Period, others: &[Period]) -> Option<i64> {
    let gap = |earlier: Period, later: Period| {
        let rest = (later.starts_at - earlier.ends_at).num_minutes();
        (rest >= 0 && earlier.last_day() < office_day(later.starts_at)).then_some(rest)
    };
    let gaps = others.iter().flat_map(|other| [gap(*other, period), gap(period, *other)]);
    gaps.flatten().min().filter(|rest| *rest < rule.rest_minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    fn rule() -> Rule {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        Rule {
            id: Uuid::nil(),
            scope: "office".to_owned(),
            daily_minutes: 14 * 60,
            rest_minutes: 8 * 60,
            document_number: "01".to_owned(),
            issuer: String::new(),
            verification: entity::fuel_norms::Verification::Demo,
            valid_from: NaiveDate::MIN,
            valid_to: None,
            version: 1,
            created_at: at,
            updated_at: at,
            created_by_id: None,
        }
    }

    fn period(from: &str, to: &str) -> Period {
        let at = |text: &str| format!("2025-12-{text}:00+07:00").parse().unwrap();
        Period { starts_at: at(from), ends_at: at(to) }
    }

    fn codes(this: Period, others: &[Period]) -> Vec<&'static str> {
        problems(&rule(), this, others).iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn a_day_of_fourteen_hours_is_full() {
        let day = [period("12T05:00", "12T17:00")];
        assert!(codes(period("12T17:00", "12T19:00"), &day).is_empty());
        assert_eq!(codes(period("12T17:00", "12T19:01"), &day), ["driver_daily_hours"]);
    }

    #[test]
    fn nights_of_long_trips_do_not_count() {
        let days = period("12T06:00", "15T18:00");
        assert!(codes(days, &[]).is_empty());
        assert_eq!(codes(period("12T05:00", "12T23:00"), &[]), ["driver_daily_hours"]);
        assert!(codes(period("15T18:00", "15T20:00"), &[days]).is_empty());
    }

    #[test]
    fn between_the_trips_of_two_days_lies_a_rest() {
        let late = [period("12T18:00", "12T23:00")];
        assert_eq!(codes(period("13T06:59", "13T10:00"), &late), ["driver_rest"]);
        assert!(codes(period("13T07:00", "13T10:00"), &late).is_empty());
        assert_eq!(codes(period("12T18:00", "12T23:30"), &[period("13T07:00", "13T10:00")]), ["driver_rest"]);
    }
}
