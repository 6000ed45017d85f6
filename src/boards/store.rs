//! Every query about boards.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::board_successions::{self, Entity as Successions};
use entity::boards::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::accountants::assignments;
use crate::boards::json::{BoardFilter, BoardIn, BoardOut, BoardPatch, BoardSort};
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::page::Order;
use crate::http::text::{code_key, contains_pattern, search_key};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "board";

pub fn select(filter: &BoardFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(day) = filter.on {
        select = select.filter(lives_on(day));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<BoardSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        BoardSort::Code => (Column::Code, false),
        BoardSort::CodeDescending => (Column::Code, true),
        BoardSort::Name => (Column::Name, false),
        BoardSort::NameDescending => (Column::Name, true),
    };
    Order { column, descending }
}

fn lives_on(day: NaiveDate) -> Condition {
    Condition::all()
        .add(Column::ValidFrom.lte(day))
        .add(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(day)))
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends.
///
/// # Errors
/// 404.
pub async fn find_for_update(tx: &Tx, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// When the database does not answer.
pub async fn by_ids(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> ApiResult<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// Boards by their codes, in whatever spelling; one query.
///
/// # Errors
/// When the database does not answer.
pub async fn by_codes<'a>(
    db: &impl ConnectionTrait,
    codes: impl IntoIterator<Item = &'a str>,
) -> ApiResult<Vec<Model>> {
    Ok(Entity::find().filter(Column::CodeKey.is_in(codes.into_iter().map(code_key))).all(db).await?)
}

/// A board in which something new may happen on a day.
///
/// # Errors
/// 422 for a board that is unknown, or does not live on that day.
pub async fn living(db: &impl ConnectionTrait, id: Uuid, on: NaiveDate, field: &str) -> ApiResult<Model> {
    let board = Entity::find_by_id(id).one(db).await?.ok_or_else(|| ApiError::unknown_reference(field))?;
    match not_living(&board, on, field) {
        None => Ok(board),
        Some(error) => Err(ApiError::invalid(vec![error])),
    }
}

/// What is wrong with naming a board for a day: it is not there on that day.
pub fn not_living(board: &Model, on: NaiveDate, field: &str) -> Option<FieldError> {
    let alive = board.valid_from <= on && board.valid_to.is_none_or(|last| last >= on);
    (!alive).then(|| {
        let detail = text(
            format!("ban {} không hoạt động vào ngày {on}", board.code),
            format!("the board {} does not exist on {on}", board.code),
        );
        FieldError::body(field, "board_not_active", detail)
    })
}

/// What each of these boards took over from directly; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn predecessors(
    db: &impl ConnectionTrait,
    boards: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<Uuid>>> {
    let ids: Vec<Uuid> = boards.into_iter().collect();
    let rows = Successions::find()
        .filter(board_successions::Column::BoardId.is_in(ids))
        .filter(board_successions::Column::Direct.eq(true))
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for row in rows {
        found.entry(row.board_id).or_default().push(row.predecessor_id);
    }
    Ok(found)
}

/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, board: Model) -> ApiResult<BoardOut> {
    let before = predecessors(db, [board.id]).await?.remove(&board.id).unwrap_or_default();
    Ok(BoardOut::new(board, before))
}

/// # Errors
/// 409 `duplicate` for a code that is taken; 422 for an accountant who cannot be in charge from then on.
pub async fn insert(tx: &Tx, body: &BoardIn) -> ApiResult<Model> {
    let BoardIn { code, name, name_en, short_name, kind, valid_from, accountant_id, decision_number } =
        body.clone();
    let board = ActiveModel {
        id: Set(tx.id()),
        code_key: Set(code_key(&code)),
        search: Set(search(&code, &name, short_name.as_deref())),
        code: Set(code),
        name: Set(name),
        name_en: Set(name_en),
        short_name: Set(short_name),
        kind: Set(kind),
        valid_from: Set(valid_from),
        valid_to: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let board = board.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, board.id, 1).of_board(board.id)).await?;
    assignments::begin_with_board(tx, &board, accountant_id, &decision_number).await?;
    Ok(board)
}

/// # Errors
/// 412 if the board changed in between.
pub async fn update(tx: &Tx, board: Model, patch: BoardPatch) -> ApiResult<Model> {
    let BoardPatch { name, name_en, short_name } = patch;
    let name = name.unwrap_or_else(|| board.name.clone());
    let short_name = short_name.unwrap_or_else(|| board.short_name.clone());
    let mut changed = board.clone().into_active_model();
    changed.search = Set(search(&board.code, &name, short_name.as_deref()));
    changed.name = Set(name);
    changed.short_name = Set(short_name);
    if let Some(name_en) = name_en {
        changed.name_en = Set(name_en);
    }
    save(tx, &board, changed, Event::new("update", TYPE, board.id, board.version + 1)).await
}

/// Ends the predecessors on the day before the successor begins and writes down who took over from whom,
/// ancestors of ancestors included.
///
/// # Errors
/// 422 for predecessors that are unknown, begin later or have another successor.
pub async fn merge(
    tx: &Tx,
    successor: Model,
    predecessor_ids: &[Uuid],
    reason: Option<&str>,
) -> ApiResult<Model> {
    let mut broken = Vec::new();
    let Some(last_day) = successor.valid_from.pred_opt() else {
        return Err(ApiError::internal("no day before"));
    };
    let mut in_order: Vec<_> = predecessor_ids.iter().enumerate().collect();
    // Always by id, so that two mergers wait for each other instead of both giving up.
    in_order.sort_by_key(|(_, id)| **id);
    for (index, id) in in_order {
        let field = format!("predecessor_ids/{index}");
        match find_predecessor(tx, &successor, *id, last_day, &field).await? {
            Err(error) => broken.push(error),
            Ok(board) => {
                succeed(tx, &successor, &board).await?;
                end(tx, &board, last_day, reason).await?;
            }
        }
    }
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let event = Event::new("merge", TYPE, successor.id, successor.version + 1).because(reason);
    save(tx, &successor, successor.clone().into_active_model(), event).await
}

/// The board that is to end, locked; or why it cannot.
async fn find_predecessor(
    tx: &Tx,
    successor: &Model,
    id: Uuid,
    last_day: NaiveDate,
    field: &str,
) -> ApiResult<Result<Model, FieldError>> {
    let Some(board) = Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await? else {
        return Ok(Err(FieldError::unknown_reference(field)));
    };
    if board.id == successor.id || board.valid_from > last_day {
        let detail = text("phải có trước ban kế thừa", "must be older than the successor");
        return Ok(Err(FieldError::body(field, "begins_later", detail)));
    }
    let taken = Successions::find()
        .filter(board_successions::Column::PredecessorId.eq(board.id))
        .filter(board_successions::Column::Direct.eq(true))
        .filter(board_successions::Column::BoardId.ne(successor.id))
        .one(tx.db())
        .await?;
    if taken.is_some() {
        let detail = text("đã có ban khác kế thừa", "another board has taken over from it already");
        return Ok(Err(FieldError::body(field, "has_successor", detail)));
    }
    Ok(Ok(board))
}

/// Ends a board and its accountants' assignments; a board that has ended by then keeps its last day.
async fn end(tx: &Tx, board: &Model, last_day: NaiveDate, reason: Option<&str>) -> ApiResult<()> {
    if board.valid_to.is_some_and(|end| end <= last_day) {
        return Ok(());
    }
    let mut ended = board.clone().into_active_model();
    ended.valid_to = Set(Some(last_day));
    let event = Event::new("end", TYPE, board.id, board.version + 1).because(reason);
    save(tx, board, ended, event).await?;
    assignments::end_with_board(tx, board.id, last_day, reason).await
}

/// Writes down who took over: from the predecessor, from all that it had taken over from, and for all that
/// have taken over from the successor by now.
async fn succeed(tx: &Tx, successor: &Model, predecessor: &Model) -> ApiResult<()> {
    let ancestors = Successions::find()
        .filter(board_successions::Column::BoardId.eq(predecessor.id))
        .all(tx.db())
        .await?;
    let heirs = Successions::find()
        .filter(board_successions::Column::PredecessorId.eq(successor.id))
        .all(tx.db())
        .await?;
    let older = ancestors.iter().map(|row| row.predecessor_id);
    let line: Vec<Uuid> = std::iter::once(predecessor.id).chain(older).collect();
    let rows =
        std::iter::once(successor.id).chain(heirs.iter().map(|row| row.board_id)).flat_map(|board_id| {
            line.iter().map(move |predecessor_id| board_successions::ActiveModel {
                board_id: Set(board_id),
                predecessor_id: Set(*predecessor_id),
                direct: Set(board_id == successor.id && *predecessor_id == predecessor.id),
            })
        });
    let conflict = sea_orm::sea_query::OnConflict::new().do_nothing().to_owned();
    Successions::insert_many(rows).on_conflict(conflict).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Writes a changed board, its next version and its event.
async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event.of_board(before.id)).await?;
    Ok(saved)
}

fn search(code: &str, name: &str, short_name: Option<&str>) -> String {
    search_key(&format!("{code} {name} {}", short_name.unwrap_or_default()))
}
