//! The outermost layer: gives every request its id, its language and its time limit, turns whatever went
//! wrong (a refusal, an error of the framework, a panic) into a problem, and writes the one log line.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use futures_util::FutureExt;

use crate::app::App;
use crate::error::{ApiError, Code, text};
use crate::http::contract::Body;
use crate::http::gate::FILE_TIME;
use crate::http::language::Language;

/// A handler that takes longer is cut off; its transaction is rolled back. The time to send a file comes on top.
const HANDLER_LIMIT: Duration = Duration::from_secs(10);

/// The id by which a caller and the log speak of one request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// See the module.
///
/// # Errors
/// The failure, worded for the caller.
pub async fn envelope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Err(ApiError::internal("the application has no state").into());
    };
    let started = Instant::now();
    let id = request_id(&request).unwrap_or_else(|| app.ids.at(app.clock.now()).to_string());
    let language = Language::of(&request);
    // HEAD is GET without the body, which the server leaves out by itself.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let route = request.match_pattern().unwrap_or_else(|| "(none)".to_owned());
    let method = request.method().clone();
    let takes_file = app.contract.find(&route, &method).and_then(|known| known.body.as_ref());
    let takes_file = takes_file.is_some_and(Body::is_file);
    let patience = if takes_file { HANDLER_LIMIT + FILE_TIME } else { HANDLER_LIMIT };
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(language);

    let outcome = tokio::time::timeout(patience, AssertUnwindSafe(next.call(request)).catch_unwind()).await;
    let failure = match outcome {
        Ok(Ok(Ok(response))) => match failure_of(&response) {
            None => Ok(response.map_into_boxed_body()),
            Some(error) => Err(error),
        },
        Ok(Ok(Err(error))) => Err(of_framework(&error, error.as_response_error().status_code())),
        Ok(Err(panic)) => {
            Err(ApiError::internal(format!("a handler panicked: {}", panic_text(panic.as_ref()))))
        }
        Err(_) => Err(ApiError::unavailable("the handler took too long")),
    };
    let status = match &failure {
        Ok(response) => response.status(),
        Err(error) => error.code().status(),
    };
    let (status, elapsed) = (status.as_u16(), started.elapsed());
    app.metrics.count(&method, &route, status, elapsed);
    tracing::info!(request_id = %id, %method, %route, status, micros = elapsed.as_micros(), "request");
    match failure {
        Ok(mut response) => {
            add_headers(response.headers_mut(), &id, language);
            Ok(response)
        }
        Err(error) => {
            log_failure(&error, &id);
            Err(Worded { error, language, id }.into())
        }
    }
}

/// A failure with all that its answer needs; the framework turns it into the answer.
#[derive(Debug)]
struct Worded {
    error: ApiError,
    language: Language,
    id: String,
}

impl std::fmt::Display for Worded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Worded {
    fn status_code(&self) -> StatusCode {
        self.error.code().status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.problem().respond(self.language, &self.id);
        add_headers(response.headers_mut(), &self.id, self.language);
        response
    }
}

/// A request id of the caller is taken over where it is sane, so that one id follows a request through
/// several systems.
fn request_id(request: &ServiceRequest) -> Option<String> {
    let id = request.headers().get("X-Request-Id")?.to_str().ok()?;
    let sane =
        (1..=64).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c));
    sane.then(|| id.to_owned())
}

/// Whether an answer is a failure that still has to be put into words.
fn failure_of<B>(response: &ServiceResponse<B>) -> Option<ApiError> {
    let status = response.status();
    if let Some(error) = response.response().error() {
        return Some(of_framework(error, status));
    }
    let is_problem = response
        .headers()
        .get("Content-Type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    (status.as_u16() >= 400 && !is_problem).then(|| of_status(status))
}

fn of_framework(error: &Error, status: StatusCode) -> ApiError {
    match error.as_error::<ApiError>() {
        Some(error) => error.clone(),
        None if status == StatusCode::INTERNAL_SERVER_ERROR => ApiError::internal(error),
        None => of_status(status),
    }
}

fn of_status(status: StatusCode) -> ApiError {
    let code = Code::ALL
        .iter()
        .copied()
        .find(|code| code.status() == status && !matches!(code, Code::LoginFailed))
        .unwrap_or(if status.is_server_error() { Code::Internal } else { Code::MalformedRequest });
    match code {
        Code::NotFound => ApiError::not_found(),
        code => ApiError::new(code, text(code.title().vi, code.title().en)),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

fn log_failure(error: &ApiError, id: &str) {
    match error.code() {
        Code::Internal => tracing::error!(request_id = %id, %error, bug = true, "failed"),
        Code::Unavailable => tracing::warn!(request_id = %id, %error, "unavailable"),
        code => tracing::debug!(request_id = %id, code = code.name(), "refused"),
    }
}

fn add_headers(headers: &mut HeaderMap, id: &str, language: Language) {
    let mut set = |name: &'static str, value: &str| {
        let name = HeaderName::from_static(name);
        if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    set("x-request-id", id);
    set("content-language", language.tag());
    set("vary", "Accept-Language, Authorization");
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    set("cache-control", "private, no-cache");
}
