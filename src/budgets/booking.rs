//! From kinds of expense to budget lines: which sub-item a cost is booked on, and which line of its board, year and
//! source bears it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use entity::budget_lines::{self, BudgetLineStatus, Column};
use entity::expense_kinds::Model as Kind;
use entity::funding_source::FundingSource;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::budgets::codes::store as codes;
use crate::error::{ApiError, ApiResult, FieldError, text};

/// A cost that looks for its budget line.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Where the cost stands in the caller's body or record, as the pointer of an error.
    pub field: String,
    pub kind: String,
    /// The day of the cost: its year is the budget's.
    pub on: NaiveDate,
    /// The sub-item that the accountant chose, where it is not the kind's own.
    pub chosen: Option<String>,
}

/// Where a cost is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    pub sub_item: String,
    pub budget_line_id: Uuid,
    /// The accountant departed from what the kind's row says.
    pub departs: bool,
}

/// Finds the budget line of each cost; three queries, whatever the number of costs. A frozen line bears what is reserved
/// on it already: `reserved` are the lines of which the document has a part.
///
/// # Errors
/// 422 with everything that is wrong: `sub_item_required`, `unknown_sub_item`, `not_paid`, `budget_line_missing`.
pub async fn book(
    db: &impl ConnectionTrait,
    board_id: Uuid,
    source: FundingSource,
    costs: &[Cost],
    reserved: &[Uuid],
) -> ApiResult<Vec<Booked>> {
    let days = || costs.iter().map(|cost| cost.on);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    let kinds: Vec<&str> = costs.iter().map(|cost| cost.kind.as_str()).collect();
    let kinds = codes::kinds_in_force(db, &kinds, first, last).await?;
    let mut broken = Vec::new();
    let mut sub_items: Vec<Option<(String, bool)>> = Vec::new();
    for cost in costs {
        let row = kinds.iter().find(|row| row.expense_kind == cost.kind && covers(row, cost.on));
        sub_items.push(sub_item(cost, row).map_err(|error| broken.push(error)).ok());
    }
    let unknown = unknown_choices(db, costs, (first, last)).await?;
    let codes = sub_items.iter().flatten().map(|(code, _)| code.clone());
    let lines = budget_lines::Entity::find()
        .filter(Column::BoardId.eq(board_id))
        .filter(Column::FundingSource.eq(source))
        .filter(Column::Year.between(i64::from(first.year()), i64::from(last.year())))
        .filter(Column::SubItem.is_in(codes))
        .all(db)
        .await?;
    let by_code: BTreeMap<(i64, &str), &budget_lines::Model> =
        lines.iter().map(|line| ((line.year, line.sub_item.as_str()), line)).collect();
    let mut booked = Vec::new();
    for ((cost, found), unknown) in costs.iter().zip(sub_items).zip(unknown) {
        if let Some(unknown) = unknown {
            broken.push(unknown);
            continue;
        }
        let Some((sub_item, departs)) = found else { continue };
        let year = i64::from(cost.on.year());
        match by_code.get(&(year, sub_item.as_str())).copied() {
            Some(line) if line.status == BudgetLineStatus::Active || reserved.contains(&line.id) => {
                let budget_line_id = line.id;
                booked.push(Booked { sub_item, budget_line_id, departs });
            }
            found => broken.push(no_line(cost, year, &sub_item, found)),
        }
    }
    if broken.is_empty() { Ok(booked) } else { Err(ApiError::invalid(broken)) }
}

/// The rows of these kinds on their days, in their order; what has none is nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn kinds_of(
    db: &impl ConnectionTrait,
    costs: &[(&str, NaiveDate)],
) -> ApiResult<Vec<Option<Kind>>> {
    let days = || costs.iter().map(|(_, on)| *on);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    let kinds: Vec<&str> = costs.iter().map(|(kind, _)| *kind).collect();
    let rows = codes::kinds_in_force(db, &kinds, first, last).await?;
    let row = |(kind, on): &(&str, NaiveDate)| {
        rows.iter().find(|row| row.expense_kind == *kind && covers(row, *on)).cloned()
    };
    Ok(costs.iter().map(row).collect())
}

fn covers(row: &Kind, day: NaiveDate) -> bool {
    row.valid_from <= day && row.valid_to.is_none_or(|last| day <= last)
}

/// The sub-item of a cost, and whether it departs from the kind's own.
fn sub_item(cost: &Cost, row: Option<&Kind>) -> Result<(String, bool), FieldError> {
    let field = &cost.field;
    if row.is_some_and(|row| !row.allowed) {
        return Err(not_paid(field, &cost.kind));
    }
    let own = row.and_then(|row| row.sub_item.clone());
    let candidates: Vec<String> =
        row.and_then(|row| serde_json::from_value(row.sub_item_candidates.clone()).ok()).unwrap_or_default();
    match (&cost.chosen, own) {
        (Some(chosen), Some(own)) => Ok((chosen.clone(), own != *chosen)),
        (Some(chosen), None) => Ok((chosen.clone(), !candidates.is_empty() && !candidates.contains(chosen))),
        (None, Some(own)) => Ok((own, false)),
        (None, None) => {
            let among = candidates.join(", ");
            let (vi, en) = if among.is_empty() {
                (String::new(), String::new())
            } else {
                (format!(" trong số {among}"), format!(" from {among}"))
            };
            let needed = text(
                format!("loại chi {} chưa có tiểu mục; kế toán phải chọn{vi}", cost.kind),
                format!("the kind {} has no sub-item of its own; choose one{en}", cost.kind),
            );
            Err(FieldError::body(field, "sub_item_required", needed))
        }
    }
}

/// For each cost, whether the sub-item that was chosen for it is none.
async fn unknown_choices(
    db: &impl ConnectionTrait,
    costs: &[Cost],
    (first, last): (NaiveDate, NaiveDate),
) -> ApiResult<Vec<Option<FieldError>>> {
    let chosen: Vec<&str> = costs.iter().filter_map(|cost| cost.chosen.as_deref()).collect();
    if chosen.is_empty() {
        return Ok(vec![None; costs.len()]);
    }
    let known = codes::sub_items_in_force(db, &chosen, first, last).await?;
    let unknown = costs.iter().map(|cost| {
        let code = cost.chosen.as_ref()?;
        let found = known.iter().any(|row| {
            row.code == *code && row.valid_from <= cost.on && row.valid_to.is_none_or(|to| cost.on <= to)
        });
        (!found).then(|| codes::unknown_sub_item(&cost.field, code, cost.on))
    });
    Ok(unknown.collect())
}

/// A cost of a kind that is never paid, such as a gift.
pub fn not_paid(field: &str, kind: &str) -> FieldError {
    let never = text(
        format!("loại chi {kind} không được thanh toán; hãy cắt về 0"),
        format!("the kind {kind} is never paid; cut it to 0"),
    );
    FieldError::body(field, "not_paid", never)
}

fn no_line(cost: &Cost, year: i64, sub_item: &str, line: Option<&budget_lines::Model>) -> FieldError {
    let (vi, en) = match line {
        None => ("chưa có", "there is no"),
        Some(_) => ("chưa hoặc không còn được dùng", "not in use is the"),
    };
    let detail = text(
        format!("{vi} dòng dự toán năm {year}, tiểu mục {sub_item} của ban và nguồn này"),
        format!("{en} budget line of {year} for sub-item {sub_item} of this board and source"),
    );
    FieldError::body(&cost.field, "budget_line_missing", detail)
}
