//! Calendars to follow, read as a calendar application reads them.

use icalendar::{Calendar, CalendarComponent, Component, Event, EventLike, EventStatus};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{Client, Office, Value, id, json};

/// Follows a calendar; gives the secret address and the feed's own.
async fn follow(client: &Client, body: Value) -> (String, String) {
    let feed = client.post("/v1/calendar-feeds", body).await.expect(201);
    (text(&feed["address"]), format!("/v1/calendar-feeds/{}", text(&feed["id"])))
}

async fn follow_car(client: &Client, car: &str) -> (String, String) {
    follow(client, json!({"kind": "vehicle", "vehicle_id": id(car)})).await
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The calendar as a library understands it.
async fn read(office: &Office, address: &str) -> Calendar {
    let answer = office.visitor().get(address).await;
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"));
    answer.text.parse().expect("a calendar")
}

fn event(calendar: &Calendar, uid: &str) -> Option<Event> {
    calendar.components.iter().find_map(|component| match component {
        CalendarComponent::Event(event) if event.get_uid() == Some(uid) => Some(event.clone()),
        _ => None,
    })
}

/// The status and the sequence of a record in the calendar.
async fn standing(office: &Office, address: &str, uid: &str) -> Option<(EventStatus, u32)> {
    let event = event(&read(office, address).await, uid)?;
    Some((event.get_status().expect("a status"), event.get_sequence().expect("a sequence")))
}

fn trip_to(car: &str, purpose: &str) -> Value {
    json!({"board_id": id("btctu"), "purpose": purpose, "pick_up_place": "Trụ sở", "destination": "Krông Bông",
        "starts_at": "2025-12-18T07:00:00+07:00", "ends_at": "2025-12-18T17:00:00+07:00", "passenger_count": 3,
        "vehicle_id": id(car)})
}

#[actix_web::test]
async fn a_cars_calendar_follows_its_bookings_and_keeps_what_was_cancelled() {
    let office = Office::open().await;
    let (address, _) = follow_car(&office.login("thinh.bd"), "v_hiace").await;
    let requester = office.login("duong.ntt");
    let booking = requester.post("/v1/vehicle-bookings", trip_to("v_hiace", "Họp")).await.expect(201);
    let uid = text(&booking["id"]);
    assert_eq!(standing(&office, &address, &uid).await, None, "a draft is nobody's business");
    let booking = format!("/v1/vehicle-bookings/{uid}");
    let sent = requester.act(&booking, "submit", json!({})).await.expect(200);
    let version = |booking: &Value| u32::try_from(booking["version"].as_i64().unwrap()).unwrap();
    assert_eq!(standing(&office, &address, &uid).await, Some((EventStatus::Tentative, version(&sent))));
    let approve = json!({"consent": true});
    let approved = office.login("phuoc.dh").act(&booking, "approve", approve).await.expect(200);
    assert_eq!(standing(&office, &address, &uid).await, Some((EventStatus::Confirmed, version(&approved))));
    let reason = json!({"reason": "Hoãn họp"});
    let cancelled = requester.act(&booking, "cancel", reason).await.expect(200);
    assert_eq!(standing(&office, &address, &uid).await, Some((EventStatus::Cancelled, version(&cancelled))));

    let event = event(&read(&office, &address).await, &uid).unwrap();
    assert_eq!(event.property_value("DTSTART"), Some("20251218T000000Z"));
    assert_eq!(event.property_value("DTEND"), Some("20251218T100000Z"));
    assert_eq!(event.property_value("DTSTAMP"), Some("20251212T010000Z"));
    assert_eq!(event.get_summary(), Some("Họp"));
    assert_eq!(event.get_location(), Some("Krông Bông"));
}

#[actix_web::test]
async fn deleted_downtimes_and_absences_stay_as_cancelled() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let driver = json!({"kind": "driver", "driver_id": id("dr_truong")});
    for (address, record, uid) in [
        (follow_car(&dispatcher, "v_hiace").await.0, "/v1/vehicle-downtimes", id("vd_hiace")),
        (follow(&dispatcher, driver).await.0, "/v1/driver-absences", id("da_truong")),
    ] {
        let uid = uid.to_string();
        assert_eq!(standing(&office, &address, &uid).await, Some((EventStatus::Confirmed, 1)));
        let before = event(&read(&office, &address).await, &uid).unwrap();
        assert_eq!(dispatcher.delete(&format!("{record}/{uid}"), 1).await.status, 204);
        assert_eq!(standing(&office, &address, &uid).await, Some((EventStatus::Cancelled, 2)));
        let after = event(&read(&office, &address).await, &uid).unwrap();
        for property in ["DTSTART", "DTEND", "SUMMARY"] {
            assert_eq!(after.property_value(property), before.property_value(property));
        }
    }
    // The deletion shows in the calendar of its own car only.
    let (other, _) = follow_car(&dispatcher, "v_camry").await;
    assert_eq!(standing(&office, &other, &id("vd_hiace").to_string()).await, None);
}

#[actix_web::test]
async fn whatever_people_write_stays_inside_its_line() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let name = "Ford; Transit, \"dài\"\r\nBEGIN:VEVENT\\n";
    let car = format!("/v1/vehicles/{}", id("v_hiace"));
    let version = dispatcher.get(&car).await.expect(200)["version"].as_i64().unwrap();
    dispatcher.patch(&car, version, json!({"name": name})).await.expect(200);
    let long = "Đưa đoàn đi cơ sở; họp, kiểm tra \\ đối chiếu: ".repeat(8) + "\r\nEND:VCALENDAR\rX:\n\thết";
    let requester = office.login("duong.ntt");
    let booking = requester.post("/v1/vehicle-bookings", trip_to("v_hiace", &long)).await.expect(201);
    let uid = text(&booking["id"]);
    requester.act(&format!("/v1/vehicle-bookings/{uid}"), "submit", json!({})).await.expect(200);
    let (address, _) = follow_car(&dispatcher, "v_hiace").await;
    let raw = office.visitor().get(&address).await.text;

    assert!(raw.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
    assert!(raw.ends_with("END:VCALENDAR\r\n"));
    assert!(raw.contains("REFRESH-INTERVAL;VALUE=DURATION:PT900S\r\n"));
    assert!(!raw.replace("\r\n", "").contains(['\r', '\n']), "every line ends with CRLF");
    assert!(raw.split("\r\n").all(|line| line.len() <= 75), "folded at 75 octets");
    assert_eq!(raw.matches("\r\nEND:VCALENDAR").count(), 1);

    let calendar: Calendar = raw.parse().expect("a calendar");
    let shown = format!("{} {}", text(&dispatcher.get(&car).await.expect(200)["plate_display"]), name.trim());
    assert_eq!(calendar.get_name().map(str::to_owned), Some(shown.replace("\r\n", "\n")));
    let summary = event(&calendar, &uid).unwrap().get_summary().unwrap().to_owned();
    assert_eq!(summary, long.trim().replace("\r\n", "\n").replace('\r', "\n"));
    let events = calendar.components.iter().filter(|one| matches!(one, CalendarComponent::Event(_)));
    assert_eq!(events.count(), raw.matches("\r\nBEGIN:VEVENT\r\n").count());
    // Nothing needs escaping twice, and a second writer says the same.
    assert_eq!(calendar.to_string().parse::<Calendar>().unwrap().components.len(), calendar.components.len());
}

#[actix_web::test]
async fn a_persons_calendar_holds_their_bookings_conferences_and_due_times() {
    let office = Office::open().await;
    let requester = office.login("duong.ntt");
    let (address, _) = follow(&requester, json!({"kind": "person"})).await;
    let calendar = read(&office, &address).await;
    assert_eq!(
        calendar.get_name(),
        Some(text(&requester.get("/v1/me").await.expect(200)["full_name"]).as_str())
    );
    let bookings =
        requester.get(&format!("/v1/vehicle-bookings?limit=200&requester_id={}", id("p_duong"))).await;
    let mut shown = 0;
    for booking in bookings.expect(200)["items"].as_array().unwrap() {
        let (starts, ends) = (text(&booking["starts_at"]), text(&booking["ends_at"]));
        let wanted =
            booking["status"] != "draft" && ends.as_str() > "2025-09-13" && starts.as_str() < "2027-01-16";
        assert_eq!(event(&calendar, &text(&booking["id"])).is_some(), wanted, "{booking}");
        shown += usize::from(wanted);
    }
    assert!(shown > 0);
    let tasks = requester.get(&format!("/v1/conference-tasks?limit=200&lead_id={}", id("p_duong"))).await;
    let tasks = tasks.expect(200)["items"].as_array().unwrap().clone();
    let task = tasks.iter().find(|task| task["due_at"].as_str().unwrap().starts_with("2025-12")).unwrap();
    let due = event(&calendar, &text(&task["id"])).unwrap();
    assert_eq!(due.get_summary(), Some(format!("Hạn: {}", text(&task["title"])).as_str()));
    assert_eq!((due.property_value("DTEND"), due.property_value("TRANSP")), (None, Some("TRANSPARENT")));
    let mine = requester.get("/v1/conferences?limit=200").await.expect(200);
    for conference in mine["items"].as_array().unwrap() {
        let coordinated = conference["coordinator_id"] == json!(id("p_duong"))
            && text(&conference["starts_at"]).as_str() < "2027-01-16";
        assert_eq!(event(&calendar, &text(&conference["id"])).is_some(), coordinated, "{conference}");
    }
    // Nothing of anybody else.
    assert!(event(&calendar, &id("vb_07").to_string()).is_none());
}

#[actix_web::test]
async fn what_is_long_past_or_far_off_is_not_in_a_calendar() {
    let office = Office::open().await;
    let (address, _) = follow_car(&office.login("thinh.bd"), "v_hiace").await;
    let uid = id("vd_hiace").to_string();
    for (now, shown) in [
        ("2024-11-15T08:00:00+07:00", false),
        ("2024-12-01T08:00:00+07:00", true),
        ("2026-03-24T16:59:59+07:00", true),
        ("2026-03-24T17:00:00+07:00", false),
    ] {
        office.set_clock(now);
        assert_eq!(event(&read(&office, &address).await, &uid).is_some(), shown, "{now}");
    }
}

#[actix_web::test]
async fn a_calendar_that_is_current_is_not_sent_again() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let (address, _) = follow_car(&dispatcher, "v_hiace").await;
    let first = office.visitor().get(&address).await;
    let tag = first.header("etag").unwrap().to_owned();
    office.set_clock("2025-12-12T09:00:00+07:00");
    let again = async || {
        let headers = [("If-None-Match", tag.as_str()), ("Accept", "text/calendar")];
        office.visitor().send(Method::GET, &address, None, &headers).await
    };
    let answer = again().await;
    assert_eq!((answer.status, answer.text.as_str()), (304, ""));
    dispatcher.delete(&format!("/v1/vehicle-downtimes/{}", id("vd_hiace")), 1).await;
    assert_eq!(again().await.status, 200);
}

#[actix_web::test]
async fn an_address_is_shown_once_and_stands_nowhere_in_the_database() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let make = async || {
        let headers = [("Idempotency-Key", "once")];
        client.send(Method::POST, "/v1/calendar-feeds", Some(json!({"kind": "person"})), &headers).await
    };
    let first = make().await.expect(201);
    let address = text(&first["address"]);
    let again = make().await;
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    assert_eq!((&again.body["address"], &again.body["id"]), (&Value::Null, &first["id"]));
    let feed = format!("/v1/calendar-feeds/{}", text(&first["id"]));
    assert_eq!(client.get(&feed).await.expect(200)["address"], Value::Null);
    let list = client.get("/v1/calendar-feeds?kind=person&revoked=false").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    client.get(&format!("{feed}/history")).await.expect(200);

    let secret = address.trim_start_matches("/calendars/cal_").trim_end_matches(".ics").to_owned();
    let db = &office.app.db.writer;
    for (table, column) in
        [("idempotency_keys", "body"), ("calendar_feeds", "digest"), ("calendar_feeds", "prefix")]
    {
        let sql = format!("SELECT count(*) AS hits FROM {table} WHERE {column} LIKE $1");
        let values = [format!("%{secret}%").into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "hits").unwrap(), 0, "{table}.{column}");
    }
}

#[actix_web::test]
async fn an_address_ends_with_its_revocation_the_right_and_the_login() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let dispatcher = office.login("thinh.bd");
    let ask = async |address: &str| {
        office.visitor().send(Method::GET, address, None, &[("X-Request-Id", "same")]).await
    };
    let unknown = ask(&format!("/calendars/cal_{}.ics", "A".repeat(43))).await;
    unknown.refused(404, "not_found");
    ask("/calendars/cal_short.ics").await.refused(400, "malformed_request");

    let (first, feed) = follow_car(&dispatcher, "v_hiace").await;
    let (second, _) = follow_car(&dispatcher, "v_hiace").await;
    let (own, _) = follow(&dispatcher, json!({"kind": "person"})).await;
    assert_ne!(first, second);
    dispatcher.post(&format!("{feed}/revoke"), json!({})).await.expect(200);
    assert_eq!(ask(&first).await.text, unknown.text);
    dispatcher.post(&format!("{feed}/revoke"), json!({})).await.refused(409, "state_conflict");
    ask(&second).await.expect(200);

    let end = json!({"role_id": id("lg_thinh/dispatcher/office"), "reason": "Chuyển công tác"});
    admin.post(&format!("/v1/users/{}/end-role", id("lg_thinh")), end).await.expect(200);
    assert_eq!(ask(&second).await.text, unknown.text);
    ask(&own).await.expect(200);
    admin.patch(&format!("/v1/users/{}", id("lg_thinh")), 2, json!({"active": false})).await.expect(200);
    assert_eq!(ask(&own).await.text, unknown.text);
}

#[actix_web::test]
async fn nobody_follows_what_is_not_theirs_to_follow() {
    let office = Office::open().await;
    let car = json!({"kind": "vehicle", "vehicle_id": id("v_hiace")});
    let driver = json!({"kind": "driver", "driver_id": id("dr_truong")});
    let requester = office.login("duong.ntt");
    for body in [&car, &driver] {
        requester.post("/v1/calendar-feeds", body.clone()).await.refused(403, "forbidden");
    }
    let (own, _) = follow(&office.login("truong.mx"), driver.clone()).await;
    assert!(event(&read(&office, &own).await, &id("da_truong").to_string()).is_some());
    office.login("loc.tv").post("/v1/calendar-feeds", driver).await.refused(403, "forbidden");

    let dispatcher = office.login("thinh.bd");
    let (_, feed) = follow_car(&dispatcher, "v_hiace").await;
    requester.get(&feed).await.refused(404, "not_found");
    requester.get(&format!("{feed}/history")).await.refused(404, "not_found");
    requester.post(&format!("{feed}/revoke"), json!({})).await.refused(404, "not_found");
    for body in [
        json!({"kind": "vehicle"}),
        json!({"kind": "person", "driver_id": id("dr_truong")}),
        json!({"kind": "vehicle", "vehicle_id": id("no such car")}),
        json!({"kind": "driver", "driver_id": id("no such driver")}),
    ] {
        dispatcher.post("/v1/calendar-feeds", body).await.refused(422, "validation_failed");
    }
}

#[actix_web::test]
async fn nobody_follows_more_than_fifty_calendars() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    for _ in 0..49 {
        follow(&client, json!({"kind": "person"})).await;
    }
    client.post("/v1/calendar-feeds", json!({"kind": "person"})).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn trips_stand_in_the_calendars_of_their_car_and_their_driver() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let (of_car, _) = follow_car(&dispatcher, "v_cross").await;
    let driver = json!({"kind": "driver", "driver_id": id("dr_khoa")});
    let (of_driver, _) = follow(&dispatcher, driver).await;
    office.set_clock("2029-06-01T08:00:00+07:00");
    let trip = format!("/v1/trips/{}", id("tr_issued"));
    let uid = id("tr_issued").to_string();
    for address in [&of_car, &of_driver] {
        assert_eq!(standing(&office, address, &uid).await, Some((EventStatus::Confirmed, 2)));
        let event = event(&read(&office, address).await, &uid).unwrap();
        assert_eq!(event.property_value("DTSTART"), Some("20290606T000000Z"));
        assert!(event.get_summary().unwrap().starts_with("109/LĐX-2025"));
        let plan = id("tr_planned").to_string();
        assert_eq!(standing(&office, address, &plan).await, None, "a plan takes nobody's time");
    }
    dispatcher.act(&trip, "void", json!({"reason": "Hoãn chuyến"})).await.expect(200);
    for address in [&of_car, &of_driver] {
        assert_eq!(standing(&office, address, &uid).await, Some((EventStatus::Cancelled, 3)));
    }
}
