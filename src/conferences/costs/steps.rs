//! What each step of a conference's money does. All begin and end in the same way: see [`Turn`].

use chrono::{DateTime, Utc};
use entity::conference_plans::{ActiveModel, ConferenceCostStatus, Model as Plan};
use entity::conferences::Model as Conference;
use entity::expense_claims::ClaimStatus;
use entity::funding_source::FundingSource;
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::budgets::commitments::{self, CommitmentOut, Document};
use crate::claims::people;
use crate::clock::{office_day, office_year};
use crate::conferences::costs::estimates::json::ConferenceEstimateOut;
use crate::conferences::costs::json::{ConferenceCostsOut, ConferenceFundsIn, ConferencePlanIn};
use crate::conferences::costs::rules::{self, STEPS};
use crate::conferences::costs::{estimates, funds, store, view};
use crate::conferences::store as conferences;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::language::Language;
use crate::http::reply::Reply;
use crate::travel::rates::store::mark_rates_used;
use crate::workflow::{Step, reason_for, step};
use crate::write::Tx;

/// A step that this caller may take now. The conference stays locked until the transaction ends.
pub struct Turn<'a> {
    call: &'a Call,
    tx: &'a Tx,
    conference: Conference,
    plan: Option<Plan>,
    step: &'static Step<ConferenceCostStatus>,
    reason: Option<&'a str>,
}

impl<'a> Turn<'a> {
    /// Finds the conference (404), compares its version (412), asks who may (403), when (409) and why (422).
    ///
    /// # Errors
    /// The first of these that is refused.
    pub async fn begin(
        call: &'a Call,
        tx: &'a Tx,
        conference_id: Uuid,
        verb: &str,
        reason: Option<&'a str>,
    ) -> ApiResult<Self> {
        let conference = conferences::find_for_update(tx, call, conference_id).await?;
        call.expect_version(conference.version)?;
        let step = step(STEPS, verb)?;
        let plan = store::find(tx.db(), conference.id).await?;
        let people = people::of(tx.db(), &[conference.board_id].into(), office_day(tx.now)).await?;
        rules::permit(call, &conference, plan.as_ref(), step, people.accountant(conference.board_id))?;
        rules::in_time(plan.as_ref(), step)?;
        let reason = reason_for(step, reason)?;
        Ok(Self { call, tx, conference, plan, step, reason })
    }

    fn document(&self) -> Document {
        Document::conference(self.conference.id)
    }

    /// The plan that the step changes.
    fn known(&self) -> ApiResult<&Plan> {
        self.plan.as_ref().ok_or_else(|| ApiError::internal("a step without a plan"))
    }

    /// The plan as it will be.
    fn next(&self) -> ApiResult<ActiveModel> {
        let mut changed = self.known()?.clone().into_active_model();
        changed.status = Set(self.step.to);
        Ok(changed)
    }

    async fn finish(self, changed: ActiveModel, details: Value) -> ApiResult<Reply<ConferenceCostsOut>> {
        let plan = store::keep(self.tx, changed, self.plan.is_none()).await?;
        let states = (self.plan.map(|plan| plan.status), self.step.to);
        let told = store::tell(self.tx, &self.conference, self.step.verb, states, self.reason, details);
        let conference = told.await?;
        Reply::ok(&view::costs(self.call, self.tx.db(), &conference, Some(plan)).await?)
    }

    /// Keeps what the conference may cost. What the accountant chose before was chosen for another plan.
    ///
    /// # Errors
    /// 422 with everything that is wrong with the estimate, or `rate_not_found`.
    pub async fn plan(self, body: &ConferencePlanIn) -> ApiResult<Reply<ConferenceCostsOut>> {
        let priced = price(self.tx, body).await.map_err(|error| error.under("estimate"))?;
        let (planner, is_new) = (self.call.staff_id()?, self.plan.is_none());
        let planned = planned(self.tx, &self.conference, body.funding_source, &priced, planner)?;
        let changed = if is_new { planned } else { replanned(planned) };
        let details = json!({"planned_amount": priced.total_amount});
        self.finish(changed, details).await
    }

    /// # Errors
    /// 422 with every cost that has no budget line, or for a line that does not fit.
    pub async fn check_funds(self, body: &ConferenceFundsIn) -> ApiResult<Reply<ConferenceCostsOut>> {
        let plan = Plan {
            funding_source: body.funding_source,
            budget_line_id: body.budget_line_id,
            funds_reason: body.reason.clone(),
            ..self.known()?.clone()
        };
        let shares = funds::choose(self.tx, &self.conference, &plan).await?;
        let mut changed = self.next()?;
        changed.funding_source = Set(plan.funding_source);
        changed.budget_line_id = Set(plan.budget_line_id);
        changed.funds_reason = Set(plan.funds_reason);
        changed.funds_checked_by_id = Set(Some(self.call.staff_id()?));
        let details = json!({
            "funding_source": body.funding_source, "budget_line_id": body.budget_line_id,
            "funds_reason": body.reason, "funds": shares,
        });
        self.finish(changed, details).await
    }

    /// Reserves the plan; what an earlier one reserved is adjusted by the difference.
    ///
    /// # Errors
    /// 409 `budget_insufficient` with the line and the figures; 409 `commitment_exceeded` where claims were promised more;
    /// 422 with every cost that has no budget line.
    pub async fn commit(self) -> ApiResult<Reply<ConferenceCostsOut>> {
        let (changed, commitment) =
            committed(self.tx, &self.conference, self.known()?, self.call.staff_id()?).await?;
        self.finish(changed, json!({"commitment": commitment})).await
    }

    /// # Errors
    /// 409 `in_use` while a claim is open.
    pub async fn release(self) -> ApiResult<Reply<ConferenceCostsOut>> {
        self.refuse_open_claims().await?;
        let commitment = commitments::release(self.tx, self.document()).await?;
        let changed = self.next()?;
        self.finish(changed, json!({"commitment": commitment})).await
    }

    /// Compares plan and reality and gives the rest back.
    ///
    /// # Errors
    /// 409 `in_use` while a claim is open.
    pub async fn settle(self) -> ApiResult<Reply<ConferenceCostsOut>> {
        self.refuse_open_claims().await?;
        let commitment = commitments::release(self.tx, self.document()).await?;
        let mut changed = self.next()?;
        changed.settled_by_id = Set(Some(self.call.staff_id()?));
        changed.settled_at = Set(Some(self.tx.now));
        let details = json!({"planned_amount": self.known()?.planned_amount, "commitment": commitment});
        self.finish(changed, details).await
    }

    async fn refuse_open_claims(&self) -> ApiResult<()> {
        let claims = store::living_claims_of(self.tx.db(), self.conference.id).await?;
        let open = claims.into_iter().filter(|claim| claim.status != ClaimStatus::Paid);
        let numbers: Vec<String> = open.map(|claim| claim.number).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let list = numbers.join(", ");
        Err(ApiError::new(
            Code::InUse,
            text(format!("Còn hồ sơ thanh toán chưa xong: {list}."), format!("Claims are open: {list}.")),
        ))
    }
}

/// What is planned may cost, by rates that are kept from now on. What is stored is read by everyone; the office's
/// language is Vietnamese.
///
/// # Errors
/// 422 with everything that is wrong with the estimate, or `rate_not_found`.
pub async fn price(tx: &Tx, body: &ConferencePlanIn) -> ApiResult<ConferenceEstimateOut> {
    let estimate = estimates::compute(tx.db(), Language::Vi, &body.estimate).await?;
    mark_rates_used(tx, estimate.lines.iter().flat_map(|line| &line.rates)).await?;
    Ok(estimate)
}

/// A plan that nobody has committed yet.
///
/// # Errors
/// When the estimate cannot be written as JSON, which is a fault of the service.
pub fn planned(
    tx: &Tx,
    conference: &Conference,
    source: Option<FundingSource>,
    estimate: &ConferenceEstimateOut,
    planner: Uuid,
) -> ApiResult<ActiveModel> {
    Ok(ActiveModel {
        conference_id: Set(conference.id),
        status: Set(ConferenceCostStatus::Planned),
        funding_source: Set(source.unwrap_or(FundingSource::Autonomous)),
        estimate: Set(serde_json::to_value(estimate).map_err(ApiError::internal)?),
        planned_amount: Set(estimate.total_amount),
        budget_line_id: Set(None),
        funds_reason: Set(None),
        funds_checked_by_id: Set(None),
        planned_by_id: Set(planner),
        planned_at: Set(tx.now),
        committed_kinds: Set(None),
        committed_by_id: Set(None),
        committed_at: Set(None),
        settled_by_id: Set(None),
        settled_at: Set(None),
    })
}

/// Takes the place of an earlier plan; what that one committed is told until this one is.
fn replanned(plan: ActiveModel) -> ActiveModel {
    ActiveModel { committed_kinds: sea_orm::ActiveValue::NotSet, ..plan }
}

/// Reserves the money of a plan and gives the plan as it will be.
///
/// # Errors
/// As [`Turn::commit`].
pub async fn committed(
    tx: &Tx,
    conference: &Conference,
    plan: &Plan,
    me: Uuid,
) -> ApiResult<(ActiveModel, CommitmentOut)> {
    let shares = funds::choose(tx, conference, plan).await?;
    let promised = funds::promised(tx, conference, plan).await?;
    let document = Document::conference(conference.id);
    let commitment = commitments::reserve_anew(tx, document, &shares, promised).await?;
    let kinds = funds::kinds(&store::estimate(plan)?);
    let mut changed = plan.clone().into_active_model();
    changed.status = Set(ConferenceCostStatus::Committed);
    changed.committed_kinds = Set(Some(json!(kinds)));
    changed.committed_by_id = Set(Some(me));
    changed.committed_at = Set(Some(tx.now));
    Ok((changed, commitment))
}

/// Refuses to move a conference into another year while money of its year is reserved: claims would be booked on the
/// other year's lines.
///
/// # Errors
/// 409 `in_use`.
pub async fn refuse_other_year(tx: &Tx, conference: &Conference, starts_at: DateTime<Utc>) -> ApiResult<()> {
    if office_year(starts_at) == office_year(conference.starts_at) {
        return Ok(());
    }
    let reserved = commitments::of(tx.db(), [conference.id]).await?.remove(&conference.id);
    if reserved.is_none_or(|reserved| reserved.open_amount == 0) {
        return Ok(());
    }
    Err(ApiError::new(
        Code::InUse,
        text(
            "Kinh phí của năm cũ còn đang cam kết; hãy trả lại trước khi dời sang năm khác.",
            "Money of its year is committed; release it before the conference moves to another year.",
        ),
    ))
}

/// Takes a settlement back, because a payment of the conference was reversed: what it spent is reserved again.
///
/// # Errors
/// When the database does not take it.
pub async fn reopen(tx: &Tx, conference_id: Uuid, reason: Option<&str>) -> ApiResult<()> {
    let conference = store::lock(tx, conference_id).await?;
    let Some(plan) = store::find(tx.db(), conference_id).await? else { return Ok(()) };
    if plan.status != ConferenceCostStatus::Settled {
        return Ok(());
    }
    let states = (Some(plan.status), ConferenceCostStatus::Committed);
    let mut changed = plan.into_active_model();
    changed.status = Set(states.1);
    changed.settled_by_id = Set(None);
    changed.settled_at = Set(None);
    store::keep(tx, changed, false).await?;
    store::tell(tx, &conference, "reopen", states, reason, json!({})).await?;
    commitments::reopen(tx, Document::conference(conference_id)).await
}
