//! The statement's table of steps, and its months.

use chrono::{Datelike, Months, NaiveDate};
use entity::fuel_statements::FuelStatementStatus;

use FuelStatementStatus::{Closed, Draft};

use crate::auth::permissions::Action;
use crate::workflow::Step;

/// The life of a fuel statement.
pub const STEPS: &[Step<FuelStatementStatus>] = &[
    Step {
        from: &[Draft],
        verb: "close",
        to: Closed,
        action: Action::ManageFuelStatements,
        needs_reason: false,
        turn: Some("dispatcher"),
        who: "dispatcher",
        about: "from the last day of the month on; all trips of the month are completed, earlier statements closed, the closing tank is known; the figures are kept",
    },
    Step {
        from: &[Closed],
        verb: "reopen",
        to: Draft,
        action: Action::ManageFuelStatements,
        needs_reason: true,
        turn: None,
        who: "dispatcher",
        about: "no refuel of the month is claimed, no later statement is closed",
    },
    Step {
        from: &[Closed],
        verb: "claim",
        to: Closed,
        action: Action::ClaimExpenses,
        needs_reason: false,
        turn: None,
        who: "who may claim expenses for the board and read statements",
        about: "a draft of a fuel claim with a line for each refuel that is not claimed yet; over the tolerance only with an explanation",
    },
];

/// The first day of a month such as `2025-11`.
pub fn month(text: &str) -> Option<NaiveDate> {
    format!("{text}-01").parse().ok()
}

/// A month as it is written: `2025-11`.
pub fn month_text(first_day: NaiveDate) -> String {
    first_day.format("%Y-%m").to_string()
}

/// The first day of the month of a day.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the month after.
pub fn next_month(first_day: NaiveDate) -> NaiveDate {
    first_day.checked_add_months(Months::new(1)).unwrap_or(first_day)
}

/// The month's last day.
pub fn last_day(first_day: NaiveDate) -> NaiveDate {
    next_month(first_day).pred_opt().unwrap_or(first_day)
}
