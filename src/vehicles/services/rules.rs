//! What a service may say.

use chrono::NaiveDate;

use crate::error::{FieldError, text};

/// The days and km of a service.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    pub done_on: NaiveDate,
    pub odometer_km: i64,
    pub next_due_on: Option<NaiveDate>,
    pub next_due_km: Option<i64>,
}

/// All that cannot be: done in the future, due again before it was done.
pub fn broken(marks: &Marks, today: NaiveDate) -> Vec<FieldError> {
    let mut broken = Vec::new();
    if marks.done_on > today {
        broken.push(FieldError::body(
            "done_on",
            "in_the_future",
            text("không được sau hôm nay", "must not be after today"),
        ));
    }
    if marks.next_due_on.is_some_and(|day| day <= marks.done_on) {
        broken.push(FieldError::body(
            "next_due_on",
            "out_of_range",
            text("phải sau done_on", "must be after done_on"),
        ));
    }
    if marks.next_due_km.is_some_and(|km| km <= marks.odometer_km) {
        broken.push(FieldError::body(
            "next_due_km",
            "out_of_range",
            text("phải lớn hơn odometer_km", "must be more than odometer_km"),
        ));
    }
    broken
}
