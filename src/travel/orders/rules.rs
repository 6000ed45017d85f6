//! The travel order's table of steps, and every rule that needs no database.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::travel_orders::{Model, TravelOrderStatus};
use uuid::Uuid;

use TravelOrderStatus::{
    Approved, Cancelled, Completed, Draft, FundsChecked, Rejected, Returned, Settled, Submitted,
};

use crate::auth::permissions::Action;
use crate::claims::people::People;
use crate::clock::{after_working_days, office_day};
use crate::error::{ApiError, ApiResult, Code, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::travel::legs::TravelLegIn;
use crate::travel::orders::json::{TravelOrderCompleteIn, TravelOrderTravellerIn};
use crate::vehicles::period::{Period, storable};
use crate::workflow::{Step, WaitingOn, whose_turn};

/// The life of a travel order.
pub const STEPS: &[Step<TravelOrderStatus>] = &[
    Step {
        from: &[Draft, Returned],
        verb: "submit",
        to: Submitted,
        action: Action::RequestTravel,
        needs_reason: false,
        turn: Some("requester"),
        who: "who wrote it, first traveller",
        about: "the estimate is computed and frozen; the travellers are away from here on, and nobody is away twice",
    },
    Step {
        from: &[Submitted],
        verb: "check-funds",
        to: FundsChecked,
        action: Action::CheckTravelFunds,
        needs_reason: false,
        turn: Some("accountant"),
        who: "the accountant acting for the board today; no traveller, not who wrote or submitted it",
        about: "says which money bears the journey",
    },
    Step {
        from: &[FundsChecked],
        verb: "approve",
        to: Approved,
        action: Action::ApproveTravel,
        needs_reason: false,
        turn: Some("board_head"),
        who: "board head, chief of office; no traveller, no one who acted before",
        about: "the estimated amount is committed; an amendment supersedes the version before it, takes over its \
                commitment and adjusts it",
    },
    Step {
        from: &[Approved],
        verb: "complete",
        to: Completed,
        action: Action::RequestTravel,
        needs_reason: false,
        turn: Some("traveller"),
        who: "who wrote it, first traveller",
        about: "after the return; no day outside the authorized ones; no amendment on its way",
    },
    Step {
        from: &[Completed],
        verb: "settle",
        to: Settled,
        action: Action::SettleTravel,
        needs_reason: false,
        turn: Some("accountant"),
        who: "the accountant acting for the board today; no traveller, not who wrote it",
        about: "all claims paid or ended, advances cleared; a reason where a traveller has not claimed; the rest of the commitment is released",
    },
    Step {
        from: &[Submitted, FundsChecked],
        verb: "return",
        to: Returned,
        action: Action::DeclineTravel,
        needs_reason: true,
        turn: None,
        who: "who holds it: acting accountant, then board head or chief of office",
        about: "the travellers' time is free; it is corrected and submitted again",
    },
    Step {
        from: &[Submitted, FundsChecked],
        verb: "reject",
        to: Rejected,
        action: Action::DeclineTravel,
        needs_reason: true,
        turn: None,
        who: "who holds it: acting accountant, then board head or chief of office",
        about: "final; the travellers' time is free",
    },
    Step {
        from: &[Draft, Returned, Submitted, FundsChecked, Approved],
        verb: "cancel",
        to: Cancelled,
        action: Action::CancelTravel,
        needs_reason: true,
        turn: None,
        who: "who wrote it, first traveller, board head",
        about: "no claim, no advance and no amendment hangs on it; time and commitment are released",
    },
    Step {
        from: &[Approved],
        verb: "amend",
        to: Approved,
        action: Action::RequestTravel,
        needs_reason: true,
        turn: None,
        who: "who wrote it, first traveller",
        about: "makes a new version, a draft; this one stays in force until that one is approved",
    },
];

/// Working days within which each hand is to act, by the office's own habit: three to check the funds, two to
/// approve, three after the return to tell of it.
fn due_at(order: &Model) -> Option<DateTime<Utc>> {
    let (since, days) = match order.status {
        Submitted => (order.waiting_since, 3),
        FundsChecked => (order.waiting_since, 2),
        Approved => (order.ends_at.max(order.waiting_since), 3),
        _ => return None,
    };
    Some(after_working_days(since, days))
}

/// Whose turn it is.
pub fn waiting_on(order: &Model, travellers: &[Uuid], people: &People) -> Option<WaitingOn> {
    let without = |staff: Vec<Uuid>, verb: &str| -> Vec<Uuid> {
        let hands = hands_before(order, travellers, verb);
        staff.into_iter().filter(|person| !hands.contains(person)).collect()
    };
    let acting = || people.accountant(order.board_id).into_iter().collect();
    let (role, staff) = match whose_turn(STEPS, &order.status)? {
        "requester" => ("requester", one_or_two(order.requester_id, order.traveller_id)),
        "traveller" => ("traveller", one_or_two(order.traveller_id, order.requester_id)),
        "board_head" => match without(people.heads(order.board_id), "approve") {
            // A head who travels does not decide about it.
            heads if heads.is_empty() => ("chief_of_office", without(people.chiefs(), "approve")),
            heads => ("board_head", heads),
        },
        role => (role, without(acting(), if order.status == Completed { "settle" } else { "check-funds" })),
    };
    Some(WaitingOn { role: role.to_owned(), staff, since: order.waiting_since, due_at: due_at(order) })
}

fn one_or_two(first: Uuid, second: Uuid) -> Vec<Uuid> {
    if first == second { vec![first] } else { vec![first, second] }
}

/// Those who had a part in an order before a step: all who travel, who wrote and who submitted it, then the
/// accountant.
fn hands_before(order: &Model, travellers: &[Uuid], verb: &str) -> BTreeSet<Uuid> {
    let mut hands: BTreeSet<Uuid> = travellers.iter().copied().collect();
    hands.insert(order.requester_id);
    hands.extend(order.submitted_by_id.filter(|_| verb != "settle"));
    let decides = verb == "approve" || (matches!(verb, "return" | "reject") && order.status == FundsChecked);
    hands.extend(order.funds_checked_by_id.filter(|_| decides));
    hands
}

/// Whether a step is the caller's to take.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn permit(
    call: &Call,
    order: &Model,
    travellers: &[Uuid],
    step: &Step<TravelOrderStatus>,
    people: &People,
) -> ApiResult<()> {
    match step.verb {
        "submit" | "complete" | "amend" => return own(call, order, step.action),
        "cancel" => return may_cancel(call, order, step.action),
        "check-funds" | "settle" => acting(call, order, step.action, people)?,
        "return" | "reject" => holder(call, order, step.action, people)?,
        _ => call.may(step.action, order.board_id)?,
    }
    if hands_before(order, travellers, step.verb).contains(&call.staff_id()?) {
        Err(four_eyes())
    } else {
        Ok(())
    }
}

/// Who wrote an order and who heads the party carry it on, the latter also where they are of another board.
///
/// # Errors
/// 403 `forbidden`.
pub fn own(call: &Call, order: &Model, action: Action) -> ApiResult<()> {
    if call.reach(action).is_empty() {
        return Err(call.caller.refusal(action));
    }
    call.within_limits(order.board_id)?;
    let me = call.staff_id()?;
    if me == order.requester_id || me == order.traveller_id {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Chỉ người lập hoặc trưởng đoàn làm được bước này.",
        "Only who wrote the order or heads the party takes this step.",
    )))
}

fn may_cancel(call: &Call, order: &Model, action: Action) -> ApiResult<()> {
    use entity::user_roles::Role::BoardHead;
    let heads_the_board =
        call.reach(action).covers(order.board_id) && call.caller.has(BoardHead, order.board_id);
    if heads_the_board { Ok(()) } else { own(call, order, action) }
}

/// Being an accountant of the board is not enough: somebody may stand in today.
fn acting(call: &Call, order: &Model, action: Action, people: &People) -> ApiResult<()> {
    call.may(action, order.board_id)?;
    let acting = people.accountant(order.board_id);
    if acting.is_some() && acting == call.caller.staff_id {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Hôm nay kế toán khác phụ trách ban này.",
        "Another accountant acts for this board today.",
    )))
}

/// Who holds an order is who may send it back. In the other states nobody does, and the state is refused.
fn holder(call: &Call, order: &Model, action: Action, people: &People) -> ApiResult<()> {
    call.may(action, order.board_id)?;
    match order.status {
        Submitted => acting(call, order, Action::CheckTravelFunds, people),
        FundsChecked => call.may(Action::ApproveTravel, order.board_id),
        _ => Ok(()),
    }
}

/// From the first departure to the last arrival; nothing where a leg ends before it begins.
pub fn period(legs: &[TravelLegIn]) -> Option<Period> {
    let starts_at = legs.iter().map(|leg| leg.starts_at).min()?;
    let ends_at = legs.iter().map(|leg| leg.ends_at).max()?;
    Period::new(starts_at, ends_at)
}

/// Legs that end before they begin.
pub fn broken_legs(legs: &[TravelLegIn]) -> Vec<FieldError> {
    let broken = legs.iter().enumerate().filter(|(_, leg)| Period::new(leg.starts_at, leg.ends_at).is_none());
    broken.map(|(index, _)| after_start(&format!("legs/{index}/ends_at"))).collect()
}

fn after_start(field: &str) -> FieldError {
    FieldError::body(field, "out_of_range", text("phải sau starts_at", "must be after starts_at"))
}

/// Travellers who are named twice, and private days outside the journey.
pub fn broken_travellers(travellers: &[TravelOrderTravellerIn], period: Option<Period>) -> Vec<FieldError> {
    let mut broken = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, traveller) in travellers.iter().enumerate() {
        if !seen.insert(traveller.staff_id) {
            let twice = text("mỗi người chỉ nêu một lần", "names somebody twice");
            broken.push(FieldError::body(&format!("travellers/{index}/staff_id"), "duplicate", twice));
        }
        for (day, date) in traveller.private_dates.iter().enumerate() {
            if period.is_some_and(|period| !days_of(period).contains(date)) {
                let outside = text("phải trong những ngày công tác", "must be a day of the journey");
                let field = format!("travellers/{index}/private_dates/{day}");
                broken.push(FieldError::body(&field, "out_of_range", outside));
            }
        }
    }
    broken
}

/// The office's days of a period, first and last included; until midnight is until the day before.
fn days_of(period: Period) -> std::ops::RangeInclusive<NaiveDate> {
    office_day(period.starts_at)..=period.last_day()
}

/// No list of days is longer.
const DAYS_SHOWN: usize = 366;

/// The days of a journey that nobody authorized.
pub fn unpaid_dates(authorized: Period, travelled: Period) -> Vec<NaiveDate> {
    let (authorized, travelled) = (days_of(authorized), days_of(travelled));
    let days = travelled.start().iter_days().take_while(|day| day <= travelled.end());
    days.filter(|day| !authorized.contains(day)).take(DAYS_SHOWN).collect()
}

/// The period of a journey that somebody says they made.
///
/// # Errors
/// 422 with everything that is wrong, or `outside_authorization` with the days that nobody authorized.
pub fn travelled(order: &Model, body: &TravelOrderCompleteIn, now: DateTime<Utc>) -> ApiResult<Period> {
    let mut broken = broken_legs(body.legs.as_deref().unwrap_or_default());
    if body.ends_at > now {
        let future = text("không được ở tương lai", "must not be in the future");
        broken.push(FieldError::body("ends_at", "out_of_range", future));
    }
    let Some(travelled) = Period::new(body.starts_at, body.ends_at) else {
        broken.push(after_start("ends_at"));
        return Err(ApiError::invalid(broken));
    };
    for (index, leg) in body.legs.iter().flatten().enumerate() {
        let (starts_at, ends_at) = (storable(leg.starts_at), storable(leg.ends_at));
        if starts_at < travelled.starts_at || ends_at > travelled.ends_at {
            let outside = text("phải trong thời gian đi thực tế", "must lie within the real journey");
            broken.push(FieldError::body(&format!("legs/{index}"), "out_of_range", outside));
        }
    }
    let authorized = Period { starts_at: order.starts_at, ends_at: order.ends_at };
    let unpaid = unpaid_dates(authorized, travelled);
    if unpaid.is_empty() {
        return if broken.is_empty() { Ok(travelled) } else { Err(ApiError::invalid(broken)) };
    }
    let refusal = text(
        "Có ngày ngoài thời gian được cử đi; hãy điều chỉnh quyết định trước.",
        "Some days lie outside the order; have it amended first.",
    );
    Err(ApiError::new(Code::OutsideAuthorization, refusal).with("unpaid_dates", unpaid).with_errors(broken))
}

/// The plan, from the real departure to the real arrival.
///
/// # Errors
/// 422 where this makes no journey: then the real legs are needed.
pub fn moved(mut plan: Vec<TravelLegIn>, travelled: Period) -> ApiResult<Vec<TravelLegIn>> {
    if let Some(first) = plan.first_mut() {
        first.starts_at = travelled.starts_at;
    }
    if let Some(last) = plan.last_mut() {
        last.ends_at = travelled.ends_at;
    }
    let inside = |leg: &TravelLegIn| leg.starts_at >= travelled.starts_at && leg.ends_at <= travelled.ends_at;
    if broken_legs(&plan).is_empty() && plan.iter().all(inside) {
        return Ok(plan);
    }
    let needed = text(
        "hành trình khác kế hoạch: hãy nêu từng chặng thực tế",
        "the journey was another than the plan: name the legs as they were made",
    );
    Err(ApiError::rule("legs", "required", needed))
}

/// The number of a version: the order's own, with the revision behind it.
pub fn number_of_revision(number: &str, revision: i64) -> String {
    let base = number.split('/').next().unwrap_or(number);
    format!("{base}/{revision}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Option<Period> {
        Period::new(from.parse().ok()?, to.parse().ok()?)
    }

    #[test]
    fn days_outside_the_order_are_the_office_s_days() {
        let authorized = period("2019-12-09T07:00:00+07:00", "2019-12-13T17:00:00+07:00");
        // 01:00 in the office; in UTC it is still the day before.
        let longer = period("2019-12-09T06:00:00+07:00", "2019-12-14T01:00:00+07:00");
        let days = authorized.zip(longer).map(|(authorized, longer)| unpaid_dates(authorized, longer));
        assert_eq!(days, Some(NaiveDate::from_ymd_opt(2019, 12, 14).into_iter().collect()));
    }

    #[test]
    fn a_number_has_one_revision_behind_it() {
        assert_eq!(number_of_revision("TO-2025-000001", 2), "TO-2025-000001/2");
        assert_eq!(number_of_revision("TO-2025-000001/2", 3), "TO-2025-000001/3");
    }
}
