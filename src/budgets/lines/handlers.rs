//! The budget lines' and entries' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use entity::budget_lines::{ActiveModel, BudgetLineStatus, Model};
use entity::budget_years::Model as Year;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::boards;
use crate::budgets::TYPE;
use crate::budgets::ledger::{self, Document, Move, Movement};
use crate::budgets::lines::checks::Ground;
use crate::budgets::lines::json::{
    BalanceParams, BudgetBalanceOut, BudgetEntryFilter, BudgetEntryOut, BudgetLineFilter, BudgetLineIn,
    BudgetLineOut, BudgetLinePatch, BudgetReasonIn,
};
use crate::budgets::lines::rules::{self, STEPS};
use crate::budgets::lines::store;
use crate::budgets::years;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, Code, FieldError, Place, text};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::workflow::{check_state, reason_for, step, wrong_state};
use crate::write::{Event, Tx};

/// List budget lines.
///
/// Lines of the caller's boards with their balances, by sub-item.
#[utoipa::path(
    tag = "budgets",
    params(BudgetLineFilter, PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of lines.", body = Page<BudgetLineOut>))
)]
#[get("/v1/budget-lines")]
pub(crate) async fn list_budget_lines(
    call: Call,
    request: HttpRequest,
    filter: Query<BudgetLineFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BudgetLineOut>>> {
    use entity::budget_lines::Column;
    let order = Order { column: Column::SubItem, descending: false };
    page::load(&call, store::select(&call, &filter), order, Column::Id, &params, &*filter)
        .await?
        .map(BudgetLineOut::from)
        .reply(&request)
}

/// Plan a budget line.
///
/// The chief accountant enters what a decision allocates. A planned line has no money until a chief of office activates
/// it. A board has one line for a year, source and sub-item; the first line of a year makes the budget year.
/// `POST /v1/budget-imports` plans all lines of a year at once.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.manage"))),
    responses((status = 201, description = "Created.", body = BudgetLineOut))
)]
#[post("/v1/budget-lines")]
pub(crate) async fn create_budget_line(
    call: Call,
    body: Json<BudgetLineIn>,
) -> ApiResult<Reply<BudgetLineOut>> {
    call.write(async |tx| {
        let boards = boards::store::by_ids(tx.db(), [body.board_id]).await?;
        let ground = Ground::load(tx, body.year, boards, &[&body.sub_item]).await?;
        let broken = ground.broken(&body);
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken));
        }
        let line = store::insert(tx, tx.id(), &body, Some(call.staff_id()?)).await?;
        Reply::created(&line.into())
    })
    .await
}

/// Read a budget line.
///
/// With its balances as they are now; `balance` tells them of any past moment, `budget-entries` what made them.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "The line.", body = BudgetLineOut))
)]
#[get("/v1/budget-lines/{budget_line_id}")]
pub(crate) async fn get_budget_line(
    call: Call,
    budget_line_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetLineOut>> {
    Reply::ok(&store::find(call.db(), &call, *budget_line_id).await?.into())
}

/// Change a budget line.
///
/// The chief accountant corrects a line as long as it is planned. Later changes are supplements and transfers.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.manage"))),
    responses((status = 200, description = "The line.", body = BudgetLineOut))
)]
#[patch("/v1/budget-lines/{budget_line_id}")]
pub(crate) async fn update_budget_line(
    call: Call,
    budget_line_id: Path<Uuid>,
    body: Json<BudgetLinePatch>,
) -> ApiResult<Reply<BudgetLineOut>> {
    call.write(async |tx| {
        let line = store::find_for_update(tx, &call, *budget_line_id).await?;
        call.expect_version(line.version)?;
        if line.status != BudgetLineStatus::Planned {
            return Err(wrong_state(STEPS, &line.status));
        }
        let BudgetLinePatch { planned_amount, document_number, issuer, signed_on } = body.clone();
        let late = signed_on.and_then(|day| store::not_yet_signed(day, office_day(tx.now)));
        if let Some(error) = late {
            return Err(ApiError::invalid(vec![error]));
        }
        let changed = ActiveModel {
            planned_amount: Set(planned_amount.unwrap_or(line.planned_amount)),
            document_number: Set(document_number.unwrap_or_else(|| line.document_number.clone())),
            issuer: Set(issuer.unwrap_or_else(|| line.issuer.clone())),
            signed_on: Set(signed_on.unwrap_or(line.signed_on)),
            planned_by_id: Set(Some(call.staff_id()?)),
            ..ActiveModel::default()
        };
        let event = Event::new("update", TYPE, line.id, line.version + 1);
        Reply::ok(&store::save(tx, &line, changed, event).await?.into())
    })
    .await
}

/// Read a budget line's history.
///
/// Everything that happened to the line, oldest first, every movement of its money included.
#[utoipa::path(
    tag = "budgets",
    params(PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/budget-lines/{budget_line_id}/history")]
pub(crate) async fn get_budget_line_history(
    call: Call,
    request: HttpRequest,
    budget_line_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let line = store::find(call.db(), &call, *budget_line_id).await?;
    history::of(&call, &request, line.id, &params).await
}

/// A step of a line: finds it (404), compares its version (412), asks who may (403), when (409) and why (422).
async fn begin<'a>(
    call: &Call,
    tx: &Tx,
    line_id: Uuid,
    verb: &'static str,
    reason: Option<&'a str>,
) -> ApiResult<(Model, Option<&'a str>)> {
    let line = store::find_for_update(tx, call, line_id).await?;
    call.expect_version(line.version)?;
    let step = step(STEPS, verb)?;
    call.may(step.action, line.board_id)?;
    rules::person(call, &line, verb)?;
    check_state(STEPS, step, &line.status)?;
    Ok((line, reason_for(step, reason)?))
}

/// The year of a line, which stays as it is until the transaction ends. It comes before the line is locked: a year is
/// locked before its lines.
async fn year_of(call: &Call, tx: &Tx, line_id: Uuid) -> ApiResult<Year> {
    let line = store::find(tx.db(), call, line_id).await?;
    let year = years::store::relied_on(tx, line.year).await?;
    year.ok_or_else(|| ApiError::internal("a line has no budget year"))
}

async fn finish(
    tx: &Tx,
    line: &Model,
    verb: &str,
    mut changed: ActiveModel,
    reason: Option<&str>,
) -> ApiResult<Reply<BudgetLineOut>> {
    let to = step(STEPS, verb)?.to;
    changed.status = Set(to);
    let event = Event::new(verb, TYPE, line.id, line.version + 1).step(&line.status, &to).because(reason);
    Reply::ok(&store::save(tx, line, changed, event).await?.into())
}

/// Activate a budget line.
///
/// A chief of office who did not plan it puts the line in force: the planned amount is appropriated and can be committed.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.decide")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The line.", body = BudgetLineOut))
)]
#[post("/v1/budget-lines/{budget_line_id}/activate")]
pub(crate) async fn activate_budget_line(
    call: Call,
    budget_line_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetLineOut>> {
    call.write(async |tx| {
        let year = year_of(&call, tx, *budget_line_id).await?;
        let (line, _) = begin(&call, tx, *budget_line_id, "activate", None).await?;
        years::rules::must_be_open(&year)?;
        let changed = ActiveModel { activated_by_id: Set(Some(call.staff_id()?)), ..ActiveModel::default() };
        finish(tx, &line, "activate", changed, None).await?;
        Reply::ok(&appropriate(tx, &line).await?.into())
    })
    .await
}

/// Gives a line that was just activated its money.
///
/// # Errors
/// When the database does not take it.
pub async fn appropriate(tx: &Tx, line: &Model) -> ApiResult<Model> {
    let movement = Movement { line_id: line.id, what: Move::Appropriate, amount: line.planned_amount };
    ledger::post(tx, Document::budget_line(line.id), &[movement]).await?;
    let lines = ledger::lock(tx, [line.id]).await?;
    lines.into_values().next().ok_or_else(|| ApiError::internal("a line vanished"))
}

/// Freeze a budget line.
///
/// The chief accountant stops new commitments, with a reason, e.g. at the end of the year. What is committed can still be
/// spent or released.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.manage"))),
    responses((status = 200, description = "The line.", body = BudgetLineOut))
)]
#[post("/v1/budget-lines/{budget_line_id}/freeze")]
pub(crate) async fn freeze_budget_line(
    call: Call,
    budget_line_id: Path<Uuid>,
    body: Json<BudgetReasonIn>,
) -> ApiResult<Reply<BudgetLineOut>> {
    call.write(async |tx| {
        let (line, reason) = begin(&call, tx, *budget_line_id, "freeze", body.reason.as_deref()).await?;
        finish(tx, &line, "freeze", ActiveModel::default(), reason).await
    })
    .await
}

/// Unfreeze a budget line.
///
/// A chief of office puts a frozen line in force again, with a reason.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.decide"))),
    responses((status = 200, description = "The line.", body = BudgetLineOut))
)]
#[post("/v1/budget-lines/{budget_line_id}/unfreeze")]
pub(crate) async fn unfreeze_budget_line(
    call: Call,
    budget_line_id: Path<Uuid>,
    body: Json<BudgetReasonIn>,
) -> ApiResult<Reply<BudgetLineOut>> {
    call.write(async |tx| {
        let year = year_of(&call, tx, *budget_line_id).await?;
        let (line, reason) = begin(&call, tx, *budget_line_id, "unfreeze", body.reason.as_deref()).await?;
        years::rules::must_be_open(&year)?;
        finish(tx, &line, "unfreeze", ActiveModel::default(), reason).await
    })
    .await
}

/// Close a budget line.
///
/// A chief of office ends a frozen line of which nothing is committed any more (409 `in_use` otherwise). No entry is made
/// after it, not even a reversal.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.decide"))),
    responses((status = 200, description = "The line.", body = BudgetLineOut))
)]
#[post("/v1/budget-lines/{budget_line_id}/close")]
pub(crate) async fn close_budget_line(
    call: Call,
    budget_line_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetLineOut>> {
    call.write(async |tx| {
        let (line, _) = begin(&call, tx, *budget_line_id, "close", None).await?;
        let committed = line.committed_amount;
        if committed > 0 {
            let detail = text(
                format!("Dòng dự toán còn {committed} đ đã cam kết; hãy chi hoặc trả lại trước."),
                format!("{committed} đồng are still committed; spend or release them first."),
            );
            return Err(ApiError::new(Code::InUse, detail));
        }
        finish(tx, &line, "close", ActiveModel::default(), None).await
    })
    .await
}

/// Read the balance of a budget line at a moment.
///
/// Added up from the entries posted up to then. The balance of now is that of the line itself.
#[utoipa::path(
    tag = "budgets",
    params(BalanceParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "The balance.", body = BudgetBalanceOut))
)]
#[get("/v1/budget-lines/{budget_line_id}/balance")]
pub(crate) async fn get_budget_line_balance(
    call: Call,
    budget_line_id: Path<Uuid>,
    params: Query<BalanceParams>,
) -> ApiResult<Reply<BudgetBalanceOut>> {
    let line = store::find(call.db(), &call, *budget_line_id).await?;
    let as_of = params.as_of.unwrap_or_else(|| call.now());
    if as_of > call.now() {
        let future = text("không được ở tương lai", "must not be in the future");
        let place = Place::Parameter("as_of".to_owned());
        return Err(ApiError::invalid(vec![FieldError { place, code: "out_of_range", detail: future }]));
    }
    Reply::plain(&store::balance(call.db(), line.id, as_of).await?)
}

/// List budget entries.
///
/// The ledger of the caller's boards, the latest first: what moved, on which line, by which record.
#[utoipa::path(
    tag = "budgets",
    params(BudgetEntryFilter, PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of entries.", body = Page<BudgetEntryOut>))
)]
#[get("/v1/budget-entries")]
pub(crate) async fn list_budget_entries(
    call: Call,
    request: HttpRequest,
    filter: Query<BudgetEntryFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BudgetEntryOut>>> {
    use entity::budget_entries::Column;
    let order = Order { column: Column::PostedAt, descending: true };
    page::load(&call, store::select_entries(&call, &filter), order, Column::Id, &params, &*filter)
        .await?
        .map(BudgetEntryOut::from)
        .reply(&request)
}

/// Read a budget entry.
///
/// One movement, with the address of the record behind it. Entries never change; a correction is another entry.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "The entry.", body = BudgetEntryOut))
)]
#[get("/v1/budget-entries/{entry_id}")]
pub(crate) async fn get_budget_entry(call: Call, entry_id: Path<Uuid>) -> ApiResult<Reply<BudgetEntryOut>> {
    Reply::plain(&store::find_entry(call.db(), &call, *entry_id).await?.into())
}
