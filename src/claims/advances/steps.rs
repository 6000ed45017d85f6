//! What each step of an advance does. All begin and end in the same way: see [`Turn`].

use chrono::{Days, NaiveDate};
use entity::advances::{ActiveModel, AdvanceStatus, Model};
use entity::travel_orders::{Model as Order, TravelOrderStatus};
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::claims::advances::json::{AdvanceIn, AdvanceOut, AdvancePaymentIn, AdvanceRefundIn};
use crate::claims::advances::rules::{self, STEPS};
use crate::claims::advances::{store, view};
use crate::claims::steps::own_board;
use crate::claims::{cash, orders, settings, store as claims};
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::workflow::{Step, check_state, reason_for, step};
use crate::write::{Event, Tx};

/// Asks for an advance of the caller.
///
/// # Errors
/// 409 for an order in another state, an advance that is overdue or another open one; 422 with everything that is
/// wrong with the body.
pub async fn ask(call: &Call, tx: &Tx, body: &AdvanceIn) -> ApiResult<Model> {
    let requester_id = call.staff_id()?;
    let sent = match body.travel_order_id {
        Some(order_id) => orders::sent_by(tx.db(), order_id, requester_id, body.board_id).await?,
        None => false,
    };
    let mut broken = match sent {
        true => Vec::new(),
        false => own_board(call, tx, Action::RequestAdvance, body.board_id).await?,
    };
    let order = match body.travel_order_id {
        None => None,
        Some(id) => {
            let order = orders::of_traveller(tx.db(), orders::lock(tx, id).await?, requester_id).await?;
            broken.extend(not_of_board(order.as_ref(), body.board_id));
            order
        }
    };
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    refuse_overdue(tx, requester_id).await?;
    let settle_by = match &order {
        None => last_day(body.settle_by, None, office_day(tx.now)),
        Some(order) => {
            use TravelOrderStatus::{Approved, FundsChecked, Submitted};
            orders::stands_at(order, &[Submitted, FundsChecked, Approved])?;
            refuse_second(tx, order.chain_id, requester_id).await?;
            broken.extend(over_estimate(tx, order, body.amount).await?);
            let end = office_day(order.ends_at);
            let days = settings::days(tx.db(), "advance_settlement_days", end).await?;
            last_day(body.settle_by, Some((end, days)), office_day(tx.now))
        }
    };
    match settle_by {
        Ok(settle_by) if broken.is_empty() => {
            let new = store::New {
                board_id: body.board_id,
                requester_id,
                travel_order_id: body.travel_order_id,
                purpose: &body.purpose,
                amount: body.amount,
                settle_by,
            };
            store::insert(tx, new).await
        }
        Ok(_) => Err(ApiError::invalid(broken)),
        Err(error) => {
            broken.push(error);
            Err(ApiError::invalid(broken))
        }
    }
}

fn not_of_board(order: Option<&Order>, board_id: Uuid) -> Option<FieldError> {
    match order {
        None => Some(FieldError::unknown_reference("travel_order_id")),
        Some(order) if order.board_id != board_id => {
            let other = text("quyết định thuộc ban khác", "the order belongs to another board");
            Some(FieldError::body("travel_order_id", "other_board", other))
        }
        Some(_) => None,
    }
}

/// Who has not settled in time gets no other advance.
async fn refuse_overdue(tx: &Tx, requester_id: Uuid) -> ApiResult<()> {
    let Some(late) = store::overdue_of(tx.db(), requester_id, office_day(tx.now)).await? else {
        return Ok(());
    };
    let (number, outstanding, day) = (&late.number, rules::outstanding(&late), late.settle_by);
    Err(ApiError::new(
        Code::OpenAdvanceOverdue,
        text(
            format!("Tạm ứng {number} còn {outstanding} đồng, quá hạn thanh toán từ ngày {day}."),
            format!(
                "The advance {number} has {outstanding} đồng outstanding and was to be settled by {day}."
            ),
        ),
    ))
}

/// One open advance a journey and traveller, whatever version of the order it was asked for.
async fn refuse_second(tx: &Tx, chain_id: Uuid, requester_id: Uuid) -> ApiResult<()> {
    let alive = store::alive_of_journey(tx.db(), chain_id).await?;
    let mine =
        |advance: &Model| advance.requester_id == requester_id && advance.status != AdvanceStatus::Settled;
    let Some(mine) = alive.into_iter().find(mine) else {
        return Ok(());
    };
    let number = mine.number;
    let detail = text(
        format!("Chuyến đi này đã có tạm ứng {number} chưa thanh toán."),
        format!("The journey has the advance {number}, which is not settled."),
    );
    let field = FieldError::body("travel_order_id", "duplicate", detail.clone());
    Err(ApiError::new(Code::Duplicate, detail).with_errors(vec![field]))
}

/// An order is not advanced beyond its estimate, by all its travellers together.
async fn over_estimate(tx: &Tx, order: &Order, amount: i64) -> ApiResult<Option<FieldError>> {
    let left = left_of_estimate(tx, order, None).await?;
    if amount <= left {
        return Ok(None);
    }
    let detail = text(
        format!("tối đa {left} đồng: dự toán trừ các khoản đã tạm ứng"),
        format!("at most {left} đồng: the estimate without what is advanced already"),
    );
    Ok(Some(FieldError::body("amount", "over_estimate", detail)))
}

/// What the estimate leaves beside the other advances of the journey, by all its travellers and for all versions of the
/// order. What came back does not count.
async fn left_of_estimate(tx: &Tx, order: &Order, without: Option<Uuid>) -> ApiResult<i64> {
    let others = store::alive_of_journey(tx.db(), order.chain_id).await?;
    let others = others.iter().filter(|advance| Some(advance.id) != without);
    let advanced: i64 = others.map(|advance| advance.amount - advance.refunded_amount).sum();
    Ok(order.estimated_amount.unwrap_or_default().saturating_sub(advanced).max(0))
}

/// The last day on which an advance may be outstanding: as given, within what the office's setting says.
fn last_day(
    given: Option<NaiveDate>,
    journey: Option<(NaiveDate, Option<u64>)>,
    today: NaiveDate,
) -> Result<NaiveDate, FieldError> {
    // Who asks when the journey is long over gets today.
    let limit = journey.and_then(|(end, days)| end.checked_add_days(Days::new(days?)));
    let limit = limit.map(|limit| limit.max(today));
    let earliest = journey.map_or(today, |(end, _)| end.max(today));
    let Some(day) = given.or(limit) else {
        let needed = text("cần nêu hạn thanh toán tạm ứng", "say by when the advance is settled");
        return Err(FieldError::body("settle_by", "required", needed));
    };
    let refused = |vi: String, en: String| FieldError::body("settle_by", "out_of_range", text(vi, en));
    match limit {
        Some(limit) if day > limit => {
            Err(refused(format!("muộn nhất là ngày {limit}"), format!("must not be after {limit}")))
        }
        _ if given.is_some() && day < earliest => {
            Err(refused(format!("không trước ngày {earliest}"), format!("must not be before {earliest}")))
        }
        _ => Ok(day),
    }
}

/// A step that this caller may take on this advance now. The advance, and its order before it, stay locked until
/// the transaction ends.
pub struct Turn<'a> {
    call: &'a Call,
    tx: &'a Tx,
    advance: Model,
    order: Option<Order>,
    step: &'static Step<AdvanceStatus>,
    reason: Option<&'a str>,
}

impl<'a> Turn<'a> {
    /// Finds the advance (404), compares its version (412), asks who may (403), when (409) and why (422).
    ///
    /// # Errors
    /// The first of these that is refused.
    pub async fn begin(
        call: &'a Call,
        tx: &'a Tx,
        advance_id: Uuid,
        verb: &str,
        reason: Option<&'a str>,
    ) -> ApiResult<Self> {
        let seen = store::find(tx.db(), call, advance_id).await?;
        let order = match seen.travel_order_id {
            Some(order_id) => orders::lock(tx, order_id).await?,
            None => None,
        };
        let advance = store::find_for_update(tx, call, advance_id).await?;
        if advance.travel_order_id != seen.travel_order_id {
            return Err(ApiError::look_again());
        }
        call.expect_version(advance.version)?;
        let step = step(STEPS, verb)?;
        rules::may(call, &advance, step)?;
        rules::person(call, &advance, verb)?;
        check_state(STEPS, step, &advance.status)?;
        let reason = reason_for(step, reason)?;
        Ok(Self { call, tx, advance, order, step, reason })
    }

    /// The advance as it will be: at its next state, waiting from now on.
    fn next(&self) -> ActiveModel {
        let mut changed = self.advance.clone().into_active_model();
        changed.status = Set(self.step.to);
        changed.waiting_since = Set(self.tx.now);
        if self.reason.is_some() {
            changed.decision_reason = Set(self.reason.map(str::to_owned));
        }
        changed
    }

    async fn finish(
        self,
        changed: ActiveModel,
        to: AdvanceStatus,
        details: Option<Value>,
    ) -> ApiResult<Reply<AdvanceOut>> {
        let mut event = Event::new(self.step.verb, store::TYPE, self.advance.id, self.advance.version + 1)
            .step(&self.advance.status, &to)
            .because(self.reason);
        event.details = details;
        let advance = store::save(self.tx, &self.advance, changed, event).await?;
        Reply::ok(&view::one(self.call, self.tx.db(), advance).await?)
    }

    /// # Errors
    /// 409 while its travel order is not approved.
    pub async fn approve(self) -> ApiResult<Reply<AdvanceOut>> {
        if let Some(order) = &self.order {
            orders::stands_at(order, &[TravelOrderStatus::Approved])?;
            self.refuse_uncovered(order).await?;
        }
        let mut changed = self.next();
        changed.approved_by_id = Set(Some(self.call.staff_id()?));
        let details = json!({"amount": self.advance.amount});
        self.finish(changed, AdvanceStatus::Approved, Some(details)).await
    }

    /// Reject and cancel.
    ///
    /// # Errors
    /// 412 if the advance changed in between.
    pub async fn end(self) -> ApiResult<Reply<AdvanceOut>> {
        let (changed, to) = (self.next(), self.step.to);
        self.finish(changed, to, None).await
    }

    /// # Errors
    /// 409 for an order that does not stand any more, or whose claim was paid; 422 for a day that cannot be.
    pub async fn pay(self, body: &AdvancePaymentIn) -> ApiResult<Reply<AdvanceOut>> {
        if let Some(order) = &self.order {
            orders::stands_at(order, &[TravelOrderStatus::Approved, TravelOrderStatus::Completed])?;
            self.refuse_after_claim(order).await?;
            self.refuse_uncovered(order).await?;
        }
        self.on_a_day(body.paid_on, office_day(self.advance.created_at))?;
        let cashier = self.call.staff_id()?;
        let payment = cash::pay_advance(self.tx, &self.advance, body, cashier).await?;
        let mut changed = self.next();
        changed.paid_by_id = Set(Some(cashier));
        changed.payment_id = Set(Some(payment.id));
        let details = json!({
            "payment_id": payment.id, "amount": payment.amount, "voucher_number": payment.voucher_number,
        });
        self.finish(changed, AdvanceStatus::Paid, Some(details)).await
    }

    /// # Errors
    /// 422 for more than is outstanding, or a day that cannot be.
    pub async fn refund(self, body: &AdvanceRefundIn) -> ApiResult<Reply<AdvanceOut>> {
        let outstanding = rules::outstanding(&self.advance);
        if body.amount > outstanding {
            let most = text(
                format!("tối đa {outstanding} đồng còn phải thanh toán"),
                format!("at most the {outstanding} đồng that are outstanding"),
            );
            return Err(ApiError::rule("amount", "out_of_range", most));
        }
        let paid_on = cash::paid_on(self.tx.db(), self.advance.payment_id).await?;
        self.on_a_day(body.paid_on, paid_on)?;
        let cashier = self.call.staff_id()?;
        let payment = cash::refund(self.tx, &self.advance, body, None, cashier).await?;
        let left = outstanding - body.amount;
        let to = if left == 0 { AdvanceStatus::Settled } else { AdvanceStatus::Paid };
        let mut changed = self.next();
        changed.status = Set(to);
        changed.refunded_amount = Set(self.advance.refunded_amount + body.amount);
        if left > 0 {
            changed.waiting_since = Set(self.advance.waiting_since);
        }
        let details = json!({
            "payment_id": payment.id, "amount": payment.amount, "outstanding_amount": left,
            "voucher_number": payment.voucher_number,
        });
        self.finish(changed, to, Some(details)).await
    }

    /// The order may have changed since the advance was asked for: who asked still travels, and the estimate covers it.
    async fn refuse_uncovered(&self, order: &Order) -> ApiResult<()> {
        let requester = self.advance.requester_id;
        if orders::of_traveller(self.tx.db(), Some(order.clone()), requester).await?.is_none() {
            let home = text(
                "Người đề nghị không còn trong danh sách người đi của quyết định.",
                "Who asked for the advance does not travel by the order any more.",
            );
            return Err(ApiError::new(Code::StateConflict, home));
        }
        let left = left_of_estimate(self.tx, order, Some(self.advance.id)).await?;
        let asked = self.advance.amount;
        if asked <= left {
            return Ok(());
        }
        let detail = text(
            format!("Dự toán của chuyến đi chỉ còn {left} đồng để tạm ứng, không đủ cho {asked} đồng."),
            format!("The journey's estimate leaves {left} đồng to advance, {asked} are asked for."),
        );
        Err(ApiError::new(Code::CommitmentExceeded, detail).with("asked_amount", asked))
    }

    /// What a paid claim used has been settled without the advance.
    async fn refuse_after_claim(&self, order: &Order) -> ApiResult<()> {
        if claims::paid_for(self.tx.db(), order.id, self.advance.requester_id).await? {
            let late = text(
                "Hồ sơ thanh toán của chuyến đi này đã được chi trả.",
                "The claim of this journey has been paid already.",
            );
            return Err(ApiError::new(Code::AlreadyPaid, late));
        }
        Ok(())
    }

    fn on_a_day(&self, day: NaiveDate, first: NaiveDate) -> ApiResult<()> {
        let today = office_day(self.tx.now);
        if day > today {
            let future = text("không được ở tương lai", "must not be in the future");
            return Err(ApiError::rule("paid_on", "out_of_range", future));
        }
        if day < first {
            let early = text(format!("không được trước ngày {first}"), format!("must not be before {first}"));
            return Err(ApiError::rule("paid_on", "out_of_range", early));
        }
        Ok(())
    }
}
