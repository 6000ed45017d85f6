//! Service accounts: what their keys can do, and what they cannot.

use std::collections::BTreeSet;

use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};

use crate::integration::{DIRECTORY, drain};
use crate::support::{Client, Office, Value, contract, id, json};

/// An account and the first key of it.
struct Script {
    account: String,
    key_id: String,
    key: String,
}

impl Script {
    async fn make(office: &Office, owner: &str, scopes: &[&str], boards: Option<&[&str]>) -> Self {
        let boards = boards.map(|boards| boards.iter().map(|board| id(board)).collect::<Vec<_>>());
        let body = json!({"name": format!("{owner} {} {scopes:?}", boards.is_some()).chars().take(100).collect::<String>(),
            "owner_id": id(owner), "scopes": scopes, "board_ids": boards});
        let admin = office.login("kien.ht");
        let account = admin.post("/v1/service-accounts", body).await.expect(201);
        let account = format!("/v1/service-accounts/{}", account["id"].as_str().unwrap());
        let issued = admin.post(&format!("{account}/issue-key"), json!({})).await.expect(200);
        let text = |field: &str| issued[field].as_str().unwrap().to_owned();
        Self { key_id: text("key_id"), key: text("key"), account }
    }

    fn client(&self, office: &Office) -> Client {
        office.visitor().with_key(&self.key)
    }
}

fn ids(list: &Value, field: &str) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_key_reads_what_its_scopes_say_and_nothing_else() {
    let office = Office::open().await;
    let script = Script::make(&office, "lg_bich", &["claim.read", "changes.read"], None).await;
    let client = script.client(&office);
    let me = client.get("/v1/me").await.expect(200);
    assert_eq!(me["username"], "bich.tt");
    assert_eq!(me["service_account"]["scopes"], json!(["changes.read", "claim.read"]));
    assert!(!client.get("/v1/expense-claims").await.expect(200)["items"].as_array().unwrap().is_empty());
    let (changes, _) = drain(&client, None).await;
    let kinds: BTreeSet<_> = changes.iter().map(|change| change["resource_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["advance", "expense_claim", "payment"]));
}

#[actix_web::test]
async fn a_limit_to_boards_holds_for_a_drivers_own_trips() {
    use crate::support::dispatch::{approved, issue, planned};
    let office = Office::open().await;
    let role = json!({"role": "requester", "board_id": id("bnctu"), "valid_from": "2025-12-01"});
    office.login("kien.ht").post(&format!("/v1/users/{}/grant-role", id("lg_son")), role).await.expect(200);
    let own = approved(&office, "bnctu", "07:00", "17:00").await;
    let other = approved(&office, "btctu", "07:00", "17:00").await;
    let trip = planned(&office, &[&other, &own], "v_everest", "dr_son").await;
    issue(&office.login("thinh.bd"), &trip).await.expect(200);
    let scopes = ["trip.read"];
    let limited = Script::make(&office, "lg_son", &scopes, Some(&["bnctu"])).await.client(&office);
    let all = Script::make(&office, "lg_son", &scopes, None).await.client(&office);
    for client in [&office.login("son.pt"), &all] {
        assert_eq!(client.get(&trip).await.expect(200)["booking_ids"], json!([other, own]));
    }
    assert_eq!(limited.get(&trip).await.expect(200)["booking_ids"], json!([own]));
}

/// Every operation that wants another right is refused, whatever its address and body.
async fn refused_elsewhere(client: &Client, scopes: &[&str]) {
    for (path, item) in contract::document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let action = operation["x-action"].as_str().unwrap();
            if scopes.contains(&action) || ["visit", "me.read"].contains(&action) {
                continue;
            }
            let address = path
                .split('/')
                .map(|part| if part.starts_with('{') { id("btctu").to_string() } else { part.to_owned() });
            let address = address.collect::<Vec<_>>().join("/");
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = client.send(method, &address, None, &[]).await;
            let told = answer.refused(403, "forbidden")["detail"].as_str().unwrap().to_owned();
            assert!(told.contains(action), "{path}: {told}");
        }
    }
}

#[actix_web::test]
async fn an_account_with_one_scope_and_one_board_is_refused_everywhere_else() {
    let office = Office::open().await;
    let script = Script::make(&office, "lg_an", &["claim.read"], Some(&["btctu"])).await;
    let client = script.client(&office);
    refused_elsewhere(&client, &["claim.read"]).await;

    client.get(&format!("/v1/expense-claims/{}", id("ec_03"))).await.expect(200);
    let hidden = client.get(&format!("/v1/expense-claims/{}", id("ec_07"))).await;
    hidden.refused(404, "not_found");
    client.get(&format!("/v1/payments/{}", id("ec_01/payment"))).await.refused(404, "not_found");
    let claims = client.get("/v1/expense-claims?limit=200").await.expect(200);
    let boards = ids(&claims, "board_id");
    assert!(!boards.is_empty() && boards.iter().all(|board| *board == id("btctu").to_string()));
    let me = client.get("/v1/me").await.expect(200);
    assert_eq!(me["boards"], json!([id("btctu")]));
    assert!(
        me["roles"]
            .as_array()
            .unwrap()
            .iter()
            .all(|role| role["board_id"].is_null() || role["board_id"] == json!(id("btctu")))
    );
}

#[actix_web::test]
async fn a_limit_to_boards_holds_in_lists_feed_and_clashes() {
    let office = Office::open().await;
    let scopes =
        ["booking.read", "conference.read", "task.decide", "claim.read", "changes.read", "directory.read"];
    let limited = Script::make(&office, "lg_an", &scopes, Some(&["bnctu"])).await.client(&office);
    let all = Script::make(&office, "lg_an", &scopes, None).await.client(&office);
    let own = id("bnctu").to_string();
    for list in ["/v1/vehicle-bookings", "/v1/expense-claims", "/v1/conferences"] {
        let (few, many) = (
            limited.get(&format!("{list}?limit=200")).await.expect(200),
            all.get(&format!("{list}?limit=200")).await.expect(200),
        );
        let elsewhere = |list: &Value| ids(list, "board_id").iter().any(|board| *board != own);
        assert!(elsewhere(&many) && !elsewhere(&few), "{list}");
    }
    for change in drain(&limited, None).await.0 {
        let kind = change["resource_type"].as_str().unwrap();
        assert!(DIRECTORY.contains(&kind) || change["board_id"] == json!(own), "{change}");
    }
    // The owner may decide objections everywhere; the account only in its board.
    let task = format!("/v1/conference-tasks/{}", id("tk_2029_btctu_06"));
    all.get(&task).await.expect(200);
    limited.get(&task).await.refused(404, "not_found");
    let overrule = json!({"reason": "Đúng việc của ban"});
    limited.post(&format!("{task}/overrule"), overrule.clone()).await.refused(404, "not_found");
    all.post(&format!("{task}/overrule"), overrule).await.expect(200);
}

#[actix_web::test]
async fn what_is_the_owners_own_in_other_boards_stays_hidden_from_a_limited_account() {
    let office = Office::open().await;
    // The requester coordinates the conference and leads tasks of the organisation board.
    let scopes = ["conference.read", "task.lead"];
    let owner = office.login("duong.ntt");
    let task = format!("/v1/conference-tasks/{}", id("tk_2029_btctu_04"));
    owner.get(&task).await.expect(200);
    let admin = office.login("kien.ht");
    let role = json!({"role": "requester", "board_id": id("bnctu"), "valid_from": "2025-12-01"});
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_duong")), role).await.expect(200);
    let limited = Script::make(&office, "lg_duong", &scopes, Some(&["bnctu"])).await.client(&office);
    limited.get(&task).await.refused(404, "not_found");
    limited.post(&format!("{task}/accept"), json!({})).await.refused(404, "not_found");
    let tasks = limited.get("/v1/conference-tasks?limit=200").await.expect(200);
    let own = id("bnctu").to_string();
    for item in tasks["items"].as_array().unwrap() {
        let boards = [&item["board_id"], &item["lead_board_id"]];
        let part = item["coordinators"].to_string().contains(&own);
        assert!(part || boards.contains(&&json!(own)), "{item}");
    }
}

#[actix_web::test]
async fn a_key_ends_with_its_revocation_its_day_its_account_and_its_owner() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let user = format!("/v1/users/{}", id("lg_lan"));
    let ask = async |script: &Script| {
        let headers = [("X-Request-Id", "same")];
        script.client(&office).send(Method::GET, "/v1/me", None, &headers).await
    };
    let make = async || Script::make(&office, "lg_lan", &["claim.read"], None).await;
    let first = make().await;
    ask(&first).await.expect(200);
    let reason = json!({"key_id": first.key_id, "reason": "Lộ khóa"});
    admin.post(&format!("{}/revoke-key", first.account), reason.clone()).await.expect(200);
    let revoked = ask(&first).await;
    revoked.refused(401, "token_invalid");
    admin.post(&format!("{}/revoke-key", first.account), reason).await.refused(409, "state_conflict");
    let unknown = Script { key: format!("ak_{}", "A".repeat(43)), ..first };
    assert_eq!(ask(&unknown).await.text, revoked.text);
    let nonsense = office.visitor().with_key("nonsense");
    let nonsense = nonsense.send(Method::GET, "/v1/me", None, &[("X-Request-Id", "same")]).await;
    assert_eq!(nonsense.text, revoked.text);

    // Another key of the same account goes on, until the account is closed.
    let issue = format!("{}/issue-key", unknown.account);
    let key = admin.post(&issue, json!({"expires_on": "2025-12-13"})).await.expect(200);
    assert_eq!(key["expires_at"], "2025-12-13T17:00:00Z");
    let second = Script { key: key["key"].as_str().unwrap().to_owned(), ..unknown };
    ask(&second).await.expect(200);
    let version = admin.get(&second.account).await.expect(200)["version"].as_i64().unwrap();
    admin.patch(&second.account, version, json!({"active": false})).await.expect(200);
    assert_eq!(ask(&second).await.text, revoked.text);
    admin.post(&issue, json!({})).await.refused(409, "state_conflict");
    admin.patch(&second.account, version + 1, json!({"active": true})).await.expect(200);
    ask(&second).await.expect(200);

    office.set_clock("2025-12-13T23:59:59+07:00");
    ask(&second).await.expect(200);
    office.set_clock("2025-12-14T00:00:00+07:00");
    assert_eq!(ask(&second).await.text, revoked.text);

    let issued = admin.post(&issue, json!({})).await.expect(200);
    let third = Script { key: issued["key"].as_str().unwrap().to_owned(), ..second };
    third.client(&office).get("/v1/expense-claims").await.expect(200);
    let end = json!({"role_id": id("lg_lan/cashier/office"), "reason": "Nghỉ hưu"});
    admin.post(&format!("{user}/end-role"), end).await.expect(200);
    third.client(&office).get("/v1/expense-claims").await.refused(403, "forbidden");
    admin.patch(&user, 2, json!({"active": false})).await.expect(200);
    assert_eq!(ask(&third).await.text, revoked.text);
}

#[actix_web::test]
async fn no_scope_lets_a_key_manage_people_or_keys() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    for scope in ["user.manage", "user.read", "session.use", "me.read", "visit"] {
        let body = json!({"name": "x", "owner_id": id("lg_kien"), "scopes": ["directory.read", scope]});
        let answer = admin.post("/v1/service-accounts", body).await;
        let refusal = answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), ["#/scopes/1"], "{scope}");
        assert_eq!(refusal["errors"][0]["code"], "not_for_keys");
    }
    let script = Script::make(&office, "lg_kien", &["directory.read"], None).await;
    let client = script.client(&office);
    client.get(&script.account).await.refused(403, "forbidden");
    client.post(&format!("{}/issue-key", script.account), json!({})).await.refused(403, "forbidden");
    client.post("/v1/auth/logout", json!({})).await.refused(403, "forbidden");
    let others = office.login("an.nv");
    others.post(&format!("{}/issue-key", script.account), json!({})).await.refused(403, "forbidden");
}

#[actix_web::test]
async fn everything_that_an_account_cannot_have_is_named_at_once() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let body = json!({"name": "Quá tay", "owner_id": id("lg_phuoc"),
        "scopes": ["claim.read", "claim.pay", "claim.eat", "vehicle.manage", "board.manage"],
        "board_ids": [id("btctu"), id("ubkttu"), id("no such board")]});
    let answer = admin.post("/v1/service-accounts", body).await;
    let errors = answer.refused(422, "validation_failed")["errors"].clone();
    let codes: Vec<_> = errors.as_array().unwrap().iter().map(|error| error["code"].clone()).collect();
    assert_eq!(
        answer.places(),
        ["#/scopes/1", "#/scopes/2", "#/scopes/3", "#/scopes/4", "#/board_ids/1", "#/board_ids/2"]
    );
    assert_eq!(
        codes,
        [
            "beyond_owner",
            "unknown_scope",
            "beyond_owner",
            "beyond_owner",
            "beyond_owner",
            "unknown_reference"
        ]
    );
    let whole = json!({"name": "Xe", "owner_id": id("lg_thinh"), "scopes": ["vehicle.manage"],
        "board_ids": [id("btctu")]});
    let answer = admin.post("/v1/service-accounts", whole).await;
    assert_eq!(answer.refused(422, "validation_failed")["errors"][0]["code"], "not_of_a_board");
    let nobody = json!({"name": "Ma", "owner_id": id("nobody"), "scopes": ["claim.read"]});
    let answer = admin.post("/v1/service-accounts", nobody).await;
    answer.refused(422, "validation_failed");
    assert_eq!(answer.places(), ["#/owner_id"]);
    let password = json!({"username": "khong.ai", "password": "một câu dài dễ nhớ 2026"});
    let login = admin.post("/v1/users", password).await.expect(201);
    let role = json!({"role": "auditor", "valid_from": "2025-12-01"});
    admin.post(&format!("/v1/users/{}/grant-role", login["id"].as_str().unwrap()), role).await.expect(200);
    let of_nobody = json!({"name": "Không ai", "owner_id": login["id"], "scopes": ["claim.read"]});
    let answer = admin.post("/v1/service-accounts", of_nobody).await;
    assert_eq!(answer.refused(422, "validation_failed")["errors"][0]["code"], "staff_required");
    let twice = json!({"name": "Kế toán – kéo dữ liệu hằng đêm", "owner_id": id("lg_bich"), "scopes": ["claim.read"]});
    admin.post("/v1/service-accounts", twice).await.refused(409, "duplicate");
    let nightly = format!("/v1/service-accounts/{}", id("sa_nightly"));
    let wider = admin.patch(&nightly, 1, json!({"scopes": ["claim.read", "booking.approve"]})).await;
    wider.refused(422, "validation_failed");
    assert_eq!(wider.places(), ["#/scopes/1"]);
    for day in ["2025-12-11", "2026-12-13"] {
        let far = admin.post(&format!("{nightly}/issue-key"), json!({"expires_on": day})).await;
        far.refused(422, "validation_failed");
    }
    admin.post(&format!("{nightly}/issue-key"), json!({"expires_on": "2026-12-12"})).await.expect(200);
}

#[actix_web::test]
async fn the_key_is_shown_once_and_stands_nowhere_in_the_database() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let nightly = format!("/v1/service-accounts/{}", id("sa_nightly"));
    let issue = async || {
        let headers = [("Idempotency-Key", "once")];
        admin.send(Method::POST, &format!("{nightly}/issue-key"), Some(json!({})), &headers).await
    };
    let first = issue().await.expect(200);
    let key = first["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("ak_") && key.len() >= 46, "{key}");
    assert!(
        key.starts_with(first["prefix"].as_str().unwrap()) && first["prefix"].as_str().unwrap().len() <= 12
    );
    let again = issue().await;
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    assert_eq!(again.expect(200)["key"], Value::Null);
    assert_eq!(again.body["key_id"], first["key_id"]);
    let account = admin.get(&nightly).await;
    let history = admin.get(&format!("{nightly}/history")).await;
    assert_eq!(account.expect(200)["keys"].as_array().unwrap().len(), 2);
    assert_eq!(ids(&history.expect(200), "action"), ["create", "issue-key"]);
    assert!(!account.text.contains(&key) && !history.text.contains(&key));

    let db = &office.app.db.writer;
    let backend = db.get_database_backend();
    let secret = key.trim_start_matches("ak_").to_owned();
    for (table, column) in [
        ("idempotency_keys", "body"),
        ("audit_events", "CAST(details AS text)"),
        ("service_keys", "digest"),
        ("service_keys", "prefix"),
    ] {
        let sql = format!("SELECT count(*) AS hits FROM {table} WHERE {column} LIKE $1");
        let values = [format!("%{secret}%").into()];
        let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
        assert_eq!(row.unwrap().try_get::<i64>("", "hits").unwrap(), 0, "{table}.{column}");
    }
}

#[actix_web::test]
async fn what_a_key_does_is_done_for_its_owner_under_the_accounts_name() {
    let office = Office::open().await;
    let scopes = ["claim.read", "claim.claim", "claim.confirm"];
    let script = Script::make(&office, "lg_phuoc", &scopes, None).await;
    let client = script.client(&office);
    let claim = format!("/v1/expense-claims/{}", id("ec_14"));
    client.act(&claim, "confirm", json!({})).await.expect(200);
    let history = office.login("quang.lm").get(&format!("{claim}/history")).await.expect(200);
    let last = history["items"].as_array().unwrap().last().unwrap().clone();
    let name = last["actor_name"].as_str().unwrap();
    assert!(name.contains("(service account of ") && name.starts_with("lg_phuoc"), "{name}");
    assert_eq!(last["actor_id"], json!(id("lg_phuoc")));

    // Four eyes: what the owner claims, the owner's script does not confirm.
    let body = json!({"board_id": id("btctu"), "kind": "other", "purpose": "Văn phòng phẩm",
        "lines": [{"kind": "other", "incurred_on": "2025-12-10", "description": "Giấy", "claimed_amount": 1000}]});
    let own = office.login("phuoc.dh").post("/v1/expense-claims", body).await.expect(201);
    let own = format!("/v1/expense-claims/{}", own["id"].as_str().unwrap());
    client.act(&own, "submit", json!({})).await.expect(200);
    client.act(&own, "confirm", json!({})).await.refused(403, "four_eyes");
}

#[actix_web::test]
async fn a_repeated_request_of_a_script_is_not_that_of_its_owner() {
    let office = Office::open().await;
    let script = Script::make(&office, "lg_duong", &["booking.read", "booking.request"], None).await;
    let body = json!({"board_id": id("btctu"), "purpose": "Họp", "pick_up_place": "A", "destination": "B",
        "starts_at": "2025-12-20T08:00:00+07:00", "ends_at": "2025-12-20T10:00:00+07:00", "passenger_count": 2});
    let send = async |client: &Client| {
        let headers = [("Idempotency-Key", "mine")];
        client.send(Method::POST, "/v1/vehicle-bookings", Some(body.clone()), &headers).await
    };
    let of_owner = send(&office.login("duong.ntt")).await.expect(201);
    let of_script = send(&script.client(&office)).await;
    assert_eq!(of_script.header("Idempotent-Replayed"), None);
    assert_ne!(of_script.expect(201)["id"], of_owner["id"]);
    assert_eq!(send(&script.client(&office)).await.header("Idempotent-Replayed"), Some("true"));
    // Narrowed, the account is not given its old answers any more.
    let admin = office.login("kien.ht");
    let patch = json!({"board_ids": [id("btctu")]});
    admin.patch(&script.account, 2, patch).await.expect(200);
    assert_eq!(send(&script.client(&office)).await.header("Idempotent-Replayed"), None);
}

#[actix_web::test]
async fn accounts_are_found_by_name_owner_and_state() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    Script::make(&office, "lg_thinh", &["booking.read"], None).await;
    let found = async |query: &str| {
        let list = admin.get(&format!("/v1/service-accounts?{query}")).await.expect(200);
        ids(&list, "name").len()
    };
    assert_eq!(found("").await, 2);
    assert_eq!(found("q=ke%20toan").await, 1);
    assert_eq!(found(&format!("owner_id={}", id("lg_thinh"))).await, 1);
    assert_eq!(found("active=false").await, 0);
    let page = admin.get("/v1/service-accounts?limit=1&sort=-name").await.expect(200);
    assert!(page["next_cursor"].is_string());
}

#[actix_web::test]
async fn an_account_has_at_most_ten_keys_in_force() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let issue = format!("/v1/service-accounts/{}/issue-key", id("sa_nightly"));
    for _ in 0..9 {
        admin.post(&issue, json!({})).await.expect(200);
    }
    admin.post(&issue, json!({})).await.refused(409, "state_conflict");
}
