//! Every query about budget years.

use entity::budget_lines::{self, BudgetLineStatus, Model as Line};
use entity::budget_years::{ActiveModel, BudgetYearStatus, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::budgets;
use crate::budgets::ledger;
use crate::budgets::years::TYPE;
use crate::budgets::years::json::BudgetYearFilter;
use crate::error::{ApiError, ApiResult, version_conflict};
use crate::http::call::Call;
use crate::write::{Event, ROW_LOCK, Tx};

/// How much stays as it is while somebody relies on it; several may at once. Stronger than what a reference takes: a
/// change of the year's status waits.
const RELIED_ON: LockType = LockType::Share;

/// A year is the whole office's: who reads the budget of any board reads where its year stands.
fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadBudget) {
        Reach::Office | Reach::Boards(_) => Entity::find(),
        Reach::None => Entity::find().filter(Expr::value(false)),
    }
}

pub fn select(call: &Call, filter: &BudgetYearFilter) -> Select<Entity> {
    let mut select = visible(call);
    if let Some(year) = filter.year {
        select = select.filter(Column::Year.eq(year));
    }
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(status.iter().copied()));
    }
    select
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The year, locked until the transaction ends.
///
/// # Errors
/// 404.
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = visible(call).filter(Column::Id.eq(id)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// The row of a year, if it has one.
///
/// # Errors
/// When the database does not answer.
pub async fn of_year(db: &impl ConnectionTrait, year: i64) -> ApiResult<Option<Model>> {
    Ok(Entity::find().filter(Column::Year.eq(year)).one(db).await?)
}

/// The row of a year, which stays as it is until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn relied_on(tx: &Tx, year: i64) -> ApiResult<Option<Model>> {
    Ok(Entity::find().filter(Column::Year.eq(year)).lock(RELIED_ON).one(tx.db()).await?)
}

/// The row of a year, locked until the transaction ends; made where it is missing.
///
/// # Errors
/// When the database does not answer.
pub async fn locked(tx: &Tx, year: i64) -> ApiResult<Model> {
    make(tx, tx.id(), year).await?;
    let row = Entity::find().filter(Column::Year.eq(year)).lock(ROW_LOCK).one(tx.db()).await?;
    row.ok_or_else(|| ApiError::internal("a budget year vanished"))
}

/// Makes the row of a year, unless there is one.
///
/// # Errors
/// When the database does not answer.
pub async fn make(tx: &Tx, id: Uuid, year: i64) -> ApiResult<()> {
    let row = Model {
        id,
        year,
        status: BudgetYearStatus::Open,
        frozen_at: None,
        frozen_by_id: None,
        carried_forward_at: None,
        carried_forward_by_id: None,
        closed_at: None,
        closed_by_id: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        created_by_id: tx.actor.user_id,
    };
    let made = Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Year).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    if made > 0 {
        tx.record(Event::new("create", TYPE, id, 1)).await?;
    }
    Ok(())
}

/// Writes the change of a locked year, with its event.
///
/// # Errors
/// 412 if it changed in between.
pub async fn save(tx: &Tx, year: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(year.version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(year.id))
        .filter(Column::Version.eq(year.version))
        .exec(tx.db())
        .await?;
    if saved.rows_affected == 0 {
        return Err(version_conflict());
    }
    tx.record(event).await?;
    let found = Entity::find_by_id(year.id).one(tx.db()).await?;
    found.ok_or_else(|| ApiError::internal("a budget year vanished"))
}

/// All lines of a year whose row is locked, locked until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_lines(tx: &Tx, year: i64) -> ApiResult<Vec<Line>> {
    use budget_lines::Column;
    let ids: Vec<Uuid> = budget_lines::Entity::find()
        .filter(Column::Year.eq(year))
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(tx.db())
        .await?;
    Ok(ledger::lock(tx, ids).await?.into_values().collect())
}

/// Where lines go with their year.
pub struct Passage<'a> {
    pub verb: &'static str,
    pub to: BudgetLineStatus,
    /// Whether they are to come back with it.
    pub frozen_with_year: Option<bool>,
    pub reason: Option<&'a str>,
}

/// Moves lines that are locked, all in one statement, each with its event.
///
/// # Errors
/// When the database does not take them.
pub async fn move_lines(tx: &Tx, lines: &[Line], passage: &Passage<'_>) -> ApiResult<()> {
    use budget_lines::{ActiveModel, Column};
    if lines.is_empty() {
        return Ok(());
    }
    let changed = ActiveModel {
        status: Set(passage.to),
        frozen_with_year: passage.frozen_with_year.map_or_else(Default::default, Set),
        updated_at: Set(tx.now),
        ..ActiveModel::default()
    };
    budget_lines::Entity::update_many()
        .set(changed)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.is_in(lines.iter().map(|line| line.id)))
        .exec(tx.db())
        .await?;
    for line in lines {
        let event = Event::new(passage.verb, budgets::TYPE, line.id, line.version + 1)
            .of_board(line.board_id)
            .step(&line.status, &passage.to)
            .because(passage.reason);
        tx.record(event).await?;
    }
    Ok(())
}
