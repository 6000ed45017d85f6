//! The rules of obstacles: the steps, who may take them, and whose turn it is.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::obstacles::{Model, ObstacleStatus};
use entity::user_roles::Role;
use sea_orm::ActiveEnum;
use uuid::Uuid;

use ObstacleStatus::{Accepted, InAction, Rejected, Reported, Resolved, Verified, Withdrawn};

use crate::auth::deciders::Deciders;
use crate::auth::permissions::Action;
use crate::clock::office_midnight;
use crate::error::{ApiError, ApiResult, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::workflow::{Step, WaitingOn, only};

/// The life of an obstacle. That it is in action follows from its first agreed measure and is no step of anybody.
pub const STEPS: &[Step<ObstacleStatus>] = &[
    Step {
        from: &[Reported],
        verb: "accept",
        to: Accepted,
        action: Action::AcceptObstacle,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office",
        about: "names the owner and the day until which it is to be gone",
    },
    Step {
        from: &[Reported, Accepted],
        verb: "reject",
        to: Rejected,
        action: Action::AcceptObstacle,
        needs_reason: true,
        turn: None,
        who: "chief of office",
        about: "final; measures that are proposed are rejected with it, tasks are unblocked",
    },
    Step {
        from: &[Reported],
        verb: "withdraw",
        to: Withdrawn,
        action: Action::ReportObstacle,
        needs_reason: true,
        turn: None,
        who: "who reported it",
        about: "final; tasks are unblocked",
    },
    Step {
        from: &[InAction],
        verb: "resolve",
        to: Resolved,
        action: Action::ResolveObstacle,
        needs_reason: false,
        turn: Some("owner"),
        who: "owner",
        about: "says what was done; no measure is proposed or agreed any more",
    },
    Step {
        from: &[Resolved],
        verb: "verify",
        to: Verified,
        action: Action::VerifyObstacle,
        needs_reason: false,
        turn: Some("reporter"),
        who: "who reported it, the head of their board, chief of office; never the owner",
        about: "tasks are unblocked",
    },
    Step {
        from: &[Resolved, Verified],
        verb: "reopen",
        to: InAction,
        action: Action::VerifyObstacle,
        needs_reason: true,
        turn: None,
        who: "who reported it, the head of their board, chief of office; never the owner",
        about: "tasks stay as they are",
    },
];

/// Whether it still stands in the way, so that it can block a task.
pub fn hinders(status: ObstacleStatus) -> bool {
    matches!(status, Reported | Accepted | InAction)
}

/// Whether measures can be proposed: somebody is in charge, and it is not said to be gone.
pub fn takes_measures(status: ObstacleStatus) -> bool {
    matches!(status, Accepted | InAction)
}

/// Whether its day is past while somebody has to do something about it.
pub fn overdue(obstacle: &Model, today: NaiveDate) -> bool {
    takes_measures(obstacle.status) && obstacle.due_on.is_some_and(|due| due < today)
}

/// Whether a step is the caller's to take. Reporter and owner are named in the record and count in person.
///
/// # Errors
/// 403.
pub fn permit(call: &Call, obstacle: &Model, step: &Step<ObstacleStatus>) -> ApiResult<()> {
    if call.reach(step.action).is_empty() {
        return Err(call.caller.refusal(step.action));
    }
    call.within_limits(obstacle.board_id)?;
    match step.action {
        Action::ReportObstacle => only_reporter(call, obstacle),
        Action::ResolveObstacle => only(
            call,
            obstacle.owner_id.unwrap_or_default(),
            "Việc này dành cho người phụ trách vướng mắc.",
            "This is for the owner of the obstacle.",
        ),
        Action::VerifyObstacle => others_than_owner(call, obstacle),
        action => call.may(action, obstacle.board_id),
    }
}

/// # Errors
/// 403.
pub fn only_reporter(call: &Call, obstacle: &Model) -> ApiResult<()> {
    only(
        call,
        obstacle.reported_by_id,
        "Việc này dành cho người phản ánh vướng mắc.",
        "This is for who reported the obstacle.",
    )
}

/// Whether it is gone is told by those who met it, or a chief of office, but not by who was to remove it.
fn others_than_owner(call: &Call, obstacle: &Model) -> ApiResult<()> {
    let me = call.caller.staff_id;
    let reported = me == Some(obstacle.reported_by_id);
    let heads = call.caller.has(Role::BoardHead, obstacle.board_id);
    if !reported && !heads && !call.caller.has(Role::ChiefOfOffice, obstacle.board_id) {
        return Err(ApiError::forbidden(text(
            "Việc này dành cho người phản ánh, lãnh đạo ban của họ và Chánh Văn phòng.",
            "This is for who reported the obstacle, the head of their board and the chief of office.",
        )));
    }
    if me.is_some() && me == obstacle.owner_id { Err(four_eyes()) } else { Ok(()) }
}

/// Whose turn it is. An accepted obstacle waits for its owner: a measure must be proposed.
pub(crate) fn waiting_on(deciders: &Deciders, obstacle: &Model) -> Option<WaitingOn> {
    let owner = || ("owner".to_owned(), obstacle.owner_id.into_iter().collect());
    let ((role, staff), due_on) = match obstacle.status {
        Reported => (chiefs(deciders, None), None),
        Accepted | InAction => (owner(), obstacle.due_on),
        Resolved => (verifiers(deciders, obstacle), None),
        Verified | Rejected | Withdrawn => return None,
    };
    Some(WaitingOn { role, staff, since: obstacle.waiting_since, due_at: due_on.and_then(end_of) })
}

fn chiefs(deciders: &Deciders, except: Option<Uuid>) -> (String, Vec<Uuid>) {
    (Role::ChiefOfOffice.to_value(), deciders.of(Role::ChiefOfOffice, None, except))
}

/// The reporter; the heads of their board where the reporter became the owner; a chief of office where nobody else is
/// there.
fn verifiers(deciders: &Deciders, obstacle: &Model) -> (String, Vec<Uuid>) {
    if obstacle.owner_id != Some(obstacle.reported_by_id) {
        return ("reporter".to_owned(), vec![obstacle.reported_by_id]);
    }
    let heads = deciders.of(Role::BoardHead, Some(obstacle.board_id), obstacle.owner_id);
    if heads.is_empty() {
        return chiefs(deciders, obstacle.owner_id);
    }
    (Role::BoardHead.to_value(), heads)
}

/// The end of a day in the office.
pub(crate) fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    day.checked_add_days(Days::new(1)).map(office_midnight)
}

/// A day until which something is to be done is not past.
pub(crate) fn broken_due(due_on: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    (due_on < today).then(|| {
        let detail = text("không được là ngày đã qua", "must not be in the past");
        FieldError::body("due_on", "out_of_range", detail)
    })
}
