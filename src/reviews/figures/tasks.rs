//! Tasks of conferences: given out, done, late, and pushed from one to another.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::budgets::reports::execution::percent;
use crate::error::ApiResult;
use crate::reviews::figures::json::{ReviewTaskFigures, ReviewTaskRow, ReviewTasks};
use crate::reviews::figures::{Boards, Period, ask};

const TASKS: &str = "
    SELECT lead_board_id AS board_id,
        sum(CASE WHEN created_at >= $1 AND created_at < $2 THEN 1 ELSE 0 END) AS given_out,
        sum(CASE WHEN done_at >= $1 AND done_at < $2 THEN 1 ELSE 0 END) AS done,
        sum(CASE WHEN done_at >= $1 AND done_at < $2 AND done_at <= due_at THEN 1 ELSE 0 END) AS on_time,
        sum(CASE WHEN due_at >= $1 AND due_at < $3 AND status <> 'cancelled'
            AND (done_at IS NULL OR done_at > due_at) THEN 1 ELSE 0 END) AS late,
        sum(CASE WHEN escalated_at >= $1 AND escalated_at < $2 THEN 1 ELSE 0 END) AS silent
    FROM conference_tasks GROUP BY lead_board_id";

const OBJECTIONS: &str = "
    SELECT board_id, count(*) AS number FROM task_objections
    WHERE objected_at >= $1 AND objected_at < $2 GROUP BY board_id";

const HAND_OVERS: &str = "
    SELECT from_board_id AS board_id, count(*) AS number FROM task_hand_overs
    WHERE requested_at >= $1 AND requested_at < $2 GROUP BY from_board_id";

#[derive(FromQueryResult)]
struct Tasks {
    board_id: Uuid,
    given_out: i64,
    done: i64,
    on_time: i64,
    late: i64,
    silent: i64,
}

#[derive(FromQueryResult)]
struct Number {
    board_id: Uuid,
    number: i64,
}

/// # Errors
/// When the database does not answer.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    period: &Period,
    boards: &Boards,
) -> ApiResult<ReviewTasks> {
    let mut values = period.moments();
    values.push(period.as_of.into());
    let mut found: BTreeMap<Uuid, ReviewTaskFigures> = BTreeMap::new();
    for row in ask::<Tasks>(db, TASKS, values).await? {
        let figures = found.entry(row.board_id).or_default();
        figures.given_out_count = row.given_out;
        figures.done_count = row.done;
        figures.on_time_count = row.on_time;
        figures.late_count = row.late;
        figures.silent_count = row.silent;
    }
    for row in ask::<Number>(db, OBJECTIONS, period.moments()).await? {
        found.entry(row.board_id).or_default().objection_count = row.number;
    }
    for row in ask::<Number>(db, HAND_OVERS, period.moments()).await? {
        found.entry(row.board_id).or_default().hand_over_count = row.number;
    }
    let mut told = ReviewTasks::default();
    for (board_id, board_code, mut figures) in boards.rows(period, found) {
        sum(&mut told.total, &figures);
        figures.on_time_percent = percent(figures.on_time_count, figures.done_count);
        told.rows.push(ReviewTaskRow { board_id, board_code, figures });
    }
    told.total.on_time_percent = percent(told.total.on_time_count, told.total.done_count);
    Ok(told)
}

fn sum(total: &mut ReviewTaskFigures, one: &ReviewTaskFigures) {
    total.given_out_count += one.given_out_count;
    total.done_count += one.done_count;
    total.on_time_count += one.on_time_count;
    total.late_count += one.late_count;
    total.silent_count += one.silent_count;
    total.objection_count += one.objection_count;
    total.hand_over_count += one.hand_over_count;
}
