//! Answers of handlers: the type that the document promises, with its version and address.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETag, EntityTag};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};

/// A record with an address and a version.
pub trait Resource: Serialize {
    /// The collection, e.g. `/v1/boards`.
    const COLLECTION: &'static str;

    fn id(&self) -> Uuid;

    /// Grows by one with every change; also the `ETag`.
    fn version(&self) -> i64;
}

/// An answer whose body is a `T`. Made inside a transaction, so it is kept as the text that will be sent.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) link: Option<String>,
    pub(crate) replayed: bool,
    pub(crate) body: String,
    /// What is kept for a repeated request where it is not the body itself.
    pub(crate) kept: Option<String>,
    promised: PhantomData<T>,
}

impl<T: Serialize> Reply<T> {
    /// 200 with something that has no version of its own, such as a list.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, which is a fault of the service.
    pub fn plain(value: &T) -> ApiResult<Self> {
        Self::with(200, Some(value), None, None)
    }

    /// 204 after a deletion.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn gone() -> ApiResult<Self> {
        Self::with(204, None, None, None)
    }

    fn with(
        status: u16,
        value: Option<&T>,
        etag: Option<String>,
        location: Option<String>,
    ) -> ApiResult<Self> {
        let body =
            value.map(serde_json::to_string).transpose().map_err(ApiError::internal)?.unwrap_or_default();
        Ok(Self {
            status,
            etag,
            location,
            link: None,
            replayed: false,
            body,
            kept: None,
            promised: PhantomData,
        })
    }
}

impl<T: Resource> Reply<T> {
    /// 200 with a record and its `ETag`.
    ///
    /// # Errors
    /// As [`Reply::plain`].
    pub fn ok(value: &T) -> ApiResult<Self> {
        Self::with(200, Some(value), Some(value.version().to_string()), None)
    }

    /// 201 with a new record, its `ETag` and its address.
    ///
    /// # Errors
    /// As [`Reply::plain`].
    pub fn created(value: &T) -> ApiResult<Self> {
        let location = format!("{}/{}", T::COLLECTION, value.id());
        Self::with(201, Some(value), Some(value.version().to_string()), Some(location))
    }
}

impl<T> Reply<T> {
    /// An answer that was given before and kept.
    pub(crate) fn replay(status: u16, etag: Option<String>, location: Option<String>, body: String) -> Self {
        Self { status, etag, location, link: None, replayed: true, body, kept: None, promised: PhantomData }
    }

    /// A refusal that is kept as the answer to a repeated request.
    pub(crate) fn refused(status: u16, body: String) -> Self {
        Self {
            status,
            etag: None,
            location: None,
            link: None,
            replayed: false,
            body,
            kept: None,
            promised: PhantomData,
        }
    }

    /// Keeps another answer for a repeated request: the same without the secret that is shown this once, since nothing
    /// that is stored may hold it.
    ///
    /// # Errors
    /// As [`Reply::plain`].
    pub fn keeping(mut self, kept: &T) -> ApiResult<Self>
    where
        T: Serialize,
    {
        self.kept = Some(serde_json::to_string(kept).map_err(ApiError::internal)?);
        Ok(self)
    }

    pub(crate) fn with_link(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }
}

impl<T> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(tag) = &self.etag {
            response.insert_header(ETag(EntityTag::new_strong(tag.clone())));
            if request.method() == actix_web::http::Method::GET && unchanged(request, tag) {
                return response.status(StatusCode::NOT_MODIFIED).finish();
            }
        }
        if let Some(location) = self.location {
            response.insert_header(("Location", location));
        }
        if let Some(link) = self.link {
            response.insert_header(("Link", link));
        }
        if self.replayed {
            response.insert_header(("Idempotent-Replayed", "true"));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        let kind = if self.status < 400 { "application/json" } else { "application/problem+json" };
        response.content_type(kind).body(self.body)
    }
}

/// Whether the caller has this very version already (`If-None-Match`, RFC 9110).
pub(crate) fn unchanged(request: &HttpRequest, tag: &str) -> bool {
    use actix_web::http::header::{Header, IfNoneMatch};
    let current = EntityTag::new_strong(tag.to_owned());
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key("If-None-Match"),
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&current)),
        Err(_) => false,
    }
}
