//! Who is told what of tasks, in the transaction in which it happens.

use entity::conference_tasks::{Column, Entity, Model, TaskStatus};
use entity::notifications::NotificationKind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::notifications::{self, Notice};
use crate::write::Tx;

/// The lead of a task that was given to them, unless they took it themselves.
///
/// # Errors
/// When the database does not take it.
pub async fn given_out(tx: &Tx, call: &Call, task: &Model) -> ApiResult<()> {
    let lead = Some(task.lead_id).filter(|lead| call.caller.staff_id != Some(*lead));
    let notice = step(NotificationKind::TaskAssigned, task).due(task.due_at);
    notifications::tell(tx, lead, &notice).await.map(drop)
}

/// Every lead of an open task of a conference that moved.
///
/// # Errors
/// When the database does not take it.
pub async fn moved(tx: &Tx, conference_id: Uuid) -> ApiResult<()> {
    let open = Entity::find()
        .filter(Column::ConferenceId.eq(conference_id))
        .filter(Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled]))
        .all(tx.db())
        .await?;
    let told =
        open.iter().map(|task| (task.lead_id, step(NotificationKind::TaskMoved, task).due(task.due_at)));
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
