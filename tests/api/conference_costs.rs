//! The costs of conferences: estimated by the rates, planned, committed by somebody else, claimed within the plan, settled.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::{join, join_all};
use reqwest::Method;
use uuid::Uuid;

use crate::support::travel::given_line_of;
use crate::support::{Answer, Client, Office, Value, id, json};

const CLAIMS: &str = "/v1/expense-claims";
const CONFERENCES: &str = "/v1/conferences";
const ESTIMATES: &str = "/v1/conference-estimates";

/// Vouchers and invoices are used once.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Worked examples of the rules.
fn vectors(operation: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("conference_vectors.json")).unwrap();
    let found: Vec<Value> = all.into_iter().filter(|row| row["operation"] == operation).collect();
    assert!(!found.is_empty(), "{operation}");
    found
}

fn codes(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    let codes = errors.iter().map(|error| error["code"].as_str().unwrap().to_owned());
    answer.places().iter().zip(codes).map(|(place, code)| format!("{place} {code}")).collect()
}

/// The example's answer, or its refusal, which names its code.
async fn answered(client: &Client, row: &Value, mut body: Value) -> Option<Value> {
    body["on"] = row["input"].get("date").cloned().unwrap_or(json!("2025-12-03"));
    body["table"] = row["input"].get("table").cloned().unwrap_or_default();
    let answer = client.post(ESTIMATES, body).await;
    let expected = &row["expected"];
    if expected["outcome"] != "refused" {
        return Some(answer.expect(200));
    }
    assert_eq!(answer.status, expected["http_status"], "{}: {}", row["id"], answer.text);
    assert_eq!(answer.body["errors"][0]["code"], expected["error_code"], "{}", row["id"]);
    if let Some(ceiling) = expected["ceiling_vnd"].as_i64() {
        let told = answer.body["errors"][0]["detail"].as_str().unwrap().replace('.', "");
        assert!(told.contains(&ceiling.to_string()), "{told}");
    }
    None
}

#[actix_web::test]
async fn costs_are_estimated_as_the_examples_say() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let input = |row: &Value, names: &[&str]| -> Value {
        names.iter().map(|name| ((*name).to_owned(), row["input"][*name].clone())).collect()
    };
    let mut seen = 0;
    for row in vectors("conference_refreshments") {
        seen += 1;
        let body = json!({"refreshments": [input(&row, &["delegates", "sessions"])]});
        let Some(answer) = answered(&client, &row, body).await else { continue };
        let found = json!({"amount_vnd": answer["total_amount"], "verification": answer["verification"]});
        assert_eq!(found, row["expected"], "{}", row["id"]);
    }
    for row in vectors("conference_meal_support") {
        seen += 1;
        let members = ["place_class", "persons", "days", "collective_catering", "for_whom"];
        let body = json!({"meal_support": [input(&row, &members)]});
        let Some(answer) = answered(&client, &row, body).await else { continue };
        let found = json!({"amount_vnd": answer["total_amount"], "verification": answer["verification"]});
        assert_eq!(found, row["expected"], "{}", row["id"]);
    }
    for row in vectors("hospitality_ceiling") {
        seen += 1;
        let mut item = input(&row, &["kind", "persons"]);
        item["sessions"] = row["input"]["sessions"].clone();
        let Some(answer) = answered(&client, &row, json!({"hospitality": [item]})).await else { continue };
        let found = json!({"ceiling_vnd": answer["lines"][0]["ceiling_amount"], "verification": answer["verification"]});
        assert_eq!(found, row["expected"], "{}", row["id"]);
    }
    for row in vectors("hospitality_line") {
        seen += 1;
        let persons = row["input"].get("persons").cloned().unwrap_or(json!(1));
        let item =
            json!({"kind": row["input"]["kind"], "persons": persons, "amount": row["input"]["amount_vnd"]});
        assert!(answered(&client, &row, json!({"hospitality": [item]})).await.is_none());
    }
    assert_eq!(seen, 15);
}

#[actix_web::test]
async fn an_estimate_explains_each_amount_and_refuses_everything_at_once() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let body = json!({
        "on": "2025-12-18", "refreshments": [{"delegates": 150, "sessions": 2}],
        "lodging": [{"place_class": "province", "coefficient": "0.40", "persons": 3, "nights": 2}],
        "hospitality": [{"kind": "meal", "persons": 10, "amount": 2_000_000}],
        "other": [{"kind": "conference_speaker", "description": "Báo cáo viên", "quantity": 2, "unit_amount": 1_500_000}],
    });
    let answer = client.post(ESTIMATES, body).await.expect(200);
    let lines = answer["lines"].as_array().unwrap();
    let told: Vec<_> = lines.iter().map(|line| json!([line["item"], line["kind"], line["amount"]])).collect();
    let lodging = lines[1]["amount"].as_i64().unwrap();
    assert_eq!(
        json!(told),
        json!([
            ["refreshments/0", "conference_refreshments", 6_000_000],
            ["lodging/0", "conference_lodging", lodging],
            ["hospitality/0", "hospitality_meal", 2_000_000],
            ["other/0", "conference_speaker", 3_000_000],
        ])
    );
    assert_eq!(lodging, 6 * lines[1]["rate_amount"].as_i64().unwrap());
    assert_eq!(lines[0]["working"], "150 đại biểu x 2 buổi x 20.000 đ");
    let rate = &lines[0]["rates"][0];
    assert_eq!((&rate["rate_id"], &rate["document_number"]), (&json!(id("cr_qc01")), &json!("01-QC/VPTU")));
    assert_eq!(lines[2]["ceiling_amount"], 3_000_000);
    assert_eq!(answer["verification"], "demo");
    // By the state's circular alone the rate is another one, and not proved.
    let state = json!({"on": "2025-12-18", "table": "TT12-2025", "refreshments": [{"delegates": 150, "sessions": 2}]});
    let state = client.post(ESTIMATES, state).await.expect(200);
    assert_eq!((&state["total_amount"], &state["verification"]), (&json!(12_000_000), &json!("unverified")));

    let wrong = json!({
        "on": "2018-10-31", "refreshments": [{"delegates": 1, "sessions": 1, "on": "2010-01-01"}],
        "hospitality": [{"kind": "gift", "persons": 1, "on": "2025-12-18"}, {"kind": "meal", "persons": 1}],
        "other": [
            {"kind": "hospitality_meal", "description": "Tiếp khách", "quantity": 1, "unit_amount": 1},
            {"kind": "gift", "description": "Quà", "quantity": 1, "unit_amount": 1},
            {"kind": "conference_hall_hire", "description": "Hội trường", "quantity": 1_000_000, "unit_amount": 999_999_999_999_999_i64},
        ],
    });
    let refused = client.post(ESTIMATES, wrong).await;
    refused.refused(422, "validation_failed");
    let mut told = codes(&refused);
    told.sort();
    assert_eq!(
        told,
        [
            "#/hospitality/0/kind gift_not_allowed",
            "#/hospitality/1 rate_not_found",
            "#/other/0/kind norm_bound",
            "#/other/1/kind gift_not_allowed",
            "#/other/2/unit_amount out_of_range",
            "#/refreshments/0 rate_not_found",
        ]
    );
    client.post(ESTIMATES, json!({"on": "2025-12-18"})).await.refused(422, "validation_failed");
}

/// A conference of the organisation board; its address.
async fn held(office: &Office, kind: &str) -> String {
    let body = json!({
        "kind": kind, "name": "Giao ban công tác tổ chức", "board_id": id("btctu"), "place": "Hội trường Tỉnh ủy",
        "starts_at": "2025-12-10T08:00:00+07:00", "ends_at": "2025-12-10T17:00:00+07:00", "delegate_count": 50,
        "coordinator_id": id("p_duong"),
    });
    let made = office.login("duong.ntt").post(CONFERENCES, body).await.expect(201);
    format!("{CONFERENCES}/{}", made["id"].as_str().unwrap())
}

/// Speakers for so much, and refreshments for 50 delegates in one half day: 1,000,000.
fn plan(speakers: i64) -> Value {
    json!({"estimate": {
        "on": "2025-12-10", "refreshments": [{"delegates": 50, "sessions": 1}],
        "other": [{"kind": "conference_speaker", "description": "Báo cáo viên", "quantity": 1, "unit_amount": speakers}],
    }})
}

async fn now(client: &Client, path: &str, verb: &str, body: Value) -> Answer {
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

async fn planned(office: &Office, path: &str, speakers: i64) -> Value {
    now(&office.login("duong.ntt"), path, "plan-costs", plan(speakers)).await.expect(200)
}

async fn committed(office: &Office, path: &str, speakers: i64) -> Value {
    planned(office, path, speakers).await;
    now(&office.login("phuoc.dh"), path, "commit-funds", json!({})).await.expect(200)
}

async fn costs(office: &Office, path: &str) -> Value {
    office.login("an.nv").get(&format!("{path}/costs")).await.expect(200)
}

/// Committed, spent, released, open.
async fn money(office: &Office, path: &str) -> [i64; 4] {
    let shown = office.login("an.nv").get(path).await.expect(200);
    ["committed_amount", "spent_amount", "released_amount", "open_amount"]
        .map(|field| shown["costs"][field].as_i64().unwrap())
}

/// Available, committed, spent.
async fn balances(office: &Office, line: Uuid) -> [i64; 3] {
    let shown = office.login("an.nv").get(&format!("/v1/budget-lines/{line}")).await.expect(200);
    ["available_amount", "committed_amount", "spent_amount"].map(|field| shown[field].as_i64().unwrap())
}

/// The line of speakers with 10,000,000.
async fn speakers(office: &Office) -> Uuid {
    given_line_of(office, "btctu", (2025, "6652"), 10_000_000).await
}

fn cost(kind: &str, amount: i64) -> Value {
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    json!({"kind": kind, "incurred_on": "2025-12-10", "description": "Chi hội nghị", "claimed_amount": amount,
        "invoice": {"seller_tax_code": "6001234999", "number": format!("HN{number}"), "issued_on": "2025-12-10"}})
}

fn claim(path: &str, kind: &str, lines: &[Value]) -> Value {
    let conference = path.rsplit('/').next().unwrap();
    json!({"board_id": id("btctu"), "kind": kind, "purpose": "Chi hội nghị", "conference_id": conference, "lines": lines})
}

async fn drafted(office: &Office, path: &str, lines: &[Value]) -> String {
    let made = office.login("duong.ntt").post(CLAIMS, claim(path, "conference", lines)).await.expect(201);
    format!("{CLAIMS}/{}", made["id"].as_str().unwrap())
}

/// A step with what it ordinarily takes.
async fn step(office: &Office, path: &str, who: &str, verb: &str) -> Answer {
    let body = match verb {
        "pay" => {
            let voucher = format!("PC-HN{}", NEXT.fetch_add(1, Ordering::SeqCst));
            json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": voucher})
        }
        "reverse" | "reject" | "release-funds" | "cancel-approval" => json!({"reason": "Rà soát"}),
        _ => json!({}),
    };
    now(&office.login(who), path, verb, body).await
}

async fn walk(office: &Office, path: &str, steps: &[(&str, &str)]) -> Value {
    let mut shown = Value::Null;
    for (who, verb) in steps {
        shown = step(office, path, who, verb).await.expect(200);
    }
    shown
}

const TO_VERIFIED: [(&str, &str); 3] =
    [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify")];

#[actix_web::test]
async fn a_plan_is_committed_by_somebody_else_than_its_planner() {
    let office = Office::open().await;
    let (line, drinks) = (speakers(&office).await, id("bl_2025_btctu_13_6699"));
    let (path, before) = (held(&office, "conference").await, balances(&office, drinks).await);
    let nothing = step(&office, &path, "phuoc.dh", "commit-funds").await;
    assert_eq!(nothing.refused(409, "state_conflict")["possible_actions"], json!(["plan-costs"]));
    now(&office.login("phuoc.dh"), &path, "plan-costs", plan(1)).await.refused(403, "forbidden");
    let shown = planned(&office, &path, 4_000_000).await;
    assert_eq!((&shown["status"], &shown["planned_amount"]), (&json!("planned"), &json!(5_000_000)));
    assert_eq!(money(&office, &path).await, [0; 4]);
    step(&office, &path, "duong.ntt", "commit-funds").await.refused(403, "forbidden");
    step(&office, &path, "hanh.nt", "commit-funds").await.expect(404);
    let unsafe_ = office.login("phuoc.dh").post(&format!("{path}/commit-funds"), json!({})).await;
    unsafe_.refused(428, "precondition_required");

    let shown = step(&office, &path, "phuoc.dh", "commit-funds").await.expect(200);
    assert_eq!(shown["commitment"]["committed_amount"], 5_000_000);
    assert_eq!(shown["committed_by_id"], json!(id("p_phuoc")));
    assert_eq!(balances(&office, line).await, [6_000_000, 4_000_000, 0]);
    assert_eq!(balances(&office, drinks).await[1], before[1] + 1_000_000);
    let record = office.login("an.nv").get(&path).await.expect(200);
    let expected = json!({"status": "committed", "planned_amount": 5_000_000, "committed_amount": 5_000_000,
        "spent_amount": 0, "released_amount": 0, "open_amount": 5_000_000});
    assert_eq!(record["costs"], expected);
    let listed =
        office.login("an.nv").get(&format!("{CONFERENCES}?q=giao%20ban%20cong%20tac")).await.expect(200);
    assert_eq!(listed["items"][0]["costs"], expected);
    step(&office, &path, "an.nv", "commit-funds").await.refused(409, "state_conflict");

    // A coordinator who heads the board commits no plan of their own.
    let other = held(&office, "conference").await;
    let phuoc = office.login("phuoc.dh");
    let version = phuoc.get(&other).await.expect(200)["version"].as_i64().unwrap();
    phuoc.patch(&other, version, json!({"coordinator_id": id("p_phuoc")})).await.expect(200);
    now(&phuoc, &other, "plan-costs", plan(1_000_000)).await.expect(200);
    step(&office, &other, "phuoc.dh", "commit-funds").await.refused(403, "four_eyes");
    let mine = office.login("phuoc.dh").get(&format!("{other}/costs")).await.expect(200);
    let commit =
        mine["allowed_actions"].as_array().unwrap().iter().find(|one| one["action"] == "commit-funds");
    assert_eq!(commit.unwrap()["allowed"], false);
    step(&office, &other, "an.nv", "commit-funds").await.expect(200);
}

#[actix_web::test]
async fn what_the_budget_does_not_have_is_refused_with_its_figures() {
    let office = Office::open().await;
    let line = speakers(&office).await;
    let path = held(&office, "conference").await;
    planned(&office, &path, 10_000_001).await;
    let drinks = balances(&office, id("bl_2025_btctu_13_6699")).await;
    let refused = step(&office, &path, "phuoc.dh", "commit-funds").await.refused(409, "budget_insufficient");
    let shortage = &refused["shortage"];
    assert_eq!(
        json!([
            shortage["budget_line_id"],
            shortage["available_amount"],
            shortage["asked_amount"],
            shortage["short_by_amount"]
        ]),
        json!([line, 10_000_000, 10_000_001, 1])
    );
    assert_eq!(balances(&office, id("bl_2025_btctu_13_6699")).await, drinks, "nothing of it is reserved");
    assert_eq!(costs(&office, &path).await["status"], "planned");

    let unknown = json!({"estimate": {"on": "2025-12-10", "other": [
        {"kind": "vehicle_repair", "description": "Sửa xe", "quantity": 1, "unit_amount": 1},
        {"kind": "conference_interpreter", "description": "Phiên dịch", "quantity": 1, "unit_amount": 1},
    ]}});
    now(&office.login("duong.ntt"), &path, "plan-costs", unknown).await.expect(200);
    let refused = step(&office, &path, "phuoc.dh", "commit-funds").await;
    refused.refused(422, "validation_failed");
    assert_eq!(
        codes(&refused),
        ["#/estimate/other/0 sub_item_required", "#/estimate/other/1 budget_line_missing"]
    );
    let broken = json!({"estimate": {"on": "2025-12-10", "hospitality": [{"kind": "gift", "persons": 1}]}});
    let refused = now(&office.login("duong.ntt"), &path, "plan-costs", broken).await;
    assert_eq!(codes(&refused), ["#/estimate/hospitality/0/kind gift_not_allowed"]);
}

#[actix_web::test]
async fn a_changed_plan_adjusts_what_is_committed_by_the_difference() {
    let office = Office::open().await;
    let line = speakers(&office).await;
    let path = held(&office, "conference").await;
    committed(&office, &path, 4_000_000).await;
    let shown = planned(&office, &path, 7_000_000).await;
    assert_eq!((&shown["status"], &shown["committed_by_id"]), (&json!("planned"), &Value::Null));
    assert_eq!(balances(&office, line).await, [6_000_000, 4_000_000, 0], "until it is committed");
    step(&office, &path, "an.nv", "commit-funds").await.expect(200);
    assert_eq!(balances(&office, line).await, [3_000_000, 7_000_000, 0]);
    committed(&office, &path, 2_000_000).await;
    assert_eq!(balances(&office, line).await, [8_000_000, 2_000_000, 0]);
    assert_eq!(money(&office, &path).await, [3_000_000, 0, 0, 3_000_000]);

    let duong = office.login("duong.ntt");
    let version = duong.get(&path).await.expect(200)["version"].as_i64().unwrap();
    let next_year = json!({"starts_at": "2026-01-10T08:00:00+07:00", "ends_at": "2026-01-10T17:00:00+07:00"});
    duong.patch(&path, version, next_year).await.refused(409, "in_use");

    // What a claim was promised stays reserved.
    let claim = drafted(&office, &path, &[cost("conference_speaker", 2_000_000)]).await;
    walk(&office, &claim, &TO_VERIFIED).await;
    step(&office, &claim, "an.nv", "approve").await.expect(200);
    let mut other_source = plan(2_000_000);
    other_source["funding_source"] = json!("non_autonomous");
    other_source["estimate"]["other"][0]["kind"] = json!("conference_printing");
    now(&office.login("duong.ntt"), &path, "plan-costs", other_source).await.expect(200);
    let refused = step(&office, &path, "linh.n", "commit-funds").await;
    assert_eq!(codes(&refused), ["#/funding_source sources_never_mix"]);
    planned(&office, &path, 500_000).await;
    let refused = step(&office, &path, "linh.n", "commit-funds").await.refused(409, "commitment_exceeded");
    assert_eq!(refused["asked_amount"], 1_500_000);
    committed(&office, &path, 1_000_000).await;
    assert_eq!(money(&office, &path).await[3], 2_000_000);
    step(&office, &claim, "lan.ht", "pay").await.expect(200);
    assert_eq!(money(&office, &path).await, [2_000_000, 2_000_000, 0, 0]);

    // What was released is no part of what a later plan needs.
    step(&office, &path, "phuoc.dh", "release-funds").await.expect(200);
    committed(&office, &path, 5_000_000).await;
    assert_eq!(money(&office, &path).await, [6_000_000, 2_000_000, 0, 4_000_000]);
    step(&office, &path, "phuoc.dh", "release-funds").await.expect(200);
    assert_eq!(balances(&office, line).await, [8_000_000, 0, 2_000_000]);
    committed(&office, &path, 5_000_000).await;
    assert_eq!(money(&office, &path).await, [10_000_000, 2_000_000, 4_000_000, 4_000_000]);
    assert_eq!(balances(&office, line).await, [5_000_000, 3_000_000, 2_000_000]);
    let told = office.login("an.nv").get(&format!("{path}/history")).await.expect(200);
    let verbs: Vec<_> =
        told["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(verbs[..4], ["create", "plan-costs", "commit-funds", "plan-costs"]);
}

#[actix_web::test]
async fn the_acting_accountant_may_choose_one_line_with_a_reason() {
    let office = Office::open().await;
    let line = given_line_of(&office, "btctu", (2025, "6608"), 9_000_000).await;
    let other_year = given_line_of(&office, "btctu", (2026, "6608"), 9_000_000).await;
    let path = held(&office, "conference").await;
    planned(&office, &path, 3_000_000).await;
    let ha = office.login("ha.lt");
    let body = |line: Option<Uuid>, reason: Option<&str>| json!({"funding_source": "autonomous", "budget_line_id": line, "reason": reason});
    now(&office.login("dung.pq"), &path, "check-funds", body(None, None)).await.expect(404);
    let refused = now(&ha, &path, "check-funds", body(None, None)).await;
    assert_eq!(codes(&refused), ["#/estimate/other/0 budget_line_missing"], "nobody has a line for speakers");
    let refused = now(&ha, &path, "check-funds", body(Some(other_year), None)).await;
    assert_eq!(codes(&refused), ["#/budget_line_id other_year", "#/reason required"]);
    let checked = now(&ha, &path, "check-funds", body(Some(line), Some("Gộp một dòng"))).await.expect(200);
    assert_eq!(
        (&checked["status"], &checked["funds_checked_by_id"]),
        (&json!("planned"), &json!(id("p_ha")))
    );
    step(&office, &path, "phuoc.dh", "commit-funds").await.expect(200);
    assert_eq!(balances(&office, line).await, [5_000_000, 4_000_000, 0]);
    let departures = office.login("quang.lm").get("/v1/reports/budget-departures").await.expect(200);
    let of_conference = format!("/v1/conferences/{}", path.rsplit('/').next().unwrap());
    assert!(departures["items"].as_array().unwrap().iter().any(|one| one["href"] == json!(of_conference)));

    // A claim is booked on the same line, with the reason.
    let claim = drafted(&office, &path, &[cost("conference_speaker", 3_000_000)]).await;
    let verified = walk(&office, &claim, &TO_VERIFIED).await;
    let booked = &verified["lines"][0];
    assert_eq!(
        (&booked["budget_line_id"], &booked["sub_item_reason"]),
        (&json!(line), &json!("Gộp một dòng"))
    );
    // Another plan needs another choice.
    planned(&office, &path, 3_000_000).await;
    let shown = costs(&office, &path).await;
    assert_eq!((&shown["budget_line_id"], &shown["funds_checked_by_id"]), (&Value::Null, &Value::Null));
}

#[actix_web::test]
async fn claims_draw_on_the_commitment_of_their_conference() {
    let office = Office::open().await;
    let line = speakers(&office).await;
    let path = held(&office, "conference").await;
    let early = drafted(&office, &path, &[cost("conference_speaker", 1_000_000)]).await;
    walk(&office, &early, &TO_VERIFIED).await;
    step(&office, &early, "an.nv", "approve").await.refused(409, "commitment_exceeded");
    committed(&office, &path, 4_000_000).await;
    step(&office, &early, "an.nv", "approve").await.expect(200);
    assert_eq!(balances(&office, line).await, [6_000_000, 4_000_000, 0], "nothing more is reserved");
    assert_eq!(costs(&office, &path).await["open_claims"].as_array().unwrap().len(), 1);
    step(&office, &early, "an.nv", "cancel-approval").await.expect(200);
    assert_eq!(money(&office, &path).await[3], 5_000_000);
    step(&office, &early, "an.nv", "approve").await.expect(200);

    let late = drafted(&office, &path, &[cost("conference_speaker", 4_000_001)]).await;
    walk(&office, &late, &TO_VERIFIED).await;
    step(&office, &late, "an.nv", "approve").await.refused(409, "commitment_exceeded");
    step(&office, &early, "lan.ht", "pay").await.expect(200);
    assert_eq!(balances(&office, line).await, [6_000_000, 3_000_000, 1_000_000]);
    assert_eq!(money(&office, &path).await, [5_000_000, 1_000_000, 0, 4_000_000]);
    walk(&office, &early, &[("lan.ht", "reverse"), ("an.nv", "reverse")]).await;
    assert_eq!(balances(&office, line).await, [6_000_000, 4_000_000, 0]);
    assert_eq!(money(&office, &path).await, [5_000_000, 0, 0, 5_000_000]);

    let of_conference = path.rsplit('/').next().unwrap();
    let found =
        office.login("an.nv").get(&format!("{CLAIMS}?conference_id={of_conference}")).await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn a_claim_is_cut_to_what_the_plan_has_for_its_kind() {
    let office = Office::open().await;
    let path = held(&office, "conference").await;
    speakers(&office).await;
    committed(&office, &path, 4_000_000).await;
    // On whatever day: 1,000,000 for refreshments, and nothing for meals that nobody planned.
    let mut other_day = cost("conference_refreshments", 300_000);
    other_day["incurred_on"] = json!("2025-12-09");
    let lines = [
        cost("conference_refreshments", 800_000),
        other_day,
        cost("hospitality_meal", 100_000),
        cost("conference_speaker", 1),
    ];
    let first = drafted(&office, &path, &lines).await;
    let verified = walk(&office, &first, &TO_VERIFIED).await;
    let allowed: Vec<_> =
        verified["lines"].as_array().unwrap().iter().map(|line| line["allowed_amount"].clone()).collect();
    assert_eq!(allowed, [800_000, 200_000, 0, 1]);
    let reason = verified["lines"][1]["cut_reason"].as_str().unwrap();
    assert!(reason.contains("01-QC/VPTU"), "{reason}");
    assert_eq!(verified["lines"][1]["norm"]["parts"][0]["rate_amount"], 20_000);

    // What one claim was allowed, another one cannot be.
    let second = drafted(&office, &path, &[cost("conference_refreshments", 500_000)]).await;
    walk(&office, &second, &TO_VERIFIED[..2]).await;
    let over = json!({"lines": [{"line": 0, "allowed_amount": 1}]});
    let refused = now(&office.login("ha.lt"), &second, "verify", over).await;
    assert_eq!(codes(&refused), ["#/lines/0/allowed_amount over_norm"]);
    step(&office, &first, "an.nv", "reject").await.expect(200);
    let verified = step(&office, &second, "ha.lt", "verify").await.expect(200);
    assert_eq!(verified["allowed_amount"], 500_000);
}

#[actix_web::test]
async fn a_claim_names_a_conference_of_its_board_and_kind() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let (conference, reception) = (held(&office, "conference").await, held(&office, "reception").await);
    let elsewhere = format!("{CONFERENCES}/{}", id("cf_2025_ubkttu"));
    let unknown = format!("{CONFERENCES}/{}", id("cf_nowhere"));
    let lines = [cost("conference_speaker", 1)];
    for (path, kind, code) in [
        (&conference, "reception", "other_kind"),
        (&reception, "conference", "other_kind"),
        (&conference, "other", "other_kind"),
        (&elsewhere, "conference", "other_board"),
        (&unknown, "conference", "unknown_reference"),
    ] {
        let refused = duong.post(CLAIMS, claim(path, kind, &lines)).await;
        assert_eq!(codes(&refused), [format!("#/conference_id {code}")], "{}", refused.text);
    }
    let other = drafted(&office, &conference, &lines).await;
    let version = duong.get(&other).await.expect(200)["version"].as_i64().unwrap();
    let refused = duong.patch(&other, version, json!({"kind": "other"})).await;
    assert_eq!(codes(&refused), ["#/conference_id other_kind"]);
    let freed =
        duong.patch(&other, version, json!({"kind": "other", "conference_id": null})).await.expect(200);
    assert_eq!(freed["conference_id"], Value::Null);
}

#[actix_web::test]
async fn a_settlement_compares_plan_and_reality_and_gives_the_rest_back() {
    let office = Office::open().await;
    let line = speakers(&office).await;
    let path = held(&office, "conference").await;
    committed(&office, &path, 4_000_000).await;
    let claim = drafted(&office, &path, &[cost("conference_speaker", 3_000_000)]).await;
    let open = step(&office, &path, "ha.lt", "settle-costs").await.refused(409, "in_use");
    assert!(open["detail"].as_str().unwrap().contains("EC-2025-"), "{open}");
    step(&office, &path, "phuoc.dh", "release-funds").await.refused(409, "in_use");
    walk(&office, &claim, &TO_VERIFIED).await;
    walk(&office, &claim, &[("an.nv", "approve"), ("lan.ht", "pay")]).await;
    step(&office, &path, "bich.tt", "settle-costs").await.refused(403, "forbidden");
    let settled = step(&office, &path, "ha.lt", "settle-costs").await.expect(200);
    assert_eq!(settled["status"], "settled");
    let kinds = json!([
        {"kind": "conference_refreshments", "planned_amount": 1_000_000, "committed_amount": 1_000_000, "claimed_amount": 0,
         "paid_amount": 0, "difference_amount": 1_000_000},
        {"kind": "conference_speaker", "planned_amount": 4_000_000, "committed_amount": 4_000_000, "claimed_amount": 3_000_000,
         "paid_amount": 3_000_000, "difference_amount": 1_000_000},
    ]);
    assert_eq!(settled["kinds"], kinds);
    assert_eq!(settled["difference_amount"], 2_000_000);
    assert_eq!(costs(&office, &path).await["kinds"], kinds);
    assert_eq!(money(&office, &path).await, [5_000_000, 3_000_000, 2_000_000, 0]);
    assert_eq!(balances(&office, line).await, [7_000_000, 0, 3_000_000]);

    // Nothing is planned or claimed of it any more, until a payment is reversed.
    now(&office.login("duong.ntt"), &path, "plan-costs", plan(1)).await.refused(409, "state_conflict");
    let late = claim_body(&path);
    office.login("duong.ntt").post(CLAIMS, late.clone()).await.refused(409, "state_conflict");
    walk(&office, &claim, &[("lan.ht", "reverse"), ("an.nv", "reverse")]).await;
    assert_eq!(costs(&office, &path).await["status"], "committed");
    assert_eq!(money(&office, &path).await, [5_000_000, 0, 2_000_000, 3_000_000]);
    office.login("duong.ntt").post(CLAIMS, late).await.expect(201);
}

fn claim_body(path: &str) -> Value {
    claim(path, "conference", &[cost("conference_speaker", 1)])
}

#[actix_web::test]
async fn who_only_has_a_task_sees_the_conference_without_its_money() {
    let office = Office::open().await;
    let path = format!("{CONFERENCES}/{}", id("cf_2029_btctu"));
    assert!(office.login("duong.ntt").get(&path).await.expect(200)["costs"].is_object());
    let helper = json!({
        "conference_id": id("cf_2029_btctu"), "title": "Y tế", "deliverable": "Phương án", "lead_board_id": id("bnctu"),
        "lead_id": id("p_chin"), "coordinators": [], "checker_id": id("p_phuoc"),
        "accept_by": "2025-12-20T08:00:00+07:00", "due_at": "2026-01-10T08:00:00+07:00",
    });
    office.login("duong.ntt").post("/v1/conference-tasks", helper).await.expect(201);
    let chin = office.login("chin.k");
    assert_eq!(chin.get(&path).await.expect(200)["costs"], Value::Null);
    chin.get(&format!("{path}/costs")).await.refused(403, "forbidden");
}

#[actix_web::test]
async fn of_two_commitments_on_the_last_money_one_is_made() {
    let office = Office::open().await;
    let line = speakers(&office).await;
    let second = office.second_process().await;
    let mut paths = Vec::new();
    for _ in 0..4 {
        let path = held(&office, "conference").await;
        planned(&office, &path, 6_000_000).await;
        paths.push(path);
    }
    let heads = [office.login("phuoc.dh"), office.login_at(&second, "phuoc.dh")];
    heads[1].token().await;
    let commits =
        paths.iter().enumerate().map(|(at, path)| now(&heads[at % 2], path, "commit-funds", json!({})));
    let answers = join_all(commits).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.refused(409, "budget_insufficient");
    }
    assert_eq!(balances(&office, line).await, [4_000_000, 6_000_000, 0]);
}

#[actix_web::test]
async fn a_settlement_and_a_claim_at_once_leave_one_true_story() {
    let office = Office::open().await;
    speakers(&office).await;
    let second = office.second_process().await;
    let (duong, ha) = (office.login("duong.ntt"), office.login_at(&second, "ha.lt"));
    ha.token().await;
    for _ in 0..4 {
        let path = held(&office, "conference").await;
        committed(&office, &path, 1_000_000).await;
        let (claimed, settled) =
            join(duong.post(CLAIMS, claim_body(&path)), now(&ha, &path, "settle-costs", json!({}))).await;
        let status = costs(&office, &path).await["status"].clone();
        match (claimed.status, settled.status) {
            (201, 409) => assert_eq!(status, "committed"),
            (409, 200) => assert_eq!(status, "settled"),
            other => panic!("{other:?}: {} {}", claimed.text, settled.text),
        }
        if status == "committed" {
            step(&office, &path, "an.nv", "release-funds").await.refused(409, "in_use");
            let claim = format!("{CLAIMS}/{}", claimed.body["id"].as_str().unwrap());
            step(&office, &claim, "duong.ntt", "withdraw").await.expect(200);
            step(&office, &path, "an.nv", "release-funds").await.expect(200);
        }
    }
}
