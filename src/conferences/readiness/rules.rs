//! What readiness is made of; pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::conference_tasks::{Model as Task, TaskStatus};
use entity::task_holders::Model as Holder;
use uuid::Uuid;

use crate::conferences::rules::is_open;

/// Open, and due already.
pub fn is_late(task: &Task, now: DateTime<Utc>) -> bool {
    is_open(task.status) && task.due_at <= now
}

/// Not answered, and the time for that is over.
pub fn is_silent(task: &Task, now: DateTime<Utc>) -> bool {
    task.status == TaskStatus::Assigned && task.accept_by <= now
}

/// How often a task passed from one person to another: the one place where that is counted. `holders` are those of the
/// task, oldest first; a task that was reopened for the same person did not pass on.
pub fn passed_on(holders: &[Holder]) -> usize {
    holders.windows(2).filter(|pair| matches!(pair, [one, next] if one.staff_id != next.staff_id)).count()
}

/// The chain of open tasks that ends with the one due last; see `ReadinessOut::critical_path`. `waits_for` names open
/// tasks only. Ties go by the id, so that the answer is the same each time.
pub fn critical_path(open: &[&Task], waits_for: &BTreeMap<Uuid, Vec<Uuid>>) -> Vec<Uuid> {
    let due: BTreeMap<Uuid, DateTime<Utc>> = open.iter().map(|task| (task.id, task.due_at)).collect();
    let latest = |ids: &mut dyn Iterator<Item = Uuid>| {
        ids.filter_map(|id| due.get(&id).map(|at| (*at, id))).max().map(|(_, id)| id)
    };
    let (mut path, mut seen) = (Vec::new(), BTreeSet::new());
    let mut next = latest(&mut due.keys().copied());
    while let Some(id) = next {
        // A circle cannot be entered; it would not be walked for ever either.
        if !seen.insert(id) {
            break;
        }
        path.push(id);
        next = latest(&mut waits_for.get(&id).into_iter().flatten().copied());
    }
    path.reverse();
    path
}
