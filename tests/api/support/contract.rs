//! Refuses any answer that the document does not promise: its status, its headers, its body.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::{Registry, Validator};
use reqwest::Method;
use serde_json::{Value, json};

use super::Answer;

/// Headers that an answer may only carry where the document says so.
const DECLARED: [&str; 9] = [
    "content-disposition",
    "etag",
    "location",
    "link",
    "retry-after",
    "allow",
    "www-authenticate",
    "idempotent-replayed",
    "x-request-id",
];

/// The served document.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(shared_office::http::document::document)
}

/// # Panics
/// When the answer is not as the document says.
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    // An address that the document does not have is answered with 404 or 405, which is tested elsewhere.
    let Some((template, operation)) = operation(method, path) else { return };
    let told = format!("{method} {template} answered {}", answer.status);
    let response = resolve(&operation["responses"][answer.status.to_string()]);
    assert!(!response.is_null(), "{told}, which the document does not declare: {}", answer.text);
    for name in DECLARED.iter().filter(|name| answer.headers.contains_key(**name)) {
        let declared = response["headers"].as_object().into_iter().flatten();
        let known = declared.map(|(name, _)| name.to_ascii_lowercase()).any(|declared| declared == *name);
        assert!(known, "{told} with the header {name}, which the document does not declare");
    }
    let kind = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    match response["content"].get(kind) {
        None => assert!(answer.text.is_empty(), "{told} as {kind:?}, which the document does not declare"),
        Some(media) if kind.ends_with("json") => check_body(&told, media, answer),
        Some(_) => {}
    }
}

fn check_body(told: &str, media: &Value, answer: &Answer) {
    let schema = validator(&media["schema"]);
    let errors: Vec<String> =
        schema.iter_errors(&answer.body).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{told} with a body that breaks its schema: {errors:?}\n{}", answer.text);
}

/// What in a value breaks a schema of the document.
pub(crate) fn errors_of(schema: &Value, value: &Value) -> Vec<String> {
    validator(schema).iter_errors(value).map(|error| format!("{} {error}", error.instance_path())).collect()
}

/// The operation behind an address; literal segments win over parameters.
pub(crate) fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let fits = |template: &str| {
        let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
    };
    let paths = document()["paths"].as_object()?;
    let (template, item) =
        paths.iter().filter(|(template, _)| fits(template)).min_by_key(|(t, _)| t.matches('{').count())?;
    item.get(method.as_str().to_ascii_lowercase()).map(|operation| (template.as_str(), operation))
}

fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(target) => document().pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => value,
    }
}

fn validator(schema: &Value) -> Arc<Validator> {
    static CACHE: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let mut cache = CACHE.get_or_init(Mutex::default).lock().expect("not poisoned");
    let key = schema.to_string();
    let make = || {
        let registry = Registry::new()
            .add("urn:doc", document().clone())
            .and_then(|all| all.prepare())
            .expect("prepared");
        let text = key.replace("\"#/", "\"urn:doc#/");
        let schema: Value = serde_json::from_str(&text).unwrap_or(json!({}));
        let options =
            jsonschema::options().with_draft(jsonschema::Draft::Draft202012).with_registry(&registry);
        Arc::new(
            options
                .should_validate_formats(true)
                .should_ignore_unknown_formats(true)
                .build(&schema)
                .expect("a schema"),
        )
    };
    Arc::clone(cache.entry(key.clone()).or_insert_with(make))
}
