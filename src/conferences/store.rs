//! Every query about conferences, and who may see which.

use entity::conferences::{ActiveModel, Column, ConferenceKind, Entity, Model};
use entity::{conference_tasks, staff, task_coordinators};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::boards;
use crate::conferences::json::{ConferenceFilter, ConferenceIn, ConferencePatch, ConferenceSort};
use crate::conferences::{costs, rules, tasks};
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "conference";

/// Who asks, as far as conferences go: their boards and themselves.
struct Asker {
    boards: Vec<Uuid>,
    staff_id: Option<Uuid>,
}

impl Asker {
    /// Nothing for those who see everything.
    fn of(call: &Call) -> Option<Self> {
        let boards = match call.reach(Action::ReadConferences) {
            Reach::Office => return None,
            Reach::Boards(boards) => boards,
            Reach::None => Vec::new(),
        };
        Some(Self { boards, staff_id: call.caller.staff_in_any_board() })
    }

    /// The tasks in which the asker or one of their boards has a part.
    fn has_part(&self) -> Condition {
        use conference_tasks::Column as Task;
        use task_coordinators::Column as Part;
        let part = Condition::any()
            .add(Part::BoardId.is_in(self.boards.iter().copied()))
            .add_option(self.staff_id.map(|person| Part::StaffId.eq(person)));
        let parts =
            Query::select().column(Part::TaskId).from(task_coordinators::Entity).cond_where(part).to_owned();
        Condition::any()
            .add(Task::LeadBoardId.is_in(self.boards.iter().copied()))
            .add(Task::Id.in_subquery(parts))
            .add(Task::Id.in_subquery(tasks::hand_overs::offered_to(&self.boards, self.staff_id)))
            .add_option(self.staff_id.map(|person| Task::LeadId.eq(person)))
            .add_option(self.staff_id.map(|person| Task::CheckerId.eq(person)))
    }
}

/// Which conferences the caller sees: those of their boards, those they coordinate, and those with a task in
/// which they or their boards have a part.
pub(crate) fn visible(call: &Call) -> Condition {
    let Some(asker) = Asker::of(call) else { return Condition::all() };
    let with_part = Query::select()
        .column(conference_tasks::Column::ConferenceId)
        .from(conference_tasks::Entity)
        .cond_where(asker.has_part())
        .to_owned();
    Condition::any()
        .add(Column::BoardId.is_in(asker.boards.iter().copied()))
        .add_option(asker.staff_id.map(|person| Column::CoordinatorId.eq(person)))
        .add(Column::Id.in_subquery(with_part))
}

/// Which tasks the caller sees: all of their boards' conferences and of those they coordinate, and elsewhere
/// those in which they or their boards have a part.
pub(crate) fn visible_tasks(call: &Call) -> Condition {
    use conference_tasks::Column as Task;
    let Some(asker) = Asker::of(call) else { return Condition::all() };
    Condition::any()
        .add(Task::BoardId.is_in(asker.boards.iter().copied()))
        .add_option(asker.staff_id.map(|person| Task::ConferenceId.in_subquery(coordinated_by(person))))
        .add(asker.has_part())
}

fn coordinated_by(person: Uuid) -> SelectStatement {
    Query::select().column(Column::Id).from(Entity).and_where(Column::CoordinatorId.eq(person)).to_owned()
}

pub fn select(call: &Call, filter: &ConferenceFilter) -> Select<Entity> {
    let ConferenceFilter { board_id, kind, starts_at_from, starts_at_before, q, sort: _ } = filter;
    let wanted = Condition::all()
        .add_option(board_id.map(|board| Column::BoardId.eq(board)))
        .add_option(kind.map(|kind| Column::Kind.eq(kind)))
        .add_option(starts_at_from.map(|from| Column::StartsAt.gte(from)))
        .add_option(starts_at_before.map(|before| Column::StartsAt.lt(before)))
        .add_option(
            q.as_ref().map(|query| Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query)))),
        );
    Entity::find().filter(visible(call)).filter(wanted)
}

pub fn order(sort: Option<ConferenceSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        ConferenceSort::StartsAt => (Column::StartsAt, false),
        ConferenceSort::StartsAtDescending => (Column::StartsAt, true),
        ConferenceSort::Name => (Column::Name, false),
        ConferenceSort::NameDescending => (Column::Name, true),
    };
    Order { column, descending }
}

/// # Errors
/// 404, also for what the caller may not see.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).filter(visible(call)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The record, locked until the transaction ends.
///
/// # Errors
/// 404, also for what the caller may not see.
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = Entity::find_by_id(id).filter(visible(call)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// 422 for a board that is not active today, or a coordinator who does not exist.
pub async fn insert(tx: &Tx, body: &ConferenceIn) -> ApiResult<Model> {
    let ConferenceIn { kind, name, board_id, starts_at, ends_at, place, delegate_count, coordinator_id } =
        body.clone();
    let today = crate::clock::office_day(tx.now);
    let mut broken = unknown_person(tx, coordinator_id).await?;
    if let Err(error) = boards::store::living(tx.db(), board_id, today, "board_id").await {
        if error.problem().errors.is_empty() {
            return Err(error);
        }
        broken.extend(error.problem().errors.clone());
    }
    rules::refuse(broken)?;
    let series = match kind {
        ConferenceKind::Conference => "CF",
        ConferenceKind::Reception => "RC",
    };
    let number = tx.next_number(series).await?;
    let conference = ActiveModel {
        id: Set(tx.id()),
        search: Set(search(&number, &name, &place)),
        number: Set(number),
        kind: Set(kind),
        name: Set(name),
        board_id: Set(board_id),
        starts_at: Set(starts_at),
        ends_at: Set(ends_at),
        place: Set(place),
        delegate_count: Set(delegate_count),
        coordinator_id: Set(coordinator_id),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let conference = conference.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, conference.id, 1).of_board(board_id)).await?;
    Ok(conference)
}

/// Changes a conference; one that moves takes the due times of its open tasks along.
///
/// # Errors
/// 422 for an end before the start, or a coordinator who does not exist.
pub async fn update(tx: &Tx, conference: Model, patch: ConferencePatch) -> ApiResult<Model> {
    let ConferencePatch { name, starts_at, ends_at, place, delegate_count, coordinator_id } = patch;
    let name = name.unwrap_or_else(|| conference.name.clone());
    let place = place.unwrap_or_else(|| conference.place.clone());
    let starts_at = starts_at.unwrap_or(conference.starts_at);
    let ends_at = ends_at.unwrap_or(conference.ends_at);
    let mut broken = match coordinator_id {
        Some(person) => unknown_person(tx, person).await?,
        None => Vec::new(),
    };
    if ends_at <= starts_at {
        let detail = text("phải sau starts_at", "must be after starts_at");
        broken.push(FieldError::body("ends_at", "out_of_range", detail));
    }
    rules::refuse(broken)?;
    costs::steps::refuse_other_year(tx, &conference, starts_at).await?;
    let moved_by = starts_at - conference.starts_at;
    let mut changed = conference.clone().into_active_model();
    changed.search = Set(search(&conference.number, &name, &place));
    changed.name = Set(name);
    changed.place = Set(place);
    changed.starts_at = Set(starts_at);
    changed.ends_at = Set(ends_at);
    changed.delegate_count = Set(delegate_count.unwrap_or(conference.delegate_count));
    changed.coordinator_id = Set(coordinator_id.unwrap_or(conference.coordinator_id));
    changed.version = Set(conference.version + 1);
    changed.updated_at = Set(tx.now);
    let expected = Column::Version.eq(conference.version);
    let saved = Entity::update(changed).validate()?.filter(expected).exec(tx.db()).await?;
    let mut event =
        Event::new("update", TYPE, conference.id, conference.version + 1).of_board(conference.board_id);
    if !moved_by.is_zero() {
        event = event.with(json!({"starts_at": saved.starts_at, "moved_from": conference.starts_at}));
    }
    tx.record(event).await?;
    if !moved_by.is_zero() {
        tasks::store::move_open(tx, conference.id, moved_by).await?;
    }
    Ok(saved)
}

/// A conference shows its money: when it moves without a step of the conference, it has a new version all the same.
///
/// # Errors
/// When the database does not take it.
pub async fn money_moved(tx: &Tx, conference_id: Uuid, verb: &str, amount: i64) -> ApiResult<()> {
    let found = Entity::find_by_id(conference_id).lock(ROW_LOCK).one(tx.db()).await?;
    // A commitment without its conference is for `verify` to name; no payment stumbles over it.
    let Some(conference) = found else { return Ok(()) };
    let event = Event::new(verb, TYPE, conference.id, conference.version + 1);
    costs::store::touch(tx, &conference, event.with(json!({"amount": amount}))).await.map(drop)
}

async fn unknown_person(tx: &Tx, id: Uuid) -> ApiResult<Vec<FieldError>> {
    let known = staff::Entity::find_by_id(id).one(tx.db()).await?.is_some();
    Ok(if known { Vec::new() } else { vec![FieldError::unknown_reference("coordinator_id")] })
}

pub(crate) fn search(number: &str, name: &str, place: &str) -> String {
    search_key(&format!("{number} {name} {place}"))
}
