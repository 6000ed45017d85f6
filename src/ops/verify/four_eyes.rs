//! No one acts twice on one claim, one travel order or one plan of a conference's costs. The tables compare the hands in one row; who else travels is in
//! rows of its own.

use std::collections::{BTreeMap, BTreeSet};

use entity::{conference_plans, expense_claims, travel_order_travellers, travel_orders};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::ops::verify::{Check, Pages};

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("four_eyes");
    check_claims(db, &mut check).await?;
    check_orders(db, &mut check).await?;
    check_plans(db, &mut check).await?;
    Ok(check)
}

async fn check_claims(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    use expense_claims::{Column, Entity, Model};
    let mut pages = Pages::of(Entity::find(), Column::Id, |claim: &Model| claim.id);
    while let Some(claims) = pages.next(db, check).await? {
        for claim in &claims {
            let hands = [
                ("confirmed", claim.confirmed_by_id),
                ("verified", claim.verified_by_id),
                ("approved", claim.approved_by_id),
                ("paid", claim.paid_by_id),
            ];
            compare(check, claim.id, BTreeMap::from([(claim.claimant_id, "claims")]), &hands);
        }
    }
    Ok(())
}

/// Each hand against those before it.
fn compare(
    check: &mut Check,
    id: Uuid,
    mut before: BTreeMap<Uuid, &'static str>,
    hands: &[(&'static str, Option<Uuid>)],
) {
    for (part, hand) in hands {
        let Some(person) = hand else { continue };
        if let Some(other) = before.insert(*person, part) {
            check.differs(id, format!("{person} {other} and {part} it"));
        }
    }
}

async fn check_orders(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    use travel_orders::TravelOrderStatus::{Approved, Completed, FundsChecked, Settled, Superseded};
    use travel_orders::{Column, Entity, Model};
    // A returned order keeps its hands until it is submitted again, while its travellers may change.
    let decided = [FundsChecked, Approved, Completed, Settled, Superseded];
    let select = Entity::find().filter(Column::Status.is_in(decided));
    let mut pages = Pages::of(select, Column::Id, |order: &Model| order.id);
    while let Some(orders) = pages.next(db, check).await? {
        let travellers = travellers_of(db, orders.iter().map(|order| order.id)).await?;
        for order in &orders {
            let mut before: BTreeMap<Uuid, &'static str> = BTreeMap::new();
            before.extend(order.submitted_by_id.map(|person| (person, "submitted")));
            before.insert(order.requester_id, "wrote");
            let travelling = travellers.get(&order.id).into_iter().flatten();
            before.extend(travelling.chain([&order.traveller_id]).map(|person| (*person, "travels")));
            let hands =
                [("checked the funds of", order.funds_checked_by_id), ("approved", order.approved_by_id)];
            compare(check, order.id, before, &hands);
        }
    }
    Ok(())
}

async fn check_plans(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    use conference_plans::{Column, Entity, Model};
    let mut pages = Pages::of(Entity::find(), Column::ConferenceId, |plan: &Model| plan.conference_id);
    while let Some(plans) = pages.next(db, check).await? {
        for plan in &plans {
            let hands =
                [("checked the funds of", plan.funds_checked_by_id), ("committed", plan.committed_by_id)];
            let planned = BTreeMap::from([(plan.planned_by_id, "planned")]);
            compare(check, plan.conference_id, planned, &hands);
        }
    }
    Ok(())
}

async fn travellers_of(
    db: &impl ConnectionTrait,
    orders: impl Iterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, BTreeSet<Uuid>>, DbErr> {
    use travel_order_travellers::{Column, Entity};
    let rows: Vec<(Uuid, Uuid)> = Entity::find()
        .filter(Column::OrderId.is_in(orders))
        .select_only()
        .columns([Column::OrderId, Column::StaffId])
        .into_tuple()
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for (order_id, staff_id) in rows {
        found.entry(order_id).or_default().insert(staff_id);
    }
    Ok(found)
}
