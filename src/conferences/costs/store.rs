//! Every query about the plans of conferences and the claims that draw on them.

use std::collections::BTreeMap;

use entity::conference_plans::{ActiveModel, Column, ConferenceCostStatus, Entity, Model as Plan};
use entity::conferences::{self, Model as Conference};
use entity::expense_claims::{self, ClaimStatus, Model as Claim};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde_json::Value;
use uuid::Uuid;

use crate::conferences::costs::estimates::json::ConferenceEstimateOut;
use crate::conferences::store::TYPE;
use crate::error::{ApiError, ApiResult};
use crate::write::{Event, ROW_LOCK, Tx};

/// The states in which nothing comes of a claim.
const DEAD: [ClaimStatus; 3] = [ClaimStatus::Rejected, ClaimStatus::Withdrawn, ClaimStatus::Reversed];

/// The plan of a conference. It changes under the conference's lock only.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl ConnectionTrait, conference_id: Uuid) -> ApiResult<Option<Plan>> {
    Ok(Entity::find_by_id(conference_id).one(db).await?)
}

/// The plans of these conferences; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn of(
    db: &impl ConnectionTrait,
    conferences: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Plan>> {
    let rows = Entity::find().filter(Column::ConferenceId.is_in(conferences)).all(db).await?;
    Ok(rows.into_iter().map(|plan| (plan.conference_id, plan)).collect())
}

/// The conference, locked until the transaction ends. A claim is locked before its conference, budget lines after it.
///
/// # Errors
/// 500 where it is gone.
pub async fn lock(tx: &Tx, conference_id: Uuid) -> ApiResult<Conference> {
    let found = conferences::Entity::find_by_id(conference_id).lock(ROW_LOCK).one(tx.db()).await?;
    found.ok_or_else(|| ApiError::internal("a claim names a conference that is gone"))
}

/// The estimate that a plan keeps.
///
/// # Errors
/// 500 for what no estimate is.
pub fn estimate(plan: &Plan) -> ApiResult<ConferenceEstimateOut> {
    serde_json::from_value(plan.estimate.clone()).map_err(ApiError::internal)
}

/// Writes a plan that is new or changed.
///
/// # Errors
/// When the database does not take it.
pub async fn keep(tx: &Tx, plan: ActiveModel, is_new: bool) -> ApiResult<Plan> {
    Ok(if is_new { plan.insert(tx.db()).await? } else { plan.update(tx.db()).await? })
}

/// Tells of a step of a conference's money: the conference shows it, so it has a new version.
///
/// # Errors
/// 412 if the conference changed in between.
pub async fn tell(
    tx: &Tx,
    conference: &Conference,
    verb: &str,
    (from, to): (Option<ConferenceCostStatus>, ConferenceCostStatus),
    reason: Option<&str>,
    details: Value,
) -> ApiResult<Conference> {
    let event = Event::new(verb, TYPE, conference.id, conference.version + 1);
    let mut event = event.because(reason).with(details);
    if let Some(from) = from {
        event = event.step(&from, &to);
    }
    touch(tx, conference, event).await
}

/// Gives the conference its next version and writes its event.
///
/// # Errors
/// 412 if the conference changed in between.
pub async fn touch(tx: &Tx, conference: &Conference, event: Event<'_>) -> ApiResult<Conference> {
    let mut changed = conference.clone().into_active_model();
    changed.version = Set(conference.version + 1);
    changed.updated_at = Set(tx.now);
    let expected = conferences::Column::Version.eq(conference.version);
    let saved = conferences::Entity::update(changed).validate()?.filter(expected).exec(tx.db()).await?;
    tx.record(event.of_board(conference.board_id)).await?;
    Ok(saved)
}

/// The claims of a conference that did not come to nothing, read without a lock: every step of a claim that matters here
/// locks the conference, and a claim is locked before it.
///
/// # Errors
/// When the database does not answer.
pub async fn living_claims_of(db: &impl ConnectionTrait, conference_id: Uuid) -> ApiResult<Vec<Claim>> {
    use expense_claims::Column;
    let claims = expense_claims::Entity::find()
        .filter(Column::ConferenceId.eq(conference_id))
        .filter(Column::Status.is_not_in(DEAD))
        .order_by_asc(Column::Id);
    Ok(claims.all(db).await?)
}
