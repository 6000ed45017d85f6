//! The OpenAPI document: what the handlers say of themselves, completed with what is the same everywhere.
//!
//! A handler names its method, path, tag, action, body and answer; the answers for refusals, the headers,
//! the conditional and repeat-safe parameters, and the limits of texts and numbers follow from these by rule.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::AppExt;

use crate::app::{TAGS, routes};
use crate::budgets::commitments::CommitmentOut;
use crate::budgets::ledger::BudgetShortage;
use crate::budgets::years::json::BudgetObstacle;
use crate::demo;
use crate::error::{ApiError, Code};
use crate::http::contract::{is_file, prints};
use crate::http::language::Language;

/// The largest amount of money, in đồng: exact in every JSON reader.
pub const LARGEST_AMOUNT: i64 = 999_999_999_999_999;

/// How a refusal looks (RFC 9457); it describes what error.rs writes. `code` is stable; texts are for people.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
struct ProblemOut {
    /// The address of the explanation of this kind of problem.
    #[schema(format = "uri-reference")]
    r#type: String,
    /// The kind of problem; clients branch on it.
    code: String,
    title: String,
    status: i32,
    detail: String,
    #[schema(format = "uri-reference")]
    instance: String,
    request_id: String,
    /// Everything that is wrong, each with its place.
    errors: Vec<ProblemField>,
    /// With `state_conflict`: where the record stands. With `budget_year_not_open`: where the year stands.
    #[schema(nullable = false)]
    current_status: Option<String>,
    /// With `state_conflict`: the actions that the record takes now.
    #[schema(nullable = false)]
    possible_actions: Option<Vec<String>>,
    /// With `time_taken`: what holds the car or the driver.
    #[schema(nullable = false)]
    clashes: Option<Vec<Clash>>,
    /// With `time_taken`: cars that are free for the whole period, least seats first.
    #[schema(nullable = false)]
    free_vehicles: Option<Vec<FreeVehicle>>,
    /// With `claim_incomplete`: all that is missing.
    #[schema(nullable = false)]
    gaps: Option<Vec<ProblemGap>>,
    /// With `traveller_away`: who is away, and when.
    #[schema(nullable = false)]
    away: Option<Vec<TravellerClash>>,
    /// With `outside_authorization`: the days that the order does not cover.
    #[schema(nullable = false)]
    unpaid_dates: Option<Vec<chrono::NaiveDate>>,
    /// With `commitment_exceeded`: what was committed, spent, released and is still open.
    #[schema(nullable = false)]
    commitment: Option<CommitmentOut>,
    /// With `budget_insufficient`: which line, what it has left, and what is missing.
    #[schema(nullable = false)]
    shortage: Option<BudgetShortage>,
    /// With `budget_year_unsettled`: everything that stands in the way of the end of the year.
    #[schema(nullable = false, max_items = 10_000)]
    obstacles: Option<Vec<BudgetObstacle>>,
    /// With `commitment_exceeded`: what was asked for.
    #[schema(nullable = false)]
    asked_amount: Option<i64>,
}

/// One broken field.
#[derive(Serialize, ToSchema)]
struct ProblemField {
    /// Where in the body, as a JSON Pointer in a URI fragment; null where it is a parameter.
    #[schema(example = "#/ends_at")]
    pointer: Option<String>,
    /// Which parameter of the query, the path or the headers; null where it is the body.
    parameter: Option<String>,
    code: String,
    detail: String,
}

/// A period that is taken. Whose record it is stays hidden outside the caller's boards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Clash {
    /// `booking`, `trip`, `downtime` or `absence`.
    pub held_by: String,
    pub starts_at: chrono::DateTime<chrono::Utc>,
    pub ends_at: chrono::DateTime<chrono::Utc>,
    /// The record that holds it; null outside the caller's boards.
    pub record_id: Option<uuid::Uuid>,
}

/// A traveller who is away for another order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TravellerClash {
    pub staff_id: uuid::Uuid,
    pub starts_at: chrono::DateTime<chrono::Utc>,
    pub ends_at: chrono::DateTime<chrono::Utc>,
    /// The other order; null outside the caller's reach.
    pub order_id: Option<uuid::Uuid>,
    /// Its number; null outside the caller's reach.
    pub number: Option<String>,
}

/// A car that could be taken instead.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FreeVehicle {
    pub vehicle_id: uuid::Uuid,
    pub plate: String,
    pub name: String,
    pub seats: i64,
}

/// Something that a claim lacks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemGap {
    pub code: String,
    /// The line it is about, counted from 0; null for the whole claim.
    pub line: Option<i64>,
    pub detail: String,
}

/// The media type of forms.
pub(crate) const PDF: &str = "application/pdf";

/// The media type of workbooks.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Refusals by status: name of the shared response, its description.
const REFUSALS: [(u16, &str, &str); 15] = [
    (400, "BadRequest", "The request breaks the published schema; `errors` lists every place."),
    (401, "Unauthorized", "No valid access token, or its session has ended."),
    (403, "Forbidden", "The caller may see this but not do it."),
    (404, "NotFound", "There is no such record within the caller's reach."),
    (406, "NotAcceptable", "The caller accepts none of the media types of the answer."),
    (408, "RequestTimeout", "The body did not arrive within five seconds, or a file within a minute."),
    (409, "Conflict", "The stored state forbids it: a step at the wrong moment, a clash, a duplicate."),
    (412, "PreconditionFailed", "The record has changed since it was read."),
    (413, "PayloadTooLarge", "The body is larger than 256 KiB, or a file than the office allows (10 MiB)."),
    (415, "UnsupportedMediaType", "The body has none of the media types that the operation takes."),
    (422, "UnprocessableContent", "The request fits the schema and breaks a rule; `errors` lists every one."),
    (428, "PreconditionRequired", "`If-Match` is required here."),
    (429, "TooManyRequests", "Too many attempts; `Retry-After` says when to come back."),
    (500, "InternalServerError", "A fault of the service; tell the administrator the `request_id`."),
    (503, "ServiceUnavailable", "The database cannot be reached for the moment; nothing was changed."),
];

/// The document that is served, checked in and checked against.
///
/// # Panics
/// Never: a document that cannot be written as JSON would not compile.
pub fn document() -> Value {
    let (_, parts) = actix_web::App::new().into_utoipa_app().configure(routes).split_for_parts();
    let mut document = serde_json::to_value(&parts).unwrap_or_default();
    let extra = <ProblemOut as ToSchema>::name().into_owned();
    let mut schemas = vec![(extra, <ProblemOut as utoipa::PartialSchema>::schema())];
    <ProblemOut as ToSchema>::schemas(&mut schemas);
    for (name, schema) in schemas {
        document["components"]["schemas"][name] = serde_json::to_value(schema).unwrap_or_default();
    }
    head(&mut document);
    let in_requests = schemas_of_requests(&document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas.iter_mut() {
            complete_schema(name, schema, in_requests.contains(name));
        }
    }
    let codes: Vec<String> =
        Code::ALL.iter().map(|code| format!("`{}` ({})", code.name(), code.status().as_u16())).collect();
    document["components"]["schemas"]["Problem"]["properties"]["code"]["description"] =
        json!(format!("The kind of problem; clients branch on it. One of {}.", codes.join(", ")));
    let schemas = document["components"]["schemas"].clone();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete_operation(method, path, operation, &schemas);
        }
    }
    document
}

fn head(document: &mut Value) {
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Shared Office",
        "version": env!("CARGO_PKG_VERSION"),
        "description": include_str!("../../openapi/introduction.md"),
        "contact": {"name": "Shared Office", "url": "https://shared-office.example/", "email": "office@shared-office.example"},
        "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    });
    document["servers"] =
        json!([{"url": "/", "description": "This server (production)", "x-internal": false}]);
    document["security"] = json!([{"bearer": []}]);
    let tags = TAGS.iter().map(|(name, about)| json!({"name": name, "description": about()}));
    document["tags"] = tags.collect();
    let components = &mut document["components"];
    components["securitySchemes"] = json!({"bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access_token` of `POST /v1/auth/token`: a JWT signed with EdDSA, checked as RFC8725 advises. It lives ten minutes. Scripts send the key of a service account (`ak_…`) in its place; every operation takes it that its scopes allow.",
    }});
    components["headers"] = json!({
        "X-Request-Id": {
            "description": "The id of this request, for support and logs.",
            "schema": {"type": "string", "maxLength": 64},
        },
        "ETag": {
            "description": "The version of the record, for If-Match and If-None-Match; of a file the digest of its bytes.",
            "schema": {"type": "string", "maxLength": 80},
        },
        "Location": {
            "description": "The address of the new record.",
            "schema": {"type": "string", "format": "uri-reference", "maxLength": 200},
        },
        "Link": {
            "description": "The address of the next page, with rel=\"next\"; absent on the last one.",
            "schema": {"type": "string", "maxLength": 4000},
        },
        "Retry-After": {
            "description": "Seconds to wait before the next attempt.",
            "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 86400},
        },
        "WWW-Authenticate": {
            "description": "How to authenticate.",
            "schema": {"type": "string", "maxLength": 100},
        },
        "Content-Disposition": {
            "description": "`inline` for a form, `attachment` for a file, with the name of the file in `filename*` (RFC 8187).",
            "schema": {"type": "string", "maxLength": 2000},
        },
        "Idempotent-Replayed": {
            "description": "`true` when the answer was given before, to the same Idempotency-Key.",
            "schema": {"type": "string", "maxLength": 5},
        },
    });
    components["responses"] =
        REFUSALS.iter().map(|row| (row.1.to_owned(), refusal(row))).collect::<Map<_, _>>().into();
}

fn refusal((status, _, description): &(u16, &str, &str)) -> Value {
    let mut headers = json!({"X-Request-Id": header("X-Request-Id")});
    match status {
        401 => headers["WWW-Authenticate"] = header("WWW-Authenticate"),
        429 | 503 => headers["Retry-After"] = header("Retry-After"),
        _ => {}
    }
    if matches!(status, 409 | 412 | 422 | 404) {
        headers["Idempotent-Replayed"] = header("Idempotent-Replayed");
    }
    let code =
        Code::ALL.iter().find(|code| code.status().as_u16() == *status).copied().unwrap_or(Code::Internal);
    let error = ApiError::new(code, code.title());
    json!({
        "description": description,
        "headers": headers,
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": error.problem().body(Language::En, "0198c0de-0000-7000-8000-000000000000"),
        }},
    })
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// Adds to one operation what follows from its method, its path and its body.
fn complete_operation(method: &str, path: &str, operation: &mut Value, schemas: &Value) {
    let has_id = path.contains('{');
    let creates = !operation["responses"]["201"].is_null();
    let is_action = has_id && method == "post" && !creates;
    let moves_money = operation["x-moves-money"] == true;
    let has_body = operation.get("requestBody").is_some();
    let public = operation["security"].as_array().is_some_and(|security| security.contains(&json!({})));
    let versioned = versioned(operation, schemas);
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();

    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    for parameter in &mut parameters {
        complete_parameter(&id, parameter);
    }
    let mut add = |name: &str, required: bool, max: u32, about: &str| {
        parameters.push(json!({
            "name": name, "in": "header", "required": required, "description": about,
            "schema": {"type": "string", "maxLength": max},
        }));
    };
    if matches!(method, "patch" | "delete") || moves_money {
        add(
            "If-Match",
            true,
            64,
            "The ETag of the record as you read it, e.g. `\"3\"`; 412 if it has changed since.",
        );
    } else if is_action && versioned {
        add(
            "If-Match",
            false,
            64,
            "The ETag of the record as you read it, e.g. `\"3\"`; 412 if it has changed since.",
        );
    }
    if method == "post" && !public {
        add(
            "Idempotency-Key",
            false,
            255,
            "A key of your choice for this very request. Repeat the request with the same key after a lost answer: it is carried out once. Kept for 30 days.",
        );
    }
    if method == "get" && versioned {
        // A digest is longer than a version.
        let longest = if is_file(&operation["responses"]["200"]["content"]) { 80 } else { 64 };
        add("If-None-Match", false, longest, "The ETag you have; 304 without a body if it is still current.");
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if method == "post" && is_action && has_body {
        // A body whose members may all be left out may be left out itself, unless one of them has to change.
        let target = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let name = target.and_then(|target| target.rsplit('/').next()).unwrap_or_default();
        let some_needed = schemas[name]["required"].as_array().is_some_and(|all| !all.is_empty());
        let required = some_needed || name.ends_with("Patch");
        operation["requestBody"]["required"] = json!(required);
    }
    if method == "patch" {
        let media = operation["requestBody"]["content"]["application/json"].clone();
        operation["requestBody"]["content"] =
            json!({"application/merge-patch+json": media, "application/json": media});
    }

    let mut statuses: BTreeSet<u16> = [400, 401, 403, 406, 429, 500, 503].into();
    if has_id {
        statuses.insert(404);
    }
    if method != "get" {
        statuses.extend([409, 412, 422]);
    }
    if operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["in"] == "query")) {
        statuses.insert(422);
    }
    if has_body {
        statuses.extend([408, 413, 415, 422]);
    }
    if matches!(method, "patch" | "delete") || moves_money {
        statuses.insert(428);
    }
    let answer = &operation["responses"]["200"];
    if is_form(answer) || !answer["content"][XLSX].is_null() {
        statuses.insert(422);
    }
    for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        complete_response(method, response, versioned);
    }
    if method == "get" && versioned {
        operation["responses"]["304"] = json!({
            "description": "The record is as you have it.",
            "headers": {"X-Request-Id": header("X-Request-Id"), "ETag": header("ETag")},
        });
    }
    for status in statuses {
        let name = REFUSALS.iter().find(|row| row.0 == status).map_or("InternalServerError", |row| row.1);
        operation["responses"][status.to_string()] =
            json!({"$ref": format!("#/components/responses/{name}")});
    }
}

fn complete_response(method: &str, response: &mut Value, versioned: bool) {
    let created = response["description"].as_str().is_some_and(|text| text.starts_with("Created"));
    response["headers"]["X-Request-Id"] = header("X-Request-Id");
    if versioned && response.get("content").is_some() {
        response["headers"]["ETag"] = header("ETag");
    }
    if created {
        response["headers"]["Location"] = header("Location");
    }
    if is_form(response) {
        // Bytes have no schema beyond their media type; generators make a file of this one.
        response["content"][PDF]["schema"] = json!({"type": "string", "format": "binary"});
    }
    if is_file(&response["content"]) {
        response["headers"]["Content-Disposition"] = header("Content-Disposition");
    }
    if method == "post" {
        response["headers"]["Idempotent-Replayed"] = header("Idempotent-Replayed");
    }
    let target = response["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
    if target.contains("/Page_") {
        response["headers"]["Link"] = header("Link");
    }
    if response["content"].is_null() {
        response.as_object_mut().map(|members| members.remove("content"));
    }
}

/// Whether the answer is a form to print: a PDF and nothing else.
fn is_form(response: &Value) -> bool {
    prints(&response["content"])
}

/// Whether the operation answers with a record that has a version, or with a calendar, a form or a file, which have an ETag too.
fn versioned(operation: &Value, schemas: &Value) -> bool {
    operation["responses"].as_object().into_iter().flatten().any(|(_, response)| {
        if is_file(&response["content"])
            || is_form(response)
            || !response["content"]["text/calendar"].is_null()
        {
            return true;
        }
        let target = response["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
        let name = target.rsplit('/').next().unwrap_or_default();
        !schemas[name]["properties"]["version"].is_null()
    })
}

fn complete_parameter(operation: &str, parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    if parameter["in"] == "path" {
        if parameter["description"].is_null() {
            parameter["description"] = json!("The id of the record.");
        }
        if let Some(example) = demo::example_of(operation, &name) {
            parameter["example"] = json!(example);
        }
    }
    // The record that a file belongs to stands in the query.
    if parameter["in"] == "query" && name == "owner_id" {
        parameter["example"] = json!(demo::example_of(operation, &name));
    }
    if parameter["description"].is_null() {
        parameter["description"] = json!(format!("Only records with this `{name}`."));
    }
    // A parameter is there or it is not; null is no text that could stand in an address.
    if let Some(kinds) = parameter["schema"]["type"].as_array() {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        parameter["schema"]["type"] = kind.unwrap_or_default();
    }
    if let Some(choices) = parameter["schema"]["oneOf"].as_array() {
        let choice = choices.iter().find(|choice| choice["type"] != "null").cloned();
        parameter["schema"] = choice.unwrap_or_default();
    }
    if parameter["schema"]["type"] == "array" {
        // A filter names each value once, and an address must not grow without end.
        parameter["schema"]["maxItems"] = json!(20);
    }
    limit(&name, &mut parameter["schema"]);
}

/// The names of all schemas that a request body can contain.
fn schemas_of_requests(document: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    for operation in
        document["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object()).flatten()
    {
        references(&operation.1["requestBody"], &mut open);
    }
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        if found.insert(name.clone()) {
            references(&document["components"]["schemas"][&name], &mut open);
        }
    }
    found
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(target) if name == "$ref" => {
                        found.extend(target.rsplit('/').next().map(str::to_owned))
                    }
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn complete_schema(name: &str, schema: &mut Value, in_request: bool) {
    let patch = name.ends_with("Patch");
    // A page refers to its records instead of repeating their schema.
    if let Some(record) = name.strip_prefix("Page_") {
        schema["properties"]["items"]["items"] = json!({"$ref": format!("#/components/schemas/{record}")});
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (field, property) in properties.iter_mut() {
            limit(field, property);
        }
        let all: Vec<String> = properties.keys().cloned().collect();
        // Answers always have every field, null where there is nothing; only problems have extra ones.
        if !in_request && name != "Problem" {
            schema["required"] = json!(all);
        }
    }
    if patch {
        schema["minProperties"] = json!(1);
    }
}

/// Gives texts, lists and numbers the limits that the house has for them where a type says nothing else.
fn limit(field: &str, schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    let is = |kind: &str| match members.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    };
    let (text, list, integer) = (is("string"), is("array"), is("integer"));
    let closed = members.contains_key("enum");
    let mut default = |name: &str, value: Value| {
        members.entry(name.to_owned()).or_insert(value);
    };
    if text {
        // Longer than any text of an office's record, short enough for a form; a word of a list is short.
        default("maxLength", if closed { json!(64) } else { json!(2000) });
    }
    if list {
        default("maxItems", json!(200));
    }
    if integer {
        let money = field == "amount" || field.ends_with("_amount");
        let (format, largest) =
            if money { ("int64", LARGEST_AMOUNT) } else { ("int32", i64::from(i32::MAX)) };
        default("minimum", json!(0));
        default("maximum", json!(largest));
        members.insert("format".to_owned(), json!(format));
    }
    if text {
        match members.get("format").and_then(Value::as_str) {
            Some("uuid") => members.insert("maxLength".to_owned(), json!(36)),
            Some("date") => members.insert("maxLength".to_owned(), json!(10)),
            Some("date-time") => members.insert("maxLength".to_owned(), json!(40)),
            _ => None,
        };
    }
    if let Some(items) = members.get_mut("items") {
        limit(field, items);
    }
}
