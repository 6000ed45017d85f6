//! Decisions that departed from the rule: sub-items that an accountant chose instead of the kind's own, and orders and
//! conferences that one line bears. Both carry their reason; the list shows where practice differs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::budget_entries::DocumentType;
use entity::expense_claims::ClaimStatus;
use entity::travel_orders::TravelOrderStatus;
use entity::{
    audit_events, conference_plans, conferences, expense_claim_lines, expense_claims, travel_orders,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::budgets::reports::json::{BudgetDepartureOut, DepartureFilter};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::page;

/// All of them; the same few queries however many there are.
///
/// # Errors
/// 403 for who reads no reports.
pub async fn all(call: &Call, filter: &DepartureFilter) -> ApiResult<Vec<BudgetDepartureOut>> {
    let boards = match (call.reach(Action::ReadReports), filter.board_id) {
        (Reach::None, _) => return Err(call.caller.refusal(Action::ReadReports)),
        (Reach::Office, None) => None,
        (Reach::Office, Some(board_id)) => Some(vec![board_id]),
        (Reach::Boards(own), None) => Some(own),
        (Reach::Boards(own), Some(board_id)) => {
            Some(own.into_iter().filter(|board| *board == board_id).collect())
        }
    };
    let mut found = of_claims(call, boards.as_deref()).await?;
    found.extend(of_orders(call, boards.as_deref()).await?);
    found.extend(of_conferences(call, boards.as_deref()).await?);
    found.retain(|one| {
        filter.decided_at_from.is_none_or(|from| one.decided_at >= from)
            && filter.decided_at_before.is_none_or(|before| one.decided_at < before)
    });
    Ok(found)
}

/// The order of the list: by when it was decided.
pub fn key(one: &BudgetDepartureOut) -> (DateTime<Utc>, Uuid) {
    (one.decided_at, one.id)
}

async fn of_claims(call: &Call, boards: Option<&[Uuid]>) -> ApiResult<Vec<BudgetDepartureOut>> {
    use expense_claim_lines::{Column, Entity};
    let lines = Entity::find().filter(Column::SubItemReason.is_not_null()).all(call.db()).await?;
    let ids: BTreeSet<Uuid> = lines.iter().map(|line| line.claim_id).collect();
    let claims =
        page::by_id::<expense_claims::Entity, _>(call.db(), ids.clone(), expense_claims::Column::Id).await?;
    let decided = decided_at(call.db(), ids, "verify").await?;
    let shown = lines.into_iter().filter_map(|line| {
        let claim = claims.get(&line.claim_id).filter(|claim| stands(claim.status))?;
        let reason = line.sub_item_reason?;
        Some(BudgetDepartureOut {
            id: line.id,
            kind: "manual_sub_item".to_owned(),
            document_type: DocumentType::ExpenseClaim,
            document_id: claim.id,
            number: claim.number.clone(),
            board_id: claim.board_id,
            expense_kind: Some(line.kind),
            sub_item: line.sub_item,
            budget_line_id: line.budget_line_id,
            amount: line.allowed_amount.unwrap_or_default(),
            reason,
            decided_by_id: claim.verified_by_id,
            decided_at: decided.get(&claim.id).copied().unwrap_or(claim.updated_at),
            href: format!("/v1/expense-claims/{}", claim.id),
        })
    });
    Ok(shown.filter(|one| within(boards, one.board_id)).collect())
}

async fn of_orders(call: &Call, boards: Option<&[Uuid]>) -> ApiResult<Vec<BudgetDepartureOut>> {
    use travel_orders::{Column, Entity};
    let mut select =
        Entity::find().filter(Column::FundsReason.is_not_null()).filter(Column::Status.is_in(STANDING));
    if let Some(boards) = boards {
        select = select.filter(Column::BoardId.is_in(boards.iter().copied()));
    }
    let orders = select.all(call.db()).await?;
    let decided = decided_at(call.db(), orders.iter().map(|order| order.id).collect(), "check-funds").await?;
    let shown = orders.into_iter().filter_map(|order| {
        let reason = order.funds_reason?;
        Some(BudgetDepartureOut {
            id: order.id,
            kind: "one_line_for_all".to_owned(),
            document_type: DocumentType::TravelOrder,
            document_id: order.id,
            number: order.number,
            board_id: order.board_id,
            expense_kind: None,
            sub_item: None,
            budget_line_id: order.budget_line_id,
            amount: order.estimated_amount.unwrap_or_default(),
            reason,
            decided_by_id: order.funds_checked_by_id,
            decided_at: decided.get(&order.id).copied().unwrap_or(order.updated_at),
            href: format!("/v1/travel-orders/{}", order.id),
        })
    });
    Ok(shown.collect())
}

async fn of_conferences(call: &Call, boards: Option<&[Uuid]>) -> ApiResult<Vec<BudgetDepartureOut>> {
    use conference_plans::{Column, Entity};
    let plans = Entity::find().filter(Column::FundsReason.is_not_null()).all(call.db()).await?;
    let ids: BTreeSet<Uuid> = plans.iter().map(|plan| plan.conference_id).collect();
    let held = page::by_id::<conferences::Entity, _>(call.db(), ids.clone(), conferences::Column::Id).await?;
    let decided = decided_at(call.db(), ids, "check-funds").await?;
    let shown = plans.into_iter().filter_map(|plan| {
        let conference = held.get(&plan.conference_id)?;
        Some(BudgetDepartureOut {
            id: conference.id,
            kind: "one_line_for_all".to_owned(),
            document_type: DocumentType::Conference,
            document_id: conference.id,
            number: conference.number.clone(),
            board_id: conference.board_id,
            expense_kind: None,
            sub_item: None,
            budget_line_id: plan.budget_line_id,
            amount: plan.planned_amount,
            reason: plan.funds_reason?,
            decided_by_id: plan.funds_checked_by_id,
            decided_at: decided.get(&conference.id).copied().unwrap_or(conference.updated_at),
            href: format!("/v1/conferences/{}", conference.id),
        })
    });
    Ok(shown.filter(|one| within(boards, one.board_id)).collect())
}

/// The decision was not taken back by returning, rejecting or withdrawing the claim.
fn stands(status: ClaimStatus) -> bool {
    matches!(
        status,
        ClaimStatus::Verified | ClaimStatus::Approved | ClaimStatus::Paid | ClaimStatus::Reversed
    )
}

/// The states of an order whose funds are checked.
const STANDING: [TravelOrderStatus; 4] = [
    TravelOrderStatus::FundsChecked,
    TravelOrderStatus::Approved,
    TravelOrderStatus::Completed,
    TravelOrderStatus::Settled,
];

fn within(boards: Option<&[Uuid]>, board_id: Uuid) -> bool {
    boards.is_none_or(|boards| boards.contains(&board_id))
}

/// When a step was last taken on each of these records.
async fn decided_at(
    db: &impl ConnectionTrait,
    ids: BTreeSet<Uuid>,
    step: &str,
) -> ApiResult<BTreeMap<Uuid, DateTime<Utc>>> {
    use audit_events::{Column, Entity};
    let steps: Vec<(Uuid, DateTime<Utc>)> = Entity::find()
        .filter(Column::ResourceId.is_in(ids))
        .filter(Column::Action.eq(step))
        .order_by_asc(Column::Seq)
        .select_only()
        .columns([Column::ResourceId, Column::OccurredAt])
        .into_tuple()
        .all(db)
        .await?;
    Ok(steps.into_iter().collect())
}
