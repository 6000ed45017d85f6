//! Sessions: one for each login on each device. A refresh token is used once; the same one again within ten
//! seconds gets the same successor (the answer may have been lost), later it ends the session.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::{sessions, users};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait, Set,
};
use uuid::Uuid;

use crate::app::App;
use crate::auth::json::TokenOut;
use crate::auth::token::ACCESS_SECONDS;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::write::{Actor, Event, ROW_LOCK, Tx, transaction};

/// A session ends after this time, however often it is refreshed.
const LIFE: TimeDelta = TimeDelta::hours(12);
/// A session that is not refreshed for this long has ended.
const IDLE: TimeDelta = TimeDelta::hours(1);
/// How long a lost answer may be asked for again.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// How long one can look up when and why a session ended.
const KEPT: TimeDelta = TimeDelta::days(90);
/// A deletion holds up other writers, so it is small.
const FORGOTTEN_AT_ONCE: u64 = 1000;

/// Opens a session and gives its first tokens.
///
/// # Errors
/// When the database does not answer.
pub async fn open(call: &Call, user: &users::Model) -> ApiResult<TokenOut> {
    let actor = Actor {
        user_id: Some(user.id),
        name: user.username.clone(),
        request_id: Some(call.request_id.clone()),
    };
    let session = transaction(&call.app, &actor, async |tx| {
        let session = sessions::ActiveModel {
            id: Set(tx.id()),
            user_id: Set(user.id),
            counter: Set(1),
            created_at: Set(tx.now),
            rotated_at: Set(tx.now),
            expires_at: Set(tx.now + LIFE),
            ended_at: Set(None),
            end_reason: Set(None),
        };
        Ok(session.insert(tx.db()).await?)
    })
    .await?;
    tokens(call, user.id, session.id, 1)
}

/// Gives the next tokens of a session.
///
/// # Errors
/// 401 `session_ended` or, for a token that was used before, `refresh_reused`.
pub async fn refresh(call: &Call, token: &str) -> ApiResult<TokenOut> {
    let (session_id, counter) = call.app.tokens.read_refresh_token(token).ok_or_else(ended)?;
    let outcome = transaction(&call.app, &Actor::system(), async |tx| {
        let session = sessions::Entity::find_by_id(session_id).lock(ROW_LOCK).one(tx.db()).await?;
        let session = session.filter(|session| session.ended_at.is_none() && session.expires_at > tx.now);
        let Some(session) = session else { return Ok(Err(ended())) };
        let user = users::Entity::find_by_id(session.user_id).one(tx.db()).await?;
        if !user.is_some_and(|user| user.active) || tx.now - session.rotated_at > IDLE {
            return Ok(Err(ended()));
        }
        if counter == session.counter {
            let user_id = session.user_id;
            let mut next = session.into_active_model();
            next.counter = Set(counter + 1);
            next.rotated_at = Set(tx.now);
            next.update(tx.db()).await?;
            return Ok(Ok((user_id, counter + 1)));
        }
        if counter + 1 == session.counter && tx.now - session.rotated_at <= GRACE {
            return Ok(Ok((session.user_id, session.counter)));
        }
        end(tx, &session, "refresh_reused").await?;
        Ok(Err(ApiError::new(
            Code::RefreshReused,
            text(
                "Mã làm mới này đã được dùng. Phiên bị đóng để bảo vệ bạn; hãy đăng nhập lại.",
                "This refresh token was used before. The session is closed to protect you; sign in again.",
            ),
        )))
    })
    .await?;
    let (user_id, counter) = outcome?;
    tokens(call, user_id, session_id, counter)
}

/// Ends the caller's session.
///
/// # Errors
/// When the database does not answer.
pub async fn close(call: &Call) -> ApiResult<()> {
    transaction(&call.app, &Actor::system(), async |tx| {
        let session =
            sessions::Entity::find_by_id(call.caller.session_id).lock(ROW_LOCK).one(tx.db()).await?;
        match session.filter(|session| session.ended_at.is_none()) {
            Some(session) => end(tx, &session, "logout").await,
            None => Ok(()),
        }
    })
    .await
}

/// Ends every session of a user, in the transaction that takes away the reason to have one.
///
/// # Errors
/// When the database does not answer.
pub async fn end_all(tx: &Tx, user_id: Uuid, reason: &str) -> ApiResult<()> {
    sessions::Entity::update_many()
        .col_expr(sessions::Column::EndedAt, Expr::value(tx.now))
        .col_expr(sessions::Column::EndReason, Expr::value(reason))
        .filter(sessions::Column::UserId.eq(user_id))
        .filter(sessions::Column::EndedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Forgets some of the sessions that ended long ago, and says how many. The keys of service accounts stay: an account
/// shows who could get in with it, and when.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget_old(app: &Arc<App>) -> ApiResult<u64> {
    use sessions::{Column, Entity};
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ExpiresAt.lt(app.clock.now() - KEPT))
        .limit(FORGOTTEN_AT_ONCE)
        .into_query();
    let forgotten = Entity::delete_many().filter(Column::Id.in_subquery(old));
    Ok(forgotten.exec(&app.db.writer).await?.rows_affected)
}

async fn end(tx: &Tx, session: &sessions::Model, reason: &str) -> ApiResult<()> {
    let mut ended = session.clone().into_active_model();
    ended.ended_at = Set(Some(tx.now));
    ended.end_reason = Set(Some(reason.to_owned()));
    ended.update(tx.db()).await?;
    let event = Event::new(reason, "session", session.id, session.counter + 1);
    tx.record(event.because(Some(reason))).await
}

fn tokens(call: &Call, user_id: Uuid, session_id: Uuid, counter: i64) -> ApiResult<TokenOut> {
    let now = call.now();
    Ok(TokenOut {
        access_token: call.app.tokens.issue(user_id, session_id, call.app.ids.at(now), now)?,
        token_type: "Bearer".to_owned(),
        expires_in: ACCESS_SECONDS,
        refresh_token: call.app.tokens.refresh_token(session_id, counter),
    })
}

fn ended() -> ApiError {
    ApiError::new(Code::SessionEnded, text("Hãy đăng nhập lại.", "Sign in again."))
}
