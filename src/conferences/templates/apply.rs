//! A template becomes the tasks of a conference: all of them in one transaction, or none.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference_tasks::Model as Task;
use entity::conferences::{self, Model as Conference};
use entity::{applied_templates, task_dependencies};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::json;
use uuid::Uuid;

use crate::clock::office_day;
use crate::conferences::rules::refuse;
use crate::conferences::store::TYPE;
use crate::conferences::tasks::json::TaskCoordinatorIn;
use crate::conferences::tasks::people::{able, cannot_act};
use crate::conferences::tasks::show::chiefs;
use crate::conferences::tasks::store::{NewTask, give_out};
use crate::conferences::templates::json::{TaskTemplateItem, TaskTemplateOut, TemplateCoordinatorKind};
use crate::conferences::templates::resolve::{Named, Resolver};
use crate::conferences::templates::rules::{self, Due};
use crate::error::{ApiResult, FieldError, Text, text};
use crate::http::text::code_key;
use crate::write::{Event, Tx};

/// What applying a template made.
pub struct Applied {
    pub conference: Conference,
    pub tasks: Vec<Task>,
    /// Codes of tasks whose day was over already.
    pub brought_forward: Vec<String>,
}

/// A task of the template with its people and times.
struct Planned<'a> {
    item: &'a TaskTemplateItem,
    due: Due,
    lead: Named,
    coordinators: Vec<Named>,
    checker_id: Uuid,
}

/// Makes the tasks of a template for a conference whose row is locked.
///
/// # Errors
/// 409 `duplicate` where the template was applied to the conference before, in whatever version; 422 with every reason
/// why a task cannot be given out. Nothing is written then.
pub async fn apply(tx: &Tx, conference: Conference, template: &TaskTemplateOut) -> ApiResult<Applied> {
    remember(tx, &conference, template).await?;
    let planned = plan(tx, &conference, template).await?;
    let (mut tasks, mut ids) = (Vec::new(), BTreeMap::new());
    for one in &planned {
        let task = give_out(tx, &conference, one.new_task(template.id, tx.now)).await?;
        ids.insert(one.item.code.as_str(), task.id);
        tasks.push(task);
    }
    depend(tx, &planned, &ids).await?;
    let late = planned.iter().filter(|one| one.due.brought_forward);
    let brought_forward = late.map(|one| one.item.code.clone()).collect();
    let conference = next_version(tx, conference, template).await?;
    Ok(Applied { conference, tasks, brought_forward })
}

/// The database refuses a second row for a conference and a template.
async fn remember(tx: &Tx, conference: &Conference, template: &TaskTemplateOut) -> ApiResult<()> {
    let row = applied_templates::ActiveModel {
        id: Set(tx.id()),
        conference_id: Set(conference.id),
        template_id: Set(template.id),
        code_key: Set(code_key(&template.code)),
        applied_at: Set(tx.now),
        applied_by_id: Set(tx.actor.user_id),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

async fn next_version(tx: &Tx, conference: Conference, template: &TaskTemplateOut) -> ApiResult<Conference> {
    use conferences::{Column, Entity};
    let (id, board_id, version) = (conference.id, conference.board_id, conference.version);
    let mut changed = conference.into_active_model();
    changed.version = Set(version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update(changed).validate()?.filter(Column::Version.eq(version)).exec(tx.db()).await?;
    let details = json!({"template_id": template.id, "code": template.code, "tasks": template.items.len()});
    let event = Event::new("apply-template", TYPE, id, version + 1).of_board(board_id);
    tx.record(event.with(details)).await?;
    Ok(saved)
}

/// The people and times of all tasks, or everything that stands in their way.
async fn plan<'a>(
    tx: &Tx,
    conference: &Conference,
    template: &'a TaskTemplateOut,
) -> ApiResult<Vec<Planned<'a>>> {
    let opening = office_day(conference.starts_at);
    let mut broken = not_for(conference, template, opening);
    broken.extend(rules::broken_items(&template.items).into_iter().map(of_template));
    let times: Vec<(&TaskTemplateItem, Option<Due>)> = template
        .items
        .iter()
        .map(|item| (item, rules::due(conference.starts_at, item.offset_days, tx.now)))
        .collect();
    let days =
        times.iter().filter_map(|(item, due)| Some((item.code.as_str(), office_day(due.as_ref()?.at))));
    let resolver = Resolver::load(tx.db(), conference, template, (opening, days.collect())).await?;
    let leads = name_leads(&resolver, &times, &mut broken);
    let chiefs = chiefs(tx.db(), office_day(tx.now)).await?;
    let mut planned = Vec::new();
    for (item, due, lead) in &leads {
        let coordinators = coordinators(&resolver, (*item, due), *lead, &leads, &mut broken);
        let Some(checker_id) = checker(conference, &resolver, &chiefs, lead.staff_id) else {
            let detail =
                text("không có người kiểm tra khác người chủ trì", "nobody but the lead could check it");
            broken.push(about(item, "unresolvable", &detail));
            continue;
        };
        planned.push(Planned { item, due: *due, lead: *lead, coordinators, checker_id });
    }
    broken.extend(unable(tx, &planned).await?);
    refuse(broken)?;
    Ok(planned)
}

/// Tasks with their leads; what has none is told.
fn name_leads<'a>(
    resolver: &Resolver,
    times: &[(&'a TaskTemplateItem, Option<Due>)],
    broken: &mut Vec<FieldError>,
) -> Vec<(&'a TaskTemplateItem, Due, Named)> {
    let mut leads = Vec::new();
    for (item, due) in times {
        let Some(due) = due else {
            let detail = text("đã quá ngày khai mạc", "it is too late: the opening is over or too near");
            broken.push(about(item, "too_late", &detail));
            continue;
        };
        match resolver.lead(item, office_day(due.at)) {
            Ok(lead) => leads.push((*item, *due, lead)),
            Err(why) => broken.push(about(item, why.code, &why.detail)),
        }
    }
    leads
}

/// Who helps with a task: not its lead, and no body and no person twice.
fn coordinators(
    resolver: &Resolver,
    (item, due): (&TaskTemplateItem, &Due),
    lead: Named,
    leads: &[(&TaskTemplateItem, Due, Named)],
    broken: &mut Vec<FieldError>,
) -> Vec<Named> {
    let mut named = Vec::new();
    for one in &item.coordinators {
        match resolver.coordinator(one, office_day(due.at)) {
            Some(Ok(found)) => named.push(found),
            Some(Err(why)) => broken.push(about(item, why.code, &why.detail)),
            None if one.kind == TemplateCoordinatorKind::Group => {
                let others = leads.iter().filter(|(other, ..)| other.code != item.code);
                named.extend(others.filter_map(|(.., other)| resolver.head_of(other.body)));
            }
            None => {}
        }
    }
    let (mut bodies, mut people) = (BTreeSet::from([lead.body]), BTreeSet::from([lead.staff_id]));
    named.retain(|one| bodies.insert(one.body) && people.insert(one.staff_id));
    named
}

/// The coordinator of the conference checks, and a chief of office what the coordinator leads: the one who heads the
/// office before a deputy.
fn checker(conference: &Conference, resolver: &Resolver, chiefs: &[Uuid], lead_id: Uuid) -> Option<Uuid> {
    if conference.coordinator_id != lead_id {
        return Some(conference.coordinator_id);
    }
    let others = || chiefs.iter().copied().filter(|chief| *chief != lead_id);
    others().find(|chief| resolver.register.heads.is_of_board(*chief)).or_else(|| others().next())
}

/// Leads and checkers who could never take their steps.
async fn unable(tx: &Tx, planned: &[Planned<'_>]) -> ApiResult<Vec<FieldError>> {
    let people = planned.iter().flat_map(|one| [one.lead.staff_id, one.checker_id]).collect();
    let able = able(tx, people).await?;
    let stuck =
        planned.iter().filter(|one| !able.contains(&one.lead.staff_id) || !able.contains(&one.checker_id));
    Ok(stuck.map(|one| about(one.item, "cannot_act", &cannot_act())).collect())
}

/// A template is for conferences or for receptions, and holds on some days.
fn not_for(conference: &Conference, template: &TaskTemplateOut, opening: NaiveDate) -> Vec<FieldError> {
    let mut broken = Vec::new();
    if template.kind != conference.kind {
        let detail = text("mẫu này dành cho loại sự kiện khác", "the template is for another kind of event");
        broken.push(FieldError::body("template_id", "other_kind", detail));
    }
    if opening < template.valid_from || template.valid_to.is_some_and(|last| last < opening) {
        let detail = text(
            format!("mẫu này không có hiệu lực vào ngày khai mạc {opening}"),
            format!("the template does not hold on the opening day {opening}"),
        );
        broken.push(FieldError::body("template_id", "not_in_force", detail));
    }
    broken
}

/// A reason that is about one task of the template; the request names the template only.
fn about(item: &TaskTemplateItem, code: &'static str, why: &Text) -> FieldError {
    let detail = text(format!("{}: {}", item.code, why.vi), format!("{}: {}", item.code, why.en));
    FieldError::body("template_id", code, detail)
}

fn of_template(error: FieldError) -> FieldError {
    FieldError::body("template_id", error.code, error.detail)
}

impl Planned<'_> {
    fn new_task(&self, template_id: Uuid, now: DateTime<Utc>) -> NewTask {
        let coordinators = self.coordinators.iter().map(|one| TaskCoordinatorIn {
            board_id: one.body.board_id,
            staff_id: one.staff_id,
            deliverable: None,
        });
        let outside =
            self.item.coordinators.iter().filter(|one| one.kind == TemplateCoordinatorKind::External);
        NewTask {
            title: self.item.title.clone(),
            deliverable: self.item.deliverable.clone(),
            lead_board_id: self.lead.body.board_id,
            lead_id: self.lead.staff_id,
            checker_id: self.checker_id,
            accept_by: rules::accept_by(self.due.at, now),
            due_at: self.due.at,
            coordinators: coordinators.collect(),
            external_coordinators: outside.map(|one| one.r#ref.clone()).collect(),
            template: Some((template_id, self.item.code.clone())),
        }
    }
}

async fn depend(tx: &Tx, planned: &[Planned<'_>], ids: &BTreeMap<&str, Uuid>) -> ApiResult<()> {
    let pairs = planned.iter().flat_map(|one| {
        let before = one.item.depends_on.iter().filter_map(|code| ids.get(code.as_str()));
        before.map(|before| (ids.get(one.item.code.as_str()).copied(), *before))
    });
    let rows: Vec<_> = pairs
        .filter_map(|(task, before)| Some((task?, before)))
        .map(|(task_id, depends_on_id)| task_dependencies::ActiveModel {
            id: Set(tx.id()),
            task_id: Set(task_id),
            depends_on_id: Set(depends_on_id),
        })
        .collect();
    if !rows.is_empty() {
        task_dependencies::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}
