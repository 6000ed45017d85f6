//! Travel orders: who goes, who decides, whose time and which money is taken.

use entity::{commitments, expense_claims, travel_order_travellers};
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Set,
};
use shared_office::budgets::commitments::{self as money, Document, Shares};
use shared_office::travel::orders::rules::STEPS;
use shared_office::write::{Actor, transaction};
use uuid::Uuid;

use crate::support::{Answer, Client, Office, Value, id, json};

const ORDERS: &str = "/v1/travel-orders";

/// A day in January 2026, from 07:00 to 17:00 of the last day by office time, in a car of the office and without a
/// night that is paid: 300 000 đồng a day by the circular in force, and 150 000 for a single day by the office's own
/// regulation.
fn journey(first: u32, last: u32) -> Value {
    json!([{
        "from_place": "Buôn Ma Thuột", "to_place": "Nha Trang", "starts_at": format!("2026-01-{first:02}T07:00:00+07:00"),
        "ends_at": format!("2026-01-{last:02}T17:00:00+07:00"), "place_class": "province", "transport": "office_car",
        "lodging": "none", "one_way_km": "185", "round_trip": true,
    }])
}

fn order(travellers: &[&str], first: u32, last: u32) -> Value {
    let travellers: Vec<Value> = travellers.iter().map(|person| json!({"staff_id": id(person)})).collect();
    json!({
        "board_id": id("btctu"), "purpose": "Khảo sát công tác cán bộ", "host": "Tỉnh ủy Khánh Hòa",
        "travellers": travellers, "legs": journey(first, last),
    })
}

async fn draft_of(client: &Client, body: Value) -> String {
    let made = client.post(ORDERS, body).await.expect(201);
    format!("{ORDERS}/{}", made["id"].as_str().unwrap())
}

/// A draft of the organisation board's requester, who travels from 12 to 14 January; its address.
async fn draft(office: &Office) -> String {
    draft_of(&office.login("duong.ntt"), order(&["p_duong"], 12, 14)).await
}

/// Who ordinarily takes a step of an order of the organisation board, and with what.
fn usual(verb: &str, status: &str) -> (&'static str, Value) {
    match (verb, status) {
        ("check-funds", _) => ("ha.lt", json!({"funding_source": "autonomous"})),
        ("approve", _) => ("phuoc.dh", json!({})),
        // Nobody has claimed in most of these journeys.
        ("settle", _) => ("ha.lt", json!({"reason": "Không ai thanh toán"})),
        ("return" | "reject", "funds_checked") => ("phuoc.dh", json!({"reason": "Chưa cần thiết"})),
        ("return" | "reject", _) => ("ha.lt", json!({"reason": "Chưa đủ kinh phí"})),
        ("cancel", _) => ("duong.ntt", json!({"reason": "Hoãn chuyến đi"})),
        ("amend", _) => ("duong.ntt", json!({"reason": "Làm việc thêm một ngày"})),
        ("complete", _) => ("duong.ntt", back(12, 14)),
        _ => ("duong.ntt", json!({})),
    }
}

/// Away from 07:30 of the first day to 16:00 of the last one.
fn back(first: u32, last: u32) -> Value {
    json!({
        "starts_at": format!("2026-01-{first:02}T07:30:00+07:00"), "ends_at": format!("2026-01-{last:02}T16:00:00+07:00"),
        "permit_stamped": true,
    })
}

/// Takes the steps with the usual people and gives the last answer.
async fn walk(office: &Office, path: &str, verbs: &[&str]) -> Value {
    let mut shown = office.login("an.nv").get(path).await.expect(200);
    for verb in verbs {
        let (who, body) = usual(verb, shown["status"].as_str().unwrap());
        let answer = office.login(who).act(path, verb, body).await;
        shown = answer.expect(if *verb == "amend" { 201 } else { 200 });
    }
    shown
}

async fn approved(office: &Office) -> String {
    let path = draft(office).await;
    walk(office, &path, &["submit", "check-funds", "approve"]).await;
    path
}

/// An action on whatever version there is now.
async fn now(client: &Client, path: &str, verb: &str, body: Value) -> Answer {
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

fn reason() -> Value {
    json!({"reason": "Hoãn"})
}

async fn show(office: &Office, path: &str) -> Value {
    office.login("an.nv").get(path).await.expect(200)
}

fn figures(order: &Value) -> [i64; 4] {
    ["committed_amount", "spent_amount", "released_amount", "open_amount"]
        .map(|field| order["commitment"][field].as_i64().unwrap())
}

async fn actions(office: &Office, path: &str) -> Vec<Value> {
    let page = office.login("an.nv").get(&format!("{path}/history")).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect()
}

#[actix_web::test]
async fn an_order_goes_from_the_draft_to_the_settlement() {
    let office = Office::open().await;
    let path = draft(&office).await;
    let shown = show(&office, &path).await;
    assert_eq!((&shown["status"], &shown["revision"]), (&json!("draft"), &json!(1)));
    assert_eq!((&shown["estimate"], &shown["estimated_amount"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["traveller_id"], json!(id("p_duong")));
    assert_eq!(
        (&shown["starts_at"], &shown["ends_at"]),
        (&json!("2026-01-12T00:00:00Z"), &json!("2026-01-14T10:00:00Z"))
    );
    assert_eq!(shown["travellers"][0]["away"], false, "a draft takes nobody's time");
    // Friday morning: three working days end on Wednesday, two on Tuesday.
    let expected = [
        ("submit", "submitted", "accountant", "p_ha", json!("2025-12-17T01:00:00Z")),
        ("check-funds", "funds_checked", "board_head", "p_phuoc", json!("2025-12-16T01:00:00Z")),
        ("approve", "approved", "traveller", "p_duong", json!("2026-01-19T10:00:00Z")),
    ];
    for (verb, status, role, person, due_at) in expected {
        let shown = walk(&office, &path, &[verb]).await;
        assert_eq!((&shown["status"], &shown["waiting_on"]["role"]), (&json!(status), &json!(role)));
        assert_eq!(shown["waiting_on"]["staff"], json!([id(person)]), "{verb}");
        assert_eq!(shown["waiting_on"]["due_at"], due_at, "{verb}");
        assert_eq!(
            (&shown["estimated_amount"], &shown["estimate"]["total_amount"]),
            (&json!(900_000), &json!(900_000))
        );
        assert_eq!(shown["commitment"].is_null(), verb != "approve", "money is reserved with the approval");
    }
    let shown = show(&office, &path).await;
    assert_eq!(figures(&shown), [900_000, 0, 0, 900_000]);
    assert_eq!(
        (&shown["submitted_by_id"], &shown["funds_checked_by_id"], &shown["approved_by_id"]),
        (&json!(id("p_duong")), &json!(id("p_ha")), &json!(id("p_phuoc")))
    );
    assert_eq!(
        (&shown["funding_source"], &shown["travellers"][0]["coefficient"]),
        (&json!("autonomous"), &json!("0.00"))
    );

    office.set_clock("2026-01-15T08:00:00+07:00");
    let completed = walk(&office, &path, &["complete"]).await;
    assert_eq!(
        (&completed["status"], &completed["waiting_on"]["role"]),
        (&json!("completed"), &json!("accountant"))
    );
    assert_eq!(completed["actual"]["starts_at"], "2026-01-12T00:30:00Z");
    assert_eq!(
        (&completed["actual"]["permit_stamped"], &completed["actual"]["estimated_amount"]),
        (&json!(true), &json!(900_000))
    );
    assert_eq!(
        completed["travellers"][0]["ends_at"], "2026-01-14T09:00:00Z",
        "the rest of the day is free again"
    );
    let settled = walk(&office, &path, &["settle"]).await;
    assert_eq!((&settled["status"], &settled["waiting_on"]), (&json!("settled"), &Value::Null));
    assert_eq!(figures(&settled), [900_000, 0, 900_000, 0]);
    let expected = ["create", "submit", "check-funds", "approve", "complete", "settle"];
    assert_eq!(actions(&office, &path).await, expected);
}

#[actix_web::test]
async fn numbers_follow_each_other() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let made = duong.post(ORDERS, order(&["p_duong"], 12, 14)).await.expect(201);
        let number = made["number"].as_str().unwrap();
        numbers.push(number.strip_prefix("TO-2025-").expect(number).parse::<i64>().unwrap());
    }
    assert_eq!(numbers[1], numbers[0] + 1);
}

#[actix_web::test]
async fn a_draft_with_mistakes_names_all_of_them() {
    let office = Office::open().await;
    let mut body = order(&["p_duong", "p_duong"], 14, 12);
    body["board_id"] = json!(id("bnctu"));
    body["travellers"][1]["private_dates"] = json!(["2026-01-20"]);
    let travellers = body["travellers"].as_array_mut().unwrap();
    travellers.push(json!({"staff_id": Uuid::nil()}));
    let refused = office.login("duong.ntt").post(ORDERS, body).await;
    refused.refused(422, "validation_failed");
    let places = ["#/board_id", "#/legs/0/ends_at", "#/travellers/1/staff_id", "#/travellers/2/staff_id"]
        .map(str::to_owned);
    assert_eq!(refused.places(), places);

    let mut body = order(&["p_duong"], 12, 14);
    body["travellers"][0]["private_dates"] = json!(["2026-01-13", "2026-01-15"]);
    let refused = office.login("duong.ntt").post(ORDERS, body).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/travellers/0/private_dates/1".to_owned()]));
}

#[actix_web::test]
async fn a_traveller_holds_a_position_on_the_day_of_departure() {
    let office = Office::open().await;
    let mut body = order(&["p_duong"], 12, 14);
    body["legs"][0]["starts_at"] = json!("2018-01-10T07:00:00+07:00");
    body["legs"][0]["ends_at"] = json!("2018-01-11T07:00:00+07:00");
    let refused = office.login("duong.ntt").post(ORDERS, body).await;
    assert_eq!(refused.refused(422, "validation_failed")["errors"][0]["code"], "not_in_office");
}

#[actix_web::test]
async fn only_its_writer_and_the_head_of_the_party_carry_an_order_on() {
    let office = Office::open().await;
    let path = draft_of(&office.login("phuoc.dh"), order(&["p_nghiem", "p_duong"], 12, 14)).await;
    let other = office.login("duong.ntt");
    let version = other.get(&path).await.expect(200)["version"].as_i64().unwrap();
    other.patch(&path, version, json!({"purpose": "Khác"})).await.refused(403, "forbidden");
    now(&other, &path, "submit", json!({})).await.refused(403, "forbidden");
    now(&other, &path, "cancel", reason()).await.refused(403, "forbidden");
    now(&office.login("quang.lm"), &path, "submit", json!({})).await.refused(403, "forbidden");
    // Somebody of another board without a part in it does not learn that it exists.
    now(&office.login("chin.k"), &path, "submit", json!({})).await.refused(404, "not_found");
    let writer = office.login("phuoc.dh");
    let body = json!({"travellers": [{"staff_id": id("p_chin")}], "host": null, "legs": journey(13, 14)});
    let changed = writer.patch(&path, version, body).await.expect(200);
    assert_eq!((&changed["traveller_id"], &changed["host"]), (&json!(id("p_chin")), &Value::Null));
    assert_eq!(changed["starts_at"], "2026-01-13T00:00:00Z");
    // The head of the party reads it and carries it on, though of another board.
    let head = office.login("chin.k");
    assert_eq!(head.get(&path).await.expect(200)["version"], 2);
    now(&head, &path, "submit", json!({})).await.expect(200);
    let mine = head.get(&format!("{ORDERS}?traveller_id={}&starts_at_from=2026-01-01T00:00:00Z&starts_at_before=2027-01-01T00:00:00Z", id("p_chin"))).await.expect(200);
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
    let version = writer.get(&path).await.expect(200)["version"].as_i64().unwrap();
    writer.patch(&path, version, json!({"purpose": "Khác"})).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn no_one_decides_about_their_own_journey_or_acts_twice() {
    let office = Office::open().await;
    // The head of the board travels along, and so does not approve; the chief of office does.
    let path = draft_of(&office.login("duong.ntt"), order(&["p_duong", "p_phuoc"], 12, 14)).await;
    let shown = walk(&office, &path, &["submit", "check-funds"]).await;
    assert_eq!(shown["waiting_on"]["role"], "chief_of_office");
    now(&office.login("phuoc.dh"), &path, "approve", json!({})).await.refused(403, "four_eyes");
    now(&office.login("phuoc.dh"), &path, "reject", reason()).await.refused(403, "four_eyes");
    now(&office.login("duong.ntt"), &path, "approve", json!({})).await.refused(403, "forbidden");
    now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);

    // The accountant of the board travels along.
    let path = draft_of(&office.login("duong.ntt"), order(&["p_duong", "p_ha"], 20, 21)).await;
    let shown = walk(&office, &path, &["submit"]).await;
    assert_eq!(shown["waiting_on"]["staff"], json!([]));
    let funds = json!({"funding_source": "autonomous"});
    now(&office.login("ha.lt"), &path, "check-funds", funds.clone()).await.refused(403, "four_eyes");
    now(&office.login("dung.pq"), &path, "check-funds", funds.clone()).await.refused(404, "not_found");
    now(&office.login("bich.tt"), &path, "check-funds", funds.clone()).await.refused(403, "forbidden");

    // The head wrote the order for somebody else: another one approves.
    let path = draft_of(&office.login("phuoc.dh"), order(&["p_duong"], 26, 27)).await;
    now(&office.login("phuoc.dh"), &path, "submit", json!({})).await.expect(200);
    now(&office.login("ha.lt"), &path, "check-funds", funds).await.expect(200);
    now(&office.login("phuoc.dh"), &path, "approve", json!({})).await.refused(403, "four_eyes");
}

#[actix_web::test]
async fn who_checked_the_funds_does_not_approve() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let chief = json!({"role": "chief_of_office", "valid_from": "2025-01-01"});
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_ha")), chief).await.expect(200);
    let path = draft(&office).await;
    walk(&office, &path, &["submit", "check-funds"]).await;
    now(&office.login("ha.lt"), &path, "approve", json!({})).await.refused(403, "four_eyes");
    now(&office.login("ha.lt"), &path, "return", reason()).await.refused(403, "four_eyes");
    walk(&office, &path, &["approve"]).await;
}

#[actix_web::test]
async fn the_state_decides_which_steps_there_are() {
    let office = Office::open().await;
    let path = draft(&office).await;
    for verbs in [&[][..], &["submit"], &["check-funds"], &["approve"]] {
        let shown = walk(&office, &path, verbs).await;
        let status = shown["status"].as_str().unwrap().to_owned();
        for step in STEPS {
            let may = step.from.iter().any(|from| json!(from) == json!(status));
            let shown_as =
                shown["allowed_actions"].as_array().unwrap().iter().any(|one| one["action"] == step.verb);
            assert_eq!(shown_as, may, "{status} {}", step.verb);
            // Steps that nobody holds in this state are refused for their state to whom they ordinarily belong.
            if !may {
                let (who, body) = usual(step.verb, &status);
                let refused = now(&office.login(who), &path, step.verb, body).await;
                let told = refused.refused(409, "state_conflict");
                assert_eq!(told["current_status"], status, "{}", step.verb);
            }
        }
    }
}

#[actix_web::test]
async fn steps_that_take_something_away_need_a_reason_and_money_needs_the_version() {
    let office = Office::open().await;
    let path = draft(&office).await;
    let duong = office.login("duong.ntt");
    let refused = now(&duong, &path, "cancel", json!({})).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/reason".to_owned()]));
    walk(&office, &path, &["submit", "check-funds"]).await;
    office
        .login("phuoc.dh")
        .post(&format!("{path}/approve"), json!({}))
        .await
        .refused(428, "precondition_required");
    let stale = [("If-Match", "\"1\"")];
    let head = office.login("phuoc.dh");
    let approve = format!("{path}/approve");
    head.send(Method::POST, &approve, Some(json!({})), &stale).await.refused(412, "version_conflict");
    let line = json!({"funding_source": "autonomous", "budget_line_id": Uuid::nil()});
    let path = draft_of(&duong, order(&["p_nghiem"], 12, 14)).await;
    now(&duong, &path, "submit", json!({})).await.expect(200);
    let refused = now(&office.login("ha.lt"), &path, "check-funds", line).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/budget_line_id".to_owned()]));
}

#[actix_web::test]
async fn a_returned_order_is_corrected_and_goes_the_way_again() {
    let office = Office::open().await;
    let path = draft(&office).await;
    let returned = walk(&office, &path, &["submit", "check-funds", "return"]).await;
    assert_eq!(
        (&returned["status"], &returned["decision_reason"]),
        (&json!("returned"), &json!("Chưa cần thiết"))
    );
    assert_eq!(returned["travellers"][0]["away"], false);
    let version = returned["version"].as_i64().unwrap();
    office.login("duong.ntt").patch(&path, version, json!({"legs": journey(12, 13)})).await.expect(200);
    let again = walk(&office, &path, &["submit"]).await;
    assert_eq!((&again["estimated_amount"], &again["decision_reason"]), (&json!(600_000), &Value::Null));
    assert_eq!((&again["funds_checked_by_id"], &again["funding_source"]), (&Value::Null, &Value::Null));
    let approved = walk(&office, &path, &["check-funds", "approve"]).await;
    assert_eq!(figures(&approved), [600_000, 0, 0, 600_000]);
}

#[actix_web::test]
async fn nobody_is_away_for_two_orders_at_once() {
    let office = Office::open().await;
    let first = draft_of(&office.login("duong.ntt"), order(&["p_nghiem", "p_duong"], 12, 14)).await;
    let shown = walk(&office, &first, &["submit"]).await;
    // The same people, and one of them with somebody else; both orders begin before the first one ends.
    let clash = draft_of(&office.login("duong.ntt"), order(&["p_duong", "p_nghiem"], 14, 16)).await;
    let refused =
        now(&office.login("duong.ntt"), &clash, "submit", json!({})).await.refused(409, "traveller_away");
    let away = refused["away"].as_array().unwrap();
    assert_eq!(away.len(), 2, "both are named");
    assert!(away.iter().all(|one| one["order_id"] == shown["id"] && one["number"] == shown["number"]));
    assert!(refused["detail"].as_str().unwrap().contains(shown["number"].as_str().unwrap()));
    assert_eq!(show(&office, &clash).await["status"], "draft");

    // Another board learns that the person is away, and no more.
    let mut body = order(&["p_chin", "p_nghiem"], 13, 13);
    body["board_id"] = json!(id("bnctu"));
    let path = draft_of(&office.login("chin.k"), body).await;
    let refused =
        now(&office.login("chin.k"), &path, "submit", json!({})).await.refused(409, "traveller_away");
    assert_eq!(refused["away"][0]["staff_id"], json!(id("p_nghiem")));
    assert_eq!(
        (&refused["away"][0]["order_id"], &refused["away"][0]["number"]),
        (&Value::Null, &Value::Null)
    );
    assert!(!refused["detail"].as_str().unwrap().contains("TO-"));

    // Half-open: who is back at 17:00 may leave at 17:00.
    let mut body = order(&["p_duong"], 14, 15);
    body["legs"][0]["starts_at"] = json!("2026-01-14T17:00:00+07:00");
    let evening = draft_of(&office.login("duong.ntt"), body).await;
    walk(&office, &evening, &["submit"]).await;
    now(&office.login("duong.ntt"), &evening, "cancel", reason()).await.expect(200);

    walk(&office, &first, &["return"]).await;
    walk(&office, &clash, &["submit"]).await;
    now(&office.login("duong.ntt"), &first, "submit", json!({})).await.refused(409, "traveller_away");
    for (verb, gives_back) in [("reject", true), ("cancel", true)] {
        let path = draft_of(&office.login("duong.ntt"), order(&["p_duong"], 20, 21)).await;
        walk(&office, &path, &["submit", verb]).await;
        assert_eq!(show(&office, &path).await["travellers"][0]["away"], !gives_back, "{verb}");
    }
}

#[actix_web::test]
async fn the_database_itself_sends_nobody_out_twice() {
    let office = Office::open().await;
    let first = draft(&office).await;
    walk(&office, &first, &["submit"]).await;
    let second = draft(&office).await;
    let second: Uuid = second.rsplit('/').next().unwrap().parse().unwrap();
    let row = travel_order_travellers::Entity::find()
        .filter(travel_order_travellers::Column::OrderId.eq(second))
        .one(&office.app.db.writer)
        .await
        .unwrap();
    let mut row = row.unwrap().into_active_model();
    row.away = Set(true);
    let error = shared_office::error::ApiError::from(row.update(&office.app.db.writer).await.unwrap_err());
    assert_eq!(error.code().name(), "traveller_away");
}

#[actix_web::test]
async fn a_day_after_the_order_is_not_paid_until_it_is_amended() {
    let office = Office::open().await;
    let vectors: Value = serde_json::from_str(include_str!("travel_period_vectors.json")).unwrap();
    let days = |period: &Value| {
        json!({"starts_at": format!("{}T07:00:00+07:00", period["from_date"].as_str().unwrap()),
               "ends_at": format!("{}T17:00:00+07:00", period["to_date"].as_str().unwrap())})
    };
    for vector in vectors.as_array().unwrap() {
        let mut body = order(&["p_duong"], 12, 14);
        let authorized = days(&vector["input"]["authorized"]);
        body["legs"][0]["starts_at"] = authorized["starts_at"].clone();
        body["legs"][0]["ends_at"] = authorized["ends_at"].clone();
        body["legs"][0]["place_class"] = json!("a");
        let path = draft_of(&office.login("duong.ntt"), body).await;
        walk(&office, &path, &["submit", "check-funds", "approve"]).await;
        let mut claimed = days(&vector["input"]["claimed"]);
        claimed["permit_stamped"] = json!(true);
        let answer = now(&office.login("duong.ntt"), &path, "complete", claimed).await;
        let expected = &vector["expected"];
        if expected["outcome"] == "accepted" {
            answer.expect(200);
        } else {
            let code = expected["error_code"].as_str().unwrap();
            assert_eq!(answer.refused(422, code)["unpaid_dates"], expected["unpaid_dates"]);
            assert_eq!(show(&office, &path).await["status"], "approved");
            now(&office.login("duong.ntt"), &path, "cancel", reason()).await.expect(200);
        }
    }
}

#[actix_web::test]
async fn a_journey_is_told_after_it_was_made_and_as_it_was_made() {
    let office = Office::open().await;
    let path = approved(&office).await;
    let duong = office.login("duong.ntt");
    let early = now(&duong, &path, "complete", back(12, 14)).await;
    assert_eq!((early.status, early.places()), (422, vec!["#/ends_at".to_owned()]), "it is still December");
    office.set_clock("2026-01-20T08:00:00+07:00");
    let turned = json!({"starts_at": "2026-01-13T07:00:00+07:00", "ends_at": "2026-01-13T07:00:00+07:00", "permit_stamped": false});
    assert_eq!(now(&duong, &path, "complete", turned).await.places(), ["#/ends_at"]);
    let mut outside = back(12, 13);
    outside["legs"] = journey(12, 14);
    assert_eq!(now(&duong, &path, "complete", outside).await.places(), ["#/legs/0"]);
    let mut shorter = back(12, 13);
    shorter["legs"] = json!([{
        "from_place": "Buôn Ma Thuột", "to_place": "Ninh Hòa", "starts_at": "2026-01-12T07:30:00+07:00",
        "ends_at": "2026-01-13T16:00:00+07:00", "place_class": "province", "transport": "office_car", "lodging": "none",
    }]);
    shorter["note"] = json!("Về sớm một ngày");
    let shown = now(&duong, &path, "complete", shorter).await.expect(200);
    assert_eq!(
        (&shown["actual"]["estimated_amount"], &shown["estimated_amount"]),
        (&json!(600_000), &json!(900_000))
    );
    assert_eq!(
        (&shown["actual"]["legs"][0]["to_place"], &shown["legs"][0]["to_place"]),
        (&json!("Ninh Hòa"), &json!("Nha Trang"))
    );
    // Who came back a day early may be sent out again on that day.
    let next = draft_of(&duong, order(&["p_duong"], 14, 14)).await;
    now(&duong, &next, "submit", json!({})).await.expect(200);
}

#[actix_web::test]
async fn an_amendment_takes_the_place_of_the_order_when_it_is_approved() {
    let office = Office::open().await;
    let first = approved(&office).await;
    let duong = office.login("duong.ntt");
    let made = walk(&office, &first, &["amend"]).await;
    let second = format!("{ORDERS}/{}", made["id"].as_str().unwrap());
    let before = show(&office, &first).await;
    assert_eq!(made["number"], format!("{}/2", before["number"].as_str().unwrap()));
    assert_eq!(
        (&made["status"], &made["revision"], &made["amends_id"]),
        (&json!("draft"), &json!(2), &before["id"])
    );
    assert_eq!((&made["amend_reason"], &made["legs"]), (&json!("Làm việc thêm một ngày"), &before["legs"]));
    assert_eq!((&before["amended_by_id"], &before["status"]), (&made["id"], &json!("approved")));
    now(&duong, &first, "amend", reason()).await.refused(409, "in_use");
    now(&duong, &first, "cancel", reason()).await.refused(409, "in_use");
    now(&duong, &first, "complete", back(12, 14)).await.refused(409, "in_use");

    duong.patch(&second, 1, json!({"legs": journey(12, 15)})).await.expect(200);
    let shown = walk(&office, &second, &["submit", "check-funds"]).await;
    assert_eq!(shown["estimated_amount"], 1_200_000);
    assert_eq!(shown["travellers"][0]["away"], false, "the version in force holds the time");
    let before = show(&office, &first).await;
    assert_eq!((&before["travellers"][0]["away"], figures(&before)[0]), (&json!(true), 900_000));

    let after = walk(&office, &second, &["approve"]).await;
    assert_eq!(figures(&after), [1_200_000, 0, 0, 1_200_000]);
    assert_eq!(after["travellers"][0]["away"], true);
    let before = show(&office, &first).await;
    assert_eq!((&before["status"], &before["commitment"]), (&json!("superseded"), &Value::Null));
    assert_eq!((&before["travellers"][0]["away"], &before["waiting_on"]), (&json!(false), &Value::Null));
    now(&duong, &first, "amend", reason()).await.refused(409, "state_conflict");

    // The next version is the third, also where one was given up in between.
    let third = walk(&office, &second, &["amend"]).await;
    assert_eq!(third["revision"], 3);
    now(&duong, &format!("{ORDERS}/{}", third["id"].as_str().unwrap()), "cancel", reason()).await.expect(200);
    let fourth = walk(&office, &second, &["amend"]).await;
    assert_eq!((&fourth["revision"], fourth["number"].as_str().unwrap().ends_with("/4")), (&json!(4), true));
    let fourth = format!("{ORDERS}/{}", fourth["id"].as_str().unwrap());
    // A shorter journey gives money back.
    duong.patch(&fourth, 1, json!({"legs": journey(12, 12)})).await.expect(200);
    let last = walk(&office, &fourth, &["submit", "check-funds", "approve"]).await;
    assert_eq!(figures(&last), [150_000, 0, 0, 150_000]);
    let all = commitments::Entity::find()
        .filter(commitments::Column::DocumentId.eq(last["id"].as_str().unwrap().parse::<Uuid>().unwrap()))
        .all(&office.app.db.writer)
        .await
        .unwrap();
    assert_eq!(all.iter().map(|row| row.committed_amount).sum::<i64>(), 150_000, "it is the same commitment");
}

#[actix_web::test]
async fn an_amendment_meets_other_orders_but_not_its_own() {
    let office = Office::open().await;
    let first = approved(&office).await;
    let duong = office.login("duong.ntt");
    let made = walk(&office, &first, &["amend"]).await;
    let second = format!("{ORDERS}/{}", made["id"].as_str().unwrap());
    duong.patch(&second, 1, json!({"legs": journey(12, 16)})).await.expect(200);
    walk(&office, &second, &["submit", "check-funds"]).await;
    // Meanwhile another order takes the days that the amendment only wishes for.
    let other = draft_of(&duong, order(&["p_duong"], 15, 16)).await;
    walk(&office, &other, &["submit"]).await;
    now(&office.login("phuoc.dh"), &second, "approve", json!({})).await.refused(409, "traveller_away");
    let before = show(&office, &first).await;
    assert_eq!((&before["status"], figures(&before)), (&json!("approved"), [900_000, 0, 0, 900_000]));
    assert_eq!(before["travellers"][0]["away"], true, "a refusal changes nothing");
    now(&duong, &other, "cancel", reason()).await.expect(200);
    walk(&office, &second, &["approve"]).await;
}

/// A claim of the order, as it would stand at a status.
async fn claim_on(office: &Office, order: &str, status: expense_claims::ClaimStatus) -> Uuid {
    let line =
        json!({"kind": "other", "incurred_on": "2025-12-10", "description": "Vé", "claimed_amount": 1000});
    let body = json!({"board_id": id("btctu"), "kind": "travel", "purpose": "Thanh toán", "lines": [line]});
    let made = office.login("duong.ntt").post("/v1/expense-claims", body).await.expect(201);
    let claim: Uuid = made["id"].as_str().unwrap().parse().unwrap();
    let row = expense_claims::Entity::find_by_id(claim).one(&office.app.db.writer).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    row.travel_order_id = Set(Some(order.rsplit('/').next().unwrap().parse().unwrap()));
    row.status = Set(status);
    row.update(&office.app.db.writer).await.unwrap();
    claim
}

#[actix_web::test]
async fn an_order_with_claims_is_not_cancelled_and_settled_only_when_they_are_done() {
    use expense_claims::ClaimStatus::{Draft, Paid, Rejected, Submitted};
    let office = Office::open().await;
    let path = approved(&office).await;
    let claim = claim_on(&office, &path, Submitted).await;
    claim_on(&office, &path, Rejected).await;
    let number =
        expense_claims::Entity::find_by_id(claim).one(&office.app.db.writer).await.unwrap().unwrap().number;
    let refused = now(&office.login("duong.ntt"), &path, "cancel", reason()).await.refused(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains(&number));

    // An amendment takes them over.
    let made = walk(&office, &path, &["amend"]).await;
    let second = format!("{ORDERS}/{}", made["id"].as_str().unwrap());
    walk(&office, &second, &["submit", "check-funds", "approve"]).await;
    let moved = expense_claims::Entity::find_by_id(claim).one(&office.app.db.writer).await.unwrap().unwrap();
    assert_eq!((json!(moved.travel_order_id), moved.version), (made["id"].clone(), 2));

    office.set_clock("2026-01-15T08:00:00+07:00");
    walk(&office, &second, &["complete"]).await;
    let accountant = office.login("ha.lt");
    now(&accountant, &second, "settle", json!({})).await.refused(409, "in_use");
    for (status, answer) in [(Draft, 409), (Paid, 200)] {
        let mut row = moved.clone().into_active_model();
        row.status = Set(status);
        row.update(&office.app.db.writer).await.unwrap();
        assert_eq!(now(&accountant, &second, "settle", json!({})).await.status, answer);
    }
}

/// The order's id, for the money that claims spend of it.
fn document(path: &str) -> Document {
    Document::travel_order(path.rsplit('/').next().unwrap().parse().unwrap())
}

#[actix_web::test]
async fn no_more_is_spent_than_was_committed() {
    let office = Office::open().await;
    let path = approved(&office).await;
    let version = show(&office, &path).await["version"].as_i64().unwrap();
    let line = show(&office, &path).await["funds"][0]["budget_line_id"].as_str().unwrap().parse().unwrap();
    let spend = async |paper: &str, amount: i64| {
        transaction(&office.app, &Actor::system(), async |tx| {
            let shares = [(line, amount)].into();
            money::spend(tx, document(&path), Document::claim(id(paper)), &shares, &Shares::new()).await
        })
        .await
    };
    let give_back = async |paper: &str| {
        transaction(&office.app, &Actor::system(), async |tx| {
            money::unspend(tx, document(&path), Document::claim(id(paper))).await
        })
        .await
    };
    spend("a", 500_000).await.unwrap();
    spend("b", 100_000).await.unwrap();
    let shown = show(&office, &path).await;
    assert_eq!((figures(&shown), &shown["version"]), ([900_000, 600_000, 0, 300_000], &json!(version + 2)));
    let refused = spend("c", 300_001).await.unwrap_err();
    assert_eq!(refused.code().name(), "commitment_exceeded");
    assert_eq!(refused.problem().more["commitment"]["open_amount"], 300_000);
    assert_eq!(give_back("b").await.unwrap(), 100_000);
    assert_eq!(give_back("b").await.unwrap(), 0, "only once");
    assert_eq!(figures(&show(&office, &path).await), [900_000, 500_000, 0, 400_000]);

    // An amendment below what is spent is refused as it is approved.
    let made = walk(&office, &path, &["amend"]).await;
    let second = format!("{ORDERS}/{}", made["id"].as_str().unwrap());
    office.login("duong.ntt").patch(&second, 1, json!({"legs": journey(12, 12)})).await.expect(200);
    walk(&office, &second, &["submit", "check-funds"]).await;
    let refused = now(&office.login("phuoc.dh"), &second, "approve", json!({})).await;
    let figures_told = &refused.refused(409, "commitment_exceeded")["commitment"];
    assert_eq!(figures_told["spent_amount"], 500_000);
    now(&office.login("duong.ntt"), &second, "cancel", reason()).await.expect(200);

    office.set_clock("2026-01-15T08:00:00+07:00");
    let settled = walk(&office, &path, &["complete", "settle"]).await;
    assert_eq!(figures(&settled), [900_000, 500_000, 400_000, 0]);
    // A payment that is reversed later gives the money back at once.
    give_back("a").await.unwrap();
    assert_eq!(figures(&show(&office, &path).await), [900_000, 0, 900_000, 0]);
    assert_eq!(spend("c", 1).await.unwrap_err().code().name(), "commitment_exceeded");
    let told = actions(&office, &path).await;
    assert_eq!(told.iter().filter(|action| **action == json!("spend")).count(), 2);
}

#[actix_web::test]
async fn the_database_itself_refuses_money_that_is_not_there() {
    let office = Office::open().await;
    let path = approved(&office).await;
    let order: Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    let row = commitments::Entity::find()
        .filter(commitments::Column::DocumentId.eq(order))
        .one(&office.app.db.writer)
        .await
        .unwrap()
        .unwrap();
    for change in [
        "spent_amount = 900001",
        "spent_amount = -1",
        "released_amount = -1",
        "committed_amount = -1",
        "spent_amount = 500000, released_amount = 400001",
        "committed_amount = 1000000000000000",
        "closed_at = created_at",
        "funding_source = 'other'",
    ] {
        let of_it = match office.app.db.backend() {
            sea_orm::DbBackend::Postgres => format!("id = '{}'", row.id),
            _ => "committed_amount = 900000 AND released_amount = 0".to_owned(),
        };
        let sql = format!("UPDATE commitments SET {change} WHERE {of_it}");
        let refused = office.app.db.writer.execute_unprepared(&sql).await;
        assert!(refused.is_err(), "{change}");
    }
    assert_eq!(figures(&show(&office, &path).await), [900_000, 0, 0, 900_000]);
}

#[actix_web::test]
async fn lists_are_filtered_and_ordered() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    for day in [12, 19, 26] {
        let path = draft_of(&duong, order(&["p_duong", "p_nghiem"], day, day + 1)).await;
        if day == 19 {
            walk(&office, &path, &["submit"]).await;
        }
    }
    let list = async |query: &str| -> Vec<String> {
        let page =
            duong.get(&format!("{ORDERS}?created_at_from=2025-12-12T01:00:00Z&{query}")).await.expect(200);
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["starts_at"].as_str().unwrap()[8..10].to_owned()).collect()
    };
    assert_eq!(list("sort=starts_at").await, ["12", "19", "26"]);
    assert_eq!(list("").await, ["26", "19", "12"]);
    assert_eq!(list("sort=-created_at").await.len(), 3);
    assert_eq!(list("status=submitted").await, ["19"]);
    assert_eq!(list("status=submitted&status=draft&sort=starts_at").await, ["12", "19", "26"]);
    assert_eq!(
        list("starts_at_from=2026-01-19T00:00:00Z&starts_at_before=2026-01-25T00:00:00Z").await,
        ["19"]
    );
    assert_eq!(list(&format!("traveller_id={}&limit=1", id("p_nghiem"))).await, ["26"]);
    assert_eq!(list(&format!("traveller_id={}", id("p_vinh"))).await, Vec::<String>::new());
    assert_eq!(list("q=KHAO%20SAT%20khanh").await, Vec::<String>::new());
    assert_eq!(list("q=khanh%20hoa").await.len(), 3);
    assert_eq!(list(&format!("board_id={}", id("bnctu"))).await, Vec::<String>::new());
    let page = duong.get(&format!("{ORDERS}?status=submitted")).await.expect(200);
    let plain = &page["items"][0];
    assert_eq!(
        (&plain["estimate"], &plain["allowed_actions"], &plain["travellers"][0]["full_name"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let page = duong
        .get(&format!("{ORDERS}?status=submitted&expand=estimate&expand=allowed_actions&expand=travellers"))
        .await
        .expect(200);
    let full = &page["items"][0];
    assert!(
        full["estimate"].is_object()
            && full["allowed_actions"].is_array()
            && full["travellers"][0]["full_name"].is_string()
    );
}

#[actix_web::test]
async fn a_page_costs_the_same_queries_however_long_it_is() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    for day in 10..20 {
        let body = order(&["p_duong", "p_nghiem"], day, day + 1);
        draft_of(&duong, body).await;
    }
    let (address, statements) = office.watched_process().await;
    let watched = office.login_at(&address, "duong.ntt");
    let mut counts = Vec::new();
    for limit in [2, 10] {
        statements.lock().unwrap().clear();
        watched
            .get(&format!("{ORDERS}?limit={limit}&expand=estimate&expand=allowed_actions&expand=travellers"))
            .await
            .expect(200);
        counts.push(statements.lock().unwrap().len());
    }
    assert_eq!(counts[0], counts[1]);
}

#[actix_web::test]
async fn a_script_limited_to_boards_sees_no_orders_of_others() {
    let office = Office::open().await;
    let path = draft_of(&office.login("duong.ntt"), order(&["p_chin"], 12, 14)).await;
    office.login("chin.k").get(&path).await.expect(200);
    let admin = office.login("kien.ht");
    let body = json!({"name": "to-bnctu", "owner_id": id("lg_chin"), "scopes": ["travel.read", "travel.request"], "board_ids": [id("bnctu")]});
    let account = admin.post("/v1/service-accounts", body).await.expect(201);
    let issue = format!("/v1/service-accounts/{}/issue-key", account["id"].as_str().unwrap());
    let key = admin.post(&issue, json!({})).await.expect(200);
    let script = office.visitor().with_key(key["key"].as_str().unwrap());
    script.get(&path).await.refused(404, "not_found");
    now(&script, &path, "submit", json!({})).await.refused(404, "not_found");
}

/// The statuses in order of size; none of them a fault of the service.
fn statuses<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Vec<u16> {
    let told = answers.into_iter().map(|answer| {
        assert!(answer.status < 500, "{}", answer.text);
        answer.status
    });
    let mut statuses: Vec<u16> = told.collect();
    statuses.sort_unstable();
    statuses
}

/// Somebody at both processes, signed in.
async fn at_both(office: &Office, second: &str, who: &str) -> [Client; 2] {
    let both = [office.login(who), office.login_at(second, who)];
    both[0].token().await;
    both
}

#[actix_web::test]
async fn of_two_approvals_one_commits_the_money() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let [here, there] = [office.login("phuoc.dh"), office.login_at(&second, "an.nv")];
    for day in [12, 14, 16, 18] {
        let path = draft_of(&office.login("duong.ntt"), order(&["p_duong"], day, day)).await;
        walk(&office, &path, &["submit", "check-funds"]).await;
        let (one, other) =
            join(now(&here, &path, "approve", json!({})), now(&there, &path, "approve", json!({}))).await;
        assert_eq!(statuses([&one, &other]), [200, 409]);
        assert_eq!(figures(&show(&office, &path).await), [150_000, 0, 0, 150_000]);
    }
}

#[actix_web::test]
async fn an_approval_and_a_cancellation_have_one_order() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let [head, writer] = [office.login("phuoc.dh"), office.login_at(&second, "duong.ntt")];
    writer.token().await;
    for day in [12, 14, 16, 18] {
        let path = draft_of(&office.login("duong.ntt"), order(&["p_duong"], day, day)).await;
        walk(&office, &path, &["submit", "check-funds"]).await;
        let (approval, cancellation) =
            join(now(&head, &path, "approve", json!({})), now(&writer, &path, "cancel", reason())).await;
        assert_eq!(cancellation.expect(200)["status"], "cancelled", "it may be cancelled before and after");
        statuses([&approval, &cancellation]);
        let shown = show(&office, &path).await;
        assert_eq!((&shown["status"], &shown["travellers"][0]["away"]), (&json!("cancelled"), &json!(false)));
        match approval.status {
            200 => assert_eq!(figures(&shown), [150_000, 0, 150_000, 0]),
            status => assert_eq!((status, &shown["commitment"]), (409, &Value::Null)),
        }
    }
}

#[actix_web::test]
async fn of_two_orders_of_one_traveller_one_is_submitted() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let desks = at_both(&office, &second, "duong.ntt").await;
    for day in [5, 9, 13, 17] {
        let mut paths = Vec::new();
        // Named in different orders, so that careless locks would wait for each other.
        for party in [["p_duong", "p_nghiem"], ["p_nghiem", "p_duong"], ["p_chin", "p_nghiem"]] {
            paths.push(draft_of(&desks[0], order(&party, day, day + 2)).await);
        }
        let submits = paths.iter().enumerate().map(|(n, path)| now(&desks[n % 2], path, "submit", json!({})));
        let answers = join_all(submits).await;
        assert_eq!(statuses(&answers), [200, 409, 409]);
        for refused in answers.iter().filter(|answer| answer.status == 409) {
            refused.refused(409, "traveller_away");
        }
    }
}

#[actix_web::test]
async fn an_order_is_amended_by_one_version_at_a_time() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let desks = at_both(&office, &second, "duong.ntt").await;
    let path = approved(&office).await;
    let amends = (0..6).map(|n| now(&desks[n % 2], &path, "amend", json!({"reason": "Đổi ngày"})));
    let answers = join_all(amends).await;
    assert_eq!(statuses(&answers), [201, 409, 409, 409, 409, 409]);
    answers
        .iter()
        .filter(|answer| answer.status == 409)
        .for_each(|answer| drop(answer.refused(409, "in_use")));
}

#[actix_web::test]
async fn an_amendment_and_a_cancellation_of_its_order_never_both_win() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let desks = at_both(&office, &second, "duong.ntt").await;
    for day in [5, 9, 13, 17] {
        let path = draft_of(&desks[0], order(&["p_duong"], day, day)).await;
        walk(&office, &path, &["submit", "check-funds", "approve"]).await;
        let (amended, cancelled) =
            join(now(&desks[0], &path, "amend", reason()), now(&desks[1], &path, "cancel", reason())).await;
        let outcome = (amended.status, cancelled.status);
        assert!(outcome == (201, 409) || outcome == (409, 200), "{outcome:?}");
        if amended.status == 201 {
            let made = format!("{ORDERS}/{}", amended.body["id"].as_str().unwrap());
            now(&desks[0], &made, "cancel", reason()).await.expect(200);
        }
    }
}

#[actix_web::test]
async fn two_payments_never_spend_the_same_money() {
    let office = Office::open().await;
    let path = approved(&office).await;
    let other = office.second_app().await;
    let apps = [&office.app, &other];
    let line = show(&office, &path).await["funds"][0]["budget_line_id"].as_str().unwrap().parse().unwrap();
    let spends = (0..6).map(|n| {
        let path = &path;
        async move {
            transaction(apps[n % 2], &Actor::system(), async |tx| {
                let (shares, paper) = ([(line, 250_000)].into(), Document::claim(id(&n.to_string())));
                money::spend(tx, document(path), paper, &shares, &Shares::new()).await
            })
            .await
        }
    });
    let outcomes = join_all(spends).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    refused.for_each(|error| assert_eq!(error.code().name(), "commitment_exceeded"));
    assert_eq!(figures(&show(&office, &path).await), [900_000, 750_000, 0, 150_000]);
}
