//! The rows of a sheet against the office: every row by the rules of a single line, and against the lines that are there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use entity::funding_source::FundingSource;

use crate::boards;
use crate::budgets::imports::columns::Column;
use crate::budgets::imports::rows::{Broken, Line, Parsed, of_cell, of_row};
use crate::budgets::imports::rules::refused;
use crate::budgets::lines::checks::Ground;
use crate::budgets::lines::json::BudgetLineIn;
use crate::budgets::lines::store as lines;
use crate::error::{ApiError, ApiResult, FieldError, Place, Text, text};
use crate::http::contract::{Body, Contract};
use crate::http::text::{clean_body, code_key};
use crate::write::Tx;

type Key = (Uuid, FundingSource, String);

/// The lines to plan.
///
/// # Errors
/// 422 with everything that is wrong with the file, its rows and their cells.
pub async fn lines_of(
    tx: &Tx,
    contract: &Contract,
    year: i64,
    parsed: &Parsed,
) -> ApiResult<Vec<BudgetLineIn>> {
    let schema =
        contract.find("/v1/budget-lines", &Method::POST).and_then(|operation| operation.body.as_ref());
    let schema = schema.ok_or_else(|| ApiError::internal("a budget line has no schema"))?;
    let codes: BTreeSet<&str> = parsed.lines.iter().filter_map(|line| line.board.as_deref()).collect();
    let named = boards::store::by_codes(tx.db(), codes).await?;
    let boards: BTreeMap<String, Uuid> =
        named.iter().map(|board| (board.code_key.clone(), board.id)).collect();
    let sub_items: BTreeSet<&str> =
        parsed.lines.iter().filter_map(|line| line.values.get(Column::SubItem.field())?.as_str()).collect();
    let sub_items: Vec<&str> = sub_items.into_iter().collect();
    let taken = lines::taken(tx.db(), year, boards.values().copied()).await?;
    let ground = Ground::load(tx, year, named, &sub_items).await?;

    let mut broken = parsed.broken.clone();
    let mut planned = Vec::with_capacity(parsed.lines.len());
    let mut rows: HashMap<Key, usize> = HashMap::new();
    for line in &parsed.lines {
        let mut checked = Checked::new(line, year, &boards);
        checked.by_schema(schema);
        let body = checked.by_ground(&ground)?;
        if let Some(key) = checked.key(&body) {
            if taken.contains(&key) {
                checked.broken.push(of_row(line.row, "line_exists", &exists(line, &body)));
            } else if let Some(first) = rows.insert(key, line.row) {
                checked.broken.push(of_row(line.row, "duplicate_row", &twice(first)));
            }
        }
        broken.extend(checked.broken);
        planned.push(body);
    }
    if broken.is_empty() { Ok(planned) } else { Err(refused(broken)) }
}

/// A row on its way through the checks.
struct Checked<'a> {
    line: &'a Line,
    /// The row as the body of a budget line. Where a column is flawed something harmless stands in its place, so that
    /// the other columns are checked nevertheless.
    body: Value,
    flawed: BTreeSet<Column>,
    broken: Vec<Broken>,
}

impl<'a> Checked<'a> {
    fn new(line: &'a Line, year: i64, boards: &BTreeMap<String, Uuid>) -> Self {
        let mut body = json!({
            "year": year, "board_id": Uuid::nil(), "funding_source": FundingSource::Autonomous, "sub_item": "0000",
            "planned_amount": 0, "document_number": "0", "issuer": "0", "signed_on": "2000-01-01",
        });
        for (field, value) in &line.values {
            body[field] = value.clone();
        }
        let mut checked = Self { line, body, flawed: line.flawed.clone(), broken: Vec::new() };
        if let Some(code) = &line.board {
            match boards.get(&code_key(code)) {
                Some(board_id) => checked.body["board_id"] = json!(board_id),
                None => checked.flaw(Column::Board, "unknown_board", &unknown_board(code)),
            }
        }
        checked
    }

    fn flaw(&mut self, column: Column, code: &'static str, detail: &Text) {
        if self.flawed.insert(column) {
            self.broken.push(of_cell(self.line.row, column, code, detail));
        }
    }

    /// Errors about the body become errors about cells.
    fn flaws(&mut self, errors: Vec<FieldError>) {
        for error in errors {
            let Place::Body(pointer) = &error.place else { continue };
            let field = pointer.trim_start_matches('/');
            match Column::ALL.into_iter().find(|column| column.field() == field) {
                Some(column) => self.flaw(column, error.code, &error.detail),
                None => self.broken.push(of_row(self.line.row, error.code, &error.detail)),
            }
        }
    }

    /// What the published schema of a budget line and the rules for all texts say.
    fn by_schema(&mut self, schema: &Body) {
        let mut errors = Vec::new();
        clean_body(&mut self.body, "", &mut errors);
        errors.extend(schema.errors(&self.body));
        self.flaws(errors);
    }

    /// What the rules for a new line say.
    fn by_ground(&mut self, ground: &Ground) -> ApiResult<BudgetLineIn> {
        let body: BudgetLineIn = serde_json::from_value(self.body.clone()).map_err(ApiError::internal)?;
        self.flaws(ground.broken(&body));
        Ok(body)
    }

    /// What makes a line the only one of its kind; nothing where it could not be read.
    fn key(&self, body: &BudgetLineIn) -> Option<Key> {
        let read = [Column::Board, Column::Source, Column::SubItem]
            .iter()
            .all(|column| !self.flawed.contains(column));
        read.then(|| (body.board_id, body.funding_source, body.sub_item.clone()))
    }
}

fn unknown_board(code: &str) -> Text {
    let shown: String = code.chars().take(40).collect();
    text(
        format!("không có ban nào có mã \"{shown}\"; xem /v1/boards"),
        format!("there is no board with the code \"{shown}\"; see /v1/boards"),
    )
}

fn exists(line: &Line, body: &BudgetLineIn) -> Text {
    let board = line.board.as_deref().unwrap_or_default();
    let (sub_item, year) = (&body.sub_item, body.year);
    text(
        format!(
            "ban {board} đã có dòng dự toán {sub_item} của nguồn này năm {year}; hãy lập quyết định bổ sung (/v1/budget-transfers, supplement)"
        ),
        format!(
            "{board} has a line {sub_item} of this source for {year} already; use a supplement (/v1/budget-transfers)"
        ),
    )
}

fn twice(first: usize) -> Text {
    text(
        format!("trùng ban, nguồn và tiểu mục với dòng {first}"),
        format!("has the same board, source and sub-item as row {first}"),
    )
}
