//! Obstacles as the caller sees them: whole pages at once, with one query for each kind of related record.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::obstacles::Model;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::auth::deciders::Deciders;
use crate::conferences::tasks::blocking;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::obstacles::json::{ObstacleExpand, ObstacleOut};
use crate::obstacles::rules::{self, STEPS};
use crate::obstacles::store;
use crate::workflow;

/// One obstacle with everything that a single read shows.
///
/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, call: &Call, obstacle: Model) -> ApiResult<ObstacleOut> {
    let shown = outs(db, call, vec![obstacle], &[ObstacleExpand::AllowedActions]).await?;
    shown.into_iter().next().ok_or_else(|| ApiError::internal("an obstacle vanished on its way out"))
}

/// A page of obstacles, in its order.
///
/// # Errors
/// When the database does not answer.
pub async fn outs(
    db: &impl ConnectionTrait,
    call: &Call,
    obstacles: Vec<Model>,
    shown: &[ObstacleExpand],
) -> ApiResult<Vec<ObstacleOut>> {
    let ids: Vec<Uuid> = obstacles.iter().map(|obstacle| obstacle.id).collect();
    let today = call.today();
    let mut boards = store::boards_of(db, ids.iter().copied()).await?;
    let mut blocked = blocking::blocked_by(db, call, ids).await?;
    let deciders = match shown.contains(&ObstacleExpand::AllowedActions) {
        true => Some(Deciders::load(db, today).await?),
        false => None,
    };
    let show = |obstacle: Model| {
        let waiting_on = deciders.as_ref().and_then(|deciders| rules::waiting_on(deciders, &obstacle));
        let allowed_actions = deciders.as_ref().map(|_| {
            workflow::allowed_actions(call, STEPS, &obstacle.status, |step| {
                rules::permit(call, &obstacle, step)
            })
        });
        ObstacleOut { waiting_on, allowed_actions, ..columns(obstacle, today, &mut boards, &mut blocked) }
    };
    Ok(obstacles.into_iter().map(show).collect())
}

/// By obstacle.
type Lists = BTreeMap<Uuid, Vec<Uuid>>;

fn columns(obstacle: Model, today: NaiveDate, boards: &mut Lists, blocked: &mut Lists) -> ObstacleOut {
    let overdue = rules::overdue(&obstacle, today);
    let Model {
        id,
        number,
        board_id,
        title,
        description,
        area,
        resource_type,
        resource_id,
        reported_by_id,
        raised_on,
        owner_id,
        due_on,
        status,
        waiting_since: _,
        resolution,
        resolved_at,
        verified_by_id,
        verified_at,
        decision_reason,
        search: _,
        version,
        created_at,
        updated_at,
        created_by_id,
    } = obstacle;
    ObstacleOut {
        id,
        number,
        version,
        board_id,
        title,
        description,
        area,
        resource_type,
        resource_id,
        board_ids: boards.remove(&id).unwrap_or_default(),
        reported_by_id,
        raised_on,
        owner_id,
        due_on,
        overdue,
        status,
        waiting_on: None,
        allowed_actions: None,
        resolution,
        resolved_at,
        verified_by_id,
        verified_at,
        decision_reason,
        blocked_task_ids: blocked.remove(&id).unwrap_or_default(),
        created_at,
        updated_at,
        created_by_id,
    }
}
