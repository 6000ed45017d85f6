//! Which budget lines bear a plan, and what claims were promised of it.

use std::collections::BTreeMap;

use entity::conference_plans::Model as Plan;
use entity::conferences::Model as Conference;
use entity::expense_claims::ClaimStatus;

use crate::budgets::bearing::{self, Choice};
use crate::budgets::booking::Cost;
use crate::budgets::commitments::{Document, Shares};
use crate::clock::office_day;
use crate::conferences::costs::estimates::json::ConferenceEstimateOut;
use crate::conferences::costs::store;
use crate::error::{ApiError, ApiResult, text};
use crate::write::Tx;

/// The lines that bear a plan. Errors point into the plan as it was sent, e.g. `#/estimate/other/0`.
///
/// # Errors
/// 422 with everything that is wrong: a kind without a sub-item, a line that is missing or does not fit.
pub async fn choose(tx: &Tx, conference: &Conference, plan: &Plan) -> ApiResult<Shares> {
    let on = office_day(conference.starts_at);
    let estimate = store::estimate(plan)?;
    let paid = estimate.lines.into_iter().filter(|line| line.amount > 0);
    let costs: Vec<(Cost, i64)> = paid
        .map(|line| {
            let field = format!("estimate/{}", line.item);
            (Cost { field, kind: line.kind, on, chosen: None }, line.amount)
        })
        .collect();
    let choice = Choice {
        document: Document::conference(conference.id),
        board_id: conference.board_id,
        on,
        source: plan.funding_source,
        budget_line_id: plan.budget_line_id,
        reason: plan.funds_reason.as_deref(),
    };
    bearing::shares(tx, choice, &costs).await
}

/// What an estimate has for each kind of cost.
pub fn kinds(estimate: &ConferenceEstimateOut) -> BTreeMap<String, i64> {
    let mut kinds: BTreeMap<String, i64> = BTreeMap::new();
    for line in &estimate.lines {
        *kinds.entry(line.kind.clone()).or_default() += line.amount;
    }
    kinds
}

/// What approved claims will take of the conference's money.
///
/// # Errors
/// 422 `sources_never_mix` where claims are booked on the other source than the plan's.
pub async fn promised(tx: &Tx, conference: &Conference, plan: &Plan) -> ApiResult<i64> {
    let claims = store::living_claims_of(tx.db(), conference.id).await?;
    let booked = [ClaimStatus::Verified, ClaimStatus::Approved, ClaimStatus::Paid];
    let mut booked = claims.iter().filter(|claim| booked.contains(&claim.status));
    if booked.any(|claim| claim.funding_source.is_some_and(|source| source != plan.funding_source)) {
        let other = text(
            "hội nghị đã có hồ sơ thanh toán từ nguồn khác",
            "claims of the conference are booked on the other source",
        );
        return Err(ApiError::rule("funding_source", "sources_never_mix", other));
    }
    let approved = claims.iter().filter(|claim| claim.status == ClaimStatus::Approved);
    Ok(approved.filter_map(|claim| claim.allowed_amount).sum())
}
