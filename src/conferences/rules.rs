//! The rules of conferences and their tasks: the steps, who may take them, and until when.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use entity::conference_tasks::{Model as Task, TaskStatus};
use entity::conferences::Model as Conference;
use entity::task_coordinators::Model as Part;
use entity::task_hand_overs::Model as HandOver;
use entity::task_objections::Model as Objection;
use entity::user_roles::Role;
use sea_orm::ActiveEnum;
use uuid::Uuid;

use TaskStatus::{Assigned, Cancelled, Done, InProgress, InReview, Objected};

use crate::auth::permissions::Action;
use crate::clock::office_day;
use crate::conferences::tasks::{hand_overs, parts};
use crate::error::{ApiError, ApiResult, Code, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::workflow::{self, AllowedAction, Step, only};

/// A lead may object until the end of this working day after the day of the assignment.
pub const OBJECTION_WORKING_DAYS: u32 = 2;

/// The life of a task. Escalation is no step: it changes whom the task waits on, not where it stands.
pub const STEPS: &[Step<TaskStatus>] = &[
    Step {
        from: &[Assigned],
        verb: "accept",
        to: InProgress,
        action: Action::LeadTask,
        needs_reason: false,
        turn: Some("lead"),
        who: "lead",
        about: "also after the escalation",
    },
    Step {
        from: &[Assigned],
        verb: "object",
        to: Objected,
        action: Action::LeadTask,
        needs_reason: true,
        turn: None,
        who: "lead",
        about: "once, within two working days; the lead keeps the duty until the decision",
    },
    Step {
        from: &[Objected],
        verb: "uphold",
        to: Assigned,
        action: Action::DecideObjection,
        needs_reason: true,
        turn: Some("chief_of_office"),
        who: "chief of office",
        about: "names the new lead, who holds the task from the same instant",
    },
    Step {
        from: &[Objected],
        verb: "overrule",
        to: InProgress,
        action: Action::DecideObjection,
        needs_reason: true,
        turn: None,
        who: "chief of office",
        about: "the lead keeps the task",
    },
    Step {
        from: &[InProgress],
        verb: "request-hand-over",
        to: InProgress,
        action: Action::LeadTask,
        needs_reason: true,
        turn: None,
        who: "lead",
        about: "names the receiver, one hand-over at a time; until the approval the lead keeps the duty, and the due time stands",
    },
    Step {
        from: &[InProgress],
        verb: "accept-hand-over",
        to: InProgress,
        action: Action::LeadTask,
        needs_reason: false,
        turn: None,
        who: "receiver",
        about: "a requested hand-over; the coordinator of the conference is next",
    },
    Step {
        from: &[InProgress],
        verb: "decline-hand-over",
        to: InProgress,
        action: Action::LeadTask,
        needs_reason: true,
        turn: None,
        who: "receiver",
        about: "a requested hand-over; the lead goes on",
    },
    Step {
        from: &[InProgress],
        verb: "withdraw-hand-over",
        to: InProgress,
        action: Action::LeadTask,
        needs_reason: false,
        turn: None,
        who: "lead",
        about: "a pending hand-over",
    },
    Step {
        from: &[InProgress],
        verb: "approve-hand-over",
        to: InProgress,
        action: Action::CoordinateTask,
        needs_reason: false,
        turn: None,
        who: "coordinator of the conference, chief of office; chief of office alone after the due time or where the coordinator gives or receives; neither lead nor receiver",
        about: "an accepted hand-over: the receiver leads from this instant on",
    },
    Step {
        from: &[InProgress],
        verb: "refuse-hand-over",
        to: InProgress,
        action: Action::CoordinateTask,
        needs_reason: true,
        turn: None,
        who: "as approve-hand-over",
        about: "a pending hand-over; the lead goes on",
    },
    Step {
        from: &[InProgress],
        verb: "report-part",
        to: InProgress,
        action: Action::DoPart,
        needs_reason: false,
        turn: None,
        who: "coordinator of the task",
        about: "says what was delivered",
    },
    Step {
        from: &[InProgress],
        verb: "excuse-part",
        to: InProgress,
        action: Action::DoPart,
        needs_reason: true,
        turn: None,
        who: "lead, coordinator of the conference",
        about: "the part is not needed any more",
    },
    Step {
        from: &[InProgress],
        verb: "reopen-part",
        to: InProgress,
        action: Action::DoPart,
        needs_reason: true,
        turn: None,
        who: "coordinator of the task for their own, lead, coordinator of the conference",
        about: "a part that was done or excused is open again",
    },
    Step {
        from: &[InProgress],
        verb: "submit-result",
        to: InReview,
        action: Action::LeadTask,
        needs_reason: false,
        turn: Some("lead"),
        who: "lead",
        about: "with the result and its evidence; every part is done or excused, no hand-over is pending",
    },
    Step {
        from: &[InReview],
        verb: "accept-result",
        to: Done,
        action: Action::CheckTask,
        needs_reason: false,
        turn: Some("checker"),
        who: "checker",
        about: "ends the lead's duty",
    },
    Step {
        from: &[InReview],
        verb: "send-back",
        to: InProgress,
        action: Action::CheckTask,
        needs_reason: true,
        turn: None,
        who: "checker",
        about: "the lead goes on; parts that are done stay so",
    },
    Step {
        from: &[Assigned, Objected, InProgress, InReview],
        verb: "cancel",
        to: Cancelled,
        action: Action::CancelTask,
        needs_reason: true,
        turn: None,
        who: "coordinator of the conference, chief of office",
        about: "ends the lead's duty and a pending hand-over",
    },
    Step {
        from: &[Done],
        verb: "reopen",
        to: InProgress,
        action: Action::CoordinateTask,
        needs_reason: true,
        turn: None,
        who: "coordinator of the conference, chief of office",
        about: "the lead holds the task again from now on",
    },
];

/// What stands around a task and decides, beside its status, who can do what with it.
pub struct Around {
    pub conference: Conference,
    /// Oldest first.
    pub objections: Vec<Objection>,
    /// Oldest first.
    pub hand_overs: Vec<HandOver>,
    pub parts: Vec<Part>,
}

impl Around {
    /// The hand-over that is neither decided nor taken back.
    pub fn pending(&self) -> Option<&HandOver> {
        self.hand_overs.iter().find(|hand_over| hand_over.outcome.is_none())
    }

    /// Whether the task takes a step of its status as its hand-overs and parts stand.
    fn fits(&self, verb: &str) -> bool {
        let (pending, accepted) = (self.pending(), |one: &HandOver| one.accepted_at.is_some());
        match verb {
            "request-hand-over" | "submit-result" => pending.is_none(),
            "accept-hand-over" | "decline-hand-over" => pending.is_some_and(|one| !accepted(one)),
            "withdraw-hand-over" | "refuse-hand-over" => pending.is_some(),
            "approve-hand-over" => pending.is_some_and(accepted),
            "report-part" | "excuse-part" => self.parts.iter().any(parts::is_open),
            "reopen-part" => !self.parts.iter().all(parts::is_open),
            _ => true,
        }
    }

    /// The steps that the task takes now.
    fn possible(&self, status: TaskStatus) -> impl Iterator<Item = &'static Step<TaskStatus>> {
        STEPS.iter().filter(move |step| step.from.contains(&status) && self.fits(step.verb))
    }

    /// The verbs of these steps.
    pub(crate) fn possible_verbs(&self, status: TaskStatus) -> Vec<&'static str> {
        self.possible(status).map(|step| step.verb).collect()
    }
}

/// Refuses a step at the wrong moment.
///
/// # Errors
/// 409 `state_conflict` with the current status and the verbs that are possible.
pub fn check_state(task: &Task, around: &Around, step: &Step<TaskStatus>) -> ApiResult<()> {
    let possible = around.possible_verbs(task.status);
    if possible.contains(&step.verb) {
        return Ok(());
    }
    Err(workflow::not_now(&task.status.to_value(), &possible))
}

/// Whether somebody still has to do something for the task.
pub fn is_open(status: TaskStatus) -> bool {
    !matches!(status, Done | Cancelled)
}

/// # Errors
/// 422 for a board that the caller does not see, 403 for one they see without being one of its people.
pub fn may_hold(call: &Call, board_id: Uuid) -> ApiResult<()> {
    if !call.reach(Action::ReadConferences).covers(board_id) {
        return Err(ApiError::unknown_reference("board_id"));
    }
    call.may(Action::HoldConference, board_id)
}

pub(crate) fn coordinates(call: &Call, conference: &Conference) -> bool {
    call.caller.staff_id == Some(conference.coordinator_id) && call.caller.limits_cover(conference.board_id)
}

pub(crate) fn is_chief(call: &Call, conference: &Conference) -> bool {
    call.caller.has(Role::ChiefOfOffice, conference.board_id)
}

/// Who arranges a conference: its coordinator, the head of its board, the chief of office.
///
/// # Errors
/// 403.
pub fn may_arrange(call: &Call, conference: &Conference) -> ApiResult<()> {
    let heads = call.caller.has(Role::BoardHead, conference.board_id);
    if coordinates(call, conference) || heads || is_chief(call, conference) {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Việc này dành cho người điều phối hội nghị, lãnh đạo ban chủ trì và Chánh Văn phòng.",
        "This is for the coordinator of the conference, the head of its board and the chief of office.",
    )))
}

/// Who applies a template to a conference: its coordinator and the chief of office.
///
/// # Errors
/// 403.
pub fn may_apply(call: &Call, conference: &Conference) -> ApiResult<()> {
    if coordinates(call, conference) || is_chief(call, conference) { Ok(()) } else { Err(not_coordinator()) }
}

/// Whether a task may be changed by the caller: by nobody but the coordinator of its conference.
///
/// # Errors
/// 403.
pub fn may_change(call: &Call, conference: &Conference) -> ApiResult<()> {
    call.within_limits(conference.board_id)?;
    only(
        call,
        conference.coordinator_id,
        "Việc này dành cho người điều phối hội nghị.",
        "This is for the coordinator of the conference.",
    )
}

/// Whether a step is the caller's to take. Leads, receivers, checkers and coordinators are named in the record and
/// may work for any board, so they count in person.
///
/// # Errors
/// 403.
pub fn permit(call: &Call, task: &Task, around: &Around, step: &Step<TaskStatus>) -> ApiResult<()> {
    if call.reach(step.action).is_empty() {
        return Err(call.caller.refusal(step.action));
    }
    match step.verb {
        "accept-hand-over" | "decline-hand-over" => return hand_overs::by_receiver(call, around.pending()),
        "approve-hand-over" | "refuse-hand-over" => return hand_overs::by_approver(call, task, around),
        "report-part" | "excuse-part" | "reopen-part" => return parts::permit(call, task, around, step.verb),
        _ => {}
    }
    call.within_limits(if step.action == Action::LeadTask { task.lead_board_id } else { task.board_id })?;
    match step.action {
        Action::LeadTask => {
            only(call, task.lead_id, "Việc này dành cho người chủ trì.", "This is for the lead.")
        }
        Action::CheckTask => {
            only(call, task.checker_id, "Việc này dành cho người kiểm tra.", "This is for the checker.")
        }
        Action::CoordinateTask | Action::CancelTask => {
            if coordinates(call, &around.conference) || is_chief(call, &around.conference) {
                return Ok(());
            }
            Err(not_coordinator())
        }
        Action::DecideObjection if call.caller.staff_id == Some(task.lead_id) => Err(four_eyes()),
        action => call.may(action, task.board_id),
    }
}

/// The refusal of what the coordinator of the conference and the chief of office do.
pub(crate) fn not_coordinator() -> ApiError {
    ApiError::forbidden(text(
        "Việc này dành cho người điều phối hội nghị và Chánh Văn phòng.",
        "This is for the coordinator of the conference and the chief of office.",
    ))
}

/// What the caller can do with a task now.
pub fn allowed_actions(call: &Call, task: &Task, around: &Around) -> Vec<AllowedAction> {
    around
        .possible(task.status)
        .map(|step| {
            let refusal = permit(call, task, around, step)
                .and_then(|()| in_time(step, task, &around.objections, call.now()));
            let reason = refusal.err().map(|error| error.problem().detail.get(call.language).to_owned());
            AllowedAction { action: step.verb.to_owned(), allowed: reason.is_none(), reason }
        })
        .collect()
}

/// An objection comes in time, and not after the lead's objection to this very task was decided against.
///
/// # Errors
/// 409 `state_conflict`.
pub fn in_time(
    step: &Step<TaskStatus>,
    task: &Task,
    objections: &[Objection],
    now: DateTime<Utc>,
) -> ApiResult<()> {
    if step.verb != "object" {
        return Ok(());
    }
    let earlier = |objection: &Objection| objection.staff_id == task.lead_id;
    let last_day = last_day_to_object(office_day(task.assigned_at));
    let refusal = if objections.iter().any(earlier) {
        text(
            "Người chủ trì đã phản đối việc này một lần.",
            "This lead objected to this task before; an objection is possible once.",
        )
    } else if office_day(now) > last_day {
        text(
            format!("Chỉ được phản đối đến hết ngày {}.", last_day.format("%d/%m/%Y")),
            format!("Objections were possible until the end of {last_day}."),
        )
    } else {
        return Ok(());
    };
    let possible: Vec<&str> = STEPS
        .iter()
        .filter(|other| other.from.contains(&task.status) && other.verb != step.verb)
        .map(|other| other.verb)
        .collect();
    Err(ApiError::new(Code::StateConflict, refusal)
        .with("current_status", task.status.to_value())
        .with("possible_actions", possible))
}

/// The second working day after the assignment. Public holidays count as working days: the service does not
/// know them, and a lead who needs longer can ask for another accept-by time.
fn last_day_to_object(assigned_on: NaiveDate) -> NaiveDate {
    assigned_on
        .iter_days()
        .skip(1)
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
        .take(OBJECTION_WORKING_DAYS as usize)
        .last()
        .unwrap_or(assigned_on)
}

/// Refuses a request with everything that is wrong with it.
///
/// # Errors
/// 422 unless the list is empty.
pub fn refuse(broken: Vec<FieldError>) -> ApiResult<()> {
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}

/// A task is due later than now.
pub fn broken_due(due_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<FieldError> {
    (due_at <= now).then(|| {
        let detail = text("phải sau thời điểm hiện tại", "must be later than now");
        FieldError::body("due_at", "out_of_range", detail)
    })
}

/// A task is accepted later than now and before it is due.
pub fn broken_accept_by(
    accept_by: DateTime<Utc>,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<FieldError> {
    (accept_by <= now || accept_by >= due_at).then(|| {
        let detail =
            text("phải sau thời điểm hiện tại và trước due_at", "must be later than now and before due_at");
        FieldError::body("accept_by", "out_of_range", detail)
    })
}

/// Nobody checks their own work.
pub fn broken_checker(field: &str, lead_id: Uuid, checker_id: Uuid) -> Option<FieldError> {
    (lead_id == checker_id).then(|| {
        let detail = text(
            "người kiểm tra phải khác người chủ trì",
            "the checker must be another person than the lead",
        );
        FieldError::body(field, "checker_is_lead", detail)
    })
}

/// The coordinators of a task are people beside the lead, each named once.
pub fn broken_coordinators(lead_id: Uuid, people: &[Uuid]) -> Vec<FieldError> {
    let mut broken = Vec::new();
    for (index, person) in people.iter().enumerate() {
        let field = format!("coordinators/{index}/staff_id");
        if *person == lead_id {
            let detail = text("người chủ trì không đồng thời phối hợp", "the lead is no coordinator as well");
            broken.push(FieldError::body(&field, "coordinator_is_lead", detail));
        } else if people.iter().take(index).any(|earlier| earlier == person) {
            let detail = text("mỗi người chỉ nêu một lần", "names a person twice");
            broken.push(FieldError::body(&field, "duplicate", detail));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_weekend_does_not_count_for_objections() {
        for (assigned, last) in [
            ("2025-12-10", "2025-12-12"), // Wednesday to Friday
            ("2025-12-11", "2025-12-15"), // Thursday to Monday
            ("2025-12-12", "2025-12-16"), // Friday to Tuesday
            ("2025-12-13", "2025-12-16"), // Saturday to Tuesday
        ] {
            assert_eq!(last_day_to_object(day(assigned)), day(last), "assigned on {assigned}");
        }
    }
}
