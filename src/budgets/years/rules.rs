//! The budget year's table of steps, and every rule that needs no database.

use entity::budget_years::{BudgetYearStatus, Model};
use entity::funding_source::FundingSource;
use sea_orm::ActiveEnum;

use BudgetYearStatus::{Closed, Frozen, Open};

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, Code, four_eyes, text};
use crate::http::call::Call;
use crate::workflow::Step;

/// The last year that a budget line can have.
pub const LAST_YEAR: i64 = 2100;

/// The life of a budget year.
pub const STEPS: &[Step<BudgetYearStatus>] = &[
    Step {
        from: &[Open],
        verb: "freeze",
        to: Frozen,
        action: Action::ManageBudgetYears,
        needs_reason: false,
        turn: None,
        who: "chief accountant",
        about: "all active lines freeze; no new line, activation, supplement or transfer",
    },
    Step {
        from: &[Frozen],
        verb: "unfreeze",
        to: Open,
        action: Action::ManageBudgetYears,
        needs_reason: true,
        turn: None,
        who: "chief accountant",
        about: "the lines that froze with the year are active again",
    },
    Step {
        from: &[Frozen],
        verb: "carry-forward",
        to: Frozen,
        action: Action::ManageBudgetYears,
        needs_reason: false,
        turn: None,
        who: "chief accountant",
        about: "what is left of autonomous funds goes to the same lines of the next year; nothing may stand in the way",
    },
    Step {
        from: &[Frozen],
        verb: "close",
        to: Closed,
        action: Action::CloseBudgetYear,
        needs_reason: false,
        turn: None,
        who: "chief of office, who did not freeze it or carry it forward",
        about: "all lines close; nothing is reserved and nothing left to carry forward; final",
    },
];

/// Whether what is not used of a source belongs to the next year.
pub fn carries_over(source: FundingSource) -> bool {
    match source {
        FundingSource::Autonomous => true,
        FundingSource::NonAutonomous => false,
    }
}

/// Whether a step is the caller's to take: the year is the whole office's, and who prepared the end does not sign it.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn person(call: &Call, year: &Model, step: &Step<BudgetYearStatus>) -> ApiResult<()> {
    if call.reach(step.action) != Reach::Office {
        return Err(call.caller.refusal(step.action));
    }
    let me = Some(call.staff_id()?);
    let prepared = [year.frozen_by_id, year.carried_forward_by_id];
    if step.to == Closed && prepared.contains(&me) { Err(four_eyes()) } else { Ok(()) }
}

/// # Errors
/// 409 `budget_year_not_open`.
pub fn must_be_open(year: &Model) -> ApiResult<()> {
    let number = year.year;
    let detail = match year.status {
        Open => return Ok(()),
        Frozen => text(
            format!("Năm ngân sách {number} đã khóa: không lập, giao, bổ sung hay điều chuyển dự toán nữa."),
            format!(
                "The budget year {number} is frozen: no new line, activation, supplement or transfer any more."
            ),
        ),
        Closed => {
            text(format!("Năm ngân sách {number} đã đóng."), format!("The budget year {number} is closed."))
        }
    };
    Err(ApiError::new(Code::BudgetYearNotOpen, detail).with("current_status", year.status.to_value()))
}
