//! The days and nights of a journey, and to which leg each belongs. Pure; days are the office's.

use chrono::{NaiveDate, TimeDelta};

use crate::clock::office_midnight;
use crate::decimal::hundredths;
use crate::travel::legs::TravelLegIn;

/// Legs that follow each other, and the days that they touch.
#[derive(Clone, Copy)]
pub struct Journey<'a> {
    pub legs: &'a [TravelLegIn],
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl<'a> Journey<'a> {
    /// Nothing without legs.
    pub fn of(legs: &'a [TravelLegIn]) -> Option<Self> {
        let (first, last) = (legs.first()?.first_day(), legs.last()?.last_day());
        Some(Self { legs, first, last })
    }

    pub fn length(&self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// Out and back on one day.
    pub fn is_same_day(&self) -> bool {
        self.first == self.last
    }

    pub fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// The evenings before a night of the journey.
    pub fn nights(&self) -> impl Iterator<Item = NaiveDate> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day < last)
    }

    /// The leg that is in progress when the day begins, else the one that starts on it; on a day between two legs
    /// the one before.
    pub fn leg_of_day(&self, day: NaiveDate) -> usize {
        let (midnight, next) = (office_midnight(day), office_midnight(day + TimeDelta::days(1)));
        let at = |found: &dyn Fn(&TravelLegIn) -> bool| self.legs.iter().position(found);
        at(&|leg| leg.starts_at <= midnight && midnight < leg.ends_at)
            .or_else(|| at(&|leg| midnight <= leg.starts_at && leg.starts_at < next))
            .or_else(|| self.legs.iter().rposition(|leg| leg.starts_at < midnight))
            .unwrap_or_default()
    }

    /// Whether a part of the day is spent at sea or on islands: both the days of work there and those of the way.
    pub fn at_sea(&self, day: NaiveDate) -> bool {
        let (midnight, next) = (office_midnight(day), office_midnight(day + TimeDelta::days(1)));
        self.legs.iter().any(|leg| leg.at_sea && leg.starts_at < next && midnight < leg.ends_at)
    }

    /// The leg that spans the midnight after a day; nothing where it falls between two legs.
    pub fn leg_of_night(&self, day: NaiveDate) -> Option<usize> {
        let midnight = office_midnight(day + TimeDelta::days(1));
        self.legs.iter().position(|leg| leg.starts_at < midnight && midnight < leg.ends_at)
    }

    /// From the departure to the end of the last leg.
    pub fn seconds(&self) -> i64 {
        match (self.legs.first(), self.legs.last()) {
            (Some(first), Some(last)) => (last.ends_at - first.starts_at).num_seconds(),
            _ => 0,
        }
    }

    /// The longest way of a leg, in hundredths of a km; nothing where no leg says how long it is.
    pub fn longest_km(&self) -> Option<i64> {
        self.legs.iter().filter_map(|leg| leg.one_way_km.as_deref().and_then(hundredths)).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::travel::legs::{Lodging, Transport};

    fn leg(starts_at: &str, ends_at: &str) -> TravelLegIn {
        TravelLegIn {
            from_place: String::new(),
            to_place: String::new(),
            starts_at: format!("{starts_at}:00+07:00").parse().unwrap_or_default(),
            ends_at: format!("{ends_at}:00+07:00").parse().unwrap_or_default(),
            place_class: None,
            other_place_classes: Vec::new(),
            transport: Transport::None,
            one_way_km: None,
            round_trip: false,
            difficult_area: false,
            at_sea: false,
            ticket_amount: None,
            lodging: Lodging::None,
            room_amount: None,
            room_occupants: None,
            late_check_out: None,
        }
    }

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 6, number).unwrap_or_default()
    }

    #[test]
    fn each_day_and_each_night_belongs_to_one_leg() {
        let legs = [
            leg("2025-06-10T07:00", "2025-06-11T22:00"),
            leg("2025-06-11T22:00", "2025-06-12T05:00"),
            leg("2025-06-14T06:00", "2025-06-15T00:00"),
        ];
        let journey = Journey::of(&legs).expect("legs");
        assert_eq!((journey.first, journey.last, journey.length()), (day(10), day(14), 5));
        let days: Vec<_> = journey.days().map(|day| journey.leg_of_day(day)).collect();
        assert_eq!(days, [0, 0, 1, 1, 2]);
        let nights: Vec<_> = journey.nights().map(|day| journey.leg_of_night(day)).collect();
        assert_eq!(nights, [Some(0), Some(1), None, None]);
    }
}
