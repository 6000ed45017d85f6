//! Every budget line against its entries and the commitments on it.

use std::collections::BTreeMap;

use entity::budget_entries::{self, BudgetAccount, BudgetEntryKind, DocumentType};
use entity::budget_lines::{Column, Entity, Model};
use entity::commitments;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::ops::verify::{Check, Pages};

use BudgetAccount::{Available, Committed, Source, Spent};

/// What the entries of a line add up to.
#[derive(Default)]
struct Balances {
    appropriated: i64,
    transferred: i64,
    available: i64,
    committed: i64,
    spent: i64,
    /// Committed and spent by the line itself: what was spent before the service kept its budget. No commitment tells
    /// of it.
    opening_committed: i64,
    opening_spent: i64,
}

/// What the commitments on a line add up to.
#[derive(Clone, Copy, Default)]
struct Reserved {
    open: i64,
    spent: i64,
}

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("ledger");
    let mut pages = Pages::of(Entity::find(), Column::Id, |line: &Model| line.id);
    while let Some(lines) = pages.next(db, &mut check).await? {
        let ids: Vec<Uuid> = lines.iter().map(|line| line.id).collect();
        let mut entries = entries_of(db, &ids).await?;
        let reserved = reserved_on(db, &ids).await?;
        for line in &lines {
            let counted = entries.remove(&line.id).unwrap_or_default();
            let reserved = reserved.get(&line.id).copied().unwrap_or_default();
            compare(&mut check, line, &counted, reserved);
        }
    }
    Ok(check)
}

fn compare(check: &mut Check, line: &Model, counted: &Balances, reserved: Reserved) {
    for (what, kept, counted) in [
        ("appropriated_amount", line.appropriated_amount, counted.appropriated),
        ("transferred_amount", line.transferred_amount, counted.transferred),
        ("available_amount", line.available_amount, counted.available),
        ("committed_amount", line.committed_amount, counted.committed),
        ("spent_amount", line.spent_amount, counted.spent),
    ] {
        check.equal(line.id, &format!("{what} and the entries"), kept, counted);
    }
    for (what, balance) in [
        ("available_amount", line.available_amount),
        ("committed_amount", line.committed_amount),
        ("spent_amount", line.spent_amount),
    ] {
        if balance < 0 {
            check.differs(line.id, format!("{what} is below zero: {balance}"));
        }
    }
    let committed = reserved.open + counted.opening_committed;
    check.equal(line.id, "committed_amount and the open commitments", line.committed_amount, committed);
    let spent = reserved.spent + counted.opening_spent;
    check.equal(line.id, "spent_amount and what commitments spent", line.spent_amount, spent);
}

type Sum = (Uuid, BudgetEntryKind, BudgetAccount, BudgetAccount, DocumentType, i64);

async fn entries_of(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Balances>, DbErr> {
    use budget_entries::Column;
    let groups = [Column::BudgetLineId, Column::Kind, Column::Debit, Column::Credit, Column::DocumentType];
    let mut select = budget_entries::Entity::find()
        .filter(Column::BudgetLineId.is_in(ids.iter().copied()))
        .select_only()
        .columns(groups)
        .column_as(Column::Amount.sum().cast_as("bigint"), "amount");
    for group in groups {
        select = select.group_by(group);
    }
    let sums: Vec<Sum> = select.into_tuple().all(db).await?;
    let mut found: BTreeMap<Uuid, Balances> = BTreeMap::new();
    for (line_id, kind, debit, credit, document, amount) in sums {
        let line = found.entry(line_id).or_default();
        let own = document == DocumentType::BudgetLine;
        line.add(debit, amount, kind, own);
        line.add(credit, -amount, kind, own);
    }
    Ok(found)
}

impl Balances {
    fn add(&mut self, account: BudgetAccount, amount: i64, kind: BudgetEntryKind, own: bool) {
        match account {
            // The source owes what the other accounts have.
            Source if kind == BudgetEntryKind::Transfer => self.transferred -= amount,
            Source => self.appropriated -= amount,
            Available => self.available += amount,
            Committed => self.committed += amount,
            Spent => self.spent += amount,
        }
        if own {
            match account {
                Committed => self.opening_committed += amount,
                Spent => self.opening_spent += amount,
                Source | Available => {}
            }
        }
    }
}

async fn reserved_on(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Reserved>, DbErr> {
    use commitments::Column;
    let sums: Vec<(Uuid, i64, i64, i64)> = commitments::Entity::find()
        .filter(Column::BudgetLineId.is_in(ids.iter().copied()))
        .select_only()
        .column(Column::BudgetLineId)
        .column_as(Column::CommittedAmount.sum().cast_as("bigint"), "committed")
        .column_as(Column::SpentAmount.sum().cast_as("bigint"), "spent")
        .column_as(Column::ReleasedAmount.sum().cast_as("bigint"), "released")
        .group_by(Column::BudgetLineId)
        .into_tuple()
        .all(db)
        .await?;
    let reserved = |(line_id, committed, spent, released): (Uuid, i64, i64, i64)| {
        (line_id, Reserved { open: committed - spent - released, spent })
    };
    Ok(sums.into_iter().map(reserved).collect())
}
