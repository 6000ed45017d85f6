//! Silence is told: a task that nobody has accepted by its accept-by time is brought before the chief of
//! office. The clock runs on, and the lead may still accept.

use std::sync::Arc;

use entity::conference_tasks::{Column, Entity, TaskStatus};
use entity::user_roles::Role;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::auth::deciders::Deciders;
use crate::conferences::tasks::duty;
use crate::conferences::tasks::store::TYPE;
use crate::conferences::told;
use crate::error::ApiResult;
use crate::write::{Actor, Event, transaction};

/// As many tasks as one round takes; the next round takes the rest.
const ROUND: u64 = 500;

/// Escalates the tasks that are silent past their accept-by time, and says how many.
///
/// Any number of processes may do so at once: each task has a small transaction of its own, and the update's
/// row count says which process was first.
///
/// # Errors
/// When the database does not answer; what was escalated by then stays so.
pub async fn escalate(app: &Arc<App>) -> ApiResult<u64> {
    let silent: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(is_silent(app.clock.now()))
        .order_by_asc(Column::AcceptBy)
        .limit(ROUND)
        .into_tuple()
        .all(&app.db.reader)
        .await?;
    if silent.is_empty() {
        return Ok(0);
    }
    let deciders = Deciders::load(&app.db.reader, app.clock.today()).await?;
    let chiefs = deciders.of(Role::ChiefOfOffice, None, None);
    let mut escalated = 0;
    for task in silent {
        escalated += u64::from(escalate_one(app, task, &chiefs).await?);
    }
    Ok(escalated)
}

fn is_silent(now: chrono::DateTime<chrono::Utc>) -> Condition {
    Condition::all()
        .add(Column::Status.eq(TaskStatus::Assigned))
        .add(Column::EscalatedAt.is_null())
        .add(Column::AcceptBy.lte(now))
}

/// Whether this very call escalated the task: it may be accepted, or escalated elsewhere, in the meantime.
async fn escalate_one(app: &Arc<App>, task_id: Uuid, chiefs: &[Uuid]) -> ApiResult<bool> {
    transaction(app, &Actor::system(), async |tx| {
        let updated = Entity::update_many()
            .col_expr(Column::EscalatedAt, Expr::value(tx.now))
            .col_expr(Column::WaitingSince, Expr::value(tx.now))
            .col_expr(Column::UpdatedAt, Expr::value(tx.now))
            .col_expr(Column::Version, ExprTrait::add(Expr::col(Column::Version), 1))
            .filter(Column::Id.eq(task_id))
            .filter(is_silent(tx.now))
            .exec_with_returning(tx.db())
            .await?;
        let Some(task) = updated.first() else { return Ok(false) };
        duty::escalate(tx, task.id).await?;
        let event = Event::new("escalate", TYPE, task.id, task.version).of_board(task.board_id);
        tx.record(event.step(&task.status, &task.status)).await?;
        told::escalated(tx, task, chiefs).await?;
        Ok(true)
    })
    .await
}
