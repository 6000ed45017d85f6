//! `Idempotency-Key`: a request that is sent again is carried out once and answered the same.
//!
//! The key's row is inserted first in the transaction of the change and holds the answer when it commits, so
//! after a crash a key is either unknown (nothing happened) or answered (everything did). A secret that an answer
//! shows once is not in what is kept of it.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use chrono::TimeDelta;
use entity::{idempotency_keys, service_accounts};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    Set,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code, FieldError, Place, text};
use crate::http::call::Call;
use crate::http::gate::Sent;
use crate::http::reply::Reply;
use crate::write::{Actor, Tx, transaction};

/// How long an answer is kept; the documented promise is 30 days.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A deletion holds up other writers, so it is small.
const FORGOTTEN_AT_ONCE: u64 = 1000;

/// A repeated request is recognised by its key, its caller and its operation.
#[derive(Clone, Debug)]
pub struct Idempotency {
    operation: String,
    key: String,
    fingerprint: String,
}

/// Runs the work unless the same request was answered before; then gives that answer.
///
/// # Errors
/// What the work refuses, 409 while a twin is running, 422 for a key of another request.
pub(crate) async fn write_once<T>(
    call: &Call,
    actor: &Actor,
    key: &Idempotency,
    work: impl AsyncFn(&Tx) -> ApiResult<Reply<T>>,
) -> ApiResult<Reply<T>> {
    transaction(&call.app, actor, async |tx| {
        if let Some(earlier) = claim(call, tx, key).await? {
            return replay(earlier, key);
        }
        // A refusal is an answer too: the work is undone and the refusal kept under the key.
        let attempt = tx.nested().await?;
        let answer = match work(&attempt).await {
            Ok(reply) => {
                attempt.commit().await?;
                reply
            }
            Err(error) if is_final(&error) => {
                attempt.rollback().await?;
                let body = error.problem().body(call.language, &call.request_id).to_string();
                Reply::refused(error.code().status().as_u16(), body)
            }
            Err(error) => return Err(error),
        };
        keep(call, tx, key, &answer).await?;
        Ok(answer)
    })
    .await
}

/// Inserts the key's row; where it exists already, gives what was answered then. A request with the
/// same key that is still running makes this wait, and give up with 409 after two seconds.
async fn claim(call: &Call, tx: &Tx, key: &Idempotency) -> ApiResult<Option<idempotency_keys::Model>> {
    let row = idempotency_keys::ActiveModel {
        caller_id: Set(call.caller.sender_id()),
        operation: Set(key.operation.clone()),
        idempotency_key: Set(key.key.clone()),
        fingerprint: Set(key.fingerprint.clone()),
        status: Set(0),
        etag: Set(None),
        location: Set(None),
        body: Set(String::new()),
        created_at: Set(tx.now),
    };
    let postgres = tx.db().get_database_backend() == DbBackend::Postgres;
    if postgres {
        tx.db().execute_unprepared("SET LOCAL lock_timeout = '2s'").await?;
    }
    let inserted = idempotency_keys::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await
        .map_err(in_flight)?;
    if postgres {
        tx.db().execute_unprepared("SET LOCAL lock_timeout = 0").await?;
    }
    if inserted == 1 {
        return Ok(None);
    }
    let id = (call.caller.sender_id(), key.operation.clone(), key.key.clone());
    let earlier = idempotency_keys::Entity::find_by_id(id).one(tx.db()).await?;
    earlier.map(Some).ok_or_else(|| ApiError::internal("an idempotency key vanished"))
}

async fn keep<T>(call: &Call, tx: &Tx, key: &Idempotency, answer: &Reply<T>) -> ApiResult<()> {
    use idempotency_keys::Column;
    idempotency_keys::Entity::update_many()
        .col_expr(Column::Status, Expr::value(i64::from(answer.status)))
        .col_expr(Column::Etag, Expr::value(answer.etag.clone()))
        .col_expr(Column::Location, Expr::value(answer.location.clone()))
        .col_expr(Column::Body, Expr::value(answer.kept.as_ref().unwrap_or(&answer.body).clone()))
        .filter(Column::CallerId.eq(call.caller.sender_id()))
        .filter(Column::Operation.eq(&key.operation))
        .filter(Column::IdempotencyKey.eq(&key.key))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Whether repeating the request would be refused for the same reason: then the refusal is its answer.
fn is_final(error: &ApiError) -> bool {
    matches!(error.code().status().as_u16(), 404 | 409 | 422)
}

fn in_flight(error: sea_orm::DbErr) -> ApiError {
    if crate::db::Trouble::of(&error) == crate::db::Trouble::Busy {
        return ApiError::new(
            Code::IdempotencyInFlight,
            text("Hãy chờ rồi gửi lại cùng khóa.", "Wait, then repeat the request with the same key."),
        );
    }
    error.into()
}

fn replay<T>(earlier: idempotency_keys::Model, key: &Idempotency) -> ApiResult<Reply<T>> {
    if earlier.fingerprint != key.fingerprint {
        return Err(ApiError::new(
            Code::IdempotencyKeyReused,
            text(
                "Khóa này đã dùng cho một yêu cầu có nội dung khác.",
                "This key was used for a request with another content.",
            ),
        ));
    }
    let status = u16::try_from(earlier.status).unwrap_or(500);
    Ok(Reply::replay(status, earlier.etag, earlier.location, earlier.body))
}

impl Idempotency {
    /// The key of a POST, bare or as a quoted string.
    ///
    /// # Errors
    /// 422 for a key that is empty or not visible ASCII: ignoring it would lose the caller's protection.
    pub(crate) fn of(
        request: &ServiceRequest,
        operation: &str,
        fingerprint: String,
    ) -> ApiResult<Option<Self>> {
        let sent = request.headers().get("Idempotency-Key");
        let Some(sent) = sent.filter(|_| request.method() == actix_web::http::Method::POST) else {
            return Ok(None);
        };
        if request.headers().get_all("Idempotency-Key").count() > 1 {
            return Err(unusable_key());
        }
        let text = sent.to_str().unwrap_or_default().trim();
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        if bare.is_empty() {
            return Err(unusable_key());
        }
        Ok(Some(Self { operation: operation.to_owned(), key: bare.to_owned(), fingerprint }))
    }

    /// A digest of the address and the meaning of the body: the order of members and white space do not count.
    pub(crate) fn fingerprint(request: &ServiceRequest, sent: &Sent) -> String {
        let mut digest = Sha256::new();
        digest.update(request.path());
        digest.update([0]);
        digest.update(request.query_string());
        digest.update([0]);
        match sent {
            Sent::Nothing => {}
            Sent::Json(body) => digest.update(canonical(body)),
            Sent::File(file) => {
                digest.update(&file.media_type);
                digest.update([0]);
                digest.update(&file.sha256);
            }
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: std::collections::BTreeMap<_, _> = members.iter().collect();
            let members: Vec<String> =
                sorted.into_iter().map(|(name, member)| format!("{name:?}:{}", canonical(member))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// Forgets some of the answers that were kept long enough, and says how many.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget_old(app: &Arc<App>) -> ApiResult<u64> {
    use idempotency_keys::Column::{CallerId, CreatedAt, IdempotencyKey, Operation};
    let key = [CallerId, Operation, IdempotencyKey];
    let old = idempotency_keys::Entity::find()
        .select_only()
        .columns(key)
        .filter(CreatedAt.lt(app.clock.now() - KEPT))
        .limit(FORGOTTEN_AT_ONCE)
        .into_query();
    let key = Expr::tuple(key.map(Expr::col));
    let forgotten = idempotency_keys::Entity::delete_many().filter(key.in_subquery(old));
    Ok(forgotten.exec(&app.db.writer).await?.rows_affected)
}

/// Forgets what a user and the service accounts of that user were answered, in the transaction that takes a right
/// away: a kept answer must not outlive it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget_of(tx: &Tx, user_id: Uuid) -> ApiResult<()> {
    use service_accounts::Column as Account;
    let accounts = service_accounts::Entity::find()
        .select_only()
        .column(Account::Id)
        .filter(Account::OwnerId.eq(user_id))
        .into_query();
    let sender = idempotency_keys::Column::CallerId;
    let kept = idempotency_keys::Entity::delete_many()
        .filter(Condition::any().add(sender.eq(user_id)).add(sender.in_subquery(accounts)));
    kept.exec(tx.db()).await?;
    Ok(())
}

/// Forgets what a service account was answered, in the transaction that narrows it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget_of_account(tx: &Tx, account_id: Uuid) -> ApiResult<()> {
    let kept = idempotency_keys::Entity::delete_many();
    kept.filter(idempotency_keys::Column::CallerId.eq(account_id)).exec(tx.db()).await?;
    Ok(())
}

fn unusable_key() -> ApiError {
    let detail =
        text("gồm 1 đến 255 ký tự ASCII nhìn thấy được", "must have 1 to 255 visible ASCII characters");
    let place = Place::Parameter("Idempotency-Key".to_owned());
    ApiError::invalid(vec![FieldError { place, code: "unusable", detail }])
}
