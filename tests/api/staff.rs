//! Staff: the directory and its dated appointments.

use futures_util::future::join_all;
use reqwest::Method;

use crate::support::{Client, Office, Value, id, json};

fn appointment(position: &str, board: &str, coefficient: &str, from: &str) -> Value {
    json!({
        "position": position, "board_id": id(board), "allowance_coefficient": coefficient, "valid_from": from,
    })
}

fn person(code: &str, appointment: Value) -> Value {
    json!({"employee_code": code, "full_name": "Đoàn Thị Ngọc Ánh", "appointment": appointment})
}

fn address(person: &Value) -> String {
    format!("/v1/staff/{}", person["id"].as_str().unwrap())
}

async fn codes(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/v1/staff?limit=200&{query}")).await.expect(200);
    let mut codes: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["employee_code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes
}

#[actix_web::test]
async fn everyone_finds_people_by_board_position_day_and_name() {
    let office = Office::open().await;
    let driver = office.login("loc.tv");
    assert_eq!(codes(&driver, &format!("board_id={}", id("btctu"))).await, ["VP014", "VP020", "VP098"]);
    assert_eq!(codes(&driver, "position=board_head").await, ["VP014", "VP016", "VP017"]);
    assert_eq!(
        codes(&driver, "position=board_head&on=2025-02-14").await,
        ["VP014", "VP016", "VP017", "VP018"]
    );
    assert_eq!(codes(&driver, &format!("board_id={}", id("btgtu"))).await, [""; 0]);
    assert_eq!(codes(&driver, &format!("board_id={}&on=2020-01-01", id("btgtu"))).await, ["VP017", "VP021"]);
    assert_eq!(codes(&driver, "on=2018-12-24").await, [""; 0]);
    assert_eq!(codes(&driver, "q=hbli%20kbuor").await, ["VP022"]);
    assert_eq!(codes(&driver, "q=lx00").await.len(), 6);
}

#[actix_web::test]
async fn the_directory_is_read_in_both_directions_page_by_page() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let mut orders = Vec::new();
    for sort in ["full_name", "-full_name"] {
        let mut ids = Vec::new();
        let mut next = String::new();
        loop {
            let page = client.get(&format!("/v1/staff?sort={sort}&limit=7{next}")).await.expect(200);
            ids.extend(page["items"].as_array().unwrap().iter().map(|person| person["id"].clone()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        orders.push(ids);
    }
    orders[1].reverse();
    assert_eq!(orders[0], orders[1]);
    assert_eq!(orders[0].len(), 31);
}

#[actix_web::test]
async fn a_person_comes_with_the_first_appointment() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let first = appointment("specialist", "btctu", "0.15", "2025-12-01");
    let created = chief.post("/v1/staff", person("vp100", first.clone())).await;
    assert_eq!(created.header("location"), Some(address(&created.body).as_str()));
    let body = created.expect(201);
    assert_eq!(body["board_id"], json!(id("btctu")));
    assert_eq!(body["allowance_coefficient"], "0.15");
    assert_eq!(body["appointments"].as_array().unwrap().len(), 1);
    assert_eq!(chief.get(&address(&body)).await.expect(200), body);
    let history = chief.get(&format!("{}/history", address(&body))).await.expect(200);
    assert_eq!(history["items"][0]["action"], "create");
    // The code is taken, whatever its case.
    let again = chief.post("/v1/staff", person("VP100", first)).await;
    again.refused(409, "duplicate");
    assert_eq!(again.places(), ["#/employee_code"]);
}

#[actix_web::test]
async fn an_appointment_lies_within_the_life_of_its_board() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    for (first, place) in [
        (appointment("specialist", "p_an", "0.00", "2026-01-01"), "#/appointment/board_id"),
        (appointment("specialist", "btgtu", "0.00", "2025-02-15"), "#/appointment/board_id"),
        (appointment("specialist", "btgtu", "0.00", "2025-01-01"), "#/appointment/valid_to"),
        (appointment("specialist", "btctu", "0.00", "2018-12-24"), "#/appointment/board_id"),
    ] {
        let answer = chief.post("/v1/staff", person("VP101", first)).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), [place]);
    }
    let mut backwards = appointment("specialist", "btctu", "0.00", "2026-01-02");
    backwards["valid_to"] = json!("2026-01-01");
    let answer = chief.post("/v1/staff", person("VP101", backwards)).await;
    answer.refused(422, "validation_failed");
    assert_eq!(answer.places(), ["#/appointment/valid_to"]);
    for coefficient in ["0.7", "1,25", "0.700", "12.00", "-.50"] {
        let first = appointment("specialist", "btctu", coefficient, "2026-01-01");
        chief.post("/v1/staff", person("VP101", first)).await.refused(400, "malformed_request");
    }
    assert_eq!(codes(&chief, "q=VP101").await, [""; 0]);
}

#[actix_web::test]
async fn the_highest_coefficient_of_the_day_counts() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let huy = format!("/v1/staff/{}", id("p_huy"));
    let now = chief.get(&huy).await.expect(200);
    assert_eq!(
        (&now["position"], &now["allowance_coefficient"]),
        (&json!("division_deputy_head"), &json!("0.30"))
    );
    let second = appointment("board_deputy_head", "btctu", "0.70", "2026-01-01");
    let mut small = appointment("adviser", "bnctu", "0.10", "2025-12-12");
    small["valid_to"] = json!("2025-12-31");
    chief.post(&format!("{huy}/appoint"), small).await.expect(200);
    let planned = chief.post(&format!("{huy}/appoint"), second).await.expect(200);
    assert_eq!(planned["allowance_coefficient"], "0.30");
    assert_eq!(planned["appointments"].as_array().unwrap().len(), 4);
    // In the office it is the new year before it is in UTC.
    office.set_clock("2025-12-31T23:59:59+07:00");
    assert_eq!(chief.get(&huy).await.expect(200)["allowance_coefficient"], "0.30");
    office.set_clock("2026-01-01T00:00:00+07:00");
    let later = chief.get(&huy).await.expect(200);
    assert_eq!((&later["board_id"], &later["allowance_coefficient"]), (&json!(id("btctu")), &json!("0.70")));
}

#[actix_web::test]
async fn a_new_appointment_may_end_the_running_ones_the_day_before() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let bli = format!("/v1/staff/{}", id("p_bli"));
    let mut new = appointment("division_head", "bnctu", "0.50", "2026-03-01");
    new["ends_current"] = json!(true);
    let moved = chief.post(&format!("{bli}/appoint"), new).await.expect(200);
    assert_eq!(moved["version"], 2);
    let days: Vec<_> = moved["appointments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["valid_from"].clone(), one["valid_to"].clone()))
        .collect();
    let (old, last) = (("2018-12-25", "2025-02-14"), ("2025-02-15", "2026-02-28"));
    let ended = [old, last].map(|(from, to)| (json!(from), json!(to)));
    assert_eq!(days, [&ended[..], &[(json!("2026-03-01"), Value::Null)]].concat());
    let history = chief.get(&format!("{bli}/history")).await.expect(200);
    let last = history["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["action"], "appoint");
    assert_eq!(last["details"]["ended_appointment_ids"], json!([id("ap_27")]));
}

#[actix_web::test]
async fn nobody_holds_one_position_twice_at_once() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let appoint = format!("/v1/staff/{}/appoint", id("p_phuoc"));
    let same = appointment("board_head", "btctu", "0.90", "2026-01-01");
    chief.post(&appoint, same.clone()).await.refused(409, "duplicate");
    // Elsewhere it is another position, and after the first has ended it is a renewal.
    chief.post(&appoint, appointment("board_head", "bnctu", "0.90", "2026-01-01")).await.expect(200);
    let mut renewal = same;
    renewal["ends_current"] = json!(true);
    chief.post(&appoint, renewal).await.expect(200);
}

#[actix_web::test]
async fn of_two_equal_appointments_at_once_one_stays() {
    let office = Office::open().await;
    let other = office.login_at(&office.second_process().await, "linh.n");
    let chief = office.login("an.nv");
    let appoint = format!("/v1/staff/{}/appoint", id("p_chin"));
    let body = appointment("party_cell_secretary", "bnctu", "0.20", "2026-01-01");
    // Both are signed in before they race.
    chief.token().await;
    other.token().await;
    let attempts = (0..6).map(|turn| if turn % 2 == 0 { &chief } else { &other });
    let answers = join_all(attempts.map(|client| client.post(&appoint, body.clone()))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
    let chin = chief.get(&format!("/v1/staff/{}", id("p_chin"))).await.expect(200);
    assert_eq!(chin["appointments"].as_array().unwrap().len(), 2);
    assert_eq!(chin["version"], 2);
}

#[actix_web::test]
async fn an_appointment_ends_within_its_days_and_then_counts_no_more() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let vinh = format!("/v1/staff/{}", id("p_vinh"));
    let end = |appointment: &str, day: &str| json!({"appointment_id": id(appointment), "valid_to": day, "decision_number": "150-QĐ/TU"});
    let foreign = chief.act(&vinh, "end-appointment", end("ap_23", "2025-12-31")).await;
    foreign.refused(422, "validation_failed");
    assert_eq!(foreign.places(), ["#/appointment_id"]);
    let early = chief.act(&vinh, "end-appointment", end("ap_28", "2018-12-24")).await;
    early.refused(422, "validation_failed");
    chief.act(&vinh, "end-appointment", end("ap_28", "2025-12-31")).await.expect(200);
    let late = chief.act(&vinh, "end-appointment", end("ap_28", "2026-01-01")).await;
    assert_eq!(late.refused(422, "validation_failed")["errors"][0]["pointer"], "#/valid_to");
    office.set_clock("2026-01-01T00:00:00+07:00");
    let gone = chief.get(&vinh).await.expect(200);
    for field in ["board_id", "position", "allowance_coefficient"] {
        assert_eq!(gone[field], Value::Null, "{field}");
    }
    let history = chief.get(&format!("{vinh}/history")).await.expect(200);
    let last = history["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["action"], &last["version"]), (&json!("end-appointment"), &json!(2)));
    assert_eq!(last["details"]["decision_number"], "150-QĐ/TU");
}

#[actix_web::test]
async fn a_person_is_renamed_by_those_who_read_the_latest_version() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let nam = format!("/v1/staff/{}", id("p_nam"));
    let renamed = admin.patch(&nam, 1, json!({"full_name": "Lê Đình Nam Anh"})).await.expect(200);
    assert_eq!((&renamed["version"], &renamed["employee_code"]), (&json!(2), &json!("VP021")));
    assert_eq!(codes(&admin, "q=dinh%20nam%20anh").await, ["VP021"]);
    admin.patch(&nam, 1, json!({"full_name": "Ai Đó"})).await.refused(412, "version_conflict");
    admin.patch(&nam, 2, json!({"employee_code": "lx001"})).await.refused(409, "duplicate");
    let unconditional = admin.send(Method::PATCH, &nam, Some(json!({"full_name": "Ai Đó"})), &[]).await;
    unconditional.refused(428, "precondition_required");
    admin.patch(&nam, 2, json!({"board_id": id("btctu")})).await.refused(400, "malformed_request");
}

#[actix_web::test]
async fn only_those_who_manage_staff_change_it() {
    let office = Office::open().await;
    let huy = format!("/v1/staff/{}", id("p_huy"));
    let new = appointment("specialist", "btctu", "0.00", "2026-01-01");
    for username in ["duong.ntt", "phuoc.dh", "ha.lt", "quang.lm", "bich.tt"] {
        let client = office.login(username);
        client.post("/v1/staff", person("VP102", new.clone())).await.refused(403, "forbidden");
        client.post(&format!("{huy}/appoint"), new.clone()).await.refused(403, "forbidden");
        client.patch(&huy, 1, json!({"full_name": "Trần Huy"})).await.refused(403, "forbidden");
        client.get(&huy).await.expect(200);
    }
    let nobody = format!("/v1/staff/{}", id("nobody"));
    office.login("an.nv").get(&nobody).await.refused(404, "not_found");
    office.login("an.nv").get(&format!("{nobody}/history")).await.refused(404, "not_found");
}
