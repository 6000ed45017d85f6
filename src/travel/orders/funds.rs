//! Which budget lines bear a travel order: each kind of its costs by its sub-item, or all of them by one line that the
//! accountant chose.

use std::collections::BTreeMap;

use chrono::Datelike;
use entity::budget_lines::{BudgetLineStatus, Model as Line};
use entity::travel_order_funds::{ActiveModel, Column, Entity};
use entity::travel_orders::Model;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use crate::budgets::booking::{Cost, book};
use crate::budgets::commitments::Shares;
use crate::budgets::lines::store as lines;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::travel::estimates::json::TravelEstimateOut;
use crate::travel::orders::json::TravelOrderFundsIn;
use crate::write::Tx;

/// The lines that bear an order, by its frozen estimate.
///
/// # Errors
/// 422 with everything that is wrong: a kind without a sub-item, a line that is missing or does not fit.
pub async fn choose(tx: &Tx, order: &Model, body: &TravelOrderFundsIn) -> ApiResult<Shares> {
    let amounts = amounts(order)?;
    if let Some(line_id) = body.budget_line_id {
        let found = lines::by_ids(tx.db(), [line_id]).await?.pop();
        let line = fitting(order, body, found)?;
        let total: i64 = amounts.values().sum();
        return Ok(if total > 0 { [(line.id, total)].into() } else { Shares::new() });
    }
    if body.reason.is_some() {
        let none = text("chỉ nêu khi chọn budget_line_id", "only where budget_line_id is chosen");
        return Err(ApiError::rule("reason", "not_needed", none));
    }
    // The order's budget is that of its first day's year, also where it runs into the next one.
    let on = office_day(order.starts_at);
    let costs: Vec<Cost> = amounts
        .keys()
        .map(|kind| Cost { field: "funding_source".to_owned(), kind: kind.clone(), on, chosen: None })
        .collect();
    let booked = book(tx.db(), order.board_id, body.funding_source, &costs, &[]).await?;
    let mut shares = Shares::new();
    for (line, amount) in booked.iter().zip(amounts.values()) {
        *shares.entry(line.budget_line_id).or_default() += amount;
    }
    Ok(shares)
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

/// A line that the accountant chose for the whole order.
fn fitting(order: &Model, body: &TravelOrderFundsIn, line: Option<Line>) -> ApiResult<Line> {
    let Some(line) = line.filter(|line| line.board_id == order.board_id) else {
        return Err(ApiError::unknown_reference("budget_line_id"));
    };
    let mut broken = Vec::new();
    let mut refuse = |code, vi: &str, en: &str| {
        broken.push(FieldError::body("budget_line_id", code, text(vi, en)));
    };
    if line.funding_source != body.funding_source {
        refuse(
            "sources_never_mix",
            "dòng dự toán thuộc nguồn khác với funding_source",
            "the line is of another source than funding_source",
        );
    }
    if line.year != i64::from(office_day(order.starts_at).year()) {
        refuse(
            "other_year",
            "dòng dự toán thuộc năm khác với năm khởi hành",
            "the line is of another year than the departure",
        );
    }
    if line.status != BudgetLineStatus::Active {
        refuse("budget_line_missing", "dòng dự toán chưa hoặc không còn được dùng", "the line is not in use");
    }
    if body.reason.as_deref().unwrap_or_default().is_empty() {
        let why =
            text("nêu lý do dùng một dòng cho mọi loại chi", "say why one line bears all kinds of cost");
        broken.push(FieldError::body("reason", "required", why));
    }
    if broken.is_empty() { Ok(line) } else { Err(ApiError::invalid(broken)) }
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
