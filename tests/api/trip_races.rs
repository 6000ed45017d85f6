//! Races for cars, drivers and bookings, between two processes over one database: each has one outcome, nobody
//! gets an answer of the 500 kind, and afterwards the table of holds is exact.

use futures_util::future::{join, join_all};

use crate::support::dispatch::{
    approved, booking_at, broken, drafted, holds_are_exact, issue, issued, january, planned, status, step,
};
use crate::support::{Answer, Client, Office, id, json};

/// The dispatcher at both processes.
async fn desks(office: &Office) -> [Client; 2] {
    let second = office.second_process().await;
    let desks = [office.login("thinh.bd"), office.login_at(&second, "thinh.bd")];
    desks[0].token().await;
    desks
}

/// The statuses in order of size; none of them a fault of the service.
fn statuses<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers
        .into_iter()
        .map(|answer| {
            assert!(answer.status < 500, "{}", answer.text);
            answer.status
        })
        .collect();
    statuses.sort_unstable();
    statuses
}

#[actix_web::test]
async fn of_twenty_orders_for_one_car_one_is_given() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    let drivers = ["dr_son", "dr_khoa", "dr_tu", "dr_truong", "dr_loc"];
    let mut trips = Vec::new();
    for n in 0..20 {
        // Everyone wants other minutes of the same morning, and all of them want 09:00.
        let booking = approved(&office, "btctu", &format!("08:{n:02}"), &format!("09:{:02}", n + 1)).await;
        trips.push(planned(&office, &[&booking], "v_everest", drivers[n % 5]).await);
    }
    let answers = join_all(trips.iter().enumerate().map(|(n, trip)| issue(&desks[n % 2], trip))).await;
    let statuses = statuses(&answers);
    assert_eq!((statuses[0], statuses[1..].iter().filter(|status| **status == 409).count()), (200, 19));
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        answer.refused(409, "time_taken");
        assert!(broken(answer).contains(&"#/vehicle_id time_taken".to_owned()));
    }
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn of_two_orders_for_the_free_car_one_is_given_as_the_example_says() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    let all: serde_json::Value = serde_json::from_str(include_str!("trip_vectors.json")).unwrap();
    let race = &all["race"];
    let (from, to) = (race["from"].as_str().unwrap(), race["to"].as_str().unwrap());
    let count = usize::try_from(race["parallel_requests"].as_u64().unwrap()).unwrap();
    let mut trips = Vec::new();
    for driver in ["dr_son", "dr_khoa", "dr_truong"].iter().take(count) {
        let booking = crate::support::dispatch::approved_with(&office, "btctu", from, to, json!({})).await;
        trips.push(planned(&office, &[&booking], "v_everest", driver).await);
    }
    let answers = join_all(trips.iter().enumerate().map(|(n, trip)| issue(&desks[n % 2], trip))).await;
    assert_eq!(statuses(&answers), [200, 409]);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn of_two_cars_for_one_driver_one_leaves() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    for day in 12..20 {
        let mut trips = Vec::new();
        for car in ["v_everest", "v_fortuner"] {
            let booking = approved(&office, "btctu", &format!("{day}T08:00"), &format!("{day}T10:00")).await;
            trips.push(planned(&office, &[&booking], car, "dr_son").await);
        }
        let (one, other) = join(issue(&desks[0], &trips[0]), issue(&desks[1], &trips[1])).await;
        assert_eq!(statuses([&one, &other]), [200, 409]);
        let lost = if one.status == 409 { &one } else { &other };
        assert_eq!(broken(lost), ["#/driver_id time_taken"]);
    }
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_booking_is_carried_out_once() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    for day in 12..20 {
        let booking = approved(&office, "btctu", &format!("{day}T08:00"), &format!("{day}T10:00")).await;
        let first = planned(&office, &[&booking], "v_everest", "dr_son").await;
        let second = planned(&office, &[&booking], "v_fortuner", "dr_khoa").await;
        let (one, other) = join(issue(&desks[0], &first), issue(&desks[1], &second)).await;
        assert_eq!(statuses([&one, &other]), [200, 422]);
        let lost = if one.status == 422 { &one } else { &other };
        assert_eq!(broken(lost), ["#/booking_ids/0 on_another_trip"]);
    }
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn one_plan_becomes_one_order() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    let booking = approved(&office, "btctu", "08:00", "10:00").await;
    let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
    let answers = join_all((0..10).map(|n| issue(&desks[n % 2], &trip))).await;
    let statuses = statuses(&answers);
    assert_eq!(statuses, [&[200][..], &[409; 9]].concat());
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        assert_eq!(answer.refused(409, "state_conflict")["current_status"], "issued");
    }
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn a_workshop_and_a_trip_never_get_one_car() {
    let office = Office::open().await;
    let [here, there] = desks(&office).await;
    let downtimes = format!("/v1/vehicles/{}/downtimes", id("v_everest"));
    let absences = format!("/v1/drivers/{}/absences", id("dr_son"));
    for day in 12..20 {
        let booking = approved(&office, "btctu", &format!("{day}T08:00"), &format!("{day}T12:00")).await;
        let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
        let away = json!({"starts_at": january(&format!("{day}T11:00")), "ends_at": january(&format!("{day}T17:00")), "reason": "Bảo dưỡng"});
        let blocked = if day % 2 == 0 { &downtimes } else { &absences };
        let (order, away) = join(issue(&here, &trip), there.post(blocked, away)).await;
        statuses([&order, &away]);
        let outcome = (order.status, away.status);
        assert!(outcome == (200, 409) || outcome == (409, 201), "{outcome:?}");
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn a_trip_and_a_booking_of_the_car_never_get_it_both() {
    let office = Office::open().await;
    let [here, _] = desks(&office).await;
    let second = office.second_process().await;
    let chin = office.login_at(&second, "chin.k");
    chin.token().await;
    for day in 12..18 {
        let (from, to) = (january(&format!("{day}T09:00")), january(&format!("{day}T11:00")));
        let named = drafted(&office, "bnctu", &from, &to, json!({"vehicle_id": id("v_everest")})).await;
        let booking = approved(&office, "btctu", &format!("{day}T08:00"), &format!("{day}T10:00")).await;
        let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
        let named = booking_at(&named);
        let (order, held) = join(issue(&here, &trip), step(&chin, &named, "submit", json!({}))).await;
        assert_eq!(statuses([&order, &held]), [200, 409]);
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn amendments_of_one_order_follow_each_other() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    let (trip, _) = issued(&office, "08:00", "10:00", "v_everest", "dr_son").await;
    let cars = ["v_fortuner", "v_cross", "v_innova_105", "v_innova_086"];
    let answers =
        join_all((0..8).map(|n| step(&desks[n % 2], &trip, "amend", json!({"vehicle_id": id(cars[n % 4])}))));
    assert_eq!(statuses(&answers.await), [200; 8]);
    let seen = desks[0].get(&trip).await.expect(200);
    assert_eq!((&seen["revision"], &seen["version"]), (&json!(9), &json!(10)));
    holds_are_exact(&office).await;
    // On condition of one version only the first gets through.
    let on = async |desk: &Client, driver: &str| {
        let body = json!({"driver_id": id(driver)});
        desk.send(reqwest::Method::POST, &format!("{trip}/amend"), Some(body), &[("If-Match", "\"10\"")])
            .await
    };
    let (one, other) = join(on(&desks[0], "dr_khoa"), on(&desks[1], "dr_tu")).await;
    assert_eq!(statuses([&one, &other]), [200, 412]);
    holds_are_exact(&office).await;
}

#[actix_web::test]
async fn two_orders_that_take_one_booking_along_do_not_both_get_it() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    for day in 12..17 {
        let (from, to) = (format!("{day}T08:00"), format!("{day}T10:00"));
        let spare = approved(&office, "bnctu", &from, &to).await;
        let (first, own) = issued(&office, &from, &to, "v_everest", "dr_son").await;
        let (second, other) = issued(&office, &from, &to, "v_fortuner", "dr_khoa").await;
        let body = |own: &str| json!({"booking_ids": [own.rsplit('/').next().unwrap(), spare]});
        let (one, two) = join(
            step(&desks[0], &first, "amend", body(&own)),
            step(&desks[1], &second, "amend", body(&other)),
        )
        .await;
        assert_eq!(statuses([&one, &two]), [200, 422]);
        let lost = if one.status == 422 { &one } else { &two };
        assert_eq!(broken(lost), ["#/booking_ids/1 on_another_trip"]);
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn amendments_that_want_each_others_cars_and_bookings_do_not_mix() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    for day in 12..17 {
        let (from, to) = (format!("{day}T08:00"), format!("{day}T10:00"));
        let spare = approved(&office, "bnctu", &from, &to).await;
        let (first, own) = issued(&office, &from, &to, "v_everest", "dr_son").await;
        let (second, other) = issued(&office, &from, &to, "v_fortuner", "dr_khoa").await;
        let id_of = |address: &str| address.rsplit('/').next().unwrap().to_owned();
        // Both reach for the free driver, the other's car and the free booking.
        let body = |car: &str, own: &str| json!({"vehicle_id": id(car), "driver_id": id("dr_tu"), "booking_ids": [id_of(own), spare]});
        let (one, two) = join(
            step(&desks[0], &first, "amend", body("v_cross", &own)),
            step(&desks[1], &second, "amend", body("v_cross", &other)),
        )
        .await;
        assert_eq!(statuses([&one, &two]), [200, 409]);
        holds_are_exact(&office).await;
        // To swap two cars at once is not possible in two orders; nothing is half done.
        let body = |car: &str| json!({"vehicle_id": id(car)});
        let (one, two) = join(
            step(&desks[0], &first, "amend", body("v_fortuner")),
            step(&desks[1], &second, "amend", body("v_everest")),
        )
        .await;
        statuses([&one, &two]);
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn a_cancellation_and_a_departure_agree_on_who_was_first() {
    let office = Office::open().await;
    let second = office.second_process().await;
    // The odometer goes on from trip to trip only where the car left.
    let mut km = 45_560;
    for day in 12..20 {
        office.set_clock(&january(&format!("{day}T05:00")));
        let (trip, booking) =
            issued(&office, &format!("{day}T08:00"), &format!("{day}T10:00"), "v_everest", "dr_son").await;
        office.set_clock(&january(&format!("{day}T08:00")));
        let (son, phuoc) = (office.login("son.pt"), office.login_at(&second, "phuoc.dh"));
        son.token().await;
        phuoc.token().await;
        let (left, cancelled) = join(
            step(&son, &trip, "depart", json!({"odometer_km": km})),
            step(&phuoc, &booking, "cancel", json!({"reason": "Hoãn"})),
        )
        .await;
        statuses([&left, &cancelled]);
        match (left.status, cancelled.status) {
            (200, 409) => {
                holds_are_exact(&office).await;
                office.set_clock(&january(&format!("{day}T09:00")));
                km += 10;
                step(&office.login("son.pt"), &trip, "complete", json!({"odometer_km": km}))
                    .await
                    .expect(200);
            }
            // The trip is no longer one that its board, or anybody but the driver, needs to see.
            (409, 200) => assert_eq!(status(&office.login("thinh.bd"), &trip).await, "void"),
            other => panic!("{other:?}: {} {}", left.text, cancelled.text),
        }
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn a_void_and_a_departure_agree_on_who_was_first() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let mut km = 45_560;
    for day in 12..20 {
        office.set_clock(&january(&format!("{day}T05:00")));
        let (trip, booking) =
            issued(&office, &format!("{day}T08:00"), &format!("{day}T10:00"), "v_everest", "dr_son").await;
        office.set_clock(&january(&format!("{day}T08:00")));
        let (son, thinh) = (office.login("son.pt"), office.login_at(&second, "thinh.bd"));
        son.token().await;
        thinh.token().await;
        let (left, void) = join(
            step(&son, &trip, "depart", json!({"odometer_km": km})),
            step(&thinh, &trip, "void", json!({"reason": "Hoãn"})),
        )
        .await;
        assert_eq!(statuses([&left, &void]), [200, 409]);
        holds_are_exact(&office).await;
        if left.status == 200 {
            office.set_clock(&january(&format!("{day}T09:00")));
            km += 10;
            step(&office.login("son.pt"), &trip, "complete", json!({"odometer_km": km})).await.expect(200);
        } else {
            assert_eq!(status(&thinh, &booking).await, "approved");
        }
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn two_boards_that_cancel_at_once_leave_a_void_trip() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (phuoc, hanh) = (office.login("phuoc.dh"), office.login_at(&second, "hanh.nt"));
    phuoc.token().await;
    hanh.token().await;
    for day in 12..17 {
        let (from, to) = (format!("{day}T08:00"), format!("{day}T10:00"));
        let first = approved(&office, "btctu", &from, &to).await;
        let other = approved(&office, "bnctu", &from, &to).await;
        let trip = planned(&office, &[&first, &other], "v_everest", "dr_son").await;
        issue(&office.login("thinh.bd"), &trip).await.expect(200);
        let reason = json!({"reason": "Hoãn"});
        let (first, other) = (booking_at(&first), booking_at(&other));
        let (one, two) = join(
            step(&phuoc, &first, "cancel", reason.clone()),
            step(&hanh, &other, "cancel", reason.clone()),
        )
        .await;
        assert_eq!(statuses([&one, &two]), [200, 200]);
        assert_eq!(status(&office.login("thinh.bd"), &trip).await, "void");
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn an_order_and_the_withdrawal_of_its_booking_agree_on_who_was_first() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (thinh, phuoc) = (office.login("thinh.bd"), office.login_at(&second, "phuoc.dh"));
    thinh.token().await;
    phuoc.token().await;
    for day in 12..20 {
        let booking = approved(&office, "btctu", &format!("{day}T08:00"), &format!("{day}T10:00")).await;
        let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
        let verb = if day % 2 == 0 { "return" } else { "cancel" };
        let address = booking_at(&booking);
        let (order, gone) =
            join(issue(&thinh, &trip), step(&phuoc, &address, verb, json!({"reason": "Hoãn"}))).await;
        statuses([&order, &gone]);
        let outcome = (verb, order.status, gone.status);
        // A scheduled booking can still be cancelled, and takes its trip with it.
        let possible =
            [("return", 200, 409), ("return", 422, 200), ("cancel", 200, 200), ("cancel", 422, 200)];
        assert!(possible.contains(&outcome), "{outcome:?} {} {}", order.text, gone.text);
        holds_are_exact(&office).await;
    }
}

#[actix_web::test]
async fn a_whole_morning_of_orders_at_both_desks_ends_exactly() {
    let office = Office::open().await;
    let desks = desks(&office).await;
    let cars = ["v_everest", "v_fortuner", "v_cross"];
    let drivers = ["dr_son", "dr_khoa", "dr_tu"];
    let mut bookings = Vec::new();
    for n in 0..6 {
        bookings
            .push(approved(&office, "btctu", &format!("{:02}:00", 7 + n), &format!("{:02}:30", 8 + n)).await);
    }
    let mut trips = Vec::new();
    for n in 0..24 {
        let booking = &bookings[n % 6];
        trips.push(planned(&office, &[booking], cars[n % 3], drivers[(n / 3) % 3]).await);
    }
    for round in 0..3 {
        let work = trips.iter().enumerate().map(|(n, trip)| {
            let desk = &desks[(n + round) % 2];
            async move {
                match (n + round) % 4 {
                    0 => step(desk, trip, "void", json!({"reason": "x"})).await,
                    1 => {
                        step(
                            desk,
                            trip,
                            "amend",
                            json!({"vehicle_id": id(cars[n % 3]), "driver_id": id(drivers[round])}),
                        )
                        .await
                    }
                    _ => issue(desk, trip).await,
                }
            }
        });
        statuses(&join_all(work).await);
        holds_are_exact(&office).await;
    }
}
