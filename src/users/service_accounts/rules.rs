//! What a service account may be given, and how long a key lives.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use crate::auth::caller::Caller;
use crate::auth::permissions::Action;
use crate::error::{ApiError, ApiResult, FieldError, Text, text};

/// A key lives at most this long after today.
pub const LONGEST_DAYS: u64 = 365;

/// A key lives this long where nothing else is asked for.
const USUAL_DAYS: u64 = 90;

/// More keys at once are not for changing them one after another, but forgotten ones.
pub const KEYS_IN_FORCE: usize = 10;

/// The last day of a new key.
///
/// # Errors
/// 422 for a day that has passed or is too far off.
pub fn last_day(asked: Option<NaiveDate>, today: NaiveDate) -> ApiResult<NaiveDate> {
    let latest = today + Days::new(LONGEST_DAYS);
    let day = asked.unwrap_or(today + Days::new(USUAL_DAYS));
    if (today..=latest).contains(&day) {
        return Ok(day);
    }
    let detail = text(
        format!("phải từ {today} đến {latest}"),
        format!("must be a day from {today} to {latest}: every key expires"),
    );
    Err(ApiError::rule("expires_on", "out_of_range", detail))
}

/// Every scope and board that the account cannot have, each with its place.
pub fn broken(
    owner: &Caller,
    scopes: &[String],
    boards: Option<&[Uuid]>,
    known: &BTreeSet<Uuid>,
) -> Vec<FieldError> {
    let mut broken = Vec::new();
    for (index, name) in scopes.iter().enumerate() {
        if let Some((code, detail)) = refused_scope(owner, name, boards.is_some()) {
            broken.push(FieldError::body(&format!("scopes/{index}"), code, detail));
        }
    }
    let actions: Vec<Action> = scopes.iter().filter_map(|name| Action::parse(name)).collect();
    for (index, board) in boards.into_iter().flatten().enumerate() {
        let field = format!("board_ids/{index}");
        if !known.contains(board) {
            broken.push(FieldError::unknown_reference(&field));
        } else if !actions.iter().any(|action| owner.reach(*action).covers(*board)) {
            let detail = text(
                "chủ tài khoản không có phạm vi nào ở ban này",
                "the owner has none of the scopes in this board",
            );
            broken.push(FieldError::body(&field, "beyond_owner", detail));
        }
    }
    broken
}

fn refused_scope(owner: &Caller, name: &str, limited: bool) -> Option<(&'static str, Text)> {
    let Some(action) = Action::parse(name) else {
        return Some((
            "unknown_scope",
            text("không phải việc nào của dịch vụ", "is no action of the service"),
        ));
    };
    if !action.can_be_a_scope() {
        let detail = text("không bao giờ làm được bằng khóa", "can never be done with a key");
        return Some(("not_for_keys", detail));
    }
    if owner.reach(action).is_empty() {
        let detail = text("chủ tài khoản không được làm việc này", "is nothing that the owner may do");
        return Some(("beyond_owner", detail));
    }
    if limited && !action.can_be_limited_to_boards() {
        let detail = text(
            "là việc của cả văn phòng, không giới hạn được theo ban",
            "concerns the whole office and cannot be limited to boards",
        );
        return Some(("not_of_a_board", detail));
    }
    None
}
