//! The boards' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::boards::json::{BoardFilter, BoardIn, BoardOut, BoardPatch, MergeIn};
use crate::boards::store;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List boards.
///
/// All boards, those that have ended included; `on` gives the ones that exist on a day.
#[utoipa::path(
    tag = "boards",
    params(BoardFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of boards.", body = Page<BoardOut>))
)]
#[get("/v1/boards")]
pub(crate) async fn list_boards(
    call: Call,
    request: HttpRequest,
    filter: Query<BoardFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BoardOut>>> {
    let (select, order) = (store::select(&filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::boards::Column::Id, &params, &*filter).await?;
    let mut before = store::predecessors(call.db(), page.items.iter().map(|board| board.id)).await?;
    page.map(|board| {
        let ids = before.remove(&board.id).unwrap_or_default();
        BoardOut::new(board, ids)
    })
    .reply(&request)
}

/// Found a board.
///
/// The board begins on `valid_from` with an accountant in charge, since no day of a board may be without one.
#[utoipa::path(
    tag = "boards",
    extensions(("x-action" = json!("board.manage"))),
    responses((status = 201, description = "Created.", body = BoardOut))
)]
#[post("/v1/boards")]
pub(crate) async fn create_board(call: Call, body: Json<BoardIn>) -> ApiResult<Reply<BoardOut>> {
    call.write(async |tx| {
        let board = store::insert(tx, &body).await?;
        Reply::created(&BoardOut::new(board, Vec::new()))
    })
    .await
}

/// Read a board.
///
/// Its names, its days and the boards that it took over from.
#[utoipa::path(
    tag = "boards",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The board.", body = BoardOut))
)]
#[get("/v1/boards/{board_id}")]
pub(crate) async fn get_board(call: Call, board_id: Path<Uuid>) -> ApiResult<Reply<BoardOut>> {
    let board = store::find(call.db(), *board_id).await?;
    Reply::ok(&store::out(call.db(), board).await?)
}

/// Change a board's names.
///
/// Fields that are left out stay; null clears a field that may be empty.
#[utoipa::path(
    tag = "boards",
    extensions(("x-action" = json!("board.manage"))),
    responses((status = 200, description = "The board.", body = BoardOut))
)]
#[patch("/v1/boards/{board_id}")]
pub(crate) async fn update_board(
    call: Call,
    board_id: Path<Uuid>,
    body: Json<BoardPatch>,
) -> ApiResult<Reply<BoardOut>> {
    call.write(async |tx| {
        let board = store::find_for_update(tx, *board_id).await?;
        call.expect_version(board.version)?;
        let board = store::update(tx, board, body.0.clone()).await?;
        Reply::ok(&store::out(tx.db(), board).await?)
    })
    .await
}

/// Let a board take over from others.
///
/// The others end on the day before this board begins. Their records stay with them; the people of this board
/// see them and finish what is open, and this board's accountant looks after them.
#[utoipa::path(
    tag = "boards",
    extensions(("x-action" = json!("board.manage"))),
    responses((status = 200, description = "The board with its predecessors.", body = BoardOut))
)]
#[post("/v1/boards/{board_id}/merge")]
pub(crate) async fn merge_board(
    call: Call,
    board_id: Path<Uuid>,
    body: Json<MergeIn>,
) -> ApiResult<Reply<BoardOut>> {
    call.write(async |tx| {
        let board = store::find_for_update(tx, *board_id).await?;
        call.expect_version(board.version)?;
        let board = store::merge(tx, board, &body.predecessor_ids, body.reason.as_deref()).await?;
        Reply::ok(&store::out(tx.db(), board).await?)
    })
    .await
}

/// Read a board's history.
///
/// Everything that happened to the board, oldest first: who, when, what, why.
#[utoipa::path(
    tag = "boards",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/boards/{board_id}/history")]
pub(crate) async fn get_board_history(
    call: Call,
    request: HttpRequest,
    board_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let board = store::find(call.db(), *board_id).await?;
    history::of(&call, &request, board.id, &params).await
}
