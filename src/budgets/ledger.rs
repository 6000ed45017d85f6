//! The ledger: the one way in which money moves between the accounts of budget lines.
//!
//! A movement takes one positive amount from one account of a line to another. The entry and the line's new balances
//! are written in one transaction under the line's lock; lines are locked in the order of their ids, so that two
//! writers never wait for each other in a circle. No account is ever below zero; the database checks that too.

use std::collections::{BTreeMap, BTreeSet};

use entity::budget_entries::{
    ActiveModel as EntryRow, BudgetAccount, BudgetEntryKind, DocumentType, Entity as Entries, Model as Entry,
};
use entity::budget_lines::{BudgetLineStatus, Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::budgets::TYPE;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::document::LARGEST_AMOUNT;
use crate::write::{Event, ROW_LOCK, ROWS_AT_ONCE, Tx};

use BudgetAccount::{Available, Committed, Source, Spent};

/// The record that moves the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    pub kind: DocumentType,
    pub id: Uuid,
}

impl Document {
    pub fn budget_line(id: Uuid) -> Self {
        Self { kind: DocumentType::BudgetLine, id }
    }

    pub fn budget_transfer(id: Uuid) -> Self {
        Self { kind: DocumentType::BudgetTransfer, id }
    }

    pub fn budget_year(id: Uuid) -> Self {
        Self { kind: DocumentType::BudgetYear, id }
    }

    pub fn budget_import(id: Uuid) -> Self {
        Self { kind: DocumentType::BudgetImport, id }
    }

    pub fn travel_order(id: Uuid) -> Self {
        Self { kind: DocumentType::TravelOrder, id }
    }

    pub fn conference(id: Uuid) -> Self {
        Self { kind: DocumentType::Conference, id }
    }

    pub fn claim(id: Uuid) -> Self {
        Self { kind: DocumentType::ExpenseClaim, id }
    }
}

/// What moves, and from where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Appropriate,
    Supplement,
    Commit,
    Release,
    Spend,
    /// Takes the spending of an entry back; it is reserved again.
    Reopen(Uuid),
    /// Takes the spending of an entry back; it is available again.
    Reverse(Uuid),
    TransferIn,
    TransferOut,
    /// Leaves a line at the end of its year, for the same line of the next year.
    CarryForward,
}

impl Move {
    pub fn kind(self) -> BudgetEntryKind {
        match self {
            Self::Appropriate => BudgetEntryKind::Appropriate,
            Self::Supplement => BudgetEntryKind::Supplement,
            Self::Commit => BudgetEntryKind::Commit,
            Self::Release => BudgetEntryKind::Release,
            Self::Spend => BudgetEntryKind::Spend,
            Self::Reopen(_) | Self::Reverse(_) => BudgetEntryKind::Reverse,
            Self::TransferIn | Self::TransferOut | Self::CarryForward => BudgetEntryKind::Transfer,
        }
    }

    /// The account that gives and the one that gets.
    pub fn accounts(self) -> (BudgetAccount, BudgetAccount) {
        match self {
            Self::Appropriate | Self::Supplement | Self::TransferIn => (Source, Available),
            Self::TransferOut | Self::CarryForward => (Available, Source),
            Self::Commit => (Available, Committed),
            Self::Release => (Committed, Available),
            Self::Spend => (Committed, Spent),
            Self::Reopen(_) => (Spent, Committed),
            Self::Reverse(_) => (Spent, Available),
        }
    }

    fn reverses(self) -> Option<Uuid> {
        match self {
            Self::Reopen(entry) | Self::Reverse(entry) => Some(entry),
            _ => None,
        }
    }

    /// The word in history and change feed.
    fn verb(self) -> &'static str {
        match self {
            Self::Appropriate => "appropriate",
            Self::Supplement => "supplement",
            Self::Commit => "commit",
            Self::Release => "release",
            Self::Spend => "spend",
            Self::Reopen(_) | Self::Reverse(_) => "reverse",
            Self::TransferIn | Self::TransferOut => "transfer",
            Self::CarryForward => "carry-forward",
        }
    }

    /// Whether a line at this status takes the movement.
    fn fits(self, status: BudgetLineStatus) -> bool {
        match status {
            BudgetLineStatus::Active => true,
            BudgetLineStatus::Frozen => {
                matches!(
                    self,
                    Self::Release | Self::Spend | Self::Reopen(_) | Self::Reverse(_) | Self::CarryForward
                )
            }
            BudgetLineStatus::Planned | BudgetLineStatus::Closed => false,
        }
    }
}

/// One amount that moves on one line.
#[derive(Clone, Copy, Debug)]
pub struct Movement {
    pub line_id: Uuid,
    pub what: Move,
    /// In đồng; nothing is written for 0.
    pub amount: i64,
}

/// Where a line stands that has too little, or takes no such movement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetShortage {
    pub budget_line_id: Uuid,
    pub year: i64,
    pub board_id: Uuid,
    pub funding_source: entity::funding_source::FundingSource,
    pub sub_item: String,
    /// What is left on the line.
    pub available_amount: i64,
    /// What is asked for.
    pub asked_amount: i64,
    /// What is missing.
    pub short_by_amount: i64,
}

/// Writes movements of one document, in their order.
///
/// # Errors
/// 409 `budget_insufficient` with the figures; 409 `budget_line_inactive` where a line takes no such movement.
pub async fn post(tx: &Tx, document: Document, movements: &[Movement]) -> ApiResult<Vec<Entry>> {
    let movements: Vec<&Movement> = movements.iter().filter(|movement| movement.amount != 0).collect();
    let mut lines = lock(tx, movements.iter().map(|movement| movement.line_id)).await?;
    let (mut entries, mut events) = (Vec::with_capacity(movements.len()), Vec::new());
    for movement in &movements {
        let line = lines
            .get_mut(&movement.line_id)
            .ok_or_else(|| ApiError::internal(format!("{document:?} moves money of a line that is gone")))?;
        apply(line, movement.what, movement.amount)?;
        line.version += 1;
        let entry = entry(tx, document, line, movement);
        let event = Event::new(movement.what.verb(), TYPE, line.id, line.version).of_board(line.board_id);
        let details = json!({
            "entry_id": entry.id, "amount": entry.amount, "document_id": document.id,
            "available_amount": line.available_amount, "committed_amount": line.committed_amount,
            "spent_amount": line.spent_amount,
        });
        events.push(event.with(details));
        entries.push(entry);
    }
    tx.record_all(events).await?;
    save(tx, &lines.into_values().collect::<Vec<_>>()).await?;
    for part in entries.chunks(ROWS_AT_ONCE) {
        let rows: Vec<EntryRow> = part.iter().cloned().map(IntoActiveModel::into_active_model).collect();
        Entries::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(entries)
}

/// The lines, locked until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Tx, ids: impl IntoIterator<Item = Uuid>) -> ApiResult<BTreeMap<Uuid, Model>> {
    let ids: BTreeSet<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids))
        .order_by_asc(Column::Id)
        .lock(ROW_LOCK)
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|line| (line.id, line)).collect())
}

/// Moves an amount within the balances of a line.
fn apply(line: &mut Model, what: Move, amount: i64) -> ApiResult<()> {
    if !what.fits(line.status) {
        return Err(inactive(line));
    }
    let (credit, debit) = what.accounts();
    if credit == Available && line.available_amount < amount {
        return Err(short(line, amount));
    }
    if credit == Source
        && line.available_amount + line.committed_amount + line.spent_amount + amount > LARGEST_AMOUNT
    {
        let large =
            text("dòng dự toán vượt quá số tiền lớn nhất", "gives the line more than the largest amount");
        return Err(ApiError::rule("amount", "out_of_range", large));
    }
    for (account, by) in [(credit, -amount), (debit, amount)] {
        let balance = match account {
            Source if what.kind() == BudgetEntryKind::Transfer => &mut line.transferred_amount,
            Source => &mut line.appropriated_amount,
            Available => &mut line.available_amount,
            Committed => &mut line.committed_amount,
            Spent => &mut line.spent_amount,
        };
        // The source owes what the other accounts have.
        *balance += if account == Source { -by } else { by };
    }
    if line.committed_amount < 0 || line.spent_amount < 0 {
        return Err(ApiError::internal(format!("line {} gives what it does not have", line.id)));
    }
    Ok(())
}

fn entry(tx: &Tx, document: Document, line: &Model, movement: &Movement) -> Entry {
    let (credit, debit) = movement.what.accounts();
    Entry {
        id: tx.id(),
        budget_line_id: line.id,
        board_id: line.board_id,
        year: line.year,
        funding_source: line.funding_source,
        kind: movement.what.kind(),
        debit,
        credit,
        amount: movement.amount,
        document_type: document.kind,
        document_id: document.id,
        reverses_id: movement.what.reverses(),
        posted_at: tx.now,
        posted_by_id: tx.actor.user_id,
    }
}

/// Writes the balances of locked lines, many in one statement.
async fn save(tx: &Tx, lines: &[Model]) -> ApiResult<()> {
    let backend = tx.db().get_database_backend();
    // PostgreSQL would take a parameter of a list of values for text.
    let (uuid, bigint) = if backend == DbBackend::Postgres { ("::uuid", "::bigint") } else { ("", "") };
    for part in lines.chunks(ROWS_AT_ONCE) {
        let (mut rows, mut values) = (Vec::new(), vec![Value::from(tx.now)]);
        for line in part {
            let next = values.len() + 1;
            let numbers: Vec<String> = (next + 1..=next + 6).map(|mark| format!("${mark}{bigint}")).collect();
            rows.push(format!("(${next}{uuid}, {})", numbers.join(", ")));
            values.extend::<[Value; 7]>([
                line.id.into(),
                line.appropriated_amount.into(),
                line.transferred_amount.into(),
                line.available_amount.into(),
                line.committed_amount.into(),
                line.spent_amount.into(),
                line.version.into(),
            ]);
        }
        let sql = format!(
            "UPDATE budget_lines SET appropriated_amount = moved.column2, transferred_amount = moved.column3, \
             available_amount = moved.column4, committed_amount = moved.column5, spent_amount = moved.column6, \
             version = moved.column7, updated_at = $1 \
             FROM (VALUES {}) AS moved WHERE budget_lines.id = moved.column1",
            rows.join(", ")
        );
        tx.db().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

fn short(line: &Model, asked: i64) -> ApiError {
    let (left, missing) = (line.available_amount, asked - line.available_amount);
    let name = format!("{}/{}", line.sub_item, line.year);
    let detail = text(
        format!("Dòng dự toán {name} còn {left} đ, không đủ cho {asked} đ; thiếu {missing} đ."),
        format!("Budget line {name} has {left} đồng left, {asked} are asked for: {missing} short."),
    );
    ApiError::new(Code::BudgetInsufficient, detail).with("shortage", shortage(line, asked))
}

fn shortage(line: &Model, asked: i64) -> BudgetShortage {
    BudgetShortage {
        budget_line_id: line.id,
        year: line.year,
        board_id: line.board_id,
        funding_source: line.funding_source,
        sub_item: line.sub_item.clone(),
        available_amount: line.available_amount,
        asked_amount: asked,
        short_by_amount: asked - line.available_amount,
    }
}

/// A line that takes no such movement now.
pub fn inactive(line: &Model) -> ApiError {
    let name = format!("{}/{}", line.sub_item, line.year);
    let detail = match line.status {
        BudgetLineStatus::Planned => text(
            format!("Dòng dự toán {name} chưa được giao."),
            format!("Budget line {name} is planned and has no money yet."),
        ),
        BudgetLineStatus::Frozen => text(
            format!("Dòng dự toán {name} đã khóa, chỉ còn chi hoặc trả lại số đã cam kết."),
            format!(
                "Budget line {name} is frozen: what is committed can be spent or released, nothing else."
            ),
        ),
        BudgetLineStatus::Closed | BudgetLineStatus::Active => {
            text(format!("Dòng dự toán {name} đã đóng."), format!("Budget line {name} is closed."))
        }
    };
    ApiError::new(Code::BudgetLineInactive, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Move; 10] = [
        Move::Appropriate,
        Move::Supplement,
        Move::Commit,
        Move::Release,
        Move::Spend,
        Move::Reopen(Uuid::nil()),
        Move::Reverse(Uuid::nil()),
        Move::TransferIn,
        Move::TransferOut,
        Move::CarryForward,
    ];

    #[test]
    fn every_movement_has_two_accounts() {
        for what in EVERY {
            let (credit, debit) = what.accounts();
            assert_ne!(credit, debit, "{what:?}");
        }
    }

    #[test]
    fn a_closed_line_takes_nothing_and_a_frozen_one_nothing_new() {
        for what in EVERY {
            assert!(!what.fits(BudgetLineStatus::Closed), "{what:?}");
            // The end of the year takes what is left of a line that is frozen.
            let new = matches!(what.accounts(), (Source, _) | (Available, _)) && what != Move::CarryForward;
            assert_eq!(what.fits(BudgetLineStatus::Frozen), !new, "{what:?}");
        }
    }
}
