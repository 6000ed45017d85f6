//! The queries behind the readiness of a conference: one for each kind of record.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::conference_tasks::{self as tasks, Model as Task, TaskStatus};
use entity::conferences::Model as Conference;
use entity::{staff, task_holders};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::clock::office_day;
use crate::conferences::readiness::json::{ReadinessCounts, ReadinessHolder, ReadinessOut, ReadinessTask};
use crate::conferences::readiness::rules;
use crate::conferences::rules::is_open;
use crate::conferences::store::visible_tasks;
use crate::conferences::tasks::show::depends_on;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::page::by_id;

/// More tasks than any conference has.
const TASKS_SHOWN: u64 = 1000;

/// What is needed beside the rows of the tasks.
struct Around {
    holders: BTreeMap<Uuid, Vec<task_holders::Model>>,
    people: BTreeMap<Uuid, staff::Model>,
    /// Open tasks by the open tasks that wait for them.
    waits_for: BTreeMap<Uuid, Vec<Uuid>>,
    critical: BTreeSet<Uuid>,
    now: DateTime<Utc>,
}

/// # Errors
/// When the database does not answer.
pub async fn readiness(
    db: &impl ConnectionTrait,
    call: &Call,
    conference: &Conference,
) -> ApiResult<ReadinessOut> {
    let rows = tasks::Entity::find()
        .filter(visible_tasks(call))
        .filter(tasks::Column::ConferenceId.eq(conference.id))
        .order_by_asc(tasks::Column::DueAt)
        .order_by_asc(tasks::Column::Id)
        .limit(TASKS_SHOWN)
        .all(db)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|task| task.id).collect();
    let holders = holders_of(db, &ids).await?;
    let present = holders.values().flatten().filter(|holder| holder.held_to.is_none());
    let people =
        by_id::<staff::Entity, _>(db, present.map(|holder| holder.staff_id), staff::Column::Id).await?;
    let open: Vec<&Task> = rows.iter().filter(|task| is_open(task.status)).collect();
    let open_ids: BTreeSet<Uuid> = open.iter().map(|task| task.id).collect();
    let mut waits_for = depends_on(db, &ids).await?;
    waits_for.retain(|task, _| open_ids.contains(task));
    waits_for.values_mut().for_each(|before| before.retain(|task| open_ids.contains(task)));
    let critical_path = rules::critical_path(&open, &waits_for);
    let now = call.now();
    let critical = critical_path.iter().copied().collect();
    let mut around = Around { holders, people, waits_for, critical, now };
    let tasks: Vec<ReadinessTask> = rows.into_iter().map(|task| around.show(task)).collect();
    Ok(ReadinessOut {
        conference_id: conference.id,
        as_of: now,
        days_to_opening: days_until(conference.starts_at, now),
        counts: counts(&tasks),
        tasks,
        critical_path,
        cars_booked: None,
        funded: None,
    })
}

/// The holders of each task, oldest first.
async fn holders_of(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> ApiResult<BTreeMap<Uuid, Vec<task_holders::Model>>> {
    let select = task_holders::Entity::find().filter(task_holders::Column::TaskId.is_in(ids.iter().copied()));
    let mut rows = select.all(db).await?;
    rows.sort_by_key(|holder| (holder.held_from, holder.held_to.is_none(), holder.held_to));
    let mut holders: BTreeMap<Uuid, Vec<task_holders::Model>> = BTreeMap::new();
    for row in rows {
        holders.entry(row.task_id).or_default().push(row);
    }
    Ok(holders)
}

/// Calendar days in the office.
fn days_until(at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (office_day(at) - office_day(now)).num_days()
}

impl Around {
    fn show(&mut self, task: Task) -> ReadinessTask {
        let holders = self.holders.remove(&task.id).unwrap_or_default();
        let present = holders.iter().find(|holder| holder.held_to.is_none());
        ReadinessTask {
            holder: present.map(|holder| self.holder(holder)),
            hand_over_count: i64::try_from(rules::passed_on(&holders)).unwrap_or(i64::MAX),
            days_left: is_open(task.status).then(|| days_until(task.due_at, self.now)),
            late: rules::is_late(&task, self.now),
            silent: rules::is_silent(&task, self.now),
            blocked: task.blocked_by_obstacle_id.is_some(),
            waits_for_ids: self.waits_for.remove(&task.id).unwrap_or_default(),
            on_critical_path: self.critical.contains(&task.id),
            id: task.id,
            number: task.number,
            title: task.title,
            deliverable: task.deliverable,
            status: task.status,
            objection_count: task.objection_count,
            due_at: task.due_at,
            moved_at: task.moved_at,
            blocked_by_obstacle_id: task.blocked_by_obstacle_id,
        }
    }

    fn holder(&self, holder: &task_holders::Model) -> ReadinessHolder {
        let person = self.people.get(&holder.staff_id);
        ReadinessHolder {
            staff_id: holder.staff_id,
            full_name: person.map(|person| person.full_name.clone()).unwrap_or_default(),
            board_id: holder.board_id,
            held_from: holder.held_from,
            days_held: (self.now - holder.held_from).num_days().max(0),
        }
    }
}

fn counts(tasks: &[ReadinessTask]) -> ReadinessCounts {
    let count = |counts: &dyn Fn(&ReadinessTask) -> bool| {
        i64::try_from(tasks.iter().filter(|task| counts(task)).count()).unwrap_or(i64::MAX)
    };
    ReadinessCounts {
        total: count(&|_| true),
        open: count(&|task| is_open(task.status)),
        done: count(&|task| task.status == TaskStatus::Done),
        cancelled: count(&|task| task.status == TaskStatus::Cancelled),
        late: count(&|task| task.late),
        silent: count(&|task| task.silent),
        objected: count(&|task| task.status == TaskStatus::Objected),
        blocked: count(&|task| task.blocked),
        waiting: count(&|task| !task.waits_for_ids.is_empty()),
    }
}
