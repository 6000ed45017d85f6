//! The OpenAPI document: checked in, complete, consistent.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Office, contract};

fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = contract::document()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[actix_web::test]
async fn the_checked_in_document_is_the_served_one() {
    let office = Office::open().await;
    let served = office.visitor().get("/v1/openapi.json").await.text;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let checked_in = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        served == checked_in,
        "openapi/openapi.json is not what the service serves; run: cargo run -- openapi > openapi/openapi.json"
    );
}

#[test]
fn every_operation_says_what_a_stranger_needs() {
    let mut ids = BTreeSet::new();
    for (name, operation) in operations() {
        let text = |field: &str| operation[field].as_str().unwrap_or_default().to_owned();
        assert!(text("summary").len() > 5, "{name} has no summary");
        assert!(text("description").len() > 20, "{name} has no description");
        assert!(ids.insert(text("operationId")), "{name}: the id {} is used twice", text("operationId"));
        let tags: Vec<_> = operation["tags"].as_array().unwrap().iter().collect();
        let known = contract::document()["tags"].as_array().unwrap();
        assert!(tags.len() == 1 && known.iter().any(|tag| tag["name"] == *tags[0]), "{name}: {tags:?}");
    }
}

#[test]
fn every_request_body_has_an_example_that_fits_its_schema() {
    let schemas = &contract::document()["components"]["schemas"];
    for (name, operation) in operations() {
        let Some(body) = operation["requestBody"]["content"].as_object() else { continue };
        for media in body.values() {
            let target =
                media["schema"]["$ref"].as_str().unwrap_or_else(|| panic!("{name} has no named body"));
            let schema = &schemas[target.rsplit('/').next().unwrap()];
            let examples = schema["examples"].as_array().cloned().unwrap_or_default();
            assert!(!examples.is_empty(), "{name} has no example");
            for example in examples {
                let errors = contract::errors_of(&media["schema"], &example);
                assert!(errors.is_empty(), "{name}: the example breaks the schema: {errors:?}");
            }
        }
    }
}

#[test]
fn no_literal_stands_beside_an_id() {
    let paths: BTreeSet<&str> =
        contract::document()["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    for path in &paths {
        let Some((parent, _)) = path.rsplit_once('/') else { continue };
        let last = &path[parent.len() + 1..];
        let beside = paths.iter().any(|other| {
            other
                .rsplit_once('/')
                .is_some_and(|(before, name)| before == parent && name.starts_with('{') && name != last)
        });
        assert!(!beside, "{path} stands beside an id");
    }
}

#[test]
fn every_text_list_and_number_has_limits() {
    for (name, schema) in contract::document()["components"]["schemas"].as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let is = |kind: &str| {
                property["type"] == kind
                    || property["type"].as_array().is_some_and(|all| all.contains(&kind.into()))
            };
            assert!(!is("string") || property["maxLength"].is_u64(), "{name}.{field}");
            assert!(!is("array") || property["maxItems"].is_u64(), "{name}.{field}");
            assert!(
                !is("integer") || (property["maximum"].is_i64() && property["minimum"].is_i64()),
                "{name}.{field}"
            );
        }
    }
}
