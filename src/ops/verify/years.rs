//! Every budget year against its lines, and what it carried forward: what left a board's lines of one source came to the
//! same board and source in the next year.

use std::collections::BTreeMap;

use entity::budget_entries::{self, BudgetAccount, DocumentType};
use entity::budget_lines::{self, BudgetLineStatus};
use entity::budget_years::{BudgetYearStatus, Column, Entity, Model};
use entity::funding_source::FundingSource;
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::ops::verify::{Check, Pages};

/// What left the lines of a year, and what came to those of the next: by year, board and source.
type Carried = BTreeMap<(Uuid, i64, Uuid), Vec<(FundingSource, i64)>>;

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("budget_years");
    let mut pages = Pages::of(Entity::find(), Column::Id, |year: &Model| year.id);
    while let Some(years) = pages.next(db, &mut check).await? {
        let lines = lines_of(db, &years).await?;
        let carried = carried_by(db, &years).await?;
        for year in &years {
            compare_lines(&mut check, year, &lines);
            compare_sums(&mut check, year, &carried);
        }
    }
    for line_id in lines_without_year(db).await? {
        check.differs(line_id, "a line without a budget year");
    }
    Ok(check)
}

fn compare_lines(check: &mut Check, year: &Model, lines: &[(i64, BudgetLineStatus, i64)]) {
    let own = lines.iter().filter(|(of, ..)| *of == year.year);
    for (_, status, count) in own {
        let fits = match year.status {
            BudgetYearStatus::Open => true,
            BudgetYearStatus::Frozen => *status != BudgetLineStatus::Active,
            BudgetYearStatus::Closed => *status == BudgetLineStatus::Closed,
        };
        if !fits {
            check.differs(
                year.id,
                format!("it is {:?}, and {count} of its lines are {status:?}", year.status),
            );
        }
    }
}

fn compare_sums(check: &mut Check, year: &Model, carried: &Carried) {
    for ((year_id, of, board_id), sums) in carried {
        if *year_id != year.id {
            continue;
        }
        for (source, amount) in sums {
            let other = if *of == year.year { of + 1 } else { year.year };
            let there = carried.get(&(*year_id, other, *board_id)).into_iter().flatten();
            let there: i64 = there.filter(|(other, _)| other == source).map(|(_, amount)| amount).sum();
            if amount + there != 0 {
                let off = amount + there;
                check.differs(year.id, format!("what it carried for {board_id} is {off} off in {of}"));
            }
        }
    }
}

async fn lines_of(
    db: &impl ConnectionTrait,
    years: &[Model],
) -> Result<Vec<(i64, BudgetLineStatus, i64)>, DbErr> {
    use budget_lines::Column;
    budget_lines::Entity::find()
        .filter(Column::Year.is_in(years.iter().map(|year| year.year)))
        .select_only()
        .columns([Column::Year, Column::Status])
        .column_as(Column::Id.count(), "lines")
        .group_by(Column::Year)
        .group_by(Column::Status)
        .into_tuple()
        .all(db)
        .await
}

/// What came in counts as more, what went out as less.
async fn carried_by(db: &impl ConnectionTrait, years: &[Model]) -> Result<Carried, DbErr> {
    use budget_entries::Column;
    let groups = [Column::DocumentId, Column::Year, Column::BoardId, Column::FundingSource, Column::Debit];
    let mut select = budget_entries::Entity::find()
        .filter(Column::DocumentType.eq(DocumentType::BudgetYear))
        .filter(Column::DocumentId.is_in(years.iter().map(|year| year.id)))
        .select_only()
        .columns(groups)
        .column_as(Column::Amount.sum().cast_as("bigint"), "amount");
    for group in groups {
        select = select.group_by(group);
    }
    let sums: Vec<(Uuid, i64, Uuid, FundingSource, BudgetAccount, i64)> = select.into_tuple().all(db).await?;
    let mut carried = Carried::new();
    for (year_id, of, board_id, source, debit, amount) in sums {
        let amount = if debit == BudgetAccount::Available { amount } else { -amount };
        carried.entry((year_id, of, board_id)).or_default().push((source, amount));
    }
    Ok(carried)
}

async fn lines_without_year(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    let known = Query::select().column(Column::Year).from(Entity).to_owned();
    budget_lines::Entity::find()
        .filter(budget_lines::Column::Year.not_in_subquery(known))
        .select_only()
        .column(budget_lines::Column::Id)
        .into_tuple()
        .all(db)
        .await
}
