//! Whether a driver's licence allows a trip: valid to its last day, and of a class that fits the car.

use chrono::NaiveDate;
use entity::{drivers, licence_classes};
use sea_orm::ConnectionTrait;

use crate::error::{ApiResult, FieldError, text};
use crate::vehicles::drivers::licence_classes as classes;

/// Why a driver may not drive a car on a trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The licence ends before the trip does.
    Expired { expires_on: NaiveDate },
    /// The class stands in no table, so nobody can tell what it allows.
    UnknownClass { class: String },
    /// The car has more seats than the class allows.
    TooManySeats { class: String, max_seats: i64 },
}

/// Every reason for which a driver may not drive a car with so many seats (the driver's included) up to a day.
/// `class` is the row of the driver's class, if there is one.
pub fn unfit(
    driver: &drivers::Model,
    class: Option<&licence_classes::Model>,
    seats: i64,
    last_day: NaiveDate,
) -> Vec<Unfit> {
    let mut reasons = Vec::new();
    if driver.licence_expires_on < last_day {
        reasons.push(Unfit::Expired { expires_on: driver.licence_expires_on });
    }
    match class {
        None => reasons.push(Unfit::UnknownClass { class: driver.licence_class.clone() }),
        Some(class) if class.max_seats < seats => {
            reasons.push(Unfit::TooManySeats { class: class.code.clone(), max_seats: class.max_seats });
        }
        Some(_) => {}
    }
    reasons
}

/// [`unfit`] by the class as the office's table has it.
///
/// # Errors
/// When the database does not answer.
pub async fn check(
    db: &impl ConnectionTrait,
    driver: &drivers::Model,
    seats: i64,
    last_day: NaiveDate,
) -> ApiResult<Vec<Unfit>> {
    let class = classes::find(db, &driver.licence_class).await?;
    Ok(unfit(driver, class.as_ref(), seats, last_day))
}

impl Unfit {
    /// The broken rule, e.g. `driver_licence_expired`. `field` is what names the driver, e.g. `driver_id`.
    pub fn broken(&self, field: &str) -> FieldError {
        let (code, detail) = match self {
            Self::Expired { expires_on } => (
                "driver_licence_expired",
                text(
                    format!("giấy phép lái xe hết hạn ngày {expires_on}, trước khi chuyến đi kết thúc"),
                    format!("the driver's licence ends on {expires_on}, before the trip does"),
                ),
            ),
            Self::UnknownClass { class } => (
                "driver_licence_class_unknown",
                text(
                    format!("không có quy định cho hạng {class} nên không xét được xe này có phù hợp không"),
                    format!("there is no rule for class {class}, so nobody can tell whether it fits the car"),
                ),
            ),
            Self::TooManySeats { class, max_seats } => (
                "driver_licence_class",
                text(
                    format!("hạng {class} chỉ được lái xe đến {max_seats} chỗ"),
                    format!("class {class} allows cars of up to {max_seats} seats"),
                ),
            ),
        };
        FieldError::body(field, code, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::licence_classes::Verification;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn driver(class: &str) -> drivers::Model {
        drivers::Model {
            id: uuid::Uuid::nil(),
            staff_id: uuid::Uuid::nil(),
            licence_number: "1".to_owned(),
            licence_class: class.to_owned(),
            licence_expires_on: day("2025-12-10"),
            default_vehicle_id: None,
            version: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            created_by_id: None,
        }
    }

    fn b2() -> licence_classes::Model {
        licence_classes::Model { code: "b2".to_owned(), max_seats: 9, verification: Verification::Unverified }
    }

    #[test]
    fn a_licence_counts_on_its_last_day() {
        let (driver, class) = (driver("b2"), b2());
        assert_eq!(unfit(&driver, Some(&class), 9, day("2025-12-10")), []);
        let expired = Unfit::Expired { expires_on: day("2025-12-10") };
        assert_eq!(unfit(&driver, Some(&class), 9, day("2025-12-11")), [expired]);
    }

    #[test]
    fn all_reasons_are_told_at_once() {
        let too_large = Unfit::TooManySeats { class: "b2".to_owned(), max_seats: 9 };
        let expired = Unfit::Expired { expires_on: day("2025-12-10") };
        assert_eq!(unfit(&driver("b2"), Some(&b2()), 10, day("2025-12-11")), [expired, too_large]);
    }

    #[test]
    fn a_class_without_a_rule_fits_no_car() {
        let unknown = Unfit::UnknownClass { class: "zz".to_owned() };
        assert_eq!(unfit(&driver("zz"), None, 1, day("2025-12-01")), [unknown]);
    }
}
