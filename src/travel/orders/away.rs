//! The travellers' time: nobody is away for two orders at once.
//!
//! The constraint on the rows of the travellers is the guarantee. Before it stands a look at the travellers' other
//! orders, with their staff rows locked in one order, so that a refusal names everything that is in the way.

use std::collections::{BTreeMap, BTreeSet};

use entity::staff;
use entity::travel_order_travellers::{Column, Entity, Model as Traveller};
use entity::travel_orders::{self, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::document::TravellerClash;
use crate::http::page;
use crate::travel::orders::store;
use crate::vehicles::period::Period;
use crate::write::{ROW_LOCK, Tx};

/// Takes the travellers' time for an order.
///
/// # Errors
/// 409 `traveller_away` with everything that is in the way.
pub async fn take(tx: &Tx, call: &Call, order: &Model, travellers: &[Traveller]) -> ApiResult<()> {
    refuse_clashes(tx, call, order, travellers, period(order)).await?;
    set(tx, order.id, true).await
}

/// The planned journey.
pub fn period(order: &Model) -> Period {
    Period { starts_at: order.starts_at, ends_at: order.ends_at }
}

/// Gives the travellers' time back.
///
/// # Errors
/// When the database does not answer.
pub async fn free(tx: &Tx, order_id: Uuid) -> ApiResult<()> {
    set(tx, order_id, false).await
}

/// Says whether an order takes its travellers' time; the constraint refuses what does not fit.
///
/// # Errors
/// 409 `traveller_away`, without what is in the way.
pub async fn set(tx: &Tx, order_id: Uuid, away: bool) -> ApiResult<()> {
    Entity::update_many()
        .col_expr(Column::Away, Expr::value(away))
        .filter(Column::OrderId.eq(order_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Puts the time that an order takes to when its travellers were really away.
///
/// # Errors
/// 409 `traveller_away` where one of them was away for another order then.
pub async fn put(
    tx: &Tx,
    call: &Call,
    order: &Model,
    travellers: &[Traveller],
    really: Period,
) -> ApiResult<()> {
    refuse_clashes(tx, call, order, travellers, really).await?;
    Entity::update_many()
        .col_expr(Column::StartsAt, Expr::value(really.starts_at))
        .col_expr(Column::EndsAt, Expr::value(really.ends_at))
        .filter(Column::OrderId.eq(order.id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Refuses a period in which one of the travellers is away for another order. Versions of one order do not stand in
/// each other's way.
///
/// # Errors
/// 409 `traveller_away` with everything that is in the way.
pub async fn refuse_clashes(
    tx: &Tx,
    call: &Call,
    order: &Model,
    travellers: &[Traveller],
    period: Period,
) -> ApiResult<()> {
    let people: BTreeSet<Uuid> = travellers.iter().map(|traveller| traveller.staff_id).collect();
    // In one order, so that two orders with the same travellers do not wait for each other in a ring.
    let locked = staff::Entity::find().filter(staff::Column::Id.is_in(people.iter().copied()));
    locked.order_by_asc(staff::Column::Id).lock(ROW_LOCK).all(tx.db()).await?;
    let rows = Entity::find()
        .filter(Column::StaffId.is_in(people))
        .filter(Column::Away.eq(true))
        .filter(Column::OrderId.ne(order.id))
        .filter(period.overlaps(Column::StartsAt, Column::EndsAt))
        .order_by_asc(Column::StartsAt)
        .all(tx.db())
        .await?;
    let ids = rows.iter().map(|row| row.order_id);
    let orders = page::by_id::<travel_orders::Entity, _>(tx.db(), ids, travel_orders::Column::Id).await?;
    let own =
        |row: &Traveller| orders.get(&row.order_id).is_some_and(|other| other.chain_id == order.chain_id);
    let clashes: Vec<Traveller> = rows.into_iter().filter(|row| !own(row)).collect();
    if clashes.is_empty() { Ok(()) } else { Err(refusal(tx, call, clashes).await?) }
}

/// Names the other orders, as far as the caller may see them.
async fn refusal(tx: &Tx, call: &Call, clashes: Vec<Traveller>) -> ApiResult<ApiError> {
    let ids: BTreeSet<Uuid> = clashes.iter().map(|row| row.order_id).collect();
    let seen: BTreeMap<Uuid, String> = store::numbers(tx.db(), call, ids).await?;
    let numbers: BTreeSet<&str> = seen.values().map(String::as_str).collect();
    let numbers = if numbers.is_empty() {
        String::new()
    } else {
        format!(" ({})", numbers.into_iter().collect::<Vec<_>>().join(", "))
    };
    let detail = text(
        format!("Trong thời gian này có người đi đang đi công tác theo quyết định khác{numbers}."),
        format!("At that time a traveller is away for another order{numbers}."),
    );
    let shown: Vec<TravellerClash> = clashes
        .into_iter()
        .map(|row| TravellerClash {
            staff_id: row.staff_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            order_id: seen.contains_key(&row.order_id).then_some(row.order_id),
            number: seen.get(&row.order_id).cloned(),
        })
        .collect();
    Ok(ApiError::new(Code::TravellerAway, detail).with("away", shown))
}
