//! The travel estimate: what a journey may cost by the rates in force, every amount with its working. A
//! calculator: it stores nothing. A missing rate is an error that names what is missing, never a guess.
//!
//! Every day from the first to the last has one per diem ([`days`]), every night one line of lodging ([`nights`]),
//! every leg one of its way ([`ways`]); `journey.rs` says which leg a day and a night belong to. `rules.rs` refuses
//! what makes no journey, `people.rs` finds the travellers' coefficients, `pricing.rs` the rates of each day.

use sea_orm::ConnectionTrait;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::decimal::decimal;
use crate::error::{ApiError, ApiResult, text};
use crate::http::document::LARGEST_AMOUNT;
use crate::http::language::Language;
use crate::travel::estimates::journey::Journey;
use crate::travel::estimates::json::{EstimateLine, TravelEstimateIn, TravelEstimateOut, TravellerEstimate};
use crate::travel::estimates::nights::Guests;
use crate::travel::estimates::pricing::{Missing, Person, Pricing};

pub mod days;
pub mod handlers;
pub mod journey;
pub mod json;
pub mod nights;
mod people;
pub mod pricing;
pub mod result;
pub mod rules;
pub mod ways;
pub mod working;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(handlers::create_travel_estimate);
}

/// Computes what a journey may cost, with its working in the caller's language. Errors point into the body as it was
/// sent (`#/legs/0/ends_at`).
///
/// # Errors
/// 422 with everything that is wrong with the journey, or `rate_not_found` naming what is missing.
pub async fn compute(
    db: &impl ConnectionTrait,
    language: Language,
    body: &TravelEstimateIn,
) -> ApiResult<TravelEstimateOut> {
    let mut errors = rules::broken(body);
    let Some(period) = rules::period(body) else { return Err(ApiError::invalid(errors)) };
    let (people, unclassed) = people::load(db, body, period.0).await?;
    errors.extend(unclassed);
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let pricing = Pricing::load(db, language, body.rate_change_pricing, period).await?;
    let mut missing = Missing::default();
    let mut travellers = Vec::new();
    for own in 0..people.len() {
        let guests = Guests { people: &people, own };
        travellers.push(match Journey::of(&body.legs) {
            Some(journey) => of_journey(&pricing, &journey, &guests, &mut missing)?,
            None => of_month(&pricing, body, &people[own], &mut missing)?,
        });
    }
    missing.refuse()?;
    result::of(travellers, pricing.mode)
}

/// What one traveller may be paid for a journey.
fn of_journey(
    pricing: &Pricing,
    journey: &Journey<'_>,
    guests: &Guests<'_>,
    missing: &mut Missing,
) -> ApiResult<TravellerEstimate> {
    let person = &guests.people[guests.own];
    let days = days::per_diem(pricing, journey, person, missing);
    let nights = nights::lodging(pricing, journey, guests, missing);
    let ways = ways::transport(pricing, journey, person, missing);
    let (per_diem_amount, lodging_amount) = (sum(&days)?, sum(&nights)?);
    let transport_amount = sum(&ways)?;
    let private = i64::try_from(person.private_dates.len()).map_err(ApiError::internal)?;
    let length = journey.length();
    Ok(TravellerEstimate {
        staff_id: person.staff_id,
        coefficient: decimal(person.coefficient),
        days: length,
        nights: length - 1,
        paid_days: length - private,
        lines: days.into_iter().chain(nights).chain(ways).collect(),
        per_diem_amount,
        lodging_amount,
        transport_amount,
        total_amount: per_diem_amount + lodging_amount + transport_amount,
    })
}

/// What one traveller may be paid for a month.
fn of_month(
    pricing: &Pricing,
    body: &TravelEstimateIn,
    person: &Person,
    missing: &mut Missing,
) -> ApiResult<TravellerEstimate> {
    let monthly = body.monthly_lump_sum.as_ref();
    let month = monthly.and_then(|monthly| Some((rules::first_of(monthly)?, monthly.travel_days)));
    let line = month.and_then(|(first, travel_days)| days::monthly(pricing, first, travel_days, missing));
    let lines: Vec<EstimateLine> = line.into_iter().collect();
    Ok(TravellerEstimate {
        staff_id: person.staff_id,
        coefficient: decimal(person.coefficient),
        days: 0,
        nights: 0,
        paid_days: 0,
        total_amount: sum(&lines)?,
        lines,
        per_diem_amount: 0,
        lodging_amount: 0,
        transport_amount: 0,
    })
}

/// # Errors
/// 422 where it is more than any amount of the service.
fn sum(lines: &[EstimateLine]) -> ApiResult<i64> {
    in_bounds(lines.iter().map(|line| line.amount))
}

/// # Errors
/// 422 where the sum is more than any amount of the service.
fn in_bounds(amounts: impl Iterator<Item = i64>) -> ApiResult<i64> {
    let sum: i128 = amounts.map(i128::from).sum();
    i64::try_from(sum).ok().filter(|sum| *sum <= LARGEST_AMOUNT).ok_or_else(|| {
        let detail = text("tổng số tiền quá lớn", "the sum is too large");
        ApiError::rule("legs", "out_of_range", detail)
    })
}
