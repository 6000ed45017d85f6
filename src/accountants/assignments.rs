//! Queries about assignments, and the only places where they change. Every change locks the board's row
//! first, then the accountant's: of two changes in one board the second one sees what the first has done.

use chrono::NaiveDate;
use entity::accountant_assignments::{ActiveModel, AssignmentKind, Column, Entity, Model};
use entity::expense_claims::{self as claims, ClaimStatus};
use entity::{accountants, boards, users};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::accountants::json::{
    AccountantAssignmentEndIn, AccountantAssignmentFilter, AccountantAssignmentIn, AccountantAssignmentSort,
    AccountantHandOverIn, AccountantHandOverOut, HandOverFile,
};
use crate::accountants::rules::{self, Days};
use crate::accountants::store::{in_force, lock};
use crate::accountants::workload;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::idempotency;
use crate::http::page::Order;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "accountant_assignment";

/// Longer lists of moving files help nobody; the count is always complete.
const FILES_SHOWN: u64 = 1000;

pub fn select(filter: &AccountantAssignmentFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(board) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board));
    }
    if let Some(accountant) = filter.accountant_id {
        select = select.filter(Column::AccountantId.eq(accountant));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(day) = filter.on {
        select = select.filter(in_force(day));
    }
    select
}

pub fn order(sort: Option<AccountantAssignmentSort>) -> Order<Entity> {
    let descending = match sort.unwrap_or_default() {
        AccountantAssignmentSort::ValidFrom => false,
        AccountantAssignmentSort::ValidFromDescending => true,
    };
    Order { column: Column::ValidFrom, descending }
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record as it stands once its board is locked.
///
/// # Errors
/// 404.
pub async fn find_for_update(tx: &Tx, id: Uuid) -> ApiResult<Model> {
    let board_id = find(tx.db(), id).await?.board_id;
    boards::Entity::find_by_id(board_id).lock(ROW_LOCK).one(tx.db()).await?;
    Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// Puts an accountant in charge of a new board from its first day on.
///
/// # Errors
/// 422 for an accountant who is unknown or not active from then on.
pub async fn begin_with_board(
    tx: &Tx,
    board: &boards::Model,
    accountant_id: Uuid,
    decision_number: &str,
) -> ApiResult<()> {
    let accountant = lock(tx, accountant_id).await?;
    let accountant = accountant.ok_or_else(|| ApiError::unknown_reference("accountant_id"))?;
    let days = Days { from: board.valid_from, to: None };
    if let Some(broken) = rules::active(&accountant, days) {
        return Err(ApiError::invalid(vec![broken]));
    }
    let charge = draft(tx, (board.id, accountant_id), AssignmentKind::Charge, days, decision_number);
    insert(tx, charge, None).await.map(drop)
}

/// Ends what runs beyond a board's last day and takes back what would have begun after it. The board is
/// locked already.
///
/// # Errors
/// When the database does not answer.
pub async fn end_with_board(
    tx: &Tx,
    board_id: Uuid,
    last_day: NaiveDate,
    reason: Option<&str>,
) -> ApiResult<()> {
    let beyond = Entity::find()
        .filter(Column::BoardId.eq(board_id))
        .filter(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gt(last_day)))
        .order_by_asc(Column::Id)
        .all(tx.db())
        .await?;
    for assignment in beyond {
        if assignment.valid_from <= last_day {
            let event = Event::new("end", TYPE, assignment.id, assignment.version + 1).because(reason);
            shorten(tx, &assignment, last_day, event).await?;
        } else {
            Entity::delete_by_id(assignment.id).exec(tx.db()).await?;
            let event = Event::new("delete", TYPE, assignment.id, assignment.version + 1).because(reason);
            tx.record(event.of_board(board_id)).await?;
        }
    }
    Ok(())
}

/// Puts a substitute in for some days.
///
/// # Errors
/// 409 `assignment_overlap` for a charge, or a second substitute on one day; 422 for everything else that
/// does not fit.
pub async fn substitute(tx: &Tx, body: &AccountantAssignmentIn) -> ApiResult<Model> {
    let AccountantAssignmentIn {
        board_id,
        accountant_id,
        kind,
        valid_from,
        valid_to,
        decision_number,
        reason,
    } = body;
    let board = boards::Entity::find_by_id(*board_id).lock(ROW_LOCK).one(tx.db()).await?;
    let accountant = lock(tx, *accountant_id).await?;
    let (Some(board), Some(accountant)) = (&board, &accountant) else {
        let unknown = [("board_id", board.is_none()), ("accountant_id", accountant.is_none())];
        let unknown = unknown.iter().filter(|(_, unknown)| *unknown);
        return Err(ApiError::invalid(
            unknown.map(|(name, _)| FieldError::unknown_reference(name)).collect(),
        ));
    };
    if *kind == AssignmentKind::Charge {
        return Err(always_has_one());
    }
    let days = Days { from: *valid_from, to: *valid_to };
    let existing = Entity::find().filter(Column::BoardId.eq(board.id)).all(tx.db()).await?;
    let (charges, substitutes): (Vec<_>, Vec<_>) =
        existing.into_iter().partition(|one| one.kind == AssignmentKind::Charge);
    if let Some(other) = substitutes.iter().find(|other| rules::days_of(other).meet(days)) {
        return Err(one_substitute(other));
    }
    let mut broken = rules::substitution(board, &charges, (accountant.id, days));
    broken.extend(rules::active(accountant, days));
    if broken.is_empty() {
        broken.extend(rules::in_the_past(days.from, office_day(tx.now)));
    }
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let new = draft(tx, (board.id, accountant.id), AssignmentKind::Substitute, days, decision_number);
    insert(tx, new, reason.as_deref()).await
}

fn always_has_one() -> ApiError {
    ApiError::new(
        Code::AssignmentOverlap,
        text(
            "Ban nào cũng đã có kế toán phụ trách; dùng POST /v1/accountant-assignments/{id}/hand-over để đổi người.",
            "A board always has an accountant in charge; use POST /v1/accountant-assignments/{id}/hand-over to change who it is.",
        ),
    )
}

fn one_substitute(other: &Model) -> ApiError {
    let until = other.valid_to.map_or_else(|| "…".to_owned(), |last| last.to_string());
    ApiError::new(
        Code::AssignmentOverlap,
        text(
            format!("Ban đã có người thay thế từ {} đến {until}.", other.valid_from),
            format!("The board has a substitute from {} to {until} already.", other.valid_from),
        ),
    )
}

/// Ends a charge on the day before another accountant takes it on, and lists the open files that move.
///
/// # Errors
/// 409 for a substitution, or a charge that was handed over before; 422 for a day or a person that does not fit.
pub async fn hand_over(
    tx: &Tx,
    assignment: Model,
    body: &AccountantHandOverIn,
) -> ApiResult<AccountantHandOverOut> {
    let AccountantHandOverIn { accountant_id, valid_from, decision_number, reason } = body;
    let next = Entity::find()
        .filter(Column::BoardId.eq(assignment.board_id))
        .filter(Column::Kind.eq(AssignmentKind::Charge))
        .filter(Column::ValidFrom.gt(assignment.valid_from))
        .order_by_asc(Column::ValidFrom)
        .one(tx.db())
        .await?;
    rules::can_hand_over(&assignment, next.as_ref())?;
    let accountant = lock(tx, *accountant_id).await?;
    let mut broken = rules::hand_over(&assignment, accountant.as_ref(), *valid_from);
    if broken.is_empty() {
        broken.extend(rules::in_the_past(*valid_from, office_day(tx.now)));
    }
    let (Some(last_day), true) = (valid_from.pred_opt(), broken.is_empty()) else {
        return Err(ApiError::invalid(broken));
    };
    let reason = reason.as_deref();
    let days = Days { from: *valid_from, to: assignment.valid_to };
    let who = (assignment.board_id, *accountant_id);
    let new = draft(tx, who, AssignmentKind::Charge, days, decision_number);
    let event = Event::new("hand-over", TYPE, assignment.id, assignment.version + 1).because(reason);
    let event = event.with(json!({
        "to_accountant_id": accountant_id,
        "valid_from": valid_from,
        "decision_number": decision_number,
    }));
    let ended = shorten(tx, &assignment, last_day, event).await?;
    let new = insert(tx, new, reason).await?;
    let (open_file_count, open_files) = open_files(tx.db(), new.board_id).await?;
    Ok(AccountantHandOverOut {
        assignment: new.into(),
        ended_assignment: ended.into(),
        open_file_count,
        open_files,
    })
}

/// Ends a substitution earlier than planned.
///
/// # Errors
/// 409 for a charge; 422 for a day that is not before the known end.
pub async fn end(tx: &Tx, assignment: Model, body: &AccountantAssignmentEndIn) -> ApiResult<Model> {
    let AccountantAssignmentEndIn { valid_to, decision_number, reason } = body;
    rules::can_end(&assignment, *valid_to)?;
    let event = Event::new("end", TYPE, assignment.id, assignment.version + 1).because(reason.as_deref());
    let event = event.with(json!({"valid_to": valid_to, "decision_number": decision_number}));
    shorten(tx, &assignment, *valid_to, event).await
}

/// The open claims of a board and of the boards it succeeded: how many, and the first of them.
async fn open_files(db: &impl ConnectionTrait, board_id: Uuid) -> ApiResult<(i64, Vec<HandOverFile>)> {
    let select = workload::open_claims(db, vec![board_id]).await?;
    let count = select.clone().count(db).await?;
    let shown: Vec<(Uuid, String, ClaimStatus, Uuid)> = select
        .select_only()
        .columns([claims::Column::Id, claims::Column::Number])
        .columns([claims::Column::Status, claims::Column::BoardId])
        .order_by_asc(claims::Column::WaitingSince)
        .order_by_asc(claims::Column::Id)
        .limit(FILES_SHOWN)
        .into_tuple()
        .all(db)
        .await?;
    let file = |(id, number, status, board_id)| HandOverFile {
        resource_type: "expense_claim".to_owned(),
        id,
        number,
        status,
        board_id,
    };
    Ok((i64::try_from(count).unwrap_or(i64::MAX), shown.into_iter().map(file).collect()))
}

/// A new assignment of a board to an accountant.
fn draft(
    tx: &Tx,
    (board_id, accountant_id): (Uuid, Uuid),
    kind: AssignmentKind,
    days: Days,
    decision_number: &str,
) -> ActiveModel {
    ActiveModel {
        id: Set(tx.id()),
        board_id: Set(board_id),
        accountant_id: Set(accountant_id),
        kind: Set(kind),
        valid_from: Set(days.from),
        valid_to: Set(days.to),
        decision_number: Set(decision_number.to_owned()),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    }
}

async fn insert(tx: &Tx, new: ActiveModel, reason: Option<&str>) -> ApiResult<Model> {
    let saved = new.insert(tx.db()).await?;
    let event = Event::new("create", TYPE, saved.id, 1).of_board(saved.board_id).because(reason);
    tx.record(event).await?;
    Ok(saved)
}

/// Gives an assignment an earlier last day.
async fn shorten(tx: &Tx, before: &Model, last_day: NaiveDate, event: Event<'_>) -> ApiResult<Model> {
    let mut changed = before.clone().into_active_model();
    changed.valid_to = Set(Some(last_day));
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event.of_board(before.board_id)).await?;
    forget_answers(tx, before.accountant_id).await?;
    Ok(saved)
}

/// Answers that were kept for repeated requests show what the accountant may not see any more.
async fn forget_answers(tx: &Tx, accountant_id: Uuid) -> ApiResult<()> {
    let Some(accountant) = accountants::Entity::find_by_id(accountant_id).one(tx.db()).await? else {
        return Ok(());
    };
    let login =
        users::Entity::find().filter(users::Column::StaffId.eq(accountant.staff_id)).one(tx.db()).await?;
    match login {
        Some(login) => idempotency::forget_of(tx, login.id).await,
        None => Ok(()),
    }
}
