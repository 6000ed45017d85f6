//! The demo office's obstacles: those that the review of 2019 named, with what was agreed about them, and those that the
//! document's examples act on. Each goes its way on the same days after it was raised.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::measures::MeasureStatus;
use entity::obstacles::{ActiveModel, Model, ObstacleResource, ObstacleStatus};
use entity::{conference_tasks, measures};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::office_midnight;
use crate::conferences::tasks;
use crate::demo::bookings::acting;
use crate::demo::conferences::unit;
use crate::demo::{Demo, day, id, link, optional, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::obstacles::measures::rules::Mandate;
use crate::obstacles::measures::{self as what_is_done, store as measure_store};
use crate::obstacles::{TYPE, store};
use crate::write::{Event, Tx};

/// What each area of duty of the review is called in the register.
const AREAS: &[(&str, &str)] = &[
    ("fuel_payment", "fuel_and_travel"),
    ("travel_expenses", "fuel_and_travel"),
    ("vehicle_booking", "vehicles"),
    ("autonomous_funds", "autonomous_funds"),
    ("conference_preparation", "conference_work"),
];

/// The days of a way, counted from the day on which an obstacle was raised.
const ACCEPTED: u64 = 1;
const PROPOSED: u64 = 2;
const AGREED: u64 = 5;

/// The effect of a measure is judged so long after it was due, unless its row says otherwise.
const CHECK_AFTER: u64 = 30;

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("obstacles") {
        let story = Story::of(demo, row)?;
        let mut obstacle = story.report(tx).await?;
        if story.status != ObstacleStatus::Reported {
            obstacle = story.accept(tx, obstacle).await?;
        }
        let mut begun = false;
        for measure in row["measures"].as_array().into_iter().flatten() {
            let agreed = story.measure(tx, &obstacle, measure).await?;
            if agreed && !begun {
                obstacle =
                    story.move_on(tx, obstacle, "begin-action", ObstacleStatus::InAction, AGREED).await?;
                begun = true;
            }
        }
        if story.status == ObstacleStatus::Resolved {
            obstacle = story.resolve(tx, obstacle).await?;
        }
        story.block(tx, &obstacle).await?;
    }
    Ok(())
}

/// What a row tells, with what goes without saying.
struct Story<'a> {
    demo: &'a Demo,
    row: &'a Value,
    raised_on: NaiveDate,
    status: ObstacleStatus,
    reporter: String,
    boards: Vec<Uuid>,
}

fn nine_o_clock(day: NaiveDate) -> DateTime<Utc> {
    office_midnight(day) + TimeDelta::hours(9)
}

impl<'a> Story<'a> {
    fn of(demo: &'a Demo, row: &'a Value) -> ApiResult<Self> {
        let status = match string(row, "status").as_str() {
            "reported" => ObstacleStatus::Reported,
            "accepted" => ObstacleStatus::Accepted,
            "resolved" => ObstacleStatus::Resolved,
            _ => ObstacleStatus::InAction,
        };
        let boards = row["boards"].as_array().into_iter().flatten().filter_map(Value::as_str).map(id);
        Ok(Self {
            demo,
            row,
            raised_on: day(row, "raised_on")?,
            status,
            // Who wrote the minutes of the review.
            reporter: optional(row, "reporter").unwrap_or_else(|| "p_tuan".to_owned()),
            boards: boards.collect(),
        })
    }

    fn after(&self, days: u64) -> DateTime<Utc> {
        nine_o_clock(self.raised_on.checked_add_days(Days::new(days)).unwrap_or(self.raised_on))
    }

    /// The last day of its measures, unless the row says otherwise.
    fn due_on(&self) -> NaiveDate {
        let of_measures = self.row["measures"].as_array().into_iter().flatten();
        let last = of_measures.filter_map(|measure| optional_day(measure, "due_on")).max();
        optional_day(self.row, "due_on").or(last).unwrap_or(self.raised_on)
    }

    async fn report(&self, tx: &Tx) -> ApiResult<Model> {
        let at = acting(tx, self.demo, &self.reporter, self.after(0)).await?;
        let (title, description) = (string(self.row, "title_vi"), string(self.row, "description_vi"));
        let duty = string(self.row, "duty");
        let area = AREAS.iter().find(|(known, _)| *known == duty).map(|(_, area)| (*area).to_owned());
        let area = area.or_else(|| optional(self.row, "area")).unwrap_or_else(|| "other".to_owned());
        let number = at.next_number("OB").await?;
        let conference = link(self.row, "raised_at");
        let obstacle = ActiveModel {
            id: Set(reference(self.row, "ref")?),
            search: Set(store::search(&number, &title, &description)),
            number: Set(number),
            board_id: Set(link(self.row, "board").unwrap_or_else(|| id("vptu"))),
            title: Set(title),
            description: Set(description),
            area: Set(area),
            resource_type: Set(conference.map(|_| ObstacleResource::Conference)),
            resource_id: Set(conference),
            reported_by_id: Set(id(&self.reporter)),
            raised_on: Set(self.raised_on),
            owner_id: Set(None),
            due_on: Set(None),
            status: Set(ObstacleStatus::Reported),
            waiting_since: Set(at.now),
            resolution: Set(None),
            resolved_at: Set(None),
            verified_by_id: Set(None),
            verified_at: Set(None),
            decision_reason: Set(None),
            version: Set(1),
            created_at: Set(at.now),
            updated_at: Set(at.now),
            created_by_id: Set(at.actor.user_id),
        };
        let obstacle = obstacle.insert(at.db()).await?;
        store::insert_boards(&at, obstacle.id, &self.boards).await?;
        at.record(Event::new("create", TYPE, obstacle.id, 1).of_board(obstacle.board_id)).await?;
        at.commit().await?;
        Ok(obstacle)
    }

    async fn accept(&self, tx: &Tx, obstacle: Model) -> ApiResult<Model> {
        let mut changed = obstacle.clone().into_active_model();
        changed.owner_id = Set(link(self.row, "owner"));
        changed.due_on = Set(Some(self.due_on()));
        self.step(tx, obstacle, changed, ("p_linh", "accept", ObstacleStatus::Accepted), self.after(ACCEPTED))
            .await
    }

    async fn move_on(
        &self,
        tx: &Tx,
        obstacle: Model,
        verb: &str,
        to: ObstacleStatus,
        days: u64,
    ) -> ApiResult<Model> {
        let changed = obstacle.clone().into_active_model();
        self.step(tx, obstacle, changed, ("p_linh", verb, to), self.after(days)).await
    }

    async fn resolve(&self, tx: &Tx, obstacle: Model) -> ApiResult<Model> {
        let when = nine_o_clock(optional_day(self.row, "resolved_on").unwrap_or(self.due_on()));
        let mut changed = obstacle.clone().into_active_model();
        changed.resolution = Set(Some("Đã thực hiện xong các biện pháp đã thống nhất".to_owned()));
        changed.resolved_at = Set(Some(when));
        let owner = string(self.row, "owner");
        self.step(tx, obstacle, changed, (&owner, "resolve", ObstacleStatus::Resolved), when).await
    }

    async fn step(
        &self,
        tx: &Tx,
        obstacle: Model,
        mut changed: ActiveModel,
        (who, verb, to): (&str, &str, ObstacleStatus),
        when: DateTime<Utc>,
    ) -> ApiResult<Model> {
        let at = acting(tx, self.demo, who, when).await?;
        changed.status = Set(to);
        changed.waiting_since = Set(when);
        let event = Event::new(verb, TYPE, obstacle.id, obstacle.version + 1).step(&obstacle.status, &to);
        let saved = store::save(&at, &obstacle, changed, event).await?;
        at.commit().await?;
        Ok(saved)
    }

    /// A measure with its way; tells whether it was agreed.
    async fn measure(&self, tx: &Tx, obstacle: &Model, row: &Value) -> ApiResult<bool> {
        let said = string(row, "status");
        let to = match (said.as_str(), self.status) {
            ("proposed", _) => MeasureStatus::Proposed,
            ("open" | "agreed", _) => MeasureStatus::Agreed,
            // What was done about an obstacle that is resolved is still to be judged.
            ("done", ObstacleStatus::Resolved) => MeasureStatus::Done,
            _ => MeasureStatus::Effective,
        };
        let mut measure = self.propose(tx, obstacle, row).await?;
        measure = self.consent(tx, measure, row, to).await?;
        if matches!(to, MeasureStatus::Done | MeasureStatus::Effective) {
            let done_at = nine_o_clock(day(row, "done_on")?);
            let mut changed = measure.clone().into_active_model();
            changed.result = Set(Some(measure.title.clone()));
            changed.done_at = Set(Some(done_at));
            measure =
                judge(tx, self.demo, measure, changed, ("complete", MeasureStatus::Done), done_at).await?;
        }
        if to == MeasureStatus::Effective {
            let judged_at = nine_o_clock(measure.check_on);
            let mut changed = measure.clone().into_active_model();
            changed.judged_by_id = Set(Some(id("p_linh")));
            changed.judged_at = Set(Some(judged_at));
            judge(tx, self.demo, measure, changed, ("mark-effective", to), judged_at).await?;
        }
        Ok(to != MeasureStatus::Proposed)
    }

    async fn propose(&self, tx: &Tx, obstacle: &Model, row: &Value) -> ApiResult<measures::Model> {
        let proposer = optional(row, "proposer").unwrap_or_else(|| string(self.row, "owner"));
        let at = acting(tx, self.demo, &proposer, self.after(PROPOSED)).await?;
        let Some((lead_board_id, Some(lead_id))) = unit(self.demo, &row["lead"]) else {
            return Err(ApiError::internal("demo: a measure that nobody leads"));
        };
        let (title, due_on) = (string(row, "text_vi"), day(row, "due_on")?);
        let later = due_on.checked_add_days(Days::new(CHECK_AFTER)).unwrap_or(due_on);
        let number = at.next_number("MS").await?;
        let measure = measures::ActiveModel {
            id: Set(reference(row, "ref")?),
            search: Set(store::search(&number, &title, &title)),
            number: Set(number),
            obstacle_id: Set(obstacle.id),
            board_id: Set(obstacle.board_id),
            title: Set(title.clone()),
            description: Set(title),
            proposed_by_id: Set(id(&proposer)),
            lead_board_id: Set(lead_board_id),
            lead_id: Set(lead_id),
            due_on: Set(due_on),
            check_on: Set(optional_day(row, "check_on").unwrap_or(later)),
            status: Set(MeasureStatus::Proposed),
            waiting_since: Set(at.now),
            agreed_at: Set(None),
            result: Set(None),
            done_at: Set(None),
            judged_by_id: Set(None),
            judged_at: Set(None),
            decision_reason: Set(None),
            version: Set(1),
            created_at: Set(at.now),
            updated_at: Set(at.now),
            created_by_id: Set(at.actor.user_id),
        };
        let measure = measure.insert(at.db()).await?;
        let event = Event::new("create", what_is_done::TYPE, measure.id, 1).of_board(measure.board_id);
        at.record(event.with(json!({"obstacle_id": obstacle.id}))).await?;
        at.commit().await?;
        Ok(measure)
    }

    /// The heads of all boards, or of those that the row names, consent one after another.
    async fn consent(
        &self,
        tx: &Tx,
        mut measure: measures::Model,
        row: &Value,
        to: MeasureStatus,
    ) -> ApiResult<measures::Model> {
        let named = row["consents"].as_array().or_else(|| self.row["boards"].as_array());
        let boards: Vec<&Value> = named.into_iter().flatten().collect();
        for (index, board) in boards.iter().enumerate() {
            let head = unit(self.demo, board).and_then(|(_, head)| head);
            let head = head.ok_or_else(|| ApiError::internal("demo: a board without head"))?;
            let person = self.demo.rows("people").find(|person| link(person, "ref") == Some(head));
            let person = person.map(|person| string(person, "ref")).unwrap_or_default();
            let at = acting(tx, self.demo, &person, self.after(AGREED)).await?;
            let mandate =
                Mandate { boards: board.as_str().map(id).into_iter().collect(), in_place_of_head: false };
            measure_store::consent(&at, measure.id, head, &mandate, None).await?;
            let last = index + 1 == boards.len() && to != MeasureStatus::Proposed;
            let after = if last { MeasureStatus::Agreed } else { MeasureStatus::Proposed };
            let mut changed = measure.clone().into_active_model();
            changed.status = Set(after);
            if last {
                changed.agreed_at = Set(Some(at.now));
                changed.waiting_since = Set(at.now);
            }
            let event = Event::new("consent", what_is_done::TYPE, measure.id, measure.version + 1)
                .step(&measure.status, &after);
            let details = json!({"board_ids": mandate.boards, "in_place_of_head": false, "note": null});
            measure = measure_store::save(&at, &measure, changed, event.with(details)).await?;
            at.commit().await?;
        }
        Ok(measure)
    }

    /// The tasks that wait for it, as the row says.
    async fn block(&self, tx: &Tx, obstacle: &Model) -> ApiResult<()> {
        for task in self.row["blocks"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let task = conference_tasks::Entity::find_by_id(id(task)).one(tx.db()).await?;
            let task = task.ok_or_else(|| ApiError::internal("demo: no such task is blocked"))?;
            let at = acting(tx, self.demo, &self.reporter, self.after(AGREED)).await?;
            let mut changed = task.clone().into_active_model();
            changed.blocked_by_obstacle_id = Set(Some(obstacle.id));
            let event = Event::new("block", tasks::store::TYPE, task.id, task.version + 1);
            let event = event.with(json!({"obstacle_id": obstacle.id}));
            tasks::store::save(&at, &task, changed, event).await?;
            at.commit().await?;
        }
        Ok(())
    }
}

/// The steps after the agreement, by the deputy chief of office or by the lead.
async fn judge(
    tx: &Tx,
    demo: &Demo,
    measure: measures::Model,
    mut changed: measures::ActiveModel,
    (verb, to): (&str, MeasureStatus),
    when: DateTime<Utc>,
) -> ApiResult<measures::Model> {
    let lead = demo.rows("people").find(|person| link(person, "ref") == Some(measure.lead_id));
    let lead = lead.map(|person| string(person, "ref")).unwrap_or_default();
    let who = if verb == "complete" { lead } else { "p_linh".to_owned() };
    let at = acting(tx, demo, &who, when).await?;
    changed.status = Set(to);
    changed.waiting_since = Set(when);
    let event =
        Event::new(verb, what_is_done::TYPE, measure.id, measure.version + 1).step(&measure.status, &to);
    let saved = measure_store::save(&at, &measure, changed, event).await?;
    at.commit().await?;
    Ok(saved)
}
