//! What a reception must say before anything of it is written.

use chrono::{DateTime, Utc};

use crate::auth::permissions::Action;
use crate::conferences::receptions::json::ReceptionIn;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;

/// # Errors
/// 422 for a board that the caller does not see, 403 for one they see without deciding for it.
pub fn may_hold(call: &Call, body: &ReceptionIn) -> ApiResult<()> {
    if !call.reach(Action::ReadConferences).covers(body.board_id) {
        return Err(ApiError::unknown_reference("board_id"));
    }
    call.may(Action::HoldReception, body.board_id)
}

/// Everything that is wrong without a look at the database.
pub fn broken(call: &Call, body: &ReceptionIn) -> Vec<FieldError> {
    let mut broken = Vec::new();
    if body.ends_at <= body.starts_at {
        broken.push(after_start("ends_at"));
    }
    broken.extend(broken_heads(body));
    for (index, leg) in body.legs.iter().enumerate() {
        if leg.ends_at <= leg.starts_at {
            broken.push(after_start(&format!("legs/{index}/ends_at")));
        }
        if !within(body, leg.starts_at) || leg.ends_at > body.ends_at {
            broken.push(outside(&format!("legs/{index}")));
        }
    }
    let late = body.meals.iter().enumerate().filter(|(_, meal)| !within(body, meal.starts_at));
    broken.extend(late.map(|(index, _)| outside(&format!("meals/{index}/starts_at"))));
    if body.costs.is_some() && call.caller.staff_id == Some(body.coordinator_id) {
        let other = text(
            "người điều phối lập dự toán, nên phải khác người duyệt cam kết (là bạn)",
            "plans the costs and must be another person than who commits them, which is you",
        );
        broken.push(FieldError::body("coordinator_id", "four_eyes", other));
    }
    broken
}

/// Exactly one guest heads the delegation.
fn broken_heads(body: &ReceptionIn) -> Vec<FieldError> {
    let heads: Vec<usize> =
        body.guests.iter().enumerate().filter(|(_, guest)| guest.head).map(|(index, _)| index).collect();
    if heads.is_empty() {
        let needed = text("cần một trưởng đoàn", "one guest heads the delegation");
        return vec![FieldError::body("guests", "required", needed)];
    }
    let more = heads.iter().skip(1).map(|index| {
        let one = text("đoàn chỉ có một trưởng đoàn", "a delegation has one head");
        FieldError::body(&format!("guests/{index}/head"), "duplicate", one)
    });
    more.collect()
}

fn within(body: &ReceptionIn, at: DateTime<Utc>) -> bool {
    body.starts_at <= at && at < body.ends_at
}

fn after_start(field: &str) -> FieldError {
    FieldError::body(field, "out_of_range", text("phải sau starts_at", "must be after starts_at"))
}

fn outside(field: &str) -> FieldError {
    let detail = text("phải trong thời gian đón tiếp", "must lie within the times of the reception");
    FieldError::body(field, "out_of_range", detail)
}
