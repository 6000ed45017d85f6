//! Papers and services of the cars, licences of the drivers, and what of them is due.

use chrono::NaiveDate;
use shared_office::vehicles::drivers::licence;
use shared_office::vehicles::papers;

use crate::support::{Client, Office, Value, id, json};

fn papers_of(car: &str) -> String {
    format!("/v1/vehicles/{}/papers", id(car))
}

fn services_of(car: &str) -> String {
    format!("/v1/vehicles/{}/services", id(car))
}

fn paper(kind: &str, number: &str, valid_from: &str, valid_to: Option<&str>) -> Value {
    json!({"kind": kind, "number": number, "valid_from": valid_from, "valid_to": valid_to})
}

fn service(kind: &str, done_on: &str, odometer_km: i64) -> Value {
    json!({"kind": kind, "done_on": done_on, "odometer_km": odometer_km})
}

fn address(record: &Value, collection: &str) -> String {
    format!("/v1/{collection}/{}", record["id"].as_str().unwrap())
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

/// What is due, as `plate or name: what`.
async fn due(client: &Client, query: &str) -> Vec<String> {
    let items = items(client, &format!("/v1/vehicle-due-items?{query}")).await;
    let of = |item: &Value| {
        let whose =
            if item["kind"] == "licence" { &item["driver"]["full_name"] } else { &item["vehicle"]["plate"] };
        format!("{}: {}", whose.as_str().unwrap(), item["what"].as_str().unwrap())
    };
    items.iter().map(of).collect()
}

#[actix_web::test]
async fn papers_of_one_kind_follow_each_other_and_may_overlap() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let path = papers_of("v_hiace");
    let renewed = paper("inspection", "kd-00240 b", "2026-01-10", Some("2027-01-22"));
    let renewed = dispatcher.post(&path, renewed).await.expect(201);
    assert_eq!((&renewed["number"], &renewed["valid_to"]), (&json!("KD-00240B"), &json!("2027-01-22")));
    let on = async |query: &str| {
        let papers = items(&dispatcher, &format!("{path}?{query}")).await;
        papers.iter().map(|paper| paper["number"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(on("kind=inspection").await, ["KD-00240B", "KD-00240"], "the newest first");
    assert_eq!(on("kind=inspection&on=2026-01-09").await, ["KD-00240"]);
    assert_eq!(on("kind=inspection&on=2026-01-22").await, ["KD-00240B", "KD-00240"], "its last day");
    assert_eq!(on("kind=inspection&on=2026-01-23").await, ["KD-00240B"]);
    assert_eq!(on("kind=road_fee").await, [""; 0]);
    let again =
        dispatcher.post(&path, paper("inspection", "KD-00240B", "2026-01-10", Some("2028-01-01"))).await;
    again.refused(409, "duplicate");
    assert_eq!(again.places(), ["#/number"]);
}

#[actix_web::test]
async fn a_paper_has_a_last_day_unless_it_is_a_registration() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let path = papers_of("v_hiace");
    for (kind, last) in [("insurance", None), ("registration", Some("2025-12-31"))] {
        let refused = dispatcher.post(&path, paper(kind, "1", "2026-01-01", last)).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), ["#/valid_to"], "{kind}");
    }
    let registration =
        dispatcher.post(&path, paper("registration", "1", "2014-03-01", None)).await.expect(201);
    assert_eq!(registration["valid_to"], Value::Null);
    let open = items(&dispatcher, &format!("{path}?kind=registration&on=2150-01-01")).await;
    assert_eq!(open.len(), 1, "it has no end");
    let fee =
        dispatcher.post(&path, paper("road_fee", "1", "2026-01-01", Some("2026-01-01"))).await.expect(201);
    let fee = address(&fee, "vehicle-papers");
    dispatcher.patch(&fee, 1, json!({"valid_to": null})).await.refused(422, "validation_failed");
    dispatcher.patch(&fee, 1, json!({"valid_from": "2026-01-02"})).await.refused(422, "validation_failed");
    dispatcher.patch(&fee, 1, json!({"kind": "registration"})).await.refused(400, "malformed_request");
}

#[actix_web::test]
async fn everyone_reads_papers_and_services_and_only_the_dispatcher_writes_them() {
    let office = Office::open().await;
    let (dispatcher, requester) = (office.login("thinh.bd"), office.login("duong.ntt"));
    let insurance = paper("insurance", "BH-1", "2026-06-01", Some("2027-05-31"));
    for (collection, list, body, patch) in [
        ("vehicle-papers", papers_of("v_hiace"), insurance, json!({"issuer": "Bảo Việt Đắk Lắk"})),
        (
            "vehicle-services",
            services_of("v_hiace"),
            service("tyres", "2025-12-12", 76996),
            json!({"cost_amount": 8_200_000, "workshop": "Gara Hoàng Anh"}),
        ),
    ] {
        requester.post(&list, body.clone()).await.refused(403, "forbidden");
        let created = dispatcher.post(&list, body.clone()).await;
        let record = created.expect(201);
        let path = address(&record, collection);
        assert_eq!(created.header("Location"), Some(path.as_str()));
        assert_eq!(requester.get(&path).await.expect(200), record);
        requester.patch(&path, 1, patch.clone()).await.refused(403, "forbidden");
        requester.delete(&path, 1).await.refused(403, "forbidden");
        let changed = dispatcher.patch(&path, 1, patch.clone()).await.expect(200);
        assert_eq!(changed["version"], 2);
        for (name, value) in patch.as_object().unwrap() {
            assert_eq!(&changed[name], value);
        }
        dispatcher.patch(&path, 1, patch).await.refused(412, "version_conflict");
        dispatcher.delete(&path, 1).await.refused(412, "version_conflict");
        let history = items(&requester, &format!("{path}/history")).await;
        assert_eq!((&history[0]["action"], &history[1]["action"]), (&json!("create"), &json!("update")));
        dispatcher.delete(&path, 2).await.expect(204);
        dispatcher.get(&path).await.refused(404, "not_found");
        assert!(items(&requester, &list).await.iter().all(|other| other["id"] != record["id"]));
        let nowhere = list.replace(&id("v_hiace").to_string(), &id("no_car").to_string());
        dispatcher.get(&nowhere).await.refused(404, "not_found");
        dispatcher.post(&nowhere, body).await.refused(404, "not_found");
    }
    let told = items(&office.login("chin.k"), "/v1/changes?limit=200").await;
    for kind in ["vehicle_paper", "vehicle_service"] {
        assert!(told.iter().any(|change| change["resource_type"] == kind), "{kind}");
    }
}

#[actix_web::test]
async fn a_service_is_done_before_it_is_due_again() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let mut wrong = service("oil_change", "2025-12-13", 77000);
    wrong["next_due_on"] = json!("2025-12-13");
    wrong["next_due_km"] = json!(77000);
    let refused = dispatcher.post(&services_of("v_hiace"), wrong).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/done_on", "#/next_due_on", "#/next_due_km"]);
    let address = format!("/v1/vehicle-services/{}", id("vs_hiace_oil"));
    let refused = dispatcher.patch(&address, 1, json!({"odometer_km": 81890})).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/next_due_km"], "what was sent is held against what is there");
    let both = json!({"odometer_km": 81890, "next_due_km": null});
    assert_eq!(dispatcher.patch(&address, 1, both).await.expect(200)["next_due_km"], Value::Null);
}

#[actix_web::test]
async fn what_is_due_stands_in_the_order_of_urgency() {
    let office = Office::open().await;
    let client = office.login("huy.tq");
    let answer = client.get("/v1/vehicle-due-items").await.expect(200);
    assert_eq!((&answer["on"], &answer["within_days"]), (&json!("2025-12-12"), &json!(30)));
    let expected = [
        ("service", "general", json!(id("vs_pajero_general")), json!(-22), Value::Null, true),
        ("licence", "b2", json!(id("dr_bay")), json!(-2), Value::Null, true),
        ("paper", "inspection", json!(id("v_pajero/inspection")), json!(2), Value::Null, false),
        // 400 of 500 km are left; its day is two months off.
        ("service", "oil_change", json!(id("vs_innova_086")), json!(60), json!(400), false),
    ];
    let items = answer["items"].as_array().unwrap();
    for (item, (kind, what, record, days, km, overdue)) in items.iter().zip(&expected) {
        assert_eq!((&item["kind"], &item["what"]), (&json!(kind), &json!(what)), "{item}");
        assert_eq!((&item["record_id"], &item["overdue"]), (record, &json!(overdue)), "{item}");
        assert_eq!((&item["days_left"], &item["km_left"]), (days, km), "{item}");
    }
    assert_eq!(items.len(), expected.len(), "{items:?}");
    assert_eq!(
        (&items[1]["vehicle"]["id"], &items[1]["due_on"]),
        (&json!(id("v_innova_105")), &json!("2025-12-10"))
    );
    assert_eq!(items[3]["due_km"], 119_900);
    // 22 January is 41 days off.
    assert!(!due(&client, "within_days=40").await.contains(&"47B00240: inspection".to_owned()));
    assert!(due(&client, "within_days=41").await.contains(&"47B00240: inspection".to_owned()));
    assert_eq!(due(&client, "within_days=1").await.len(), 3, "what is overdue, and what is due by km");
    let of_car = format!("vehicle_id={}", id("v_pajero"));
    assert_eq!(due(&client, &of_car).await, ["47C00012: general", "47C00012: inspection"]);
    assert_eq!(
        due(&client, &format!("vehicle_id={}", id("v_innova_105"))).await.len(),
        1,
        "its driver's licence"
    );
    assert_eq!(due(&client, &format!("vehicle_id={}", id("no_car"))).await, [""; 0]);
    office.set_clock("2025-12-14T23:59:59+07:00");
    let last_day = client.get(&format!("/v1/vehicle-due-items?{of_car}")).await.expect(200);
    assert_eq!(
        (&last_day["items"][1]["days_left"], &last_day["items"][1]["overdue"]),
        (&json!(0), &json!(false))
    );
    office.set_clock("2025-12-15T00:00:00+07:00");
    let after = client.get(&format!("/v1/vehicle-due-items?{of_car}")).await.expect(200);
    assert_eq!((&after["items"][1]["days_left"], &after["items"][1]["overdue"]), (&json!(-1), &json!(true)));
}

#[actix_web::test]
async fn a_paper_renewed_in_advance_is_not_due_and_one_that_leaves_a_gap_is() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let of_car = format!("vehicle_id={}&within_days=60", id("v_pajero"));
    let is_due = async || due(&dispatcher, &of_car).await.contains(&"47C00012: inspection".to_owned());
    let list = papers_of("v_pajero");
    let late =
        dispatcher.post(&list, paper("inspection", "2", "2025-12-16", Some("2026-06-15"))).await.expect(201);
    assert!(is_due().await, "nothing covers 15 December");
    let late = address(&late, "vehicle-papers");
    dispatcher.patch(&late, 1, json!({"valid_from": "2025-12-15"})).await.expect(200);
    assert!(!is_due().await);
    // Papers that the office does not keep for this car are not asked for; those that ended are.
    assert!(!due(&dispatcher, &of_car).await.contains(&"47C00012: road_fee".to_owned()));
    dispatcher.post(&list, paper("road_fee", "3", "2024-12-01", Some("2025-11-30"))).await.expect(201);
    assert!(due(&dispatcher, &of_car).await.contains(&"47C00012: road_fee".to_owned()));
}

#[actix_web::test]
async fn only_the_latest_service_of_a_kind_says_what_is_due() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let query = format!("vehicle_id={}", id("v_innova_086"));
    let mut done = service("oil_change", "2025-12-01", 119_450);
    done["next_due_km"] = json!(124_450);
    dispatcher.post(&services_of("v_innova_086"), done.clone()).await.expect(201);
    assert_eq!(due(&dispatcher, &query).await, [""; 0]);
    done["next_due_on"] = json!("2025-12-11");
    office.advance(chrono::TimeDelta::seconds(1));
    let same_day = dispatcher.post(&services_of("v_innova_086"), done).await.expect(201);
    assert_eq!(
        due(&dispatcher, &query).await,
        ["47B00086: oil_change"],
        "the one that was entered last counts"
    );
    dispatcher.delete(&address(&same_day, "vehicle-services"), 1).await.expect(204);
    assert_eq!(due(&dispatcher, &query).await, [""; 0]);
    // The car comes back from the trip that it is on.
    let complete = format!("/v1/trips/{}/complete", id("do_06"));
    office.login("tu.dc").post(&complete, json!({"odometer_km": 124_451})).await.expect(200);
    let items = items(&dispatcher, &format!("/v1/vehicle-due-items?{query}")).await;
    assert_eq!((&items[0]["km_left"], &items[0]["overdue"]), (&json!(-1), &json!(true)));
}

#[actix_web::test]
async fn a_car_without_papers_is_overdue_and_a_retired_one_needs_none() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let car = json!({"plate": "47A-012.34", "name": "Kia Carnival", "kind": "pool_car", "seats": 7,
                     "fuel_type": "diesel", "odometer_km": 15});
    let car = dispatcher.post("/v1/vehicles", car).await.expect(201);
    let first = items(&dispatcher, "/v1/vehicle-due-items").await[0].clone();
    assert_eq!((&first["vehicle"]["plate"], &first["what"]), (&json!("47A01234"), &json!("inspection")));
    assert_eq!(
        (&first["overdue"], &first["due_on"], &first["record_id"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    dispatcher.patch(&address(&car, "vehicles"), 1, json!({"retired_on": "2025-12-12"})).await.expect(200);
    assert!(
        items(&dispatcher, "/v1/vehicle-due-items")
            .await
            .iter()
            .all(|item| item["vehicle"]["id"] != car["id"])
    );
}

#[actix_web::test]
async fn papers_and_licence_cover_every_day_of_a_trip_as_the_examples_say() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let db = &office.app.db.reader;
    let day = |text: &Value| text.as_str().unwrap().parse::<NaiveDate>().unwrap();
    let vectors: Value = serde_json::from_str(include_str!("dispatch_papers.json")).unwrap();
    for (number, vector) in (1..).zip(vectors.as_array().unwrap()) {
        let inspection = format!("/v1/vehicle-papers/{}", id("v_innova_086/inspection"));
        let valid_to = json!({"valid_to": vector["inspection_valid_to"]});
        dispatcher.patch(&inspection, number, valid_to).await.expect(200);
        let driver = format!("/v1/drivers/{}", id("dr_tu"));
        let expires_on = json!({"licence_expires_on": vector["licence_valid_to"]});
        dispatcher.patch(&driver, number, expires_on).await.expect(200);
        let (first, last) = (day(&vector["trip_from"]), day(&vector["trip_to"]));
        let missing = papers::missing(db, id("v_innova_086"), first, last).await.unwrap();
        let driver = shared_office::vehicles::drivers::store::find(db, id("dr_tu")).await.unwrap();
        let unfit = licence::check(db, &driver, 8, last).await.unwrap();
        let refused: Vec<&str> = (missing.iter().map(|paper| paper.broken("vehicle_id").code))
            .chain(unfit.iter().map(|reason| reason.broken("driver_id").code))
            .collect();
        assert_eq!(json!(refused), vector["refused"], "{}", vector["title"]);
    }
}

#[actix_web::test]
async fn a_licence_fits_cars_up_to_the_seats_of_its_class() {
    let office = Office::open().await;
    let db = &office.app.db.reader;
    let classes = items(&office.login("huy.tq"), "/v1/licence-classes").await;
    let told: Vec<_> =
        classes.iter().map(|class| (class["code"].as_str().unwrap(), &class["max_seats"])).collect();
    assert_eq!(told, [("b2", &json!(9)), ("c", &json!(9)), ("d", &json!(30))]);
    assert!(classes.iter().all(|class| class["verification"] == "unverified"));
    let day = "2025-12-12".parse().unwrap();
    let driver = json!({"staff_id": id("p_thinh"), "licence_number": "1", "licence_class": "E",
                        "licence_expires_on": "2031-05-30"});
    let driver = office.login("thinh.bd").post("/v1/drivers", driver).await.expect(201);
    let new = driver["id"].as_str().unwrap().parse().unwrap();
    for (driver, seats, codes) in [
        (id("dr_tu"), 9, json!([])),
        (id("dr_tu"), 10, json!(["driver_licence_class"])),
        (id("dr_loc"), 16, json!([])),
        (new, 5, json!(["driver_licence_class_unknown"])),
    ] {
        let driver = shared_office::vehicles::drivers::store::find(db, driver).await.unwrap();
        let unfit = licence::check(db, &driver, seats, day).await.unwrap();
        let told: Vec<_> = unfit.iter().map(|reason| reason.broken("driver_id").code).collect();
        assert_eq!(json!(told), codes, "{} seats by {}", seats, driver.licence_class);
    }
}
