//! Every claim against its payment, and every advance against the payments that paid it out and brought it back.

use std::collections::{BTreeMap, BTreeSet};

use entity::payments::{self, Model as Payment, PaymentKind};
use entity::{advances, expense_claims};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::ops::verify::{Check, Pages};

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("payments");
    check_claims(db, &mut check).await?;
    check_advances(db, &mut check).await?;
    Ok(check)
}

/// Those of these payments that stand: no reversals, and none that was reversed.
fn standing(payments: &[Payment], kind: PaymentKind) -> impl Iterator<Item = &Payment> {
    let reversed: BTreeSet<Uuid> = payments.iter().filter_map(|payment| payment.reverses_id).collect();
    payments.iter().filter(move |payment| {
        payment.kind == kind && payment.reverses_id.is_none() && !reversed.contains(&payment.id)
    })
}

/// Payments by the record that a column of theirs names.
async fn by_record(
    db: &impl ConnectionTrait,
    column: payments::Column,
    record: fn(&Payment) -> Option<Uuid>,
    ids: impl Iterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, Vec<Payment>>, DbErr> {
    let rows = payments::Entity::find().filter(column.is_in(ids)).all(db).await?;
    let mut found: BTreeMap<Uuid, Vec<Payment>> = BTreeMap::new();
    for payment in rows {
        if let Some(id) = record(&payment) {
            found.entry(id).or_default().push(payment);
        }
    }
    Ok(found)
}

async fn check_claims(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    use expense_claims::{Column, Entity, Model};
    let mut pages = Pages::of(Entity::find(), Column::Id, |claim: &Model| claim.id);
    while let Some(claims) = pages.next(db, check).await? {
        let ids = claims.iter().map(|claim| claim.id);
        let payments = by_record(db, payments::Column::ClaimId, |payment| payment.claim_id, ids).await?;
        for claim in &claims {
            let of_claim = payments.get(&claim.id).map(Vec::as_slice).unwrap_or_default();
            compare_claim(check, claim, of_claim);
        }
    }
    Ok(())
}

fn compare_claim(check: &mut Check, claim: &expense_claims::Model, payments: &[Payment]) {
    let standing: Vec<&Payment> = standing(payments, PaymentKind::Claim).collect();
    if claim.status != expense_claims::ClaimStatus::Paid {
        if let Some(payment) = standing.first() {
            check.differs(claim.id, format!("it is not paid, and payment {} stands", payment.id));
        }
        return;
    }
    let [payment] = standing.as_slice() else {
        let count = standing.len();
        check.differs(claim.id, format!("it is paid, and {count} payments stand instead of one"));
        return;
    };
    if claim.payment_id != Some(payment.id) {
        check.differs(claim.id, format!("it does not name its payment {}", payment.id));
    }
    let paid = payment.amount + payment.set_off_amount;
    check.equal(claim.id, "allowed_amount and the payment", claim.allowed_amount.unwrap_or_default(), paid);
}

async fn check_advances(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    use advances::{Column, Entity, Model};
    let mut pages = Pages::of(Entity::find(), Column::Id, |advance: &Model| advance.id);
    while let Some(advances) = pages.next(db, check).await? {
        let ids = advances.iter().map(|advance| advance.id);
        let payments = by_record(db, payments::Column::AdvanceId, |payment| payment.advance_id, ids).await?;
        for advance in &advances {
            let of_advance = payments.get(&advance.id).map(Vec::as_slice).unwrap_or_default();
            compare_advance(check, advance, of_advance);
        }
    }
    Ok(())
}

/// What was paid out is set off, refunded or outstanding. The last is no figure of its own, so the three that are kept
/// must each be that of the payments.
fn compare_advance(check: &mut Check, advance: &advances::Model, payments: &[Payment]) {
    let paid = if advance.payment_id.is_some() { advance.amount } else { 0 };
    let paid_out = standing(payments, PaymentKind::Advance).map(|payment| payment.amount).sum();
    let set_off = standing(payments, PaymentKind::Claim).map(|payment| payment.set_off_amount).sum();
    let refunded = standing(payments, PaymentKind::Refund).map(|payment| payment.amount).sum();
    check.equal(advance.id, "amount and what was paid out", paid, paid_out);
    check.equal(advance.id, "set_off_amount and the payments", advance.set_off_amount, set_off);
    check.equal(advance.id, "refunded_amount and the refunds", advance.refunded_amount, refunded);
}
