//! Bookings and trips made through HTTP, and what the database must say of them at every moment.

use std::collections::BTreeMap;

use entity::holds::{HolderKind, ResourceKind};
use entity::trips::TripStatus;
use entity::vehicle_bookings::BookingStatus;
use entity::{
    audit_events, changes, holds, number_series, odometer_entries, trip_bookings, trips, vehicle_bookings,
    vehicles,
};
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use uuid::Uuid;

use super::{Answer, Client, Office, Value, id, json};

pub(crate) const BOOKINGS: &str = "/v1/vehicle-bookings";
pub(crate) const TRIPS: &str = "/v1/trips";

/// Who asks for a car in a board.
fn requester(board: &str) -> &'static str {
    match board {
        "btctu" => "duong.ntt",
        "bnctu" => "chin.k",
        "ubkttu" => "vinh.pt",
        "vptu" => "huy.tq",
        _ => panic!("nobody is known to ask for a car in {board}"),
    }
}

/// `07:00` of 12 January 2026 by office time; with a day, as `15T07:00`, of that day.
pub(crate) fn january(time: &str) -> String {
    let time = if time.contains('T') { time.to_owned() } else { format!("12T{time}") };
    format!("2026-01-{time}:00+07:00")
}

pub(crate) fn with(mut body: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

pub(crate) fn booking_at(booking: &str) -> String {
    format!("{BOOKINGS}/{booking}")
}

/// A draft for two people to Buôn Hồ, unless changed; its id.
pub(crate) async fn drafted(office: &Office, board: &str, from: &str, to: &str, changes: Value) -> String {
    let wish = json!({
        "board_id": id(board), "purpose": "Làm việc tại cơ sở", "pick_up_place": "Trụ sở Tỉnh ủy",
        "destination": "Buôn Hồ", "starts_at": from, "ends_at": to, "passenger_count": 2,
    });
    let booking = office.login(requester(board)).post(BOOKINGS, with(wish, changes)).await.expect(201);
    booking["id"].as_str().expect("an id").to_owned()
}

pub(crate) async fn submitted(office: &Office, board: &str, from: &str, to: &str, changes: Value) -> String {
    let booking = drafted(office, board, from, to, changes).await;
    let submit = format!("{}/submit", booking_at(&booking));
    office.login(requester(board)).post(&submit, json!({})).await.expect(200);
    booking
}

pub(crate) async fn approved_with(
    office: &Office,
    board: &str,
    from: &str,
    to: &str,
    changes: Value,
) -> String {
    let booking = submitted(office, board, from, to, changes).await;
    let approve = format!("{}/approve", booking_at(&booking));
    office.login("an.nv").post(&approve, json!({"consent": true})).await.expect(200);
    booking
}

/// An approved booking of 12 January 2026 (or see [`january`]) that names no car.
pub(crate) async fn approved(office: &Office, board: &str, from: &str, to: &str) -> String {
    approved_with(office, board, &january(from), &january(to), json!({})).await
}

/// A planned trip; its address.
pub(crate) async fn planned(office: &Office, bookings: &[&str], car: &str, driver: &str) -> String {
    planned_with(office, bookings, car, driver, json!({})).await
}

pub(crate) async fn planned_with(
    office: &Office,
    bookings: &[&str],
    car: &str,
    driver: &str,
    changes: Value,
) -> String {
    let plan = json!({"booking_ids": bookings, "vehicle_id": id(car), "driver_id": id(driver)});
    let trip = office.login("thinh.bd").post(TRIPS, with(plan, changes)).await.expect(201);
    format!("{TRIPS}/{}", trip["id"].as_str().expect("an id"))
}

pub(crate) async fn issue(dispatcher: &Client, trip: &str) -> Answer {
    dispatcher.post(&format!("{trip}/issue"), json!({})).await
}

/// An issued trip for one booking of its own; the addresses of both.
pub(crate) async fn issued(
    office: &Office,
    from: &str,
    to: &str,
    car: &str,
    driver: &str,
) -> (String, String) {
    let booking = approved(office, "btctu", from, to).await;
    let trip = planned(office, &[&booking], car, driver).await;
    issue(&office.login("thinh.bd"), &trip).await.expect(200);
    (trip, booking_at(&booking))
}

pub(crate) async fn step(client: &Client, record: &str, verb: &str, body: Value) -> Answer {
    client.post(&format!("{record}/{verb}"), body).await
}

pub(crate) async fn status(client: &Client, record: &str) -> String {
    client.get(record).await.expect(200)["status"].as_str().expect("a status").to_owned()
}

/// The codes of a refusal's errors, each with its place: `#/vehicle_id time_taken`.
pub(crate) fn broken(answer: &Answer) -> Vec<String> {
    let codes = answer.body["errors"].as_array().cloned().unwrap_or_default();
    let codes = codes.iter().map(|error| error["code"].as_str().expect("a code").to_owned());
    answer.places().iter().zip(codes).map(|(place, code)| format!("{place} {code}")).collect()
}

/// The verbs of a record's history, in order.
pub(crate) async fn history(client: &Client, record: &str) -> Vec<String> {
    let page = client.get(&format!("{record}/history")).await.expect(200);
    let entries = page["items"].as_array().expect("items");
    entries.iter().map(|entry| entry["action"].as_str().expect("a verb").to_owned()).collect()
}

/// The worked examples of one kind.
pub(crate) fn vectors(kind: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../trip_vectors.json")).expect("as documented");
    all[kind].clone()
}

/// A trip of the demo office.
pub(crate) fn demo(reference: &str) -> String {
    format!("{TRIPS}/{}", id(reference))
}

/// What the caller can do with a record now.
pub(crate) fn allowed(record: &Value) -> Vec<&str> {
    let actions = record["allowed_actions"].as_array().expect("as documented").iter();
    actions
        .filter(|one| one["allowed"] == true)
        .map(|one| one["action"].as_str().expect("as documented"))
        .collect()
}

/// The part of a trip that is one booking's.
pub(crate) fn of_booking<'a>(trip: &'a Value, booking: &str) -> &'a Value {
    trip["bookings"]
        .as_array()
        .expect("as documented")
        .iter()
        .find(|row| row["booking_id"] == booking)
        .expect("as documented")
}

/// Issues and drives a trip of 12 January 2026 that is back when it should be; the clock stands at its return.
pub(crate) async fn driven(office: &Office, trip: &str, start_km: i64, end_km: i64) -> Value {
    let seen = office.login("thinh.bd").get(trip).await.expect(200);
    office.set_clock(seen["starts_at"].as_str().expect("as documented"));
    step(&office.login("thinh.bd"), trip, "depart", json!({"odometer_km": start_km})).await.expect(200);
    office.set_clock(seen["ends_at"].as_str().expect("as documented"));
    step(&office.login("thinh.bd"), trip, "complete", json!({"odometer_km": end_km})).await.expect(200)
}

/// Everything that a step of a trip could write, to hold a moment against another one.
pub(crate) async fn written(office: &Office) -> String {
    let db = &office.app.db.reader;
    let trips = trips::Entity::find().order_by_asc(trips::Column::Id).all(db).await.expect("trips");
    let carried = trip_bookings::Entity::find().order_by_asc(trip_bookings::Column::Id).all(db).await;
    let bookings = vehicle_bookings::Entity::find().order_by_asc(vehicle_bookings::Column::Id).all(db).await;
    let holds = holds::Entity::find().order_by_asc(holds::Column::Id).all(db).await;
    let series = number_series::Entity::find()
        .order_by_asc(number_series::Column::Series)
        .order_by_asc(number_series::Column::Year)
        .all(db)
        .await;
    let cars = vehicles::Entity::find().order_by_asc(vehicles::Column::Id).all(db).await;
    let readings = odometer_entries::Entity::find().count(db).await;
    let events = audit_events::Entity::find().count(db).await;
    let told = changes::Entity::find().count(db).await;
    format!(
        "{trips:#?}{carried:#?}{bookings:#?}{holds:#?}{series:#?}{cars:#?}{readings:?} {events:?} {told:?}"
    )
}

/// Who may hold what: `(holder, resource) -> (from, to)`.
type Held = BTreeMap<(Uuid, Uuid), (String, String)>;

/// # Panics
/// When a hold is missing, too much, or overlaps another one, or a booking does not stand as its trip does.
pub(crate) async fn holds_are_exact(office: &Office) {
    let db = &office.app.db.reader;
    let trips = trips::Entity::find().all(db).await.expect("trips");
    let holds = holds::Entity::find().order_by_asc(holds::Column::StartsAt).all(db).await.expect("holds");
    let mut due = Held::new();
    for trip in &trips {
        let ends_at = match trip.status {
            TripStatus::Planned | TripStatus::Void => continue,
            TripStatus::Issued | TripStatus::Departed => trip.ends_at,
            TripStatus::Completed | TripStatus::Verified => {
                trip.returned_at.expect("a return").min(trip.ends_at)
            }
        };
        if trip.starts_at < ends_at {
            for resource in [trip.vehicle_id, trip.driver_id] {
                due.insert((trip.id, resource), (trip.starts_at.to_string(), ends_at.to_string()));
            }
        }
    }
    let of_trips = holds.iter().filter(|hold| hold.held_by_kind == HolderKind::Trip);
    let held: Held = of_trips
        .map(|hold| {
            let period = (hold.starts_at.to_string(), hold.ends_at.to_string());
            ((hold.held_by_id, hold.resource_id), period)
        })
        .collect();
    assert_eq!(held, due, "what the trips hold");
    for (index, hold) in holds.iter().enumerate() {
        let clash = holds[index + 1..]
            .iter()
            .find(|other| other.resource_id == hold.resource_id && other.starts_at < hold.ends_at);
        assert!(clash.is_none(), "{hold:?} overlaps {clash:?}");
    }
    bookings_follow_their_trips(office, &trips, &holds).await;
}

async fn bookings_follow_their_trips(office: &Office, trips: &[trips::Model], holds: &[holds::Model]) {
    let db = &office.app.db.reader;
    let carried = trip_bookings::Entity::find().all(db).await.expect("carried bookings");
    let bookings = vehicle_bookings::Entity::find().all(db).await.expect("bookings");
    for booking in &bookings {
        let trip = booking.trip_id.map(|id| trips.iter().find(|trip| trip.id == id).expect("its trip"));
        let fits = match booking.status {
            BookingStatus::Scheduled => trip.is_some_and(|trip| trip.status == TripStatus::Issued),
            BookingStatus::InProgress => trip.is_some_and(|trip| trip.status == TripStatus::Departed),
            // A booking of the demo was carried out before there were trips.
            BookingStatus::Completed | BookingStatus::Closed => {
                trip.is_none_or(|trip| matches!(trip.status, TripStatus::Completed | TripStatus::Verified))
            }
            _ => trip.is_none(),
        };
        assert!(fits, "{booking:?} on {trip:?}");
        let by: Vec<_> = carried
            .iter()
            .filter(|row| row.carried_booking_id == Some(booking.id))
            .map(|row| row.trip_id)
            .collect();
        assert_eq!(by, booking.trip_id.into_iter().collect::<Vec<_>>(), "who carries {booking:?}");
        let own: Vec<_> = holds.iter().filter(|hold| hold.held_by_id == booking.id).collect();
        let may_hold = matches!(booking.status, BookingStatus::Submitted | BookingStatus::Approved);
        assert!(own.len() <= usize::from(may_hold), "{booking:?} holds {own:?}");
        for hold in own {
            assert_eq!(
                (hold.resource_kind, Some(hold.resource_id)),
                (ResourceKind::Vehicle, booking.vehicle_id)
            );
            assert_eq!((hold.starts_at, hold.ends_at), (booking.starts_at, booking.ends_at));
        }
    }
    for trip in trips.iter().filter(|trip| trip.status == TripStatus::Issued) {
        assert!(carried.iter().any(|row| row.trip_id == trip.id), "{trip:?} carries nothing");
    }
}
