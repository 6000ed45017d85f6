//! Trips as orders: checked as a whole, numbered, amended, void, and seen by those whom they concern.

use chrono::TimeDelta;
use futures_util::future::join_all;
use sea_orm::EntityTrait;

use crate::support::dispatch::{
    BOOKINGS, TRIPS, allowed, approved, approved_with, booking_at, broken, demo, drafted, driven, history,
    holds_are_exact, issue, issued, january, of_booking, planned, planned_with, status, step, submitted,
    vectors, with, written,
};
use crate::support::{Answer, Office, Value, id, json};

#[actix_web::test]
async fn a_board_sees_its_own_part_of_a_trip_and_no_trip_of_others() {
    let office = Office::open().await;
    let own = approved(&office, "btctu", "07:00", "17:00").await;
    let other = approved(&office, "bnctu", "08:00", "16:00").await;
    let shared = planned(&office, &[&own, &other], "v_everest", "dr_son").await;
    issue(&office.login("thinh.bd"), &shared).await.expect(200);
    for (person, seen) in [
        ("duong.ntt", vec![&own]),
        ("phuoc.dh", vec![&own]),
        ("ha.lt", vec![&own]),
        ("chin.k", vec![&other]),
        ("dung.pq", vec![&other]),
        ("son.pt", vec![&own, &other]),
        ("thinh.bd", vec![&own, &other]),
        ("quang.lm", vec![&own, &other]),
        ("bich.tt", vec![&own, &other]),
    ] {
        let client = office.login(person);
        let trip = client.get(&shared).await.expect(200);
        assert_eq!(trip["booking_ids"], json!(seen), "{person}");
        assert_eq!(trip["passenger_count"], 4, "{person} knows how full the car is");
        let listed = client.get(&format!("{TRIPS}?starts_at_from=2026-01-12T00:00:00Z&starts_at_before=2026-01-13T00:00:00Z&expand=bookings")).await.expect(200);
        assert_eq!(listed["items"][0]["booking_ids"], json!(seen), "{person}");
        for row in [&trip["bookings"], &listed["items"][0]["bookings"]] {
            assert_eq!(row.as_array().unwrap().len(), seen.len(), "{person}");
        }
        let asked = if seen.len() == 2 {
            ""
        } else if seen[0] == &own {
            &other
        } else {
            &own
        };
        if !asked.is_empty() {
            let hidden = client.get(&format!("{TRIPS}?booking_id={asked}")).await.expect(200);
            assert_eq!(hidden["items"], json!([]), "{person} asks for a booking of another board");
        }
        let told = client.get(&format!("{shared}/history")).await.expect(200).to_string();
        assert!(!asked.is_empty() == !told.contains(asked) || asked.is_empty(), "{person}: {told}");
    }
    let vinh = office.login("vinh.pt");
    let same = [("X-Request-Id", "the-same-request")];
    for tail in ["", "/history"] {
        let foreign = vinh.send(reqwest::Method::GET, &format!("{shared}{tail}"), None, &same).await;
        let never = vinh.send(reqwest::Method::GET, &format!("{}{tail}", demo("no_trip")), None, &same).await;
        foreign.refused(404, "not_found");
        assert_eq!(foreign.text, never.text);
    }
    let khoa = office.login("khoa.m");
    khoa.get(&shared).await.refused(404, "not_found");
    step(&khoa, &shared, "depart", json!({"odometer_km": 45_560})).await.refused(404, "not_found");
    // What a board holds is named to it; what holds a car for others is not.
    let busy = async |person: &str| {
        let query = "from=2026-01-12T00:00:00Z&to=2026-01-12T10:00:00Z&seats=7";
        let body = office.login(person).get(&format!("/v1/vehicle-availability?{query}")).await.expect(200);
        let cars = body["vehicles"].as_array().unwrap().clone();
        let car = cars.into_iter().find(|car| car["vehicle_id"] == json!(id("v_everest"))).unwrap();
        car["busy"][0]["record_id"].clone()
    };
    let trip_id = json!(shared.rsplit('/').next().unwrap());
    assert_eq!(busy("thinh.bd").await, trip_id);
    assert_eq!(busy("vinh.pt").await, Value::Null);
}

#[actix_web::test]
async fn at_every_state_somebody_is_waited_for_and_buttons_are_told() {
    let office = Office::open().await;
    let booking = approved(&office, "btctu", "07:00", "17:00").await;
    let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
    let seen = async |person: &str| office.login(person).get(&trip).await.expect(200);
    let turn = async |role: &str, person: &str, due_at: Value| {
        let waiting = seen("quang.lm").await["waiting_on"].clone();
        assert_eq!(
            (&waiting["role"], &waiting["staff"], &waiting["due_at"]),
            (&json!(role), &json!([id(person)]), &due_at)
        );
    };
    let may = async |dispatcher: &[&str], driver: &[&str]| {
        for (person, actions) in
            [("thinh.bd", dispatcher), ("son.pt", driver), ("duong.ntt", &[]), ("an.nv", &[])]
        {
            assert_eq!(allowed(&seen(person).await), actions, "{person}");
        }
    };
    let (start, end) = (json!("2026-01-12T00:00:00Z"), json!("2026-01-12T10:00:00Z"));
    turn("dispatcher", "p_thinh", start.clone()).await;
    may(&["issue", "void"], &[]).await;
    issue(&office.login("thinh.bd"), &trip).await.expect(200);
    turn("driver", "p_son", start.clone()).await;
    may(&["amend", "depart", "void"], &["depart"]).await;
    let waiting =
        office.login("duong.ntt").get(&booking_at(&booking)).await.expect(200)["waiting_on"].clone();
    assert_eq!((&waiting["role"], &waiting["staff"]), (&json!("driver"), &json!([id("p_son")])));
    office.set_clock(&january("07:00"));
    step(&office.login("son.pt"), &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
    turn("driver", "p_son", end).await;
    may(&["complete"], &["complete"]).await;
    office.set_clock(&january("17:00"));
    step(&office.login("son.pt"), &trip, "complete", json!({"odometer_km": 45_660})).await.expect(200);
    turn("dispatcher", "p_thinh", Value::Null).await;
    may(&["verify"], &[]).await;
    let waiting =
        office.login("duong.ntt").get(&booking_at(&booking)).await.expect(200)["waiting_on"].clone();
    assert_eq!(
        (&waiting["role"], &waiting["due_at"]),
        (&json!("requester"), &json!("2026-01-15T10:00:00Z")),
        "three days to confirm"
    );
    step(&office.login("thinh.bd"), &trip, "verify", json!({})).await.expect(200);
    assert_eq!(seen("thinh.bd").await["waiting_on"], Value::Null);
    assert_eq!(seen("thinh.bd").await["allowed_actions"], json!([]));
    for (verb, body) in [("issue", json!({})), ("amend", json!({"note": "x"})), ("verify", json!({}))] {
        let refused = step(&office.login("thinh.bd"), &trip, verb, body).await.refused(409, "state_conflict");
        assert_eq!(
            (&refused["current_status"], &refused["possible_actions"]),
            (&json!("verified"), &json!([]))
        );
    }
    let thinh = office.login("thinh.bd");
    let version = thinh.get(&trip).await.expect(200)["version"].as_i64().unwrap();
    thinh.patch(&trip, version, json!({"note": "x"})).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn only_the_dispatcher_sends_cars_out() {
    let office = Office::open().await;
    let booking = approved(&office, "btctu", "07:00", "17:00").await;
    let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
    for person in ["duong.ntt", "phuoc.dh", "an.nv", "quang.lm", "son.pt"] {
        let client = office.login(person);
        let plan =
            json!({"booking_ids": [booking], "vehicle_id": id("v_everest"), "driver_id": id("dr_son")});
        client.post(TRIPS, plan).await.refused(403, "forbidden");
        issue(&client, &trip).await.refused(403, "forbidden");
        step(&client, &trip, "void", json!({"reason": "x"})).await.refused(403, "forbidden");
        client.patch(&trip, 1, json!({"note": "x"})).await.refused(403, "forbidden");
        client.get(&format!("{trip}/booking-suggestions")).await.refused(403, "forbidden");
    }
    issue(&office.login("thinh.bd"), &trip).await.expect(200);
    for person in ["duong.ntt", "an.nv"] {
        let refused = step(&office.login(person), &trip, "depart", json!({"odometer_km": 45_560})).await;
        refused.refused(403, "forbidden");
    }
}

/// Everything at once: the bus in the workshop, its papers and the driver's ended, the driver on leave, and
/// bookings that do not fit.
async fn impossible(office: &Office) -> String {
    let thinh = office.login("thinh.bd");
    let day = |time: &str| format!("2026-02-03T{time}:00+07:00");
    let held = json!({"starts_at": day("10:00"), "ends_at": day("11:00"), "reason": "Thay lốp"});
    thinh.post(&format!("/v1/vehicles/{}/downtimes", id("v_hiace")), held.clone()).await.expect(201);
    thinh.post(&format!("/v1/drivers/{}/absences", id("dr_bay")), held).await.expect(201);
    let ten = json!({"passenger_count": 10});
    let fits = approved_with(office, "btctu", &day("07:00"), &day("17:00"), ten.clone()).await;
    let longer = approved_with(office, "bnctu", &day("03:00"), &day("17:00"), ten.clone()).await;
    let open = submitted(office, "ubkttu", &day("07:00"), &day("17:00"), json!({})).await;
    let other = approved_with(office, "vptu", &day("07:00"), &day("17:00"), json!({})).await;
    let elsewhere = planned(office, &[&other], "v_everest", "dr_son").await;
    issue(&thinh, &elsewhere).await.expect(200);
    let times = json!({"starts_at": day("04:00"), "ends_at": day("22:00")});
    planned_with(office, &[&fits, &longer, &open, &other], "v_hiace", "dr_bay", times).await
}

#[actix_web::test]
async fn an_order_that_cannot_be_is_refused_with_all_its_reasons_and_changes_nothing() {
    let office = Office::open().await;
    let trip = impossible(&office).await;
    let thinh = office.login("thinh.bd");
    let before = written(&office).await;
    let dry = thinh.post(&format!("{trip}/issue?dry_run=true"), json!({})).await;
    let real = issue(&thinh, &trip).await;
    for answer in [&dry, &real] {
        let body = answer.refused(409, "time_taken");
        assert_eq!(
            broken(answer),
            [
                "#/booking_ids/1 outside_trip",
                "#/booking_ids/2 not_approved",
                "#/booking_ids/3 on_another_trip",
                "#/vehicle_id too_many_passengers",
                "#/vehicle_id vehicle_inspection_expired",
                "#/driver_id driver_licence_expired",
                "#/driver_id driver_licence_class",
                "#/driver_id driver_daily_hours",
                "#/vehicle_id time_taken",
                "#/driver_id time_taken",
            ]
        );
        let clashes: Vec<_> =
            body["clashes"].as_array().unwrap().iter().map(|clash| clash["held_by"].clone()).collect();
        assert_eq!(clashes, ["downtime", "absence"]);
        assert!(body["free_vehicles"].is_array());
    }
    assert_eq!(written(&office).await, before, "neither the rehearsal nor the refusal writes anything");
}

#[actix_web::test]
async fn each_rule_of_an_order_stands_alone() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let day = |day: u32, time: &str| format!("2025-12-{day:02}T{time}:00+07:00");
    let booking = approved_with(&office, "btctu", &day(20, "07:00"), &day(20, "17:00"), json!({})).await;
    let eight =
        approved_with(&office, "btctu", &day(20, "07:00"), &day(20, "17:00"), json!({"passenger_count": 8}))
            .await;
    let own = json!({"vehicle_id": id("v_everest")});
    let named = approved_with(&office, "bnctu", &day(20, "16:00"), &day(20, "18:00"), own).await;
    let draft = drafted(&office, "btctu", &day(20, "07:00"), &day(20, "17:00"), json!({})).await;
    let cases: [(&str, &str, &str, Value, &[&str]); 12] = [
        (&booking, "v_everest", "dr_truong", json!({}), &["#/vehicle_id time_taken"]),
        (&named, "v_everest", "dr_truong", json!({}), &[]),
        (&booking, "v_fortuner", "dr_truong", json!({}), &[]),
        (&booking, "v_pajero", "dr_truong", json!({}), &["#/vehicle_id vehicle_inspection_expired"]),
        (&booking, "v_fortuner", "dr_bay", json!({}), &["#/driver_id driver_licence_expired"]),
        (&booking, "v_hiace", "dr_khoa", json!({}), &["#/driver_id driver_licence_class"]),
        (&booking, "v_camry", "dr_truong", json!({}), &["#/vehicle_id title_car"]),
        (&eight, "v_fortuner", "dr_truong", json!({}), &["#/vehicle_id too_many_passengers"]),
        (&draft, "v_fortuner", "dr_truong", json!({}), &["#/booking_ids/0 not_approved"]),
        (
            &booking,
            "v_fortuner",
            "dr_truong",
            json!({"ends_at": day(20, "16:59")}),
            &["#/booking_ids/0 outside_trip"],
        ),
        (
            &booking,
            "v_fortuner",
            "dr_truong",
            json!({"starts_at": day(20, "07:01")}),
            &["#/booking_ids/0 outside_trip"],
        ),
        (
            &booking,
            "v_fortuner",
            "dr_truong",
            json!({"starts_at": day(20, "04:00"), "ends_at": day(20, "18:01")}),
            &["#/driver_id driver_daily_hours"],
        ),
    ];
    for (booking, car, driver, changes, expected) in cases {
        let trip = planned_with(&office, &[booking], car, driver, changes).await;
        let before = written(&office).await;
        let dry = thinh.post(&format!("{trip}/issue?dry_run=true"), json!({})).await;
        assert_eq!(broken(&dry), expected, "{car} {driver}: {}", dry.text);
        assert_eq!(written(&office).await, before);
        if expected.is_empty() {
            dry.expect(200);
            continue;
        }
        let code = if expected[0].ends_with("time_taken") {
            (409, "time_taken")
        } else {
            (422, "validation_failed")
        };
        let real = issue(&thinh, &trip).await;
        assert_eq!(dry.refused(code.0, code.1)["errors"], real.refused(code.0, code.1)["errors"]);
        assert_eq!(written(&office).await, before);
    }
    let (on_the_way, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_truong").await;
    let late = approved(&office, "bnctu", "16:59", "18:00").await;
    let trip = planned(&office, &[&late], "v_fortuner", "dr_truong").await;
    let refused = issue(&thinh, &trip).await;
    assert_eq!(
        refused.refused(409, "time_taken")["clashes"][0]["record_id"],
        on_the_way.rsplit('/').next().unwrap()
    );
    assert_eq!(broken(&refused), ["#/driver_id time_taken"]);
    // A car that goes out of service drives until the day before.
    let everest = format!("/v1/vehicles/{}", id("v_everest"));
    let version = thinh.get(&everest).await.expect(200)["version"].as_i64().unwrap();
    thinh.patch(&everest, version, json!({"retired_on": "2026-01-20"})).await.expect(200);
    for (from, to, expected) in
        [("19T20:00", "20T00:00", vec![]), ("19T20:00", "20T00:01", vec!["#/vehicle_id vehicle_retired"])]
    {
        let booking = approved(&office, "btctu", from, to).await;
        let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
        let dry = thinh.post(&format!("{trip}/issue?dry_run=true"), json!({})).await;
        assert_eq!(broken(&dry), expected);
    }
    // What is over needs no order any more.
    office.set_clock("2026-01-12T17:00:00+07:00");
    let refused = issue(&office.login("thinh.bd"), &trip).await;
    assert!(!broken(&refused).contains(&"#/ends_at in_the_past".to_owned()), "{}", refused.text);
    office.set_clock("2026-01-12T18:00:00+07:00");
    assert!(
        broken(&issue(&office.login("thinh.bd"), &trip).await).contains(&"#/ends_at in_the_past".to_owned())
    );
}

#[actix_web::test]
async fn a_plan_names_what_exists_and_takes_any_time() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let booking = approved(&office, "btctu", "07:00", "17:00").await;
    let plan = |changes: Value| {
        let body =
            json!({"booking_ids": [booking], "vehicle_id": id("v_everest"), "driver_id": id("dr_son")});
        with(body, changes)
    };
    let unknown = json!({"booking_ids": [booking, id("no_booking")], "vehicle_id": id("no_car"), "driver_id": id("nobody")});
    let refused = thinh.post(TRIPS, plan(unknown)).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/booking_ids/1", "#/vehicle_id", "#/driver_id"]);
    for changes in [
        json!({"booking_ids": [booking, booking]}),
        json!({"starts_at": january("08:00"), "ends_at": january("08:00")}),
        json!({"starts_at": january("18:00")}),
        json!({"ends_at": "2026-02-12T07:00:01+07:00"}),
    ] {
        thinh.post(TRIPS, plan(changes)).await.refused(422, "validation_failed");
    }
    for changes in [json!({"booking_ids": []}), json!({"vehicle_id": null}), json!({"status": "issued"})] {
        thinh.post(TRIPS, plan(changes)).await.refused(400, "malformed_request");
    }
    // Two plans may want the same, and a plan changes freely.
    let one = thinh.post(TRIPS, plan(json!({"route": "", "note": "Mang áo mưa"}))).await.expect(201);
    let other = planned(&office, &[&booking], "v_everest", "dr_son").await;
    assert_eq!(one["route"], "Trụ sở Tỉnh ủy - Buôn Hồ");
    let changes = json!({"vehicle_id": id("v_fortuner"), "driver_id": id("dr_khoa"), "route": "Qua Cư M'gar", "note": null});
    let changed = thinh.patch(&other, 1, changes).await.expect(200);
    assert_eq!(
        json!([
            changed["vehicle_id"],
            changed["driver_id"],
            changed["route"],
            changed["note"],
            changed["version"],
            changed["revision"]
        ]),
        json!([id("v_fortuner"), id("dr_khoa"), "Qua Cư M'gar", null, 2, 0])
    );
    thinh.patch(&other, 1, json!({"note": "x"})).await.refused(412, "version_conflict");
    step(&thinh, &other, "amend", json!({"note": "x"})).await.refused(409, "state_conflict");
    step(&thinh, &other, "depart", json!({"odometer_km": 1})).await.refused(409, "state_conflict");
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_rehearsal_answers_as_the_order_would_and_writes_nothing() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let named = json!({"vehicle_id": id("v_everest")});
    let booking = approved_with(&office, "btctu", &january("07:00"), &january("17:00"), named).await;
    let trip = planned(&office, &[&booking], "v_fortuner", "dr_khoa").await;
    let before = written(&office).await;
    let dry = thinh.post(&format!("{trip}/issue?dry_run=true"), json!({})).await.expect(200);
    assert_eq!(written(&office).await, before);
    let order = issue(&thinh, &trip).await.expect(200);
    assert_eq!(dry, order, "number, holds and bookings as they will be");
    let amendment = json!({"vehicle_id": id("v_everest"), "driver_id": id("dr_son")});
    let before = written(&office).await;
    let dry = thinh.post(&format!("{trip}/amend?dry_run=true"), amendment.clone()).await.expect(200);
    assert_eq!(written(&office).await, before);
    assert_eq!(dry, step(&thinh, &trip, "amend", amendment).await.expect(200));
    assert_eq!((&dry["revision"], &dry["number"]), (&json!(2), &order["number"]));
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn cars_and_drivers_are_promised_as_the_examples_say() {
    let office = Office::open().await;
    office.set_clock("2025-12-10T08:00:00+07:00");
    let thinh = office.login("thinh.bd");
    let car = |name: &Value| if name == "v1" { "v_everest" } else { "v_cross" };
    let driver = |name: &Value| if name == "d1" { "dr_son" } else { "dr_truong" };
    let ask = async |row: &Value| {
        let time = |field: &str| row[field].as_str().unwrap();
        let booking = approved_with(&office, "btctu", time("from"), time("to"), json!({})).await;
        let trip = planned(&office, &[&booking], car(&row["vehicle"]), driver(&row["driver"])).await;
        let answer = issue(&thinh, &trip).await;
        (trip, answer)
    };
    let (promised, answer) = ask(&vectors("promised")).await;
    answer.expect(200);
    for row in vectors("dispatch").as_array().unwrap() {
        let (trip, answer) = ask(row).await;
        match row["held"].as_str() {
            None => {
                answer.expect(200);
                step(&thinh, &trip, "void", json!({"reason": "Ví dụ sau"})).await.expect(200);
            }
            Some(resource) => {
                let body = answer.refused(409, "time_taken");
                assert_eq!(broken(&answer), [format!("#/{resource}_id time_taken")], "{row}");
                assert_eq!(body["clashes"][0]["record_id"], promised.rsplit('/').next().unwrap(), "{row}");
            }
        }
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn bookings_move_as_the_examples_say() {
    let office = Office::open().await;
    let (duong, chief, thinh) = (office.login("duong.ntt"), office.login("an.nv"), office.login("thinh.bd"));
    for (n, row) in vectors("moves").as_array().unwrap().iter().enumerate() {
        let hour = |hour: u32| format!("2026-{:02}-{:02}T{hour:02}:00:00+07:00", 1 + n / 28, 1 + n % 28);
        let (from, to) = (hour(7), hour(9));
        let booking = match row["from"].as_str().unwrap() {
            "draft" => drafted(&office, "btctu", &from, &to, json!({})).await,
            "submitted" => submitted(&office, "btctu", &from, &to, json!({})).await,
            "returned" => {
                let booking = submitted(&office, "btctu", &from, &to, json!({})).await;
                step(&chief, &booking_at(&booking), "return", json!({"reason": "x"})).await.expect(200);
                booking
            }
            "scheduled" => {
                let booking = approved_with(&office, "btctu", &from, &to, json!({})).await;
                issue(&thinh, &planned(&office, &[&booking], "v_cross", "dr_khoa").await).await.expect(200);
                booking
            }
            "completed" => id("vb_21").to_string(),
            _ => approved_with(&office, "btctu", &from, &to, json!({})).await,
        };
        let address = booking_at(&booking);
        let answer = match row["verb"].as_str().unwrap() {
            "issue" => issue(&thinh, &planned(&office, &[&booking], "v_cross", "dr_khoa").await).await,
            "submit" => step(&duong, &address, "submit", json!({})).await,
            "approve" => step(&chief, &address, "approve", json!({"consent": true})).await,
            "return" => step(&chief, &address, "return", json!({"reason": row["reason"]})).await,
            _ => {
                let version = duong.get(&address).await.expect(200)["version"].as_i64().unwrap();
                duong.patch(&address, version, json!({"purpose": "Việc khác"})).await
            }
        };
        assert_eq!(json!(answer.status), row["status"], "{row}: {}", answer.text);
    }
    holds_are_exact(&office).await;
}

/// The numbers of the trips that these answers tell of.
fn numbers(answers: &[Answer]) -> Vec<String> {
    let mut numbers: Vec<String> =
        answers.iter().map(|answer| answer.expect(200)["number"].as_str().unwrap().to_owned()).collect();
    numbers.sort();
    numbers
}

#[actix_web::test]
async fn orders_are_numbered_without_gaps_in_each_year() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let desks = [office.login("thinh.bd"), office.login_at(&second, "thinh.bd")];
    desks[0].token().await;
    let mut trips = Vec::new();
    for day in 1..=20 {
        let (from, to) =
            (format!("2026-02-{day:02}T07:00:00+07:00"), format!("2026-02-{day:02}T09:00:00+07:00"));
        let booking = approved_with(&office, "btctu", &from, &to, json!({})).await;
        trips.push(planned(&office, &[&booking], "v_cross", "dr_khoa").await);
    }
    let answers = join_all(trips.iter().enumerate().map(|(n, trip)| issue(&desks[n % 2], trip))).await;
    let expected: Vec<String> = (110..130).map(|n| format!("{n}/LĐX-2025")).collect();
    assert_eq!(numbers(&answers), expected);
    // A void order keeps its number, and nobody else gets it.
    let void = step(&desks[0], &trips[19], "void", json!({"reason": "Hoãn"})).await.expect(200);
    assert_eq!(void["number"], answers[19].body["number"]);
    let order = async |day: &str| {
        let time = |hour: &str| format!("{day}T{hour}:00:00+07:00");
        let booking = approved_with(&office, "btctu", &time("14"), &time("16"), json!({})).await;
        let trip = planned(&office, &[&booking], "v_cross", "dr_khoa").await;
        issue(&office.login("thinh.bd"), &trip).await.expect(200)["number"].clone()
    };
    assert_eq!(order("2026-02-01").await, "130/LĐX-2025");
    office.set_clock("2025-12-31T23:59:59+07:00");
    assert_eq!(order("2026-02-02").await, "131/LĐX-2025");
    office.set_clock("2026-01-01T00:00:00+07:00");
    assert_eq!(order("2026-02-03").await, "01/LĐX-2026", "the year is the office's, not that of UTC");
    assert_eq!(order("2026-02-04").await, "02/LĐX-2026");
    // The first orders of a year at both desks at once.
    let mut trips = Vec::new();
    for day in 5..13 {
        let time = |hour: &str| format!("2027-02-{day:02}T{hour}:00:00+07:00");
        let booking = approved_with(&office, "btctu", &time("07"), &time("09"), json!({})).await;
        trips.push(planned(&office, &[&booking], "v_cross", "dr_khoa").await);
    }
    office.set_clock("2027-01-01T08:00:00+07:00");
    desks[0].token().await;
    let answers = join_all(trips.iter().enumerate().map(|(n, trip)| issue(&desks[n % 2], trip))).await;
    assert_eq!(numbers(&answers), (1..9).map(|n| format!("{n:02}/LĐX-2027")).collect::<Vec<_>>());
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn an_amended_order_holds_what_it_says_now() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let named = json!({"vehicle_id": id("v_innova_105")});
    let kept = approved(&office, "btctu", "07:00", "17:00").await;
    let off = approved_with(&office, "bnctu", &january("08:00"), &january("16:00"), named).await;
    let on = approved(&office, "ubkttu", "09:00", "12:00").await;
    let trip = planned(&office, &[&kept, &off], "v_everest", "dr_son").await;
    let order = issue(&thinh, &trip).await.expect(200);
    holds_are_exact(&office).await;
    let amendment = json!({"vehicle_id": id("v_fortuner"), "driver_id": id("dr_khoa"), "booking_ids": [on, kept],
        "ends_at": january("18:00"), "note": "Đổi xe"});
    let amended = step(&thinh, &trip, "amend", amendment).await.expect(200);
    assert_eq!(
        json!([
            amended["status"],
            amended["revision"],
            amended["number"],
            amended["vehicle_id"],
            amended["driver_id"],
            amended["booking_ids"],
            amended["ends_at"]
        ]),
        json!([
            "issued",
            2,
            order["number"],
            id("v_fortuner"),
            id("dr_khoa"),
            [on, kept],
            "2026-01-12T11:00:00Z"
        ])
    );
    holds_are_exact(&office).await;
    let released = thinh.get(&booking_at(&off)).await.expect(200);
    assert_eq!((&released["status"], &released["trip_id"]), (&json!("approved"), &Value::Null));
    assert_eq!(
        history(&thinh, &booking_at(&off)).await,
        ["create", "submit", "approve", "schedule", "unschedule"]
    );
    assert_eq!(status(&thinh, &booking_at(&on)).await, "scheduled");
    assert_eq!(
        history(&thinh, &booking_at(&kept)).await,
        ["create", "submit", "approve", "schedule"],
        "nothing happened to it"
    );
    // The named car is the released booking's again: nobody else gets it.
    let chin = drafted(
        &office,
        "vptu",
        &january("15:00"),
        &january("17:00"),
        json!({"vehicle_id": id("v_innova_105")}),
    )
    .await;
    let clash = step(&office.login("huy.tq"), &booking_at(&chin), "submit", json!({})).await;
    clash.refused(409, "time_taken");
    // The driver and the car of before are free.
    let (other, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    // An amendment is checked as an order is, and a refused one changes nothing.
    let before = written(&office).await;
    let amendment =
        json!({"vehicle_id": id("v_everest"), "driver_id": id("dr_bay"), "booking_ids": [kept, on, off]});
    let refused = step(&thinh, &trip, "amend", amendment).await;
    assert_eq!(
        refused.refused(409, "time_taken")["clashes"][0]["record_id"],
        other.rsplit('/').next().unwrap()
    );
    assert_eq!(broken(&refused), ["#/driver_id driver_licence_expired", "#/vehicle_id time_taken"]);
    assert_eq!(written(&office).await, before);
    // Time is moved as well: later than the bookings is outside.
    let refused = step(&thinh, &trip, "amend", json!({"starts_at": january("08:00")})).await;
    assert_eq!(broken(&refused), ["#/booking_ids/1 outside_trip"]);
    let earlier = step(&thinh, &trip, "amend", json!({"starts_at": january("06:00")})).await.expect(200);
    assert_eq!(earlier["revision"], 3);
    holds_are_exact(&office).await;
    assert_eq!(history(&thinh, &trip).await, ["create", "issue", "amend", "amend"]);
}

#[actix_web::test]
async fn a_booking_that_is_let_go_does_without_its_car_where_another_has_it() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let named = json!({"vehicle_id": id("v_everest")});
    let booking = approved_with(&office, "btctu", &january("07:00"), &january("17:00"), named).await;
    let trip = planned(&office, &[&booking], "v_fortuner", "dr_khoa").await;
    issue(&thinh, &trip).await.expect(200);
    // On the trip it holds nothing itself, so the named car is free for others.
    issued(&office, "08:00", "10:00", "v_everest", "dr_son").await;
    holds_are_exact(&office).await;
    step(&thinh, &trip, "void", json!({"reason": "Xe hỏng"})).await.expect(200);
    let out = thinh.get(&booking_at(&booking)).await.expect(200);
    assert_eq!((&out["status"], &out["vehicle_id"]), (&json!("approved"), &json!(id("v_everest"))));
    holds_are_exact(&office).await;
    // Another trip with another car still carries it out.
    let again = planned(&office, &[&booking], "v_fortuner", "dr_khoa").await;
    issue(&thinh, &again).await.expect(200);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn people_who_joined_since_the_plan_are_counted() {
    let office = Office::open().await;
    let (duong, thinh) = (office.login("duong.ntt"), office.login("thinh.bd"));
    let grown = approved(&office, "btctu", "07:00", "17:00").await;
    let other = approved(&office, "bnctu", "07:00", "17:00").await;
    let trip = planned(&office, &[&grown, &other], "v_everest", "dr_son").await;
    let address = booking_at(&grown);
    let returned = step(&thinh, &address, "return", json!({"reason": "Ghi đủ người"})).await.expect(200);
    let version = returned["version"].as_i64().unwrap();
    duong.patch(&address, version, json!({"passenger_count": 4})).await.expect(200);
    step(&duong, &address, "submit", json!({})).await.expect(200);
    step(&office.login("an.nv"), &address, "approve", json!({"consent": true})).await.expect(200);
    let order = issue(&thinh, &trip).await.expect(200);
    assert_eq!(order["passenger_count"], 6);
    assert_eq!(of_booking(&order, &grown)["passenger_count"], 4);
    let suggestions = thinh.get(&format!("{trip}/booking-suggestions")).await.expect(200);
    assert_eq!(suggestions["free_seats"], 1);
    let back = driven(&office, &trip, 45_560, 45_660).await;
    assert_eq!(of_booking(&back, &grown)["share_km"], 67, "four of six");
}

#[actix_web::test]
async fn a_cancelled_booking_frees_its_seat_and_the_last_one_the_car() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let first = approved(&office, "btctu", "07:00", "17:00").await;
    let second = approved(&office, "bnctu", "08:00", "16:00").await;
    let trip = planned(&office, &[&first, &second], "v_everest", "dr_son").await;
    issue(&thinh, &trip).await.expect(200);
    let refused = step(&office.login("duong.ntt"), &booking_at(&first), "cancel", json!({})).await;
    assert_eq!(refused.places(), ["#/reason"]);
    let reason = json!({"reason": "Hoãn họp"});
    let out =
        step(&office.login("duong.ntt"), &booking_at(&first), "cancel", reason.clone()).await.expect(200);
    assert_eq!((&out["status"], &out["trip_id"]), (&json!("cancelled"), &Value::Null));
    let left = thinh.get(&trip).await.expect(200);
    assert_eq!(
        json!([left["status"], left["booking_ids"], left["passenger_count"]]),
        json!(["issued", [second], 2])
    );
    assert_eq!(thinh.get(&format!("{trip}/booking-suggestions")).await.expect(200)["free_seats"], 5);
    office.login("duong.ntt").get(&trip).await.refused(404, "not_found");
    // What holds the car now is the other board's, and named to it alone.
    let holder = async |person: &str| {
        let query = "from=2026-01-12T00:00:00Z&to=2026-01-12T10:00:00Z";
        let body = office.login(person).get(&format!("/v1/vehicle-availability?{query}")).await.expect(200);
        let cars = body["vehicles"].as_array().unwrap().clone();
        let car = cars.into_iter().find(|car| car["vehicle_id"] == json!(id("v_everest"))).unwrap();
        car["busy"][0]["record_id"].clone()
    };
    assert_eq!(holder("duong.ntt").await, Value::Null);
    assert_eq!(holder("chin.k").await, left["id"]);
    holds_are_exact(&office).await;
    step(&office.login("hanh.nt"), &booking_at(&second), "cancel", reason).await.expect(200);
    let void = thinh.get(&trip).await.expect(200);
    assert_eq!(
        json!([void["status"], void["booking_ids"], void["number"]]),
        json!(["void", [], "110/LĐX-2025"])
    );
    assert!(void["decision_reason"].is_string());
    assert_eq!(history(&thinh, &trip).await, ["create", "issue", "drop-booking", "drop-booking"]);
    holds_are_exact(&office).await;
    issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    // After the departure nobody calls it back.
    let (trip, booking) = issued(&office, "13T07:00", "13T17:00", "v_everest", "dr_son").await;
    office.set_clock(&january("13T07:00"));
    step(&office.login("son.pt"), &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
    for person in ["thinh.bd", "phuoc.dh"] {
        step(&office.login(person), &booking, "cancel", json!({"reason": "x"}))
            .await
            .refused(409, "state_conflict");
    }
}

#[actix_web::test]
async fn a_void_trip_gives_everything_back() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let named = json!({"vehicle_id": id("v_everest")});
    let first = approved_with(&office, "btctu", &january("07:00"), &january("17:00"), named).await;
    let second = approved(&office, "bnctu", "08:00", "16:00").await;
    let trip = planned(&office, &[&first, &second], "v_everest", "dr_son").await;
    issue(&thinh, &trip).await.expect(200);
    for body in [json!({}), json!({"reason": ""})] {
        let refused = step(&thinh, &trip, "void", body).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), ["#/reason"]);
    }
    let void = step(&thinh, &trip, "void", json!({"reason": "Bão"})).await.expect(200);
    assert_eq!(
        json!([void["status"], void["decision_reason"], void["booking_ids"]]),
        json!(["void", "Bão", [first, second]])
    );
    for booking in [&first, &second] {
        let out = thinh.get(&booking_at(booking)).await.expect(200);
        assert_eq!((&out["status"], &out["trip_id"]), (&json!("approved"), &Value::Null));
        assert_eq!(out["waiting_on"]["role"], "dispatcher");
    }
    holds_are_exact(&office).await;
    let clash = drafted(
        &office,
        "vptu",
        &january("07:00"),
        &january("08:00"),
        json!({"vehicle_id": id("v_everest")}),
    )
    .await;
    step(&office.login("huy.tq"), &booking_at(&clash), "submit", json!({})).await.refused(409, "time_taken");
    let again = planned(&office, &[&second, &first], "v_everest", "dr_son").await;
    issue(&thinh, &again).await.expect(200);
    step(&thinh, &trip, "void", json!({"reason": "x"})).await.refused(409, "state_conflict");
    // A plan that is void had taken nothing.
    let lone = approved(&office, "ubkttu", "07:00", "09:00").await;
    let plan = planned(&office, &[&lone], "v_everest", "dr_son").await;
    let void = step(&thinh, &plan, "void", json!({"reason": "Nhầm"})).await.expect(200);
    assert_eq!((&void["status"], &void["number"]), (&json!("void"), &Value::Null));
    assert_eq!(status(&thinh, &booking_at(&lone)).await, "approved");
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn what_was_driven_in_need_gets_its_order_afterwards() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let night =
        |from: &str, to: &str| (format!("2025-12-12T{from}:00+07:00"), format!("2025-12-12T{to}:00+07:00"));
    let (from, to) = night("04:00", "06:30");
    let urgent = json!({"urgent": true, "urgent_reason": "Cháy rừng tại Ea H'leo"});
    let booking = approved_with(&office, "btctu", &from, &to, urgent).await;
    let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
    issue(&thinh, &trip).await.expect(200);
    holds_are_exact(&office).await;
    let out = step(&thinh, &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
    assert_eq!(out["departed_at"], "2025-12-12T01:00:00Z");
    office.advance(TimeDelta::minutes(5));
    step(&thinh, &trip, "complete", json!({"odometer_km": 45_600})).await.expect(200);
    step(&thinh, &trip, "verify", json!({})).await.expect(200);
    let seen = thinh.get(&booking_at(&booking)).await.expect(200);
    assert_eq!((&seen["status"], &seen["urgent"]), (&json!("completed"), &json!(true)));
    holds_are_exact(&office).await;
    // A day after the start it is too late for an order.
    let (from, to) = night("07:00", "07:30");
    let urgent = json!({"urgent": true, "urgent_reason": "Cháy rừng tại Ea H'leo"});
    let late = approved_with(&office, "btctu", &from, &to, urgent).await;
    let trip = planned(&office, &[&late], "v_fortuner", "dr_khoa").await;
    office.set_clock("2025-12-13T07:00:00+07:00");
    let refused = issue(&office.login("thinh.bd"), &trip).await;
    assert_eq!(broken(&refused), ["#/ends_at in_the_past"]);
    office.run_jobs().await;
    assert_eq!(status(&office.login("thinh.bd"), &booking_at(&late)).await, "expired");
    office.set_clock("2025-12-13T06:59:59+07:00");
}

#[actix_web::test]
async fn suggestions_are_what_fits_and_the_same_way_comes_first() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let own = approved(&office, "btctu", "08:00", "16:00").await;
    let trip = planned(&office, &[&own], "v_everest", "dr_son").await;
    let open = async |board: &str, from: &str, to: &str, changes: Value| {
        approved_with(&office, board, &january(from), &january(to), changes).await
    };
    let elsewhere = json!({"destination": "Ea Kar"});
    let on_time = open("bnctu", "09:00", "15:00", elsewhere.clone()).await;
    let same_way = open("bnctu", "08:00", "17:00", json!({"destination": "BUON HO"})).await;
    let stretched = open("ubkttu", "07:30", "16:20", json!({})).await;
    let five = open("ubkttu", "08:00", "16:00", json!({"passenger_count": 5})).await;
    // None of these: too many people, too early, too late, another day, not approved, on another trip.
    open("vptu", "08:00", "16:00", json!({"passenger_count": 6})).await;
    open("vptu", "06:59", "16:00", json!({})).await;
    open("vptu", "08:00", "17:01", json!({})).await;
    open("vptu", "13T08:00", "13T16:00", json!({})).await;
    submitted(&office, "vptu", &january("08:00"), &january("16:00"), json!({})).await;
    issued(&office, "08:00", "16:00", "v_cross", "dr_khoa").await;
    let ask = async |query: &str| {
        let answer = thinh.get(&format!("{trip}/booking-suggestions{query}")).await.expect(200);
        let items = answer["items"].as_array().unwrap().clone();
        let row = |item: &Value| {
            (
                item["booking_id"].as_str().unwrap().to_owned(),
                item["same_way"] == true,
                item["stretch_minutes"].as_i64().unwrap(),
            )
        };
        (answer["free_seats"].clone(), items.iter().map(row).collect::<Vec<_>>())
    };
    let (seats, items) = ask("").await;
    assert_eq!(seats, 5);
    assert_eq!(
        items,
        [(five, true, 0), (stretched.clone(), true, 50), (same_way, true, 60), (on_time.clone(), false, 0)]
    );
    let (_, items) = ask("?slack_minutes=0").await;
    assert_eq!(items.len(), 2);
    thinh
        .get(&format!("{trip}/booking-suggestions?slack_minutes=721"))
        .await
        .refused(400, "malformed_request");
    // What it names can come along.
    let amendment = json!({"booking_ids": [own, stretched, on_time], "starts_at": january("07:30"), "ends_at": january("16:20")});
    issue(&thinh, &trip).await.expect(200);
    step(&thinh, &trip, "amend", amendment).await.expect(200);
    let (seats, items) = ask("").await;
    assert_eq!((seats, items.len()), (json!(1), 0), "one seat is left");
    let (_, gone) = {
        step(&thinh, &trip, "void", json!({"reason": "x"})).await.expect(200);
        ask("").await
    };
    assert_eq!(gone, []);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn drivers_rest_between_days_by_the_rule_of_that_day() {
    let office = Office::open().await;
    let (thinh, chief) = (office.login("thinh.bd"), office.login("an.nv"));
    const RULES: &str = "/v1/driver-hours-rules";
    let rule = |from: &str, daily: i64, rest: i64| {
        json!({"daily_minutes": daily, "rest_minutes": rest, "valid_from": from, "document_number": "15-QĐ/VPTU",
            "issuer": "Văn phòng Tỉnh ủy", "verification": "verified"})
    };
    thinh.post(RULES, rule("2026-01-14", 600, 600)).await.refused(403, "forbidden");
    let entered = chief.post(RULES, rule("2026-01-14", 600, 600)).await.expect(201);
    chief.post(RULES, rule("2026-01-14", 500, 600)).await.refused(409, "duplicate");
    chief.post(RULES, rule("2026-01-13", 500, 600)).await.refused(409, "duplicate");
    let on = async |day: &str| thinh.get(&format!("{RULES}?on={day}")).await.expect(200)["items"].clone();
    assert_eq!(on("2026-01-13").await[0]["valid_to"], "2026-01-13");
    assert_eq!(on("2026-01-14").await, json!([entered]));
    let old = format!("{RULES}/{}", id("driver_hours_2019"));
    assert_eq!(history(&thinh, &old).await, ["create", "end"]);
    let try_out = async |from: &str, to: &str| {
        let booking = approved(&office, "btctu", from, to).await;
        let trip = planned(&office, &[&booking], "v_fortuner", "dr_son").await;
        let answer = issue(&thinh, &trip).await;
        if answer.status == 200 {
            step(&thinh, &trip, "void", json!({"reason": "Thử"})).await.expect(200);
        }
        broken(&answer)
    };
    issued(&office, "12T08:00", "12T22:00", "v_everest", "dr_son").await;
    assert_eq!(
        try_out("12T22:00", "12T22:30").await,
        ["#/driver_id driver_daily_hours"],
        "14 hours are full"
    );
    assert_eq!(try_out("13T05:59", "13T07:00").await, ["#/driver_id driver_rest"], "less than 8 hours");
    assert_eq!(try_out("13T06:00", "13T07:00").await, [""; 0]);
    assert_eq!(
        try_out("11T20:00", "12T00:01").await,
        ["#/driver_id driver_daily_hours"],
        "a minute of the full day"
    );
    assert_eq!(try_out("11T20:00", "12T00:00").await, [""; 0]);
    assert_eq!(
        try_out("14T07:00", "14T17:01").await,
        ["#/driver_id driver_daily_hours"],
        "10 hours by the new rule"
    );
    assert_eq!(try_out("14T07:00", "14T17:00").await, [""; 0]);
    issued(&office, "13T12:00", "13T22:00", "v_everest", "dr_son").await;
    assert_eq!(try_out("14T07:59", "14T09:00").await, ["#/driver_id driver_rest"]);
    assert_eq!(try_out("14T08:00", "14T09:00").await, [""; 0]);
    // Another driver is not concerned.
    issued(&office, "14T07:59", "14T09:00", "v_cross", "dr_khoa").await;
    // Without a rule there is no order.
    entity::driver_hours_rules::Entity::delete_many().exec(&office.app.db.writer).await.unwrap();
    assert_eq!(try_out("20T08:00", "20T09:00").await, ["#/driver_id rate_not_found"]);
}

#[actix_web::test]
async fn an_early_return_gives_the_driver_the_hours_back() {
    let office = Office::open().await;
    let (trip, _) = issued(&office, "07:00", "20:00", "v_everest", "dr_son").await;
    let evening = approved(&office, "bnctu", "18:00", "20:30").await;
    office.set_clock(&january("07:00"));
    step(&office.login("son.pt"), &trip, "depart", json!({"odometer_km": 45_560})).await.expect(200);
    office.set_clock(&january("12:00"));
    step(&office.login("son.pt"), &trip, "complete", json!({"odometer_km": 45_600})).await.expect(200);
    let other = planned(&office, &[&evening], "v_everest", "dr_son").await;
    issue(&office.login("thinh.bd"), &other).await.expect(200);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn trips_are_found_by_what_people_know_of_them() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let found = async |query: &str| {
        let page = thinh.get(&format!("{TRIPS}?{query}")).await.expect(200);
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|trip| trip["number"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("q=107%2Fldx").await, ["107/LĐX-2025"]);
    assert_eq!(found("q=tuy%20hoa").await, ["103/LĐX-2025", "104/LĐX-2025", "105/LĐX-2025"]);
    assert_eq!(found("status=departed&status=planned").await, ["107/LĐX-2025", "-"]);
    assert_eq!(
        found(&format!("vehicle_id={}&sort=-starts_at", id("v_innova_086"))).await,
        ["107/LĐX-2025", "104/LĐX-2025", "101/LĐX-2025"]
    );
    assert_eq!(
        found(&format!("driver_id={}&status=issued", id("dr_khoa"))).await,
        ["108/LĐX-2025", "109/LĐX-2025"]
    );
    assert_eq!(found(&format!("board_id={}", id("bnctu"))).await, ["105/LĐX-2025"]);
    assert_eq!(found(&format!("booking_id={}", id("vb_05"))).await, ["106/LĐX-2025"]);
    assert_eq!(
        found("starts_at_from=2025-12-11T00:00:00Z&starts_at_before=2025-12-31T00:00:00Z").await,
        ["107/LĐX-2025", "108/LĐX-2025"]
    );
    let page = thinh
        .get(&format!("{TRIPS}?q=107&expand=vehicle&expand=bookings&expand=allowed_actions"))
        .await
        .expect(200);
    let trip = &page["items"][0];
    assert_eq!(
        (&trip["vehicle"]["plate"], &trip["waiting_on"]["role"]),
        (&json!("47B00086"), &json!("driver"))
    );
    assert_eq!(
        (&trip["bookings"][0]["number"], &trip["time_zone"]),
        (&json!("VB-2025-000107"), &json!("Asia/Ho_Chi_Minh"))
    );
    let plain = thinh.get(&format!("{TRIPS}?q=107")).await.expect(200);
    for field in ["vehicle", "bookings", "waiting_on", "allowed_actions"] {
        assert_eq!(plain["items"][0][field], Value::Null, "{field}");
    }
    let mine = office.login("tu.dc").get(TRIPS).await.expect(200);
    let drivers: std::collections::BTreeSet<String> =
        mine["items"].as_array().unwrap().iter().map(|trip| trip["driver_id"].to_string()).collect();
    assert_eq!(
        drivers.into_iter().collect::<Vec<_>>(),
        [json!(id("dr_tu")).to_string()],
        "drivers see their own"
    );
}

#[actix_web::test]
async fn a_repeated_order_is_one_order() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let booking = approved(&office, "btctu", "07:00", "17:00").await;
    let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
    let address = format!("{trip}/issue");
    let send =
        async |headers: &[(&str, &str)]| thinh.send(reqwest::Method::POST, &address, None, headers).await;
    send(&[("If-Match", "\"9\"")]).await.refused(412, "version_conflict");
    let first = send(&[("Idempotency-Key", "once")]).await;
    let again = send(&[("Idempotency-Key", "once")]).await;
    assert_eq!(first.expect(200), again.expect(200));
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    send(&[]).await.refused(409, "state_conflict");
    assert_eq!(first.header("ETag"), Some("\"2\""));
    holds_are_exact(&office).await;
    assert_eq!(thinh.get(&format!("{BOOKINGS}/{booking}")).await.expect(200)["trip_id"], first.body["id"]);
}
