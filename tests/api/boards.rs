//! Boards: found, merged, read.

use crate::support::{Office, id, json};

#[actix_web::test]
async fn boards_are_found_without_diacritics() {
    let office = Office::open().await;
    let page = office.login("duong.ntt").get("/v1/boards?q=to%20chuc").await.expect(200);
    let codes: Vec<_> = page["items"].as_array().unwrap().iter().map(|board| board["code"].clone()).collect();
    assert_eq!(codes, ["BTCTU"]);
}

#[actix_web::test]
async fn a_merger_ends_the_old_boards_the_day_before() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let new = json!({
        "code": "BNCTC", "name": "Ban Nội chính và Tổ chức", "kind": "advisory_body", "valid_from": "2026-02-01",
        "accountant_id": id("p_mai/accountant"), "decision_number": "50-QĐ/TU",
    });
    let board = chief.post("/v1/boards", new).await.expect(201);
    let address = format!("/v1/boards/{}", board["id"].as_str().unwrap());
    let merger = json!({"predecessor_ids": [id("btctu"), id("bnctu")], "reason": "Sáp nhập"});
    let merged = chief.post(&format!("{address}/merge"), merger).await.expect(200);
    assert_eq!(merged["successor_of_ids"].as_array().unwrap().len(), 2);
    let old = chief.get(&format!("/v1/boards/{}", id("btctu"))).await.expect(200);
    assert_eq!(old["valid_to"], "2026-01-31");
}
