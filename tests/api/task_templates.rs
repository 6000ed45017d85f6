//! Templates: all tasks of a conference at once, with leads from the register, or none of them.

use std::collections::BTreeMap;

use futures_util::future::join;

use crate::integration::drain;
use crate::support::{Answer, Client, Office, Value, at, excuse_parts, id, json};

/// A conference of a board, coordinated by somebody, that opens in the morning of a day.
async fn hold(client: &Client, board: &str, coordinator: &str, day: &str) -> String {
    let body = json!({
        "kind": "conference", "name": "Tổng kết năm", "board_id": id(board), "place": "Hội trường Tỉnh ủy",
        "starts_at": format!("{day}T08:00:00+07:00"), "ends_at": format!("{day}T17:00:00+07:00"),
        "delegate_count": 120, "coordinator_id": id(coordinator),
    });
    let held = client.post("/v1/conferences", body).await.expect(201);
    format!("/v1/conferences/{}", held["id"].as_str().unwrap())
}

async fn apply(client: &Client, conference: &str, template: impl serde::Serialize) -> Answer {
    client.post(&format!("{conference}/apply-template"), json!({"template_id": template})).await
}

/// The tasks that a template made, by their codes.
fn by_code(applied: &Value) -> BTreeMap<String, Value> {
    let tasks = applied["tasks"].as_array().unwrap();
    tasks.iter().map(|task| (task["template_item"].as_str().unwrap().to_owned(), task.clone())).collect()
}

fn staff(people: &[&str]) -> Vec<Value> {
    sorted(people.iter().map(|person| json!(id(person))).collect())
}

fn helpers(task: &Value) -> Vec<Value> {
    sorted(task["coordinators"].as_array().unwrap().iter().map(|one| one["staff_id"].clone()).collect())
}

fn sorted(mut ids: Vec<Value>) -> Vec<Value> {
    ids.sort_by_key(Value::to_string);
    ids
}

async fn tasks_of(client: &Client, conference: &str) -> Vec<Value> {
    let id = conference.rsplit('/').next().unwrap();
    let page = client.get(&format!("/v1/conference-tasks?conference_id={id}&limit=200")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn story(client: &Client, record: &str) -> Vec<Value> {
    let page = client.get(&format!("{record}/history")).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect()
}

fn instant(value: &Value) -> chrono::DateTime<chrono::Utc> {
    at(value.as_str().unwrap())
}

/// A template with these tasks: code, duty that leads, days from the opening, what it waits for.
fn template(code: &str, tasks: &[(&str, &str, i64, &[&str])]) -> Value {
    let items: Vec<Value> = tasks
        .iter()
        .map(|(code, duty, offset, before)| {
            json!({"code": code, "title": code, "lead": {"kind": "duty", "ref": duty}, "coordinators": [],
                "offset_days": offset, "deliverable": "xong", "depends_on": before})
        })
        .collect();
    json!({"code": code, "kind": "conference", "name": "Mẫu", "valid_from": "2025-12-12",
        "document_number": "03-QC/VPTU", "issuer": "Văn phòng Tỉnh ủy", "verification": "verified", "items": items})
}

#[actix_web::test]
async fn a_template_gives_out_all_tasks_to_the_people_of_the_day() {
    let office = Office::open().await;
    let coordinator = office.login("duong.ntt");
    let conference = hold(&coordinator, "btctu", "p_duong", "2026-01-20").await;
    let applied = apply(&coordinator, &conference, id("conference_standard")).await.expect(200);
    assert_eq!((&applied["version"], &applied["brought_forward"]), (&json!(2), &json!([])));
    let tasks = by_code(&applied);
    assert_eq!(tasks.len(), 17);
    let leads: BTreeMap<&str, &Value> =
        tasks.iter().map(|(code, task)| (code.as_str(), &task["lead_id"])).collect();
    for (code, person) in [
        ("plan", "p_phuoc"),
        ("estimate", "p_ha"),
        ("invitations", "p_thao"),
        ("hall", "p_thinh"),
        ("sound_and_screen", "p_kien"),
        ("cars", "p_loc"),
        ("press", "p_khoi"),
        ("minutes", "p_tuan"),
        ("settlement", "p_ha"),
    ] {
        assert_eq!(leads[code], &json!(id(person)), "{code}");
    }
    assert!(tasks.values().all(|task| task["checker_id"] == json!(id("p_duong"))), "the coordinator checks");
    assert_eq!(tasks["security_and_health"]["external_coordinators"], json!(["Công an", "Y tế"]));
    assert_eq!(helpers(&tasks["delegate_list"]), staff(&["p_tuan"]), "a lead is no helper of its own");
    let all = staff(&["p_phuoc", "p_thao", "p_thinh", "p_kien", "p_loc", "p_khoi", "p_tuan"]);
    assert_eq!(helpers(&tasks["settlement"]), all, "everybody who leads another task, once");
    assert_eq!(tasks["cars"]["lead_board_id"], json!(id("vptu")));
    for (code, due) in [
        ("cars", "2026-01-18T17:00:00+07:00"),
        ("reception", "2026-01-20T08:00:00+07:00"),
        ("minutes", "2026-01-23T17:00:00+07:00"),
        ("plan", "2025-12-31T17:00:00+07:00"),
    ] {
        assert_eq!(instant(&tasks[code]["due_at"]), at(due), "{code}");
    }
    for task in tasks.values() {
        assert_eq!(instant(&task["accept_by"]), at("2025-12-16T08:00:00+07:00"), "two working days: {task}");
        let holders = task["holders"].as_array().unwrap();
        assert_eq!((holders.len(), &holders[0]["staff_id"]), (1, &task["lead_id"]));
    }
    let before = |code: &str| sorted(tasks[code]["depends_on_ids"].as_array().unwrap().clone());
    assert_eq!(before("plan"), Vec::<Value>::new());
    assert_eq!(before("sound_and_screen"), [tasks["hall"]["id"].clone()]);
    let both = sorted(vec![tasks["estimate"]["id"].clone(), tasks["minutes"]["id"].clone()]);
    assert_eq!(before("settlement"), both);

    apply(&coordinator, &conference, id("conference_standard")).await.refused(409, "duplicate");
    assert_eq!(tasks_of(&coordinator, &conference).await.len(), 17);
    assert_eq!(story(&coordinator, &conference).await, ["create", "apply-template"]);
    // To wait for another task is told, not enforced.
    let sound = format!("/v1/conference-tasks/{}", tasks["sound_and_screen"]["id"].as_str().unwrap());
    let lead = office.login("kien.ht");
    lead.post(&format!("{sound}/accept"), json!({})).await.expect(200);
    excuse_parts(&lead, &sound).await;
    let result = json!({"result": "Đã chạy thử", "evidence": "Biên bản"});
    lead.post(&format!("{sound}/submit-result"), result).await.expect(200);
}

#[actix_web::test]
async fn the_office_leads_by_a_division_and_the_chief_checks_its_coordinator() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let conference = hold(&chief, "vptu", "p_tuan", "2026-01-20").await;
    let applied = apply(&office.login("tuan.ca"), &conference, id("conference_standard")).await.expect(200);
    let tasks = by_code(&applied);
    let plan = &tasks["plan"];
    assert_eq!((&plan["lead_id"], &plan["checker_id"]), (&json!(id("p_tuan")), &json!(id("p_an"))));
    assert_eq!(helpers(plan), Vec::<Value>::new(), "the division that prepares conferences leads already");
    assert_eq!(tasks["cars"]["checker_id"], json!(id("p_tuan")));
    // The chief applies the other template to a reception, for which it is made.
    let mut body = json!({
        "kind": "reception", "name": "Đoàn công tác", "board_id": id("btctu"), "place": "Văn phòng Tỉnh ủy",
        "starts_at": "2025-12-15T08:00:00+07:00", "ends_at": "2025-12-15T17:00:00+07:00", "delegate_count": 8,
        "coordinator_id": id("p_duong"),
    });
    let held = chief.post("/v1/conferences", body.clone()).await.expect(201);
    let reception = format!("/v1/conferences/{}", held["id"].as_str().unwrap());
    apply(&chief, &reception, id("conference_standard")).await.refused(422, "validation_failed");
    let applied = apply(&chief, &reception, id("guest_delegation")).await.expect(200);
    // Guests come on Monday: what should have been done by now is due at once, never after they are here.
    assert_eq!(applied["brought_forward"], json!(["programme", "guest_list", "estimate"]));
    let tasks = by_code(&applied);
    assert_eq!(instant(&tasks["programme"]["due_at"]), at("2025-12-15T08:00:00+07:00"));
    assert!(instant(&tasks["lodging"]["due_at"]) > at("2025-12-13T00:00:00+07:00"));
    body["starts_at"] = json!("2025-12-12T08:00:00+07:00");
    let held = chief.post("/v1/conferences", body).await.expect(201);
    let begun = format!("/v1/conferences/{}", held["id"].as_str().unwrap());
    let late = apply(&chief, &begun, id("guest_delegation")).await;
    late.refused(422, "validation_failed");
    assert_eq!(late.body["errors"].as_array().unwrap().len(), 7, "all but the settlement: {}", late.text);
    assert_eq!(late.body["errors"][0]["code"], "too_late");
}

#[actix_web::test]
async fn leads_are_those_of_the_opening_day_and_accountants_of_the_due_day() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let lead = json!({"valid_from": "2026-02-01", "lead": {"lead_board_id": id("vptu"), "lead_unit_id": id("vptu_quan_tri"),
        "decision_number": "30-QĐ/VPTU", "verification": "verified"}});
    chief.act(&format!("/v1/duties/{}", id("vehicles_and_drivers")), "assign-lead", lead).await.expect(200);
    let hand_over = json!({"accountant_id": id("p_mai/accountant"), "valid_from": "2026-02-01", "decision_number": "32-QĐ/VPTU"});
    let assignment = format!("/v1/accountant-assignments/{}", id("aa_btctu_2018"));
    office.login("bich.tt").act(&assignment, "hand-over", hand_over).await.expect(200);
    let coordinator = office.login("duong.ntt");
    for (day, cars, estimate) in [("2026-01-25", "p_loc", "p_ha"), ("2026-02-10", "p_thinh", "p_ha")] {
        let conference = hold(&coordinator, "btctu", "p_duong", day).await;
        let tasks = by_code(&apply(&coordinator, &conference, id("conference_standard")).await.expect(200));
        assert_eq!(tasks["cars"]["lead_id"], json!(id(cars)), "{day}");
        assert_eq!(tasks["estimate"]["lead_id"], json!(id(estimate)), "{day}");
        assert_eq!(tasks["settlement"]["lead_id"], json!(id("p_mai")), "{day}");
    }
}

#[actix_web::test]
async fn everything_that_stands_in_the_way_is_told_at_once_and_nothing_is_written() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let unit = json!({"code": "vptu_moi", "name": "Tổ mới", "board_id": id("vptu"), "valid_from": "2025-12-01",
        "decision_number": "15-QĐ/VPTU", "verification": "verified"});
    let unit = chief.post("/v1/office-units", unit).await.expect(201);
    for (code, unit, last) in [
        ("headless", unit["id"].clone(), Value::Null),
        ("over", json!(id("vptu_to_xe")), json!("2025-12-31")),
    ] {
        let duty = json!({"code": code, "name": code, "lead_person": "head", "valid_from": "2025-12-01", "valid_to": last,
            "document_number": "1", "issuer": "VPTU", "verification": "demo",
            "lead": {"lead_board_id": id("vptu"), "lead_unit_id": unit, "decision_number": "1", "verification": "demo"}});
        chief.post("/v1/duties", duty).await.expect(201);
    }
    let mut body = template(
        "awkward",
        &[
            ("a", "headless", -3, &[]),
            ("b", "over", -2, &["a"]),
            ("c", "vehicles_and_drivers", -1, &[]),
            ("d", "archives", -1, &[]),
        ],
    );
    body["valid_to"] = json!("2026-01-10");
    body["items"][3]["coordinators"] = json!([{"kind": "duty", "ref": "headless"}]);
    let made = chief.post("/v1/task-templates", body).await.expect(201);
    let admin = office.login("kien.ht");
    let login = format!("/v1/users/{}", id("lg_loc"));
    admin.patch(&login, 1, json!({"active": false})).await.expect(200);

    let coordinator = office.login("duong.ntt");
    let conference = hold(&coordinator, "btctu", "p_duong", "2026-01-20").await;
    let before = coordinator.get(&conference).await.expect(200);
    let refused = apply(&coordinator, &conference, made["id"].clone()).await;
    refused.refused(422, "validation_failed");
    let told: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| &error["code"]).collect();
    assert_eq!(told, ["not_in_force", "unresolvable", "unknown_duty", "unresolvable", "cannot_act"]);
    assert!(refused.places().iter().all(|place| place == "#/template_id"), "{}", refused.text);
    assert!(refused.body["errors"][1]["detail"].as_str().unwrap().starts_with("a: "), "{}", refused.text);
    assert_eq!(tasks_of(&coordinator, &conference).await, Vec::<Value>::new());
    assert_eq!(coordinator.get(&conference).await.expect(200), before);
    apply(&coordinator, &conference, id("never")).await.refused(422, "validation_failed");
    // Once nothing is in the way, the same template can be applied.
    let head = json!({"staff_id": id("p_huy"), "valid_from": "2025-12-01", "decision_number": "16-QĐ/VPTU"});
    let unit = format!("/v1/office-units/{}", unit["id"].as_str().unwrap());
    chief.act(&unit, "appoint-head", head).await.expect(200);
    admin.patch(&login, 2, json!({"active": true})).await.expect(200);
    let moved = json!({"starts_at": "2025-12-30T08:00:00+07:00", "ends_at": "2025-12-30T17:00:00+07:00"});
    coordinator.patch(&conference, 1, moved).await.expect(200);
    let applied = apply(&coordinator, &conference, made["id"].clone()).await.expect(200);
    assert_eq!(applied["tasks"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn a_template_that_cannot_work_is_refused_with_every_reason() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let mut wrong = template(
        "wrong",
        &[
            ("a", "archives", -5, &["c"]),
            ("b", "no_such_duty", -4, &["a", "nowhere", "a"]),
            ("c", "archives", -4, &["b"]),
            ("c", "archives", -3, &[]),
        ],
    );
    wrong["owner_duty"] = json!("nobody");
    wrong["items"][3]["coordinators"] =
        json!([{"kind": "group", "ref": "everybody"}, {"kind": "external", "ref": "Công an"}]);
    let refused = chief.post("/v1/task-templates", wrong).await;
    refused.refused(422, "validation_failed");
    let told: Vec<(String, String)> = refused
        .places()
        .into_iter()
        .zip(
            refused.body["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap().to_owned()),
        )
        .collect();
    let expected = [
        ("#/items/1/depends_on/1", "unknown_code"),
        ("#/items/1/depends_on/2", "duplicate"),
        ("#/items/3/code", "duplicate"),
        ("#/items/3/coordinators/0/ref", "unknown_code"),
        ("#/owner_duty", "unknown_duty"),
        ("#/items/1/lead/ref", "unknown_duty"),
    ];
    for (place, code) in expected {
        assert!(told.contains(&(place.to_owned(), code.to_owned())), "{place} {code}: {told:?}");
    }
    // A circle, whose tasks are due on one day: nothing else is wrong with it.
    let circle = template(
        "circle",
        &[
            ("a", "archives", -5, &["c"]),
            ("b", "archives", -5, &["a"]),
            ("c", "archives", -5, &["b"]),
            ("d", "archives", -1, &["a"]),
        ],
    );
    let refused = chief.post("/v1/task-templates", circle).await;
    refused.refused(422, "validation_failed");
    let places = ["#/items/0/depends_on", "#/items/1/depends_on", "#/items/2/depends_on"];
    assert_eq!(
        (refused.places(), &refused.body["errors"][0]["code"]),
        (places.map(str::to_owned).to_vec(), &json!("cycle"))
    );
    let later = template("later", &[("a", "archives", -5, &["b"]), ("b", "archives", -1, &[])]);
    let refused = chief.post("/v1/task-templates", later).await;
    assert_eq!(refused.places(), ["#/items/0/depends_on/0"]);
    let good = template("good", &[("a", "archives", -5, &[])]);
    for nobody in ["duong.ntt", "bich.tt", "kien.ht"] {
        office.login(nobody).post("/v1/task-templates", good.clone()).await.refused(403, "forbidden");
    }
    chief.post("/v1/task-templates", good).await.expect(201);
}

#[actix_web::test]
async fn another_version_takes_over_and_changes_nothing_behind_it() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let old = format!("/v1/task-templates/{}", id("conference_standard"));
    let before = chief.get(&old).await.expect(200);
    let mut body = template("Conference_Standard", &[("plan", "conference_preparation", -20, &[])]);
    body["valid_from"] = json!("2026-02-01");
    let new = chief.post("/v1/task-templates", body.clone()).await.expect(201);
    let after = chief.get(&old).await.expect(200);
    assert_eq!((&after["items"], &after["valid_to"]), (&before["items"], &json!("2026-01-31")));
    assert_eq!(story(&chief, &old).await, ["create", "end"]);
    body["valid_from"] = json!("2026-01-15");
    chief.post("/v1/task-templates", body).await.refused(409, "period_taken");
    for (day, template) in [
        ("2026-01-31", id("conference_standard").to_string()),
        ("2026-02-01", new["id"].as_str().unwrap().to_owned()),
    ] {
        let found = chief
            .get(&format!("/v1/task-templates?on={day}&kind=conference&code=conference_standard"))
            .await
            .expect(200);
        let ids: Vec<_> = found["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(ids, [json!(template)], "{day}");
    }
    // Another version of a template is the same template.
    let coordinator = office.login("duong.ntt");
    let conference = hold(&coordinator, "btctu", "p_duong", "2026-01-25").await;
    apply(&coordinator, &conference, id("conference_standard")).await.expect(200);
    apply(&coordinator, &conference, new["id"].clone()).await.refused(409, "duplicate");
}

#[actix_web::test]
async fn those_who_arrange_the_whole_apply_a_template_and_only_one_of_two_does() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (coordinator, chief) = (office.login("duong.ntt"), office.login_at(&second, "an.nv"));
    let conference = hold(&coordinator, "btctu", "p_duong", "2026-01-20").await;
    let template = id("conference_standard");
    apply(&office.login("phuoc.dh"), &conference, template).await.refused(403, "forbidden");
    apply(&office.login("quang.lm"), &conference, template).await.refused(403, "forbidden");
    apply(&office.login("vinh.pt"), &conference, template).await.refused(404, "not_found");
    let (one, other) =
        join(apply(&coordinator, &conference, template), apply(&chief, &conference, template)).await;
    assert_eq!((one.status.min(other.status), one.status.max(other.status)), (200, 409));
    assert_eq!(tasks_of(&coordinator, &conference).await.len(), 17);
    // A lost answer is asked for again, and nothing is done twice.
    let conference = hold(&coordinator, "btctu", "p_duong", "2026-01-20").await;
    let path = format!("{conference}/apply-template");
    let key = [("Idempotency-Key", "lan-1")];
    let body = Some(json!({"template_id": template}));
    let first = coordinator.send(reqwest::Method::POST, &path, body.clone(), &key).await.expect(200);
    assert_eq!(coordinator.send(reqwest::Method::POST, &path, body, &key).await.expect(200), first);
}

#[actix_web::test]
async fn a_conference_that_moves_takes_all_open_tasks_along_and_tells_each() {
    let office = Office::open().await;
    let (coordinator, chief) = (office.login("duong.ntt"), office.login("an.nv"));
    let conference = hold(&coordinator, "btctu", "p_duong", "2026-01-20").await;
    let tasks = by_code(&apply(&coordinator, &conference, id("conference_standard")).await.expect(200));
    let hall = format!("/v1/conference-tasks/{}", tasks["hall"]["id"].as_str().unwrap());
    let lead = office.login("thinh.bd");
    lead.post(&format!("{hall}/accept"), json!({})).await.expect(200);
    excuse_parts(&lead, &hall).await;
    let result = json!({"result": "Sẵn sàng", "evidence": "Phiếu kiểm tra"});
    lead.post(&format!("{hall}/submit-result"), result).await.expect(200);
    let done = coordinator.post(&format!("{hall}/accept-result"), json!({})).await.expect(200);
    let (_, cursor) = drain(&chief, None).await;

    let moved = json!({"starts_at": "2026-01-27T08:00:00+07:00", "ends_at": "2026-01-27T17:00:00+07:00"});
    coordinator.patch(&conference, 2, moved).await.expect(200);
    let week = chrono::TimeDelta::days(7);
    for after in tasks_of(&coordinator, &conference).await {
        let before = &tasks[after["template_item"].as_str().unwrap()];
        if before["template_item"] == "hall" {
            assert_eq!(
                (&after["due_at"], &after["moved_at"], &after["version"]),
                (&done["due_at"], &Value::Null, &done["version"])
            );
            continue;
        }
        assert_eq!(instant(&after["due_at"]), instant(&before["due_at"]) + week, "{after}");
        assert_eq!(instant(&after["accept_by"]), instant(&before["accept_by"]) + week, "{after}");
        assert_eq!(
            (&after["moved_from_due_at"], &after["moved_at"]),
            (&before["due_at"], &after["updated_at"])
        );
        assert_eq!((&after["version"], &after["depends_on_ids"]), (&json!(2), &before["depends_on_ids"]));
    }
    let cars = format!("/v1/conference-tasks/{}", tasks["cars"]["id"].as_str().unwrap());
    assert_eq!(story(&office.login("loc.tv"), &cars).await, ["create", "move"], "the lead reads it");
    // A transaction anywhere on the server holds the feed back until it ends: ask again, as scripts do.
    let (mut told, mut cursor) = (0, cursor);
    while told < 16 {
        let (changes, next) = drain(&chief, Some(cursor)).await;
        told += changes.iter().filter(|change| change["resource_type"] == "conference_task").count();
        cursor = next;
    }
    assert_eq!(told, 16);
    // A day that would leave tasks overdue at once is refused, with each of them.
    let soon = json!({"starts_at": "2025-12-13T08:00:00+07:00", "ends_at": "2025-12-13T17:00:00+07:00"});
    let refused = coordinator.patch(&conference, 3, soon).await;
    refused.refused(422, "validation_failed");
    assert!(refused.places().len() > 5, "{}", refused.text);
}
