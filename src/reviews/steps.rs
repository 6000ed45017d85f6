//! What happens to a review: begun, written, drafted, returned, approved, corrected.

use chrono::NaiveDate;
use entity::reviews::{ActiveModel, Entity, Model, ReviewStatus};
use entity::user_roles::Role;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, Set};
use serde_json::json;
use uuid::Uuid;

use ReviewStatus::{Approved, Collecting, Drafted};

use crate::auth::deciders::Deciders;
use crate::error::{ApiError, ApiResult, FieldError, Place};
use crate::http::call::Call;
use crate::reviews::figures::{self, Period};
use crate::reviews::json::{ReviewIn, ReviewOut, ReviewPatch};
use crate::reviews::rules::{self, STEPS};
use crate::reviews::{TYPE, digest, store};
use crate::workflow::{self, Step, WaitingOn, check_state, reason_for, step, wrong_state};
use crate::write::{Event, ROW_LOCK, Tx};

/// One review with its figures, and what the caller can do.
///
/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, call: &Call, review: Model) -> ApiResult<ReviewOut> {
    let allowed = workflow::allowed_actions(call, STEPS, &review.status, |step| permit(call, &review, step));
    let waiting_on = match workflow::whose_turn(STEPS, &review.status) {
        Some(_) => waiting_on(&Deciders::load(db, call.today()).await?, &review),
        None => None,
    };
    Ok(ReviewOut { allowed_actions: Some(allowed), waiting_on, ..ReviewOut::from(review) })
}

/// A review as lists show it: without its figures, which are long.
pub fn shown(mut review: Model) -> ReviewOut {
    review.figures = None;
    ReviewOut::from(review)
}

/// Whose turn it is: a chief of office's, for the approval another one's.
pub(crate) fn waiting_on(deciders: &Deciders, review: &Model) -> Option<WaitingOn> {
    let role = workflow::whose_turn(STEPS, &review.status)?;
    Some(WaitingOn {
        role: role.to_owned(),
        staff: deciders.of(Role::ChiefOfOffice, None, review.drafted_by_id),
        since: review.waiting_since,
        due_at: None,
    })
}

fn permit(call: &Call, review: &Model, step: &Step<ReviewStatus>) -> ApiResult<()> {
    if call.reach(step.action).is_empty() {
        return Err(call.caller.refusal(step.action));
    }
    rules::person(call, review, step.verb)
}

/// Begins a review.
///
/// # Errors
/// 422 for a period that is none.
pub async fn begin(tx: &Tx, body: &ReviewIn) -> ApiResult<Model> {
    if let Some(wrong) = rules::wrong_period(body.from, body.to) {
        return Err(ApiError::rule("to", "out_of_range", wrong));
    }
    store::insert(tx, tx.id(), body).await
}

/// Writes on a review. Who writes on a draft shares in it, so that somebody else must approve it.
///
/// # Errors
/// 404, 412, 409, 422, in this order.
pub async fn change(tx: &Tx, call: &Call, id: Uuid, patch: &ReviewPatch) -> ApiResult<Model> {
    let review = store::find_for_update(tx, call, id).await?;
    call.expect_version(review.version)?;
    let ReviewPatch { title, from, to, texts } = patch;
    let moves = from.is_some() || to.is_some();
    if review.status == Approved || (moves && review.status != Collecting) {
        return Err(wrong_state(STEPS, &review.status));
    }
    let (from, to) = (from.unwrap_or(review.from_on), to.unwrap_or(review.to_on));
    if let Some(wrong) = rules::wrong_period(from, to) {
        return Err(ApiError::rule("to", "out_of_range", wrong));
    }
    let title = title.as_ref().unwrap_or(&review.title);
    let mut changed = ActiveModel {
        title: Set(title.clone()),
        search: Set(store::search(&review.number, title)),
        from_on: Set(from),
        to_on: Set(to),
        ..ActiveModel::default()
    };
    if let Some(texts) = texts {
        changed.texts = Set(json!(texts));
    }
    if review.status == Drafted {
        changed.drafted_by_id = Set(Some(call.staff_id()?));
    }
    let details = json!({"title": title, "from": from, "to": to, "texts": texts});
    let event = Event::new("update", TYPE, review.id, review.version + 1).with(details);
    store::save(tx, &review, changed, event).await
}

/// The review on its way through a step: finds it (404), compares its version (412), asks when (409), who (403) and
/// why (422).
async fn taking<'a>(
    tx: &Tx,
    call: &Call,
    id: Uuid,
    verb: &str,
    reason: Option<&'a str>,
) -> ApiResult<(Model, &'static Step<ReviewStatus>, Option<&'a str>)> {
    let review = store::find_for_update(tx, call, id).await?;
    call.expect_version(review.version)?;
    let step = step(STEPS, verb)?;
    check_state(STEPS, step, &review.status)?;
    rules::person(call, &review, verb)?;
    Ok((review, step, reason_for(step, reason)?))
}

fn event<'a>(review: &Model, step: &Step<ReviewStatus>) -> Event<'a> {
    Event::new(step.verb, TYPE, review.id, review.version + 1).step(&review.status, &step.to)
}

/// Computes the figures, for the first time or anew.
///
/// # Errors
/// As [`taking`].
pub async fn draft(tx: &Tx, call: &Call, id: Uuid, verb: &'static str) -> ApiResult<Model> {
    let (review, step, _) = taking(tx, call, id, verb, None).await?;
    let me = call.staff_id()?;
    compute(tx, &review, step, me).await
}

/// Keeps the figures of the period as the records are now.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn compute(
    tx: &Tx,
    review: &Model,
    step: &Step<ReviewStatus>,
    drafted_by_id: Uuid,
) -> ApiResult<Model> {
    let period = Period::new(review.from_on, review.to_on, tx.now);
    let figures = figures::compute(tx.db(), &period).await?;
    let figures = serde_json::to_value(&figures).map_err(ApiError::internal)?;
    let sha256 = digest::of(&figures);
    let changed = ActiveModel {
        status: Set(step.to),
        waiting_since: Set(tx.now),
        figures: Set(Some(figures)),
        figures_sha256: Set(Some(sha256.clone())),
        drafted_by_id: Set(Some(drafted_by_id)),
        ..ActiveModel::default()
    };
    store::save(tx, review, changed, event(review, step).with(json!({"figures_sha256": sha256}))).await
}

/// Back to the texts; the figures are dropped, their digest stays in the history.
///
/// # Errors
/// As [`taking`].
pub async fn return_(tx: &Tx, call: &Call, id: Uuid, reason: Option<&str>) -> ApiResult<Model> {
    let (review, step, reason) = taking(tx, call, id, "return", reason).await?;
    let changed = ActiveModel {
        status: Set(step.to),
        waiting_since: Set(tx.now),
        figures: Set(None),
        figures_sha256: Set(None),
        drafted_by_id: Set(None),
        decision_reason: Set(reason.map(str::to_owned)),
        ..ActiveModel::default()
    };
    store::save(tx, &review, changed, event(&review, step).because(reason)).await
}

/// Freezes the figures. The review that it corrects is superseded by it from now on.
///
/// # Errors
/// As [`taking`]; 403 `four_eyes` for who drafted it.
pub async fn approve(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let (review, step, _) = taking(tx, call, id, "approve", None).await?;
    if digest::holds(&review) != Some(true) {
        return Err(ApiError::internal(format!("the figures of review {id} are not those of its digest")));
    }
    freeze(tx, &review, step, call.staff_id()?).await
}

/// # Errors
/// When the database does not take it.
pub(crate) async fn freeze(
    tx: &Tx,
    review: &Model,
    step: &Step<ReviewStatus>,
    approved_by_id: Uuid,
) -> ApiResult<Model> {
    let changed = ActiveModel {
        status: Set(step.to),
        waiting_since: Set(tx.now),
        approved_by_id: Set(Some(approved_by_id)),
        approved_at: Set(Some(tx.now)),
        ..ActiveModel::default()
    };
    let told = event(review, step).with(json!({"figures_sha256": review.figures_sha256}));
    let approved = store::save(tx, review, changed, told).await?;
    if let Some(old_id) = approved.supersedes_id {
        supersede(tx, old_id, &approved).await?;
    }
    Ok(approved)
}

async fn supersede(tx: &Tx, old_id: Uuid, by: &Model) -> ApiResult<()> {
    let old = Entity::find_by_id(old_id).lock(ROW_LOCK).one(tx.db()).await?;
    let old = old.ok_or_else(|| ApiError::internal("a corrected review vanished"))?;
    let changed = ActiveModel { superseded_by_id: Set(Some(by.id)), ..ActiveModel::default() };
    let event = Event::new("supersede", TYPE, old.id, old.version + 1);
    let event = event.because(by.decision_reason.as_deref()).with(json!({"superseded_by_id": by.id}));
    store::save(tx, &old, changed, event).await.map(drop)
}

/// Begins the correction of an approved review, which stays as it is until the correction is approved.
///
/// # Errors
/// As [`taking`]; 409 where there is a correction already.
pub async fn correct(tx: &Tx, call: &Call, id: Uuid, reason: Option<&str>) -> ApiResult<Model> {
    let (review, _, reason) = taking(tx, call, id, "correct", reason).await?;
    store::insert_correction(tx, &review, reason).await
}

/// The period of figures that are asked for without a review.
///
/// # Errors
/// 422 for a period that is none.
pub fn period(call: &Call, from: NaiveDate, to: NaiveDate) -> ApiResult<Period> {
    let Some(detail) = rules::wrong_period(from, to) else { return Ok(Period::new(from, to, call.now())) };
    let place = Place::Parameter("to".to_owned());
    Err(ApiError::invalid(vec![FieldError { place, code: "out_of_range", detail }]))
}
