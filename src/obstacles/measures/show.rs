//! Measures as the caller sees them: whole pages at once, with one query for each kind of related record.

use entity::measures::{MeasureStatus, Model};
use sea_orm::ConnectionTrait;

use crate::auth::deciders::Deciders;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::obstacles::measures::json::{MeasureConsentOut, MeasureExpand, MeasureOut};
use crate::obstacles::measures::rules::{self, Parties};
use crate::obstacles::measures::store;

/// One measure with everything that a single read shows.
///
/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, call: &Call, measure: Model) -> ApiResult<MeasureOut> {
    let shown = outs(db, call, vec![measure], &[MeasureExpand::AllowedActions]).await?;
    shown.into_iter().next().ok_or_else(|| ApiError::internal("a measure vanished on its way out"))
}

/// A page of measures, in its order.
///
/// # Errors
/// When the database does not answer.
pub async fn outs(
    db: &impl ConnectionTrait,
    call: &Call,
    measures: Vec<Model>,
    shown: &[MeasureExpand],
) -> ApiResult<Vec<MeasureOut>> {
    let today = call.today();
    let mut parties = store::parties_of(db, &measures).await?;
    let deciders = match shown.contains(&MeasureExpand::AllowedActions) {
        true => Some(Deciders::load(db, today).await?),
        false => None,
    };
    let show = |measure: Model| {
        let parties = parties.remove(&measure.id).unwrap_or_default();
        let waiting_on =
            deciders.as_ref().and_then(|deciders| rules::waiting_on(deciders, &measure, &parties, today));
        let allowed_actions =
            deciders.as_ref().map(|deciders| rules::allowed(call, &measure, &parties, deciders));
        MeasureOut { waiting_on, allowed_actions, ..columns(measure, parties) }
    };
    Ok(measures.into_iter().map(show).collect())
}

fn columns(measure: Model, parties: Parties) -> MeasureOut {
    let missing = if measure.status == MeasureStatus::Proposed { parties.missing() } else { Vec::new() };
    let Model {
        id,
        number,
        obstacle_id,
        board_id,
        title,
        description,
        proposed_by_id,
        lead_board_id,
        lead_id,
        due_on,
        check_on,
        status,
        waiting_since: _,
        agreed_at,
        result,
        done_at,
        judged_by_id,
        judged_at,
        decision_reason,
        search: _,
        version,
        created_at,
        updated_at,
        created_by_id,
    } = measure;
    MeasureOut {
        id,
        number,
        version,
        obstacle_id,
        board_id,
        title,
        description,
        proposed_by_id,
        lead_board_id,
        lead_id,
        due_on,
        check_on,
        status,
        waiting_on: None,
        allowed_actions: None,
        consents: parties.consents.into_iter().map(MeasureConsentOut::from).collect(),
        missing_board_ids: missing,
        agreed_at,
        result,
        done_at,
        judged_by_id,
        judged_at,
        decision_reason,
        created_at,
        updated_at,
        created_by_id,
    }
}
