//! The register of duties: on every day one lead body for each area of work, and one head for each unit.

use futures_util::future::join;
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{Client, Office, Value, at, id, json};

async fn duty(client: &Client, code: &str, on: &str) -> Value {
    let page = client.get(&format!("/v1/duties?on={on}&limit=200")).await.expect(200);
    let found = page["items"].as_array().unwrap().iter().find(|duty| duty["code"] == code).cloned();
    found.unwrap_or_else(|| panic!("no duty {code} on {on}"))
}

fn address(code: &str) -> String {
    format!("/v1/duties/{}", id(code))
}

/// A unit of the office leads from a day on.
fn led_by(unit: &str, from: &str) -> Value {
    json!({"valid_from": from, "lead": {
        "lead_board_id": id("vptu"), "lead_unit_id": id(unit), "coordinating_unit_ids": [],
        "coordinating_roles": ["served_boards"], "decision_number": "30-QĐ/VPTU", "verification": "verified",
    }})
}

fn new_duty(code: &str) -> Value {
    json!({
        "code": code, "name": "Chuyển đổi số", "scope": "văn bản điện tử", "lead_person": "head",
        "valid_from": "2025-12-01", "document_number": "11-ĐA/TU", "issuer": "Ban Thường vụ Tỉnh ủy",
        "verification": "verified", "lead": led_by("vptu_co_yeu_cntt", "2025-12-01")["lead"],
    })
}

/// The leads follow each other without a day between, from the first day of the duty to its last.
fn assert_tiled(duty: &Value) {
    let leads = duty["leads"].as_array().unwrap();
    assert_eq!(leads[0]["valid_from"], duty["valid_from"], "{duty}");
    assert_eq!(leads.last().unwrap()["valid_to"], duty["valid_to"], "{duty}");
    for pair in leads.windows(2) {
        let midnight = |day: &Value| at(&format!("{}T00:00:00Z", day.as_str().unwrap()));
        let gap = midnight(&pair[1]["valid_from"]) - midnight(&pair[0]["valid_to"]);
        assert_eq!(gap.num_days(), 1, "{duty}");
    }
}

#[actix_web::test]
async fn the_register_says_who_leads_what_on_any_day() {
    let office = Office::open().await;
    let driver = office.login("tu.dc");
    let cars = duty(&driver, "vehicles_and_drivers", "2025-12-12").await;
    let lead = &cars["lead"];
    assert_eq!(
        (&lead["lead_unit_id"], &lead["lead_board_id"]),
        (&json!(id("vptu_to_xe")), &json!(id("vptu")))
    );
    assert_eq!((&lead["head_id"], &lead["head_name"]), (&json!(id("p_loc")), &json!("Trương Văn Lộc")));
    assert_eq!((&lead["body_name"], &lead["verification"]), (&json!("Tổ xe"), &json!("demo")));
    assert_eq!(cars["verification"], "press_only", "the work is proved better than the choice of its lead");
    // The boards merged on 15 February 2025, and so did what they led.
    let before = duty(&driver, "propaganda_board", "2025-02-14").await;
    let after = duty(&driver, "propaganda_board", "2025-02-15").await;
    assert_eq!(
        (&before["lead"]["lead_board_id"], &before["lead"]["head_id"]),
        (&json!(id("btgtu")), &json!(id("p_khoi")))
    );
    assert_eq!(
        (&after["lead"]["lead_board_id"], &after["lead"]["lead_unit_id"]),
        (&json!(id("btgdvtu")), &Value::Null)
    );
    assert_eq!(after["lead"]["decision_number"], "21-QĐ/TU");
    assert_tiled(&after);
    let nothing = driver.get("/v1/duties?on=2018-12-24").await.expect(200);
    assert_eq!(nothing["items"], json!([]), "the register begins with the office");
    let all = driver.get("/v1/duties?include_total=true").await.expect(200);
    assert_eq!(all["total"], 20);
    let led = format!("/v1/duties?lead_unit_id={}&on=2025-12-12", id("vptu_to_xe"));
    assert_eq!(driver.get(&led).await.expect(200)["items"].as_array().unwrap().len(), 1);
    let found = driver.get("/v1/duties?q=thanh%20toan%20xang").await.expect(200);
    assert_eq!(found["items"][0]["code"], "fuel_payment");
}

#[actix_web::test]
async fn a_lead_changes_from_a_day_on_and_never_in_the_past() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let (path, from) = (address("vehicle_booking"), "2026-01-01");
    let assign = format!("{path}/assign-lead");
    office.login("thinh.bd").post(&assign, led_by("vptu_to_xe", from)).await.refused(403, "forbidden");
    let mut wrong = led_by("vptu_quan_tri", "2025-12-11");
    wrong["lead"]["lead_board_id"] = json!(id("btgtu"));
    let named = [id("vptu_quan_tri"), id("vptu_to_xe"), id("vptu_to_xe"), id("nowhere")];
    wrong["lead"]["coordinating_unit_ids"] = json!(named);
    let refused = chief.post(&assign, wrong).await;
    refused.refused(422, "validation_failed");
    let units = "#/lead/coordinating_unit_ids";
    let places = [
        "#/lead/lead_board_id".to_owned(),
        "#/lead/lead_unit_id".to_owned(),
        format!("{units}/0"),
        format!("{units}/2"),
        format!("{units}/3"),
        "#/valid_from".to_owned(),
    ];
    assert_eq!(refused.places(), places);
    let same = chief.post(&assign, led_by("vptu_quan_tri", from)).await;
    assert_eq!((same.status, same.places()), (422, vec!["#/lead".to_owned()]));

    let changed = chief.act(&path, "assign-lead", led_by("vptu_to_xe", from)).await.expect(200);
    assert_eq!((&changed["version"], &changed["lead"]["head_id"]), (&json!(2), &json!(id("p_thinh"))));
    // What was decided for January stays when December changes.
    let earlier = chief.act(&path, "assign-lead", led_by("vptu_tong_hop", "2025-12-15")).await.expect(200);
    assert_tiled(&earlier);
    assert_eq!(earlier["leads"].as_array().unwrap().len(), 3);
    for (day, head) in
        [("2025-12-14", "p_thinh"), ("2025-12-15", "p_tuan"), ("2025-12-31", "p_tuan"), (from, "p_loc")]
    {
        let duty = duty(&chief, "vehicle_booking", day).await;
        assert_eq!(duty["lead"]["head_id"], json!(id(head)), "{day}");
    }
    let again = chief.act(&path, "assign-lead", led_by("vptu_tai_chinh_dang", from)).await;
    assert_eq!((again.status, again.places()), (422, vec!["#/valid_from".to_owned()]));
    let stale = [("If-Match", "\"1\"")];
    let body = Some(led_by("vptu_tong_hop", "2026-02-01"));
    chief.send(reqwest::Method::POST, &assign, body, &stale).await.refused(412, "version_conflict");
    let history = chief.get(&format!("{path}/history")).await.expect(200);
    let told: Vec<_> = history["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(told, ["create", "assign-lead", "assign-lead"]);
}

#[actix_web::test]
async fn a_duty_begins_with_its_lead() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let made = chief.post("/v1/duties", new_duty("digital")).await.expect(201);
    assert_eq!(made["lead"]["head_id"], json!(id("p_kien")));
    assert_tiled(&made);
    let twice = chief.post("/v1/duties", new_duty("DIGITAL")).await;
    twice.refused(409, "duplicate");
    assert_eq!(twice.places(), ["#/code"]);
    // A unit that did not exist by then, and a board that did not either.
    let mut early = new_duty("early");
    early["valid_from"] = json!("2018-01-01");
    let early = chief.post("/v1/duties", early).await;
    assert_eq!(early.places(), ["#/lead/lead_board_id", "#/lead/lead_unit_id"]);
    office.login("bich.tt").post("/v1/duties", new_duty("other")).await.refused(403, "forbidden");
    let board =
        json!({"lead_board_id": id("btctu"), "decision_number": "31-QĐ/TU", "verification": "verified"});
    let mut by_board = new_duty("by_board");
    by_board["lead"] = board;
    let made = chief.post("/v1/duties", by_board).await.expect(201);
    assert_eq!(
        (&made["lead"]["head_id"], &made["lead"]["body_name"]),
        (&json!(id("p_phuoc")), &json!("Ban Tổ chức Tỉnh ủy"))
    );
}

#[actix_web::test]
async fn of_two_changes_at_once_no_day_gets_two_leads() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (chief, deputy) = (office.login("an.nv"), office.login_at(&second, "linh.n"));
    for code in ["archives", "cipher", "administration"] {
        let assign = format!("{}/assign-lead", address(code));
        let (one, other) = join(
            chief.post(&assign, led_by("vptu_tong_hop", "2026-01-01")),
            deputy.post(&assign, led_by("vptu_quan_tri", "2026-01-01")),
        )
        .await;
        assert_eq!((one.status.min(other.status), one.status.max(other.status)), (200, 422), "{code}");
        let duty = chief.get(&address(code)).await.expect(200);
        assert_eq!((duty["leads"].as_array().unwrap().len(), &duty["version"]), (2, &json!(2)));
        assert_tiled(&duty);
    }
}

#[actix_web::test]
async fn the_database_itself_keeps_one_lead_and_one_head_on_every_day() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let run = async |sql: &str, values: Vec<sea_orm::Value>| {
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
    };
    let day = |text: &str| -> chrono::NaiveDate { text.parse().unwrap() };
    let (empty, from) = (json!([]), day("2030-01-01"));
    let lead = "INSERT INTO duty_leads (id, duty_id, lead_board_id, coordinating_unit_ids, coordinating_roles, \
                valid_from, decision_number, verification) VALUES ($1, $2, $3, $4, $5, $6, '1', 'demo')";
    let values: Vec<sea_orm::Value> = vec![
        id("second").into(),
        id("archives").into(),
        id("btctu").into(),
        empty.clone().into(),
        empty.into(),
        from.into(),
    ];
    let second = run(lead, values).await.unwrap_err().to_string();
    assert!(second.contains("duty_leads_no_overlap"), "{second}");
    let head = "INSERT INTO office_unit_heads (id, unit_id, staff_id, valid_from, decision_number) VALUES ($1, $2, $3, $4, '1')";
    let values: Vec<sea_orm::Value> =
        vec![id("second").into(), id("vptu_to_xe").into(), id("p_an").into(), from.into()];
    let second = run(head, values).await.unwrap_err().to_string();
    assert!(second.contains("office_unit_heads_no_overlap"), "{second}");
}

#[actix_web::test]
async fn heads_of_a_unit_follow_each_other() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let unit = json!({"code": "vptu_so_hoa", "name": "Tổ Số hóa", "board_id": id("vptu"),
        "parent_id": id("vptu_co_yeu_cntt"), "valid_from": "2025-12-01", "decision_number": "15-QĐ/VPTU",
        "verification": "verified"});
    let mut wrong = unit.clone();
    wrong["board_id"] = json!(id("btctu"));
    wrong["head_id"] = json!(id("p_kien"));
    let refused = chief.post("/v1/office-units", wrong).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/parent_id", "#/head_id"]);
    office.login("thinh.bd").post("/v1/office-units", unit.clone()).await.refused(403, "forbidden");
    let made = chief.post("/v1/office-units", unit.clone()).await.expect(201);
    assert_eq!((&made["head_id"], &made["heads"]), (&Value::Null, &json!([])));
    chief.post("/v1/office-units", unit).await.refused(409, "duplicate");
    let path = format!("/v1/office-units/{}", made["id"].as_str().unwrap());
    let head = |person: &str, from: &str| json!({"staff_id": id(person), "valid_from": from, "decision_number": "16-QĐ/VPTU"});
    let outside = chief.act(&path, "appoint-head", head("p_phuoc", "2025-11-30")).await;
    assert_eq!(outside.places(), ["#/staff_id", "#/valid_from"]);
    // The first head may be entered late; nobody is written over.
    chief.act(&path, "appoint-head", head("p_kien", "2025-12-01")).await.expect(200);
    let past = chief.act(&path, "appoint-head", head("p_huy", "2025-12-11")).await;
    assert_eq!((past.status, past.places()), (422, vec!["#/valid_from".to_owned()]));
    let changed = chief.act(&path, "appoint-head", head("p_huy", "2026-01-01")).await.expect(200);
    assert_eq!((&changed["head_id"], &changed["version"]), (&json!(id("p_kien")), &json!(3)));
    let days: Vec<_> = changed["heads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|head| (&head["full_name"], &head["valid_to"]))
        .collect();
    assert_eq!(
        days,
        [(&json!("Hồ Trung Kiên"), &json!("2025-12-31")), (&json!("Trần Quang Huy"), &Value::Null)]
    );
    let later = chief.get("/v1/office-units?on=2026-01-01&q=so%20hoa").await.expect(200);
    assert_eq!(later["items"][0]["head_id"], json!(id("p_huy")));
}
