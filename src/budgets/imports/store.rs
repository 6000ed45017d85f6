//! Every query about imports.

use entity::budget_imports::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select,
    Set,
};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::budgets::imports::json::BudgetImportFilter;
use crate::error::{ApiError, ApiResult, version_conflict};
use crate::http::call::Call;
use crate::write::{Event, ROW_LOCK, Tx};

/// Imports for who reads the budget of the whole office; for all others there are none.
fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadBudget) {
        Reach::Office => Entity::find(),
        Reach::Boards(_) | Reach::None => Entity::find().filter(Condition::any().add(Expr::value(false))),
    }
}

pub fn select(call: &Call, filter: &BudgetImportFilter) -> Select<Entity> {
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
/// 404, the same for who reads single boards only.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The import, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = visible(call).filter(Column::Id.eq(id)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// Writes the row, or gives the import of the same bytes for the same year. Two requests at once meet in the unique
/// constraint: the second one waits for the first, and gets its import when it is there.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_once(tx: &Tx, import: &Model) -> ApiResult<Option<Model>> {
    let inserted = Entity::insert(import.clone().into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    if inserted == 1 {
        return Ok(None);
    }
    let same = Entity::find().filter(Column::Year.eq(import.year)).filter(Column::Sha256.eq(&import.sha256));
    same.one(tx.db()).await?.map(Some).ok_or_else(|| ApiError::internal("an import vanished"))
}

/// Writes the change of a locked import, with its event.
///
/// # Errors
/// 412 if it changed in between.
pub async fn save(tx: &Tx, import: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(import.version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(import.id))
        .filter(Column::Version.eq(import.version))
        .exec(tx.db())
        .await?;
    if saved.rows_affected == 0 {
        return Err(version_conflict());
    }
    tx.record(event).await?;
    Entity::find_by_id(import.id).one(tx.db()).await?.ok_or_else(|| ApiError::internal("an import vanished"))
}
