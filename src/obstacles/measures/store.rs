//! Every query about measures. Who sees an obstacle sees its measures.

use std::collections::{BTreeMap, BTreeSet};

use entity::measures::{ActiveModel, Column, Entity, MeasureStatus, Model};
use entity::{measure_consents, obstacles};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::clock::office_day;
use crate::conferences::tasks::people::{People, unable};
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::contains_pattern;
use crate::obstacles::measures::TYPE;
use crate::obstacles::measures::json::{MeasureFilter, MeasureIn, MeasureSort};
use crate::obstacles::measures::rules::{self, Mandate, OPEN, Parties};
use crate::obstacles::rules::{broken_due, takes_measures};
use crate::obstacles::store::{
    boards_of, lock as lock_obstacle, refuse, search, visible as visible_obstacles,
};
use crate::write::{Event, ROW_LOCK, Tx};

/// Measures against obstacles that the caller sees.
fn visible(call: &Call) -> SimpleExpr {
    let seen = Query::select()
        .column(obstacles::Column::Id)
        .from(obstacles::Entity)
        .cond_where(visible_obstacles(call))
        .to_owned();
    Column::ObstacleId.in_subquery(seen)
}

pub fn select(call: &Call, filter: &MeasureFilter) -> Select<Entity> {
    let MeasureFilter { obstacle_id, status, lead_board_id, lead_id, check_due, q, sort: _, expand: _ } =
        filter;
    let can_be_judged =
        Condition::all().add(Column::Status.eq(MeasureStatus::Done)).add(Column::CheckOn.lte(call.today()));
    let wanted = Condition::all()
        .add_option(obstacle_id.map(|obstacle| Column::ObstacleId.eq(obstacle)))
        .add_option(status.as_ref().map(|any| Column::Status.is_in(any.iter().copied())))
        .add_option(lead_board_id.map(|board| Column::LeadBoardId.eq(board)))
        .add_option(lead_id.map(|person| Column::LeadId.eq(person)))
        .add_option(check_due.map(|due| if due { can_be_judged } else { can_be_judged.not() }))
        .add_option(
            q.as_ref().map(|query| Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query)))),
        );
    Entity::find().filter(visible(call)).filter(wanted)
}

pub fn order(sort: Option<MeasureSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        MeasureSort::DueOn => (Column::DueOn, false),
        MeasureSort::DueOnDescending => (Column::DueOn, true),
        MeasureSort::CreatedAt => (Column::CreatedAt, false),
    };
    Order { column, descending }
}

/// # Errors
/// 404, also for what the caller may not see.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).filter(visible(call)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The obstacle and its measure, locked in this order until the transaction ends.
///
/// # Errors
/// 404, also for what the caller may not see.
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<(obstacles::Model, Model)> {
    let obstacle_id = find(tx.db(), call, id).await?.obstacle_id;
    let obstacle = lock_obstacle(tx, call, obstacle_id).await?.ok_or_else(ApiError::not_found)?;
    let measure = Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?;
    Ok((obstacle, measure.ok_or_else(ApiError::not_found)?))
}

/// The measures that are proposed or agreed. Their obstacle is locked, so none is added or changed meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn open_of(tx: &Tx, obstacle_id: Uuid) -> ApiResult<Vec<Model>> {
    let open = Entity::find().filter(Column::ObstacleId.eq(obstacle_id)).filter(Column::Status.is_in(OPEN));
    Ok(open.order_by_asc(Column::Id).all(tx.db()).await?)
}

/// The parties of each of these measures, by the measure's id; two queries for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn parties_of(db: &impl ConnectionTrait, measures: &[Model]) -> ApiResult<BTreeMap<Uuid, Parties>> {
    use measure_consents::Column as Consent;
    let obstacles: BTreeSet<Uuid> = measures.iter().map(|measure| measure.obstacle_id).collect();
    let concerned = boards_of(db, obstacles).await?;
    let consents = measure_consents::Entity::find()
        .filter(Consent::MeasureId.is_in(measures.iter().map(|measure| measure.id)))
        .order_by_asc(Consent::ConsentedAt)
        .order_by_asc(Consent::Id);
    let mut parties: BTreeMap<Uuid, Parties> = BTreeMap::new();
    for measure in measures {
        let boards = concerned.get(&measure.obstacle_id).cloned().unwrap_or_default();
        parties.entry(measure.id).or_default().concerned = boards;
    }
    for consent in consents.all(db).await? {
        parties.entry(consent.measure_id).or_default().consents.push(consent);
    }
    Ok(parties)
}

/// Proposes a measure.
///
/// # Errors
/// 403 for those who have no say, 422 with everything that is wrong with it.
pub async fn insert(tx: &Tx, call: &Call, body: &MeasureIn) -> ApiResult<Model> {
    let today = office_day(tx.now);
    let obstacle = lock_obstacle(tx, call, body.obstacle_id).await?;
    let mut broken: Vec<FieldError> = broken_due(body.due_on, today).into_iter().collect();
    match &obstacle {
        None => broken.push(FieldError::unknown_reference("obstacle_id")),
        Some(obstacle) => {
            let concerned = boards_of(tx.db(), [obstacle.id]).await?.remove(&obstacle.id).unwrap_or_default();
            rules::may_propose(call, obstacle, &concerned)?;
            if !takes_measures(obstacle.status) {
                let detail =
                    text("vướng mắc chưa được tiếp nhận hoặc đã xong", "is not accepted yet, or is over");
                broken.push(FieldError::body("obstacle_id", "obstacle_not_open", detail));
            }
        }
    }
    let mut people = People::default();
    people.add("lead_board_id", "lead_id", body.lead_board_id, body.lead_id);
    let mut broken_people = people.broken(tx).await?;
    if broken_people.is_empty() {
        broken_people = unable(tx, &[("lead_id", body.lead_id)]).await?;
    }
    broken.extend(broken_people);
    refuse(broken)?;
    let obstacle = obstacle.ok_or_else(ApiError::not_found)?;
    let number = tx.next_number("MS").await?;
    let MeasureIn { obstacle_id: _, title, description, lead_board_id, lead_id, due_on, check_on } =
        body.clone();
    let measure = ActiveModel {
        id: Set(tx.id()),
        search: Set(search(&number, &title, &description)),
        number: Set(number),
        obstacle_id: Set(obstacle.id),
        board_id: Set(obstacle.board_id),
        title: Set(title),
        description: Set(description),
        proposed_by_id: Set(call.staff_id()?),
        lead_board_id: Set(lead_board_id),
        lead_id: Set(lead_id),
        due_on: Set(due_on),
        check_on: Set(check_on),
        status: Set(MeasureStatus::Proposed),
        waiting_since: Set(tx.now),
        agreed_at: Set(None),
        result: Set(None),
        done_at: Set(None),
        judged_by_id: Set(None),
        judged_at: Set(None),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let measure = measure.insert(tx.db()).await?;
    let details = json!({"obstacle_id": obstacle.id, "lead_id": lead_id, "lead_board_id": lead_board_id});
    tx.record(Event::new("create", TYPE, measure.id, 1).of_board(measure.board_id).with(details)).await?;
    Ok(measure)
}

/// Writes down a consent on behalf of one or more boards.
///
/// # Errors
/// When the database does not take it.
pub async fn consent(
    tx: &Tx,
    measure_id: Uuid,
    by: Uuid,
    mandate: &Mandate,
    note: Option<&str>,
) -> ApiResult<()> {
    let rows = mandate.boards.iter().map(|board| measure_consents::ActiveModel {
        id: Set(tx.id()),
        measure_id: Set(measure_id),
        board_id: Set(*board),
        consented_by_id: Set(by),
        consented_at: Set(tx.now),
        in_place_of_head: Set(mandate.in_place_of_head),
        note: Set(note.map(str::to_owned)),
    });
    measure_consents::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Writes a changed measure, its next version and its event.
///
/// # Errors
/// 412 if the measure changed in between.
pub async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let expected = Column::Version.eq(before.version);
    let saved = Entity::update(changed).validate()?.filter(expected).exec(tx.db()).await?;
    tx.record(event.of_board(before.board_id)).await?;
    Ok(saved)
}
