//! What an estimate must say before anything is priced.

use chrono::{Datelike, NaiveDate};

use crate::error::{FieldError, text};
use crate::travel::estimates::journey::Journey;
use crate::travel::estimates::json::{MonthlyLumpSumIn, TravelEstimateIn};
use crate::travel::legs;

/// The longest journey, in days.
const LONGEST: i64 = 400;

/// The most days of all travellers together; each of them has a few lines in the answer.
const MOST_DAYS: i64 = 2_000;

/// The first and the last day for which rates are needed: of the journey, or the first of the month.
pub fn period(body: &TravelEstimateIn) -> Option<(NaiveDate, NaiveDate)> {
    match (&body.monthly_lump_sum, Journey::of(&body.legs)) {
        (Some(monthly), None) => first_of(monthly).map(|first| (first, first)),
        (_, journey) => journey.map(|journey| (journey.first, journey.last)),
    }
}

pub fn first_of(monthly: &MonthlyLumpSumIn) -> Option<NaiveDate> {
    format!("{}-01", monthly.month).parse().ok()
}

/// Everything that is wrong without a look at the database.
pub fn broken(body: &TravelEstimateIn) -> Vec<FieldError> {
    let mut errors = match (&body.monthly_lump_sum, body.legs.is_empty()) {
        (Some(_), false) => vec![FieldError::body(
            "monthly_lump_sum",
            "not_with_legs",
            text("khoán tháng không đi cùng chặng", "a monthly lump sum has no legs"),
        )],
        (None, true) => {
            let detail = text("cần ít nhất một chặng", "at least one leg is needed");
            vec![FieldError::body("legs", "required", detail)]
        }
        (Some(monthly), true) => wrong_month(monthly).into_iter().collect(),
        (None, false) => Vec::new(),
    };
    errors.extend(legs::broken(&body.legs));
    errors.extend(wrong_travellers(body));
    if let Some(journey) = Journey::of(&body.legs) {
        errors.extend(wrong_length(&journey, body.travellers.len()));
        errors.extend(wrong_dates(&journey, body));
    }
    errors
}

fn wrong_month(monthly: &MonthlyLumpSumIn) -> Option<FieldError> {
    let Some(first) = first_of(monthly).filter(|first| plausible(*first)) else {
        let detail = text("năm phải từ 1900 đến 2199", "the year must be from 1900 to 2199");
        return Some(FieldError::body("monthly_lump_sum/month", "out_of_range", detail));
    };
    let days = i64::from(first.num_days_in_month());
    (monthly.travel_days > days).then(|| {
        let detail = text(format!("tháng này có {days} ngày"), format!("the month has {days} days"));
        FieldError::body("monthly_lump_sum/travel_days", "out_of_range", detail)
    })
}

fn plausible(day: NaiveDate) -> bool {
    (1900..2200).contains(&day.year())
}

fn wrong_travellers(body: &TravelEstimateIn) -> Vec<FieldError> {
    let travellers = body.travellers.iter().enumerate();
    let wrong = travellers.filter(|(_, one)| one.staff_id.is_some() == one.coefficient.is_some());
    let errors = wrong.map(|(index, _)| {
        let detail = text(
            "cần đúng một trong staff_id và coefficient",
            "needs either staff_id or coefficient, not both",
        );
        FieldError::body(&format!("travellers/{index}/coefficient"), "one_of", detail)
    });
    errors.collect()
}

fn wrong_length(journey: &Journey<'_>, travellers: usize) -> Option<FieldError> {
    let days = journey.length();
    let all = i64::try_from(travellers).unwrap_or(i64::MAX).saturating_mul(days);
    (days > LONGEST || all > MOST_DAYS).then(|| {
        let detail = text(
            format!("một lần tính nhiều nhất {LONGEST} ngày và {MOST_DAYS} ngày người"),
            format!(
                "an estimate has at most {LONGEST} days, and {MOST_DAYS} days of all travellers together"
            ),
        );
        FieldError::body("legs", "too_long", detail)
    })
}

/// The way from one day to another says how far it is, so that its tier is found; private days lie in the journey.
fn wrong_dates(journey: &Journey<'_>, body: &TravelEstimateIn) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if journey.is_same_day() && journey.longest_km().is_none() {
        let detail = text("cần cho chuyến đi về trong ngày", "is needed for a journey within one day");
        errors.push(FieldError::body("legs/0/one_way_km", "required", detail));
    }
    for (index, traveller) in body.travellers.iter().enumerate() {
        for (number, day) in traveller.private_dates.iter().enumerate() {
            if *day < journey.first || journey.last < *day {
                let pointer = format!("travellers/{index}/private_dates/{number}");
                let detail = text("ngoài thời gian đi", "lies outside the journey");
                errors.push(FieldError::body(&pointer, "out_of_range", detail));
            }
        }
    }
    errors
}
