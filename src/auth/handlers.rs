//! Signing in and out, in reading order.

use actix_web::{HttpRequest, get, post};
use entity::{boards, users};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::auth::json::{MeOut, MeServiceAccount, RefreshIn, RoleOut, TokenIn, TokenOut};
use crate::auth::permissions::{Action, Grant, Reach};
use crate::auth::{sessions, throttle};
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::input::Json;
use crate::http::reply::Reply;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(create_token).service(refresh_token).service(log_out).service(get_me);
}

/// Sign in.
///
/// Checks a user name and a password and opens a session. After five wrong passwords each further attempt
/// has to wait longer; a wrong name and a wrong password get the same answer.
#[utoipa::path(
    tag = "auth",
    security(()),
    extensions(("x-action" = json!("visit"))),
    responses((status = 200, description = "The tokens.", body = TokenOut))
)]
#[post("/v1/auth/token")]
async fn create_token(call: Call, request: HttpRequest, body: Json<TokenIn>) -> ApiResult<Reply<TokenOut>> {
    let username = body.username.to_lowercase();
    let source = request.peer_addr().map_or_else(|| "unknown".to_owned(), |peer| peer.ip().to_string());
    let subjects = [throttle::account(&username), format!("source:{source}")];
    throttle::enter(&call, &subjects).await?;
    let user = users::Entity::find().filter(users::Column::Username.eq(&username)).one(call.db()).await?;
    let user = user.filter(|user| user.active);
    let fits =
        call.app.hasher.verify(&body.password, user.as_ref().map(|user| user.password_hash.as_str())).await?;
    let Some(user) = user.filter(|_| fits) else {
        tracing::info!(request_id = %call.request_id, "login refused");
        return Err(ApiError::new(
            Code::LoginFailed,
            text("Kiểm tra tên đăng nhập và mật khẩu.", "Check the user name and the password."),
        ));
    };
    throttle::succeeded(&call, &subjects).await?;
    Reply::plain(&sessions::open(&call, &user).await?)
}

/// Get the next tokens.
///
/// Gives a new access token and a new refresh token; the one that was sent is used up. If the answer is lost,
/// the same request within ten seconds gets the same successor. Any later use ends the session.
#[utoipa::path(
    tag = "auth",
    security(()),
    extensions(("x-action" = json!("visit"))),
    responses((status = 200, description = "The tokens.", body = TokenOut))
)]
#[post("/v1/auth/refresh")]
async fn refresh_token(call: Call, body: Json<RefreshIn>) -> ApiResult<Reply<TokenOut>> {
    Reply::plain(&sessions::refresh(&call, &body.refresh_token).await?)
}

/// Sign out.
///
/// Ends the session of the access token: neither it nor the session's refresh token work from now on. Keys have no
/// session and are revoked instead.
#[utoipa::path(
    tag = "auth",
    extensions(("x-action" = json!("session.use"))),
    responses((status = 204, description = "The session has ended."))
)]
#[post("/v1/auth/logout")]
async fn log_out(call: Call) -> ApiResult<Reply<()>> {
    sessions::close(&call).await?;
    Reply::gone()
}

/// Who am I.
///
/// The caller's name, roles of today and visible boards. An accountant's boards follow from the assignments in
/// force today; a board's people also see the boards that it succeeded. With the key of a service account it tells
/// of the account's owner, cut down to the account's boards, and of the account.
#[utoipa::path(
    tag = "auth",
    extensions(("x-action" = json!("me.read"))),
    responses((status = 200, description = "The caller.", body = MeOut))
)]
#[get("/v1/me")]
async fn get_me(call: Call) -> ApiResult<Reply<MeOut>> {
    let caller = &call.caller;
    let reading = [Action::ReadBookings, Action::ReadClaims, Action::ReadConferences];
    let reaches = reading.map(|action| caller.reach(action));
    let boards: std::collections::BTreeSet<Uuid> = if reaches.contains(&Reach::Office) {
        let all = boards::Entity::find()
            .select_only()
            .column(boards::Column::Id)
            .into_tuple()
            .all(call.db())
            .await?;
        all.into_iter().collect()
    } else {
        let reached = reaches.iter().filter_map(|reach| match reach {
            Reach::Boards(boards) => Some(boards.iter().copied()),
            _ => None,
        });
        reached.flatten().chain(caller.roles().filter_map(|grant| grant.board_id)).collect()
    };
    let role = |grant: &Grant| RoleOut { role: grant.role, board_id: grant.board_id };
    Reply::plain(&MeOut {
        user_id: caller.user_id,
        username: caller.username.clone(),
        staff_id: caller.staff_id,
        full_name: caller.name.clone(),
        roles: caller.roles().map(role).collect(),
        boards: boards.into_iter().collect(),
        service_account: caller.account.as_ref().map(MeServiceAccount::from),
    })
}
