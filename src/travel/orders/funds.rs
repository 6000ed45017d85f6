//! Which budget lines bear a travel order: each kind of its costs by its sub-item, or all of them by one line that the
//! accountant chose.

use std::collections::BTreeMap;

use entity::travel_order_funds::{ActiveModel, Column, Entity};
use entity::travel_orders::Model;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use crate::budgets::bearing::{self, Choice};
use crate::budgets::booking::Cost;
use crate::budgets::commitments::{Document, Shares};
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult};
use crate::travel::estimates::json::TravelEstimateOut;
use crate::travel::orders::json::TravelOrderFundsIn;
use crate::write::Tx;

/// The lines that bear an order, by its frozen estimate.
///
/// # Errors
/// 422 with everything that is wrong: a kind without a sub-item, a line that is missing or does not fit.
pub async fn choose(tx: &Tx, order: &Model, body: &TravelOrderFundsIn) -> ApiResult<Shares> {
    let on = office_day(order.starts_at);
    let cost = |kind: String| Cost { field: "funding_source".to_owned(), kind, on, chosen: None };
    let costs: Vec<(Cost, i64)> =
        amounts(order)?.into_iter().map(|(kind, amount)| (cost(kind), amount)).collect();
    let choice = Choice {
        document: Document::travel_order(order.id),
        board_id: order.board_id,
        on,
        source: body.funding_source,
        budget_line_id: body.budget_line_id,
        reason: body.reason.as_deref(),
    };
    bearing::shares(tx, choice, &costs).await
}

/// What the estimate has for each kind of cost.
fn amounts(order: &Model) -> ApiResult<BTreeMap<String, i64>> {
    let estimate = order.estimate.clone().ok_or_else(|| ApiError::internal("an order without estimate"))?;
    let estimate: TravelEstimateOut = serde_json::from_value(estimate).map_err(ApiError::internal)?;
    let mut amounts: BTreeMap<String, i64> = BTreeMap::new();
    for line in estimate.travellers.iter().flat_map(|traveller| &traveller.lines) {
        if line.amount > 0 {
            *amounts.entry(line.kind.clone()).or_default() += line.amount;
        }
    }
    if Some(amounts.values().sum()) != order.estimated_amount {
        return Err(ApiError::internal(format!("the lines of order {} are not its total", order.number)));
    }
    Ok(amounts)
}

/// Keeps the choice; that of an earlier round is gone.
///
/// # Errors
/// When the database does not take it.
pub async fn keep(tx: &Tx, order_id: Uuid, shares: &Shares) -> ApiResult<()> {
    forget(tx, order_id).await?;
    let rows: Vec<ActiveModel> = shares
        .iter()
        .map(|(line_id, amount)| ActiveModel {
            id: Set(tx.id()),
            order_id: Set(order_id),
            budget_line_id: Set(*line_id),
            amount: Set(*amount),
        })
        .collect();
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// # Errors
/// When the database does not take it.
pub async fn forget(tx: &Tx, order_id: Uuid) -> ApiResult<()> {
    Entity::delete_many().filter(Column::OrderId.eq(order_id)).exec(tx.db()).await?;
    Ok(())
}

/// The choice that was kept for each of these orders; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn of(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Shares>> {
    let rows = Entity::find().filter(Column::OrderId.is_in(orders)).all(db).await?;
    let mut found: BTreeMap<Uuid, Shares> = BTreeMap::new();
    for row in rows {
        found.entry(row.order_id).or_default().insert(row.budget_line_id, row.amount);
    }
    Ok(found)
}
