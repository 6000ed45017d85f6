//! Every query about obstacles, and who may see which. Finders take the asker.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::obstacles::{ActiveModel, Column, Entity, Model, ObstacleStatus};
use entity::{appointments, boards, measures, obstacle_boards};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::clock::office_day;
use crate::conferences::tasks::people::unable;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::page::{Order, by_id};
use crate::http::text::{contains_pattern, search_key};
use crate::obstacles::json::{ObstacleFilter, ObstacleIn, ObstaclePatch, ObstacleSort};
use crate::obstacles::{TYPE, links, rules};
use crate::workflow;
use crate::write::{Event, ROW_LOCK, Tx};

/// Which obstacles the caller sees: those of their boards, those that concern one of their boards, and those that they
/// reported, are in charge of, or lead a measure of.
pub(crate) fn visible(call: &Call) -> Condition {
    let boards = match call.reach(Action::ReadObstacles) {
        Reach::Office => return Condition::all(),
        Reach::Boards(boards) => boards,
        Reach::None => return Condition::any().add(Expr::value(false)),
    };
    let person = call.caller.staff_in_any_board();
    Condition::any()
        .add(Column::BoardId.is_in(boards.iter().copied()))
        .add(concerns(boards))
        .add_option(person.map(|me| Column::ReportedById.eq(me)))
        .add_option(person.map(|me| Column::OwnerId.eq(me)))
        .add_option(person.map(|me| Column::Id.in_subquery(led_by(me))))
}

/// "It concerns one of these boards."
fn concerns(boards: impl IntoIterator<Item = Uuid>) -> SimpleExpr {
    use obstacle_boards::Column as Of;
    let obstacles = Query::select()
        .column(Of::ObstacleId)
        .from(obstacle_boards::Entity)
        .and_where(Of::BoardId.is_in(boards))
        .to_owned();
    Column::Id.in_subquery(obstacles)
}

fn led_by(person: Uuid) -> SelectStatement {
    use measures::Column as Measure;
    Query::select()
        .column(Measure::ObstacleId)
        .from(measures::Entity)
        .and_where(Measure::LeadId.eq(person))
        .to_owned()
}

pub fn select(call: &Call, filter: &ObstacleFilter) -> Select<Entity> {
    let ObstacleFilter {
        board_id,
        status,
        area,
        resource_type,
        resource_id,
        owner_id,
        overdue,
        q,
        sort: _,
        expand: _,
    } = filter;
    let of_board = |board: Uuid| Column::BoardId.eq(board).or(concerns([board]));
    let wanted = Condition::all()
        .add_option(board_id.map(of_board))
        .add_option(status.as_ref().map(|any| Column::Status.is_in(any.iter().copied())))
        .add_option(area.as_ref().map(|area| Column::Area.eq(area.as_str())))
        .add_option(resource_type.map(|kind| Column::ResourceType.eq(kind)))
        .add_option(resource_id.map(|record| Column::ResourceId.eq(record)))
        .add_option(owner_id.map(|owner| Column::OwnerId.eq(owner)))
        .add_option(overdue.map(|late| if late { is_late(call) } else { is_late(call).not() }))
        .add_option(
            q.as_ref().map(|query| Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query)))),
        );
    Entity::find().filter(visible(call)).filter(wanted)
}

/// The query's form of [`rules::overdue`]. An obstacle that nobody is in charge of has no day, and is not late.
fn is_late(call: &Call) -> Condition {
    Condition::all()
        .add(Column::Status.is_in([ObstacleStatus::Accepted, ObstacleStatus::InAction]))
        .add(Column::DueOn.is_not_null())
        .add(Column::DueOn.lt(call.today()))
}

pub fn order(sort: Option<ObstacleSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        ObstacleSort::CreatedAt => (Column::CreatedAt, false),
        ObstacleSort::CreatedAtDescending => (Column::CreatedAt, true),
        ObstacleSort::RaisedOn => (Column::RaisedOn, false),
        ObstacleSort::RaisedOnDescending => (Column::RaisedOn, true),
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
    lock(tx, call, id).await?.ok_or_else(ApiError::not_found)
}

/// The record that a body names, locked until the transaction ends; nothing where the caller sees none.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Option<Model>> {
    Ok(Entity::find_by_id(id).filter(visible(call)).lock(ROW_LOCK).one(tx.db()).await?)
}

/// The boards that each of these obstacles concerns; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn boards_of(
    db: &impl ConnectionTrait,
    obstacles: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<Uuid>>> {
    use obstacle_boards::Column as Of;
    let rows = obstacle_boards::Entity::find().filter(Of::ObstacleId.is_in(obstacles));
    let mut found: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for row in rows.order_by_asc(Of::BoardId).all(db).await? {
        found.entry(row.obstacle_id).or_default().push(row.board_id);
    }
    Ok(found)
}

/// Whether somebody works in a board today, whatever their roles.
async fn works_in(db: &impl ConnectionTrait, call: &Call, board_id: Uuid) -> ApiResult<bool> {
    use appointments::Column as Appointment;
    let Some(me) = call.caller.staff_id else { return Ok(false) };
    let today = call.today();
    let here = appointments::Entity::find()
        .filter(Appointment::StaffId.eq(me))
        .filter(Appointment::BoardId.eq(board_id))
        .filter(Appointment::ValidFrom.lte(today))
        .filter(Condition::any().add(Appointment::ValidTo.is_null()).add(Appointment::ValidTo.gte(today)));
    Ok(here.count(db).await? > 0)
}

/// Anybody of a board reports for it: by a role there, or by an appointment.
async fn may_report(tx: &Tx, call: &Call, board_id: Uuid) -> ApiResult<()> {
    call.within_limits(board_id).map_err(|_| ApiError::unknown_reference("board_id"))?;
    let known = call.reach(Action::ReportObstacle).covers(board_id);
    if known || works_in(tx.db(), call, board_id).await? {
        return Ok(());
    }
    if call.reach(Action::ReadObstacles).covers(board_id) {
        return call.may(Action::ReportObstacle, board_id);
    }
    Err(ApiError::unknown_reference("board_id"))
}

/// # Errors
/// 403 for people of other boards; 422 with everything that is wrong with it.
pub async fn insert(tx: &Tx, call: &Call, body: &ObstacleIn) -> ApiResult<Model> {
    let today = office_day(tx.now);
    may_report(tx, call, body.board_id).await?;
    let mut concerned = body.board_ids.clone();
    let mut broken = broken_boards(tx, &[("board_id".to_owned(), body.board_id)], today).await?;
    if concerned.is_empty() {
        concerned.push(body.board_id);
    } else {
        broken.extend(broken_boards(tx, &listed(&concerned), today).await?);
    }
    if body.raised_on.is_some_and(|raised| raised > today) {
        let detail = text("không được là ngày trong tương lai", "must not be in the future");
        broken.push(FieldError::body("raised_on", "out_of_range", detail));
    }
    broken.extend(links::broken(tx.db(), call, body.resource_type.zip(body.resource_id)).await?);
    refuse(broken)?;
    let ObstacleIn { board_id, title, description, area, resource_type, resource_id, raised_on, .. } =
        body.clone();
    let number = tx.next_number("OB").await?;
    let obstacle = ActiveModel {
        id: Set(tx.id()),
        search: Set(search(&number, &title, &description)),
        number: Set(number),
        board_id: Set(board_id),
        title: Set(title),
        description: Set(description),
        area: Set(area),
        resource_type: Set(resource_type),
        resource_id: Set(resource_id),
        reported_by_id: Set(call.staff_id()?),
        raised_on: Set(raised_on.unwrap_or(today)),
        owner_id: Set(None),
        due_on: Set(None),
        status: Set(ObstacleStatus::Reported),
        waiting_since: Set(tx.now),
        resolution: Set(None),
        resolved_at: Set(None),
        verified_by_id: Set(None),
        verified_at: Set(None),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let obstacle = obstacle.insert(tx.db()).await?;
    insert_boards(tx, obstacle.id, &concerned).await?;
    tx.record(Event::new("create", TYPE, obstacle.id, 1).of_board(board_id)).await?;
    Ok(obstacle)
}

pub(crate) async fn insert_boards(tx: &Tx, obstacle_id: Uuid, boards: &[Uuid]) -> ApiResult<()> {
    let rows = boards
        .iter()
        .map(|board| obstacle_boards::ActiveModel { obstacle_id: Set(obstacle_id), board_id: Set(*board) });
    obstacle_boards::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Changes an obstacle: its words while it is reported, its owner and its day while somebody works on it.
///
/// # Errors
/// 403 for everybody whose part it is not, 409 at the wrong moment, 422 with every broken rule.
pub async fn update(tx: &Tx, call: &Call, obstacle: Model, patch: ObstaclePatch) -> ApiResult<Model> {
    permit_change(call, &obstacle, &patch)?;
    let ObstaclePatch { title, description, area, board_ids, owner_id, due_on } = patch;
    let today = office_day(tx.now);
    let mut broken = match &board_ids {
        Some(boards) => broken_boards(tx, &listed(boards), today).await?,
        None => Vec::new(),
    };
    broken.extend(broken_assignment(tx, owner_id, due_on).await?);
    refuse(broken)?;
    if let Some(boards) = &board_ids {
        obstacle_boards::Entity::delete_many()
            .filter(obstacle_boards::Column::ObstacleId.eq(obstacle.id))
            .exec(tx.db())
            .await?;
        insert_boards(tx, obstacle.id, boards).await?;
    }
    let title = title.unwrap_or_else(|| obstacle.title.clone());
    let description = description.unwrap_or_else(|| obstacle.description.clone());
    let mut changed = obstacle.clone().into_active_model();
    changed.search = Set(search(&obstacle.number, &title, &description));
    changed.title = Set(title);
    changed.description = Set(description);
    changed.area = Set(area.unwrap_or_else(|| obstacle.area.clone()));
    changed.owner_id = Set(owner_id.or(obstacle.owner_id));
    changed.due_on = Set(due_on.or(obstacle.due_on));
    save(tx, &obstacle, changed, Event::new("update", TYPE, obstacle.id, obstacle.version + 1)).await
}

fn permit_change(call: &Call, obstacle: &Model, patch: &ObstaclePatch) -> ApiResult<()> {
    call.within_limits(obstacle.board_id)?;
    if patch.rewrites() {
        rules::only_reporter(call, obstacle)?;
    }
    if patch.reassigns() {
        call.may(Action::AcceptObstacle, obstacle.board_id)?;
    }
    let too_late = patch.rewrites() && obstacle.status != ObstacleStatus::Reported;
    let not_now = patch.reassigns() && !rules::takes_measures(obstacle.status);
    if too_late || not_now {
        return Err(workflow::wrong_state(rules::STEPS, &obstacle.status));
    }
    Ok(())
}

/// What is wrong with who is put in charge, and until when.
///
/// # Errors
/// When the database does not answer.
pub async fn broken_assignment(
    tx: &Tx,
    owner_id: Option<Uuid>,
    due_on: Option<NaiveDate>,
) -> ApiResult<Vec<FieldError>> {
    let mut broken = Vec::new();
    if let Some(owner) = owner_id {
        let known = entity::staff::Entity::find_by_id(owner).one(tx.db()).await?.is_some();
        broken = match known {
            true => unable(tx, &[("owner_id", owner)]).await?,
            false => vec![FieldError::unknown_reference("owner_id")],
        };
    }
    broken.extend(due_on.and_then(|due| rules::broken_due(due, office_day(tx.now))));
    Ok(broken)
}

fn listed(boards: &[Uuid]) -> Vec<(String, Uuid)> {
    boards.iter().enumerate().map(|(index, board)| (format!("board_ids/{index}"), *board)).collect()
}

/// Boards that are unknown, do not live today, or are named twice; one query for all.
async fn broken_boards(tx: &Tx, named: &[(String, Uuid)], today: NaiveDate) -> ApiResult<Vec<FieldError>> {
    let ids = named.iter().map(|(_, board)| *board);
    let known = by_id::<boards::Entity, _>(tx.db(), ids, boards::Column::Id).await?;
    let (mut broken, mut seen) = (Vec::new(), BTreeSet::new());
    for (field, id) in named {
        let Some(board) = known.get(id) else {
            broken.push(FieldError::unknown_reference(field));
            continue;
        };
        if board.valid_from > today || board.valid_to.is_some_and(|last| last < today) {
            let detail = text(
                format!("ban {} không hoạt động vào ngày {today}", board.code),
                format!("the board {} does not exist on {today}", board.code),
            );
            broken.push(FieldError::body(field, "board_not_active", detail));
        }
        if !seen.insert(*id) {
            let detail = text("mỗi ban chỉ nêu một lần", "names a board twice");
            broken.push(FieldError::body(field, "duplicate", detail));
        }
    }
    Ok(broken)
}

/// Refuses a request with everything that is wrong with it.
///
/// # Errors
/// 422 unless the list is empty.
pub(crate) fn refuse(broken: Vec<FieldError>) -> ApiResult<()> {
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}

/// Writes a changed obstacle, its next version and its event.
///
/// # Errors
/// 412 if the obstacle changed in between.
pub async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let expected = Column::Version.eq(before.version);
    let saved = Entity::update(changed).validate()?.filter(expected).exec(tx.db()).await?;
    tx.record(event.of_board(before.board_id)).await?;
    Ok(saved)
}

pub(crate) fn search(number: &str, title: &str, description: &str) -> String {
    search_key(&format!("{number} {title} {description}"))
}
