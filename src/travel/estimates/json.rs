//! Bodies of the estimate.

use chrono::NaiveDate;
use entity::verification::Verification;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::travel::legs::TravelLegIn;

/// Which day's rates price a journey over a change of rates.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateChangePricing {
    /// Each day by its own rates.
    ByDay,
    /// The whole journey by the rates of its first day.
    ByDeparture,
}

/// Somebody who travels.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateTravellerIn {
    /// Their position's coefficient on the day of departure decides the class; null where `coefficient` is given.
    pub staff_id: Option<Uuid>,
    /// The position allowance coefficient, two decimals at most; null where `staff_id` is given.
    #[schema(min_length = 1, max_length = 4, pattern = r"^[0-9](\.[0-9]{1,2})?$")]
    pub coefficient: Option<String>,
    /// Has the right to a car of the office: then no private transport is paid. Unless given, by the coefficient and
    /// the office's setting `car_request_min_coefficient`; without that setting nobody has.
    pub has_car_right: Option<bool>,
    /// Days of the journey that are the traveller's own: neither the day nor its night is paid. The way is, since it
    /// belongs to a leg and not to a day.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub private_dates: Vec<NaiveDate>,
}

/// Days on the move in a month, for those who get a lump sum instead of single claims.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthlyLumpSumIn {
    /// The month, e.g. `2025-03`.
    #[schema(min_length = 7, max_length = 7, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2025-03")]
    pub month: String,
    #[schema(minimum = 0, maximum = 31)]
    pub travel_days: i64,
}

/// A journey to be estimated.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "travellers": [{"staff_id": demo::id("p_duong")}, {"coefficient": "0.00", "private_dates": ["2025-11-23"]}],
    "legs": [
        {
            "from_place": "Buôn Ma Thuột", "to_place": "Nha Trang", "starts_at": "2025-11-20T06:30:00+07:00",
            "ends_at": "2025-11-23T14:00:00+07:00", "place_class": "province", "transport": "public",
            "ticket_amount": 180_000, "lodging": "lump_sum",
        },
        {
            "from_place": "Nha Trang", "to_place": "Buôn Ma Thuột", "starts_at": "2025-11-23T14:00:00+07:00",
            "ends_at": "2025-11-23T19:00:00+07:00", "transport": "public", "ticket_amount": 180_000,
            "lodging": "none",
        },
    ],
})))]
pub struct TravelEstimateIn {
    /// Everybody makes all legs. Days times travellers are 2,000 at most. Those who share rooms stand beside each
    /// other: with two in a room, the first and the second, the third and the fourth; who is left over has an own
    /// room. A single traveller shares with somebody who is not named here.
    #[schema(min_items = 1, max_items = 50)]
    pub travellers: Vec<EstimateTravellerIn>,
    /// In the order of time, at most 400 days; empty only for a monthly lump sum.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub legs: Vec<TravelLegIn>,
    /// As the office's setting says unless given; `by_day` where it says nothing.
    pub rate_change_pricing: Option<RateChangePricing>,
    /// Instead of legs.
    pub monthly_lump_sum: Option<MonthlyLumpSumIn>,
}

/// Where an amount comes from.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RateUsed {
    /// The row of the rate table, or of the fuel prices.
    pub rate_id: Uuid,
    /// The regulation's code, e.g. `TT12-2025`; null for a fuel price.
    pub table: Option<String>,
    pub document_number: Option<String>,
    pub issuer: String,
    pub article: Option<String>,
    pub verification: Verification,
    /// The day on which the row was looked up.
    pub priced_on: NaiveDate,
}

/// One amount and its working: quantity x rate, up to the ceiling.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct EstimateLine {
    /// The kind of cost, the same words as in expense claims: `per_diem`, `same_day_per_diem`, `lodging_lump_sum`,
    /// `lodging_receipt`, `lodging_late_check_out`, `free_room`, `private_transport`, `ticket`, `hired_transport`,
    /// `office_car`, `monthly_travel_lump_sum`.
    pub kind: String,
    /// The day of the cost; of a night, its evening.
    pub on: NaiveDate,
    /// The leg, counted from 0; null for a monthly lump sum.
    pub leg: Option<i64>,
    /// How much of the unit, with two decimals: days, nights, km.
    pub quantity: String,
    /// An open list: `per_person_per_day`, `per_person_per_night`, `per_room_per_night`, `per_km`, …
    pub unit: String,
    /// What one unit is worth or costs.
    pub rate_amount: i64,
    /// What may be paid.
    pub amount: i64,
    /// What was asked by a receipt or a ticket; null where nothing was.
    pub asked_amount: Option<i64>,
    /// Why less is paid than asked, or nothing at all, an open list: `over_ceiling`, `office_car_used`,
    /// `below_minimum_distance`, `has_car_right`, `private_day`, `free_room`, `too_few_days`; null otherwise.
    pub reason: Option<String>,
    /// The working in words, in the caller's language, e.g. `1 ngày x 300.000 đ`.
    pub working: String,
    /// All rows that entered the amount.
    pub rates: Vec<RateUsed>,
}

/// What one traveller may be paid.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TravellerEstimate {
    pub staff_id: Option<Uuid>,
    /// The coefficient by which they were classed, with two decimals.
    pub coefficient: String,
    /// From the first day to the last one; 0 for a monthly lump sum.
    pub days: i64,
    /// Between the first day and the last one, paid or not.
    pub nights: i64,
    /// Days without the private ones.
    pub paid_days: i64,
    /// Days first, then nights, then the ways.
    #[schema(max_items = 1000)]
    pub lines: Vec<EstimateLine>,
    pub per_diem_amount: i64,
    pub lodging_amount: i64,
    pub transport_amount: i64,
    pub total_amount: i64,
}

/// What a journey may cost.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TravelEstimateOut {
    /// In the order of the body.
    #[schema(max_items = 50)]
    pub travellers: Vec<TravellerEstimate>,
    pub total_amount: i64,
    /// The weakest mark among all rows that entered: `verified`, `press_only`, `unverified`, `demo`.
    pub verification: Verification,
    /// The documents behind the amounts, sorted.
    pub document_numbers: Vec<String>,
    pub rate_change_pricing: RateChangePricing,
}
