//! Settlement: what an advance covers of a claim, and what is then to be paid or paid back.
//!
//! Of the three outcomes exactly one holds: even, the claimant receives the rest, or the claimant pays back the rest.
//! What is paid back comes with the payment of the claim, so that nothing of the advance stays open behind it.

use entity::advances::{AdvanceStatus, Model as Advance};
use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::Model as Claim;
use entity::payments::{Model as Payment, PaymentKind};
use sea_orm::{ConnectionTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::claims::advances::json::AdvanceRefundIn;
use crate::claims::advances::{rules, store};
use crate::claims::json::{ClaimPaymentIn, ClaimSettlementOut};
use crate::claims::{cash, funds, orders};
use crate::conferences::costs::steps as conferences;
use crate::error::{ApiError, ApiResult, text};
use crate::travel::orders::store as travel;
use crate::write::{Event, Tx};

/// What is done with what is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// What the advance covers.
    pub set_off: i64,
    /// What the claimant still gets.
    pub to_receive: i64,
    /// What is left of the advance and comes back.
    pub to_pay_back: i64,
}

impl Settlement {
    /// The smaller of the two is set off, the rest goes one way or the other.
    pub fn of(allowed: i64, outstanding: i64) -> Self {
        let set_off = allowed.min(outstanding);
        Self { set_off, to_receive: allowed - set_off, to_pay_back: outstanding - set_off }
    }
}

/// The advance that a claim settles, locked, its order before it.
///
/// # Errors
/// When the database does not answer.
pub async fn advance_of(tx: &Tx, claim: &Claim) -> ApiResult<Option<Advance>> {
    let Some(order_id) = claim.travel_order_id else { return Ok(None) };
    orders::lock(tx, order_id).await?;
    store::outstanding(tx, order_id, claim.claimant_id).await
}

/// Pays a claim: the payment, and with an advance its set-off and the refund of its rest. Gives the payment's id and
/// what the claim's history tells.
///
/// # Errors
/// 422 `refund_required` or `not_outstanding`; 409 for a second payment or a voucher that was used.
pub async fn pay(
    tx: &Tx,
    claim: &Claim,
    lines: &[Line],
    body: &ClaimPaymentIn,
    cashier: Uuid,
) -> ApiResult<(Uuid, Value)> {
    let allowed = claim.allowed_amount;
    let allowed = allowed.ok_or_else(|| ApiError::internal("an approved claim has no amount"))?;
    let advance = advance_of(tx, claim).await?;
    let settlement = Settlement::of(allowed, advance.as_ref().map_or(0, rules::outstanding));
    let refund = refund_of(body, settlement)?;
    if let Some(advance) = &advance {
        let advanced_on = cash::paid_on(tx.db(), advance.payment_id).await?;
        if body.paid_on < advanced_on {
            let early = text(
                format!("không được trước ngày chi tạm ứng {advanced_on}"),
                format!("must not be before {advanced_on}, when the advance was paid"),
            );
            return Err(ApiError::rule("paid_on", "out_of_range", early));
        }
    }
    let payment = cash::pay_claim(tx, claim, settlement, advance.as_ref(), body, cashier).await?;
    funds::spend(tx, claim, lines).await?;
    let mut refund_id = None;
    if let Some(advance) = advance {
        if let Some(refund) = refund {
            refund_id = Some(cash::refund(tx, &advance, &refund, Some(claim.id), cashier).await?.id);
        }
        set_off(tx, advance, settlement, claim.id).await?;
    }
    let details = json!({
        "payment_id": payment.id, "amount": payment.amount, "voucher_number": payment.voucher_number,
        "advance_id": payment.advance_id, "set_off_amount": settlement.set_off,
        "refund_id": refund_id, "refunded_amount": settlement.to_pay_back,
    });
    Ok((payment.id, details))
}

/// The refund that comes with a payment: exactly the rest of the advance.
fn refund_of(body: &ClaimPaymentIn, settlement: Settlement) -> ApiResult<Option<AdvanceRefundIn>> {
    let rest = settlement.to_pay_back;
    match &body.refund {
        None if rest == 0 => Ok(None),
        Some(_) if rest == 0 => {
            let nothing =
                text("không còn khoản tạm ứng nào phải nộp lại", "nothing of an advance is to be paid back");
            Err(ApiError::rule("refund", "not_outstanding", nothing))
        }
        Some(refund) if refund.amount == rest => Ok(Some(AdvanceRefundIn {
            amount: rest,
            method: body.method,
            paid_on: body.paid_on,
            voucher_number: refund.voucher_number.clone(),
        })),
        _ => {
            let exact = text(
                format!("phải nộp lại đúng {rest} đồng tạm ứng còn thừa"),
                format!("exactly {rest} đồng of the advance are to be paid back"),
            );
            Err(ApiError::rule("refund", "refund_required", exact))
        }
    }
}

async fn set_off(tx: &Tx, advance: Advance, settlement: Settlement, claim_id: Uuid) -> ApiResult<()> {
    let event = Event::new("set-off", store::TYPE, advance.id, advance.version + 1)
        .step(&advance.status, &AdvanceStatus::Settled)
        .with(json!({
            "claim_id": claim_id, "set_off_amount": settlement.set_off, "refunded_amount": settlement.to_pay_back,
        }));
    let mut changed = advance.clone().into_active_model();
    changed.status = Set(AdvanceStatus::Settled);
    changed.waiting_since = Set(tx.now);
    changed.set_off_amount = Set(advance.set_off_amount + settlement.set_off);
    changed.refunded_amount = Set(advance.refunded_amount + settlement.to_pay_back);
    store::save(tx, &advance, changed, event).await.map(drop)
}

/// Reverses the payment of a claim. What its advance covered is outstanding again; what came back stays where it is. An
/// order or a conference that was settled is open again, so that another claim can be written.
/// Gives what the claim's history tells.
///
/// # Errors
/// 409 for a second reversal.
pub async fn reverse(tx: &Tx, claim: &Claim, cashier: Uuid, chief: Uuid) -> ApiResult<Value> {
    let paid = cash::of_claim(tx.db(), claim).await?;
    if let Some(order_id) = claim.travel_order_id {
        travel::reopen(tx, order_id, claim.reversal_reason.as_deref()).await?;
    }
    if let Some(conference_id) = claim.conference_id {
        conferences::reopen(tx, conference_id, claim.reversal_reason.as_deref()).await?;
    }
    let reversal = cash::reverse(tx, &paid, claim.reversal_reason.as_deref(), cashier, chief).await?;
    funds::take_back(tx, claim).await?;
    if let Some(advance_id) = paid.advance_id {
        put_back(tx, advance_id, paid.set_off_amount, claim.id).await?;
    }
    Ok(json!({
        "payment_id": reversal.id, "reverses_id": reversal.reverses_id, "amount": reversal.amount,
        "set_off_amount": reversal.set_off_amount,
    }))
}

async fn put_back(tx: &Tx, advance_id: Uuid, amount: i64, claim_id: Uuid) -> ApiResult<()> {
    let advance = store::lock(tx, advance_id).await?;
    let event = Event::new("put-back", store::TYPE, advance.id, advance.version + 1)
        .step(&advance.status, &AdvanceStatus::Paid)
        .with(json!({"claim_id": claim_id, "set_off_amount": -amount}));
    let mut changed = advance.clone().into_active_model();
    changed.status = Set(AdvanceStatus::Paid);
    changed.waiting_since = Set(tx.now);
    changed.set_off_amount = Set(advance.set_off_amount - amount);
    store::save(tx, &advance, changed, event).await.map(drop)
}

/// How the settlements of a page of claims are shown: the unsettled advances of their orders, and the payments of
/// those that are paid. Two queries, whatever the number of claims.
pub struct Settlements {
    advances: Vec<Advance>,
    payments: Vec<Payment>,
}

impl Settlements {
    /// # Errors
    /// When the database does not answer.
    pub async fn of(db: &impl ConnectionTrait, claims: &[Claim]) -> ApiResult<Self> {
        let verified = || claims.iter().filter(|claim| claim.allowed_amount.is_some());
        let unpaid = verified().filter(|claim| claim.payment_id.is_none());
        let advances = store::outstanding_of(db, unpaid.filter_map(|claim| claim.travel_order_id)).await?;
        let paid = verified().filter(|claim| claim.payment_id.is_some()).map(|claim| claim.id);
        Ok(Self { advances, payments: cash::of_claims(db, paid).await? })
    }

    /// The row of one claim; nothing before its verification.
    pub fn show(&self, claim: &Claim, lines: &[Line]) -> Option<ClaimSettlementOut> {
        let total_amount = claim.allowed_amount?;
        let (advance_id, settlement) = self.advance(claim, total_amount);
        let sum = |kinds: &[&str]| -> i64 {
            let of_kinds = lines.iter().filter(|line| kinds.contains(&line.kind.as_str()));
            of_kinds.filter_map(|line| line.allowed_amount).sum()
        };
        let tickets_amount = sum(&["ticket"]);
        let hired_transport_amount = sum(&["hired_transport", "hired_vehicle", "private_transport"]);
        let per_diem_amount = sum(&["per_diem", "same_day_per_diem", "monthly_travel_lump_sum"]);
        let lodging_amount = sum(&["lodging_late_check_out", "lodging_lump_sum", "lodging_receipt"]);
        let grouped = tickets_amount + hired_transport_amount + per_diem_amount + lodging_amount;
        Some(ClaimSettlementOut {
            tickets_amount,
            hired_transport_amount,
            per_diem_amount,
            lodging_amount,
            other_amount: total_amount - grouped,
            total_amount,
            advance_id,
            advance_amount: settlement.set_off + settlement.to_pay_back,
            set_off_amount: settlement.set_off,
            to_receive_amount: settlement.to_receive,
            to_pay_back_amount: settlement.to_pay_back,
        })
    }

    fn advance(&self, claim: &Claim, allowed: i64) -> (Option<Uuid>, Settlement) {
        if claim.payment_id.is_some() {
            return self.as_paid(claim);
        }
        let mine = self.advances.iter().find(|advance| {
            advance.travel_order_id == claim.travel_order_id && advance.requester_id == claim.claimant_id
        });
        let outstanding = mine.map_or(0, rules::outstanding);
        (mine.map(|advance| advance.id), Settlement::of(allowed, outstanding))
    }

    fn as_paid(&self, claim: &Claim) -> (Option<Uuid>, Settlement) {
        let of_kind = |kind| {
            self.payments.iter().find(|payment| payment.claim_id == Some(claim.id) && payment.kind == kind)
        };
        let (paid, refund) = (of_kind(PaymentKind::Claim), of_kind(PaymentKind::Refund));
        let settlement = Settlement {
            set_off: paid.map_or(0, |payment| payment.set_off_amount),
            to_receive: paid.map_or(0, |payment| payment.amount),
            to_pay_back: refund.map_or(0, |payment| payment.amount),
        };
        (paid.and_then(|payment| payment.advance_id), settlement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_three_outcomes_one_holds() {
        for (allowed, outstanding, expected) in [
            (1_700_000, 2_000_000, (1_700_000, 0, 300_000)),
            (2_300_000, 2_000_000, (2_000_000, 300_000, 0)),
            (2_000_000, 2_000_000, (2_000_000, 0, 0)),
            (1_500_000, 0, (0, 1_500_000, 0)),
        ] {
            let Settlement { set_off, to_receive, to_pay_back } = Settlement::of(allowed, outstanding);
            assert_eq!((set_off, to_receive, to_pay_back), expected);
        }
    }
}
