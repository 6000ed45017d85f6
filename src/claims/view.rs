//! How claims are shown: with lines, gaps, whose turn it is and what the caller can do. The queries are the
//! same for one claim and for a page.

use std::collections::{BTreeMap, BTreeSet};

use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::{ClaimStatus, Model};
use entity::staff;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::claims::json::{ClaimExpand, ClaimOut, ClaimParts, ClaimantOut};
use crate::claims::orders;
use crate::claims::papers;
use crate::claims::people::{self, People};
use crate::claims::rules::{self, STEPS};
use crate::claims::settlement::Settlements;
use crate::claims::{store, travel_papers};
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::document::ProblemGap;
use crate::http::page;
use crate::travel::orders::store as travel;
use crate::workflow;

/// A page of claims.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    call: &Call,
    db: &impl ConnectionTrait,
    claims: Vec<Model>,
    expand: &[ClaimExpand],
) -> ApiResult<Vec<ClaimOut>> {
    let ids: Vec<Uuid> = claims.iter().map(|claim| claim.id).collect();
    let returned = claims.iter().filter(|claim| claim.status == ClaimStatus::Returned).map(|claim| claim.id);
    let mut lines = store::lines_of(db, ids).await?;
    let mut stored = store::gaps_of(db, returned).await?;
    let orders = claims.iter().filter_map(|claim| claim.travel_order_id);
    let mut papers = store::papers_of(db, claims.iter().map(|claim| claim.id)).await?;
    let legs = travel::legs_of(db, orders).await?;
    let settlements = Settlements::of(db, &claims).await?;
    let people = if expand.contains(&ClaimExpand::AllowedActions) {
        let boards: BTreeSet<Uuid> = claims.iter().map(|claim| claim.board_id).collect();
        Some(people::of(db, &boards, call.today()).await?)
    } else {
        None
    };
    let claimants = if expand.contains(&ClaimExpand::Claimant) {
        let ids = claims.iter().map(|claim| claim.claimant_id);
        page::by_id::<staff::Entity, _>(db, ids, staff::Column::Id).await?
    } else {
        BTreeMap::new()
    };
    let show = |claim: Model| {
        let lines = lines.remove(&claim.id).unwrap_or_default();
        let claimant = claimants.get(&claim.claimant_id);
        let papers = papers.remove(&claim.id).unwrap_or_default();
        let legs = claim.travel_order_id.and_then(|order| legs.get(&order)).cloned().unwrap_or_default();
        let flights = orders::flights(&orders::travelled(legs));
        let mut missing = papers::missing(&lines, call.language);
        missing.extend(travel_papers::missing(&claim, &lines, &papers, &flights, call.language));
        let parts = ClaimParts {
            language: call.language,
            today: call.today(),
            settlement: settlements.show(&claim, &lines),
            gaps: gaps(missing, &lines, stored.remove(&claim.id).unwrap_or_default()),
            lines,
            papers,
            claimant: claimant
                .map(|person| ClaimantOut { id: person.id, full_name: person.full_name.clone() }),
            waiting_on: people.as_ref().and_then(|people| rules::waiting_on(&claim, people)),
            allowed_actions: people.as_ref().map(|people| allowed_actions(call, &claim, people)),
        };
        ClaimOut::new(claim, parts)
    };
    Ok(claims.into_iter().map(show).collect())
}

/// One claim, with everything.
///
/// # Errors
/// When the database does not answer.
pub async fn one(call: &Call, db: &impl ConnectionTrait, claim: Model) -> ApiResult<ClaimOut> {
    let all = [ClaimExpand::Claimant, ClaimExpand::AllowedActions];
    let mut shown = page(call, db, vec![claim], &all).await?;
    shown.pop().ok_or_else(|| ApiError::internal("a claim vanished while it was shown"))
}

fn allowed_actions(call: &Call, claim: &Model, people: &People) -> Vec<workflow::AllowedAction> {
    workflow::allowed_actions(call, STEPS, &claim.status, |step| {
        rules::may(call, claim, step)?;
        rules::person(call, claim, step.verb, people)
    })
}

/// What is missing now, and what was found on return and is not settled by an invoice that came since.
fn gaps(missing: Vec<ProblemGap>, lines: &[Line], stored: Vec<ProblemGap>) -> Vec<ProblemGap> {
    let mut all = missing;
    let has_invoice = |position: Option<i64>| {
        lines.iter().any(|line| Some(line.position) == position && line.invoice_number.is_some())
    };
    for gap in stored {
        let named = |line: Option<i64>| line == gap.line || gap.line.is_none();
        let known = all.iter().any(|other| other.code == gap.code && named(other.line));
        let settled = gap.code == papers::INVOICE_MISSING && has_invoice(gap.line);
        if !known && !settled {
            all.push(gap);
        }
    }
    all.sort_by(|one, other| (one.line, &one.code).cmp(&(other.line, &other.code)));
    all
}
