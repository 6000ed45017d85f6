//! What reserved the money of a claim before it was written: the order of its journey, or its conference.

use chrono::NaiveDate;
use entity::conference_plans::ConferenceCostStatus;
use entity::conferences::ConferenceKind;
use entity::expense_claims::{ClaimKind, Model as Claim};
use entity::funding_source::FundingSource;
use sea_orm::ActiveEnum;
use uuid::Uuid;

use crate::budgets::commitments::Document;
use crate::claims::orders;
use crate::clock::office_day;
use crate::conferences::costs::store as costs;
use crate::conferences::store as conferences;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::call::Call;
use crate::write::Tx;

/// See the module.
pub struct Ground {
    pub document: Document,
    /// Whose money it is; nothing while nothing is reserved.
    pub source: Option<FundingSource>,
    /// The one line that bears all of it, and why.
    pub budget_line_id: Option<Uuid>,
    pub reason: Option<String>,
    /// The budget is that of this day's year.
    pub on: NaiveDate,
}

impl Ground {
    /// The ground of a claim, locked until the transaction ends; nothing for a claim that stands by itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(tx: &Tx, claim: &Claim) -> ApiResult<Option<Self>> {
        match (claim.travel_order_id, claim.conference_id) {
            (Some(order_id), _) => of_order(tx, order_id).await,
            (None, Some(conference_id)) => of_conference(tx, conference_id).await.map(Some),
            (None, None) => Ok(None),
        }
    }
}

async fn of_order(tx: &Tx, order_id: Uuid) -> ApiResult<Option<Ground>> {
    let order = orders::lock(tx, order_id).await?;
    Ok(order.map(|order| Ground {
        document: Document::travel_order(order.id),
        source: order.funding_source,
        budget_line_id: order.budget_line_id,
        on: office_day(order.starts_at),
        reason: order.funds_reason,
    }))
}

async fn of_conference(tx: &Tx, conference_id: Uuid) -> ApiResult<Ground> {
    let conference = costs::lock(tx, conference_id).await?;
    let plan = costs::find(tx.db(), conference_id).await?;
    Ok(Ground {
        document: Document::conference(conference_id),
        source: plan.as_ref().map(|plan| plan.funding_source),
        budget_line_id: plan.as_ref().and_then(|plan| plan.budget_line_id),
        reason: plan.and_then(|plan| plan.funds_reason),
        on: office_day(conference.starts_at),
    })
}

/// What is wrong with the conference of a claim: it is one that the caller sees, of the claim's board and kind. The
/// conference stays locked.
///
/// # Errors
/// 409 `state_conflict` where its costs are settled.
pub async fn broken_conference(
    call: &Call,
    tx: &Tx,
    conference_id: Uuid,
    board_id: Uuid,
    kind: ClaimKind,
) -> ApiResult<Option<FieldError>> {
    let field = "conference_id";
    let conference = match conferences::find_for_update(tx, call, conference_id).await {
        Ok(conference) => conference,
        Err(error) if error.code() == Code::NotFound => {
            return Ok(Some(FieldError::unknown_reference(field)));
        }
        Err(error) => return Err(error),
    };
    if conference.board_id != board_id {
        let other = text("hội nghị thuộc ban khác", "the conference belongs to another board");
        return Ok(Some(FieldError::body(field, "other_board", other)));
    }
    let wanted = match conference.kind {
        ConferenceKind::Conference => ClaimKind::Conference,
        ConferenceKind::Reception => ClaimKind::Reception,
    };
    if kind != wanted {
        let wanted = wanted.to_value();
        let only =
            text(format!("hồ sơ phải là loại {wanted}"), format!("the claim must be of the kind {wanted}"));
        return Ok(Some(FieldError::body(field, "other_kind", only)));
    }
    refuse_settled(tx, conference_id).await.map(|()| None)
}

/// Refuses a claim of a conference whose costs are settled. The conference is locked already.
///
/// # Errors
/// 409 `state_conflict`.
pub async fn refuse_settled(tx: &Tx, conference_id: Uuid) -> ApiResult<()> {
    let plan = costs::find(tx.db(), conference_id).await?;
    let settled = plan.filter(|plan| plan.status == ConferenceCostStatus::Settled);
    let Some(plan) = settled else { return Ok(()) };
    let refusal = ApiError::new(
        Code::StateConflict,
        text("Chi phí hội nghị đã quyết toán.", "The costs of the conference are settled."),
    );
    Err(refusal.with("current_status", plan.status.to_value()))
}
