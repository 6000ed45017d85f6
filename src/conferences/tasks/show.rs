//! Tasks as the caller sees them: whole pages at once, with one query for each kind of related record.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::conference_tasks::{Model, TaskStatus};
use entity::user_roles::{self, Role};
use entity::{conferences, staff, task_coordinators, task_holders, task_objections, users};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::conferences::rules;
use crate::conferences::rules::STEPS;
use crate::conferences::tasks::blocking;
use crate::conferences::tasks::json::{ConferenceTaskExpand, ConferenceTaskOut};
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::workflow::{WaitingOn, whose_turn};

/// One task with everything that a single read shows.
///
/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, call: &Call, task: Model) -> ApiResult<ConferenceTaskOut> {
    let shown = outs(db, call, vec![task], &[ConferenceTaskExpand::AllowedActions]).await?;
    shown.into_iter().next().ok_or_else(|| ApiError::internal("a task vanished on its way out"))
}

/// A page of tasks, in its order.
///
/// # Errors
/// When the database does not answer.
pub async fn outs(
    db: &impl ConnectionTrait,
    call: &Call,
    tasks: Vec<Model>,
    shown: &[ConferenceTaskExpand],
) -> ApiResult<Vec<ConferenceTaskOut>> {
    let show = |kind: ConferenceTaskExpand| shown.contains(&kind);
    let with_actions = show(ConferenceTaskExpand::AllowedActions);
    let mut related = Related::of(db, &tasks).await?;
    if with_actions || show(ConferenceTaskExpand::Conference) {
        let ids = tasks.iter().map(|task| task.conference_id);
        related.conferences = by_id::<conferences::Entity, _>(db, ids, conferences::Column::Id).await?;
    }
    if show(ConferenceTaskExpand::Lead) {
        let ids = tasks.iter().map(|task| task.lead_id);
        related.leads = by_id::<staff::Entity, _>(db, ids, staff::Column::Id).await?;
    }
    if with_actions {
        related.chiefs = chiefs(db, call.today()).await?;
    }
    tasks.into_iter().map(|task| related.show(call, task, shown)).collect()
}

/// What a page of tasks needs beside their rows.
#[derive(Default)]
struct Related {
    coordinators: BTreeMap<Uuid, Vec<task_coordinators::Model>>,
    holders: BTreeMap<Uuid, Vec<task_holders::Model>>,
    objections: BTreeMap<Uuid, Vec<task_objections::Model>>,
    conferences: BTreeMap<Uuid, conferences::Model>,
    leads: BTreeMap<Uuid, staff::Model>,
    chiefs: Vec<Uuid>,
}

impl Related {
    async fn of(db: &impl ConnectionTrait, tasks: &[Model]) -> ApiResult<Self> {
        use {
            task_coordinators::Column as Part, task_holders::Column as Holder,
            task_objections::Column as Objection,
        };
        let mut related = Self::default();
        let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
        let parts = task_coordinators::Entity::find().filter(Part::TaskId.is_in(ids.iter().copied()));
        for row in parts.order_by_asc(Part::Id).all(db).await? {
            related.coordinators.entry(row.task_id).or_default().push(row);
        }
        let holders = task_holders::Entity::find().filter(Holder::TaskId.is_in(ids.iter().copied()));
        let mut holders = holders.all(db).await?;
        // A period of no length comes before the one that follows it at the same instant; an open one last.
        holders.sort_by_key(|holder| (holder.held_from, holder.held_to.is_none(), holder.held_to));
        for row in holders {
            related.holders.entry(row.task_id).or_default().push(row);
        }
        let objections = task_objections::Entity::find().filter(Objection::TaskId.is_in(ids));
        for row in objections.order_by_asc(Objection::ObjectedAt).order_by_asc(Objection::Id).all(db).await? {
            related.objections.entry(row.task_id).or_default().push(row);
        }
        Ok(related)
    }

    fn show(
        &mut self,
        call: &Call,
        task: Model,
        shown: &[ConferenceTaskExpand],
    ) -> ApiResult<ConferenceTaskOut> {
        let objections = self.objections.remove(&task.id).unwrap_or_default();
        let conference = self.conferences.get(&task.conference_id);
        let (mut waiting_on, mut allowed_actions) = (None, None);
        if shown.contains(&ConferenceTaskExpand::AllowedActions) {
            let conference = conference.ok_or_else(|| ApiError::internal("a task without its conference"))?;
            waiting_on = waits_on(&task, &self.chiefs);
            let mut actions = rules::allowed_actions(call, &task, conference, &objections);
            actions.extend(blocking::allowed_actions(call, &task, conference));
            allowed_actions = Some(actions);
        }
        let expanded = conference.filter(|_| shown.contains(&ConferenceTaskExpand::Conference));
        Ok(ConferenceTaskOut {
            coordinators: all_into(self.coordinators.remove(&task.id)),
            holders: all_into(self.holders.remove(&task.id)),
            objections: all_into(Some(objections)),
            lead: self.leads.get(&task.lead_id).map(Into::into),
            conference: expanded.map(Into::into),
            waiting_on,
            allowed_actions,
            ..columns(task)
        })
    }
}

fn all_into<T, U: From<T>>(rows: Option<Vec<T>>) -> Vec<U> {
    rows.into_iter().flatten().map(U::from).collect()
}

/// What stands in the row itself.
fn columns(task: Model) -> ConferenceTaskOut {
    let Model {
        id,
        number,
        conference_id,
        board_id,
        title,
        deliverable,
        lead_board_id,
        lead_id,
        checker_id,
        accept_by,
        due_at,
        status,
        waiting_since: _,
        assigned_at,
        escalated_at,
        objection_count,
        blocked_by_obstacle_id,
        result,
        evidence,
        decision_reason,
        done_at,
        search: _,
        version,
        created_at,
        updated_at,
        created_by_id,
    } = task;
    ConferenceTaskOut {
        id,
        number,
        version,
        conference_id,
        board_id,
        title,
        deliverable,
        lead_board_id,
        lead_id,
        coordinators: Vec::new(),
        checker_id,
        accept_by,
        due_at,
        status,
        waiting_on: None,
        allowed_actions: None,
        assigned_at,
        escalated_at,
        objection_count,
        blocked_by_obstacle_id,
        result,
        evidence,
        decision_reason,
        done_at,
        holders: Vec::new(),
        objections: Vec::new(),
        lead: None,
        conference: None,
        created_at,
        updated_at,
        created_by_id,
    }
}

/// Whose turn it is. After the escalation the chief of office is asked to see to it; the lead may still accept.
pub(crate) fn waits_on(task: &Model, chiefs: &[Uuid]) -> Option<WaitingOn> {
    let silent = task.status == TaskStatus::Assigned && task.escalated_at.is_some();
    let role = whose_turn(STEPS, &task.status)?;
    let role = if silent { "chief_of_office" } else { role };
    let staff = match role {
        "lead" => vec![task.lead_id],
        "checker" => vec![task.checker_id],
        _ => chiefs.to_vec(),
    };
    let due_at = match task.status {
        TaskStatus::Assigned => Some(task.accept_by),
        TaskStatus::Objected => None,
        _ => Some(task.due_at),
    };
    Some(WaitingOn { role: role.to_owned(), staff, since: task.waiting_since, due_at })
}

/// The people who are chief of office on a day, the deputy who holds the delegation included.
async fn chiefs(db: &impl ConnectionTrait, on: NaiveDate) -> ApiResult<Vec<Uuid>> {
    use user_roles::Column as Given;
    let given = Query::select()
        .column(Given::UserId)
        .from(user_roles::Entity)
        .and_where(Given::Role.eq(Role::ChiefOfOffice))
        .and_where(Given::ValidFrom.lte(on))
        .cond_where(Condition::any().add(Given::ValidTo.is_null()).add(Given::ValidTo.gte(on)))
        .to_owned();
    let found: Vec<Option<Uuid>> = users::Entity::find()
        .select_only()
        .column(users::Column::StaffId)
        .filter(users::Column::Active.eq(true))
        .filter(users::Column::StaffId.is_not_null())
        .filter(users::Column::Id.in_subquery(given))
        .order_by_asc(users::Column::StaffId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().flatten().collect())
}
