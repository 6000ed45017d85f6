//! Trips as logs: odometer, fuel and shares to the last litre, verified by another person and confirmed by who
//! asked for the car.

use chrono::TimeDelta;
use futures_util::future::join_all;

use crate::support::dispatch::{
    allowed, approved, approved_with, booking_at, broken, demo, driven, history, holds_are_exact, issue,
    issued, january, of_booking, planned, planned_with, status, step, vectors, written,
};
use crate::support::{Client, Office, Value, id, json};

#[actix_web::test]
async fn two_boards_share_one_trip_to_the_last_litre() {
    let office = Office::open().await;
    let first = approved(&office, "btctu", "07:00", "17:00").await;
    let second =
        approved_with(&office, "bnctu", &january("08:00"), &january("16:00"), json!({"passenger_count": 1}))
            .await;
    let trip = planned(&office, &[&second, &first], "v_everest", "dr_son").await;
    let thinh = office.login("thinh.bd");
    let plan = thinh.get(&trip).await.expect(200);
    assert_eq!(
        (&plan["starts_at"], &plan["ends_at"]),
        (&json!("2026-01-12T00:00:00Z"), &json!("2026-01-12T10:00:00Z"))
    );
    assert_eq!((&plan["route"], &plan["number"]), (&json!("Trụ sở Tỉnh ủy - Buôn Hồ"), &Value::Null));
    assert_eq!(plan["booking_ids"], json!([second, first]), "in the dispatcher's order");
    let order = issue(&thinh, &trip).await.expect(200);
    assert_eq!(
        json!([
            order["number"],
            order["status"],
            order["revision"],
            order["issued_by_id"],
            order["passenger_count"]
        ]),
        json!(["110/LĐX-2025", "issued", 1, id("p_thinh"), 3])
    );
    holds_are_exact(&office).await;
    office.set_clock(&january("07:00"));
    let son = office.login("son.pt");
    step(&son, &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
    office.set_clock(&january("16:30"));
    let son = office.login("son.pt");
    let back = step(&son, &trip, "complete", json!({"odometer_km": 45_661})).await.expect(200);
    // 10.0 l for 100 km; two passengers and one, to the largest fractions.
    assert_eq!(
        (&back["km"], &back["norm_litres"], &back["norm_id"]),
        (&json!(101), &json!("10.10"), &json!(id("fn_everest_1")))
    );
    for (booking, km, litres) in [(&first, 67, "6.73"), (&second, 34, "3.37")] {
        let row = of_booking(&back, booking);
        assert_eq!((&row["share_km"], &row["share_litres"]), (&json!(km), &json!(litres)));
    }
    holds_are_exact(&office).await;
    let thinh = office.login("thinh.bd");
    let shares = json!({"shares": [{"booking_id": first, "km": 60}, {"booking_id": second, "km": 40}]});
    let verified = step(&thinh, &trip, "verify", shares).await.expect(200);
    assert_eq!(
        (&verified["status"], &verified["verified_by_id"]),
        (&json!("verified"), &json!(id("p_thinh")))
    );
    for (booking, km, litres) in [(&first, 61, "6.06"), (&second, 40, "4.04")] {
        let row = of_booking(&verified, booking);
        assert_eq!((&row["share_km"], &row["share_litres"]), (&json!(km), &json!(litres)));
    }
    let confirmed =
        step(&office.login("duong.ntt"), &booking_at(&first), "confirm", json!({})).await.expect(200);
    assert_eq!((&confirmed["status"], &confirmed["trip_id"]), (&json!("closed"), &verified["id"]));
    assert_eq!(history(&thinh, &trip).await, ["create", "issue", "depart", "complete", "verify"]);
    assert_eq!(
        history(&thinh, &booking_at(&second)).await,
        ["create", "submit", "approve", "schedule", "depart", "complete"]
    );
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_departure_fits_the_odometer_and_the_clock() {
    let office = Office::open().await;
    let (trip, booking) = issued(&office, "07:00", "12:00", "v_everest", "dr_son").await;
    let (next, _) = issued(&office, "12:00", "15:00", "v_everest", "dr_khoa").await;
    let (same_driver, _) = issued(&office, "15:00", "17:00", "v_fortuner", "dr_son").await;
    office.set_clock(&january("07:10"));
    let thinh = office.login("thinh.bd");
    let depart = async |trip: &str, body: Value| step(&thinh, trip, "depart", body).await;
    let before = written(&office).await;
    for (body, expected) in [
        (json!({"odometer_km": 45_559}), "#/odometer_km odometer_went_back"),
        (json!({"odometer_km": 45_570}), "#/gap_reason gap_reason_required"),
        (json!({"odometer_km": 45_570, "gap_reason": ""}), "#/gap_reason gap_reason_required"),
        (json!({"odometer_km": 45_560, "departed_at": january("07:11")}), "#/departed_at out_of_range"),
        (
            json!({"odometer_km": 45_560, "departed_at": "2025-12-12T07:59:59+07:00"}),
            "#/departed_at out_of_range",
        ),
    ] {
        let refused = depart(&trip, body).await;
        refused.refused(422, "validation_failed");
        assert_eq!(broken(&refused), [expected]);
    }
    depart(&trip, json!({})).await.refused(400, "malformed_request");
    assert_eq!(written(&office).await, before);
    let body = json!({"odometer_km": 45_570, "departed_at": january("07:05"), "gap_reason": "Đưa xe đi rửa"});
    let out = depart(&trip, body).await.expect(200);
    assert_eq!(
        json!([out["status"], out["departed_at"], out["odometer_start_km"]]),
        json!(["departed", "2026-01-12T00:05:00Z", 45_570])
    );
    assert_eq!(status(&thinh, &booking).await, "in_progress");
    let entries =
        format!("/v1/vehicles/{}/odometer-entries?read_at_from=2026-01-01T00:00:00Z", id("v_everest"));
    let entry = thinh.get(&entries).await.expect(200)["items"][0].clone();
    assert_eq!(
        json!([entry["kind"], entry["km"], entry["gap_km"], entry["gap_reason"], entry["source_id"]]),
        json!(["departure", 45_570, 10, "Đưa xe đi rửa", out["id"]])
    );
    holds_are_exact(&office).await;
    // The car is late: neither the car nor the driver leaves a second time.
    office.set_clock(&january("15:00"));
    let thinh = office.login("thinh.bd");
    for (other, km) in [(&next, 45_600), (&same_driver, 61_540)] {
        let refused = step(&thinh, other, "depart", json!({"odometer_km": km, "gap_reason": "x"})).await;
        let detail = refused.refused(409, "state_conflict")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("110/LĐX-2025"), "{detail}");
    }
    step(&thinh, &trip, "complete", json!({"odometer_km": 45_700})).await.expect(200);
    step(&thinh, &same_driver, "depart", json!({"odometer_km": 61_540})).await.expect(200);
    step(&thinh, &next, "depart", json!({"odometer_km": 45_700})).await.expect(200);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_return_is_held_against_the_norm_and_a_wrong_log_changes_nothing() {
    let office = Office::open().await;
    let tu = office.login("tu.dc");
    let trip = demo("do_06");
    office.set_clock("2025-12-12T16:20:00+07:00");
    let before = written(&office).await;
    for (body, expected) in [
        (json!({"odometer_km": 119_500}), vec!["#/odometer_km km_must_be_positive"]),
        (json!({"odometer_km": 119_499}), vec!["#/odometer_km odometer_went_back"]),
        (
            json!({"odometer_km": 119_500, "mountain_km": 1, "air_conditioned_km": 1, "idling_minutes": 561}),
            vec![
                "#/odometer_km km_must_be_positive",
                "#/mountain_km out_of_range",
                "#/air_conditioned_km out_of_range",
                "#/idling_minutes out_of_range",
            ],
        ),
        (
            json!({"odometer_km": 119_670, "returned_at": "2025-12-12T16:20:01+07:00"}),
            vec!["#/returned_at out_of_range"],
        ),
        (
            json!({"odometer_km": 119_670, "returned_at": "2025-12-12T07:00:00+07:00"}),
            vec!["#/returned_at out_of_range"],
        ),
    ] {
        let refused = step(&tu, &trip, "complete", body).await;
        refused.refused(422, "validation_failed");
        assert_eq!(broken(&refused), expected);
    }
    assert_eq!(written(&office).await, before);
    let body = json!({"odometer_km": 119_670, "returned_at": "2025-12-12T16:00:00+07:00", "mountain_km": 40,
        "air_conditioned_km": 170, "idling_minutes": 30});
    let back = step(&tu, &trip, "complete", body).await.expect(200);
    assert_eq!(
        json!([
            back["status"],
            back["km"],
            back["norm_litres"],
            back["norm_id"],
            back["returned_at"],
            back["mountain_km"]
        ]),
        json!(["completed", 170, "20.40", id("fn_innova_086_1"), "2025-12-12T09:00:00Z", 40])
    );
    assert!(back["norm_working"].to_string().contains("12.00"), "{}", back["norm_working"]);
    assert_eq!(back["bookings"][0]["share_litres"], "20.40");
    let car = tu.get(&format!("/v1/vehicles/{}", id("v_innova_086"))).await.expect(200);
    assert_eq!(car["odometer_km"], 119_670);
    assert_eq!(
        history(&tu, &format!("/v1/vehicles/{}", id("v_innova_086"))).await.last().unwrap(),
        "read-odometer"
    );
    holds_are_exact(&office).await;
    // A new norm of later days does not touch it.
    let norm = json!({"litres_per_100_km": "9.9", "valid_from": "2025-12-13", "document_number": "1", "issuer": "VPTU", "verification": "verified"});
    office
        .login("bich.tt")
        .post(&format!("/v1/vehicles/{}/fuel-norms", id("v_innova_086")), norm)
        .await
        .expect(201);
    let seen = tu.get(&trip).await.expect(200);
    assert_eq!((&seen["norm_working"], &seen["norm_litres"]), (&back["norm_working"], &back["norm_litres"]));
}

/// A car that was just bought: papers and odometer, and a norm if asked for.
async fn new_car(office: &Office, plate: &str, odometer_km: i64, norm: bool) -> String {
    let thinh = office.login("thinh.bd");
    let car = json!({"plate": plate, "name": "Kia Carnival", "kind": "pool_car", "seats": 7, "fuel_type": "diesel",
        "odometer_km": odometer_km});
    let car = thinh.post("/v1/vehicles", car).await.expect(201)["id"].as_str().unwrap().to_owned();
    for kind in ["inspection", "insurance"] {
        let paper = json!({"kind": kind, "number": format!("{kind} {plate}"), "valid_from": "2025-01-01", "valid_to": "2030-12-31"});
        thinh.post(&format!("/v1/vehicles/{car}/papers"), paper).await.expect(201);
    }
    if norm {
        let norm = json!({"litres_per_100_km": "10", "valid_from": "2025-01-01", "document_number": "1",
            "issuer": "VPTU", "verification": "verified"});
        office.login("bich.tt").post(&format!("/v1/vehicles/{car}/fuel-norms"), norm).await.expect(201);
    }
    car
}

#[actix_web::test]
async fn a_car_without_a_norm_comes_back_only_when_there_is_one() {
    let office = Office::open().await;
    let car = new_car(&office, "47A-012.34", 15, false).await;
    let booking = approved(&office, "btctu", "07:00", "17:00").await;
    let trip = planned_with(&office, &[&booking], "v_cross", "dr_son", json!({"vehicle_id": car})).await;
    issue(&office.login("thinh.bd"), &trip).await.expect(200);
    office.set_clock(&january("07:00"));
    let son = office.login("son.pt");
    step(&son, &trip, "depart", json!({"odometer_km": 15})).await.expect(200);
    office.advance(TimeDelta::minutes(9));
    let before = written(&office).await;
    step(&son, &trip, "complete", json!({"odometer_km": 25})).await.refused(422, "rate_not_found");
    assert_eq!(written(&office).await, before);
    let norm = json!({"litres_per_100_km": "8.25", "valid_from": "2026-01-12", "document_number": "1", "issuer": "VPTU", "verification": "verified"});
    office.login("bich.tt").post(&format!("/v1/vehicles/{car}/fuel-norms"), norm).await.expect(201);
    let back = step(&son, &trip, "complete", json!({"odometer_km": 25})).await.expect(200);
    assert_eq!(back["norm_litres"], "0.83", "0.825 l, rounded half up");
}

#[actix_web::test]
async fn odometers_are_read_as_the_examples_say() {
    let office = Office::open().await;
    for (n, row) in vectors("odometer").as_array().unwrap().iter().enumerate() {
        let car =
            new_car(&office, &format!("47A-012.{:02}", n + 1), row["last_km"].as_i64().unwrap(), true).await;
        let (from, to) =
            (format!("2026-01-{:02}T08:00:00+07:00", n + 5), format!("2026-01-{:02}T10:00:00+07:00", n + 5));
        let booking = approved_with(&office, "btctu", &from, &to, json!({})).await;
        let trip = planned_with(&office, &[&booking], "v_cross", "dr_khoa", json!({"vehicle_id": car})).await;
        issue(&office.login("thinh.bd"), &trip).await.expect(200);
        office.set_clock(&from);
        let khoa = office.login("khoa.m");
        let depart = json!({"odometer_km": row["start_km"], "gap_reason": row["gap_reason"]});
        let mut answer = step(&khoa, &trip, "depart", depart).await;
        let departed = answer.status == 200;
        if departed {
            office.set_clock(&to);
            answer =
                step(&office.login("khoa.m"), &trip, "complete", json!({"odometer_km": row["end_km"]})).await;
        }
        match row["refused"].as_str() {
            None => {
                assert_eq!(answer.expect(200)["km"], row["km"], "{row}");
                let entries =
                    format!("/v1/vehicles/{car}/odometer-entries?read_at_from=2026-01-01T00:00:00Z");
                let entries = office.login("khoa.m").get(&entries).await.expect(200);
                let rows = entries["items"].as_array().unwrap();
                let departure = rows.iter().find(|entry| entry["kind"] == "departure").unwrap();
                assert_eq!(departure["gap_km"], row["gap_km"], "{row}");
            }
            Some(code) => {
                answer.refused(422, "validation_failed");
                assert_eq!(answer.body["errors"][0]["code"], code, "{row}");
            }
        }
        if departed && answer.status != 200 {
            // The driver comes home for the next example.
            let end_km = row["start_km"].as_i64().unwrap() + 1;
            step(&office.login("khoa.m"), &trip, "complete", json!({"odometer_km": end_km}))
                .await
                .expect(200);
        }
    }
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn an_early_return_frees_the_rest_of_the_time() {
    let office = Office::open().await;
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    let next = approved(&office, "bnctu", "13:00", "16:00").await;
    office.set_clock(&january("07:00"));
    step(&office.login("son.pt"), &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
    let other = planned(&office, &[&next], "v_everest", "dr_son").await;
    issue(&office.login("thinh.bd"), &other).await.refused(409, "time_taken");
    office.set_clock(&january("12:40"));
    let back = json!({"odometer_km": 45_600, "returned_at": january("12:30")});
    step(&office.login("son.pt"), &trip, "complete", back).await.expect(200);
    holds_are_exact(&office).await;
    issue(&office.login("thinh.bd"), &other).await.expect(200);
    holds_are_exact(&office).await;
    // Back before it should have begun: the car was not needed at all.
    let (early, _) = issued(&office, "14T07:00", "14T17:00", "v_everest", "dr_son").await;
    let driven = json!({"odometer_km": 45_600});
    step(&office.login("son.pt"), &early, "depart", driven.clone()).await.refused(409, "time_taken");
    office.set_clock(&january("17:00"));
    step(&office.login("son.pt"), &early, "depart", driven).await.expect(200);
    office.set_clock(&january("17:15"));
    step(&office.login("son.pt"), &early, "complete", json!({"odometer_km": 45_610})).await.expect(200);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn nobody_verifies_their_own_drive() {
    let office = Office::open().await;
    let role = json!({"role": "dispatcher", "board_id": null, "valid_from": "2025-12-01"});
    office
        .login("kien.ht")
        .post(&format!("/v1/users/{}/grant-role", id("lg_truong")), role)
        .await
        .expect(200);
    let truong = office.login("truong.mx");
    let seen = truong.get(&demo("do_05")).await.expect(200);
    assert_eq!(allowed(&seen), [""; 0]);
    assert_eq!(
        seen["waiting_on"]["staff"],
        json!([id("p_thinh")]),
        "the driver is not asked, dispatcher or not"
    );
    step(&truong, &demo("do_05"), "verify", json!({})).await.refused(403, "four_eyes");
    let thinh = office.login("thinh.bd");
    let booking = id("vb_05");
    for (shares, expected) in [
        (json!([{"booking_id": id("vb_04"), "km": 5}]), vec!["#/shares/0/booking_id not_on_this_trip"]),
        (
            json!([{"booking_id": booking, "km": 5}, {"booking_id": booking, "km": 5}]),
            vec!["#/shares/1/booking_id not_on_this_trip"],
        ),
        (json!([{"booking_id": booking, "km": 0}]), vec!["#/shares km_must_be_positive"]),
    ] {
        let refused = step(&thinh, &demo("do_05"), "verify", json!({"shares": shares})).await;
        refused.refused(422, "validation_failed");
        assert_eq!(broken(&refused), expected);
    }
    let verified = step(&thinh, &demo("do_05"), "verify", json!({})).await.expect(200);
    assert_eq!((&verified["bookings"][0]["share_km"], &verified["km"]), (&json!(96), &json!(96)));
    // Everybody else may be verified by the same person.
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    driven(&office, &trip, 45_560, 45_600).await;
    step(&office.login("truong.mx"), &trip, "verify", json!({})).await.expect(200);
}

#[actix_web::test]
async fn shares_name_every_booking_of_the_trip() {
    let office = Office::open().await;
    let first = approved(&office, "btctu", "07:00", "17:00").await;
    let second = approved(&office, "bnctu", "08:00", "16:00").await;
    let trip = planned(&office, &[&first, &second], "v_everest", "dr_son").await;
    issue(&office.login("thinh.bd"), &trip).await.expect(200);
    driven(&office, &trip, 45_560, 45_567).await;
    let thinh = office.login("thinh.bd");
    let refused = step(&thinh, &trip, "verify", json!({"shares": [{"booking_id": first, "km": 5}]})).await;
    assert_eq!(broken(&refused), ["#/shares incomplete"]);
    let shares = json!([{"booking_id": second, "km": 0}, {"booking_id": first, "km": 9}]);
    let verified = step(&thinh, &trip, "verify", json!({"shares": shares})).await.expect(200);
    let parts = |field: &str| {
        [of_booking(&verified, &first)[field].clone(), of_booking(&verified, &second)[field].clone()]
    };
    assert_eq!(parts("share_km"), [json!(7), json!(0)]);
    assert_eq!(parts("share_litres"), [json!("0.70"), json!("0.00")]);
}

#[actix_web::test]
async fn a_requester_says_what_differs_from_the_log() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let booking = booking_at(&id("vb_06").to_string());
    step(&duong, &booking, "confirm", json!({})).await.refused(409, "state_conflict");
    office.set_clock("2025-12-12T17:30:00+07:00");
    step(&office.login("tu.dc"), &demo("do_06"), "complete", json!({"odometer_km": 119_670}))
        .await
        .expect(200);
    let duong = office.login("duong.ntt");
    for (body, places) in [
        (json!({"stated_km": 160}), vec!["#/note"]),
        (json!({"stated_km": 160, "note": ""}), vec!["#/note"]),
        (json!({"stated_ends_at": "2025-12-12T07:00:00+07:00"}), vec!["#/note", "#/stated_ends_at"]),
        (json!({"stated_ends_at": "2025-12-12T17:30:01+07:00", "note": "x"}), vec!["#/stated_ends_at"]),
    ] {
        let refused = step(&duong, &booking, "confirm", body).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), places);
    }
    let body = json!({"stated_km": 160, "stated_ends_at": "2025-12-12T16:45:00+07:00", "note": "Xe về sớm"});
    for person in ["phuoc.dh", "thinh.bd", "an.nv"] {
        step(&office.login(person), &booking, "confirm", body.clone()).await.refused(403, "forbidden");
    }
    let out = step(&duong, &booking, "confirm", body).await.expect(200);
    assert_eq!(
        json!([
            out["status"],
            out["stated_km"],
            out["stated_ends_at"],
            out["confirm_note"],
            out["confirmed_by_id"],
            out["decision_reason"],
            out["waiting_on"]
        ]),
        json!(["closed", 160, "2025-12-12T09:45:00Z", "Xe về sớm", id("p_duong"), null, null])
    );
    let trip = duong.get(&demo("do_06")).await.expect(200);
    assert_eq!(trip["km"], 170, "the log stays as it is");
    step(&duong, &booking, "confirm", json!({})).await.refused(409, "state_conflict");
    let told = duong.get(&format!("{booking}/history")).await.expect(200);
    assert_eq!(told["items"].as_array().unwrap().last().unwrap()["reason"], "Xe về sớm");
}

#[actix_web::test]
async fn a_service_that_nobody_confirms_is_closed_once_after_three_days() {
    let office = Office::open().await;
    let second = office.second_app().await;
    let booking = booking_at(&id("vb_06").to_string());
    office.set_clock("2025-12-12T17:30:00+07:00");
    step(&office.login("tu.dc"), &demo("do_06"), "complete", json!({"odometer_km": 119_670}))
        .await
        .expect(200);
    office.set_clock("2025-12-15T17:29:59+07:00");
    office.run_jobs().await;
    assert_eq!(status(&office.login("duong.ntt"), &booking).await, "completed");
    office.set_clock("2025-12-15T17:30:00+07:00");
    let expire = shared_office::bookings::expiry::expire;
    let counts = join_all([expire(&office.app), expire(&second), expire(&office.app), expire(&second)]).await;
    assert_eq!(counts.into_iter().map(Result::unwrap).sum::<u64>(), 1);
    let duong = office.login("duong.ntt");
    let out = duong.get(&booking).await.expect(200);
    assert_eq!((&out["status"], &out["confirmed_by_id"]), (&json!("closed"), &Value::Null));
    let told = duong.get(&format!("{booking}/history")).await.expect(200);
    let closings: Vec<_> =
        told["items"].as_array().unwrap().iter().filter(|entry| entry["to_status"] == "closed").collect();
    assert_eq!(closings.len(), 1);
    assert_eq!((&closings[0]["action"], &closings[0]["actor_name"]), (&json!("close"), &json!("system")));
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_log_that_is_kept_late_says_nothing_impossible() {
    let office = Office::open().await;
    let (first, _) = issued(&office, "07:00", "09:00", "v_everest", "dr_son").await;
    let (second, _) = issued(&office, "09:00", "11:00", "v_everest", "dr_khoa").await;
    let (same_driver, _) = issued(&office, "11:00", "13:00", "v_fortuner", "dr_khoa").await;
    // The second trip was noted first: 09:00 to 10:30.
    office.set_clock(&january("12:00"));
    let thinh = office.login("thinh.bd");
    let depart = async |trip: &str, km: i64, at: &str| {
        let body = json!({"odometer_km": km, "departed_at": january(at), "gap_reason": "Ghi bù"});
        step(&thinh, trip, "depart", body).await
    };
    let complete = async |trip: &str, km: i64, at: &str| {
        step(&thinh, trip, "complete", json!({"odometer_km": km, "returned_at": january(at)})).await
    };
    depart(&second, 45_600, "09:00").await.expect(200);
    complete(&second, 45_650, "10:30").await.expect(200);
    // Neither car nor driver was on two trips at once.
    depart(&first, 45_620, "10:00").await.refused(409, "state_conflict");
    depart(&same_driver, 61_540, "10:29").await.refused(409, "state_conflict");
    let refused = depart(&first, 45_601, "08:00").await;
    assert_eq!(broken(&refused), ["#/odometer_km odometer_went_back"], "at most what it showed at nine");
    depart(&first, 45_560, "07:00").await.expect(200);
    complete(&first, 45_640, "10:00").await.refused(409, "state_conflict");
    complete(&first, 45_700, "11:00").await.refused(409, "state_conflict");
    complete(&first, 45_600, "09:00").await.expect(200);
    depart(&same_driver, 61_540, "10:30").await.expect(200);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_departure_is_not_noted_before_a_correction_of_the_odometer() {
    let office = Office::open().await;
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    office.set_clock(&january("08:00"));
    let proposal = proposed(&office.login("thinh.bd"), "v_everest", 120).await;
    step(&office.login("an.nv"), &proposal, "consent", json!({})).await.expect(200);
    office.set_clock(&january("08:05"));
    let son = office.login("son.pt");
    let late = json!({"odometer_km": 45_560, "departed_at": january("07:30")});
    let refused = step(&son, &trip, "depart", late).await;
    refused.refused(422, "validation_failed");
    assert_eq!(broken(&refused), ["#/departed_at out_of_range"]);
    step(&son, &trip, "depart", json!({"odometer_km": 120, "departed_at": january("08:00")}))
        .await
        .expect(200);
    office.set_clock(&january("17:00"));
    let back =
        step(&office.login("son.pt"), &trip, "complete", json!({"odometer_km": 220})).await.expect(200);
    assert_eq!(back["km"], 100);
}

fn corrections(car: &str) -> String {
    format!("/v1/vehicles/{}/odometer-corrections", id(car))
}

async fn proposed(client: &Client, car: &str, km: i64) -> String {
    let body = json!({"odometer_km": km, "reason": "Thay cụm đồng hồ"});
    let proposal = client.post(&corrections(car), body).await.expect(201);
    format!("/v1/odometer-corrections/{}", proposal["id"].as_str().unwrap())
}

#[actix_web::test]
async fn an_odometer_is_set_right_by_two_people() {
    let office = Office::open().await;
    let (thinh, chief) = (office.login("thinh.bd"), office.login("an.nv"));
    office
        .login("duong.ntt")
        .post(&corrections("v_everest"), json!({"odometer_km": 1, "reason": "x"}))
        .await
        .refused(403, "forbidden");
    let proposal = proposed(&thinh, "v_everest", 120).await;
    let again = json!({"odometer_km": 130, "reason": "x"});
    thinh.post(&corrections("v_everest"), again).await.refused(409, "duplicate");
    let seen = chief.get(&proposal).await.expect(200);
    assert_eq!(seen["waiting_on"]["role"], "chief_of_office");
    assert_eq!(allowed(&seen), ["consent", "refuse"]);
    assert_eq!(allowed(&thinh.get(&proposal).await.expect(200)), [""; 0]);
    step(&thinh, &proposal, "consent", json!({})).await.refused(403, "four_eyes");
    step(&thinh, &proposal, "refuse", json!({"reason": "x"})).await.refused(403, "four_eyes");
    step(&office.login("phuoc.dh"), &proposal, "consent", json!({})).await.refused(403, "forbidden");
    // On the road the series must not change under a trip.
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    office.set_clock(&january("07:00"));
    step(&office.login("son.pt"), &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
    step(&office.login("an.nv"), &proposal, "consent", json!({})).await.refused(409, "state_conflict");
    office.set_clock(&january("17:00"));
    step(&office.login("son.pt"), &trip, "complete", json!({"odometer_km": 45_660})).await.expect(200);
    office.advance(TimeDelta::minutes(1));
    let consented = step(&office.login("an.nv"), &proposal, "consent", json!({})).await.expect(200);
    assert_eq!(
        json!([consented["status"], consented["decided_by_id"], consented["waiting_on"]]),
        json!(["consented", id("p_an"), null])
    );
    step(&office.login("an.nv"), &proposal, "consent", json!({})).await.refused(409, "state_conflict");
    let thinh = office.login("thinh.bd");
    let car = thinh.get(&format!("/v1/vehicles/{}", id("v_everest"))).await.expect(200);
    assert_eq!(car["odometer_km"], 120);
    // The series goes on from there.
    office.set_clock(&january("18:00"));
    let (trip, _) = issued(&office, "13T07:00", "13T17:00", "v_everest", "dr_son").await;
    office.set_clock(&january("13T07:00"));
    let son = office.login("son.pt");
    let back = step(&son, &trip, "depart", json!({"odometer_km": 119})).await;
    assert_eq!(broken(&back), ["#/odometer_km odometer_went_back"]);
    step(&son, &trip, "depart", json!({"odometer_km": 123, "gap_reason": "Chạy thử"})).await.expect(200);
    office.set_clock(&january("13T17:00"));
    let back =
        step(&office.login("son.pt"), &trip, "complete", json!({"odometer_km": 223})).await.expect(200);
    assert_eq!(back["km"], 100);
    let entries =
        format!("/v1/vehicles/{}/odometer-entries?read_at_from=2026-01-01T00:00:00Z", id("v_everest"));
    let entries = office.login("son.pt").get(&entries).await.expect(200);
    let rows: Vec<Value> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["kind"], row["km"], row["gap_km"], row["gap_reason"], row["series"]]))
        .collect();
    assert_eq!(
        json!(rows),
        json!([
            ["departure", 45_560, 0, null, 0],
            ["return", 45_660, 0, null, 0],
            ["correction", 120, 0, null, 1],
            ["departure", 123, 3, "Chạy thử", 1],
            ["return", 223, 0, null, 1],
        ])
    );
}

#[actix_web::test]
async fn a_refused_correction_leaves_the_odometer_and_makes_room_for_another() {
    let office = Office::open().await;
    let (thinh, chief) = (office.login("thinh.bd"), office.login("an.nv"));
    let address = format!("/v1/odometer-corrections/{}", id("oc_innova_105"));
    let refused = step(&chief, &address, "refuse", json!({})).await;
    assert_eq!(refused.places(), ["#/reason"]);
    let before =
        chief.get(&format!("/v1/vehicles/{}", id("v_innova_105"))).await.expect(200)["odometer_km"].clone();
    let out = step(&chief, &address, "refuse", json!({"reason": "Ảnh không khớp"})).await.expect(200);
    assert_eq!((&out["status"], &out["decision_reason"]), (&json!("refused"), &json!("Ảnh không khớp")));
    assert_eq!(
        chief.get(&format!("/v1/vehicles/{}", id("v_innova_105"))).await.expect(200)["odometer_km"],
        before
    );
    assert_eq!(history(&chief, &address).await, ["create", "refuse"]);
    let next = proposed(&thinh, "v_innova_105", 98_100).await;
    // Two heads are never one: of two consents at once one counts.
    let linh = office.login("linh.n");
    let answers =
        join_all([step(&chief, &next, "consent", json!({})), step(&linh, &next, "consent", json!({}))]).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let listed = chief.get(&format!("{}?status=consented", corrections("v_innova_105"))).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}
