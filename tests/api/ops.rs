//! Health, figures, pages.

use crate::support::Office;

#[actix_web::test]
async fn the_service_says_that_it_lives_and_can_work() {
    let office = Office::open().await;
    for path in ["/livez", "/readyz"] {
        assert_eq!(office.visitor().get(path).await.expect(200)["status"], "ok");
    }
}

#[actix_web::test]
async fn a_schema_that_is_not_up_to_date_is_not_ready() {
    let office = Office::unmigrated().await;
    office.visitor().get("/livez").await.expect(200);
    office.visitor().get("/readyz").await.refused(503, "unavailable");
}

#[actix_web::test]
async fn figures_count_requests_by_route_and_never_show_ids() {
    let office = Office::open().await;
    let client = office.login("an.nv");
    let id = crate::support::id("vptu");
    client.get(&format!("/v1/boards/{id}")).await.expect(200);
    let text = office.visitor().get("/metrics").await.text;
    assert!(text.contains(
        r#"shared_office_requests_total{method="GET",route="/v1/boards/{board_id}",status="200"} 1"#
    ));
    assert!(!text.contains(&id.to_string()));
}

#[actix_web::test]
async fn swagger_ui_is_served_from_here_and_loads_nothing_from_elsewhere() {
    let office = Office::open().await;
    let page = office.visitor().get("/docs/").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("connect-src 'self'"), "{policy}");
    for asset in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        let answer = office.visitor().get(&format!("/docs/{asset}")).await;
        assert_eq!(answer.status, 200, "{asset}");
        if asset == "swagger-initializer.js" {
            assert!(
                answer.text.contains("/v1/openapi.json") && !answer.text.contains("https://"),
                "{}",
                answer.text
            );
        }
    }
}
