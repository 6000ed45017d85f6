//! Travel claims: proposed from the journey, priced by its norms, complete with their papers, within the commitment.

use entity::travel_order_legs::Transport;
use entity::travel_orders::TravelOrderStatus;
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::support::travel::{Order, set_status};
use crate::support::{Answer, Client, Office, Value, id, json};

const CLAIMS: &str = "/v1/expense-claims";

/// An action on whatever version there is now.
async fn now(client: &Client, path: &str, verb: &str, body: Value) -> Answer {
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

fn line(kind: &str, on: &str, amount: i64) -> Value {
    json!({"kind": kind, "incurred_on": on, "description": "Chi", "claimed_amount": amount})
}

fn room(on: &str, number: &str, amount: i64) -> Value {
    let mut line = line("lodging_receipt", on, amount);
    line["invoice"] = json!({"seller_tax_code": "6001112223", "number": number, "issued_on": on});
    line
}

/// A draft of the requester of the organisation board.
async fn drafted(office: &Office, order: Option<Uuid>, lines: &[Value], papers: Value) -> Value {
    let claim = json!({"board_id": id("btctu"), "kind": "travel", "purpose": "Khảo sát", "travel_order_id": order,
                       "lines": lines, "papers": papers});
    office.login("duong.ntt").post(CLAIMS, claim).await.expect(201)
}

fn path_of(claim: &Value) -> String {
    format!("{CLAIMS}/{}", claim["id"].as_str().unwrap())
}

fn permit() -> Value {
    json!([{"kind": "travel_permit", "stamped": true}])
}

/// The claim of a traveller, started from the order; its address.
async fn started(office: &Office, order: Uuid, who: &str) -> String {
    let begin = format!("/v1/travel-orders/{order}/start-claim");
    path_of(&office.login(who).post(&begin, json!({})).await.expect(201))
}

async fn walk(office: &Office, path: &str, steps: &[(&str, &str)]) {
    for (who, verb) in steps {
        now(&office.login(who), path, verb, json!({})).await.expect(200);
    }
}

const TO_VERIFIED: [(&str, &str); 3] =
    [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify")];

fn payment(voucher: &str) -> Value {
    json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": voucher})
}

fn vectors(operation: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("claim_vectors.json")).unwrap();
    all[operation].as_array().unwrap().clone()
}

/// The codes of a refusal's fields.
fn codes(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().unwrap().iter();
    errors.map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

async fn spent(office: &Office, order: Uuid) -> i64 {
    let all = entity::commitments::Entity::find().all(&office.app.db.writer).await.unwrap();
    all.into_iter().filter(|one| one.document_id == order).map(|one| one.spent_amount).sum()
}

const COSTS: [(&str, &str, i64); 4] = [
    ("per_diem", "2025-11-10", 200_000),
    ("lodging_lump_sum", "2025-11-10", 450_000),
    ("ticket", "2025-11-10", 180_000),
    ("per_diem", "2025-11-11", 200_000),
];

#[actix_web::test]
async fn a_journey_proposes_its_claim_and_every_line_tells_its_norm() {
    let office = Office::open().await;
    let order = Order { costs: &COSTS, ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let begin = format!("/v1/travel-orders/{order}/start-claim");
    let claimant = office.login("duong.ntt");
    let claim = claimant.post(&begin, json!({})).await.expect(201);
    assert_eq!((&claim["kind"], &claim["status"]), (&json!("travel"), &json!("draft")));
    assert_eq!((&claim["travel_order_id"], &claim["claimed_amount"]), (&json!(order), &json!(1_030_000)));
    assert_eq!(claim["papers"], json!([{"kind": "travel_permit", "line": null, "stamped": true}]));
    for (line, (kind, on, amount)) in claim["lines"].as_array().unwrap().iter().zip(COSTS) {
        assert_eq!(
            (&line["kind"], &line["incurred_on"], &line["claimed_amount"]),
            (&json!(kind), &json!(on), &json!(amount))
        );
        assert_eq!(line["difference"], Value::Null);
        let norm = if kind == "ticket" { Value::Null } else { json!(amount) };
        assert_eq!(line["norm_amount"], norm, "a ticket is paid as it cost");
        if norm != Value::Null {
            assert_eq!(line["norm"]["parts"][0]["rates"][0]["document_number"], "40/2017/TT-BTC");
        }
    }
    claimant.post(&begin, json!({})).await.refused(409, "duplicate");
    office.login("phuoc.dh").post(&begin, json!({})).await.refused(403, "forbidden");
    office.login("vinh.pt").post(&begin, json!({})).await.refused(404, "not_found");
    let path = path_of(&claim);
    now(&claimant, &path, "withdraw", json!({"reason": "Lập lại"})).await.expect(200);
    claimant.post(&begin, json!({})).await.expect(201);
}

#[actix_web::test]
async fn what_is_over_the_norm_is_cut_and_the_cut_names_the_document() {
    let office = Office::open().await;
    let order = Order { costs: &COSTS, ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let lines = [
        line("per_diem", "2025-11-10", 250_000),
        line("per_diem", "2025-11-11", 150_000),
        line("private_transport", "2025-11-11", 90_000),
    ];
    let claim = drafted(&office, Some(order), &lines, permit()).await;
    let difference = |index: usize| claim["lines"][index]["difference"]["code"].clone();
    assert_eq!(
        [difference(0), difference(1), difference(2)],
        [json!("over_norm"), json!("below_norm"), json!("over_norm")]
    );
    assert_eq!(claim["lines"][2]["norm_amount"], 0, "the estimate has nothing for it");
    let path = path_of(&claim);
    walk(&office, &path, &TO_VERIFIED[..2]).await;
    let accountant = office.login("ha.lt");
    let over = json!({"lines": [{"line": 0, "allowed_amount": 200_001, "cut_reason": "?"}]});
    let refusal = now(&accountant, &path, "verify", over).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(codes(&refusal), ["over_norm"]);
    assert!(refusal.text.contains("200000") && refusal.text.contains("40/2017/TT-BTC"), "{}", refusal.text);
    let less = json!({"lines": [{"line": 1, "allowed_amount": 100_000, "cut_reason": "Đi nửa ngày"}]});
    let verified = now(&accountant, &path, "verify", less).await.expect(200);
    let lines = verified["lines"].as_array().unwrap();
    let allowed: Vec<&Value> = lines.iter().map(|line| &line["allowed_amount"]).collect();
    assert_eq!(allowed, [&json!(200_000), &json!(100_000), &json!(0)]);
    assert!(lines[0]["cut_reason"].as_str().unwrap().contains("40/2017/TT-BTC"), "{}", lines[0]);
    assert_eq!(
        (&lines[1]["cut_reason"], &lines[1]["difference"]["code"]),
        (&json!("Đi nửa ngày"), &json!("cut"))
    );
    let sql =
        "UPDATE expense_claim_lines SET allowed_amount = claimed_amount WHERE norm_amount < claimed_amount";
    let error = office.app.db.writer.execute_unprepared(sql).await.expect_err("over the norm").to_string();
    assert!(error.contains("expense_claim_lines_norm_check"), "{error}");
}

#[actix_web::test]
async fn norms_follow_the_lines() {
    let office = Office::open().await;
    let order = Order { costs: &COSTS, ..Order::default() }.given(&office).await;
    let claim = drafted(&office, None, &[line("per_diem", "2025-11-10", 200_000)], permit()).await;
    assert_eq!((&claim["lines"][0]["norm_amount"], &claim["deadline_on"]), (&Value::Null, &Value::Null));
    let (path, claimant) = (path_of(&claim), office.login("duong.ntt"));
    let linked = claimant.patch(&path, 1, json!({"travel_order_id": order})).await.expect(200);
    assert_eq!(
        (&linked["lines"][0]["norm_amount"], &linked["deadline_on"]),
        (&json!(200_000), &json!("2025-11-27"))
    );
    let moved = json!({"lines": [line("per_diem", "2025-11-12", 200_000)], "papers": [{"kind": "ticket", "line": 1}]});
    let refusal = claimant.patch(&path, 2, moved).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/papers/0/line"]);
    let moved = claimant
        .patch(&path, 2, json!({"lines": [line("per_diem", "2025-11-12", 200_000)]}))
        .await
        .expect(200);
    assert_eq!(moved["lines"][0]["norm_amount"], 0);
    assert_eq!(moved["papers"].as_array().unwrap().len(), 1, "the papers stay");
    let alone = claimant.patch(&path, 3, json!({"travel_order_id": null})).await.expect(200);
    assert_eq!((&alone["lines"][0]["norm_amount"], &alone["deadline_on"]), (&Value::Null, &Value::Null));
    let refusal = claimant.patch(&path, 4, json!({"kind": "other", "travel_order_id": order})).await;
    assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], "not_a_travel_claim");
}

#[actix_web::test]
async fn a_travel_claim_is_submitted_with_its_order_once_the_journey_is_over() {
    let office = Office::open().await;
    let claimant = office.login("duong.ntt");
    let alone = drafted(&office, None, &[line("per_diem", "2025-11-10", 1)], permit()).await;
    let refusal = now(&claimant, &path_of(&alone), "submit", json!({})).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(
        (codes(&refusal), refusal.places()),
        (vec!["travel_order_required".to_owned()], vec!["#/travel_order_id".to_owned()])
    );
    let monthly =
        drafted(&office, None, &[line("monthly_travel_lump_sum", "2025-11-30", 500_000)], json!([])).await;
    assert_eq!(monthly["gaps"], json!([]), "a month of journeys has no single order");
    now(&claimant, &path_of(&monthly), "submit", json!({})).await.expect(200);
    let order = Order { costs: &COSTS, ..Order::default() }.given(&office).await;
    let path = started(&office, order, "duong.ntt").await;
    now(&claimant, &path, "submit", json!({})).await.refused(409, "state_conflict");
    set_status(&office, order, TravelOrderStatus::Completed).await;
    now(&claimant, &path, "submit", json!({})).await.expect(200);
}

#[actix_web::test]
async fn the_gaps_of_a_journey_are_named_all_at_once() {
    for vector in vectors("claim_completeness") {
        let office = Office::open().await;
        let (input, name) = (&vector["input"], &vector["id"]);
        let yes = |field: &str| input[field] == true;
        let air: &[Transport] = if yes("air_travel") { &[Transport::Air] } else { &[Transport::Public] };
        let order = Order { legs: air, costs: &COSTS, ..Order::default() }.given(&office).await;
        let mut lines: Vec<Value> = match input["lodging_method"].as_str().unwrap() {
            "receipt" => vec![line("lodging_receipt", "2025-11-10", 300_000)],
            _ => vec![line("lodging_lump_sum", "2025-11-10", 450_000)],
        };
        lines.extend(
            (0..input["ticket_lines"].as_u64().unwrap()).map(|_| line("ticket", "2025-11-10", 180_000)),
        );
        let mut papers = Vec::new();
        if yes("permit_present") {
            papers.push(json!({"kind": "travel_permit", "stamped": yes("permit_stamped")}));
        }
        papers.extend((0..input["tickets_present"].as_u64().unwrap()).map(|_| json!({"kind": "ticket"})));
        if yes("boarding_pass") {
            papers.push(json!({"kind": "boarding_pass"}));
        }
        let claim = drafted(&office, yes("authorization").then_some(order), &lines, json!(papers)).await;
        let mut gaps: Vec<&str> =
            claim["gaps"].as_array().unwrap().iter().map(|gap| gap["code"].as_str().unwrap()).collect();
        // The service has one word for a missing invoice, whatever it is for.
        let mut expected: Vec<&str> = (vector["expected"]["gaps"].as_array().unwrap().iter())
            .map(|gap| gap.as_str().unwrap())
            .map(|gap| if gap == "lodging_invoice_missing" { "invoice_missing" } else { gap })
            .collect();
        gaps.sort_unstable();
        expected.sort_unstable();
        assert_eq!(gaps, expected, "{name}");
        office.close().await;
    }
}

#[actix_web::test]
async fn an_incomplete_journey_is_not_verified_and_its_return_names_every_gap() {
    let office = Office::open().await;
    let legs: &[Transport] = &[Transport::Air];
    let costs: &[(&str, &str, i64)] = &[("lodging_receipt", "2025-11-10", 300_000)];
    let order = Order { costs, legs, ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let lines = [line("ticket", "2025-11-10", 180_000), line("lodging_receipt", "2025-11-10", 300_000)];
    let papers = json!([{"kind": "travel_permit", "stamped": false}]);
    let path = path_of(&drafted(&office, Some(order), &lines, papers).await);
    walk(&office, &path, &TO_VERIFIED[..2]).await;
    let accountant = office.login("ha.lt");
    let expected =
        ["travel_permit_stamp_missing", "boarding_pass_missing", "ticket_missing", "invoice_missing"];
    let named = |gaps: &Value| -> Vec<String> {
        gaps.as_array().unwrap().iter().map(|gap| gap["code"].as_str().unwrap().to_owned()).collect()
    };
    let mut refused =
        named(&now(&accountant, &path, "verify", json!({})).await.refused(422, "claim_incomplete")["gaps"]);
    refused.sort();
    let mut sorted = expected.map(str::to_owned);
    sorted.sort();
    assert_eq!(refused, sorted);
    now(&accountant, &path, "return", json!({"reason": ""})).await.refused(422, "validation_failed");
    let returned = now(&accountant, &path, "return", json!({"reason": "Bổ sung"})).await.expect(200);
    assert_eq!(named(&returned["gaps"]), expected);
    let version = returned["version"].as_i64().unwrap();
    let complete = json!({
        "lines": [line("ticket", "2025-11-10", 180_000)],
        "papers": [{"kind": "travel_permit", "stamped": true}, {"kind": "ticket", "line": 0}, {"kind": "boarding_pass"}],
    });
    office.login("duong.ntt").patch(&path, version, complete).await.expect(200);
    walk(&office, &path, &TO_VERIFIED).await;
}

#[actix_web::test]
async fn no_way_is_paid_that_the_office_s_car_made() {
    for vector in vectors("claim_leg_check") {
        let office = Office::open().await;
        let legs: &[Transport] = &[Transport::OfficeCar, Transport::Public];
        let order = Order { costs: &COSTS, legs, ..Order::default() }.given(&office).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let input = &vector["input"];
        let day = if input["leg"] == 1 { "2025-11-10" } else { "2025-11-11" };
        let kind = input["claimed"][0].as_str().unwrap();
        let claim = drafted(&office, Some(order), &[line(kind, day, 50_000)], permit()).await;
        let answer = now(&office.login("duong.ntt"), &path_of(&claim), "submit", json!({})).await;
        if vector["expected"]["outcome"] == "refused" {
            assert_eq!(json!(answer.status), vector["expected"]["http_status"], "{}", answer.text);
            assert_eq!(json!(codes(&answer)), json!([vector["expected"]["error_code"]]), "{}", vector["id"]);
        } else {
            answer.expect(200);
        }
        office.close().await;
    }
}

#[actix_web::test]
async fn a_night_is_paid_by_one_method() {
    for vector in vectors("lodging_method_check") {
        let office = Office::open().await;
        let nights: Vec<(usize, &Value)> =
            vector["input"]["nights"].as_array().unwrap().iter().enumerate().collect();
        let order = Order {
            starts_at: "2019-12-10T07:00:00+07:00",
            ends_at: "2019-12-12T17:00:00+07:00",
            ..Order::default()
        };
        let order = order.given(&office).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let mut lines = Vec::new();
        for (index, night) in nights {
            let day = night["date"].as_str().unwrap();
            for method in night["methods"].as_array().unwrap() {
                lines.push(match method.as_str().unwrap() {
                    "receipt" => room(day, &format!("N{index}"), 300_000),
                    _ => line("lodging_lump_sum", day, 450_000),
                });
            }
        }
        let claim = drafted(&office, Some(order), &lines, permit()).await;
        let answer = now(&office.login("duong.ntt"), &path_of(&claim), "submit", json!({})).await;
        if vector["expected"]["outcome"] == "refused" {
            assert_eq!(json!(answer.status), vector["expected"]["http_status"], "{}", answer.text);
            assert_eq!(json!(codes(&answer)), json!([vector["expected"]["error_code"]]), "{}", vector["id"]);
        } else {
            answer.expect(200);
        }
        office.close().await;
    }
}

#[actix_web::test]
async fn days_outside_the_order_are_refused_with_everything_else() {
    let office = Office::open().await;
    let legs: &[Transport] = &[Transport::OfficeCar];
    let order = Order { costs: &COSTS, legs, ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let lines = [
        line("per_diem", "2025-11-13", 200_000),
        line("ticket", "2025-11-10", 1000),
        line("lodging_lump_sum", "2025-11-10", 450_000),
        room("2025-11-10", "N1", 300_000),
        line("per_diem", "2025-11-09", 200_000),
    ];
    let claim = drafted(&office, Some(order), &lines, permit()).await;
    let refusal = now(&office.login("duong.ntt"), &path_of(&claim), "submit", json!({})).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(
        codes(&refusal),
        ["outside_authorization", "double_transport", "lodging_method_conflict", "outside_authorization"]
    );
    assert_eq!(
        refusal.places(),
        ["#/lines/0/incurred_on", "#/lines/1/kind", "#/lines/2/kind", "#/lines/4/incurred_on"]
    );
}

#[actix_web::test]
async fn a_claim_tells_its_deadline_and_whether_it_is_late() {
    for vector in vectors("claim_deadline") {
        let office = Office::open().await;
        let end = vector["input"]["trip_end"].as_str().unwrap();
        let (leaves, back) = (format!("{end}T06:00:00+07:00"), format!("{end}T18:00:00+07:00"));
        let order = Order { starts_at: &leaves, ends_at: &back, ..Order::default() }.given(&office).await;
        let deadline = vector["expected"]["deadline"].as_str().unwrap();
        office.set_clock(&format!("{deadline}T23:00:00+07:00"));
        let path = started(&office, order, "duong.ntt").await;
        let claimant = office.login("duong.ntt");
        let shown = claimant.get(&path).await.expect(200);
        assert_eq!(
            (&shown["deadline_on"], &shown["late"]),
            (&json!(deadline), &json!(false)),
            "{}",
            vector["id"]
        );
        office.advance(chrono::TimeDelta::hours(2));
        assert_eq!(claimant.get(&path).await.expect(200)["late"], true);
        office.close().await;
    }
}

#[actix_web::test]
async fn each_traveller_claims_and_together_they_keep_within_the_commitment() {
    let office = Office::open().await;
    let travellers: &[&str] = &["p_duong", "p_phuoc"];
    let costs: &[(&str, &str, i64)] = &[("per_diem", "2025-11-10", 200_000)];
    let order =
        Order { travellers, costs, estimated_amount: 450_000, ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let (mine, theirs) =
        (started(&office, order, "duong.ntt").await, started(&office, order, "phuoc.dh").await);
    let extra = json!({"lines": [line("per_diem", "2025-11-10", 200_000), line("hired_transport", "2025-11-10", 100_000)]});
    office.login("phuoc.dh").patch(&theirs, 1, extra).await.expect(200);
    walk(&office, &mine, &TO_VERIFIED).await;
    walk(&office, &mine, &[("an.nv", "approve")]).await;
    // The head of the board is the claimant, so a chief of office with that role confirms.
    let admin = office.login("kien.ht");
    let head = json!({"role": "board_head", "board_id": id("btctu"), "valid_from": "2025-01-01"});
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_linh")), head).await.expect(200);
    walk(&office, &theirs, &[("phuoc.dh", "submit"), ("linh.n", "confirm"), ("ha.lt", "verify")]).await;
    let refusal = now(&office.login("an.nv"), &theirs, "approve", json!({})).await;
    refusal.refused(409, "commitment_exceeded");
    let cashier = office.login("lan.ht");
    now(&cashier, &mine, "pay", payment("PC-1")).await.expect(200);
    assert_eq!(spent(&office, order).await, 200_000, "the commitment became spending");
    now(&office.login("an.nv"), &theirs, "approve", json!({})).await.refused(409, "commitment_exceeded");
    for who in ["lan.ht", "linh.n"] {
        now(&office.login(who), &mine, "reverse", json!({"reason": "Chi nhầm"})).await.expect(200);
    }
    assert_eq!(spent(&office, order).await, 0);
    now(&office.login("an.nv"), &theirs, "approve", json!({})).await.expect(200);
    now(&office.login("an.nv"), &theirs, "cancel-approval", json!({"reason": "Xem lại"})).await.expect(200);
    now(&office.login("an.nv"), &theirs, "approve", json!({})).await.expect(200);
    now(&cashier, &theirs, "pay", payment("PC-2")).await.expect(200);
    assert_eq!(spent(&office, order).await, 300_000);
}

#[actix_web::test]
async fn two_approvals_at_once_never_promise_more_than_was_committed() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let admin = office.login("kien.ht");
    let head = json!({"role": "board_head", "board_id": id("btctu"), "valid_from": "2025-01-01"});
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_linh")), head).await.expect(200);
    let chiefs = [office.login("an.nv"), office.login_at(&second, "an.nv")];
    join_all(chiefs.iter().map(Client::token)).await;
    for (round, day) in ["2025-11-10", "2025-11-11", "2025-11-12"].into_iter().enumerate() {
        let travellers: &[&str] = &["p_duong", "p_phuoc"];
        let costs: &[(&str, &str, i64)] = &[("per_diem", day, 200_000)];
        let name = format!("order {round}");
        let order = Order { name: &name, travellers, costs, estimated_amount: 300_000, ..Order::default() };
        let order = order.given(&office).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let (mine, theirs) =
            (started(&office, order, "duong.ntt").await, started(&office, order, "phuoc.dh").await);
        walk(&office, &mine, &TO_VERIFIED).await;
        walk(&office, &theirs, &[("phuoc.dh", "submit"), ("linh.n", "confirm"), ("ha.lt", "verify")]).await;
        let (one, other) = join(
            now(&chiefs[0], &mine, "approve", json!({})),
            now(&chiefs[1], &theirs, "approve", json!({})),
        )
        .await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.text, other.text);
    }
}

#[actix_web::test]
async fn of_many_started_claims_one_is_made() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let claimants = [office.login("duong.ntt"), office.login_at(&second, "duong.ntt")];
    join_all(claimants.iter().map(Client::token)).await;
    let order = Order { costs: &COSTS, ..Order::default() }.given(&office).await;
    let begin = format!("/v1/travel-orders/{order}/start-claim");
    let answers = join_all((0..10).map(|index| claimants[index % 2].post(&begin, json!({})))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "duplicate");
    }
}
