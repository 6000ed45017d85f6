//! What each step of a budget year does, and how the rest of the budget relies on the year's being open. A step that is
//! taken already changes nothing: it answers with the year as it is.

use entity::budget_lines::{BudgetLineStatus, Model as Line};
use entity::budget_years::{ActiveModel, BudgetYearStatus, Model};
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::Reach;
use crate::budgets::ledger::{self, Document, Move, Movement};
use crate::budgets::lines::store as lines;
use crate::budgets::years::TYPE;
use crate::budgets::years::json::BudgetYearOut;
use crate::budgets::years::obstacles::{self, Obstacle};
use crate::budgets::years::plan::{self, LinePlan, Plan};
use crate::budgets::years::rules::{self, STEPS};
use crate::budgets::years::store::{self, Passage};
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::workflow::{self, check_state, reason_for, step};
use crate::write::{Event, Tx};

/// How many movements are posted at once: each entry has many values, and SQLite takes only so many in a statement.
const MOVEMENTS: usize = 200;

/// A new line of a year: the year's row is made with its first line, and stays open until the line is written.
///
/// # Errors
/// 409 `budget_year_not_open`.
pub async fn take_new_line(tx: &Tx, year: i64) -> ApiResult<()> {
    match store::relied_on(tx, year).await? {
        Some(row) => rules::must_be_open(&row),
        None => {
            store::make(tx, tx.id(), year).await?;
            must_stay_open(tx, year).await
        }
    }
}

/// Something new in a year, which stays open until it is written. Comes before the lines are locked.
///
/// # Errors
/// 409 `budget_year_not_open`.
pub async fn must_stay_open(tx: &Tx, year: i64) -> ApiResult<()> {
    let year = store::relied_on(tx, year).await?;
    rules::must_be_open(&year.ok_or_else(|| ApiError::internal("a line has no budget year"))?)
}

/// Takes a step: finds the year (404), compares its version (412), asks who may (403), when (409), why (422) and what
/// stands in the way (409).
///
/// # Errors
/// The first of these that is refused.
pub async fn take(
    call: &Call,
    tx: &Tx,
    year_id: Uuid,
    verb: &'static str,
    reason: Option<&str>,
) -> ApiResult<Reply<BudgetYearOut>> {
    let year = store::find_for_update(tx, call, year_id).await?;
    call.expect_version(year.version)?;
    let step = step(STEPS, verb)?;
    rules::person(call, &year, step)?;
    if is_taken(&year, step.verb) {
        return Reply::ok(&one(call, year));
    }
    check_state(STEPS, step, &year.status)?;
    let reason = reason_for(step, reason)?;
    let year = match verb {
        "freeze" => freeze(tx, &year, call.staff_id()?).await?,
        "unfreeze" => unfreeze(tx, &year, reason).await?,
        "carry-forward" => carry_forward(call, tx, year).await?,
        _ => close(call, tx, year).await?,
    };
    Reply::ok(&one(call, year))
}

/// Whether nothing is left to do for a step.
fn is_taken(year: &Model, verb: &str) -> bool {
    match verb {
        "freeze" => year.status == BudgetYearStatus::Frozen,
        "unfreeze" => year.status == BudgetYearStatus::Open,
        // A year is closed only when nothing is left to carry forward.
        "carry-forward" => year.status == BudgetYearStatus::Closed && year.carried_forward_at.is_some(),
        _ => year.status == BudgetYearStatus::Closed,
    }
}

/// Freezes the year and its active lines.
///
/// # Errors
/// When the database does not take it.
pub async fn freeze(tx: &Tx, year: &Model, by: Uuid) -> ApiResult<Model> {
    let mut lines = store::lock_lines(tx, year.year).await?;
    lines.retain(|line| line.status == BudgetLineStatus::Active);
    let to = BudgetLineStatus::Frozen;
    let passage = Passage { verb: "freeze", to, frozen_with_year: Some(true), reason: None };
    store::move_lines(tx, &lines, &passage).await?;
    let changed =
        ActiveModel { frozen_at: Set(Some(tx.now)), frozen_by_id: Set(Some(by)), ..ActiveModel::default() };
    finish(tx, year, "freeze", changed, None, json!({"lines": lines.len()})).await
}

/// Lines that were frozen before the year stay so.
async fn unfreeze(tx: &Tx, year: &Model, reason: Option<&str>) -> ApiResult<Model> {
    let mut lines = store::lock_lines(tx, year.year).await?;
    lines.retain(|line| line.status == BudgetLineStatus::Frozen && line.frozen_with_year);
    let changed = ActiveModel { frozen_at: Set(None), frozen_by_id: Set(None), ..ActiveModel::default() };
    // The year comes first: only in an open one a line is activated.
    let year = finish(tx, year, "unfreeze", changed, reason, json!({"lines": lines.len()})).await?;
    let to = BudgetLineStatus::Active;
    let passage = Passage { verb: "unfreeze", to, frozen_with_year: Some(false), reason };
    store::move_lines(tx, &lines, &passage).await?;
    Ok(year)
}

async fn carry_forward(call: &Call, tx: &Tx, year: Model) -> ApiResult<Model> {
    let plan = locked_plan(tx, &year).await?;
    let total = plan.to_carry();
    if total == 0 && year.carried_forward_at.is_some() {
        return Ok(year);
    }
    clear(call, plan.against_carrying())?;
    let carrying: Vec<LinePlan> = plan.lines.into_iter().filter(|one| one.to_carry > 0).collect();
    let mut movements = Vec::with_capacity(2 * carrying.len());
    for one in &carrying {
        let to = match &one.to {
            Some(to) => to.id,
            None => make_line(tx, &one.line).await?.id,
        };
        let (line_id, amount) = (one.line.id, one.to_carry);
        movements.push(Movement { line_id, what: Move::CarryForward, amount });
        movements.push(Movement { line_id: to, what: Move::TransferIn, amount });
    }
    for part in movements.chunks(MOVEMENTS) {
        ledger::post(tx, Document::budget_year(year.id), part).await?;
    }
    let changed = ActiveModel {
        carried_forward_at: Set(Some(tx.now)),
        carried_forward_by_id: Set(Some(call.staff_id()?)),
        ..ActiveModel::default()
    };
    let details = json!({"amount": total, "lines": carrying.len()});
    finish(tx, &year, "carry-forward", changed, None, details).await
}

/// The plan of a locked year, with every line locked that it touches, and the next year where money goes there.
async fn locked_plan(tx: &Tx, year: &Model) -> ApiResult<Plan> {
    let seen = plan::draw(tx.db(), year.clone(), &Reach::Office).await?;
    if seen.to_carry() > 0 && year.year < rules::LAST_YEAR {
        store::locked(tx, year.year + 1).await?;
    }
    let ids = seen.lines.iter().flat_map(|one| [Some(one.line.id), one.to.as_ref().map(|to| to.id)]);
    ledger::lock(tx, ids.flatten()).await?;
    plan::draw(tx.db(), year.clone(), &Reach::Office).await
}

/// The same line in the next year, in force. Its money is still that of the old line's decision.
async fn make_line(tx: &Tx, old: &Line) -> ApiResult<Line> {
    let line = Line {
        id: tx.id(),
        year: old.year + 1,
        status: BudgetLineStatus::Active,
        planned_amount: 0,
        appropriated_amount: 0,
        transferred_amount: 0,
        available_amount: 0,
        committed_amount: 0,
        spent_amount: 0,
        frozen_with_year: false,
        planned_by_id: None,
        activated_by_id: None,
        import_id: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        created_by_id: tx.actor.user_id,
        ..old.clone()
    };
    let made = lines::insert_all(tx, vec![line]).await?;
    made.into_iter().next().ok_or_else(|| ApiError::internal("a line vanished"))
}

async fn close(call: &Call, tx: &Tx, year: Model) -> ApiResult<Model> {
    let mut lines = store::lock_lines(tx, year.year).await?;
    let plan = plan::draw(tx.db(), year, &Reach::Office).await?;
    clear(call, plan.against_closing())?;
    let year = plan.year;
    lines.retain(|line| line.status != BudgetLineStatus::Closed);
    let to = BudgetLineStatus::Closed;
    let passage = Passage { verb: "close", to, frozen_with_year: None, reason: None };
    store::move_lines(tx, &lines, &passage).await?;
    let changed = ActiveModel {
        closed_at: Set(Some(tx.now)),
        closed_by_id: Set(Some(call.staff_id()?)),
        ..ActiveModel::default()
    };
    finish(tx, &year, "close", changed, None, json!({"lines": lines.len()})).await
}

/// Refuses what something stands in the way of, and names all of it.
fn clear(call: &Call, against: Vec<Obstacle>) -> ApiResult<()> {
    if against.is_empty() {
        return Ok(());
    }
    let many = against.len();
    let detail = text(
        format!("Còn {many} vướng mắc; xem obstacles."),
        format!("{many} things stand in the way; see obstacles."),
    );
    let obstacles = obstacles::tell(against, call.language);
    Err(ApiError::new(Code::BudgetYearUnsettled, detail).with("obstacles", obstacles))
}

async fn finish(
    tx: &Tx,
    year: &Model,
    verb: &str,
    mut changed: ActiveModel,
    reason: Option<&str>,
    details: serde_json::Value,
) -> ApiResult<Model> {
    let to = step(STEPS, verb)?.to;
    changed.status = Set(to);
    let event = Event::new(verb, TYPE, year.id, year.version + 1).step(&year.status, &to).because(reason);
    store::save(tx, year, changed, event.with(details)).await
}

/// One year, with what the caller can do.
pub fn one(call: &Call, year: Model) -> BudgetYearOut {
    let allowed =
        workflow::allowed_actions(call, STEPS, &year.status, |step| rules::person(call, &year, step));
    BudgetYearOut { allowed_actions: Some(allowed), ..shown(year) }
}

/// A year as lists show it.
pub fn shown(year: Model) -> BudgetYearOut {
    BudgetYearOut {
        id: year.id,
        version: year.version,
        year: year.year,
        status: year.status,
        allowed_actions: None,
        frozen_at: year.frozen_at,
        frozen_by_id: year.frozen_by_id,
        carried_forward_at: year.carried_forward_at,
        carried_forward_by_id: year.carried_forward_by_id,
        closed_at: year.closed_at,
        closed_by_id: year.closed_by_id,
        created_at: year.created_at,
        updated_at: year.updated_at,
        created_by_id: year.created_by_id,
    }
}
