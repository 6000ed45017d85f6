//! The demo office's conferences and receptions, with their tasks and who held them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::conference_tasks::TaskStatus;
use entity::conferences::{ConferenceKind, Model as Conference};
use entity::task_objections::ObjectionDecision;
use entity::{
    conference_tasks, conferences, task_coordinators, task_hand_overs, task_holders, task_objections,
};
use sea_orm::{ActiveModelTrait, Set};
use serde_json::Value;
use uuid::Uuid;

use TaskStatus::{Assigned, Done, InProgress, InReview, Objected};

use crate::conferences::{store, tasks};
use crate::demo::{Demo, day, id, instant, link, optional, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::write::{Event, Tx};

/// What each task of the office's two templates delivers.
const DELIVERABLES: &[(&str, &str)] = &[
    ("plan", "Kế hoạch được ký"),
    ("estimate", "Dự toán theo tiểu mục; đã ghi cam kết"),
    ("papers", "Tài liệu được duyệt"),
    ("delegate_list", "Danh sách đã chốt"),
    ("invitations", "Giấy mời đã gửi, đã tổng hợp trả lời"),
    ("printing", "Số bộ bằng số đại biểu cộng 5%"),
    ("hall", "Phiếu kiểm tra đã ký"),
    ("sound_and_screen", "Biên bản chạy thử"),
    ("backdrop", "Nội dung được duyệt, đã treo"),
    ("reception", "Bảng phân công"),
    ("refreshments", "Thực đơn trong định mức"),
    ("lodging", "Đã đặt phòng"),
    ("cars", "Lệnh điều xe đã phát hành"),
    ("press", "Danh sách phóng viên"),
    ("security_and_health", "Phương án đã thống nhất"),
    ("minutes", "Thông báo kết luận"),
    ("settlement", "Quyết toán so với dự toán"),
    ("programme", "Chương trình được duyệt"),
    ("guest_list", "Danh sách đã chốt"),
    ("meeting_room", "Phiếu kiểm tra đã ký"),
    ("meals", "Thực đơn, danh sách người dự trong mức chi"),
];

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("conferences") {
        let days = (day(row, "opens_on")?, day(row, "closes_on")?);
        hold(tx, demo, row, ConferenceKind::Conference, days, "delegates").await?;
    }
    for row in demo.rows("guest_delegations") {
        let days = (day(row, "arrives_on")?, day(row, "leaves_on")?);
        hold(tx, demo, row, ConferenceKind::Reception, days, "guests").await?;
    }
    Ok(())
}

/// An hour of a day in the office.
fn at(day: NaiveDate, hour: i64) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(hour - 7)
}

async fn hold(
    tx: &Tx,
    demo: &Demo,
    row: &Value,
    kind: ConferenceKind,
    (first, last): (NaiveDate, NaiveDate),
    size: &str,
) -> ApiResult<()> {
    let board_id = reference(row, "lead_board")?;
    let tasks: Vec<&Value> = demo.rows("event_tasks").filter(|task| task["event"] == row["ref"]).collect();
    // Whoever leads the owner's own first task has arranged the whole, unless the row names somebody.
    let own = tasks.iter().find(|task| unit(demo, &task["lead"]).is_some_and(|(board, _)| board == board_id));
    let coordinator_id = match link(row, "coordinator") {
        Some(named) => named,
        None => reference(own.copied().unwrap_or(&Value::Null), "responsible_person")?,
    };
    let number = tx.next_number(if kind == ConferenceKind::Reception { "RC" } else { "CF" }).await?;
    let name = string(row, "title_vi");
    let place = optional(row, "venue_vi").unwrap_or_else(|| "Văn phòng Tỉnh ủy".to_owned());
    let conference = conferences::ActiveModel {
        id: Set(reference(row, "ref")?),
        search: Set(store::search(&number, &name, &place)),
        number: Set(number),
        kind: Set(kind),
        name: Set(name),
        board_id: Set(board_id),
        starts_at: Set(at(first, 8)),
        ends_at: Set(at(last, 17)),
        place: Set(place),
        delegate_count: Set(row[size].as_i64().unwrap_or(1)),
        coordinator_id: Set(coordinator_id),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let conference = conference.insert(tx.db()).await?;
    tx.record(Event::new("create", store::TYPE, conference.id, 1).of_board(board_id)).await?;
    for task in tasks {
        give_out(tx, demo, &conference, task).await?;
    }
    Ok(())
}

/// The board of a unit and the person at its head; nothing for bodies outside, such as the police.
pub(super) fn unit(demo: &Demo, unit: &Value) -> Option<(Uuid, Option<Uuid>)> {
    if let Some(division) = demo.rows("divisions").find(|division| division["ref"] == *unit) {
        return Some((reference(division, "board").ok()?, reference(division, "head").ok()));
    }
    let board = demo.rows("boards").find(|board| board["ref"] == *unit)?;
    let heads = ["board_head", "commission_chair", "chief_of_office"];
    let head = demo.rows("appointments").find(|appointment| {
        appointment["board"] == board["ref"] && heads.contains(&string(appointment, "position").as_str())
    });
    Some((reference(board, "ref").ok()?, head.and_then(|head| reference(head, "person").ok())))
}

/// One period of a task's life, and the objection that ended it.
struct Period {
    board_id: Uuid,
    staff_id: Uuid,
    from: DateTime<Utc>,
    objection: Option<Objection>,
}

struct Objection {
    at: DateTime<Utc>,
    reason: String,
    /// Nothing while the chief of office has not decided.
    decision: Option<Decision>,
}

struct Decision {
    at: DateTime<Utc>,
    by_id: Uuid,
    reason: String,
}

impl Objection {
    fn decision_reason(&self) -> Option<&str> {
        self.decision.as_ref().map(|decision| decision.reason.as_str())
    }
}

/// The periods of a task. The rows hand the duty to the chief of office between objection and decision; here
/// the lead keeps it until the decision.
fn periods(tx: &Tx, demo: &Demo, conference: &Conference, row: &Value) -> ApiResult<Vec<Period>> {
    let board_of = |lead: &Value| {
        unit(demo, lead)
            .map(|(board, _)| board)
            .ok_or_else(|| ApiError::internal("demo: a lead without board"))
    };
    let history: Vec<&Value> = row["lead_history"].as_array().into_iter().flatten().collect();
    if history.is_empty() {
        return Ok(vec![Period {
            board_id: board_of(&row["lead"])?,
            staff_id: reference(row, "responsible_person")?,
            from: given_at(tx, conference, row)?,
            objection: None,
        }]);
    }
    let mut periods = Vec::new();
    for (index, entry) in history.iter().enumerate() {
        if entry["ended_by"] == "decided" {
            continue;
        }
        let objected = entry["ended_by"] == "refused";
        let objection = if objected { Some(objection(entry, history.get(index + 1))?) } else { None };
        periods.push(Period {
            board_id: board_of(&entry["lead"])?,
            staff_id: reference(entry, "responsible_person")?,
            from: instant(entry, "from")?,
            objection,
        });
    }
    Ok(periods)
}

/// When a task was given to its lead: at its row's own time, or some days before the conference; never later
/// than the demo office is filled.
fn given_at(tx: &Tx, conference: &Conference, row: &Value) -> ApiResult<DateTime<Utc>> {
    if row["assigned_at"].is_string() {
        return instant(row, "assigned_at");
    }
    let early = at(day(row, "due_on")? - TimeDelta::days(3), 8);
    let usual = conference.starts_at - TimeDelta::days(20);
    Ok(early.min(usual).min(tx.now))
}

fn accept_by(row: &Value, last: &Period) -> ApiResult<DateTime<Utc>> {
    if row["accept_by"].is_string() { instant(row, "accept_by") } else { Ok(last.from + TimeDelta::days(2)) }
}

/// What ended a period, and how it was decided by the entry after it, if it was.
fn objection(entry: &Value, next: Option<&&Value>) -> ApiResult<Objection> {
    let decision = match next {
        Some(next) => Some(Decision {
            at: instant(next, "to")?,
            by_id: reference(next, "by")?,
            reason: string(next, "reason_vi"),
        }),
        None => None,
    };
    Ok(Objection { at: instant(entry, "to")?, reason: string(entry, "reason_vi"), decision })
}

async fn give_out(tx: &Tx, demo: &Demo, conference: &Conference, row: &Value) -> ApiResult<()> {
    let periods = periods(tx, demo, conference, row)?;
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Ok(()) };
    let status = match string(row, "status").as_str() {
        "done" => Done,
        "assigned" => Assigned,
        "awaiting_decision" => Objected,
        "in_review" => InReview,
        _ => InProgress,
    };
    let others = [conference.coordinator_id, id("p_an"), id("p_linh")];
    let checker_id = others.into_iter().find(|person| *person != last.staff_id).unwrap_or(id("p_an"));
    let done_at = optional_day(row, "done_on").map(|done_on| at(done_on, 16));
    let code = string(row, "task");
    let deliverable = DELIVERABLES.iter().find(|(known, _)| *known == code).map_or("", |(_, text)| text);
    let (number, title) = (tx.next_number("CT").await?, string(row, "title_vi"));
    let objections: Vec<&Objection> = periods.iter().filter_map(|period| period.objection.as_ref()).collect();
    let undecided = last.objection.as_ref().map(|objection| objection.at);
    let finished = matches!(status, InReview | Done).then_some(deliverable);
    let decided = objections.iter().filter(|objection| objection.decision.is_some()).count();
    let mut versions = versions(status, decided);
    versions.extend(on_the_way(row));
    let task = conference_tasks::ActiveModel {
        id: Set(reference(row, "ref")?),
        search: Set(tasks::store::search(&number, &title, deliverable)),
        number: Set(number),
        conference_id: Set(conference.id),
        board_id: Set(conference.board_id),
        title: Set(title),
        deliverable: Set(deliverable.to_owned()),
        lead_board_id: Set(last.board_id),
        lead_id: Set(last.staff_id),
        checker_id: Set(checker_id),
        accept_by: Set(accept_by(row, last)?),
        due_at: Set(at(day(row, "due_on")?, 17)),
        status: Set(status),
        waiting_since: Set(done_at.or(undecided).or(handed_over_at(row)).unwrap_or(last.from)),
        assigned_at: Set(last.from),
        escalated_at: Set(None),
        objection_count: Set(i64::try_from(objections.len()).unwrap_or(0)),
        blocked_by_obstacle_id: Set(None),
        result: Set(finished.map(|_| "Đã hoàn thành".to_owned())),
        evidence: Set(finished.map(str::to_owned)),
        decision_reason: Set(objections
            .last()
            .and_then(|objection| objection.decision_reason())
            .map(str::to_owned)),
        done_at: Set(done_at),
        template_id: Set(None),
        template_item: Set(None),
        external_coordinators: Set(serde_json::json!([])),
        moved_at: Set(None),
        moved_from_due_at: Set(None),
        version: Set(i64::try_from(versions.len()).unwrap_or(1)),
        created_at: Set(first.from),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let task = task.insert(tx.db()).await?;
    coordinate(tx, demo, &task, row).await?;
    for (index, period) in periods.iter().enumerate() {
        let next = periods.get(index + 1).map(|next| next.from);
        hand_on(tx, &task, period, next).await?;
    }
    offer(tx, &task, row).await?;
    tell(tx, &task, &periods, &versions, row["hand_over"]["reason_vi"].as_str()).await
}

/// What happened to a task in progress beside its status.
fn on_the_way(row: &Value) -> Vec<Chapter> {
    let parts = row["parts"].as_object().into_iter().flat_map(|parts| parts.values());
    let done = parts.filter(|part| part["done_at"].is_string()).map(|_| "report-part");
    let asked = row["hand_over"]["requested_at"].as_str().map(|_| "request-hand-over");
    let accepted = row["hand_over"]["accepted_at"].as_str().map(|_| "accept-hand-over");
    let verbs = done.chain(asked).chain(accepted);
    verbs.map(|verb| (verb, Some(InProgress), InProgress)).collect()
}

fn handed_over_at(row: &Value) -> Option<DateTime<Utc>> {
    let hand_over = &row["hand_over"];
    instant(hand_over, "accepted_at").or_else(|_| instant(hand_over, "requested_at")).ok()
}

/// A hand-over that waits for its receiver or its approval.
async fn offer(tx: &Tx, task: &conference_tasks::Model, row: &Value) -> ApiResult<()> {
    let hand_over = &row["hand_over"];
    if hand_over.is_null() {
        return Ok(());
    }
    let pending = task_hand_overs::ActiveModel {
        id: Set(tx.id()),
        task_id: Set(task.id),
        from_staff_id: Set(task.lead_id),
        from_board_id: Set(task.lead_board_id),
        to_staff_id: Set(reference(hand_over, "to")?),
        to_board_id: Set(reference(hand_over, "board")?),
        reason: Set(string(hand_over, "reason_vi")),
        requested_at: Set(instant(hand_over, "requested_at")?),
        late: Set(false),
        accepted_at: Set(instant(hand_over, "accepted_at").ok()),
        outcome: Set(None),
        decided_by_id: Set(None),
        decided_at: Set(None),
        decision_reason: Set(None),
    };
    pending.insert(tx.db()).await?;
    Ok(())
}

async fn coordinate(tx: &Tx, demo: &Demo, task: &conference_tasks::Model, row: &Value) -> ApiResult<()> {
    let mut named = BTreeSet::from([task.lead_id]);
    for body in row["coordinators"].as_array().into_iter().flatten() {
        let Some((board_id, Some(head))) = unit(demo, body) else { continue };
        if named.insert(head) {
            let mut parts = row["parts"].as_object().into_iter().flatten();
            let part = parts.find(|(person, _)| id(person) == head).map_or(&Value::Null, |(_, part)| part);
            let finished = matches!(task.status, InReview | Done);
            let done_at = finished.then_some(task.done_at.unwrap_or(tx.now));
            let report = finished.then(|| "Đã hoàn thành".to_owned());
            let coordinator = task_coordinators::ActiveModel {
                id: Set(tx.id()),
                task_id: Set(task.id),
                board_id: Set(board_id),
                staff_id: Set(head),
                deliverable: Set(optional(part, "deliverable")),
                done_at: Set(instant(part, "done_at").ok().or(done_at)),
                excused_at: Set(None),
                report: Set(optional(part, "report").or(report)),
                excused_by_id: Set(None),
                excuse_reason: Set(None),
            };
            coordinator.insert(tx.db()).await?;
        }
    }
    Ok(())
}

/// Leads answer within the morning; who objected, or was followed by another lead, never accepted.
fn accepted_at(
    tx: &Tx,
    task: &conference_tasks::Model,
    period: &Period,
    next: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let accepted = next.is_none() && matches!(task.status, InProgress | InReview | Done);
    accepted.then(|| (period.from + TimeDelta::hours(3)).min(task.done_at.unwrap_or(tx.now)))
}

/// One holder, until the next one takes over or the task is done.
async fn hand_on(
    tx: &Tx,
    task: &conference_tasks::Model,
    period: &Period,
    next: Option<DateTime<Utc>>,
) -> ApiResult<()> {
    let ended_by = if next.is_some() { Some("uphold") } else { task.done_at.map(|_| "accept-result") };
    let holder = task_holders::ActiveModel {
        id: Set(tx.id()),
        task_id: Set(task.id),
        staff_id: Set(period.staff_id),
        board_id: Set(period.board_id),
        held_from: Set(period.from),
        held_to: Set(next.or(task.done_at)),
        ended_by: Set(ended_by.map(str::to_owned)),
        accepted_at: Set(accepted_at(tx, task, period, next)),
        escalated_at: Set(None),
    };
    holder.insert(tx.db()).await?;
    let Some(objection) = &period.objection else { return Ok(()) };
    let decision = objection.decision.as_ref();
    let objection = task_objections::ActiveModel {
        id: Set(tx.id()),
        task_id: Set(task.id),
        staff_id: Set(period.staff_id),
        board_id: Set(period.board_id),
        reason: Set(objection.reason.clone()),
        objected_at: Set(objection.at),
        decision: Set(decision.map(|_| ObjectionDecision::Upheld)),
        decided_by_id: Set(decision.map(|decision| decision.by_id)),
        decided_at: Set(decision.map(|decision| decision.at)),
        decision_reason: Set(decision.map(|decision| decision.reason.clone())),
    };
    objection.insert(tx.db()).await?;
    Ok(())
}

/// A step of the story: verb, state before, state after.
type Chapter = (&'static str, Option<TaskStatus>, TaskStatus);

/// What must have happened for a task to stand where it does; one version each.
fn versions(status: TaskStatus, decided: usize) -> Vec<Chapter> {
    let mut story = vec![("create", None, Assigned)];
    for _ in 0..decided {
        story.extend([("object", Some(Assigned), Objected), ("uphold", Some(Objected), Assigned)]);
    }
    if status == Objected {
        story.push(("object", Some(Assigned), Objected));
    }
    let rest: &[Chapter] = &[
        ("accept", Some(Assigned), InProgress),
        ("submit-result", Some(InProgress), InReview),
        ("accept-result", Some(InReview), Done),
    ];
    let taken = match status {
        InProgress => 1,
        InReview => 2,
        Done => 3,
        _ => 0,
    };
    story.extend(rest.iter().take(taken).copied());
    story
}

async fn tell(
    tx: &Tx,
    task: &conference_tasks::Model,
    periods: &[Period],
    story: &[Chapter],
    hand_over: Option<&str>,
) -> ApiResult<()> {
    let mut objections = periods.iter().filter_map(|period| period.objection.as_ref());
    let mut decided = None;
    for (version, (verb, from, to)) in (1..).zip(story) {
        let mut event = Event::new(verb, tasks::store::TYPE, task.id, version).of_board(task.board_id);
        if let Some(from) = from {
            event = event.step(from, to);
        }
        if *verb == "object" {
            decided = objections.next();
            event = event.because(decided.map(|objection| objection.reason.as_str()));
        } else if *verb == "uphold" {
            event = event.because(decided.and_then(Objection::decision_reason));
        } else if *verb == "request-hand-over" {
            event = event.because(hand_over);
        }
        tx.record(event).await?;
    }
    Ok(())
}
