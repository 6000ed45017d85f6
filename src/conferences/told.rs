//! Who is told what of tasks, in the transaction in which it happens.

use entity::conference_tasks::Model;
use entity::notifications::NotificationKind;
use uuid::Uuid;

use crate::error::ApiResult;
use crate::notifications::{self, Notice};
use crate::write::Tx;

/// The leads of tasks that were given to them, but not who took one themselves.
///
/// # Errors
/// When the database does not take it.
pub async fn given_out(tx: &Tx, by: Option<Uuid>, tasks: impl IntoIterator<Item = &Model>) -> ApiResult<()> {
    let others = tasks.into_iter().filter(|task| by != Some(task.lead_id));
    let told = others.map(|task| (task.lead_id, step(NotificationKind::TaskAssigned, task).due(task.due_at)));
    notifications::tell_all(tx, told).await.map(drop)
}

/// The leads of tasks that moved with their conference.
///
/// # Errors
/// When the database does not take it.
pub async fn moved(tx: &Tx, tasks: &[Model]) -> ApiResult<()> {
    let told =
        tasks.iter().map(|task| (task.lead_id, step(NotificationKind::TaskMoved, task).due(task.due_at)));
    notifications::tell_all(tx, told).await.map(drop)
}

/// The chiefs of office, of a task that nobody accepted in time.
///
/// # Errors
/// When the database does not take it.
pub async fn escalated(tx: &Tx, task: &Model, chiefs: &[Uuid]) -> ApiResult<()> {
    let notice = step(NotificationKind::TaskEscalated, task).due(task.accept_by);
    notifications::tell(tx, chiefs.iter().copied(), &notice).await.map(drop)
}

fn step(kind: NotificationKind, task: &Model) -> Notice {
    Notice::step(kind, task.id, &task.number, task.version).of_board(task.board_id)
}
