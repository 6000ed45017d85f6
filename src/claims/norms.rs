//! Norms: what the rules allow for each line of a claim, with the working and the documents.
//!
//! They come from the estimate that was frozen with the travel order: the one of the journey as it was, else the one
//! of its plan. A line's norm is the sum of what the estimate has for its kind and day. Costs that are paid as they
//! were, such as tickets, have none: their papers prove them. Those of a conference come from its plan:
//! [`crate::conferences::costs::norms`].

use chrono::NaiveDate;
use entity::expense_claim_lines::{Column, Entity as Lines, Model as Line};
use entity::expense_claims::Model as Claim;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use crate::claims::json::{ClaimDifference, ClaimNormOut};
use crate::claims::orders::Journey;
use crate::claims::store;
use crate::conferences::costs::norms::{Norms, is_bound};
use crate::error::{ApiError, ApiResult, Text, text};
use crate::http::language::Language;
use crate::travel::estimates;
use crate::travel::estimates::json::{
    EstimateLine, EstimateTravellerIn, MonthlyLumpSumIn, TravelEstimateIn, TravellerEstimate,
};
use crate::write::Tx;

/// What is paid by a rule and not as it cost. Of these kinds nothing is allowed that the estimate does not have.
const BY_RULE: [&str; 6] = [
    "lodging_late_check_out",
    "lodging_lump_sum",
    "lodging_receipt",
    "per_diem",
    "private_transport",
    "same_day_per_diem",
];

/// The lump sum of a month, which needs no journey.
const MONTHLY: &str = "monthly_travel_lump_sum";

/// Prices the lines of a claim anew and gives them.
///
/// # Errors
/// When the database does not take it.
pub async fn price(tx: &Tx, claim: &Claim, journey: Option<&Journey>) -> ApiResult<Vec<Line>> {
    let mut lines = store::lines_of(tx.db(), [claim.id]).await?.remove(&claim.id).unwrap_or_default();
    let conference = match claim.conference_id {
        Some(conference_id) => Norms::of(tx.db(), conference_id, claim.id).await?,
        None => None,
    };
    for line in &mut lines {
        let norm = match journey {
            _ if conference.is_some() => conference.as_ref().and_then(|norms| norms.norm(&line.kind)),
            _ if line.kind == MONTHLY => Some(of_month(tx, line.incurred_on).await?),
            Some(journey) => norm(journey.estimate.as_ref(), &line.kind, line.incurred_on),
            None => None,
        };
        line.norm_amount = norm.as_ref().map(|norm| norm.amount);
        line.norm =
            norm.map(|norm| serde_json::to_value(norm.parts)).transpose().map_err(ApiError::internal)?;
        Lines::update_many()
            .col_expr(Column::NormAmount, Expr::value(line.norm_amount))
            .col_expr(Column::Norm, Expr::value(line.norm.clone()))
            .filter(Column::Id.eq(line.id))
            .exec(tx.db())
            .await?;
    }
    Ok(lines)
}

/// The norm of a kind and day: nothing for kinds that are paid as they cost, and 0 for who is not in the estimate.
pub fn norm(estimate: Option<&TravellerEstimate>, kind: &str, on: NaiveDate) -> Option<ClaimNormOut> {
    if !BY_RULE.contains(&kind) {
        return None;
    }
    let same = |line: &&EstimateLine| line.kind == kind && line.on == on;
    let lines = estimate.map(|estimate| estimate.lines.as_slice()).unwrap_or_default();
    let parts: Vec<EstimateLine> = lines.iter().filter(same).cloned().collect();
    Some(ClaimNormOut { amount: parts.iter().map(|part| part.amount).sum(), parts })
}

/// What a month on the move is paid by the rates of its first day; whether there were days enough is the accountant's
/// to see from the sheet.
async fn of_month(tx: &Tx, on: NaiveDate) -> ApiResult<ClaimNormOut> {
    let question = TravelEstimateIn {
        travellers: vec![EstimateTravellerIn {
            staff_id: None,
            coefficient: Some("0.00".to_owned()),
            private_dates: Vec::new(),
            has_car_right: None,
        }],
        legs: Vec::new(),
        rate_change_pricing: None,
        monthly_lump_sum: Some(MonthlyLumpSumIn { month: on.format("%Y-%m").to_string(), travel_days: 28 }),
    };
    let estimate = estimates::compute(tx.db(), Language::Vi, &question).await?;
    let parts: Vec<EstimateLine> =
        estimate.travellers.into_iter().flat_map(|traveller| traveller.lines).collect();
    Ok(ClaimNormOut { amount: parts.iter().map(|part| part.amount).sum(), parts })
}

/// Kinds that nothing but the travel rules pays, without a paper that shows the cost: they stand in travel claims only.
pub fn of_travel(kind: &str) -> bool {
    kind == MONTHLY || (BY_RULE.contains(&kind) && kind != "lodging_receipt")
}

/// Kinds whose lines share one norm whatever their days: those that a conference's plan bounds.
pub fn shared_by_all_days(kind: &str) -> bool {
    is_bound(kind)
}

/// A stored norm as it is shown.
pub fn shown(line: &Line) -> Option<ClaimNormOut> {
    let amount = line.norm_amount?;
    Some(ClaimNormOut { amount, parts: parts(line) })
}

fn parts(line: &Line) -> Vec<EstimateLine> {
    let stored = line.norm.clone().unwrap_or(Value::Null);
    serde_json::from_value(stored).unwrap_or_default()
}

/// The documents behind a norm, for a reason in words.
fn documents(line: &Line) -> String {
    let mut numbers: Vec<String> =
        parts(line).into_iter().flat_map(|part| part.rates).filter_map(|rate| rate.document_number).collect();
    numbers.sort();
    numbers.dedup();
    numbers.join(", ")
}

/// Why no more than the norm is allowed.
pub fn over_norm(line: &Line) -> Text {
    let (norm, documents) = (line.norm_amount.unwrap_or_default(), documents(line));
    if documents.is_empty() {
        return text(
            format!("dự toán cho {norm} đồng ở khoản này"),
            format!("the estimate has {norm} đồng for this cost"),
        );
    }
    text(
        format!("định mức là {norm} đồng theo {documents}"),
        format!("the norm is {norm} đồng by {documents}"),
    )
}

/// Why what is claimed, the norm and what is allowed are not the same; nothing where they are.
pub fn difference(line: &Line, language: Language) -> Option<ClaimDifference> {
    let say = |code: &str, detail: Text| {
        Some(ClaimDifference { code: code.to_owned(), detail: detail.get(language).to_owned() })
    };
    if let Some(reason) = &line.cut_reason {
        return say("cut", text(reason.clone(), reason.clone()));
    }
    match line.norm_amount {
        Some(norm) if line.claimed_amount > norm => say("over_norm", over_norm(line)),
        Some(norm) if line.claimed_amount < norm => say(
            "below_norm",
            text(
                format!("đề nghị ít hơn định mức {norm} đồng"),
                format!("less is claimed than the norm of {norm} đồng"),
            ),
        ),
        _ => None,
    }
}
