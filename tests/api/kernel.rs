//! What every endpoint shares: conditional requests, repeated requests, pages, search.

use futures_util::future::join_all;
use reqwest::Method;
use sea_orm::ConnectionTrait;

use crate::support::{Answer, Client, Office, id, json};

fn board(code: &str) -> serde_json::Value {
    json!({"code": code, "name": format!("Ban {code}"), "kind": "advisory_body", "valid_from": "2026-01-01",
        "accountant_id": id("p_mai/accountant"), "decision_number": "1-QĐ/TU"})
}

async fn post_with_key(client: &Client, key: &str, body: serde_json::Value) -> Answer {
    client.send(Method::POST, "/v1/boards", Some(body), &[("Idempotency-Key", key)]).await
}

#[actix_web::test]
async fn a_record_that_is_current_is_not_sent_again() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let path = format!("/v1/boards/{}", id("vptu"));
    for (known, status) in
        [("\"1\"", 304), ("W/\"1\"", 304), ("\"2\", \"1\"", 304), ("*", 304), ("\"2\"", 200)]
    {
        let answer = client.send(Method::GET, &path, None, &[("If-None-Match", known)]).await;
        assert_eq!(answer.status, status, "{known}");
        assert_eq!(answer.header("etag"), Some("\"1\""));
    }
}

#[actix_web::test]
async fn a_created_record_is_at_its_location() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let created = client.post("/v1/boards", board("MOI")).await;
    let body = created.expect(201);
    assert_eq!(created.header("etag"), Some("\"1\""));
    assert_eq!(client.get(created.header("location").unwrap()).await.expect(200), body);
}

#[actix_web::test]
async fn a_repeated_request_is_carried_out_once_and_answered_the_same() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let first = post_with_key(&client, "key-1", board("MOI")).await;
    let again = post_with_key(&client, "\"key-1\"", board("MOI")).await;
    assert_eq!((first.expect(201), first.header("location")), (again.expect(201), again.header("location")));
    assert_eq!(
        (first.header("idempotent-replayed"), again.header("idempotent-replayed")),
        (None, Some("true"))
    );
    let reordered = r#"{"valid_from": "2026-01-01", "kind":"advisory_body"}"#;
    let mut body = board("MOI");
    body.as_object_mut().unwrap().extend(serde_json::from_str::<serde_json::Map<_, _>>(reordered).unwrap());
    post_with_key(&client, "key-1", body).await.expect(201);
    let page = client.get("/v1/boards?q=MOI&include_total=true").await.expect(200);
    assert_eq!(page["total"], 1);
}

#[actix_web::test]
async fn a_key_belongs_to_one_request_of_one_caller() {
    let office = Office::open().await;
    let (chief, deputy) = (office.login("an.nv"), office.login("linh.n"));
    post_with_key(&chief, "key", board("MOT")).await.expect(201);
    post_with_key(&chief, "key", board("HAI")).await.refused(422, "idempotency_key_reused");
    post_with_key(&deputy, "key", board("HAI")).await.expect(201);
}

#[actix_web::test]
async fn a_refusal_is_kept_too_and_malformed_requests_are_not() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let first = post_with_key(&client, "key", board("VPTU")).await;
    first.refused(409, "duplicate");
    let again = post_with_key(&client, "key", board("VPTU")).await;
    again.refused(409, "duplicate");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.text, again.text);
    post_with_key(&client, "other", json!({"code": "X"})).await.refused(400, "malformed_request");
    post_with_key(&client, "other", board("X")).await.expect(201);
}

#[actix_web::test]
async fn one_key_sent_fifty_times_at_once_has_one_effect() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let clients = [office.login("an.nv"), office.login_at(&second, "an.nv")];
    for client in &clients {
        client.token().await;
    }
    let all = (0..50).map(|n| post_with_key(&clients[n % 2], "key", board("MOI")));
    for answer in join_all(all).await {
        assert!(matches!(answer.status, 201 | 409), "{}", answer.text);
        if answer.status == 409 {
            answer.refused(409, "idempotency_in_flight");
        }
    }
    let page = clients[0].get("/v1/boards?q=MOI&include_total=true").await.expect(200);
    assert_eq!(page["total"], 1);
}

#[actix_web::test]
async fn a_request_whose_twin_is_still_running_is_told_so() {
    let office = Office::open().await;
    if office.app.db.backend() == sea_orm::DbBackend::Sqlite {
        // One writer at a time: a twin cannot be seen half done, it waits and then replays, as above.
        return assert_eq!(office.app.db.writer.get_database_backend(), sea_orm::DbBackend::Sqlite);
    }
    let client = office.login("an.nv");
    client.token().await;
    let twin = sea_orm::TransactionTrait::begin(&office.app.db.writer).await.unwrap();
    let caller = id("lg_an");
    let sql = format!(
        "INSERT INTO idempotency_keys VALUES ('{caller}', 'create_board', 'key', 'x', 0, NULL, NULL, '', now())"
    );
    twin.execute_unprepared(&sql).await.unwrap();
    post_with_key(&client, "key", board("MOI")).await.refused(409, "idempotency_in_flight");
    twin.rollback().await.unwrap();
    post_with_key(&client, "key", board("MOI")).await.expect(201);
}

#[actix_web::test]
async fn pages_give_every_record_once_in_both_directions() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    for sort in ["code", "-code", "name", "-name"] {
        let mut path = format!("/v1/boards?sort={sort}&limit=3");
        let mut codes = Vec::new();
        loop {
            let answer = client.get(&path).await;
            let page = answer.expect(200);
            codes.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|board| board["code"].as_str().unwrap().to_owned()),
            );
            match answer.header("link") {
                Some(link) => path = link.trim_start_matches('<').split('>').next().unwrap().to_owned(),
                None => break assert_eq!(page["next_cursor"], json!(null)),
            }
        }
        assert_eq!(codes.len(), 8, "{sort}: {codes:?}");
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), 8, "{sort}: {codes:?}");
    }
}

#[actix_web::test]
async fn a_cursor_of_another_list_order_or_hand_is_refused() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let page = client.get("/v1/boards?sort=code&limit=3").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let mut forged = cursor.to_owned();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });
    for path in [
        format!("/v1/boards?sort=-code&limit=3&cursor={cursor}"),
        format!("/v1/boards?sort=code&kind=office&cursor={cursor}"),
        format!("/v1/changes?cursor={}", &cursor[..cursor.len().min(200)]),
        format!("/v1/boards?sort=code&limit=3&cursor={forged}x"),
        "/v1/boards?cursor=%25%25".to_owned(),
    ] {
        client.get(&path).await.refused(422, "invalid_cursor");
    }
    client.get(&format!("/v1/boards?sort=code&limit=5&cursor={cursor}")).await.expect(200);
}

#[actix_web::test]
async fn search_takes_what_is_typed_literally() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let found = async |query: &str| {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        client.get(&format!("/v1/boards?q={query}")).await.expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!(found("TUYÊN GIÁO").await, 2);
    assert_eq!(found("tuyen giao va dan van").await, 1);
    assert_eq!(found("Dân Vận").await, 2);
    let nfd = "Tuye\u{302}n gia\u{301}o";
    assert_eq!(found(nfd).await, 2, "decomposed letters are the same letters");
    assert_eq!(found("tuy_n").await, 0, "_ is no wildcard");
    assert_eq!(found("' OR 1=1 --").await, 0);
}

#[actix_web::test]
async fn a_refused_write_leaves_nothing_behind() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let (_, cursor) = crate::integration::drain(&client, None).await;
    client.post("/v1/boards", board("vptu ")).await.refused(409, "duplicate");
    let (changes, _) = crate::integration::drain(&client, Some(cursor)).await;
    assert!(changes.is_empty(), "{changes:?}");
    let codes = client.get("/v1/boards?q=vptu&include_total=true").await.expect(200);
    assert_eq!(codes["total"], 1);
}

#[actix_web::test]
async fn a_key_is_forgotten_after_thirty_days() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    post_with_key(&client, "key", board("MOI")).await.expect(201);
    office.advance(chrono::TimeDelta::days(29));
    office.run_jobs().await;
    post_with_key(&client, "key", board("MOI")).await.expect(201);
    office.advance(chrono::TimeDelta::days(2));
    office.run_jobs().await;
    post_with_key(&client, "key", board("MOI")).await.refused(409, "duplicate");
}

#[actix_web::test]
async fn a_key_that_cannot_protect_is_refused() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    for key in ["", "\"\"", "   "] {
        let answer = post_with_key(&client, key, board("MOI")).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), ["Idempotency-Key"]);
    }
}

#[actix_web::test]
async fn a_stale_version_is_not_kept_under_the_key() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let cost = json!({"kind": "other", "incurred_on": "2025-12-10", "description": "Gửi tài liệu", "claimed_amount": 45_000});
    let draft = json!({"board_id": id("btctu"), "kind": "other", "purpose": "Gửi tài liệu", "lines": [cost]});
    let draft = client.post("/v1/expense-claims", draft).await.expect(201);
    let submit = format!("/v1/expense-claims/{}/submit", draft["id"].as_str().unwrap());
    let send = async |tag: &str| {
        client.send(Method::POST, &submit, None, &[("Idempotency-Key", "k"), ("If-Match", tag)]).await
    };
    send("\"9\"").await.refused(412, "version_conflict");
    send("\"1\"").await.expect(200);
}

#[actix_web::test]
async fn a_locked_board_does_not_stop_the_others() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    client.token().await;
    if office.app.db.backend() == sea_orm::DbBackend::Postgres {
        let lock = sea_orm::TransactionTrait::begin(&office.app.db.writer).await.unwrap();
        let sql = format!("SELECT 1 FROM boards WHERE id = '{}' FOR NO KEY UPDATE", id("btctu"));
        lock.execute_unprepared(&sql).await.unwrap();
        let claim = json!({"board_id": id("btctu"), "kind": "other", "purpose": "x", "lines": []});
        client.post("/v1/expense-claims", claim).await.expect(201);
        lock.rollback().await.unwrap();
    }
    let sql = shared_office::write::ROW_LOCK;
    assert_eq!(sql, sea_orm::sea_query::LockType::NoKeyUpdate);
}
