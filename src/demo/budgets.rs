//! The demo office's budget: the lines of three years, what was spent before the service began, and the decisions that
//! moved money since.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::budget_entries::{self, BudgetAccount, BudgetEntryKind, DocumentType};
use entity::budget_lines::{self, BudgetLineStatus};
use entity::budget_transfers::{ActiveModel as TransferRow, BudgetTransferKind, BudgetTransferStatus};
use entity::funding_source::FundingSource;
use sea_orm::{EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use BudgetAccount::{Available, Committed, Source, Spent};

use crate::budgets::TYPE;
use crate::budgets::codes::store as codes;
use crate::budgets::lines::store as lines;
use crate::budgets::transfers::json::BudgetTransferIn;
use crate::budgets::transfers::{self, steps, store};
use crate::budgets::years;
use crate::clock::office_midnight;
use crate::demo::bookings::acting;
use crate::demo::claims::amount;
use crate::demo::rates::{body, taken};
use crate::demo::{Demo, day, id, link, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::write::{Event, Tx};

/// SQLite takes so many values in a statement; a line has about twenty columns.
const ROWS: usize = 100;

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    fill_kinds(tx).await?;
    let (mut rows, mut entries) = (Vec::new(), Vec::new());
    for row in demo.rows("budget_lines") {
        let (line, made) = line(demo, row)?;
        entries.extend(made);
        rows.push(line);
    }
    for year in rows.iter().map(|line| line.year).collect::<BTreeSet<i64>>() {
        years::store::make(tx, id(&format!("by_{year}")), year).await?;
    }
    for line in &rows {
        let event = Event::new("create", TYPE, line.id, 1).of_board(line.board_id);
        tx.record(event.with(json!({"planned_amount": line.planned_amount}))).await?;
    }
    for part in rows.chunks(ROWS) {
        let part = part.iter().cloned().map(IntoActiveModel::into_active_model);
        budget_lines::Entity::insert_many(part).exec_without_returning(tx.db()).await?;
    }
    for part in entries.chunks(ROWS) {
        let part = part.iter().cloned().map(IntoActiveModel::into_active_model);
        budget_entries::Entity::insert_many(part).exec_without_returning(tx.db()).await?;
    }
    // A line takes entries only while it is active.
    for row in demo.rows("budget_lines").filter(|row| row["status"] == "frozen") {
        freeze(tx, reference(row, "ref")?).await?;
    }
    for row in demo.rows("budget_transfers") {
        fill_transfer(tx, demo, row).await?;
    }
    for row in demo.rows("frozen_budget_years") {
        freeze_year(tx, demo, amount(row, "year")?).await?;
    }
    Ok(())
}

/// The chief accountant has ended what is new in it.
async fn freeze_year(tx: &Tx, demo: &Demo, year: i64) -> ApiResult<()> {
    let Some(year) = years::store::of_year(tx.db(), year).await? else { return Ok(()) };
    let at = acting(tx, demo, "p_bich", office_midnight(day_of_demo()) + TimeDelta::hours(9)).await?;
    years::steps::freeze(&at, &year, id("p_bich")).await?;
    at.commit().await
}

/// The kinds of expense that the state's classification leaves to the office, and a sub-item more.
async fn fill_kinds(tx: &Tx) -> ApiResult<()> {
    let mut file: Value =
        serde_json::from_str(include_str!("budget_codes.json")).map_err(ApiError::internal)?;
    for row in file["sub_items"].as_array_mut().into_iter().flatten() {
        let own = id(&taken(row, "ref"));
        codes::insert_sub_item(tx, own, &body(row)?).await?;
    }
    for row in file["expense_kinds"].as_array_mut().into_iter().flatten() {
        let own = id(&taken(row, "ref"));
        codes::insert_kind(tx, own, &body(row)?).await?;
    }
    Ok(())
}

/// The line that bears a cost of a board, if the demo has one.
pub(super) fn line_of(demo: &Demo, year: i64, board: &str, source: &str, sub_item: &str) -> Option<Uuid> {
    let wanted = format!("bl_{year}_{board}_{source}_{sub_item}");
    demo.rows("budget_lines").any(|row| row["ref"] == wanted.as_str()).then(|| id(&wanted))
}

fn line(demo: &Demo, row: &Value) -> ApiResult<(budget_lines::Model, Vec<budget_entries::Model>)> {
    let (own, year) = (reference(row, "ref")?, amount(row, "year")?);
    let total = demo.rows("budget_totals").find(|total| total["ref"] == row["budget_total"]);
    let new_year = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
    let signed_on = NaiveDate::from_ymd_opt(2018, 12, 20).unwrap_or_default();
    let signed_on = if year < 2025 { signed_on } else { day_of_decision(signed_on) };
    let begins = office_midnight(new_year.unwrap_or_default()).min(office_midnight(day_of_demo()));
    let planned = row["status"] == "planned";
    let allocated = amount(row, "allocated_vnd")?;
    let spent = if planned { 0 } else { spent_before(demo, row)? };
    let given = if planned { 0 } else { allocated };
    let source =
        if row["funding_source"] == "13" { FundingSource::Autonomous } else { FundingSource::NonAutonomous };
    let line = budget_lines::Model {
        id: own,
        year,
        board_id: reference(row, "board")?,
        funding_source: source,
        sub_item: string(row, "sub_item"),
        status: if planned { BudgetLineStatus::Planned } else { BudgetLineStatus::Active },
        planned_amount: allocated,
        document_number: total.map_or("12-QĐ/TU".to_owned(), |total| string(total, "document_number")),
        issuer: total
            .map_or("Ban Thường vụ Tỉnh ủy (demo)".to_owned(), |total| string(total, "issuer")),
        signed_on,
        appropriated_amount: given,
        transferred_amount: 0,
        available_amount: given - spent,
        committed_amount: 0,
        spent_amount: spent,
        frozen_with_year: false,
        planned_by_id: Some(id("p_bich")),
        activated_by_id: (!planned).then(|| id("p_an")),
        import_id: None,
        version: 1,
        created_at: begins,
        updated_at: begins,
        created_by_id: None,
    };
    let as_of = opening(demo, row).and_then(|opening| optional_day(opening, "as_of"));
    let closing = as_of.map_or(begins, |day| office_midnight(day) + TimeDelta::hours(17));
    let moves = [
        ("appropriation", BudgetEntryKind::Appropriate, (Source, Available), given, begins),
        ("opening/commit", BudgetEntryKind::Commit, (Available, Committed), spent, closing),
        ("opening/spend", BudgetEntryKind::Spend, (Committed, Spent), spent, closing),
    ];
    let entries = moves
        .into_iter()
        .filter(|(.., amount, _)| *amount > 0)
        .map(|(name, kind, accounts, amount, at)| {
            entry(&line, &format!("{}/{name}", string(row, "ref")), (kind, accounts), amount, at)
        })
        .collect();
    Ok((line, entries))
}

fn entry(
    line: &budget_lines::Model,
    name: &str,
    (kind, (credit, debit)): (BudgetEntryKind, (BudgetAccount, BudgetAccount)),
    amount: i64,
    posted_at: DateTime<Utc>,
) -> budget_entries::Model {
    budget_entries::Model {
        id: id(name),
        budget_line_id: line.id,
        board_id: line.board_id,
        year: line.year,
        funding_source: line.funding_source,
        kind,
        debit,
        credit,
        amount,
        document_type: DocumentType::BudgetLine,
        document_id: line.id,
        reverses_id: None,
        posted_at,
        posted_by_id: None,
    }
}

/// The day on which the demo office stands.
pub(super) fn day_of_demo() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 10).unwrap_or_default()
}

fn day_of_decision(fallback: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 12, 25).unwrap_or(fallback)
}

fn opening<'a>(demo: &'a Demo, row: &Value) -> Option<&'a Value> {
    demo.rows("budget_opening_expenditures").find(|opening| opening["budget_line"] == row["ref"])
}

/// What the line had spent beside the claims that the demo has itself.
fn spent_before(demo: &Demo, row: &Value) -> ApiResult<i64> {
    opening(demo, row).map_or(Ok(0), |opening| amount(opening, "spent_vnd"))
}

async fn freeze(tx: &Tx, line_id: Uuid) -> ApiResult<()> {
    let Some(line) = lines::by_ids(tx.db(), [line_id]).await?.pop() else { return Ok(()) };
    let to = BudgetLineStatus::Frozen;
    let changed = budget_lines::ActiveModel { status: Set(to), ..Default::default() };
    let event = Event::new("freeze", TYPE, line.id, line.version + 1)
        .step(&line.status, &to)
        .because(Some("Rà soát giữa năm"));
    lines::save(tx, &line, changed, event).await.map(drop)
}

/// Proposed by the chief accountant, and signed on its day unless the row says that it still waits.
async fn fill_transfer(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let signed_on = day(row, "signed_on")?;
    let at = acting(tx, demo, "p_bich", office_midnight(signed_on) + TimeDelta::hours(9)).await?;
    let body = BudgetTransferIn {
        kind: BudgetTransferKind::Transfer,
        from_line_id: link(row, "from_line"),
        to_line_id: reference(row, "to_line")?,
        amount: amount(row, "amount_vnd")?,
        document_number: string(row, "document_number"),
        signed_on,
        reason: string(row, "reason_vi"),
    };
    let named = lines::by_ids(at.db(), body.from_line_id.into_iter().chain([body.to_line_id])).await?;
    let by_id: BTreeMap<Uuid, _> = named.iter().map(|line| (line.id, line)).collect();
    let to = by_id.get(&body.to_line_id).ok_or_else(|| ApiError::internal("demo: a transfer to nowhere"))?;
    let from = body.from_line_id.and_then(|line_id| by_id.get(&line_id).copied());
    let transfer = store::insert(&at, reference(row, "ref")?, &body, (from, to), id("p_bich")).await?;
    at.commit().await?;
    if row["status"] == "proposed" {
        return Ok(());
    }
    let at = acting(tx, demo, "p_an", office_midnight(signed_on) + TimeDelta::hours(14)).await?;
    steps::post(&at, &transfer).await?;
    let between = transfer.from_board_id.is_some_and(|from| from != transfer.to_board_id);
    let to = BudgetTransferStatus::Posted;
    let changed = TransferRow {
        status: Set(to),
        from_signed_by_id: Set(between.then(|| id("p_an"))),
        to_signed_by_id: Set(Some(id(if between { "p_hanh" } else { "p_an" }))),
        posted_at: Set(Some(at.now)),
        ..Default::default()
    };
    let event = Event::new("sign", transfers::TYPE, transfer.id, 2).step(&transfer.status, &to);
    store::save(&at, &transfer, changed, event).await?;
    at.commit().await
}
