//! Decides whether a request reaches its handler. In this order: known address (404, 405), caller (401),
//! permission (403), media type (415), `If-Match` where it is required (428), published schema (400), text (422).

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::StreamExt;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{ApiError, ApiResult, Code, FieldError, Place, text};
use crate::http::call::{Call, Precondition};
use crate::http::contract::{Body, Operation};
use crate::http::envelope::RequestId;
use crate::http::idempotency::Idempotency;
use crate::http::input::{File, ReadBody, ReadQuery};
use crate::http::language::Language;
use crate::http::text::clean_body;

/// Larger bodies are refused before they are read to the end.
pub const BODY_LIMIT: usize = 256 * 1024;

/// A body that takes longer to arrive is not waited for.
const BODY_TIME: Duration = Duration::from_secs(5);

/// A file may take longer, over the slow line of a district.
pub(crate) const FILE_TIME: Duration = Duration::from_secs(60);

/// Addresses that are no operations of the document: the document itself, its pages, the public keys.
const PAGES: [&str; 5] = ["/", "/docs", "/docs/{_:.*}", "/v1/openapi.json", "/.well-known/jwks.json"];

/// See the module.
///
/// # Errors
/// The problem for the caller; the envelope words it.
pub async fn gate(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Err(ApiError::internal("the application has no state").into());
    };
    let pattern = request.match_pattern().ok_or_else(ApiError::no_such_address)?;
    if PAGES.contains(&pattern.as_str()) {
        if request.method() != Method::GET {
            return Err(wrong_method("GET, HEAD").into());
        }
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let allow = app.contract.allow(&pattern).ok_or_else(ApiError::no_such_address)?;
    if request.method() == Method::OPTIONS {
        let answer = HttpResponse::NoContent().insert_header(("Allow", allow)).finish();
        return Ok(request.into_response(answer));
    }
    let Some(operation) = app.contract.find(&pattern, request.method()) else {
        return Err(wrong_method(allow).into());
    };
    let caller = if operation.public { Caller::visitor() } else { Caller::of(&app, &request).await? };
    if !operation.public && caller.reach(operation.action).is_empty() {
        return Err(caller.refusal(operation.action).into());
    }
    if !operation.answers_file {
        acceptable(&request, &pattern, operation)?;
    }
    let sent = read_body(&mut request, operation, app.attachment_limits.largest_bytes).await?;
    let fingerprint = Idempotency::fingerprint(&request, &sent);
    let precondition = Precondition::of(&request);
    if operation.needs_if_match && precondition == Precondition::None {
        return Err(ApiError::new(
            Code::PreconditionRequired,
            text(
                "Gửi ETag của bản ghi đã đọc trong If-Match.",
                "Send the ETag of the record as you read it in If-Match.",
            ),
        )
        .into());
    }
    let body = match sent {
        Sent::Nothing => None,
        Sent::Json(body) => Some(body),
        Sent::File(file) => {
            request.extensions_mut().insert(file);
            None
        }
    };
    check_shape(&request, &pattern, operation, body)?;
    let idempotency = Idempotency::of(&request, &operation.id, fingerprint)?;
    let extensions = |request: &ServiceRequest| {
        let extensions = request.extensions();
        let id = extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        (id, extensions.get::<Language>().copied().unwrap_or(Language::Vi))
    };
    let (request_id, language) = extensions(&request);
    let call = Call { app: app.into_inner(), caller, request_id, language, precondition, idempotency };
    request.extensions_mut().insert(call);
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

fn wrong_method(allow: &str) -> ApiError {
    ApiError::new(
        Code::MethodNotAllowed,
        text(format!("Địa chỉ này nhận: {allow}."), format!("This address takes {allow}.")),
    )
    .allow(allow.to_owned())
}

/// 406 for callers that want nothing we have.
fn acceptable(request: &ServiceRequest, pattern: &str, operation: &Operation) -> ApiResult<()> {
    let Some(accept) = request.headers().get("Accept").and_then(|accept| accept.to_str().ok()) else {
        return Ok(());
    };
    let wanted = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let ours = if operation.prints { kind == "application/pdf" } else { kind.ends_with("json") };
        kind == "*/*" || kind == "application/*" || ours || kind.is_empty()
    };
    if !pattern.starts_with("/v1/") || accept.split(',').any(wanted) {
        return Ok(());
    }
    let kind = if operation.prints { "application/pdf" } else { "application/json" };
    Err(ApiError::new(
        Code::NotAcceptable,
        text(format!("Dịch vụ trả lời bằng {kind}."), format!("The service answers with {kind}.")),
    ))
}

/// What came as body.
pub(crate) enum Sent {
    Nothing,
    Json(Value),
    File(File),
}

/// The body, as the operation takes it; an empty object for a JSON body that may be left out.
async fn read_body(
    request: &mut ServiceRequest,
    operation: &Operation,
    largest_file: usize,
) -> ApiResult<Sent> {
    match &operation.body {
        None => Ok(Sent::Nothing),
        Some(Body::Json { required, .. }) => read_json(request, *required).await.map(Sent::Json),
        Some(Body::File { media_types }) => {
            read_file(request, media_types, largest_file).await.map(Sent::File)
        }
    }
}

/// A file, with the digest of its bytes.
async fn read_file(request: &mut ServiceRequest, media_types: &[String], largest: usize) -> ApiResult<File> {
    let media_type = request.content_type().to_ascii_lowercase();
    if !media_types.contains(&media_type) {
        let all = media_types.join(", ");
        return Err(ApiError::new(
            Code::UnsupportedMediaType,
            text(format!("Gửi nội dung dạng {all}."), format!("Send the body as {all}.")),
        ));
    }
    let (bytes, digest) = read_in_time(request, FILE_TIME, largest).await?;
    let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(File { media_type, bytes: bytes.into(), sha256 })
}

async fn read_json(request: &mut ServiceRequest, required: bool) -> ApiResult<Value> {
    let (bytes, _) = read_in_time(request, BODY_TIME, BODY_LIMIT).await?;
    if bytes.is_empty() {
        if !required {
            return Ok(Value::Object(Map::new()));
        }
        return Err(ApiError::new(
            Code::MalformedRequest,
            text("Yêu cầu này cần có nội dung JSON.", "This request needs a JSON body."),
        ));
    }
    let kind = request.content_type().to_ascii_lowercase();
    if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
        return Err(ApiError::new(
            Code::UnsupportedMediaType,
            text("Gửi nội dung dạng application/json.", "Send the body as application/json."),
        ));
    }
    let parsed: Strict = serde_json::from_slice(&bytes).map_err(|error| {
        ApiError::new(
            Code::MalformedRequest,
            text(
                format!("Không đọc được JSON: {error}."),
                format!("The body is not readable JSON: {error}."),
            ),
        )
    })?;
    Ok(parsed.0)
}

async fn read_in_time(
    request: &mut ServiceRequest,
    patience: Duration,
    largest: usize,
) -> ApiResult<(Vec<u8>, Sha256)> {
    let reading = tokio::time::timeout(patience, read_bytes(request.take_payload(), largest));
    reading.await.map_err(|_| {
        let seconds = patience.as_secs();
        ApiError::new(
            Code::RequestTimeout,
            text("Nội dung gửi đến quá chậm.", format!("The body did not arrive within {seconds} seconds.")),
        )
    })?
}

/// The bytes and their digest, which is made as they come.
async fn read_bytes(mut payload: Payload, largest: usize) -> ApiResult<(Vec<u8>, Sha256)> {
    let (mut bytes, mut digest) = (Vec::new(), Sha256::new());
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            ApiError::new(
                Code::MalformedRequest,
                text("Nội dung bị cắt ngang.", format!("The body broke off: {error}.")),
            )
        })?;
        if bytes.len() + chunk.len() > largest {
            let kib = largest / 1024;
            return Err(ApiError::new(
                Code::PayloadTooLarge,
                text(
                    format!("Nội dung tối đa {kib} KiB."),
                    format!("The body may hold at most {kib} KiB here."),
                ),
            ));
        }
        digest.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes, digest))
}

/// 400 with everything that breaks the schema; then 422 with every text that no schema can describe.
fn check_shape(
    request: &ServiceRequest,
    pattern: &str,
    operation: &Operation,
    body: Option<Value>,
) -> ApiResult<()> {
    let mut broken = Vec::new();
    operation.read_path(path_parameters(pattern, request.path()), &mut broken);
    let query_string = request.query_string().to_owned();
    let query = operation.read_query(url::form_urlencoded::parse(query_string.as_bytes()), &mut broken);
    operation
        .read_headers(|name| request.headers().get(name).and_then(|value| value.to_str().ok()), &mut broken);
    if let (Some(schema), Some(body)) = (&operation.body, &body) {
        broken.extend(schema.errors(body));
    }
    if !broken.is_empty() {
        return Err(ApiError::new(
            Code::MalformedRequest,
            text("Xem từng lỗi trong errors.", "See errors for everything that breaks the schema."),
        )
        .with_errors(broken));
    }
    let mut query = query;
    clean_body(&mut query, "", &mut broken);
    for error in &mut broken {
        if let Place::Body(pointer) = &error.place {
            error.place = Place::Parameter(pointer.trim_start_matches('/').to_owned());
        }
    }
    if let Some(mut body) = body {
        clean_body(&mut body, "", &mut broken);
        request.extensions_mut().insert(ReadBody(body));
    }
    request.extensions_mut().insert(ReadQuery(query));
    refuse(broken)
}

/// The parameters in the path; the router reads them only after the gate.
fn path_parameters<'a>(pattern: &'a str, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    pattern.split('/').zip(path.split('/')).filter_map(|(name, value)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        Some((name, value))
    })
}

fn refuse(broken: Vec<FieldError>) -> ApiResult<()> {
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}

/// JSON as I-JSON (RFC 7493) wants it: no name twice in one object.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name.clone(), value).is_some() {
                return Err(serde::de::Error::custom(format!(
                    "the name {name:?} stands twice in one object"
                )));
            }
        }
        Ok(Value::Object(object))
    }
}
