//! Every refusal, the framework's own included, is a problem in the caller's language.

use reqwest::Method;

use crate::support::{Answer, Office, id, json};

fn is_problem(answer: &Answer, status: u16, code: &str) {
    let body = answer.refused(status, code);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(body["status"], status);
    assert_eq!(body["type"], format!("/problems/{}", code.replace('_', "-")));
    assert_eq!(body["request_id"].as_str(), answer.header("x-request-id"));
    assert_eq!(body["instance"], format!("/requests/{}", body["request_id"].as_str().unwrap()));
}

#[actix_web::test]
async fn an_unknown_address_is_404() {
    let office = Office::open().await;
    for path in ["/v1/nothing", "/v1/boards/", "/v1/Boards", "/v1//boards", "/favicon.ico"] {
        is_problem(&office.login("an.nv").get(path).await, 404, "not_found");
    }
}

#[actix_web::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    for (method, path, allow) in [
        (Method::PUT, "/v1/boards", "GET, HEAD, OPTIONS, POST"),
        (Method::DELETE, "/v1/me", "GET, HEAD, OPTIONS"),
        (Method::TRACE, "/v1/me", "GET, HEAD, OPTIONS"),
        (Method::POST, "/v1/openapi.json", "GET, HEAD"),
    ] {
        let answer = client.send(method, path, None, &[]).await;
        is_problem(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
    }
    let options = client.send(Method::OPTIONS, "/v1/boards", None, &[]).await;
    options.expect(204);
    assert_eq!(options.header("allow"), Some("GET, HEAD, OPTIONS, POST"));
}

#[actix_web::test]
async fn head_answers_like_get_without_a_body() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let head = client.send(Method::HEAD, &format!("/v1/boards/{}", id("vptu")), None, &[]).await;
    assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", Some("\"1\"")));
}

#[actix_web::test]
async fn unreadable_bodies_are_400() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let token = admin.token().await.unwrap();
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "{",
        "[1,2",
        "{\"username\":\"a\",\"username\":\"b\"}",
        "\u{feff}{}",
        "{'username':1}",
        "NaN",
        "{\"username\":\"\\ud800\"}",
        deep.as_str(),
        "[]",
        "null",
        "42",
    ] {
        let request = reqwest::Client::new().post(format!("{}/v1/users", office.address)).bearer_auth(&token);
        let request = request.header("Content-Type", "application/json").body(body.to_owned());
        let shown: String = body.chars().take(20).collect();
        is_problem(&Answer::of(request, shown).await, 400, "malformed_request");
    }
}

#[actix_web::test]
async fn every_broken_field_is_named_in_one_answer() {
    let office = Office::open().await;
    let body =
        json!({"name": "", "kind": "club", "valid_from": "30/02/2026", "accountant_id": 7, "colour": "red"});
    let answer = office.login("an.nv").post("/v1/boards", body).await;
    is_problem(&answer, 400, "malformed_request");
    let mut places = answer.places();
    places.sort();
    let expected =
        ["#/accountant_id", "#/code", "#/colour", "#/decision_number", "#/kind", "#/name", "#/valid_from"];
    assert_eq!(places, expected);
}

#[actix_web::test]
async fn unknown_and_malformed_parameters_are_400_and_named() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    for (query, place) in [
        ("kinds=office", "kinds"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=5&limit=6", "limit"),
        ("sort=colour", "sort"),
        ("on=2025-02-30", "on"),
        ("include_total=yes", "include_total"),
        ("q=", "q"),
    ] {
        let answer = client.get(&format!("/v1/boards?{query}")).await;
        is_problem(&answer, 400, "malformed_request");
        assert_eq!(answer.places(), [place], "{query}");
    }
    let answer = client.get("/v1/boards/not-an-id").await;
    is_problem(&answer, 400, "malformed_request");
    assert_eq!(answer.places(), ["board_id"]);
}

#[actix_web::test]
async fn text_that_no_schema_can_describe_is_422() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let board = |name: &str, day: &str| {
        json!({"code": "X", "name": name, "kind": "office", "valid_from": day, "accountant_id": id("p_mai/accountant"),
            "decision_number": "1"})
    };
    for (body, place) in [
        (board("   ", "2026-01-01"), "#/name"),
        (board("a\u{0}b", "2026-01-01"), "#/name"),
        (board("a\u{1b}[31m", "2026-01-01"), "#/name"),
        (board("Ban", "0001-01-01"), "#/valid_from"),
    ] {
        let answer = client.post("/v1/boards", body).await;
        is_problem(&answer, 422, "validation_failed");
        assert_eq!(answer.places(), [place]);
    }
}

#[actix_web::test]
async fn a_body_must_be_json_and_not_too_large() {
    let office = Office::open().await;
    let token = office.login("kien.ht").token().await.unwrap();
    let send = async |kind: &str, body: String| {
        let request = reqwest::Client::new().post(format!("{}/v1/users", office.address)).bearer_auth(&token);
        Answer::of(request.header("Content-Type", kind).body(body), kind.to_owned()).await
    };
    is_problem(&send("text/plain", "{}".to_owned()).await, 415, "unsupported_media_type");
    let large = format!("{{\"username\":\"{}\"}}", "a".repeat(300 * 1024));
    is_problem(&send("application/json", large).await, 413, "payload_too_large");
    let unacceptable =
        office.login("kien.ht").send(Method::GET, "/v1/users", None, &[("Accept", "text/html")]).await;
    is_problem(&unacceptable, 406, "not_acceptable");
}

#[actix_web::test]
async fn refusals_speak_the_callers_language() {
    let office = Office::open().await;
    for (wish, language, title) in [
        ("en", "en", "You must sign in"),
        ("vi-VN,en;q=0.5", "vi", "Cần đăng nhập"),
        ("fr, en;q=0.8, vi;q=0.1", "en", "You must sign in"),
        ("fr", "vi", "Cần đăng nhập"),
        ("§§§", "vi", "Cần đăng nhập"),
    ] {
        let answer = office.visitor().send(Method::GET, "/v1/me", None, &[("Accept-Language", wish)]).await;
        assert_eq!(answer.refused(401, "token_invalid")["title"], title, "{wish}");
        assert_eq!(answer.header("content-language"), Some(language));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[actix_web::test]
async fn a_request_id_of_the_caller_is_kept_if_it_is_sane() {
    let office = Office::open().await;
    let ask = async |id: &str| {
        let answer = office.visitor().send(Method::GET, "/livez", None, &[("X-Request-Id", id)]).await;
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(ask("abc-123_x.y").await, "abc-123_x.y");
    assert_ne!(ask("a b").await, "a b");
    assert_ne!(ask(&"a".repeat(65)).await, "a".repeat(65));
}

#[actix_web::test]
async fn every_kind_of_problem_explains_itself() {
    let office = Office::open().await;
    for code in shared_office::error::Code::ALL {
        let told = office.visitor().get(&format!("/problems/{}", code.slug())).await.expect(200);
        assert_eq!(told["code"], code.name());
        assert_eq!(told["status"], code.status().as_u16());
    }
    is_problem(&office.visitor().get("/problems/no-such-thing").await, 404, "not_found");
}

#[actix_web::test]
async fn every_constraint_of_the_schema_has_a_problem_or_a_reason_to_have_none() {
    let office = Office::open().await;
    let names = office.database.constraints(&office.app.db.writer).await;
    assert!(names.len() > 40, "the schema has constraints: {names:?}");
    let unknown: Vec<_> = names
        .iter()
        .filter(|name| shared_office::error::of_constraint(name).is_none())
        // A rule of the service stands before each of these, so that one of them firing is a bug: 500.
        .filter(|name| !shared_office::error::guarded_by_rules(name))
        .collect();
    assert!(unknown.is_empty(), "constraints without a problem: {unknown:?}");
}

#[actix_web::test]
async fn a_panic_is_one_500_and_the_service_goes_on() {
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpServer, web};
    async fn falls_over() -> &'static str {
        panic!("a bug, with a secret in it");
    }
    let office = Office::open().await;
    let app = std::sync::Arc::clone(&office.app);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(std::sync::Arc::clone(&app)))
            .route("/", web::get().to(falls_over))
            .wrap(from_fn(shared_office::http::envelope::envelope))
    });
    let server = server.workers(1).bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    for _ in 0..3 {
        let answer = Answer::of(reqwest::Client::new().get(&address), "panic".to_owned()).await;
        is_problem(&answer, 500, "internal");
        assert!(!answer.text.contains("secret"));
    }
}

/// Sends the beginning of a request and says how the service ended it.
async fn begin_only(office: &Office, beginning: &'static str) -> (String, std::time::Duration) {
    use std::io::{Read, Write};
    let address = office.address.trim_start_matches("http://").to_owned();
    let ended = actix_web::web::block(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        stream.write_all(beginning.as_bytes()).unwrap();
        let started = std::time::Instant::now();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer, started.elapsed())
    });
    ended.await.unwrap()
}

#[actix_web::test]
async fn a_caller_who_never_finishes_is_cut_off() {
    let office = Office::open().await;
    let head = "POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let headers = begin_only(&office, "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    let body = begin_only(&office, Box::leak(format!("{head}Content-Length: 50\r\n\r\n{{").into_boxed_str()));
    let ((_, of_headers), (answer, of_body)) = futures_util::future::join(headers, body).await;
    assert!(of_headers < std::time::Duration::from_secs(15));
    assert!(of_body < std::time::Duration::from_secs(15));
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
}

#[actix_web::test]
async fn every_broken_field_inside_an_optional_object_is_named_too() {
    let office = Office::open().await;
    let invoice = json!({"seller_tax_code": "abc", "number": "1", "issued_on": "2026-13-01"});
    let line = json!({"kind": "other", "incurred_on": "2025-12-01", "description": "x", "claimed_amount": "7",
        "invoice": invoice});
    let body = json!({"board_id": id("btctu"), "kind": "other", "purpose": "x", "lines": [line]});
    let answer = office.login("duong.ntt").post("/v1/expense-claims", body).await;
    is_problem(&answer, 400, "malformed_request");
    let mut places = answer.places();
    places.sort();
    let lines = ["claimed_amount", "invoice/issued_on", "invoice/seller_tax_code"];
    assert_eq!(places, lines.map(|field| format!("#/lines/0/{field}")));
    assert!(answer.text.contains("cần integer"), "{}", answer.text);
}

#[actix_web::test]
async fn a_body_that_may_be_empty_may_be_left_out() {
    let office = Office::open().await;
    let claim = format!("/v1/expense-claims/{}", id("ec_11"));
    office.login("nam.ld").send(Method::POST, &format!("{claim}/withdraw"), None, &[]).await.expect(200);
}

#[actix_web::test]
async fn an_amount_is_never_rounded() {
    let office = Office::open().await;
    let token = office.login("duong.ntt").token().await.unwrap();
    let send = async |amount: &str| {
        let line = r#"{"kind":"other","incurred_on":"2025-12-01","description":"x","claimed_amount":AMOUNT}"#;
        let body = format!(
            r#"{{"board_id":"{}","kind":"other","purpose":"x","lines":[{}]}}"#,
            id("btctu"),
            line.replace("AMOUNT", amount)
        );
        let request =
            reqwest::Client::new().post(format!("{}/v1/expense-claims", office.address)).bearer_auth(&token);
        Answer::of(request.header("Content-Type", "application/json").body(body), amount.to_owned()).await
    };
    for amount in ["1.0", "1e3", "999999999999998.97", "1.0000000000000000001"] {
        let answer = send(amount).await;
        is_problem(&answer, 422, "validation_failed");
        assert_eq!(answer.places(), ["#/lines/0/claimed_amount"]);
    }
    for amount in ["1.5", "0", "-1", "1000000000000000", "\"1\"", "1e400"] {
        is_problem(&send(amount).await, 400, "malformed_request");
    }
    assert_eq!(send("999999999999999").await.expect(201)["claimed_amount"], 999_999_999_999_999_i64);
}
