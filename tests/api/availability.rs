//! When cars and drivers are free: what the answer says, and what it costs.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use crate::support::{Client, Office, Value, at, id, json};

/// The day on which the holds of the large fleet begin.
const FLEET_SINCE: &str = "2018-01-01T00:00:00Z";

/// Each car and driver of the large fleet is held every third day for ten hours.
const HOLDS_EACH: u32 = 945;

async fn ask(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/vehicle-availability?{query}")).await.expect(200)
}

fn position(drivers: &[Value], reference: &str) -> usize {
    drivers.iter().position(|driver| driver["driver_id"] == json!(id(reference))).unwrap()
}

#[actix_web::test]
async fn drivers_stand_beside_the_cars_the_least_used_first() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    // 29 December to 2 January: one driver is on leave but for the last day.
    let period = "from=2025-12-28T17:00:00Z&to=2026-01-03T17:00:00Z";
    let answer = ask(&dispatcher, period).await;
    let drivers = answer["drivers"].as_array().unwrap();
    assert_eq!(drivers.len(), 6);
    let away = &drivers[4];
    assert_eq!(away["driver_id"], json!(id("dr_truong")), "the most used one of those who may drive");
    assert_eq!((&away["held_seconds"], &away["licence_class"]), (&json!(5 * 86_400), &json!("d")));
    assert_eq!(
        (&away["staff_id"], &away["licence_expires_on"]),
        (&json!(id("p_truong")), &json!("2028-03-22"))
    );
    assert!(away["full_name"].as_str().unwrap().contains(' '));
    assert_eq!(
        away["free"],
        json!([{"starts_at": "2026-01-02T17:00:00Z", "ends_at": "2026-01-03T17:00:00Z"}])
    );
    let busy = &away["busy"][0];
    assert_eq!((&busy["held_by"], &busy["record_id"]), (&json!("absence"), &json!(id("da_truong"))));
    assert_eq!(drivers[5]["driver_id"], json!(id("dr_bay")), "his licence has ended, so he comes last");
    assert_eq!(drivers[5]["held_seconds"], 0);
    assert!(answer["vehicles"].as_array().unwrap().iter().all(|car| car["busy"] == json!([])));
}

#[actix_web::test]
async fn a_licence_that_ends_within_the_period_puts_its_driver_last() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let driver = format!("/v1/drivers/{}", id("dr_son"));
    dispatcher.patch(&driver, 1, json!({"licence_expires_on": "2026-03-09"})).await.expect(200);
    for (to, last) in [("2026-03-09T17:00:00Z", false), ("2026-03-09T17:00:00.000001Z", true)] {
        let answer = ask(&dispatcher, &format!("from=2026-03-05T00:00:00Z&to={to}")).await;
        let drivers = answer["drivers"].as_array().unwrap();
        assert_eq!(position(drivers, "dr_son") >= 4, last, "until {to}");
    }
}

#[actix_web::test]
async fn what_runs_into_the_period_or_out_of_it_counts_as_far_as_it_lies_within() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let downtimes = format!("/v1/vehicles/{}/downtimes", id("v_everest"));
    for (starts_at, ends_at) in [
        ("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        ("2026-06-01T00:00:00Z", "2026-06-10T12:00:00Z"),
        ("2026-06-30T12:00:00Z", "2026-08-01T00:00:00Z"),
    ] {
        let body = json!({"starts_at": starts_at, "ends_at": ends_at, "reason": "Sửa chữa lớn"});
        dispatcher.post(&downtimes, body).await.expect(201);
    }
    let busy = async |from: &str, to: &str| {
        let answer = ask(&dispatcher, &format!("from={from}&to={to}")).await;
        let cars = answer["vehicles"].as_array().unwrap();
        let car = cars.iter().find(|car| car["vehicle_id"] == json!(id("v_everest"))).unwrap();
        let part = |held: &Value| (held["starts_at"].clone(), held["ends_at"].clone());
        car["busy"].as_array().unwrap().iter().map(part).collect::<Vec<_>>()
    };
    let (from, to) = ("2026-06-05T00:00:00Z", "2026-07-05T00:00:00Z");
    let (first, last) = ("2026-06-10T12:00:00Z", "2026-06-30T12:00:00Z");
    assert_eq!(busy(from, to).await, [(json!(from), json!(first)), (json!(last), json!(to))]);
    assert_eq!(busy(from, first).await, [(json!(from), json!(first))]);
    assert_eq!(busy(first, last).await, [], "an end and a start touch the period without lying in it");
    let whole = ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    assert_eq!(busy(whole.0, whole.1).await, [(json!(whole.0), json!(whole.1))], "one that runs through");
}

/// An id in SQL.
fn uuid(backend: DbBackend, id: Uuid) -> String {
    let mark = if backend == DbBackend::Sqlite { "X" } else { "" };
    format!("{mark}'{}'", id.simple())
}

/// An instant in SQL.
fn time(at: DateTime<Utc>) -> String {
    format!("'{}'", at.to_rfc3339())
}

/// Adds cars up to a number, and gives the ids of all cars and drivers.
async fn enlarge_fleet(db: &DatabaseConnection, cars: u128) -> Vec<Uuid> {
    let backend = db.get_database_backend();
    let new: Vec<Uuid> = (9..=cars).map(|number| Uuid::from_u128((0xca5 << 64) + number)).collect();
    let mut sql =
        "INSERT INTO vehicles (id, plate, name, kind, seats, fuel_type, odometer_km, search, version, \
                   created_at, updated_at) VALUES "
            .to_owned();
    for (number, id) in (9..).zip(&new) {
        let (comma, id, now) = (if number > 9 { "," } else { "" }, uuid(backend, *id), time(at(FLEET_SINCE)));
        write!(
            sql,
            "{comma} ({id}, '47C9{number:04}', 'Xe', 'pool_car', 7, 'diesel', 0, '', 1, {now}, {now})"
        )
        .unwrap();
    }
    db.execute_unprepared(&sql).await.unwrap();
    let demo = [
        "v_camry",
        "v_fortuner",
        "v_everest",
        "v_innova_086",
        "v_innova_105",
        "v_pajero",
        "v_hiace",
        "v_cross",
    ];
    let drivers = ["dr_loc", "dr_khoa", "dr_son", "dr_tu", "dr_bay", "dr_truong"];
    demo.into_iter().chain(drivers).map(id).chain(new).collect()
}

/// Holds each car and driver of the fleet every third day for years.
async fn fill_with_holds(db: &DatabaseConnection, resources: &[Uuid]) {
    let backend = db.get_database_backend();
    let since = at(FLEET_SINCE);
    // The demo's own holds would be in the way.
    db.execute_unprepared("DELETE FROM holds").await.unwrap();
    if backend == DbBackend::Sqlite {
        // The rule holds by the way the rows are made; its trigger would look at each pair.
        db.execute_unprepared("DROP TRIGGER holds_no_overlap_on_INSERT").await.unwrap();
    }
    for (number, resource) in (0_u32..).zip(resources) {
        let mut sql = "INSERT INTO holds (id, resource_kind, resource_id, starts_at, ends_at, held_by_kind, held_by_id, created_at) VALUES "
            .to_owned();
        for n in 0..HOLDS_EACH {
            let id =
                uuid(backend, Uuid::from_u128((0x401d << 64) + (u128::from(number) << 32) + u128::from(n)));
            let starts_at = since + TimeDelta::days(3 * i64::from(n)) + TimeDelta::minutes(i64::from(number));
            let (comma, ends_at) = (if n > 0 { "," } else { "" }, time(starts_at + TimeDelta::hours(10)));
            let (resource, starts_at) = (uuid(backend, *resource), time(starts_at));
            write!(
                sql,
                "{comma} ({id}, 'vehicle', {resource}, {starts_at}, {ends_at}, 'trip', {id}, {starts_at})"
            )
            .unwrap();
        }
        db.execute_unprepared(&sql).await.unwrap();
    }
    db.execute_unprepared("ANALYZE").await.unwrap();
}

/// How the database reads the holds for a statement: the indexes it uses, and whether it reads the whole table.
async fn plan(db: &DatabaseConnection, statement: Statement) -> (Vec<String>, bool, String) {
    let explain = if db.get_database_backend() == DbBackend::Sqlite {
        "EXPLAIN QUERY PLAN"
    } else {
        "EXPLAIN (FORMAT JSON)"
    };
    let statement = Statement { sql: format!("{explain} {}", statement.sql), ..statement };
    let rows = db.query_all_raw(statement).await.unwrap();
    let (mut indexes, mut reads_all) = (Vec::new(), false);
    if db.get_database_backend() == DbBackend::Sqlite {
        let details: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        for detail in &details {
            let mut words = detail.split_whitespace();
            let (how, table) = (words.next(), words.next().unwrap_or_default());
            reads_all |= how == Some("SCAN") && !matches!(table, "vehicles" | "drivers" | "CONSTANT");
            indexes.extend(detail.split_once("INDEX ").map(|(_, rest)| rest.to_owned()));
        }
        return (indexes, reads_all, details.join("\n"));
    }
    let plan: Value = rows[0].try_get("", "QUERY PLAN").unwrap();
    let mut nodes = vec![&plan[0]["Plan"]];
    while let Some(node) = nodes.pop() {
        nodes.extend(node["Plans"].as_array().into_iter().flatten());
        indexes.extend(node["Index Name"].as_str().map(str::to_owned));
        let all_of_index = !node["Index Name"].is_null() && node["Index Cond"].is_null();
        reads_all |= node["Relation Name"] == "holds" && (node["Node Type"] == "Seq Scan" || all_of_index);
    }
    (indexes, reads_all, plan.to_string())
}

#[actix_web::test]
async fn a_month_among_a_hundred_thousand_holds_is_read_by_indexes() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let resources = enlarge_fleet(db, 100).await;
    fill_with_holds(db, &resources).await;
    let sql = "SELECT count(*) AS holds FROM holds";
    let count =
        db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    assert!(count.try_get::<i64>("", "holds").unwrap() >= 100_000);
    let (address, statements) = office.watched_process().await;
    let client = office.login_at(&address, "thinh.bd");
    // In the middle of the years, at their end, at their beginning, and after all of them.
    for (from, to, holds) in [
        ("2021-06-01T00:00:00Z", "2021-07-01T00:00:00Z", 10),
        ("2025-08-27T00:00:00Z", "2025-09-26T00:00:00Z", 10),
        ("2018-01-02T00:00:00Z", "2018-01-30T00:00:00Z", 9),
        ("2031-01-01T00:00:00Z", "2031-01-31T00:00:00Z", 0),
    ] {
        statements.lock().unwrap().clear();
        let answer = ask(&client, &format!("from={from}&to={to}")).await;
        for kind in ["vehicles", "drivers"] {
            let all = answer[kind].as_array().unwrap();
            assert!(
                all.iter().all(|one| one["busy"].as_array().unwrap().len() == holds),
                "{kind} from {from}"
            );
        }
        assert_eq!(answer["vehicles"].as_array().unwrap().len(), 100);
        let about_holds: Vec<Statement> = {
            let seen = statements.lock().unwrap();
            seen.iter().filter(|statement| statement.sql.contains("\"holds\"")).cloned().collect()
        };
        assert_eq!(about_holds.len(), 1, "one query for the holds");
        let (indexes, reads_all, plan) = plan(db, about_holds[0].clone()).await;
        assert!(!reads_all, "all holds are read for the month from {from}: {plan}");
        for index in ["holds_by_start", "holds_by_resource"] {
            assert!(indexes.iter().any(|used| used.contains(index)), "{index} is not used: {plan}");
        }
    }
}

#[actix_web::test]
async fn the_number_of_queries_does_not_grow_with_the_fleet() {
    let office = Office::open().await;
    let (address, statements) = office.watched_process().await;
    let client = office.login_at(&address, "thinh.bd");
    client.token().await;
    let ask_about = async |cars: usize, path: &str| {
        statements.lock().unwrap().clear();
        let answer = client.get(path).await.expect(200);
        assert!(answer["vehicles"].is_null() || answer["vehicles"].as_array().unwrap().len() == cars);
        statements.lock().unwrap().iter().map(|statement| statement.sql.clone()).collect::<Vec<_>>()
    };
    let paths = [
        "/v1/vehicle-availability?from=2018-02-01T00:00:00Z&to=2018-03-01T00:00:00Z",
        "/v1/vehicle-due-items?within_days=366",
    ];
    let mut few = Vec::new();
    for path in paths {
        few.push(ask_about(8, path).await);
    }
    assert!(few[0].iter().any(|sql| sql.contains("\"holds\"")), "the statements are seen");
    let resources = enlarge_fleet(&office.app.db.writer, 100).await;
    let backend = office.app.db.backend();
    let mut sql = "INSERT INTO holds (id, resource_kind, resource_id, starts_at, ends_at, held_by_kind, held_by_id, created_at) VALUES "
        .to_owned();
    for (number, resource) in resources.iter().enumerate() {
        let (comma, resource) = (if number > 0 { "," } else { "" }, uuid(backend, *resource));
        let (id, starts_at, ends_at) =
            (resource.clone(), "'2018-02-02T00:00:00+00:00'", "'2018-02-03T00:00:00+00:00'");
        write!(
            sql,
            "{comma} ({id}, 'vehicle', {resource}, {starts_at}, {ends_at}, 'trip', {id}, {starts_at})"
        )
        .unwrap();
    }
    office.app.db.writer.execute_unprepared(&sql).await.unwrap();
    for (path, few) in paths.into_iter().zip(few) {
        assert_eq!(ask_about(100, path).await, few, "{path}");
    }
}
