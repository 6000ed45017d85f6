//! The change feed.

use futures_util::future::join_all;

use crate::support::{Client, Office, id, json};

/// The rest of the feed, and where it ends.
pub(crate) async fn drain(client: &Client, mut cursor: Option<String>) -> (Vec<serde_json::Value>, String) {
    let mut all = Vec::new();
    loop {
        let query = cursor.as_ref().map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let page = client.get(&format!("/v1/changes?limit=200{query}")).await.expect(200);
        let next = page["next_cursor"].as_str().unwrap().to_owned();
        let items = page["items"].as_array().unwrap().clone();
        if items.is_empty() {
            return (all, next);
        }
        all.extend(items);
        cursor = Some(next);
    }
}

/// Kinds of record that belong to no board and are read by all who sign in.
pub(crate) const DIRECTORY: [&str; 22] = [
    "board",
    "staff",
    "accountant",
    "accountant_assignment",
    "vehicle",
    "driver",
    "vehicle_downtime",
    "driver_absence",
    "vehicle_paper",
    "vehicle_service",
    "fuel_norm",
    "fuel_price",
    "fuel_tolerance",
    "rate_table",
    "rate",
    "sub_item",
    "expense_kind",
    "odometer_correction",
    "driver_hours_rule",
    "office_unit",
    "duty",
    "task_template",
];

#[actix_web::test]
async fn a_script_follows_all_changes_and_misses_none() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let client = office.login("an.nv");
    let (_, cursor) = drain(&client, None).await;
    let writers = [office.login("an.nv"), office.login_at(&second, "linh.n")];
    for writer in &writers {
        writer.token().await;
    }
    let write = async |n: usize| {
        let body = json!({"code": format!("B{n}"), "name": format!("Ban {n}"), "kind": "advisory_body",
            "valid_from": "2026-01-01", "accountant_id": id("p_mai/accountant"), "decision_number": "1"});
        writers[n % 2].post("/v1/boards", body).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let mut written: Vec<String> = join_all((0..20).map(write)).await;
    // A transaction anywhere on the server holds the feed back until it ends: ask again, as scripts do.
    let (mut told, mut cursor) = (Vec::new(), cursor);
    while told.len() < written.len() {
        let (changes, next) = drain(&client, Some(cursor)).await;
        let boards = changes.iter().filter(|change| change["resource_type"] == "board");
        told.extend(boards.map(|change| change["resource_id"].as_str().unwrap().to_owned()));
        cursor = next;
    }
    written.sort();
    told.sort();
    assert_eq!(told, written);
    let (nothing, _) = drain(&client, Some(cursor)).await;
    assert!(nothing.is_empty());
}

#[actix_web::test]
async fn the_feed_tells_nobody_of_records_outside_their_boards() {
    let office = Office::open().await;
    let (changes, _) = drain(&office.login("chin.k"), None).await;
    let own = json!(id("bnctu"));
    for change in &changes {
        let kind = change["resource_type"].as_str().unwrap();
        assert!(DIRECTORY.contains(&kind) || change["board_id"] == own, "{change}");
    }
    assert!(changes.iter().all(|change| change["resource_type"] != "user"));
}
