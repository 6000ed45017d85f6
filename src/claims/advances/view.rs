//! How advances are shown: with whose turn it is and what the caller can do. The queries are the same for one
//! advance and for a page.

use entity::advances::Model;
use sea_orm::ConnectionTrait;

use crate::claims::advances::json::{AdvanceExpand, AdvanceOut};
use crate::claims::advances::rules::{self, STEPS};
use crate::claims::people;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::workflow;

/// A page of advances.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    call: &Call,
    db: &impl ConnectionTrait,
    advances: Vec<Model>,
    expand: &[AdvanceExpand],
) -> ApiResult<Vec<AdvanceOut>> {
    let today = call.today();
    let people = if expand.contains(&AdvanceExpand::AllowedActions) {
        let boards = advances.iter().map(|advance| advance.board_id).collect();
        Some(people::of(db, &boards, today).await?)
    } else {
        None
    };
    let show = |advance: Model| {
        let waiting_on = people.as_ref().and_then(|people| rules::waiting_on(&advance, people));
        let actions = people.as_ref().map(|_| allowed_actions(call, &advance));
        AdvanceOut::new(advance, today, waiting_on, actions)
    };
    Ok(advances.into_iter().map(show).collect())
}

/// One advance, with everything.
///
/// # Errors
/// When the database does not answer.
pub async fn one(call: &Call, db: &impl ConnectionTrait, advance: Model) -> ApiResult<AdvanceOut> {
    let mut shown = page(call, db, vec![advance], &[AdvanceExpand::AllowedActions]).await?;
    shown.pop().ok_or_else(|| ApiError::internal("an advance vanished while it was shown"))
}

fn allowed_actions(call: &Call, advance: &Model) -> Vec<workflow::AllowedAction> {
    workflow::allowed_actions(call, STEPS, &advance.status, |step| {
        rules::may(call, advance, step)?;
        rules::person(call, advance, step.verb)
    })
}
