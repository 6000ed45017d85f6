//! Payments: money that left the cash desk for a claim or an advance, what came back of an advance, and reversals.
//! A payment is written beside the step that moves the money (`cash.rs`) and never changed.

use actix_web::{HttpRequest, get};
use chrono::{DateTime, NaiveDate, Utc};
use entity::payments::{Column, Entity, Model, PaymentKind, PaymentMethod};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::{Reply, Resource};
use crate::http::text::code_key;
use crate::integration::history::{self, HistoryEntry};

/// The kind of record in history and change feed.
pub const TYPE: &str = "payment";

/// A payment, or the reversal of one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentOut {
    pub id: Uuid,
    /// Always 1: a payment is never changed, only reversed by another one.
    pub version: i64,
    pub kind: PaymentKind,
    /// The claim that was paid; with a refund the claim that was settled by it, if one was.
    pub claim_id: Option<Uuid>,
    /// The advance that was paid, refunded or set off; null for a claim without one.
    pub advance_id: Option<Uuid>,
    pub board_id: Uuid,
    /// The money that changed hands, out of the cash desk or, with a refund or a reversal, into it. 0 where an
    /// advance covered the whole claim.
    pub amount: i64,
    /// What the advance covered of the claim. It is used up by the payment, and outstanding again by its reversal.
    pub set_off_amount: i64,
    pub method: PaymentMethod,
    pub paid_on: NaiveDate,
    pub voucher_number: String,
    /// The payment that this one reverses; null for a payment.
    pub reverses_id: Option<Uuid>,
    /// Why it was reversed; null for a payment.
    pub reason: Option<String>,
    /// The cashier, as staff.
    pub paid_by_id: Uuid,
    /// The chief of office, as staff.
    pub approved_by_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for PaymentOut {
    const COLLECTION: &'static str = "/v1/payments";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for PaymentOut {
    fn from(payment: Model) -> Self {
        let Model {
            id,
            kind,
            claim_id,
            advance_id,
            board_id,
            amount,
            set_off_amount,
            method,
            paid_on,
            voucher_number,
            voucher_key: _,
            reverses_id,
            reason,
            paid_by_id,
            approved_by_id,
            created_at,
            created_by_id,
        } = payment;
        Self {
            id,
            version: 1,
            kind,
            claim_id,
            advance_id,
            board_id,
            amount,
            set_off_amount,
            method,
            paid_on,
            voucher_number,
            reverses_id,
            reason,
            paid_by_id,
            approved_by_id,
            created_at,
            updated_at: created_at,
            created_by_id,
        }
    }
}

/// Which payments.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    /// Payments for claims and advances of this board.
    pub board_id: Option<Uuid>,
    /// The payment of this claim, its reversal, and the refund that settled it.
    pub claim_id: Option<Uuid>,
    /// The payment of this advance, its refunds, and the payments of claims in which it was set off.
    pub advance_id: Option<Uuid>,
    /// Payments of this kind.
    #[param(inline)]
    pub kind: Option<PaymentKind>,
    /// Payments made in this way.
    #[param(inline)]
    pub method: Option<PaymentMethod>,
    /// Payments of this day or later.
    pub paid_on_from: Option<NaiveDate>,
    /// Payments before this day.
    pub paid_on_before: Option<NaiveDate>,
    /// The payment with this voucher, however it is spelt.
    #[param(min_length = 1, max_length = 40)]
    pub voucher_number: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<PaymentSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum PaymentSort {
    #[serde(rename = "paid_on")]
    PaidOn,
    #[default]
    #[serde(rename = "-paid_on")]
    PaidOnDescending,
}

/// List payments.
///
/// Payments for claims and advances of the caller's boards, refunds and reversals included, the latest first.
#[utoipa::path(
    tag = "claims",
    params(PaymentFilter, PageParams),
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "A page of payments.", body = Page<PaymentOut>))
)]
#[get("/v1/payments")]
pub(crate) async fn list_payments(
    call: Call,
    request: HttpRequest,
    filter: Query<PaymentFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<PaymentOut>>> {
    let (select, order) = (select(&call, &filter), order(filter.sort));
    let page = page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    page.map(PaymentOut::from).reply(&request)
}

/// Read a payment.
///
/// Which claim or advance it paid, how much, how, when, and who paid and approved it.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "The payment.", body = PaymentOut))
)]
#[get("/v1/payments/{payment_id}")]
pub(crate) async fn get_payment(call: Call, payment_id: Path<Uuid>) -> ApiResult<Reply<PaymentOut>> {
    let payment = find(call.db(), &call, *payment_id).await?;
    Reply::ok(&PaymentOut::from(payment))
}

/// Read a payment's history.
///
/// One entry, since a payment is never changed; its reversal is a payment of its own.
#[utoipa::path(
    tag = "claims",
    params(PageParams),
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/payments/{payment_id}/history")]
pub(crate) async fn get_payment_history(
    call: Call,
    request: HttpRequest,
    payment_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let payment = find(call.db(), &call, *payment_id).await?;
    history::of(&call, &request, payment.id, &params).await
}

fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadClaims) {
        Reach::Office => Entity::find(),
        Reach::Boards(boards) => Entity::find().filter(Column::BoardId.is_in(boards)),
        Reach::None => Entity::find().filter(Condition::any().add(Expr::value(false))),
    }
}

fn select(call: &Call, filter: &PaymentFilter) -> Select<Entity> {
    let mut select = visible(call);
    if let Some(board_id) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board_id));
    }
    if let Some(claim_id) = filter.claim_id {
        select = select.filter(Column::ClaimId.eq(claim_id));
    }
    if let Some(advance_id) = filter.advance_id {
        select = select.filter(Column::AdvanceId.eq(advance_id));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(method) = filter.method {
        select = select.filter(Column::Method.eq(method));
    }
    if let Some(from) = filter.paid_on_from {
        select = select.filter(Column::PaidOn.gte(from));
    }
    if let Some(before) = filter.paid_on_before {
        select = select.filter(Column::PaidOn.lt(before));
    }
    if let Some(voucher) = &filter.voucher_number {
        select = select.filter(Column::VoucherKey.eq(code_key(voucher)));
    }
    select
}

fn order(sort: Option<PaymentSort>) -> Order<Entity> {
    let descending = matches!(sort.unwrap_or_default(), PaymentSort::PaidOnDescending);
    Order { column: Column::PaidOn, descending }
}

async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}
