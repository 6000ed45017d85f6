//! What hinders the work, and what the heads agreed to do about it, by the board that reports it.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::reviews::figures::json::{ReviewObstacleFigures, ReviewObstacleRow, ReviewObstacles};
use crate::reviews::figures::{Boards, Period, ask};

const OBSTACLES: &str = "
    SELECT board_id,
        sum(CASE WHEN raised_on >= $1 AND raised_on <= $2 THEN 1 ELSE 0 END) AS raised,
        sum(CASE WHEN resolved_at >= $3 AND resolved_at < $4 THEN 1 ELSE 0 END) AS resolved,
        sum(CASE WHEN raised_on <= $2 AND (resolved_at IS NULL OR resolved_at >= $4) THEN 1 ELSE 0 END) AS unsolved
    FROM obstacles WHERE status NOT IN ('rejected', 'withdrawn') GROUP BY board_id";

const MEASURES: &str = "
    SELECT board_id,
        sum(CASE WHEN created_at >= $1 AND created_at < $2 THEN 1 ELSE 0 END) AS proposed,
        sum(CASE WHEN done_at >= $1 AND done_at < $2 THEN 1 ELSE 0 END) AS done,
        sum(CASE WHEN status = 'effective' AND judged_at >= $1 AND judged_at < $2 THEN 1 ELSE 0 END) AS effective,
        sum(CASE WHEN status = 'ineffective' AND judged_at >= $1 AND judged_at < $2 THEN 1 ELSE 0 END) AS ineffective,
        sum(CASE WHEN status = 'agreed' AND due_on < $3 THEN 1 ELSE 0 END) AS overdue
    FROM measures WHERE status NOT IN ('rejected', 'withdrawn') GROUP BY board_id";

#[derive(FromQueryResult)]
struct Obstacles {
    board_id: Uuid,
    raised: i64,
    resolved: i64,
    unsolved: i64,
}

#[derive(FromQueryResult)]
struct Measures {
    board_id: Uuid,
    proposed: i64,
    done: i64,
    effective: i64,
    ineffective: i64,
    overdue: i64,
}

/// # Errors
/// When the database does not answer.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    period: &Period,
    boards: &Boards,
) -> ApiResult<ReviewObstacles> {
    let mut found: BTreeMap<Uuid, ReviewObstacleFigures> = BTreeMap::new();
    let values = [period.days(), period.moments()].concat();
    for row in ask::<Obstacles>(db, OBSTACLES, values).await? {
        let figures = found.entry(row.board_id).or_default();
        figures.raised_count = row.raised;
        figures.resolved_count = row.resolved;
        figures.open_count = row.unsolved;
    }
    let mut values = period.moments();
    values.push(period.on.into());
    for row in ask::<Measures>(db, MEASURES, values).await? {
        let figures = found.entry(row.board_id).or_default();
        figures.proposed_measure_count = row.proposed;
        figures.done_measure_count = row.done;
        figures.effective_measure_count = row.effective;
        figures.ineffective_measure_count = row.ineffective;
        figures.overdue_measure_count = row.overdue;
    }
    let mut told = ReviewObstacles::default();
    for (board_id, board_code, figures) in boards.rows(period, found) {
        sum(&mut told.total, &figures);
        told.rows.push(ReviewObstacleRow { board_id, board_code, figures });
    }
    Ok(told)
}

fn sum(total: &mut ReviewObstacleFigures, one: &ReviewObstacleFigures) {
    total.raised_count += one.raised_count;
    total.resolved_count += one.resolved_count;
    total.open_count += one.open_count;
    total.proposed_measure_count += one.proposed_measure_count;
    total.done_measure_count += one.done_measure_count;
    total.effective_measure_count += one.effective_measure_count;
    total.ineffective_measure_count += one.ineffective_measure_count;
    total.overdue_measure_count += one.overdue_measure_count;
}
