//! The per diem of every day, the tier of a journey within one day, and the lump sum of a month.

use chrono::NaiveDate;
use entity::rates::RateKind;

use crate::decimal::decimal;
use crate::error::text;
use crate::travel::estimates::journey::Journey;
use crate::travel::estimates::json::EstimateLine;
use crate::travel::estimates::pricing::{Missing, Person, Pricing, line};
use crate::travel::estimates::working::{dong, once};
use crate::travel::rates::lookup::Found;

/// One line for every day, the private ones included: those are not paid.
pub fn per_diem(
    pricing: &Pricing,
    journey: &Journey<'_>,
    person: &Person,
    missing: &mut Missing,
) -> Vec<EstimateLine> {
    if journey.is_same_day() {
        return same_day(pricing, journey, person, missing).into_iter().collect();
    }
    journey.days().filter_map(|day| full_day(pricing, journey, person, day, missing)).collect()
}

fn full_day(
    pricing: &Pricing,
    journey: &Journey<'_>,
    person: &Person,
    day: NaiveDate,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let leg = journey.leg_of_day(day);
    let line = line("per_diem", day, leg, "per_person_per_day");
    if person.private_dates.contains(&day) {
        return Some(line.on_private_day(pricing.language));
    }
    let (code, place) = match journey.at_sea(day) {
        true => ("sea_island", text("trên biển, đảo", "at sea or on islands")),
        false => ("mainland", text("trên đất liền", "on the mainland")),
    };
    let priced_on = pricing.day(day);
    let Some(found) = pricing.book.find(RateKind::PerDiem, Some(code), priced_on) else {
        let what = text(format!("phụ cấp lưu trú {}", place.vi), format!("per diem (per_diem) {}", place.en));
        missing.add(&format!("legs/{leg}"), &what, priced_on);
        return None;
    };
    let working = once("ngày", "day", found.amount());
    Some(paid(line, found, priced_on, working.get(pricing.language)))
}

/// A day's journey is paid by its tier only, never by the rate of a full day.
fn same_day(
    pricing: &Pricing,
    journey: &Journey<'_>,
    person: &Person,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let day = journey.first;
    let line = line("same_day_per_diem", day, 0, "per_person_per_trip");
    if person.private_dates.contains(&day) {
        return Some(line.on_private_day(pricing.language));
    }
    let (seconds, km) = (journey.seconds(), journey.longest_km().unwrap_or_default());
    let Some(found) = pricing.book.same_day(seconds, km, day) else {
        // Rounded down: who is a minute short has not reached the hour.
        let (hours, km) = (decimal(seconds / 36), decimal(km));
        let what = text(
            format!("phụ cấp đi về trong ngày cho {hours} giờ và {km} km"),
            format!("rate of a journey within one day (same_day_per_diem) for {hours} hours and {km} km"),
        );
        missing.add("legs/0", &what, day);
        return None;
    };
    let working = once("chuyến", "journey", found.amount());
    Some(paid(line, found, day, working.get(pricing.language)))
}

fn paid(line: EstimateLine, found: Found<'_>, priced_on: NaiveDate, working: &str) -> EstimateLine {
    EstimateLine {
        rate_amount: found.amount(),
        amount: found.amount(),
        working: working.to_owned(),
        rates: found.used(priced_on),
        ..line
    }
}

/// The lump sum of a month, by the rates of its first day.
pub fn monthly(
    pricing: &Pricing,
    month: NaiveDate,
    travel_days: i64,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let Some(found) = pricing.book.find(RateKind::MonthlyLumpSum, None, month) else {
        let what = text("mức khoán công tác phí tháng", "monthly lump sum (monthly_lump_sum)");
        missing.add("monthly_lump_sum", &what, month);
        return None;
    };
    let from = found.rate.min_travel_days.unwrap_or_default();
    let amount = dong(found.amount());
    let working = text(
        format!("{travel_days} ngày, khoán từ {from} ngày: {}", amount.vi),
        format!("{travel_days} days, lump sum from {from} days on: {}", amount.en),
    );
    let line = line("monthly_travel_lump_sum", month, 0, "per_person_per_month");
    let line = paid(EstimateLine { leg: None, ..line }, found, month, working.get(pricing.language));
    Some(if travel_days < from { line.unpaid("too_few_days", &working, pricing.language) } else { line })
}
