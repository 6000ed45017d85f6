//! Every query about advances.

use entity::advances::{ActiveModel, AdvanceStatus, Column, Entity, Model};
use entity::travel_orders;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::claims::advances::json::{AdvanceFilter, AdvanceSort};
use crate::claims::advances::rules::OPEN;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "advance";

/// Advances within the caller's reach; the others do not exist for them.
fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadClaims) {
        Reach::Office => Entity::find(),
        Reach::Boards(boards) => {
            // Also for a journey on which another board sent them.
            let mine = call.caller.staff_in_any_board().map(|me| Column::RequesterId.eq(me));
            Entity::find().filter(Condition::any().add(Column::BoardId.is_in(boards)).add_option(mine))
        }
        Reach::None => Entity::find().filter(Condition::any().add(Expr::value(false))),
    }
}

pub fn select(call: &Call, filter: &AdvanceFilter) -> Select<Entity> {
    let mut select = visible(call);
    if let Some(board_id) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board_id));
    }
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(status.iter().copied()));
    }
    if let Some(requester_id) = filter.requester_id {
        select = select.filter(Column::RequesterId.eq(requester_id));
    }
    if let Some(travel_order_id) = filter.travel_order_id {
        select = select.filter(Column::TravelOrderId.eq(travel_order_id));
    }
    if let Some(overdue) = filter.overdue {
        let late = Column::Status.eq(AdvanceStatus::Paid).and(Column::SettleBy.lt(call.today()));
        select = select.filter(if overdue { late } else { late.not() });
    }
    if let Some(from) = filter.created_at_from {
        select = select.filter(Column::CreatedAt.gte(from));
    }
    if let Some(before) = filter.created_at_before {
        select = select.filter(Column::CreatedAt.lt(before));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<AdvanceSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        AdvanceSort::CreatedAt => (Column::CreatedAt, false),
        AdvanceSort::CreatedAtDescending => (Column::CreatedAt, true),
        AdvanceSort::SettleBy => (Column::SettleBy, false),
        AdvanceSort::SettleByDescending => (Column::SettleBy, true),
    };
    Order { column, descending }
}

/// # Errors
/// 404, the same for an advance outside the caller's boards: they must not learn that it exists.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The advance, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = visible(call).filter(Column::Id.eq(id)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// An advance by its id, locked; for what happens to it beside a claim.
///
/// # Errors
/// 500 where there is none.
pub async fn lock(tx: &Tx, id: Uuid) -> ApiResult<Model> {
    let found = Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?;
    found.ok_or_else(|| ApiError::internal("a payment names an advance that is gone"))
}

/// What somebody was advanced for an order and has not settled, locked. There is at most one.
///
/// # Errors
/// When the database does not answer.
pub async fn outstanding(tx: &Tx, order_id: Uuid, requester_id: Uuid) -> ApiResult<Option<Model>> {
    let select = Entity::find()
        .filter(Column::TravelOrderId.eq(order_id))
        .filter(Column::RequesterId.eq(requester_id))
        .filter(Column::Status.eq(AdvanceStatus::Paid))
        .lock(ROW_LOCK);
    Ok(select.one(tx.db()).await?)
}

/// The unsettled advances for these orders; one query for a page of claims.
///
/// # Errors
/// When the database does not answer.
pub async fn outstanding_of(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = Uuid>,
) -> ApiResult<Vec<Model>> {
    let orders: Vec<Uuid> = orders.into_iter().collect();
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let select = Entity::find()
        .filter(Column::TravelOrderId.is_in(orders))
        .filter(Column::Status.eq(AdvanceStatus::Paid));
    Ok(select.all(db).await?)
}

/// The advances of an order that are requested, approved or not settled.
///
/// # Errors
/// When the database does not answer.
pub async fn open_of_order(db: &impl ConnectionTrait, order_id: Uuid) -> ApiResult<Vec<Model>> {
    let select = Entity::find().filter(Column::TravelOrderId.eq(order_id)).filter(Column::Status.is_in(OPEN));
    Ok(select.all(db).await?)
}

/// All advances of a journey, for whatever version of its order, that were not refused or given up.
///
/// # Errors
/// When the database does not answer.
pub async fn alive_of_journey(db: &impl ConnectionTrait, chain_id: Uuid) -> ApiResult<Vec<Model>> {
    let versions: Vec<Uuid> = travel_orders::Entity::find()
        .filter(travel_orders::Column::ChainId.eq(chain_id))
        .select_only()
        .column(travel_orders::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let select = Entity::find()
        .filter(Column::TravelOrderId.is_in(versions))
        .filter(Column::Status.is_not_in([AdvanceStatus::Rejected, AdvanceStatus::Cancelled]));
    Ok(select.all(db).await?)
}

/// The open advances for a version of an order are for the version that supersedes it from now on.
///
/// # Errors
/// When the database does not take it.
pub async fn follow(tx: &Tx, from: Uuid, to: Uuid) -> ApiResult<()> {
    let select = Entity::find()
        .filter(Column::TravelOrderId.eq(from))
        .filter(Column::Status.is_in(OPEN))
        .order_by_asc(Column::Id)
        .lock(ROW_LOCK);
    for advance in select.all(tx.db()).await? {
        let mut changed = advance.clone().into_active_model();
        changed.travel_order_id = Set(Some(to));
        let event = Event::new("follow-travel-order", TYPE, advance.id, advance.version + 1);
        save(tx, &advance, changed, event.with(serde_json::json!({"travel_order_id": to}))).await?;
    }
    Ok(())
}

/// The first of somebody's advances that should be settled by now.
///
/// # Errors
/// When the database does not answer.
pub async fn overdue_of(
    db: &impl ConnectionTrait,
    requester_id: Uuid,
    today: chrono::NaiveDate,
) -> ApiResult<Option<Model>> {
    let select = Entity::find()
        .filter(Column::RequesterId.eq(requester_id))
        .filter(Column::Status.eq(AdvanceStatus::Paid))
        .filter(Column::SettleBy.lt(today));
    Ok(select.one(db).await?)
}

/// A new advance of somebody.
pub struct New<'a> {
    pub board_id: Uuid,
    pub requester_id: Uuid,
    pub travel_order_id: Option<Uuid>,
    pub purpose: &'a str,
    pub amount: i64,
    pub settle_by: chrono::NaiveDate,
}

/// # Errors
/// 409 for a second open advance of one order and requester.
pub async fn insert(tx: &Tx, new: New<'_>) -> ApiResult<Model> {
    let New { board_id, requester_id, travel_order_id, purpose, amount, settle_by } = new;
    let number = tx.next_number("AD").await?;
    let advance = ActiveModel {
        id: Set(tx.id()),
        search: Set(search_key(&format!("{number} {purpose}"))),
        number: Set(number),
        board_id: Set(board_id),
        requester_id: Set(requester_id),
        travel_order_id: Set(travel_order_id),
        purpose: Set(purpose.to_owned()),
        amount: Set(amount),
        settle_by: Set(settle_by),
        status: Set(AdvanceStatus::Requested),
        waiting_since: Set(tx.now),
        approved_by_id: Set(None),
        paid_by_id: Set(None),
        payment_id: Set(None),
        set_off_amount: Set(0),
        refunded_amount: Set(0),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let advance = advance.insert(tx.db()).await?;
    let event = Event::new("create", TYPE, advance.id, 1).of_board(board_id);
    tx.record(event.with(serde_json::json!({"amount": amount, "settle_by": settle_by}))).await?;
    Ok(advance)
}

/// Writes a changed advance, its next version and its event.
///
/// # Errors
/// 412 if the advance changed in between.
pub async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event.of_board(before.board_id)).await?;
    Ok(saved)
}
