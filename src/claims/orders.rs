//! What claims and advances ask of travel orders.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::expense_claims::ClaimKind;
use entity::travel_order_legs::{LegKind, Model as Leg, Transport};
use entity::travel_order_travellers;
use entity::travel_orders::{Entity, Model, TravelOrderStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::travel::estimates::json::{TravelEstimateOut, TravellerEstimate};
use crate::travel::orders::store;
use crate::write::{ROW_LOCK, Tx};

/// The order, locked until the transaction ends. A claim is locked before its order, an advance after it, so that
/// what is advanced and what is paid for one order wait for each other and never in a ring.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Tx, order_id: Uuid) -> ApiResult<Option<Model>> {
    Ok(Entity::find_by_id(order_id).lock(ROW_LOCK).one(tx.db()).await?)
}

/// The order by which somebody travels; an order of others is no order for them.
///
/// # Errors
/// When the database does not answer.
pub async fn of_traveller(
    db: &impl ConnectionTrait,
    order: Option<Model>,
    staff_id: Uuid,
) -> ApiResult<Option<Model>> {
    use travel_order_travellers::Column;
    let Some(order) = order else { return Ok(None) };
    let travels = travel_order_travellers::Entity::find()
        .filter(Column::OrderId.eq(order.id))
        .filter(Column::StaffId.eq(staff_id))
        .one(db)
        .await?;
    Ok(travels.map(|_| order))
}

/// Whether a board sent somebody on a journey: then they claim it and get advances for it, of whatever board they are.
///
/// # Errors
/// When the database does not answer.
pub async fn sent_by(
    db: &impl ConnectionTrait,
    order_id: Uuid,
    staff_id: Uuid,
    board_id: Uuid,
) -> ApiResult<bool> {
    let order = Entity::find_by_id(order_id).one(db).await?.filter(|order| order.board_id == board_id);
    Ok(of_traveller(db, order, staff_id).await?.is_some())
}

/// Refuses what an order in another state would allow.
///
/// # Errors
/// 409 `state_conflict` telling where the order stands.
pub fn stands_at(order: &Model, wanted: &[TravelOrderStatus]) -> ApiResult<()> {
    use sea_orm::ActiveEnum;
    if wanted.contains(&order.status) {
        return Ok(());
    }
    let (number, status) = (&order.number, order.status.to_value());
    let needed: Vec<String> = wanted.iter().map(ActiveEnum::to_value).collect();
    let needed = needed.join(", ");
    let refusal = ApiError::new(
        Code::StateConflict,
        text(
            format!("Quyết định cử đi công tác {number} đang ở trạng thái {status}; cần: {needed}."),
            format!("The travel order {number} is {status}; needed: {needed}."),
        ),
    );
    Err(refusal.with("current_status", status))
}

/// The journey that a claim is about.
pub struct Journey {
    pub order: Model,
    /// What the claimant may be paid: as the journey was, else as it is planned.
    pub estimate: Option<TravellerEstimate>,
    /// As they were, else as they are planned.
    pub legs: Vec<Leg>,
}

impl Journey {
    /// # Errors
    /// When the database does not answer.
    pub async fn of(db: &impl ConnectionTrait, order: Model, claimant_id: Uuid) -> ApiResult<Self> {
        let stored = order.actual_estimate.clone().or_else(|| order.estimate.clone());
        let estimate: Option<TravelEstimateOut> =
            stored.map(serde_json::from_value).transpose().map_err(ApiError::internal)?;
        let mine = |one: &TravellerEstimate| one.staff_id == Some(claimant_id);
        let estimate = estimate.and_then(|estimate| estimate.travellers.into_iter().find(mine));
        let legs = store::legs_of(db, [order.id]).await?.remove(&order.id).unwrap_or_default();
        Ok(Self { order, estimate, legs: travelled(legs) })
    }

    /// The first and the last day that the order covers.
    pub fn days(&self) -> (NaiveDate, NaiveDate) {
        (office_day(self.order.starts_at), office_day(self.order.ends_at))
    }

    /// The last day of the journey as it was, else as it is planned.
    pub fn end(&self) -> NaiveDate {
        office_day(self.order.actual_ends_at.unwrap_or(self.order.ends_at))
    }
}

/// The legs as they were, else as they are planned.
pub fn travelled(legs: Vec<Leg>) -> Vec<Leg> {
    let (actual, planned): (Vec<Leg>, Vec<Leg>) =
        legs.into_iter().partition(|leg| leg.kind == LegKind::Actual);
    if actual.is_empty() { planned } else { actual }
}

/// The days on which a leg of these is flown.
pub fn flights(legs: &[Leg]) -> BTreeSet<NaiveDate> {
    let flown = legs.iter().filter(|leg| leg.transport == Transport::Air);
    flown.map(|leg| office_day(leg.starts_at)).collect()
}

/// What is wrong with the order of a claim: it is one by which the claimant travels, of the claim's board, and only
/// travel claims have one. The order stays locked.
///
/// # Errors
/// 409 `state_conflict` for an order that is neither approved nor completed.
pub async fn broken_link(
    tx: &Tx,
    order_id: Uuid,
    claimant_id: Uuid,
    board_id: Uuid,
    kind: ClaimKind,
) -> ApiResult<Option<FieldError>> {
    let field = "travel_order_id";
    let Some(order) = of_traveller(tx.db(), lock(tx, order_id).await?, claimant_id).await? else {
        return Ok(Some(FieldError::unknown_reference(field)));
    };
    if order.board_id != board_id {
        let other = text("quyết định thuộc ban khác", "the order belongs to another board");
        return Ok(Some(FieldError::body(field, "other_board", other)));
    }
    if kind != ClaimKind::Travel {
        let only = text("chỉ hồ sơ công tác phí có quyết định", "only travel claims have an order");
        return Ok(Some(FieldError::body(field, "not_a_travel_claim", only)));
    }
    stands_at(&order, &[TravelOrderStatus::Approved, TravelOrderStatus::Completed]).map(|()| None)
}
