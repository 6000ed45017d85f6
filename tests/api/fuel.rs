//! Fuel: norms, prices, refuels, monthly statements, and the claim that is made from them.

use entity::fuel_norms::{self, Verification};
use entity::trips::{self, TripStatus};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::from_str;
use shared_office::decimal;
use shared_office::fuel::norms;
use shared_office::fuel::rules::{self, NormWorking, Usage, WorkingKind};
use shared_office::split::split_by_weight;

use crate::support::{Office, Value, at, id, json};

/// Worked examples of the office's rules.
fn vectors(operation: &str) -> Vec<Value> {
    let all: Vec<Value> = from_str(include_str!("fuel_vectors.json")).unwrap();
    all.into_iter().filter(|row| row["operation"] == operation).collect()
}

#[test]
fn a_cost_is_split_as_the_examples_say() {
    let rows = vectors("split_by_weight");
    assert_eq!(rows.len(), 7);
    for row in rows {
        let weights: Vec<i64> =
            row["input"]["weights"].as_array().unwrap().iter().map(|one| one.as_i64().unwrap()).collect();
        let parts = split_by_weight(row["input"]["total_vnd"].as_i64().unwrap(), &weights);
        let expected: Vec<i64> = row["expected"]["parts_vnd"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_i64().unwrap())
            .collect();
        assert_eq!(parts, expected, "{}", row["id"]);
    }
}

fn hundredths(row: &Value, field: &str) -> i64 {
    decimal::hundredths(row[field].as_str().unwrap()).unwrap()
}

/// A norm with nothing on top.
fn norm(litres_per_100_km: i64) -> fuel_norms::Model {
    fuel_norms::Model {
        id: id("a norm"),
        vehicle_id: id("v_pajero"),
        litres_per_100_km_hundredths: litres_per_100_km,
        mountain_percent_hundredths: 0,
        air_conditioning_percent_hundredths: 0,
        idling_litres_per_hour_hundredths: 0,
        valid_from: "2025-01-01".parse().unwrap(),
        valid_to: None,
        document_number: "05-QĐ/VPTU".to_owned(),
        issuer: "Văn phòng Tỉnh ủy".to_owned(),
        verification: Verification::Verified,
        version: 1,
        created_at: at("2025-01-01T00:00:00Z"),
        updated_at: at("2025-01-01T00:00:00Z"),
        created_by_id: None,
    }
}

#[test]
fn fuel_is_held_against_the_norm_as_the_examples_say() {
    let rows = vectors("fuel_check");
    assert_eq!(rows.len(), 5);
    for row in rows {
        let (input, expected) = (&row["input"], &row["expected"]);
        let (price, bought) =
            (input["price_vnd_per_litre"].as_i64().unwrap(), hundredths(input, "bought_litres"));
        let usage = Usage { km: input["km"].as_str().unwrap().parse().unwrap(), ..Usage::default() };
        let allowed = rules::allowed(&norm(hundredths(input, "norm_litres_per_100km")), &usage);
        let allowed = allowed.litres_hundredths;
        let variance = rules::variance(allowed, bought, hundredths(input, "tolerance_percent"));
        let found = json!({
            "allowed_litres": decimal::decimal(allowed),
            "allowed_amount_vnd": rules::cost(allowed, price),
            "bought_amount_vnd": rules::cost(bought, price),
            "over_litres": decimal::decimal(variance.over_hundredths),
            "over_percent": decimal::decimal(variance.over_percent_hundredths),
            "explanation_required": variance.explanation_required,
        });
        assert_eq!(&found, expected, "{}", row["id"]);
    }
    for row in vectors("fuel_payable") {
        let (input, expected) = (&row["input"], &row["expected"]);
        let price = input["price_vnd_per_litre"].as_i64().unwrap();
        let (allowed, bought) = (hundredths(input, "allowed_litres"), hundredths(input, "bought_litres"));
        let payable = rules::cost(allowed.min(bought), price);
        assert_eq!(payable, expected["payable_vnd"], "{}", row["id"]);
        assert_eq!(rules::cost(bought, price) - payable, expected["refused_vnd"], "{}", row["id"]);
    }
}

#[test]
fn each_addition_is_a_line_of_its_own_rounded_once() {
    let norm = fuel_norms::Model {
        mountain_percent_hundredths: 1550,
        air_conditioning_percent_hundredths: 500,
        idling_litres_per_hour_hundredths: 125,
        ..norm(1233)
    };
    let usage = Usage { km: 101, mountain_km: 33, air_conditioned_km: 50, idling_minutes: 50 };
    let allowed = rules::allowed(&norm, &usage);
    // 12.4533; 0.63068…; 0.30825; 1.041666…
    let lines: Vec<_> = allowed.working.iter().map(|line| (line.kind, line.litres.as_str())).collect();
    assert_eq!(
        lines,
        [
            (WorkingKind::Base, "12.45"),
            (WorkingKind::MountainRoad, "0.63"),
            (WorkingKind::AirConditioning, "0.31"),
            (WorkingKind::Idling, "1.04"),
        ]
    );
    assert_eq!(allowed.litres_hundredths, 1443);
    let working = allowed.under(&norm, "2025-12-12".parse().unwrap());
    assert_eq!((working.litres.as_str(), working.lines[1].rate.as_str()), ("14.43", "15.50"));
    assert_eq!(NormWorking::from_json(&working.to_json()), Some(working));
}

fn norms_of(car: &str) -> String {
    format!("/v1/vehicles/{}/fuel-norms", id(car))
}

fn new_norm(valid_from: &str, valid_to: Option<&str>) -> Value {
    json!({"litres_per_100_km": "16.5", "mountain_percent": "10", "valid_from": valid_from, "valid_to": valid_to,
        "document_number": "09-QĐ/VPTU", "issuer": "Văn phòng Tỉnh ủy", "verification": "verified"})
}

/// A trip of the demo booking's car, completed with a norm.
async fn completed(office: &Office, trip: &Trip) -> trips::Model {
    let day = |time: &str| at(&format!("{}T{time}:00+07:00", trip.day));
    let row = trips::Model {
        id: id(trip.id),
        number: Some(format!("{}/LĐX-2025", trip.id)),
        vehicle_id: id(trip.car),
        driver_id: id(trip.driver),
        starts_at: day("06:00"),
        ends_at: day("18:00"),
        route: "Buôn Ma Thuột - Đà Lạt - Buôn Ma Thuột".to_owned(),
        note: None,
        status: TripStatus::Completed,
        waiting_since: day("17:30"),
        revision: 1,
        issued_at: Some(day("05:00")),
        issued_by_id: Some(id("p_thinh")),
        departed_at: Some(day("06:00")),
        returned_at: Some(day("17:30")),
        odometer_start_km: Some(0),
        odometer_end_km: Some(trip.km),
        mountain_km: None,
        air_conditioned_km: None,
        idling_minutes: None,
        norm_id: Some(id(trip.norm)),
        norm_litres_hundredths: Some(trip.litres),
        norm_working: None,
        verified_by_id: None,
        decision_reason: None,
        search: String::new(),
        version: 1,
        created_at: day("05:00"),
        updated_at: day("17:30"),
        created_by_id: None,
    };
    row.into_active_model().insert(&office.app.db.writer).await.expect("a trip that fits")
}

/// What a test says of a trip.
struct Trip {
    id: &'static str,
    car: &'static str,
    driver: &'static str,
    day: &'static str,
    km: i64,
    norm: &'static str,
    litres: i64,
}

#[actix_web::test]
async fn a_new_norm_takes_over_from_its_first_day() {
    let office = Office::open().await;
    let (chief, path) = (office.login("bich.tt"), norms_of("v_pajero"));
    let made = chief.post(&path, new_norm("2026-01-01", None)).await;
    let norm = made.expect(201);
    assert_eq!((&norm["litres_per_100_km"], &norm["mountain_percent"]), (&json!("16.50"), &json!("10.00")));
    assert_eq!((&norm["idling_litres_per_hour"], &norm["valid_to"]), (&json!("0.00"), &Value::Null));
    let requester = office.login("duong.ntt");
    assert_eq!(requester.get(made.header("location").unwrap()).await.expect(200), norm);
    let all = requester.get(&path).await.expect(200);
    let days: Vec<_> =
        all["items"].as_array().unwrap().iter().map(|one| (&one["valid_from"], &one["valid_to"])).collect();
    assert_eq!(
        json!(days),
        json!([["2019-01-01", "2024-12-31"], ["2025-01-01", "2025-12-31"], ["2026-01-01", null]])
    );
    for (day, litres) in [("2024-12-31", "15.50"), ("2025-12-31", "16.00"), ("2026-01-01", "16.50")] {
        let found = requester.get(&format!("{path}?on={day}")).await.expect(200);
        assert_eq!(found["items"][0]["litres_per_100_km"], litres, "{day}");
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
    }
    let before = format!("/v1/fuel-norms/{}", id("fn_pajero_2"));
    let history = requester.get(&format!("{before}/history")).await.expect(200);
    assert_eq!(history["items"][1]["action"], "end");
    chief.post(&path, new_norm("2025-06-01", Some("2025-06-30"))).await.refused(409, "period_taken");
    chief.post(&path, new_norm("2018-01-01", None)).await.refused(409, "period_taken");
    chief.post(&path, new_norm("2018-01-01", Some("2018-12-31"))).await.expect(201);
}

#[actix_web::test]
async fn a_norm_by_which_trips_were_measured_stays() {
    let office = Office::open().await;
    let (chief, path) = (office.login("an.nv"), norms_of("v_pajero"));
    completed(
        &office,
        &Trip {
            id: "7",
            car: "v_pajero",
            driver: "dr_truong",
            day: "2025-11-25",
            km: 500,
            norm: "fn_pajero_2",
            litres: 8000,
        },
    )
    .await;
    let refused = chief.post(&path, new_norm("2025-11-25", None)).await.refused(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains("7/LĐX-2025"));
    let used = format!("/v1/fuel-norms/{}", id("fn_pajero_2"));
    chief.delete(&used, 1).await.refused(409, "in_use");
    chief.post(&path, new_norm("2025-11-26", None)).await.expect(201);
    let unused = format!("/v1/fuel-norms/{}", id("fn_pajero_1"));
    office.login("thinh.bd").delete(&unused, 1).await.refused(403, "forbidden");
    chief.delete(&unused, 1).await.expect(204);
    chief.get(&unused).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_norm_has_plausible_figures() {
    let office = Office::open().await;
    let (chief, path) = (office.login("bich.tt"), norms_of("v_pajero"));
    let mut body = new_norm("2026-01-01", Some("2025-12-31"));
    let refused = chief.post(&path, body.clone()).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/valid_to"]);
    body["valid_to"] = Value::Null;
    for (litres, status) in [("0.00", 422), ("12,5", 400), ("12.345", 400), ("1000", 400), ("-1", 400)] {
        body["litres_per_100_km"] = json!(litres);
        let refused = chief.post(&path, body.clone()).await;
        assert_eq!(
            (refused.status, refused.places()),
            (status, vec!["#/litres_per_100_km".to_owned()]),
            "{litres}"
        );
    }
    office.login("thinh.bd").post(&path, new_norm("2026-01-01", None)).await.refused(403, "forbidden");
    let nowhere = format!("/v1/vehicles/{}/fuel-norms", id("nothing"));
    chief.post(&nowhere, new_norm("2026-01-01", None)).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_day_without_a_norm_is_an_error_and_never_a_guess() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let on = |day: &str| day.parse().unwrap();
    let found = norms::in_force(db, id("v_pajero"), on("2024-12-31")).await.unwrap();
    assert_eq!(found.id, id("fn_pajero_1"));
    let missing = norms::in_force(db, id("v_pajero"), on("2018-12-31")).await.unwrap_err();
    assert_eq!(missing.code().name(), "rate_not_found");
    let said = &missing.problem().detail.en;
    assert!(said.contains("47C-000.12") && said.contains("2018-12-31"), "{said}");
}
