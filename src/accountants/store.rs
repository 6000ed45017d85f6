//! Queries about accountants, and who acts for a board on a day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::accountant_assignments::{self as assigned, AssignmentKind, Entity as Assignments};
use entity::accountants::{ActiveModel, Column, Entity, Model};
use entity::board_successions::{self, Entity as Successions};
use entity::{boards, staff};
use sea_orm::sea_query::{ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Set,
};
use uuid::Uuid;

use crate::accountants::json::{
    AccountantFilter, AccountantIn, AccountantOut, AccountantPatch, AccountantSort, BoardAccountant,
    BoardAccountantOut,
};
use crate::error::{ApiError, ApiResult, Code, FieldError, Place, text};
use crate::http::page::{Order, by_id};
use crate::http::text::contains_pattern;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "accountant";

/// The charge and the substitution in force on a day in a board or in what took its place. Boards that took
/// over from each other never live on the same day, and an assignment ends with its board, so the
/// assignments of the whole line that are in force are those of the one board that lives.
async fn on_duty(
    db: &impl ConnectionTrait,
    board_id: Uuid,
    on: NaiveDate,
) -> ApiResult<(Option<assigned::Model>, Option<assigned::Model>)> {
    let heirs = Successions::find()
        .select_only()
        .column(board_successions::Column::BoardId)
        .filter(board_successions::Column::PredecessorId.eq(board_id))
        .into_query();
    let line = Condition::any()
        .add(assigned::Column::BoardId.eq(board_id))
        .add(assigned::Column::BoardId.in_subquery(heirs));
    let rows = Assignments::find().filter(line).filter(in_force(on)).all(db).await?;
    let (charges, substitutes): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.kind == AssignmentKind::Charge);
    Ok((charges.into_iter().next(), substitutes.into_iter().next()))
}

pub(super) fn in_force(day: NaiveDate) -> Condition {
    use assigned::Column::{ValidFrom, ValidTo};
    Condition::all()
        .add(ValidFrom.lte(day))
        .add(Condition::any().add(ValidTo.is_null()).add(ValidTo.gte(day)))
}

/// Who looks after a board on a day, with names.
///
/// # Errors
/// 422 for a day before the board, or a day on which the board had ended and no other had taken over.
pub async fn of_board(
    db: &impl ConnectionTrait,
    board: boards::Model,
    on: NaiveDate,
) -> ApiResult<BoardAccountantOut> {
    let (Some(charge), substitute) = on_duty(db, board.id, on).await? else {
        return Err(ApiError::invalid(vec![FieldError {
            place: Place::Parameter("on".to_owned()),
            code: "board_not_active",
            detail: text(
                format!("ban {} không hoạt động vào ngày {on}", board.code),
                format!("the board {} does not exist on {on}", board.code),
            ),
        }]));
    };
    let ids = substitute.iter().chain([&charge]).map(|row| row.accountant_id);
    let accountants = by_id::<Entity, _>(db, ids, Column::Id).await?;
    let people = accountants.values().map(|accountant| accountant.staff_id);
    let people = by_id::<staff::Entity, _>(db, people, staff::Column::Id).await?;
    let named = |row: &assigned::Model| -> ApiResult<BoardAccountant> {
        let staff_id = accountants.get(&row.accountant_id).map(|accountant| accountant.staff_id);
        let person = staff_id.and_then(|id| people.get(&id));
        let person = person.ok_or_else(|| ApiError::internal("an accountant without a person"))?;
        Ok(BoardAccountant {
            accountant_id: row.accountant_id,
            staff_id: person.id,
            full_name: person.full_name.clone(),
            assignment_id: row.id,
            decision_number: row.decision_number.clone(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    };
    let in_charge = named(&charge)?;
    let substitute = substitute.as_ref().map(named).transpose()?;
    Ok(BoardAccountantOut {
        board_id: board.id,
        on,
        successor_id: (charge.board_id != board.id).then_some(charge.board_id),
        acting: substitute.clone().unwrap_or_else(|| in_charge.clone()),
        in_charge,
        substitute,
    })
}

/// The boards for which each accountant acts on a day: those with a substitute stand with the substitute.
/// One small query, since an office serves few boards.
///
/// # Errors
/// When the database does not answer.
pub async fn acting_boards(
    db: &impl ConnectionTrait,
    day: NaiveDate,
) -> ApiResult<BTreeMap<Uuid, Vec<Uuid>>> {
    let rows =
        Assignments::find().filter(in_force(day)).order_by_asc(assigned::Column::BoardId).all(db).await?;
    let mut acting: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    for row in rows {
        let held = acting.entry(row.board_id).or_insert(row.accountant_id);
        if row.kind == AssignmentKind::Substitute {
            *held = row.accountant_id;
        }
    }
    let mut boards: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (board_id, accountant_id) in acting {
        boards.entry(accountant_id).or_default().push(board_id);
    }
    Ok(boards)
}

pub fn select(filter: &AccountantFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(person) = filter.staff_id {
        select = select.filter(Column::StaffId.eq(person));
    }
    if let Some(day) = filter.on {
        select = select
            .filter(Column::ActiveFrom.lte(day))
            .filter(Condition::any().add(Column::ActiveTo.is_null()).add(Column::ActiveTo.gte(day)));
    }
    if let Some(query) = &filter.q {
        let people = staff::Entity::find()
            .select_only()
            .column(staff::Column::Id)
            .filter(
                sea_orm::sea_query::Expr::col(staff::Column::Search)
                    .like(LikeExpr::new(contains_pattern(query))),
            )
            .into_query();
        select = select.filter(Column::StaffId.in_subquery(people));
    }
    select
}

pub fn order(sort: Option<AccountantSort>) -> Order<Entity> {
    let descending = match sort.unwrap_or_default() {
        AccountantSort::ActiveFrom => false,
        AccountantSort::ActiveFromDescending => true,
    };
    Order { column: Column::ActiveFrom, descending }
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends: while somebody gives a board to this accountant, nobody
/// ends their time.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn lock(tx: &Tx, id: Uuid) -> ApiResult<Option<Model>> {
    Ok(Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?)
}

/// What callers see, for a page of accountants at once.
///
/// # Errors
/// When the database does not answer.
pub async fn out(
    db: &impl ConnectionTrait,
    accountants: &[Model],
    today: NaiveDate,
) -> ApiResult<BTreeMap<Uuid, AccountantOut>> {
    let people = accountants.iter().map(|accountant| accountant.staff_id);
    let mut names = by_id::<staff::Entity, _>(db, people, staff::Column::Id).await?;
    let mut boards = acting_boards(db, today).await?;
    let show = |accountant: &Model| {
        let name = names.remove(&accountant.staff_id).map(|person| person.full_name).unwrap_or_default();
        let boards = boards.remove(&accountant.id).unwrap_or_default();
        (accountant.id, AccountantOut::new(accountant.clone(), name, boards))
    };
    Ok(accountants.iter().map(show).collect())
}

/// # Errors
/// As [`out`].
pub async fn out_one(
    db: &impl ConnectionTrait,
    accountant: &Model,
    today: NaiveDate,
) -> ApiResult<AccountantOut> {
    let one = out(db, std::slice::from_ref(accountant), today).await?.remove(&accountant.id);
    one.ok_or_else(|| ApiError::internal("an accountant vanished"))
}

/// # Errors
/// 409 `duplicate` for somebody who is an accountant already; 422 for an unknown member of staff.
pub async fn insert(tx: &Tx, body: &AccountantIn) -> ApiResult<Model> {
    let AccountantIn { staff_id, active_from, active_to } = body.clone();
    if staff::Entity::find_by_id(staff_id).one(tx.db()).await?.is_none() {
        return Err(ApiError::unknown_reference("staff_id"));
    }
    let accountant = ActiveModel {
        id: Set(tx.id()),
        staff_id: Set(staff_id),
        active_from: Set(active_from),
        active_to: Set(active_to),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let accountant = accountant.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, accountant.id, 1)).await?;
    Ok(accountant)
}

/// # Errors
/// 409 `in_use` while the accountant looks after a board beyond that day; 422 for a day before the first one.
pub async fn update(tx: &Tx, accountant: Model, patch: &AccountantPatch) -> ApiResult<Model> {
    let active_to = patch.active_to.unwrap_or(accountant.active_to);
    if let Some(last) = active_to {
        refuse_to_leave(tx, &accountant, last).await?;
        if last < accountant.active_from {
            return Err(ApiError::rule(
                "active_to",
                "out_of_range",
                text("không được trước ngày đầu", "must not be before the first day"),
            ));
        }
    }
    let mut changed = accountant.clone().into_active_model();
    changed.active_to = Set(active_to);
    changed.version = Set(accountant.version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update(changed)
        .validate()?
        .filter(Column::Version.eq(accountant.version))
        .exec(tx.db())
        .await?;
    let details = serde_json::json!({"active_to": active_to});
    tx.record(Event::new("update", TYPE, saved.id, saved.version).with(details)).await?;
    Ok(saved)
}

/// Nobody leaves while a board is theirs: it would have no one.
async fn refuse_to_leave(tx: &Tx, accountant: &Model, last: NaiveDate) -> ApiResult<()> {
    use assigned::Column::{AccountantId, ValidTo};
    let beyond = Assignments::find()
        .filter(AccountantId.eq(accountant.id))
        .filter(Condition::any().add(ValidTo.is_null()).add(ValidTo.gt(last)))
        .all(tx.db())
        .await?;
    if beyond.is_empty() {
        return Ok(());
    }
    let ids = beyond.iter().map(|assignment| assignment.board_id);
    let boards = by_id::<boards::Entity, _>(tx.db(), ids, boards::Column::Id).await?;
    let codes: Vec<String> = boards.into_values().map(|board| board.code).collect();
    let codes = codes.join(", ");
    Err(ApiError::new(
        Code::InUse,
        text(
            format!(
                "Sau ngày {last} kế toán này vẫn phụ trách hoặc thay thế ở: {codes}; hãy bàn giao trước."
            ),
            format!("The accountant looks after boards beyond {last}: {codes}. Hand them over first."),
        ),
    ))
}
