//! The operations about accountants, in reading order; those about assignments have their own file.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::accountants::json::{
    AccountantFilter, AccountantIn, AccountantOut, AccountantPatch, AccountantWorkloadOut,
    BoardAccountantOut, BoardAccountantParams,
};
use crate::accountants::{store, workload};
use crate::boards;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List accountants.
///
/// Who may be put in charge of boards, with the boards for which each of them acts today.
#[utoipa::path(
    tag = "accountants",
    params(AccountantFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of accountants.", body = Page<AccountantOut>))
)]
#[get("/v1/accountants")]
pub(crate) async fn list_accountants(
    call: Call,
    request: HttpRequest,
    filter: Query<AccountantFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<AccountantOut>>> {
    let (select, order) = (store::select(&filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::accountants::Column::Id, &params, &*filter).await?;
    let mut shown = store::out(call.db(), &page.items, call.today()).await?;
    let Page { items, next_cursor, total } = page;
    let items = items.iter().filter_map(|accountant| shown.remove(&accountant.id)).collect();
    Page { items, next_cursor, total }.reply(&request)
}

/// Make somebody an accountant.
///
/// From then on the member of staff may be put in charge of boards. Nobody is an accountant twice; a former
/// one becomes active again by a change of `active_to`.
#[utoipa::path(
    tag = "accountants",
    extensions(("x-action" = json!("accountant.manage"))),
    responses((status = 201, description = "Created.", body = AccountantOut))
)]
#[post("/v1/accountants")]
pub(crate) async fn create_accountant(
    call: Call,
    body: Json<AccountantIn>,
) -> ApiResult<Reply<AccountantOut>> {
    call.write(async |tx| {
        let accountant = store::insert(tx, &body).await?;
        Reply::created(&store::out_one(tx.db(), &accountant, call.today()).await?)
    })
    .await
}

/// Read an accountant.
///
/// The person, the days on which they are active, and the boards for which they act today.
#[utoipa::path(
    tag = "accountants",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The accountant.", body = AccountantOut))
)]
#[get("/v1/accountants/{accountant_id}")]
pub(crate) async fn get_accountant(call: Call, accountant_id: Path<Uuid>) -> ApiResult<Reply<AccountantOut>> {
    let accountant = store::find(call.db(), *accountant_id).await?;
    Reply::ok(&store::out_one(call.db(), &accountant, call.today()).await?)
}

/// Set or clear an accountant's last day.
///
/// Refused with `in_use` while the accountant looks after a board beyond that day: hand the boards over first.
#[utoipa::path(
    tag = "accountants",
    extensions(("x-action" = json!("accountant.manage"))),
    responses((status = 200, description = "The accountant.", body = AccountantOut))
)]
#[patch("/v1/accountants/{accountant_id}")]
pub(crate) async fn update_accountant(
    call: Call,
    accountant_id: Path<Uuid>,
    body: Json<AccountantPatch>,
) -> ApiResult<Reply<AccountantOut>> {
    call.write(async |tx| {
        let accountant = store::lock(tx, *accountant_id).await?.ok_or_else(ApiError::not_found)?;
        call.expect_version(accountant.version)?;
        let accountant = store::update(tx, accountant, &body).await?;
        Reply::ok(&store::out_one(tx.db(), &accountant, call.today()).await?)
    })
    .await
}

/// Read an accountant's workload.
///
/// The open claims of the boards for which the accountant acts today, and of the boards these took over from:
/// by board and status, how many and how long the oldest has waited.
#[utoipa::path(
    tag = "accountants",
    extensions(("x-action" = json!("accountant.read_workload"))),
    responses((status = 200, description = "The workload.", body = AccountantWorkloadOut))
)]
#[get("/v1/accountants/{accountant_id}/workload")]
pub(crate) async fn get_accountant_workload(
    call: Call,
    accountant_id: Path<Uuid>,
) -> ApiResult<Reply<AccountantWorkloadOut>> {
    let accountant = store::find(call.db(), *accountant_id).await?;
    Reply::plain(&workload::of(call.db(), accountant.id, call.today()).await?)
}

/// Read an accountant's history.
///
/// Everything that happened to the accountant's record, oldest first: who, when, what. The boards come and go
/// by assignments, which have histories of their own.
#[utoipa::path(
    tag = "accountants",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/accountants/{accountant_id}/history")]
pub(crate) async fn get_accountant_history(
    call: Call,
    request: HttpRequest,
    accountant_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let accountant = store::find(call.db(), *accountant_id).await?;
    history::of(&call, &request, accountant.id, &params).await
}

/// Find a board's accountant.
///
/// Who is in charge of the board on a day, who stands in, and who therefore acts: exactly one person. For a
/// board that has ended by then, the accountant of the board that took its place; `successor_id` names it.
#[utoipa::path(
    tag = "accountants",
    params(BoardAccountantParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The accountant of that day.", body = BoardAccountantOut))
)]
#[get("/v1/boards/{board_id}/accountant")]
pub(crate) async fn get_board_accountant(
    call: Call,
    board_id: Path<Uuid>,
    params: Query<BoardAccountantParams>,
) -> ApiResult<Reply<BoardAccountantOut>> {
    let board = boards::store::find(call.db(), *board_id).await?;
    let on = params.on.unwrap_or_else(|| call.today());
    Reply::plain(&store::of_board(call.db(), board, on).await?)
}
