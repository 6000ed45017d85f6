//! Commitments: money of budget lines that is reserved for a document before it is spent. Orders, claims and
//! conferences reserve money here and nowhere else.
//!
//! A document has one commitment on each line that bears a part of it. What was committed is open, spent or released,
//! and the checks of the table hold that whatever the code does. [`Book`] holds the commitments of one document while
//! they change, and writes them together with their ledger entries. A closed commitment has nothing open any more:
//! what a reversal gives back to it is available again at once.

use std::collections::BTreeMap;

use entity::budget_entries::{self, BudgetEntryKind};
use entity::commitments::{ActiveModel, Column, DocumentType, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use crate::budgets::ledger::Document;
use crate::budgets::ledger::{self, Move, Movement};
use crate::conferences;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::travel;
use crate::write::{ROW_LOCK, Tx};

/// What each budget line bears of a document, in đồng.
pub type Shares = BTreeMap<Uuid, i64>;

/// What one budget line has reserved for a document. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentLine {
    pub budget_line_id: Uuid,
    pub committed_amount: i64,
    pub spent_amount: i64,
    pub released_amount: i64,
    pub open_amount: i64,
}

/// Money that is reserved. All amounts in đồng.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct CommitmentOut {
    /// What is reserved, without what was moved to other lines.
    pub committed_amount: i64,
    /// What of it was spent.
    pub spent_amount: i64,
    /// What of it was given back.
    pub released_amount: i64,
    /// What can still be spent.
    pub open_amount: i64,
    /// The budget lines that bear it.
    pub lines: Vec<CommitmentLine>,
}

impl CommitmentOut {
    fn add(&mut self, row: &Model) {
        self.committed_amount += row.committed_amount;
        self.spent_amount += row.spent_amount;
        self.released_amount += row.released_amount;
        self.open_amount += open(row);
        self.lines.push(CommitmentLine {
            budget_line_id: row.budget_line_id,
            committed_amount: row.committed_amount,
            spent_amount: row.spent_amount,
            released_amount: row.released_amount,
            open_amount: open(row),
        });
    }
}

fn open(row: &Model) -> i64 {
    row.committed_amount - row.spent_amount - row.released_amount
}

/// The commitments of these documents; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, CommitmentOut>> {
    let rows = Entity::find()
        .filter(Column::DocumentId.is_in(ids))
        .order_by_asc(Column::BudgetLineId)
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, CommitmentOut> = BTreeMap::new();
    for row in rows {
        found.entry(row.document_id).or_default().add(&row);
    }
    Ok(found)
}

/// Reserves money for a document.
///
/// # Errors
/// 409 `budget_insufficient` with the figures; 409 `budget_line_inactive`.
pub async fn commit(tx: &Tx, document: Document, shares: &Shares) -> ApiResult<CommitmentOut> {
    let mut book = Book::open(tx, document).await?;
    for (line_id, amount) in shares {
        book.commit(*line_id, *amount);
    }
    book.write().await
}

/// Gives the commitments of a document to the one that takes its place, and reserves for it what it needs: the same
/// total is moved between lines, more is reserved, less is given back. What was spent stays where it was spent.
///
/// # Errors
/// 409 `commitment_exceeded` with the figures where more than that is spent already, else as [`commit`].
pub async fn pass_on(tx: &Tx, from: Document, to: Document, shares: &Shares) -> ApiResult<CommitmentOut> {
    let mut book = Book::open(tx, from).await?;
    book.adjust(shares)?;
    book.rename(to);
    book.write().await
}

/// Reserves for a document what it needs from now on, whatever was reserved for it before: more is reserved, less is
/// given back. What was given back before does not count, and what is `promised` stays reserved.
///
/// # Errors
/// 409 `commitment_exceeded` with the figures where more than that is spent or promised already, else as [`commit`].
pub async fn reserve_anew(
    tx: &Tx,
    document: Document,
    shares: &Shares,
    promised: i64,
) -> ApiResult<CommitmentOut> {
    let mut book = Book::open(tx, document).await?;
    book.lock_lines(shares).await?;
    let mut targets = shares.clone();
    for (line_id, row) in &book.rows {
        *targets.entry(*line_id).or_default() += row.released_amount;
    }
    let before = book.figures();
    book.adjust(&targets)?;
    if book.figures().open_amount < promised {
        return Err(exceeded(before, shares.values().sum()));
    }
    book.rows.values_mut().for_each(|row| row.closed_at = None);
    book.write().await
}

/// Sees to it that the commitments of a document cover what is spent of them next, line by line, beside what is
/// promised to others: money of lines that need less goes to those that need more.
///
/// # Errors
/// 409 `commitment_exceeded` with the figures where the document has not reserved so much, else as [`commit`].
pub async fn cover(tx: &Tx, document: Document, needed: &Shares, promised: &Shares) -> ApiResult<()> {
    let mut book = Book::open(tx, document).await?;
    book.cover(needed, promised)?;
    book.write().await.map(drop)
}

/// Spends reserved money for a paper that is paid: the document itself, or a claim of it.
///
/// # Errors
/// As [`cover`].
pub async fn spend(
    tx: &Tx,
    document: Document,
    paid: Document,
    shares: &Shares,
    promised: &Shares,
) -> ApiResult<CommitmentOut> {
    let mut book = Book::open(tx, document).await?;
    // What is moved first touches fewer lines than what is spent then.
    book.lock_lines(shares).await?;
    book.cover(shares, promised)?;
    book.post().await?;
    for (line_id, amount) in shares {
        book.spend(*line_id, *amount);
    }
    book.paper = paid;
    let total: i64 = shares.values().sum();
    let shown = book.write().await?;
    tell_document(tx, document, "spend", total).await?;
    Ok(shown)
}

/// Takes the spending for a paper back, e.g. because its payment was reversed. The money is reserved again, and
/// available where the commitment is closed. Gives what was taken back.
///
/// # Errors
/// When the database does not take it.
pub async fn unspend(tx: &Tx, document: Document, paid: Document) -> ApiResult<i64> {
    use budget_entries::{Column, Entity};
    let of_paper = Entity::find()
        .filter(Column::DocumentId.eq(paid.id))
        .filter(Column::Kind.is_in([BudgetEntryKind::Spend, BudgetEntryKind::Reverse]))
        .order_by_asc(Column::Id)
        .all(tx.db())
        .await?;
    let taken_back: Vec<Uuid> = of_paper.iter().filter_map(|entry| entry.reverses_id).collect();
    let is_open = |entry: &&budget_entries::Model| {
        entry.kind == BudgetEntryKind::Spend && !taken_back.contains(&entry.id)
    };
    let spent: Vec<&budget_entries::Model> = of_paper.iter().filter(is_open).collect();
    let mut book = Book::open(tx, document).await?;
    book.paper = paid;
    for entry in &spent {
        book.unspend(entry.budget_line_id, entry.amount, entry.id);
    }
    book.write().await?;
    let total: i64 = spent.iter().map(|entry| entry.amount).sum();
    if total > 0 {
        tell_document(tx, document, "unspend", total).await?;
    }
    Ok(total)
}

/// As [`unspend`] for a paper that reserved its money itself and is over: what it spent is available again.
///
/// # Errors
/// When the database does not take it.
pub async fn close_and_unspend(tx: &Tx, paid: Document) -> ApiResult<()> {
    Book::open(tx, paid).await?.lock_lines(&Shares::new()).await?;
    release(tx, paid).await?;
    unspend(tx, paid, paid).await.map(drop)
}

/// Opens closed commitments again; what was given back stays given back.
///
/// # Errors
/// When the database does not take it.
pub async fn reopen(tx: &Tx, document: Document) -> ApiResult<()> {
    let mut book = Book::open(tx, document).await?;
    book.rows.values_mut().for_each(|row| row.closed_at = None);
    book.write().await.map(drop)
}

/// Gives back what is open, and closes the commitments.
///
/// # Errors
/// When the database does not answer.
pub async fn release(tx: &Tx, document: Document) -> ApiResult<CommitmentOut> {
    let mut book = Book::open(tx, document).await?;
    book.release_all();
    book.write().await
}

/// The commitments of one document while they change.
struct Book<'a> {
    tx: &'a Tx,
    document: Document,
    /// The paper that the entries name: the document, or what is paid of it.
    paper: Document,
    rows: BTreeMap<Uuid, Model>,
    movements: Vec<Movement>,
}

impl<'a> Book<'a> {
    /// Opens the commitments of a document, locked until the transaction ends.
    async fn open(tx: &'a Tx, document: Document) -> ApiResult<Self> {
        let rows = Entity::find()
            .filter(Column::DocumentId.eq(document.id))
            .order_by_asc(Column::BudgetLineId)
            .lock(ROW_LOCK)
            .all(tx.db())
            .await?;
        let rows = rows.into_iter().map(|row| (row.budget_line_id, row)).collect();
        Ok(Self { tx, document, paper: document, rows, movements: Vec::new() })
    }

    /// Locks every line that the document can touch, before the first of several postings: one that came later could
    /// ask for a line before those that are locked already, and wait in a circle.
    async fn lock_lines(&self, shares: &Shares) -> ApiResult<()> {
        let lines: Vec<Uuid> = self.rows.keys().chain(shares.keys()).copied().collect();
        ledger::lock(self.tx, lines).await.map(drop)
    }

    fn row(&mut self, line_id: Uuid) -> &mut Model {
        let (tx, document) = (self.tx, self.document);
        self.rows.entry(line_id).or_insert_with(|| Model {
            id: tx.id(),
            document_type: document.kind,
            document_id: document.id,
            budget_line_id: line_id,
            committed_amount: 0,
            spent_amount: 0,
            released_amount: 0,
            closed_at: None,
            version: 0,
            created_at: tx.now,
            updated_at: tx.now,
        })
    }

    fn moved(&mut self, line_id: Uuid, what: Move, amount: i64) {
        self.movements.push(Movement { line_id, what, amount });
    }

    fn commit(&mut self, line_id: Uuid, amount: i64) {
        let row = self.row(line_id);
        row.committed_amount += amount;
        row.closed_at = None;
        self.moved(line_id, Move::Commit, amount);
    }

    /// Takes open money off a line without a trace in the commitment: it moves to another line.
    fn uncommit(&mut self, line_id: Uuid, amount: i64) {
        self.row(line_id).committed_amount -= amount;
        self.moved(line_id, Move::Release, amount);
    }

    fn spend(&mut self, line_id: Uuid, amount: i64) {
        self.row(line_id).spent_amount += amount;
        self.moved(line_id, Move::Spend, amount);
    }

    fn unspend(&mut self, line_id: Uuid, amount: i64, entry: Uuid) {
        let row = self.row(line_id);
        row.spent_amount -= amount;
        let closed = row.closed_at.is_some();
        if closed {
            row.released_amount += amount;
        }
        self.moved(line_id, if closed { Move::Reverse(entry) } else { Move::Reopen(entry) }, amount);
    }

    fn release_all(&mut self) {
        let lines: Vec<Uuid> = self.rows.keys().copied().collect();
        for line_id in lines {
            let now = self.tx.now;
            let row = self.row(line_id);
            let rest = open(row);
            row.released_amount += rest;
            row.closed_at = Some(now);
            self.moved(line_id, Move::Release, rest);
        }
    }

    /// Reserves these shares instead of those before. A line keeps what was spent on it; the others then give less.
    fn adjust(&mut self, shares: &Shares) -> ApiResult<()> {
        let wanted: i64 = shares.values().sum();
        let used = |row: &Model| row.spent_amount + row.released_amount;
        let mut targets: Shares = shares.clone();
        for (line_id, row) in &self.rows {
            let target = targets.entry(*line_id).or_default();
            *target = (*target).max(used(row));
        }
        let mut excess = targets.values().sum::<i64>() - wanted;
        for (line_id, target) in &mut targets {
            let less = excess.min(*target - self.rows.get(line_id).map_or(0, used));
            (*target, excess) = (*target - less, excess - less);
        }
        if excess > 0 {
            return Err(self.exceeded(wanted));
        }
        // What is given back comes first, so that a line is not short for a moment.
        let change = |book: &Self, line_id: &Uuid, target: i64| {
            target - book.rows.get(line_id).map_or(0, |row| row.committed_amount)
        };
        for (line_id, target) in &targets {
            let by = change(self, line_id, *target);
            if by < 0 {
                self.uncommit(*line_id, -by);
            }
        }
        for (line_id, target) in &targets {
            let by = change(self, line_id, *target);
            if by > 0 {
                self.commit(*line_id, by);
            }
        }
        Ok(())
    }

    fn cover(&mut self, needed: &Shares, promised: &Shares) -> ApiResult<()> {
        let of = |shares: &Shares, line_id: &Uuid| shares.get(line_id).copied().unwrap_or_default();
        let asked: i64 = needed.values().sum();
        let in_all: i64 = self.rows.values().map(open).sum::<i64>() - promised.values().sum::<i64>();
        if asked > in_all {
            return Err(self.exceeded(asked));
        }
        let mut missing: Shares = Shares::new();
        for (line_id, amount) in needed {
            let here = self.rows.get(line_id).map_or(0, open) - of(promised, line_id);
            missing.insert(*line_id, (amount - here).max(0));
        }
        let mut wanted: i64 = missing.values().sum();
        let lines: Vec<(Uuid, i64)> = self.rows.iter().map(|(line_id, row)| (*line_id, open(row))).collect();
        for (line_id, open) in lines {
            let spare = open - of(promised, &line_id) - of(needed, &line_id);
            let given = spare.max(0).min(wanted);
            if given > 0 {
                self.uncommit(line_id, given);
                wanted -= given;
            }
        }
        for (line_id, amount) in missing {
            if amount > 0 {
                self.commit(line_id, amount);
            }
        }
        Ok(())
    }

    /// Gives all to the document that takes this one's place.
    fn rename(&mut self, to: Document) {
        for row in self.rows.values_mut() {
            (row.document_type, row.document_id) = (to.kind, to.id);
        }
        (self.document, self.paper) = (to, to);
    }

    /// Writes the entries so far, under the name of the paper so far.
    async fn post(&mut self) -> ApiResult<()> {
        ledger::post(self.tx, self.paper, &std::mem::take(&mut self.movements)).await.map(drop)
    }

    async fn write(mut self) -> ApiResult<CommitmentOut> {
        self.post().await?;
        let mut shown = CommitmentOut::default();
        for (_, mut row) in self.rows {
            let is_new = row.version == 0;
            (row.version, row.updated_at) = (row.version + 1, self.tx.now);
            shown.add(&row);
            let row: ActiveModel = row.into_active_model();
            if is_new {
                row.insert(self.tx.db()).await?;
            } else {
                row.reset_all().update(self.tx.db()).await?;
            }
        }
        Ok(shown)
    }

    fn figures(&self) -> CommitmentOut {
        let mut figures = CommitmentOut::default();
        self.rows.values().for_each(|row| figures.add(row));
        figures
    }

    fn exceeded(&self, asked: i64) -> ApiError {
        exceeded(self.figures(), asked)
    }
}

fn exceeded(figures: CommitmentOut, asked: i64) -> ApiError {
    let open = figures.open_amount;
    let detail = text(
        format!("Số cam kết còn {open} đ, không đủ cho {asked} đ; hãy điều chỉnh chứng từ trước."),
        format!("{open} đồng of the commitment are open, {asked} are asked for; amend the document first."),
    );
    ApiError::new(Code::CommitmentExceeded, detail).with("commitment", figures).with("asked_amount", asked)
}

/// A document shows its commitment, so it has a new version when its money moves without a step of its own.
async fn tell_document(tx: &Tx, document: Document, verb: &str, amount: i64) -> ApiResult<()> {
    match document.kind {
        DocumentType::TravelOrder => travel::orders::store::money_moved(tx, document.id, verb, amount).await,
        DocumentType::Conference => conferences::store::money_moved(tx, document.id, verb, amount).await,
        _ => Ok(()),
    }
}
