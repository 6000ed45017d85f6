//! Lodging: one line for every night, by lump sum or by the room's price, and half a day more in the room.

use chrono::NaiveDate;
use entity::rates::RateKind;

use crate::decimal::{decimal, divide};
use crate::error::text;
use crate::split::split_by_weight;
use crate::travel::estimates::journey::Journey;
use crate::travel::estimates::json::EstimateLine;
use crate::travel::estimates::pricing::{Missing, Person, Pricing, line};
use crate::travel::estimates::working::{dong, once, room};
use crate::travel::legs::{Lodging, TravelLegIn};
use crate::travel::rates::lookup::Found;

/// The rule of half a day more in the room.
const HALF_DAY: &str = "half_day_extra";

/// Who looks for a room, and with whom.
pub struct Guests<'a> {
    pub people: &'a [Person],
    /// The traveller whose lines are made.
    pub own: usize,
}

/// The lines of one traveller's nights.
pub fn lodging(
    pricing: &Pricing,
    journey: &Journey<'_>,
    guests: &Guests<'_>,
    missing: &mut Missing,
) -> Vec<EstimateLine> {
    let mut lines: Vec<_> =
        journey.nights().filter_map(|night| of_night(pricing, journey, guests, night, missing)).collect();
    for leg in 0..journey.legs.len() {
        lines.extend(late_check_out(pricing, journey, guests, leg, missing));
    }
    lines
}

fn of_night(
    pricing: &Pricing,
    journey: &Journey<'_>,
    guests: &Guests<'_>,
    night: NaiveDate,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let index = journey.leg_of_night(night)?;
    let (kind, unit) = match journey.legs[index].lodging {
        Lodging::None => return None,
        Lodging::FreeRoom => ("free_room", "per_person_per_night"),
        Lodging::LumpSum => ("lodging_lump_sum", "per_person_per_night"),
        Lodging::Receipt => ("lodging_receipt", "per_room_per_night"),
    };
    let line = line(kind, night, index, unit);
    if guests.person().private_dates.contains(&night) {
        return Some(line.on_private_day(pricing.language));
    }
    let stay = Stay { leg: &journey.legs[index], index, priced_on: pricing.day(night) };
    match stay.leg.lodging {
        Lodging::LumpSum => lump_sum(pricing, guests, &stay, line, missing),
        Lodging::Receipt => receipt(pricing, guests, &stay, line, missing),
        Lodging::None | Lodging::FreeRoom => {
            let working = text("được bố trí phòng nghỉ", "the host gives the room");
            Some(line.unpaid("free_room", &working, pricing.language))
        }
    }
}

/// A night of a leg, and the day whose rates price it.
struct Stay<'a> {
    leg: &'a TravelLegIn,
    index: usize,
    priced_on: NaiveDate,
}

impl Guests<'_> {
    fn person(&self) -> &Person {
        &self.people[self.own]
    }

    /// The travellers in the room, how many share its price, and the traveller's place among them. Who is left over
    /// in a group has the room alone; who travels alone shares with others outside.
    fn room(&self, occupants: usize) -> (&[Person], usize, usize) {
        let first = self.own - self.own % occupants;
        let inside = &self.people[first..self.people.len().min(first + occupants)];
        let left_over = inside.len() < occupants && self.people.len() > occupants;
        (inside, if left_over { inside.len() } else { occupants }, self.own - first)
    }
}

fn lump_sum(
    pricing: &Pricing,
    guests: &Guests<'_>,
    stay: &Stay<'_>,
    line: EstimateLine,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let found = rate(pricing, RateKind::LodgingLumpSum, guests.person(), stay, missing)?;
    let working = once("đêm", "night", found.amount());
    Some(EstimateLine {
        rate_amount: found.amount(),
        amount: found.amount(),
        working: working.get(pricing.language).to_owned(),
        rates: found.used(stay.priced_on),
        ..line
    })
}

/// The price of the room up to its ceiling, divided among those who share it so that no đồng is lost. The room may
/// cost what the one with the highest ceiling may.
fn receipt(
    pricing: &Pricing,
    guests: &Guests<'_>,
    stay: &Stay<'_>,
    line: EstimateLine,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let occupants = stay.leg.room_occupants.and_then(|all| usize::try_from(all).ok()).unwrap_or(1).max(1);
    let (inside, sharing, place) = guests.room(occupants);
    let mut ceilings = Vec::new();
    for person in inside {
        ceilings.push(rate(pricing, RateKind::LodgingReceiptCeiling, person, stay, missing)?);
    }
    let found = ceilings.into_iter().max_by_key(Found::amount)?;
    let price = stay.leg.room_amount.unwrap_or_default();
    let share =
        |whole: i64| split_by_weight(whole, &vec![1; sharing]).get(place).copied().unwrap_or_default();
    let (amount, asked) = (share(price.min(found.amount())), share(price));
    Some(EstimateLine {
        rate_amount: found.amount(),
        amount,
        asked_amount: Some(asked),
        reason: (amount < asked).then(|| "over_ceiling".to_owned()),
        working: room(price, found.amount(), sharing).get(pricing.language).to_owned(),
        rates: found.used(stay.priced_on),
        ..line
    })
}

/// At most a part of the night's lump sum, whichever way the nights themselves are paid.
fn late_check_out(
    pricing: &Pricing,
    journey: &Journey<'_>,
    guests: &Guests<'_>,
    index: usize,
    missing: &mut Missing,
) -> Option<EstimateLine> {
    let leg = &journey.legs[index];
    leg.late_check_out.as_ref()?;
    let on = leg.last_day();
    let line = line("lodging_late_check_out", on, index, "per_person_per_night");
    if guests.person().private_dates.contains(&on) {
        return Some(line.on_private_day(pricing.language));
    }
    let stay = Stay { leg, index, priced_on: pricing.day(on) };
    let night = rate(pricing, RateKind::LodgingLumpSum, guests.person(), &stay, missing);
    let Some(rule) = pricing.book.find(RateKind::LodgingRule, Some(HALF_DAY), stay.priced_on) else {
        let what = text("quy định trả phòng muộn nửa ngày", "rule (lodging_rule) of half a day in the room");
        missing.add(&format!("legs/{index}/late_check_out"), &what, stay.priced_on);
        return None;
    };
    let night = night?;
    let percent = rule.rate.percent_hundredths.unwrap_or_default();
    let whole = dong(night.amount());
    let working = text(
        format!("{}% x {}", decimal(percent), whole.vi),
        format!("{}% x {}", decimal(percent), whole.en),
    );
    let mut rates = night.used(stay.priced_on);
    rates.extend(rule.used(stay.priced_on));
    Some(EstimateLine {
        quantity: decimal(divide(i128::from(percent), 100)),
        rate_amount: night.amount(),
        amount: divide(i128::from(night.amount()) * i128::from(percent), 10_000),
        working: working.get(pricing.language).to_owned(),
        rates,
        ..line
    })
}

fn rate<'a>(
    pricing: &'a Pricing,
    kind: RateKind,
    person: &Person,
    stay: &Stay<'a>,
    missing: &mut Missing,
) -> Option<Found<'a>> {
    let leg = stay.leg;
    let found =
        pricing.book.lodging(kind, person.coefficient, |table| leg.place_class_in(table), stay.priced_on);
    if found.is_none() {
        let (vi, en) = match kind {
            RateKind::LodgingReceiptCeiling => {
                ("mức trần tiền phòng", "ceiling of a room (lodging_receipt_ceiling)")
            }
            _ => ("mức khoán tiền phòng", "lodging lump sum (lodging_lump_sum)"),
        };
        let coefficient = decimal(person.coefficient);
        let mut places: Vec<String> = leg.place_class.clone().into_iter().collect();
        let others = leg.other_place_classes.iter();
        places.extend(others.map(|other| format!("{} ({})", other.place_class, other.table)));
        let places = places.join(", ");
        let what = text(
            format!("{vi} cho hệ số {coefficient} ở nơi loại {places}"),
            format!("{en} for the coefficient {coefficient} in places of the class {places}"),
        );
        missing.add(&format!("legs/{}/lodging", stay.index), &what, stay.priced_on);
    }
    found
}
