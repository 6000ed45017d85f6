//! What handlers receive: bodies, queries and ids that fit the published schema already.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::error::{ApiError, ApiResult, Code, FieldError, Place, text};

/// The body as the gate read it.
pub(crate) struct ReadBody(pub(crate) Value);

/// The query as the gate read it.
pub(crate) struct ReadQuery(pub(crate) Value);

/// A body that is no JSON but a file, as the gate read it.
#[derive(Clone, Debug)]
pub struct File {
    /// One of the media types of the operation, in lower case.
    pub media_type: String,
    pub bytes: Bytes,
    /// The SHA-256 of the bytes, in lower-case hexadecimal digits.
    pub sha256: String,
}

/// A body of type `T`: the schema holds (else 400), and so do the rules of `T` (else 422).
pub struct Json<T>(pub T);

/// The query parameters of type `T`.
pub struct Query<T>(pub T);

/// The id in the path.
pub struct Path<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Validate> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let body = request.extensions_mut().remove::<ReadBody>().map_or(Value::Null, |body| body.0);
        ready(typed(body).and_then(checked).map(Self))
    }
}

impl<T: DeserializeOwned + Validate> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Two extractors may read one query: the filter and the page.
        let query = request.extensions().get::<ReadQuery>().map_or(Value::Null, |query| query.0.clone());
        ready(typed(query).and_then(checked).map(Self))
    }
}

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = actix_web::web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(ApiError::internal))
    }
}

impl FromRequest for File {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let file = request.extensions_mut().remove::<Self>();
        ready(file.ok_or_else(|| ApiError::internal("an operation takes a file and its document does not")))
    }
}

/// The schema held, so a type that still does not fit means that the two differ.
fn typed<T: DeserializeOwned>(value: Value) -> ApiResult<T> {
    serde_json::from_value(value).map_err(|error| {
        tracing::warn!(%error, "a value fits the published schema and not its type");
        let detail = error.to_string();
        ApiError::new(Code::MalformedRequest, text(detail.clone(), detail))
    })
}

fn checked<T: Validate>(value: T) -> ApiResult<T> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(errors) => {
            let mut all = Vec::new();
            collect(&errors, "", &mut all);
            Err(ApiError::invalid(all))
        }
    }
}

/// Flattens the tree of broken rules into pointers.
fn collect(errors: &ValidationErrors, at: &str, all: &mut Vec<FieldError>) {
    let mut fields: Vec<_> = errors.errors().iter().collect();
    fields.sort_by_key(|(name, _)| name.to_string());
    for (name, kind) in fields {
        let pointer = if name == "__all__" { at.to_owned() } else { format!("{at}/{name}") };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, all),
            ValidationErrorsKind::List(items) => {
                items.iter().for_each(|(index, inner)| collect(inner, &format!("{pointer}/{index}"), all));
            }
            ValidationErrorsKind::Field(broken) => {
                for rule in broken {
                    let said = |key: &str| rule.params.get(key).and_then(Value::as_str).map(str::to_owned);
                    // A rule about the whole object says which field it is about.
                    let pointer = said("field").map_or(pointer.clone(), |field| format!("{at}/{field}"));
                    let detail = text(
                        said("vi").unwrap_or_else(|| "không hợp lệ".to_owned()),
                        said("en").unwrap_or_else(|| "is not valid".to_owned()),
                    );
                    let code = known_code(rule.code.clone());
                    all.push(FieldError { place: Place::Body(pointer), code, detail });
                }
            }
        }
    }
}

/// Codes of rules are static texts; the library may own them.
fn known_code(code: std::borrow::Cow<'static, str>) -> &'static str {
    match code {
        std::borrow::Cow::Borrowed(code) => code,
        std::borrow::Cow::Owned(_) => "invalid",
    }
}

/// A broken rule about one field, for the functions that `validator` calls with a whole object.
pub fn broken(
    field: &'static str,
    code: &'static str,
    vi: &'static str,
    en: &'static str,
) -> validator::ValidationError {
    let mut error = validator::ValidationError::new(code);
    for (name, value) in [("field", field), ("vi", vi), ("en", en)] {
        error.add_param(name.into(), &value);
    }
    error
}
