//! What hangs on an order: claims and advances. An order is settled when none of them is open, and cancelled only
//! while there is none.

use entity::expense_claims::{ClaimStatus, Column, Entity, Model as Claim};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;
use uuid::Uuid;

use crate::claims;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::write::{Event, ROW_LOCK, Tx};

/// The states in which nothing comes of a claim.
const DEAD: [ClaimStatus; 3] = [ClaimStatus::Rejected, ClaimStatus::Withdrawn, ClaimStatus::Reversed];

/// The numbers of the order's claims that are neither paid nor ended.
///
/// # Errors
/// When the database does not answer.
pub async fn open_claims_of(tx: &Tx, order_id: Uuid) -> ApiResult<Vec<String>> {
    let claims = living_claims_of(tx, order_id).await?;
    Ok(claims
        .into_iter()
        .filter(|claim| claim.status != ClaimStatus::Paid)
        .map(|claim| claim.number)
        .collect())
}

/// The numbers of the order's advances that are neither cleared nor ended.
///
/// # Errors
/// When the database does not answer.
pub async fn open_advances_of(tx: &Tx, order_id: Uuid) -> ApiResult<Vec<String>> {
    let open = claims::advances::store::open_of_order(tx.db(), order_id).await?;
    Ok(open.into_iter().map(|advance| advance.number).collect())
}

/// The claims that hang on an order, read without a lock: every step of a claim that matters here locks the order, and a
/// claim is locked before its order.
async fn living_claims_of(tx: &Tx, order_id: Uuid) -> ApiResult<Vec<Claim>> {
    let claims = Entity::find()
        .filter(Column::TravelOrderId.eq(order_id))
        .filter(Column::Status.is_not_in(DEAD))
        .order_by_asc(Column::Id);
    Ok(claims.all(tx.db()).await?)
}

/// Refuses to settle an order while something of it is open.
///
/// # Errors
/// 409 `in_use`, naming what is open.
pub async fn refuse_open(tx: &Tx, order_id: Uuid) -> ApiResult<()> {
    let mut open = open_claims_of(tx, order_id).await?;
    open.extend(open_advances_of(tx, order_id).await?);
    refuse(&open, "Còn hồ sơ chưa xong", "These are still open")
}

/// Refuses to cancel an order on which something hangs, paid or not.
///
/// # Errors
/// 409 `in_use`, naming it.
pub async fn refuse_any(tx: &Tx, order_id: Uuid) -> ApiResult<()> {
    let mut hanging: Vec<String> =
        living_claims_of(tx, order_id).await?.into_iter().map(|claim| claim.number).collect();
    hanging.extend(open_advances_of(tx, order_id).await?);
    refuse(&hanging, "Còn hồ sơ gắn với quyết định này", "These hang on the order")
}

/// Whether one of the travellers has no claim of the order.
///
/// # Errors
/// When the database does not answer.
pub async fn somebody_has_not_claimed(tx: &Tx, order_id: Uuid, travellers: &[Uuid]) -> ApiResult<bool> {
    let claims = living_claims_of(tx, order_id).await?;
    Ok(travellers.iter().any(|person| claims.iter().all(|claim| claim.claimant_id != *person)))
}

/// Refuses an amendment that leaves somebody at home whose claim or advance hangs on the order.
///
/// # Errors
/// 409 `in_use`, naming what hangs on it.
pub async fn refuse_without(tx: &Tx, order_id: Uuid, travellers: &[Uuid]) -> ApiResult<()> {
    let at_home = |person: Uuid| !travellers.contains(&person);
    let claims = living_claims_of(tx, order_id).await?.into_iter();
    let mut hanging: Vec<String> =
        claims.filter(|claim| at_home(claim.claimant_id)).map(|claim| claim.number).collect();
    let advances = claims::advances::store::open_of_order(tx.db(), order_id).await?.into_iter();
    hanging.extend(advances.filter(|one| at_home(one.requester_id)).map(|advance| advance.number));
    refuse(
        &hanging,
        "Bản điều chỉnh bỏ người đi còn hồ sơ gắn với quyết định",
        "The amendment leaves somebody out whose papers hang on the order",
    )
}

fn refuse(numbers: &[String], vi: &str, en: &str) -> ApiResult<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let list = numbers.join(", ");
    Err(ApiError::new(Code::InUse, text(format!("{vi}: {list}."), format!("{en}: {list}."))))
}

/// Locks the claims of a version of an order before that version is locked, as the steps of the claims do.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_claims_of(tx: &Tx, order_id: Uuid) -> ApiResult<Vec<Uuid>> {
    let claims = Entity::find()
        .filter(Column::TravelOrderId.eq(order_id))
        .filter(Column::Status.is_not_in(DEAD))
        .order_by_asc(Column::Id)
        .lock(ROW_LOCK);
    Ok(claims.all(tx.db()).await?.into_iter().map(|claim| claim.id).collect())
}

/// What hangs on a version of an order hangs on the one that supersedes it from now on. `locked` are the claims that
/// were there before the order was locked; where another one has come since, the transaction looks again.
///
/// # Errors
/// When the database does not take it.
pub async fn pass_on(tx: &Tx, from: Uuid, to: Uuid, locked: &[Uuid]) -> ApiResult<()> {
    for claim in living_claims_of(tx, from).await? {
        if !locked.contains(&claim.id) {
            return Err(ApiError::look_again());
        }
        let mut changed = claim.clone().into_active_model();
        changed.travel_order_id = Set(Some(to));
        let event = Event::new("follow-travel-order", claims::store::TYPE, claim.id, claim.version + 1);
        claims::store::save(tx, &claim, changed, event.with(json!({"travel_order_id": to}))).await?;
    }
    claims::advances::store::follow(tx, from, to).await
}
