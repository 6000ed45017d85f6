//! Bodies of the conference estimate.

use chrono::NaiveDate;
use entity::verification::Verification;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::travel::estimates::json::{EstimateLine, RateUsed};

/// Drinks between the sessions, for each delegate and half day.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConferenceRefreshmentsIn {
    /// The day whose rate counts, where it is not that of the estimate.
    pub on: Option<NaiveDate>,
    #[schema(minimum = 0, maximum = 100_000)]
    pub delegates: i64,
    /// Half days; a whole day has two.
    #[schema(minimum = 1, maximum = 200)]
    pub sessions: i64,
}

/// Who eats.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MealsFor {
    /// Delegates whom no state salary pays.
    UnsalariedGuest,
    /// Their per diem pays their meals.
    SalariedDelegate,
}

/// Money for the meals of delegates without salary.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConferenceMealSupportIn {
    /// The day whose rate counts, where it is not that of the estimate.
    pub on: Option<NaiveDate>,
    /// The class of the place, as the rate tables name it.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60, example = "provincial_city_district_town")]
    pub place_class: String,
    pub for_whom: MealsFor,
    #[schema(minimum = 0, maximum = 100_000)]
    pub persons: i64,
    #[schema(minimum = 1, maximum = 100)]
    pub days: i64,
    /// The office cooks or hires a kitchen for all: then so many percent of the support may be spent as the rate tables say.
    #[serde(default)]
    pub collective_catering: bool,
}

/// Rooms by the lump sum of the rate tables. Rooms at a price that was agreed stand in `other`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConferenceLodgingIn {
    /// The day whose rate counts, where it is not that of the estimate.
    pub on: Option<NaiveDate>,
    /// The class of the place, as the rate tables name it for lodging.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60, example = "province")]
    pub place_class: String,
    /// The position allowance coefficient of those who stay, two decimals at most.
    #[schema(min_length = 1, max_length = 4, pattern = r"^[0-9](\.[0-9]{1,2})?$")]
    pub coefficient: String,
    #[schema(minimum = 0, maximum = 100_000)]
    pub persons: i64,
    #[schema(minimum = 1, maximum = 100)]
    pub nights: i64,
}

/// What guests are offered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HospitalityKind {
    Meal,
    /// For each person and half day.
    Drinks,
    /// Never paid: `gift_not_allowed`.
    Gift,
}

/// Hospitality, at most up to its ceiling.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConferenceHospitalityIn {
    /// The day whose ceiling counts, where it is not that of the estimate.
    pub on: Option<NaiveDate>,
    pub kind: HospitalityKind,
    /// All at the table, hosts included.
    #[schema(minimum = 0, maximum = 100_000)]
    pub persons: i64,
    /// Meals, or half days of drinks; one unless given.
    #[schema(minimum = 1, maximum = 200)]
    pub sessions: Option<i64>,
    /// What is planned, where it is less than the ceiling. More is refused with `over_ceiling`.
    pub amount: Option<i64>,
}

/// A cost that no rate binds: a hall, speakers, printing.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConferenceCostIn {
    /// The day of the cost, where it is not that of the estimate.
    pub on: Option<NaiveDate>,
    /// The kind of cost, an open list (`/v1/expense-kinds`): `conference_hall_hire`, `conference_speaker`,
    /// `conference_printing`, `conference_backdrop`, `conference_lodging`, … Kinds that a rate binds stand in their own
    /// parts of the estimate.
    #[schema(
        pattern = "^[a-z][a-z0-9_]*$",
        max_length = 60,
        examples("conference_hall_hire", "conference_speaker", "conference_printing")
    )]
    pub kind: String,
    #[schema(min_length = 1, max_length = 500)]
    pub description: String,
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: i64,
    pub unit_amount: i64,
}

/// A conference or a reception to be estimated; at least one item.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "on": "2029-10-10",
    "refreshments": [{"delegates": 150, "sessions": 4}],
    "meal_support": [{
        "place_class": "provincial_city_district_town", "for_whom": "unsalaried_guest", "persons": 20, "days": 2,
    }],
    "hospitality": [{"kind": "meal", "persons": 12}],
    "other": [
        {"kind": "conference_printing", "description": "Bộ tài liệu", "quantity": 158, "unit_amount": 25_000},
        {"kind": "conference_speaker", "description": "Báo cáo viên", "quantity": 2, "unit_amount": 2_000_000},
    ],
})))]
pub struct ConferenceEstimateIn {
    /// The day whose rates count where an item names no other.
    pub on: NaiveDate,
    /// Only the rows of this regulation answer, by its code, e.g. `TT40-2017`. Unless given, the office's own rate
    /// answers where it is not above the state's.
    #[schema(min_length = 1, max_length = 40)]
    pub table: Option<String>,
    #[serde(default)]
    #[schema(max_items = 40)]
    pub refreshments: Vec<ConferenceRefreshmentsIn>,
    #[serde(default)]
    #[schema(max_items = 40)]
    pub meal_support: Vec<ConferenceMealSupportIn>,
    #[serde(default)]
    #[schema(max_items = 40)]
    pub lodging: Vec<ConferenceLodgingIn>,
    #[serde(default)]
    #[schema(max_items = 40)]
    pub hospitality: Vec<ConferenceHospitalityIn>,
    #[serde(default)]
    #[schema(max_items = 40)]
    pub other: Vec<ConferenceCostIn>,
}

/// One amount and its working: quantity x rate.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ConferenceCostLine {
    /// The item of the question that it answers, e.g. `hospitality/0`.
    pub item: String,
    /// The kind of cost, the same words as in expense claims.
    pub kind: String,
    /// The day whose rates count.
    pub on: NaiveDate,
    /// What a cost without rate is for; null where a rate says it.
    pub description: Option<String>,
    /// How much of the unit, with two decimals.
    pub quantity: String,
    /// An open list: `per_delegate_per_half_day_session`, `per_person_per_day`, `per_person`, `each`, …
    pub unit: String,
    /// What one unit is worth or costs.
    pub rate_amount: i64,
    pub amount: i64,
    /// The most that may be paid; null where no rate binds the cost.
    pub ceiling_amount: Option<i64>,
    /// Why nothing is paid, an open list: `salaried_delegate`; null otherwise.
    pub reason: Option<String>,
    /// The working in words, in the caller's language, e.g. `150 đại biểu x 2 buổi x 20.000 đ`.
    pub working: String,
    /// All rows that entered the amount.
    pub rates: Vec<RateUsed>,
}

/// What a conference or a reception may cost.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ConferenceEstimateOut {
    /// Refreshments first, then meal support, lodging, hospitality and the rest.
    pub lines: Vec<ConferenceCostLine>,
    pub total_amount: i64,
    /// The weakest mark among all rows that entered: `verified`, `press_only`, `unverified`, `demo`.
    pub verification: Verification,
    /// The documents behind the amounts, sorted.
    pub document_numbers: Vec<String>,
}

impl ConferenceCostLine {
    /// As a part of the norm of a claim: the most that may be paid.
    pub fn norm_part(&self) -> EstimateLine {
        EstimateLine {
            kind: self.kind.clone(),
            on: self.on,
            leg: None,
            quantity: self.quantity.clone(),
            unit: self.unit.clone(),
            rate_amount: self.rate_amount,
            amount: self.ceiling_amount.unwrap_or(self.amount),
            asked_amount: None,
            reason: self.reason.clone(),
            working: self.working.clone(),
            rates: self.rates.clone(),
        }
    }
}
