//! What waits for whom: the inbox has exactly the records whose `waiting_on` names the caller.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;

use crate::support::{Client, Office, Value, id, json};

const INBOX: &str = "/v1/me/inbox";

/// Everybody of the demo office with a part in its work.
const PEOPLE: [&str; 22] = [
    "an.nv",
    "linh.n",
    "kien.ht",
    "bich.tt",
    "ha.lt",
    "dung.pq",
    "thuan.b",
    "mai.vn",
    "lan.ht",
    "thinh.bd",
    "phuoc.dh",
    "duong.ntt",
    "chin.k",
    "vinh.pt",
    "huy.tq",
    "tu.dc",
    "son.pt",
    "loc.tv",
    "quang.lm",
    "khoi.vm",
    "nam.ld",
    "thu.nghiem",
];

/// The collections whose records say in a list whom they wait for, or else in a single read.
const COLLECTIONS: [(&str, &str); 10] = [
    ("travel_order", "/v1/travel-orders"),
    ("advance", "/v1/advances"),
    ("expense_claim", "/v1/expense-claims"),
    ("vehicle_booking", "/v1/vehicle-bookings"),
    ("trip", "/v1/trips"),
    ("conference_task", "/v1/conference-tasks"),
    ("fuel_statement", "/v1/fuel-statements"),
    ("review", "/v1/reviews"),
    ("obstacle", "/v1/obstacles"),
    ("measure", "/v1/measures"),
];

/// A whole list, page by page.
async fn whole(client: &Client, path: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{sign}limit=100{next}")).await.expect(200);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        next = format!(
            "&cursor={}",
            url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect::<String>()
        );
    }
}

/// Address, role and due time of every record of the office that the caller may read and that waits for them, as the
/// records tell it.
async fn waiting_for(client: &Client) -> BTreeSet<(String, String, String)> {
    let me = client.get("/v1/me").await.expect(200)["staff_id"].clone();
    let mut found = BTreeSet::new();
    let mut note = |path: &str, record: &Value| {
        let on = &record["waiting_on"];
        if on["staff"].as_array().is_some_and(|staff| staff.contains(&me)) {
            let address = format!("{path}/{}", record["id"].as_str().unwrap());
            found.insert((address, on["role"].as_str().unwrap().to_owned(), on["due_at"].to_string()));
        }
    };
    for (kind, path) in COLLECTIONS {
        let in_lists = !["fuel_statement", "review"].contains(&kind);
        let query = if in_lists { "?expand=allowed_actions" } else { "" };
        if client.get(&format!("{path}?limit=1")).await.status == 403 {
            continue;
        }
        for record in whole(client, &format!("{path}{query}")).await {
            if in_lists {
                note(path, &record);
            } else {
                note(path, &client.get(&format!("{path}/{}", record["id"].as_str().unwrap())).await.body);
            }
        }
    }
    for car in whole(client, "/v1/vehicles").await {
        let path = format!("/v1/vehicles/{}/odometer-corrections", car["id"].as_str().unwrap());
        for record in whole(client, &path).await {
            let path = "/v1/odometer-corrections";
            let record = client.get(&format!("{path}/{}", record["id"].as_str().unwrap())).await;
            note(path, &record.body);
        }
    }
    found
}

async fn inbox(client: &Client) -> BTreeSet<(String, String, String)> {
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let items = whole(client, INBOX).await;
    let all: BTreeSet<_> = items
        .iter()
        .map(|item| (text(item, "href"), text(item, "role"), item["due_at"].to_string()))
        .collect();
    assert_eq!(all.len(), items.len(), "nothing stands there twice");
    all
}

#[actix_web::test]
async fn the_inbox_is_what_the_records_say_for_everybody_of_the_office() {
    let office = Office::open().await;
    // Every kind waits for somebody: a reversal for its second signature, a correction for a consent.
    let paid = format!("/v1/expense-claims/{}", id("ec_03"));
    office.login("lan.ht").act(&paid, "reverse", json!({"reason": "Chi nhầm"})).await.expect(200);
    let mut seen = BTreeSet::new();
    for who in PEOPLE {
        let client = office.login(who);
        let told = inbox(&client).await;
        assert_eq!(told, waiting_for(&client).await, "{who}");
        seen.extend(
            told.into_iter().map(|(href, role, _)| (href.split('/').nth(2).unwrap().to_owned(), role)),
        );
    }
    for (kind, role) in [
        ("expense-claims", "claimant"),
        ("expense-claims", "board_head"),
        ("expense-claims", "accountant"),
        ("expense-claims", "chief_of_office"),
        ("expense-claims", "cashier"),
        ("travel-orders", "requester"),
        ("travel-orders", "accountant"),
        ("advances", "chief_of_office"),
        ("advances", "cashier"),
        ("advances", "requester"),
        ("vehicle-bookings", "board_head"),
        ("vehicle-bookings", "requester"),
        ("vehicle-bookings", "dispatcher"),
        ("trips", "dispatcher"),
        ("trips", "driver"),
        ("conference-tasks", "lead"),
        ("conference-tasks", "checker"),
        ("conference-tasks", "chief_of_office"),
        ("fuel-statements", "dispatcher"),
        ("reviews", "chief_of_office"),
        ("odometer-corrections", "chief_of_office"),
        ("obstacles", "chief_of_office"),
        ("obstacles", "owner"),
        ("obstacles", "reporter"),
        ("measures", "board_head"),
        ("measures", "lead"),
        ("measures", "chief_of_office"),
    ] {
        assert!(seen.contains(&(kind.to_owned(), role.to_owned())), "no {kind} waits for a {role}: {seen:?}");
    }
    let reversal = whole(&office.login("an.nv"), &format!("{INBOX}?resource_type=expense_claim")).await;
    let reversal =
        reversal.iter().find(|item| item["id"] == json!(id("ec_03"))).expect("the second signature");
    assert_eq!((&reversal["status"], &reversal["role"]), (&json!("paid"), &json!("chief_of_office")));
}

#[actix_web::test]
async fn the_most_urgent_comes_first_and_pages_miss_nothing() {
    let office = Office::open().await;
    let an = office.login("an.nv");
    let all = whole(&an, INBOX).await;
    assert!(all.len() > 4, "{}", all.len());
    let due = |item: &Value| item["due_at"].as_str().map(|at| at.parse::<DateTime<Utc>>().unwrap());
    let keys: Vec<_> =
        all.iter().map(|item| (due(item).is_none(), due(item), item["id"].to_string())).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(keys, sorted, "what is due at no time comes last");
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let page = an.get(&format!("{INBOX}?limit=2&include_total=true{next}")).await;
        let body = page.expect(200);
        assert_eq!(body["total"], json!(all.len()));
        let items = body["items"].as_array().unwrap().clone();
        assert!(items.len() <= 2);
        paged.extend(items);
        let Some(cursor) = body["next_cursor"].as_str() else { break };
        assert!(page.header("link").unwrap().contains("rel=\"next\""));
        next = format!("&cursor={cursor}");
    }
    assert_eq!(paged, all);
    // A cursor belongs to its filters and its owner.
    let page = an.get(&format!("{INBOX}?limit=1")).await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let other = an.get(&format!("{INBOX}?limit=1&overdue=true&cursor={cursor}")).await;
    other.refused(422, "invalid_cursor");
    let other = office.login("linh.n").get(&format!("{INBOX}?limit=1&cursor={cursor}")).await;
    other.refused(422, "invalid_cursor");
    an.get(&format!("{INBOX}?cursor=abc")).await.refused(422, "invalid_cursor");
}

#[actix_web::test]
async fn the_inbox_is_filtered_by_kind_and_by_lateness() {
    let office = Office::open().await;
    let an = office.login("an.nv");
    let all = whole(&an, INBOX).await;
    for kind in ["expense_claim", "conference_task"] {
        let some = whole(&an, &format!("{INBOX}?resource_type={kind}")).await;
        let expected: Vec<_> = all.iter().filter(|item| item["resource_type"] == kind).cloned().collect();
        assert_eq!(some, expected);
        assert!(!some.is_empty());
    }
    let late = whole(&an, &format!("{INBOX}?overdue=true")).await;
    let in_time = whole(&an, &format!("{INBOX}?overdue=false")).await;
    assert_eq!(late.len() + in_time.len(), all.len());
    office.advance(TimeDelta::days(30));
    for item in whole(&an, &format!("{INBOX}?resource_type=expense_claim")).await {
        assert_eq!(item["overdue"], json!(true), "a claim has its time, and a month is longer");
    }
    an.get(&format!("{INBOX}?resource_type=payment")).await.refused(400, "malformed_request");
}

#[actix_web::test]
async fn a_step_moves_a_record_to_the_next_inbox() {
    let office = Office::open().await;
    let claim = format!("/v1/expense-claims/{}", id("ec_14"));
    let has = async |who: &str| {
        whole(&office.login(who), INBOX).await.iter().any(|item| item["href"] == claim.as_str())
    };
    assert!(has("phuoc.dh").await && !has("ha.lt").await);
    office.login("phuoc.dh").act(&claim, "confirm", json!({})).await.expect(200);
    assert!(!has("phuoc.dh").await && has("ha.lt").await);
    // Whoever is away has a substitute, and the substitute has the inbox.
    let absence = json!({
        "board_id": id("btctu"), "accountant_id": id("p_mai/accountant"), "kind": "substitute",
        "valid_from": "2025-12-12", "valid_to": "2025-12-19", "decision_number": "9-QĐ/VPTU", "reason": "Nghỉ phép",
    });
    office.login("bich.tt").post("/v1/accountant-assignments", absence).await.expect(201);
    assert!(!has("ha.lt").await && has("mai.vn").await);
}

#[actix_web::test]
async fn the_number_of_queries_does_not_grow_with_the_inbox() {
    let office = Office::open().await;
    let (address, statements) = office.watched_process().await;
    let duong = office.login_at(&address, "duong.ntt");
    duong.token().await;
    let count = async || {
        statements.lock().unwrap().clear();
        let items = duong.get(&format!("{INBOX}?limit=200")).await.expect(200);
        let queries = statements.lock().unwrap().len();
        (items["items"].as_array().unwrap().len(), queries)
    };
    let (before, queries) = count().await;
    for n in 0..5 {
        let body =
            json!({"board_id": id("btctu"), "kind": "other", "purpose": format!("Hồ sơ {n}"), "lines": []});
        duong.post("/v1/expense-claims", body).await.expect(201);
    }
    assert_eq!(count().await, (before + 5, queries));
}

#[actix_web::test]
async fn the_workload_has_the_travel_orders_that_wait_for_the_accountant() {
    let office = Office::open().await;
    let ha = office.login("ha.lt");
    let address = format!("/v1/accountants/{}/workload", id("p_ha/accountant"));
    let counted = async || {
        let load = ha.get(&address).await.expect(200);
        let boards = load["boards"].as_array().unwrap().clone();
        let mut found = Vec::new();
        for board in &boards {
            for entry in board["travel_orders"].as_array().unwrap() {
                let ages = entry["ages"].as_object().unwrap().values();
                assert_eq!(ages.map(|count| count.as_i64().unwrap()).sum::<i64>(), entry["count"]);
                found.push((board["board_id"].clone(), entry["status"].clone(), entry["count"].clone()));
            }
        }
        found
    };
    let orders = whole(&ha, "/v1/travel-orders?status=submitted&status=completed").await;
    let of =
        |found: &[(Value, Value, Value)]| -> i64 { found.iter().map(|(.., n)| n.as_i64().unwrap()).sum() };
    let before = counted().await;
    assert!(of(&before) > 0);
    assert_eq!(of(&before), orders.len() as i64);
    let order = format!("/v1/travel-orders/{}", id("to_2029_draft"));
    office.login("duong.ntt").post(&format!("{order}/submit"), json!({})).await.expect(200);
    assert_eq!(of(&counted().await), of(&before) + 1);
}

#[actix_web::test]
async fn the_ageing_counts_open_claims_by_board_and_step() {
    let office = Office::open().await;
    let report = office.login("quang.lm").get("/v1/reports/claim-ageing").await.expect(200);
    let claims = whole(&office.login("quang.lm"), "/v1/expense-claims?expand=allowed_actions").await;
    let now: DateTime<Utc> = "2025-12-12T01:00:00Z".parse().unwrap();
    let rows = report["rows"].as_array().unwrap();
    let open = ["submitted", "confirmed", "verified", "approved", "returned"];
    let open: Vec<&Value> =
        claims.iter().filter(|claim| open.contains(&claim["status"].as_str().unwrap())).collect();
    assert_eq!(report["open_count"], json!(open.len()));
    assert!(rows.len() > 3);
    for row in rows {
        let mine: Vec<&&Value> = open
            .iter()
            .filter(|claim| claim["board_id"] == row["board_id"] && claim["status"] == row["status"])
            .collect();
        assert_eq!(row["count"], json!(mine.len()));
        let amount = |claim: &&&Value| {
            claim["allowed_amount"].as_i64().unwrap_or_else(|| claim["claimed_amount"].as_i64().unwrap())
        };
        assert_eq!(row["amount"], json!(mine.iter().map(amount).sum::<i64>()));
        let since = |claim: &&&Value| claim["waiting_on"]["since"].as_str().unwrap().to_owned();
        assert_eq!(row["oldest_since"], json!(mine.iter().map(since).min().unwrap()));
        let late = mine.iter().filter(|claim| {
            claim["waiting_on"]["due_at"]
                .as_str()
                .is_some_and(|at| at.parse::<DateTime<Utc>>().unwrap() < now)
        });
        assert_eq!(row["late_count"], json!(late.count()));
        let ages = row["ages"].as_object().unwrap().values();
        assert_eq!(ages.map(|count| count.as_i64().unwrap()).sum::<i64>(), mine.len() as i64);
    }
}

#[actix_web::test]
async fn ages_are_counted_for_a_day_in_days_of_the_office() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    // Half past eleven at night in the office.
    office.set_clock("2025-12-15T23:30:00+07:00");
    let line =
        json!({"kind": "other", "incurred_on": "2025-12-10", "description": "Giấy", "claimed_amount": 7000});
    let body = json!({"board_id": id("btctu"), "kind": "other", "purpose": "Giấy", "lines": [line]});
    let claim = duong.post("/v1/expense-claims", body).await.expect(201);
    let row = async |on: &str| {
        let path = format!("/v1/reports/claim-ageing?board_id={}&on={on}", id("btctu"));
        let report = office.login("phuoc.dh").get(&path).await.expect(200);
        assert_eq!(report["on"], on);
        let rows = report["rows"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["status"] == "submitted").unwrap_or_default()
    };
    let before = row("2025-12-15").await;
    duong
        .post(&format!("/v1/expense-claims/{}/submit", claim["id"].as_str().unwrap()), json!({}))
        .await
        .expect(200);
    let after = row("2025-12-15").await;
    let grown = |row: &Value, bucket: &str, than: &Value| {
        row["ages"][bucket].as_i64().unwrap() - than["ages"][bucket].as_i64().unwrap_or(0)
    };
    assert_eq!(grown(&after, "days_0_to_2", &before), 1);
    assert_eq!(after["amount"].as_i64().unwrap() - before["amount"].as_i64().unwrap_or(0), 7000);
    // The claims before it are of 12 December or earlier, so all are older on these days.
    assert_eq!(row("2025-12-17").await["ages"]["days_0_to_2"], json!(1));
    assert_eq!(row("2025-12-18").await["ages"]["days_0_to_2"], json!(0));
    assert_eq!(row("2025-12-26").await["ages"]["days_0_to_2"], json!(0));
    assert_eq!(row("2025-12-26").await["ages"]["days_over_10"], row("2025-12-26").await["count"]);
    assert_eq!(row("2025-12-14").await["count"], before["count"], "a claim of the next day is left out");
}

#[actix_web::test]
async fn the_ageing_of_other_boards_is_not_told() {
    let office = Office::open().await;
    let boards = async |who: &str, query: &str| -> BTreeSet<String> {
        let report = office.login(who).get(&format!("/v1/reports/claim-ageing{query}")).await.expect(200);
        let rows = report["rows"].as_array().unwrap();
        rows.iter().map(|row| row["board_id"].as_str().unwrap().to_owned()).collect()
    };
    let own = BTreeSet::from([id("btctu").to_string()]);
    assert_eq!(boards("phuoc.dh", "").await, own);
    assert!(boards("phuoc.dh", &format!("?board_id={}", id("bnctu"))).await.is_empty());
    assert_eq!(boards("an.nv", &format!("?board_id={}", id("btctu"))).await, own);
    assert!(boards("an.nv", "").await.len() > 1);
    assert!(boards("ha.lt", "").await.contains(&id("btctu").to_string()));
    office.login("duong.ntt").get("/v1/reports/claim-ageing").await.refused(403, "forbidden");
    office.visitor().get(INBOX).await.refused(401, "token_invalid");
}

#[actix_web::test]
async fn the_inbox_with_a_key_is_cut_to_its_scopes() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let account =
        json!({"name": "inbox", "owner_id": id("lg_an"), "scopes": ["claim.read"], "board_ids": null});
    let account = admin.post("/v1/service-accounts", account).await.expect(201);
    let issue = format!("/v1/service-accounts/{}/issue-key", account["id"].as_str().unwrap());
    let key = admin.post(&issue, json!({})).await.expect(200);
    let script = office.visitor().with_key(key["key"].as_str().unwrap());
    let items = whole(&script, INBOX).await;
    assert!(!items.is_empty());
    // Advances are read with claims.
    let kinds: BTreeSet<_> = items.iter().map(|item| item["resource_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["advance", "expense_claim"]));
    script.send(Method::GET, "/v1/reports/claim-ageing", None, &[]).await.refused(403, "forbidden");
}
