//! How travel orders are shown. The queries are the same for one order and for a page.

use std::collections::{BTreeMap, BTreeSet};

use entity::staff;
use entity::travel_order_legs::{LegKind, Model as Leg};
use entity::travel_order_travellers::Model as Traveller;
use entity::travel_orders::{Model, TravelOrderStatus};
use sea_orm::ConnectionTrait;
use serde_json::Value;
use uuid::Uuid;

use crate::budgets::commitments::{self, CommitmentOut, Shares};
use crate::claims::people::{self, People};
use crate::clock::TIME_ZONE;
use crate::decimal::decimal;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::page;
use crate::travel::estimates::json::TravelEstimateOut;
use crate::travel::legs::TravelLegOut;
use crate::travel::orders::json::{
    TravelOrderActual, TravelOrderExpand, TravelOrderFund, TravelOrderOut, TravelOrderTravellerOut,
};
use crate::travel::orders::rules::{self, STEPS};
use crate::travel::orders::store;
use crate::travel::orders::{funds, journey};
use crate::workflow;

/// What all orders of a page are shown with.
struct Beside {
    legs: BTreeMap<Uuid, Vec<Leg>>,
    travellers: BTreeMap<Uuid, Vec<Traveller>>,
    names: BTreeMap<Uuid, staff::Model>,
    funds: BTreeMap<Uuid, Shares>,
    commitments: BTreeMap<Uuid, CommitmentOut>,
    amendments: BTreeMap<Uuid, Uuid>,
    people: Option<People>,
    with_estimate: bool,
}

/// A page of orders.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    call: &Call,
    db: &impl ConnectionTrait,
    orders: Vec<Model>,
    expand: &[TravelOrderExpand],
) -> ApiResult<Vec<TravelOrderOut>> {
    let ids: Vec<Uuid> = orders.iter().map(|order| order.id).collect();
    let travellers = store::travellers_of(db, ids.clone()).await?;
    let people = if expand.contains(&TravelOrderExpand::AllowedActions) {
        let boards: BTreeSet<Uuid> = orders.iter().map(|order| order.board_id).collect();
        Some(people::of(db, &boards, call.today()).await?)
    } else {
        None
    };
    let names = if expand.contains(&TravelOrderExpand::Travellers) {
        let staff_ids = travellers.values().flatten().map(|traveller| traveller.staff_id);
        page::by_id::<staff::Entity, _>(db, staff_ids, staff::Column::Id).await?
    } else {
        BTreeMap::new()
    };
    let mut beside = Beside {
        legs: store::legs_of(db, ids.clone()).await?,
        travellers,
        names,
        funds: funds::of(db, ids.clone()).await?,
        commitments: commitments::of(db, ids.clone()).await?,
        amendments: store::amendments_of(db, ids).await?,
        people,
        with_estimate: expand.contains(&TravelOrderExpand::Estimate),
    };
    orders.into_iter().map(|order| show(call, order, &mut beside)).collect()
}

/// One order, with everything.
///
/// # Errors
/// When the database does not answer.
pub async fn one(call: &Call, db: &impl ConnectionTrait, order: Model) -> ApiResult<TravelOrderOut> {
    let all = [TravelOrderExpand::Travellers, TravelOrderExpand::Estimate, TravelOrderExpand::AllowedActions];
    let mut shown = page(call, db, vec![order], &all).await?;
    shown.pop().ok_or_else(|| ApiError::internal("an order vanished while it was shown"))
}

fn show(call: &Call, order: Model, beside: &mut Beside) -> ApiResult<TravelOrderOut> {
    let travellers = beside.travellers.remove(&order.id).unwrap_or_default();
    let staff_ids: Vec<Uuid> = travellers.iter().map(|traveller| traveller.staff_id).collect();
    let legs = beside.legs.remove(&order.id).unwrap_or_default();
    let (planned, actual): (Vec<Leg>, Vec<Leg>) =
        legs.into_iter().partition(|leg| leg.kind == LegKind::Planned);
    let people = beside.people.as_ref();
    let waiting_on = people.and_then(|people| rules::waiting_on(&order, &staff_ids, people));
    let allowed_actions = people.map(|people| allowed_actions(call, &order, &staff_ids, people));
    let mut shown_travellers = Vec::new();
    for traveller in travellers {
        shown_travellers.push(traveller_out(traveller, &beside.names)?);
    }
    let actual = actual_out(&order, actual, beside.with_estimate)?;
    let Model {
        id,
        number,
        chain_id: _,
        revision,
        amends_id,
        amend_reason,
        board_id,
        requester_id,
        traveller_id,
        purpose,
        host,
        funding_note,
        starts_at,
        ends_at,
        status,
        waiting_since: _,
        estimate,
        estimated_amount,
        budget_line_id,
        funds_reason,
        funding_source,
        submitted_by_id,
        funds_checked_by_id,
        approved_by_id,
        decision_reason,
        actual_starts_at: _,
        actual_ends_at: _,
        actual_estimate: _,
        actual_amount: _,
        permit_stamped: _,
        completion_note: _,
        completed_at: _,
        completed_by_id: _,
        settled_at,
        settled_by_id,
        search: _,
        version,
        created_at,
        updated_at,
        created_by_id,
    } = order;
    Ok(TravelOrderOut {
        id,
        number,
        version,
        revision,
        amends_id,
        amend_reason,
        amended_by_id: beside.amendments.get(&id).copied(),
        board_id,
        requester_id,
        traveller_id,
        travellers: shown_travellers,
        purpose,
        host,
        funding_note,
        starts_at,
        ends_at,
        time_zone: TIME_ZONE.to_owned(),
        legs: legs_out(planned)?,
        status,
        waiting_on,
        allowed_actions,
        estimate: estimate_out(estimate, beside.with_estimate)?,
        estimated_amount,
        funding_source,
        budget_line_id,
        funds_reason,
        funds: funds_out(beside.funds.remove(&id)),
        commitment: beside.commitments.remove(&id).or_else(|| reserves(status).then(CommitmentOut::default)),
        actual,
        submitted_by_id,
        funds_checked_by_id,
        approved_by_id,
        decision_reason,
        settled_at,
        settled_by_id,
        created_at,
        updated_at,
        created_by_id,
    })
}

/// Whether an order at this status has money reserved, be it nothing because the journey costs nothing.
fn reserves(status: TravelOrderStatus) -> bool {
    use TravelOrderStatus::{Approved, Completed, Settled};
    matches!(status, Approved | Completed | Settled)
}

fn funds_out(shares: Option<Shares>) -> Vec<TravelOrderFund> {
    let shares = shares.unwrap_or_default();
    shares.into_iter().map(|(budget_line_id, amount)| TravelOrderFund { budget_line_id, amount }).collect()
}

fn allowed_actions(
    call: &Call,
    order: &Model,
    travellers: &[Uuid],
    people: &People,
) -> Vec<workflow::AllowedAction> {
    workflow::allowed_actions(call, STEPS, &order.status, |step| {
        rules::permit(call, order, travellers, step, people)
    })
}

fn traveller_out(
    traveller: Traveller,
    names: &BTreeMap<Uuid, staff::Model>,
) -> ApiResult<TravelOrderTravellerOut> {
    Ok(TravelOrderTravellerOut {
        staff_id: traveller.staff_id,
        full_name: names.get(&traveller.staff_id).map(|person| person.full_name.clone()),
        coefficient: traveller.coefficient_hundredths.map(decimal),
        private_dates: journey::private_dates(&traveller)?,
        away: traveller.away,
        starts_at: traveller.starts_at,
        ends_at: traveller.ends_at,
    })
}

fn legs_out(legs: Vec<Leg>) -> ApiResult<Vec<TravelLegOut>> {
    legs.into_iter().map(journey::leg_out).collect()
}

fn estimate_out(estimate: Option<Value>, wanted: bool) -> ApiResult<Option<TravelEstimateOut>> {
    let estimate = estimate.filter(|_| wanted);
    estimate.map(serde_json::from_value).transpose().map_err(ApiError::internal)
}

fn actual_out(order: &Model, legs: Vec<Leg>, with_estimate: bool) -> ApiResult<Option<TravelOrderActual>> {
    let period = order.actual_starts_at.zip(order.actual_ends_at);
    let Some(((starts_at, ends_at), permit_stamped)) = period.zip(order.permit_stamped) else {
        return Ok(None);
    };
    Ok(Some(TravelOrderActual {
        starts_at,
        ends_at,
        legs: legs_out(legs)?,
        permit_stamped,
        note: order.completion_note.clone(),
        estimate: estimate_out(order.actual_estimate.clone(), with_estimate)?,
        estimated_amount: order.actual_amount.unwrap_or_default(),
        completed_at: order.completed_at,
        completed_by_id: order.completed_by_id,
    }))
}
