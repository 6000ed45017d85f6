//! What each step of a travel order does. All begin and end in the same way: see [`Turn`].

use entity::travel_order_legs::LegKind;
use entity::travel_order_travellers::Model as Traveller;
use entity::travel_orders::{ActiveModel, Model, TravelOrderStatus};
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::boards;
use crate::budgets::commitments::{self, Document};
use crate::claims::people;
use crate::clock::office_day;
use crate::decimal::hundredths;
use crate::error::{ApiError, ApiResult, Code, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::http::document::LARGEST_AMOUNT;
use crate::http::language::Language;
use crate::http::reply::Reply;
use crate::travel::estimates::json::TravelEstimateOut;
use crate::travel::legs::{self, TravelLegIn};
use crate::travel::orders::json::{
    TravelOrderCompleteIn, TravelOrderFundsIn, TravelOrderIn, TravelOrderOut, TravelOrderPatch,
};
use crate::travel::orders::rules::{self, STEPS};
use crate::travel::orders::store::{self, Content, Origin};
use crate::travel::orders::{away, funds, journey, papers, view};
use crate::travel::{estimates, rates};
use crate::workflow::{Step, check_state, reason_for, step, wrong_state};
use crate::write::{Event, Tx};

/// Writes a draft of the caller.
///
/// # Errors
/// 422 with everything that is wrong with it.
pub async fn draft(call: &Call, tx: &Tx, body: &TravelOrderIn) -> ApiResult<Model> {
    let requester_id = call.staff_id()?;
    let mut broken = Vec::new();
    if call.reach(Action::RequestTravel).covers(body.board_id) {
        let board = boards::store::living(tx.db(), body.board_id, office_day(tx.now), "board_id").await;
        match board {
            Err(error) if !error.problem().errors.is_empty() => broken.extend(error.problem().errors.clone()),
            other => drop(other?),
        }
    } else {
        broken.push(FieldError::unknown_reference("board_id"));
    }
    let content = Content::from(body);
    broken.extend(content.broken(tx.db()).await?);
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    store::insert(tx, Origin { id: tx.id(), board_id: body.board_id, requester_id, amends: None }, content)
        .await
}

/// Changes an order that nobody has decided about.
///
/// # Errors
/// 403 for anybody but its writer and the head of the party, 409 in any other state, 422 with everything wrong.
pub async fn correct(call: &Call, tx: &Tx, order_id: Uuid, patch: &TravelOrderPatch) -> ApiResult<Model> {
    let order = store::find_for_update(tx, call, order_id).await?;
    call.expect_version(order.version)?;
    rules::own(call, &order, Action::RequestTravel)?;
    if !matches!(order.status, TravelOrderStatus::Draft | TravelOrderStatus::Returned) {
        return Err(wrong_state(STEPS, &order.status));
    }
    let content = Content::of(tx.db(), &order).await?.patched(patch);
    let broken = content.broken(tx.db()).await?;
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    store::update(tx, &order, content, patch).await
}

/// A step that this caller may take on this order now. The order stays locked until the transaction ends.
pub struct Turn<'a> {
    call: &'a Call,
    tx: &'a Tx,
    order: Model,
    travellers: Vec<Traveller>,
    step: &'static Step<TravelOrderStatus>,
    reason: Option<&'a str>,
}

impl<'a> Turn<'a> {
    /// Finds the order (404), compares its version (412), asks who may (403), when (409) and why (422).
    ///
    /// # Errors
    /// The first of these that is refused.
    pub async fn begin(
        call: &'a Call,
        tx: &'a Tx,
        order_id: Uuid,
        verb: &str,
        reason: Option<&'a str>,
    ) -> ApiResult<Self> {
        let order = store::find_for_update(tx, call, order_id).await?;
        call.expect_version(order.version)?;
        let step = step(STEPS, verb)?;
        let travellers =
            store::travellers_of(tx.db(), [order.id]).await?.remove(&order.id).unwrap_or_default();
        let staff: Vec<Uuid> = travellers.iter().map(|traveller| traveller.staff_id).collect();
        let people = people::of(tx.db(), &[order.board_id].into(), office_day(tx.now)).await?;
        rules::permit(call, &order, &staff, step, &people)?;
        if matches!(verb, "check-funds" | "approve") && store::wrote(tx, order.id).await? {
            return Err(four_eyes());
        }
        check_state(STEPS, step, &order.status)?;
        let reason = reason_for(step, reason)?;
        Ok(Self { call, tx, order, travellers, step, reason })
    }

    /// The order as it will be: at its next state, waiting from now on.
    fn next(&self) -> ActiveModel {
        let mut changed = self.order.clone().into_active_model();
        changed.status = Set(self.step.to);
        changed.waiting_since = Set(self.tx.now);
        if self.reason.is_some() {
            changed.decision_reason = Set(self.reason.map(str::to_owned));
        }
        changed
    }

    async fn finish(self, changed: ActiveModel, details: Option<Value>) -> ApiResult<Reply<TravelOrderOut>> {
        let mut event = Event::new(self.step.verb, store::TYPE, self.order.id, self.order.version + 1)
            .step(&self.order.status, &self.step.to)
            .because(self.reason);
        event.details = details;
        let order = store::save(self.tx, &self.order, changed, event).await?;
        Reply::ok(&view::one(self.call, self.tx.db(), order).await?)
    }

    fn document(&self) -> Document {
        Document::travel_order(self.order.id)
    }

    /// Computes the estimate and takes the travellers' time. An amendment takes it only when it is approved: until
    /// then the version before it holds it.
    ///
    /// # Errors
    /// 409 `traveller_away`; 422 with everything that is wrong with the journey, or `rate_not_found`.
    pub async fn submit(self) -> ApiResult<Reply<TravelOrderOut>> {
        let content = Content::of(self.tx.db(), &self.order).await?;
        if self.order.amends_id.is_none() {
            away::take(self.tx, self.call, &self.order, &self.travellers).await?;
        } else {
            let planned = away::period(&self.order);
            away::refuse_clashes(self.tx, self.call, &self.order, &self.travellers, planned).await?;
        }
        let mut broken = legs::broken(&content.legs);
        broken.extend(content.broken_travellers(self.tx.db()).await?);
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken));
        }
        // The positions may have changed since an earlier submission.
        let mut travellers = self.travellers.clone();
        travellers.iter_mut().for_each(|traveller| traveller.coefficient_hundredths = None);
        let estimate = price(self.tx, &travellers, content.legs).await?;
        freeze(self.tx, &self.travellers, &estimate).await?;
        let mut changed = self.next();
        changed.estimated_amount = Set(Some(estimate.total_amount));
        changed.estimate = Set(Some(serde_json::to_value(&estimate).map_err(ApiError::internal)?));
        changed.submitted_by_id = Set(Some(self.call.staff_id()?));
        changed.funds_checked_by_id = Set(None);
        changed.funding_source = Set(None);
        changed.budget_line_id = Set(None);
        changed.funds_reason = Set(None);
        funds::forget(self.tx, self.order.id).await?;
        changed.approved_by_id = Set(None);
        changed.decision_reason = Set(None);
        let details = json!({"estimated_amount": estimate.total_amount});
        self.finish(changed, Some(details)).await
    }

    /// # Errors
    /// 422 with every cost that has no budget line, or for a line that does not fit.
    pub async fn check_funds(self, body: &TravelOrderFundsIn) -> ApiResult<Reply<TravelOrderOut>> {
        let shares = funds::choose(self.tx, &self.order, body).await?;
        funds::keep(self.tx, self.order.id, &shares).await?;
        let mut changed = self.next();
        changed.funding_source = Set(Some(body.funding_source));
        changed.budget_line_id = Set(body.budget_line_id);
        changed.funds_reason = Set(body.reason.clone());
        changed.funds_checked_by_id = Set(Some(self.call.staff_id()?));
        let details = json!({
            "funding_source": body.funding_source, "budget_line_id": body.budget_line_id,
            "funds_reason": body.reason, "funds": shares,
        });
        self.finish(changed, Some(details)).await
    }

    /// Commits the money; an amendment takes the place of the version before it.
    ///
    /// # Errors
    /// 409 where the version before it is not in force any more, a traveller is away by now, or a budget line has not
    /// so much left (`budget_insufficient`).
    pub async fn approve(self) -> ApiResult<Reply<TravelOrderOut>> {
        let mut funds = funds::of(self.tx.db(), [self.order.id]).await?;
        let shares = funds.remove(&self.order.id).unwrap_or_default();
        let commitment = match self.order.amends_id {
            None => commitments::commit(self.tx, self.document(), &shares).await?,
            Some(before) => {
                self.supersede(before).await?;
                let from = Document::travel_order(before);
                commitments::pass_on(self.tx, from, self.document(), &shares).await?
            }
        };
        let mut changed = self.next();
        changed.approved_by_id = Set(Some(self.call.staff_id()?));
        let details = json!({"commitment": commitment});
        self.finish(changed, Some(details)).await
    }

    /// Ends the version before this one: its time, its claims and its advances are this one's now.
    async fn supersede(&self, before: Uuid) -> ApiResult<()> {
        let claims = papers::lock_claims_of(self.tx, before).await?;
        let before = store::lock(self.tx, before).await?;
        if before.status != TravelOrderStatus::Approved {
            let number = &before.number;
            return Err(ApiError::new(
                Code::StateConflict,
                text(
                    format!("Quyết định {number} không còn hiệu lực để điều chỉnh."),
                    format!("Order {number} is not in force any more and cannot be amended."),
                ),
            ));
        }
        let staff: Vec<Uuid> = self.travellers.iter().map(|traveller| traveller.staff_id).collect();
        papers::refuse_without(self.tx, before.id, &staff).await?;
        away::free(self.tx, before.id).await?;
        away::take(self.tx, self.call, &self.order, &self.travellers).await?;
        papers::pass_on(self.tx, before.id, self.order.id, &claims).await?;
        let mut changed = before.clone().into_active_model();
        changed.status = Set(TravelOrderStatus::Superseded);
        changed.waiting_since = Set(self.tx.now);
        let event = Event::new("supersede", store::TYPE, before.id, before.version + 1)
            .step(&before.status, &TravelOrderStatus::Superseded)
            .with(json!({"superseded_by_id": self.order.id}));
        store::save(self.tx, &before, changed, event).await?;
        Ok(())
    }

    /// Return and reject: the travellers' time is free.
    ///
    /// # Errors
    /// 412 if the order changed in between.
    pub async fn decline(self) -> ApiResult<Reply<TravelOrderOut>> {
        away::free(self.tx, self.order.id).await?;
        let changed = self.next();
        self.finish(changed, None).await
    }

    /// # Errors
    /// 409 `in_use` while a claim or an advance hangs on it, or an amendment is on its way.
    pub async fn cancel(self) -> ApiResult<Reply<TravelOrderOut>> {
        self.refuse_amendment().await?;
        papers::refuse_any(self.tx, self.order.id).await?;
        away::free(self.tx, self.order.id).await?;
        let mut details = None;
        if self.order.status == TravelOrderStatus::Approved {
            let commitment = commitments::release(self.tx, self.document()).await?;
            details = Some(json!({"commitment": commitment}));
        }
        let changed = self.next();
        self.finish(changed, details).await
    }

    /// An order that is about to change its ground does not end meanwhile.
    async fn refuse_amendment(&self) -> ApiResult<()> {
        let Some(amendment) = store::open_amendment_of(self.tx.db(), self.order.id).await? else {
            return Ok(());
        };
        let number = amendment.number;
        Err(ApiError::new(
            Code::InUse,
            text(
                format!("Bản điều chỉnh {number} chưa xong; hãy duyệt hoặc hủy bản đó trước."),
                format!("Amendment {number} is on its way; have it approved or cancelled first."),
            ),
        ))
    }

    /// Makes the next version, a draft of the caller with the same content.
    ///
    /// # Errors
    /// 409 while another amendment is on its way.
    pub async fn amend(self) -> ApiResult<Reply<TravelOrderOut>> {
        self.refuse_amendment().await?;
        let content = Content::of(self.tx.db(), &self.order).await?;
        let revision = store::next_revision(self.tx.db(), self.order.chain_id).await?;
        let reason = self.reason.unwrap_or_default();
        let origin = Origin {
            id: self.tx.id(),
            board_id: self.order.board_id,
            requester_id: self.call.staff_id()?,
            amends: Some((&self.order, revision, reason)),
        };
        let amendment = store::insert(self.tx, origin, content).await?;
        // Its state stays; that it is being amended is shown and so makes a new version.
        let event = Event::new("amend", store::TYPE, self.order.id, self.order.version + 1)
            .because(self.reason)
            .with(json!({"amended_by_id": amendment.id}));
        store::save(self.tx, &self.order, self.order.clone().into_active_model(), event).await?;
        Reply::created(&view::one(self.call, self.tx.db(), amendment).await?)
    }

    /// Keeps how the journey really was, and what may be paid for it.
    ///
    /// # Errors
    /// 409 `traveller_away`; 422 `outside_authorization`, or with everything that is wrong.
    pub async fn complete(self, body: &TravelOrderCompleteIn) -> ApiResult<Reply<TravelOrderOut>> {
        self.refuse_amendment().await?;
        let travelled = rules::travelled(&self.order, body, self.tx.now)?;
        away::put(self.tx, self.call, &self.order, &self.travellers, travelled).await?;
        let legs = match &body.legs {
            Some(legs) => legs.clone(),
            None => rules::moved(store::planned(self.tx.db(), self.order.id).await?, travelled)?,
        };
        store::insert_legs(self.tx, self.order.id, LegKind::Actual, &legs).await?;
        let estimate = price(self.tx, &self.travellers, legs).await?;
        let mut changed = self.next();
        changed.actual_starts_at = Set(Some(travelled.starts_at));
        changed.actual_ends_at = Set(Some(travelled.ends_at));
        changed.actual_amount = Set(Some(estimate.total_amount));
        changed.actual_estimate = Set(Some(serde_json::to_value(&estimate).map_err(ApiError::internal)?));
        changed.permit_stamped = Set(Some(body.permit_stamped));
        changed.completion_note = Set(body.note.clone().filter(|note| !note.is_empty()));
        changed.completed_at = Set(Some(self.tx.now));
        changed.completed_by_id = Set(Some(self.call.staff_id()?));
        let details = json!({
            "starts_at": travelled.starts_at, "ends_at": travelled.ends_at, "estimated_amount": estimate.total_amount,
        });
        self.finish(changed, Some(details)).await
    }

    /// Gives back what was committed and not spent.
    ///
    /// # Errors
    /// 409 `in_use` while a claim or an advance of the order is open; 422 where somebody has not claimed and nothing says
    /// why.
    pub async fn settle(self) -> ApiResult<Reply<TravelOrderOut>> {
        papers::refuse_open(self.tx, self.order.id).await?;
        let staff: Vec<Uuid> = self.travellers.iter().map(|traveller| traveller.staff_id).collect();
        let unpaid = self.order.actual_amount.unwrap_or_default() > 0;
        if unpaid
            && self.reason.is_none()
            && papers::somebody_has_not_claimed(self.tx, self.order.id, &staff).await?
        {
            let why = text(
                "còn người đi chưa thanh toán; nêu lý do quyết toán khi chưa có hồ sơ của họ",
                "a traveller has not claimed; say why the order is settled without their claim",
            );
            return Err(ApiError::rule("reason", "required", why));
        }
        let commitment = commitments::release(self.tx, self.document()).await?;
        let mut changed = self.next();
        changed.settled_at = Set(Some(self.tx.now));
        changed.settled_by_id = Set(Some(self.call.staff_id()?));
        let details = json!({"commitment": commitment});
        self.finish(changed, Some(details)).await
    }
}

/// What a journey may cost, by rates that are kept from now on. What is stored is read by everyone; the office's
/// language is Vietnamese.
///
/// # Errors
/// 422 with everything that is wrong with the journey, or `rate_not_found`.
pub async fn price(
    tx: &Tx,
    travellers: &[Traveller],
    legs: Vec<TravelLegIn>,
) -> ApiResult<TravelEstimateOut> {
    let mut estimate =
        estimates::compute(tx.db(), Language::Vi, &journey::question(travellers, legs)?).await?;
    journey::name_travellers(&mut estimate, travellers);
    if estimate.total_amount > LARGEST_AMOUNT {
        let large = text("vượt quá số tiền lớn nhất", "costs more than the largest amount");
        return Err(ApiError::rule("legs", "out_of_range", large));
    }
    rates::store::mark_used(tx, &estimate).await?;
    Ok(estimate)
}

/// Keeps the coefficients by which an estimate classed the travellers.
///
/// # Errors
/// When the database does not take them.
pub async fn freeze(tx: &Tx, travellers: &[Traveller], estimate: &TravelEstimateOut) -> ApiResult<()> {
    let coefficients: Option<Vec<i64>> =
        estimate.travellers.iter().map(|shown| hundredths(&shown.coefficient)).collect();
    let coefficients = coefficients.ok_or_else(|| ApiError::internal("an estimate without coefficients"))?;
    store::freeze_coefficients(tx, travellers, &coefficients).await
}
