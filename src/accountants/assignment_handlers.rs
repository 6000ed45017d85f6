//! The operations about assignments, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::accountants::assignments as store;
use crate::accountants::json::{
    AccountantAssignmentEndIn, AccountantAssignmentFilter, AccountantAssignmentIn, AccountantAssignmentOut,
    AccountantHandOverIn, AccountantHandOverOut,
};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List assignments.
///
/// Who was, is and will be in charge of which board, and who stands in when.
#[utoipa::path(
    tag = "accountants",
    params(AccountantAssignmentFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of assignments.", body = Page<AccountantAssignmentOut>))
)]
#[get("/v1/accountant-assignments")]
pub(crate) async fn list_accountant_assignments(
    call: Call,
    request: HttpRequest,
    filter: Query<AccountantAssignmentFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<AccountantAssignmentOut>>> {
    let (select, order) = (store::select(&filter), store::order(filter.sort));
    let id = entity::accountant_assignments::Column::Id;
    let page = page::load(&call, select, order, id, &params, &*filter).await?;
    page.map(AccountantAssignmentOut::from).reply(&request)
}

/// Put in a substitute.
///
/// For some days another accountant acts for a board; the one in charge stays in charge. One substitute a
/// day. A `charge` cannot be created here: it begins with the board and passes on by `hand-over`.
#[utoipa::path(
    tag = "accountants",
    extensions(("x-action" = json!("accountant.manage"))),
    responses((status = 201, description = "Created.", body = AccountantAssignmentOut))
)]
#[post("/v1/accountant-assignments")]
pub(crate) async fn create_accountant_assignment(
    call: Call,
    body: Json<AccountantAssignmentIn>,
) -> ApiResult<Reply<AccountantAssignmentOut>> {
    call.write(async |tx| Reply::created(&store::substitute(tx, &body).await?.into())).await
}

/// Read an assignment.
///
/// Who looks after which board on which days, by which decision.
#[utoipa::path(
    tag = "accountants",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The assignment.", body = AccountantAssignmentOut))
)]
#[get("/v1/accountant-assignments/{assignment_id}")]
pub(crate) async fn get_accountant_assignment(
    call: Call,
    assignment_id: Path<Uuid>,
) -> ApiResult<Reply<AccountantAssignmentOut>> {
    Reply::ok(&store::find(call.db(), *assignment_id).await?.into())
}

/// Hand a board over.
///
/// The charge ends on the day before `valid_from` and the new accountant's begins, in one step, so the board
/// is never without anyone. All open files of the board, and of the boards it took over from, move with it;
/// the answer lists them. A charge is handed over once: afterwards hand over the one that follows it.
#[utoipa::path(
    tag = "accountants",
    params(("If-Match" = Option<String>, Header, max_length = 64,
        description = "The ETag of the assignment as you read it, e.g. `\"3\"`; 412 if it has changed since.")),
    extensions(("x-action" = json!("accountant.manage"))),
    responses((status = 200, description = "What begins, what ends, what moves.", body = AccountantHandOverOut))
)]
#[post("/v1/accountant-assignments/{assignment_id}/hand-over")]
pub(crate) async fn hand_over_accountant_assignment(
    call: Call,
    assignment_id: Path<Uuid>,
    body: Json<AccountantHandOverIn>,
) -> ApiResult<Reply<AccountantHandOverOut>> {
    call.write(async |tx| {
        let assignment = store::find_for_update(tx, *assignment_id).await?;
        call.expect_version(assignment.version)?;
        Reply::plain(&store::hand_over(tx, assignment, &body).await?)
    })
    .await
}

/// End a substitution early.
///
/// The one in charge acts again from the day after. More days are a new substitution; a charge is handed over.
#[utoipa::path(
    tag = "accountants",
    extensions(("x-action" = json!("accountant.manage"))),
    responses((status = 200, description = "The assignment.", body = AccountantAssignmentOut))
)]
#[post("/v1/accountant-assignments/{assignment_id}/end")]
pub(crate) async fn end_accountant_assignment(
    call: Call,
    assignment_id: Path<Uuid>,
    body: Json<AccountantAssignmentEndIn>,
) -> ApiResult<Reply<AccountantAssignmentOut>> {
    call.write(async |tx| {
        let assignment = store::find_for_update(tx, *assignment_id).await?;
        call.expect_version(assignment.version)?;
        Reply::ok(&store::end(tx, assignment, &body).await?.into())
    })
    .await
}

/// Read an assignment's history.
///
/// Everything that happened to the assignment, oldest first: who, when, what, why.
#[utoipa::path(
    tag = "accountants",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/accountant-assignments/{assignment_id}/history")]
pub(crate) async fn get_accountant_assignment_history(
    call: Call,
    request: HttpRequest,
    assignment_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let assignment = store::find(call.db(), *assignment_id).await?;
    history::of(&call, &request, assignment.id, &params).await
}
