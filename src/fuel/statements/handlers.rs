//! The fuel statements' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::claims::json::ClaimOut;
use crate::claims::view;
use crate::error::ApiResult;
use crate::fuel::statements::json::{
    FuelClaimIn, FuelStatementFilter, FuelStatementIn, FuelStatementOut, FuelStatementPatch,
    FuelStatementReasonIn,
};
use crate::fuel::statements::{steps, store};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List fuel statements.
///
/// By month, the latest first. Figures stand in the list for closed statements; read a draft by itself to have its
/// figures computed.
#[utoipa::path(
    tag = "fuel",
    params(FuelStatementFilter, PageParams),
    extensions(("x-action" = json!("fuel_statement.read"))),
    responses((status = 200, description = "A page of fuel statements.", body = Page<FuelStatementOut>))
)]
#[get("/v1/fuel-statements")]
pub(crate) async fn list_fuel_statements(
    call: Call,
    request: HttpRequest,
    filter: Query<FuelStatementFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<FuelStatementOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let id = entity::fuel_statements::Column::Id;
    let page = page::load(&call, select, order, id, &params, &*filter).await?;
    page.map(FuelStatementOut::from).reply(&request)
}

/// Begin a fuel statement.
///
/// A draft for a car and a month. The tank goes on from the closed statement before it; the first statement of a
/// car says what was in the tank.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_statement.manage"))),
    responses((status = 201, description = "Created.", body = FuelStatementOut))
)]
#[post("/v1/fuel-statements")]
pub(crate) async fn create_fuel_statement(
    call: Call,
    body: Json<FuelStatementIn>,
) -> ApiResult<Reply<FuelStatementOut>> {
    call.write(async |tx| {
        let statement = steps::begin(tx, &body).await?;
        Reply::created(&steps::out(tx.db(), &call, statement).await?)
    })
    .await
}

/// Read a fuel statement.
///
/// With its figures: as the trips and refuels of the month are now while it is a draft, as they were when it was
/// closed.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_statement.read"))),
    responses((status = 200, description = "The fuel statement.", body = FuelStatementOut))
)]
#[get("/v1/fuel-statements/{statement_id}")]
pub(crate) async fn get_fuel_statement(
    call: Call,
    statement_id: Path<Uuid>,
) -> ApiResult<Reply<FuelStatementOut>> {
    let statement = store::find(call.db(), &call, *statement_id).await?;
    Reply::ok(&steps::out(call.db(), &call, statement).await?)
}

/// Change a fuel statement.
///
/// The tank at both ends of the month and the explanation, as long as the statement is a draft.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_statement.manage"))),
    responses((status = 200, description = "The fuel statement.", body = FuelStatementOut))
)]
#[patch("/v1/fuel-statements/{statement_id}")]
pub(crate) async fn update_fuel_statement(
    call: Call,
    statement_id: Path<Uuid>,
    body: Json<FuelStatementPatch>,
) -> ApiResult<Reply<FuelStatementOut>> {
    call.write(async |tx| {
        let statement = steps::change(tx, &call, *statement_id, &body).await?;
        Reply::ok(&steps::out(tx.db(), &call, statement).await?)
    })
    .await
}

/// Close a fuel statement.
///
/// From the last day of the month on, when every trip of the month is completed and the statements before are
/// closed. The figures are kept as they are, and refuels of the month do not change any more. A statement over the
/// tolerance can be closed without an explanation, but not claimed.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_statement.manage"))),
    responses((status = 200, description = "The fuel statement.", body = FuelStatementOut))
)]
#[post("/v1/fuel-statements/{statement_id}/close")]
pub(crate) async fn close_fuel_statement(
    call: Call,
    statement_id: Path<Uuid>,
) -> ApiResult<Reply<FuelStatementOut>> {
    call.write(async |tx| {
        let statement = steps::close(tx, &call, *statement_id).await?;
        Reply::ok(&steps::out(tx.db(), &call, statement).await?)
    })
    .await
}

/// Reopen a fuel statement.
///
/// With a reason, as long as none of its refuels is claimed and no later statement of the car is closed.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_statement.manage"))),
    responses((status = 200, description = "The fuel statement.", body = FuelStatementOut))
)]
#[post("/v1/fuel-statements/{statement_id}/reopen")]
pub(crate) async fn reopen_fuel_statement(
    call: Call,
    statement_id: Path<Uuid>,
    body: Json<FuelStatementReasonIn>,
) -> ApiResult<Reply<FuelStatementOut>> {
    call.write(async |tx| {
        let statement = steps::reopen(tx, &call, *statement_id, body.reason.as_deref()).await?;
        Reply::ok(&steps::out(tx.db(), &call, statement).await?)
    })
    .await
}

/// Claim the fuel of a statement.
///
/// Writes a draft of a `fuel` expense claim of the caller for a board of theirs, with one line and its invoice for
/// each refuel of a closed statement that no claim asks for yet; the answer is the claim. Each refuel is claimed
/// once (409 `already_claimed`): a rejected, withdrawn or reversed claim gives its refuels free. A statement over
/// the tolerance needs its explanation first (422 `explanation_required`).
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("claim.claim"))),
    responses((status = 201, description = "Created.", body = ClaimOut))
)]
#[post("/v1/fuel-statements/{statement_id}/claim")]
pub(crate) async fn claim_fuel_statement(
    call: Call,
    statement_id: Path<Uuid>,
    body: Json<FuelClaimIn>,
) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        let claim = steps::claim(tx, &call, *statement_id, &body).await?;
        Reply::created(&view::one(&call, tx.db(), claim).await?)
    })
    .await
}

/// Read a fuel statement's history.
///
/// Everything that happened to the statement, oldest first: who, when, what, why; claims included.
#[utoipa::path(
    tag = "fuel",
    params(PageParams),
    extensions(("x-action" = json!("fuel_statement.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/fuel-statements/{statement_id}/history")]
pub(crate) async fn get_fuel_statement_history(
    call: Call,
    request: HttpRequest,
    statement_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let statement = store::find(call.db(), &call, *statement_id).await?;
    history::of(&call, &request, statement.id, &params).await
}
