//! The review's table of steps, and every rule that needs no database.

use chrono::{Months, NaiveDate};
use entity::reviews::{Model, ReviewStatus};

use ReviewStatus::{Approved, Collecting, Drafted};

use crate::auth::permissions::Action;
use crate::error::{ApiError, ApiResult, Code, Text, four_eyes, text};
use crate::http::call::Call;
use crate::workflow::Step;

/// The life of a review.
pub const STEPS: &[Step<ReviewStatus>] = &[
    Step {
        from: &[Collecting],
        verb: "draft",
        to: Drafted,
        action: Action::ManageReviews,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office",
        about: "the figures are computed and kept with their digest",
    },
    Step {
        from: &[Drafted],
        verb: "recompute",
        to: Drafted,
        action: Action::ManageReviews,
        needs_reason: false,
        turn: None,
        who: "chief of office",
        about: "the figures are computed anew, as the records are now",
    },
    Step {
        from: &[Drafted],
        verb: "return",
        to: Collecting,
        action: Action::ManageReviews,
        needs_reason: true,
        turn: None,
        who: "chief of office",
        about: "the figures are dropped",
    },
    Step {
        from: &[Drafted],
        verb: "approve",
        to: Approved,
        action: Action::ApproveReview,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "another chief of office than who drafted it or last wrote on it",
        about: "the figures are frozen; a correction takes the place of the review that it corrects",
    },
    Step {
        from: &[Approved],
        verb: "correct",
        to: Approved,
        action: Action::ManageReviews,
        needs_reason: true,
        turn: None,
        who: "chief of office",
        about: "a review of its own with the next revision, which begins with these texts; once",
    },
];

/// Whether a step is this very person's to take, and is still to be taken at all.
///
/// # Errors
/// 403 `four_eyes` for the approval of one's own draft; 409 for a correction of what was corrected.
pub fn person(call: &Call, review: &Model, verb: &str) -> ApiResult<()> {
    if verb == "approve" && review.drafted_by_id == Some(call.staff_id()?) {
        return Err(four_eyes());
    }
    if verb == "correct" && review.superseded_by_id.is_some() {
        return Err(ApiError::new(
            Code::StateConflict,
            text(
                "Báo cáo này đã được thay thế; hãy đính chính bản mới nhất.",
                "This review is superseded; correct the latest one.",
            ),
        ));
    }
    Ok(())
}

/// What is wrong with a period, if anything: a review looks back at some months or years.
pub fn wrong_period(from: NaiveDate, to: NaiveDate) -> Option<Text> {
    if to < from {
        return Some(text("không được trước ngày đầu", "must not be before the first day"));
    }
    let latest = from.checked_add_months(Months::new(60)).unwrap_or(NaiveDate::MAX);
    (to >= latest).then(|| text("kỳ dài nhất là năm năm", "a period has at most five years"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_a_day_at_least_and_five_years_at_most() {
        let wrong = |from: &str, to: &str| {
            wrong_period(from.parse().expect("a day"), to.parse().expect("a day")).is_some()
        };
        assert!(!wrong("2025-01-01", "2025-01-01") && wrong("2025-01-02", "2025-01-01"));
        assert!(!wrong("2025-01-01", "2029-12-31") && wrong("2025-01-01", "2030-01-01"));
    }
}
