//! How a step of a measure is taken, and what each changes, its obstacle included.

use entity::measures::{ActiveModel, MeasureStatus, Model};
use entity::obstacles::Model as Obstacle;
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::deciders::Deciders;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, text};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::obstacles::measures::json::{MeasureConsentIn, MeasureOut};
use crate::obstacles::measures::rules::{self, Parties, STEPS};
use crate::obstacles::measures::{TYPE, show, store};
use crate::obstacles::steps as obstacle;
use crate::workflow;
use crate::write::{Event, Tx};

/// What comes with a step.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    pub(crate) reason: Option<&'a str>,
    pub(crate) consent: Option<&'a MeasureConsentIn>,
    pub(crate) result: Option<&'a str>,
}

/// Takes a step of a measure in one transaction. Its obstacle is locked first, so that of two consents at once one is
/// the last, and no obstacle is resolved beside a measure that is being agreed.
pub(crate) async fn take(
    call: &Call,
    measure_id: Uuid,
    verb: &str,
    given: Given<'_>,
) -> ApiResult<Reply<MeasureOut>> {
    call.write(async |tx| {
        let (obstacle, measure) = store::find_for_update(tx, call, measure_id).await?;
        call.expect_version(measure.version)?;
        let parties = store::parties_of(tx.db(), std::slice::from_ref(&measure)).await?;
        let parties = parties.get(&measure.id).cloned().unwrap_or_default();
        let step = workflow::step(STEPS, verb)?;
        rules::permit(call, &measure, &parties, step)?;
        workflow::check_state(STEPS, step, &measure.status)?;
        rules::in_time(step, &measure, office_day(tx.now))?;
        let reason = workflow::reason_for(step, given.reason)?;
        let taken = Taken { tx, call, obstacle: &obstacle, measure: &measure, parties: &parties };
        let mut changed = measure.clone().into_active_model();
        changed.status = Set(step.to);
        changed.waiting_since = Set(tx.now);
        if reason.is_some() {
            changed.decision_reason = Set(reason.map(str::to_owned));
        }
        let (to, details) = taken.effect(&mut changed, verb, given, step.to).await?;
        let mut event = Event::new(verb, TYPE, measure.id, measure.version + 1).step(&measure.status, &to);
        event.details = details;
        let saved = store::save(tx, &measure, changed, event.because(reason)).await?;
        Reply::ok(&show::out(tx.db(), call, saved).await?)
    })
    .await
}

/// A step that is being taken.
struct Taken<'a> {
    tx: &'a Tx,
    call: &'a Call,
    obstacle: &'a Obstacle,
    measure: &'a Model,
    parties: &'a Parties,
}

impl Taken<'_> {
    /// What a step changes beside the status; gives where the measure stands then, and the details for the history.
    async fn effect(
        &self,
        changed: &mut ActiveModel,
        verb: &str,
        given: Given<'_>,
        to: MeasureStatus,
    ) -> ApiResult<(MeasureStatus, Option<Value>)> {
        let now = self.tx.now;
        match verb {
            "consent" => {
                let body = given.consent.ok_or_else(|| ApiError::internal("a consent without its body"))?;
                return self.consent(changed, body).await;
            }
            "complete" => {
                changed.result = Set(given.result.map(str::to_owned));
                changed.done_at = Set(Some(now));
                return Ok((to, Some(json!({"result": given.result}))));
            }
            "mark-effective" | "mark-ineffective" => {
                changed.judged_by_id = Set(Some(self.call.staff_id()?));
                changed.judged_at = Set(Some(now));
                if to == MeasureStatus::Ineffective {
                    obstacle::bring_back(self.tx, self.obstacle, given.reason).await?;
                }
            }
            _ => {}
        }
        Ok((to, None))
    }

    /// Agreed with the last consent; until then the measure stays proposed and waits as long as before.
    async fn consent(
        &self,
        changed: &mut ActiveModel,
        body: &MeasureConsentIn,
    ) -> ApiResult<(MeasureStatus, Option<Value>)> {
        let (tx, measure) = (self.tx, self.measure);
        let deciders = Deciders::load(tx.db(), office_day(tx.now)).await?;
        let mandate = rules::mandate(self.call, self.parties, &deciders, body.board_id)?;
        if mandate.in_place_of_head && body.note.is_none() {
            let detail = text(
                "cần nêu vì sao đồng ý thay lãnh đạo ban",
                "must say why the consent is in place of a head",
            );
            return Err(ApiError::rule("note", "required", detail));
        }
        let by = self.call.staff_id()?;
        store::consent(tx, measure.id, by, &mandate, body.note.as_deref()).await?;
        let last = self.parties.missing().len() == mandate.boards.len();
        let to = if last { MeasureStatus::Agreed } else { MeasureStatus::Proposed };
        changed.status = Set(to);
        if last {
            changed.agreed_at = Set(Some(tx.now));
            obstacle::begin_action(tx, self.obstacle).await?;
        } else {
            changed.waiting_since = Set(measure.waiting_since);
        }
        let details = json!({
            "board_ids": mandate.boards, "in_place_of_head": mandate.in_place_of_head, "note": body.note,
        });
        Ok((to, Some(details)))
    }
}

/// Rejects what is proposed against an obstacle that is rejected itself.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn reject_proposed(tx: &Tx, obstacle_id: Uuid, reason: Option<&str>) -> ApiResult<()> {
    let to = MeasureStatus::Rejected;
    for measure in store::open_of(tx, obstacle_id).await? {
        let mut changed = measure.clone().into_active_model();
        changed.status = Set(to);
        changed.waiting_since = Set(tx.now);
        changed.decision_reason = Set(reason.map(str::to_owned));
        let event = Event::new("reject", TYPE, measure.id, measure.version + 1).step(&measure.status, &to);
        store::save(tx, &measure, changed, event.because(reason)).await?;
    }
    Ok(())
}
