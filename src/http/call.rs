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
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, text, version_conflict};
use crate::http::idempotency::{self, Idempotency};
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
        match self.reach(action) {
            reach if reach.covers(board_id) => Ok(()),
            Reach::None => Err(self.caller.refusal(action)),
            _ => Err(ApiError::forbidden(text(
                "Bạn có vai trò này ở ban khác, không phải ở ban của hồ sơ.",
                "You have the role in another board, not in the record's.",
            ))),
        }
    }

    /// As [`Call::may`] for what is somebody's own: they may so in other boards than theirs too, e.g. claim a journey on
    /// which another board sent them.
    ///
    /// # Errors
    /// As [`Call::may`].
    pub fn may_own(&self, action: Action, board_id: Uuid, owner_id: Uuid) -> ApiResult<()> {
        if self.caller.staff_in_any_board() == Some(owner_id) && !self.reach(action).is_empty() {
            return Ok(());
        }
        self.may(action, board_id)
    }

    /// Refuses a service account outside its boards. It counts where a right is somebody's own and asks for no role.
    ///
    /// # Errors
    /// 403 `forbidden`.
    pub fn within_limits(&self, board_id: Uuid) -> ApiResult<()> {
        if self.caller.limits_cover(board_id) {
            return Ok(());
        }
        Err(ApiError::forbidden(text(
            "Tài khoản dịch vụ này không dùng cho ban của hồ sơ.",
            "The service account is not for the board of the record.",
        )))
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
            Some(key) => idempotency::write_once(self, &actor, key, work).await,
        }
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
