//! The refuels' operations, in reading order.

use actix_web::{HttpRequest, delete, get, patch, post};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::fuel::refuels::json::{RefuelFilter, RefuelIn, RefuelOut, RefuelPatch};
use crate::fuel::refuels::store;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List refuels.
///
/// All of them for the office, those of the trips they drive for drivers, and for the boards those of the trips
/// that carry their bookings. The latest first.
#[utoipa::path(
    tag = "fuel",
    params(RefuelFilter, PageParams),
    extensions(("x-action" = json!("refuel.read"))),
    responses((status = 200, description = "A page of refuels.", body = Page<RefuelOut>))
)]
#[get("/v1/refuels")]
pub(crate) async fn list_refuels(
    call: Call,
    request: HttpRequest,
    filter: Query<RefuelFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<RefuelOut>>> {
    let (select, order) = (store::select(&call, &filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::refuels::Column::Id, &params, &*filter).await?;
    let items = store::show(call.db(), page.items).await?;
    Page { items, next_cursor: page.next_cursor, total: page.total }.reply(&request)
}

/// Enter a refuel.
///
/// Drivers enter those of the trips they drive, the dispatcher all. An invoice is entered once (409
/// `duplicate_invoice`), and the odometer never goes back (422 `odometer_went_back`). A price that is off the dated
/// one is marked and not refused. Nothing is entered into a month whose fuel statement is closed (409).
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("refuel.enter"))),
    responses((status = 201, description = "Created.", body = RefuelOut))
)]
#[post("/v1/refuels")]
pub(crate) async fn create_refuel(call: Call, body: Json<RefuelIn>) -> ApiResult<Reply<RefuelOut>> {
    call.write(async |tx| {
        let refuel = store::insert(tx, &call, &body).await?;
        Reply::created(&store::one(tx.db(), refuel).await?)
    })
    .await
}

/// Read a refuel.
///
/// What was bought, for how much, on which invoice, how the price compares, and which claim asks for it.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("refuel.read"))),
    responses((status = 200, description = "The refuel.", body = RefuelOut))
)]
#[get("/v1/refuels/{refuel_id}")]
pub(crate) async fn get_refuel(call: Call, refuel_id: Path<Uuid>) -> ApiResult<Reply<RefuelOut>> {
    let refuel = store::find(call.db(), &call, *refuel_id).await?;
    Reply::ok(&store::one(call.db(), refuel).await?)
}

/// Correct a refuel.
///
/// As long as no claim asks for it and the fuel statement of its month is not closed. The reading of the odometer
/// stays.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("refuel.enter"))),
    responses((status = 200, description = "The refuel.", body = RefuelOut))
)]
#[patch("/v1/refuels/{refuel_id}")]
pub(crate) async fn update_refuel(
    call: Call,
    refuel_id: Path<Uuid>,
    body: Json<RefuelPatch>,
) -> ApiResult<Reply<RefuelOut>> {
    call.write(async |tx| {
        let refuel = store::open_for_change(tx, &call, *refuel_id).await?;
        let refuel = store::update(tx, &call, refuel, &body).await?;
        Reply::ok(&store::one(tx.db(), refuel).await?)
    })
    .await
}

/// Delete a refuel.
///
/// For one that was entered wrongly, as long as no claim asks or asked for it and the fuel statement of its month
/// is not closed. Its invoice may be entered again; the reading of the odometer stays in the car's series.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("refuel.enter"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/refuels/{refuel_id}")]
pub(crate) async fn delete_refuel(call: Call, refuel_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let refuel = store::open_for_change(tx, &call, *refuel_id).await?;
        store::remove(tx, refuel).await?;
        Reply::gone()
    })
    .await
}

/// Read a refuel's history.
///
/// Who entered it and what was corrected.
#[utoipa::path(
    tag = "fuel",
    params(PageParams),
    extensions(("x-action" = json!("refuel.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/refuels/{refuel_id}/history")]
pub(crate) async fn get_refuel_history(
    call: Call,
    request: HttpRequest,
    refuel_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let refuel = store::find(call.db(), &call, *refuel_id).await?;
    history::of(&call, &request, refuel.id, &params).await
}
