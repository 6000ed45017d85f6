//! Claims: handed in, paid and how fast, returned and why, and what still waits.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::decimal::decimal;
use crate::error::ApiResult;
use crate::queues::ageing;
use crate::queues::json::ClaimAgeingRow;
use crate::reviews::figures::json::{
    ReviewClaimFigures, ReviewClaimRow, ReviewClaims, ReviewOpenClaims, ReviewReturnReason,
};
use crate::reviews::figures::{Boards, Period, add, ask};

const SUBMITTED: &str = "
    SELECT board_id, count(*) AS number, CAST(sum(claimed_amount) AS bigint) AS amount
    FROM expense_claims WHERE submitted_on >= $1 AND submitted_on <= $2 GROUP BY board_id";

const PAID: &str = "
    SELECT p.board_id, c.submitted_on, p.paid_on, count(*) AS number,
        CAST(sum(p.amount + p.set_off_amount) AS bigint) AS amount
    FROM payments p JOIN expense_claims c ON c.id = p.claim_id
    WHERE p.kind = 'claim' AND p.reverses_id IS NULL AND p.paid_on >= $1 AND p.paid_on <= $2
        AND NOT EXISTS (SELECT 1 FROM payments r WHERE r.reverses_id = p.id)
    GROUP BY p.board_id, c.submitted_on, p.paid_on";

// What was taken over from elsewhere was noted after it happened, never before.
const RETURNS: &str = "
    SELECT resource_id, board_id, occurred_at, details FROM audit_events
    WHERE action = 'return' AND resource_type = 'expense_claim' AND occurred_at >= $1 ORDER BY seq";

#[derive(FromQueryResult)]
struct Submitted {
    board_id: Uuid,
    number: i64,
    amount: i64,
}

#[derive(FromQueryResult)]
struct Paid {
    board_id: Uuid,
    submitted_on: Option<NaiveDate>,
    paid_on: NaiveDate,
    number: i64,
    amount: i64,
}

#[derive(FromQueryResult)]
struct Return {
    resource_id: Uuid,
    board_id: Option<Uuid>,
    occurred_at: DateTime<Utc>,
    details: Option<serde_json::Value>,
}

/// What is known of a board's claims.
#[derive(Default)]
struct Claims {
    figures: ReviewClaimFigures,
    /// Days from handing in to payment, with how many claims took so long.
    days: BTreeMap<i64, i64>,
    returned: BTreeSet<Uuid>,
}

type Found = BTreeMap<Uuid, Claims>;

/// # Errors
/// When the database does not answer.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    period: &Period,
    boards: &Boards,
) -> ApiResult<ReviewClaims> {
    let mut found = Found::new();
    for row in ask::<Submitted>(db, SUBMITTED, period.days()).await? {
        let figures = &mut found.entry(row.board_id).or_default().figures;
        (figures.submitted_count, figures.submitted_amount) = (row.number, row.amount);
    }
    for row in ask::<Paid>(db, PAID, period.days()).await? {
        pay(found.entry(row.board_id).or_default(), &row);
    }
    let reasons = returns(db, period, &mut found).await?;
    let waiting = ageing::rows(db, ageing::open_at(period.as_of), period.on, period.as_of).await?;
    for row in &waiting {
        let figures = &mut found.entry(row.board_id).or_default().figures;
        figures.open_count += row.count;
        add(&mut figures.open_amount, row.amount);
    }
    let mut told = ReviewClaims {
        open: waiting.into_iter().map(open).collect(),
        return_reasons: reasons,
        ..ReviewClaims::default()
    };
    let mut all_days = BTreeMap::new();
    for (board_id, board_code, claims) in boards.rows(period, found) {
        let mut figures = claims.figures;
        figures.returned_count = i64::try_from(claims.returned.len()).unwrap_or(i64::MAX);
        figures.median_days_to_payment = median(&claims.days);
        claims.days.iter().for_each(|(days, number)| *all_days.entry(*days).or_default() += number);
        sum(&mut told.total, &figures);
        told.rows.push(ReviewClaimRow { board_id, board_code, figures });
    }
    told.total.median_days_to_payment = median(&all_days);
    Ok(told)
}

fn pay(claims: &mut Claims, row: &Paid) {
    claims.figures.paid_count += row.number;
    add(&mut claims.figures.paid_amount, row.amount);
    if let Some(submitted_on) = row.submitted_on {
        let days = (row.paid_on - submitted_on).num_days().max(0);
        *claims.days.entry(days).or_default() += row.number;
    }
}

/// Counts returns, and tells what was missing: the accountants name it in the event.
async fn returns(
    db: &impl ConnectionTrait,
    period: &Period,
    found: &mut Found,
) -> ApiResult<Vec<ReviewReturnReason>> {
    let mut reasons: BTreeMap<String, i64> = BTreeMap::new();
    for row in ask::<Return>(db, RETURNS, vec![period.starts_at.into()]).await? {
        let details = row.details.unwrap_or_default();
        let noted = details["happened_at"].as_str().and_then(|at| at.parse().ok());
        let Some(board_id) = row.board_id.filter(|_| period.holds(noted.unwrap_or(row.occurred_at))) else {
            continue;
        };
        let gaps = details["gaps"].as_array().into_iter().flatten();
        let mut codes: Vec<&str> = gaps.filter_map(|gap| gap["code"].as_str()).collect();
        if codes.is_empty() {
            codes.push("unspecified");
        }
        let claims = found.entry(board_id).or_default();
        claims.returned.insert(row.resource_id);
        claims.figures.return_count += 1;
        for code in codes {
            claims.figures.return_reason_count += 1;
            *reasons.entry(code.to_owned()).or_default() += 1;
        }
    }
    let mut reasons: Vec<(String, i64)> = reasons.into_iter().collect();
    reasons.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    // An open list of codes: the rest of a long one is in the sum.
    reasons.truncate(200);
    let shown = |(code, return_reason_count)| ReviewReturnReason { code, return_reason_count };
    Ok(reasons.into_iter().map(shown).collect())
}

fn open(row: ClaimAgeingRow) -> ReviewOpenClaims {
    ReviewOpenClaims {
        board_id: row.board_id,
        board_code: row.board_code,
        status: row.status,
        open_count: row.count,
        open_amount: row.amount,
        days_0_to_2_count: row.ages.days_0_to_2,
        days_3_to_5_count: row.ages.days_3_to_5,
        days_6_to_10_count: row.ages.days_6_to_10,
        days_over_10_count: row.ages.days_over_10,
        late_count: row.late_count,
    }
}

fn sum(total: &mut ReviewClaimFigures, one: &ReviewClaimFigures) {
    total.submitted_count += one.submitted_count;
    add(&mut total.submitted_amount, one.submitted_amount);
    total.paid_count += one.paid_count;
    add(&mut total.paid_amount, one.paid_amount);
    total.returned_count += one.returned_count;
    total.return_count += one.return_count;
    total.return_reason_count += one.return_reason_count;
    total.open_count += one.open_count;
    add(&mut total.open_amount, one.open_amount);
}

/// The middle of so many values, with two decimals; of an even number the mean of the two in the middle.
fn median(days: &BTreeMap<i64, i64>) -> Option<String> {
    let all: i64 = days.values().sum();
    let at = |place: i64| {
        let mut before = 0;
        days.iter().find_map(|(days, number)| {
            before += number;
            (before > place).then_some(*days)
        })
    };
    let (lower, upper) = (at((all - 1).max(0) / 2)?, at(all / 2)?);
    Some(decimal((lower + upper) * 50))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        let median_of = |values: &[(i64, i64)]| median(&values.iter().copied().collect());
        assert_eq!(median_of(&[]), None);
        assert_eq!(median_of(&[(7, 1)]).as_deref(), Some("7.00"));
        assert_eq!(median_of(&[(1, 1), (4, 1)]).as_deref(), Some("2.50"));
        assert_eq!(median_of(&[(1, 2), (4, 1)]).as_deref(), Some("1.00"));
        assert_eq!(median_of(&[(0, 1), (3, 2), (90, 1)]).as_deref(), Some("3.00"));
    }
}
