//! Fuel: norms, prices, refuels, monthly statements, and the claim that is made from them.

use entity::fuel_norms::{self, Verification};
use entity::trips::{self, TripStatus};
use entity::{expense_claim_lines, trip_bookings};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
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

/// What a test says of a trip.
struct Trip {
    id: &'static str,
    day: &'static str,
    km: i64,
    litres: i64,
}

/// Ids of a trip's bookings, in their order.
fn carried_ids(trip: &str) -> Vec<uuid::Uuid> {
    let mut ids: Vec<_> = (0..3).map(|index| id(&format!("{trip}/{index}"))).collect();
    ids.sort();
    ids
}

/// A trip of a car that the demo office does not use in November, back and shared out among its boards; where no km
/// are stated they are not shared out yet.
async fn completed(office: &Office, trip: &Trip, boards: &[(&str, Option<i64>)]) {
    let day = |time: &str| at(&format!("{}T{time}:00+07:00", trip.day));
    let row = trips::Model {
        id: id(trip.id),
        number: Some(format!("{}/LĐX-2025", trip.id)),
        vehicle_id: id("v_fortuner"),
        driver_id: id("dr_khoa"),
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
        odometer_start_km: Some(61_540),
        odometer_end_km: Some(61_540 + trip.km),
        mountain_km: None,
        air_conditioned_km: None,
        idling_minutes: None,
        norm_id: Some(id("fn_fortuner_1")),
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
    let db = &office.app.db.writer;
    row.into_active_model().insert(db).await.expect("a trip that fits");
    for (index, ((board, share_km), booking)) in boards.iter().zip(["vb_15", "vb_16", "vb_17"]).enumerate() {
        let carried = trip_bookings::Model {
            id: carried_ids(trip.id)[index],
            trip_id: id(trip.id),
            booking_id: id(booking),
            board_id: id(board),
            passenger_count: 2,
            share_km: *share_km,
            share_litres_hundredths: None,
            carried_booking_id: None,
        };
        carried.into_active_model().insert(db).await.expect("a booking that fits");
    }
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
    let refused = chief.post(&path, new_norm("2025-11-25", None)).await.refused(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains("105/LĐX-2025"));
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

const PRICES: &str = "/v1/fuel-prices";
const REFUELS: &str = "/v1/refuels";
const STATEMENTS: &str = "/v1/fuel-statements";

fn price(fuel_type: &str, valid_from: &str) -> Value {
    json!({"fuel_type": fuel_type, "unit_price": 21_000, "valid_from": valid_from, "issuer": "Công ty Xăng dầu",
        "verification": "press_only"})
}

#[actix_web::test]
async fn a_new_price_takes_over_from_its_first_day() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    chief.post(PRICES, price("petrol", "2025-12-20")).await.expect(201);
    for (day, petrol) in [("2025-12-19", 20_150), ("2025-12-20", 21_000)] {
        let path = format!("{PRICES}?fuel_type=petrol&on={day}");
        let found = office.login("loc.tv").get(&path).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
        assert_eq!(found["items"][0]["unit_price"], petrol, "{day}");
    }
    let diesel = chief.get(&format!("{PRICES}?fuel_type=diesel&on=2025-12-20")).await.expect(200);
    assert_eq!(diesel["items"][0]["unit_price"], 18_400, "the other fuel keeps its price");
    chief.post(PRICES, price("petrol", "2025-11-20")).await.refused(409, "period_taken");
    let refused = chief.post(PRICES, price("electric", "2026-01-01")).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/fuel_type"]);
    office.login("thinh.bd").post(PRICES, price("petrol", "2026-01-01")).await.refused(403, "forbidden");
    let wrong = format!("{PRICES}/{}", id("fp_petrol_20250424"));
    chief.delete(&wrong, 1).await.expect(204);
    chief.get(&wrong).await.refused(404, "not_found");
}

/// A refuel of the bus after its last trip of the demo; litres and price make exactly the amount.
fn refuel(invoice: &str) -> Value {
    json!({"vehicle_id": id("v_hiace"), "refuelled_at": "2025-12-11T08:00:00+07:00", "odometer_km": 77_000,
        "fuel_type": "petrol", "litres": "10.5", "unit_price": 20_150, "amount": 211_575,
        "invoice": {"seller_tax_code": "6001234567", "number": invoice, "issued_on": "2025-12-11"}})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[actix_web::test]
async fn a_refuel_is_entered_with_its_invoice_once() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let made = dispatcher.post(REFUELS, refuel("HD 000-77")).await;
    let entered = made.expect(201);
    assert_eq!((&entered["litres"], &entered["amount"]), (&json!("10.50"), &json!(211_575)));
    assert_eq!((&entered["listed_price"], &entered["price_difference"]), (&json!(20_150), &json!(0)));
    assert_eq!((&entered["price_marked"], &entered["claim_id"]), (&json!(false), &Value::Null));
    let path = made.header("location").unwrap().to_owned();
    assert_eq!(office.login("ha.lt").get(&path).await.expect(200), entered);
    for spelling in ["HD 000-77", "hd00077", "ＨＤ000.77"] {
        let again = dispatcher.post(REFUELS, with(refuel(spelling), "odometer_km", json!(77_100))).await;
        again.refused(409, "duplicate_invoice");
        assert_eq!(again.places(), ["#/invoice"], "{spelling}");
    }
    let car = dispatcher.get(&format!("/v1/vehicles/{}", id("v_hiace"))).await.expect(200);
    assert_eq!(car["odometer_km"], 77_000, "the reading at the pump is one of the car's series");
    let readings = format!("/v1/vehicles/{}/odometer-entries?limit=200", id("v_hiace"));
    let readings = dispatcher.get(&readings).await.expect(200);
    let of_refuel =
        readings["items"].as_array().unwrap().iter().find(|one| one["source_id"] == entered["id"]);
    assert_eq!(of_refuel.unwrap()["kind"], "refuel");
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_refuel_is_said_at_once() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let mut body = refuel("1");
    body["refuelled_at"] = json!("2025-12-12T09:00:00+07:00");
    body["trip_id"] = json!(id("do_12"));
    body["fuel_type"] = json!("diesel");
    body["amount"] = json!(211_700);
    body["invoice"]["issued_on"] = json!("2025-12-13");
    let refused = dispatcher.post(REFUELS, body).await;
    let said = refused.refused(422, "validation_failed");
    let mut places = refused.places();
    places.sort();
    assert_eq!(places, ["#/amount", "#/fuel_type", "#/invoice/issued_on", "#/refuelled_at", "#/trip_id"]);
    let amount = said["errors"].as_array().unwrap().iter().find(|one| one["pointer"] == "#/amount").unwrap();
    assert!(amount["detail"].as_str().unwrap().contains("211575"), "{amount}");
    for (field, value, place) in [
        ("vehicle_id", json!(id("no car")), "#/vehicle_id"),
        ("trip_id", json!(id("no trip")), "#/trip_id"),
        ("trip_id", json!(id("do_06")), "#/trip_id"),
        ("litres", json!("0.00"), "#/litres"),
        ("odometer_km", json!(76_995), "#/odometer_km"),
        ("vehicle_id", json!(id("v_everest")), "#/fuel_type"),
    ] {
        let refused = dispatcher.post(REFUELS, with(refuel("2"), field, value)).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), [place]);
    }
    let shown = dispatcher.get(REFUELS).await.expect(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 7, "nothing of it was entered");
}

#[actix_web::test]
async fn an_amount_may_be_off_by_what_the_pump_rounds() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    // 24.81 litres make 499 921.5; half a hundredth of a litre is 100.75.
    for (number, amount, status) in
        [("1", 499_820, 422), ("2", 499_821, 201), ("3", 500_022, 201), ("4", 500_023, 422)]
    {
        let body = with(with(refuel(number), "litres", json!("24.81")), "amount", json!(amount));
        assert_eq!(dispatcher.post(REFUELS, body).await.status, status, "{amount}");
    }
}

#[actix_web::test]
async fn a_price_off_the_dated_one_is_marked_and_not_refused() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    // Two percent of 20 150 are 403.
    for (number, unit_price, marked) in
        [("1", 20_553, false), ("2", 20_554, true), ("3", 19_747, false), ("4", 19_746, true)]
    {
        let amount = (unit_price * 105 + 5) / 10;
        let body = with(with(refuel(number), "unit_price", json!(unit_price)), "amount", json!(amount));
        let entered = dispatcher.post(REFUELS, body).await.expect(201);
        assert_eq!(entered["price_difference"], unit_price - 20_150);
        assert_eq!(entered["price_marked"], marked, "{unit_price}");
    }
}

#[actix_web::test]
async fn drivers_enter_and_see_refuels_of_the_trips_they_drive() {
    let office = Office::open().await;
    let (driver, other) = (office.login("tu.dc"), office.login("truong.mx"));
    // His car left at seven, an hour ago.
    let body = |trip: Value| {
        json!({"vehicle_id": id("v_innova_086"), "trip_id": trip, "refuelled_at": "2025-12-12T07:30:00+07:00",
            "odometer_km": 119_510, "fuel_type": "petrol", "litres": "20.00", "unit_price": 20_150, "amount": 403_000,
            "invoice": {"seller_tax_code": "6001234567", "number": "HD9", "issued_on": "2025-12-12"}})
    };
    for (trip, code) in [(Value::Null, "required"), (json!(id("do_05")), "unknown_reference")] {
        let refused = driver.post(REFUELS, body(trip)).await;
        let said = refused.refused(422, "validation_failed");
        assert_eq!(
            (&said["errors"][0]["pointer"], &said["errors"][0]["code"]),
            (&json!("#/trip_id"), &json!(code))
        );
    }
    assert_eq!(other.post(REFUELS, body(json!(id("do_06")))).await.places(), ["#/trip_id"]);
    let entered = driver.post(REFUELS, body(json!(id("do_06")))).await.expect(201);
    let path = format!("{REFUELS}/{}", entered["id"].as_str().unwrap());
    // The organisation board is on the trip, the inspection committee is not.
    for (who, sees) in
        [("tu.dc", true), ("truong.mx", false), ("duong.ntt", true), ("vinh.pt", false), ("bich.tt", true)]
    {
        let client = office.login(who);
        assert_eq!(client.get(&path).await.status, if sees { 200 } else { 404 }, "{who}");
        let listed = client.get(&format!("{REFUELS}?limit=200")).await.expect(200);
        let found = listed["items"].as_array().unwrap().iter().any(|one| one["id"] == entered["id"]);
        assert_eq!(found, sees, "{who}");
    }
    office.login("duong.ntt").patch(&path, 1, json!({"amount": 403_010})).await.refused(403, "forbidden");
    other.patch(&path, 1, json!({"amount": 403_010})).await.refused(404, "not_found");
    let corrected = driver.patch(&path, 1, json!({"amount": 403_010, "trip_id": null})).await;
    assert_eq!(corrected.places(), ["#/trip_id"], "a driver does not take it off the trip");
    let corrected = driver.patch(&path, 1, json!({"amount": 403_010})).await.expect(200);
    assert_eq!((&corrected["amount"], &corrected["version"]), (&json!(403_010), &json!(2)));
}

#[actix_web::test]
async fn a_deleted_refuel_leaves_its_reading_and_frees_its_invoice() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let entered = dispatcher.post(REFUELS, refuel("5")).await.expect(201);
    let path = format!("{REFUELS}/{}", entered["id"].as_str().unwrap());
    dispatcher.delete(&path, 2).await.refused(412, "version_conflict");
    dispatcher.delete(&path, 1).await.expect(204);
    dispatcher.get(&path).await.refused(404, "not_found");
    let lower = with(refuel("5"), "odometer_km", json!(76_999));
    assert_eq!(dispatcher.post(REFUELS, lower).await.places(), ["#/odometer_km"]);
    dispatcher.post(REFUELS, refuel("5")).await.expect(201);
}

fn statement_of(reference: &str) -> String {
    format!("{STATEMENTS}/{}", id(reference))
}

#[actix_web::test]
async fn the_statements_of_november_come_out_exactly() {
    let office = Office::open().await;
    let reader = office.login("bich.tt");
    let shown = reader.get(&statement_of("fs_innova_086_2025_11")).await.expect(200);
    let figures = &shown["figures"];
    assert_eq!((&shown["month"], &shown["status"]), (&json!("2025-11"), &json!("closed")));
    assert_eq!(
        (&shown["opening_tank_litres"], &shown["closing_tank_litres"]),
        (&json!("20.00"), &json!("20.00"))
    );
    let expect = |figures: &Value, expected: Value| {
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&figures[field], value, "{field}");
        }
    };
    expect(
        figures,
        json!({
            "km": 1200, "norm_litres": "144.00", "bought_litres": "144.00", "used_litres": "144.00",
            "over_litres": "0.00", "over_percent": "0.00", "tolerance_percent": "5.00", "explanation_required": false,
            "bought_amount": 2_901_600, "allowed_amount": 2_901_600,
            "by_board": [
                {"board_id": id("btctu"), "km": 700, "litres": "84.00", "amount": 1_692_600},
                {"board_id": id("ubkttu"), "km": 500, "litres": "60.00", "amount": 1_209_000},
            ],
        }),
    );
    let trips: Vec<_> = figures["by_trip"].as_array().unwrap().iter().map(|one| &one["amount"]).collect();
    assert_eq!(json!(trips), json!([1_692_600, 1_209_000]));
    let shown = reader.get(&statement_of("fs_innova_105_2025_11")).await.expect(200);
    expect(
        &shown["figures"],
        json!({
            "km": 356, "norm_litres": "42.72", "bought_litres": "43.50", "over_litres": "0.78", "over_percent": "1.83",
            "explanation_required": false, "bought_amount": 876_525, "allowed_amount": 860_808,
            "by_board": [{"board_id": id("vptu"), "km": 356, "litres": "43.50", "amount": 876_525}],
        }),
    );
    let shown = reader.get(&statement_of("fs_pajero_2025_11")).await.expect(200);
    assert_eq!(shown["status"], "draft");
    expect(
        &shown["figures"],
        json!({
            "km": 500, "norm_litres": "80.00", "bought_litres": "88.00", "over_litres": "8.00", "over_percent": "10.00",
            "explanation_required": true, "bought_amount": 1_773_200, "allowed_amount": 1_612_000,
            "by_board": [{"board_id": id("bnctu"), "km": 500, "litres": "88.00", "amount": 1_773_200}],
        }),
    );
    assert_eq!(shown["waiting_on"]["role"], "dispatcher");
    let listed =
        reader.get(&format!("{STATEMENTS}?month=2025-11&status=closed&q=47B-000.86")).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["figures"]["km"], 1200);
    for who in ["duong.ntt", "phuoc.dh", "loc.tv"] {
        office.login(who).get(STATEMENTS).await.refused(403, "forbidden");
    }
}

fn november(car: &str, opening: Option<&str>) -> Value {
    json!({"vehicle_id": id(car), "month": "2025-11", "opening_tank_litres": opening, "closing_tank_litres": "15.00"})
}

#[actix_web::test]
async fn km_litres_and_amounts_are_shared_out_exactly() {
    let office = Office::open().await;
    for (trip, boards) in [
        (
            Trip { id: "901", day: "2025-11-03", km: 100, litres: 1301 },
            vec![("btctu", Some(34)), ("ubkttu", Some(33)), ("vptu", Some(33))],
        ),
        (Trip { id: "902", day: "2025-11-30", km: 10, litres: 131 }, vec![("vptu", None), ("btctu", None)]),
        // Not of this month.
        (Trip { id: "903", day: "2025-12-01", km: 77, litres: 999 }, vec![("bnctu", None)]),
    ] {
        completed(&office, &trip, &boards).await;
    }
    let dispatcher = office.login("thinh.bd");
    let bought = json!({"vehicle_id": id("v_fortuner"), "refuelled_at": "2025-11-30T23:59:59+07:00", "odometer_km": 61_700,
        "fuel_type": "petrol", "litres": "10.00", "unit_price": 20_000, "amount": 200_000,
        "invoice": {"seller_tax_code": "6001234567", "number": "F1", "issued_on": "2025-12-01"}});
    dispatcher.post(REFUELS, bought).await.expect(201);
    let shown = dispatcher.post(STATEMENTS, november("v_fortuner", Some("20.00"))).await.expect(201);
    let figures = &shown["figures"];
    assert_eq!((&figures["km"], &figures["norm_litres"]), (&json!(110), &json!("14.32")));
    assert_eq!((&figures["used_litres"], &figures["over_litres"]), (&json!("15.00"), &json!("0.68")));
    // 37, 33 and 40 km of 110; 200 000 make 67 272.7, 60 000, 72 727.3.
    assert_eq!(
        figures["by_board"],
        json!([
            {"board_id": id("btctu"), "km": 39, "litres": "3.55", "amount": 70_909},
            {"board_id": id("ubkttu"), "km": 33, "litres": "3.00", "amount": 60_000},
            {"board_id": id("vptu"), "km": 38, "litres": "3.45", "amount": 69_091},
        ])
    );
    let by_trip: Vec<_> =
        figures["by_trip"].as_array().unwrap().iter().map(|one| (&one["litres"], &one["amount"])).collect();
    assert_eq!(json!(by_trip), json!([["9.09", 181_818], ["0.91", 18_182]]));
}

#[actix_web::test]
async fn the_tank_goes_on_from_the_statement_before() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let refused = dispatcher.post(STATEMENTS, november("v_camry", None)).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/opening_tank_litres"]);
    let made = dispatcher.post(STATEMENTS, november("v_camry", Some("20"))).await;
    let (first, path) = (made.expect(201), made.header("location").unwrap().to_owned());
    assert_eq!(first["number"], "FS-2025-000004");
    dispatcher.post(STATEMENTS, november("v_camry", Some("20"))).await.refused(409, "duplicate");
    let december = json!({"vehicle_id": id("v_camry"), "month": "2025-12"});
    assert_eq!(dispatcher.post(STATEMENTS, december.clone()).await.places(), ["#/opening_tank_litres"]);
    dispatcher.act(&path, "close", json!({})).await.expect(200);
    let wrong = with(december.clone(), "opening_tank_litres", json!("16.00"));
    assert_eq!(dispatcher.post(STATEMENTS, wrong).await.places(), ["#/opening_tank_litres"]);
    let made = dispatcher.post(STATEMENTS, december).await;
    assert_eq!(made.expect(201)["opening_tank_litres"], "15.00");
    let next = made.header("location").unwrap().to_owned();
    // What was in the tank is corrected: the draft after it follows.
    dispatcher.act(&path, "reopen", json!({})).await.refused(422, "validation_failed");
    dispatcher.act(&path, "reopen", json!({"reason": "Đo lại"})).await.expect(200);
    dispatcher.patch(&path, 3, json!({"closing_tank_litres": "14.00"})).await.expect(200);
    dispatcher.act(&next, "close", json!({})).await.refused(409, "state_conflict");
    dispatcher.act(&path, "close", json!({})).await.expect(200);
    assert_eq!(dispatcher.get(&next).await.expect(200)["opening_tank_litres"], "14.00");
    office.set_clock("2025-12-31T08:00:00+07:00");
    let refused = dispatcher.act(&next, "close", json!({})).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/closing_tank_litres"]);
    dispatcher.patch(&next, 1, json!({"closing_tank_litres": "14.01"})).await.expect(200);
    let more = dispatcher.act(&next, "close", json!({})).await;
    assert_eq!(more.places(), ["#/closing_tank_litres"], "more than there was");
    dispatcher.patch(&next, 2, json!({"closing_tank_litres": "14.00"})).await.expect(200);
    let closed = dispatcher.act(&next, "close", json!({})).await.expect(200);
    assert_eq!(closed["figures"]["used_litres"], "0.00");
    dispatcher.act(&path, "reopen", json!({"reason": "Đo lại"})).await.refused(409, "state_conflict");
    dispatcher.patch(&path, 5, json!({"explanation": "Đo lại"})).await.refused(409, "state_conflict");
    let early = json!({"vehicle_id": id("v_camry"), "month": "2025-10", "opening_tank_litres": "1"});
    dispatcher.post(STATEMENTS, early).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn a_month_is_closed_when_it_is_over_and_every_trip_is_back() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let december =
        json!({"vehicle_id": id("v_innova_086"), "month": "2025-12", "closing_tank_litres": "20.00"});
    let made = dispatcher.post(STATEMENTS, december).await;
    let path = made.header("location").unwrap().to_owned();
    dispatcher.act(&path, "close", json!({})).await.refused(409, "state_conflict");
    office.set_clock("2025-12-31T08:00:00+07:00");
    let refused = dispatcher.act(&path, "close", json!({})).await.refused(409, "state_conflict");
    assert!(refused["detail"].as_str().unwrap().contains("107/LĐX-2025"), "{refused}");
    let trip = format!("/v1/trips/{}", id("do_06"));
    let back = json!({"odometer_km": 119_670, "returned_at": "2025-12-12T17:00:00+07:00", "mountain_km": 0,
        "air_conditioned_km": 0, "idling_minutes": 0});
    dispatcher.act(&trip, "complete", back).await.expect(200);
    let closed = dispatcher.act(&path, "close", json!({})).await.expect(200);
    assert_eq!(closed["figures"]["km"], 170);
    let future =
        json!({"vehicle_id": id("v_innova_086"), "month": "2026-01", "opening_tank_litres": "20.00"});
    assert_eq!(dispatcher.post(STATEMENTS, future).await.places(), ["#/month"]);
}

#[actix_web::test]
async fn a_closed_month_keeps_its_refuels_and_its_figures() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let path = statement_of("fs_innova_105_2025_11");
    let before = dispatcher.get(&path).await.expect(200)["figures"].clone();
    let bought = format!("{REFUELS}/{}", id("tl_03/fuel/0"));
    dispatcher.patch(&bought, 1, json!({"amount": 876_526})).await.refused(409, "state_conflict");
    dispatcher.delete(&bought, 1).await.refused(409, "state_conflict");
    let mut late = refuel("L1");
    late["vehicle_id"] = json!(id("v_innova_105"));
    late["refuelled_at"] = json!("2025-11-30T23:00:00+07:00");
    late["odometer_km"] = json!(97_996);
    dispatcher.post(REFUELS, late.clone()).await.refused(409, "state_conflict");
    dispatcher.act(&path, "reopen", json!({"reason": "Nhập thiếu một hóa đơn"})).await.expect(200);
    dispatcher.post(REFUELS, late).await.expect(201);
    let after = dispatcher.get(&path).await.expect(200);
    assert_eq!(
        (&before["bought_litres"], &after["figures"]["bought_litres"]),
        (&json!("43.50"), &json!("54.00"))
    );
    let history = dispatcher.get(&format!("{path}/history")).await.expect(200);
    let reopened = &history["items"][2];
    assert_eq!(
        (&reopened["action"], &reopened["reason"]),
        (&json!("reopen"), &json!("Nhập thiếu một hóa đơn"))
    );
}

fn for_board() -> Value {
    json!({"board_id": id("vptu")})
}

#[actix_web::test]
async fn a_claim_is_made_of_the_refuels_of_a_statement() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let path = statement_of("fs_innova_105_2025_11");
    let made = dispatcher.post(&format!("{path}/claim"), for_board()).await;
    let claim = made.expect(201);
    let address = made.header("location").unwrap().to_owned();
    assert_eq!(dispatcher.get(&address).await.expect(200), claim);
    assert_eq!(
        (&claim["kind"], &claim["status"], &claim["board_id"]),
        (&json!("fuel"), &json!("draft"), &json!(id("vptu")))
    );
    assert_eq!((&claim["claimant_id"], &claim["claimed_amount"]), (&json!(id("p_thinh")), &json!(876_525)));
    assert_eq!(claim["purpose"], "Nhiên liệu xe 47B-001.05 tháng 11/2025");
    let line = &claim["lines"][0];
    assert_eq!((&line["kind"], &line["incurred_on"]), (&json!("fuel"), &json!("2025-11-11")));
    assert_eq!(line["invoice"]["number"], "HD0011340");
    assert_eq!(line["refuel_id"], json!(id("tl_03/fuel/0")));
    assert_eq!(line["description"], "Xe 47B-001.05: 43.50 lít × 20150 đ, lệnh 103/LĐX-2025");
    let bought = dispatcher.get(&format!("{REFUELS}/{}", id("tl_03/fuel/0"))).await.expect(200);
    assert_eq!(bought["claim_id"], claim["id"]);
    dispatcher.post(&format!("{path}/claim"), for_board()).await.refused(409, "already_claimed");
    dispatcher.act(&path, "reopen", json!({"reason": "Sai"})).await.refused(409, "already_claimed");
    // The lines are what was bought.
    for (change, place) in [(json!({"lines": []}), "#/lines"), (json!({"kind": "other"}), "#/kind")] {
        let refused = dispatcher.patch(&address, 1, change).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), [place]);
    }
    dispatcher.patch(&address, 1, json!({"purpose": "Xăng xe tháng 11"})).await.expect(200);
    dispatcher.act(&address, "submit", json!({})).await.expect(200);
    // Returned, the claim keeps its refuels; rejected, it gives them free.
    let head = office.login("linh.n");
    head.act(&address, "return", json!({"reason": "Ghi rõ mục đích"})).await.expect(200);
    dispatcher.post(&format!("{path}/claim"), for_board()).await.refused(409, "already_claimed");
    dispatcher.act(&address, "submit", json!({})).await.expect(200);
    head.act(&address, "reject", json!({"reason": "Lập lại"})).await.expect(200);
    let again = dispatcher.post(&format!("{path}/claim"), for_board()).await.expect(201);
    assert_ne!(again["id"], claim["id"]);
    let second = format!("/v1/expense-claims/{}", again["id"].as_str().unwrap());
    dispatcher.act(&second, "withdraw", json!({})).await.expect(200);
    let bought = dispatcher.get(&format!("{REFUELS}/{}", id("tl_03/fuel/0"))).await.expect(200);
    assert_eq!(bought["claim_id"], Value::Null);
    dispatcher.act(&path, "reopen", json!({"reason": "Sai"})).await.expect(200);
    let named = format!("{REFUELS}/{}", id("tl_03/fuel/0"));
    dispatcher.delete(&named, 1).await.refused(409, "in_use");
}

#[actix_web::test]
async fn what_is_over_the_norm_is_explained_before_it_is_claimed() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let path = statement_of("fs_pajero_2025_11");
    let claim = format!("{path}/claim");
    dispatcher.post(&claim, for_board()).await.refused(409, "state_conflict");
    dispatcher.act(&path, "close", json!({})).await.expect(200);
    dispatcher.post(&claim, for_board()).await.refused(422, "explanation_required");
    dispatcher.act(&path, "reopen", json!({"reason": "Bổ sung giải trình"})).await.expect(200);
    dispatcher.patch(&path, 3, json!({"explanation": "Đường đèo sạt lở, phải đi vòng"})).await.expect(200);
    dispatcher.act(&path, "close", json!({})).await.expect(200);
    let made = dispatcher.post(&claim, for_board()).await.expect(201);
    let amounts: Vec<_> =
        made["lines"].as_array().unwrap().iter().map(|line| &line["claimed_amount"]).collect();
    assert_eq!(json!(amounts), json!([1_007_500, 765_700]));
}

#[actix_web::test]
async fn a_claim_is_for_a_board_of_the_caller_who_reads_statements() {
    let office = Office::open().await;
    let claim = format!("{}/claim", statement_of("fs_innova_105_2025_11"));
    let body = json!({"board_id": id("btctu")});
    let refused = office.login("thinh.bd").post(&claim, body.clone()).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/board_id"]);
    office.login("duong.ntt").post(&claim, body.clone()).await.refused(404, "not_found");
    office.login("bich.tt").post(&claim, body).await.refused(403, "forbidden");
    let demo = format!("{}/claim", statement_of("fs_innova_086_2025_11"));
    office.login("thinh.bd").post(&demo, for_board()).await.refused(409, "already_claimed");
}

#[actix_web::test]
async fn twenty_claims_of_one_statement_at_once_make_one() {
    let office = Office::open().await;
    let claim = format!("{}/claim", statement_of("fs_innova_105_2025_11"));
    let (here, there) = (office.login("thinh.bd"), office.second_process().await);
    let there = office.login_at(&there, "thinh.bd");
    here.token().await;
    let all = (0..20).map(|number| if number % 2 == 0 { &here } else { &there });
    let answers = join_all(all.map(|client| client.post(&claim, for_board()))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_claimed");
    }
}

#[actix_web::test]
async fn the_database_itself_holds_a_refuel_to_one_claim() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let claimed = |line: &str, refuel: &str| {
        let line = expense_claim_lines::ActiveModel {
            id: Set(id(line)),
            refuel_id: Set(Some(id(refuel))),
            live_refuel_id: Set(Some(id(refuel))),
            ..Default::default()
        };
        async move { line.update(db).await.map(drop).map_err(shared_office::error::ApiError::from) }
    };
    let refused = claimed("ec_13/line/0", "tl_01/fuel/0").await.unwrap_err();
    assert_eq!(refused.code().name(), "already_claimed");
    claimed("ec_13/line/0", "tl_04/fuel/0").await.unwrap();
}
