//! The rules of measures: the steps, who may take them, on behalf of whom somebody consents, and whose turn it is.

use chrono::NaiveDate;
use entity::measure_consents::Model as Consent;
use entity::measures::{MeasureStatus, Model};
use entity::obstacles::Model as Obstacle;
use entity::user_roles::Role;
use sea_orm::ActiveEnum;
use uuid::Uuid;

use MeasureStatus::{Agreed, Done, Effective, Ineffective, Proposed, Rejected, Withdrawn};

use crate::auth::deciders::Deciders;
use crate::auth::permissions::Action;
use crate::clock::office_midnight;
use crate::error::{ApiError, ApiResult, Code, four_eyes, text};
use crate::http::call::Call;
use crate::obstacles::rules::end_of;
use crate::workflow::{AllowedAction, Step, WaitingOn, allowed_actions, only};

/// The life of a measure.
pub const STEPS: &[Step<MeasureStatus>] = &[
    Step {
        from: &[Proposed],
        verb: "consent",
        to: Agreed,
        action: Action::ConsentMeasure,
        needs_reason: false,
        turn: Some("board_head"),
        who: "the head of each board concerned; a chief of office, with a note, in place of a head where a board has none",
        about: "agreed with the last consent, until then it stays proposed; its obstacle is in action from then on",
    },
    Step {
        from: &[Proposed],
        verb: "reject",
        to: Rejected,
        action: Action::ConsentMeasure,
        needs_reason: true,
        turn: None,
        who: "the head of a board concerned, chief of office",
        about: "final",
    },
    Step {
        from: &[Proposed, Agreed],
        verb: "withdraw",
        to: Withdrawn,
        action: Action::ProposeMeasure,
        needs_reason: true,
        turn: None,
        who: "who proposed it, while it is proposed; chief of office",
        about: "final",
    },
    Step {
        from: &[Agreed],
        verb: "complete",
        to: Done,
        action: Action::LeadMeasure,
        needs_reason: false,
        turn: Some("lead"),
        who: "lead",
        about: "says what was done",
    },
    Step {
        from: &[Done],
        verb: "mark-effective",
        to: Effective,
        action: Action::JudgeMeasure,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office, head of the board that reported the obstacle; never the lead",
        about: "from `check_on` on",
    },
    Step {
        from: &[Done],
        verb: "mark-ineffective",
        to: Ineffective,
        action: Action::JudgeMeasure,
        needs_reason: true,
        turn: None,
        who: "chief of office, head of the board that reported the obstacle; never the lead",
        about: "from `check_on` on; an obstacle that was resolved or verified is in action again",
    },
];

/// The states in which something about a measure is still to be done before its obstacle can be resolved.
pub const OPEN: [MeasureStatus; 2] = [Proposed, Agreed];

/// The boards that have a say, and those that consented so far.
#[derive(Clone, Debug, Default)]
pub struct Parties {
    pub concerned: Vec<Uuid>,
    pub consents: Vec<Consent>,
}

impl Parties {
    /// The boards whose consent is missing.
    pub fn missing(&self) -> Vec<Uuid> {
        let given = |board: &Uuid| self.consents.iter().any(|consent| consent.board_id == *board);
        self.concerned.iter().copied().filter(|board| !given(board)).collect()
    }
}

/// On behalf of which boards somebody consents, and whether in place of a head.
#[derive(Debug, PartialEq, Eq)]
pub struct Mandate {
    pub boards: Vec<Uuid>,
    pub in_place_of_head: bool,
}

/// Who may propose a measure: the owner of the obstacle, the heads of the boards concerned, a chief of office.
///
/// # Errors
/// 403.
pub fn may_propose(call: &Call, obstacle: &Obstacle, concerned: &[Uuid]) -> ApiResult<()> {
    let owns = call.caller.staff_id.is_some() && call.caller.staff_id == obstacle.owner_id;
    if (owns && call.caller.limits_cover(obstacle.board_id))
        || heads_any(call, concerned)
        || call.caller.has(Role::ChiefOfOffice, obstacle.board_id)
    {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Việc này dành cho người phụ trách vướng mắc, lãnh đạo các ban liên quan và Chánh Văn phòng.",
        "This is for the owner of the obstacle, the heads of the boards concerned and the chief of office.",
    )))
}

fn heads_any(call: &Call, boards: &[Uuid]) -> bool {
    boards.iter().any(|board| call.caller.has(Role::BoardHead, *board))
}

/// Whether a step is the caller's to take, as far as their part goes.
///
/// # Errors
/// 403.
pub fn permit(call: &Call, measure: &Model, parties: &Parties, step: &Step<MeasureStatus>) -> ApiResult<()> {
    if call.reach(step.action).is_empty() {
        return Err(call.caller.refusal(step.action));
    }
    let is_chief = call.caller.has(Role::ChiefOfOffice, measure.board_id);
    match step.action {
        Action::ConsentMeasure if is_chief || heads_any(call, &parties.concerned) => Ok(()),
        Action::ConsentMeasure => Err(ApiError::forbidden(text(
            "Việc này dành cho lãnh đạo các ban liên quan và Chánh Văn phòng.",
            "This is for the heads of the boards concerned and the chief of office.",
        ))),
        Action::ProposeMeasure if is_chief => Ok(()),
        Action::ProposeMeasure => {
            call.within_limits(measure.board_id)?;
            // What all heads agreed on is not undone by one of them.
            let proposer = if measure.status == Proposed { measure.proposed_by_id } else { Uuid::nil() };
            only(
                call,
                proposer,
                "Việc này dành cho người đề xuất khi biện pháp chưa được thống nhất, và Chánh Văn phòng.",
                "This is for who proposed the measure, until it is agreed, and for the chief of office.",
            )
        }
        Action::LeadMeasure => {
            call.within_limits(measure.lead_board_id)?;
            only(call, measure.lead_id, "Việc này dành cho người chủ trì.", "This is for the lead.")
        }
        action => {
            call.may(action, measure.board_id)?;
            if call.caller.staff_id == Some(measure.lead_id) { Err(four_eyes()) } else { Ok(()) }
        }
    }
}

/// On behalf of whom the caller consents: of the named board, or of all that they head and that have not consented.
///
/// # Errors
/// 403 for boards of others, 409 where the consent is there, 422 for a board that is not concerned.
pub fn mandate(
    call: &Call,
    parties: &Parties,
    deciders: &Deciders,
    named: Option<Uuid>,
) -> ApiResult<Mandate> {
    let heads = |board: &Uuid| call.caller.has(Role::BoardHead, *board);
    let missing = parties.missing();
    let Some(board) = named else {
        let boards: Vec<Uuid> = missing.into_iter().filter(heads).collect();
        return match boards.is_empty() {
            false => Ok(Mandate { boards, in_place_of_head: false }),
            true if heads_any(call, &parties.concerned) => Err(consented_already()),
            true => Err(needs_a_board_without_head()),
        };
    };
    if !parties.concerned.contains(&board) {
        let detail = text("ban này không liên quan đến vướng mắc", "is no board that the obstacle concerns");
        return Err(ApiError::rule("board_id", "not_concerned", detail));
    }
    if !missing.contains(&board) {
        return Err(consented_already());
    }
    let in_place_of_head = !heads(&board);
    if in_place_of_head && (!call.caller.has(Role::ChiefOfOffice, board) || has_head(deciders, board)) {
        return Err(needs_a_board_without_head());
    }
    Ok(Mandate { boards: vec![board], in_place_of_head })
}

fn has_head(deciders: &Deciders, board: Uuid) -> bool {
    !deciders.of(Role::BoardHead, Some(board), None).is_empty()
}

fn needs_a_board_without_head() -> ApiError {
    ApiError::forbidden(text(
        "Lãnh đạo ban đồng ý cho ban mình; Chánh Văn phòng chỉ thay cho ban không có lãnh đạo, nêu trong board_id.",
        "A head consents for their own board; a chief of office only for a board that has no head, named in board_id.",
    ))
}

fn consented_already() -> ApiError {
    ApiError::new(
        Code::StateConflict,
        text("Ban đã đồng ý với biện pháp này.", "The board has consented to this measure already."),
    )
    .with("current_status", Proposed.to_value())
    .with("possible_actions", ["reject"])
}

/// An effect is judged from its day on.
///
/// # Errors
/// 409 `state_conflict`.
pub fn in_time(step: &Step<MeasureStatus>, measure: &Model, today: NaiveDate) -> ApiResult<()> {
    if step.action != Action::JudgeMeasure || today >= measure.check_on {
        return Ok(());
    }
    let day = measure.check_on;
    Err(ApiError::new(
        Code::StateConflict,
        text(
            format!("Chỉ đánh giá hiệu quả từ ngày {}.", day.format("%d/%m/%Y")),
            format!("The effect is judged from {day} on."),
        ),
    )
    .with("current_status", measure.status.to_value())
    .with("possible_actions", Vec::<String>::new()))
}

/// What the caller can do with a measure now.
pub fn allowed(call: &Call, measure: &Model, parties: &Parties, deciders: &Deciders) -> Vec<AllowedAction> {
    allowed_actions(call, STEPS, &measure.status, |step| {
        permit(call, measure, parties, step)?;
        in_time(step, measure, call.today())?;
        if step.verb == "consent" { can_consent(call, parties, deciders) } else { Ok(()) }
    })
}

fn can_consent(call: &Call, parties: &Parties, deciders: &Deciders) -> ApiResult<()> {
    let in_place = |board: &Uuid| mandate(call, parties, deciders, Some(*board)).is_ok();
    match mandate(call, parties, deciders, None) {
        Err(_) if parties.missing().iter().any(in_place) => Ok(()),
        own => own.map(drop),
    }
}

/// Whose turn it is. Between the work and the day of the check nobody needs to act.
pub(crate) fn waiting_on(
    deciders: &Deciders,
    measure: &Model,
    parties: &Parties,
    today: NaiveDate,
) -> Option<WaitingOn> {
    let mut since = measure.waiting_since;
    let ((role, staff), due_on) = match measure.status {
        Proposed => (consenters(deciders, &parties.missing()), None),
        Agreed => (("lead".to_owned(), vec![measure.lead_id]), Some(measure.due_on)),
        Done if today >= measure.check_on => {
            since = since.max(office_midnight(measure.check_on));
            (judges(deciders, measure), Some(measure.check_on))
        }
        Done | Effective | Ineffective | Rejected | Withdrawn => return None,
    };
    Some(WaitingOn { role, staff, since, due_at: due_on.and_then(end_of) })
}

/// The heads of the boards whose consent is missing, and the chiefs of office for those that have none.
fn consenters(deciders: &Deciders, missing: &[Uuid]) -> (String, Vec<Uuid>) {
    let of_board = |board: &Uuid| deciders.of(Role::BoardHead, Some(*board), None);
    let mut staff: Vec<Uuid> = missing.iter().flat_map(of_board).collect();
    let role = if staff.is_empty() { Role::ChiefOfOffice } else { Role::BoardHead };
    if missing.iter().any(|board| !has_head(deciders, *board)) {
        staff.extend(deciders.of(Role::ChiefOfOffice, None, None));
    }
    staff.sort_unstable();
    staff.dedup();
    (role.to_value(), staff)
}

/// The chiefs of office; the heads of the board that reported the obstacle where the only chief leads the measure.
fn judges(deciders: &Deciders, measure: &Model) -> (String, Vec<Uuid>) {
    let lead = Some(measure.lead_id);
    let chiefs = deciders.of(Role::ChiefOfOffice, None, lead);
    if chiefs.is_empty() {
        return (Role::BoardHead.to_value(), deciders.of(Role::BoardHead, Some(measure.board_id), lead));
    }
    (Role::ChiefOfOffice.to_value(), chiefs)
}
