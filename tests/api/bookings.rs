//! Bookings: a car is never promised twice, and every step is somebody's.

use entity::holds::HolderKind;
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::support::{Answer, Client, Office, Value, id, json};

const ALL: &str = "/v1/vehicle-bookings";

/// A wish for a car on 12 January 2026, by office time, for the board of the organisation unless changed.
fn wish(car: &str, starts: &str, ends: &str) -> Value {
    json!({
        "board_id": id("btctu"), "purpose": "Kiểm tra cơ sở", "pick_up_place": "Trụ sở Tỉnh ủy", "destination": "Buôn Hồ",
        "starts_at": format!("2026-01-12T{starts}:00+07:00"), "ends_at": format!("2026-01-12T{ends}:00+07:00"),
        "passenger_count": 2, "vehicle_id": id(car),
    })
}

fn of_board(mut wish: Value, board: &str) -> Value {
    wish["board_id"] = json!(id(board));
    wish
}

fn with(mut wish: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        wish[name] = value.clone();
    }
    wish
}

fn demo(reference: &str) -> String {
    format!("{ALL}/{}", id(reference))
}

/// Drafts a booking and gives its address.
async fn draft(client: &Client, wish: Value) -> String {
    let booking = client.post(ALL, wish).await.expect(201);
    format!("{ALL}/{}", booking["id"].as_str().unwrap())
}

async fn submit(client: &Client, booking: &str) -> Answer {
    client.post(&format!("{booking}/submit"), json!({})).await
}

async fn submitted(client: &Client, wish: Value) -> String {
    let booking = draft(client, wish).await;
    submit(client, &booking).await.expect(200);
    booking
}

async fn step(client: &Client, booking: &str, verb: &str, body: Value) -> Answer {
    client.post(&format!("{booking}/{verb}"), body).await
}

/// How often a car is held by anything but a trip; the demo's cars have been on trips.
async fn holds_of(office: &Office, car: &str) -> u64 {
    use entity::holds::{Column, Entity};
    let of_car = Entity::find().filter(Column::ResourceId.eq(id(car)));
    of_car.filter(Column::HeldByKind.ne(HolderKind::Trip)).count(&office.app.db.writer).await.unwrap()
}

/// The version at which a car stands: readings of its odometer are versions too.
async fn version_of(client: &Client, address: &str) -> i64 {
    client.get(address).await.expect(200)["version"].as_i64().unwrap()
}

fn actions(history: &Value) -> Vec<String> {
    let items = history["items"].as_array().unwrap();
    items.iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

fn why_not(booking: &Value, action: &str) -> Value {
    let all = booking["allowed_actions"].as_array().unwrap();
    let found = all.iter().find(|allowed| allowed["action"] == action);
    found.unwrap_or_else(|| panic!("{action} is not possible: {all:?}")).clone()
}

#[actix_web::test]
async fn a_car_that_comes_back_at_five_leaves_again_at_five_and_not_before() {
    let office = Office::open().await;
    let vinh = office.login("vinh.pt");
    let before = vinh.get(&demo("vb_07")).await;
    let refused = submit(&vinh, &demo("vb_07")).await.refused(409, "time_taken");
    assert_eq!(
        refused["clashes"],
        json!([
            {"held_by": "trip", "starts_at": "2025-12-12T00:00:00Z", "ends_at": "2025-12-12T10:00:00Z", "record_id": null},
            {"held_by": "booking", "starts_at": "2025-12-12T10:00:00Z", "ends_at": "2025-12-12T11:30:00Z", "record_id": null},
        ]),
        "other boards' trips and bookings stay unnamed"
    );
    let free: Vec<_> = refused["free_vehicles"].as_array().unwrap().iter().map(|car| &car["plate"]).collect();
    assert_eq!(free, ["47A00215", "47A00347", "47C00012", "47A00988", "47B00105"], "least seats first");
    assert_eq!(vinh.get(&demo("vb_07")).await.text, before.text, "a refused submit changes nothing");
    assert_eq!(actions(&vinh.get(&format!("{}/history", demo("vb_07"))).await.expect(200)), ["create"]);
    // From 18:30 on the car is free again, at the very minute.
    let patch = json!({"starts_at": "2025-12-12T18:30:00+07:00", "ends_at": "2025-12-12T20:00:00+07:00"});
    vinh.patch(&demo("vb_07"), 1, patch).await.expect(200);
    assert_eq!(submit(&vinh, &demo("vb_07")).await.expect(200)["status"], "submitted");
}

#[actix_web::test]
async fn a_clash_names_the_record_to_those_who_may_see_it() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let own = of_board(wish("v_innova_086", "07:00", "09:00"), "vptu");
    let own =
        with(own, json!({"starts_at": "2025-12-12T16:00:00+07:00", "ends_at": "2025-12-12T17:30:00+07:00"}));
    let booking = draft(&thinh, with(own, json!({"passenger_count": 8}))).await;
    let refused = submit(&thinh, &booking).await.refused(409, "time_taken");
    let named: Vec<_> =
        refused["clashes"].as_array().unwrap().iter().map(|clash| &clash["record_id"]).collect();
    assert_eq!(named, [&json!(id("do_06")), &json!(id("vb_08"))]);
    let free: Vec<_> = refused["free_vehicles"].as_array().unwrap().iter().map(|car| &car["plate"]).collect();
    assert_eq!(
        free,
        ["47A00988", "47B00105", "47B00240"],
        "eight passengers need eight seats, and the title car is not offered"
    );
}

#[actix_web::test]
async fn trips_over_midnight_and_over_days_hold_the_whole_time() {
    let office = Office::open().await;
    let (duong, chin) = (office.login("duong.ntt"), office.login("chin.k"));
    let days = |from: &str, to: &str| {
        let days = json!({"starts_at": from, "ends_at": to});
        with(wish("v_everest", "07:00", "08:00"), days)
    };
    submitted(&duong, days("2026-01-12T22:00:00+07:00", "2026-01-13T02:00:00+07:00")).await;
    submitted(&duong, days("2026-01-13T02:00:00+07:00", "2026-01-16T18:00:00+07:00")).await;
    for (from, to) in [
        ("2026-01-12T23:59:00+07:00", "2026-01-13T00:01:00+07:00"),
        ("2026-01-14T08:00:00+07:00", "2026-01-14T09:00:00+07:00"),
        ("2026-01-12T00:00:00+07:00", "2026-01-20T00:00:00+07:00"),
        ("2026-01-16T17:59:59+07:00", "2026-01-16T19:00:00+07:00"),
    ] {
        let other = draft(&chin, of_board(days(from, to), "bnctu")).await;
        submit(&chin, &other).await.refused(409, "time_taken");
    }
    submitted(&chin, of_board(days("2026-01-16T18:00:00+07:00", "2026-01-16T19:00:00+07:00"), "bnctu")).await;
    submitted(&chin, of_board(days("2026-01-12T21:00:00+07:00", "2026-01-12T22:00:00+07:00"), "bnctu")).await;
}

#[actix_web::test]
async fn one_instant_is_one_instant_in_every_spelling() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let spelt = |from: &str, to: &str| {
        with(wish("v_everest", "07:00", "08:00"), json!({"starts_at": from, "ends_at": to}))
    };
    let booking = submitted(&duong, spelt("2026-01-12T08:00:00+07:00", "2026-01-12T02:00:00Z")).await;
    let read = duong.get(&booking).await.expect(200);
    assert_eq!(
        (&read["starts_at"], &read["ends_at"]),
        (&json!("2026-01-12T01:00:00Z"), &json!("2026-01-12T02:00:00Z"))
    );
    for (from, to) in [
        ("2026-01-12T01:00:00Z", "2026-01-12T09:00:00+07:00"),
        ("2026-01-11T18:00:00-07:00", "2026-01-11T18:00:01-07:00"),
        ("2026-01-12T08:59:59.999999+07:00", "2026-01-12T10:00:00+07:00"),
    ] {
        let other = draft(&duong, spelt(from, to)).await;
        submit(&duong, &other).await.refused(409, "time_taken");
    }
    submitted(&duong, spelt("2026-01-12T05:00:00+03:00", "2026-01-12T05:30:00+03:00")).await;
}

#[actix_web::test]
async fn of_two_hundred_who_want_a_car_at_once_one_gets_it() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let people = [("duong.ntt", "btctu"), ("vinh.pt", "ubkttu"), ("chin.k", "bnctu"), ("huy.tq", "vptu")];
    let mut wishes = Vec::new();
    for (name, board) in people {
        let clients = [office.login(name), office.login_at(&second, name)];
        for client in &clients {
            client.token().await;
        }
        for n in 0..50 {
            // Everyone wants other minutes of the same morning, and all of them want 09:00.
            let (starts, ends) = (format!("08:{n:02}"), format!("09:{:02}", n + 1));
            let booking = draft(&clients[0], of_board(wish("v_everest", &starts, &ends), board)).await;
            wishes.push((clients[n % 2].clone(), booking));
        }
    }
    let answers = join_all(wishes.iter().map(|(client, booking)| submit(client, booking))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in &lost {
        let body = answer.refused(409, "time_taken");
        assert_eq!(body["clashes"].as_array().unwrap().len(), 1);
    }
    assert_eq!(lost.len(), 199);
    assert_eq!(holds_of(&office, "v_everest").await, 1);
}

#[actix_web::test]
async fn bookings_that_only_their_changes_bring_together_clash_too() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (duong, chin) = (office.login("duong.ntt"), office.login_at(&second, "chin.k"));
    for round in 0..5 {
        let car = ["v_everest", "v_fortuner", "v_pajero", "v_innova_105", "v_hiace"][round];
        let morning = draft(&duong, wish(car, "08:00", "10:00")).await;
        let noon = draft(&chin, of_board(wish(car, "10:00", "12:00"), "bnctu")).await;
        let longer = duong.patch(&morning, 1, json!({"ends_at": "2026-01-12T10:30:00+07:00"}));
        let earlier = chin.patch(&noon, 1, json!({"starts_at": "2026-01-12T09:30:00+07:00"}));
        let (longer, earlier) = join(longer, earlier).await;
        longer.expect(200);
        earlier.expect(200);
        let before = holds_of(&office, car).await;
        let (first, other) = join(submit(&duong, &morning), submit(&chin, &noon)).await;
        let mut statuses = [first.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", first.text, other.text);
        assert_eq!(holds_of(&office, car).await, before + 1);
    }
}

#[actix_web::test]
async fn a_returned_booking_takes_its_time_anew() {
    let office = Office::open().await;
    let (duong, phuoc, chin) = (office.login("duong.ntt"), office.login("phuoc.dh"), office.login("chin.k"));
    let booking = submitted(&duong, wish("v_everest", "08:00", "10:00")).await;
    let returned = step(&phuoc, &booking, "return", json!({"reason": "Ghi rõ nơi đến"})).await.expect(200);
    assert_eq!(
        (&returned["status"], &returned["decision_reason"]),
        (&json!("returned"), &json!("Ghi rõ nơi đến"))
    );
    let other = submitted(&chin, of_board(wish("v_everest", "10:00", "12:00"), "bnctu")).await;
    let version = returned["version"].as_i64().unwrap();
    let longer = json!({"destination": "Buôn Hồ, Krông Búk", "ends_at": "2026-01-12T11:00:00+07:00"});
    duong.patch(&booking, version, longer).await.expect(200);
    submit(&duong, &booking).await.refused(409, "time_taken");
    step(&chin, &other, "cancel", json!({"reason": "Hoãn"})).await.expect(200);
    let again = submit(&duong, &booking).await.expect(200);
    assert_eq!((&again["status"], &again["decision_reason"]), (&json!("submitted"), &Value::Null));
    assert_eq!(holds_of(&office, "v_everest").await, 1);
}

#[actix_web::test]
async fn cancelling_returning_and_rejecting_give_the_car_back() {
    let office = Office::open().await;
    let (duong, phuoc, thinh) =
        (office.login("duong.ntt"), office.login("phuoc.dh"), office.login("thinh.bd"));
    for (client, verb, status) in [
        (&duong, "cancel", "cancelled"),
        (&phuoc, "return", "returned"),
        (&thinh, "reject", "rejected"),
        (&thinh, "cancel", "cancelled"),
    ] {
        let booking = submitted(&duong, wish("v_everest", "08:00", "10:00")).await;
        step(&phuoc, &booking, "approve", json!({"consent": true})).await.expect(200);
        for body in [json!({}), json!({"reason": null})] {
            let refused = step(client, &booking, verb, body).await;
            refused.refused(422, "validation_failed");
            assert_eq!(refused.places(), ["#/reason"], "{verb} needs a reason");
        }
        assert_eq!(holds_of(&office, "v_everest").await, 1);
        let out = step(client, &booking, verb, json!({"reason": "Đổi kế hoạch"})).await.expect(200);
        assert_eq!(out["status"], status);
        assert_eq!(holds_of(&office, "v_everest").await, 0, "{verb} frees the car");
    }
}

#[actix_web::test]
async fn a_workshop_and_a_booking_never_get_one_car() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (duong, thinh) = (office.login("duong.ntt"), office.login_at(&second, "thinh.bd"));
    thinh.token().await;
    let downtimes = format!("/v1/vehicles/{}/downtimes", id("v_everest"));
    for day in 1..=8 {
        let time = |hour: u32| format!("2026-02-0{day}T{hour:02}:00:00+07:00");
        let times = json!({"starts_at": time(8), "ends_at": time(12)});
        let booking = draft(&duong, with(wish("v_everest", "08:00", "10:00"), times)).await;
        let downtime = json!({"starts_at": time(11), "ends_at": time(17), "reason": "Thay lốp"});
        let (booked, down) = join(submit(&duong, &booking), thinh.post(&downtimes, downtime)).await;
        let outcome = (booked.status, down.status);
        assert!(outcome == (200, 409) || outcome == (409, 201), "{outcome:?}");
        let lost = if booked.status == 409 { &booked } else { &down };
        lost.refused(409, "time_taken");
    }
    assert_eq!(holds_of(&office, "v_everest").await, 8);
}

#[actix_web::test]
async fn a_car_is_not_retired_under_a_booking() {
    let office = Office::open().await;
    let (duong, thinh) = (office.login("duong.ntt"), office.login("thinh.bd"));
    thinh.token().await;
    let cars = ["v_everest", "v_innova_105"];
    for car in cars {
        let booking = draft(&duong, wish(car, "08:00", "10:00")).await;
        let address = format!("/v1/vehicles/{}", id(car));
        let version = version_of(&thinh, &address).await;
        let retire = thinh.patch(&address, version, json!({"retired_on": "2026-01-12"}));
        let (booked, retired) = join(submit(&duong, &booking), retire).await;
        match (booked.status, retired.status) {
            (200, 409) => drop(retired.refused(409, "time_taken")),
            (422, 200) => assert_eq!(booked.places(), ["#/vehicle_id"]),
            other => panic!("{other:?}"),
        }
    }
}

#[actix_web::test]
async fn another_boards_booking_is_as_one_that_never_was() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let same = [("X-Request-Id", "the-same-request"), ("If-Match", "\"1\"")];
    let calls = [
        (Method::GET, "", None),
        (Method::GET, "/history", None),
        (Method::PATCH, "", Some(json!({"purpose": "Khác"}))),
        (Method::POST, "/submit", Some(json!({}))),
        (Method::POST, "/cancel", Some(json!({"reason": "Khác"}))),
    ];
    for (method, tail, body) in calls {
        let foreign = format!("{}{tail}", demo("vb_07"));
        let never = format!("{}{tail}", demo("vb_that_never_was"));
        let foreign = duong.send(method.clone(), &foreign, body.clone(), &same).await;
        let never = duong.send(method.clone(), &never, body, &same).await;
        foreign.refused(404, "not_found");
        assert_eq!(foreign.text, never.text, "{method} {tail}");
    }
    let listed = duong.get(&format!("{ALL}?board_id={}", id("ubkttu"))).await.expect(200);
    assert_eq!(listed["items"], json!([]));
    let refused = duong.post(ALL, of_board(wish("v_everest", "08:00", "09:00"), "ubkttu")).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/board_id"]);
}

#[actix_web::test]
async fn nobody_approves_their_own_booking() {
    let office = Office::open().await;
    let (phuoc, an) = (office.login("phuoc.dh"), office.login("an.nv"));
    let booking = submitted(&phuoc, wish("v_everest", "08:00", "10:00")).await;
    let seen = phuoc.get(&booking).await.expect(200);
    assert_eq!(why_not(&seen, "approve")["allowed"], false);
    assert_eq!(why_not(&seen, "cancel"), json!({"action": "cancel", "allowed": true, "reason": null}));
    assert_eq!(seen["waiting_on"]["role"], "chief_of_office", "the only head of the board asked for it");
    for verb in ["approve", "return", "reject"] {
        let body = if verb == "approve" { json!({}) } else { json!({"reason": "Tự duyệt"}) };
        step(&phuoc, &booking, verb, body).await.refused(403, "four_eyes");
    }
    let approved = step(&an, &booking, "approve", json!({})).await.expect(200);
    assert_eq!((&approved["status"], &approved["approved_by_id"]), (&json!("approved"), &json!(id("p_an"))));
    assert_eq!(approved["needs_consent"], false, "0.90 gives a right to a car");
    assert_eq!(approved["waiting_on"]["role"], "dispatcher");
    assert_eq!(approved["waiting_on"]["staff"], json!([id("p_thinh")]));
}

#[actix_web::test]
async fn roles_decide_who_takes_a_step() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let booking = submitted(&duong, wish("v_everest", "08:00", "10:00")).await;
    let seen = duong.get(&booking).await.expect(200);
    assert_eq!(seen["waiting_on"]["role"], "board_head");
    assert_eq!(seen["waiting_on"]["staff"], json!([id("p_phuoc")]));
    assert_eq!(seen["waiting_on"]["due_at"], seen["starts_at"]);
    step(&duong, &booking, "approve", json!({"consent": true})).await.refused(403, "forbidden");
    step(&office.login("thinh.bd"), &booking, "approve", json!({"consent": true}))
        .await
        .refused(403, "forbidden");
    step(&office.login("quang.lm"), &booking, "reject", json!({"reason": "x"}))
        .await
        .refused(403, "forbidden");
    office.login("ha.lt").get(&booking).await.refused(403, "forbidden");
    submit(&office.login("phuoc.dh"), &booking).await.refused(403, "forbidden");
    office.login("phuoc.dh").patch(&booking, 2, json!({"purpose": "Khác"})).await.refused(403, "forbidden");
    let read = office.login("quang.lm").get(&booking).await.expect(200);
    assert!(read["allowed_actions"].as_array().unwrap().iter().all(|action| action["allowed"] == false));
    step(&office.login("hanh.nt"), &booking, "approve", json!({"consent": true}))
        .await
        .refused(404, "not_found");
}

#[actix_web::test]
async fn a_requester_without_car_right_needs_explicit_consent() {
    let office = Office::open().await;
    let (an, phuoc) = (office.login("an.nv"), office.login("phuoc.dh"));
    let tuan = an.get(&demo("vb_09")).await.expect(200);
    assert_eq!(tuan["needs_consent"], true, "a coefficient of 0.50");
    for body in [json!({}), json!({"consent": false})] {
        let refused = step(&an, &demo("vb_09"), "approve", body).await;
        refused.refused(422, "consent_required");
        assert_eq!(refused.places(), ["#/consent"]);
    }
    step(&an, &demo("vb_09"), "approve", json!({"consent": true})).await.expect(200);
    let history = an.get(&format!("{}/history", demo("vb_09"))).await.expect(200);
    assert_eq!(history["items"][2]["details"], json!({"consent": true}));
    // 0.70 is enough: the deputy head of the merged board.
    let yam = office.login("yam.a");
    let booking = submitted(&yam, of_board(wish("v_everest", "08:00", "10:00"), "btgdvtu")).await;
    assert_eq!(yam.get(&booking).await.expect(200)["needs_consent"], false);
    step(&office.login("khoi.vm"), &booking, "approve", json!({})).await.expect(200);
    phuoc.get(&booking).await.refused(404, "not_found");
}

#[actix_web::test]
async fn every_broken_rule_is_named_at_once() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let places = async |changes: Value| {
        let answer = duong.post(ALL, with(wish("v_everest", "08:00", "10:00"), changes)).await;
        answer.refused(422, "validation_failed");
        answer.places()
    };
    let past = json!({"starts_at": "2025-12-12T07:59:00+07:00", "ends_at": "2025-12-12T07:59:00+07:00", "passenger_count": 9});
    assert_eq!(places(past).await, ["#/ends_at", "#/starts_at", "#/passenger_count"]);
    assert_eq!(places(json!({"urgent": true})).await, ["#/urgent_reason"]);
    assert_eq!(places(json!({"urgent": true, "urgent_reason": null})).await, ["#/urgent_reason"]);
    assert_eq!(
        places(json!({"ends_at": "2026-02-12T08:00:01+07:00"})).await,
        ["#/ends_at"],
        "31 days at most"
    );
    assert_eq!(
        places(json!({"vehicle_id": id("v_camry")})).await,
        ["#/vehicle_id"],
        "somebody else's title car"
    );
    assert_eq!(
        places(json!({"vehicle_id": id("no_car"), "board_id": id("btgtu")})).await,
        ["#/board_id", "#/vehicle_id"]
    );
    let none =
        duong.post(ALL, with(wish("v_everest", "08:00", "10:00"), json!({"passenger_count": 0}))).await;
    none.refused(400, "malformed_request");
    draft(&duong, with(wish("v_everest", "08:00", "10:00"), json!({"ends_at": "2026-02-12T08:00:00+07:00"})))
        .await;
    // A board that was merged asks for nothing any more, though its people still see what it did.
    let nam = office.login("nam.ld");
    let old = nam.post(ALL, of_board(wish("v_everest", "08:00", "10:00"), "btgtu")).await;
    assert_eq!(old.refused(422, "validation_failed")["errors"][0]["code"], "board_not_active");
    // A car that goes out of service is not for later days.
    let everest = format!("/v1/vehicles/{}", id("v_everest"));
    let thinh = office.login("thinh.bd");
    let version = version_of(&thinh, &everest).await;
    thinh.patch(&everest, version, json!({"retired_on": "2026-01-12"})).await.expect(200);
    assert_eq!(places(json!({})).await, ["#/vehicle_id"]);
    let eve = json!({"starts_at": "2026-01-11T20:00:00+07:00", "ends_at": "2026-01-12T00:00:00+07:00"});
    draft(&duong, with(wish("v_everest", "08:00", "10:00"), eve)).await;
}

#[actix_web::test]
async fn short_notice_needs_an_urgent_reason_and_ends_a_day_after_the_start() {
    let office = Office::open().await;
    let (duong, phuoc) = (office.login("duong.ntt"), office.login("phuoc.dh"));
    let today = |from: &str, to: &str| {
        let times = json!({"starts_at": format!("2025-12-12T{from}:00+07:00"), "ends_at": format!("2025-12-12T{to}:00+07:00")});
        with(wish("v_everest", "08:00", "10:00"), times)
    };
    let urgent = json!({"urgent": true, "urgent_reason": "Cháy rừng tại Ea H'leo"});
    submitted(&duong, today("10:00", "10:30")).await;
    let late = draft(&duong, today("09:59", "10:00")).await;
    let refused = submit(&duong, &late).await;
    assert_eq!(refused.refused(422, "validation_failed")["errors"][0]["code"], "too_soon");
    assert_eq!(refused.places(), ["#/starts_at"]);
    duong.patch(&late, 1, urgent.clone()).await.expect(200);
    submit(&duong, &late).await.expect(200);
    // What was driven in the night is asked for and approved in the morning.
    let night = with(today("05:00", "06:00"), urgent);
    let night = submitted(&duong, night).await;
    office.run_jobs().await;
    office.set_clock("2025-12-13T04:59:59+07:00");
    step(&phuoc, &night, "approve", json!({"consent": true})).await.expect(200);
    office.set_clock("2025-12-13T09:59:00+07:00");
    let refused =
        step(&phuoc, &late, "approve", json!({"consent": true})).await.refused(409, "state_conflict");
    assert_eq!(refused["current_status"], "submitted");
    // Without urgency the start is the end of it.
    let punctual = with(
        wish("v_everest", "08:00", "10:00"),
        json!({"starts_at": "2025-12-14T10:00:00+07:00", "ends_at": "2025-12-14T12:00:00+07:00"}),
    );
    let punctual = submitted(&duong, punctual).await;
    office.set_clock("2025-12-14T10:00:00+07:00");
    step(&phuoc, &punctual, "approve", json!({"consent": true})).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn what_nobody_decides_in_time_expires_once() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let booking = submitted(&duong, wish("v_everest", "08:00", "10:00")).await;
    office.set_clock("2026-01-12T09:59:59+07:00");
    office.run_jobs().await;
    assert_eq!(duong.get(&booking).await.expect(200)["status"], "submitted");
    office.set_clock("2026-01-12T10:00:00+07:00");
    let expired = join_all((0..4).map(|_| shared_office::bookings::expiry::expire(&office.app))).await;
    let expired: u64 = expired.into_iter().map(|count| count.unwrap()).sum();
    assert_eq!(expired, 1);
    let out = duong.get(&booking).await.expect(200);
    assert_eq!((&out["status"], &out["waiting_on"]), (&json!("expired"), &Value::Null));
    assert_eq!(out["allowed_actions"], json!([]));
    let history = duong.get(&format!("{booking}/history")).await.expect(200);
    assert_eq!(actions(&history), ["create", "submit", "expire"]);
    assert_eq!(
        (&history["items"][2]["actor_name"], &history["items"][2]["actor_id"]),
        (&json!("system"), &Value::Null)
    );
    assert_eq!(holds_of(&office, "v_everest").await, 0);
    assert_eq!(holds_of(&office, "v_innova_086").await, 0, "approved ones expire too");
    step(&duong, &booking, "cancel", json!({"reason": "Muộn"})).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn the_history_reads_as_the_story() {
    let office = Office::open().await;
    let (duong, phuoc) = (office.login("duong.ntt"), office.login("phuoc.dh"));
    let booking = submitted(&duong, wish("v_everest", "08:00", "10:00")).await;
    step(&phuoc, &booking, "return", json!({"reason": "Thiếu giấy mời"})).await.expect(200);
    duong.patch(&booking, 3, json!({"purpose": "Dự hội nghị, có giấy mời"})).await.expect(200);
    submit(&duong, &booking).await.expect(200);
    step(&phuoc, &booking, "approve", json!({"consent": true})).await.expect(200);
    step(&duong, &booking, "cancel", json!({"reason": "Hội nghị hoãn"})).await.expect(200);
    let history = duong.get(&format!("{booking}/history")).await.expect(200);
    let story: Vec<Value> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            json!([
                event["action"],
                event["from_status"],
                event["to_status"],
                event["reason"],
                event["version"]
            ])
        })
        .collect();
    let expected = json!([
        ["create", null, null, null, 1],
        ["submit", "draft", "submitted", null, 2],
        ["return", "submitted", "returned", "Thiếu giấy mời", 3],
        ["update", null, null, null, 4],
        ["submit", "returned", "submitted", null, 5],
        ["approve", "submitted", "approved", null, 6],
        ["cancel", "approved", "cancelled", "Hội nghị hoãn", 7],
    ]);
    assert_eq!(json!(story), expected);
    let demo_story = duong.get(&format!("{}/history", demo("vb_01"))).await.expect(200);
    assert_eq!(
        actions(&demo_story),
        ["create", "submit", "approve", "schedule", "depart", "complete", "confirm"]
    );
    assert_eq!(demo_story["items"][1]["occurred_at"], "2025-10-31T01:00:00Z");
}

#[actix_web::test]
async fn steps_at_the_wrong_moment_say_what_is_possible() {
    let office = Office::open().await;
    let (duong, phuoc, nam) = (office.login("duong.ntt"), office.login("phuoc.dh"), office.login("nam.ld"));
    let khoi = office.login("khoi.vm");
    let refused = step(&khoi, &demo("vb_11"), "approve", json!({})).await.refused(409, "state_conflict");
    assert_eq!(refused["current_status"], "draft");
    assert_eq!(refused["possible_actions"], json!(["submit", "cancel"]));
    submit(&nam, &demo("vb_11")).await.expect(200);
    let version = nam.get(&demo("vb_11")).await.expect(200)["version"].as_i64().unwrap();
    nam.patch(&demo("vb_11"), version, json!({"purpose": "Khác"})).await.refused(409, "state_conflict");
    for (verb, client, body) in [
        ("submit", &duong, json!({})),
        ("approve", &phuoc, json!({"consent": true})),
        ("return", &phuoc, json!({"reason": "x"})),
        ("reject", &phuoc, json!({"reason": "x"})),
        ("cancel", &duong, json!({"reason": "x"})),
    ] {
        let refused = step(client, &demo("vb_01"), verb, body).await.refused(409, "state_conflict");
        assert_eq!(
            (&refused["current_status"], &refused["possible_actions"]),
            (&json!("closed"), &json!([])),
            "{verb}"
        );
    }
    // `vb_06` is on the road: nobody can call it back any more.
    let refused = step(&phuoc, &demo("vb_06"), "cancel", json!({"reason": "x"})).await;
    assert_eq!(refused.refused(409, "state_conflict")["current_status"], "in_progress");
    // `vb_12` should have left by now: its requester cannot call it back, the dispatcher can.
    office.set_clock("2025-12-15T06:00:00+07:00");
    let (huy, thinh) = (office.login("huy.tq"), office.login("thinh.bd"));
    step(&huy, &demo("vb_12"), "cancel", json!({"reason": "x"})).await.refused(403, "forbidden");
    step(&thinh, &demo("vb_12"), "cancel", json!({"reason": "Xe hỏng"})).await.expect(200);
}

#[actix_web::test]
async fn a_step_on_an_old_version_is_refused_and_a_repeated_one_replayed() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let booking = draft(&duong, wish("v_everest", "08:00", "10:00")).await;
    duong.patch(&booking, 1, json!({"passenger_count": 3})).await.expect(200);
    let address = format!("{booking}/submit");
    let send = async |headers: &[(&str, &str)]| duong.send(Method::POST, &address, None, headers).await;
    send(&[("If-Match", "\"1\"")]).await.refused(412, "version_conflict");
    let first = send(&[("If-Match", "\"2\""), ("Idempotency-Key", "once")]).await;
    let again = send(&[("If-Match", "\"2\""), ("Idempotency-Key", "once")]).await;
    assert_eq!(first.expect(200), again.expect(200));
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    assert_eq!(holds_of(&office, "v_everest").await, 1);
    // A refusal is kept as well, and leaves no hold behind.
    let other = draft(&duong, wish("v_everest", "09:00", "11:00")).await;
    let address = format!("{other}/submit");
    for _ in 0..2 {
        let refused = duong.send(Method::POST, &address, None, &[("Idempotency-Key", "twice")]).await;
        refused.refused(409, "time_taken");
    }
    assert_eq!(holds_of(&office, "v_everest").await, 1);
}

#[actix_web::test]
async fn bookings_are_found_by_what_people_know_of_them() {
    let office = Office::open().await;
    let thinh = office.login("thinh.bd");
    let found = async |query: &str| {
        let page = thinh.get(&format!("{ALL}?{query}")).await.expect(200);
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|booking| booking["number"].as_str().unwrap()[8..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("q=m%27drak").await, ["000107", "000114", "000112"]);
    assert_eq!(found("q=vb-2025-000111").await, ["000111"]);
    assert_eq!(
        found("status=draft&status=returned&sort=-starts_at").await,
        ["000115", "000112", "000111", "000108"]
    );
    assert_eq!(
        found(&format!("vehicle_id={}&starts_at_from=2025-12-01T00:00:00Z", id("v_innova_086"))).await,
        ["000108", "000109"]
    );
    assert_eq!(
        found(&format!("requester_id={}&starts_at_before=2025-06-01T00:00:00Z", id("p_huy"))).await,
        ["000013"]
    );
    assert_eq!(found(&format!("board_id={}&limit=2", id("vptu"))).await.len(), 2);
    let page = thinh
        .get(&format!("{ALL}?q=000109&expand=vehicle&expand=requester&expand=allowed_actions"))
        .await
        .expect(200);
    let booking = &page["items"][0];
    assert_eq!(booking["vehicle"]["plate"], "47B00086");
    assert_eq!(booking["requester"]["id"], booking["requester_id"]);
    assert_eq!(booking["waiting_on"]["role"], "dispatcher");
    assert_eq!(why_not(booking, "return")["allowed"], true);
    let plain = thinh.get(&format!("{ALL}?q=000109")).await.expect(200);
    for field in ["vehicle", "requester", "waiting_on", "allowed_actions"] {
        assert_eq!(plain["items"][0][field], Value::Null, "{field}");
    }
    let next = office.login("duong.ntt").post(ALL, wish("v_everest", "08:00", "10:00")).await.expect(201);
    assert_eq!(next["number"], "VB-2025-000122", "numbers go on after the demo's");
    assert_eq!(next["time_zone"], "Asia/Ho_Chi_Minh");
}
