//! The way of each leg: the office's car, the traveller's own vehicle, or a ticket.

use chrono::NaiveDate;
use entity::rates::RateKind;

use crate::decimal::{decimal, divide, hundredths};
use crate::error::text;
use crate::travel::estimates::journey::Journey;
use crate::travel::estimates::json::EstimateLine;
use crate::travel::estimates::pricing::{Missing, Person, Pricing, fuel_price, line};
use crate::travel::estimates::working::dong;
use crate::travel::legs::{Transport, TravelLegIn};
use crate::travel::rates::lookup::Found;
use crate::travel::rates::rules::CAR_RIGHT_FROM;

/// At most one line for each leg; a way that costs nobody anything has none.
pub fn transport(
    pricing: &Pricing,
    journey: &Journey<'_>,
    person: &Person,
    missing: &mut Missing,
) -> Vec<EstimateLine> {
    let legs = journey.legs.iter().enumerate();
    legs.filter_map(|(index, leg)| match leg.transport {
        Transport::None => None,
        Transport::OfficeCar => Some(office_car(pricing, index, leg)),
        Transport::Private => private(pricing, index, leg, person, missing),
        Transport::Public | Transport::Air => ticket(pricing, "ticket", index, leg),
        Transport::Hired => ticket(pricing, "hired_transport", index, leg),
    })
    .collect()
}

fn office_car(pricing: &Pricing, index: usize, leg: &TravelLegIn) -> EstimateLine {
    let line = line("office_car", leg.first_day(), index, "per_leg");
    let working = text("đi xe của cơ quan", "the office's car");
    line.unpaid("office_car_used", &working, pricing.language)
}

fn ticket(pricing: &Pricing, kind: &str, index: usize, leg: &TravelLegIn) -> Option<EstimateLine> {
    let price = leg.ticket_amount?;
    let shown = dong(price);
    let working = match kind {
        "ticket" => text(format!("vé {}", shown.vi), format!("ticket {}", shown.en)),
        _ => text(format!("thuê xe {}", shown.vi), format!("hired vehicle {}", shown.en)),
    };
    Some(EstimateLine {
        rate_amount: price,
        amount: price,
        asked_amount: Some(price),
        working: working.get(pricing.language).to_owned(),
        ..line(kind, leg.first_day(), index, "per_leg")
    })
}

/// Litres for the km of the leg at the petrol price of its day, rounded once, at the line.
fn private(
    pricing: &Pricing,
    index: usize,
    leg: &TravelLegIn,
    person: &Person,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let (on, priced_on) = (leg.first_day(), pricing.day(leg.first_day()));
    let line = line("private_transport", on, index, "per_km");
    let line = EstimateLine { quantity: decimal(0), ..line };
    if let Some(refused) = car_right(pricing, person, priced_on, &line) {
        return Some(refused);
    }
    let (code, vi) = match leg.difficult_area {
        true => ("difficult_commune", "xã khó khăn"),
        false => ("ordinary_commune", "xã thường"),
    };
    let Some(rule) = pricing.book.find(RateKind::PrivateTransport, Some(code), priced_on) else {
        let what =
            text(format!("mức tự túc phương tiện đến {vi}"), format!("rate (private_transport) to a {code}"));
        missing.add(&format!("legs/{index}/transport"), &what, priced_on);
        return None;
    };
    let one_way = leg.one_way_km.as_deref().and_then(hundredths).unwrap_or_default();
    if one_way < rule.rate.min_one_way_km_hundredths.unwrap_or_default() {
        return Some(too_near(pricing, line, rule, priced_on));
    }
    let km = if leg.round_trip { 2 * one_way } else { one_way };
    let Some(petrol) = pricing.petrol(on) else {
        let what = text("giá xăng", "price of petrol (fuel_price)");
        missing.add(&format!("legs/{index}/transport"), &what, on);
        return None;
    };
    let litres = rule.rate.litres_per_km_hundredths.unwrap_or_default();
    let mut rates = rule.used(priced_on);
    rates.push(fuel_price(petrol, on));
    let price = dong(petrol.unit_price);
    let (distance, per_km) = (decimal(km), decimal(litres));
    let working = text(
        format!("{distance} km x {per_km} lít x {}", price.vi),
        format!("{distance} km x {per_km} l x {}", price.en),
    );
    let exact = i128::from(litres) * i128::from(petrol.unit_price);
    Some(EstimateLine {
        quantity: decimal(km),
        rate_amount: divide(exact, 100),
        amount: divide(i128::from(km) * exact, 10_000),
        working: working.get(pricing.language).to_owned(),
        rates,
        ..line
    })
}

fn too_near(pricing: &Pricing, line: EstimateLine, rule: Found<'_>, priced_on: NaiveDate) -> EstimateLine {
    let from = decimal(rule.rate.min_one_way_km_hundredths.unwrap_or_default());
    let working = text(format!("chỉ trả từ {from} km một chiều"), format!("paid from {from} km one way on"));
    let line = EstimateLine { rates: rule.used(priced_on), ..line };
    line.unpaid("below_minimum_distance", &working, pricing.language)
}

/// Nothing for those who may have a car of the office: as the body says, else by the office's setting.
fn car_right(
    pricing: &Pricing,
    person: &Person,
    priced_on: NaiveDate,
    line: &EstimateLine,
) -> Option<EstimateLine> {
    let setting = pricing.book.find(RateKind::OfficeSetting, Some(CAR_RIGHT_FROM), priced_on);
    let from = setting.and_then(|found| found.rate.value.as_deref().and_then(hundredths));
    let by_coefficient = from.is_some_and(|from| person.coefficient >= from);
    if !person.has_car_right.unwrap_or(by_coefficient) {
        return None;
    }
    let decided = person.has_car_right.is_none();
    let rates = setting.filter(|_| decided).map(|found| found.used(priced_on)).unwrap_or_default();
    let working = text("được bố trí xe của cơ quan", "may have a car of the office");
    let line = EstimateLine { rates, ..line.clone() };
    Some(line.unpaid("has_car_right", &working, pricing.language))
}
