//! Who holds a task, from when to when, and what leads said against it.

use entity::conference_tasks::Model;
use entity::task_objections::ObjectionDecision;
use entity::{task_holders, task_objections};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    Set,
};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::write::Tx;

/// Begins a holder's period. It never begins before the last one ended, should the clocks of two processes
/// differ: a period that follows at once begins at the very instant at which the other one ended.
///
/// # Errors
/// When somebody holds the task already, which the database refuses.
pub async fn begin(tx: &Tx, task_id: Uuid, staff_id: Uuid, board_id: Uuid) -> ApiResult<()> {
    use task_holders::Column as Holder;
    let last = task_holders::Entity::find()
        .filter(Holder::TaskId.eq(task_id))
        .filter(Holder::HeldTo.is_not_null())
        .order_by_desc(Holder::HeldTo)
        .one(tx.db())
        .await?;
    let ended = last.and_then(|holder| holder.held_to).unwrap_or(tx.now);
    let holder = task_holders::ActiveModel {
        id: Set(tx.id()),
        task_id: Set(task_id),
        staff_id: Set(staff_id),
        board_id: Set(board_id),
        held_from: Set(tx.now.max(ended)),
        held_to: Set(None),
        ended_by: Set(None),
        accepted_at: Set(None),
        escalated_at: Set(None),
    };
    holder.insert(tx.db()).await?;
    Ok(())
}

/// Ends the open period of a task.
///
/// # Errors
/// When nobody holds the task, which is a fault of the service.
pub async fn end(tx: &Tx, task_id: Uuid, verb: &str) -> ApiResult<()> {
    use task_holders::Column as Holder;
    let open = task_holders::Entity::find()
        .filter(Holder::TaskId.eq(task_id))
        .filter(Holder::HeldTo.is_null())
        .one(tx.db())
        .await?
        .ok_or_else(|| ApiError::internal("an open task that nobody holds"))?;
    let held_from = open.held_from;
    let mut ended = open.into_active_model();
    ended.held_to = Set(Some(tx.now.max(held_from)));
    ended.ended_by = Set(Some(verb.to_owned()));
    ended.update(tx.db()).await?;
    Ok(())
}

/// Notes on the open period that its holder accepted the task.
///
/// # Errors
/// When the database does not answer.
pub async fn accept(tx: &Tx, task_id: Uuid) -> ApiResult<()> {
    note(tx, task_id, task_holders::Column::AcceptedAt).await
}

/// Notes on the open period that the chief of office was told of its holder's silence.
///
/// # Errors
/// When the database does not answer.
pub async fn escalate(tx: &Tx, task_id: Uuid) -> ApiResult<()> {
    note(tx, task_id, task_holders::Column::EscalatedAt).await
}

async fn note(tx: &Tx, task_id: Uuid, what: task_holders::Column) -> ApiResult<()> {
    use task_holders::Column as Holder;
    task_holders::Entity::update_many()
        .col_expr(what, Expr::value(tx.now))
        .filter(Holder::TaskId.eq(task_id))
        .filter(Holder::HeldTo.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The objections to a task, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn objections(db: &impl ConnectionTrait, task_id: Uuid) -> ApiResult<Vec<task_objections::Model>> {
    use task_objections::Column as Objection;
    let select = task_objections::Entity::find().filter(Objection::TaskId.eq(task_id));
    Ok(select.order_by_asc(Objection::ObjectedAt).order_by_asc(Objection::Id).all(db).await?)
}

/// # Errors
/// When there is an undecided objection already, which the database refuses.
pub async fn object(tx: &Tx, task: &Model, reason: &str) -> ApiResult<()> {
    let objection = task_objections::ActiveModel {
        id: Set(tx.id()),
        task_id: Set(task.id),
        staff_id: Set(task.lead_id),
        board_id: Set(task.lead_board_id),
        reason: Set(reason.to_owned()),
        objected_at: Set(tx.now),
        decision: Set(None),
        decided_by_id: Set(None),
        decided_at: Set(None),
        decision_reason: Set(None),
    };
    objection.insert(tx.db()).await?;
    Ok(())
}

/// # Errors
/// When there is no undecided objection, which is a fault of the service.
pub async fn decide(
    tx: &Tx,
    call: &Call,
    task_id: Uuid,
    decision: ObjectionDecision,
    reason: &str,
) -> ApiResult<()> {
    use task_objections::Column as Objection;
    let open = task_objections::Entity::find()
        .filter(Objection::TaskId.eq(task_id))
        .filter(Objection::Decision.is_null())
        .one(tx.db())
        .await?
        .ok_or_else(|| ApiError::internal("an objected task without its objection"))?;
    let mut decided = open.into_active_model();
    decided.decision = Set(Some(decision));
    decided.decided_by_id = Set(call.caller.staff_id);
    decided.decided_at = Set(Some(tx.now));
    decided.decision_reason = Set(Some(reason.to_owned()));
    decided.update(tx.db()).await?;
    Ok(())
}
