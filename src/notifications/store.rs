//! Every query about notifications. All but the job ask for the caller's own.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use entity::notifications::{Column, Entity, NotificationKind};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use crate::app::App;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::notifications::json::{NotificationFilter, NotificationsReadIn};
use crate::notifications::subjects;
use crate::write::Tx;

/// How long a notification is kept after it was read.
const KEPT: TimeDelta = TimeDelta::days(90);

/// A deletion holds up other writers, so it is small.
const FORGOTTEN_AT_ONCE: u64 = 1000;

/// The caller's own, of the kinds of record that they may still read; for a key that is limited to boards, of these.
fn mine(call: &Call) -> Condition {
    let readable =
        NotificationKind::iter().filter(|kind| !call.reach(subjects::of(*kind).read_by).is_empty());
    let boards = call.caller.account.as_ref().and_then(|account| account.limits.boards.clone());
    Condition::all()
        .add(Column::StaffId.eq(call.caller.staff_id.unwrap_or_default()))
        .add(Column::Kind.is_in(readable))
        .add_option(boards.map(|boards| Column::BoardId.is_in(boards)))
}

pub fn select(call: &Call, filter: &NotificationFilter) -> Select<Entity> {
    let NotificationFilter { unread, kind } = filter;
    let unread = unread.map(|unread| match unread {
        true => Column::ReadAt.is_null(),
        false => Column::ReadAt.is_not_null(),
    });
    let kind = kind.as_ref().map(|any| Column::Kind.is_in(any.iter().copied()));
    Entity::find().filter(mine(call)).filter(Condition::all().add_option(unread).add_option(kind))
}

/// How many the caller has not read.
///
/// # Errors
/// When the database does not answer.
pub async fn unread(db: &impl ConnectionTrait, call: &Call) -> ApiResult<u64> {
    Ok(Entity::find().filter(mine(call)).filter(Column::ReadAt.is_null()).count(db).await?)
}

/// Marks what the caller has read, and says how many were unread.
///
/// # Errors
/// 422 for what is not the caller's, and for anything but one of the two ways to say it.
pub async fn mark(tx: &Tx, call: &Call, body: &NotificationsReadIn) -> ApiResult<u64> {
    let read = match (&body.ids, body.up_to_id) {
        (Some(ids), None) => these(tx, call, ids).await?,
        (None, Some(id)) => up_to(tx, call, id).await?,
        _ => return Err(one_of_two()),
    };
    let marked = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(tx.now))
        .filter(mine(call))
        .filter(read)
        .filter(Column::ReadAt.is_null());
    Ok(marked.exec(tx.db()).await?.rows_affected)
}

fn one_of_two() -> ApiError {
    ApiError::rule(
        "ids",
        "one_of_two",
        text("nêu đúng một trong hai: ids hoặc up_to_id", "say exactly one of ids and up_to_id"),
    )
}

async fn these(tx: &Tx, call: &Call, ids: &[Uuid]) -> ApiResult<Condition> {
    let named = Column::Id.is_in(ids.iter().copied());
    let found = Entity::find().select_only().column(Column::Id).filter(mine(call)).filter(named.clone());
    let found: BTreeSet<Uuid> = found.into_tuple().all(tx.db()).await?.into_iter().collect();
    let unknown = ids.iter().enumerate().filter(|(_, id)| !found.contains(id));
    let broken: Vec<FieldError> =
        unknown.map(|(index, _)| FieldError::unknown_reference(&format!("ids/{index}"))).collect();
    if broken.is_empty() { Ok(Condition::all().add(named)) } else { Err(ApiError::invalid(broken)) }
}

/// In the order of the list.
async fn up_to(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Condition> {
    let last = Entity::find_by_id(id).filter(mine(call)).one(tx.db()).await?;
    let last = last.ok_or_else(|| ApiError::unknown_reference("up_to_id"))?;
    let same_moment = Column::CreatedAt.eq(last.created_at).and(Column::Id.lte(last.id));
    Ok(Condition::any().add(Column::CreatedAt.lt(last.created_at)).add(same_moment))
}

/// Forgets some of the notifications that were read long ago, and says how many.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget_old(app: &Arc<App>) -> ApiResult<u64> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ReadAt.lt(app.clock.now() - KEPT))
        .limit(FORGOTTEN_AT_ONCE)
        .into_query();
    let forgotten = Entity::delete_many().filter(Column::Id.in_subquery(old));
    Ok(forgotten.exec(&app.db.writer).await?.rows_affected)
}
