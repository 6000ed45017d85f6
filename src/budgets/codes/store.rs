//! Every query about the classification.

use chrono::{Days, NaiveDate};
use entity::{expense_kinds, sub_items};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Select, Set,
};
use uuid::Uuid;

use crate::budgets::codes::json::{CodeFilter, ExpenseKindIn, SubItemIn};
use crate::budgets::codes::{EXPENSE_KIND, SUB_ITEM};
use crate::dated;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::write::{Event, ROW_LOCK, Tx};

pub fn select_sub_items(filter: &CodeFilter) -> Select<sub_items::Entity> {
    use sub_items::Column;
    let select = sub_items::Entity::find();
    match filter.on {
        Some(day) => select.filter(dated::on_day(Column::ValidFrom, Column::ValidTo, day)),
        None => select,
    }
}

pub fn select_kinds(filter: &CodeFilter) -> Select<expense_kinds::Entity> {
    use expense_kinds::Column;
    let select = expense_kinds::Entity::find();
    match filter.on {
        Some(day) => select.filter(dated::on_day(Column::ValidFrom, Column::ValidTo, day)),
        None => select,
    }
}

/// # Errors
/// 404.
pub async fn sub_item(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<sub_items::Model> {
    sub_items::Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// 404.
pub async fn kind(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<expense_kinds::Model> {
    expense_kinds::Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The rows of these kinds in force on at least one day of a time.
///
/// # Errors
/// When the database does not answer.
pub async fn kinds_in_force(
    db: &impl ConnectionTrait,
    kinds: &[&str],
    first: NaiveDate,
    last: NaiveDate,
) -> ApiResult<Vec<expense_kinds::Model>> {
    use expense_kinds::Column;
    let select = expense_kinds::Entity::find()
        .filter(Column::ExpenseKind.is_in(kinds.iter().copied()))
        .filter(dated::between(Column::ValidFrom, Column::ValidTo, first, last));
    Ok(select.all(db).await?)
}

/// The rows of these codes in force on at least one day of a time.
///
/// # Errors
/// When the database does not answer.
pub async fn sub_items_in_force(
    db: &impl ConnectionTrait,
    codes: &[&str],
    first: NaiveDate,
    last: NaiveDate,
) -> ApiResult<Vec<sub_items::Model>> {
    use sub_items::Column;
    let select = sub_items::Entity::find()
        .filter(Column::Code.is_in(codes.iter().copied()))
        .filter(dated::between(Column::ValidFrom, Column::ValidTo, first, last));
    Ok(select.all(db).await?)
}

/// What is wrong with a sub-item that a body names: there is none of this code on the day.
///
/// # Errors
/// When the database does not answer.
pub async fn unknown(
    db: &impl ConnectionTrait,
    field: &str,
    code: &str,
    on: NaiveDate,
) -> ApiResult<Option<FieldError>> {
    let known = !sub_items_in_force(db, &[code], on, on).await?.is_empty();
    Ok((!known).then(|| unknown_sub_item(field, code, on)))
}

pub fn unknown_sub_item(field: &str, code: &str, on: NaiveDate) -> FieldError {
    let detail = text(
        format!("không có tiểu mục {code} vào ngày {on}; xem /v1/sub-items"),
        format!("there is no sub-item {code} on {on}; see /v1/sub-items"),
    );
    FieldError::body(field, "unknown_sub_item", detail)
}

/// The day before; a row that takes over from the first day of all has nothing before it.
fn eve(from: NaiveDate) -> Option<NaiveDate> {
    from.checked_sub_days(Days::new(1))
}

/// Adds a sub-item; the row of its code that still runs ends on the day before.
///
/// # Errors
/// 409 `period_taken`.
pub async fn insert_sub_item(tx: &Tx, id: Uuid, body: &SubItemIn) -> ApiResult<sub_items::Model> {
    use sub_items::Column;
    let running = sub_items::Entity::find()
        .filter(Column::Code.eq(&body.code))
        .filter(dated::running_before(Column::ValidFrom, Column::ValidTo, body.valid_from))
        .lock(ROW_LOCK);
    if let Some(before) = running.one(tx.db()).await? {
        let event = Event::new("end", SUB_ITEM, before.id, before.version + 1);
        let mut ended = before.clone().into_active_model();
        ended.valid_to = Set(eve(body.valid_from));
        ended.version = Set(before.version + 1);
        ended.updated_at = Set(tx.now);
        ended.update(tx.db()).await?;
        tx.record(event).await?;
    }
    let SubItemIn { code, item, name, name_en, document_number, issuer, valid_from, verification } =
        body.clone();
    let row = sub_items::ActiveModel {
        id: Set(id),
        code: Set(code),
        item: Set(item),
        name: Set(name),
        name_en: Set(name_en),
        document_number: Set(document_number),
        issuer: Set(issuer),
        valid_from: Set(valid_from),
        valid_to: Set(None),
        verification: Set(verification),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let row = row.insert(tx.db()).await?;
    tx.record(Event::new("create", SUB_ITEM, row.id, 1)).await?;
    Ok(row)
}

/// Says which sub-item a kind of expense is booked on; the row of the kind that still runs ends on the day before.
///
/// # Errors
/// 422 for codes that are not in force; 409 `period_taken`.
pub async fn insert_kind(tx: &Tx, id: Uuid, body: &ExpenseKindIn) -> ApiResult<expense_kinds::Model> {
    use expense_kinds::Column;
    let mut broken = Vec::new();
    let named = body.sub_item.iter().map(|code| ("sub_item".to_owned(), code));
    let candidates = body.sub_item_candidates.iter().enumerate();
    let candidates = candidates.map(|(index, code)| (format!("sub_item_candidates/{index}"), code));
    for (field, code) in named.chain(candidates) {
        broken.extend(unknown(tx.db(), &field, code, body.valid_from).await?);
    }
    let chooses = body.sub_item.is_none() && body.allowed;
    if !body.sub_item_candidates.is_empty() && !chooses {
        let only =
            text("chỉ dùng khi kế toán phải chọn tiểu mục", "only where the accountant chooses the sub-item");
        broken.push(FieldError::body("sub_item_candidates", "not_for_this_kind", only));
    }
    if !body.allowed && body.sub_item.is_some() {
        let none = text("loại không được chi thì không có tiểu mục", "what is not paid has no sub-item");
        broken.push(FieldError::body("sub_item", "not_for_this_kind", none));
    }
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let running = expense_kinds::Entity::find()
        .filter(Column::ExpenseKind.eq(&body.expense_kind))
        .filter(dated::running_before(Column::ValidFrom, Column::ValidTo, body.valid_from))
        .lock(ROW_LOCK);
    if let Some(before) = running.one(tx.db()).await? {
        let event = Event::new("end", EXPENSE_KIND, before.id, before.version + 1);
        let mut ended = before.clone().into_active_model();
        ended.valid_to = Set(eve(body.valid_from));
        ended.version = Set(before.version + 1);
        ended.updated_at = Set(tx.now);
        ended.update(tx.db()).await?;
        tx.record(event).await?;
    }
    let body = body.clone();
    let row = expense_kinds::ActiveModel {
        id: Set(id),
        expense_kind: Set(body.expense_kind),
        name: Set(body.name),
        sub_item: Set(body.sub_item),
        sub_item_candidates: Set(serde_json::to_value(body.sub_item_candidates).map_err(ApiError::internal)?),
        allowed: Set(body.allowed),
        document_number: Set(body.document_number),
        issuer: Set(body.issuer),
        valid_from: Set(body.valid_from),
        valid_to: Set(None),
        verification: Set(body.verification),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let row = row.insert(tx.db()).await?;
    tx.record(Event::new("create", EXPENSE_KIND, row.id, 1)).await?;
    Ok(row)
}
