//! Tasks as the caller sees them: whole pages at once, with one query for each kind of related record.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference_tasks::{Model, TaskStatus};
use entity::user_roles::{self, Role};
use entity::{
    conferences, staff, task_coordinators, task_dependencies, task_hand_overs, task_holders, task_objections,
    users,
};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::conferences::rules::{self, Around, STEPS};
use crate::conferences::tasks::blocking;
use crate::conferences::tasks::json::{ConferenceTaskExpand, ConferenceTaskOut};
use crate::conferences::tasks::{duty, hand_overs, store};
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
    depends_on: BTreeMap<Uuid, Vec<Uuid>>,
    hand_overs: BTreeMap<Uuid, Vec<task_hand_overs::Model>>,
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
        related.depends_on = depends_on(db, &ids).await?;
        for row in hand_overs::of_tasks(db, ids.iter().copied()).await? {
            related.hand_overs.entry(row.task_id).or_default().push(row);
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
        let (mut waiting_on, mut allowed_actions) = (None, None);
        let conference = self.conferences.get(&task.conference_id);
        let expanded = conference.filter(|_| shown.contains(&ConferenceTaskExpand::Conference));
        let expanded = expanded.map(Into::into);
        let mut hand_overs = self.hand_overs.remove(&task.id).unwrap_or_default();
        let mut objections = self.objections.remove(&task.id).unwrap_or_default();
        let mut parts = self.coordinators.remove(&task.id).unwrap_or_default();
        if shown.contains(&ConferenceTaskExpand::AllowedActions) {
            let conference =
                conference.cloned().ok_or_else(|| ApiError::internal("a task without its conference"))?;
            let around = Around { conference, objections, hand_overs, parts };
            let pending = around.pending().map(|pending| (pending, around.conference.coordinator_id));
            waiting_on = waits_on(&task, &self.chiefs, pending, call.now());
            let mut actions = rules::allowed_actions(call, &task, &around);
            actions.extend(blocking::allowed_actions(call, &task, &around.conference));
            allowed_actions = Some(actions);
            Around { objections, hand_overs, parts, .. } = around;
        }
        Ok(ConferenceTaskOut {
            coordinators: all_into(Some(parts)),
            holders: all_into(self.holders.remove(&task.id)),
            objections: all_into(Some(objections)),
            depends_on_ids: self.depends_on.remove(&task.id).unwrap_or_default(),
            hand_overs: all_into(Some(hand_overs)),
            lead: self.leads.get(&task.lead_id).map(Into::into),
            conference: expanded,
            waiting_on,
            allowed_actions,
            ..columns(task)
        })
    }
}

/// What each of these tasks waits for; one query.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn depends_on(
    db: &impl ConnectionTrait,
    task_ids: &[Uuid],
) -> ApiResult<BTreeMap<Uuid, Vec<Uuid>>> {
    use task_dependencies::Column as Dependency;
    let rows = task_dependencies::Entity::find()
        .filter(Dependency::TaskId.is_in(task_ids.iter().copied()))
        .order_by_asc(Dependency::Id)
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for row in rows {
        found.entry(row.task_id).or_default().push(row.depends_on_id);
    }
    Ok(found)
}

/// What stands around one task, for a step.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn around(db: &impl ConnectionTrait, task: &Model) -> ApiResult<Around> {
    use task_coordinators::Column as Part;
    let parts = task_coordinators::Entity::find().filter(Part::TaskId.eq(task.id));
    Ok(Around {
        conference: store::conference_of(db, task).await?,
        objections: duty::objections(db, task.id).await?,
        hand_overs: hand_overs::of_tasks(db, [task.id]).await?,
        parts: parts.order_by_asc(Part::Id).all(db).await?,
    })
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
        template_id,
        template_item,
        external_coordinators,
        moved_at,
        moved_from_due_at,
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
        external_coordinators: serde_json::from_value(external_coordinators).unwrap_or_default(),
        checker_id,
        accept_by,
        due_at,
        moved_at,
        moved_from_due_at,
        depends_on_ids: Vec::new(),
        template_id,
        template_item,
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
        hand_overs: Vec::new(),
        lead: None,
        conference: None,
        created_at,
        updated_at,
        created_by_id,
    }
}

/// Whose turn it is. After the escalation the chief of office is asked to see to it; the lead may still accept. A
/// hand-over, here with the coordinator of its conference, waits for its receiver, then for who approves it.
pub(crate) fn waits_on(
    task: &Model,
    chiefs: &[Uuid],
    hand_over: Option<(&task_hand_overs::Model, Uuid)>,
    now: DateTime<Utc>,
) -> Option<WaitingOn> {
    let silent = task.status == TaskStatus::Assigned && task.escalated_at.is_some();
    let role = whose_turn(STEPS, &task.status)?;
    let (role, staff) = match (role, hand_over) {
        _ if silent => ("chief_of_office", chiefs.to_vec()),
        ("lead", Some((pending, _))) if pending.accepted_at.is_none() => {
            ("receiver", vec![pending.to_staff_id])
        }
        ("lead", Some((pending, coordinator))) => approvers(pending, task, coordinator, chiefs, now),
        ("lead", None) => (role, vec![task.lead_id]),
        ("checker", _) => (role, vec![task.checker_id]),
        _ => (role, chiefs.to_vec()),
    };
    let due_at = match task.status {
        TaskStatus::Assigned => Some(task.accept_by),
        TaskStatus::Objected => None,
        _ => Some(task.due_at),
    };
    Some(WaitingOn { role: role.to_owned(), staff, since: task.waiting_since, due_at })
}

/// Who approves a hand-over that its receiver has accepted: nobody whom it concerns.
fn approvers(
    pending: &task_hand_overs::Model,
    task: &Model,
    coordinator: Uuid,
    chiefs: &[Uuid],
    now: DateTime<Utc>,
) -> (&'static str, Vec<Uuid>) {
    if !hand_overs::is_for_chief(pending, task, coordinator, now) {
        return ("coordinator", vec![coordinator]);
    }
    let parties = [pending.from_staff_id, pending.to_staff_id];
    ("chief_of_office", chiefs.iter().copied().filter(|chief| !parties.contains(chief)).collect())
}

/// The people who are chief of office on a day, the deputy who holds the delegation included.
pub(crate) async fn chiefs(db: &impl ConnectionTrait, on: NaiveDate) -> ApiResult<Vec<Uuid>> {
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
