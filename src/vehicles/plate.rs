//! Number plates.

use crate::error::{FieldError, text};

/// Where the office's cars are registered: Đắk Lắk, Phú Yên (which joined it in 2025), central bodies.
const PROVINCES: [&str; 3] = ["47", "78", "80"];

/// Series of one letter; I and J look like 1, and nothing after M is given out.
const SERIES: &str = "ABCDEFGHKLM";

/// A plate of a state car in its one stored spelling, e.g. `47A00123`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plate(String);

impl Plate {
    /// Reads any usual spelling: small letters, dots, dashes and spaces do not count.
    pub fn parse(spelling: &str) -> Option<Self> {
        let plate: String = spelling.chars().filter(|c| !matches!(c, '.' | '-' | ' ')).collect();
        let plate = plate.to_ascii_uppercase();
        let (province, rest) = plate.split_at_checked(2)?;
        let (series, digits) = rest.split_at_checked(1)?;
        let numbered = digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit()) && digits != "00000";
        let fits = PROVINCES.contains(&province) && SERIES.contains(series) && numbered;
        fits.then_some(Self(plate))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands on the car, e.g. `47A-001.23`.
    pub fn display(&self) -> String {
        let (head, digits) = self.0.split_at_checked(3).unwrap_or_default();
        let (first, last) = digits.split_at_checked(3).unwrap_or_default();
        format!("{head}-{first}.{last}")
    }

    /// The broken rule of a text that is no plate.
    pub fn broken(field: &str) -> FieldError {
        FieldError::body(
            field,
            "plate",
            text(
                "phải là biển số như 47A-001.23 (đầu số 47, 78 hoặc 80)",
                "must be a plate such as 47A-001.23 (beginning with 47, 78 or 80)",
            ),
        )
    }
}
