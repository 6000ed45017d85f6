//! Cars and drivers: their directory, and when they are free.

use sea_orm::{EntityTrait, Set};
use shared_office::vehicles::plate::Plate;

use crate::support::{Client, Office, Value, at, id, json};

const DOWNTIMES: &str = "/v1/vehicles/{}/downtimes";

fn downtimes(car: &str) -> String {
    DOWNTIMES.replace("{}", &id(car).to_string())
}

fn absences(driver: &str) -> String {
    format!("/v1/drivers/{}/absences", id(driver))
}

fn period(starts_at: &str, ends_at: &str) -> Value {
    json!({"starts_at": starts_at, "ends_at": ends_at, "reason": "Bảo dưỡng"})
}

fn car(plate: &str) -> Value {
    json!({"plate": plate, "name": "Kia Carnival", "kind": "pool_car", "seats": 7, "fuel_type": "diesel", "odometer_km": 15})
}

async fn availability(client: &Client, query: &str) -> Vec<Value> {
    let body = client.get(&format!("/v1/vehicle-availability?{query}")).await.expect(200);
    body["vehicles"].as_array().unwrap().clone()
}

/// The version at which a car stands: readings of its odometer are versions too.
async fn version_of(client: &Client, address: &str) -> i64 {
    client.get(address).await.expect(200)["version"].as_i64().unwrap()
}

fn of(cars: &[Value], reference: &str) -> Value {
    let found = cars.iter().find(|car| car["vehicle_id"] == json!(id(reference)));
    found.unwrap_or_else(|| panic!("{reference} is not listed")).clone()
}

#[test]
fn plates_are_read_as_the_examples_say() {
    let vectors: Value = serde_json::from_str(include_str!("plates.json")).unwrap();
    let is_display_form = |text: &str| {
        Plate::parse(text).is_some_and(|plate| plate.display() == text && !plate.as_str().is_empty())
    };
    for row in vectors["valid"].as_array().unwrap() {
        let text = row["plate"].as_str().unwrap();
        assert!(is_display_form(text), "{text} is a plate");
        assert_eq!(Plate::parse(text).unwrap().as_str(), row["stored"]);
    }
    for row in vectors["invalid"].as_array().unwrap() {
        let text = row["plate"].as_str().unwrap();
        assert!(!is_display_form(text), "{text:?}: {}", row["why"]);
    }
    for row in vectors["stored_to_display"].as_array().unwrap() {
        let stored = row["stored"].as_str().unwrap();
        assert_eq!(Plate::parse(stored).unwrap().display(), row["display"]);
    }
}

#[actix_web::test]
async fn a_plate_is_one_plate_in_every_spelling() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let added = dispatcher.post("/v1/vehicles", car(" 47a-012.34 ")).await.expect(201);
    assert_eq!((&added["plate"], &added["plate_display"]), (&json!("47A01234"), &json!("47A-012.34")));
    for spelling in ["47A01234", "47A-01234", "47a 012.34"] {
        let again = dispatcher.post("/v1/vehicles", car(spelling)).await;
        again.refused(409, "duplicate");
        assert_eq!(again.places(), ["#/plate"]);
    }
    for wrong in
        ["47I-012.34", "43A-012.34", "47A-000.00", "47A–012.34", "４７A-012.34", "47A-012,34", "XE 1"]
    {
        let refused = dispatcher.post("/v1/vehicles", car(wrong)).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), ["#/plate"], "{wrong}");
    }
    for query in ["47A-012.34", "47A01234", "carnival"] {
        let found = dispatcher.get(&format!("/v1/vehicles?q={query}")).await.expect(200);
        assert_eq!(found["items"][0]["id"], added["id"], "{query}");
    }
}

#[actix_web::test]
async fn everyone_reads_the_cars_and_only_the_dispatcher_changes_them() {
    let office = Office::open().await;
    let requester = office.login("duong.ntt");
    let address = format!("/v1/vehicles/{}", id("v_hiace"));
    assert_eq!(requester.get("/v1/vehicles").await.expect(200)["items"].as_array().unwrap().len(), 8);
    let big = requester.get("/v1/vehicles?seats_from=8&sort=-seats&fuel_type=petrol").await.expect(200);
    let plates: Vec<_> = big["items"].as_array().unwrap().iter().map(|car| car["plate"].clone()).collect();
    assert_eq!(plates[0], "47B00240");
    assert_eq!(plates.len(), 4);
    let version = version_of(&requester, &address).await;
    requester.patch(&address, version, json!({"seats": 15})).await.refused(403, "forbidden");
    requester.post("/v1/vehicles", car("47A-012.34")).await.refused(403, "forbidden");
    let dispatcher = office.login("thinh.bd");
    let changed = dispatcher.patch(&address, version, json!({"seats": 15})).await.expect(200);
    assert_eq!((&changed["seats"], &changed["version"]), (&json!(15), &json!(version + 1)));
    dispatcher.patch(&address, version, json!({"seats": 14})).await.refused(412, "version_conflict");
    // What the odometer shows is read, never written.
    let written = dispatcher.patch(&address, version + 1, json!({"odometer_km": 77_000})).await;
    written.refused(400, "malformed_request");
    let history = dispatcher.get(&format!("{address}/history")).await.expect(200);
    let actions: Vec<_> = history["items"].as_array().unwrap().iter().map(|e| e["action"].clone()).collect();
    assert_eq!(actions, ["create", "read-odometer", "read-odometer", "update"]);
}

#[actix_web::test]
async fn only_a_title_car_has_a_title_holder() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let mut body = car("47A-0123");
    body["title_holder_id"] = json!(id("p_an"));
    let refused = dispatcher.post("/v1/vehicles", body.clone()).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/plate", "#/title_holder_id"]);
    body["plate"] = json!("47A-012.34");
    body["kind"] = json!("title_car");
    body["title_holder_id"] = json!(id("nobody"));
    assert_eq!(dispatcher.post("/v1/vehicles", body.clone()).await.places(), ["#/title_holder_id"]);
    body["title_holder_id"] = json!(id("p_an"));
    assert_eq!(dispatcher.post("/v1/vehicles", body).await.expect(201)["title_holder_id"], json!(id("p_an")));
}

#[actix_web::test]
async fn a_car_that_is_promised_cannot_be_retired() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let address = format!("/v1/vehicles/{}", id("v_hiace"));
    let version = version_of(&dispatcher, &address).await;
    let refused = dispatcher.patch(&address, version, json!({"retired_on": "2025-12-24"})).await;
    let body = refused.refused(409, "time_taken");
    assert_eq!(body["clashes"][0]["record_id"], json!(id("vd_hiace")));
    dispatcher.patch(&address, version, json!({"retired_on": "2025-12-25"})).await.expect(200);
    let on = async |day: &str| {
        let page = dispatcher.get(&format!("/v1/vehicles?on={day}")).await.expect(200);
        page["items"].as_array().unwrap().iter().any(|car| car["id"] == json!(id("v_hiace")))
    };
    assert!(on("2025-12-24").await);
    assert!(!on("2025-12-25").await);
    let days = "from=2025-12-24T00:00:00Z&to=2025-12-24T17:00:01Z";
    assert_eq!(availability(&dispatcher, days).await.len(), 7, "retired within the period");
    let back = dispatcher.patch(&address, version + 1, json!({"retired_on": null})).await.expect(200);
    assert_eq!(back["retired_on"], Value::Null);
}

#[actix_web::test]
async fn a_driver_is_a_member_of_staff_with_one_licence() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let body = |staff: &str, licence: &str| {
        json!({"staff_id": id(staff), "licence_number": licence, "licence_class": "B2",
               "licence_expires_on": "2031-05-30", "default_vehicle_id": id("v_hiace")})
    };
    let driver = dispatcher.post("/v1/drivers", body("p_thinh", "47 0000 099")).await.expect(201);
    assert_eq!(driver["licence_class"], "b2");
    assert_eq!(driver["licence_number"], "470000099");
    assert!(driver["full_name"].as_str().unwrap().contains(' '));
    assert_eq!(dispatcher.post("/v1/drivers", body("p_thinh", "1")).await.places(), ["#/staff_id"]);
    dispatcher.post("/v1/drivers", body("p_huy", "470000099")).await.refused(409, "duplicate");
    let mut unknown = body("nobody", "2");
    unknown["default_vehicle_id"] = json!(id("no_car"));
    let refused = dispatcher.post("/v1/drivers", unknown).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/staff_id", "#/default_vehicle_id"]);
    let address = format!("/v1/drivers/{}", driver["id"].as_str().unwrap());
    let patch = json!({"licence_class": "D", "default_vehicle_id": null});
    let changed = dispatcher.patch(&address, 1, patch).await.expect(200);
    assert_eq!((&changed["licence_class"], &changed["default_vehicle_id"]), (&json!("d"), &Value::Null));
    let expiring = dispatcher.get("/v1/drivers?licence_expires_on_before=2025-12-12").await.expect(200);
    assert_eq!(expiring["items"][0]["id"], json!(id("dr_bay")));
    assert_eq!(expiring["items"].as_array().unwrap().len(), 1);
    let by_name = dispatcher.get(&format!("/v1/drivers?staff_id={}", id("p_tu"))).await.expect(200);
    let q = by_name["items"][0]["full_name"].as_str().unwrap().to_lowercase().replace(' ', "%20");
    let found = dispatcher.get(&format!("/v1/drivers?q={q}")).await.expect(200);
    assert_eq!(found["items"][0]["id"], json!(id("dr_tu")));
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_downtime_takes_the_car_and_its_deletion_gives_it_back() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let body = period("2026-01-05T08:00:00+07:00", "2026-01-05T17:00:00+07:00");
    let downtime = dispatcher.post(&downtimes("v_everest"), body.clone()).await.expect(201);
    let overlapping = period("2026-01-05T16:59:00+07:00", "2026-01-06T00:00:00Z");
    let clash = dispatcher.post(&downtimes("v_everest"), overlapping).await;
    let clash = clash.refused(409, "time_taken");
    assert_eq!(clash["clashes"][0]["held_by"], "downtime");
    assert_eq!(clash["clashes"][0]["record_id"], downtime["id"]);
    assert!(!clash["free_vehicles"].as_array().unwrap().is_empty());
    let after = period("2026-01-05T17:00:00+07:00", "2026-01-05T18:00:00+07:00");
    dispatcher.post(&downtimes("v_everest"), after).await.expect(201);
    dispatcher.post(&downtimes("v_pajero"), body.clone()).await.expect(201);
    let listed = dispatcher.get(&downtimes("v_everest")).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let address = format!("/v1/vehicle-downtimes/{}", downtime["id"].as_str().unwrap());
    dispatcher.delete(&address, 9).await.refused(412, "version_conflict");
    dispatcher.delete(&address, 1).await.expect(204);
    dispatcher.delete(&address, 1).await.refused(404, "not_found");
    dispatcher.get(&address).await.refused(404, "not_found");
    dispatcher.post(&downtimes("v_everest"), body).await.expect(201);
}

#[actix_web::test]
async fn a_driver_on_leave_is_away_once() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let leave = period("2026-01-02T00:00:00+07:00", "2026-01-05T00:00:00+07:00");
    let refused = dispatcher.post(&absences("dr_truong"), leave.clone()).await.refused(409, "time_taken");
    assert_eq!(refused["clashes"][0]["held_by"], "absence");
    assert_eq!(refused["clashes"][0]["record_id"], json!(id("da_truong")));
    assert!(refused.get("free_vehicles").is_none(), "a car is no substitute for a driver");
    let address = format!("/v1/driver-absences/{}", id("da_truong"));
    office.login("duong.ntt").delete(&address, 1).await.refused(403, "forbidden");
    dispatcher.delete(&address, 1).await.expect(204);
    let absence = dispatcher.post(&absences("dr_truong"), leave).await.expect(201);
    let address = format!("/v1/driver-absences/{}", absence["id"].as_str().unwrap());
    let history = dispatcher.get(&format!("{address}/history")).await.expect(200);
    assert_eq!(history["items"][0]["action"], "create");
    let to_come = format!("{}?ends_at_from=2026-01-05T00:00:00Z", absences("dr_truong"));
    assert!(dispatcher.get(&to_come).await.expect(200)["items"].as_array().unwrap().is_empty());
    let backwards = period("2026-01-05T00:00:00+07:00", "2026-01-04T17:00:00Z");
    let refused = dispatcher.post(&absences("dr_truong"), backwards).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/ends_at"]);
}

#[actix_web::test]
async fn availability_tiles_the_period_with_the_least_used_first() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    // 12 December, 06:00 to 20:00: the car on the trip of `vb_06` (own board) and of `vb_08` (another board).
    let cars = availability(&duong, "from=2025-12-11T23:00:00Z&to=2025-12-12T13:00:00Z&seats=7").await;
    assert_eq!(cars.len(), 7, "the title car has five seats only");
    let used = of(&cars, "v_innova_086");
    assert_eq!(cars.last(), Some(&used), "the most used car comes last");
    assert_eq!(used["held_seconds"], 10 * 3600 + 5400);
    assert_eq!(
        used["free"],
        json!([
            {"starts_at": "2025-12-11T23:00:00Z", "ends_at": "2025-12-12T00:00:00Z"},
            {"starts_at": "2025-12-12T11:30:00Z", "ends_at": "2025-12-12T13:00:00Z"},
        ])
    );
    let busy = used["busy"].as_array().unwrap();
    assert_eq!((&busy[0]["record_id"], &busy[0]["board_id"]), (&json!(id("do_06")), &json!(id("btctu"))));
    assert_eq!((&busy[1]["record_id"], &busy[1]["board_id"]), (&Value::Null, &Value::Null));
    let seen =
        availability(&office.login("thinh.bd"), "from=2025-12-12T09:00:00Z&to=2025-12-12T10:30:00Z").await;
    let busy = of(&seen, "v_innova_086")["busy"].clone();
    assert_eq!(busy[0]["starts_at"], "2025-12-12T09:00:00Z", "only what lies in the period");
    assert_eq!(busy[1]["record_id"], json!(id("vb_08")), "the dispatcher sees every board");
    assert_eq!(of(&seen, "v_innova_086")["free"], json!([]));
}

#[actix_web::test]
async fn availability_looks_at_two_months_at_most() {
    let office = Office::open().await;
    let client = office.login("huy.tq");
    let ask = async |query: &str| client.get(&format!("/v1/vehicle-availability?{query}")).await;
    ask("from=2026-01-01T00:00:00Z&to=2026-03-04T00:00:00Z").await.expect(200);
    for query in [
        "from=2026-01-01T00:00:00Z&to=2026-03-04T00:00:01Z",
        "from=2026-01-01T07:00:00%2B07:00&to=2026-01-01T00:00:00Z",
    ] {
        let refused = ask(query).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), ["to"]);
    }
    assert_eq!(
        ask("from=2026-01-01T00:00:00Z").await.refused(400, "malformed_request")["errors"][0]["parameter"],
        "to"
    );
}

#[actix_web::test]
async fn the_database_itself_refuses_time_that_is_taken() {
    use entity::holds::{ActiveModel, Entity, HolderKind, ResourceKind};
    let office = Office::open().await;
    let hold = |car: &str, starts_at: &str, ends_at: &str| {
        Entity::insert(ActiveModel {
            id: Set(id(&format!("{car}{starts_at}"))),
            resource_kind: Set(ResourceKind::Vehicle),
            resource_id: Set(id(car)),
            starts_at: Set(at(starts_at)),
            ends_at: Set(at(ends_at)),
            held_by_kind: Set(HolderKind::Trip),
            held_by_id: Set(id(&format!("trip{car}{starts_at}"))),
            board_id: Set(None),
            created_at: Set(at(starts_at)),
        })
    };
    let db = &office.app.db.writer;
    for overlapping in
        [("2025-12-12T09:59:59Z", "2025-12-12T10:00:00Z"), ("2025-12-11T00:00:00Z", "2025-12-13T00:00:00Z")]
    {
        let refused = hold("v_innova_086", overlapping.0, overlapping.1).exec_without_returning(db).await;
        let refused = refused.expect_err("the car is held").to_string();
        assert!(refused.contains("holds_no_overlap"), "{refused}");
    }
    let before = hold("v_innova_086", "2025-12-11T23:00:00.5Z", "2025-12-12T00:00:00Z");
    before.exec_without_returning(db).await.expect("the end does not belong to it");
    hold("v_everest", "2025-12-12T08:00:00Z", "2025-12-12T09:00:00Z")
        .exec_without_returning(db)
        .await
        .unwrap();
    let backwards =
        hold("v_everest", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z").exec_without_returning(db).await;
    assert!(backwards.expect_err("an end before its start").to_string().contains("holds_period_check"));
}

#[actix_web::test]
async fn the_documents_examples_work_on_the_demo_office() {
    let office = Office::open().await;
    let (thinh, duong, nam) = (office.login("thinh.bd"), office.login("duong.ntt"), office.login("nam.ld"));
    let schemas = &crate::support::contract::document()["components"]["schemas"];
    let example = |schema: &str| schemas[schema]["examples"][0].clone();
    for (client, path, schema) in [
        (&thinh, "/v1/vehicles".to_owned(), "VehicleIn"),
        (&thinh, "/v1/drivers".to_owned(), "DriverIn"),
        (&thinh, downtimes("v_innova_086"), "DowntimeIn"),
        (&thinh, absences("dr_tu"), "AbsenceIn"),
        (&duong, "/v1/vehicle-bookings".to_owned(), "BookingIn"),
    ] {
        let created = client.post(&path, example(schema)).await;
        created.expect(201);
        client.get(created.header("Location").unwrap()).await.expect(200);
    }
    let car = format!("/v1/vehicles/{}", id("v_innova_086"));
    let version = version_of(&thinh, &car).await;
    thinh.patch(&car, version, example("VehiclePatch")).await.expect(200);
    thinh.patch(&format!("/v1/drivers/{}", id("dr_tu")), 1, example("DriverPatch")).await.expect(200);
    let booking = format!("/v1/vehicle-bookings/{}", id("vb_11"));
    nam.patch(&booking, 1, example("BookingPatch")).await.expect(200);
    nam.post(&format!("{booking}/submit"), json!({})).await.expect(200);
    let approval = example("BookingApproveIn");
    office.login("khoi.vm").post(&format!("{booking}/approve"), approval).await.expect(200);
    nam.post(&format!("{booking}/cancel"), example("BookingReasonIn")).await.expect(200);
}
