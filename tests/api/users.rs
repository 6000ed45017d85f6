//! Logins and roles.

use reqwest::Method;

use crate::support::{Office, PASSWORD, id, json};

const NEW_PASSWORD: &str = "một câu dài dễ nhớ 2026";

fn user(reference: &str) -> String {
    format!("/v1/users/{}", id(reference))
}

#[actix_web::test]
async fn an_administrator_makes_a_login_and_gives_it_a_role() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let body = json!({"username": "Moi.Vao", "password": NEW_PASSWORD, "staff_id": null});
    let user = admin.post("/v1/users", body).await.expect(201);
    assert_eq!(user["username"], "moi.vao");
    let address = format!("/v1/users/{}", user["id"].as_str().unwrap());
    let role = json!({"role": "auditor", "valid_from": "2025-12-12"});
    let user = admin.post(&format!("{address}/grant-role"), role).await.expect(200);
    assert_eq!(user["roles"][0]["role"], "auditor");
    let login = json!({"username": "moi.vao", "password": NEW_PASSWORD});
    office.visitor().post("/v1/auth/token", login).await.expect(200);
    let history = admin.get(&format!("{address}/history")).await.expect(200);
    let actions: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["create", "grant-role"]);
}

#[actix_web::test]
async fn a_role_that_is_taken_away_ends_with_the_next_request() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let cashier = office.login_at(&second, "lan.ht");
    cashier.get("/v1/changes").await.expect(200);
    let admin = office.login("kien.ht");
    let end = json!({"role_id": id("lg_lan/cashier/office"), "reason": "Nghỉ hưu"});
    admin.post(&format!("{}/end-role", user("lg_lan")), end).await.expect(200);
    cashier.get("/v1/changes").await.refused(403, "forbidden");
}

#[actix_web::test]
async fn a_closed_login_is_out_at_once() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    dispatcher.get("/v1/me").await.expect(200);
    let admin = office.login("kien.ht");
    admin.patch(&user("lg_thinh"), 1, json!({"active": false})).await.expect(200);
    dispatcher.get("/v1/me").await.refused(401, "session_ended");
    let login = json!({"username": "thinh.bd", "password": PASSWORD});
    office.visitor().post("/v1/auth/token", login).await.refused(401, "login_failed");
}

#[actix_web::test]
async fn a_new_password_ends_the_old_sessions() {
    let office = Office::open().await;
    let cashier = office.login("lan.ht");
    cashier.get("/v1/me").await.expect(200);
    let admin = office.login("kien.ht");
    admin
        .post(&format!("{}/set-password", user("lg_lan")), json!({"password": NEW_PASSWORD}))
        .await
        .expect(200);
    cashier.get("/v1/me").await.refused(401, "session_ended");
    let login = json!({"username": "lan.ht", "password": NEW_PASSWORD});
    office.visitor().post("/v1/auth/token", login).await.expect(200);
}

#[actix_web::test]
async fn administrators_cannot_change_their_own_rights() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let role = json!({"role": "cashier", "valid_from": "2025-12-12"});
    admin.post(&format!("{}/grant-role", user("lg_kien")), role).await.refused(403, "four_eyes");
    admin.patch(&user("lg_kien"), 1, json!({"active": false})).await.refused(403, "four_eyes");
}

#[actix_web::test]
async fn a_role_is_not_given_twice_for_the_same_days() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let role = json!({"role": "requester", "board_id": id("btctu"), "valid_from": "2026-01-01"});
    admin.post(&format!("{}/grant-role", user("lg_duong")), role).await.refused(409, "duplicate");
}

#[actix_web::test]
async fn roles_need_the_right_scope() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let grant = format!("{}/grant-role", user("lg_duong"));
    for (role, board, place) in [
        ("requester", None, "#/board_id"),
        ("cashier", Some(id("btctu")), "#/board_id"),
        ("accountant", None, "#/role"),
        ("requester", Some(id("no such board")), "#/board_id"),
    ] {
        let refused =
            admin.post(&grant, json!({"role": role, "board_id": board, "valid_from": "2025-12-12"})).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.places(), [place], "{role}");
    }
}

#[actix_web::test]
async fn weak_passwords_are_refused_with_the_reason() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    for (password, code) in [
        ("ngắn quá", "too_short"),
        ("aaaaaaaaaaaaaaaaaaaa", "too_simple"),
        ("mat khau cua yeu.yeu la day", "contains_username"),
    ] {
        let body = json!({"username": "yeu.yeu", "password": password});
        let refused = admin.post("/v1/users", body).await;
        assert_eq!(refused.refused(422, "validation_failed")["errors"][0]["code"], code);
    }
    let page = admin.get("/v1/users?q=yeu").await.expect(200);
    assert_eq!(page["items"], json!([]), "a refused request changes nothing");
}

#[actix_web::test]
async fn a_change_needs_the_version_that_was_read() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let address = user("lg_nam");
    let body = json!({"active": false});
    admin.send(Method::PATCH, &address, Some(body.clone()), &[]).await.refused(428, "precondition_required");
    for stale in ["\"7\"", "nonsense", "W/\"1\"", "\"\""] {
        admin
            .send(Method::PATCH, &address, Some(body.clone()), &[("If-Match", stale)])
            .await
            .refused(412, "version_conflict");
    }
    let changed = admin.send(Method::PATCH, &address, Some(body), &[("If-Match", "\"5\", \"1\"")]).await;
    assert_eq!(changed.expect(200)["active"], false);
    assert_eq!(changed.header("etag"), Some("\"2\""));
}

#[actix_web::test]
async fn two_administrators_cannot_end_each_other() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let chief = office.login("kien.ht");
    let grant = json!({"role": "admin", "valid_from": "2025-01-01"});
    chief.post(&format!("{}/grant-role", user("lg_tuan")), grant.clone()).await.expect(200);
    let roles = office.login("tuan.ca").get(&user("lg_tuan")).await.expect(200)["roles"].clone();
    let role = roles.as_array().unwrap().iter().find(|role| role["role"] == "admin").unwrap()["id"].clone();
    let (kien, tuan) = (office.login("kien.ht"), office.login_at(&second, "tuan.ca"));
    kien.token().await;
    tuan.token().await;
    let ends_tuan = json!({"role_id": role, "reason": "x"});
    let ends_kien = json!({"role_id": id("lg_kien/admin/office"), "reason": "x"});
    let (of_tuan, of_kien) =
        (format!("{}/end-role", user("lg_tuan")), format!("{}/end-role", user("lg_kien")));
    let (one, other) =
        futures_util::future::join(kien.post(&of_tuan, ends_tuan), tuan.post(&of_kien, ends_kien)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "{} {}", one.text, other.text);
}

#[actix_web::test]
async fn a_login_of_nobody_gets_no_business_role() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let body = json!({"username": "khong.ai", "password": NEW_PASSWORD});
    let made = admin.post("/v1/users", body).await.expect(201);
    let grant = format!("/v1/users/{}/grant-role", made["id"].as_str().unwrap());
    let refused = admin.post(&grant, json!({"role": "chief_of_office", "valid_from": "2025-01-01"})).await;
    assert_eq!(refused.refused(422, "validation_failed")["errors"][0]["code"], "staff_required");
    admin.post(&grant, json!({"role": "auditor", "valid_from": "2025-01-01"})).await.expect(200);
}

#[actix_web::test]
async fn a_kept_answer_does_not_outlive_the_right() {
    let office = Office::open().await;
    let cashier = office.login("duong.ntt");
    let claim = json!({"board_id": id("btctu"), "kind": "other", "purpose": "x", "lines": []});
    let keyed = [("Idempotency-Key", "k")];
    let post = async || cashier.send(Method::POST, "/v1/expense-claims", Some(claim.clone()), &keyed).await;
    post().await.expect(201);
    let admin = office.login("kien.ht");
    let other = json!({"role": "requester", "board_id": id("bnctu"), "valid_from": "2025-01-01"});
    admin.post(&format!("{}/grant-role", user("lg_duong")), other).await.expect(200);
    let end = json!({"role_id": id("lg_duong/requester/btctu"), "reason": "x"});
    admin.post(&format!("{}/end-role", user("lg_duong")), end).await.expect(200);
    post().await.refused(422, "validation_failed");
}
