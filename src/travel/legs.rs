//! The legs of a journey: where somebody goes, how, and where they sleep.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::office_day;
use crate::error::{FieldError, Text, text};

pub use entity::travel_order_legs::{LateCheckOutCause, Lodging, Transport};

/// Half a day more in the room on the day the leg ends.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LateCheckOutIn {
    pub cause: LateCheckOutCause,
    /// What kept the traveller; needed.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// The class of a place in one regulation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceClassIn {
    /// The regulation's code, e.g. `TT40-2017`.
    #[schema(min_length = 1, max_length = 40, examples("TT40-2017"))]
    pub table: String,
    /// The class in it, an open list.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60, examples("a"))]
    pub place_class: String,
}

/// A leg: the way to a place and the stay there. Legs follow each other in time; the last one usually leads home.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TravelLegIn {
    #[schema(min_length = 1, max_length = 200)]
    pub from_place: String,
    #[schema(min_length = 1, max_length = 200)]
    pub to_place: String,
    /// The departure.
    pub starts_at: DateTime<Utc>,
    /// The end of the stay at `to_place`, or of the way where there is no stay: the nights between the two are
    /// spent there. After `starts_at`, and not after the next leg's.
    pub ends_at: DateTime<Utc>,
    /// The class of `to_place` in the regulation in force, an open list: `a`, `b`, `c`, `centrally_run_city`,
    /// `province`, … Needed where nights are paid.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60, examples("province"))]
    pub place_class: Option<String>,
    /// Its classes in other regulations, for a stay over a change of rates.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub other_place_classes: Vec<PlaceClassIn>,
    pub transport: Transport,
    /// The length of the way in km, at most two decimals. Needed for private transport, and for a journey out and
    /// back on one day.
    #[schema(min_length = 1, max_length = 8, pattern = r"^[0-9]{1,5}(\.[0-9]{1,2})?$")]
    pub one_way_km: Option<String>,
    /// The leg holds the way back too: its km count twice.
    #[serde(default)]
    pub round_trip: bool,
    /// `to_place` lies in a commune with difficult conditions: private transport is paid from a shorter way on.
    #[serde(default)]
    pub difficult_area: bool,
    /// Days at sea or on islands have another per diem.
    #[serde(default)]
    pub at_sea: bool,
    /// The price of the ticket or of the hired vehicle, for one traveller.
    #[schema(minimum = 1)]
    pub ticket_amount: Option<i64>,
    pub lodging: Lodging,
    /// The price of the room for one night; needed with `receipt`, and only there.
    #[schema(minimum = 1)]
    pub room_amount: Option<i64>,
    /// How many share the room; 1 unless given.
    #[schema(minimum = 1, maximum = 10)]
    pub room_occupants: Option<i64>,
    pub late_check_out: Option<LateCheckOutIn>,
}

/// Half a day more in the room.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct LateCheckOutOut {
    pub cause: LateCheckOutCause,
    pub reason: String,
}

/// The class of a place in one regulation.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct PlaceClassOut {
    pub table: String,
    pub place_class: String,
}

/// A leg: the way to a place and the stay there.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TravelLegOut {
    pub from_place: String,
    pub to_place: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub place_class: Option<String>,
    pub other_place_classes: Vec<PlaceClassOut>,
    pub transport: Transport,
    /// In km with two decimals.
    pub one_way_km: Option<String>,
    pub round_trip: bool,
    pub difficult_area: bool,
    pub at_sea: bool,
    pub ticket_amount: Option<i64>,
    pub lodging: Lodging,
    pub room_amount: Option<i64>,
    pub room_occupants: Option<i64>,
    pub late_check_out: Option<LateCheckOutOut>,
}

impl TravelLegIn {
    /// The office's day on which the leg begins.
    pub fn first_day(&self) -> NaiveDate {
        office_day(self.starts_at)
    }

    /// The office's day of the leg's last moment: a leg until midnight ends on the day before.
    pub fn last_day(&self) -> NaiveDate {
        office_day(self.ends_at - TimeDelta::microseconds(1))
    }

    /// The class of the place in a regulation.
    pub fn place_class_in(&self, table: &str) -> Option<&str> {
        let named = self.other_place_classes.iter().find(|other| other.table == table);
        named.map(|other| other.place_class.as_str()).or(self.place_class.as_deref())
    }

    /// Whether nights of the leg are paid.
    fn pays_nights(&self) -> bool {
        matches!(self.lodging, Lodging::LumpSum | Lodging::Receipt)
    }
}

/// Everything that is wrong with the legs by themselves; pointers begin with `legs/`.
pub fn broken(legs: &[TravelLegIn]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, leg) in legs.iter().enumerate() {
        let mut wrong = |field: &str, code: &'static str, detail: Text| {
            errors.push(FieldError::body(&format!("legs/{index}/{field}"), code, detail));
        };
        let before = index.checked_sub(1).and_then(|before| legs.get(before));
        wrong_times(leg, before, &mut wrong);
        wrong_way(leg, &mut wrong);
        wrong_room(leg, &mut wrong);
        wrong_late_check_out(leg, &mut wrong);
    }
    errors
}

fn wrong_times(
    leg: &TravelLegIn,
    before: Option<&TravelLegIn>,
    wrong: &mut impl FnMut(&str, &'static str, Text),
) {
    if leg.ends_at <= leg.starts_at {
        wrong("ends_at", "out_of_range", text("phải sau starts_at", "must be after starts_at"));
    }
    if before.is_some_and(|before| leg.starts_at < before.ends_at) {
        let detail = text("chặng trước chưa kết thúc", "the leg before has not ended by then");
        wrong("starts_at", "legs_overlap", detail);
    }
}

fn wrong_way(leg: &TravelLegIn, wrong: &mut impl FnMut(&str, &'static str, Text)) {
    if leg.transport == Transport::Private && leg.one_way_km.is_none() {
        let detail = text("cần khi tự túc phương tiện", "is needed for private transport");
        wrong("one_way_km", "required", detail);
    }
    if leg.ticket_amount.is_none() {
        return;
    }
    match leg.transport {
        Transport::OfficeCar | Transport::Private => wrong(
            "ticket_amount",
            "double_transport",
            text("một chặng chỉ trả tiền đi lại một lần", "the way of a leg is paid once"),
        ),
        Transport::None => wrong(
            "ticket_amount",
            "not_with_this_transport",
            text("chặng này không có vé", "the leg has no ticket"),
        ),
        Transport::Public | Transport::Air | Transport::Hired => {}
    }
}

fn wrong_room(leg: &TravelLegIn, wrong: &mut impl FnMut(&str, &'static str, Text)) {
    if leg.pays_nights() && leg.place_class.is_none() && leg.other_place_classes.is_empty() {
        let detail = text("cần khi trả tiền phòng nghỉ", "is needed where nights are paid");
        wrong("place_class", "required", detail);
    }
    let mut tables = BTreeSet::new();
    for (index, other) in leg.other_place_classes.iter().enumerate() {
        if !tables.insert(&other.table) {
            let detail = text("quy định này đã nêu ở trên", "the regulation is named above already");
            wrong(&format!("other_place_classes/{index}/table"), "duplicate", detail);
        }
    }
    let receipt = leg.lodging == Lodging::Receipt;
    if receipt && leg.room_amount.is_none() {
        wrong("room_amount", "required", text("cần khi trả theo hóa đơn", "is needed with a receipt"));
    }
    for (field, given) in
        [("room_amount", leg.room_amount.is_some()), ("room_occupants", leg.room_occupants.is_some())]
    {
        if given && !receipt {
            let detail = text("chỉ dùng khi trả theo hóa đơn", "goes with a receipt only");
            wrong(field, "not_with_this_lodging", detail);
        }
    }
}

fn wrong_late_check_out(leg: &TravelLegIn, wrong: &mut impl FnMut(&str, &'static str, Text)) {
    let Some(late) = &leg.late_check_out else { return };
    if late.reason.is_empty() {
        let detail = text("cần nêu lý do trả phòng muộn", "say why the room is kept longer");
        wrong("late_check_out/reason", "reason_required", detail);
    }
    if !leg.pays_nights() {
        let detail = text("chỉ khi được trả tiền phòng nghỉ", "only where nights are paid");
        wrong("late_check_out", "not_with_this_lodging", detail);
    } else if leg.first_day() >= leg.last_day() {
        let detail = text("chặng này không có đêm nghỉ nào", "the leg has no night");
        wrong("late_check_out", "no_night", detail);
    }
}
