//! Every query about transfers.

use entity::budget_lines::Model as Line;
use entity::budget_transfers::{ActiveModel, BudgetTransferStatus, Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select,
    Set,
};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::budgets::transfers::TYPE;
use crate::budgets::transfers::json::{BudgetTransferFilter, BudgetTransferIn};
use crate::budgets::transfers::rules;
use crate::error::{ApiError, ApiResult, version_conflict};
use crate::http::call::Call;
use crate::write::{Event, ROW_LOCK, Tx};

/// Transfers of which the caller reads one side.
fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadBudget) {
        Reach::Office => Entity::find(),
        Reach::Boards(boards) => Entity::find().filter(
            Condition::any()
                .add(Column::FromBoardId.is_in(boards.clone()))
                .add(Column::ToBoardId.is_in(boards)),
        ),
        Reach::None => Entity::find().filter(Condition::any().add(Expr::value(false))),
    }
}

pub fn select(call: &Call, filter: &BudgetTransferFilter) -> Select<Entity> {
    let mut select = visible(call);
    if let Some(board_id) = filter.board_id {
        let sides =
            Condition::any().add(Column::FromBoardId.eq(board_id)).add(Column::ToBoardId.eq(board_id));
        select = select.filter(sides);
    }
    if let Some(line_id) = filter.budget_line_id {
        let sides = Condition::any().add(Column::FromLineId.eq(line_id)).add(Column::ToLineId.eq(line_id));
        select = select.filter(sides);
    }
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(status.iter().copied()));
    }
    select
}

/// # Errors
/// 404, the same for a transfer between other boards than the caller's.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The transfer, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = visible(call).filter(Column::Id.eq(id)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// When the database does not take it.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    body: &BudgetTransferIn,
    (from, to): (Option<&Line>, &Line),
    proposed_by_id: Uuid,
) -> ApiResult<Model> {
    let BudgetTransferIn { kind, from_line_id, to_line_id, amount, document_number, signed_on, reason } =
        body.clone();
    let transfer = ActiveModel {
        id: Set(id),
        number: Set(tx.next_number("BT").await?),
        kind: Set(kind),
        from_line_id: Set(from_line_id),
        to_line_id: Set(to_line_id),
        from_board_id: Set(from.map(|line| line.board_id)),
        to_board_id: Set(to.board_id),
        amount: Set(amount),
        document_number: Set(document_number),
        signed_on: Set(signed_on),
        reason: Set(reason),
        status: Set(BudgetTransferStatus::Proposed),
        waiting_since: Set(tx.now),
        proposed_by_id: Set(proposed_by_id),
        from_signed_by_id: Set(None),
        to_signed_by_id: Set(None),
        decision_reason: Set(None),
        posted_at: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let transfer = transfer.insert(tx.db()).await?;
    record(tx, &transfer, Event::new("create", TYPE, transfer.id, 1)).await?;
    Ok(transfer)
}

/// Writes the change of a locked transfer, with its event.
///
/// # Errors
/// 412 if it changed in between.
pub async fn save(tx: &Tx, transfer: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(transfer.version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(transfer.id))
        .filter(Column::Version.eq(transfer.version))
        .exec(tx.db())
        .await?;
    if saved.rows_affected == 0 {
        return Err(version_conflict());
    }
    record(tx, transfer, event).await?;
    let found = Entity::find_by_id(transfer.id).one(tx.db()).await?;
    found.ok_or_else(|| ApiError::internal("a transfer vanished"))
}

/// The feed tells of it under the board that gives, or that gets a supplement; the lines tell the other side.
async fn record(tx: &Tx, transfer: &Model, event: Event<'_>) -> ApiResult<()> {
    let board_id = rules::boards(transfer).next().unwrap_or(transfer.to_board_id);
    let details = serde_json::json!({"amount": transfer.amount});
    let event = if event.details.is_some() { event } else { event.with(details) };
    tx.record(event.of_board(board_id)).await
}
