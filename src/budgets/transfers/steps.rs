//! What each step of a transfer does.

use entity::budget_lines::Model as Line;
use entity::budget_transfers::{ActiveModel, BudgetTransferKind, BudgetTransferStatus, Model};
use sea_orm::ActiveValue::Set;

use crate::budgets::ledger::{self, Document, Move, Movement};
use crate::budgets::lines::store as lines;
use crate::budgets::transfers::json::{BudgetTransferIn, BudgetTransferOut};
use crate::budgets::transfers::rules::{self, STEPS, Side};
use crate::budgets::transfers::{TYPE, store};
use crate::budgets::years;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::workflow::{self, check_state, reason_for, step};
use crate::write::{Event, Tx};

/// Proposes a decision.
///
/// # Errors
/// 422 with everything that is wrong with it; 409 `budget_year_not_open`.
pub async fn propose(call: &Call, tx: &Tx, body: &BudgetTransferIn) -> ApiResult<Model> {
    let named = lines::by_ids(tx.db(), body.from_line_id.into_iter().chain([body.to_line_id])).await?;
    let from = named.iter().find(|line| Some(line.id) == body.from_line_id);
    let to = named.iter().find(|line| line.id == body.to_line_id);
    let mut broken = broken(body, from, to);
    broken.extend(lines::not_yet_signed(body.signed_on, office_day(tx.now)));
    match to {
        Some(to) if broken.is_empty() => {
            years::steps::must_stay_open(tx, to.year).await?;
            store::insert(tx, tx.id(), body, (from, to), call.staff_id()?).await
        }
        _ => Err(ApiError::invalid(broken)),
    }
}

fn broken(body: &BudgetTransferIn, from: Option<&Line>, to: Option<&Line>) -> Vec<FieldError> {
    let mut broken = Vec::new();
    let between = body.kind == BudgetTransferKind::Transfer;
    match body.from_line_id {
        None if between => {
            let needed = text("cần nêu dòng chuyển đi", "a transfer names the line that gives");
            broken.push(FieldError::body("from_line_id", "required", needed));
        }
        Some(_) if !between => {
            let none = text("bổ sung dự toán không có dòng chuyển đi", "a supplement has no line that gives");
            broken.push(FieldError::body("from_line_id", "not_for_this_kind", none));
        }
        Some(_) if from.is_none() => broken.push(FieldError::unknown_reference("from_line_id")),
        _ => {}
    }
    if to.is_none() {
        broken.push(FieldError::unknown_reference("to_line_id"));
    }
    let Some((from, to)) = from.zip(to).filter(|_| between) else { return broken };
    if from.id == to.id {
        let same = text("hai dòng phải khác nhau", "the two lines must not be the same");
        broken.push(FieldError::body("to_line_id", "same_line", same));
    }
    if from.funding_source != to.funding_source {
        let never = text(
            "không được chuyển giữa kinh phí tự chủ và không tự chủ",
            "autonomous and non-autonomous funds never mix",
        );
        broken.push(FieldError::body("to_line_id", "sources_never_mix", never));
    }
    if from.year != to.year {
        let other = text("hai dòng phải cùng năm ngân sách", "the two lines must be of one year");
        broken.push(FieldError::body("to_line_id", "other_year", other));
    }
    broken
}

/// Takes a step: finds the transfer (404), compares its version (412), asks which roles may (403), when
/// (409), who of them (403: a signature that is there needs nobody any more) and why (422).
///
/// # Errors
/// The first of these that is refused; with the last signature 409 `budget_insufficient`, `budget_line_inactive` or
/// `budget_year_not_open`.
pub async fn take(
    call: &Call,
    tx: &Tx,
    transfer_id: uuid::Uuid,
    verb: &'static str,
    reason: Option<&str>,
) -> ApiResult<Reply<BudgetTransferOut>> {
    let transfer = store::find_for_update(tx, call, transfer_id).await?;
    call.expect_version(transfer.version)?;
    let step = step(STEPS, verb)?;
    if call.reach(step.action).is_empty() {
        return Err(call.caller.refusal(step.action));
    }
    check_state(STEPS, step, &transfer.status)?;
    rules::person(call, &transfer, verb)?;
    let reason = reason_for(step, reason)?;
    let mut changed = ActiveModel {
        status: Set(step.to),
        waiting_since: Set(tx.now),
        decision_reason: Set(reason.map(str::to_owned)),
        ..ActiveModel::default()
    };
    let mut to = step.to;
    if verb == "sign" {
        let me = call.staff_id()?;
        match rules::side(call, &transfer)? {
            Side::Giving => changed.from_signed_by_id = Set(Some(me)),
            Side::Receiving => changed.to_signed_by_id = Set(Some(me)),
        }
        if rules::missing(&transfer).len() == 1 {
            changed.posted_at = Set(Some(tx.now));
            for line in lines::by_ids(tx.db(), [transfer.to_line_id]).await? {
                years::steps::must_stay_open(tx, line.year).await?;
            }
            post(tx, &transfer).await?;
        } else {
            to = BudgetTransferStatus::Proposed;
            changed.status = Set(to);
        }
    }
    let event =
        Event::new(verb, TYPE, transfer.id, transfer.version + 1).step(&transfer.status, &to).because(reason);
    let transfer = store::save(tx, &transfer, changed, event).await?;
    Reply::ok(&one(call, transfer))
}

/// Moves the money.
///
/// # Errors
/// 409 `budget_insufficient` with the figures, or `budget_line_inactive`.
pub async fn post(tx: &Tx, transfer: &Model) -> ApiResult<()> {
    let amount = transfer.amount;
    let mut movements = Vec::new();
    if let Some(line_id) = transfer.from_line_id {
        movements.push(Movement { line_id, what: Move::TransferOut, amount });
    }
    let what = if movements.is_empty() { Move::Supplement } else { Move::TransferIn };
    movements.push(Movement { line_id: transfer.to_line_id, what, amount });
    ledger::post(tx, Document::budget_transfer(transfer.id), &movements).await.map(drop)
}

/// One transfer, with what the caller can do.
pub fn one(call: &Call, transfer: Model) -> BudgetTransferOut {
    let allowed = workflow::allowed_actions(call, STEPS, &transfer.status, |step| {
        if call.reach(step.action).is_empty() {
            return Err(call.caller.refusal(step.action));
        }
        rules::person(call, &transfer, step.verb)
    });
    BudgetTransferOut { allowed_actions: Some(allowed), ..shown(transfer) }
}

/// A transfer as lists show it.
pub fn shown(transfer: Model) -> BudgetTransferOut {
    BudgetTransferOut {
        id: transfer.id,
        number: transfer.number,
        version: transfer.version,
        kind: transfer.kind,
        from_line_id: transfer.from_line_id,
        to_line_id: transfer.to_line_id,
        from_board_id: transfer.from_board_id,
        to_board_id: transfer.to_board_id,
        amount: transfer.amount,
        document_number: transfer.document_number,
        signed_on: transfer.signed_on,
        reason: transfer.reason,
        status: transfer.status,
        allowed_actions: None,
        proposed_by_id: transfer.proposed_by_id,
        from_signed_by_id: transfer.from_signed_by_id,
        to_signed_by_id: transfer.to_signed_by_id,
        decision_reason: transfer.decision_reason,
        posted_at: transfer.posted_at,
        created_at: transfer.created_at,
        updated_at: transfer.updated_at,
        created_by_id: transfer.created_by_id,
    }
}
