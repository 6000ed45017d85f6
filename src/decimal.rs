//! Numbers with two decimals: hundredths in the database and in sums, texts such as `12.50` on the wire, so that
//! nothing is ever rounded on the way.

use serde::{Serialize, Serializer};

/// The hundredths of a number such as `12`, `12.5` or `12.50`. The schema has checked the text; anything else is
/// nothing.
pub fn hundredths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse().ok()
}

/// The text of hundredths, always with two decimals.
pub fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let amount = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", amount / 100, amount % 100)
}

/// Writes hundredths as their text, for `#[serde(serialize_with = …)]`.
///
/// # Errors
/// When the serializer does not take the text.
pub fn serialize<S: Serializer>(hundredths: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    decimal(*hundredths).serialize(serializer)
}

/// Divides and rounds half up (halves away from zero for what is not negative), once.
pub fn divide(value: i128, by: i128) -> i64 {
    let rounded = (2 * value + by).div_euclid(2 * by);
    // Quantities of the service are far below the limits; a larger one stays at the limit and is refused there.
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_hundredths_are_one_number() {
        for (text, number, shown) in
            [("12", 1200, "12.00"), ("12.5", 1250, "12.50"), ("0.05", 5, "0.05"), ("007.10", 710, "7.10")]
        {
            assert_eq!(hundredths(text), Some(number));
            assert_eq!(decimal(number), shown);
        }
        for wrong in ["", ".5", "1.234", "-1", "1,5", "१"] {
            assert_eq!(hundredths(wrong), None, "{wrong}");
        }
        assert_eq!(decimal(-5), "-0.05");
    }

    #[test]
    fn halves_are_rounded_up() {
        assert_eq!((divide(149, 100), divide(150, 100), divide(250, 100)), (1, 2, 3));
    }
}
