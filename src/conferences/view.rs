//! How conferences are shown: with where their money stands. The queries are the same for one and for a page.

use entity::conferences::Model;
use sea_orm::ConnectionTrait;

use crate::conferences::costs;
use crate::conferences::json::ConferenceOut;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;

/// A page of conferences.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    call: &Call,
    db: &impl ConnectionTrait,
    conferences: Vec<Model>,
) -> ApiResult<Vec<ConferenceOut>> {
    let mut money = costs::view::money_of(call, db, &conferences).await?;
    let show = |conference: Model| {
        let costs = money.remove(&conference.id);
        ConferenceOut { costs, ..conference.into() }
    };
    Ok(conferences.into_iter().map(show).collect())
}

/// One conference.
///
/// # Errors
/// When the database does not answer.
pub async fn one(call: &Call, db: &impl ConnectionTrait, conference: Model) -> ApiResult<ConferenceOut> {
    let mut shown = page(call, db, vec![conference]).await?;
    shown.pop().ok_or_else(|| ApiError::internal("a conference vanished while it was shown"))
}
