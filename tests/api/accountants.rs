//! Accountants: on every day exactly one in charge of each board.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use entity::accountant_assignments::{self as assignments, AssignmentKind};
use entity::expense_claims::{self as claims, ClaimKind, ClaimStatus};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use shared_office::db::Trouble;
use uuid::Uuid;

use crate::support::{Client, Office, Value, at, id, json};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn accountant(person: &str) -> Uuid {
    id(&format!("{person}/accountant"))
}

fn substitute(board: &str, person: &str, from: &str, to: &str) -> Value {
    json!({
        "board_id": id(board), "accountant_id": accountant(person), "kind": "substitute",
        "valid_from": from, "valid_to": to, "decision_number": "30-QĐ/VPTU", "reason": "Nghỉ phép",
    })
}

fn hand_over(person: &str, from: &str) -> Value {
    json!({"accountant_id": accountant(person), "valid_from": from, "decision_number": "33-QĐ/VPTU"})
}

fn assignment(reference: &str) -> String {
    format!("/v1/accountant-assignments/{}", id(reference))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn acting(client: &Client, board: Uuid, on: &str) -> Value {
    let body = client.get(&format!("/v1/boards/{board}/accountant?on={on}")).await.expect(200);
    body["acting"]["accountant_id"].clone()
}

async fn found(client: &Client, code: &str, from: &str, person: &str) -> Uuid {
    let board = json!({
        "code": code, "name": "Ban mới", "kind": "advisory_body", "valid_from": from,
        "accountant_id": accountant(person), "decision_number": "50-QĐ/TU",
    });
    text(&client.post("/v1/boards", board).await.expect(201)["id"]).parse().unwrap()
}

async fn merge(client: &Client, board: Uuid, predecessors: &[Uuid]) {
    let merger = json!({"predecessor_ids": predecessors, "reason": "Sáp nhập"});
    client.post(&format!("/v1/boards/{board}/merge"), merger).await.expect(200);
}

async fn assignments_of(office: &Office, board: Uuid) -> Vec<assignments::Model> {
    let of_board = assignments::Column::BoardId.eq(board);
    assignments::Entity::find().filter(of_board).all(&office.app.db.writer).await.unwrap()
}

fn in_force(assignment: &assignments::Model, day: NaiveDate) -> bool {
    assignment.valid_from <= day && assignment.valid_to.is_none_or(|last| last >= day)
}

/// A claim, put in beside the service.
async fn claim(office: &Office, board: Uuid, status: ClaimStatus, number: &str, waiting_since: &str) -> Uuid {
    let claim_id = id(number);
    let claim = claims::ActiveModel {
        id: Set(claim_id),
        number: Set(number.to_owned()),
        board_id: Set(board),
        kind: Set(ClaimKind::Other),
        claimant_id: Set(id("p_duong")),
        purpose: Set("Văn phòng phẩm".to_owned()),
        travel_order_id: Set(None),
        conference_id: Set(None),
        deadline_on: Set(None),
        funding_source: Set(None),
        submitted_on: Set(None),
        status: Set(status),
        waiting_since: Set(at(waiting_since)),
        claimed_amount: Set(100_000),
        allowed_amount: Set(None),
        confirmed_by_id: Set(None),
        verified_by_id: Set(None),
        approved_by_id: Set(None),
        paid_by_id: Set(None),
        payment_id: Set(None),
        reversal_asked_by_id: Set(None),
        reversal_reason: Set(None),
        decision_reason: Set(None),
        search: Set(String::new()),
        version: Set(1),
        created_at: Set(at(waiting_since)),
        updated_at: Set(at(waiting_since)),
        created_by_id: Set(None),
    };
    claim.insert(&office.app.db.writer).await.unwrap();
    claim_id
}

#[actix_web::test]
async fn everyone_learns_who_acts_for_a_board_on_a_day() {
    let office = Office::open().await;
    let driver = office.login("loc.tv");
    for (board, on, person) in [
        ("bnctu", "2018-12-25", "p_ha"),
        ("bnctu", "2025-06-30", "p_ha"),
        ("bnctu", "2025-07-01", "p_dung"),
        ("vptu", "2199-12-31", "p_mai"),
        ("btgtu", "2025-02-14", "p_thuan"),
        ("bdvtu", "2026-05-01", "p_thuan"),
    ] {
        assert_eq!(acting(&driver, id(board), on).await, json!(accountant(person)), "{board} on {on}");
    }
    let today = driver.get(&format!("/v1/boards/{}/accountant", id("btctu"))).await.expect(200);
    assert_eq!(today["on"], "2025-12-12");
    assert_eq!((&today["successor_id"], &today["substitute"]), (&Value::Null, &Value::Null));
    assert_eq!(today["in_charge"], today["acting"]);
    assert_eq!(today["acting"]["full_name"], "Lê Thu Hà");
    assert_eq!(today["acting"]["decision_number"], "21-QĐ/VPTU");
    assert_eq!(today["acting"]["assignment_id"], json!(id("aa_btctu_2018")));
}

#[actix_web::test]
async fn a_board_that_has_ended_is_looked_after_by_its_successor() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let ended = chief.get(&format!("/v1/boards/{}/accountant", id("btgtu"))).await.expect(200);
    assert_eq!(ended["successor_id"], json!(id("btgdvtu")));
    assert_eq!(ended["acting"]["assignment_id"], json!(id("aa_btgdvtu_2025")));
    // And by the successor of the successor, once that one has begun.
    let next = found(&chief, "BTGNC", "2026-07-01", "p_mai").await;
    merge(&chief, next, &[id("btgdvtu"), id("bnctu")]).await;
    assert_eq!(acting(&chief, id("btgtu"), "2026-06-30").await, json!(accountant("p_thuan")));
    let later = chief.get(&format!("/v1/boards/{}/accountant?on=2026-07-01", id("btgtu"))).await.expect(200);
    assert_eq!(later["successor_id"], json!(next));
    assert_eq!(later["acting"]["accountant_id"], json!(accountant("p_mai")));
}

#[actix_web::test]
async fn before_its_first_day_a_board_has_no_accountant() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let early = client.get(&format!("/v1/boards/{}/accountant?on=2025-02-14", id("btgdvtu"))).await;
    early.refused(422, "validation_failed");
    assert_eq!(early.places(), ["on"]);
    client.get(&format!("/v1/boards/{}/accountant", id("nowhere"))).await.refused(404, "not_found");
    let odd = client.get(&format!("/v1/boards/{}/accountant?on=2025-02-30", id("vptu"))).await;
    odd.refused(400, "malformed_request");
}

#[actix_web::test]
async fn a_board_is_founded_with_its_accountant_or_not_at_all() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let board = |accountant_id: Uuid, from: &str| {
        json!({
            "code": "BCSTU", "name": "Ban Chính sách", "kind": "advisory_body", "valid_from": from,
            "accountant_id": accountant_id, "decision_number": "31-QĐ/TU",
        })
    };
    for (accountant_id, from) in [(id("nobody"), "2026-01-01"), (accountant("p_mai"), "2018-12-24")] {
        let answer = chief.post("/v1/boards", board(accountant_id, from)).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), ["#/accountant_id"]);
    }
    assert_eq!(chief.get("/v1/boards?q=BCSTU").await.expect(200)["items"], json!([]));
    let created = chief.post("/v1/boards", board(accountant("p_mai"), "2026-01-01")).await.expect(201);
    let list = format!("/v1/accountant-assignments?board_id={}", text(&created["id"]));
    let list = chief.get(&list).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let charge = &list["items"][0];
    assert_eq!((&charge["kind"], &charge["valid_from"]), (&json!("charge"), &json!("2026-01-01")));
    assert_eq!((&charge["valid_to"], &charge["decision_number"]), (&Value::Null, &json!("31-QĐ/TU")));
}

#[actix_web::test]
async fn a_substitute_acts_on_the_days_of_the_substitution_only() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let created =
        manager.post("/v1/accountant-assignments", substitute("btctu", "p_mai", "2026-01-05", "2026-01-16"));
    let created = created.await.expect(201);
    for (on, person) in
        [("2026-01-04", "p_ha"), ("2026-01-05", "p_mai"), ("2026-01-16", "p_mai"), ("2026-01-17", "p_ha")]
    {
        assert_eq!(acting(&manager, id("btctu"), on).await, json!(accountant(person)), "{on}");
    }
    office.set_clock("2026-01-05T00:00:00+07:00");
    let both = manager.get(&format!("/v1/boards/{}/accountant", id("btctu"))).await.expect(200);
    assert_eq!(both["in_charge"]["accountant_id"], json!(accountant("p_ha")));
    assert_eq!(both["substitute"], both["acting"]);
    assert_eq!(both["acting"]["assignment_id"], created["id"]);
    let boards = |person: &str| format!("/v1/accountants/{}", accountant(person));
    assert_eq!(manager.get(&boards("p_ha")).await.expect(200)["boards"], json!([]));
    let theirs = manager.get(&boards("p_mai")).await.expect(200)["boards"].clone();
    let theirs: BTreeSet<&str> = theirs.as_array().unwrap().iter().map(text).collect();
    assert_eq!(theirs, BTreeSet::from([id("vptu").to_string().as_str(), id("btctu").to_string().as_str()]));
}

#[actix_web::test]
async fn a_substitution_ends_earlier_but_never_later() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let created =
        manager.post("/v1/accountant-assignments", substitute("btctu", "p_mai", "2026-01-05", "2026-01-16"));
    let address = format!("/v1/accountant-assignments/{}", text(&created.await.expect(201)["id"]));
    for last in ["2026-01-04", "2026-01-16", "2026-01-17"] {
        let answer = manager.act(&address, "end", json!({"valid_to": last})).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), ["#/valid_to"]);
    }
    let end = json!({"valid_to": "2026-01-09", "reason": "Trở lại sớm"});
    let ended = manager.act(&address, "end", end).await.expect(200);
    assert_eq!((&ended["valid_to"], &ended["version"]), (&json!("2026-01-09"), &json!(2)));
    assert_eq!(acting(&manager, id("btctu"), "2026-01-10").await, json!(accountant("p_ha")));
    let history = manager.get(&format!("{address}/history")).await.expect(200);
    let told: Vec<_> = history["items"].as_array().unwrap().iter().map(|one| one["reason"].clone()).collect();
    assert_eq!(told, ["Nghỉ phép", "Trở lại sớm"]);
    // A charge does not end: its board would have nobody.
    let charge = manager.act(&assignment("aa_vptu_2018"), "end", json!({"valid_to": "2026-01-09"})).await;
    charge.refused(409, "state_conflict");
}

#[actix_web::test]
async fn a_substitution_fits_the_board_the_person_and_the_others() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let post = async |body: Value| manager.post("/v1/accountant-assignments", body).await;
    let mut charge = substitute("btctu", "p_mai", "2026-01-05", "2026-01-16");
    charge["kind"] = json!("charge");
    assert!(text(&post(charge).await.refused(409, "assignment_overlap")["detail"]).contains("hand-over"));
    let mut endless = substitute("btctu", "p_mai", "2026-01-05", "2026-01-16");
    endless["valid_to"] = Value::Null;
    for (body, place) in [
        (endless, "#/valid_to"),
        (substitute("btctu", "p_mai", "2026-01-05", "2026-01-04"), "#/valid_to"),
        (substitute("btctu", "p_an", "2026-01-05", "2026-01-06"), "#/accountant_id"),
        (substitute("p_an", "p_mai", "2026-01-05", "2026-01-06"), "#/board_id"),
        (substitute("btctu", "p_ha", "2026-01-05", "2026-01-06"), "#/accountant_id"),
        (substitute("btgtu", "p_mai", "2025-02-10", "2025-02-15"), "#/valid_to"),
        (substitute("btgdvtu", "p_mai", "2025-02-14", "2025-02-15"), "#/valid_from"),
    ] {
        let answer = post(body).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), [place]);
    }
    post(substitute("btctu", "p_mai", "2026-01-05", "2026-01-16")).await.expect(201);
    post(substitute("btctu", "p_dung", "2026-01-16", "2026-01-20")).await.refused(409, "assignment_overlap");
    post(substitute("btctu", "p_dung", "2026-01-17", "2026-01-20")).await.expect(201);
}

#[actix_web::test]
async fn a_hand_over_moves_the_board_and_its_open_files_from_a_day_on() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let open = [
        claim(&office, id("btgdvtu"), ClaimStatus::Confirmed, "EC-T-1", "2025-12-01T01:00:00Z").await,
        claim(&office, id("btgtu"), ClaimStatus::Returned, "EC-T-2", "2025-01-10T01:00:00Z").await,
        claim(&office, id("bdvtu"), ClaimStatus::Approved, "EC-T-3", "2025-02-10T01:00:00Z").await,
    ];
    let other = [
        claim(&office, id("btgdvtu"), ClaimStatus::Draft, "EC-T-4", "2025-12-01T01:00:00Z").await,
        claim(&office, id("btgtu"), ClaimStatus::Paid, "EC-T-5", "2025-01-10T01:00:00Z").await,
        claim(&office, id("btctu"), ClaimStatus::Submitted, "EC-T-6", "2025-12-01T01:00:00Z").await,
    ];
    let body = json!({
        "accountant_id": accountant("p_mai"), "valid_from": "2026-02-01", "decision_number": "34-QĐ/VPTU",
        "reason": "Điều chuyển",
    });
    let moved = manager.act(&assignment("aa_btgdvtu_2025"), "hand-over", body).await.expect(200);
    let (new, old) = (&moved["assignment"], &moved["ended_assignment"]);
    assert_eq!((&old["id"], &old["valid_to"]), (&json!(id("aa_btgdvtu_2025")), &json!("2026-01-31")));
    assert_eq!((&new["valid_from"], &new["valid_to"]), (&json!("2026-02-01"), &Value::Null));
    let files = moved["open_files"].as_array().unwrap();
    assert_eq!(moved["open_file_count"], files.len());
    let ids: Vec<Uuid> = files.iter().map(|file| text(&file["id"]).parse().unwrap()).collect();
    assert!(open.iter().all(|claim| ids.contains(claim)), "{files:?}");
    assert!(!other.iter().any(|claim| ids.contains(claim)), "{files:?}");
    let first = &files[0];
    assert_eq!(
        (&first["resource_type"], &first["number"], &first["status"], &first["board_id"]),
        (&json!("expense_claim"), &json!("EC-T-2"), &json!("returned"), &json!(id("btgtu")))
    );
    assert_eq!(acting(&manager, id("btgdvtu"), "2026-01-31").await, json!(accountant("p_thuan")));
    assert_eq!(acting(&manager, id("btgdvtu"), "2026-02-01").await, json!(accountant("p_mai")));
    assert_eq!(acting(&manager, id("btgtu"), "2026-02-01").await, json!(accountant("p_mai")));
    let history = manager.get(&format!("{}/history", assignment("aa_btgdvtu_2025"))).await.expect(200);
    let last = history["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["action"], &last["reason"]), (&json!("hand-over"), &json!("Điều chuyển")));
}

#[actix_web::test]
async fn rights_move_with_the_board_on_the_day_itself() {
    let office = Office::open().await;
    office
        .login("bich.tt")
        .act(&assignment("aa_btctu_2018"), "hand-over", hand_over("p_mai", "2025-12-13"))
        .await
        .expect(200);
    let looks_after = async |username: &str| {
        let me = office.login(username).get("/v1/me").await.expect(200);
        let role = json!({"role": "accountant", "board_id": id("btctu")});
        me["roles"].as_array().unwrap().contains(&role)
    };
    office.set_clock("2025-12-12T23:59:59+07:00");
    assert_eq!((looks_after("ha.lt").await, looks_after("mai.vn").await), (true, false));
    office.set_clock("2025-12-13T00:00:00+07:00");
    assert_eq!((looks_after("ha.lt").await, looks_after("mai.vn").await), (false, true));
}

#[actix_web::test]
async fn a_hand_over_needs_another_active_accountant_and_a_day_within_the_charge() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let charge = assignment("aa_btctu_2018");
    for (body, place) in [
        (hand_over("p_mai", "2018-12-25"), "#/valid_from"),
        (hand_over("p_ha", "2026-01-01"), "#/accountant_id"),
        (hand_over("p_an", "2026-01-01"), "#/accountant_id"),
    ] {
        let answer = manager.act(&charge, "hand-over", body).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), [place]);
    }
    let late = json!({"staff_id": id("p_huy"), "active_from": "2026-03-01"});
    let late = manager.post("/v1/accountants", late).await.expect(201);
    let to_late = |from: &str| json!({"accountant_id": late["id"], "valid_from": from, "decision_number": "35-QĐ/VPTU"});
    let answer =
        manager.act(&charge, "hand-over", to_late("2026-02-28")).await.refused(422, "validation_failed");
    assert_eq!(answer["errors"][0]["code"], "accountant_not_active");
    manager.act(&charge, "hand-over", to_late("2026-03-01")).await.expect(200);
    // What was handed over once is handed over by the next one, who has it now.
    manager
        .act(&charge, "hand-over", hand_over("p_mai", "2026-01-15"))
        .await
        .refused(409, "assignment_overlap");
    let substitution =
        manager.post("/v1/accountant-assignments", substitute("vptu", "p_ha", "2026-01-05", "2026-01-06"));
    let substitution = format!("/v1/accountant-assignments/{}", text(&substitution.await.expect(201)["id"]));
    let answer = manager.act(&substitution, "hand-over", hand_over("p_dung", "2026-01-06")).await;
    answer.refused(409, "state_conflict");
    let stale = [("If-Match", "\"9\"")];
    let path = format!("{}/hand-over", assignment("aa_vptu_2018"));
    let body = Some(hand_over("p_ha", "2026-01-15"));
    manager.send(reqwest::Method::POST, &path, body, &stale).await.refused(412, "version_conflict");
}

#[actix_web::test]
async fn of_two_hand_overs_at_once_one_wins() {
    let office = Office::open().await;
    let address = office.second_process().await;
    let clients =
        [office.login("bich.tt"), office.login_at(&address, "an.nv"), office.login_at(&address, "linh.n")];
    for client in &clients {
        client.token().await;
    }
    for (reference, board) in
        [("aa_btctu_2018", "btctu"), ("aa_ubkttu_2018", "ubkttu"), ("aa_vptu_2018", "vptu")]
    {
        let path = format!("{}/hand-over", assignment(reference));
        let tries = [("p_thuan", "2026-03-01"), ("p_thuan", "2026-02-01"), ("p_thuan", "2026-04-01")];
        let answers = join_all(
            tries
                .iter()
                .zip(&clients)
                .map(|((person, from), client)| client.post(&path, hand_over(person, from))),
        )
        .await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{board}: {answers:?}");
        assert!(answers.iter().all(|answer| [200, 409, 412, 422].contains(&answer.status)), "{answers:?}");
        assert_tiles(&office, id(board), day("2018-12-25"), None).await;
    }
}

/// The charges of a board tile its life: they begin with it, follow each other without a gap, end with it.
async fn assert_tiles(office: &Office, board: Uuid, first: NaiveDate, last: Option<NaiveDate>) {
    let mut charges = assignments_of(office, board).await;
    charges.retain(|assignment| assignment.kind == AssignmentKind::Charge);
    charges.sort_by_key(|assignment| assignment.valid_from);
    assert_eq!(charges.first().map(|charge| charge.valid_from), Some(first));
    for pair in charges.windows(2) {
        assert_eq!(pair[0].valid_to, pair[1].valid_from.pred_opt(), "{pair:?}");
    }
    assert_eq!(charges.last().unwrap().valid_to, last);
}

#[actix_web::test]
async fn a_merger_ends_what_runs_and_takes_back_what_was_planned() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let planned =
        chief.act(&assignment("aa_btctu_2018"), "hand-over", hand_over("p_mai", "2026-06-01")).await;
    let planned = planned.expect(200)["assignment"]["id"].clone();
    let post = |body: Value| chief.post("/v1/accountant-assignments", body);
    let running = post(substitute("btctu", "p_dung", "2026-03-20", "2026-04-10")).await.expect(201);
    let later = post(substitute("btctu", "p_dung", "2026-05-01", "2026-05-10")).await.expect(201);
    let new = found(&chief, "BTCNC", "2026-04-01", "p_thuan").await;
    merge(&chief, new, &[id("btctu"), id("bnctu")]).await;
    let read = |id: &Value| format!("/v1/accountant-assignments/{}", text(id));
    assert_eq!(chief.get(&assignment("aa_btctu_2018")).await.expect(200)["valid_to"], "2026-03-31");
    assert_eq!(chief.get(&assignment("aa_bnctu_2025")).await.expect(200)["valid_to"], "2026-03-31");
    assert_eq!(chief.get(&read(&running["id"])).await.expect(200)["valid_to"], "2026-03-31");
    chief.get(&read(&planned)).await.refused(404, "not_found");
    chief.get(&read(&later["id"])).await.refused(404, "not_found");
    assert_tiles(&office, id("btctu"), day("2018-12-25"), Some(day("2026-03-31"))).await;
    assert_eq!(acting(&chief, id("btctu"), "2026-03-31").await, json!(accountant("p_dung")));
    assert_eq!(acting(&chief, id("btctu"), "2026-04-01").await, json!(accountant("p_thuan")));
    // Nothing begins in a board that has ended, and nobody else takes over from it.
    let charge = chief.act(&assignment("aa_btctu_2018"), "hand-over", hand_over("p_mai", "2026-04-01")).await;
    charge.refused(422, "validation_failed");
    post(substitute("bnctu", "p_mai", "2026-03-31", "2026-04-01")).await.refused(422, "validation_failed");
    let rival = found(&chief, "BRIVAL", "2026-05-01", "p_mai").await;
    let merger = json!({"predecessor_ids": [id("bnctu")]});
    let answer = chief.post(&format!("/v1/boards/{rival}/merge"), merger).await;
    assert_eq!(answer.refused(422, "validation_failed")["errors"][0]["code"], "has_successor");
}

#[actix_web::test]
async fn a_merger_and_a_hand_over_at_once_leave_no_day_uncovered() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let other = office.login_at(&office.second_process().await, "bich.tt");
    let new = found(&chief, "BTCNC", "2026-04-01", "p_thuan").await;
    other.token().await;
    let merger = json!({"predecessor_ids": [id("bnctu"), id("btctu")]});
    let (path, over) =
        (format!("/v1/boards/{new}/merge"), format!("{}/hand-over", assignment("aa_btctu_2018")));
    let answers = join_all([
        chief.send(reqwest::Method::POST, &path, Some(merger), &[]),
        other.send(reqwest::Method::POST, &over, Some(hand_over("p_mai", "2026-06-01")), &[]),
    ])
    .await;
    answers[0].expect(200);
    assert!([200, 422].contains(&answers[1].status), "{:?}", answers[1]);
    assert_tiles(&office, id("btctu"), day("2018-12-25"), Some(day("2026-03-31"))).await;
}

#[actix_web::test]
async fn a_substitute_who_comes_in_during_a_merger_does_not_outlive_the_board() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let other = office.login_at(&office.second_process().await, "bich.tt");
    other.token().await;
    for (turn, board) in ["btctu", "ubkttu", "bnctu"].into_iter().enumerate() {
        let new = found(&chief, &format!("BM{turn}"), "2026-04-01", "p_thuan").await;
        let merger = json!({"predecessor_ids": [id(board)]});
        let path = format!("/v1/boards/{new}/merge");
        let posts = (1..=8).map(|month| {
            let body =
                substitute(board, "p_mai", &format!("2026-{month:02}-25"), &format!("2026-{month:02}-28"));
            let other = other.clone();
            async move { other.post("/v1/accountant-assignments", body).await }
        });
        let merged = chief.send(reqwest::Method::POST, &path, Some(merger), &[]);
        let (merged, answers) = futures_util::future::join(merged, join_all(posts)).await;
        merged.expect(200);
        assert!(answers.iter().all(|answer| [201, 422].contains(&answer.status)), "{answers:?}");
        let all = assignments_of(&office, id(board)).await;
        assert!(all.iter().all(|one| one.valid_to.is_some_and(|last| last <= day("2026-03-31"))), "{all:?}");
    }
}

/// A small generator of numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.roll(all.len() as u64)).unwrap()]
    }

    fn day(&mut self) -> NaiveDate {
        day("2025-11-01") + Days::new(self.roll(420))
    }
}

/// One random change; whether the office took it.
async fn disturb(office: &Office, chief: &Client, dice: &mut Dice, boards: &[Uuid]) -> bool {
    let board = dice.one_of(boards);
    let person = accountant(dice.one_of(&["p_ha", "p_dung", "p_thuan", "p_mai"]));
    let from = dice.day();
    let answer = if dice.roll(3) > 0 {
        let mut charges = assignments_of(office, board).await;
        charges.retain(|assignment| assignment.kind == AssignmentKind::Charge);
        let charge = charges[usize::try_from(dice.roll(charges.len() as u64)).unwrap()].id;
        let body = json!({"accountant_id": person, "valid_from": from, "decision_number": "QĐ"});
        chief.post(&format!("/v1/accountant-assignments/{charge}/hand-over"), body).await
    } else {
        let to = from + Days::new(dice.roll(20));
        let body = json!({
            "board_id": board, "accountant_id": person, "kind": "substitute", "valid_from": from, "valid_to": to,
            "decision_number": "QĐ",
        });
        chief.post("/v1/accountant-assignments", body).await
    };
    assert!([200, 201, 409, 422].contains(&answer.status), "{}", answer.text);
    answer.status < 300
}

#[actix_web::test]
async fn whatever_happens_every_board_has_exactly_one_accountant_on_every_day() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let mut dice = Dice(20_251_212);
    let mut boards = ["vptu", "btctu", "ubkttu", "bnctu", "btgdvtu"].map(id).to_vec();
    let mut taken = 0;
    for round in 0..90 {
        taken += usize::from(disturb(&office, &chief, &mut dice, &boards).await);
        if round == 45 {
            let new = found(&chief, "BHOP", "2026-07-01", "p_ha").await;
            merge(&chief, new, &[id("btctu"), id("bnctu")]).await;
            boards.push(new);
        }
    }
    assert!(taken > 15, "only {taken} changes were taken");
    let lives = entity::boards::Entity::find().all(&office.app.db.writer).await.unwrap();
    for board in &lives {
        assert_tiles(&office, board.id, board.valid_from, board.valid_to).await;
        let all = assignments_of(&office, board.id).await;
        let days = day("2025-11-01").iter_days().take_while(|day| *day <= NaiveDate::MAX);
        for (number, on) in days.take(460).enumerate() {
            let of = |kind| all.iter().filter(move |one| one.kind == kind && in_force(one, on));
            let alive = board.valid_from <= on && board.valid_to.is_none_or(|last| last >= on);
            assert_eq!(of(AssignmentKind::Charge).count(), usize::from(alive), "{} on {on}", board.code);
            let substitutes = of(AssignmentKind::Substitute).count();
            assert!(substitutes <= usize::from(alive), "{} on {on}", board.code);
            if alive && number % 19 == 0 {
                let substitute = of(AssignmentKind::Substitute).next();
                let expected = substitute.or(of(AssignmentKind::Charge).next()).unwrap().accountant_id;
                assert_eq!(acting(&chief, board.id, &on.to_string()).await, json!(expected));
            }
        }
    }
}

#[actix_web::test]
async fn the_database_itself_refuses_a_second_accountant() {
    let office = Office::open().await;
    let writer = &office.app.db.writer;
    let charge = assignments::Entity::find_by_id(id("aa_bnctu_2018")).one(writer).await.unwrap().unwrap();
    let refused = |error: sea_orm::DbErr| {
        assert_eq!(Trouble::of(&error), Trouble::Refused("accountant_assignments_no_overlap".to_owned()));
    };
    // An insert that shares one day, the last of the old charge; an end that is taken back.
    let mut second = charge.clone().into_active_model().reset_all();
    second.id = Set(id("second"));
    second.valid_from = Set(day("2025-06-30"));
    second.valid_to = Set(Some(day("2025-06-30")));
    refused(second.insert(writer).await.unwrap_err());
    let mut longer = charge.into_active_model();
    longer.valid_to = Set(None);
    refused(longer.update(writer).await.unwrap_err());
}

#[actix_web::test]
async fn an_accountant_leaves_after_the_boards_are_handed_over() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let ha = format!("/v1/accountants/{}", accountant("p_ha"));
    let refusal = manager.patch(&ha, 1, json!({"active_to": "2026-01-31"})).await.refused(409, "in_use");
    assert!(text(&refusal["detail"]).contains("BTCTU"));
    manager
        .act(&assignment("aa_btctu_2018"), "hand-over", hand_over("p_mai", "2026-02-01"))
        .await
        .expect(200);
    manager.patch(&ha, 1, json!({"active_to": "2026-01-30"})).await.refused(409, "in_use");
    let left = manager.patch(&ha, 1, json!({"active_to": "2026-01-31"})).await.expect(200);
    assert_eq!((&left["active_to"], &left["version"]), (&json!("2026-01-31"), &json!(2)));
    // Nobody gives a board to somebody who is going to leave.
    let back =
        manager.post("/v1/accountant-assignments", substitute("vptu", "p_ha", "2026-01-31", "2026-02-01"));
    back.await.refused(422, "validation_failed");
    manager
        .post("/v1/accountant-assignments", substitute("vptu", "p_ha", "2026-01-30", "2026-01-31"))
        .await
        .expect(201);
    manager.patch(&ha, 2, json!({"active_to": "2018-12-24"})).await.refused(409, "in_use");
    assert_eq!(manager.patch(&ha, 2, json!({"active_to": null})).await.expect(200)["active_to"], Value::Null);
}

#[actix_web::test]
async fn leaving_and_being_put_in_charge_do_not_pass_each_other() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let other = office.login_at(&office.second_process().await, "an.nv");
    let new = json!({"staff_id": id("p_huy"), "active_from": "2025-12-01"});
    let new = manager.post("/v1/accountants", new).await.expect(201);
    let address = format!("/v1/accountants/{}", text(&new["id"]));
    let body =
        json!({"accountant_id": new["id"], "valid_from": "2026-02-01", "decision_number": "36-QĐ/VPTU"});
    other.token().await;
    let over = format!("{}/hand-over", assignment("aa_btctu_2018"));
    let (leave, charge) = futures_util::future::join(
        manager.patch(&address, 1, json!({"active_to": "2026-01-31"})),
        other.post(&over, body),
    )
    .await;
    match (leave.status, charge.status) {
        (200, 422) | (409, 200) => {}
        other => panic!("{other:?}: {} {}", leave.text, charge.text),
    }
}

#[actix_web::test]
async fn accountants_are_listed_with_the_boards_of_today() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let list = client.get("/v1/accountants?q=pham%20quoc").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let dung = &list["items"][0];
    assert_eq!((&dung["staff_id"], &dung["full_name"]), (&json!(id("p_dung")), &json!("Phạm Quốc Dũng")));
    let boards: BTreeSet<&str> = dung["boards"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(boards, BTreeSet::from([id("ubkttu").to_string().as_str(), id("bnctu").to_string().as_str()]));
    assert_eq!(client.get(&format!("/v1/accountants/{}", accountant("p_dung"))).await.expect(200), *dung);
    let manager = office.login("bich.tt");
    let again =
        manager.post("/v1/accountants", json!({"staff_id": id("p_ha"), "active_from": "2026-01-01"})).await;
    again.refused(409, "duplicate");
    let unknown =
        manager.post("/v1/accountants", json!({"staff_id": id("vptu"), "active_from": "2026-01-01"})).await;
    unknown.refused(422, "validation_failed");
    assert_eq!(unknown.places(), ["#/staff_id"]);
    assert_eq!(client.get("/v1/accountants?on=2018-12-24").await.expect(200)["items"], json!([]));
}

#[actix_web::test]
async fn assignments_are_filtered_by_board_accountant_kind_and_day() {
    let office = Office::open().await;
    let client = office.login("loc.tv");
    office
        .login("bich.tt")
        .post("/v1/accountant-assignments", substitute("bnctu", "p_mai", "2026-01-05", "2026-01-16"))
        .await
        .expect(201);
    let starts = async |query: &str| -> Vec<String> {
        let list = client.get(&format!("/v1/accountant-assignments?{query}")).await.expect(200);
        let items = list["items"].as_array().unwrap();
        items.iter().map(|item| text(&item["valid_from"]).to_owned()).collect()
    };
    let board = format!("board_id={}", id("bnctu"));
    assert_eq!(starts(&board).await, ["2018-12-25", "2025-07-01", "2026-01-05"]);
    assert_eq!(starts(&format!("{board}&sort=-valid_from&kind=charge")).await, ["2025-07-01", "2018-12-25"]);
    assert_eq!(starts(&format!("{board}&on=2026-01-05")).await, ["2025-07-01", "2026-01-05"]);
    assert_eq!(starts(&format!("{board}&accountant_id={}", accountant("p_ha"))).await, ["2018-12-25"]);
}

#[actix_web::test]
async fn the_workload_counts_open_claims_by_board_and_status() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    // A board of its own, so that the demo office's claims do not count.
    let old = found(&chief, "BCU", "2025-06-01", "p_mai").await;
    let new = found(&chief, "BMOI", "2025-11-01", "p_mai").await;
    merge(&chief, new, &[old]).await;
    claim(&office, new, ClaimStatus::Confirmed, "EC-W-1", "2025-12-10T01:00:00Z").await;
    // 18:00 in UTC is the next day in the office.
    claim(&office, new, ClaimStatus::Confirmed, "EC-W-2", "2025-12-01T18:00:00Z").await;
    claim(&office, new, ClaimStatus::Submitted, "EC-W-3", "2025-12-11T01:00:00Z").await;
    claim(&office, new, ClaimStatus::Paid, "EC-W-4", "2025-11-01T01:00:00Z").await;
    claim(&office, old, ClaimStatus::Returned, "EC-W-5", "2025-10-13T01:00:00Z").await;
    let address = format!("/v1/accountants/{}/workload", accountant("p_mai"));
    let load = office.login("mai.vn").get(&address).await.expect(200);
    let of = |board: Uuid| {
        let boards = load["boards"].as_array().unwrap();
        boards.iter().find(|one| one["board_id"] == json!(board)).unwrap()["claims"].clone()
    };
    assert_eq!(
        of(new),
        json!([
            {"status": "submitted", "count": 1, "oldest_waiting_since": "2025-12-11T01:00:00Z", "oldest_age_days": 1,
                "ages": {"days_0_to_2": 1, "days_3_to_5": 0, "days_6_to_10": 0, "days_over_10": 0}},
            {"status": "confirmed", "count": 2, "oldest_waiting_since": "2025-12-01T18:00:00Z", "oldest_age_days": 10,
                "ages": {"days_0_to_2": 1, "days_3_to_5": 0, "days_6_to_10": 1, "days_over_10": 0}},
        ])
    );
    assert_eq!(of(old)[0]["oldest_age_days"], 60);
    assert!(load["to_verify_count"].as_i64().unwrap() >= 2);
    let total: i64 = load["boards"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|board| board["claims"].as_array().unwrap())
        .map(|entry| entry["count"].as_i64().unwrap())
        .sum();
    assert_eq!(load["open_count"], total);
}

#[actix_web::test]
async fn only_those_who_manage_accountants_change_who_looks_after_a_board() {
    let office = Office::open().await;
    for username in ["duong.ntt", "phuoc.dh", "ha.lt", "quang.lm", "kien.ht", "lan.ht"] {
        let client = office.login(username);
        let body = substitute("btctu", "p_mai", "2026-01-05", "2026-01-16");
        client.post("/v1/accountant-assignments", body).await.refused(403, "forbidden");
        let over =
            client.act(&assignment("aa_btctu_2018"), "hand-over", hand_over("p_mai", "2026-01-05")).await;
        over.refused(403, "forbidden");
        let new = json!({"staff_id": id("p_huy"), "active_from": "2026-01-01"});
        client.post("/v1/accountants", new).await.refused(403, "forbidden");
    }
    let workload = format!("/v1/accountants/{}/workload", accountant("p_ha"));
    office.login("duong.ntt").get(&workload).await.refused(403, "forbidden");
    office.login("quang.lm").get(&workload).await.expect(200);
    let nobody = format!("/v1/accountants/{}", id("nobody"));
    office.login("quang.lm").get(&format!("{nobody}/workload")).await.refused(404, "not_found");
    office.login("quang.lm").get(&nobody).await.refused(404, "not_found");
}

#[actix_web::test]
async fn who_looked_after_a_board_on_a_past_day_is_settled() {
    let office = Office::open().await;
    let manager = office.login("bich.tt");
    let charge = assignment("aa_btctu_2018");
    let refused = manager.act(&charge, "hand-over", hand_over("p_mai", "2025-12-11")).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/valid_from".to_owned()]));
    let past = substitute("btctu", "p_mai", "2025-12-01", "2025-12-20");
    let refused = manager.post("/v1/accountant-assignments", past).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/valid_from".to_owned()]));
    manager.act(&charge, "hand-over", hand_over("p_mai", "2025-12-12")).await.expect(200);
}
