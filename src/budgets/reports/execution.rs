//! How far a year's budget is used: the balances of the lines, added up.

use chrono::{Datelike, NaiveDate};
use entity::boards;
use entity::budget_lines::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::auth::permissions::{Action, Reach};
use crate::budgets::reports::json::{
    BudgetExecutionOut, BudgetExecutionRow, BudgetFigures, BudgetReportFilter,
};
use crate::decimal::{decimal, divide};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::page;

/// The lines that a report is about: those of the caller's boards in a year; one query.
///
/// # Errors
/// 403 for who reads no reports.
pub async fn lines(call: &Call, filter: &BudgetReportFilter) -> ApiResult<(i64, Vec<Model>)> {
    let year = filter.year.unwrap_or_else(|| i64::from(call.today().year()));
    let mut select = Entity::find().filter(Column::Year.eq(year));
    match call.reach(Action::ReadReports) {
        Reach::Office => {}
        Reach::Boards(boards) => select = select.filter(Column::BoardId.is_in(boards)),
        Reach::None => return Err(call.caller.refusal(Action::ReadReports)),
    }
    if let Some(board_id) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board_id));
    }
    if let Some(source) = filter.funding_source {
        select = select.filter(Column::FundingSource.eq(source));
    }
    let select = select
        .order_by_asc(Column::BoardId)
        .order_by_asc(Column::FundingSource)
        .order_by_asc(Column::SubItem);
    Ok((year, select.all(call.db()).await?))
}

/// # Errors
/// As [`lines`].
pub async fn report(call: &Call, filter: &BudgetReportFilter) -> ApiResult<BudgetExecutionOut> {
    let (year, lines) = lines(call, filter).await?;
    let ids = lines.iter().map(|line| line.board_id);
    let boards = page::by_id::<boards::Entity, _>(call.db(), ids, boards::Column::Id).await?;
    let mut total = BudgetFigures::default();
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let mut figures = BudgetFigures::default();
        add(&mut figures, &line);
        add(&mut total, &line);
        rows.push(BudgetExecutionRow {
            budget_line_id: line.id,
            board_id: line.board_id,
            board_code: boards.get(&line.board_id).map(|board| board.code.clone()).unwrap_or_default(),
            funding_source: line.funding_source,
            sub_item: line.sub_item,
            figures,
        });
    }
    let on = call.today();
    Ok(BudgetExecutionOut { year, on, year_gone_percent: year_gone(year, on), total, rows })
}

fn add(figures: &mut BudgetFigures, line: &Model) {
    figures.appropriated_amount += line.appropriated_amount;
    figures.transferred_amount += line.transferred_amount;
    figures.available_amount += line.available_amount;
    figures.committed_amount += line.committed_amount;
    figures.spent_amount += line.spent_amount;
    figures.spent_percent =
        percent(figures.spent_amount, figures.appropriated_amount + figures.transferred_amount);
}

/// A share in percent, rounded half up to two decimals; nothing of nothing.
pub fn percent(part: i64, whole: i64) -> Option<String> {
    (whole != 0).then(|| decimal(divide(i128::from(part) * 10_000, i128::from(whole))))
}

/// The days of the year up to this one, this one included.
fn year_gone(year: i64, on: NaiveDate) -> String {
    let days_of = |year: i32| NaiveDate::from_ymd_opt(year, 12, 31).map_or(365, |day| day.ordinal());
    let today = i64::from(on.year());
    let gone = match year.cmp(&today) {
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Greater => return decimal(0),
        std::cmp::Ordering::Equal => {
            return percent(i64::from(on.ordinal()), i64::from(days_of(on.year()))).unwrap_or_default();
        }
    };
    decimal(gone * 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_gone_by_its_days() {
        let on = |text: &str| text.parse().unwrap_or_default();
        assert_eq!(year_gone(2025, on("2025-12-31")), "100.00");
        assert_eq!(year_gone(2025, on("2025-01-01")), "0.27");
        assert_eq!(year_gone(2024, on("2024-07-01")), "50.00");
        assert_eq!(year_gone(2024, on("2025-01-01")), "100.00");
        assert_eq!(year_gone(2026, on("2025-12-31")), "0.00");
    }
}
