//! Which budget lines bear a document before it is claimed: each of its costs by its sub-item, or all of them by one line
//! that the accountant chose.

use chrono::{Datelike, NaiveDate};
use entity::budget_lines::{BudgetLineStatus, Model as Line};
use entity::funding_source::FundingSource;
use uuid::Uuid;

use crate::budgets::booking::{Cost, book};
use crate::budgets::commitments::{self, Document, Shares};
use crate::budgets::lines::store as lines;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::write::Tx;

/// The money that a document asks for.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// A line bears what it has reserved for the document even where it takes nothing new.
    pub document: Document,
    pub board_id: Uuid,
    /// The document's budget is that of this day's year, also where it runs into the next one.
    pub on: NaiveDate,
    pub source: FundingSource,
    /// The one line that bears all of it.
    pub budget_line_id: Option<Uuid>,
    /// Why one line bears what belongs on others.
    pub reason: Option<&'a str>,
}

/// The lines that bear these costs, each with its amount.
///
/// # Errors
/// 422 with everything that is wrong: a kind without a sub-item, a line that is missing or does not fit.
pub async fn shares(tx: &Tx, choice: Choice<'_>, costs: &[(Cost, i64)]) -> ApiResult<Shares> {
    if let Some(line_id) = choice.budget_line_id {
        let found = lines::by_ids(tx.db(), [line_id]).await?.pop();
        let line = fitting(choice, found)?;
        let total: i64 = costs.iter().map(|(_, amount)| amount).sum();
        return Ok(if total > 0 { [(line.id, total)].into() } else { Shares::new() });
    }
    if choice.reason.is_some() {
        let none = text("chỉ nêu khi chọn budget_line_id", "only where budget_line_id is chosen");
        return Err(ApiError::rule("reason", "not_needed", none));
    }
    let reserved = commitments::of(tx.db(), [choice.document.id]).await?.remove(&choice.document.id);
    let reserved: Vec<Uuid> =
        reserved.into_iter().flat_map(|shown| shown.lines).map(|line| line.budget_line_id).collect();
    let asked: Vec<Cost> = costs.iter().map(|(cost, _)| cost.clone()).collect();
    let booked = book(tx.db(), choice.board_id, choice.source, &asked, &reserved).await?;
    let mut shares = Shares::new();
    for (line, (_, amount)) in booked.iter().zip(costs) {
        *shares.entry(line.budget_line_id).or_default() += amount;
    }
    Ok(shares)
}

/// A line that the accountant chose for the whole document.
fn fitting(choice: Choice<'_>, line: Option<Line>) -> ApiResult<Line> {
    let Some(line) = line.filter(|line| line.board_id == choice.board_id) else {
        return Err(ApiError::unknown_reference("budget_line_id"));
    };
    let mut broken = Vec::new();
    let mut refuse = |code, vi: &str, en: &str| {
        broken.push(FieldError::body("budget_line_id", code, text(vi, en)));
    };
    if line.funding_source != choice.source {
        refuse(
            "sources_never_mix",
            "dòng dự toán thuộc nguồn khác với funding_source",
            "the line is of another source than funding_source",
        );
    }
    if line.year != i64::from(choice.on.year()) {
        refuse(
            "other_year",
            "dòng dự toán thuộc năm khác với năm bắt đầu",
            "the line is of another year than the first day",
        );
    }
    if line.status != BudgetLineStatus::Active {
        refuse("budget_line_missing", "dòng dự toán chưa hoặc không còn được dùng", "the line is not in use");
    }
    if choice.reason.unwrap_or_default().is_empty() {
        let why =
            text("nêu lý do dùng một dòng cho mọi loại chi", "say why one line bears all kinds of cost");
        broken.push(FieldError::body("reason", "required", why));
    }
    if broken.is_empty() { Ok(line) } else { Err(ApiError::invalid(broken)) }
}
