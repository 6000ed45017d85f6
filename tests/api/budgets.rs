//! Budgets: no line is ever overdrawn, every movement leads to its document, and every sum is that of its entries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::NaiveDate;
use entity::budget_entries::{self, BudgetAccount, BudgetEntryKind, DocumentType};
use entity::funding_source::FundingSource;
use entity::travel_order_legs::Transport;
use entity::travel_orders::TravelOrderStatus;
use entity::{appointments, budget_lines, commitments};
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use shared_office::budgets::ledger::{self, Document, Move, Movement};
use shared_office::write::{Actor, transaction};
use uuid::Uuid;

use crate::support::travel::{Order, set_status};
use crate::support::{Answer, Client, Office, Value, id, json};

const LINES: &str = "/v1/budget-lines";
const ENTRIES: &str = "/v1/budget-entries";
const TRANSFERS: &str = "/v1/budget-transfers";
const CLAIMS: &str = "/v1/expense-claims";
const ORDERS: &str = "/v1/travel-orders";

/// Vouchers are used once.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Worked examples of the rules.
fn vectors(operation: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("budget_vectors.json")).unwrap();
    all[operation].as_array().unwrap().clone()
}

fn address(collection: &str, made: &Value) -> String {
    format!("{collection}/{}", made["id"].as_str().unwrap())
}

fn id_of(path: &str) -> Uuid {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

fn demo_line(name: &str) -> String {
    format!("{LINES}/{}", id(&format!("bl_{name}")))
}

/// A line of the organisation board's own funds, as its decision allocates it.
fn plan(year: i64, sub_item: &str, amount: i64) -> Value {
    json!({
        "year": year, "board_id": id("btctu"), "funding_source": "autonomous", "sub_item": sub_item, "planned_amount": amount,
        "document_number": "12-QĐ/TU", "issuer": "Ban Thường vụ Tỉnh ủy", "signed_on": "2025-12-05",
    })
}

/// A new line of this year, in force; its address. The demo office has no line of the sub-items used here.
async fn line(office: &Office, sub_item: &str, amount: i64) -> String {
    let made = office.login("bich.tt").post(LINES, plan(2025, sub_item, amount)).await.expect(201);
    let path = address(LINES, &made);
    walk(office, &path, &[("an.nv", "activate")]).await;
    path
}

/// A cost that needs no paper.
fn cost(kind: &str, amount: i64) -> Value {
    json!({"kind": kind, "incurred_on": "2025-12-10", "description": "Chi", "claimed_amount": amount})
}

/// An action on whatever version there is now.
async fn now(client: &Client, path: &str, verb: &str, body: Value) -> Answer {
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

fn reason() -> Value {
    json!({"reason": "Rà soát"})
}

/// A step with what it ordinarily takes.
async fn step(office: &Office, path: &str, who: &str, verb: &str) -> Answer {
    let body = match verb {
        "pay" => {
            let voucher = format!("PC-B{}", NEXT.fetch_add(1, Ordering::SeqCst));
            json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": voucher})
        }
        "check-funds" => json!({"funding_source": "autonomous"}),
        "cancel-approval" | "reverse" | "freeze" | "unfreeze" | "reject" | "withdraw" | "amend"
        | "cancel" => reason(),
        _ => json!({}),
    };
    now(&office.login(who), path, verb, body).await
}

/// Takes the steps and gives the record as it then is.
async fn walk(office: &Office, path: &str, steps: &[(&str, &str)]) -> Value {
    let mut shown = Value::Null;
    for (who, verb) in steps {
        shown = step(office, path, who, verb).await.expect(200);
    }
    shown
}

/// A claim of the organisation board's requester that waits for its accountant; its address.
async fn confirmed(office: &Office, body: Value) -> String {
    let made = office.login("duong.ntt").post(CLAIMS, body).await.expect(201);
    let path = address(CLAIMS, &made);
    walk(office, &path, &[("duong.ntt", "submit"), ("phuoc.dh", "confirm")]).await;
    path
}

fn claim(costs: &[Value]) -> Value {
    json!({"board_id": id("btctu"), "kind": "other", "purpose": "Mua sắm", "lines": costs})
}

/// A claim whose costs are booked by their kinds.
async fn verified(office: &Office, costs: &[Value]) -> String {
    let path = confirmed(office, claim(costs)).await;
    walk(office, &path, &[("ha.lt", "verify")]).await;
    path
}

/// A confirmed claim of a journey; its costs are of the first day.
async fn of_journey(office: &Office, order: Uuid, costs: &[(&str, i64)]) -> String {
    let mut papers = vec![json!({"kind": "travel_permit", "stamped": true})];
    let mut lines = Vec::new();
    for (index, (kind, amount)) in costs.iter().enumerate() {
        let mut line = cost(kind, *amount);
        line["incurred_on"] = json!("2025-11-10");
        lines.push(line);
        if *kind == "ticket" {
            papers.push(json!({"kind": "ticket", "line": index}));
        }
    }
    let mut body = claim(&lines);
    body["kind"] = json!("travel");
    body["travel_order_id"] = json!(order);
    body["papers"] = json!(papers);
    confirmed(office, body).await
}

async fn show(office: &Office, path: &str) -> Value {
    office.login("an.nv").get(path).await.expect(200)
}

/// Appropriated, transferred, available, committed, spent.
fn balances(shown: &Value) -> [i64; 5] {
    ["appropriated_amount", "transferred_amount", "available_amount", "committed_amount", "spent_amount"]
        .map(|field| shown[field].as_i64().unwrap())
}

async fn money(office: &Office, path: &str) -> [i64; 5] {
    balances(&show(office, path).await)
}

/// What a line has more, or less, than before.
async fn change(office: &Office, path: &str, before: [i64; 5]) -> [i64; 5] {
    let after = money(office, path).await;
    std::array::from_fn(|index| after[index] - before[index])
}

/// A list, page by page. The address ends where the next parameter begins.
async fn all(client: &Client, list: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{list}limit=200{cursor}")).await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

async fn entries_of(office: &Office, document: Uuid) -> Vec<Value> {
    all(&office.login("quang.lm"), &format!("{ENTRIES}?document_id={document}&")).await
}

/// What a record did to the budget: kind and amount of each entry, sorted.
async fn moved(office: &Office, document: Uuid) -> Vec<String> {
    let entries = entries_of(office, document).await;
    let told = |entry: &Value| format!("{} {}", entry["kind"].as_str().unwrap(), entry["amount"]);
    let mut moved: Vec<String> = entries.iter().map(told).collect();
    moved.sort();
    moved
}

async fn history(office: &Office, path: &str) -> Vec<Value> {
    all(&office.login("an.nv"), &format!("{path}/history?")).await
}

async fn actions(office: &Office, path: &str) -> Vec<Value> {
    history(office, path).await.iter().map(|entry| entry["action"].clone()).collect()
}

/// The decisions about a record that departed from the rule.
async fn departures(office: &Office, document: Uuid) -> Vec<Value> {
    let mut found = all(&office.login("quang.lm"), "/v1/reports/budget-departures?").await;
    found.retain(|one| one["document_id"] == json!(document));
    found
}

/// What is wrong in a request, each with its place.
#[track_caller]
fn wrong(answer: &Answer) -> Vec<String> {
    let places = answer.places().into_iter();
    places.zip(codes(answer)).map(|(place, code)| format!("{place} {code}")).collect()
}

/// The codes alone.
#[track_caller]
fn codes(answer: &Answer) -> Vec<String> {
    let body = answer.refused(422, "validation_failed");
    let errors = body["errors"].as_array().unwrap().iter();
    errors.map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

fn transfer(from: &str, to: &str, amount: i64) -> Value {
    json!({
        "kind": "transfer", "from_line_id": id_of(from), "to_line_id": id_of(to), "amount": amount,
        "document_number": "31-QĐ/VPTU", "signed_on": "2025-12-10", "reason": "Điều chỉnh dự toán",
    })
}

fn supplement(to: &str, amount: i64) -> Value {
    json!({
        "kind": "supplement", "to_line_id": id_of(to), "amount": amount,
        "document_number": "32-QĐ/TU", "signed_on": "2025-12-10", "reason": "Bổ sung dự toán",
    })
}

async fn proposed(office: &Office, body: Value) -> String {
    address(TRANSFERS, &office.login("bich.tt").post(TRANSFERS, body).await.expect(201))
}

/// Whether what is shown has these members.
#[track_caller]
fn tells(shown: &Value, expected: Value) {
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(shown[field], *value, "{field}: {shown}");
    }
}

/// Somebody at both processes, signed in.
async fn at_both(office: &Office, second: &str, who: &str) -> [Client; 2] {
    let both = [office.login(who), office.login_at(second, who)];
    join_all(both.iter().map(Client::token)).await;
    both
}

/// A chief of office approves these claims at once, at two processes.
async fn approve_at_once(office: &Office, claims: &[String]) -> Vec<Answer> {
    let second = office.second_process().await;
    let chiefs = at_both(office, &second, "an.nv").await;
    join_all(claims.iter().enumerate().map(|(n, path)| now(&chiefs[n % 2], path, "approve", json!({})))).await
}

/// How many were taken; all others were refused because the line has not so much left.
#[track_caller]
fn taken(answers: &[Answer]) -> usize {
    let (taken, refused): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status == 200);
    refused.iter().for_each(|answer| drop(answer.refused(409, "budget_insufficient")));
    taken.len()
}

/// Every line holds what its entries add up to, and has committed what the commitments on it have open.
async fn the_sums_agree(office: &Office) {
    let auditor = office.login("quang.lm");
    let mut sums: BTreeMap<String, [i64; 5]> = BTreeMap::new();
    for entry in all(&auditor, &format!("{ENTRIES}?")).await {
        let sum = sums.entry(entry["budget_line_id"].as_str().unwrap().to_owned()).or_default();
        let amount = entry["amount"].as_i64().unwrap();
        for (side, amount) in [("debit", amount), ("credit", -amount)] {
            match entry[side].as_str().unwrap() {
                // The source owes what the others have.
                "source" => sum[usize::from(entry["kind"] == "transfer")] -= amount,
                "available" => sum[2] += amount,
                "committed" => sum[3] += amount,
                _ => sum[4] += amount,
            }
        }
    }
    let mut open: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in commitments::Entity::find().all(&office.app.db.writer).await.unwrap() {
        *open.entry(row.budget_line_id).or_default() +=
            row.committed_amount - row.spent_amount - row.released_amount;
    }
    for line in all(&auditor, &format!("{LINES}?")).await {
        let (name, has) = (line["id"].as_str().unwrap(), balances(&line));
        assert_eq!(has, sums.remove(name).unwrap_or_default(), "{line}");
        assert_eq!(has[0] + has[1], has[2] + has[3] + has[4], "{line}");
        let own: Uuid = name.parse().unwrap();
        assert_eq!(has[3], open.remove(&own).unwrap_or_default(), "{line}");
    }
    assert_eq!((sums.len(), open.len()), (0, 0), "no money lies outside the lines");
}

#[actix_web::test]
async fn a_planned_line_gets_its_money_from_another_person_than_its_planner() {
    let office = Office::open().await;
    let chief = json!({"role": "chief_of_office", "valid_from": "2025-01-01"});
    office.login("kien.ht").post(&format!("/v1/users/{}/grant-role", id("lg_bich")), chief).await.expect(200);
    let planner = office.login("bich.tt");
    let made = planner.post(LINES, plan(2031, "6608", 5_000_000)).await.expect(201);
    tells(&made, json!({"status": "planned", "planned_by_id": id("p_bich")}));
    let path = address(LINES, &made);
    assert_eq!(balances(&made), [0; 5], "a plan is no money");
    let corrected = planner.patch(&path, 1, json!({"planned_amount": 6_000_000})).await.expect(200);
    assert_eq!((&corrected["planned_amount"], balances(&corrected)), (&json!(6_000_000), [0; 5]));
    let again = planner.post(LINES, plan(2031, "6608", 1)).await;
    again.refused(409, "duplicate");
    assert_eq!(again.places(), ["#/sub_item"]);

    now(&planner, &path, "activate", json!({})).await.refused(403, "four_eyes");
    let chief = office.login("an.nv");
    chief.post(&format!("{path}/activate"), json!({})).await.refused(428, "precondition_required");
    let active = now(&chief, &path, "activate", json!({})).await.expect(200);
    tells(&active, json!({"status": "active", "activated_by_id": id("p_an")}));
    assert_eq!(balances(&active), [6_000_000, 0, 6_000_000, 0, 0]);
    let entries = entries_of(&office, id_of(&path)).await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    tells(entry, json!({"kind": "appropriate", "amount": 6_000_000}));
    tells(entry, json!({"credit": "source", "debit": "available"}));
    assert_eq!(
        (&entry["document"]["type"], &entry["document"]["href"]),
        (&json!("budget_line"), &json!(path))
    );
    assert_eq!(entry["posted_by_id"], json!(id("lg_an")));

    let version = active["version"].as_i64().unwrap();
    planner.patch(&path, version, json!({"planned_amount": 1})).await.refused(409, "state_conflict");
    now(&chief, &path, "activate", json!({})).await.refused(409, "state_conflict");
    assert_eq!(actions(&office, &path).await, ["create", "update", "activate", "appropriate"]);
}

#[actix_web::test]
async fn a_plan_with_mistakes_names_all_of_them() {
    let office = Office::open().await;
    let planner = office.login("bich.tt");
    let mut body = plan(2031, "9999", 1);
    body["board_id"] = json!(id("btgtu"));
    body["signed_on"] = json!("2025-12-13");
    let refused = planner.post(LINES, body).await;
    assert_eq!(codes(&refused), ["board_not_active", "unknown_sub_item", "out_of_range"]);
    assert_eq!(refused.places(), ["#/board_id", "#/sub_item", "#/signed_on"]);
    let planned = demo_line("2029_btctu_13_7761");
    let version = show(&office, &planned).await["version"].as_i64().unwrap();
    let late = planner.patch(&planned, version, json!({"signed_on": "2025-12-13"})).await;
    assert_eq!(wrong(&late), ["#/signed_on out_of_range"]);
    office.login("an.nv").post(LINES, plan(2031, "6608", 1)).await.refused(403, "forbidden");
    // Another board does not learn of the line; who only claims reads no budget at all.
    office.login("khoi.vm").get(&planned).await.refused(404, "not_found");
    office.login("duong.ntt").get(&planned).await.refused(403, "forbidden");
    office.login("phuoc.dh").get(&planned).await.expect(200);
}

#[actix_web::test]
async fn a_frozen_line_ends_what_was_begun_and_takes_nothing_new() {
    let office = Office::open().await;
    let path = line(&office, "6608", 3_000_000).await;
    let paid = verified(&office, &[cost("publications", 1_000_000)]).await;
    let given_back = verified(&office, &[cost("publications", 500_000)]).await;
    let late = verified(&office, &[cost("publications", 200_000)]).await;
    walk(&office, &paid, &[("an.nv", "approve")]).await;
    walk(&office, &given_back, &[("an.nv", "approve")]).await;

    let bare = now(&office.login("bich.tt"), &path, "freeze", json!({})).await;
    assert_eq!(wrong(&bare), ["#/reason required"]);
    step(&office, &path, "an.nv", "freeze").await.refused(403, "forbidden");
    assert_eq!(walk(&office, &path, &[("bich.tt", "freeze")]).await["status"], "frozen");
    step(&office, &late, "an.nv", "approve").await.refused(409, "budget_line_inactive");
    let fresh = confirmed(&office, claim(&[cost("publications", 1)])).await;
    assert_eq!(codes(&step(&office, &fresh, "ha.lt", "verify").await), ["budget_line_missing"]);
    step(&office, &path, "an.nv", "close").await.refused(409, "in_use");

    walk(&office, &paid, &[("lan.ht", "pay")]).await;
    walk(&office, &given_back, &[("an.nv", "cancel-approval")]).await;
    assert_eq!(money(&office, &path).await, [3_000_000, 0, 2_000_000, 0, 1_000_000]);
    walk(&office, &paid, &[("lan.ht", "reverse"), ("linh.n", "reverse")]).await;
    assert_eq!(money(&office, &path).await, [3_000_000, 0, 3_000_000, 0, 0]);

    step(&office, &path, "bich.tt", "unfreeze").await.refused(403, "forbidden");
    assert_eq!(walk(&office, &path, &[("linh.n", "unfreeze")]).await["status"], "active");
    walk(&office, &late, &[("an.nv", "approve")]).await;
    assert_eq!(money(&office, &path).await, [3_000_000, 0, 2_800_000, 200_000, 0]);
}

#[actix_web::test]
async fn a_closed_line_takes_no_entry_any_more_and_a_planned_one_none_yet() {
    let office = Office::open().await;
    let path = line(&office, "6608", 1_000_000).await;
    let claim = verified(&office, &[cost("publications", 400_000)]).await;
    walk(&office, &claim, &[("an.nv", "approve"), ("lan.ht", "pay")]).await;
    step(&office, &path, "an.nv", "close").await.refused(409, "state_conflict");
    walk(&office, &path, &[("bich.tt", "freeze"), ("an.nv", "close")]).await;
    step(&office, &path, "an.nv", "unfreeze").await.refused(409, "state_conflict");

    step(&office, &claim, "lan.ht", "reverse").await.expect(200);
    step(&office, &claim, "linh.n", "reverse").await.refused(409, "budget_line_inactive");
    assert_eq!(show(&office, &claim).await["status"], "paid", "its payment stands");
    for path in [&path, &demo_line("2029_btctu_13_7761"), &demo_line("2029_btctu_13_6912")] {
        let (before, more) = (money(&office, path).await, proposed(&office, supplement(path, 1)).await);
        step(&office, &more, "an.nv", "sign").await.refused(409, "budget_line_inactive");
        assert_eq!(
            (money(&office, path).await, &show(&office, &more).await["status"]),
            (before, &json!("proposed"))
        );
    }
    assert_eq!(money(&office, &path).await, [1_000_000, 0, 600_000, 0, 400_000]);
}

/// A line that stands as an example says; its address.
async fn standing(office: &Office, input: &Value) -> String {
    let figure = |name: &str| input[name].as_i64().unwrap();
    assert_eq!(figure("transferred_vnd"), 0, "nothing was transferred in any example");
    let path = line(office, "6608", figure("allocated_vnd")).await;
    let line_id = id_of(&path);
    let used = figure("committed_vnd") + figure("spent_vnd");
    let moves = [(Move::Commit, used), (Move::Spend, figure("spent_vnd"))];
    transaction(&office.app, &Actor::system(), async |tx| {
        let movements = moves.map(|(what, amount)| Movement { line_id, what, amount });
        ledger::post(tx, Document::budget_line(line_id), &movements).await
    })
    .await
    .expect("moved");
    path
}

#[actix_web::test]
async fn what_is_asked_keeps_within_what_is_available() {
    for vector in vectors("budget_available") {
        let office = Office::open().await;
        let path = standing(&office, &vector["input"]).await;
        assert_eq!(show(&office, &path).await["available_amount"], vector["expected"]["available_vnd"]);
        office.close().await;
    }
    for vector in vectors("budget_commit") {
        let office = Office::open().await;
        let (expected, ask) = (&vector["expected"], vector["input"]["ask_vnd"].as_i64().unwrap());
        let path = standing(&office, &vector["input"]).await;
        if ask == 0 {
            // A cost of nothing does not even fit the schema.
            let refused = office.login("duong.ntt").post(CLAIMS, claim(&[cost("publications", 0)])).await;
            refused.refused(400, "malformed_request");
            assert_eq!(expected["error_code"], "amount_must_be_positive");
        } else {
            let claim = verified(&office, &[cost("publications", ask)]).await;
            let answer = step(&office, &claim, "an.nv", "approve").await;
            if expected["outcome"] == "accepted" {
                answer.expect(200);
                assert_eq!(show(&office, &path).await["available_amount"], expected["available_after_vnd"]);
            } else {
                // The service calls `budget_exceeded` what it is: the line is insufficient.
                assert_eq!(expected["error_code"], "budget_exceeded");
                let told = answer.refused(409, "budget_insufficient");
                assert_eq!(told["shortage"]["available_amount"], expected["available_vnd"]);
            }
        }
        office.close().await;
    }
    for vector in vectors("budget_commit_race") {
        let office = Office::open().await;
        let (expected, mut claims) = (&vector["expected"], Vec::new());
        let path = standing(&office, &vector["input"]).await;
        for ask in vector["input"]["asks_vnd"].as_array().unwrap() {
            claims.push(verified(&office, &[cost("publications", ask.as_i64().unwrap())]).await);
        }
        assert_eq!(json!(taken(&approve_at_once(&office, &claims).await)), expected["accepted"]);
        assert_eq!(show(&office, &path).await["available_amount"], expected["available_after_vnd"]);
    }
}

fn commitment(order: &Value) -> [Value; 4] {
    ["committed_amount", "spent_amount", "released_amount", "open_amount"]
        .map(|field| order["commitment"][field].clone())
}

#[actix_web::test]
async fn a_commitment_becomes_spending_and_its_rest_is_released() {
    for vector in vectors("commitment_pay") {
        let office = Office::open().await;
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let figure = |name: &str| input[name].as_i64().unwrap();
        let paid = figure("paid_vnd");
        let costs: &[(&str, &str, i64)] = &[("per_diem", "2025-11-10", paid)];
        let order = Order { costs, estimated_amount: figure("committed_vnd"), ..Order::default() };
        let order = order.given(&office).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let claim = of_journey(&office, order, &[("per_diem", paid)]).await;
        walk(&office, &claim, &[("ha.lt", "verify")]).await;
        let answer = step(&office, &claim, "an.nv", "approve").await;
        if expected["outcome"] == "refused" {
            answer.refused(409, expected["error_code"].as_str().unwrap());
        } else {
            walk(&office, &claim, &[("lan.ht", "pay")]).await;
            let path = format!("{ORDERS}/{order}");
            if input["final"] == true {
                walk(&office, &path, &[("ha.lt", "settle")]).await;
            }
            let [_, spent, released, open] = commitment(&show(&office, &path).await);
            assert_eq!(
                [&spent, &released, &open],
                [&expected["spent_vnd"], &expected["released_vnd"], &expected["committed_after_vnd"]]
            );
        }
        office.close().await;
    }
    for vector in vectors("commitment_cancel") {
        let office = Office::open().await;
        let estimated_amount = vector["input"]["committed_vnd"].as_i64().unwrap();
        let order = Order { estimated_amount, ..Order::default() }.given(&office).await;
        let cancelled = walk(&office, &format!("{ORDERS}/{order}"), &[("duong.ntt", "cancel")]).await;
        let [_, _, released, open] = commitment(&cancelled);
        let expected = &vector["expected"];
        assert_eq!([&released, &open], [&expected["released_vnd"], &expected["committed_after_vnd"]]);
    }
}

#[actix_web::test]
async fn sources_never_mix_and_a_transfer_keeps_the_sum() {
    let office = Office::open().await;
    let planner = office.login("bich.tt");
    for vector in vectors("budget_transfer") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let line_of = |side: &Value| {
            let (board, source) = (side["board"].as_str().unwrap(), side["funding_source"].as_str().unwrap());
            demo_line(&format!("2026_{board}_{source}_6702"))
        };
        let (from, to) = (line_of(&input["from"]), line_of(&input["to"]));
        let mut body = transfer(&from, &to, input["amount_vnd"].as_i64().unwrap());
        body["document_number"] = input["document_number"].clone();
        let answer = planner.post(TRANSFERS, body).await;
        match expected["error_code"].as_str() {
            // A decision without its number does not even fit the schema.
            Some("signed_document_required") => drop(answer.refused(400, "malformed_request")),
            Some(code) => assert_eq!(codes(&answer), [code], "{}", vector["id"]),
            None => {
                let before = [money(&office, &from).await, money(&office, &to).await];
                let path = address(TRANSFERS, &answer.expect(201));
                walk(&office, &path, &[("phuoc.dh", "sign"), ("hanh.nt", "sign")]).await;
                let given = change(&office, &from, before[0]).await;
                let got = change(&office, &to, before[1]).await;
                assert_eq!(
                    json!([given[1], given[2]]),
                    json!([expected["from_change_vnd"], expected["from_change_vnd"]])
                );
                assert_eq!(
                    json!([got[1], got[2]]),
                    json!([expected["to_change_vnd"], expected["to_change_vnd"]])
                );
                assert_eq!(json!(given[2] + got[2]), expected["sum_change_vnd"]);
            }
        }
    }
    let order = Order { name: "mixed", ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let claim = of_journey(&office, order, &[("hired_transport", 100_000)]).await;
    let named = |source: &Value| if source == "12" { "non_autonomous" } else { "autonomous" };
    for vector in vectors("claim_line_source") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        assert_eq!(
            show(&office, &format!("{ORDERS}/{order}")).await["funding_source"],
            named(&input["line_source"])
        );
        let body = json!({"funding_source": named(&input["claim_source"])});
        let refused = now(&office.login("ha.lt"), &claim, "verify", body).await;
        assert_eq!(json!(codes(&refused)), json!([expected["error_code"]]));
        assert_eq!(refused.places(), ["#/funding_source"]);
    }
}

#[actix_web::test]
async fn each_kind_has_its_sub_item_and_another_choice_is_logged() {
    let office = Office::open().await;
    let kinds = all(&office.login("an.nv"), "/v1/expense-kinds?on=2025-12-12&").await;
    for vector in vectors("sub_item_for") {
        let of_kind = |kind: &&Value| kind["expense_kind"] == vector["input"]["expense_kind"];
        let rows: Vec<&Value> = kinds.iter().filter(of_kind).collect();
        assert_eq!(rows.len(), 1, "{}", vector["input"]);
        let expected = &vector["expected"];
        assert_eq!(rows[0]["sub_item"], expected["sub_item"], "{}", vector["id"]);
        if !expected["candidates"].is_null() {
            assert_eq!(rows[0]["sub_item_candidates"], expected["candidates"]);
        }
    }
    for vector in vectors("sub_item_override") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let name = vector["id"].as_str().unwrap();
        let legs: &[Transport] = &[Transport::Public];
        let order = Order { name, legs, ..Order::default() }.given(&office).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let kind = input["expense_kind"].as_str().unwrap();
        let claim = of_journey(&office, order, &[(kind, 180_000)]).await;
        let verdict = json!({"line": 0, "allowed_amount": 180_000, "sub_item": input["sub_item"], "sub_item_reason": input["reason"]});
        let answer = now(&office.login("ha.lt"), &claim, "verify", json!({"lines": [verdict]})).await;
        let logged = departures(&office, id_of(&claim)).await;
        if expected["outcome"] == "refused" {
            assert_eq!(json!(codes(&answer)), json!([expected["error_code"]]));
            assert_eq!((answer.places(), logged), (vec!["#/lines/0/sub_item".to_owned()], Vec::new()));
            // What one claim holds is free for the next one.
            let back = now(&office.login("ha.lt"), &claim, "reject", reason()).await;
            back.expect(200);
        } else {
            assert_eq!(answer.expect(200)["lines"][0]["sub_item"], input["sub_item"]);
            assert_eq!(
                (logged.len() == 1, &logged[0]["reason"]),
                (expected["logged"] == true, &input["reason"])
            );
            walk(&office, &claim, &[("an.nv", "reject")]).await;
        }
    }
}

#[actix_web::test]
async fn every_step_of_a_claim_moves_its_money_and_every_entry_leads_to_it() {
    let office = Office::open().await;
    let (books, post) = (line(&office, "6608", 2_000_000).await, line(&office, "6603", 1_000_000).await);
    let costs = [cost("publications", 700_000), cost("post", 200_000), cost("publications", 100_000)];
    let path = verified(&office, &costs).await;
    let (claim, shown) = (id_of(&path), show(&office, &path).await);
    assert_eq!(shown["funding_source"], "autonomous");
    for (index, (code, line)) in [("6608", &books), ("6603", &post), ("6608", &books)].into_iter().enumerate()
    {
        let booked = &shown["lines"][index];
        tells(booked, json!({"sub_item": code, "budget_line_id": id_of(line)}));
        assert_eq!(booked["sub_item_reason"], Value::Null);
    }
    assert_eq!(money(&office, &books).await, [2_000_000, 0, 2_000_000, 0, 0], "a verdict reserves nothing");
    let steps = [
        ("an.nv", "approve", [1_200_000, 800_000, 0], [800_000, 200_000, 0], "commit"),
        ("an.nv", "cancel-approval", [2_000_000, 0, 0], [1_000_000, 0, 0], "release"),
        ("an.nv", "approve", [1_200_000, 800_000, 0], [800_000, 200_000, 0], "commit"),
        ("lan.ht", "pay", [1_200_000, 0, 800_000], [800_000, 0, 200_000], "spend"),
        ("lan.ht", "reverse", [1_200_000, 0, 800_000], [800_000, 0, 200_000], ""),
        ("linh.n", "reverse", [2_000_000, 0, 0], [1_000_000, 0, 0], "reverse"),
    ];
    let mut told = Vec::new();
    for (who, verb, of_books, of_post, entry) in steps {
        walk(&office, &path, &[(who, verb)]).await;
        assert_eq!(money(&office, &books).await[2..], of_books, "{verb}");
        assert_eq!(money(&office, &post).await[2..], of_post, "{verb}");
        if !entry.is_empty() {
            told.extend([800_000, 200_000].map(|amount| format!("{entry} {amount}")));
        }
        told.sort();
        assert_eq!(moved(&office, claim).await, told, "{verb}");
    }
    let entries = entries_of(&office, claim).await;
    for entry in &entries {
        let (document, reverses) = (&entry["document"], &entry["reverses_id"]);
        tells(document, json!({"type": "expense_claim", "id": claim}));
        assert_eq!(show(&office, document["href"].as_str().unwrap()).await["id"], json!(claim));
        assert_eq!(show(&office, &address(ENTRIES, entry)).await, *entry);
        assert_eq!(reverses.is_null(), entry["kind"] != "reverse");
        if let Some(spent) = entries.iter().find(|one| one["id"] == *reverses) {
            assert_eq!(
                (&spent["kind"], &spent["amount"], &spent["budget_line_id"], &spent["posted_by_id"]),
                (&json!("spend"), &entry["amount"], &entry["budget_line_id"], &json!(id("lg_lan")))
            );
        }
    }
    the_sums_agree(&office).await;
}

#[actix_web::test]
async fn another_sub_item_than_the_kinds_own_needs_its_reason_and_is_told() {
    let office = Office::open().await;
    let books = line(&office, "6608", 1_000_000).await;
    let path = confirmed(&office, claim(&[cost("stationery", 300_000)])).await;
    let accountant = office.login("ha.lt");
    let verdict = |more: Value| {
        let mut verdict = json!({"line": 0, "allowed_amount": 300_000});
        verdict.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"lines": [verdict]})
    };
    let bare = now(&accountant, &path, "verify", verdict(json!({"sub_item": "6608"}))).await;
    assert_eq!(wrong(&bare), ["#/lines/0/sub_item_reason required"]);
    let chosen = verdict(json!({"sub_item": "6608", "sub_item_reason": "Sổ tay in sẵn"}));
    let shown = now(&accountant, &path, "verify", chosen).await.expect(200);
    let booked = &shown["lines"][0];
    tells(booked, json!({"sub_item": "6608", "sub_item_reason": "Sổ tay in sẵn"}));
    assert_eq!(booked["budget_line_id"], json!(id_of(&books)));
    let told = history(&office, &path).await;
    let details = &told.last().unwrap()["details"];
    assert_eq!(details["booked"][0]["sub_item_reason"], "Sổ tay in sẵn");
    let listed = departures(&office, id_of(&path)).await;
    assert_eq!(listed.len(), 1);
    for (field, expected) in [
        ("kind", json!("manual_sub_item")),
        ("document_type", json!("expense_claim")),
        ("number", shown["number"].clone()),
        ("board_id", json!(id("btctu"))),
        ("expense_kind", json!("stationery")),
        ("sub_item", json!("6608")),
        ("budget_line_id", json!(id_of(&books))),
        ("amount", json!(300_000)),
        ("reason", json!("Sổ tay in sẵn")),
        ("decided_by_id", json!(id("p_ha"))),
        ("decided_at", json!("2025-12-12T01:00:00Z")),
        ("href", json!(path)),
    ] {
        assert_eq!(listed[0][field], expected, "{field}");
    }
    // Accountants read of their own boards only, who claims reads none.
    let list = "/v1/reports/budget-departures";
    let seen = async |who: &str| all(&office.login(who), &format!("{list}?")).await.contains(&listed[0]);
    assert_eq!((seen("ha.lt").await, seen("dung.pq").await), (true, false));
    office.login("duong.ntt").get(list).await.refused(403, "forbidden");
    // Naming the kind's own sub-item is no departure.
    let path = confirmed(&office, claim(&[cost("stationery", 300_000)])).await;
    now(&accountant, &path, "verify", verdict(json!({"sub_item": "6551"}))).await.expect(200);
    assert_eq!(departures(&office, id_of(&path)).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn what_cannot_be_booked_is_named_all_at_once() {
    let office = Office::open().await;
    let mut repair = cost("vehicle_repair", 200_000);
    repair["invoice"] = json!({"seller_tax_code": "6001112223", "number": "R1", "issued_on": "2025-12-10"});
    let costs = [
        cost("gift", 100_000),
        repair,
        cost("sanitation", 50_000),
        cost("electricity", 60_000),
        cost("stationery", 10_000),
    ];
    let path = confirmed(&office, claim(&costs)).await;
    let accountant = office.login("ha.lt");
    let full = |index: usize| json!({"line": index, "allowed_amount": costs[index]["claimed_amount"]});
    let refused =
        now(&accountant, &path, "verify", json!({"lines": [full(0), full(1), full(2), full(3), full(4)]}))
            .await;
    assert_eq!(
        codes(&refused),
        ["not_paid", "sub_item_required", "budget_line_missing", "budget_line_missing"]
    );
    assert_eq!(refused.places(), [0, 1, 2, 3].map(|line| format!("#/lines/{line}/sub_item")));
    assert!(refused.text.contains("6901, 6902, 6903"), "the candidates are named: {}", refused.text);

    for sub_item in ["6901", "6504", "6501"] {
        line(&office, sub_item, 1_000_000).await;
    }
    let cut = json!({"line": 0, "allowed_amount": 0, "cut_reason": "Không được chi quà tặng"});
    let mut chosen = full(1);
    chosen["sub_item"] = json!("6901");
    let shown = now(&accountant, &path, "verify", json!({"lines": [cut, chosen]})).await.expect(200);
    let booked = |index: usize| shown["lines"][index]["sub_item"].clone();
    assert_eq!(
        [0, 1, 2, 3, 4].map(booked),
        [Value::Null, json!("6901"), json!("6504"), json!("6501"), json!("6551")]
    );
    assert_eq!(shown["lines"][0]["budget_line_id"], Value::Null, "what is cut to nothing is booked nowhere");
    assert_eq!(
        departures(&office, id_of(&path)).await,
        Vec::<Value>::new(),
        "a needed choice departs from nothing"
    );
    walk(&office, &path, &[("an.nv", "approve")]).await;
    assert_eq!(
        moved(&office, id_of(&path)).await,
        ["commit 10000", "commit 200000", "commit 50000", "commit 60000"]
    );
}

#[actix_web::test]
async fn a_claim_of_the_other_source_is_booked_on_its_lines_only() {
    let office = Office::open().await;
    let mut printing = cost("conference_printing", 300_000);
    printing["invoice"] = json!({"seller_tax_code": "6001112223", "number": "P1", "issued_on": "2025-12-10"});
    let path = confirmed(&office, claim(&[printing, cost("stationery", 1000)])).await;
    let accountant = office.login("ha.lt");
    let other = json!({"funding_source": "non_autonomous"});
    let refused = now(&accountant, &path, "verify", other).await;
    assert_eq!(codes(&refused), ["budget_line_missing"], "6551 has autonomous funds only");
    let cut = json!({"line": 1, "allowed_amount": 0, "cut_reason": "Nguồn khác"});
    let body = json!({"funding_source": "non_autonomous", "lines": [cut]});
    let shown = now(&accountant, &path, "verify", body).await.expect(200);
    assert_eq!(shown["funding_source"], "non_autonomous");
    assert_eq!(shown["lines"][0]["budget_line_id"], json!(id("bl_2025_btctu_12_6651")));
}

#[actix_web::test]
async fn what_was_booked_keeps_its_code_when_the_kind_gets_another() {
    let office = Office::open().await;
    line(&office, "6608", 1_000_000).await;
    line(&office, "6606", 1_000_000).await;
    let before = verified(&office, &[cost("publications", 1000)]).await;
    let accountant = office.login("bich.tt");
    let mut kind = json!({
        "expense_kind": "publications", "name": "Sách, báo", "sub_item": "9999", "document_number": "02-QC/VPTU",
        "issuer": "Văn phòng Tỉnh ủy", "valid_from": "2025-12-10", "verification": "verified",
    });
    let refused = accountant.post("/v1/expense-kinds", kind.clone()).await;
    assert_eq!(wrong(&refused), ["#/sub_item unknown_sub_item"]);
    kind["sub_item"] = json!("6606");
    office.login("an.nv").post("/v1/expense-kinds", kind.clone()).await.refused(403, "forbidden");
    accountant.post("/v1/expense-kinds", kind.clone()).await.expect(201);
    accountant.post("/v1/expense-kinds", kind).await.refused(409, "period_taken");
    let mut earlier = cost("publications", 1000);
    earlier["incurred_on"] = json!("2025-12-09");
    let after = verified(&office, &[earlier, cost("publications", 1000)]).await;
    let (before, after) = (show(&office, &before).await, show(&office, &after).await);
    assert_eq!(before["lines"][0]["sub_item"], "6608");
    assert_eq!(
        (&after["lines"][0]["sub_item"], &after["lines"][1]["sub_item"]),
        (&json!("6608"), &json!("6606"))
    );
}

#[actix_web::test]
async fn a_line_is_never_overdrawn_and_a_refusal_changes_nothing() {
    let office = Office::open().await;
    let (books, post) = (line(&office, "6608", 1_000_000).await, line(&office, "6603", 1_000_000).await);
    let first = verified(&office, &[cost("publications", 600_000)]).await;
    walk(&office, &first, &[("an.nv", "approve")]).await;
    // Its first cost fits; the claim is one decision all the same.
    let path = verified(&office, &[cost("post", 300_000), cost("publications", 500_000)]).await;
    let everything = async || {
        let mut shown = Vec::new();
        for path in [&books, &post, &path] {
            shown.push(show(&office, path).await);
        }
        (shown, history(&office, &path).await, all(&office.login("quang.lm"), &format!("{ENTRIES}?")).await)
    };
    let before = everything().await;
    let refused = step(&office, &path, "an.nv", "approve").await.refused(409, "budget_insufficient");
    let shortage = json!({
        "budget_line_id": id_of(&books), "year": 2025, "board_id": id("btctu"), "funding_source": "autonomous", "sub_item": "6608",
        "available_amount": 400_000, "asked_amount": 500_000, "short_by_amount": 100_000,
    });
    assert_eq!(refused["shortage"], shortage);
    assert_eq!(everything().await, before);
    // Exactly what is missing makes it fit.
    let more = proposed(&office, supplement(&books, 100_000)).await;
    walk(&office, &more, &[("linh.n", "sign")]).await;
    walk(&office, &path, &[("an.nv", "approve")]).await;
    assert_eq!(money(&office, &books).await, [1_100_000, 0, 0, 1_100_000, 0]);
}

/// An order of the organisation board's requester in January 2026 that waits for its funds; its address.
async fn submitted(office: &Office) -> String {
    let body = json!({
        "board_id": id("btctu"), "purpose": "Khảo sát công tác cán bộ", "host": "Tỉnh ủy Khánh Hòa",
        "travellers": [{"staff_id": id("p_duong")}], "legs": journey(14),
    });
    let path = address(ORDERS, &office.login("duong.ntt").post(ORDERS, body).await.expect(201));
    walk(office, &path, &[("duong.ntt", "submit")]).await;
    path
}

/// From 12 January on, in a car of the office, with a lump sum for each night.
fn journey(last: u32) -> Value {
    json!([{
        "from_place": "Buôn Ma Thuột", "to_place": "Nha Trang", "starts_at": "2026-01-12T07:00:00+07:00",
        "ends_at": format!("2026-01-{last}T17:00:00+07:00"), "place_class": "province", "transport": "office_car",
        "lodging": "lump_sum", "one_way_km": "185", "round_trip": true,
    }])
}

/// What an order is estimated at, for its days and for its nights.
fn estimated(order: &Value) -> [i64; 2] {
    let lines = order["estimate"]["travellers"][0]["lines"].as_array().unwrap();
    ["per_diem", "lodging_lump_sum"].map(|kind| {
        lines.iter().filter(|line| line["kind"] == kind).map(|line| line["amount"].as_i64().unwrap()).sum()
    })
}

/// What each budget line bears of an order, by a list of its lines.
fn borne(lines: &Value, field: &str) -> BTreeMap<Uuid, i64> {
    let lines = lines.as_array().unwrap().iter();
    lines
        .map(|line| {
            (line["budget_line_id"].as_str().unwrap().parse().unwrap(), line[field].as_i64().unwrap())
        })
        .collect()
}

#[actix_web::test]
async fn an_order_is_borne_by_the_lines_of_its_costs_until_it_is_cancelled() {
    let office = Office::open().await;
    let (days, nights) = (demo_line("2026_btctu_13_6702"), demo_line("2026_btctu_13_6703"));
    let before = [money(&office, &days).await, money(&office, &nights).await];
    let path = submitted(&office).await;
    let shown = walk(&office, &path, &[("ha.lt", "check-funds")]).await;
    let [per_diem, lodging] = estimated(&shown);
    assert_eq!((per_diem, json!(per_diem + lodging)), (900_000, shown["estimated_amount"].clone()));
    let shares = BTreeMap::from([(id_of(&days), per_diem), (id_of(&nights), lodging)]);
    assert_eq!((borne(&shown["funds"], "amount"), &shown["commitment"]), (shares.clone(), &Value::Null));
    assert_eq!(change(&office, &days, before[0]).await, [0; 5], "checking the funds reserves nothing");

    let shown = walk(&office, &path, &[("phuoc.dh", "approve")]).await;
    assert_eq!(borne(&shown["commitment"]["lines"], "committed_amount"), shares);
    assert_eq!(change(&office, &days, before[0]).await, [0, 0, -per_diem, per_diem, 0]);
    assert_eq!(change(&office, &nights, before[1]).await, [0, 0, -lodging, lodging, 0]);
    let mut told = vec![format!("commit {per_diem}"), format!("commit {lodging}")];
    told.sort();
    assert_eq!(moved(&office, id_of(&path)).await, told);

    let made = step(&office, &path, "duong.ntt", "amend").await.expect(201);
    let second = address(ORDERS, &made);
    office.login("duong.ntt").patch(&second, 1, json!({"legs": journey(13)})).await.expect(200);
    let steps = [("duong.ntt", "submit"), ("ha.lt", "check-funds"), ("phuoc.dh", "approve")];
    let shown = walk(&office, &second, &steps).await;
    let [fewer_days, fewer_nights] = estimated(&shown);
    assert_eq!((fewer_days, 2 * fewer_nights), (600_000, lodging));
    assert_eq!(change(&office, &days, before[0]).await, [0, 0, -fewer_days, fewer_days, 0]);
    assert_eq!(change(&office, &nights, before[1]).await, [0, 0, -fewer_nights, fewer_nights, 0]);

    let shown = walk(&office, &second, &[("duong.ntt", "cancel")]).await;
    let all_of_it = json!(fewer_days + fewer_nights);
    assert_eq!(commitment(&shown), [all_of_it.clone(), json!(0), all_of_it, json!(0)]);
    assert_eq!(change(&office, &days, before[0]).await, [0; 5]);
    assert_eq!(change(&office, &nights, before[1]).await, [0; 5]);
    the_sums_agree(&office).await;
}

#[actix_web::test]
async fn one_line_bears_a_whole_order_with_a_reason() {
    let office = Office::open().await;
    let path = submitted(&office).await;
    let (accountant, chosen) = (office.login("ha.lt"), demo_line("2026_btctu_13_6749"));
    let check = async |line: Option<&String>, reason: Value| {
        let body = json!({"funding_source": "autonomous", "budget_line_id": line.map(|line| id_of(line)), "reason": reason});
        now(&accountant, &path, "check-funds", body).await
    };
    let wrong = check(Some(&demo_line("2025_btctu_12_6702")), Value::Null).await;
    assert_eq!(codes(&wrong), ["sources_never_mix", "other_year", "required"]);
    assert_eq!(wrong.places(), ["#/budget_line_id", "#/budget_line_id", "#/reason"]);
    let of_others = check(Some(&demo_line("2026_bnctu_13_6702")), json!("?")).await;
    assert_eq!(codes(&of_others), ["unknown_reference"]);
    assert_eq!(codes(&check(Some(&chosen), Value::Null).await), ["required"]);
    assert_eq!(codes(&check(None, json!("?")).await), ["not_needed"]);

    let why = "Chuyến đi do nguồn chi khác bảo đảm";
    let shown = check(Some(&chosen), json!(why)).await.expect(200);
    let total = shown["estimated_amount"].as_i64().unwrap();
    assert_eq!(borne(&shown["funds"], "amount"), BTreeMap::from([(id_of(&chosen), total)]));
    tells(&shown, json!({"funds_reason": why, "budget_line_id": id_of(&chosen)}));
    let listed = departures(&office, id_of(&path)).await;
    assert_eq!(listed.len(), 1);
    tells(&listed[0], json!({"kind": "one_line_for_all", "reason": why}));
    tells(&listed[0], json!({"amount": total, "href": path}));
    let before = money(&office, &chosen).await;
    walk(&office, &path, &[("phuoc.dh", "approve")]).await;
    assert_eq!(change(&office, &chosen, before).await, [0, 0, -total, total, 0]);

    office.set_clock("2026-01-15T08:00:00+07:00");
    let back = json!({"starts_at": "2026-01-12T07:30:00+07:00", "ends_at": "2026-01-14T16:00:00+07:00", "permit_stamped": true});
    let claimant = office.login("duong.ntt");
    now(&claimant, &path, "complete", back).await.expect(200);
    let claim = address(CLAIMS, &claimant.post(&format!("{path}/start-claim"), json!({})).await.expect(201));
    let shown =
        walk(&office, &claim, &[("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify")]).await;
    for line in shown["lines"].as_array().unwrap() {
        tells(line, json!({"budget_line_id": id_of(&chosen), "sub_item": "6749"}));
    }
}

#[actix_web::test]
async fn a_claim_that_needs_another_split_moves_the_reservation_between_lines() {
    let office = Office::open().await;
    let (days, nights) = (demo_line("2025_btctu_13_6702"), demo_line("2025_btctu_13_6703"));
    let costs: &[(&str, &str, i64)] =
        &[("per_diem", "2025-11-10", 200_000), ("lodging_lump_sum", "2025-11-10", 450_000)];
    let order = Order { costs, estimated_amount: 650_000, ..Order::default() }.given(&office).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let before = [money(&office, &days).await, money(&office, &nights).await];
    // All of it is reserved on the line of the per diems.
    let claim = of_journey(&office, order, &[("per_diem", 200_000), ("lodging_lump_sum", 450_000)]).await;
    walk(&office, &claim, &[("ha.lt", "verify"), ("an.nv", "approve")]).await;
    assert_eq!(change(&office, &days, before[0]).await, [0, 0, 450_000, -450_000, 0]);
    assert_eq!(change(&office, &nights, before[1]).await, [0, 0, -450_000, 450_000, 0]);
    assert_eq!(moved(&office, order).await, ["commit 450000", "commit 650000", "release 450000"]);
    walk(&office, &claim, &[("lan.ht", "pay")]).await;
    assert_eq!(change(&office, &days, before[0]).await, [0, 0, 450_000, -650_000, 200_000]);
    assert_eq!(change(&office, &nights, before[1]).await, [0, 0, -450_000, 0, 450_000]);
    assert_eq!(moved(&office, id_of(&claim)).await, ["spend 200000", "spend 450000"]);
    let path = format!("{ORDERS}/{order}");
    assert_eq!(commitment(&show(&office, &path).await), [650_000, 650_000, 0, 0].map(|amount| json!(amount)));
    walk(&office, &claim, &[("lan.ht", "reverse"), ("linh.n", "reverse")]).await;
    assert_eq!(
        change(&office, &nights, before[1]).await,
        [0, 0, -450_000, 450_000, 0],
        "reserved again for the order"
    );
    assert_eq!(commitment(&show(&office, &path).await), [650_000, 0, 0, 650_000].map(|amount| json!(amount)));
    the_sums_agree(&office).await;
}

#[actix_web::test]
async fn money_goes_from_board_to_board_with_two_signatures() {
    let office = Office::open().await;
    let chief = json!({"role": "chief_of_office", "valid_from": "2025-01-01"});
    office.login("kien.ht").post(&format!("/v1/users/{}/grant-role", id("lg_bich")), chief).await.expect(200);
    let (from, to) = (demo_line("2026_btctu_13_6702"), demo_line("2026_bnctu_13_6702"));
    let before = [money(&office, &from).await, money(&office, &to).await];
    let path = proposed(&office, transfer(&from, &to, 5_000_000)).await;
    step(&office, &path, "bich.tt", "sign").await.refused(403, "four_eyes");
    step(&office, &path, "khoi.vm", "sign").await.refused(404, "not_found");
    step(&office, &path, "ha.lt", "sign").await.refused(403, "forbidden");
    let sign = format!("{path}/sign");
    office.login("phuoc.dh").post(&sign, json!({})).await.refused(428, "precondition_required");
    let half = walk(&office, &path, &[("phuoc.dh", "sign")]).await;
    tells(&half, json!({"status": "proposed", "from_signed_by_id": id("p_phuoc")}));
    assert_eq!(
        (change(&office, &from, before[0]).await, entries_of(&office, id_of(&path)).await.len()),
        ([0; 5], 0)
    );
    step(&office, &path, "phuoc.dh", "sign").await.refused(403, "four_eyes");
    let posted = walk(&office, &path, &[("hanh.nt", "sign")]).await;
    tells(&posted, json!({"status": "posted", "to_signed_by_id": id("p_hanh")}));
    assert_eq!(posted["posted_at"], "2025-12-12T01:00:00Z");
    assert_eq!(change(&office, &from, before[0]).await, [0, -5_000_000, -5_000_000, 0, 0]);
    assert_eq!(change(&office, &to, before[1]).await, [0, 5_000_000, 5_000_000, 0, 0]);
    let entries = entries_of(&office, id_of(&path)).await;
    assert_eq!(entries.len(), 2);
    for entry in &entries {
        let gives = entry["budget_line_id"] == json!(id_of(&from));
        let (credit, debit) = if gives { ("available", "source") } else { ("source", "available") };
        tells(entry, json!({"credit": credit, "debit": debit}));
        assert_eq!((&entry["kind"], &entry["document"]["href"]), (&json!("transfer"), &json!(path)));
    }
    step(&office, &path, "bich.tt", "withdraw").await.refused(409, "state_conflict");
    assert_eq!(actions(&office, &path).await, ["create", "sign", "sign"]);

    // A chief of office stands in for the head of one board.
    let path = proposed(&office, transfer(&from, &to, 1_000_000)).await;
    let posted = walk(&office, &path, &[("an.nv", "sign"), ("hanh.nt", "sign")]).await;
    tells(&posted, json!({"status": "posted", "from_signed_by_id": id("p_an")}));
}

#[actix_web::test]
async fn within_a_board_and_for_a_supplement_one_chief_signs() {
    let office = Office::open().await;
    let (from, to) = (demo_line("2026_btctu_13_6703"), demo_line("2026_btctu_13_6701"));
    let before = [money(&office, &from).await, money(&office, &to).await];
    let within = proposed(&office, transfer(&from, &to, 2_000_000)).await;
    step(&office, &within, "phuoc.dh", "sign").await.refused(403, "forbidden");
    let posted = walk(&office, &within, &[("an.nv", "sign")]).await;
    tells(&posted, json!({"status": "posted", "from_signed_by_id": null}));
    assert_eq!(change(&office, &from, before[0]).await, [0, -2_000_000, -2_000_000, 0, 0]);
    assert_eq!(change(&office, &to, before[1]).await, [0, 2_000_000, 2_000_000, 0, 0]);

    let more = proposed(&office, supplement(&to, 3_000_000)).await;
    step(&office, &more, "phuoc.dh", "sign").await.refused(403, "forbidden");
    walk(&office, &more, &[("linh.n", "sign")]).await;
    assert_eq!(change(&office, &to, before[1]).await, [3_000_000, 2_000_000, 5_000_000, 0, 0]);
    assert_eq!(moved(&office, id_of(&more)).await, ["supplement 3000000"]);

    let all_and_more = money(&office, &from).await[2] + 1;
    let path = proposed(&office, transfer(&from, &to, all_and_more)).await;
    let refused = step(&office, &path, "an.nv", "sign").await.refused(409, "budget_insufficient");
    assert_eq!(
        (&refused["shortage"]["budget_line_id"], &refused["shortage"]["short_by_amount"]),
        (&json!(id_of(&from)), &json!(1))
    );
    let shown = show(&office, &path).await;
    tells(&shown, json!({"status": "proposed", "to_signed_by_id": null}));
    assert_eq!(change(&office, &to, before[1]).await, [3_000_000, 2_000_000, 5_000_000, 0, 0]);
}

#[actix_web::test]
async fn a_proposal_with_mistakes_names_all_of_them() {
    let office = Office::open().await;
    let planner = office.login("bich.tt");
    let (line, nothing) = (demo_line("2026_btctu_13_6702"), format!("{LINES}/{}", Uuid::nil()));
    let mut bare = supplement(&nothing, 1);
    bare["kind"] = json!("transfer");
    bare["signed_on"] = json!("2025-12-13");
    let mut given = transfer(&line, &line, 1);
    given["kind"] = json!("supplement");
    let cases: [(Value, &[&str], &[&str]); 5] = [
        (
            bare,
            &["required", "unknown_reference", "out_of_range"],
            &["from_line_id", "to_line_id", "signed_on"],
        ),
        (transfer(&nothing, &line, 1), &["unknown_reference"], &["from_line_id"]),
        (transfer(&line, &line, 1), &["same_line"], &["to_line_id"]),
        (
            transfer(&line, &demo_line("2025_btctu_12_6702"), 1),
            &["sources_never_mix", "other_year"],
            &["to_line_id", "to_line_id"],
        ),
        (given, &["not_for_this_kind"], &["from_line_id"]),
    ];
    for (body, expected, fields) in cases {
        let refused = planner.post(TRANSFERS, body).await;
        assert_eq!(codes(&refused), expected);
        let places: Vec<String> = fields.iter().map(|field| format!("#/{field}")).collect();
        assert_eq!(refused.places(), places);
    }
    planner.post(TRANSFERS, supplement(&line, 0)).await.refused(400, "malformed_request");
    office.login("an.nv").post(TRANSFERS, supplement(&line, 1)).await.refused(403, "forbidden");
}

#[actix_web::test]
async fn either_board_reads_a_transfer_and_ends_it_without_moving_money() {
    let office = Office::open().await;
    let path = format!("{TRANSFERS}/{}", id("tr_2029"));
    for reader in ["phuoc.dh", "hanh.nt", "ha.lt", "dung.pq", "quang.lm"] {
        let shown = office.login(reader).get(&path).await.expect(200);
        tells(&shown, json!({"status": "proposed", "proposed_by_id": id("p_bich")}));
    }
    let third = office.login("khoi.vm");
    third.get(&path).await.refused(404, "not_found");
    assert_eq!(all(&third, &format!("{TRANSFERS}?")).await, Vec::<Value>::new());
    office.login("duong.ntt").get(&path).await.refused(403, "forbidden");

    let (from, to) = (demo_line("2029_btctu_13_6703"), demo_line("2029_bnctu_13_6702"));
    let before = [money(&office, &from).await, money(&office, &to).await];
    let bare = now(&office.login("hanh.nt"), &path, "reject", json!({})).await;
    assert_eq!(wrong(&bare), ["#/reason required"]);
    let ended = walk(&office, &path, &[("hanh.nt", "reject")]).await;
    tells(&ended, json!({"status": "rejected", "decision_reason": "Rà soát"}));
    step(&office, &path, "phuoc.dh", "sign").await.refused(409, "state_conflict");

    let other = proposed(&office, transfer(&from, &to, 1)).await;
    walk(&office, &other, &[("phuoc.dh", "sign")]).await;
    step(&office, &other, "an.nv", "withdraw").await.refused(403, "forbidden");
    assert_eq!(walk(&office, &other, &[("bich.tt", "withdraw")]).await["status"], "withdrawn");
    step(&office, &other, "hanh.nt", "sign").await.refused(409, "state_conflict");
    assert_eq!([money(&office, &from).await, money(&office, &to).await], before);
    let listed = all(
        &office.login("hanh.nt"),
        &format!("{TRANSFERS}?status=withdrawn&budget_line_id={}&", id_of(&to)),
    )
    .await;
    assert_eq!(listed.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&json!(id_of(&other))]);
}

#[actix_web::test]
async fn a_balance_is_told_of_every_moment_that_has_been() {
    let office = Office::open().await;
    let path = line(&office, "6608", 1_000_000).await;
    let claim = verified(&office, &[cost("publications", 300_000)]).await;
    office.set_clock("2025-12-12T09:00:00+07:00");
    walk(&office, &claim, &[("an.nv", "approve")]).await;
    office.set_clock("2025-12-12T10:00:00+07:00");
    walk(&office, &claim, &[("lan.ht", "pay")]).await;
    let auditor = office.login("quang.lm");
    for (moment, expected, entries) in [
        ("2025-12-12T00:59:59Z", [0; 5], 0),
        ("2025-12-12T01:00:00Z", [1_000_000, 0, 1_000_000, 0, 0], 1),
        ("2025-12-12T01:59:59Z", [1_000_000, 0, 1_000_000, 0, 0], 1),
        ("2025-12-12T02:00:00Z", [1_000_000, 0, 700_000, 300_000, 0], 2),
        ("2025-12-12T02:59:59Z", [1_000_000, 0, 700_000, 300_000, 0], 2),
        ("2025-12-12T03:00:00Z", [1_000_000, 0, 700_000, 0, 300_000], 3),
    ] {
        let told = auditor.get(&format!("{path}/balance?as_of={moment}")).await.expect(200);
        assert_eq!((balances(&told), &told["entry_count"]), (expected, &json!(entries)), "{moment}");
        assert_eq!(told["as_of"], moment);
    }
    let told = auditor.get(&format!("{path}/balance")).await.expect(200);
    assert_eq!(
        (balances(&told), &told["as_of"]),
        (money(&office, &path).await, &json!("2025-12-12T03:00:00Z"))
    );
    let future = auditor.get(&format!("{path}/balance?as_of=2025-12-12T03:00:01Z")).await;
    assert_eq!(wrong(&future), ["as_of out_of_range"]);
    // What a line gave away is no more there from the moment of the last signature on.
    let gave = demo_line("2025_btctu_13_6703");
    for (moment, expected) in [("2025-10-20T06:59:59Z", 0), ("2025-10-20T07:00:00Z", -8_000_000)] {
        let told = auditor.get(&format!("{gave}/balance?as_of={moment}")).await.expect(200);
        assert_eq!(told["transferred_amount"], expected, "{moment}");
    }
}

#[actix_web::test]
async fn every_line_is_the_sum_of_its_entries_whatever_happens() {
    let office = Office::open().await;
    the_sums_agree(&office).await;
    let entries = all(&office.login("quang.lm"), &format!("{ENTRIES}?")).await;
    let documents: BTreeSet<&str> = entries
        .iter()
        .filter(|entry| entry["document"]["type"] != "budget_line")
        .map(|entry| entry["document"]["href"].as_str().unwrap())
        .collect();
    assert!(documents.contains(&*format!("{TRANSFERS}/{}", id("tr_2025_2"))), "{documents:?}");
    for href in documents {
        show(&office, href).await;
    }

    line(&office, "6608", 5_000_000).await;
    let [paid, cancelled, reversed, waiting] = [400_000, 300_000, 200_000, 100_000]
        .map(|amount| [cost("publications", amount), cost("stationery", amount)]);
    let mut claims = Vec::new();
    for costs in [&paid, &cancelled, &reversed, &waiting] {
        let path = verified(&office, costs).await;
        walk(&office, &path, &[("an.nv", "approve")]).await;
        claims.push(path);
    }
    walk(&office, &claims[0], &[("lan.ht", "pay")]).await;
    walk(&office, &claims[1], &[("an.nv", "cancel-approval")]).await;
    walk(&office, &claims[2], &[("lan.ht", "pay"), ("lan.ht", "reverse"), ("linh.n", "reverse")]).await;
    let order = submitted(&office).await;
    walk(&office, &order, &[("ha.lt", "check-funds"), ("phuoc.dh", "approve")]).await;
    walk(&office, &format!("{TRANSFERS}/{}", id("tr_2029")), &[("phuoc.dh", "sign"), ("hanh.nt", "sign")])
        .await;
    walk(&office, &demo_line("2029_btctu_13_7761"), &[("linh.n", "activate")]).await;
    the_sums_agree(&office).await;
}

/// Rounded half up.
fn divided(part: i64, by: i64) -> i64 {
    (2 * part + by) / (2 * by)
}

fn percent(part: i64, whole: i64) -> Value {
    let hundredths = divided(part * 10_000, whole);
    json!(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

#[actix_web::test]
async fn the_execution_of_a_year_is_that_of_its_lines() {
    let office = Office::open().await;
    let auditor = office.login("quang.lm");
    let lines = all(&auditor, &format!("{LINES}?year=2025&")).await;
    let path = "/v1/reports/budget-execution";
    let report = auditor.get(path).await.expect(200);
    // The 346th day of 365.
    tells(&report, json!({"year": 2025, "on": "2025-12-12", "year_gone_percent": "94.79"}));
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), lines.len());
    let mut total = [0; 5];
    for row in rows {
        let line = lines.iter().find(|line| line["id"] == row["budget_line_id"]).unwrap();
        let has = balances(line);
        assert_eq!((balances(&row["figures"]), &row["sub_item"]), (has, &line["sub_item"]));
        assert_eq!(row["figures"]["spent_percent"], percent(has[4], has[0] + has[1]));
        total = std::array::from_fn(|index| total[index] + has[index]);
    }
    assert_eq!(balances(&report["total"]), total);
    assert_eq!(total[1], 0, "transfers keep the sum");
    assert_eq!(report["total"]["spent_percent"], percent(total[4], total[0]));

    for (year, gone) in [(2019, "100.00"), (2026, "0.00")] {
        let report = auditor.get(&format!("{path}?year={year}")).await.expect(200);
        assert_eq!(report["year_gone_percent"], gone);
    }
    let seen = async |who: &str| -> BTreeSet<String> {
        let report = office.login(who).get(path).await.expect(200);
        let rows = report["rows"].as_array().unwrap().iter();
        rows.map(|row| row["board_id"].as_str().unwrap().to_owned()).collect()
    };
    let boards = |names: &[&str]| names.iter().map(|name| id(name).to_string()).collect::<BTreeSet<String>>();
    assert_eq!(seen("phuoc.dh").await, boards(&["btctu"]));
    assert_eq!(seen("dung.pq").await, boards(&["ubkttu", "bnctu"]));
    let foreign = format!("{path}?board_id={}", id("bnctu"));
    assert_eq!(office.login("phuoc.dh").get(&foreign).await.expect(200)["rows"], json!([]));
    for report in [path, "/v1/reports/budget-comparison"] {
        office.login("duong.ntt").get(report).await.refused(403, "forbidden");
    }
}

#[actix_web::test]
async fn boards_are_compared_by_what_they_spend_for_each_head() {
    let office = Office::open().await;
    let auditor = office.login("quang.lm");
    let lines = all(&auditor, &format!("{LINES}?year=2025&funding_source=autonomous&sub_item=6702&")).await;
    let report = auditor.get("/v1/reports/budget-comparison?funding_source=autonomous").await.expect(200);
    let row = report["rows"].as_array().unwrap().iter().find(|row| row["sub_item"] == "6702").unwrap();
    let boards = row["boards"].as_array().unwrap();
    assert_eq!((boards.len(), &row["name"]), (lines.len(), &json!("Phụ cấp công tác phí")));
    let sum = |field: &str| -> i64 { boards.iter().map(|board| board[field].as_i64().unwrap()).sum() };
    let of_all = divided(sum("spent_amount"), sum("head_count"));
    assert_eq!(row["spent_per_head_amount"], of_all);
    for board in boards {
        let line = lines.iter().find(|line| line["board_id"] == board["board_id"]).unwrap();
        let (has, heads) = (balances(line), board["head_count"].as_i64().unwrap());
        let own = divided(has[4], heads);
        tells(board, json!({"spent_amount": has[4], "spent_per_head_amount": own}));
        assert_eq!(board["spent_percent"], percent(has[4], has[0] + has[1]));
        assert_eq!(board["against_all_percent"], percent(own, of_all));
    }
    let today: NaiveDate = "2025-12-12".parse().unwrap();
    let held = appointments::Entity::find()
        .filter(appointments::Column::BoardId.eq(id("btctu")))
        .all(&office.app.db.writer)
        .await
        .unwrap();
    let today =
        held.iter().filter(|one| one.valid_from <= today && one.valid_to.is_none_or(|last| today <= last));
    let people: BTreeSet<Uuid> = today.map(|one| one.staff_id).collect();
    let own = boards.iter().find(|board| board["board_id"] == json!(id("btctu"))).unwrap();
    assert_eq!(own["head_count"], json!(people.len()));
}

#[actix_web::test]
async fn of_eight_claims_at_once_as_many_are_approved_as_fit() {
    let office = Office::open().await;
    let path = line(&office, "6608", 5_000_000).await;
    let mut claims = Vec::new();
    for _ in 0..8 {
        claims.push(verified(&office, &[cost("publications", 1_500_000)]).await);
    }
    assert_eq!(taken(&approve_at_once(&office, &claims).await), 3);
    assert_eq!(money(&office, &path).await, [5_000_000, 0, 500_000, 4_500_000, 0]);
    the_sums_agree(&office).await;
}

#[actix_web::test]
async fn signatures_at_once_post_a_transfer_once() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let path = format!("{TRANSFERS}/{}", id("tr_2029"));
    let to = demo_line("2029_bnctu_13_6702");
    let before = money(&office, &to).await;
    let (giving, receiving) =
        (at_both(&office, &second, "phuoc.dh").await, at_both(&office, &second, "hanh.nt").await);
    let (one, other) =
        join(now(&giving[0], &path, "sign", json!({})), now(&receiving[1], &path, "sign", json!({}))).await;
    assert_eq!((one.status, other.status), (200, 200), "{} {}", one.text, other.text);
    assert_eq!(moved(&office, id_of(&path)).await, ["transfer 3000000", "transfer 3000000"]);
    assert_eq!(change(&office, &to, before).await, [0, 3_000_000, 3_000_000, 0, 0]);

    // One signature is enough here, and it counts once.
    let more = proposed(&office, supplement(&to, 1_000_000)).await;
    let (one, other) = (at_both(&office, &second, "an.nv").await, at_both(&office, &second, "linh.n").await);
    let chiefs = [&one[0], &other[1], &one[1], &other[0]];
    let answers = join_all(chiefs.map(|chief| now(chief, &more, "sign", json!({})))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| answer.status < 500));
    assert_eq!(moved(&office, id_of(&more)).await, ["supplement 1000000"]);
}

#[actix_web::test]
async fn transfers_in_opposite_directions_never_wait_for_each_other() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let lines = [demo_line("2026_btctu_13_6701"), demo_line("2026_btctu_13_6703")];
    let before = [money(&office, &lines[0]).await, money(&office, &lines[1]).await];
    let mut paths = Vec::new();
    for index in 0..8 {
        let body = transfer(&lines[index % 2], &lines[(index + 1) % 2], 1_000_000);
        paths.push(proposed(&office, body).await);
    }
    let chiefs = at_both(&office, &second, "an.nv").await;
    let signs =
        paths.iter().enumerate().map(|(index, path)| now(&chiefs[index / 4], path, "sign", json!({})));
    for answer in join_all(signs).await {
        assert_eq!(answer.expect(200)["status"], "posted");
    }
    assert_eq!([money(&office, &lines[0]).await, money(&office, &lines[1]).await], before);
}

/// A commitment of 1 đồng on a line, as the ledger would write it.
async fn entry_on(office: &Office, path: &str) -> budget_entries::Model {
    let row = budget_lines::Entity::find_by_id(id_of(path)).one(&office.app.db.writer).await;
    let row = row.unwrap().expect("the line");
    budget_entries::Model {
        id: id(&format!("{path}/entry")),
        budget_line_id: row.id,
        board_id: row.board_id,
        year: row.year,
        funding_source: row.funding_source,
        kind: BudgetEntryKind::Commit,
        debit: BudgetAccount::Committed,
        credit: BudgetAccount::Available,
        amount: 1,
        document_type: DocumentType::BudgetLine,
        document_id: row.id,
        reverses_id: None,
        posted_at: office.app.clock.now(),
        posted_by_id: None,
    }
}

#[actix_web::test]
async fn the_database_itself_keeps_the_ledger() {
    use BudgetAccount::{Available, Committed, Spent};
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let path = line(&office, "6608", 1_000_000).await;
    let claim = verified(&office, &[cost("publications", 400_000)]).await;
    walk(&office, &claim, &[("an.nv", "approve")]).await;
    // The one line of its sub-item and year: ids look different on the two engines.
    let update =
        |change: &str| format!("UPDATE budget_lines SET {change} WHERE sub_item = '6608' AND year = 2025");
    for (change, guard) in [
        ("available_amount = -1, committed_amount = 1000001", "budget_lines_available_check"),
        ("available_amount = 1000001, committed_amount = -1", "budget_lines_committed_check"),
        ("spent_amount = -1, committed_amount = 400001", "budget_lines_spent_check"),
        ("spent_amount = 1", "budget_lines_balance_check"),
        ("status = 'planned'", "budget_lines_planned_is_empty_check"),
        ("status = 'closed'", "budget_lines_closed_check"),
        ("activated_by_id = planned_by_id", "budget_lines_four_eyes_check"),
        ("year = 2026", "foreign key"),
    ] {
        let error = db.execute_unprepared(&update(change)).await.expect_err(change).to_string();
        assert!(error.to_lowercase().contains(guard), "{change}: {error}");
    }
    let harmless = db.execute_unprepared(&update("issuer = issuer")).await.unwrap();
    assert_eq!(harmless.rows_affected(), 1, "the row was there");
    for sql in ["UPDATE budget_entries SET amount = amount + 1", "DELETE FROM budget_entries"] {
        assert!(
            db.execute_unprepared(sql).await.expect_err(sql).to_string().contains("append_only"),
            "{sql}"
        );
    }

    walk(&office, &claim, &[("lan.ht", "pay"), ("lan.ht", "reverse"), ("linh.n", "reverse")]).await;
    let closed = line(&office, "6603", 1_000_000).await;
    walk(&office, &closed, &[("bich.tt", "freeze"), ("an.nv", "close")]).await;
    let good = entry_on(&office, &path).await;
    let reversal = budget_entries::Entity::find()
        .filter(budget_entries::Column::BudgetLineId.eq(good.budget_line_id))
        .filter(budget_entries::Column::Kind.eq(BudgetEntryKind::Reverse))
        .one(db)
        .await
        .unwrap()
        .expect("the payment was reversed");
    let reverse = BudgetEntryKind::Reverse;
    for (wrong, guard) in [
        (budget_entries::Model { amount: 0, ..good.clone() }, "budget_entries_amount_check"),
        (budget_entries::Model { debit: Available, ..good.clone() }, "budget_entries_accounts_check"),
        (
            budget_entries::Model { kind: BudgetEntryKind::Spend, ..good.clone() },
            "budget_entries_accounts_check",
        ),
        (budget_entries::Model { debit: Spent, ..good.clone() }, "budget_entries_accounts_check"),
        (
            budget_entries::Model { kind: reverse, credit: Spent, debit: Committed, ..good.clone() },
            "budget_entries_reverses_check",
        ),
        (budget_entries::Model { board_id: id("bnctu"), ..good.clone() }, "foreign key"),
        (budget_entries::Model { year: 2026, ..good.clone() }, "foreign key"),
        (
            budget_entries::Model { funding_source: FundingSource::NonAutonomous, ..good.clone() },
            "foreign key",
        ),
        (budget_entries::Model { id: good.id, ..reversal }, "reverses_id"),
        (entry_on(&office, &closed).await, "budget_entries_line_status"),
        (entry_on(&office, &demo_line("2029_btctu_13_7761")).await, "budget_entries_line_status"),
        (entry_on(&office, &demo_line("2029_btctu_13_6912")).await, "budget_entries_line_status"),
    ] {
        let told = format!("{wrong:?}");
        let error = wrong.into_active_model().insert(db).await.expect_err(&told).to_string();
        assert!(error.to_lowercase().contains(guard), "{told}: {error}");
    }
    good.into_active_model().insert(db).await.expect("without the mistake it is taken");
}
