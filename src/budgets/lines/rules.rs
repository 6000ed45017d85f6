//! The budget line's table of steps, and every rule that needs no database.

use entity::budget_lines::{BudgetLineStatus, Model};

use BudgetLineStatus::{Active, Closed, Frozen, Planned};

use crate::auth::permissions::Action;
use crate::error::{ApiResult, four_eyes};
use crate::http::call::Call;
use crate::workflow::Step;

/// The life of a budget line.
pub const STEPS: &[Step<BudgetLineStatus>] = &[
    Step {
        from: &[Planned],
        verb: "activate",
        to: Active,
        action: Action::DecideBudget,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office, not who planned it",
        about: "the planned amount is appropriated",
    },
    Step {
        from: &[Active],
        verb: "freeze",
        to: Frozen,
        action: Action::ManageBudget,
        needs_reason: true,
        turn: None,
        who: "chief accountant",
        about: "nothing new is committed; what is committed can be spent or released",
    },
    Step {
        from: &[Frozen],
        verb: "unfreeze",
        to: Active,
        action: Action::DecideBudget,
        needs_reason: true,
        turn: None,
        who: "chief of office",
        about: "money can be committed again",
    },
    Step {
        from: &[Frozen],
        verb: "close",
        to: Closed,
        action: Action::DecideBudget,
        needs_reason: false,
        turn: None,
        who: "chief of office",
        about: "nothing is committed any more; no entry is made after it",
    },
];

/// Who planned a line does not activate it.
///
/// # Errors
/// 403 `four_eyes`.
pub fn person(call: &Call, line: &Model, verb: &str) -> ApiResult<()> {
    let me = call.staff_id()?;
    if verb == "activate" && line.planned_by_id == Some(me) { Err(four_eyes()) } else { Ok(()) }
}
