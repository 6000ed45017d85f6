//! Signing in and out, tokens, and guessing passwords.

use chrono::TimeDelta;
use reqwest::Method;

use crate::support::{Office, PASSWORD, id, json};

async fn sign_in(office: &Office, username: &str, password: &str) -> crate::support::Answer {
    office.visitor().post("/v1/auth/token", json!({"username": username, "password": password})).await
}

async fn me_with(office: &Office, token: &str) -> crate::support::Answer {
    let header = format!("Bearer {token}");
    office.visitor().send(Method::GET, "/v1/me", None, &[("Authorization", &header)]).await
}

#[actix_web::test]
async fn a_signed_in_person_learns_who_they_are_and_what_they_may_see() {
    let office = Office::open().await;
    let me = office.login("khoi.vm").get("/v1/me").await.expect(200);
    assert_eq!(me["full_name"], "Võ Minh Khôi");
    let boards: Vec<_> =
        me["boards"].as_array().unwrap().iter().map(|board| board.as_str().unwrap()).collect();
    for board in ["btgdvtu", "btgtu", "bdvtu"] {
        assert!(
            boards.contains(&id(board).to_string().as_str()),
            "sees {board}, which is or was succeeded by theirs"
        );
    }
    assert_eq!(boards.len(), 3);
}

#[actix_web::test]
async fn an_accountants_boards_follow_from_todays_assignments() {
    let office = Office::open().await;
    office.set_clock("2025-06-30T12:00:00+07:00");
    let before = office.login("ha.lt").get("/v1/me").await.expect(200);
    office.set_clock("2025-07-01T00:00:00+07:00");
    let after = office.login("ha.lt").get("/v1/me").await.expect(200);
    assert_eq!(before["boards"].as_array().unwrap().len(), 2);
    assert_eq!(after["boards"], json!([id("btctu")]));
}

#[actix_web::test]
async fn an_access_token_lives_ten_minutes() {
    let office = Office::open().await;
    let tokens = sign_in(&office, "an.nv", PASSWORD).await.expect(200);
    let token = tokens["access_token"].as_str().unwrap();
    me_with(&office, token).await.expect(200);
    office.advance(TimeDelta::seconds(600));
    me_with(&office, token).await.refused(401, "token_invalid");
}

#[actix_web::test]
async fn forged_tokens_are_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    let office = Office::open().await;
    let good = office.login("an.nv").token().await.unwrap();
    let parts: Vec<&str> = good.split('.').collect();
    let header = |text: &str| B64.encode(text);
    let kid = String::from_utf8(B64.decode(parts[0]).unwrap()).unwrap();
    let kid = kid.split("\"kid\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let claims = String::from_utf8(B64.decode(parts[1]).unwrap()).unwrap();
    let forged = [
        format!("{}.{}.", header(r#"{"alg":"none","typ":"at+jwt"}"#), parts[1]),
        format!(
            "{}.{}.{}",
            header(&format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{kid}"}}"#)),
            parts[1],
            parts[2]
        ),
        format!(
            "{}.{}.{}",
            header(&format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{kid}"}}"#)),
            parts[1],
            parts[2]
        ),
        format!(
            "{}.{}.{}",
            header(r#"{"alg":"EdDSA","typ":"at+jwt","kid":"../../etc/passwd"}"#),
            parts[1],
            parts[2]
        ),
        format!("{}.{}.{}", parts[0], B64.encode(claims.replace("shared-office-api", "other")), parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], B64.encode([0_u8; 64])),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}="),
        String::new(),
    ];
    for token in forged {
        me_with(&office, &token).await.refused(401, "token_invalid");
    }
}

#[actix_web::test]
async fn a_refresh_token_is_replaced_each_time_and_a_lost_answer_can_be_asked_again() {
    let office = Office::open().await;
    let first = sign_in(&office, "an.nv", PASSWORD).await.expect(200);
    let refresh = json!({"refresh_token": first["refresh_token"]});
    let second = office.visitor().post("/v1/auth/refresh", refresh.clone()).await.expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let again = office.visitor().post("/v1/auth/refresh", refresh).await.expect(200);
    assert_eq!(again["refresh_token"], second["refresh_token"], "inside ten seconds the same successor");
}

#[actix_web::test]
async fn a_refresh_token_used_again_later_ends_the_session() {
    let office = Office::open().await;
    let first = sign_in(&office, "an.nv", PASSWORD).await.expect(200);
    let refresh = json!({"refresh_token": first["refresh_token"]});
    let second = office.visitor().post("/v1/auth/refresh", refresh.clone()).await.expect(200);
    office.advance(TimeDelta::seconds(11));
    office.visitor().post("/v1/auth/refresh", refresh).await.refused(401, "refresh_reused");
    let successor = json!({"refresh_token": second["refresh_token"]});
    office.visitor().post("/v1/auth/refresh", successor).await.refused(401, "session_ended");
    me_with(&office, second["access_token"].as_str().unwrap()).await.refused(401, "session_ended");
}

#[actix_web::test]
async fn one_refresh_token_sent_fifty_times_at_once_has_one_successor() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let first = sign_in(&office, "an.nv", PASSWORD).await.expect(200);
    let refresh = json!({"refresh_token": first["refresh_token"]});
    let (here, there) = (office.visitor(), office.visitor_at(&second));
    let all = (0..50).map(|n| {
        let (client, body) = (if n % 2 == 0 { here.clone() } else { there.clone() }, refresh.clone());
        async move { client.post("/v1/auth/refresh", body).await.expect(200)["refresh_token"].clone() }
    });
    let mut successors = futures_util::future::join_all(all).await;
    successors.dedup();
    assert_eq!(successors.len(), 1);
}

#[actix_web::test]
async fn signing_out_ends_the_session_at_once() {
    let office = Office::open().await;
    let tokens = sign_in(&office, "an.nv", PASSWORD).await.expect(200);
    let token = tokens["access_token"].as_str().unwrap();
    let header = format!("Bearer {token}");
    office
        .visitor()
        .send(Method::POST, "/v1/auth/logout", None, &[("Authorization", &header)])
        .await
        .expect(204);
    me_with(&office, token).await.refused(401, "session_ended");
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    office.visitor().post("/v1/auth/refresh", refresh).await.refused(401, "session_ended");
}

#[actix_web::test]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer() {
    let office = Office::open().await;
    let ask = async |username: &str| {
        let body = json!({"username": username, "password": "not the password at all"});
        let answer = office
            .visitor()
            .send(Method::POST, "/v1/auth/token", Some(body), &[("X-Request-Id", "same")])
            .await;
        answer.refused(401, "login_failed");
        answer.text
    };
    assert_eq!(ask("an.nv").await, ask("nobody.at.all").await);
}

#[actix_web::test]
async fn guessing_becomes_slow_and_a_second_process_remembers() {
    let office = Office::open().await;
    let second = office.second_process().await;
    for _ in 0..5 {
        sign_in(&office, "an.nv", "not the password at all").await.refused(401, "login_failed");
    }
    let body = json!({"username": "an.nv", "password": PASSWORD});
    let early = office.visitor_at(&second).post("/v1/auth/token", body).await;
    early.refused(429, "too_many_attempts");
    let wait: i64 = early.header("retry-after").unwrap().parse().unwrap();
    office.advance(TimeDelta::seconds(wait));
    sign_in(&office, "an.nv", PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn the_public_keys_are_published() {
    let office = Office::open().await;
    let keys = office.visitor().get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
}

#[actix_web::test]
async fn guesses_sent_at_once_are_counted_one_by_one() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (here, there) = (office.visitor(), office.visitor_at(&second));
    let guesses = (0..20).map(|n| {
        let client = if n % 2 == 0 { here.clone() } else { there.clone() };
        let body = json!({"username": "bich.tt", "password": format!("a wrong guess number {n}")});
        async move { client.post("/v1/auth/token", body).await.status }
    });
    let tried =
        futures_util::future::join_all(guesses).await.into_iter().filter(|status| *status == 401).count();
    assert_eq!(tried, 5, "only the free attempts reach the password");
    let admin = office.login("kien.ht");
    let password = "một câu dài dễ nhớ 2026";
    let address = format!("/v1/users/{}/set-password", id("lg_bich"));
    admin.post(&address, json!({"password": password})).await.expect(200);
    sign_in(&office, "bich.tt", password).await.expect(200);
}
