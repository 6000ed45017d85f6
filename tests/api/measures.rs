//! Measures: agreed only by all heads, done by one lead, and judged by somebody else on their day.

use futures_util::future::join;
use sea_orm::ConnectionTrait;

use crate::support::dispatch::{allowed, broken, history, with};
use crate::support::obstacles::{
    MEASURES, OBSTACLES, accepted, address, agreed, done, measure, proposed, reported, resolved,
};
use crate::support::{Office, Value, id, json};

/// The ids of boards, as texts in their order.
fn boards(references: &[&str]) -> Value {
    let mut ids: Vec<_> = references.iter().map(|board| id(board).to_string()).collect();
    ids.sort();
    json!(ids)
}

async fn status(office: &Office, record: &str) -> String {
    office.login("quang.lm").get(record).await.expect(200)["status"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_measure_is_agreed_with_the_last_head_s_consent() {
    let office = Office::open().await;
    let obstacle = accepted(&office, json!({})).await;
    let path = proposed(&office, &obstacle).await;
    let (phuoc, hanh) = (office.login("phuoc.dh"), office.login("hanh.nt"));
    let seen = phuoc.get(&path).await.expect(200);
    assert!(seen["number"].as_str().unwrap().starts_with("MS-2025-"), "{seen}");
    assert_eq!(seen["missing_board_ids"], boards(&["btctu", "bnctu"]));
    assert_eq!(seen["waiting_on"]["role"], "board_head");
    assert_eq!(seen["waiting_on"]["staff"].as_array().unwrap().len(), 2);
    assert_eq!(allowed(&seen), ["consent", "reject", "withdraw"]);
    // Neither the requester of a board nor the chief of office beside a head gives a board's consent.
    office.login("duong.ntt").post(&format!("{path}/consent"), json!({})).await.refused(403, "forbidden");
    for body in [json!({}), json!({"board_id": id("bnctu"), "note": "Đi công tác"})] {
        office.login("an.nv").post(&format!("{path}/consent"), body).await.refused(403, "forbidden");
    }
    let foreign = phuoc.post(&format!("{path}/consent"), json!({"board_id": id("vptu")})).await;
    assert_eq!(broken(&foreign), ["#/board_id not_concerned"]);
    phuoc.post(&format!("{path}/consent"), json!({"board_id": id("bnctu")})).await.refused(403, "forbidden");

    let half = phuoc.act(&path, "consent", json!({"note": "Ban Tổ chức nhất trí"})).await.expect(200);
    assert_eq!((&half["status"], &half["agreed_at"]), (&json!("proposed"), &Value::Null));
    assert_eq!(half["waiting_on"]["staff"], json!([id("p_hanh")]));
    let consent = &half["consents"][0];
    assert_eq!(
        (&consent["board_id"], &consent["consented_by_id"]),
        (&json!(id("btctu")), &json!(id("p_phuoc")))
    );
    assert_eq!(
        (&consent["note"], &consent["in_place_of_head"]),
        (&json!("Ban Tổ chức nhất trí"), &json!(false))
    );
    phuoc.post(&format!("{path}/consent"), json!({})).await.refused(409, "state_conflict");
    assert_eq!(status(&office, &obstacle).await, "accepted");

    let whole = hanh.act(&path, "consent", json!({})).await.expect(200);
    assert_eq!((&whole["status"], &whole["missing_board_ids"]), (&json!("agreed"), &json!([])));
    let waits = &whole["waiting_on"];
    assert_eq!((&waits["role"], &waits["staff"]), (&json!("lead"), &json!([id("p_kien")])));
    assert_eq!(waits["due_at"], "2025-12-19T17:00:00Z");
    assert_eq!(status(&office, &obstacle).await, "in_action", "of its own, with the last consent");
    assert_eq!(history(&phuoc, &path).await, ["create", "consent", "consent"]);
    let told = phuoc.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(told["items"][2]["details"]["board_ids"], json!([id("bnctu")]));
    assert_eq!(
        (&told["items"][1]["to_status"], &told["items"][2]["to_status"]),
        (&json!("proposed"), &json!("agreed"))
    );
    // A second measure finds the obstacle in action already.
    agreed(&office, &obstacle).await;
    assert_eq!(history(&phuoc, &obstacle).await, ["create", "accept", "begin-action"]);
}

#[actix_web::test]
async fn the_head_of_a_successor_consents_for_the_boards_that_have_ended() {
    let office = Office::open().await;
    // The review of 2019 concerned six boards; two of them have merged since.
    let obstacle = format!("{OBSTACLES}/{}", id("ob_02"));
    let body = with(measure(&obstacle), json!({"lead_id": id("p_thinh")}));
    let path = address(MEASURES, &office.login("an.nv").post(MEASURES, body).await.expect(201));
    let mut seen = Value::Null;
    for head in ["an.nv", "phuoc.dh", "blam.e", "hanh.nt", "khoi.vm"] {
        let client = office.login(head);
        seen = client.act(&path, "consent", json!({})).await.expect(200);
        let agreed = if head == "khoi.vm" { "agreed" } else { "proposed" };
        assert_eq!(seen["status"], agreed, "{head}");
    }
    let of_khoi: Vec<_> = seen["consents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["consented_by_id"] == json!(id("p_khoi")))
        .collect();
    let mut for_boards: Vec<_> = of_khoi.iter().map(|one| one["board_id"].as_str().unwrap()).collect();
    for_boards.sort_unstable();
    assert_eq!(json!(for_boards), boards(&["btgtu", "bdvtu"]));
}

#[actix_web::test]
async fn a_chief_of_office_consents_only_where_a_board_has_no_head() {
    let office = Office::open().await;
    let obstacle = accepted(&office, json!({})).await;
    let path = proposed(&office, &obstacle).await;
    let body = json!({"role_id": id("lg_hanh/board_head/bnctu"), "reason": "Nghỉ hưu"});
    let user = format!("/v1/users/{}", id("lg_hanh"));
    office.login("kien.ht").act(&user, "end-role", body).await.expect(200);
    let chief = office.login("linh.n");
    let seen = chief.get(&path).await.expect(200);
    let staff = seen["waiting_on"]["staff"].as_array().unwrap();
    assert!(staff.contains(&json!(id("p_phuoc"))) && staff.contains(&json!(id("p_linh"))), "{seen}");
    assert!(allowed(&seen).contains(&"consent"));
    let silent = chief.post(&format!("{path}/consent"), json!({"board_id": id("bnctu")})).await;
    assert_eq!(broken(&silent), ["#/note required"]);
    let note = json!({"board_id": id("bnctu"), "note": "Ban chưa có trưởng ban"});
    let seen = chief.act(&path, "consent", note).await.expect(200);
    let consent = &seen["consents"][0];
    assert_eq!(
        (&consent["in_place_of_head"], &consent["consented_by_id"]),
        (&json!(true), &json!(id("p_linh")))
    );
    assert_eq!((&seen["status"], allowed(&seen)), (&json!("proposed"), vec!["reject", "withdraw"]));
    office.login("phuoc.dh").act(&path, "consent", json!({})).await.expect(200);
    assert_eq!(status(&office, &path).await, "agreed");
}

#[actix_web::test]
async fn one_refusal_ends_a_measure_and_the_proposer_may_withdraw_it() {
    let office = Office::open().await;
    let obstacle = accepted(&office, json!({})).await;
    let path = proposed(&office, &obstacle).await;
    let (phuoc, hanh, owner) = (office.login("phuoc.dh"), office.login("hanh.nt"), office.login("thinh.bd"));
    phuoc.act(&path, "consent", json!({})).await.expect(200);
    let silent = hanh.post(&format!("{path}/reject"), json!({})).await;
    assert_eq!((silent.status, silent.places()), (422, vec!["#/reason".to_owned()]));
    let no = json!({"reason": "Ban không đủ người"});
    owner.post(&format!("{path}/reject"), no.clone()).await.refused(403, "forbidden");
    let ended = hanh.act(&path, "reject", no.clone()).await.expect(200);
    assert_eq!((&ended["status"], &ended["decision_reason"]), (&json!("rejected"), &no["reason"]));
    phuoc.post(&format!("{path}/consent"), json!({})).await.refused(409, "state_conflict");

    let path = proposed(&office, &obstacle).await;
    hanh.post(&format!("{path}/withdraw"), no.clone()).await.refused(403, "forbidden");
    phuoc.act(&path, "withdraw", no.clone()).await.expect(200);
    // What all heads agreed on is not undone by its proposer, but by a chief of office.
    let path = agreed(&office, &obstacle).await;
    phuoc.post(&format!("{path}/withdraw"), no.clone()).await.refused(403, "forbidden");
    let gone = office.login("linh.n").act(&path, "withdraw", no.clone()).await.expect(200);
    assert_eq!((&gone["status"], &gone["waiting_on"]), (&json!("withdrawn"), &Value::Null));
    // An obstacle that is rejected takes along what is proposed against it.
    let other = accepted(&office, json!({})).await;
    let path = proposed(&office, &other).await;
    office.login("an.nv").act(&other, "reject", no).await.expect(200);
    assert_eq!(status(&office, &path).await, "rejected");
    assert_eq!(history(&owner, &path).await, ["create", "reject"]);
}

#[actix_web::test]
async fn a_measure_is_proposed_by_those_who_have_a_say() {
    let office = Office::open().await;
    let obstacle = reported(&office, json!({})).await;
    let early = office.login("phuoc.dh").post(MEASURES, measure(&obstacle)).await;
    assert_eq!(broken(&early), ["#/obstacle_id obstacle_not_open"]);
    let obstacle = accepted(&office, json!({})).await;
    for who in ["thinh.bd", "hanh.nt", "linh.n"] {
        office.login(who).post(MEASURES, measure(&obstacle)).await.expect(201);
    }
    office.login("duong.ntt").post(MEASURES, measure(&obstacle)).await.refused(403, "forbidden");
    let hidden = office.login("vinh.pt").post(MEASURES, measure(&obstacle)).await;
    assert_eq!(broken(&hidden), ["#/obstacle_id unknown_reference"]);
    let wrong = json!({"due_on": "2025-12-11", "lead_id": id("p_duong")});
    let refused = office.login("thinh.bd").post(MEASURES, with(measure(&obstacle), wrong)).await;
    assert_eq!(broken(&refused), ["#/due_on out_of_range", "#/lead_id not_in_body"]);
    let idle = json!({"lead_id": id("p_quang"), "check_on": "2025-12-19"});
    let refused = office.login("thinh.bd").post(MEASURES, with(measure(&obstacle), idle)).await;
    assert_eq!(broken(&refused), ["#/lead_id cannot_act"]);
    let early = json!({"check_on": "2025-12-18"});
    let refused = office.login("thinh.bd").post(MEASURES, with(measure(&obstacle), early)).await;
    assert_eq!(broken(&refused), ["#/check_on out_of_range"]);
}

#[actix_web::test]
async fn an_obstacle_is_resolved_when_its_last_measure_is_done() {
    let office = Office::open().await;
    let obstacle = accepted(&office, json!({})).await;
    let (first, second) = (agreed(&office, &obstacle).await, proposed(&office, &obstacle).await);
    let owner = office.login("thinh.bd");
    let resolve = || json!({"resolution": "Đã xong"});
    let result = json!({"result": "Đã gửi danh sách"});
    owner.post(&format!("{first}/complete"), result.clone()).await.refused(403, "forbidden");
    let lead = office.login("kien.ht");
    let ready = lead.act(&first, "complete", result).await.expect(200);
    assert_eq!((&ready["result"], &ready["done_at"]), (&json!("Đã gửi danh sách"), &ready["updated_at"]));
    assert_eq!(ready["waiting_on"], Value::Null, "until the day of the check");
    let refused = owner.act(&obstacle, "resolve", resolve()).await.refused(409, "state_conflict");
    let number = owner.get(&second).await.expect(200)["number"].as_str().unwrap().to_owned();
    assert!(refused["detail"].as_str().unwrap().contains(&number), "{refused}");
    office.login("phuoc.dh").act(&second, "withdraw", json!({"reason": "Không cần nữa"})).await.expect(200);
    owner.act(&obstacle, "resolve", resolve()).await.expect(200);
    assert_eq!(broken(&owner.post(MEASURES, measure(&obstacle)).await), ["#/obstacle_id obstacle_not_open"]);
}

#[actix_web::test]
async fn an_effect_is_judged_on_its_day_and_a_failure_brings_the_obstacle_back() {
    let office = Office::open().await;
    let (obstacle, path) = resolved(&office).await;
    office.login("duong.ntt").act(&obstacle, "verify", json!({})).await.expect(200);
    let other = accepted(&office, json!({})).await;
    let useful = done(&office, &other).await;
    let head = office.login("phuoc.dh");
    let early = head.post(&format!("{path}/mark-effective"), json!({})).await.refused(409, "state_conflict");
    assert!(early["detail"].as_str().unwrap().contains("26/12/2025"), "{early}");
    let due = async || {
        let query = format!("{MEASURES}?check_due=true&lead_id={}", id("p_kien"));
        office.login("an.nv").get(&query).await.expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!(due().await, 0);
    office.set_clock("2025-12-26T00:00:00+07:00");
    assert_eq!(due().await, 2);
    let head = office.login("phuoc.dh");
    let seen = head.get(&path).await.expect(200);
    let waits = &seen["waiting_on"];
    assert_eq!(
        (&waits["role"], &waits["since"]),
        (&json!("chief_of_office"), &json!("2025-12-25T17:00:00Z"))
    );
    assert_eq!(allowed(&seen), ["mark-effective", "mark-ineffective"]);
    // The head of the other board has no say in this, nor has who led it.
    office
        .login("hanh.nt")
        .post(&format!("{path}/mark-effective"), json!({}))
        .await
        .refused(403, "forbidden");
    office
        .login("kien.ht")
        .post(&format!("{path}/mark-effective"), json!({}))
        .await
        .refused(403, "forbidden");
    let why = json!({"reason": "Tuần sau vẫn gửi muộn"});
    let silent = head.post(&format!("{path}/mark-ineffective"), json!({})).await;
    assert_eq!((silent.status, silent.places()), (422, vec!["#/reason".to_owned()]));
    let judged = head.act(&path, "mark-ineffective", why.clone()).await.expect(200);
    assert_eq!((&judged["status"], &judged["judged_by_id"]), (&json!("ineffective"), &json!(id("p_phuoc"))));
    let back = head.get(&obstacle).await.expect(200);
    assert_eq!((&back["status"], &back["verified_at"]), (&json!("in_action"), &Value::Null));
    assert_eq!(back["decision_reason"], why["reason"]);
    let told = ["create", "accept", "begin-action", "resolve", "verify", "reopen"];
    assert_eq!(history(&head, &obstacle).await, told);
    let helped = office.login("an.nv").act(&useful, "mark-effective", json!({})).await.expect(200);
    assert_eq!((&helped["status"], &helped["waiting_on"]), (&json!("effective"), &Value::Null));
    assert_eq!(history(&head, &useful).await, ["create", "consent", "consent", "complete", "mark-effective"]);
}

#[actix_web::test]
async fn a_chief_who_led_a_measure_does_not_judge_it() {
    let office = Office::open().await;
    let obstacle = accepted(&office, json!({"board_ids": [id("btctu")]})).await;
    let body = with(measure(&obstacle), json!({"lead_id": id("p_linh")}));
    let path = address(MEASURES, &office.login("thinh.bd").post(MEASURES, body).await.expect(201));
    office.login("phuoc.dh").act(&path, "consent", json!({})).await.expect(200);
    office.login("linh.n").act(&path, "complete", json!({"result": "Đã xong"})).await.expect(200);
    office.set_clock("2026-01-05T08:00:00+07:00");
    let own = office.login("linh.n");
    own.post(&format!("{path}/mark-effective"), json!({})).await.refused(403, "four_eyes");
    let seen = own.get(&path).await.expect(200);
    assert_eq!(seen["waiting_on"]["staff"], json!([id("p_an")]));
    office.login("an.nv").act(&path, "mark-effective", json!({})).await.expect(200);
}

#[actix_web::test]
async fn consents_at_once_from_two_processes_agree_exactly_once() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (phuoc, hanh) = (office.login("phuoc.dh"), office.login_at(&second, "hanh.nt"));
    let again = office.login_at(&second, "phuoc.dh");
    let obstacle = accepted(&office, json!({})).await;
    for _ in 0..4 {
        let path = proposed(&office, &obstacle).await;
        let consent = format!("{path}/consent");
        let (one, other) = join(phuoc.post(&consent, json!({})), hanh.post(&consent, json!({}))).await;
        let states =
            [one.expect(200), other.expect(200)].map(|seen| seen["status"].as_str().unwrap().to_owned());
        assert!(
            states.contains(&"agreed".to_owned()) && states.contains(&"proposed".to_owned()),
            "{states:?}"
        );
        let seen = phuoc.get(&path).await.expect(200);
        assert_eq!((&seen["status"], &seen["version"]), (&json!("agreed"), &json!(3)));
        assert_eq!(history(&phuoc, &path).await, ["create", "consent", "consent"]);
        // The same head twice at once: one consent.
        let path = proposed(&office, &obstacle).await;
        let consent = format!("{path}/consent");
        let (one, other) = join(phuoc.post(&consent, json!({})), again.post(&consent, json!({}))).await;
        assert_eq!((one.status.min(other.status), one.status.max(other.status)), (200, 409));
        assert_eq!(phuoc.get(&path).await.expect(200)["consents"].as_array().unwrap().len(), 1);
    }
    assert_eq!(history(&phuoc, &obstacle).await, ["create", "accept", "begin-action"]);
}

#[actix_web::test]
async fn an_obstacle_is_not_resolved_beside_a_measure_that_is_proposed_at_the_same_moment() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (owner, head) = (office.login("thinh.bd"), office.login_at(&second, "phuoc.dh"));
    for _ in 0..4 {
        let obstacle = accepted(&office, json!({})).await;
        done(&office, &obstacle).await;
        let resolve = format!("{obstacle}/resolve");
        let (told, wished) = join(
            owner.post(&resolve, json!({"resolution": "Đã xong"})),
            head.post(MEASURES, measure(&obstacle)),
        )
        .await;
        match (told.status, wished.status) {
            (200, 422) => assert_eq!(status(&office, &obstacle).await, "resolved"),
            (409, 201) => assert_eq!(status(&office, &obstacle).await, "in_action"),
            other => panic!("{other:?}: {} {}", told.text, wished.text),
        }
    }
}

#[actix_web::test]
async fn the_demo_tells_what_was_done_about_the_review_of_2019() {
    let office = Office::open().await;
    let auditor = office.login("quang.lm");
    let list = format!("{MEASURES}?obstacle_id={}&limit=100", id("ob_02"));
    let page = auditor.get(&list).await.expect(200);
    let states: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|item| item["status"].clone()).collect();
    assert_eq!(states, ["effective", "effective", "agreed"]);
    for item in page["items"].as_array().unwrap() {
        assert_eq!(item["consents"].as_array().unwrap().len(), 6, "{item}");
    }
    let resolved = format!("{MEASURES}?obstacle_id={}&status=done&check_due=true", id("ob_01"));
    assert_eq!(auditor.get(&resolved).await.expect(200)["items"].as_array().unwrap().len(), 2);
    // The versions of all demo records agree with their histories.
    let sql = "SELECT count(*) AS wrong FROM measures m WHERE m.version <> \
               (SELECT count(*) FROM audit_events e WHERE e.resource_id = m.id)";
    let db = &office.app.db.reader;
    let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await;
    assert_eq!(row.unwrap().unwrap().try_get::<i64>("", "wrong").unwrap(), 0);
}
