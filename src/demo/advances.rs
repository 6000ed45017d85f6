//! The demo office's advances: one at every stage, one of them overdue.

use entity::advances::{AdvanceStatus, Model};
use entity::payments::{PaymentKind, PaymentMethod};
use entity::{number_series, payments, travel_orders};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use AdvanceStatus::{Approved, Cancelled, Paid, Rejected, Requested, Settled};

use crate::claims::advances::store;
use crate::claims::payments as cash;
use crate::demo::claims::{amount, morning, number};
use crate::demo::{Demo, day, id, link, optional, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::http::text::{code_key, search_key};
use crate::write::{Event, Tx};

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    let mut last_number = 0;
    for row in demo.rows("cash_advances") {
        last_number = last_number.max(number(&string(row, "document_number"))?.1);
        fill_one(tx, demo, row).await?;
    }
    let series = number_series::ActiveModel {
        series: Set("AD".to_owned()),
        year: Set(2025),
        last_number: Set(last_number),
    };
    series.insert(tx.db()).await.map(drop)?;
    Ok(())
}

async fn fill_one(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let advance = advance(tx, demo, row).await?;
    let steps = steps(advance.status);
    let version = i64::try_from(steps.len()).unwrap_or_default() + 1;
    let advance = Model { version, ..advance }.into_active_model().insert(tx.db()).await?;
    let created = Event::new("create", store::TYPE, advance.id, 1).of_board(advance.board_id);
    tx.record(created.with(json!({"amount": advance.amount, "settle_by": advance.settle_by}))).await?;
    for (version, (verb, from, to)) in (2..).zip(steps) {
        let reason =
            matches!(verb, "reject" | "cancel").then_some(advance.decision_reason.as_deref()).flatten();
        let event = Event::new(verb, store::TYPE, advance.id, version).of_board(advance.board_id);
        tx.record(event.step(&from, &to).because(reason)).await?;
    }
    if advance.payment_id.is_some() {
        fill_payment(tx, row, &advance).await?;
    }
    Ok(())
}

/// How an advance came to where it stands.
fn steps(status: AdvanceStatus) -> Vec<(&'static str, AdvanceStatus, AdvanceStatus)> {
    let way = [("approve", Requested, Approved), ("pay", Approved, Paid), ("set-off", Paid, Settled)];
    match status {
        Requested => Vec::new(),
        Rejected => vec![("reject", Requested, Rejected)],
        Cancelled => vec![("cancel", Requested, Cancelled)],
        Approved => way[..1].to_vec(),
        Paid => way[..2].to_vec(),
        Settled => way.to_vec(),
    }
}

fn status(row: &Value) -> ApiResult<AdvanceStatus> {
    Ok(match string(row, "status").as_str() {
        "requested" => Requested,
        "approved" => Approved,
        "open" => Paid,
        "settled" => Settled,
        "refused" => Rejected,
        other => return Err(ApiError::internal(format!("demo: {other} is no status of an advance"))),
    })
}

async fn advance(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<Model> {
    let (year, digits) = number(&string(row, "document_number"))?;
    let number = format!("AD-{year}-{digits:06}");
    let (status, requester_id) = (status(row)?, reference(row, "person")?);
    let order = demo.rows("travel_orders").find(|order| order["ref"] == row["travel_order"]);
    let purpose = optional(row, "purpose_vi").or_else(|| optional(order?, "purpose_vi"));
    let purpose = purpose.unwrap_or_else(|| "Tạm ứng công tác".to_owned());
    let created_at = morning(day(row, "requested_on")?);
    let changed_on = optional_day(row, "settled_on").or_else(|| optional_day(row, "paid_on"));
    let changed_at = changed_on.map_or(created_at, morning);
    let (approved, paid) = (matches!(status, Approved | Paid | Settled), matches!(status, Paid | Settled));
    // The chief of office approves, and where the chief asks, the deputy.
    let chief = [id("p_an"), id("p_linh")].into_iter().find(|chief| *chief != requester_id);
    let amount = amount(row, "amount_vnd")?;
    Ok(Model {
        id: reference(row, "ref")?,
        search: search_key(&format!("{number} {purpose}")),
        number,
        board_id: reference(row, "board")?,
        requester_id,
        travel_order_id: known_order(tx, row).await?,
        purpose,
        amount,
        settle_by: optional_day(row, "settle_by").unwrap_or(day(row, "requested_on")?),
        status,
        waiting_since: changed_at,
        approved_by_id: chief.filter(|_| approved),
        paid_by_id: paid.then(|| id("p_lan")),
        payment_id: paid.then(|| payment_id(row)),
        set_off_amount: if status == Settled { amount } else { 0 },
        refunded_amount: 0,
        decision_reason: (status == Rejected).then(|| "Còn tạm ứng quá hạn chưa thanh toán".to_owned()),
        version: 1,
        created_at,
        updated_at: changed_at,
        created_by_id: None,
    })
}

/// The order that a row names, where the demo office has it.
pub(super) async fn known_order(tx: &Tx, row: &Value) -> ApiResult<Option<Uuid>> {
    let Some(order_id) = link(row, "travel_order") else { return Ok(None) };
    let order = travel_orders::Entity::find_by_id(order_id).one(tx.db()).await?;
    Ok(order.map(|order| order.id))
}

async fn fill_payment(tx: &Tx, row: &Value, advance: &Model) -> ApiResult<()> {
    let missing = || ApiError::internal("demo: a payment without hands");
    let voucher = format!("PC-{}", string(row, "document_number"));
    let payment = payments::ActiveModel {
        id: Set(payment_id(row)),
        kind: Set(PaymentKind::Advance),
        claim_id: Set(None),
        advance_id: Set(Some(advance.id)),
        board_id: Set(advance.board_id),
        amount: Set(advance.amount),
        set_off_amount: Set(0),
        method: Set(PaymentMethod::Cash),
        paid_on: Set(day(row, "paid_on")?),
        voucher_key: Set(code_key(&voucher)),
        voucher_number: Set(voucher),
        reverses_id: Set(None),
        reason: Set(None),
        paid_by_id: Set(advance.paid_by_id.ok_or_else(missing)?),
        approved_by_id: Set(advance.approved_by_id.ok_or_else(missing)?),
        created_at: Set(morning(day(row, "paid_on")?)),
        created_by_id: Set(None),
    };
    let payment = payment.insert(tx.db()).await?;
    let event = Event::new("create", cash::TYPE, payment.id, 1).of_board(payment.board_id);
    tx.record(event.with(json!({"kind": "advance", "advance_id": advance.id, "amount": payment.amount})))
        .await
}

fn payment_id(row: &Value) -> Uuid {
    id(&format!("{}/payment", string(row, "ref")))
}
