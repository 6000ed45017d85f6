//! Every query about templates.

use entity::task_templates::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::conferences::rules::refuse;
use crate::conferences::templates::json::{
    TaskTemplateFilter, TaskTemplateIn, TaskTemplateItem, TemplateCoordinatorKind, TemplateLeadKind,
};
use crate::conferences::templates::rules::{OWNER, broken_items};
use crate::dated;
use crate::duties::register::Register;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::text::code_key;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "task_template";

pub fn select(filter: &TaskTemplateFilter) -> Select<Entity> {
    let TaskTemplateFilter { on, code, kind } = filter;
    let wanted = Condition::all()
        .add_option(on.map(|day| dated::on_day(Column::ValidFrom, Column::ValidTo, day)))
        .add_option(code.as_ref().map(|code| Column::CodeKey.eq(code_key(code))))
        .add_option(kind.map(|kind| Column::Kind.eq(kind)));
    Entity::find().filter(wanted)
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The template that a request names.
///
/// # Errors
/// 422 for one that does not exist.
pub async fn named(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    let template = Entity::find_by_id(id).one(db).await?;
    template.ok_or_else(|| ApiError::unknown_reference("template_id"))
}

/// Enters a template, or another version of one, from a day on.
///
/// # Errors
/// 409 `period_taken` for days that have a version with a last day; 422 with every broken rule.
pub async fn insert(tx: &Tx, id: Uuid, body: &TaskTemplateIn) -> ApiResult<Model> {
    let TaskTemplateIn {
        code,
        kind,
        name,
        name_en,
        owner_duty,
        valid_from,
        valid_to,
        document_number,
        issuer,
        verification,
        items,
    } = body.clone();
    let mut broken = broken_items(&items);
    broken.extend(unknown_duties(tx, body).await?);
    refuse(broken)?;
    give_way(tx, body).await?;
    let template = ActiveModel {
        id: Set(id),
        code_key: Set(code_key(&code)),
        code: Set(code),
        kind: Set(kind),
        name: Set(name),
        name_en: Set(name_en),
        owner_duty: Set(owner_duty),
        items: Set(json!(items)),
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
    let template = template.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, template.id, 1)).await?;
    Ok(template)
}

/// Every duty that the template names and the register does not have on its first day.
async fn unknown_duties(tx: &Tx, body: &TaskTemplateIn) -> ApiResult<Vec<FieldError>> {
    let register = Register::load(tx.db(), body.valid_from).await?;
    let named = body.items.iter().enumerate().flat_map(|(index, item)| duties_of(index, item));
    let owner = body.owner_duty.iter().map(|code| ("owner_duty".to_owned(), code.as_str()));
    let unknown = owner.chain(named).filter(|(_, code)| register.duty(code).is_none());
    Ok(unknown
        .map(|(field, code)| {
            let detail = text(
                format!("sổ phân công không có nhiệm vụ {code} vào ngày {}", body.valid_from),
                format!("the register has no duty {code} on {}", body.valid_from),
            );
            FieldError::body(&field, "unknown_duty", detail)
        })
        .collect())
}

/// The codes of duties that a task names, with their places.
fn duties_of(index: usize, item: &TaskTemplateItem) -> Vec<(String, &str)> {
    let is_owner = |code: &str, by_role: bool| by_role && code == OWNER;
    let lead = Some(item.lead.r#ref.as_str())
        .filter(|code| !is_owner(code, item.lead.kind == TemplateLeadKind::BoardRole))
        .map(|code| (format!("items/{index}/lead/ref"), code));
    let helping = item.coordinators.iter().enumerate().filter_map(|(position, one)| match one.kind {
        TemplateCoordinatorKind::External | TemplateCoordinatorKind::Group => None,
        kind if is_owner(&one.r#ref, kind == TemplateCoordinatorKind::BoardRole) => None,
        _ => Some((format!("items/{index}/coordinators/{position}/ref"), one.r#ref.as_str())),
    });
    lead.into_iter().chain(helping).collect()
}

/// Ends the version that still runs on the day before the new one.
async fn give_way(tx: &Tx, body: &TaskTemplateIn) -> ApiResult<()> {
    let running = Entity::find()
        .filter(Column::CodeKey.eq(code_key(&body.code)))
        .filter(dated::running_before(Column::ValidFrom, Column::ValidTo, body.valid_from))
        .lock(ROW_LOCK);
    let Some(running) = running.one(tx.db()).await? else { return Ok(()) };
    let (id, version, last_day) = (running.id, running.version + 1, body.valid_from.pred_opt());
    let mut ended = running.into_active_model();
    ended.valid_to = Set(last_day);
    ended.version = Set(version);
    ended.updated_at = Set(tx.now);
    ended.update(tx.db()).await?;
    tx.record(Event::new("end", TYPE, id, version).with(json!({"valid_to": last_day}))).await
}
