//! How far a conference is prepared, in one answer.

use crate::support::{Client, Office, Value, excuse_parts, id, json};

async fn readiness(client: &Client, conference: &str) -> Value {
    client.get(&format!("/v1/conferences/{}/readiness", id(conference))).await.expect(200)
}

fn task<'a>(readiness: &'a Value, field: &str, value: &Value) -> &'a Value {
    let tasks = readiness["tasks"].as_array().unwrap();
    tasks.iter().find(|task| task[field] == *value).unwrap_or_else(|| panic!("no task with {field} {value}"))
}

/// The codes of the template for a list of tasks.
async fn codes(client: &Client, ids: &Value) -> Vec<String> {
    let mut codes = Vec::new();
    for id in ids.as_array().unwrap() {
        let task = client.get(&format!("/v1/conference-tasks/{}", id.as_str().unwrap())).await.expect(200);
        codes.push(task["template_item"].as_str().unwrap().to_owned());
    }
    codes
}

#[actix_web::test]
async fn the_critical_path_shrinks_as_tasks_are_done() {
    let office = Office::open().await;
    let coordinator = office.login("chin.k");
    let before = readiness(&coordinator, "cf_2029_bnctu").await;
    assert_eq!((&before["counts"]["total"], &before["counts"]["open"]), (&json!(17), &json!(17)));
    assert_eq!((&before["cars_booked"], &before["funded"]), (&Value::Null, &Value::Null));
    let path = before["critical_path"].clone();
    assert_eq!(codes(&coordinator, &path).await, ["plan", "papers", "minutes", "settlement"]);
    let plan = task(&before, "id", &path[0]);
    assert_eq!((&plan["on_critical_path"], &plan["waits_for_ids"]), (&json!(true), &json!([])));
    assert_eq!(plan["holder"]["full_name"], "Ngô Thị Hạnh");
    assert_eq!(task(&before, "id", &path[1])["waits_for_ids"], json!([path[0]]));
    assert_eq!(before["counts"]["waiting"], 15, "all but the plan and the hall wait");

    let address = format!("/v1/conference-tasks/{}", path[0].as_str().unwrap());
    let lead = office.login("hanh.nt");
    lead.post(&format!("{address}/accept"), json!({})).await.expect(200);
    excuse_parts(&lead, &address).await;
    let result = json!({"result": "Đã ký", "evidence": "12-KH/BNCTU"});
    lead.post(&format!("{address}/submit-result"), result).await.expect(200);
    coordinator.post(&format!("{address}/accept-result"), json!({})).await.expect(200);
    let after = readiness(&coordinator, "cf_2029_bnctu").await;
    assert_eq!(codes(&coordinator, &after["critical_path"]).await, ["papers", "minutes", "settlement"]);
    assert_eq!((&after["counts"]["done"], &after["counts"]["open"]), (&json!(1), &json!(16)));
    let plan = task(&after, "id", &path[0]);
    assert_eq!((&plan["holder"], &plan["days_left"]), (&Value::Null, &Value::Null));
    assert_eq!(task(&after, "id", &path[1])["waits_for_ids"], json!([]));
}

#[actix_web::test]
async fn late_silent_and_pushed_tasks_are_seen_at_a_glance() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let now = readiness(&chief, "cf_2025_btctu").await;
    assert_eq!((&now["days_to_opening"], &now["counts"]["total"]), (&json!(6), &json!(17)));
    let pushed = task(&now, "id", &json!(id("tk_2025_btctu_12")));
    assert_eq!((&pushed["hand_over_count"], &pushed["objection_count"]), (&json!(2), &json!(2)));
    let shown = chief.get(&format!("/v1/conference-tasks/{}", id("tk_2025_btctu_12"))).await.expect(200);
    assert_eq!(pushed["holder"]["held_from"], shown["holders"][2]["held_from"]);

    // A task is given out today, and nobody answers; five days later it is both silent and late.
    let body = json!({
        "conference_id": id("cf_2025_btctu"), "title": "Trưng bày ảnh", "deliverable": "Ảnh đã treo",
        "lead_board_id": id("vptu"), "lead_id": id("p_thinh"), "checker_id": id("p_tuan"),
        "accept_by": "2025-12-15T17:00:00+07:00", "due_at": "2025-12-16T17:00:00+07:00",
    });
    let made = office.login("duong.ntt").post("/v1/conference-tasks", body).await.expect(201);
    let fresh = readiness(&chief, "cf_2025_btctu").await;
    let new = task(&fresh, "id", &made["id"]);
    assert_eq!((&new["late"], &new["silent"], &new["days_left"]), (&json!(false), &json!(false), &json!(4)));
    office.set_clock("2025-12-18T07:00:00+07:00");
    let later = readiness(&chief, "cf_2025_btctu").await;
    let new = task(&later, "id", &made["id"]);
    assert_eq!((&new["late"], &new["silent"], &new["days_left"]), (&json!(true), &json!(true), &json!(-2)));
    assert_eq!((&new["holder"]["days_held"], &new["blocked"]), (&json!(5), &json!(false)));
    assert_eq!(later["days_to_opening"], 0);
    let count = |name: &str| later["counts"][name].as_i64().unwrap();
    let late = later["tasks"].as_array().unwrap().iter().filter(|task| task["late"] == true).count();
    assert_eq!(usize::try_from(count("late")).unwrap(), late);
    assert_eq!(count("total"), count("open") + count("done") + count("cancelled"));
    let done = later["tasks"].as_array().unwrap().iter().filter(|task| task["status"] == "done");
    assert!(done.into_iter().all(|task| task["late"] == false), "what is done is late no more");
}

#[actix_web::test]
async fn people_see_the_readiness_of_what_they_see_and_no_more() {
    let office = Office::open().await;
    let seen = readiness(&office.login("nam.ld"), "cf_2025_btctu").await;
    assert_eq!(seen["counts"]["total"], 3, "led or coordinated by the board");
    assert_eq!(seen["tasks"].as_array().unwrap().len(), 3);
    let path = format!("/v1/conferences/{}/readiness", id("cf_2025_btctu"));
    office.login("vinh.pt").get(&path).await.refused(404, "not_found");
    office.login("quang.lm").get(&path).await.expect(200);
}

#[actix_web::test]
async fn readiness_asks_no_more_queries_for_many_tasks() {
    let office = Office::open().await;
    let (address, statements) = office.watched_process().await;
    let client = office.login_at(&address, "an.nv");
    client.get("/v1/me").await.expect(200);
    let mut counts = Vec::new();
    for conference in ["cf_2029_btctu", "cf_2029_bnctu"] {
        statements.lock().unwrap().clear();
        let answer = readiness(&client, conference).await;
        counts.push((statements.lock().unwrap().len(), answer["tasks"].as_array().unwrap().len()));
    }
    assert_eq!((counts[0].1, counts[1].1), (10, 17));
    assert!(counts[0].0 > 3, "the statements are seen");
    assert_eq!(counts[0].0, counts[1].0);
}
