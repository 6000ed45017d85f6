//! The OpenAPI document: checked in, complete, consistent.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{DEMO_NOW, Office, PASSWORD, contract, file_for};

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
            if media["schema"]["format"] == "binary" {
                continue;
            }
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

/// What cannot work as it stands in the document: tokens and passwords are secrets of one office.
const SECRET_EXAMPLES: [&str; 3] = ["create_token", "refresh_token", "get_calendar"];

/// A working morning a year after the demo office's day.
const LATER: &str = "2026-11-23T09:00:00+07:00";

/// Who is there to do an action; the auditor reads everything.
fn who_may(operation: &str, action: &str) -> &'static str {
    match (operation, action) {
        ("accept_conference_task" | "object_conference_task" | "submit_conference_task_result", _) => {
            "duong.ntt"
        }
        ("block_conference_task" | "unblock_conference_task", _) => "duong.ntt",
        ("claim_fuel_statement", _) => "thinh.bd",
        ("request_conference_task_hand_over" | "withdraw_conference_task_hand_over", _) => "duong.ntt",
        ("accept_conference_task_hand_over" | "decline_conference_task_hand_over", _) => "phuoc.dh",
        ("report_conference_task_part", _) => "phuoc.dh",
        (_, "task.part") => "duong.ntt",
        (_, "attachment.manage") => "duong.ntt",
        (_, "booking.request" | "booking.cancel" | "claim.claim" | "calendar.follow") => "duong.ntt",
        (_, "notification.mark") => "duong.ntt",
        (_, "task.coordinate" | "task.cancel") => "duong.ntt",
        (_, "booking.approve" | "booking.decline" | "claim.confirm" | "claim.decline") => "phuoc.dh",
        (_, "conference.hold" | "conference.commit_funds" | "reception.hold") => "phuoc.dh",
        (_, "conference.plan_costs") => "duong.ntt",
        (_, "conference.check_funds" | "conference.settle_costs") => "ha.lt",
        (_, "advance.request") => "duong.ntt",
        (_, "travel.request" | "travel.cancel") => "duong.ntt",
        (_, "travel.approve") => "phuoc.dh",
        (_, "travel.check_funds" | "travel.decline" | "travel.settle") => "ha.lt",
        (_, "claim.verify") => "ha.lt",
        (_, "claim.approve" | "advance.approve" | "task.check" | "task.decide") => "an.nv",
        (_, "claim.pay" | "claim.reverse" | "advance.pay") => "lan.ht",
        (_, "vehicle.manage" | "driver.manage" | "trip.dispatch" | "trip.drive") => "thinh.bd",
        (_, "refuel.enter" | "fuel_statement.manage") => "thinh.bd",
        (_, "odometer.consent" | "driver_hours.manage") => "an.nv",
        (_, "duty.manage" | "template.manage") => "an.nv",
        (_, "accountant.manage" | "fuel_norm.manage" | "fuel_price.manage" | "fuel_tolerance.manage") => {
            "bich.tt"
        }
        (_, "rate.manage" | "budget.manage" | "budget_year.manage") => "bich.tt",
        (_, "budget.decide" | "budget.sign" | "budget_year.close") => "an.nv",
        (_, "review.manage" | "review.approve") => "an.nv",
        (_, "obstacle.report") => "duong.ntt",
        (_, "obstacle.accept" | "measure.judge") => "an.nv",
        (_, "obstacle.resolve" | "measure.lead") => "thinh.bd",
        (_, "obstacle.verify" | "measure.propose" | "measure.consent") => "phuoc.dh",
        (_, "user.manage" | "staff.manage" | "board.manage") => "kien.ht",
        _ => "quang.lm",
    }
}

/// The address of an operation with the document's examples in it.
fn address(template: &str, operation: &Value) -> String {
    let (mut path, mut query) = (template.to_owned(), Vec::new());
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let wanted =
            parameter["in"] == "path" || (parameter["in"] == "query" && parameter["required"] == true);
        if wanted {
            let example = match &parameter["example"] {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => panic!("{template}: no {name}"),
            };
            path = path.replace(&format!("{{{name}}}"), &example);
            query.push(format!("{name}={}", example.replace('+', "%2B")));
        }
    }
    if path == template { format!("{path}?{}", query.join("&")) } else { path }
}

fn example_body(operation: &Value) -> Option<Value> {
    let media = operation["requestBody"]["content"].as_object()?.values().next()?;
    let name = media["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    contract::document()["components"]["schemas"][name]["examples"].get(0).cloned()
}

/// Sends the examples and tells what went wrong.
async fn try_out(office: &Office, name: &str, operation: &Value) -> Option<String> {
    let (method, template) = name.split_once(' ').unwrap();
    let text = |field: &str| operation[field].as_str().unwrap();
    let client = office.login(who_may(text("operationId"), text("x-action")));
    let method: reqwest::Method = method.to_uppercase().parse().unwrap();
    let path = address(template, operation);
    let answer = match file_for(operation) {
        Some((media_type, bytes)) => client.send_file(&path, &media_type, &bytes, &[]).await,
        None => client.send(method, &path, example_body(operation), &[("If-Match", "*")]).await,
    };
    (!(200..300).contains(&answer.status)).then(|| format!("{name}: {} {}", answer.status, answer.text))
}

/// The demo office at a moment, after the background jobs have run.
async fn office_at(now: &str, operation: &str) -> Office {
    // An objection comes within two working days, so this one is tried in an office that was filled just now.
    let fresh = operation == "object_conference_task";
    let office = if fresh { Office::new_and_empty().await } else { Office::open().await };
    office.set_clock(now);
    if fresh {
        shared_office::demo::fill(&office.app, Some(PASSWORD)).await.unwrap();
    }
    office.run_jobs().await;
    office
}

async fn every_example_works_at(now: &str) {
    let reading = office_at(now, "").await;
    let mut broken = Vec::new();
    for (name, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        if SECRET_EXAMPLES.contains(&id) {
            continue;
        }
        broken.extend(if name.starts_with("get ") {
            try_out(&reading, &name, operation).await
        } else {
            let office = office_at(now, id).await;
            let outcome = try_out(&office, &name, operation).await;
            office.close().await;
            outcome
        });
    }
    assert!(broken.is_empty(), "examples that do not work at {now}:\n{}", broken.join("\n"));
}

#[actix_web::test]
async fn every_example_of_the_document_works_on_the_demo_office() {
    every_example_works_at(DEMO_NOW).await;
}

#[actix_web::test]
async fn every_example_of_the_document_still_works_a_year_later() {
    every_example_works_at(LATER).await;
}

#[test]
fn a_record_waits_for_one_step_at_a_time() {
    use shared_office::{bookings, budgets, claims, conferences, fuel, obstacles, reviews, travel};
    fn check<S: sea_orm::ActiveEnum<Value = String> + PartialEq>(steps: &[shared_office::workflow::Step<S>]) {
        for state in steps.iter().flat_map(|step| step.from) {
            let turns: Vec<_> =
                steps.iter().filter(|step| step.from.contains(state)).filter_map(|step| step.turn).collect();
            assert!(turns.len() <= 1, "{} waits for {turns:?}", state.to_value());
        }
    }
    check(bookings::rules::STEPS);
    check(travel::orders::rules::STEPS);
    check(claims::rules::STEPS);
    check(claims::advances::rules::STEPS);
    check(conferences::rules::STEPS);
    check(fuel::statements::rules::STEPS);
    check(budgets::imports::rules::STEPS);
    check(reviews::rules::STEPS);
    check(obstacles::rules::STEPS);
    check(obstacles::measures::rules::STEPS);
}
