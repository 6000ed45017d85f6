//! Money: the ledger as it stood at the end of the period, and advances that are out.

use std::collections::BTreeMap;

use chrono::Datelike;
use entity::budget_entries::{BudgetAccount, BudgetEntryKind, Column, Entity};
use entity::funding_source::FundingSource;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use BudgetAccount::{Available, Committed, Source, Spent};

use crate::budgets::reports::execution::percent;
use crate::error::ApiResult;
use crate::reviews::figures::json::{
    ReviewAdvanceFigures, ReviewAdvanceRow, ReviewAdvances, ReviewBudgetFigures, ReviewBudgetRow,
    ReviewBudgets,
};
use crate::reviews::figures::{Boards, Period, add, ask};

const ADVANCES: &str = "
    SELECT board_id, count(*) AS number,
        CAST(sum(amount - set_off_amount - refunded_amount) AS bigint) AS amount,
        sum(CASE WHEN settle_by < $2 THEN 1 ELSE 0 END) AS overdue,
        CAST(sum(CASE WHEN settle_by < $2 THEN amount - set_off_amount - refunded_amount ELSE 0 END) AS bigint)
            AS overdue_amount
    FROM advances WHERE status = 'paid' AND created_at < $1 GROUP BY board_id";

#[derive(FromQueryResult)]
struct Advances {
    board_id: Uuid,
    number: i64,
    amount: i64,
    overdue: i64,
    overdue_amount: i64,
}

/// Entries of one kind between two accounts, added up.
type Sum = (Uuid, i64, FundingSource, BudgetEntryKind, BudgetAccount, BudgetAccount, i64);

/// # Errors
/// When the database does not answer.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    period: &Period,
    boards: &Boards,
) -> ApiResult<ReviewBudgets> {
    let groups =
        [Column::BoardId, Column::Year, Column::FundingSource, Column::Kind, Column::Debit, Column::Credit];
    let mut select = Entity::find()
        .filter(Column::Year.between(i64::from(period.from.year()), i64::from(period.to.year())))
        .filter(Column::PostedAt.lte(period.as_of))
        .filter(Column::PostedAt.lt(period.ends_at))
        .select_only()
        .columns(groups)
        .column_as(Column::Amount.sum().cast_as("bigint"), "amount");
    for group in groups {
        select = select.group_by(group);
    }
    let sums: Vec<Sum> = select.into_tuple().all(db).await?;
    // Autonomous before non-autonomous, as in the reports of the budget.
    let mut found: BTreeMap<(i64, String, Uuid, bool), ReviewBudgetFigures> = BTreeMap::new();
    for (board_id, year, source, kind, debit, credit, amount) in sums {
        let key = (year, boards.code(board_id), board_id, source == FundingSource::NonAutonomous);
        let figures = found.entry(key).or_default();
        book(figures, debit, kind, amount);
        book(figures, credit, kind, -amount);
    }
    let mut told = ReviewBudgets::default();
    for ((year, board_code, board_id, other), mut figures) in found {
        sum(&mut told.total, &figures);
        share(&mut figures);
        let funding_source = if other { FundingSource::NonAutonomous } else { FundingSource::Autonomous };
        told.rows.push(ReviewBudgetRow { year, board_id, board_code, funding_source, figures });
    }
    share(&mut told.total);
    Ok(told)
}

/// The source owes what the other accounts have.
fn book(figures: &mut ReviewBudgetFigures, account: BudgetAccount, kind: BudgetEntryKind, amount: i64) {
    match account {
        Source if kind == BudgetEntryKind::Transfer => add(&mut figures.transferred_amount, -amount),
        Source => add(&mut figures.appropriated_amount, -amount),
        Available => add(&mut figures.available_amount, amount),
        Committed => add(&mut figures.committed_amount, amount),
        Spent => add(&mut figures.spent_amount, amount),
    }
}

fn sum(total: &mut ReviewBudgetFigures, one: &ReviewBudgetFigures) {
    add(&mut total.appropriated_amount, one.appropriated_amount);
    add(&mut total.transferred_amount, one.transferred_amount);
    add(&mut total.available_amount, one.available_amount);
    add(&mut total.committed_amount, one.committed_amount);
    add(&mut total.spent_amount, one.spent_amount);
}

fn share(figures: &mut ReviewBudgetFigures) {
    let whole = figures.appropriated_amount + figures.transferred_amount;
    figures.spent_percent = percent(figures.spent_amount, whole);
}

/// # Errors
/// When the database does not answer.
pub(super) async fn advances(
    db: &impl ConnectionTrait,
    period: &Period,
    boards: &Boards,
) -> ApiResult<ReviewAdvances> {
    let rows = ask::<Advances>(db, ADVANCES, vec![period.ends_at.into(), period.on.into()]).await?;
    let shown = |row: Advances| {
        let figures = ReviewAdvanceFigures {
            outstanding_count: row.number,
            outstanding_amount: row.amount,
            overdue_count: row.overdue,
            overdue_amount: row.overdue_amount,
        };
        (row.board_id, figures)
    };
    let found: BTreeMap<Uuid, ReviewAdvanceFigures> = rows.into_iter().map(shown).collect();
    let mut told = ReviewAdvances::default();
    for (board_id, board_code, figures) in boards.rows(period, found) {
        told.total.outstanding_count += figures.outstanding_count;
        add(&mut told.total.outstanding_amount, figures.outstanding_amount);
        told.total.overdue_count += figures.overdue_count;
        add(&mut told.total.overdue_amount, figures.overdue_amount);
        told.rows.push(ReviewAdvanceRow { board_id, board_code, figures });
    }
    Ok(told)
}
