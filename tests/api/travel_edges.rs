//! Journeys, advances and claims where the papers change under each other.

use std::sync::atomic::{AtomicU32, Ordering};

use entity::travel_orders::TravelOrderStatus;
use entity::{expense_claims, travel_orders};
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use uuid::Uuid;

use crate::support::travel::{Order, set_status};
use crate::support::{Answer, Client, Office, Value, id, json};

const ORDERS: &str = "/v1/travel-orders";
const CLAIMS: &str = "/v1/expense-claims";
const ADVANCES: &str = "/v1/advances";

/// Vouchers and invoices are used once.
static NEXT: AtomicU32 = AtomicU32::new(800_000);

fn voucher() -> String {
    format!("TE-{}", NEXT.fetch_add(1, Ordering::SeqCst))
}

/// From 07:00 of one day in January 2026 to 17:00 of another, in a car of the office and without a night that is paid:
/// 300 000 đồng a day.
fn journey(first: u32, last: u32) -> Value {
    json!([{
        "from_place": "Buôn Ma Thuột", "to_place": "Nha Trang", "starts_at": format!("2026-01-{first:02}T07:00:00+07:00"),
        "ends_at": format!("2026-01-{last:02}T17:00:00+07:00"), "place_class": "province", "transport": "office_car",
        "lodging": "none", "one_way_km": "185", "round_trip": true,
    }])
}

fn party(travellers: &[&str]) -> Value {
    travellers.iter().map(|person| json!({"staff_id": id(person)})).collect()
}

/// A draft of the organisation board's requester; its address.
async fn draft(office: &Office, travellers: &[&str], first: u32, last: u32) -> String {
    let body = json!({"board_id": id("btctu"), "purpose": "Khảo sát", "travellers": party(travellers), "legs": journey(first, last)});
    let made = office.login("duong.ntt").post(ORDERS, body).await.expect(201);
    format!("{ORDERS}/{}", made["id"].as_str().unwrap())
}

/// An action on whatever version there is now.
async fn now(client: &Client, path: &str, verb: &str, body: Value) -> Answer {
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

fn reason() -> Value {
    json!({"reason": "Xem lại"})
}

/// Takes the steps of an order, a claim or an advance, each with its hand, and gives the last answer.
async fn walk(office: &Office, path: &str, steps: &[(&str, &str)]) -> Value {
    let mut shown = Value::Null;
    for (who, verb) in steps {
        let body = match *verb {
            "check-funds" => json!({"funding_source": "autonomous"}),
            "return" | "reverse" => reason(),
            _ => json!({}),
        };
        shown = now(&office.login(who), path, verb, body).await.expect(200);
    }
    shown
}

/// How an order is approved.
const IN_FORCE: [(&str, &str); 3] =
    [("duong.ntt", "submit"), ("ha.lt", "check-funds"), ("phuoc.dh", "approve")];

/// How the requester's claim is verified.
const VERIFIED: [(&str, &str); 3] = [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify")];

/// How a payment is reversed.
const REVERSED: [(&str, &str); 2] = [("lan.ht", "reverse"), ("linh.n", "reverse")];

/// Changes whatever version there is now.
async fn change(client: &Client, path: &str, body: Value) {
    client.send(Method::PATCH, path, Some(body), &[("If-Match", "*")]).await.expect(200);
}

/// The next version of an order with this change, as it waits for its approval; its address.
async fn amendment(office: &Office, path: &str, body: Value) -> String {
    let writer = office.login("duong.ntt");
    let made = now(&writer, path, "amend", reason()).await.expect(201);
    let next = format!("{ORDERS}/{}", made["id"].as_str().unwrap());
    change(&writer, &next, body).await;
    walk(office, &next, &IN_FORCE[..2]).await;
    next
}

async fn show(office: &Office, path: &str) -> Value {
    office.login("an.nv").get(path).await.expect(200)
}

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// What is committed of an order, spent, released and open.
fn figures(order: &Value) -> [i64; 4] {
    ["committed_amount", "spent_amount", "released_amount", "open_amount"]
        .map(|field| order["commitment"][field].as_i64().unwrap())
}

fn asking(order: &str, amount: i64) -> Value {
    json!({"board_id": id("btctu"), "travel_order_id": id_of(order), "purpose": "Tạm ứng đi công tác", "amount": amount})
}

/// An advance that was just asked for; its address.
async fn asked(client: &Client, order: &str, amount: i64) -> String {
    let made = client.post(ADVANCES, asking(order, amount)).await.expect(201);
    format!("{ADVANCES}/{}", made["id"].as_str().unwrap())
}

fn payment(day: &str) -> Value {
    json!({"method": "cash", "paid_on": day, "voucher_number": voucher()})
}

/// The claim of a traveller, made from the order; its address.
async fn started(client: &Client, order: &str) -> String {
    let made = client.post(&format!("{order}/start-claim"), json!({})).await.expect(201);
    format!("{CLAIMS}/{}", made["id"].as_str().unwrap())
}

/// The requester's claim of a completed journey, approved; its address.
async fn approved_claim(office: &Office, order: &str) -> String {
    let claim = started(&office.login("duong.ntt"), order).await;
    walk(office, &claim, &VERIFIED).await;
    walk(office, &claim, &[("an.nv", "approve")]).await;
    claim
}

fn line(kind: &str, on: &str, amount: i64) -> Value {
    json!({"kind": kind, "incurred_on": on, "description": "Chi", "claimed_amount": amount})
}

fn invoiced(kind: &str, on: &str, amount: i64) -> Value {
    let mut line = line(kind, on, amount);
    line["invoice"] = json!({"seller_tax_code": "6001112223", "number": voucher(), "issued_on": on});
    line
}

/// A draft of the requester with a stamped permit; its address and what was shown.
async fn drafted(office: &Office, kind: &str, order: Option<&str>, lines: &[Value]) -> (String, Value) {
    let permit = json!([{"kind": "travel_permit", "stamped": true}]);
    let body = json!({"board_id": id("btctu"), "kind": kind, "purpose": "Khảo sát", "travel_order_id": order.map(id_of),
        "lines": lines, "papers": permit});
    let made = office.login("duong.ntt").post(CLAIMS, body).await.expect(201);
    (format!("{CLAIMS}/{}", made["id"].as_str().unwrap()), made)
}

/// A field of all lines of a claim.
fn of_lines<'a>(claim: &'a Value, field: &str) -> Vec<&'a Value> {
    claim["lines"].as_array().unwrap().iter().map(|line| &line[field]).collect()
}

/// Everything that is wrong with a request: its place and why.
#[track_caller]
fn broken(answer: &Answer) -> Vec<String> {
    let errors = answer.refused(422, "validation_failed")["errors"].clone();
    let codes = errors.as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap());
    answer.places().iter().zip(codes).map(|(place, code)| format!("{place} {code}")).collect()
}

/// What may be paid for one day in November.
const COSTS: [(&str, &str, i64); 1] = [("per_diem", "2025-11-10", 1_200_000)];

/// A journey of November that costs this much, two millions of which are committed.
fn november() -> Order<'static> {
    Order { costs: &COSTS, estimated_amount: 2_000_000, ..Order::default() }
}

#[actix_web::test]
async fn an_amendment_leaves_nobody_out_whose_papers_hang_on_the_order() {
    let office = Office::open().await;
    let path = draft(&office, &["p_duong", "p_nghiem"], 12, 14).await;
    walk(&office, &path, &IN_FORCE).await;
    let companion = office.login("thu.nghiem");
    let claim = started(&companion, &path).await;
    let advance = asked(&companion, &path, 500_000).await;
    let own = asked(&office.login("duong.ntt"), &path, 100_000).await;
    let next = amendment(&office, &path, json!({"travellers": party(&["p_duong"])})).await;
    let refused = now(&office.login("phuoc.dh"), &next, "approve", json!({})).await.refused(409, "in_use");
    let told = refused["detail"].as_str().unwrap();
    for (paper, named) in [(&claim, true), (&advance, true), (&own, false)] {
        let shown = show(&office, paper).await;
        assert_eq!(told.contains(shown["number"].as_str().unwrap()), named, "{told}");
        assert_eq!(shown["travel_order_id"], id_of(&path), "a refusal changes nothing");
    }
    let before = show(&office, &path).await;
    assert_eq!(
        (&before["status"], &before["travellers"][1]["away"], figures(&before)),
        (&json!("approved"), &json!(true), [1_800_000, 0, 0, 1_800_000])
    );
    assert_eq!(show(&office, &next).await["status"], "funds_checked");

    now(&companion, &claim, "withdraw", reason()).await.expect(200);
    now(&companion, &advance, "cancel", reason()).await.expect(200);
    walk(&office, &next, &IN_FORCE[2..]).await;
    assert_eq!(show(&office, &own).await["travel_order_id"], id_of(&next));
    assert_eq!(figures(&show(&office, &next).await), [900_000, 0, 0, 900_000]);
}

#[actix_web::test]
async fn a_claim_of_a_journey_of_others_is_not_submitted() {
    let office = Office::open().await;
    let order = Order { travellers: &["p_phuoc"], ..november() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let (path, _) = drafted(&office, "travel", None, &[line("per_diem", "2025-11-10", 200_000)]).await;
    // No request links the two: it is as if the claim were older than the rule.
    let (db, claim) = (&office.app.db.writer, id_of(&path).parse::<Uuid>().unwrap());
    let row = expense_claims::Entity::find_by_id(claim).one(db).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    row.travel_order_id = Set(Some(order));
    row.update(db).await.unwrap();
    let refused = now(&office.login("duong.ntt"), &path, "submit", json!({})).await;
    assert_eq!(broken(&refused), ["#/travel_order_id unknown_reference"]);
    assert_eq!(show(&office, &path).await["status"], "draft");
}

#[actix_web::test]
async fn nothing_is_paid_by_rule_to_whom_the_estimate_does_not_know() {
    let office = Office::open().await;
    let order = november().given(&office).await;
    let db = &office.app.db.writer;
    let row = travel_orders::Entity::find_by_id(order).one(db).await.unwrap().unwrap();
    let mut estimate = row.estimate.clone().unwrap();
    estimate["travellers"] = json!([]);
    let mut row = row.into_active_model();
    row.estimate = Set(Some(estimate));
    row.update(db).await.unwrap();
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let lines = [
        line("per_diem", "2025-11-10", 200_000),
        line("private_transport", "2025-11-10", 90_000),
        line("luggage_and_documents", "2025-11-10", 60_000),
    ];
    let (path, made) = drafted(&office, "travel", Some(&order.to_string()), &lines).await;
    assert_eq!(of_lines(&made, "norm_amount"), [&json!(0), &json!(0), &Value::Null]);
    let verified = walk(&office, &path, &VERIFIED).await;
    assert_eq!(of_lines(&verified, "allowed_amount"), [&json!(0), &json!(0), &json!(60_000)]);
}

#[actix_web::test]
async fn an_advance_is_measured_again_when_it_is_approved_and_when_it_is_paid() {
    let office = Office::open().await;
    let (requester, chief) = (office.login("duong.ntt"), office.login("an.nv"));
    let path = draft(&office, &["p_duong"], 12, 14).await;
    walk(&office, &path, &IN_FORCE[..1]).await;
    let advance = asked(&requester, &path, 900_000).await;
    walk(&office, &path, &[("ha.lt", "return")]).await;
    change(&requester, &path, json!({"legs": journey(12, 13)})).await;
    walk(&office, &path, &IN_FORCE).await;
    let refused = now(&chief, &advance, "approve", json!({})).await.refused(409, "commitment_exceeded");
    assert_eq!(refused["asked_amount"], 900_000);

    // With a day more the estimate covers it; without that day it is not paid, though it was approved.
    let longer = amendment(&office, &path, json!({"legs": journey(12, 14)})).await;
    walk(&office, &longer, &IN_FORCE[2..]).await;
    now(&chief, &advance, "approve", json!({})).await.expect(200);
    let shorter = amendment(&office, &longer, json!({"legs": journey(12, 13)})).await;
    walk(&office, &shorter, &IN_FORCE[2..]).await;
    let refused = now(&office.login("lan.ht"), &advance, "pay", payment("2025-12-12")).await;
    assert_eq!(refused.refused(409, "commitment_exceeded")["asked_amount"], 900_000);
    let shown = show(&office, &advance).await;
    assert_eq!((&shown["status"], &shown["payment_id"]), (&json!("approved"), &Value::Null));
}

#[actix_web::test]
async fn who_stays_at_home_gets_no_advance() {
    let office = Office::open().await;
    let requester = office.login("duong.ntt");
    let path = draft(&office, &["p_duong"], 12, 14).await;
    walk(&office, &path, &IN_FORCE[..1]).await;
    let advance = asked(&requester, &path, 100_000).await;
    walk(&office, &path, &[("ha.lt", "return")]).await;
    change(&requester, &path, json!({"travellers": party(&["p_nghiem"])})).await;
    walk(&office, &path, &IN_FORCE).await;
    let refused = now(&office.login("an.nv"), &advance, "approve", json!({})).await;
    let state = &refused.refused(409, "state_conflict")["current_status"];
    assert_eq!(state, &Value::Null, "it is not the order's state that is in the way");
    assert_eq!(show(&office, &advance).await["status"], "requested");
}

#[actix_web::test]
async fn lines_of_one_kind_and_day_share_one_norm() {
    let office = Office::open().await;
    let costs = [("private_transport", "2025-11-11", 90_000), ("lodging_receipt", "2025-11-10", 500_000)];
    let order = Order { costs: &costs, ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    // Each with an invoice, without which the second line of a day would be refused as claimed already.
    let lines = [
        invoiced("private_transport", "2025-11-11", 90_000),
        invoiced("private_transport", "2025-11-11", 90_000),
        invoiced("private_transport", "2025-11-11", 90_000),
        invoiced("lodging_receipt", "2025-11-10", 500_000),
        invoiced("lodging_receipt", "2025-11-10", 500_000),
    ];
    let (path, _) = drafted(&office, "travel", Some(&order.to_string()), &lines).await;
    walk(&office, &path, &VERIFIED[..2]).await;
    let accountant = office.login("ha.lt");
    let verdict =
        |line: i64, amount: i64| json!({"line": line, "allowed_amount": amount, "cut_reason": "Theo chặng"});
    let over = json!({"lines": [verdict(0, 50_000), verdict(1, 40_001)]});
    let refused = now(&accountant, &path, "verify", over).await;
    assert_eq!(broken(&refused), ["#/lines/1/allowed_amount over_norm"]);
    let verified = now(&accountant, &path, "verify", json!({})).await.expect(200);
    let allowed = [90_000, 0, 0, 500_000, 0].map(|amount| json!(amount));
    assert_eq!(of_lines(&verified, "allowed_amount"), allowed.each_ref());
    assert_eq!(verified["allowed_amount"], 590_000);
}

#[actix_web::test]
async fn the_lump_sum_of_a_month_is_a_travel_claim_s_and_has_its_norm() {
    let office = Office::open().await;
    let requester = office.login("duong.ntt");
    let month = |on: &str| line("monthly_travel_lump_sum", on, 5_000_000);
    let (path, _) = drafted(&office, "other", None, &[month("2025-03-31")]).await;
    let refused = now(&requester, &path, "submit", json!({})).await;
    assert_eq!(broken(&refused), ["#/lines/0/kind travel_claims_only"]);

    // The circular that was in force in March 2025 pays 500 000 đồng a month.
    let (path, made) = drafted(&office, "travel", None, &[month("2025-03-31")]).await;
    assert_eq!(of_lines(&made, "norm_amount"), [&json!(500_000)]);
    walk(&office, &path, &VERIFIED[..2]).await;
    let accountant = office.login("ha.lt");
    let over = json!({"lines": [{"line": 0, "allowed_amount": 500_001, "cut_reason": "Khoán tháng"}]});
    let refused = now(&accountant, &path, "verify", over).await;
    assert_eq!(broken(&refused), ["#/lines/0/allowed_amount over_norm"]);
    let verified = now(&accountant, &path, "verify", json!({})).await.expect(200);
    assert_eq!(of_lines(&verified, "allowed_amount"), [&json!(500_000)]);

    let (again, _) = drafted(&office, "travel", None, &[month("2025-03-01")]).await;
    now(&requester, &again, "submit", json!({})).await.refused(409, "duplicate_person_day");
    let (next, _) = drafted(&office, "travel", None, &[month("2025-04-01")]).await;
    now(&requester, &next, "submit", json!({})).await.expect(200);
}

#[actix_web::test]
async fn who_wrote_on_an_order_does_not_decide_about_it() {
    let office = Office::open().await;
    // The accountant carries an order on only as somebody who may ask for journeys.
    let grant = json!({"role": "requester", "board_id": id("btctu"), "valid_from": "2025-01-01"});
    let admin = office.login("kien.ht");
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_ha")), grant).await.expect(200);
    let duong_alone = json!({"travellers": party(&["p_duong"])});

    let path = draft(&office, &["p_phuoc", "p_duong"], 12, 14).await;
    change(&office.login("phuoc.dh"), &path, duong_alone.clone()).await;
    walk(&office, &path, &IN_FORCE[..2]).await;
    now(&office.login("phuoc.dh"), &path, "approve", json!({})).await.refused(403, "four_eyes");
    walk(&office, &path, &[("linh.n", "approve")]).await;

    let path = draft(&office, &["p_ha", "p_duong"], 20, 21).await;
    change(&office.login("ha.lt"), &path, duong_alone).await;
    walk(&office, &path, &IN_FORCE[..1]).await;
    let funds = json!({"funding_source": "autonomous"});
    now(&office.login("ha.lt"), &path, "check-funds", funds).await.refused(403, "four_eyes");
    assert_eq!(show(&office, &path).await["status"], "submitted");
}

#[actix_web::test]
async fn a_journey_has_one_open_advance_over_all_versions_of_its_order() {
    let office = Office::open().await;
    let requester = office.login("duong.ntt");
    let path = draft(&office, &["p_duong"], 12, 14).await;
    walk(&office, &path, &IN_FORCE).await;
    let first = asked(&requester, &path, 500_000).await;
    let next = amendment(&office, &path, json!({"purpose": "Khảo sát thêm"})).await;
    let refused = requester.post(ADVANCES, asking(&next, 1)).await.refused(409, "duplicate");
    let number = show(&office, &first).await["number"].as_str().unwrap().to_owned();
    assert!(refused["detail"].as_str().unwrap().contains(&number), "{refused}");

    walk(&office, &first, &[("an.nv", "approve")]).await;
    let cashier = office.login("lan.ht");
    now(&cashier, &first, "pay", payment("2025-12-12")).await.expect(200);
    let mut back = payment("2025-12-12");
    back["amount"] = json!(500_000);
    now(&cashier, &first, "refund", back).await.expect(200);
    // All of it came back, so all of the estimate can be advanced, and no đồng more.
    let refused = requester.post(ADVANCES, asking(&next, 900_001)).await;
    assert_eq!(broken(&refused), ["#/amount over_estimate"]);
    asked(&requester, &next, 900_000).await;
}

#[actix_web::test]
async fn a_claim_is_paid_after_its_approval_and_after_its_advance() {
    let office = Office::open().await;
    let order = november().given(&office).await;
    let path = format!("{ORDERS}/{order}");
    let advance = asked(&office.login("duong.ntt"), &path, 1_200_000).await;
    walk(&office, &advance, &[("an.nv", "approve")]).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let claim = approved_claim(&office, &path).await;
    office.set_clock("2025-12-15T08:00:00+07:00");
    let cashier = office.login("lan.ht");
    now(&cashier, &advance, "pay", payment("2025-12-15")).await.expect(200);
    for (day, first) in [("2025-12-11", "2025-12-12"), ("2025-12-14", "2025-12-15")] {
        let refused = now(&cashier, &claim, "pay", payment(day)).await;
        assert_eq!(broken(&refused), ["#/paid_on out_of_range"], "{day}");
        assert!(refused.text.contains(first), "{}", refused.text);
    }
    let paid = now(&cashier, &claim, "pay", payment("2025-12-15")).await.expect(200);
    assert_eq!((&paid["status"], &paid["settlement"]["set_off_amount"]), (&json!("paid"), &json!(1_200_000)));
}

#[actix_web::test]
async fn a_payment_that_is_reversed_opens_its_settled_order_again() {
    let office = Office::open().await;
    let order = november().given(&office).await;
    let path = format!("{ORDERS}/{order}");
    let advance = asked(&office.login("duong.ntt"), &path, 1_000_000).await;
    walk(&office, &advance, &[("an.nv", "approve")]).await;
    let cashier = office.login("lan.ht");
    now(&cashier, &advance, "pay", payment("2025-12-12")).await.expect(200);
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let claim = approved_claim(&office, &path).await;
    now(&cashier, &claim, "pay", payment("2025-12-12")).await.expect(200);
    let settled = walk(&office, &path, &[("ha.lt", "settle")]).await;
    assert_eq!(
        (&settled["status"], figures(&settled)),
        (&json!("settled"), [2_000_000, 1_200_000, 800_000, 0])
    );

    walk(&office, &claim, &REVERSED).await;
    let open = show(&office, &path).await;
    assert_eq!((&open["status"], figures(&open)), (&json!("completed"), [2_000_000, 0, 800_000, 1_200_000]));
    assert_eq!((&open["settled_at"], &open["settled_by_id"]), (&Value::Null, &Value::Null));
    let history = show(&office, &format!("{path}/history")).await;
    let entries = history["items"].as_array().unwrap().iter();
    let told: Value = entries.map(|entry| json!([entry["action"], entry["reason"]])).collect();
    let expected = json!([["spend", null], ["settle", null], ["reopen", "Xem lại"], ["unspend", null]]);
    assert_eq!(told, expected);
    let shown = show(&office, &advance).await;
    assert_eq!((&shown["status"], &shown["outstanding_amount"]), (&json!("paid"), &json!(1_000_000)));

    let again = approved_claim(&office, &path).await;
    let paid = now(&cashier, &again, "pay", payment("2025-12-12")).await.expect(200);
    assert_eq!(
        (&paid["settlement"]["set_off_amount"], &paid["settlement"]["to_receive_amount"]),
        (&json!(1_000_000), &json!(200_000))
    );
    assert_eq!(show(&office, &advance).await["status"], "settled");
    let settled = walk(&office, &path, &[("ha.lt", "settle")]).await;
    assert_eq!(
        (&settled["status"], figures(&settled)),
        (&json!("settled"), [2_000_000, 1_200_000, 800_000, 0])
    );
}

#[actix_web::test]
async fn an_advance_that_nobody_fetches_is_rejected_so_that_its_order_is_settled() {
    let office = Office::open().await;
    let order = november().given(&office).await;
    let path = format!("{ORDERS}/{order}");
    let advance = asked(&office.login("duong.ntt"), &path, 500_000).await;
    let number =
        walk(&office, &advance, &[("an.nv", "approve")]).await["number"].as_str().unwrap().to_owned();
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let accountant = office.login("ha.lt");
    let refused = now(&accountant, &path, "settle", json!({})).await.refused(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains(&number), "{refused}");
    let rejected = now(&office.login("linh.n"), &advance, "reject", reason()).await.expect(200);
    assert_eq!((&rejected["status"], &rejected["waiting_on"]), (&json!("rejected"), &Value::Null));
    now(&office.login("lan.ht"), &advance, "pay", payment("2025-12-12")).await.refused(409, "state_conflict");
    assert_eq!(now(&accountant, &path, "settle", json!({})).await.expect(200)["status"], "settled");
}

#[actix_web::test]
async fn an_order_is_settled_without_a_claim_only_with_a_reason() {
    let office = Office::open().await;
    let path = draft(&office, &["p_duong", "p_nghiem"], 12, 14).await;
    walk(&office, &path, &IN_FORCE).await;
    office.set_clock("2026-01-15T08:00:00+07:00");
    let back = json!({"starts_at": "2026-01-12T07:00:00+07:00", "ends_at": "2026-01-14T17:00:00+07:00", "permit_stamped": true});
    now(&office.login("duong.ntt"), &path, "complete", back).await.expect(200);
    let claim = approved_claim(&office, &path).await;
    now(&office.login("lan.ht"), &claim, "pay", payment("2026-01-15")).await.expect(200);
    let accountant = office.login("ha.lt");
    let refused = now(&accountant, &path, "settle", json!({})).await;
    assert_eq!(broken(&refused), ["#/reason required"], "the other traveller has not claimed");
    assert_eq!(show(&office, &path).await["status"], "completed");
    let settled = now(&accountant, &path, "settle", reason()).await.expect(200);
    assert_eq!(
        (&settled["status"], figures(&settled)),
        (&json!("settled"), [1_800_000, 900_000, 900_000, 0])
    );
    let history = show(&office, &format!("{path}/history")).await;
    assert_eq!(history["items"].as_array().unwrap().last().unwrap()["reason"], "Xem lại");
}

#[actix_web::test]
async fn who_travels_for_another_board_claims_the_journey_there() {
    let office = Office::open().await;
    // Before the advance that this traveller has in the demo is overdue.
    office.set_clock("2025-10-20T08:00:00+07:00");
    let order = Order { travellers: &["p_duong", "p_vinh"], ..november() }.given(&office).await;
    let path = format!("{ORDERS}/{order}");
    let (guest, stranger) = (office.login("vinh.pt"), office.login("blam.e"));
    assert_eq!(guest.get(&path).await.expect(200)["board_id"], json!(id("btctu")));
    let given_up = asked(&guest, &path, 100_000).await;
    now(&guest, &given_up, "cancel", reason()).await.expect(200);
    let advance = asked(&guest, &path, 200_000).await;
    walk(&office, &advance, &[("an.nv", "approve")]).await;
    let cashier = office.login("lan.ht");
    now(&cashier, &advance, "pay", payment("2025-10-20")).await.expect(200);

    office.set_clock("2025-11-20T08:00:00+07:00");
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let claim = started(&guest, &path).await;
    change(&guest, &claim, json!({"purpose": "Khảo sát cùng ban bạn"})).await;
    now(&stranger, &claim, "submit", json!({})).await.refused(404, "not_found");
    let hands = [("vinh.pt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify"), ("an.nv", "approve")];
    walk(&office, &claim, &hands).await;
    now(&cashier, &claim, "pay", payment("2025-11-20")).await.expect(200);
    let paid = guest.get(&claim).await.expect(200);
    assert_eq!(
        (&paid["status"], &paid["board_id"], &paid["claimant_id"]),
        (&json!("paid"), &json!(id("btctu")), &json!(id("p_vinh")))
    );
    assert_eq!(
        (&paid["settlement"]["set_off_amount"], &paid["settlement"]["to_receive_amount"]),
        (&json!(200_000), &json!(1_000_000))
    );

    for record in [&path, &claim, &advance] {
        guest.get(record).await.expect(200);
        stranger.get(record).await.refused(404, "not_found");
    }
    let of_board = format!("board_id={}", id("btctu"));
    for (list, record) in [
        (format!("{ORDERS}?{of_board}"), &path),
        (format!("{CLAIMS}?{of_board}"), &claim),
        (format!("{ADVANCES}?{of_board}&status=settled"), &advance),
    ] {
        let found = guest.get(&list).await.expect(200);
        let found: Vec<&str> =
            found["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(found, [id_of(record)], "{list}");
        assert_eq!(stranger.get(&list).await.expect(200)["items"], json!([]), "{list}");
    }
}

#[actix_web::test]
async fn who_does_not_travel_for_another_board_claims_nothing_there() {
    let office = Office::open().await;
    let order = november().given(&office).await;
    let guest = office.login("vinh.pt");
    guest.post(&format!("{ORDERS}/{order}/start-claim"), json!({})).await.refused(404, "not_found");
    let both: &[&str] = &["#/board_id unknown_reference", "#/travel_order_id unknown_reference"];
    for (order, places) in [(Some(order), both), (None, &both[..1])] {
        let claim = json!({"board_id": id("btctu"), "kind": "travel", "purpose": "Khảo sát", "travel_order_id": order,
            "lines": [line("per_diem", "2025-11-10", 200_000)]});
        let advance =
            json!({"board_id": id("btctu"), "travel_order_id": order, "purpose": "Tạm ứng", "amount": 1000});
        for (list, body) in [(CLAIMS, claim), (ADVANCES, advance)] {
            let refused = guest.post(list, body).await;
            assert_eq!(broken(&refused), places, "{list}");
        }
    }
}

#[actix_web::test]
async fn a_setting_says_something_that_the_service_understands() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let path = format!("/v1/rate-tables/{}/rates", id("QC01-DEMO"));
    let setting = |code: &str, value: &str| json!({"kind": "office_setting", "code": code, "value": value, "valid_from": "2026-07-01", "verification": "verified"});
    for (code, value, wrong) in [
        ("claim_deadline_days", "soon", "#/value out_of_range"),
        ("claim_deadline_days", "0", "#/value out_of_range"),
        ("advance_settlement_days", "367", "#/value out_of_range"),
        ("car_request_min_coefficient", "high", "#/value out_of_range"),
        ("fuel_tolerance_percent", "101", "#/value out_of_range"),
        ("transfer_from_amount", "-1", "#/value out_of_range"),
        ("claim_deadline", "15", "#/code unknown_code"),
    ] {
        let refused = chief.post(&path, setting(code, value)).await;
        assert_eq!(broken(&refused), [wrong], "{code} {value}");
    }
    chief.post(&path, setting("claim_deadline_days", "20")).await.expect(201);
}

#[actix_web::test]
async fn a_reversed_claim_has_no_form_and_forms_are_vietnamese() {
    let office = Office::open().await;
    let order = november().given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let claim = approved_claim(&office, &format!("{ORDERS}/{order}")).await;
    now(&office.login("lan.ht"), &claim, "pay", payment("2025-12-12")).await.expect(200);
    let reader = office.login("duong.ntt");
    let form = format!("{claim}/payment-request");
    for (path, language) in [(&claim, "en"), (&form, "vi")] {
        let answer = reader.send(Method::GET, path, None, &[("Accept-Language", "en")]).await;
        assert_eq!((answer.status, answer.header("content-language")), (200, Some(language)), "{path}");
    }
    walk(&office, &claim, &REVERSED).await;
    let refused = reader.get(&form).await.refused(422, "form_not_ready");
    assert_eq!(refused["current_status"], "reversed");
}

#[actix_web::test]
async fn a_settlement_and_changes_of_its_claims_never_wait_in_a_ring() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let order = Order { travellers: &["p_duong", "p_phuoc"], ..november() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let path = format!("{ORDERS}/{order}");
    let at = |desk: usize, who: &str| {
        if desk.is_multiple_of(2) { office.login(who) } else { office.login_at(&second, who) }
    };
    let claimants = [at(0, "duong.ntt"), at(1, "duong.ntt"), at(0, "phuoc.dh"), at(1, "phuoc.dh")];
    let accountants = [at(0, "ha.lt"), at(1, "ha.lt")];
    join_all(claimants.iter().chain(&accountants).map(Client::token)).await;
    let claims = [started(&claimants[0], &path).await, started(&claimants[2], &path).await];
    // Each round begins with the version that the one before made.
    for round in 1..=6 {
        let edits = (0..4).map(|n| claimants[n].patch(&claims[n / 2], round, json!({"purpose": "Khảo sát"})));
        let settles = (0..2).map(|n| now(&accountants[n], &path, "settle", reason()));
        let (edits, settles) = join(join_all(edits), join_all(settles)).await;
        let mut statuses: Vec<u16> = edits.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 412, 412], "of two who saw the same version one changes it");
        for settled in &settles {
            settled.refused(409, "in_use");
        }
    }
    assert_eq!(show(&office, &path).await["status"], "completed");
}

#[actix_web::test]
async fn two_keys_in_one_request_protect_nothing() {
    let office = Office::open().await;
    let requester = office.login("duong.ntt");
    let body = json!({"board_id": id("btctu"), "travel_order_id": null, "purpose": "Hai khóa một lần", "amount": 1000,
        "settle_by": "2025-12-31"});
    let key = ("Idempotency-Key", "k-1");
    for keys in [[key, key], [key, ("Idempotency-Key", "k-2")]] {
        let refused = requester.send(Method::POST, ADVANCES, Some(body.clone()), &keys).await;
        assert_eq!(broken(&refused), ["Idempotency-Key unusable"]);
    }
    let found = requester.get(&format!("{ADVANCES}?q=hai%20khoa")).await.expect(200);
    assert_eq!(found["items"], json!([]), "nothing was made");
    requester.send(Method::POST, ADVANCES, Some(body), &[key]).await.expect(201);
}
