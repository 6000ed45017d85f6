//! The ledger under load. A long run of random commands is held against a model of plain maps, which says beforehand
//! what each of them does; and many clients at once neither overdraw a line nor keep each other from what fits.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use entity::budget_entries::DocumentType;
use entity::budget_lines::{self, BudgetLineStatus};
use entity::commitments as rows;
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use shared_office::app::App;
use shared_office::budgets::commitments::{self, CommitmentOut, Document, Shares};
use shared_office::budgets::ledger::{self, Move, Movement};
use shared_office::budgets::lines::store;
use shared_office::error::ApiResult;
use shared_office::http::document::LARGEST_AMOUNT;
use shared_office::write::{Actor, Event, Tx, transaction};
use uuid::Uuid;

use crate::support::Office;
use crate::support::travel::{fund, given_line_of};

/// The refusals that a caller of the ledger can meet.
const REFUSALS: [&str; 4] =
    ["budget_insufficient", "budget_line_inactive", "commitment_exceeded", "validation_failed"];

/// A commitment as it is shown: committed, spent, released, open.
type Figures = [i64; 4];

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |value| value.parse().expect("a number"))
}

/// The seed of all that is random here; a failure names it.
fn seed() -> u64 {
    setting("LEDGER_SEED", 20_251_212)
}

/// SplitMix64: the same numbers from the same seed on every machine.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to this, both of them possible.
    fn up_to(&mut self, most: i64) -> i64 {
        i64::try_from(self.next() % (u64::try_from(most).unwrap() + 1)).unwrap()
    }

    fn one_in(&mut self, many: i64) -> bool {
        self.up_to(many - 1) == 0
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.next() % u64::try_from(all.len()).unwrap()).unwrap()].clone()
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }

    /// A document that needs no row of its own.
    fn document(&mut self) -> Document {
        Document { kind: DocumentType::Conference, id: self.id() }
    }
}

#[derive(Clone, Debug)]
enum Command {
    Commit { document: Document, shares: Shares },
    PassOn { from: Document, to: Document, shares: Shares },
    Cover { document: Document, needed: Shares, promised: Shares },
    Spend { document: Document, paid: Document, shares: Shares, promised: Shares },
    Unspend { document: Document, paid: Document },
    Release { document: Document },
    CloseAndUnspend { document: Document },
    Reopen { document: Document },
    Supplement { line: Uuid, amount: i64 },
    Transfer { from: Uuid, to: Uuid, amount: i64 },
    Freeze { line: Uuid, frozen: bool },
}

fn figures(shown: &CommitmentOut) -> Figures {
    [shown.committed_amount, shown.spent_amount, shown.released_amount, shown.open_amount]
}

/// Does it in the service; gives what the service shows of it.
async fn run(tx: &Tx, command: &Command) -> ApiResult<Figures> {
    let shown = match command {
        Command::Commit { document, shares } => commitments::commit(tx, *document, shares).await?,
        Command::PassOn { from, to, shares } => commitments::pass_on(tx, *from, *to, shares).await?,
        Command::Spend { document, paid, shares, promised } => {
            commitments::spend(tx, *document, *paid, shares, promised).await?
        }
        Command::Release { document } => commitments::release(tx, *document).await?,
        Command::Unspend { document, paid } => {
            return Ok([commitments::unspend(tx, *document, *paid).await?, 0, 0, 0]);
        }
        Command::Cover { document, needed, promised } => {
            commitments::cover(tx, *document, needed, promised).await?;
            return Ok([0; 4]);
        }
        Command::CloseAndUnspend { document } => {
            commitments::close_and_unspend(tx, *document).await?;
            return Ok([0; 4]);
        }
        Command::Reopen { document } => {
            commitments::reopen(tx, *document).await?;
            return Ok([0; 4]);
        }
        Command::Supplement { line, amount } => {
            let movement = Movement { line_id: *line, what: Move::Supplement, amount: *amount };
            ledger::post(tx, Document::budget_line(*line), &[movement]).await?;
            return Ok([0; 4]);
        }
        Command::Transfer { from, to, amount } => {
            let (line_id, amount) = (*from, *amount);
            let out = Movement { line_id, what: Move::TransferOut, amount };
            let into = Movement { line_id: *to, what: Move::TransferIn, amount };
            ledger::post(tx, Document::budget_transfer(tx.id()), &[out, into]).await?;
            return Ok([0; 4]);
        }
        Command::Freeze { line, frozen } => {
            let found = ledger::lock(tx, [*line]).await?;
            let status = if *frozen { BudgetLineStatus::Frozen } else { BudgetLineStatus::Active };
            let changed = budget_lines::ActiveModel { status: Set(status), ..Default::default() };
            let event = Event::new("freeze", "budget_line", *line, found[line].version + 1);
            store::save(tx, &found[line], changed, event).await?;
            return Ok([0; 4]);
        }
    };
    Ok(figures(&shown))
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    appropriated: i64,
    transferred: i64,
    available: i64,
    committed: i64,
    spent: i64,
    frozen: bool,
    version: i64,
    entries: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    committed: i64,
    spent: i64,
    released: i64,
    closed: bool,
}

impl Row {
    fn open(&self) -> i64 {
        self.committed - self.spent - self.released
    }
}

/// A paper that was paid of a document, and what of it is still spent.
#[derive(Clone, Debug)]
struct Paper {
    document: Document,
    spent: Vec<(Uuid, i64)>,
    uses: u32,
}

#[derive(Clone, Debug)]
struct Holder {
    document: Document,
    rows: BTreeMap<Uuid, Row>,
    papers: Vec<Paper>,
}

impl Holder {
    fn new(document: Document) -> Self {
        Self { document, rows: BTreeMap::new(), papers: Vec::new() }
    }

    fn open(&self) -> i64 {
        self.rows.values().map(Row::open).sum()
    }

    fn figures(&self) -> Figures {
        let sum = |of: fn(&Row) -> i64| self.rows.values().map(of).sum();
        [sum(|row| row.committed), sum(|row| row.spent), sum(|row| row.released), sum(Row::open)]
    }
}

/// What the ledger should be, without a database.
#[derive(Clone)]
struct Model {
    lines: BTreeMap<Uuid, Line>,
    holders: Vec<Holder>,
}

impl Model {
    fn line(&mut self, id: Uuid) -> &mut Line {
        self.lines.get_mut(&id).unwrap()
    }

    fn holder(&mut self, document: Document) -> &mut Holder {
        self.holders.iter_mut().find(|holder| holder.document == document).unwrap()
    }

    fn row(&mut self, document: Document, line: Uuid) -> &mut Row {
        self.holder(document).rows.entry(line).or_default()
    }

    /// One entry on a line. Nothing moves where the amount is 0, whatever the line's state.
    fn moved(&mut self, line: Uuid, amount: i64, change: impl Fn(&mut Line)) {
        if amount != 0 {
            let line = self.line(line);
            change(line);
            (line.version, line.entries) = (line.version + 1, line.entries + 1);
        }
    }

    /// Whether a line takes something new.
    fn active(&mut self, line: Uuid, amount: i64) -> Result<(), &'static str> {
        if amount != 0 && self.line(line).frozen { Err("budget_line_inactive") } else { Ok(()) }
    }

    /// Whether a line has so much left that it can give.
    fn has(&mut self, line: Uuid, amount: i64) -> Result<(), &'static str> {
        self.active(line, amount)?;
        if self.line(line).available < amount { Err("budget_insufficient") } else { Ok(()) }
    }

    /// Whether a line can get so much from outside.
    fn holds(&mut self, line: Uuid, amount: i64) -> Result<(), &'static str> {
        self.active(line, amount)?;
        let has = self.line(line);
        let all = has.available + has.committed + has.spent + amount;
        if all > LARGEST_AMOUNT { Err("validation_failed") } else { Ok(()) }
    }

    fn commit(&mut self, document: Document, line: Uuid, amount: i64) -> Result<(), &'static str> {
        self.has(line, amount)?;
        let row = self.row(document, line);
        (row.committed, row.closed) = (row.committed + amount, false);
        self.moved(line, amount, |line| {
            (line.available, line.committed) = (line.available - amount, line.committed + amount);
        });
        Ok(())
    }

    fn give_back(&mut self, line: Uuid, amount: i64) {
        self.moved(line, amount, |line| {
            (line.available, line.committed) = (line.available + amount, line.committed - amount);
        });
    }

    /// Moves the parts of lines: what is given back comes before what is reserved.
    fn shift(&mut self, document: Document, changes: &[(Uuid, i64)]) -> Result<(), &'static str> {
        for (line, by) in changes.iter().filter(|(_, by)| *by < 0) {
            self.row(document, *line).committed += by;
            self.give_back(*line, -by);
        }
        for (line, by) in changes.iter().filter(|(_, by)| *by > 0) {
            self.commit(document, *line, *by)?;
        }
        Ok(())
    }

    /// Every line has what it needs beside what is promised, if all lines together have it.
    fn cover(&mut self, document: Document, needed: &Shares, promised: &Shares) -> Result<(), &'static str> {
        let holder = self.holder(document);
        if needed.values().sum::<i64>() + promised.values().sum::<i64>() > holder.open() {
            return Err("commitment_exceeded");
        }
        let spare = |line: &Uuid| {
            let of = |shares: &Shares| shares.get(line).copied().unwrap_or_default();
            holder.rows.get(line).map_or(0, Row::open) - of(needed) - of(promised)
        };
        let lacks = needed.keys().map(|line| (*line, -spare(line).min(0)));
        let lacks: Vec<(Uuid, i64)> = lacks.collect();
        let mut wanted: i64 = lacks.iter().map(|(_, lack)| lack).sum();
        let mut changes = Vec::new();
        for line in holder.rows.keys() {
            let given = spare(line).clamp(0, wanted);
            wanted -= given;
            changes.push((*line, -given));
        }
        assert_eq!(wanted, 0, "what one line lacks another one has");
        changes.extend(lacks);
        self.shift(document, &changes)
    }

    /// The same document under another name, with these parts; a line keeps at least what it used.
    fn pass_on(&mut self, from: Document, to: Document, shares: &Shares) -> Result<(), &'static str> {
        let holder = self.holder(from);
        let wanted: i64 = shares.values().sum();
        let used = |line: &Uuid| holder.rows.get(line).map_or(0, |row| row.spent + row.released);
        if holder.rows.keys().map(used).sum::<i64>() > wanted {
            return Err("commitment_exceeded");
        }
        let lines: BTreeSet<Uuid> = holder.rows.keys().chain(shares.keys()).copied().collect();
        let target = |line: &Uuid| used(line).max(shares.get(line).copied().unwrap_or_default());
        let mut excess = lines.iter().map(target).sum::<i64>() - wanted;
        let mut changes = Vec::new();
        for line in lines {
            let less = excess.min(target(&line) - used(&line));
            excess -= less;
            changes
                .push((line, target(&line) - less - holder.rows.get(&line).map_or(0, |row| row.committed)));
        }
        self.shift(from, &changes)?;
        self.holder(from).document = to;
        Ok(())
    }

    fn spend(&mut self, document: Document, paid: Document, shares: &Shares) {
        for (line, amount) in shares {
            self.row(document, *line).spent += amount;
            self.moved(*line, *amount, |line| {
                (line.committed, line.spent) = (line.committed - amount, line.spent + amount);
            });
        }
        let spent = shares.iter().map(|(line, amount)| (*line, *amount)).filter(|(_, amount)| *amount != 0);
        let papers = &mut self.holder(document).papers;
        if let Some(paper) = papers.iter_mut().find(|paper| paper.document == paid) {
            paper.spent.extend(spent);
            paper.uses += 1;
        } else {
            // The oldest papers are never taken back: the list stays short.
            let surplus = papers.len().saturating_sub(4);
            papers.drain(..surplus);
            papers.push(Paper { document: paid, spent: spent.collect(), uses: 1 });
        }
    }

    /// Gives what was taken back.
    fn unspend(&mut self, document: Document, paid: Document) -> i64 {
        let papers = &mut self.holder(document).papers;
        let paper = papers.iter_mut().find(|paper| paper.document == paid);
        let spent = paper.map(|paper| std::mem::take(&mut paper.spent)).unwrap_or_default();
        for (line, amount) in &spent {
            let row = self.row(document, *line);
            row.spent -= amount;
            let closed = row.closed;
            row.released += if closed { *amount } else { 0 };
            self.moved(*line, *amount, |line| {
                line.spent -= amount;
                *(if closed { &mut line.available } else { &mut line.committed }) += amount;
            });
        }
        spent.iter().map(|(_, amount)| amount).sum()
    }

    fn release(&mut self, document: Document) {
        for (line, row) in self.holder(document).rows.clone() {
            let now = self.row(document, line);
            (now.released, now.closed) = (row.released + row.open(), true);
            self.give_back(line, row.open());
        }
    }

    /// What the service will say. After a refusal the model is of no use: the caller goes back to the one before.
    fn apply(&mut self, command: &Command) -> Result<Figures, &'static str> {
        match command {
            Command::Commit { document, shares } => {
                for (line, amount) in shares {
                    self.commit(*document, *line, *amount)?;
                }
                Ok(self.holder(*document).figures())
            }
            Command::PassOn { from, to, shares } => {
                self.pass_on(*from, *to, shares)?;
                Ok(self.holder(*to).figures())
            }
            Command::Cover { document, needed, promised } => {
                self.cover(*document, needed, promised)?;
                Ok([0; 4])
            }
            Command::Spend { document, paid, shares, promised } => {
                self.cover(*document, shares, promised)?;
                self.spend(*document, *paid, shares);
                Ok(self.holder(*document).figures())
            }
            Command::Unspend { document, paid } => Ok([self.unspend(*document, *paid), 0, 0, 0]),
            Command::Release { document } => {
                self.release(*document);
                Ok(self.holder(*document).figures())
            }
            Command::CloseAndUnspend { document } => {
                self.release(*document);
                self.unspend(*document, *document);
                Ok([0; 4])
            }
            Command::Reopen { document } => {
                self.holder(*document).rows.values_mut().for_each(|row| row.closed = false);
                Ok([0; 4])
            }
            Command::Supplement { line, amount } => {
                self.holds(*line, *amount)?;
                self.moved(*line, *amount, |line| {
                    line.appropriated += amount;
                    line.available += amount;
                });
                Ok([0; 4])
            }
            Command::Transfer { from, to, amount } => {
                self.has(*from, *amount)?;
                self.moved(*from, *amount, |line| {
                    line.transferred -= amount;
                    line.available -= amount;
                });
                self.holds(*to, *amount)?;
                self.moved(*to, *amount, |line| {
                    line.transferred += amount;
                    line.available += amount;
                });
                Ok([0; 4])
            }
            Command::Freeze { line, frozen } => {
                let line = self.line(*line);
                (line.frozen, line.version) = (*frozen, line.version + 1);
                Ok([0; 4])
            }
        }
    }

    /// Something to do. Mostly it is possible, or whole transactions would end with their first command.
    fn draw(&self, dice: &mut Dice) -> Command {
        let lines: Vec<Uuid> = self.lines.keys().copied().collect();
        let line = dice.one_of(&lines);
        let holder = dice.one_of(&self.holders);
        let document = holder.document;
        match dice.up_to(99) {
            0..22 => Command::Commit { document, shares: self.affordable(dice) },
            22..30 => {
                let needed = self.within(&holder, dice);
                Command::Cover { document, needed, promised: Self::promises(&holder, dice) }
            }
            30..52 => {
                let known = dice.one_of(&[None, holder.papers.last()]).filter(|paper| paper.uses < 10);
                // A claim pays itself as well as it pays a part of another document.
                let new = if dice.one_in(4) { document } else { dice.document() };
                let paid = known.map_or(new, |paper| paper.document);
                let promised = Self::promises(&holder, dice);
                Command::Spend { document, paid, shares: self.within(&holder, dice), promised }
            }
            52..62 => {
                let unknown = dice.document();
                let paid: Vec<Document> = holder.papers.iter().map(|paper| paper.document).collect();
                Command::Unspend { document, paid: dice.one_of(&[&paid[..], &[unknown]].concat()) }
            }
            62..68 => Command::Release { document },
            68..71 => Command::CloseAndUnspend { document },
            71..81 => {
                // The parts as they are, somewhere else, and a bit more or less.
                let mut shares: Shares =
                    holder.rows.iter().map(|(line, row)| (*line, row.committed)).collect();
                for amount in shares.values_mut() {
                    *amount -= dice.up_to(*amount / 4);
                }
                *shares.entry(line).or_default() += dice.up_to(self.lines[&line].available / 2);
                Command::PassOn { from: document, to: dice.document(), shares }
            }
            81..85 => Command::Reopen { document },
            85..88 => match self.lines.iter().find(|(_, line)| line.frozen) {
                Some((frozen, _)) => Command::Freeze { line: *frozen, frozen: false },
                None => Command::Freeze { line, frozen: dice.one_in(3) },
            },
            88..92 => {
                let amount = if dice.one_in(16) { LARGEST_AMOUNT } else { dice.up_to(4_000) };
                Command::Supplement { line, amount }
            }
            _ => {
                let to = dice.one_of(&lines);
                let to = if to == line { *lines.iter().find(|other| **other != line).unwrap() } else { to };
                let has = self.lines[&line].available;
                let amount = if dice.one_in(12) { has + 1 } else { dice.up_to(has / 2) };
                Command::Transfer { from: line, to, amount }
            }
        }
    }

    /// Parts of one or two lines that these lines have, or hardly not.
    fn affordable(&self, dice: &mut Dice) -> Shares {
        let lines: Vec<Uuid> = self.lines.keys().copied().collect();
        let mut shares = Shares::new();
        for _ in 0..=dice.up_to(1) {
            let line = dice.one_of(&lines);
            let has = self.lines[&line].available;
            let amount = if dice.one_in(16) { has + 1 + dice.up_to(100) } else { dice.up_to(has / 2) };
            shares.insert(line, amount);
        }
        shares
    }

    /// Parts of one or two lines, which together are what the document has left, or hardly more.
    fn within(&self, holder: &Holder, dice: &mut Dice) -> Shares {
        let lines: Vec<Uuid> = self.lines.keys().copied().collect();
        let (open, mut shares) = (holder.open(), Shares::new());
        let (line, other) = (dice.one_of(&lines), dice.one_of(&lines));
        let first = dice.up_to(open / 2);
        shares.insert(line, first);
        if dice.one_in(2) {
            shares.insert(other, if dice.one_in(4) { open - first } else { dice.up_to(open / 4) });
        }
        if dice.one_in(16) {
            shares.insert(line, open + 1);
        }
        shares
    }

    /// What is kept for others; mostly nothing.
    fn promises(holder: &Holder, dice: &mut Dice) -> Shares {
        let some = |(line, row): (&Uuid, &Row)| (*line, row.open() / 4);
        if dice.one_in(4) { holder.rows.iter().map(some).collect() } else { Shares::new() }
    }
}

/// The lines as the database has them; the number of entries is asked of the ledger.
async fn stored_lines(office: &Office, ids: &[Uuid]) -> BTreeMap<Uuid, Line> {
    let found = store::by_ids(&office.app.db.reader, ids.iter().copied()).await.unwrap();
    let line = |line: budget_lines::Model| {
        let stored = Line {
            appropriated: line.appropriated_amount,
            transferred: line.transferred_amount,
            available: line.available_amount,
            committed: line.committed_amount,
            spent: line.spent_amount,
            frozen: line.status == BudgetLineStatus::Frozen,
            version: line.version,
            entries: 0,
        };
        (line.id, stored)
    };
    found.into_iter().map(line).collect()
}

/// The same with the number of their entries; what they have must be what their entries add up to, and what they have
/// reserved what is open of the commitments.
async fn audited(office: &Office, ids: &[Uuid], told: &str) -> BTreeMap<Uuid, Line> {
    let db = &office.app.db.reader;
    let mut lines = stored_lines(office, ids).await;
    let held = stored_rows(office, ids).await;
    for (id, line) in &mut lines {
        let sums = store::balance(db, *id, office.app.clock.now()).await.unwrap();
        let has = [line.appropriated, line.transferred, line.available, line.committed, line.spent];
        let of_entries = [
            sums.appropriated_amount,
            sums.transferred_amount,
            sums.available_amount,
            sums.committed_amount,
            sums.spent_amount,
        ];
        assert_eq!(has, of_entries, "{told}: line {id} is not the sum of its entries");
        assert!(has[2..].iter().all(|balance| *balance >= 0), "{told}: line {id} is overdrawn: {has:?}");
        let open: i64 = held.iter().filter(|((_, line), _)| line == id).map(|(_, row)| row.open()).sum();
        assert_eq!(line.committed, open, "{told}: line {id} has reserved something else than is open");
        line.entries = sums.entry_count;
    }
    lines
}

/// Every commitment on these lines, by document and line.
async fn stored_rows(office: &Office, lines: &[Uuid]) -> BTreeMap<(Uuid, Uuid), Row> {
    let select = rows::Entity::find().filter(rows::Column::BudgetLineId.is_in(lines.iter().copied()));
    let row = |row: rows::Model| {
        let stored = Row {
            committed: row.committed_amount,
            spent: row.spent_amount,
            released: row.released_amount,
            closed: row.closed_at.is_some(),
        };
        ((row.document_id, row.budget_line_id), stored)
    };
    select.all(&office.app.db.reader).await.unwrap().into_iter().map(row).collect()
}

fn rows_of(holders: &[Holder]) -> impl Iterator<Item = ((Uuid, Uuid), Row)> {
    holders
        .iter()
        .flat_map(|holder| holder.rows.iter().map(|(line, row)| ((holder.document.id, *line), row.clone())))
}

/// The state of the lines and of the documents in use, without the ledger behind it: quick enough for every refusal.
async fn nothing_changed(office: &Office, model: &Model, told: &str) {
    let ids: Vec<Uuid> = model.lines.keys().copied().collect();
    let lines: BTreeMap<Uuid, Line> =
        model.lines.iter().map(|(id, line)| (*id, Line { entries: 0, ..line.clone() })).collect();
    assert_eq!(stored_lines(office, &ids).await, lines, "{told}");
    let documents = model.holders.iter().map(|holder| holder.document.id);
    let shown = commitments::of(&office.app.db.reader, documents).await.unwrap();
    for holder in &model.holders {
        let shown = shown.get(&holder.document.id).map(figures).unwrap_or_default();
        assert_eq!(shown, holder.figures(), "{told}: {holder:?}");
    }
}

#[actix_web::test]
async fn random_commands_agree_with_a_simple_model() {
    let (seed, count) = (seed(), setting("LEDGER_COMMANDS", 3_000));
    eprintln!("LEDGER_SEED={seed} LEDGER_COMMANDS={count}");
    let office = Office::open().await;
    let mut ids = Vec::new();
    for (sub_item, amount) in [("6601", 40_000), ("6603", 20_000), ("6606", 9_000)] {
        ids.push(given_line_of(&office, "btctu", (2031, sub_item), amount).await);
    }
    let mut dice = Dice(seed);
    let lines = audited(&office, &ids, "at the beginning").await;
    let mut model = Model { lines, holders: (0..5).map(|_| Holder::new(dice.document())).collect() };
    let mut retired: Vec<Holder> = Vec::new();
    let mut met: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut tried, mut audit_at, every) = (0, 0, (count / 40).max(100));
    while tried < count {
        // What a document has is settled between transactions, so that going back need not undo it.
        if dice.one_in(8) {
            let used: Vec<usize> = (0..5).filter(|n| model.holders[*n].figures()[1] > 0).collect();
            if !used.is_empty() {
                let fresh = Holder::new(dice.document());
                retired.push(std::mem::replace(&mut model.holders[dice.one_of(&used)], fresh));
            }
        }
        // The model goes first: it says how far the transaction comes, and with what.
        let (mut next, mut plan, mut shown, mut refusal) = (model.clone(), Vec::new(), Vec::new(), None);
        let longest = 1 + dice.up_to(19);
        while refusal.is_none() && i64::try_from(plan.len()).unwrap() < longest && tried < count {
            let command = next.draw(&mut dice);
            match next.apply(&command) {
                Ok(figures) => shown.push(figures),
                Err(code) => refusal = Some(code),
            }
            plan.push(command);
            tried += 1;
        }
        let told = format!("LEDGER_SEED={seed}, up to command {tried}: {plan:#?}");
        let answers = RefCell::new(Vec::new());
        let outcome = transaction(&office.app, &Actor::system(), async |tx| {
            for command in &plan {
                let answer = run(tx, command).await?;
                answers.borrow_mut().push(answer);
            }
            Ok(())
        })
        .await;
        let met_with = outcome.as_ref().err().map(|error| error.code().name());
        assert_eq!((met_with, answers.into_inner()), (refusal, shown), "{told}\n{outcome:?}");
        match refusal {
            None => model = next,
            Some(code) => {
                *met.entry(code).or_default() += 1;
                nothing_changed(&office, &model, &told).await;
            }
        }
        if tried >= audit_at || tried == count {
            assert_eq!(audited(&office, &ids, &told).await, model.lines, "{told}");
            let expected: BTreeMap<_, _> = rows_of(&model.holders).chain(rows_of(&retired)).collect();
            assert_eq!(stored_rows(&office, &ids).await, expected, "{told}");
            audit_at = tried + every;
        }
    }
    let entries: i64 = model.lines.values().map(|line| line.entries).sum();
    let documents = retired.len() + model.holders.len();
    eprintln!("{tried} commands, {entries} entries, {documents} documents; refused: {met:?}");
    // A run that never meets a refusal proves nothing about it.
    if count >= 3_000 {
        assert_eq!(met.into_keys().collect::<Vec<_>>(), REFUSALS, "LEDGER_SEED={seed}");
    }
}

/// What one client met.
#[derive(Default)]
struct Met {
    refused: Vec<&'static str>,
    /// What was asked again, because the database ended the transaction.
    again: u32,
}

impl Met {
    /// Asks once, in a transaction of its own.
    async fn ask(&mut self, app: &Arc<App>, command: Command) {
        let runs = Cell::new(0);
        let outcome = transaction(app, &Actor::system(), async |tx| {
            runs.set(runs.get() + 1);
            run(tx, &command).await
        })
        .await;
        self.refused.extend(outcome.err().map(|error| error.code().name()));
        self.again += runs.get() - 1;
    }
}

#[actix_web::test]
async fn sixty_four_clients_never_overdraw_a_line_and_nothing_that_fits_is_refused() {
    const CLIENTS: usize = 64;
    let seed = seed();
    let told = format!("LEDGER_SEED={seed}");
    eprintln!("{told}");
    let office = Office::open().await;
    // Two pools of 16 connections on PostgreSQL; one writer each on SQLite, which share the file.
    let second = office.second_app().await;
    let apps = [&office.app, &second];
    let mut lines = Vec::new();
    for sub_item in ["6601", "6603", "6606"] {
        lines.push(given_line_of(&office, "btctu", (2031, sub_item), 60_000).await);
    }
    lines.sort();
    // Four clients share a document, two at each process.
    let mut dice = Dice(seed);
    let documents: Vec<Document> = (0..CLIENTS / 4).map(|_| dice.document()).collect();
    for document in &documents {
        let shares = lines.iter().map(|line| (*line, 1_500)).collect();
        let command = Command::Commit { document: *document, shares };
        transaction(&office.app, &Actor::system(), async |tx| run(tx, &command).await).await.unwrap();
    }

    let mixed = (0..CLIENTS).map(|n| {
        let mut dice = Dice(seed.wrapping_add(u64::try_from(n).unwrap() * 1_000_003));
        let (document, lines) = (documents[n / 4], &lines);
        async move {
            let mut met = Met::default();
            for _ in 0..5 {
                let (line, to) = (dice.up_to(2), dice.up_to(1));
                let from = usize::try_from(line).unwrap();
                let to = (from + 1 + usize::try_from(to).unwrap()) % 3;
                let (from, to) = (lines[from], lines[to]);
                let shares = [(from, dice.up_to(1_500)), (to, dice.up_to(1_500))].into();
                let command = match dice.up_to(9) {
                    0..4 => Command::Commit { document, shares },
                    4..7 => {
                        let (paid, promised) = (dice.document(), Shares::new());
                        Command::Spend { document, paid, shares, promised }
                    }
                    7 => Command::Release { document },
                    _ => Command::Transfer { from, to, amount: dice.up_to(6_000) },
                };
                met.ask(apps[n % 2], command).await;
            }
            met
        }
    });
    let met = join_all(mixed).await;
    let refused: Vec<&str> = met.iter().flat_map(|client| client.refused.clone()).collect();
    let again: u32 = met.iter().map(|client| client.again).sum();
    let harmless = |code: &&str| ["budget_insufficient", "commitment_exceeded"].contains(code);
    assert!(refused.iter().all(harmless), "{told}: {refused:?}");
    // Lines are locked in one order: nobody waits in a circle, and the database has nothing to break off.
    assert_eq!(again, 0, "{told}: transactions ran again");
    assert!(!refused.is_empty() && refused.len() < CLIENTS * 5 / 2, "{told}: {refused:?}");
    audited(&office, &lines, &told).await;
    eprintln!("{} asks of {CLIENTS} clients, {} refused", CLIENTS * 5, refused.len());

    // All that is left, in as many parts as there are clients: together they fit to the đồng.
    for line in &lines {
        fund(&office, *line, 64_007).await;
    }
    let left = stored_lines(&office, &lines).await;
    let parts = i64::try_from(CLIENTS).unwrap();
    let exact = (0..CLIENTS).map(|n| {
        let share = |(line, has): (&Uuid, &Line)| {
            let rest = if n == 0 { has.available % parts } else { 0 };
            (*line, has.available / parts + rest)
        };
        let (document, shares): (Document, Shares) = (documents[n / 4], left.iter().map(share).collect());
        let paid = Document::claim(Dice(seed ^ u64::try_from(n).unwrap()).id());
        async move {
            let mut met = Met::default();
            met.ask(apps[n % 2], Command::Commit { document, shares: shares.clone() }).await;
            let promised = Shares::new();
            met.ask(apps[n % 2], Command::Spend { document, paid, shares, promised }).await;
            met
        }
    });
    for (n, met) in join_all(exact).await.into_iter().enumerate() {
        assert_eq!((met.refused, met.again), (Vec::new(), 0), "{told}: client {n} was refused what fits");
    }
    for (id, line) in audited(&office, &lines, &told).await {
        let spent: i64 = left[&id].spent + left[&id].available;
        assert_eq!((line.available, line.spent), (0, spent), "{told}: line {id}");
        let mut met = Met::default();
        let more = Command::Commit { document: documents[0], shares: [(id, 1)].into() };
        met.ask(apps[0], more).await;
        assert_eq!(met.refused, ["budget_insufficient"], "{told}: one more đồng of line {id}");
    }
}
