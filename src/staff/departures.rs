//! Who leaves a board leaves no task without its lead: the call that ends the appointment names who takes over, and the
//! duty passes at that instant. Who leaves all boards is also followed as checker and as coordinator of conferences.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use entity::conference_tasks::{self, Model as Task, TaskStatus};
use entity::conferences::{self, Model as Conference};
use entity::task_hand_overs::HandOverOutcome;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::clock::{after_working_days, office_day};
use crate::conferences::rules::{self, OBJECTION_WORKING_DAYS};
use crate::conferences::tasks::people::{People, unable};
use crate::conferences::tasks::{hand_overs, steps, store as tasks};
use crate::conferences::told;
use crate::error::{ApiResult, FieldError, text};
use crate::staff::json::{StaffCheckerIn, StaffConferenceIn, StaffHandOverIn};
use crate::staff::store;
use crate::write::{Event, ROW_LOCK, Tx};

/// Who takes over, as the call names them.
pub(crate) struct Successors<'a> {
    pub(crate) leads: &'a [StaffHandOverIn],
    pub(crate) checkers: &'a [StaffCheckerIn],
    pub(crate) coordinators: &'a [StaffConferenceIn],
}

/// Somebody's departure from some boards.
pub(crate) struct Departure {
    staff_id: Uuid,
    /// The boards in which the person has no appointment any more.
    boards: BTreeSet<Uuid>,
    /// Whether that leaves no appointment in any board.
    altogether: bool,
    /// What the record of the hand-over says.
    reason: String,
    /// The member of staff who made the call.
    by_id: Option<Uuid>,
}

impl Departure {
    /// What the end of appointments in these boards means for a person: an appointment that runs on, or begins later,
    /// in the same board keeps them there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn of(
        tx: &Tx,
        staff_id: Uuid,
        boards: impl IntoIterator<Item = Uuid>,
        last_day: NaiveDate,
        (decision_number, by_id): (Option<&str>, Option<Uuid>),
    ) -> ApiResult<Self> {
        let next_day = last_day.checked_add_days(Days::new(1)).unwrap_or(last_day).max(office_day(tx.now));
        let held = store::appointments_of(tx.db(), [staff_id]).await?.remove(&staff_id).unwrap_or_default();
        let left: BTreeSet<Uuid> = held
            .iter()
            .filter(|one| one.valid_to.is_none_or(|last| last >= next_day))
            .map(|one| one.board_id)
            .collect();
        let day = last_day.format("%d/%m/%Y");
        let by_decision =
            decision_number.map(|number| format!(", quyết định số {number}")).unwrap_or_default();
        let boards: BTreeSet<Uuid> = boards.into_iter().filter(|board| !left.contains(board)).collect();
        Ok(Self {
            staff_id,
            altogether: left.is_empty() && !boards.is_empty(),
            boards,
            reason: format!("Thôi giữ chức vụ, ngày cuối {day}{by_decision}"),
            by_id,
        })
    }

    /// Passes everything on that the person leaves behind.
    ///
    /// # Errors
    /// 422 with all that is left behind and not named, and with every wrong name.
    pub(crate) async fn hand_over(&self, tx: &Tx, named: &Successors<'_>) -> ApiResult<()> {
        let left = Left::behind(tx, self).await?;
        rules::refuse(left.broken(tx, self, named).await?)?;
        for (conference, successor) in matches(&left.conferences, |one| one.id, named.coordinators) {
            coordinate(tx, conference, successor.coordinator_id, &self.reason).await?;
        }
        for (task, successor) in matches(&left.led, |one| one.id, named.leads) {
            self.lead(tx, task, successor).await?;
        }
        for (task, successor) in matches(&left.checked, |one| one.id, named.checkers) {
            check(tx, task, successor.checker_id, &self.reason).await?;
        }
        Ok(())
    }

    /// The successor steps into the task as it stands; one that waits for its lead's answer gives time for it.
    async fn lead(&self, tx: &Tx, task: &Task, successor: &StaffHandOverIn) -> ApiResult<()> {
        let to = (successor.lead_id, successor.lead_board_id);
        for pending in hand_overs::of_tasks(tx.db(), [task.id]).await? {
            if pending.outcome.is_none() {
                hand_overs::end(tx, task, &pending, HandOverOutcome::Lapsed, (None, None)).await?;
            }
        }
        hand_overs::on_departure(tx, task, to, &self.reason, self.by_id).await?;
        let mut changed = task.clone().into_active_model();
        let told = steps::pass_on(tx, task, &mut changed, to, "departure").await?;
        if matches!(task.status, TaskStatus::Assigned | TaskStatus::InProgress) {
            changed.waiting_since = Set(tx.now);
        }
        if task.status == TaskStatus::Assigned && task.accept_by <= tx.now {
            changed.accept_by = Set(after_working_days(tx.now, OBJECTION_WORKING_DAYS));
        }
        let event = Event::new("hand-over", tasks::TYPE, task.id, task.version + 1);
        let event = event.because(Some(&self.reason)).with(told);
        let saved = tasks::save(tx, task, changed, event).await?;
        told::given_out(tx, self.by_id, [&saved]).await
    }
}

async fn check(tx: &Tx, task: &Task, checker_id: Uuid, reason: &str) -> ApiResult<()> {
    let mut changed = task.clone().into_active_model();
    changed.checker_id = Set(checker_id);
    if task.status == TaskStatus::InReview {
        changed.waiting_since = Set(tx.now);
    }
    let event = Event::new("change-checker", tasks::TYPE, task.id, task.version + 1).because(Some(reason));
    let told = json!({"checker_id": checker_id, "former_checker_id": task.checker_id});
    tasks::save(tx, task, changed, event.with(told)).await.map(drop)
}

async fn coordinate(tx: &Tx, conference: &Conference, coordinator_id: Uuid, reason: &str) -> ApiResult<()> {
    let mut changed = conference.clone().into_active_model();
    changed.coordinator_id = Set(coordinator_id);
    changed.version = Set(conference.version + 1);
    changed.updated_at = Set(tx.now);
    let expected = conferences::Column::Version.eq(conference.version);
    conferences::Entity::update(changed).validate()?.filter(expected).exec(tx.db()).await?;
    let event = Event::new(
        "change-coordinator",
        crate::conferences::store::TYPE,
        conference.id,
        conference.version + 1,
    );
    let told = json!({"coordinator_id": coordinator_id, "former_coordinator_id": conference.coordinator_id});
    tx.record(event.of_board(conference.board_id).because(Some(reason)).with(told)).await
}

/// What somebody leaves behind, locked: conferences before tasks, each in the order of ids.
struct Left {
    conferences: Vec<Conference>,
    led: Vec<Task>,
    checked: Vec<Task>,
}

impl Left {
    async fn behind(tx: &Tx, departure: &Departure) -> ApiResult<Self> {
        use conference_tasks::Column;
        let person = departure.staff_id;
        let conferences = if departure.altogether { conferences_of(tx, person).await? } else { Vec::new() };
        let boards = departure.boards.iter().copied();
        let led = Condition::all().add(Column::LeadId.eq(person)).add(Column::LeadBoardId.is_in(boards));
        let checked = departure.altogether.then(|| Column::CheckerId.eq(person));
        let open = conference_tasks::Entity::find()
            .filter(Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled]))
            .filter(Condition::any().add(led).add_option(checked))
            .order_by_asc(Column::Id)
            .lock(ROW_LOCK)
            .all(tx.db())
            .await?;
        let (led, checked) = open.into_iter().partition(|task| task.lead_id == person);
        Ok(Self { conferences, led, checked })
    }

    /// Everything that is missing in the call or wrong with it.
    async fn broken(
        &self,
        tx: &Tx,
        departure: &Departure,
        named: &Successors<'_>,
    ) -> ApiResult<Vec<FieldError>> {
        let mut broken = misses("hand_overs", "task_id", &labels(&self.led), named.leads);
        broken.extend(misses("checkers", "task_id", &labels(&self.checked), named.checkers));
        let meetings: BTreeMap<Uuid, String> =
            self.conferences.iter().map(|one| (one.id, label(&one.number, &one.name, one.id))).collect();
        let coordinators = named.coordinators;
        broken.extend(misses("conference_coordinators", "conference_id", &meetings, coordinators));
        broken.extend(self.wrong_people(tx, departure, named).await?);
        Ok(broken)
    }

    /// Successors who are not there, not in the body named, the leaving person, or already another part of the task.
    async fn wrong_people(
        &self,
        tx: &Tx,
        departure: &Departure,
        named: &Successors<'_>,
    ) -> ApiResult<Vec<FieldError>> {
        let (mut people, mut others) = (People::default(), Vec::new());
        for (index, one) in named.leads.iter().enumerate() {
            let (board, lead) =
                (format!("hand_overs/{index}/lead_board_id"), format!("hand_overs/{index}/lead_id"));
            people.add(&board, &lead, one.lead_board_id, one.lead_id);
            others.push((lead, one.lead_id));
        }
        let leads = others.len();
        for (index, one) in named.checkers.iter().enumerate() {
            others.push((format!("checkers/{index}/checker_id"), one.checker_id));
        }
        let actors = others.len();
        for (index, one) in named.coordinators.iter().enumerate() {
            others.push((format!("conference_coordinators/{index}/coordinator_id"), one.coordinator_id));
        }
        let mut broken = people.broken(tx).await?;
        let known = store::known(tx.db(), others.iter().map(|(_, person)| *person)).await?;
        let strangers = others.iter().skip(leads).filter(|(_, person)| !known.contains(person));
        broken.extend(strangers.map(|(field, _)| FieldError::unknown_reference(field)));
        let leaving = others.iter().filter(|(_, person)| *person == departure.staff_id);
        broken.extend(leaving.map(|(field, _)| is_leaving(field)));
        broken.extend(self.clashes(tx, named).await?);
        if broken.is_empty() && actors > 0 {
            let parts: Vec<(&str, Uuid)> =
                others.iter().take(actors).map(|(field, person)| (field.as_str(), *person)).collect();
            broken = unable(tx, &parts).await?;
        }
        Ok(broken)
    }

    /// Nobody checks their own work, nor work that they are asked to take over.
    async fn clashes(&self, tx: &Tx, named: &Successors<'_>) -> ApiResult<Vec<FieldError>> {
        let mut broken = Vec::new();
        for (index, one) in named.leads.iter().enumerate() {
            let task = self.led.iter().find(|task| task.id == one.task_id);
            let field = format!("hand_overs/{index}/lead_id");
            broken.extend(task.and_then(|task| rules::broken_checker(&field, one.lead_id, task.checker_id)));
        }
        let pending = hand_overs::pending_of(tx.db(), &self.checked).await?;
        for (index, one) in named.checkers.iter().enumerate() {
            let Some(task) = self.checked.iter().find(|task| task.id == one.task_id) else { continue };
            let receiver = pending.get(&task.id).map(|(pending, _)| pending.to_staff_id);
            let field = format!("checkers/{index}/checker_id");
            let mut leads = [Some(task.lead_id), receiver].into_iter().flatten();
            broken.extend(leads.find_map(|lead| rules::broken_checker(&field, lead, one.checker_id)));
        }
        Ok(broken)
    }
}

/// The conferences that somebody coordinates and that are not over, or have open tasks.
async fn conferences_of(tx: &Tx, person: Uuid) -> ApiResult<Vec<Conference>> {
    use conferences::Column;
    let open = conference_tasks::Entity::find()
        .select_only()
        .column(conference_tasks::Column::ConferenceId)
        .filter(conference_tasks::Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled]))
        .into_query();
    let select = conferences::Entity::find()
        .filter(Column::CoordinatorId.eq(person))
        .filter(Condition::any().add(Column::EndsAt.gt(tx.now)).add(Column::Id.in_subquery(open)));
    Ok(select.order_by_asc(Column::Id).lock(ROW_LOCK).all(tx.db()).await?)
}

/// What a successor is named for.
pub(crate) trait Named {
    fn of_id(&self) -> Uuid;
}

impl Named for StaffHandOverIn {
    fn of_id(&self) -> Uuid {
        self.task_id
    }
}

impl Named for StaffCheckerIn {
    fn of_id(&self) -> Uuid {
        self.task_id
    }
}

impl Named for StaffConferenceIn {
    fn of_id(&self) -> Uuid {
        self.conference_id
    }
}

/// What is left behind beside its successor, in the order of ids.
fn matches<'a, R, N: Named>(
    left: &'a [R],
    id_of: impl Fn(&R) -> Uuid,
    named: &'a [N],
) -> impl Iterator<Item = (&'a R, &'a N)> {
    left.iter().filter_map(move |one| {
        let id = id_of(one);
        named.iter().find(|successor| successor.of_id() == id).map(|successor| (one, successor))
    })
}

/// What is left behind without a successor, and names for what is not left behind or is named already.
fn misses<N: Named>(list: &str, field: &str, left: &BTreeMap<Uuid, String>, named: &[N]) -> Vec<FieldError> {
    let mut open = left.clone();
    let mut broken = Vec::new();
    for (index, one) in named.iter().enumerate() {
        if open.remove(&one.of_id()).is_some() {
            continue;
        }
        let at = format!("{list}/{index}/{field}");
        broken.push(if left.contains_key(&one.of_id()) {
            FieldError::body(&at, "duplicate", text("đã nêu ở trên", "is named twice"))
        } else {
            let detail = text("không thuộc việc phải bàn giao", "is nothing that must be handed over");
            FieldError::body(&at, "not_left_behind", detail)
        });
    }
    let missing = open.into_values().map(|label| {
        let detail = text(format!("chưa có người nhận: {label}"), format!("nobody takes over: {label}"));
        FieldError::body(list, "successor_missing", detail)
    });
    broken.extend(missing);
    broken
}

fn labels(tasks: &[Task]) -> BTreeMap<Uuid, String> {
    tasks.iter().map(|task| (task.id, label(&task.number, &task.title, task.id))).collect()
}

fn label(number: &str, title: &str, id: Uuid) -> String {
    format!("{number} {title} ({id})")
}

fn is_leaving(field: &str) -> FieldError {
    let detail = text("phải là người khác người thôi giữ chức vụ", "must be another person than who leaves");
    FieldError::body(field, "is_leaving", detail)
}
