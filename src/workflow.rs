//! How the steps of a record are written down: one table for each workflow, read by the transitions, by
//! `allowed_actions`, by the document and by the tests, so that none of them can say something else.

use sea_orm::ActiveEnum;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::error::{ApiError, ApiResult, Code, Text, text};
use crate::http::call::Call;

/// One row of a workflow's table.
pub struct Step<S: 'static> {
    /// The states in which the step may be taken.
    pub from: &'static [S],
    /// The verb, as in the address: `approve`, `send-back`.
    pub verb: &'static str,
    /// The state after the step.
    pub to: S,
    /// What the caller needs on the permission page.
    pub action: Action,
    /// A step that takes something away from somebody says why.
    pub needs_reason: bool,
    /// The role or part that the record waits for while this step is the one to come; nothing for the steps that
    /// nobody waits for. Each state has at most one such step.
    pub turn: Option<&'static str>,
    /// Who, in words, for the document.
    pub who: &'static str,
    /// Guard and effect, in words, for the document.
    pub about: &'static str,
}

/// Something that can be done with a record in its present state, for the caller who asked. It tells of role,
/// person and state; what depends on the body or on other records is judged when the action is taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AllowedAction {
    /// The verb, as in the address.
    pub action: String,
    pub allowed: bool,
    /// Why not; null where it is allowed.
    pub reason: Option<String>,
}

/// Whose turn it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingOn {
    /// The role that must act, e.g. `board_head`, or the part in the record, e.g. `lead`.
    pub role: String,
    /// The people whose turn it is, by id. The document says who else may act in their place.
    pub staff: Vec<Uuid>,
    pub since: chrono::DateTime<chrono::Utc>,
    /// Until when; null where nothing sets a limit.
    pub due_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The row of a verb.
///
/// # Errors
/// 500: a handler asks for a verb that its table does not have.
pub fn step<S>(table: &'static [Step<S>], verb: &str) -> ApiResult<&'static Step<S>> {
    table.iter().find(|step| step.verb == verb).ok_or_else(|| ApiError::internal(format!("no step {verb:?}")))
}

/// Whose turn it is in a state: the one for whom the next step waits.
pub fn whose_turn<S: PartialEq>(table: &'static [Step<S>], current: &S) -> Option<&'static str> {
    table.iter().filter(|step| step.from.contains(current)).find_map(|step| step.turn)
}

/// Refuses a step at the wrong moment.
///
/// # Errors
/// 409 `state_conflict` with the current status and the verbs that are possible.
pub fn check_state<S>(table: &'static [Step<S>], step: &Step<S>, current: &S) -> ApiResult<()>
where
    S: ActiveEnum<Value = String> + PartialEq,
{
    if step.from.contains(current) { Ok(()) } else { Err(wrong_state(table, current)) }
}

/// The refusal of anything that the record's state forbids.
pub fn wrong_state<S>(table: &'static [Step<S>], current: &S) -> ApiError
where
    S: ActiveEnum<Value = String> + PartialEq,
{
    let possible: Vec<&str> =
        table.iter().filter(|step| step.from.contains(current)).map(|step| step.verb).collect();
    not_now(&current.to_value(), &possible)
}

/// The refusal of a step by its record, where more than the state decides what is possible.
pub fn not_now(status: &str, possible: &[&str]) -> ApiError {
    let can = if possible.is_empty() { "—".to_owned() } else { possible.join(", ") };
    ApiError::new(
        Code::StateConflict,
        text(
            format!("Hồ sơ đang ở trạng thái {status}; có thể: {can}."),
            format!("The record is {status}; possible now: {can}."),
        ),
    )
    .with("current_status", status)
    .with("possible_actions", json!(possible))
}

/// What the caller can do now. `permit` tells whether a step is refused to this very caller, and why.
pub fn allowed_actions<S>(
    call: &Call,
    table: &'static [Step<S>],
    current: &S,
    permit: impl Fn(&Step<S>) -> ApiResult<()>,
) -> Vec<AllowedAction>
where
    S: ActiveEnum<Value = String> + PartialEq,
{
    let possible = table.iter().filter(|step| step.from.contains(current));
    possible
        .map(|step| {
            let reason = permit(step).err().map(|error| error.problem().detail.get(call.language).to_owned());
            AllowedAction { action: step.verb.to_owned(), allowed: reason.is_none(), reason }
        })
        .collect()
}

/// Refuses a step to everyone but one person.
///
/// # Errors
/// 403 `forbidden`.
pub fn only(call: &Call, person: Uuid, vi: &str, en: &str) -> ApiResult<()> {
    if call.caller.staff_id == Some(person) { Ok(()) } else { Err(ApiError::forbidden(text(vi, en))) }
}

/// The reason that a step needs.
///
/// # Errors
/// 422 with the pointer `#/reason`.
pub fn reason_for<'a, S>(step: &Step<S>, reason: Option<&'a str>) -> ApiResult<Option<&'a str>> {
    let given = reason.filter(|text| !text.is_empty());
    if step.needs_reason && given.is_none() {
        return Err(ApiError::rule("reason", "required", reason_needed()));
    }
    Ok(given)
}

fn reason_needed() -> Text {
    text("bước này phải nêu lý do", "this step needs a reason")
}

/// The table as Markdown, for the document.
pub fn markdown<S: ActiveEnum<Value = String>>(table: &'static [Step<S>]) -> String {
    let mut lines =
        vec!["| From | Action | To | Who | Guard, effect |".to_owned(), "|---|---|---|---|---|".to_owned()];
    lines.extend(table.iter().map(|step| {
        let from: Vec<String> = step.from.iter().map(ActiveEnum::to_value).collect();
        let reason = if step.needs_reason { "; needs a reason" } else { "" };
        format!(
            "| {} | {} | {} | {} | {}{reason} |",
            from.join(", "),
            step.verb,
            step.to.to_value(),
            step.who,
            step.about
        )
    }));
    lines.join("\n")
}
