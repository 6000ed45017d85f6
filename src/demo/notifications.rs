//! What some people of the demo office were told: about a task, a claim and a trip.

use entity::notifications::{ActiveModel, NotificationKind};
use entity::{conference_tasks, drivers, expense_claims, trips};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde_json::json;

use crate::demo::id;
use crate::error::{ApiError, ApiResult};
use crate::notifications::subjects;
use crate::write::Tx;

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx) -> ApiResult<()> {
    let missing = |what: &str| ApiError::internal(format!("demo: no {what} to tell of"));
    let claim = expense_claims::Entity::find_by_id(id("ec_03")).one(tx.db()).await?;
    let claim = claim.ok_or_else(|| missing("claim"))?;
    let mut paid = told(tx, "nt_claim", NotificationKind::ClaimPaid, &claim.number);
    (paid.staff_id, paid.resource_id) = (Set(claim.claimant_id), Set(claim.id));
    (paid.board_id, paid.read_at) = (Set(Some(claim.board_id)), Set(Some(tx.now)));
    paid.insert(tx.db()).await?;

    let task = conference_tasks::Entity::find_by_id(id("tk_2029_btctu_04")).one(tx.db()).await?;
    let task = task.ok_or_else(|| missing("task"))?;
    let mut given = told(tx, "nt_duong_task", NotificationKind::TaskAssigned, &task.number);
    (given.staff_id, given.resource_id) = (Set(task.lead_id), Set(task.id));
    (given.board_id, given.due_at) = (Set(Some(task.board_id)), Set(Some(task.due_at)));
    given.insert(tx.db()).await?;

    let trip = trips::Entity::find_by_id(id("tr_issued")).one(tx.db()).await?;
    let trip = trip.ok_or_else(|| missing("trip"))?;
    let driver = drivers::Entity::find_by_id(trip.driver_id).one(tx.db()).await?;
    let driver = driver.ok_or_else(|| missing("driver"))?;
    let number = trip.number.unwrap_or_default();
    let mut issued = told(tx, "nt_trip", NotificationKind::TripIssued, &number);
    (issued.staff_id, issued.resource_id) = (Set(driver.staff_id), Set(trip.id));
    issued.due_at = Set(Some(trip.starts_at));
    issued.insert(tx.db()).await?;
    Ok(())
}

fn told(tx: &Tx, reference: &str, kind: NotificationKind, number: &str) -> ActiveModel {
    ActiveModel {
        id: Set(id(reference)),
        kind: Set(kind),
        resource_type: Set(subjects::of(kind).resource_type.to_owned()),
        board_id: Set(None),
        facts: Set(json!({"number": number})),
        due_at: Set(None),
        unique_key: Set(reference.to_owned()),
        created_at: Set(tx.now),
        read_at: Set(None),
        ..Default::default()
    }
}
