//! What must hold for a template, and when its tasks are due; pure, with all that is wrong at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{after_working_days, office_day, office_midnight};
use crate::conferences::templates::json::{TaskTemplateItem, TemplateCoordinatorKind};
use crate::error::{FieldError, text};

/// The part that the board has which holds the conference.
pub const OWNER: &str = "owner_board";

/// The group of all who lead another task of the same conference.
pub const ALL_LEADS: &str = "all_task_units";

/// A task is due at the end of the working day.
const END_OF_DAY: TimeDelta = TimeDelta::hours(17);

/// Everything that is wrong with the tasks by themselves: codes that are used twice, dependencies on tasks that are not
/// there, that are due later, or that wait for each other in a circle.
pub fn broken_items(items: &[TaskTemplateItem]) -> Vec<FieldError> {
    let by_code: BTreeMap<&str, &TaskTemplateItem> =
        items.iter().map(|item| (item.code.as_str(), item)).collect();
    let mut broken = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if items.iter().take(index).any(|earlier| earlier.code == item.code) {
            let detail = text("mã này đã dùng trong mẫu", "the template uses this code twice");
            broken.push(FieldError::body(&format!("items/{index}/code"), "duplicate", detail));
        }
        if waits_for(item, &by_code).contains(item.code.as_str()) {
            let detail = text(
                format!("việc {} chờ chính nó qua các phụ thuộc", item.code),
                format!("{} waits for itself in a circle", item.code),
            );
            broken.push(FieldError::body(&format!("items/{index}/depends_on"), "cycle", detail));
        }
        broken.extend(broken_dependencies(index, item, &by_code));
        broken.extend(unknown_groups(index, item));
    }
    broken
}

/// The codes of all tasks for which a task waits, at first or at last.
fn waits_for<'a>(
    item: &'a TaskTemplateItem,
    by_code: &BTreeMap<&'a str, &'a TaskTemplateItem>,
) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = item.depends_on.iter().map(String::as_str).collect();
    let mut found = BTreeSet::new();
    while let Some(code) = open.pop() {
        if found.insert(code) {
            open.extend(
                by_code.get(code).into_iter().flat_map(|next| next.depends_on.iter().map(String::as_str)),
            );
        }
    }
    found
}

fn broken_dependencies(
    index: usize,
    item: &TaskTemplateItem,
    by_code: &BTreeMap<&str, &TaskTemplateItem>,
) -> Vec<FieldError> {
    let mut broken = Vec::new();
    for (position, code) in item.depends_on.iter().enumerate() {
        let field = format!("items/{index}/depends_on/{position}");
        match by_code.get(code.as_str()) {
            None => {
                let detail =
                    text(format!("mẫu không có việc {code}"), format!("the template has no task {code}"));
                broken.push(FieldError::body(&field, "unknown_code", detail));
            }
            Some(before) if before.offset_days > item.offset_days => {
                let detail = text(
                    format!("việc {code} đến hạn sau việc {}", item.code),
                    format!("{code} is due after {}", item.code),
                );
                broken.push(FieldError::body(&field, "due_later", detail));
            }
            Some(_) if item.depends_on.iter().take(position).any(|earlier| earlier == code) => {
                let detail = text("mỗi việc chỉ nêu một lần", "names a task twice");
                broken.push(FieldError::body(&field, "duplicate", detail));
            }
            Some(_) => {}
        }
    }
    broken
}

fn unknown_groups(index: usize, item: &TaskTemplateItem) -> Vec<FieldError> {
    let groups = item
        .coordinators
        .iter()
        .enumerate()
        .filter(|(_, one)| one.kind == TemplateCoordinatorKind::Group && one.r#ref != ALL_LEADS);
    groups
        .map(|(position, one)| {
            let field = format!("items/{index}/coordinators/{position}/ref");
            let detail =
                text(format!("không có nhóm {}", one.r#ref), format!("there is no group {}", one.r#ref));
            FieldError::body(&field, "unknown_code", detail)
        })
        .collect()
}

/// When a task of a template is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due {
    pub at: DateTime<Utc>,
    /// Its own day was over already.
    pub brought_forward: bool,
}

/// So many days from the opening day, at the end of the working day; what is to be ready for the opening is due at the
/// opening at the latest. A day that is over already gives way to the next working day. Nothing where the opening
/// leaves no time for that.
pub fn due(starts_at: DateTime<Utc>, offset_days: i64, now: DateTime<Utc>) -> Option<Due> {
    let before_opening = |at: DateTime<Utc>| if offset_days > 0 { at } else { at.min(starts_at) };
    let end_of = |at: DateTime<Utc>| office_midnight(office_day(at)) + END_OF_DAY;
    let at = before_opening(end_of(starts_at + TimeDelta::days(offset_days)));
    if at > now {
        return Some(Due { at, brought_forward: false });
    }
    let at = before_opening(end_of(after_working_days(now, 1)));
    (at > now).then_some(Due { at, brought_forward: true })
}

/// Until when a lead accepts: as long as an objection is possible, and with half of the time left where the task is due
/// earlier than that.
pub fn accept_by(due_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let usual = after_working_days(now, crate::conferences::rules::OBJECTION_WORKING_DAYS);
    if usual < due_at { usual } else { now + (due_at - now) / 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_task_is_due_in_the_evening_and_never_after_the_opening() {
        let (opening, now) = (at("2025-12-18T08:00:00+07:00"), at("2025-12-12T08:00:00+07:00"));
        for (offset, due_at, brought_forward) in [
            (-1, "2025-12-17T17:00:00+07:00", false),
            (0, "2025-12-18T08:00:00+07:00", false),
            (3, "2025-12-21T17:00:00+07:00", false),
            // A Friday: the next working day is Monday.
            (-20, "2025-12-15T17:00:00+07:00", true),
        ] {
            assert_eq!(due(opening, offset, now), Some(Due { at: at(due_at), brought_forward }), "{offset}");
        }
        assert_eq!(due(opening, -1, opening), None);
        assert!(due(opening, 15, opening).is_some());
    }

    #[test]
    fn a_lead_accepts_within_two_working_days_or_half_of_the_time() {
        let now = at("2025-12-12T08:00:00+07:00");
        assert_eq!(accept_by(at("2025-12-30T17:00:00+07:00"), now), at("2025-12-16T08:00:00+07:00"));
        assert_eq!(accept_by(at("2025-12-12T10:00:00+07:00"), now), at("2025-12-12T09:00:00+07:00"));
    }
}
