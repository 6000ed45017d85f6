//! Every query about budget lines and entries.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::budget_entries::{self, BudgetAccount, BudgetEntryKind, Entity as Entries};
use entity::budget_lines::{ActiveModel, BudgetLineStatus, Column, Entity, Model};
use entity::funding_source::FundingSource;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::budgets::TYPE;
use crate::budgets::lines::json::{BudgetBalanceOut, BudgetEntryFilter, BudgetLineFilter, BudgetLineIn};
use crate::budgets::years;
use crate::error::{ApiError, ApiResult, FieldError, text, version_conflict};
use crate::http::call::Call;
use crate::write::{Event, ROW_LOCK, ROWS_AT_ONCE, Tx};

/// Lines within the caller's reach; the others do not exist for them.
fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadBudget) {
        Reach::Office => Entity::find(),
        Reach::Boards(boards) => Entity::find().filter(Column::BoardId.is_in(boards)),
        Reach::None => Entity::find().filter(Condition::any().add(Expr::value(false))),
    }
}

pub fn select(call: &Call, filter: &BudgetLineFilter) -> Select<Entity> {
    let mut select = visible(call);
    if let Some(year) = filter.year {
        select = select.filter(Column::Year.eq(year));
    }
    if let Some(board_id) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board_id));
    }
    if let Some(source) = filter.funding_source {
        select = select.filter(Column::FundingSource.eq(source));
    }
    if let Some(sub_item) = &filter.sub_item {
        select = select.filter(Column::SubItem.eq(sub_item));
    }
    if let Some(import_id) = filter.import_id {
        select = select.filter(Column::ImportId.eq(import_id));
    }
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(status.iter().copied()));
    }
    select
}

/// # Errors
/// 404, the same for a line outside the caller's boards: they must not learn that it exists.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The line, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = visible(call).filter(Column::Id.eq(id)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// Lines by their ids, of whatever board.
///
/// # Errors
/// When the database does not answer.
pub async fn by_ids(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> ApiResult<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// A planned line.
///
/// # Errors
/// As [`insert_all`].
pub async fn insert(tx: &Tx, id: Uuid, body: &BudgetLineIn, planned_by: Option<Uuid>) -> ApiResult<Model> {
    let inserted = insert_all(tx, vec![planned(tx, id, body, planned_by)]).await?;
    inserted.into_iter().next().ok_or_else(|| ApiError::internal("a line vanished"))
}

/// A line as it is planned.
pub fn planned(tx: &Tx, id: Uuid, body: &BudgetLineIn, planned_by: Option<Uuid>) -> Model {
    let BudgetLineIn {
        year,
        board_id,
        funding_source,
        sub_item,
        planned_amount,
        document_number,
        issuer,
        signed_on,
    } = body.clone();
    Model {
        id,
        year,
        board_id,
        funding_source,
        sub_item,
        status: BudgetLineStatus::Planned,
        planned_amount,
        document_number,
        issuer,
        signed_on,
        appropriated_amount: 0,
        transferred_amount: 0,
        available_amount: 0,
        committed_amount: 0,
        spent_amount: 0,
        frozen_with_year: false,
        planned_by_id: planned_by,
        activated_by_id: None,
        import_id: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        created_by_id: tx.actor.user_id,
    }
}

/// Writes new lines with their events, many in one statement. Every line is made here, and with the first one its year.
///
/// # Errors
/// 409 `budget_year_not_open`; `duplicate` where a board has a line of the year, source and sub-item already.
pub async fn insert_all(tx: &Tx, lines: Vec<Model>) -> ApiResult<Vec<Model>> {
    for year in lines.iter().map(|line| line.year).collect::<BTreeSet<_>>() {
        years::steps::take_new_line(tx, year).await?;
    }
    for part in lines.chunks(ROWS_AT_ONCE) {
        let rows = part.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    let event = |line: &Model| {
        let mut details = json!({"planned_amount": line.planned_amount});
        if let Some(import_id) = line.import_id {
            details["import_id"] = json!(import_id);
        }
        Event::new("create", TYPE, line.id, 1).of_board(line.board_id).with(details)
    };
    tx.record_all(lines.iter().map(event).collect()).await?;
    Ok(lines)
}

/// The lines of an import that are planned still, locked until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn planned_of_import(tx: &Tx, import_id: Uuid) -> ApiResult<Vec<Model>> {
    let select = Entity::find()
        .filter(Column::ImportId.eq(import_id))
        .filter(Column::Status.eq(BudgetLineStatus::Planned))
        .order_by_asc(Column::Id);
    Ok(select.lock(ROW_LOCK).all(tx.db()).await?)
}

/// Puts locked, planned lines of an import in force; they get their money with the entries that follow.
///
/// # Errors
/// When the database does not answer.
pub async fn activate_of_import(tx: &Tx, import_id: Uuid, lines: &[Model], by: Uuid) -> ApiResult<()> {
    let to = BudgetLineStatus::Active;
    let changed = ActiveModel {
        status: Set(to),
        activated_by_id: Set(Some(by)),
        updated_at: Set(tx.now),
        ..ActiveModel::default()
    };
    let activated = Entity::update_many()
        .set(changed)
        .col_expr(Column::Version, ExprTrait::add(Expr::col(Column::Version), 1))
        .filter(Column::ImportId.eq(import_id))
        .filter(Column::Status.eq(BudgetLineStatus::Planned))
        .exec(tx.db())
        .await?;
    if activated.rows_affected != lines.len() as u64 {
        return Err(ApiError::internal("other lines were put in force than were locked"));
    }
    let event = |line: &Model| {
        let event = Event::new("activate", TYPE, line.id, line.version + 1).of_board(line.board_id);
        event.step(&line.status, &to)
    };
    tx.record_all(lines.iter().map(event).collect()).await
}

/// Of which boards, sources and sub-items a year has lines already.
///
/// # Errors
/// When the database does not answer.
pub async fn taken(
    db: &impl ConnectionTrait,
    year: i64,
    boards: impl IntoIterator<Item = Uuid>,
) -> ApiResult<HashSet<(Uuid, FundingSource, String)>> {
    let select = Entity::find()
        .filter(Column::Year.eq(year))
        .filter(Column::BoardId.is_in(boards))
        .select_only()
        .columns([Column::BoardId, Column::FundingSource, Column::SubItem]);
    let rows: Vec<(Uuid, FundingSource, String)> = select.into_tuple().all(db).await?;
    Ok(rows.into_iter().collect())
}

/// Writes the change of a locked line, with its event.
///
/// # Errors
/// 412 if the line changed in between.
pub async fn save(tx: &Tx, line: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(line.version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(line.id))
        .filter(Column::Version.eq(line.version))
        .exec(tx.db())
        .await?;
    if saved.rows_affected == 0 {
        return Err(version_conflict());
    }
    tx.record(event.of_board(line.board_id)).await?;
    Entity::find_by_id(line.id).one(tx.db()).await?.ok_or_else(|| ApiError::internal("a line vanished"))
}

/// What is wrong with the day of a decision.
pub fn not_yet_signed(signed_on: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    (signed_on > today).then(|| {
        let future = text("không được ở tương lai", "must not be in the future");
        FieldError::body("signed_on", "out_of_range", future)
    })
}

/// What the entries of a line add up to, up to a moment.
///
/// # Errors
/// When the database does not answer.
pub async fn balance(
    db: &impl ConnectionTrait,
    line_id: Uuid,
    as_of: DateTime<Utc>,
) -> ApiResult<BudgetBalanceOut> {
    use budget_entries::Column;
    let sums: Vec<(BudgetEntryKind, BudgetAccount, BudgetAccount, i64, i64)> = Entries::find()
        .filter(Column::BudgetLineId.eq(line_id))
        .filter(Column::PostedAt.lte(as_of))
        .select_only()
        .columns([Column::Kind, Column::Debit, Column::Credit])
        .column_as(Column::Amount.sum().cast_as("bigint"), "amount")
        .column_as(Column::Id.count(), "entries")
        .group_by(Column::Kind)
        .group_by(Column::Debit)
        .group_by(Column::Credit)
        .into_tuple()
        .all(db)
        .await?;
    let of = |account: BudgetAccount| -> i64 {
        sums.iter()
            .map(|(_, debit, credit, amount, _)| {
                i64::from(*debit == account) * amount - i64::from(*credit == account) * amount
            })
            .sum()
    };
    let transferred: i64 = sums
        .iter()
        .filter(|(kind, ..)| *kind == BudgetEntryKind::Transfer)
        .map(|(_, debit, _, amount, _)| if *debit == BudgetAccount::Available { *amount } else { -amount })
        .sum();
    Ok(BudgetBalanceOut {
        budget_line_id: line_id,
        as_of,
        appropriated_amount: -of(BudgetAccount::Source) - transferred,
        transferred_amount: transferred,
        available_amount: of(BudgetAccount::Available),
        committed_amount: of(BudgetAccount::Committed),
        spent_amount: of(BudgetAccount::Spent),
        entry_count: sums.iter().map(|(.., entries)| entries).sum(),
    })
}

/// Entries within the caller's reach.
fn visible_entries(call: &Call) -> Select<Entries> {
    use budget_entries::Column;
    match call.reach(Action::ReadBudget) {
        Reach::Office => Entries::find(),
        Reach::Boards(boards) => Entries::find().filter(Column::BoardId.is_in(boards)),
        Reach::None => Entries::find().filter(Condition::any().add(Expr::value(false))),
    }
}

pub fn select_entries(call: &Call, filter: &BudgetEntryFilter) -> Select<Entries> {
    use budget_entries::Column;
    let mut select = visible_entries(call);
    if let Some(line_id) = filter.budget_line_id {
        select = select.filter(Column::BudgetLineId.eq(line_id));
    }
    if let Some(board_id) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board_id));
    }
    if let Some(document_id) = filter.document_id {
        select = select.filter(Column::DocumentId.eq(document_id));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(from) = filter.posted_at_from {
        select = select.filter(Column::PostedAt.gte(from));
    }
    if let Some(before) = filter.posted_at_before {
        select = select.filter(Column::PostedAt.lt(before));
    }
    select
}

/// # Errors
/// 404, the same for an entry outside the caller's boards.
pub async fn find_entry(
    db: &impl ConnectionTrait,
    call: &Call,
    id: Uuid,
) -> ApiResult<budget_entries::Model> {
    let select = visible_entries(call).filter(budget_entries::Column::Id.eq(id));
    select.one(db).await?.ok_or_else(ApiError::not_found)
}
