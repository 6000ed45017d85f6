//! The users' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use uuid::Uuid;

use crate::auth::password;
use crate::error::{ApiError, ApiResult, four_eyes};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::users::json::{PasswordIn, RoleEndIn, RoleIn, UserFilter, UserIn, UserOut, UserPatch, username};
use crate::users::store;

/// List users.
///
/// All logins with their roles.
#[utoipa::path(
    tag = "users",
    params(UserFilter, PageParams),
    extensions(("x-action" = json!("user.read"))),
    responses((status = 200, description = "A page of users.", body = Page<UserOut>))
)]
#[get("/v1/users")]
pub(crate) async fn list_users(
    call: Call,
    request: HttpRequest,
    filter: Query<UserFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<UserOut>>> {
    let (select, order) = (store::select(&filter), store::order(filter.sort));
    let page = page::load(&call, select, order, entity::users::Column::Id, &params, &*filter).await?;
    let mut roles = store::roles(call.db(), page.items.iter().map(|user| user.id)).await?;
    page.map(|user| {
        let roles = roles.remove(&user.id).unwrap_or_default();
        UserOut::new(user, roles)
    })
    .reply(&request)
}

/// Make a login.
///
/// The login has no role yet; give it one with `grant-role`.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 201, description = "Created.", body = UserOut))
)]
#[post("/v1/users")]
pub(crate) async fn create_user(call: Call, body: Json<UserIn>) -> ApiResult<Reply<UserOut>> {
    let username = username(&body.username)?;
    password::check(&body.password, &username, "password").map_err(|error| ApiError::invalid(vec![error]))?;
    let hash = call.app.hasher.hash(&body.password).await?;
    call.write(async |tx| {
        let user = store::insert(tx, &username, hash.clone(), body.staff_id).await?;
        Reply::created(&store::out(tx.db(), user).await?)
    })
    .await
}

/// Read a user.
///
/// The login with all its roles, those of the past and of the future included.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.read"))),
    responses((status = 200, description = "The user.", body = UserOut))
)]
#[get("/v1/users/{user_id}")]
pub(crate) async fn get_user(call: Call, user_id: Path<Uuid>) -> ApiResult<Reply<UserOut>> {
    let user = store::find(call.db(), *user_id).await?;
    Reply::ok(&store::out(call.db(), user).await?)
}

/// Open or close a login.
///
/// Closing it ends its sessions at once. Administrators cannot close their own.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 200, description = "The user.", body = UserOut))
)]
#[patch("/v1/users/{user_id}")]
pub(crate) async fn update_user(
    call: Call,
    user_id: Path<Uuid>,
    body: Json<UserPatch>,
) -> ApiResult<Reply<UserOut>> {
    call.write(async |tx| {
        store::still_administrator(tx).await?;
        let user = store::find_for_update(tx, *user_id).await?;
        call.expect_version(user.version)?;
        not_oneself(&call, user.id)?;
        let user = store::update(tx, user, &body).await?;
        Reply::ok(&store::out(tx.db(), user).await?)
    })
    .await
}

/// Give a role.
///
/// For the whole office or for one board, from a day on. Nobody gives roles to themselves.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 200, description = "The user.", body = UserOut))
)]
#[post("/v1/users/{user_id}/grant-role")]
pub(crate) async fn grant_role(
    call: Call,
    user_id: Path<Uuid>,
    body: Json<RoleIn>,
) -> ApiResult<Reply<UserOut>> {
    call.write(async |tx| {
        store::still_administrator(tx).await?;
        let user = store::find_for_update(tx, *user_id).await?;
        call.expect_version(user.version)?;
        not_oneself(&call, user.id)?;
        let user = store::grant(tx, &user, &body).await?;
        Reply::ok(&store::out(tx.db(), user).await?)
    })
    .await
}

/// Take a role away.
///
/// It ends at once: the user's next request is judged without it.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 200, description = "The user.", body = UserOut))
)]
#[post("/v1/users/{user_id}/end-role")]
pub(crate) async fn end_role(
    call: Call,
    user_id: Path<Uuid>,
    body: Json<RoleEndIn>,
) -> ApiResult<Reply<UserOut>> {
    call.write(async |tx| {
        store::still_administrator(tx).await?;
        let user = store::find_for_update(tx, *user_id).await?;
        call.expect_version(user.version)?;
        not_oneself(&call, user.id)?;
        let user = store::end_role(tx, &user, body.role_id, &body.reason).await?;
        Reply::ok(&store::out(tx.db(), user).await?)
    })
    .await
}

/// Set a user's password.
///
/// Ends the user's sessions. The password needs 15 characters and must not contain the user name.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 200, description = "The user.", body = UserOut))
)]
#[post("/v1/users/{user_id}/set-password")]
pub(crate) async fn set_password(
    call: Call,
    user_id: Path<Uuid>,
    body: Json<PasswordIn>,
) -> ApiResult<Reply<UserOut>> {
    let username = store::find(call.db(), *user_id).await?.username;
    password::check(&body.password, &username, "password").map_err(|error| ApiError::invalid(vec![error]))?;
    let hash = call.app.hasher.hash(&body.password).await?;
    call.write(async |tx| {
        let user = store::find_for_update(tx, *user_id).await?;
        call.expect_version(user.version)?;
        let user = store::set_password(tx, user, hash.clone()).await?;
        Reply::ok(&store::out(tx.db(), user).await?)
    })
    .await
}

/// Read a user's history.
///
/// Roles given and taken away, passwords set, logins closed: who did it, when, why.
#[utoipa::path(
    tag = "users",
    params(PageParams),
    extensions(("x-action" = json!("user.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/users/{user_id}/history")]
pub(crate) async fn get_user_history(
    call: Call,
    request: HttpRequest,
    user_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let user = store::find(call.db(), *user_id).await?;
    history::of(&call, &request, user.id, &params).await
}

/// Administrators manage everybody but themselves, so that nobody widens or hides their own rights.
fn not_oneself(call: &Call, user_id: Uuid) -> ApiResult<()> {
    if call.caller.user_id == user_id { Err(four_eyes()) } else { Ok(()) }
}
