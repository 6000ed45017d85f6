//! One request as a handler sees it: who asks, on what condition, and the two ways to the database.
//!
//! [`Call::db`] reads. [`Call::write`] is the only way to change anything: one transaction with the change,
//! its audit event, its row of the change feed and the answer kept for a repeated request.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{EntityTag, Header, IfMatch};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::{DateTime, NaiveDate, Utc};
use entity::idempotency_keys;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, Set};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, Code, text, version_conflict};
use crate::http::language::Language;
use crate::http::reply::Reply;
use crate::write::{Actor, Tx, transaction};

/// See the module.
#[derive(Clone)]
pub struct Call {
    pub app: Arc<App>,
    pub caller: Caller,
    pub request_id: String,
    pub language: Language,
    pub precondition: Precondition,
    pub idempotency: Option<Idempotency>,
}

/// What `If-Match` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Precondition {
    None,
    Any,
    OneOf(Vec<EntityTag>),
}

/// A repeated request is recognised by its key, its caller and its operation.
#[derive(Clone, Debug)]
pub struct Idempotency {
    operation: String,
    key: String,
    fingerprint: String,
}

impl FromRequest for Call {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let call = request.extensions().get::<Self>().cloned();
        ready(call.ok_or_else(|| ApiError::internal("a handler was reached without passing the gate")))
    }
}

impl Call {
    pub fn db(&self) -> &DatabaseConnection {
        &self.app.db.reader
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Today in the office.
    pub fn today(&self) -> NaiveDate {
        self.app.clock.today()
    }

    /// How far the caller's right to an action goes.
    pub fn reach(&self, action: Action) -> Reach {
        self.caller.reach(action)
    }

    /// Refuses what the caller may see but not do.
    ///
    /// # Errors
    /// 403 `forbidden`, naming the roles that may.
    pub fn may(&self, action: Action, board_id: Uuid) -> ApiResult<()> {
        if self.reach(action).covers(board_id) { Ok(()) } else { Err(self.caller.refusal(action)) }
    }

    /// The member of staff behind the login; what people sign, they sign as staff.
    ///
    /// # Errors
    /// 403 for a login that belongs to nobody.
    pub fn staff_id(&self) -> ApiResult<Uuid> {
        self.caller.staff_id.ok_or_else(|| {
            ApiError::forbidden(text(
                "Tài khoản này không gắn với cán bộ nào.",
                "This login belongs to no member of staff.",
            ))
        })
    }

    /// Compares `If-Match` with the record as it stands now.
    ///
    /// # Errors
    /// 412 `version_conflict`.
    pub fn expect_version(&self, version: i64) -> ApiResult<()> {
        let matches = match &self.precondition {
            Precondition::None | Precondition::Any => true,
            Precondition::OneOf(tags) => {
                let current = EntityTag::new_strong(version.to_string());
                tags.iter().any(|tag| tag.strong_eq(&current))
            }
        };
        if matches { Ok(()) } else { Err(version_conflict()) }
    }

    /// Runs the work in one transaction and keeps its answer where the caller sent an `Idempotency-Key`.
    /// The work may run again after a serialization failure, so it does nothing outside the transaction.
    ///
    /// # Errors
    /// What the work refuses; the database is then as before.
    pub async fn write<T>(&self, work: impl AsyncFn(&Tx) -> ApiResult<Reply<T>>) -> ApiResult<Reply<T>> {
        let actor = Actor {
            user_id: Some(self.caller.user_id),
            name: self.caller.name.clone(),
            request_id: Some(self.request_id.clone()),
        };
        match &self.idempotency {
            None => transaction(&self.app, &actor, work).await,
            Some(key) => self.write_once(&actor, key, work).await,
        }
    }

    async fn write_once<T>(
        &self,
        actor: &Actor,
        key: &Idempotency,
        work: impl AsyncFn(&Tx) -> ApiResult<Reply<T>>,
    ) -> ApiResult<Reply<T>> {
        transaction(&self.app, actor, async |tx| {
            if let Some(earlier) = self.claim_key(tx, key).await? {
                return earlier.replay(key);
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
                    let body = error.problem().body(self.language, &self.request_id).to_string();
                    Reply::refused(error.code().status().as_u16(), body)
                }
                Err(error) => return Err(error),
            };
            self.keep(tx, key, &answer).await?;
            Ok(answer)
        })
        .await
    }

    /// Inserts the key's row; where it exists already, gives what was answered then. A request with the
    /// same key that is still running makes this wait, and give up with 409 after two seconds.
    async fn claim_key(&self, tx: &Tx, key: &Idempotency) -> ApiResult<Option<idempotency_keys::Model>> {
        let row = idempotency_keys::ActiveModel {
            caller_id: Set(self.caller.user_id),
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
        let id = (self.caller.user_id, key.operation.clone(), key.key.clone());
        let earlier = idempotency_keys::Entity::find_by_id(id).one(tx.db()).await?;
        earlier.map(Some).ok_or_else(|| ApiError::internal("an idempotency key vanished"))
    }

    async fn keep<T>(&self, tx: &Tx, key: &Idempotency, answer: &Reply<T>) -> ApiResult<()> {
        use idempotency_keys::Column;
        idempotency_keys::Entity::update_many()
            .col_expr(Column::Status, Expr::value(i64::from(answer.status)))
            .col_expr(Column::Etag, Expr::value(answer.etag.clone()))
            .col_expr(Column::Location, Expr::value(answer.location.clone()))
            .col_expr(Column::Body, Expr::value(answer.body.clone()))
            .filter(Column::CallerId.eq(self.caller.user_id))
            .filter(Column::Operation.eq(&key.operation))
            .filter(Column::IdempotencyKey.eq(&key.key))
            .exec(tx.db())
            .await?;
        Ok(())
    }
}

/// Whether repeating the request would be refused for the same reason: then the refusal is its answer.
fn is_final(error: &ApiError) -> bool {
    matches!(error.code().status().as_u16(), 404 | 409 | 412 | 422)
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

trait Earlier {
    fn replay<T>(self, key: &Idempotency) -> ApiResult<Reply<T>>;
}

impl Earlier for idempotency_keys::Model {
    fn replay<T>(self, key: &Idempotency) -> ApiResult<Reply<T>> {
        if self.fingerprint != key.fingerprint {
            return Err(ApiError::new(
                Code::IdempotencyKeyReused,
                text(
                    "Khóa này đã dùng cho một yêu cầu có nội dung khác.",
                    "This key was used for a request with another content.",
                ),
            ));
        }
        let status = u16::try_from(self.status).unwrap_or(500);
        Ok(Reply::replay(status, self.etag, self.location, self.body))
    }
}

impl Idempotency {
    /// The key of a POST, bare or as a quoted string.
    pub(crate) fn of(request: &ServiceRequest, operation: &str, fingerprint: String) -> Option<Self> {
        if request.method() != actix_web::http::Method::POST {
            return None;
        }
        let key = request.headers().get("Idempotency-Key")?.to_str().ok()?.trim().trim_matches('"');
        (!key.is_empty()).then(|| Self { operation: operation.to_owned(), key: key.to_owned(), fingerprint })
    }

    /// A digest of the address and the meaning of the body: the order of members and white space do not count.
    pub(crate) fn fingerprint(request: &ServiceRequest, body: Option<&Value>) -> String {
        let mut digest = Sha256::new();
        digest.update(request.path());
        digest.update([0]);
        digest.update(request.query_string());
        digest.update([0]);
        if let Some(body) = body {
            digest.update(canonical(body));
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

impl Precondition {
    /// A malformed `If-Match` matches nothing: a caller who wants safety must not lose it to a typing error.
    pub(crate) fn of(request: &ServiceRequest) -> Self {
        if !request.headers().contains_key("If-Match") {
            return Self::None;
        }
        match IfMatch::parse(request) {
            Ok(IfMatch::Any) if request.headers().get("If-Match").is_some_and(|value| value == "*") => {
                Self::Any
            }
            Ok(IfMatch::Items(tags)) => Self::OneOf(tags),
            Ok(IfMatch::Any) | Err(_) => Self::OneOf(Vec::new()),
        }
    }
}
