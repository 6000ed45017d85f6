//! What each step of a claim does. All begin and end in the same way: see [`Turn`].

use chrono::{Days, NaiveDate};
use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::{ActiveModel, ClaimKind, ClaimStatus, Model};
use entity::notifications::NotificationKind;
use entity::travel_orders::TravelOrderStatus;
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::boards;
use crate::claims::grounds::{broken_conference, refuse_settled};
use crate::claims::json::{ClaimIn, ClaimOut, ClaimPatch, ClaimPaymentIn, ClaimReturnIn, ClaimVerifyIn};
use crate::claims::orders::Journey;
use crate::claims::people::{self, People};
use crate::claims::rules::{self, STEPS, Signature};
use crate::claims::{
    funds, journey, norms, orders, papers, settings, settlement, store, travel_papers, view,
};
use crate::clock::office_day;
use crate::conferences::costs::store as costs;
use crate::error::{ApiError, ApiResult, Code, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::http::document::ProblemGap;
use crate::http::language::Language;
use crate::http::reply::Reply;
use crate::notifications::{self, Notice};
use crate::travel::orders::store as travel;
use crate::workflow::{Step, check_state, only, reason_for, step, wrong_state};
use crate::write::{Event, Tx};

/// Writes a draft of the caller.
///
/// # Errors
/// 422 with everything that is wrong with it.
pub async fn draft(call: &Call, tx: &Tx, body: &ClaimIn) -> ApiResult<Model> {
    let claimant_id = call.staff_id()?;
    let sent = match body.travel_order_id {
        Some(order_id) => orders::sent_by(tx.db(), order_id, claimant_id, body.board_id).await?,
        None => false,
    };
    let mut broken = match sent {
        true => Vec::new(),
        false => own_board(call, tx, Action::ClaimExpenses, body.board_id).await?,
    };
    if let Some(order_id) = body.travel_order_id {
        broken.extend(orders::broken_link(tx, order_id, claimant_id, body.board_id, body.kind).await?);
    }
    if let Some(conference_id) = body.conference_id {
        broken.extend(broken_conference(call, tx, conference_id, body.board_id, body.kind).await?);
    }
    broken.extend(rules::broken_papers(&body.papers, body.lines.len()));
    match rules::total(&body.lines) {
        Ok(total) if broken.is_empty() => {
            let claim = store::insert(tx, body, claimant_id, total).await?;
            let journey = journey_of(tx, &claim).await?;
            look_up(tx, claim, journey.as_ref()).await
        }
        Ok(_) => Err(ApiError::invalid(broken)),
        Err(error) => {
            broken.push(error);
            Err(ApiError::invalid(broken))
        }
    }
}

/// What is wrong with the board of something that the caller writes: it is one of theirs and exists today.
///
/// # Errors
/// When the database does not answer.
pub async fn own_board(call: &Call, tx: &Tx, action: Action, board_id: Uuid) -> ApiResult<Vec<FieldError>> {
    if !call.reach(action).covers(board_id) {
        return Ok(vec![FieldError::unknown_reference("board_id")]);
    }
    match boards::store::living(tx.db(), board_id, office_day(tx.now), "board_id").await {
        Err(error) if !error.problem().errors.is_empty() => Ok(error.problem().errors.clone()),
        other => other.map(|_| Vec::new()),
    }
}

/// Changes a claim that its claimant still holds.
///
/// # Errors
/// 403 for anybody else, 409 in any other state, 422 with everything that is wrong.
pub async fn correct(call: &Call, tx: &Tx, claim_id: Uuid, patch: &ClaimPatch) -> ApiResult<Model> {
    let claim = store::find_for_update(tx, call, claim_id).await?;
    call.expect_version(claim.version)?;
    call.may_own(Action::ClaimExpenses, claim.board_id, claim.claimant_id)?;
    only(call, claim.claimant_id, "Chỉ người đề nghị sửa được hồ sơ.", "Only the claimant changes a claim.")?;
    if !matches!(claim.status, ClaimStatus::Draft | ClaimStatus::Returned) {
        return Err(wrong_state(STEPS, &claim.status));
    }
    for (field, given) in [("lines", patch.lines.is_some()), ("kind", patch.kind.is_some())] {
        if given {
            keep_refuels(tx, claim.id, field).await?;
        }
    }
    let mut broken = Vec::new();
    let kind = patch.kind.unwrap_or(claim.kind);
    if let Some(order_id) = patch.travel_order_id.unwrap_or(claim.travel_order_id) {
        let link = orders::broken_link(tx, order_id, claim.claimant_id, claim.board_id, kind);
        broken.extend(link.await?);
    }
    if let Some(conference_id) = patch.conference_id.unwrap_or(claim.conference_id) {
        broken.extend(broken_conference(call, tx, conference_id, claim.board_id, kind).await?);
    }
    if let Some(papers) = &patch.papers {
        let lines = match &patch.lines {
            Some(lines) => lines.len(),
            None => store::lines_of(tx.db(), [claim.id]).await?.into_values().flatten().count(),
        };
        broken.extend(rules::broken_papers(papers, lines));
    }
    let total = patch.lines.as_deref().map(rules::total).transpose().unwrap_or_else(|error| {
        broken.push(error);
        None
    });
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let claim = store::update(tx, claim, patch.clone(), total).await?;
    let journey = journey_of(tx, &claim).await?;
    look_up(tx, claim, journey.as_ref()).await
}

/// The journey that a claim is about.
async fn journey_of(tx: &Tx, claim: &Model) -> ApiResult<Option<Journey>> {
    let Some(order_id) = claim.travel_order_id else { return Ok(None) };
    let order = orders::lock(tx, order_id).await?;
    let order = order.ok_or_else(|| ApiError::internal("a claim names an order that is gone"))?;
    Ok(Some(Journey::of(tx.db(), order, claim.claimant_id).await?))
}

/// Looks up what the journey says of a claim that was just written: the norms of its lines and its deadline.
///
/// # Errors
/// When the database does not take it.
pub async fn look_up(tx: &Tx, claim: Model, journey: Option<&Journey>) -> ApiResult<Model> {
    norms::price(tx, &claim, journey).await?;
    store::set_deadline(tx, claim, deadline(tx, journey).await?).await
}

async fn deadline(tx: &Tx, journey: Option<&Journey>) -> ApiResult<Option<NaiveDate>> {
    let Some(end) = journey.map(Journey::end) else { return Ok(None) };
    let days = settings::days(tx.db(), "claim_deadline_days", end).await?;
    Ok(days.and_then(|days| end.checked_add_days(Days::new(days))))
}

/// A claim made from a fuel statement stays what its refuels say.
async fn keep_refuels(tx: &Tx, claim_id: Uuid, field: &str) -> ApiResult<()> {
    let lines = store::lines_of(tx.db(), [claim_id]).await?;
    if lines.into_values().flatten().all(|line| line.refuel_id.is_none()) {
        return Ok(());
    }
    Err(ApiError::rule(
        field,
        "made_from_refuels",
        text(
            "hồ sơ lập từ bảng kê nhiên liệu giữ nguyên loại và các dòng; hãy rút hồ sơ và lập lại",
            "a claim made from a fuel statement keeps its kind and its lines; withdraw it and claim again",
        ),
    ))
}

/// The steps that need a hand of their own. An approval that was cancelled still was one: what counts is what
/// a person did in this round, not whose name stands on the claim now.
const HANDS: [&str; 4] = ["confirm", "verify", "approve", "pay"];

/// The claimant is told how it went; each of these steps is somebody else's.
async fn tell_claimant(tx: &Tx, claim: &Model, verb: &str) -> ApiResult<()> {
    let kind = match verb {
        "return" => NotificationKind::ClaimReturned,
        "reject" => NotificationKind::ClaimRejected,
        "pay" => NotificationKind::ClaimPaid,
        _ => return Ok(()),
    };
    let notice = Notice::step(kind, claim.id, &claim.number, claim.version).of_board(claim.board_id);
    notifications::tell(tx, [claim.claimant_id], &notice).await.map(drop)
}

/// A step that this caller may take on this claim now. The claim stays locked until the transaction ends.
pub struct Turn<'a> {
    call: &'a Call,
    tx: &'a Tx,
    claim: Model,
    lines: Vec<Line>,
    people: People,
    step: &'static Step<ClaimStatus>,
    reason: Option<&'a str>,
}

impl<'a> Turn<'a> {
    /// Finds the claim (404), compares its version (412), asks who may (403), when (409) and why (422).
    ///
    /// # Errors
    /// The first of these that is refused.
    pub async fn begin(
        call: &'a Call,
        tx: &'a Tx,
        claim_id: Uuid,
        verb: &str,
        reason: Option<&'a str>,
    ) -> ApiResult<Self> {
        let claim = store::find_for_update(tx, call, claim_id).await?;
        call.expect_version(claim.version)?;
        let step = step(STEPS, verb)?;
        rules::may(call, &claim, step)?;
        let people = people::of(tx.db(), &[claim.board_id].into(), office_day(tx.now)).await?;
        rules::person(call, &claim, verb, &people)?;
        if HANDS.contains(&verb) && store::took_another_step(tx, claim.id, verb, &HANDS).await? {
            return Err(four_eyes());
        }
        check_state(STEPS, step, &claim.status)?;
        let reason = reason_for(step, reason)?;
        let lines = store::lines_of(tx.db(), [claim.id]).await?.remove(&claim.id).unwrap_or_default();
        Ok(Self { call, tx, claim, lines, people, step, reason })
    }

    /// The claim as it will be: at its next state, waiting from now on.
    fn next(&self) -> ActiveModel {
        let mut changed = self.claim.clone().into_active_model();
        changed.status = Set(self.step.to);
        changed.waiting_since = Set(self.tx.now);
        if self.reason.is_some() {
            changed.decision_reason = Set(self.reason.map(str::to_owned));
        }
        changed
    }

    async fn finish(self, changed: ActiveModel, details: Option<Value>) -> ApiResult<Reply<ClaimOut>> {
        let (verb, to) = (self.step.verb, self.step.to);
        self.record(changed, verb, to, details).await
    }

    async fn record(
        self,
        changed: ActiveModel,
        verb: &str,
        to: ClaimStatus,
        details: Option<Value>,
    ) -> ApiResult<Reply<ClaimOut>> {
        let mut event = Event::new(verb, store::TYPE, self.claim.id, self.claim.version + 1)
            .step(&self.claim.status, &to)
            .because(self.reason);
        event.details = details;
        let claim = store::save(self.tx, &self.claim, changed, event).await?;
        tell_claimant(self.tx, &claim, verb).await?;
        Reply::ok(&view::one(self.call, self.tx.db(), claim).await?)
    }

    /// # Errors
    /// 412 if the claim changed in between.
    pub async fn cancel_approval(self) -> ApiResult<Reply<ClaimOut>> {
        funds::give_back(self.tx, &self.claim).await?;
        let mut changed = self.next();
        changed.approved_by_id = Set(None);
        let details = json!({"approved_by_id": self.claim.approved_by_id});
        self.finish(changed, Some(details)).await
    }

    /// Starts a new round: the hands of an earlier one are washed off.
    ///
    /// # Errors
    /// 422 for lines that cannot be claimed yet; 409 for an invoice or a day that is claimed already.
    pub async fn submit(self) -> ApiResult<Reply<ClaimOut>> {
        let today = office_day(self.tx.now);
        let mut broken = rules::submittable(self.claim.kind, &self.lines, today);
        self.refuse_settled().await?;
        let journey = journey_of(self.tx, &self.claim).await?;
        if let Some(journey) = &journey {
            orders::stands_at(&journey.order, &[TravelOrderStatus::Completed])?;
            let order = Some(journey.order.clone());
            if orders::of_traveller(self.tx.db(), order, self.claim.claimant_id).await?.is_none() {
                broken.push(FieldError::unknown_reference("travel_order_id"));
            }
            broken.extend(journey::broken(journey, &self.lines));
        } else if self.claim.kind == ClaimKind::Travel && !travel_papers::is_monthly(&self.lines) {
            let needed = text("cần quyết định cử đi công tác", "a travel claim needs its travel order");
            broken.push(FieldError::body("travel_order_id", "travel_order_required", needed));
        }
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken));
        }
        store::start_round(self.tx, self.claim.id).await?;
        store::take_keys(self.tx, &self.claim, &self.lines).await?;
        norms::price(self.tx, &self.claim, journey.as_ref()).await?;
        let mut changed = self.next();
        changed.deadline_on = Set(deadline(self.tx, journey.as_ref()).await?);
        changed.submitted_on = Set(self.claim.submitted_on.or(Some(today)));
        changed.confirmed_by_id = Set(None);
        changed.verified_by_id = Set(None);
        changed.approved_by_id = Set(None);
        changed.allowed_amount = Set(None);
        changed.funding_source = Set(None);
        changed.decision_reason = Set(None);
        let details = json!({"claimed_amount": self.claim.claimed_amount});
        self.finish(changed, Some(details)).await
    }

    /// A claim comes too late for a conference that is settled.
    async fn refuse_settled(&self) -> ApiResult<()> {
        let Some(conference_id) = self.claim.conference_id else { return Ok(()) };
        costs::lock(self.tx, conference_id).await?;
        refuse_settled(self.tx, conference_id).await
    }

    /// The lines with the norms of this moment: claims of one conference share them, so they are looked up again under its
    /// lock.
    async fn priced(&self) -> ApiResult<Vec<Line>> {
        let Some(conference_id) = self.claim.conference_id else { return Ok(self.lines.clone()) };
        costs::lock(self.tx, conference_id).await?;
        norms::price(self.tx, &self.claim, None).await
    }

    /// All papers that these lines, and for travel the whole file, lack.
    async fn missing(&self, lines: &[Line], language: Language) -> ApiResult<Vec<ProblemGap>> {
        let mut missing = papers::missing(lines, language);
        let (claim, db) = (&self.claim, self.tx.db());
        let file = store::papers_of(db, [claim.id]).await?.remove(&claim.id).unwrap_or_default();
        let legs = match claim.travel_order_id {
            Some(order_id) => travel::legs_of(db, [order_id]).await?.remove(&order_id).unwrap_or_default(),
            None => Vec::new(),
        };
        let flights = orders::flights(&orders::travelled(legs));
        missing.extend(travel_papers::missing(claim, lines, &file, &flights, language));
        Ok(missing)
    }

    /// # Errors
    /// 412 if the claim changed in between.
    pub async fn confirm(self) -> ApiResult<Reply<ClaimOut>> {
        let mut changed = self.next();
        changed.confirmed_by_id = Set(Some(self.call.staff_id()?));
        self.finish(changed, None).await
    }

    /// # Errors
    /// 422 for broken verdicts, costs without a budget line, or `claim_incomplete` with all that is missing.
    pub async fn verify(self, body: &ClaimVerifyIn) -> ApiResult<Reply<ClaimOut>> {
        let mut lines = rules::judge(self.priced().await?, &body.lines)?;
        let missing = self.missing(&lines, self.call.language).await?;
        if !missing.is_empty() {
            let refusal = text(
                "Hồ sơ còn thiếu giấy tờ; xem gaps. Trả lại, hoặc cắt các dòng đó về 0 kèm lý do.",
                "Papers are missing, see gaps. Return the claim, or cut these lines to 0 with a reason.",
            );
            return Err(ApiError::new(Code::ClaimIncomplete, refusal).with("gaps", missing));
        }
        let funding_source = funds::book_lines(self.tx, &self.claim, &mut lines, body).await?;
        store::save_verdicts(self.tx, &lines).await?;
        let allowed: i64 = lines.iter().filter_map(|line| line.allowed_amount).sum();
        let mut changed = self.next();
        changed.verified_by_id = Set(Some(self.call.staff_id()?));
        changed.allowed_amount = Set(Some(allowed));
        changed.funding_source = Set(Some(funding_source));
        let cuts = lines.iter().filter(|line| line.cut_reason.is_some()).map(|line| {
            json!({"line": line.position, "allowed_amount": line.allowed_amount, "cut_reason": line.cut_reason})
        });
        let booked = lines.iter().filter(|line| line.budget_line_id.is_some()).map(|line| {
            json!({
                "line": line.position, "sub_item": line.sub_item, "sub_item_reason": line.sub_item_reason,
                "budget_line_id": line.budget_line_id,
            })
        });
        let details = json!({
            "allowed_amount": allowed, "funding_source": funding_source, "cuts": cuts.collect::<Vec<_>>(),
            "booked": booked.collect::<Vec<_>>(),
        });
        self.finish(changed, Some(details)).await
    }

    /// # Errors
    /// 422 where nothing is allowed; 409 `commitment_exceeded` where the order has not reserved so much, or
    /// `budget_insufficient` where a budget line has not so much left.
    pub async fn approve(self) -> ApiResult<Reply<ClaimOut>> {
        if self.claim.allowed_amount.unwrap_or_default() == 0 {
            let nothing = text(
                "không có khoản nào được duyệt chi; hãy trả lại hoặc từ chối",
                "nothing is allowed; return or reject the claim",
            );
            return Err(ApiError::rule("allowed_amount", "nothing_allowed", nothing));
        }
        funds::reserve(self.tx, &self.claim, &self.lines).await?;
        let mut changed = self.next();
        changed.approved_by_id = Set(Some(self.call.staff_id()?));
        let details = json!({"allowed_amount": self.claim.allowed_amount});
        self.finish(changed, Some(details)).await
    }

    /// # Errors
    /// 422 for a day in the future or a refund that does not fit; 409 `already_paid` or a voucher that was used.
    pub async fn pay(self, body: &ClaimPaymentIn) -> ApiResult<Reply<ClaimOut>> {
        if body.paid_on > office_day(self.tx.now) {
            let future = text("không được ở tương lai", "must not be in the future");
            return Err(ApiError::rule("paid_on", "out_of_range", future));
        }
        if self.lines.iter().any(|line| body.paid_on < line.incurred_on) {
            let early =
                text("không được trước ngày phát sinh chi phí", "must not be before the cost was incurred");
            return Err(ApiError::rule("paid_on", "out_of_range", early));
        }
        let approved_on = office_day(self.claim.waiting_since);
        if body.paid_on < approved_on {
            let early = text(
                format!("không được trước ngày duyệt {approved_on}"),
                format!("must not be before {approved_on}, when it was approved"),
            );
            return Err(ApiError::rule("paid_on", "out_of_range", early));
        }
        let cashier = self.call.staff_id()?;
        let (payment_id, details) = settlement::pay(self.tx, &self.claim, &self.lines, body, cashier).await?;
        let mut changed = self.next();
        changed.paid_by_id = Set(Some(cashier));
        changed.payment_id = Set(Some(payment_id));
        self.finish(changed, Some(details)).await
    }

    /// # Errors
    /// 422 for a gap in a line that the claim does not have.
    pub async fn return_(self, body: &ClaimReturnIn) -> ApiResult<Reply<ClaimOut>> {
        let known = |line: i64| self.lines.iter().any(|known| known.position == line);
        let broken: Vec<FieldError> = (body.gaps.iter().enumerate())
            .filter(|(_, gap)| gap.line.is_some_and(|line| !known(line)))
            .map(|(index, _)| {
                let unknown = text("hồ sơ không có dòng này", "the claim has no such line");
                FieldError::body(&format!("gaps/{index}/line"), "unknown_line", unknown)
            })
            .collect();
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken));
        }
        // The history is read by everyone; the office's language is Vietnamese.
        let missing = self.missing(&self.lines, Language::Vi).await?;
        let me = self.call.staff_id()?;
        let gaps = store::save_gaps(self.tx, self.claim.id, me, &body.gaps, missing).await?;
        store::free_keys(self.tx, self.claim.id).await?;
        let changed = self.next();
        self.finish(changed, Some(json!({"gaps": gaps}))).await
    }

    /// Reject and withdraw: the claim ends, its invoices are free.
    ///
    /// # Errors
    /// 412 if the claim changed in between.
    pub async fn end(self) -> ApiResult<Reply<ClaimOut>> {
        store::free_keys(self.tx, self.claim.id).await?;
        store::free_refuels(self.tx, self.claim.id).await?;
        let changed = self.next();
        self.finish(changed, None).await
    }

    /// The first signature leaves the claim paid; the second one reverses its payment.
    ///
    /// # Errors
    /// 403 for the same person or role again.
    pub async fn reverse(self) -> ApiResult<Reply<ClaimOut>> {
        let me = self.call.staff_id()?;
        let mut changed = self.next();
        changed.decision_reason = Set(self.claim.decision_reason.clone());
        match rules::signature(&self.claim, &self.people, me)? {
            Signature::First => {
                changed.status = Set(ClaimStatus::Paid);
                changed.reversal_asked_by_id = Set(Some(me));
                changed.reversal_reason = Set(self.reason.map(str::to_owned));
                self.record(changed, "ask-reversal", ClaimStatus::Paid, None).await
            }
            Signature::Second { cashier, chief } => {
                let details = settlement::reverse(self.tx, &self.claim, cashier, chief).await?;
                store::free_keys(self.tx, self.claim.id).await?;
                store::free_refuels(self.tx, self.claim.id).await?;
                self.finish(changed, Some(details)).await
            }
        }
    }
}
