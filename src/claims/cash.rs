//! The cash desk: every payment, refund and reversal is written here, beside the step that moves the money.

use chrono::NaiveDate;
use entity::advances::Model as Advance;
use entity::expense_claims::Model as Claim;
use entity::payments::{ActiveModel, Column, Entity, Model, PaymentKind};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use crate::claims::advances::json::{AdvancePaymentIn, AdvanceRefundIn};
use crate::claims::json::ClaimPaymentIn;
use crate::claims::payments::TYPE;
use crate::claims::settlement::Settlement;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult};
use crate::http::text::code_key;
use crate::write::{Event, Tx};

/// Writes the one payment of an approved claim: what its advance left to pay, and what the advance covered.
///
/// # Errors
/// 409 for a second payment or a voucher that was used.
pub async fn pay_claim(
    tx: &Tx,
    claim: &Claim,
    settlement: Settlement,
    advance: Option<&Advance>,
    body: &ClaimPaymentIn,
    cashier: Uuid,
) -> ApiResult<Model> {
    let chief =
        claim.approved_by_id.ok_or_else(|| ApiError::internal("an approved claim has no approver"))?;
    let ClaimPaymentIn { method, paid_on, voucher_number, refund: _ } = body.clone();
    insert(
        tx,
        ActiveModel {
            id: Set(tx.id()),
            kind: Set(PaymentKind::Claim),
            claim_id: Set(Some(claim.id)),
            advance_id: Set(advance.filter(|_| settlement.set_off > 0).map(|advance| advance.id)),
            board_id: Set(claim.board_id),
            amount: Set(settlement.to_receive),
            set_off_amount: Set(settlement.set_off),
            method: Set(method),
            paid_on: Set(paid_on),
            voucher_key: Set(code_key(&voucher_number)),
            voucher_number: Set(voucher_number),
            reverses_id: Set(None),
            reason: Set(None),
            paid_by_id: Set(cashier),
            approved_by_id: Set(chief),
            created_at: Set(tx.now),
            created_by_id: Set(tx.actor.user_id),
        },
    )
    .await
}

/// Writes the one payment of an approved advance.
///
/// # Errors
/// 409 for a second payment or a voucher that was used.
pub async fn pay_advance(
    tx: &Tx,
    advance: &Advance,
    body: &AdvancePaymentIn,
    cashier: Uuid,
) -> ApiResult<Model> {
    let AdvancePaymentIn { method, paid_on, voucher_number } = body.clone();
    let paid = AdvanceRefundIn { amount: advance.amount, method, paid_on, voucher_number };
    insert(tx, of_advance(tx, advance, PaymentKind::Advance, &paid, None, cashier)?).await
}

/// Writes down what came back of an advance, with the claim that settled it where there is one.
///
/// # Errors
/// 409 for a voucher that was used.
pub async fn refund(
    tx: &Tx,
    advance: &Advance,
    body: &AdvanceRefundIn,
    claim_id: Option<Uuid>,
    cashier: Uuid,
) -> ApiResult<Model> {
    insert(tx, of_advance(tx, advance, PaymentKind::Refund, body, claim_id, cashier)?).await
}

fn of_advance(
    tx: &Tx,
    advance: &Advance,
    kind: PaymentKind,
    body: &AdvanceRefundIn,
    claim_id: Option<Uuid>,
    cashier: Uuid,
) -> ApiResult<ActiveModel> {
    let chief = advance.approved_by_id;
    let chief = chief.ok_or_else(|| ApiError::internal("an approved advance has no approver"))?;
    let AdvanceRefundIn { amount, method, paid_on, voucher_number } = body.clone();
    Ok(ActiveModel {
        id: Set(tx.id()),
        kind: Set(kind),
        claim_id: Set(claim_id),
        advance_id: Set(Some(advance.id)),
        board_id: Set(advance.board_id),
        amount: Set(amount),
        set_off_amount: Set(0),
        method: Set(method),
        paid_on: Set(paid_on),
        voucher_key: Set(code_key(&voucher_number)),
        voucher_number: Set(voucher_number),
        reverses_id: Set(None),
        reason: Set(None),
        paid_by_id: Set(cashier),
        approved_by_id: Set(chief),
        created_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    })
}

/// The payment of a paid claim.
///
/// # Errors
/// 500 where there is none.
pub async fn of_claim(db: &impl ConnectionTrait, claim: &Claim) -> ApiResult<Model> {
    let paid = match claim.payment_id {
        Some(id) => Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    paid.ok_or_else(|| ApiError::internal("a paid claim has no payment"))
}

/// The payments of these claims and the refunds that came with them, without reversals; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn of_claims(
    db: &impl ConnectionTrait,
    claims: impl Iterator<Item = Uuid>,
) -> ApiResult<Vec<Model>> {
    let claims: Vec<Uuid> = claims.collect();
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let select = Entity::find().filter(Column::ClaimId.is_in(claims)).filter(Column::ReversesId.is_null());
    Ok(select.all(db).await?)
}

/// The day on which a payment was made.
///
/// # Errors
/// 500 where there is none.
pub async fn paid_on(db: &impl ConnectionTrait, payment_id: Option<Uuid>) -> ApiResult<NaiveDate> {
    let paid = match payment_id {
        Some(id) => Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    paid.map(|paid| paid.paid_on).ok_or_else(|| ApiError::internal("a paid advance has no payment"))
}

/// Writes the reversal beside the payment: the same amounts on their way back, signed by the two people.
///
/// # Errors
/// 409 for a second reversal.
pub async fn reverse(
    tx: &Tx,
    paid: &Model,
    reason: Option<&str>,
    cashier: Uuid,
    chief: Uuid,
) -> ApiResult<Model> {
    insert(
        tx,
        ActiveModel {
            id: Set(tx.id()),
            kind: Set(paid.kind),
            claim_id: Set(paid.claim_id),
            advance_id: Set(paid.advance_id),
            board_id: Set(paid.board_id),
            amount: Set(paid.amount),
            set_off_amount: Set(paid.set_off_amount),
            method: Set(paid.method),
            paid_on: Set(office_day(tx.now)),
            // Nobody can type this key, so a reversal is never refused for its voucher.
            voucher_key: Set(format!("reversal of {}", paid.id)),
            voucher_number: Set(format!("{}/R", paid.voucher_number)),
            reverses_id: Set(Some(paid.id)),
            reason: Set(reason.map(str::to_owned)),
            paid_by_id: Set(cashier),
            approved_by_id: Set(chief),
            created_at: Set(tx.now),
            created_by_id: Set(tx.actor.user_id),
        },
    )
    .await
}

async fn insert(tx: &Tx, payment: ActiveModel) -> ApiResult<Model> {
    let payment = payment.insert(tx.db()).await?;
    let event = Event::new("create", TYPE, payment.id, 1)
        .of_board(payment.board_id)
        .because(payment.reason.as_deref());
    let details = serde_json::json!({
        "kind": payment.kind, "claim_id": payment.claim_id, "advance_id": payment.advance_id,
        "amount": payment.amount, "set_off_amount": payment.set_off_amount, "reverses_id": payment.reverses_id,
    });
    tx.record(event.with(details)).await?;
    Ok(payment)
}
