//! What a row of a rate table must say, by its kind.

use entity::rates::{AmountKind, RateKind};
use sea_orm::ActiveEnum;

use RateKind::{
    ConferenceCatering, ConferenceMealSupport, ConferenceRefreshments, Hospitality, LodgingLumpSum,
    LodgingReceiptCeiling, LodgingRule, MonthlyLumpSum, OfficeSetting, PerDiem, PlaceClass, PrivateTransport,
    SameDayPerDiem, TravellerClass,
};

use crate::decimal::{decimal, hundredths};
use crate::error::{FieldError, text};
use crate::http::document::LARGEST_AMOUNT;
use crate::travel::rates::json::RateIn;

/// Which day's rates price a journey over a change of rates: `by_day` or `by_departure`.
pub const RATE_CHANGE_PRICING: &str = "rate_change_pricing";

/// From which coefficient on somebody has the right to a car of the office.
pub const CAR_RIGHT_FROM: &str = "car_request_min_coefficient";

/// The fields that a kind needs, and those that it may have.
type Fields = (&'static [&'static str], &'static [&'static str]);

fn fields(kind: RateKind) -> Fields {
    match kind {
        TravellerClass => {
            (&["applies_to", "code", "name"], &["name_en", "coefficient_from", "coefficient_to"])
        }
        PlaceClass => (&["applies_to", "code", "name"], &["name_en"]),
        PerDiem => (&["code", "unit", "amount"], &["amount_kind"]),
        SameDayPerDiem => (&["min_hours", "min_one_way_km", "unit", "amount"], &["amount_kind"]),
        LodgingLumpSum => (&["traveller_class", "unit", "amount"], &["place_class", "amount_kind"]),
        LodgingReceiptCeiling => {
            (&["traveller_class", "unit", "amount", "standard_occupants"], &["place_class", "amount_kind"])
        }
        LodgingRule => (&["code"], &["percent", "value", "unit"]),
        MonthlyLumpSum => (&["min_travel_days", "unit", "amount"], &["amount_kind"]),
        PrivateTransport => (&["code", "min_one_way_km", "litres_per_km"], &["unit"]),
        ConferenceRefreshments => (&["unit", "amount"], &["amount_kind"]),
        ConferenceMealSupport => (&["code", "place_class", "unit", "amount"], &["amount_kind"]),
        ConferenceCatering => (&["code", "percent"], &["unit"]),
        Hospitality => (&["code", "unit", "amount"], &["amount_kind"]),
        OfficeSetting => (&["code", "value"], &["unit"]),
    }
}

/// The fields that only some kinds have, and whether the row has them.
fn given(row: &RateIn) -> [(&'static str, bool); 18] {
    [
        ("applies_to", row.applies_to.is_some()),
        ("code", row.code.is_some()),
        ("name", row.name.is_some()),
        ("name_en", row.name_en.is_some()),
        ("traveller_class", row.traveller_class.is_some()),
        ("place_class", row.place_class.is_some()),
        ("coefficient_from", row.coefficient_from.is_some()),
        ("coefficient_to", row.coefficient_to.is_some()),
        ("min_hours", row.min_hours.is_some()),
        ("min_one_way_km", row.min_one_way_km.is_some()),
        ("litres_per_km", row.litres_per_km.is_some()),
        ("percent", row.percent.is_some()),
        ("min_travel_days", row.min_travel_days.is_some()),
        ("standard_occupants", row.standard_occupants.is_some()),
        ("unit", row.unit.is_some()),
        ("amount_kind", row.amount_kind.is_some()),
        ("amount", row.amount.is_some()),
        ("value", row.value.is_some()),
    ]
}

/// Everything that is wrong with a row by itself.
pub fn broken(row: &RateIn) -> Vec<FieldError> {
    let mut errors = wrong_fields(row);
    errors.extend(wrong_codes(row));
    errors.extend(wrong_figures(row));
    errors
}

fn wrong_fields(row: &RateIn) -> Vec<FieldError> {
    let (needed, allowed) = fields(row.kind);
    let mut errors = Vec::new();
    for (field, there) in given(row) {
        if needed.contains(&field) && !there {
            let detail = text("loại dòng này cần trường này", "the kind needs this field");
            errors.push(FieldError::body(field, "required", detail));
        }
        if there && !needed.contains(&field) && !allowed.contains(&field) {
            let detail = text("loại dòng này không có trường này", "the kind does not have this field");
            errors.push(FieldError::body(field, "not_for_this_kind", detail));
        }
    }
    errors
}

/// Kinds whose codes the service itself reads know no others.
fn wrong_codes(row: &RateIn) -> Option<FieldError> {
    let known: &[&str] = match row.kind {
        PerDiem => &["mainland", "sea_island"],
        PrivateTransport => &["ordinary_commune", "difficult_commune"],
        _ => return None,
    };
    let code = row.code.as_deref().filter(|code| !known.contains(code))?;
    let known = known.join(", ");
    let detail = text(format!("{code}: chỉ nhận {known}"), format!("{code}: must be one of {known}"));
    Some(FieldError::body("code", "unknown_code", detail))
}

fn wrong_figures(row: &RateIn) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let number = |text: &Option<String>| text.as_deref().and_then(hundredths);
    let lowest = number(&row.coefficient_from);
    if number(&row.coefficient_to).is_some_and(|highest| lowest.is_none_or(|lowest| highest < lowest)) {
        let detail = text(
            "cần coefficient_from và không được nhỏ hơn nó",
            "needs coefficient_from and must not be below it",
        );
        errors.push(FieldError::body("coefficient_to", "out_of_range", detail));
    }
    if number(&row.litres_per_km) == Some(0) {
        let detail = text("phải lớn hơn 0", "must be above 0");
        errors.push(FieldError::body("litres_per_km", "out_of_range", detail));
    }
    if row.amount_kind == Some(AmountKind::Forbidden) && row.amount.is_some_and(|amount| amount > 0) {
        let detail = text("khoản bị cấm có số tiền 0", "what is forbidden has the amount 0");
        errors.push(FieldError::body("amount", "out_of_range", detail));
    }
    errors.extend(wrong_setting(row));
    errors
}

/// The settings that an office can make.
const SETTINGS: [&str; 10] = [
    "advance_settlement_days",
    "car_cash_equivalent_per_km",
    CAR_RIGHT_FROM,
    "claim_deadline_days",
    "conference_pack_extra_percent",
    "fuel_tolerance_percent",
    RATE_CHANGE_PRICING,
    "task_refusal_window_days",
    "title_car_min_coefficient",
    "transfer_from_amount",
];

/// A setting that the service reads must say something that it understands.
fn wrong_setting(row: &RateIn) -> Option<FieldError> {
    if row.kind != OfficeSetting {
        return None;
    }
    let value = row.value.as_deref()?;
    let (understood, vi, en) = match row.code.as_deref()? {
        RATE_CHANGE_PRICING => {
            (matches!(value, "by_day" | "by_departure"), "by_day hoặc by_departure", "by_day or by_departure")
        }
        CAR_RIGHT_FROM | "title_car_min_coefficient" => {
            (hundredths(value).is_some(), "một số có hai chữ số thập phân", "a number with two decimals")
        }
        "claim_deadline_days" | "advance_settlement_days" | "task_refusal_window_days" => (
            value.parse::<u32>().is_ok_and(|days| (1..=366).contains(&days)),
            "số ngày từ 1 đến 366",
            "a number of days from 1 to 366",
        ),
        "fuel_tolerance_percent" | "conference_pack_extra_percent" => (
            value.parse::<f64>().is_ok_and(|percent| (0.0..=100.0).contains(&percent)),
            "phần trăm từ 0 đến 100",
            "a percentage from 0 to 100",
        ),
        "car_cash_equivalent_per_km" | "transfer_from_amount" => (
            value.parse::<i64>().is_ok_and(|amount| (0..=LARGEST_AMOUNT).contains(&amount)),
            "số đồng nguyên, không âm",
            "whole đồng, not negative",
        ),
        unknown => {
            let known = SETTINGS.join(", ");
            let detail =
                text(format!("{unknown}: chỉ nhận {known}"), format!("{unknown}: must be one of {known}"));
            return Some(FieldError::body("code", "unknown_code", detail));
        }
    };
    (!understood).then(|| FieldError::body("value", "out_of_range", text(vi, en)))
}

/// What a row is about within its table. Of rows with one key at most one is in force on a day.
pub fn row_key(row: &RateIn) -> String {
    let word = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut parts = vec![
        row.kind.to_value(),
        row.applies_to.map(|kind| kind.to_value()).unwrap_or_default(),
        word(&row.code),
        word(&row.traveller_class),
        word(&row.place_class),
    ];
    // Tiers stand beside each other; elsewhere a limit is a part of what the row says.
    if row.kind == SameDayPerDiem {
        let limit =
            |text: &Option<String>| text.as_deref().and_then(hundredths).map(decimal).unwrap_or_default();
        parts.extend([limit(&row.min_hours), limit(&row.min_one_way_km)]);
    }
    parts.join("/")
}
