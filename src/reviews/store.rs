//! Every query about reviews.

use entity::reviews::{ActiveModel, Column, Entity, Model, ReviewStatus};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, version_conflict};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::reviews::TYPE;
use crate::reviews::json::{ReviewFilter, ReviewIn, ReviewSort};
use crate::write::{Event, ROW_LOCK, Tx};

/// Reviews are the office's: one is about all boards.
fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadReviews) {
        Reach::Office => Entity::find(),
        _ => Entity::find().filter(Expr::value(false)),
    }
}

pub fn select(call: &Call, filter: &ReviewFilter) -> Select<Entity> {
    let mut select = visible(call);
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(status.iter().copied()));
    }
    if let Some(superseded) = filter.superseded {
        let by = Column::SupersededById;
        select = select.filter(if superseded { by.is_not_null() } else { by.is_null() });
    }
    if let Some(day) = filter.on {
        select = select.filter(Column::FromOn.lte(day)).filter(Column::ToOn.gte(day));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<ReviewSort>) -> Order<Entity> {
    let descending = matches!(sort.unwrap_or_default(), ReviewSort::ToDescending);
    Order { column: Column::ToOn, descending }
}

/// # Errors
/// 404, the same outside the caller's reach.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The review, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = visible(call).filter(Column::Id.eq(id)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// A review of a period for which texts are collected.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &Tx, id: Uuid, body: &ReviewIn) -> ApiResult<Model> {
    let number = tx.next_number("RV").await?;
    let review = ActiveModel {
        id: Set(id),
        search: Set(search(&number, &body.title)),
        number: Set(number),
        title: Set(body.title.clone()),
        from_on: Set(body.from),
        to_on: Set(body.to),
        status: Set(ReviewStatus::Collecting),
        waiting_since: Set(tx.now),
        texts: Set(json!(body.texts.as_deref().unwrap_or_default())),
        figures: Set(None),
        figures_sha256: Set(None),
        revision: Set(1),
        supersedes_id: Set(None),
        superseded_by_id: Set(None),
        drafted_by_id: Set(None),
        approved_by_id: Set(None),
        approved_at: Set(None),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let review = review.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, review.id, 1)).await?;
    Ok(review)
}

/// The correction of an approved review: its period and texts again, to be drafted and approved anew.
///
/// # Errors
/// 409 where there is one already.
pub async fn insert_correction(tx: &Tx, old: &Model, reason: Option<&str>) -> ApiResult<Model> {
    let number = tx.next_number("RV").await?;
    let review = Model {
        id: tx.id(),
        search: search(&number, &old.title),
        number,
        status: ReviewStatus::Collecting,
        waiting_since: tx.now,
        figures: None,
        figures_sha256: None,
        revision: old.revision + 1,
        supersedes_id: Some(old.id),
        drafted_by_id: None,
        approved_by_id: None,
        approved_at: None,
        decision_reason: reason.map(str::to_owned),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        created_by_id: tx.actor.user_id,
        ..old.clone()
    };
    let review = review.into_active_model().insert(tx.db()).await?;
    let event = Event::new("create", TYPE, review.id, 1).because(reason);
    tx.record(event.with(json!({"supersedes_id": old.id}))).await?;
    Ok(review)
}

/// By what a review is found.
pub fn search(number: &str, title: &str) -> String {
    search_key(&format!("{number} {title}"))
}

/// Writes the change of a locked review, with its event.
///
/// # Errors
/// 412 if it changed in between.
pub async fn save(tx: &Tx, review: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(review.version + 1);
    changed.updated_at = Set(tx.now);
    let saved = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(review.id))
        .filter(Column::Version.eq(review.version))
        .exec(tx.db())
        .await?;
    if saved.rows_affected == 0 {
        return Err(version_conflict());
    }
    tx.record(event).await?;
    let found = Entity::find_by_id(review.id).one(tx.db()).await?;
    found.ok_or_else(|| ApiError::internal("a review vanished"))
}
