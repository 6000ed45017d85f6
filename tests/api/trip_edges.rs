//! Trips where the plan and the road differ, and where somebody has lost a right.

use crate::support::dispatch::{
    approved, approved_with, broken, demo, holds_are_exact, issue, issued, january, planned, step,
};
use crate::support::{Office, Value, id, json};

#[actix_web::test]
async fn a_car_that_leaves_early_is_held_from_then_on() {
    let office = Office::open().await;
    let (later, _) = issued(&office, "10:00", "12:00", "v_everest", "dr_son").await;
    let (first, _) = issued(&office, "07:00", "09:00", "v_everest", "dr_tu").await;
    office.set_clock(&january("08:30"));
    let thinh = office.login("thinh.bd");
    let km = json!({"odometer_km": 45_560});
    let refused = step(&thinh, &later, "depart", km.clone()).await;
    assert_eq!(refused.refused(409, "time_taken")["clashes"][0]["held_by"], "trip");
    step(&thinh, &first, "void", json!({"reason": "Hoãn"})).await.expect(200);
    let left = step(&thinh, &later, "depart", km).await.expect(200);
    assert_eq!(
        (&left["starts_at"], &left["ends_at"]),
        (&json!("2026-01-12T01:30:00Z"), &json!("2026-01-12T05:00:00Z"))
    );
    holds_are_exact(&office).await;
    let another = approved(&office, "btctu", "11:00", "11:30").await;
    let trip = planned(&office, &[&another], "v_everest", "dr_khoa").await;
    issue(&thinh, &trip).await.refused(409, "time_taken");
}

#[actix_web::test]
async fn a_trip_that_leaves_days_before_its_time_moves_as_a_whole() {
    let office = Office::open().await;
    let (trip, _) = issued(&office, "15T07:00", "15T17:00", "v_everest", "dr_son").await;
    office.set_clock(&january("12T06:00"));
    let left = step(&office.login("thinh.bd"), &trip, "depart", json!({"odometer_km": 45_560})).await;
    assert_eq!(left.expect(200)["ends_at"], "2026-01-12T09:00:00Z", "ten hours, as planned");
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_board_does_not_learn_the_places_of_the_others_on_its_trip() {
    let office = Office::open().await;
    let own = approved(&office, "btctu", "07:00", "17:00").await;
    let secret = json!({"destination": "Nơi kín", "pick_up_place": "Cổng kín"});
    let other = approved_with(&office, "ubkttu", &january("08:00"), &january("16:00"), secret).await;
    let note = json!({"note": "Đón ở Cổng kín"});
    let plan = json!({"booking_ids": [own, other], "vehicle_id": id("v_everest"), "driver_id": id("dr_son")});
    let plan = crate::support::dispatch::with(plan, note);
    let made = office.login("thinh.bd").post("/v1/trips", plan).await.expect(201);
    assert!(made["route"].as_str().unwrap().contains("Nơi kín"));
    let trip = format!("/v1/trips/{}", made["id"].as_str().unwrap());
    let duong = office.login("duong.ntt");
    let seen = duong.get(&trip).await.expect(200);
    assert_eq!((&seen["route"], &seen["note"]), (&json!("Trụ sở Tỉnh ủy - Buôn Hồ"), &Value::Null));
    let found = duong.get("/v1/trips?q=N%C6%A1i%20k%C3%ADn").await.expect(200);
    assert_eq!(found["items"], json!([]), "nor by searching for them");
    let by_number = duong.get("/v1/trips?q=107").await.expect(200);
    assert_eq!(by_number["items"][0]["number"], "107/LĐX-2025");
}

#[actix_web::test]
async fn who_drives_no_more_sees_the_old_drives_no_more() {
    let office = Office::open().await;
    let driver = office.login("tu.dc");
    driver.get(&demo("do_06")).await.expect(200);
    let admin = office.login("kien.ht");
    let login = format!("/v1/users/{}", id("lg_tu"));
    let other = json!({"role": "requester", "board_id": id("bnctu"), "valid_from": "2025-01-01"});
    admin.post(&format!("{login}/grant-role"), other).await.expect(200);
    let end = json!({"role_id": id("lg_tu/driver/office"), "reason": "Chuyển công tác"});
    admin.post(&format!("{login}/end-role"), end).await.expect(200);
    driver.get(&demo("do_06")).await.refused(404, "not_found");
    let drives = driver.get("/v1/trips").await.expect(200);
    let drivers = drives["items"].as_array().unwrap().iter().map(|trip| trip["driver_id"].clone());
    assert!(drivers.into_iter().all(|driver| driver != json!(id("dr_tu"))), "{drives}");
    assert_eq!(driver.get("/v1/refuels").await.expect(200)["items"].as_array().unwrap().len(), 2, "of bnctu");
}

#[actix_web::test]
async fn a_correction_comes_after_every_reading_that_was_there_before_it() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    // The return of a moment ago and the consent have the same time on their clocks.
    let corrections = format!("/v1/vehicles/{}/odometer-corrections", id("v_innova_086"));
    let proposed = json!({"odometer_km": 50, "reason": "Thay đồng hồ"});
    let proposed = thinh.post(&corrections, proposed).await.expect(201);
    step(&thinh, &demo("do_06"), "complete", json!({"odometer_km": 119_670})).await.expect(200);
    let consent = format!("/v1/odometer-corrections/{}/consent", proposed["id"].as_str().unwrap());
    office.login("an.nv").post(&consent, json!({})).await.expect(200);
    let car = format!("/v1/vehicles/{}", id("v_innova_086"));
    assert_eq!(thinh.get(&car).await.expect(200)["odometer_km"], 50);
    let readings = thinh.get(&format!("{car}/odometer-entries?limit=200")).await.expect(200);
    assert_eq!(readings["items"].as_array().unwrap().last().unwrap()["kind"], "correction");
}

#[actix_web::test]
async fn no_departure_is_dated_back_into_a_closed_month() {
    let office = Office::open().await;
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    office.set_clock(&january("12T07:30"));
    let thinh = office.login("thinh.bd");
    let month = json!({"vehicle_id": id("v_everest"), "month": "2025-12", "opening_tank_litres": "20",
        "closing_tank_litres": "20"});
    let statement = thinh.post("/v1/fuel-statements", month).await.expect(201);
    let statement = format!("/v1/fuel-statements/{}", statement["id"].as_str().unwrap());
    thinh.act(&statement, "close", json!({})).await.expect(200);
    let back = json!({"odometer_km": 45_560, "departed_at": "2025-12-30T07:00:00+07:00"});
    step(&thinh, &trip, "depart", back).await.refused(409, "state_conflict");
    step(&thinh, &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
}

#[actix_web::test]
async fn an_order_names_all_that_is_wrong_with_its_title_car() {
    let office = Office::open().await;
    let booking = approved(&office, "btctu", "07:00", "17:00").await;
    let trip = planned(&office, &[&booking], "v_camry", "dr_loc").await;
    let refused = issue(&office.login("thinh.bd"), &trip).await;
    refused.refused(422, "validation_failed");
    assert_eq!(broken(&refused), ["#/vehicle_id title_car"]);
}
