//! Every query about duties, and the only places where their leads change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::duties::{ActiveModel, Column, Entity, Model};
use entity::duty_leads::{self as leads, Entity as Leads};
use entity::{boards, office_units, staff};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::boards::store::living;
use crate::clock::office_day;
use crate::dated;
use crate::duties::json::{DutyFilter, DutyIn, DutyLead, DutyLeadIn, DutyLeadOut, DutyOut};
use crate::duties::register::{Body, Heads};
use crate::duties::units::store::{in_the_past_or_same, not_in_board, outside};
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::page::by_id;
use crate::http::text::{code_key, contains_pattern, search_key};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "duty";

pub fn select(filter: &DutyFilter, today: NaiveDate) -> Select<Entity> {
    let DutyFilter { on, lead_board_id, lead_unit_id, q } = filter;
    let mut wanted = Condition::all()
        .add_option(on.map(|day| dated::on_day(Column::ValidFrom, Column::ValidTo, day)))
        .add_option(
            q.as_ref().map(|query| Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query)))),
        );
    if lead_board_id.is_some() || lead_unit_id.is_some() {
        let led = Condition::all()
            .add(dated::on_day(leads::Column::ValidFrom, leads::Column::ValidTo, on.unwrap_or(today)))
            .add_option(lead_board_id.map(|board| leads::Column::LeadBoardId.eq(board)))
            .add_option(lead_unit_id.map(|unit| leads::Column::LeadUnitId.eq(unit)));
        let led = Query::select().column(leads::Column::DutyId).from(Leads).cond_where(led).to_owned();
        wanted = wanted.add(Column::Id.in_subquery(led));
    }
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

/// Duties as callers see them, in their order; the number of queries does not grow with them.
///
/// # Errors
/// When the database does not answer.
pub async fn outs(db: &impl ConnectionTrait, duties: Vec<Model>, on: NaiveDate) -> ApiResult<Vec<DutyOut>> {
    let rows = Leads::find()
        .filter(leads::Column::DutyId.is_in(duties.iter().map(|duty| duty.id)))
        .order_by_asc(leads::Column::ValidFrom)
        .all(db)
        .await?;
    let heads = Heads::load(db, on).await?;
    let names = Names::of(db, &rows, &heads).await?;
    let mut of_duties: BTreeMap<Uuid, Vec<DutyLeadOut>> = BTreeMap::new();
    for row in rows {
        of_duties.entry(row.duty_id).or_default().push(names.show(row, &heads, on)?);
    }
    let show = |duty: Model| {
        let leads = of_duties.remove(&duty.id).unwrap_or_default();
        DutyOut::new(duty, leads, on)
    };
    Ok(duties.into_iter().map(show).collect())
}

/// # Errors
/// As [`outs`].
pub async fn out(db: &impl ConnectionTrait, duty: Model, on: NaiveDate) -> ApiResult<DutyOut> {
    let shown = outs(db, vec![duty], on).await?;
    shown.into_iter().next().ok_or_else(|| ApiError::internal("a duty vanished on its way out"))
}

/// The names of bodies and people.
struct Names {
    boards: BTreeMap<Uuid, boards::Model>,
    units: BTreeMap<Uuid, office_units::Model>,
    people: BTreeMap<Uuid, staff::Model>,
}

impl Names {
    async fn of(db: &impl ConnectionTrait, rows: &[leads::Model], heads: &Heads) -> ApiResult<Self> {
        let boards = rows.iter().map(|row| row.lead_board_id);
        let units = rows.iter().filter_map(|row| row.lead_unit_id);
        let people = rows.iter().filter_map(|row| heads.of(Body::from(row)));
        Ok(Self {
            boards: by_id::<boards::Entity, _>(db, boards, boards::Column::Id).await?,
            units: by_id::<office_units::Entity, _>(db, units, office_units::Column::Id).await?,
            people: by_id::<staff::Entity, _>(db, people, staff::Column::Id).await?,
        })
    }

    fn show(&self, row: leads::Model, heads: &Heads, on: NaiveDate) -> ApiResult<DutyLeadOut> {
        let body = Body::from(&row);
        let leads_then = row.valid_from <= on && row.valid_to.is_none_or(|last| last >= on);
        let head_id = heads.of(body).filter(|_| leads_then);
        let unit = body.unit_id.and_then(|unit| self.units.get(&unit)).map(|unit| &unit.name);
        let board = || self.boards.get(&body.board_id).map(|board| &board.name);
        Ok(DutyLeadOut {
            lead_board_id: body.board_id,
            lead_unit_id: body.unit_id,
            body_name: unit.or_else(board).cloned().unwrap_or_default(),
            head_id,
            head_name: head_id.and_then(|head| self.people.get(&head)).map(|head| head.full_name.clone()),
            coordinating_unit_ids: serde_json::from_value(row.coordinating_unit_ids)
                .map_err(ApiError::internal)?,
            coordinating_roles: serde_json::from_value(row.coordinating_roles).map_err(ApiError::internal)?,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            decision_number: row.decision_number,
            verification: row.verification,
        })
    }
}

/// Enters a duty together with its first lead, so that no day of its life is without one.
///
/// # Errors
/// 409 `duplicate` for a code that is taken; 422 with every broken rule.
pub async fn insert(tx: &Tx, id: Uuid, body: &DutyIn) -> ApiResult<Model> {
    let DutyIn {
        code,
        name,
        name_en,
        scope,
        lead_person,
        valid_from,
        valid_to,
        document_number,
        issuer,
        verification,
        lead,
    } = body.clone();
    refuse(broken_lead(tx, &lead, valid_from).await?)?;
    let words = format!("{code} {name} {}", scope.as_deref().unwrap_or_default());
    let duty = ActiveModel {
        id: Set(id),
        code_key: Set(code_key(&code)),
        search: Set(search_key(&words)),
        code: Set(code),
        name: Set(name),
        name_en: Set(name_en),
        scope: Set(scope),
        lead_person: Set(lead_person),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        document_number: Set(document_number),
        issuer: Set(issuer),
        verification: Set(verification),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let duty = duty.insert(tx.db()).await?;
    insert_lead(tx, duty.id, &lead, (valid_from, valid_to)).await?;
    let event = Event::new("create", TYPE, duty.id, 1);
    tx.record(event.with(told(&lead, valid_from))).await?;
    Ok(duty)
}

/// Gives a duty to another body from a day on: the lead of that day ends on the day before, and the new one leads as
/// long as that one would have. The duty's row is locked, so of two changes at once the second one sees the first.
///
/// # Errors
/// 422 with every broken rule.
pub async fn assign_lead(tx: &Tx, duty: Model, body: &DutyLeadIn) -> ApiResult<Model> {
    let DutyLeadIn { valid_from, lead } = body;
    let current = Leads::find()
        .filter(leads::Column::DutyId.eq(duty.id))
        .filter(dated::on_day(leads::Column::ValidFrom, leads::Column::ValidTo, *valid_from))
        .one(tx.db())
        .await?;
    let mut broken = broken_lead(tx, lead, *valid_from).await?;
    match &current {
        None => broken.extend(outside(*valid_from, (duty.valid_from, duty.valid_to))),
        Some(row) => {
            broken.extend(in_the_past_or_same(*valid_from, row.valid_from, office_day(tx.now)));
            if Body::from(row) == (Body { board_id: lead.lead_board_id, unit_id: lead.lead_unit_id }) {
                broken.push(FieldError::body("lead", "same_lead", same_lead()));
            }
        }
    }
    refuse(broken)?;
    let current = current.ok_or_else(|| ApiError::internal("a duty without a lead on a day of its life"))?;
    take_over(tx, duty, current, body).await
}

/// Another body takes over from the one that leads until then.
pub(crate) async fn take_over(
    tx: &Tx,
    duty: Model,
    current: leads::Model,
    body: &DutyLeadIn,
) -> ApiResult<Model> {
    let DutyLeadIn { valid_from, lead } = body;
    let (last, former) = (current.valid_to, Body::from(&current));
    let mut ended = current.into_active_model();
    ended.valid_to = Set(valid_from.pred_opt());
    ended.update(tx.db()).await?;
    insert_lead(tx, duty.id, lead, (*valid_from, last)).await?;
    let mut details = told(lead, *valid_from);
    details["former_lead_board_id"] = json!(former.board_id);
    details["former_lead_unit_id"] = json!(former.unit_id);
    let (id, version) = (duty.id, duty.version);
    let mut changed = duty.into_active_model();
    changed.version = Set(version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update(changed).validate()?.filter(Column::Version.eq(version)).exec(tx.db()).await?;
    tx.record(Event::new("assign-lead", TYPE, id, version + 1).with(details)).await?;
    Ok(saved)
}

fn same_lead() -> crate::error::Text {
    text("cơ quan này đang chủ trì nhiệm vụ", "this body leads the duty already")
}

/// What the history says of a lead.
fn told(lead: &DutyLead, valid_from: NaiveDate) -> serde_json::Value {
    json!({
        "lead_board_id": lead.lead_board_id,
        "lead_unit_id": lead.lead_unit_id,
        "valid_from": valid_from,
        "decision_number": lead.decision_number,
    })
}

fn refuse(broken: Vec<FieldError>) -> ApiResult<()> {
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}

/// What is wrong with a lead and those who help: bodies that do not exist then, a unit of another board, a body that
/// both leads and helps.
async fn broken_lead(tx: &Tx, lead: &DutyLead, on: NaiveDate) -> ApiResult<Vec<FieldError>> {
    let mut broken = Vec::new();
    match living(tx.db(), lead.lead_board_id, on, "lead/lead_board_id").await {
        Err(error) if error.problem().errors.is_empty() => return Err(error),
        Err(error) => broken.extend(error.problem().errors.clone()),
        Ok(_) => {}
    }
    let named = lead.coordinating_unit_ids.iter().chain(&lead.lead_unit_id).copied();
    let units = by_id::<office_units::Entity, _>(tx.db(), named, office_units::Column::Id).await?;
    if let Some(unit) = lead.lead_unit_id {
        broken.extend(broken_unit("lead/lead_unit_id", units.get(&unit), on));
        if units.get(&unit).is_some_and(|unit| unit.board_id != lead.lead_board_id) {
            broken.push(FieldError::body("lead/lead_unit_id", "not_in_board", not_in_board()));
        }
    }
    let mut seen = BTreeSet::new();
    for (index, unit) in lead.coordinating_unit_ids.iter().enumerate() {
        let field = format!("lead/coordinating_unit_ids/{index}");
        broken.extend(broken_unit(&field, units.get(unit), on));
        if lead.lead_unit_id == Some(*unit) {
            let detail = text("đơn vị chủ trì không đồng thời phối hợp", "the lead does not help as well");
            broken.push(FieldError::body(&field, "coordinator_is_lead", detail));
        } else if !seen.insert(*unit) {
            let detail = text("mỗi đơn vị chỉ nêu một lần", "names a unit twice");
            broken.push(FieldError::body(&field, "duplicate", detail));
        }
    }
    Ok(broken)
}

fn broken_unit(field: &str, unit: Option<&office_units::Model>, on: NaiveDate) -> Option<FieldError> {
    let Some(unit) = unit else { return Some(FieldError::unknown_reference(field)) };
    let lives = unit.valid_from <= on && unit.valid_to.is_none_or(|last| last >= on);
    (!lives).then(|| {
        let detail = text(
            format!("đơn vị {} không hoạt động vào ngày {on}", unit.name),
            format!("the unit {} does not exist on {on}", unit.code),
        );
        FieldError::body(field, "unit_not_active", detail)
    })
}

async fn insert_lead(
    tx: &Tx,
    duty_id: Uuid,
    lead: &DutyLead,
    (valid_from, valid_to): (NaiveDate, Option<NaiveDate>),
) -> ApiResult<()> {
    let row = leads::ActiveModel {
        id: Set(tx.id()),
        duty_id: Set(duty_id),
        lead_board_id: Set(lead.lead_board_id),
        lead_unit_id: Set(lead.lead_unit_id),
        coordinating_unit_ids: Set(json!(lead.coordinating_unit_ids)),
        coordinating_roles: Set(json!(lead.coordinating_roles)),
        valid_from: Set(valid_from),
        valid_to: Set(valid_to),
        decision_number: Set(lead.decision_number.clone()),
        verification: Set(lead.verification),
    };
    row.insert(tx.db()).await?;
    Ok(())
}
