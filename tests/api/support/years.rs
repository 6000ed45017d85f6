//! The end of budget years: lines to try it on, and what everybody asks about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use entity::budget_entries::DocumentType;
use reqwest::Method;
use shared_office::app::App;
use shared_office::budgets::commitments::{self, Document, Shares};
use shared_office::error::ApiResult;
use shared_office::ops::verify;
use shared_office::write::{Actor, Tx, transaction};
use uuid::Uuid;

use super::{Answer, Client, Office, Value, id, json};

pub(crate) const YEARS: &str = "/v1/budget-years";
pub(crate) const LINES: &str = "/v1/budget-lines";
pub(crate) const ENTRIES: &str = "/v1/budget-entries";
pub(crate) const CLAIMS: &str = "/v1/expense-claims";
pub(crate) const TRANSFERS: &str = "/v1/budget-transfers";

pub(crate) fn id_of(path: &str) -> Uuid {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

pub(crate) fn address(collection: &str, made: &Value) -> String {
    format!("{collection}/{}", made["id"].as_str().unwrap())
}

/// A step on whatever version there is now.
pub(crate) async fn take(client: &Client, path: &str, verb: &str) -> Answer {
    let body = json!({"reason": "Khóa sổ cuối năm"});
    let body = if matches!(verb, "unfreeze" | "cancel-approval") { body } else { json!({}) };
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

pub(crate) async fn walk(office: &Office, path: &str, steps: &[(&str, &str)]) -> Value {
    let mut shown = Value::Null;
    for (who, verb) in steps {
        shown = take(&office.login(who), path, verb).await.expect(200);
    }
    shown
}

pub(crate) async fn show(office: &Office, path: &str) -> Value {
    office.login("quang.lm").get(path).await.expect(200)
}

/// The address of a year.
pub(crate) async fn year(office: &Office, year: i64) -> String {
    let found = show(office, &format!("{YEARS}?year={year}")).await;
    address(YEARS, &found["items"][0])
}

pub(crate) async fn preview(office: &Office, path: &str) -> Value {
    show(office, &format!("{path}/carry-forward")).await
}

pub(crate) async fn actions(office: &Office, path: &str) -> Vec<String> {
    let page = show(office, &format!("{path}/history?limit=200")).await;
    let entries = page["items"].as_array().unwrap().iter();
    entries.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn plan(year: i64, source: &str, sub_item: &str, amount: i64) -> Value {
    json!({
        "year": year, "board_id": id("btctu"), "funding_source": source, "sub_item": sub_item, "planned_amount": amount,
        "document_number": "12-QĐ/TU", "issuer": "Ban Thường vụ Tỉnh ủy", "signed_on": "2025-12-05",
    })
}

/// A new line in force; its address.
pub(crate) async fn line(office: &Office, year: i64, source: &str, sub_item: &str, amount: i64) -> String {
    let made = office.login("bich.tt").post(LINES, plan(year, source, sub_item, amount)).await.expect(201);
    let path = address(LINES, &made);
    walk(office, &path, &[("an.nv", "activate")]).await;
    path
}

/// Three lines of 2032: own funds for which the next year has a line, own funds for which it has none, and others.
pub(crate) struct Lines {
    pub(crate) year: String,
    pub(crate) kept: String,
    pub(crate) alone: String,
    pub(crate) lapsing: String,
    pub(crate) next: String,
}

pub(crate) async fn lines(office: &Office) -> Lines {
    let kept = line(office, 2032, "autonomous", "6702", 10_000_000).await;
    let alone = line(office, 2032, "autonomous", "6703", 5_000_000).await;
    let lapsing = line(office, 2032, "non_autonomous", "6702", 3_000_000).await;
    let next = line(office, 2033, "autonomous", "6702", 1_000_000).await;
    Lines { year: year(office, 2032).await, kept, alone, lapsing, next }
}

/// Transferred, available, committed, spent.
pub(crate) async fn money(office: &Office, path: &str) -> [i64; 4] {
    let shown = show(office, path).await;
    ["transferred_amount", "available_amount", "committed_amount", "spent_amount"]
        .map(|field| shown[field].as_i64().unwrap())
}

pub(crate) async fn lines_of(office: &Office, year: i64) -> Vec<Value> {
    let page = show(office, &format!("{LINES}?year={year}&limit=200")).await;
    page["items"].as_array().unwrap().clone()
}

/// What all lines of both years hold together, by source.
pub(crate) async fn sums(office: &Office, year: i64) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for line in [lines_of(office, year).await, lines_of(office, year + 1).await].concat() {
        let source = line["funding_source"].as_str().unwrap().to_owned();
        for field in ["available_amount", "committed_amount", "spent_amount"] {
            *sums.entry(source.clone()).or_default() += line[field].as_i64().unwrap();
        }
    }
    sums
}

pub(crate) async fn the_office_agrees_with_itself(office: &Office) {
    let report = verify::run(&office.app.db, office.app.clock.now()).await.unwrap();
    assert!(report.ok, "{}", verify::summary(&report));
}

/// What a refusal names, by code, sorted.
#[track_caller]
pub(crate) fn obstacles(answer: &Answer) -> Vec<String> {
    let body = answer.refused(409, "budget_year_unsettled");
    let mut codes: Vec<String> = body["obstacles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes
}

/// A conference that reserves money; it needs no row of its own.
pub(crate) fn conference(name: &str) -> Document {
    Document { kind: DocumentType::Conference, id: id(name) }
}

pub(crate) async fn in_ledger<T>(app: &Arc<App>, work: impl AsyncFn(&Tx) -> ApiResult<T>) -> ApiResult<T> {
    transaction(app, &Actor::system(), work).await
}

pub(crate) async fn reserve(office: &Office, document: Document, line: &str, amount: i64) {
    let shares = Shares::from([(id_of(line), amount)]);
    in_ledger(&office.app, async |tx| commitments::commit(tx, document, &shares).await).await.unwrap();
}

pub(crate) async fn spend(app: &Arc<App>, document: Document, line: &str, amount: i64) -> ApiResult<()> {
    let shares = Shares::from([(id_of(line), amount)]);
    in_ledger(app, async |tx| {
        commitments::spend(tx, document, document, &shares, &Shares::new()).await.map(drop)
    })
    .await
}

/// A claim of the organisation board of this year that its accountant has verified; its address.
pub(crate) async fn verified(office: &Office, amount: i64) -> String {
    let cost = json!({"kind": "publications", "incurred_on": "2025-12-10", "description": "Sách", "claimed_amount": amount});
    let body = json!({"board_id": id("btctu"), "kind": "other", "purpose": "Mua sách", "lines": [cost]});
    let path = address(CLAIMS, &office.login("duong.ntt").post(CLAIMS, body).await.expect(201));
    walk(office, &path, &[("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify")]).await;
    path
}
