//! The job that tells of days that come nearer or have passed, each once.
//!
//! It looks two months back at most: what was read may be forgotten three months later and must not be told anew then, and
//! an office that begins with old records is not told of all of them on its first day.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::advances::{self, AdvanceStatus};
use entity::conference_tasks::{self, Column as Task, TaskStatus};
use entity::notifications::{self, Column as Told, NotificationKind};
use entity::user_roles::Role;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::auth::deciders::Deciders;
use crate::clock::{office_day, office_midnight};
use crate::error::ApiResult;
use crate::notifications::{Notice, tell_all};
use crate::vehicles::due::{self, DueKind, VehicleDueItem};
use crate::write::{Actor, Tx, transaction};

/// As many of a kind as one round takes; the next round takes the rest.
const ROUND: u64 = 500;

const LOOKS_BACK: TimeDelta = TimeDelta::days(60);

/// How long before the last day of a paper or a licence the dispatchers are told (days).
const FAR: i64 = 30;
const NEAR: i64 = 7;

/// Tells what is to be told by now and says of how much nobody knew. Any number of processes may do so at once.
///
/// # Errors
/// When the database does not answer; what was told by then stays told.
pub async fn remind(app: &Arc<App>) -> ApiResult<u64> {
    let service = Actor::system();
    let mut told = transaction(app, &service, async |tx| of_tasks(tx).await).await?;
    told += transaction(app, &service, async |tx| of_advances(tx).await).await?;
    told += transaction(app, &service, async |tx| of_papers(tx).await).await?;
    Ok(told)
}

/// The lead of a task is told a day before it must be accepted, from the day before it is due, and when it is overdue.
async fn of_tasks(tx: &Tx) -> ApiResult<u64> {
    use NotificationKind::{TaskAcceptSoon, TaskDueSoon, TaskOverdue};
    use TaskStatus::{Assigned, InProgress, Objected};
    let now = tx.now;
    let after_tomorrow = office_midnight(office_day(now) + Days::new(2));
    let with_lead = Task::Status.is_in([Assigned, InProgress, Objected]);
    let silent = Task::Status.eq(Assigned).and(Task::EscalatedAt.is_null());
    let accept_soon = silent.and(Task::AcceptBy.gt(now)).and(Task::AcceptBy.lte(now + TimeDelta::days(1)));
    let due_soon = with_lead.clone().and(Task::DueAt.gt(now)).and(Task::DueAt.lt(after_tomorrow));
    let overdue = with_lead.and(Task::DueAt.lte(now)).and(Task::DueAt.gt(now - LOOKS_BACK));
    let mut told = 0;
    for (kind, due, tasks) in [
        (TaskAcceptSoon, Task::AcceptBy, accept_soon),
        (TaskDueSoon, Task::DueAt, due_soon),
        (TaskOverdue, Task::DueAt, overdue),
    ] {
        let rows = conference_tasks::Entity::find()
            .filter(tasks)
            .filter(Expr::not_exists(told_of_task(kind, due)))
            .order_by_asc(due)
            .limit(ROUND)
            .all(tx.db())
            .await?;
        told += tell_all(tx, rows.into_iter().map(|task| (task.lead_id, of_task(kind, &task)))).await?;
    }
    Ok(told)
}

/// What the present lead was told of a task at its present time.
fn told_of_task(kind: NotificationKind, due: Task) -> SelectStatement {
    let task = |column: Task| Expr::col((conference_tasks::Entity, column));
    let told = |column: Told| Expr::col((notifications::Entity, column));
    Query::select()
        .expr(Expr::val(1))
        .from(notifications::Entity)
        .and_where(told(Told::ResourceId).eq(task(Task::Id)))
        .and_where(Told::Kind.eq(kind))
        .and_where(told(Told::StaffId).eq(task(Task::LeadId)))
        .and_where(told(Told::DueAt).eq(task(due)))
        .to_owned()
}

fn of_task(kind: NotificationKind, task: &conference_tasks::Model) -> Notice {
    let due = if kind == NotificationKind::TaskAcceptSoon { task.accept_by } else { task.due_at };
    let facts = json!({"number": task.number});
    Notice::new(kind, task.id, facts, office_day(due)).of_board(task.board_id).due(due)
}

async fn of_advances(tx: &Tx) -> ApiResult<u64> {
    use advances::{Column, Entity};
    let today = office_day(tx.now);
    let told = Query::select()
        .expr(Expr::val(1))
        .from(notifications::Entity)
        .and_where(Expr::col((notifications::Entity, Told::ResourceId)).eq(Expr::col((Entity, Column::Id))))
        .and_where(Told::Kind.eq(NotificationKind::AdvanceOverdue))
        .to_owned();
    let overdue = Condition::all()
        .add(Column::Status.eq(AdvanceStatus::Paid))
        .add(Column::SettleBy.lt(today))
        .add(Column::SettleBy.gte(today - LOOKS_BACK));
    let select = Entity::find().filter(overdue).filter(Expr::not_exists(told));
    let rows = select.order_by_asc(Column::SettleBy).limit(ROUND).all(tx.db()).await?;
    let notices = rows.into_iter().map(|advance| {
        let facts = json!({"number": advance.number, "day": advance.settle_by});
        let notice = Notice::new(NotificationKind::AdvanceOverdue, advance.id, facts, advance.settle_by);
        (advance.requester_id, notice.of_board(advance.board_id).due(end_of(advance.settle_by)))
    });
    tell_all(tx, notices).await
}

/// Papers of cars and licences of drivers; there are as many as the office has cars and drivers.
async fn of_papers(tx: &Tx) -> ApiResult<u64> {
    let today = office_day(tx.now);
    let items = due::within(tx.db(), today, FAR, None).await?;
    let notices: Vec<Notice> = items.iter().filter_map(of_paper).collect();
    if notices.is_empty() {
        return Ok(0);
    }
    let dispatchers = Deciders::load(tx.db(), today).await?.of(Role::Dispatcher, None, None);
    let each = |notice: &Notice| -> Vec<(Uuid, Notice)> {
        dispatchers.iter().map(|person| (*person, notice.clone())).collect()
    };
    tell_all(tx, notices.iter().flat_map(each)).await
}

/// Once a month before the last day, and once more a week before it.
fn of_paper(item: &VehicleDueItem) -> Option<Notice> {
    let (record_id, last_day, left) = (item.record_id?, item.due_on?, item.days_left?);
    if left < -LOOKS_BACK.num_days() {
        return None;
    }
    let (kind, facts) = match item.kind {
        DueKind::Service => return None,
        DueKind::Paper => {
            let plate = item.vehicle.as_ref().map(|car| &car.plate);
            (NotificationKind::PaperExpiring, json!({"paper": item.what, "plate": plate, "day": last_day}))
        }
        DueKind::Licence => {
            let driver = item.driver.as_ref().map(|driver| &driver.full_name);
            (
                NotificationKind::LicenceExpiring,
                json!({"class": item.what, "driver": driver, "day": last_day}),
            )
        }
    };
    let ahead = if left <= NEAR { NEAR } else { FAR };
    Some(Notice::new(kind, record_id, facts, format!("{last_day}/{ahead}")).due(end_of(last_day)))
}

/// The last day is still a good day.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    office_midnight(day.checked_add_days(Days::new(1)).unwrap_or(day))
}
