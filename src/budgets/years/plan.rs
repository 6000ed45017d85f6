//! What would become of each line at the end of its year, and what stands in the way. Nothing is written here; the
//! preview shows it, and the step posts it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::budget_entries::{self, BudgetAccount, DocumentType};
use entity::budget_lines::{self, BudgetLineStatus, Model as Line};
use entity::budget_years::{BudgetYearStatus, Model};
use entity::expense_claims::{self, ClaimStatus};
use entity::{boards, commitments, expense_claim_lines};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::auth::permissions::Reach;
use crate::budgets::codes::store as codes;
use crate::budgets::years::json::{BudgetCarryForwardLine, BudgetCarryForwardOut};
use crate::budgets::years::obstacles::{self, Obstacle};
use crate::budgets::years::{rules, store};
use crate::error::ApiResult;
use crate::http::language::Language;
use crate::http::page;

/// The end of a year as it would be now.
pub struct Plan {
    pub year: Model,
    pub lines: Vec<LinePlan>,
    /// What concerns no single line.
    obstacles: Vec<Obstacle>,
}

/// What would become of one line.
pub struct LinePlan {
    pub line: Line,
    /// The same line of the next year, if there is one.
    pub to: Option<Line>,
    carried: i64,
    pub to_carry: i64,
    obstacles: Vec<Obstacle>,
}

/// What makes a line the same in another year: board, source and sub-item.
type Key = (Uuid, String, String);

fn key(line: &Line) -> Key {
    (line.board_id, line.funding_source.to_value(), line.sub_item.clone())
}

/// Draws up the end of a year for the boards that somebody reads; as many queries for one line as for a thousand.
///
/// # Errors
/// When the database does not answer.
pub async fn draw(db: &impl ConnectionTrait, year: Model, reach: &Reach) -> ApiResult<Plan> {
    let lines = lines_of(db, year.year, reach).await?;
    let next = lines_of(db, year.year + 1, reach).await?;
    let mut next: BTreeMap<Key, Line> = next.into_iter().map(|line| (key(&line), line)).collect();
    let mut carried = carried_by(db, year.id).await?;
    let mut plan = Plan { year, lines: Vec::with_capacity(lines.len()), obstacles: Vec::new() };
    for line in lines {
        let to_carry = if carries(&line) { line.available_amount } else { 0 };
        let carried = carried.remove(&line.id).unwrap_or_default();
        let to = next.remove(&key(&line));
        plan.lines.push(LinePlan { line, to, carried, to_carry, obstacles: Vec::new() });
    }
    find_documents(db, &mut plan, reach).await?;
    if plan.to_carry() > 0 {
        find_ends(db, &mut plan).await?;
    }
    Ok(plan)
}

fn carries(line: &Line) -> bool {
    let living = matches!(line.status, BudgetLineStatus::Active | BudgetLineStatus::Frozen);
    living && rules::carries_over(line.funding_source)
}

async fn lines_of(db: &impl ConnectionTrait, year: i64, reach: &Reach) -> ApiResult<Vec<Line>> {
    use budget_lines::Column;
    let mut select = budget_lines::Entity::find().filter(Column::Year.eq(year));
    match reach {
        Reach::Office => {}
        Reach::Boards(boards) => select = select.filter(Column::BoardId.is_in(boards.iter().copied())),
        Reach::None => return Ok(Vec::new()),
    }
    let select = select
        .order_by_asc(Column::BoardId)
        .order_by_asc(Column::FundingSource)
        .order_by_asc(Column::SubItem);
    Ok(select.all(db).await?)
}

/// What left each line for the next year.
async fn carried_by(db: &impl ConnectionTrait, year_id: Uuid) -> ApiResult<BTreeMap<Uuid, i64>> {
    use budget_entries::Column;
    let sums: Vec<(Uuid, i64)> = budget_entries::Entity::find()
        .filter(Column::DocumentId.eq(year_id))
        .filter(Column::Credit.eq(BudgetAccount::Available))
        .select_only()
        .column(Column::BudgetLineId)
        .column_as(Column::Amount.sum().cast_as("bigint"), "amount")
        .group_by(Column::BudgetLineId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(sums.into_iter().collect())
}

/// What a document is, and its id.
type Paper = (DocumentType, Uuid);

/// Records that still want money of the year.
async fn find_documents(db: &impl ConnectionTrait, plan: &mut Plan, reach: &Reach) -> ApiResult<()> {
    let open = commitments::Entity::find()
        .filter(commitments::Column::BudgetLineId.in_subquery(ids_of(plan.year.year)))
        .filter(commitments::Column::ClosedAt.is_null())
        .order_by_asc(commitments::Column::Id)
        .all(db)
        .await?;
    let mut reserved: BTreeMap<Uuid, Vec<(Paper, i64)>> = BTreeMap::new();
    for row in open {
        let amount = row.committed_amount - row.spent_amount - row.released_amount;
        if amount > 0 {
            let document = (row.document_type, row.document_id);
            reserved.entry(row.budget_line_id).or_default().push((document, amount));
        }
    }
    for one in &mut plan.lines {
        let line = &one.line;
        let mut documents = reserved.remove(&line.id).unwrap_or_default();
        let rest = line.committed_amount - documents.iter().map(|(_, amount)| amount).sum::<i64>();
        if rest > 0 {
            // Reserved before the service kept its budget, by the line itself.
            documents.push(((DocumentType::BudgetLine, line.id), rest));
        }
        one.obstacles.extend(
            documents
                .into_iter()
                .map(|(document, amount)| obstacles::open_commitment(line.id, document, amount)),
        );
    }
    for (claim_id, line_id, amount) in claims_under_way(db, plan.year.year, reach).await? {
        let obstacle = obstacles::claim_under_way(claim_id, line_id, amount);
        let line = plan.lines.iter_mut().find(|one| Some(one.line.id) == line_id);
        line.map_or(&mut plan.obstacles, |one| &mut one.obstacles).push(obstacle);
    }
    Ok(())
}

/// The ids of a year's lines, for another query.
fn ids_of(year: i64) -> SelectStatement {
    use budget_lines::Column;
    let mut select = Query::select();
    select.column(Column::Id).from(budget_lines::Entity).and_where(Column::Year.eq(year));
    select
}

/// Claims that somebody of the office still works on: what they want of each line, and of none yet.
async fn claims_under_way(
    db: &impl ConnectionTrait,
    year: i64,
    reach: &Reach,
) -> ApiResult<Vec<(Uuid, Option<Uuid>, i64)>> {
    use expense_claim_lines::Column;
    let (first, last) = days_of(year);
    let in_the_year =
        Condition::all().add(Column::BudgetLineId.is_null()).add(Column::IncurredOn.between(first, last));
    let wanted =
        Func::sum(Func::coalesce([Expr::col(Column::AllowedAmount), Expr::col(Column::ClaimedAmount)]));
    let rows: Vec<(Uuid, Option<Uuid>, i64)> = expense_claim_lines::Entity::find()
        .filter(Column::ClaimId.in_subquery(living_claims(reach)))
        .filter(Condition::any().add(Column::BudgetLineId.in_subquery(ids_of(year))).add(in_the_year))
        .select_only()
        .columns([Column::ClaimId, Column::BudgetLineId])
        .column_as(wanted.cast_as("bigint"), "amount")
        .group_by(Column::ClaimId)
        .group_by(Column::BudgetLineId)
        .order_by_asc(Column::ClaimId)
        .into_tuple()
        .all(db)
        .await?;
    // What was cut to nothing needs no line.
    Ok(rows.into_iter().filter(|(.., amount)| *amount > 0).collect())
}

fn living_claims(reach: &Reach) -> SelectStatement {
    use expense_claims::Column;
    let under_way = [ClaimStatus::Submitted, ClaimStatus::Confirmed, ClaimStatus::Verified];
    let mut select = Query::select();
    select.column(Column::Id).from(expense_claims::Entity).and_where(Column::Status.is_in(under_way));
    if let Reach::Boards(boards) = reach {
        select.and_where(Column::BoardId.is_in(boards.iter().copied()));
    }
    select
}

/// What keeps money from the next year, though no record wants it.
async fn find_ends(db: &impl ConnectionTrait, plan: &mut Plan) -> ApiResult<()> {
    let next_year = plan.year.year + 1;
    if next_year > rules::LAST_YEAR {
        plan.obstacles.push(obstacles::no_next_year(next_year));
    }
    let next = store::of_year(db, next_year).await?;
    if next.is_some_and(|next| next.status != BudgetYearStatus::Open) {
        plan.obstacles.push(obstacles::next_year_not_open(next_year));
    }
    let (first, _) = days_of(next_year);
    let carrying = || plan.lines.iter().filter(|one| one.to_carry > 0).map(|one| &one.line);
    let wanted: Vec<&str> = carrying().map(|line| line.sub_item.as_str()).collect();
    let codes = codes::sub_items_in_force(db, &wanted, first, first).await?;
    let boards = carrying().map(|line| line.board_id);
    let boards = page::by_id::<boards::Entity, _>(db, boards, boards::Column::Id).await?;
    for one in plan.lines.iter_mut().filter(|one| one.to_carry > 0) {
        let (line, amount) = (&one.line, one.to_carry);
        if !codes.iter().any(|row| row.code == line.sub_item) {
            one.obstacles.push(obstacles::sub_item_ended(line, amount, next_year));
        }
        let ended = |board: &boards::Model| board.valid_to.is_some_and(|last| last < first);
        if boards.get(&line.board_id).is_some_and(ended) {
            one.obstacles.push(obstacles::board_ended(line, amount, next_year));
        }
        if one.to.as_ref().is_some_and(|to| to.status != BudgetLineStatus::Active) {
            one.obstacles.push(obstacles::next_line_not_active(line, amount, next_year));
        }
    }
    Ok(())
}

fn days_of(year: i64) -> (NaiveDate, NaiveDate) {
    let day = |month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    (day(1, 1).unwrap_or_default(), day(12, 31).unwrap_or_default())
}

impl Plan {
    pub fn to_carry(&self) -> i64 {
        self.lines.iter().map(|one| one.to_carry).sum()
    }

    /// Everything that keeps the year from being carried forward.
    pub fn against_carrying(&self) -> Vec<Obstacle> {
        self.obstacles.iter().chain(self.lines.iter().flat_map(|one| &one.obstacles)).cloned().collect()
    }

    /// Everything that keeps the year from being closed.
    pub fn against_closing(&self) -> Vec<Obstacle> {
        let mut against = self.against_carrying();
        let left = self.lines.iter().filter(|one| one.to_carry > 0);
        against.extend(left.map(|one| obstacles::not_carried_forward(&one.line, one.to_carry)));
        against
    }

    /// The plan as it is shown.
    pub fn shown(self, language: Language) -> BudgetCarryForwardOut {
        let sum = |of: fn(&LinePlan) -> i64| self.lines.iter().map(of).sum();
        BudgetCarryForwardOut {
            budget_year_id: self.year.id,
            year: self.year.year,
            next_year: self.year.year + 1,
            status: self.year.status,
            carried_amount: sum(|one| one.carried),
            to_carry_amount: sum(|one| one.to_carry),
            lapsing_amount: sum(LinePlan::lapsing),
            committed_amount: sum(|one| one.line.committed_amount),
            obstacles: obstacles::tell(self.obstacles, language),
            lines: self.lines.into_iter().map(|one| one.shown(language)).collect(),
        }
    }
}

impl LinePlan {
    fn lapsing(&self) -> i64 {
        self.line.available_amount - self.to_carry
    }

    fn shown(self, language: Language) -> BudgetCarryForwardLine {
        BudgetCarryForwardLine {
            lapsing_amount: self.lapsing(),
            budget_line_id: self.line.id,
            board_id: self.line.board_id,
            funding_source: self.line.funding_source,
            sub_item: self.line.sub_item,
            status: self.line.status,
            available_amount: self.line.available_amount,
            committed_amount: self.line.committed_amount,
            carried_amount: self.carried,
            to_carry_amount: self.to_carry,
            to_line_id: self.to.map(|to| to.id),
            obstacles: obstacles::tell(self.obstacles, language),
        }
    }
}
