//! How the money of a conference is shown: in short with the conference, and plan against reality by itself.

use std::collections::BTreeMap;

use entity::conference_plans::Model as Plan;
use entity::conferences::Model as Conference;
use entity::expense_claims::{ClaimStatus, Model as Claim};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::budgets::commitments::{self, CommitmentOut};
use crate::claims::{people, store as claims};
use crate::clock::office_day;
use crate::conferences::costs::estimates::json::ConferenceEstimateOut;
use crate::conferences::costs::json::{
    ConferenceCostsOut, ConferenceKindCosts, ConferenceMoney, ConferenceOpenClaim,
};
use crate::conferences::costs::{funds, rules, store};
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;

/// The money of these conferences in short, as far as the caller may see it; two queries for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn money_of(
    call: &Call,
    db: &impl ConnectionTrait,
    conferences: &[Conference],
) -> ApiResult<BTreeMap<Uuid, ConferenceMoney>> {
    let seen = conferences.iter().filter(|conference| rules::sees_money(call, conference));
    let ids: Vec<Uuid> = seen.map(|conference| conference.id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let plans = store::of(db, ids.iter().copied()).await?;
    let mut reserved = commitments::of(db, ids).await?;
    let show = |(id, plan): (Uuid, Plan)| {
        let commitment = reserved.remove(&id).unwrap_or_default();
        let money = ConferenceMoney {
            status: plan.status,
            planned_amount: plan.planned_amount,
            committed_amount: commitment.committed_amount,
            spent_amount: commitment.spent_amount,
            released_amount: commitment.released_amount,
            open_amount: commitment.open_amount,
        };
        (id, money)
    };
    Ok(plans.into_iter().map(show).collect())
}

/// Plan against reality.
///
/// # Errors
/// When the database does not answer.
pub async fn costs(
    call: &Call,
    db: &impl ConnectionTrait,
    conference: &Conference,
    plan: Option<Plan>,
) -> ApiResult<ConferenceCostsOut> {
    let claims = store::living_claims_of(db, conference.id).await?;
    let commitment = commitments::of(db, [conference.id]).await?.remove(&conference.id);
    let estimate = plan.as_ref().map(store::estimate).transpose()?;
    let kinds = kinds(db, plan.as_ref(), estimate.as_ref(), &claims).await?;
    let people = people::of(db, &[conference.board_id].into(), call.today()).await?;
    let acting = people.accountant(conference.board_id);
    let allowed_actions = rules::allowed_actions(call, conference, plan.as_ref(), acting);
    Ok(out(conference, plan, (estimate, commitment), kinds, open(&claims), allowed_actions))
}

fn open(claims: &[Claim]) -> Vec<ConferenceOpenClaim> {
    let open = claims.iter().filter(|claim| claim.status != ClaimStatus::Paid);
    open.map(|claim| ConferenceOpenClaim { id: claim.id, number: claim.number.clone(), status: claim.status })
        .collect()
}

/// Each kind of cost that is planned, was committed or is claimed.
async fn kinds(
    db: &impl ConnectionTrait,
    plan: Option<&Plan>,
    estimate: Option<&ConferenceEstimateOut>,
    living: &[Claim],
) -> ApiResult<Vec<ConferenceKindCosts>> {
    let mut found: BTreeMap<String, ConferenceKindCosts> = BTreeMap::new();
    for (kind, amount) in estimate.map(funds::kinds).unwrap_or_default() {
        found.entry(kind).or_default().planned_amount = amount;
    }
    let committed = plan.and_then(|plan| plan.committed_kinds.clone());
    let committed: Option<BTreeMap<String, i64>> =
        committed.map(serde_json::from_value).transpose().map_err(ApiError::internal)?;
    for (kind, amount) in committed.unwrap_or_default() {
        found.entry(kind).or_default().committed_amount = amount;
    }
    let claimed: BTreeMap<Uuid, ClaimStatus> = living
        .iter()
        .filter(|claim| claim.status != ClaimStatus::Draft)
        .map(|claim| (claim.id, claim.status))
        .collect();
    for (claim_id, lines) in claims::lines_of(db, claimed.keys().copied()).await? {
        let paid = claimed.get(&claim_id) == Some(&ClaimStatus::Paid);
        for line in lines {
            let kind = found.entry(line.kind).or_default();
            kind.claimed_amount += line.claimed_amount;
            kind.paid_amount += line.allowed_amount.filter(|_| paid).unwrap_or_default();
        }
    }
    let show = |(kind, costs): (String, ConferenceKindCosts)| {
        let difference_amount = costs.planned_amount - costs.paid_amount;
        ConferenceKindCosts { kind, difference_amount, ..costs }
    };
    Ok(found.into_iter().map(show).collect())
}

fn out(
    conference: &Conference,
    plan: Option<Plan>,
    (estimate, commitment): (Option<ConferenceEstimateOut>, Option<CommitmentOut>),
    kinds: Vec<ConferenceKindCosts>,
    open_claims: Vec<ConferenceOpenClaim>,
    allowed_actions: Vec<crate::workflow::AllowedAction>,
) -> ConferenceCostsOut {
    let sum = |amount: fn(&ConferenceKindCosts) -> i64| kinds.iter().map(amount).sum();
    let plan = plan.as_ref();
    ConferenceCostsOut {
        id: conference.id,
        version: conference.version,
        board_id: conference.board_id,
        status: plan.map(|plan| plan.status),
        funding_source: plan.map(|plan| plan.funding_source),
        budget_line_id: plan.and_then(|plan| plan.budget_line_id),
        funds_reason: plan.and_then(|plan| plan.funds_reason.clone()),
        estimate,
        commitment,
        planned_amount: sum(|kind| kind.planned_amount),
        claimed_amount: sum(|kind| kind.claimed_amount),
        paid_amount: sum(|kind| kind.paid_amount),
        difference_amount: sum(|kind| kind.difference_amount),
        kinds,
        open_claims,
        allowed_actions,
        planned_by_id: plan.map(|plan| plan.planned_by_id),
        planned_at: plan.map(|plan| plan.planned_at),
        funds_checked_by_id: plan.and_then(|plan| plan.funds_checked_by_id),
        committed_by_id: plan.and_then(|plan| plan.committed_by_id),
        committed_at: plan.and_then(|plan| plan.committed_at),
        settled_by_id: plan.and_then(|plan| plan.settled_by_id),
        settled_at: plan.and_then(|plan| plan.settled_at),
        budget_on: office_day(conference.starts_at),
    }
}
