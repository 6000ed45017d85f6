//! Values as they stand on paper: `1.500.000`, `12/12/2025`, `07 giờ 05`.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use crate::clock;

/// An amount of whole đồng with a dot behind every third digit, without its unit.
pub fn amount(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    if amount < 0 { format!("-{text}") } else { text }
}

/// An amount with its unit, e.g. `1.500.000 đồng`.
pub fn money(amount_vnd: i64) -> String {
    format!("{} đồng", amount(amount_vnd))
}

/// A day, e.g. `09/12/2025`.
pub fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// The office's day of an instant, e.g. `09/12/2025`.
pub fn date_of(at: DateTime<Utc>) -> String {
    date(clock::office_day(at))
}

/// An instant on the office's clock, e.g. `07 giờ 05, 09/12/2025`.
pub fn time(at: DateTime<Utc>) -> String {
    let local = clock::office_time(at);
    format!("{:02} giờ {:02}, {}", local.hour(), local.minute(), date(local.date()))
}

/// A day in words, e.g. `ngày 09 tháng 12 năm 2025`: one digit of a day or of January and February gets a zero before it.
pub fn long_date(day: NaiveDate) -> String {
    let month = if day.month() < 3 { format!("{:02}", day.month()) } else { day.month().to_string() };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_dots_and_their_unit() {
        for (number, text) in [
            (1_500_000, "1.500.000 đồng"),
            (0, "0 đồng"),
            (999, "999 đồng"),
            (1_000, "1.000 đồng"),
            (1_000_000_000, "1.000.000.000 đồng"),
        ] {
            assert_eq!(money(number), text);
        }
        assert_eq!(amount(-12_345), "-12.345");
    }

    #[test]
    fn paper_has_the_days_of_the_office() {
        for (at, day) in [
            ("2025-06-10T17:30:00Z", "11/06/2025"),
            ("2025-06-10T16:59:59Z", "10/06/2025"),
            ("2025-06-10T17:00:00Z", "11/06/2025"),
            ("2025-12-31T17:00:00Z", "01/01/2026"),
            ("2024-02-28T17:00:00Z", "29/02/2024"),
            ("2025-06-10T12:00:00-05:00", "11/06/2025"),
        ] {
            let at: DateTime<Utc> = at.parse().expect("an instant");
            assert_eq!(date_of(at), day);
        }
        let at: DateTime<Utc> = "2025-06-10T17:05:00Z".parse().expect("an instant");
        assert_eq!(time(at), "00 giờ 05, 11/06/2025");
    }

    #[test]
    fn days_in_words_cannot_be_changed_by_a_stroke() {
        for (day, text) in [
            ("2025-01-09", "ngày 09 tháng 01 năm 2025"),
            ("2025-12-12", "ngày 12 tháng 12 năm 2025"),
            ("2025-03-02", "ngày 02 tháng 3 năm 2025"),
        ] {
            assert_eq!(long_date(day.parse().expect("a day")), text);
        }
    }
}
