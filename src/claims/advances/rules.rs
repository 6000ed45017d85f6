//! The advance's table of steps, and every rule that needs no database.

use chrono::{Days, NaiveDate};
use entity::advances::{AdvanceStatus, Model};
use uuid::Uuid;

use AdvanceStatus::{Approved, Cancelled, Paid, Rejected, Requested, Settled};

use crate::auth::permissions::Action;
use crate::claims::people::People;
use crate::clock::office_midnight;
use crate::error::{ApiResult, four_eyes};
use crate::http::call::Call;
use crate::workflow::{Step, WaitingOn, only, whose_turn};

/// The life of an advance. It is settled by paying the claim of its order, or by a refund of the rest.
pub const STEPS: &[Step<AdvanceStatus>] = &[
    Step {
        from: &[Requested],
        verb: "approve",
        to: Approved,
        action: Action::ApproveAdvance,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office, not the requester",
        about: "its travel order is approved",
    },
    Step {
        from: &[Requested, Approved],
        verb: "reject",
        to: Rejected,
        action: Action::ApproveAdvance,
        needs_reason: true,
        turn: None,
        who: "chief of office, not the requester",
        about: "final",
    },
    Step {
        from: &[Requested, Approved],
        verb: "cancel",
        to: Cancelled,
        action: Action::RequestAdvance,
        needs_reason: true,
        turn: None,
        who: "requester",
        about: "final",
    },
    Step {
        from: &[Approved],
        verb: "pay",
        to: Paid,
        action: Action::PayAdvance,
        needs_reason: false,
        turn: Some("cashier"),
        who: "cashier; neither requester nor approver",
        about: "exactly one payment; the order still stands and its claim is not paid yet",
    },
    Step {
        from: &[Paid],
        verb: "refund",
        to: Settled,
        action: Action::PayAdvance,
        needs_reason: false,
        turn: None,
        who: "cashier; neither requester nor approver",
        about: "at most what is outstanding; the advance stays paid while something is outstanding",
    },
];

/// The states in which an advance is on its way or not settled.
pub const OPEN: [AdvanceStatus; 3] = [Requested, Approved, Paid];

/// What is still to be settled; nothing before the payment.
pub fn outstanding(advance: &Model) -> i64 {
    match advance.status {
        Paid => advance.amount - advance.set_off_amount - advance.refunded_amount,
        _ => 0,
    }
}

/// On the last day it is not overdue yet.
pub fn overdue(advance: &Model, today: NaiveDate) -> bool {
    advance.status == Paid && advance.settle_by < today
}

/// Whose turn it is; a paid advance waits for its requester until the end of its last day.
pub fn waiting_on(advance: &Model, people: &People) -> Option<WaitingOn> {
    let without = |staff: Vec<Uuid>| -> Vec<Uuid> {
        staff
            .into_iter()
            .filter(|person| *person != advance.requester_id && advance.approved_by_id != Some(*person))
            .collect()
    };
    let (role, staff, due_at) = match whose_turn(STEPS, &advance.status) {
        Some("chief_of_office") => ("chief_of_office", without(people.chiefs()), None),
        Some(role) => (role, without(people.cashiers()), None),
        None if advance.status == Paid => {
            let end = advance.settle_by.checked_add_days(Days::new(1)).map(office_midnight);
            ("requester", vec![advance.requester_id], end)
        }
        None => return None,
    };
    Some(WaitingOn { role: role.to_owned(), staff, since: advance.waiting_since, due_at })
}

/// Whether the caller's roles allow a step. An advance is its requester's also where another board sent them.
///
/// # Errors
/// 403 `forbidden`, naming the roles that may.
pub fn may(call: &Call, advance: &Model, step: &Step<AdvanceStatus>) -> ApiResult<()> {
    match step.action {
        Action::RequestAdvance => call.may_own(step.action, advance.board_id, advance.requester_id),
        action => call.may(action, advance.board_id),
    }
}

/// Whether a step is this very person's to take, beyond what the permission page says.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn person(call: &Call, advance: &Model, verb: &str) -> ApiResult<()> {
    if verb == "cancel" {
        return only(
            call,
            advance.requester_id,
            "Chỉ người đề nghị hủy được tạm ứng.",
            "Only the requester cancels an advance.",
        );
    }
    let me = call.staff_id()?;
    let approver = advance.approved_by_id == Some(me) && matches!(verb, "pay" | "refund");
    if me == advance.requester_id || approver { Err(four_eyes()) } else { Ok(()) }
}
