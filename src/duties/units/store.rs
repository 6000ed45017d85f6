//! Every query about units of the office and their heads.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::office_unit_heads::{self as heads, Entity as Heads};
use entity::office_units::{ActiveModel, Column, Entity, Model};
use entity::{appointments, staff};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::boards;
use crate::clock::office_day;
use crate::dated;
use crate::duties::units::json::{
    OfficeUnitFilter, OfficeUnitHeadIn, OfficeUnitHeadOut, OfficeUnitIn, OfficeUnitOut,
};
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::page::by_id;
use crate::http::text::{code_key, contains_pattern, search_key};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "office_unit";

pub fn select(filter: &OfficeUnitFilter) -> Select<Entity> {
    let OfficeUnitFilter { on, board_id, q } = filter;
    let wanted = Condition::all()
        .add_option(on.map(|day| dated::on_day(Column::ValidFrom, Column::ValidTo, day)))
        .add_option(board_id.map(|board| Column::BoardId.eq(board)))
        .add_option(
            q.as_ref().map(|query| Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query)))),
        );
    Entity::find().filter(wanted)
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

/// Units as callers see them, in their order: two queries for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn outs(
    db: &impl ConnectionTrait,
    units: Vec<Model>,
    on: NaiveDate,
) -> ApiResult<Vec<OfficeUnitOut>> {
    let rows = Heads::find()
        .filter(heads::Column::UnitId.is_in(units.iter().map(|unit| unit.id)))
        .order_by_asc(heads::Column::ValidFrom)
        .all(db)
        .await?;
    let people =
        by_id::<staff::Entity, _>(db, rows.iter().map(|row| row.staff_id), staff::Column::Id).await?;
    let mut of_units: BTreeMap<Uuid, Vec<OfficeUnitHeadOut>> = BTreeMap::new();
    for row in rows {
        let name = people.get(&row.staff_id).map(|person| person.full_name.clone()).unwrap_or_default();
        of_units.entry(row.unit_id).or_default().push(OfficeUnitHeadOut::new(row, name));
    }
    let show = |unit: Model| {
        let heads = of_units.remove(&unit.id).unwrap_or_default();
        OfficeUnitOut::new(unit, heads, on)
    };
    Ok(units.into_iter().map(show).collect())
}

/// # Errors
/// As [`outs`].
pub async fn out(db: &impl ConnectionTrait, unit: Model, on: NaiveDate) -> ApiResult<OfficeUnitOut> {
    let shown = outs(db, vec![unit], on).await?;
    shown.into_iter().next().ok_or_else(|| ApiError::internal("a unit vanished on its way out"))
}

/// Founds a unit, and puts its first head in where one is named.
///
/// # Errors
/// 409 `duplicate` for a code that is taken; 422 with every broken rule.
pub async fn insert(tx: &Tx, id: Uuid, body: &OfficeUnitIn) -> ApiResult<Model> {
    let OfficeUnitIn {
        code,
        name,
        name_en,
        board_id,
        parent_id,
        head_id,
        valid_from,
        valid_to,
        decision_number,
        verification,
    } = body.clone();
    refuse(broken_unit(tx, body).await?)?;
    let unit = ActiveModel {
        id: Set(id),
        code_key: Set(code_key(&code)),
        search: Set(search_key(&format!("{code} {name}"))),
        code: Set(code),
        name: Set(name),
        name_en: Set(name_en),
        board_id: Set(board_id),
        parent_id: Set(parent_id),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        decision_number: Set(decision_number.clone()),
        verification: Set(verification),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let unit = unit.insert(tx.db()).await?;
    if let Some(staff_id) = head_id {
        insert_head(tx, unit.id, staff_id, (valid_from, valid_to), &decision_number).await?;
    }
    tx.record(Event::new("create", TYPE, unit.id, 1)).await?;
    Ok(unit)
}

async fn broken_unit(tx: &Tx, body: &OfficeUnitIn) -> ApiResult<Vec<FieldError>> {
    let mut broken = Vec::new();
    match boards::store::living(tx.db(), body.board_id, body.valid_from, "board_id").await {
        Err(error) if error.problem().errors.is_empty() => return Err(error),
        Err(error) => broken.extend(error.problem().errors.clone()),
        Ok(_) => {}
    }
    if let Some(parent) = body.parent_id {
        match Entity::find_by_id(parent).one(tx.db()).await? {
            None => broken.push(FieldError::unknown_reference("parent_id")),
            Some(parent) if parent.board_id != body.board_id => {
                broken.push(FieldError::body("parent_id", "not_in_board", not_in_board()));
            }
            Some(_) => {}
        }
    }
    if let Some(head) = body.head_id {
        broken.extend(broken_head(tx, "head_id", head, (body.board_id, body.valid_from)).await?);
    }
    Ok(broken)
}

/// A unit that another body names and that is not one of its own.
pub(crate) fn not_in_board() -> crate::error::Text {
    text("phải là đơn vị của ban đã nêu", "must be a unit of the board that is named")
}

fn refuse(broken: Vec<FieldError>) -> ApiResult<()> {
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}

/// Whoever heads a unit belongs to its board.
async fn broken_head(
    tx: &Tx,
    field: &str,
    staff_id: Uuid,
    (board_id, on): (Uuid, NaiveDate),
) -> ApiResult<Option<FieldError>> {
    use appointments::Column as Appointment;
    if staff::Entity::find_by_id(staff_id).one(tx.db()).await?.is_none() {
        return Ok(Some(FieldError::unknown_reference(field)));
    }
    let appointed = appointments::Entity::find()
        .filter(Appointment::StaffId.eq(staff_id))
        .filter(Appointment::BoardId.eq(board_id))
        .filter(dated::on_day(Appointment::ValidFrom, Appointment::ValidTo, on))
        .one(tx.db())
        .await?;
    let detail = || {
        text(
            format!("ngày {on} không công tác tại ban của đơn vị"),
            format!("has no appointment in the unit's board on {on}"),
        )
    };
    Ok(appointed.is_none().then(|| FieldError::body(field, "not_in_body", detail())))
}

async fn insert_head(
    tx: &Tx,
    unit_id: Uuid,
    staff_id: Uuid,
    (valid_from, valid_to): (NaiveDate, Option<NaiveDate>),
    decision_number: &str,
) -> ApiResult<()> {
    let head = heads::ActiveModel {
        id: Set(tx.id()),
        unit_id: Set(unit_id),
        staff_id: Set(staff_id),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        decision_number: Set(decision_number.to_owned()),
    };
    head.insert(tx.db()).await?;
    Ok(())
}

/// Lets somebody head a unit from a day on; whoever does so until then ends on the day before. The unit's row is
/// locked, so of two appointments at once the second one sees the first.
///
/// # Errors
/// 422 with every broken rule.
pub async fn appoint_head(tx: &Tx, unit: Model, body: &OfficeUnitHeadIn) -> ApiResult<Model> {
    let OfficeUnitHeadIn { staff_id, valid_from, decision_number } = body;
    let rows = Heads::find()
        .filter(heads::Column::UnitId.eq(unit.id))
        .order_by_asc(heads::Column::ValidFrom)
        .all(tx.db())
        .await?;
    let former = rows.iter().rev().find(|row| row.valid_from <= *valid_from);
    let replaced = former.filter(|row| row.valid_to.is_none_or(|last| last >= *valid_from));
    let mut broken: Vec<FieldError> =
        broken_head(tx, "staff_id", *staff_id, (unit.board_id, *valid_from)).await?.into_iter().collect();
    broken.extend(outside(*valid_from, (unit.valid_from, unit.valid_to)));
    if let Some(row) = replaced {
        broken.extend(in_the_past_or_same(*valid_from, row.valid_from, office_day(tx.now)));
        if row.staff_id == *staff_id {
            let detail = text("người này đang phụ trách đơn vị", "this person heads the unit already");
            broken.push(FieldError::body("staff_id", "same_head", detail));
        }
    }
    refuse(broken)?;
    if let Some(row) = replaced {
        let mut ended = row.clone().into_active_model();
        ended.valid_to = Set(valid_from.pred_opt());
        ended.update(tx.db()).await?;
    }
    // A successor who is known already begins as planned.
    let next = rows.iter().find(|row| row.valid_from > *valid_from);
    let last = next.and_then(|row| row.valid_from.pred_opt()).or(unit.valid_to);
    insert_head(tx, unit.id, *staff_id, (*valid_from, last), decision_number).await?;
    let details = json!({"staff_id": staff_id, "valid_from": valid_from, "decision_number": decision_number});
    let event = Event::new("appoint-head", TYPE, unit.id, unit.version + 1).with(details);
    save(tx, unit, event).await
}

/// A day outside the life of what it is about.
pub(crate) fn outside(day: NaiveDate, (first, last): (NaiveDate, Option<NaiveDate>)) -> Option<FieldError> {
    let inside = first <= day && last.is_none_or(|last| day <= last);
    let until = last.map_or_else(|| "…".to_owned(), |last| last.to_string());
    (!inside).then(|| {
        let detail = text(format!("phải từ {first} đến {until}"), format!("must be from {first} to {until}"));
        FieldError::body("valid_from", "out_of_range", detail)
    })
}

/// Who did what on a past day is settled; and on one day only one can begin.
pub(crate) fn in_the_past_or_same(
    day: NaiveDate,
    current_from: NaiveDate,
    today: NaiveDate,
) -> Option<FieldError> {
    if day <= current_from {
        let detail = text(format!("phải sau {current_from}"), format!("must be after {current_from}"));
        return Some(FieldError::body("valid_from", "out_of_range", detail));
    }
    let detail = || text("không được ở quá khứ", "must not be in the past");
    (day < today).then(|| FieldError::body("valid_from", "in_the_past", detail()))
}

/// Writes the unit's next version and its event.
async fn save(tx: &Tx, unit: Model, event: Event<'_>) -> ApiResult<Model> {
    let version = unit.version;
    let mut changed = unit.into_active_model();
    changed.version = Set(version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update(changed).validate()?.filter(Column::Version.eq(version)).exec(tx.db()).await?;
    tx.record(event).await?;
    Ok(saved)
}
