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

#[actix_web::test]
async fn what_a_board_takes_over_late_passes_on_to_its_own_successor() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let found = async |code: &str, from: &str, person: &str| {
        let board = json!({
            "code": code, "name": "Ban mới", "kind": "advisory_body", "valid_from": from,
            "accountant_id": id(&format!("{person}/accountant")), "decision_number": "50-QĐ/TU",
        });
        chief.post("/v1/boards", board).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let merge = async |board: &str, predecessor: &str| {
        let merger = json!({"predecessor_ids": [predecessor]});
        chief.post(&format!("/v1/boards/{board}/merge"), merger).await.expect(200);
    };
    let next = found("BNEXT", "2026-02-01", "p_mai").await;
    let last = found("BLAST", "2026-04-01", "p_thuan").await;
    merge(&last, &next).await;
    merge(&next, &id("bnctu").to_string()).await;
    for (on, person, successor) in [("2026-03-31", "p_mai", &next), ("2026-04-01", "p_thuan", &last)] {
        let address = format!("/v1/boards/{}/accountant?on={on}", id("bnctu"));
        let known = chief.get(&address).await.expect(200);
        assert_eq!(known["acting"]["accountant_id"], json!(id(&format!("{person}/accountant"))), "{on}");
        assert_eq!(known["successor_id"], json!(successor), "{on}");
    }
    // The direct predecessor is the one that was named; the older one is only known to be in the line.
    let last = chief.get(&format!("/v1/boards/{last}")).await.expect(200);
    assert_eq!(last["successor_of_ids"], json!([next]));
}

#[actix_web::test]
async fn a_refused_merger_changes_no_board_and_no_accountant() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let merger = json!({"predecessor_ids": [id("btctu"), id("btgtu"), id("nowhere"), id("vptu")]});
    let answer = chief.post(&format!("/v1/boards/{}/merge", id("btgdvtu")), merger).await;
    answer.refused(422, "validation_failed");
    assert_eq!(answer.places(), ["#/predecessor_ids/2"]);
    for board in ["btctu", "vptu"] {
        let known = chief.get(&format!("/v1/boards/{}", id(board))).await.expect(200);
        assert_eq!((&known["valid_to"], &known["version"]), (&json!(null), &json!(1)));
        let address = format!("/v1/boards/{}/accountant?on=2026-01-01", id(board));
        assert_eq!(chief.get(&address).await.expect(200)["successor_id"], json!(null));
    }
}

#[actix_web::test]
async fn a_merger_gives_no_rights_before_the_new_board_begins() {
    let office = Office::open().await;
    let (chief, admin) = (office.login("an.nv"), office.login("kien.ht"));
    let new = json!({
        "code": "BNCDV", "name": "Ban mới", "kind": "advisory_body", "valid_from": "2026-02-01",
        "accountant_id": id("p_mai/accountant"), "decision_number": "50-QĐ/TU",
    });
    let board = chief.post("/v1/boards", new).await.expect(201)["id"].clone();
    let role = json!({"role": "board_head", "board_id": board, "valid_from": "2025-01-01"});
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_nam")), role).await.expect(200);
    let merger = json!({"predecessor_ids": [id("bnctu")]});
    chief.post(&format!("/v1/boards/{}/merge", board.as_str().unwrap()), merger).await.expect(200);
    let claim = format!("/v1/expense-claims/{}", id("ec_09"));
    office.login("nam.ld").get(&claim).await.refused(404, "not_found");
    office.set_clock("2026-02-01T08:00:00+07:00");
    office.login("nam.ld").get(&claim).await.expect(200);
}
