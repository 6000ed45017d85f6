//! The life of a conference's money: the steps and who may take them. Nothing here asks the database.

use entity::conference_plans::{ConferenceCostStatus, Model as Plan};
use entity::conferences::Model as Conference;
use uuid::Uuid;

use ConferenceCostStatus::{Committed, Planned, Released, Settled};

use crate::auth::permissions::Action;
use crate::error::{ApiError, ApiResult, Code, four_eyes, text};
use crate::http::call::Call;
use crate::workflow::{AllowedAction, Step, check_state, only};

/// Who plans never commits, and who says which money bears it does neither.
pub const STEPS: &[Step<ConferenceCostStatus>] = &[
    Step {
        from: &[Planned, Committed, Released],
        verb: "plan-costs",
        to: Planned,
        action: Action::PlanConferenceCosts,
        needs_reason: false,
        turn: None,
        who: "coordinator of the conference",
        about: "also before there is a plan; what an earlier plan committed stays reserved until the new one is committed",
    },
    Step {
        from: &[Planned],
        verb: "check-funds",
        to: Planned,
        action: Action::CheckConferenceFunds,
        needs_reason: false,
        turn: None,
        who: "the accountant acting for the board today; not who planned",
        about: "may say which money bears it; without a word each cost is booked by its kind",
    },
    Step {
        from: &[Planned],
        verb: "commit-funds",
        to: Committed,
        action: Action::CommitConferenceFunds,
        needs_reason: false,
        turn: Some("board_head"),
        who: "head of the board, chief of office; not who planned, not who checked the funds",
        about: "reserves the plan on its budget lines; a changed plan adjusts what is reserved by the difference",
    },
    Step {
        from: &[Planned, Committed],
        verb: "release-funds",
        to: Released,
        action: Action::CommitConferenceFunds,
        needs_reason: true,
        turn: None,
        who: "head of the board, chief of office",
        about: "no claim is open; what was not spent is given back",
    },
    Step {
        from: &[Committed],
        verb: "settle-costs",
        to: Settled,
        action: Action::SettleConferenceCosts,
        needs_reason: false,
        turn: Some("accountant"),
        who: "the accountant acting for the board today; not who planned",
        about: "all claims are paid or ended; the rest is given back. Reversing a payment opens it again",
    },
];

/// Whether a step is the caller's to take. `acting` is the accountant who acts for the board today.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn permit(
    call: &Call,
    conference: &Conference,
    plan: Option<&Plan>,
    step: &Step<ConferenceCostStatus>,
    acting: Option<Uuid>,
) -> ApiResult<()> {
    if step.action == Action::PlanConferenceCosts {
        return may_plan(call, conference);
    }
    call.may(step.action, conference.board_id)?;
    let me = call.staff_id()?;
    if matches!(step.verb, "check-funds" | "settle-costs") && acting != Some(me) {
        return Err(ApiError::forbidden(text(
            "Hôm nay kế toán khác phụ trách ban này.",
            "Another accountant acts for this board today.",
        )));
    }
    let planned = plan.map(|plan| plan.planned_by_id);
    let checked = plan.and_then(|plan| plan.funds_checked_by_id);
    let acted = match step.verb {
        "commit-funds" => [planned, checked],
        "release-funds" => [None, None],
        _ => [planned, None],
    };
    if acted.contains(&Some(me)) { Err(four_eyes()) } else { Ok(()) }
}

/// The coordinator plans, of whatever board they are.
fn may_plan(call: &Call, conference: &Conference) -> ApiResult<()> {
    let action = Action::PlanConferenceCosts;
    if call.reach(action).is_empty() {
        return Err(call.caller.refusal(action));
    }
    call.within_limits(conference.board_id)?;
    only(
        call,
        conference.coordinator_id,
        "Việc này dành cho người điều phối hội nghị.",
        "This is for the coordinator of the conference.",
    )
}

/// Whether the caller sees the money of a conference: who only has a task in it does not.
pub fn sees_money(call: &Call, conference: &Conference) -> bool {
    let coordinates = call.caller.staff_id == Some(conference.coordinator_id);
    call.reach(Action::ReadConferenceCosts).covers(conference.board_id)
        || (coordinates && call.caller.limits_cover(conference.board_id))
}

/// # Errors
/// 403 `forbidden`.
pub fn may_see_money(call: &Call, conference: &Conference) -> ApiResult<()> {
    if sees_money(call, conference) {
        return Ok(());
    }
    call.may(Action::ReadConferenceCosts, conference.board_id)
}

/// Refuses a step at the wrong moment.
///
/// # Errors
/// 409 `state_conflict`.
pub fn in_time(plan: Option<&Plan>, step: &Step<ConferenceCostStatus>) -> ApiResult<()> {
    match plan {
        Some(plan) => check_state(STEPS, step, &plan.status),
        None if step.verb == "plan-costs" => Ok(()),
        None => Err(ApiError::new(
            Code::StateConflict,
            text("Hội nghị chưa có dự toán chi.", "Nothing is planned for the conference yet."),
        )
        .with("current_status", "unplanned")
        .with("possible_actions", ["plan-costs"])),
    }
}

/// What the caller can do now.
pub fn allowed_actions(
    call: &Call,
    conference: &Conference,
    plan: Option<&Plan>,
    acting: Option<Uuid>,
) -> Vec<AllowedAction> {
    let possible = STEPS.iter().filter(|step| in_time(plan, step).is_ok());
    possible
        .map(|step| {
            let refusal = permit(call, conference, plan, step, acting).err();
            let reason = refusal.map(|error| error.problem().detail.get(call.language).to_owned());
            AllowedAction { action: step.verb.to_owned(), allowed: reason.is_none(), reason }
        })
        .collect()
}
