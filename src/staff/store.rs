//! Every query about staff and their appointments.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::appointments::{self, Entity as Appointments};
use entity::staff::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::boards;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::page::Order;
use crate::http::text::{code_key, contains_pattern, search_key};
use crate::staff::departures::{Departure, Successors};
use crate::staff::json::{
    StaffAppointIn, StaffAppointmentEndIn, StaffAppointmentIn, StaffFilter, StaffIn, StaffOut, StaffPatch,
    StaffSort,
};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "staff";

pub fn select(filter: &StaffFilter, today: NaiveDate) -> Select<Entity> {
    let mut select = Entity::find();
    if filter.board_id.is_some() || filter.position.is_some() || filter.on.is_some() {
        let mut held = Appointments::find()
            .select_only()
            .column(appointments::Column::StaffId)
            .filter(in_force(filter.on.unwrap_or(today)));
        if let Some(board) = filter.board_id {
            held = held.filter(appointments::Column::BoardId.eq(board));
        }
        if let Some(position) = &filter.position {
            held = held.filter(appointments::Column::Position.eq(position));
        }
        select = select.filter(Column::Id.in_subquery(held.into_query()));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<StaffSort>) -> Order<Entity> {
    let descending = match sort.unwrap_or_default() {
        StaffSort::FullName => false,
        StaffSort::FullNameDescending => true,
    };
    Order { column: Column::FullName, descending }
}

fn in_force(day: NaiveDate) -> Condition {
    use appointments::Column::{ValidFrom, ValidTo};
    Condition::all()
        .add(ValidFrom.lte(day))
        .add(Condition::any().add(ValidTo.is_null()).add(ValidTo.gte(day)))
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends; its appointments change under this lock only.
///
/// # Errors
/// 404.
pub async fn find_for_update(tx: &Tx, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// Those of these ids that belong to somebody.
///
/// # Errors
/// When the database does not answer.
pub async fn known(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeSet<Uuid>> {
    let found = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    Ok(found.into_iter().map(|person| person.id).collect())
}

/// The appointments of these people, oldest first; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn appointments_of(
    db: &impl ConnectionTrait,
    people: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<appointments::Model>>> {
    let ids: Vec<Uuid> = people.into_iter().collect();
    let rows = Appointments::find()
        .filter(appointments::Column::StaffId.is_in(ids))
        .order_by_asc(appointments::Column::ValidFrom)
        .order_by_asc(appointments::Column::Id)
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, Vec<appointments::Model>> = BTreeMap::new();
    for row in rows {
        found.entry(row.staff_id).or_default().push(row);
    }
    Ok(found)
}

/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, person: Model, today: NaiveDate) -> ApiResult<StaffOut> {
    let held = appointments_of(db, [person.id]).await?.remove(&person.id).unwrap_or_default();
    Ok(StaffOut::new(person, held, today))
}

/// # Errors
/// 409 `duplicate` for a code that is taken; 422 for a board that does not live then.
pub async fn insert(tx: &Tx, body: &StaffIn) -> ApiResult<Model> {
    let StaffIn { employee_code, full_name, appointment } = body.clone();
    if let Some(appointment) = &appointment {
        check_board(tx, appointment, "appointment/").await?;
    }
    let person = ActiveModel {
        id: Set(tx.id()),
        employee_code_key: Set(code_key(&employee_code)),
        search: Set(search(&employee_code, &full_name)),
        employee_code: Set(employee_code),
        full_name: Set(full_name),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let person = person.insert(tx.db()).await?;
    let mut event = Event::new("create", TYPE, person.id, 1);
    if let Some(appointment) = appointment {
        let appointment = add(tx, person.id, appointment).await?;
        event = event.with(json!({"appointment_id": appointment.id, "board_id": appointment.board_id}));
    }
    tx.record(event).await?;
    Ok(person)
}

/// # Errors
/// 409 `duplicate` for a code that is taken; 412 if the person changed in between.
pub async fn update(tx: &Tx, person: Model, patch: StaffPatch) -> ApiResult<Model> {
    let StaffPatch { employee_code, full_name } = patch;
    let employee_code = employee_code.unwrap_or_else(|| person.employee_code.clone());
    let full_name = full_name.unwrap_or_else(|| person.full_name.clone());
    let mut changed = person.clone().into_active_model();
    changed.employee_code_key = Set(code_key(&employee_code));
    changed.search = Set(search(&employee_code, &full_name));
    changed.employee_code = Set(employee_code);
    changed.full_name = Set(full_name);
    save(tx, &person, changed, Event::new("update", TYPE, person.id, person.version + 1)).await
}

/// # Errors
/// 409 for a second appointment to the same position on the same days; 422 for a board that does not live
/// on all of these days, or a task that the person leaves behind.
pub async fn appoint(tx: &Tx, person: Model, body: StaffAppointIn, by_id: Option<Uuid>) -> ApiResult<Model> {
    let hand_overs = body.hand_overs.clone();
    let (appointment, ends_current) = body.split();
    check_board(tx, &appointment, "").await?;
    let ended = if ends_current { end_running(tx, person.id, appointment.valid_from).await? } else { vec![] };
    refuse_second(tx, person.id, &appointment).await?;
    let added = add(tx, person.id, appointment).await?;
    let last_day = added.valid_from.pred_opt().unwrap_or(added.valid_from);
    let boards = ended.iter().map(|one| one.board_id);
    let decision = (added.decision_number.as_deref(), by_id);
    let departure = Departure::of(tx, person.id, boards, last_day, decision).await?;
    departure.hand_over(tx, &Successors { leads: &hand_overs, checkers: &[], coordinators: &[] }).await?;
    let event = Event::new("appoint", TYPE, person.id, person.version + 1).with(json!({
        "appointment_id": added.id,
        "position": added.position,
        "board_id": added.board_id,
        "valid_from": added.valid_from,
        "valid_to": added.valid_to,
        "decision_number": added.decision_number,
        "ended_appointment_ids": ended.iter().map(|one| one.id).collect::<Vec<_>>(),
    }));
    save(tx, &person, person.clone().into_active_model(), event).await
}

/// # Errors
/// 422 for an appointment of somebody else, a day outside the appointment, or something that the person leaves behind.
pub async fn end_appointment(
    tx: &Tx,
    person: Model,
    body: &StaffAppointmentEndIn,
    by_id: Option<Uuid>,
) -> ApiResult<Model> {
    let StaffAppointmentEndIn {
        appointment_id,
        valid_to,
        decision_number,
        hand_overs,
        checkers,
        conference_coordinators,
    } = body;
    let appointment = Appointments::find_by_id(*appointment_id)
        .filter(appointments::Column::StaffId.eq(person.id))
        .one(tx.db())
        .await?
        .ok_or_else(|| ApiError::unknown_reference("appointment_id"))?;
    if *valid_to < appointment.valid_from || appointment.valid_to.is_some_and(|last| *valid_to > last) {
        return Err(ApiError::rule(
            "valid_to",
            "out_of_range",
            text(
                "phải nằm trong thời gian của quyết định bổ nhiệm",
                "must be one of the days of the appointment",
            ),
        ));
    }
    let board_id = appointment.board_id;
    let mut ended = appointment.into_active_model();
    ended.valid_to = Set(Some(*valid_to));
    ended.update(tx.db()).await?;
    let decision = (decision_number.as_deref(), by_id);
    let departure = Departure::of(tx, person.id, [board_id], *valid_to, decision).await?;
    let coordinators = conference_coordinators;
    departure.hand_over(tx, &Successors { leads: hand_overs, checkers, coordinators }).await?;
    let event = Event::new("end-appointment", TYPE, person.id, person.version + 1).with(json!({
        "appointment_id": appointment_id,
        "valid_to": valid_to,
        "decision_number": decision_number,
    }));
    save(tx, &person, person.clone().into_active_model(), event).await
}

/// Nobody works in a board before it begins or after it ends.
async fn check_board(tx: &Tx, appointment: &StaffAppointmentIn, at: &str) -> ApiResult<()> {
    let field = format!("{at}board_id");
    let board = boards::store::living(tx.db(), appointment.board_id, appointment.valid_from, &field).await?;
    let Some(last) = board.valid_to.filter(|last| appointment.valid_to.is_none_or(|to| to > *last)) else {
        return Ok(());
    };
    Err(ApiError::invalid(vec![FieldError::body(
        &format!("{at}valid_to"),
        "board_not_active",
        text(
            format!("ban {} chỉ hoạt động đến hết ngày {last}", board.code),
            format!("the board {} ends on {last}", board.code),
        ),
    )]))
}

/// Ends what began before a day and still runs on it; gives what ended.
async fn end_running(tx: &Tx, staff_id: Uuid, from: NaiveDate) -> ApiResult<Vec<appointments::Model>> {
    let running = Appointments::find()
        .filter(appointments::Column::StaffId.eq(staff_id))
        .filter(appointments::Column::ValidFrom.lt(from))
        .filter(in_force(from))
        .all(tx.db())
        .await?;
    let mut all = Vec::new();
    for appointment in running {
        let mut ended = appointment.into_active_model();
        ended.valid_to = Set(from.pred_opt());
        all.push(ended.update(tx.db()).await?);
    }
    Ok(all)
}

/// The same position twice on one day is a slip of the pen. The person's lock makes the look safe.
async fn refuse_second(tx: &Tx, staff_id: Uuid, new: &StaffAppointmentIn) -> ApiResult<()> {
    use appointments::Column::{BoardId, Position, StaffId, ValidFrom, ValidTo};
    let mut same = Appointments::find()
        .filter(StaffId.eq(staff_id))
        .filter(BoardId.eq(new.board_id))
        .filter(Position.eq(&new.position))
        .filter(Condition::any().add(ValidTo.is_null()).add(ValidTo.gte(new.valid_from)));
    if let Some(last) = new.valid_to {
        same = same.filter(ValidFrom.lte(last));
    }
    match same.one(tx.db()).await? {
        None => Ok(()),
        Some(held) => Err(ApiError::new(
            Code::Duplicate,
            text(
                format!("Người này đã giữ chức vụ này trong ban từ ngày {}.", held.valid_from),
                format!("The person holds this position in the board already, from {} on.", held.valid_from),
            ),
        )),
    }
}

async fn add(tx: &Tx, staff_id: Uuid, body: StaffAppointmentIn) -> ApiResult<appointments::Model> {
    let StaffAppointmentIn {
        position,
        board_id,
        division,
        title,
        allowance_coefficient,
        valid_from,
        valid_to,
        decision_number,
    } = body;
    let hundredths = allowance_coefficient.replace('.', "").parse().map_err(ApiError::internal)?;
    let appointment = appointments::ActiveModel {
        id: Set(tx.id()),
        staff_id: Set(staff_id),
        board_id: Set(board_id),
        division: Set(division),
        position: Set(position),
        title: Set(title),
        coefficient_hundredths: Set(hundredths),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        decision_number: Set(decision_number),
    };
    Ok(appointment.insert(tx.db()).await?)
}

/// Writes a changed person, the next version and the event.
async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event).await?;
    Ok(saved)
}

fn search(code: &str, name: &str) -> String {
    search_key(&format!("{code} {name}"))
}
