//! Expense claims: five hands, one payment, and nothing claimed twice.

use std::sync::atomic::{AtomicU32, Ordering};

use entity::{accountant_assignments, accountant_assignments::AssignmentKind, payments};
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, Set};
use shared_office::claims::rules::STEPS;

use crate::support::travel::fund;
use crate::support::{Answer, Client, Office, Value, id, json};

/// Vouchers are used once.
static NEXT: AtomicU32 = AtomicU32::new(100_000);

const CLAIMS: &str = "/v1/expense-claims";

/// A cost of a kind that needs no paper.
fn line(amount: i64) -> Value {
    json!({"kind": "other", "incurred_on": "2025-12-10", "description": "Văn phòng phẩm", "claimed_amount": amount})
}

/// A night in a hotel, with or without its invoice.
fn night(number: Option<&str>) -> Value {
    let invoice = number
        .map(|number| json!({"seller_tax_code": "6001112223", "number": number, "issued_on": "2025-12-10"}));
    json!({
        "kind": "lodging_receipt", "incurred_on": "2025-12-10", "description": "Phòng nghỉ 1 đêm",
        "claimed_amount": 500_000, "invoice": invoice,
    })
}

fn claim(kind: &str, lines: &[Value]) -> Value {
    json!({"board_id": id("btctu"), "kind": kind, "purpose": "Khảo sát cơ sở", "lines": lines})
}

/// A draft of the organisation board's requester; its address.
async fn draft(office: &Office, lines: &[Value]) -> String {
    draft_of(&office.login("duong.ntt"), claim("other", lines)).await
}

async fn draft_of(claimant: &Client, body: Value) -> String {
    let made = claimant.post(CLAIMS, body).await.expect(201);
    format!("{CLAIMS}/{}", made["id"].as_str().unwrap())
}

fn payment(voucher: &str) -> Value {
    json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": voucher})
}

/// Who ordinarily takes a step of a claim of the organisation board, and with what.
fn usual(verb: &str, status: &str) -> (&'static str, Value) {
    match (verb, status) {
        ("submit", _) => ("duong.ntt", json!({})),
        ("confirm", _) => ("phuoc.dh", json!({})),
        ("verify", _) => ("ha.lt", json!({})),
        ("approve", _) => ("an.nv", json!({})),
        ("pay", _) => ("lan.ht", payment(&format!("PC-{}", NEXT.fetch_add(1, Ordering::SeqCst)))),
        ("withdraw", _) => ("duong.ntt", json!({"reason": "Lập lại"})),
        ("return" | "reject", "submitted") => ("phuoc.dh", json!({"reason": "Chưa đúng"})),
        ("return" | "reject", "confirmed") => ("ha.lt", json!({"reason": "Chưa đúng"})),
        ("reverse", "asked") => ("linh.n", json!({"reason": "Chi nhầm"})),
        ("reverse", _) => ("lan.ht", json!({"reason": "Chi nhầm"})),
        _ => ("an.nv", json!({"reason": "Chưa đúng"})),
    }
}

/// Takes the steps with the usual people and gives the claim as it then is.
async fn walk(office: &Office, path: &str, verbs: &[&str]) -> Value {
    let mut shown = office.login("an.nv").get(path).await.expect(200);
    for verb in verbs {
        let asked = !shown["reversal_asked_by_id"].is_null();
        let status = if asked { "asked" } else { shown["status"].as_str().unwrap() }.to_owned();
        let (who, body) = usual(verb, &status);
        shown = office.login(who).act(path, verb, body).await.expect(200);
    }
    shown
}

/// An action on whatever version there is now.
async fn now(client: &Client, path: &str, verb: &str, body: Value) -> Answer {
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

async fn count_payments(office: &Office) -> u64 {
    payments::Entity::find().count(&office.app.db.writer).await.expect("counted")
}

fn codes(gaps: &Value) -> Vec<(Value, String)> {
    let all = gaps.as_array().unwrap().iter();
    all.map(|gap| (gap["line"].clone(), gap["code"].as_str().unwrap().to_owned())).collect()
}

async fn history(client: &Client, path: &str) -> Vec<Value> {
    let page = client.get(&format!("{path}/history")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_claim_goes_through_five_hands_and_is_paid() {
    let office = Office::open().await;
    let path =
        draft_of(&office.login("duong.ntt"), claim("other", &[line(300_000), night(Some("17"))])).await;
    let shown = office.login("duong.ntt").get(&path).await.expect(200);
    assert_eq!(shown["number"], "EC-2025-000177", "the demo office's last one is 176");
    assert_eq!((&shown["status"], &shown["claimed_amount"]), (&json!("draft"), &json!(800_000)));
    assert_eq!(shown["waiting_on"]["staff"], json!([id("p_duong")]));
    let expected = [
        ("submit", "submitted", "board_head", vec!["p_phuoc"], json!("2025-12-16T01:00:00Z")),
        ("confirm", "confirmed", "accountant", vec!["p_ha"], json!("2025-12-17T01:00:00Z")),
        ("verify", "verified", "chief_of_office", vec!["p_an", "p_linh"], json!("2025-12-16T01:00:00Z")),
        ("approve", "approved", "cashier", vec!["p_lan"], json!("2025-12-16T01:00:00Z")),
    ];
    for (verb, status, role, people, due_at) in expected {
        let shown = walk(&office, &path, &[verb]).await;
        assert_eq!((&shown["status"], &shown["waiting_on"]["role"]), (&json!(status), &json!(role)));
        let mut people: Vec<String> = people.into_iter().map(|person| id(person).to_string()).collect();
        people.sort();
        assert_eq!(
            (&shown["waiting_on"]["staff"], &shown["waiting_on"]["due_at"]),
            (&json!(people), &due_at)
        );
    }
    let paid = office.login("lan.ht").act(&path, "pay", payment("PC-9001")).await.expect(200);
    assert_eq!((&paid["status"], &paid["waiting_on"]), (&json!("paid"), &Value::Null));
    for (field, person) in [
        ("confirmed_by_id", "p_phuoc"),
        ("verified_by_id", "p_ha"),
        ("approved_by_id", "p_an"),
        ("paid_by_id", "p_lan"),
    ] {
        assert_eq!(paid[field], json!(id(person)), "{field}");
    }
    let address = format!("/v1/payments/{}", paid["payment_id"].as_str().unwrap());
    let money = office.login("duong.ntt").get(&address).await.expect(200);
    assert_eq!((&money["amount"], &money["claim_id"]), (&json!(800_000), &paid["id"]));
    assert_eq!(history(&office.login("duong.ntt"), &address).await.len(), 1);
    let actions: Vec<_> = history(&office.login("duong.ntt"), &path)
        .await
        .iter()
        .map(|entry| entry["action"].clone())
        .collect();
    assert_eq!(actions, ["create", "submit", "confirm", "verify", "approve", "pay"]);
}

#[actix_web::test]
async fn a_return_names_everything_at_once_and_the_corrected_claim_is_paid() {
    let office = Office::open().await;
    let path = draft(&office, &[night(None), line(1000), night(None)]).await;
    let shown = walk(&office, &path, &["submit", "confirm"]).await;
    let missing = [(json!(0), "invoice_missing".to_owned()), (json!(2), "invoice_missing".to_owned())];
    assert_eq!(codes(&shown["gaps"]), missing, "shown before anybody asks");
    let accountant = office.login("ha.lt");
    let refusal = accountant.act(&path, "verify", json!({})).await.refused(422, "claim_incomplete");
    assert_eq!(codes(&refusal["gaps"]), missing);

    let gaps = json!([{"code": "travel_permit_stamp_missing", "line": 1, "detail": "Thiếu dấu nơi đến"},
                      {"code": "plan_missing", "detail": "Thiếu kế hoạch"}]);
    let body = json!({"reason": "Bổ sung giấy tờ", "gaps": gaps});
    let returned = accountant.act(&path, "return", body).await.expect(200);
    let all = ["plan_missing", "invoice_missing", "travel_permit_stamp_missing", "invoice_missing"];
    let named: Vec<String> = codes(&returned["gaps"]).into_iter().map(|(_, code)| code).collect();
    assert_eq!(
        (named, &returned["decision_reason"]),
        (all.map(str::to_owned).to_vec(), &json!("Bổ sung giấy tờ"))
    );

    let claimant = office.login("duong.ntt");
    let version = returned["version"].as_i64().unwrap();
    let lines = json!({"lines": [night(Some("1")), line(1000), night(Some("2"))]});
    let corrected = claimant.patch(&path, version, lines).await.expect(200);
    assert_eq!(codes(&corrected["gaps"]).len(), 2, "what an invoice settles is settled, the rest stays");
    let again = walk(&office, &path, &["submit"]).await;
    assert_eq!((&again["gaps"], &again["confirmed_by_id"]), (&json!([]), &Value::Null), "a new round");
    let paid = walk(&office, &path, &["confirm", "verify", "approve", "pay"]).await;
    assert_eq!(paid["status"], "paid");
    let told = history(&claimant, &path).await;
    let returned = told.iter().find(|entry| entry["action"] == "return").unwrap();
    assert_eq!(returned["details"]["gaps"].as_array().unwrap().len(), 4, "history keeps the gaps");
    assert_eq!(told.iter().filter(|entry| entry["action"] == "confirm").count(), 2);
}

#[actix_web::test]
async fn a_cut_has_its_reason_and_a_line_cut_to_nothing_needs_no_paper() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000), night(None), line(700)]).await;
    walk(&office, &path, &["submit", "confirm"]).await;
    let accountant = office.login("ha.lt");
    let wrong = json!({"lines": [
        {"line": 0, "allowed_amount": 1001}, {"line": 1, "allowed_amount": 5}, {"line": 7, "allowed_amount": 0},
        {"line": 0, "allowed_amount": 1}, {"line": 2, "allowed_amount": 700, "cut_reason": "?"},
    ]});
    let refusal = accountant.act(&path, "verify", wrong).await;
    refusal.refused(422, "validation_failed");
    let places = ["allowed_amount", "cut_reason", "line", "line", "cut_reason"];
    let places: Vec<String> =
        places.iter().enumerate().map(|(index, field)| format!("#/lines/{index}/{field}")).collect();
    assert_eq!(refusal.places(), places);

    let cuts = json!({"lines": [{"line": 1, "allowed_amount": 0, "cut_reason": "Không có hóa đơn"},
                                {"line": 2, "allowed_amount": 300, "cut_reason": "Vượt định mức"}]});
    let verified = accountant.act(&path, "verify", cuts).await.expect(200);
    assert_eq!((&verified["allowed_amount"], &verified["gaps"]), (&json!(1300), &json!([])));
    assert_eq!(verified["lines"][2]["cut_reason"], "Vượt định mức");
    let told = history(&accountant, &path).await;
    assert_eq!(told.last().unwrap()["details"]["cuts"].as_array().unwrap().len(), 2);
    let paid = walk(&office, &path, &["approve", "pay"]).await;
    let money = accountant.get(&format!("/v1/payments/{}", paid["payment_id"].as_str().unwrap())).await;
    assert_eq!(money.expect(200)["amount"], 1300, "what is allowed, not what is claimed");
}

#[actix_web::test]
async fn a_claim_of_which_nothing_is_allowed_is_not_approved() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm"]).await;
    let nothing = json!({"lines": [{"line": 0, "allowed_amount": 0, "cut_reason": "Trùng"}]});
    office.login("ha.lt").act(&path, "verify", nothing).await.expect(200);
    let refusal = office.login("an.nv").act(&path, "approve", json!({})).await;
    refusal.refused(422, "validation_failed");
    walk(&office, &path, &["reject"]).await;
}

/// Puts an accountant in a board for some days.
async fn assign(office: &Office, who: &str, kind: AssignmentKind, from: &str, to: Option<&str>) {
    let row = accountant_assignments::ActiveModel {
        id: Set(id(&format!("{who}/{from}"))),
        board_id: Set(id("btctu")),
        accountant_id: Set(id(&format!("{who}/accountant"))),
        kind: Set(kind),
        valid_from: Set(from.parse().unwrap()),
        valid_to: Set(to.map(|day| day.parse().unwrap())),
        decision_number: Set("99-QĐ/VPTU".to_owned()),
        version: Set(1),
        created_at: Set(office.app.clock.now()),
        updated_at: Set(office.app.clock.now()),
        created_by_id: Set(None),
    };
    row.insert(&office.app.db.writer).await.expect("assigned");
}

#[actix_web::test]
async fn only_the_accountant_acting_today_verifies() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    let other = draft(&office, &[line(2000)]).await;
    walk(&office, &path, &["submit", "confirm"]).await;
    walk(&office, &other, &["submit", "confirm"]).await;
    now(&office.login("dung.pq"), &path, "verify", json!({})).await.refused(404, "not_found");
    now(&office.login("bich.tt"), &path, "verify", json!({})).await.refused(403, "forbidden");
    now(&office.login("quang.lm"), &path, "verify", json!({})).await.refused(403, "forbidden");

    assign(&office, "p_thuan", AssignmentKind::Substitute, "2025-12-12", Some("2025-12-14")).await;
    let shown = office.login("ha.lt").get(&path).await.expect(200);
    assert_eq!(shown["waiting_on"]["staff"], json!([id("p_thuan")]));
    let verify = shown["allowed_actions"].as_array().unwrap().iter().find(|one| one["action"] == "verify");
    assert_eq!(verify.unwrap()["allowed"], false);
    now(&office.login("ha.lt"), &path, "verify", json!({})).await.refused(403, "forbidden");
    now(&office.login("ha.lt"), &path, "return", json!({"reason": "?"})).await.refused(403, "forbidden");
    now(&office.login("thuan.b"), &path, "verify", json!({})).await.expect(200);
    office.set_clock("2025-12-15T08:00:00+07:00");
    now(&office.login("thuan.b"), &other, "verify", json!({})).await.refused(404, "not_found");

    let charge =
        accountant_assignments::Entity::find_by_id(id("aa_btctu_2018")).one(&office.app.db.writer).await;
    let mut charge = charge.unwrap().unwrap().into_active_model();
    charge.valid_to = Set(Some("2025-12-15".parse().unwrap()));
    charge.update(&office.app.db.writer).await.unwrap();
    assign(&office, "p_mai", AssignmentKind::Charge, "2025-12-16", None).await;
    office.set_clock("2025-12-16T00:30:00+07:00");
    now(&office.login("ha.lt"), &other, "verify", json!({})).await.refused(404, "not_found");
    let verified = now(&office.login("mai.vn"), &other, "verify", json!({})).await.expect(200);
    assert_eq!(verified["verified_by_id"], json!(id("p_mai")));
}

#[actix_web::test]
async fn no_one_acts_twice_on_one_claim() {
    let office = Office::open().await;
    let head = office.login("phuoc.dh");
    let own = draft_of(&head, claim("other", &[line(1000)])).await;
    now(&head, &own, "submit", json!({})).await.expect(200);
    now(&head, &own, "confirm", json!({})).await.refused(403, "four_eyes");
    now(&head, &own, "reject", json!({"reason": "?"})).await.refused(403, "four_eyes");

    let body = json!({"board_id": id("vptu"), "kind": "other", "purpose": "Khác", "lines": [line(1000)]});
    let path = draft_of(&office.login("huy.tq"), body).await;
    now(&office.login("huy.tq"), &path, "submit", json!({})).await.expect(200);
    let deputy = office.login("linh.n");
    now(&deputy, &path, "confirm", json!({})).await.expect(200);
    let verified = now(&office.login("mai.vn"), &path, "verify", json!({})).await.expect(200);
    assert_eq!(verified["waiting_on"]["staff"], json!([id("p_an")]), "who confirmed is not asked again");
    now(&deputy, &path, "approve", json!({})).await.refused(403, "four_eyes");
    now(&deputy, &path, "return", json!({"reason": "?"})).await.refused(403, "four_eyes");
    now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
}

#[actix_web::test]
async fn the_database_itself_refuses_every_pair_of_equal_hands() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm", "verify", "approve", "pay"]).await;
    let hands = ["claimant_id", "confirmed_by_id", "verified_by_id", "approved_by_id", "paid_by_id"];
    let db = &office.app.db.writer;
    let number = office.login("an.nv").get(&path).await.expect(200)["number"].as_str().unwrap().to_owned();
    for (index, one) in hands.iter().enumerate() {
        for other in &hands[index + 1..] {
            let sql = format!("UPDATE expense_claims SET {other} = {one} WHERE number = '{number}'");
            let error = db.execute_unprepared(&sql).await.expect_err(&sql).to_string();
            assert!(error.contains("_is_not_"), "{sql}: {error}");
        }
    }
    let harmless = format!("UPDATE expense_claims SET purpose = purpose WHERE number = '{number}'");
    assert_eq!(db.execute_unprepared(&harmless).await.unwrap().rows_affected(), 1, "the row was there");
    let sql = "UPDATE payments SET amount = 1";
    assert!(db.execute_unprepared(sql).await.unwrap_err().to_string().contains("append_only"));
    let copy = "INSERT INTO payments (id, kind, claim_id, board_id, amount, set_off_amount, method, paid_on, voucher_number, voucher_key, \
                paid_by_id, approved_by_id, created_at) SELECT created_by_id, kind, claim_id, board_id, amount, set_off_amount, method, \
                paid_on, 'X', 'X', paid_by_id, approved_by_id, created_at FROM payments WHERE created_by_id IS NOT NULL";
    let error = db.execute_unprepared(copy).await.expect_err("a second payment").to_string();
    assert!(error.contains("claim_id"), "{error}");
}

#[actix_web::test]
async fn twenty_payments_at_once_from_two_processes_are_one() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm", "verify", "approve"]).await;
    let before = count_payments(&office).await;
    let second = office.second_process().await;
    let cashiers = [office.login("lan.ht"), office.login_at(&second, "lan.ht")];
    join_all(cashiers.iter().map(|cashier| cashier.get(&path))).await;
    let pay = |index: usize| {
        let (cashier, path) = (cashiers[index % 2].clone(), path.clone());
        async move { now(&cashier, &path, "pay", payment(&format!("PC-{index}"))).await }
    };
    let answers = join_all((0..20).map(pay)).await;
    let paid = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(paid, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(409, "state_conflict");
    }
    assert_eq!(count_payments(&office).await, before + 1);
}

#[actix_web::test]
async fn a_payment_and_a_cancelled_approval_exclude_each_other() {
    let office = Office::open().await;
    let second = office.second_process().await;
    for round in 0..5 {
        let path = draft(&office, &[line(1000)]).await;
        walk(&office, &path, &["submit", "confirm", "verify", "approve"]).await;
        let (cashier, chief) = (office.login("lan.ht"), office.login_at(&second, "an.nv"));
        join_all([cashier.get(&path), chief.get(&path)]).await;
        let pay = now(&cashier, &path, "pay", payment(&format!("PC-{round}")));
        let cancel = now(&chief, &path, "cancel-approval", json!({"reason": "Xem lại"}));
        let (paid, cancelled) = join(pay, cancel).await;
        assert_eq!(paid.status.min(cancelled.status), 200);
        assert_eq!(paid.status.max(cancelled.status), 409, "{} / {}", paid.text, cancelled.text);
        let shown = chief.get(&path).await.expect(200);
        let expected = if paid.status == 200 { "paid" } else { "verified" };
        assert_eq!(shown["status"], expected);
        assert_eq!(shown["payment_id"].is_null(), paid.status != 200);
    }
}

#[actix_web::test]
async fn of_two_verdicts_one_counts() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let accountants = [office.login("ha.lt"), office.login_at(&second, "ha.lt")];
    for other in ["verify", "return"] {
        let path = draft(&office, &[line(1000)]).await;
        let shown = walk(&office, &path, &["submit", "confirm"]).await;
        join_all(accountants.iter().map(|accountant| accountant.get(&path))).await;
        let cut = json!({"lines": [{"line": 0, "allowed_amount": 400, "cut_reason": "Vượt định mức"}]});
        let body = if other == "verify" { json!({}) } else { json!({"reason": "Thiếu"}) };
        let first = now(&accountants[0], &path, "verify", cut);
        let (first, second) = join(first, now(&accountants[1], &path, other, body)).await;
        // A verified claim can be returned too, but by the chief of office: then the accountant is refused as a person.
        let refused = if first.status == 200 && other == "return" { 403 } else { 409 };
        assert_eq!((first.status.min(second.status), first.status.max(second.status)), (200, refused));
        let now = office.login("an.nv").get(&path).await.expect(200);
        assert_eq!(now["version"].as_i64(), shown["version"].as_i64().map(|version| version + 1));
        let expected = match (first.status, other) {
            (200, _) => json!(400),
            (_, "verify") => json!(1000),
            _ => Value::Null,
        };
        assert_eq!(now["allowed_amount"], expected);
    }
}

#[actix_web::test]
async fn one_invoice_in_six_claims_at_once_is_taken_by_one() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let claimants = [office.login("duong.ntt"), office.login_at(&second, "phuoc.dh")];
    let mut paths = Vec::new();
    for index in 0..6 {
        // Opposite orders of the same two invoices would wait for each other in a ring.
        let (one, two) = (night(Some("A1")), night(Some("B2")));
        let lines = if index % 2 == 0 { [one, two] } else { [two, one] };
        paths.push(draft_of(&claimants[index % 2], claim("other", &lines)).await);
    }
    let submit = |(index, path): (usize, &String)| {
        let (claimant, path) = (claimants[index % 2].clone(), path.clone());
        async move { now(&claimant, &path, "submit", json!({})).await }
    };
    let answers = join_all(paths.iter().enumerate().map(submit)).await;
    let taken: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert_eq!(taken.len(), 5);
    for answer in taken {
        answer.refused(409, "duplicate_invoice");
        assert!(answer.places().contains(&"#/lines/0".to_owned()) || answer.places() == ["#/lines/1"]);
    }
}

#[actix_web::test]
async fn an_invoice_is_one_however_it_is_spelt() {
    let office = Office::open().await;
    let claimant = office.login("duong.ntt");
    for (first, variants) in [
        ("1C25TAA 0000123", vec!["1c25taa0000123", "１Ｃ２５ＴＡＡ ００００１２３"]),
        ("0000456", vec!["456", " 0456"]),
        ("HD-000789", vec!["HD\u{2011}000789", "HD/000789", "hd 000789", "HD-000789."]),
    ] {
        let path = draft(&office, &[night(Some(first))]).await;
        now(&claimant, &path, "submit", json!({})).await.expect(200);
        for variant in variants {
            let path = draft(&office, &[line(1), line(2), night(Some(variant))]).await;
            let refusal = now(&claimant, &path, "submit", json!({})).await;
            refusal.refused(409, "duplicate_invoice");
            assert_eq!(refusal.places(), ["#/lines/2"], "{variant}");
        }
    }
    let mut elsewhere = night(Some("456"));
    elsewhere["invoice"]["seller_tax_code"] = json!("6001112223-001");
    let path = draft(&office, &[elsewhere]).await;
    now(&claimant, &path, "submit", json!({})).await.expect(200);
}

#[actix_web::test]
async fn every_duplicate_is_named_and_a_claim_that_ends_gives_its_invoices_free() {
    let office = Office::open().await;
    let claimant = office.login("duong.ntt");
    let lines = [night(Some("7")), night(Some("8"))];
    let path = draft_of(&claimant, claim("other", &lines)).await;
    now(&claimant, &path, "submit", json!({})).await.expect(200);
    let doubled = [night(Some("9")), night(Some("8")), night(Some("7")), night(Some("9"))];
    let again = draft_of(&claimant, claim("other", &doubled)).await;
    let refusal = now(&claimant, &again, "submit", json!({})).await;
    refusal.refused(409, "duplicate_invoice");
    assert_eq!(refusal.places(), ["#/lines/1", "#/lines/2", "#/lines/3"]);
    let fine = draft_of(&claimant, claim("other", &[night(Some("10"))])).await;
    now(&claimant, &fine, "submit", json!({})).await.expect(200);

    let mut path = path;
    for verbs in [&["withdraw"][..], &["reject"], &["confirm", "return"], &["confirm", "verify", "reject"]] {
        walk(&office, &path, verbs).await;
        path = draft_of(&claimant, claim("other", &lines)).await;
        now(&claimant, &path, "submit", json!({})).await.expect(200);
    }
}

#[actix_web::test]
async fn amounts_stay_within_what_every_reader_holds_exactly() {
    const LARGEST: i64 = 999_999_999_999_999;
    let office = Office::open().await;
    let claimant = office.login("duong.ntt");
    fund(&office, id("bl_2025_btctu_13_7799"), LARGEST - 60_000_000).await;
    let path = draft(&office, &[line(LARGEST - 1), line(1)]).await;
    assert_eq!(claimant.get(&path).await.expect(200)["claimed_amount"], LARGEST);
    let paid = walk(&office, &path, &["submit", "confirm", "verify", "approve", "pay"]).await;
    assert_eq!(paid["allowed_amount"], LARGEST);
    let all: Vec<Value> = (0..100).map(|_| line(LARGEST)).collect();
    for lines in [&[line(LARGEST), line(1)][..], &all] {
        let refusal = claimant.post(CLAIMS, claim("other", lines)).await;
        refusal.refused(422, "validation_failed");
        assert_eq!(refusal.places(), ["#/lines"]);
    }
    let too_many: Vec<Value> = (0..101).map(|_| line(1)).collect();
    for lines in [&[line(0)][..], &[line(-1)], &[line(LARGEST + 1)], &too_many] {
        claimant.post(CLAIMS, claim("other", lines)).await.refused(400, "malformed_request");
    }
}

#[actix_web::test]
async fn a_repeated_payment_with_one_key_is_one_payment() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    let shown = walk(&office, &path, &["submit", "confirm", "verify", "approve"]).await;
    let before = count_payments(&office).await;
    let etag = format!("\"{}\"", shown["version"]);
    let headers = [("If-Match", etag.as_str()), ("Idempotency-Key", "pay-once")];
    let cashier = office.login("lan.ht");
    let address = format!("{path}/pay");
    let send = |body: Value| cashier.send(Method::POST, &address, Some(body), &headers);
    let first = send(payment("PC-1")).await;
    let second = send(payment("PC-1")).await;
    first.expect(200);
    second.expect(200);
    assert_eq!(
        (first.text.as_str(), second.header("idempotent-replayed")),
        (second.text.as_str(), Some("true"))
    );
    send(payment("PC-2")).await.refused(422, "idempotency_key_reused");
    assert_eq!(count_payments(&office).await, before + 1);
    now(&cashier, &path, "pay", payment("PC-3")).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn a_payment_is_of_today_or_earlier_and_a_voucher_is_used_once() {
    let office = Office::open().await;
    let (one, two) = (draft(&office, &[line(1000)]).await, draft(&office, &[line(1000)]).await);
    walk(&office, &one, &["submit", "confirm", "verify", "approve"]).await;
    walk(&office, &two, &["submit", "confirm", "verify", "approve"]).await;
    let cashier = office.login("lan.ht");
    let mut tomorrow = payment("PC-1");
    tomorrow["paid_on"] = json!("2025-12-13");
    let refusal = cashier.act(&one, "pay", tomorrow).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/paid_on"]);
    let bare = cashier.send(Method::POST, &format!("{one}/pay"), Some(payment("PC-1")), &[]).await;
    bare.refused(428, "precondition_required");
    cashier.act(&one, "pay", payment("PC-1")).await.expect(200);
    let refusal = cashier.act(&two, "pay", payment("pc - 1")).await;
    refusal.refused(409, "duplicate");
    assert_eq!(refusal.places(), ["#/voucher_number"]);
    assert_eq!(cashier.get(&two).await.expect(200)["status"], "approved");
    let listed = cashier.get("/v1/payments?voucher_number=pc-1&paid_on_from=2025-12-01").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_reversal_takes_two_people_and_erases_nothing() {
    let office = Office::open().await;
    let path = draft(&office, &[night(Some("77"))]).await;
    let paid = walk(&office, &path, &["submit", "confirm", "verify", "approve", "pay"]).await;
    let (cashier, chief) = (office.login("lan.ht"), office.login("linh.n"));
    let why = || json!({"reason": "Chi nhầm"});
    now(&cashier, &path, "reverse", json!({})).await.refused(422, "validation_failed");
    now(&office.login("ha.lt"), &path, "reverse", why()).await.refused(403, "forbidden");
    let asked = now(&cashier, &path, "reverse", why()).await.expect(200);
    assert_eq!((&asked["status"], &asked["waiting_on"]["role"]), (&json!("paid"), &json!("chief_of_office")));
    now(&cashier, &path, "reverse", why()).await.refused(403, "four_eyes");
    let again = draft(&office, &[night(Some("77"))]).await;
    let claimant = office.login("duong.ntt");
    now(&claimant, &again, "submit", json!({})).await.refused(409, "duplicate_invoice");
    let reversed = now(&chief, &path, "reverse", why()).await.expect(200);
    assert_eq!((&reversed["status"], &reversed["payment_id"]), (&json!("reversed"), &paid["payment_id"]));
    let listed =
        cashier.get(&format!("/v1/payments?claim_id={}", paid["id"].as_str().unwrap())).await.expect(200);
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let reversal = items.iter().find(|one| one["reverses_id"] == paid["payment_id"]).unwrap();
    assert_eq!((&reversal["amount"], &reversal["approved_by_id"]), (&json!(500_000), &json!(id("p_linh"))));
    now(&claimant, &again, "submit", json!({})).await.expect(200);
    let told: Vec<_> = history(&claimant, &path).await.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(told[6..], ["ask-reversal", "reverse"]);

    let other = draft(&office, &[line(1000)]).await;
    walk(&office, &other, &["submit", "confirm", "verify", "approve", "pay"]).await;
    now(&office.login("an.nv"), &other, "reverse", why()).await.expect(200);
    now(&chief, &other, "reverse", why()).await.refused(403, "forbidden");
    now(&cashier, &other, "reverse", why()).await.expect(200);
}

#[actix_web::test]
async fn two_second_signatures_at_once_reverse_once() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm", "verify", "approve", "pay", "reverse"]).await;
    let second = office.second_process().await;
    let chiefs = [office.login("an.nv"), office.login_at(&second, "linh.n")];
    join_all(chiefs.iter().map(|chief| chief.get(&path))).await;
    let answers =
        join_all(chiefs.iter().map(|chief| now(chief, &path, "reverse", json!({"reason": "Chi nhầm"}))))
            .await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[actix_web::test]
async fn outside_the_board_a_claim_does_not_exist() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    let paid = walk(&office, &path, &["submit", "confirm", "verify", "approve", "pay"]).await;
    let stranger = office.login("nam.ld");
    let nothing = id("there is no such claim");
    let same = |one: &Answer, other: &Answer| {
        let bare = |answer: &Answer| {
            let mut body = answer.body.clone();
            body["request_id"] = Value::Null;
            body["instance"] = Value::Null;
            (answer.status, body.to_string(), answer.text.len())
        };
        assert_eq!(bare(one), bare(other));
        one.refused(404, "not_found");
    };
    for tail in ["", "/history"] {
        let (one, other) = (
            stranger.get(&format!("{path}{tail}")).await,
            stranger.get(&format!("{CLAIMS}/{nothing}{tail}")).await,
        );
        same(&one, &other);
    }
    for (stranger, verb) in [
        (&stranger, "submit"),
        (&stranger, "withdraw"),
        (&office.login("khoi.vm"), "confirm"),
        (&office.login("khoi.vm"), "return"),
        (&office.login("dung.pq"), "verify"),
    ] {
        let body = || if verb == "verify" { json!({}) } else { json!({"reason": "?"}) };
        let elsewhere = format!("{CLAIMS}/{nothing}");
        same(&now(stranger, &path, verb, body()).await, &now(stranger, &elsewhere, verb, body()).await);
    }
    let money = format!("/v1/payments/{}", paid["payment_id"].as_str().unwrap());
    same(&stranger.get(&money).await, &stranger.get(&format!("/v1/payments/{nothing}")).await);
    let listed = stranger.get(&format!("{CLAIMS}?board_id={}", id("btctu"))).await.expect(200);
    assert_eq!(listed["items"], json!([]));
    let colleague = office.login("phuoc.dh");
    colleague.get(&path).await.expect(200);
    office.login("thinh.bd").get(&path).await.refused(404, "not_found");
    office.login("loc.tv").get(&path).await.refused(403, "forbidden");
}

#[actix_web::test]
async fn a_refused_request_changes_nothing() {
    let office = Office::open().await;
    let path = draft(&office, &[night(None), night(Some("5"))]).await;
    let taken = draft(&office, &[night(Some("5"))]).await;
    let before = walk(&office, &path, &["submit", "confirm"]).await;
    let events = history(&office.login("an.nv"), &path).await.len();
    let accountant = office.login("ha.lt");
    let cut = json!({"lines": [{"line": 1, "allowed_amount": 1, "cut_reason": "?"}]});
    now(&accountant, &path, "verify", cut).await.refused(422, "claim_incomplete");
    now(&accountant, &path, "return", json!({})).await.refused(422, "validation_failed");
    let unknown = json!({"reason": "?", "gaps": [{"code": "x", "line": 2, "detail": "?"}]});
    let refusal = now(&accountant, &path, "return", unknown).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/gaps/0/line"]);
    let stale = [("If-Match", "\"1\"")];
    let body = || Some(json!({"reason": "?"}));
    let refusal = accountant.send(Method::POST, &format!("{path}/return"), body(), &stale).await;
    refusal.refused(412, "version_conflict");
    now(&office.login("duong.ntt"), &taken, "submit", json!({})).await.refused(409, "duplicate_invoice");
    let after = accountant.get(&path).await.expect(200);
    for field in ["version", "status", "lines", "gaps", "allowed_amount", "updated_at"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(history(&office.login("an.nv"), &path).await.len(), events);
    let draft = office.login("an.nv").get(&taken).await.expect(200);
    assert_eq!((&draft["status"], &draft["version"]), (&json!("draft"), &json!(1)));
}

#[actix_web::test]
async fn a_claim_is_submitted_with_lines_that_have_happened() {
    let office = Office::open().await;
    let claimant = office.login("duong.ntt");
    let empty = draft(&office, &[]).await;
    let refusal = now(&claimant, &empty, "submit", json!({})).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/lines"]);
    let mut planned = line(1000);
    planned["incurred_on"] = json!("2025-12-13");
    let mut invoiced = night(Some("9"));
    invoiced["invoice"]["issued_on"] = json!("2026-01-01");
    let path = draft(&office, &[line(1), planned, invoiced]).await;
    let refusal = now(&claimant, &path, "submit", json!({})).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/lines/1/incurred_on", "#/lines/2/invoice/issued_on"]);
    // Half past midnight in the office, while in UTC it is still the day before.
    office.set_clock("2025-12-13T00:30:00+07:00");
    let refusal = now(&claimant, &path, "submit", json!({})).await;
    assert_eq!(refusal.places(), ["#/lines/2/invoice/issued_on"]);
}

#[actix_web::test]
async fn a_draft_belongs_to_a_living_board_of_its_claimant() {
    let office = Office::open().await;
    let claimant = office.login("duong.ntt");
    let mut body = claim("travel", &[line(999_999_999_999_999), line(1)]);
    body["board_id"] = json!(id("ubkttu"));
    body["travel_order_id"] = json!(id("no such order"));
    let refusal = claimant.post(CLAIMS, body).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/board_id", "#/travel_order_id", "#/lines"]);
    assert_eq!(refusal.body["errors"][1]["code"], "unknown_reference");
    let mut ended = claim("other", &[]);
    ended["board_id"] = json!(id("btgtu"));
    let refusal = office.login("nam.ld").post(CLAIMS, ended).await;
    assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], "board_not_active");
    office.login("ha.lt").post(CLAIMS, claim("other", &[])).await.refused(403, "forbidden");
    for (field, wrong) in [
        ("seller_tax_code", json!("600111222")),
        ("seller_tax_code", json!("6001112223-1")),
        ("number", json!("")),
    ] {
        let mut invoiced = night(Some("9"));
        invoiced["invoice"][field] = wrong;
        claimant.post(CLAIMS, claim("other", &[invoiced])).await.refused(400, "malformed_request");
    }
    for field in ["allowed_amount", "cut_reason", "status"] {
        let mut generous = line(1);
        generous[field] = json!(1);
        claimant.post(CLAIMS, claim("other", &[generous])).await.refused(400, "malformed_request");
    }
}

#[actix_web::test]
async fn only_the_claimant_changes_a_claim_and_only_while_holding_it() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000), line(2000)]).await;
    let claimant = office.login("duong.ntt");
    let patched =
        claimant.patch(&path, 1, json!({"purpose": "Đi Krông Búk", "lines": [line(5)]})).await.expect(200);
    assert_eq!((&patched["claimed_amount"], &patched["kind"]), (&json!(5), &json!("other")));
    assert_eq!(patched["lines"].as_array().unwrap().len(), 1);
    let found = claimant.get(&format!("{CLAIMS}?q=krong%20buk")).await.expect(200);
    assert_eq!(found["items"][0]["id"], patched["id"]);
    claimant.patch(&path, 1, json!({"purpose": "?"})).await.refused(412, "version_conflict");
    claimant.patch(&path, 2, json!({})).await.refused(400, "malformed_request");
    let refusal = claimant.patch(&path, 2, json!({"travel_order_id": id("x")})).await;
    assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], "unknown_reference");
    office.login("phuoc.dh").patch(&path, 2, json!({"purpose": "?"})).await.refused(403, "forbidden");
    now(&office.login("phuoc.dh"), &path, "submit", json!({})).await.refused(403, "forbidden");
    now(&claimant, &path, "submit", json!({})).await.expect(200);
    claimant.patch(&path, 3, json!({"purpose": "?"})).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn a_returned_claim_can_shrink_after_it_was_verified() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000), line(2000)]).await;
    let returned = walk(&office, &path, &["submit", "confirm", "verify", "return"]).await;
    let version = returned["version"].as_i64().unwrap();
    let smaller =
        office.login("duong.ntt").patch(&path, version, json!({"lines": [line(5)]})).await.expect(200);
    assert_eq!((&smaller["claimed_amount"], &smaller["allowed_amount"]), (&json!(5), &Value::Null));
    walk(&office, &path, &["submit", "confirm", "verify", "approve", "pay"]).await;
}

#[actix_web::test]
async fn a_cancelled_approval_is_given_anew() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm", "verify", "approve"]).await;
    let chief = office.login("linh.n");
    now(&chief, &path, "cancel-approval", json!({})).await.refused(422, "validation_failed");
    let verified = now(&chief, &path, "cancel-approval", json!({"reason": "Xem lại"})).await.expect(200);
    assert_eq!((&verified["status"], &verified["approved_by_id"]), (&json!("verified"), &Value::Null));
    assert_eq!(verified["allowed_amount"], 1000);
    walk(&office, &path, &["approve", "pay"]).await;
}

#[actix_web::test]
async fn every_step_at_the_wrong_moment_is_refused() {
    use sea_orm::ActiveEnum;
    let office = Office::open().await;
    let lives: [(&str, &[&str]); 10] = [
        ("draft", &[]),
        ("submitted", &["submit"]),
        ("confirmed", &["submit", "confirm"]),
        ("verified", &["submit", "confirm", "verify"]),
        ("approved", &["submit", "confirm", "verify", "approve"]),
        ("paid", &["submit", "confirm", "verify", "approve", "pay"]),
        ("returned", &["submit", "return"]),
        ("rejected", &["submit", "reject"]),
        ("withdrawn", &["withdraw"]),
        ("reversed", &["submit", "confirm", "verify", "approve", "pay", "reverse", "reverse"]),
    ];
    for (status, verbs) in lives {
        let path = draft(&office, &[line(1000)]).await;
        let shown = walk(&office, &path, verbs).await;
        assert_eq!(shown["status"], status);
        let possible: Vec<&str> = STEPS
            .iter()
            .filter(|step| step.from.iter().any(|from| from.to_value() == status))
            .map(|step| step.verb)
            .collect();
        let offered =
            shown["allowed_actions"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap());
        assert_eq!(offered.collect::<Vec<_>>(), possible, "{status}");
        for step in STEPS.iter().filter(|step| !possible.contains(&step.verb)) {
            let (who, body) = usual(step.verb, status);
            let refusal = now(&office.login(who), &path, step.verb, body).await;
            let told = refusal.refused(409, "state_conflict");
            assert_eq!(
                (&told["current_status"], &told["possible_actions"]),
                (&json!(status), &json!(possible))
            );
        }
        let after = office.login("an.nv").get(&path).await.expect(200);
        assert_eq!(after["version"], shown["version"], "{status}");
    }
}

#[actix_web::test]
async fn claims_are_found_sorted_and_shown_with_what_is_asked_for() {
    let office = Office::open().await;
    let auditor = office.login("quang.lm");
    let ids = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|claim| claim["number"].clone()).collect()
    };
    let paid = auditor.get(&format!("{CLAIMS}?status=paid&sort=claimed_amount&limit=2")).await.expect(200);
    assert_eq!(ids(&paid), ["EC-2025-000043", "EC-2025-000061"]);
    let cursor = paid["next_cursor"].as_str().unwrap();
    let rest =
        auditor.get(&format!("{CLAIMS}?status=paid&sort=claimed_amount&limit=50&cursor={cursor}")).await;
    assert_eq!(ids(&rest.expect(200)), ["EC-2019-000188", "EC-2025-000084", "EC-2025-000158"]);
    let both =
        auditor.get(&format!("{CLAIMS}?status=draft&status=submitted&sort=-created_at")).await.expect(200);
    assert_eq!(ids(&both).len(), 4);
    assert_eq!(
        (&both["items"][0]["allowed_actions"], &both["items"][0]["waiting_on"]),
        (&Value::Null, &Value::Null)
    );
    let filters = format!("kind=travel&claimant_id={}&created_at_from=2025-11-01T00:00:00Z", id("p_bli"));
    let shown = format!(
        "{CLAIMS}?{filters}&expand=claimant&expand=allowed_actions&created_at_before=2025-12-01T00:00:00Z"
    );
    let page = auditor.get(&shown).await.expect(200);
    assert_eq!(ids(&page), ["EC-2025-000155"]);
    assert_eq!(page["items"][0]["claimant"]["id"], json!(id("p_bli")));
    assert_eq!(page["items"][0]["waiting_on"]["staff"], json!([id("p_lan")]));
    auditor.get(&format!("{CLAIMS}?expand=board")).await.refused(400, "malformed_request");
}

#[actix_web::test]
async fn the_demo_office_has_claims_at_every_stage() {
    let office = Office::open().await;
    let auditor = office.login("quang.lm");
    let page = auditor.get(&format!("{CLAIMS}?expand=allowed_actions&include_total=true")).await.expect(200);
    assert_eq!(page["total"], 17);
    for claim in page["items"].as_array().unwrap() {
        let hands = ["claimant_id", "confirmed_by_id", "verified_by_id", "approved_by_id", "paid_by_id"];
        let told = history(&auditor, &format!("{CLAIMS}/{}", claim["id"].as_str().unwrap())).await;
        assert_eq!(told.len() as i64, claim["version"].as_i64().unwrap(), "{}", claim["number"]);
        let reached = match claim["status"].as_str().unwrap() {
            "paid" => 5,
            "approved" => 4,
            "verified" => 3,
            "confirmed" => 2,
            "returned" => {
                assert_ne!(claim["gaps"], json!([]), "{}", claim["number"]);
                continue;
            }
            _ => 1,
        };
        let present = hands.iter().filter(|hand| !claim[**hand].is_null()).count();
        assert_eq!((present, &claim["gaps"]), (reached, &json!([])), "{}", claim["number"]);
    }
    let returned = auditor.get(&format!("{CLAIMS}/{}", id("ec_04"))).await.expect(200);
    let codes: Vec<String> = codes(&returned["gaps"]).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["travel_permit_stamp_missing", "boarding_pass_missing"]);
    let money = auditor.get(&format!("/v1/payments/{}", id("ec_01/payment"))).await.expect(200);
    assert_eq!(money["amount"], 1_500_000);
    let path = format!("{CLAIMS}/{}", id("ec_10"));
    now(&office.login("khoi.vm"), &path, "confirm", json!({})).await.expect(200);
    now(&office.login("thuan.b"), &path, "verify", json!({})).await.expect(200);
}

#[actix_web::test]
async fn a_claim_of_a_board_that_ended_is_finished_by_its_successor() {
    let office = Office::open().await;
    let path = draft_of(&office.login("chin.k"), {
        let mut body = claim("other", &[line(1000)]);
        body["board_id"] = json!(id("bnctu"));
        body
    })
    .await;
    now(&office.login("chin.k"), &path, "submit", json!({})).await.expect(200);
    let founded = json!({
        "code": "BNCTC", "name": "Ban Nội chính và Tổ chức", "kind": "advisory_body", "valid_from": "2025-12-15",
        "accountant_id": id("p_mai/accountant"), "decision_number": "50-QĐ/TU",
    });
    let chief = office.login("an.nv");
    let board = chief.post("/v1/boards", founded).await.expect(201);
    let address = format!("/v1/boards/{}", board["id"].as_str().unwrap());
    let merger = json!({"predecessor_ids": [id("bnctu")], "reason": "Sáp nhập"});
    chief.act(&address, "merge", merger).await.expect(200);
    let row = accountant_assignments::ActiveModel {
        id: Set(id("a new assignment")),
        board_id: Set(board["id"].as_str().unwrap().parse().unwrap()),
        accountant_id: Set(id("p_mai/accountant")),
        kind: Set(AssignmentKind::Charge),
        valid_from: Set("2025-12-15".parse().unwrap()),
        valid_to: Set(None),
        decision_number: Set("50-QĐ/TU".to_owned()),
        version: Set(1),
        created_at: Set(office.app.clock.now()),
        updated_at: Set(office.app.clock.now()),
        created_by_id: Set(None),
    };
    // Founding a board puts its accountant in charge by itself once accountants are part of the service.
    let _ = row.insert(&office.app.db.writer).await;
    office.set_clock("2025-12-15T08:00:00+07:00");
    now(&office.login("hanh.nt"), &path, "confirm", json!({})).await.expect(200);
    let shown = office.login("mai.vn").get(&path).await.expect(200);
    assert_eq!(shown["waiting_on"]["staff"], json!([id("p_mai")]));
    now(&office.login("mai.vn"), &path, "verify", json!({})).await.expect(200);
}

#[actix_web::test]
async fn an_approval_that_was_cancelled_still_was_a_hand() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let cashier = json!({"role": "cashier", "valid_from": "2025-01-01"});
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_linh")), cashier).await.expect(200);
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm", "verify"]).await;
    let both = office.login("linh.n");
    now(&both, &path, "approve", json!({})).await.expect(200);
    now(&both, &path, "cancel-approval", json!({"reason": "Xem lại"})).await.expect(200);
    walk(&office, &path, &["approve"]).await;
    now(&both, &path, "pay", payment("PC-LINH")).await.refused(403, "four_eyes");
    walk(&office, &path, &["pay"]).await;
}

#[actix_web::test]
async fn who_paid_does_not_sign_the_reversal_as_the_chief() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    let cashier = json!({"role": "cashier", "valid_from": "2025-01-01"});
    admin.post(&format!("/v1/users/{}/grant-role", id("lg_linh")), cashier).await.expect(200);
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm", "verify", "approve"]).await;
    let both = office.login("linh.n");
    now(&both, &path, "pay", payment("PC-LINH")).await.expect(200);
    let reason = json!({"reason": "Chi nhầm"});
    now(&office.login("lan.ht"), &path, "reverse", reason.clone()).await.expect(200);
    now(&both, &path, "reverse", reason.clone()).await.refused(403, "forbidden");
    let reversed = now(&office.login("an.nv"), &path, "reverse", reason).await.expect(200);
    assert_eq!(reversed["status"], "reversed");
}

#[actix_web::test]
async fn an_allowance_is_given_once_a_day_whatever_the_claim_is_called() {
    let office = Office::open().await;
    let claimant = office.login("duong.ntt");
    let day = json!({"kind": "per_diem", "incurred_on": "2025-11-21", "description": "1 ngày", "claimed_amount": 300_000});
    // Allowances are paid by the travel rules, so that no other kind of claim has them.
    let path = draft_of(&claimant, claim("other", std::slice::from_ref(&day))).await;
    let refused = now(&claimant, &path, "submit", json!({})).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/lines/0/kind".to_owned()]));
    let month = |on: &str| json!({"kind": "monthly_travel_lump_sum", "incurred_on": on, "description": "Khoán tháng", "claimed_amount": 500_000});
    let path = draft_of(&claimant, claim("travel", &[month("2025-11-21")])).await;
    now(&claimant, &path, "submit", json!({})).await.expect(200);
    let mut with_invoice = month("2025-11-30");
    with_invoice["invoice"] =
        json!({"seller_tax_code": "6001112223", "number": "X1", "issued_on": "2025-11-21"});
    for line in [month("2025-11-21"), month("2025-11-01"), with_invoice] {
        let path = draft_of(&claimant, claim("travel", &[line])).await;
        now(&claimant, &path, "submit", json!({})).await.refused(409, "duplicate_person_day");
    }
}

#[actix_web::test]
async fn a_payment_is_not_older_than_the_cost() {
    let office = Office::open().await;
    let path = draft(&office, &[line(1000)]).await;
    walk(&office, &path, &["submit", "confirm", "verify", "approve"]).await;
    let early = json!({"method": "cash", "paid_on": "1900-01-01", "voucher_number": "PC-1900"});
    let refused = now(&office.login("lan.ht"), &path, "pay", early).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/paid_on".to_owned()]));
}
