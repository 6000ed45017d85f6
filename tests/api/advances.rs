//! Advances: three hands, one payment, and every đồng accounted for until nothing is outstanding.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use entity::travel_orders::TravelOrderStatus;
use entity::{advances, payments};
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait};
use shared_office::claims::advances::rules::STEPS;
use uuid::Uuid;

use crate::support::travel::{Order, set_status};
use crate::support::{Answer, Client, Office, Value, id, json};

const ADVANCES: &str = "/v1/advances";
const CLAIMS: &str = "/v1/expense-claims";

/// Vouchers are used once.
static NEXT: AtomicU32 = AtomicU32::new(500_000);

fn voucher() -> String {
    format!("PC-{}", NEXT.fetch_add(1, Ordering::SeqCst))
}

fn body(order: Option<Uuid>, amount: i64) -> Value {
    let settle_by = if order.is_some() { Value::Null } else { json!("2025-12-31") };
    json!({"board_id": id("btctu"), "travel_order_id": order, "purpose": "Tạm ứng đi công tác",
           "amount": amount, "settle_by": settle_by})
}

/// An advance for the requester of the organisation board, just asked for; its address.
async fn asked(office: &Office, order: Option<Uuid>, amount: i64) -> String {
    let made = office.login("duong.ntt").post(ADVANCES, body(order, amount)).await.expect(201);
    format!("{ADVANCES}/{}", made["id"].as_str().unwrap())
}

fn payment() -> Value {
    json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": voucher()})
}

fn refund(amount: i64) -> Value {
    json!({"amount": amount, "method": "cash", "paid_on": "2025-12-12", "voucher_number": voucher()})
}

/// An action on whatever version there is now.
async fn now(client: &Client, path: &str, verb: &str, body: Value) -> Answer {
    client.send(Method::POST, &format!("{path}/{verb}"), Some(body), &[("If-Match", "*")]).await
}

/// A paid advance; its address.
async fn paid(office: &Office, order: Option<Uuid>, amount: i64) -> String {
    let path = asked(office, order, amount).await;
    now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
    now(&office.login("lan.ht"), &path, "pay", payment()).await.expect(200);
    path
}

/// A claim of the requester for an order, approved for this amount; its address.
async fn approved_claim(office: &Office, order: Uuid, amount: i64) -> String {
    let line = json!({"kind": "hired_vehicle_share", "incurred_on": "2025-11-11", "description": "Chi phí chuyến đi", "claimed_amount": amount,
        "invoice": {"seller_tax_code": "6001112223", "number": voucher(), "issued_on": "2025-11-11"}});
    let claim = json!({"board_id": id("btctu"), "kind": "travel", "purpose": "Khảo sát", "travel_order_id": order, "lines": [line], "papers": [{"kind": "travel_permit", "stamped": true}]});
    let made = office.login("duong.ntt").post(CLAIMS, claim).await.expect(201);
    let path = format!("{CLAIMS}/{}", made["id"].as_str().unwrap());
    for (who, verb) in
        [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify"), ("an.nv", "approve")]
    {
        now(&office.login(who), &path, verb, json!({})).await.expect(200);
    }
    path
}

/// What stands in the table of payments: paid out, set off and refunded of an advance.
async fn from_payments(office: &Office, advance_id: &Value) -> (i64, i64, i64) {
    let all = payments::Entity::find().all(&office.app.db.writer).await.unwrap();
    let (mut paid, mut set_off, mut refunded) = (0, 0, 0);
    for one in all.iter().filter(|one| json!(one.advance_id) == *advance_id) {
        let sign = if one.reverses_id.is_some() { -1 } else { 1 };
        set_off += sign * one.set_off_amount;
        match one.kind {
            payments::PaymentKind::Advance => paid += sign * one.amount,
            payments::PaymentKind::Refund => refunded += sign * one.amount,
            payments::PaymentKind::Claim => {}
        }
    }
    (paid, set_off, refunded)
}

/// The advance is what its payments make of it.
async fn is_exact(office: &Office, path: &str) -> Value {
    let shown = office.login("an.nv").get(path).await.expect(200);
    let (paid, set_off, refunded) = from_payments(office, &shown["id"]).await;
    let open = matches!(shown["status"].as_str().unwrap(), "paid" | "settled");
    assert_eq!(paid, if open { shown["amount"].as_i64().unwrap() } else { 0 });
    assert_eq!((&shown["set_off_amount"], &shown["refunded_amount"]), (&json!(set_off), &json!(refunded)));
    assert_eq!(shown["outstanding_amount"], json!(paid - set_off - refunded), "{shown}");
    assert_eq!(shown["status"] == "settled", open && paid == set_off + refunded);
    shown
}

#[actix_web::test]
async fn an_advance_goes_through_three_hands() {
    let office = Office::open().await;
    let order = Order::default().given(&office).await;
    let path = asked(&office, Some(order), 2_000_000).await;
    let shown = office.login("duong.ntt").get(&path).await.expect(200);
    assert_eq!(shown["number"], "AD-2025-000018", "the demo office's last one is 17");
    assert_eq!((&shown["status"], &shown["outstanding_amount"]), (&json!("requested"), &json!(0)));
    let mut chiefs = [id("p_an"), id("p_linh")].map(|chief| chief.to_string());
    chiefs.sort();
    assert_eq!(
        (&shown["waiting_on"]["role"], &shown["waiting_on"]["staff"]),
        (&json!("chief_of_office"), &json!(chiefs))
    );
    let approved = now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
    assert_eq!(approved["waiting_on"]["staff"], json!([id("p_lan")]));
    let cashier = office.login("lan.ht");
    cashier
        .send(Method::POST, &format!("{path}/pay"), Some(payment()), &[])
        .await
        .refused(428, "precondition_required");
    let paid = cashier.act(&path, "pay", payment()).await.expect(200);
    assert_eq!((&paid["outstanding_amount"], &paid["overdue"]), (&json!(2_000_000), &json!(false)));
    assert_eq!(
        (&paid["waiting_on"]["staff"], &paid["waiting_on"]["due_at"]),
        (&json!([id("p_duong")]), &json!("2025-12-12T17:00:00Z")),
        "its requester settles it, until the end of the last day"
    );
    let money =
        cashier.get(&format!("/v1/payments/{}", paid["payment_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(
        (&money["kind"], &money["advance_id"], &money["claim_id"]),
        (&json!("advance"), &paid["id"], &Value::Null)
    );
    let told = office.login("duong.ntt").get(&format!("{path}/history")).await.expect(200);
    let told: Vec<&Value> = told["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(told, ["create", "approve", "pay"]);
    is_exact(&office, &path).await;
}

#[actix_web::test]
async fn of_the_three_outcomes_of_a_settlement_one_holds() {
    let all: Value = serde_json::from_str(include_str!("claim_vectors.json")).unwrap();
    for vector in all["advance_settlement"].as_array().unwrap() {
        let office = Office::open().await;
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let order = Order::default().given(&office).await;
        let path = paid(&office, Some(order), input["advance_vnd"].as_i64().unwrap()).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let claim = approved_claim(&office, order, input["approved_vnd"].as_i64().unwrap()).await;
        let cashier = office.login("lan.ht");
        let shown = cashier.get(&claim).await.expect(200);
        let (receive, back) = (&expected["to_receive_vnd"], expected["to_pay_back_vnd"].as_i64().unwrap());
        assert_eq!(
            (&shown["settlement"]["to_receive_amount"], &shown["settlement"]["to_pay_back_amount"]),
            (receive, &json!(back)),
            "{}",
            vector["id"]
        );
        let mut pay = payment();
        if back > 0 {
            for wrong in [Value::Null, json!({"amount": back + 1, "voucher_number": "PT-1"})] {
                pay["refund"] = wrong;
                let refusal = now(&cashier, &claim, "pay", pay.clone()).await;
                let errors = refusal.refused(422, "validation_failed")["errors"].clone();
                assert_eq!(errors[0]["code"], "refund_required");
                assert!(errors[0]["detail"].as_str().unwrap().contains(&back.to_string()), "{errors}");
            }
            pay["refund"] = json!({"amount": back, "voucher_number": voucher()});
        } else {
            pay["refund"] = json!({"amount": 1, "voucher_number": voucher()});
            let refusal = now(&cashier, &claim, "pay", pay.clone()).await;
            assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], "not_outstanding");
            pay["refund"] = Value::Null;
        }
        let settled = now(&cashier, &claim, "pay", pay).await.expect(200);
        assert_eq!(
            (&settled["settlement"]["to_receive_amount"], &settled["settlement"]["to_pay_back_amount"]),
            (receive, &json!(back))
        );
        let money = cashier
            .get(&format!("/v1/payments/{}", settled["payment_id"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(&money["amount"], receive);
        assert_eq!(is_exact(&office, &path).await["status"], "settled");
        let advance_id = money["advance_id"].as_str().unwrap();
        let listed =
            cashier.get(&format!("/v1/payments?advance_id={advance_id}&kind=refund")).await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), usize::from(back > 0));
        office.close().await;
    }
}

#[actix_web::test]
async fn the_row_of_the_expense_sheet_adds_up() {
    let all: Value = serde_json::from_str(include_str!("claim_vectors.json")).unwrap();
    for vector in all["travel_sheet_row"].as_array().unwrap() {
        let office = Office::open().await;
        let column = |name: &str| vector["input"][name].as_i64().unwrap();
        let costs = [
            ("per_diem", "2025-11-11", column("column_3_per_diem_vnd")),
            ("lodging_lump_sum", "2025-11-11", column("column_4_lodging_vnd")),
        ];
        let order = Order { costs: &costs, ..Order::default() }.given(&office).await;
        if column("column_6_advance_vnd") > 0 {
            paid(&office, Some(order), column("column_6_advance_vnd")).await;
        }
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let kinds = [
            ("ticket", "column_1_tickets_vnd"),
            ("hired_transport", "column_2_hired_transport_vnd"),
            ("per_diem", "column_3_per_diem_vnd"),
            ("lodging_lump_sum", "column_4_lodging_vnd"),
        ];
        let lines: Vec<Value> = kinds.iter().filter(|(_, name)| column(name) > 0)
            .map(|(kind, name)| json!({"kind": kind, "incurred_on": "2025-11-11", "description": "Chi", "claimed_amount": column(name)}))
            .collect();
        let claim = json!({"board_id": id("btctu"), "kind": "travel", "purpose": "Khảo sát", "travel_order_id": order, "lines": lines,
            "papers": [{"kind": "travel_permit", "stamped": true}, {"kind": "ticket"}]});
        let made = office.login("duong.ntt").post(CLAIMS, claim).await.expect(201);
        assert_eq!(made["settlement"], Value::Null, "nothing is allowed yet");
        let path = format!("{CLAIMS}/{}", made["id"].as_str().unwrap());
        for (who, verb) in [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify")] {
            now(&office.login(who), &path, verb, json!({})).await.expect(200);
        }
        let shown = office.login("duong.ntt").get(&path).await.expect(200)["settlement"].clone();
        for (field, name) in [
            ("tickets_amount", "column_1_tickets_vnd"),
            ("hired_transport_amount", "column_2_hired_transport_vnd"),
            ("per_diem_amount", "column_3_per_diem_vnd"),
            ("lodging_amount", "column_4_lodging_vnd"),
            ("advance_amount", "column_6_advance_vnd"),
        ] {
            assert_eq!(shown[field], column(name), "{} {field}", vector["id"]);
        }
        for (field, name) in [
            ("total_amount", "column_5_total_vnd"),
            ("to_pay_back_amount", "column_7_to_pay_back_vnd"),
            ("to_receive_amount", "column_8_to_receive_vnd"),
        ] {
            assert_eq!(shown[field], vector["expected"][name], "{} {field}", vector["id"]);
        }
        office.close().await;
    }
}

#[actix_web::test]
async fn an_overdue_advance_blocks_a_new_one_from_the_day_after_its_last() {
    let all: Value = serde_json::from_str(include_str!("claim_vectors.json")).unwrap();
    for vector in all["advance_request"].as_array().unwrap() {
        let office = Office::open().await;
        office.set_clock("2025-10-01T08:00:00+07:00");
        let claimant = office.login("duong.ntt");
        let mut first = body(None, 1_000_000);
        first["settle_by"] = vector["input"]["open_advances"][0]["settle_by"].clone();
        let made = claimant.post(ADVANCES, first).await.expect(201);
        let path = format!("{ADVANCES}/{}", made["id"].as_str().unwrap());
        now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
        let mut pay = payment();
        pay["paid_on"] = json!("2025-10-01");
        now(&office.login("lan.ht"), &path, "pay", pay).await.expect(200);
        office.set_clock(&format!("{}T23:59:59+07:00", vector["input"]["today"].as_str().unwrap()));
        let answer = claimant.post(ADVANCES, body(None, 500_000)).await;
        let listed = claimant
            .get(&format!("{ADVANCES}?overdue=true&requester_id={}", id("p_duong")))
            .await
            .expect(200);
        if vector["expected"]["outcome"] == "refused" {
            let status = u16::try_from(vector["expected"]["http_status"].as_u64().unwrap()).unwrap();
            answer.refused(status, vector["expected"]["error_code"].as_str().unwrap());
            assert_eq!(
                (listed["items"][0]["id"].clone(), listed["items"][0]["overdue"].clone()),
                (made["id"].clone(), json!(true))
            );
        } else {
            answer.expect(201);
            assert_eq!(listed["items"], json!([]));
        }
        office.close().await;
    }
}

#[actix_web::test]
async fn no_one_has_two_hands_in_one_advance() {
    let office = Office::open().await;
    let admin = office.login("kien.ht");
    for (user, role) in
        [("lg_linh", "cashier"), ("lg_duong", "chief_of_office"), ("lg_lan", "chief_of_office")]
    {
        let grant = json!({"role": role, "valid_from": "2025-01-01"});
        admin.post(&format!("/v1/users/{}/grant-role", id(user)), grant).await.expect(200);
    }
    let path = asked(&office, None, 1000).await;
    now(&office.login("duong.ntt"), &path, "approve", json!({})).await.refused(403, "four_eyes");
    now(&office.login("phuoc.dh"), &path, "approve", json!({})).await.refused(403, "forbidden");
    now(&office.login("phuoc.dh"), &path, "cancel", json!({"reason": "?"})).await.refused(403, "forbidden");
    let both = office.login("linh.n");
    let approved = now(&both, &path, "approve", json!({})).await.expect(200);
    assert_eq!(approved["waiting_on"]["staff"], json!([id("p_lan")]), "who approved does not pay");
    now(&both, &path, "pay", payment()).await.refused(403, "four_eyes");
    let paid = now(&office.login("lan.ht"), &path, "pay", payment()).await.expect(200);
    now(&both, &path, "refund", refund(1)).await.refused(403, "four_eyes");
    let number = paid["number"].as_str().unwrap();
    for sql in ["approved_by_id = requester_id", "paid_by_id = requester_id", "paid_by_id = approved_by_id"] {
        let sql = format!("UPDATE advances SET {sql} WHERE number = '{number}'");
        let error = office.app.db.writer.execute_unprepared(&sql).await.expect_err(&sql).to_string();
        assert!(error.contains("advances_four_eyes_check"), "{error}");
    }
}

#[actix_web::test]
async fn the_database_itself_keeps_the_account_of_an_advance() {
    let office = Office::open().await;
    let path = paid(&office, None, 1000).await;
    let shown = office.login("lan.ht").get(&path).await.expect(200);
    let (number, db) = (shown["number"].as_str().unwrap(), &office.app.db.writer);
    for (sql, constraint) in [
        ("set_off_amount = 1001", "advances_outstanding_check"),
        ("set_off_amount = 600, refunded_amount = 401", "advances_outstanding_check"),
        ("refunded_amount = -1", "advances_refunded_check"),
        ("set_off_amount = -1", "advances_set_off_check"),
        ("set_off_amount = 1000", "advances_settled_check"),
        ("status = 'settled'", "advances_settled_check"),
        ("status = 'settled', set_off_amount = 999", "advances_settled_check"),
        ("status = 'requested'", "advances_payment_check"),
        ("payment_id = NULL", "advances_payment_check"),
        ("approved_by_id = NULL", "advances_approval_check"),
    ] {
        let sql = format!("UPDATE advances SET {sql} WHERE number = '{number}'");
        let error = db.execute_unprepared(&sql).await.expect_err(&sql).to_string();
        assert!(error.contains(constraint), "{sql}: {error}");
    }
    let second = "INSERT INTO payments (id, kind, advance_id, board_id, amount, set_off_amount, method, paid_on, voucher_number, voucher_key, paid_by_id, approved_by_id, created_at)
        SELECT created_by_id, kind, advance_id, board_id, amount, set_off_amount, method, paid_on, 'X', 'X', paid_by_id, approved_by_id, created_at FROM payments WHERE created_by_id IS NOT NULL";
    let error = db.execute_unprepared(second).await.expect_err("a second payment").to_string();
    assert!(error.contains("advance_id"), "{error}");
    for (change, constraint) in [
        ("'claim', advance_id, board_id, amount, 0", "payments_subject_check"),
        ("'refund', advance_id, board_id, 0, 0", "payments_subject_check"),
        ("'refund', NULL, board_id, amount, 0", "payments_subject_check"),
        ("'advance', advance_id, board_id, amount, 1", "payments_subject_check"),
        ("'gift', advance_id, board_id, amount, 0", "payments_kind_check"),
        ("'refund', advance_id, board_id, -1, 0", "payments_"),
    ] {
        let sql = format!("INSERT INTO payments (id, kind, advance_id, board_id, amount, set_off_amount, method, paid_on, voucher_number, voucher_key, paid_by_id, approved_by_id, created_at)
            SELECT created_by_id, {change}, method, paid_on, 'X', 'X', paid_by_id, approved_by_id, created_at FROM payments WHERE created_by_id IS NOT NULL");
        let error = db.execute_unprepared(&sql).await.expect_err(&sql).to_string();
        assert!(error.contains(constraint), "{sql}: {error}");
    }
    is_exact(&office, &path).await;
}

#[actix_web::test]
async fn an_advance_is_for_a_journey_of_ones_own_and_within_its_estimate() {
    let office = Office::open().await;
    let travellers: &[&str] = &["p_duong", "p_phuoc"];
    let order = Order {
        travellers,
        estimated_amount: 3_000_000,
        status: TravelOrderStatus::Submitted,
        ..Order::default()
    };
    let order = order.given(&office).await;
    let other = Order { name: "another", travellers: &["p_phuoc"], ..Order::default() }.given(&office).await;
    let requester = office.login("duong.ntt");
    let mut asking = body(Some(order), 3_000_001);
    asking["board_id"] = json!(id("ubkttu"));
    let refusal = requester.post(ADVANCES, asking).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/board_id", "#/travel_order_id"]);
    for unknown in [other, id("no such order")] {
        let refusal = requester.post(ADVANCES, body(Some(unknown), 1)).await;
        assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], "unknown_reference");
    }
    let mut asking = body(Some(order), 3_000_001);
    asking["settle_by"] = json!("2025-11-01");
    let refusal = requester.post(ADVANCES, asking).await;
    refusal.refused(422, "validation_failed");
    assert_eq!(refusal.places(), ["#/amount", "#/settle_by"], "all that is wrong at once");
    let path = asked(&office, Some(order), 2_000_000).await;
    let again = requester.post(ADVANCES, body(Some(order), 1)).await;
    again.refused(409, "duplicate");
    let mut second = body(Some(order), 1_000_001);
    let refusal = office.login("phuoc.dh").post(ADVANCES, second.clone()).await;
    assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], "over_estimate");
    second["amount"] = json!(1_000_000);
    office.login("phuoc.dh").post(ADVANCES, second).await.expect(201);

    now(&office.login("an.nv"), &path, "approve", json!({})).await.refused(409, "state_conflict");
    set_status(&office, order, TravelOrderStatus::Approved).await;
    now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
    set_status(&office, order, TravelOrderStatus::Cancelled).await;
    now(&office.login("lan.ht"), &path, "pay", payment()).await.refused(409, "state_conflict");
    now(&requester, &path, "cancel", json!({})).await.refused(422, "validation_failed");
    now(&requester, &path, "cancel", json!({"reason": "Không đi"})).await.expect(200);
    let refusal = requester.post(ADVANCES, body(Some(order), 1)).await;
    refusal.refused(409, "state_conflict");
}

#[actix_web::test]
async fn an_advance_for_other_purposes_says_by_when_it_is_settled() {
    let office = Office::open().await;
    let requester = office.login("duong.ntt");
    for (day, code) in [(Value::Null, "required"), (json!("2025-12-11"), "out_of_range")] {
        let mut asking = body(None, 1000);
        asking["settle_by"] = day;
        let refusal = requester.post(ADVANCES, asking).await;
        assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], code);
        assert_eq!(refusal.places(), ["#/settle_by"]);
    }
    requester.post(ADVANCES, body(None, 0)).await.refused(400, "malformed_request");
    office.login("ha.lt").post(ADVANCES, body(None, 1000)).await.refused(403, "forbidden");
}

#[actix_web::test]
async fn what_comes_back_without_a_claim_settles_an_advance() {
    let office = Office::open().await;
    let path = paid(&office, None, 1000).await;
    let cashier = office.login("lan.ht");
    for (change, place) in [
        (json!({"amount": 1001}), "#/amount"),
        (json!({"paid_on": "2025-12-13"}), "#/paid_on"),
        (json!({"paid_on": "2025-12-11"}), "#/paid_on"),
    ] {
        let mut body = refund(600);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refusal = now(&cashier, &path, "refund", body).await;
        refusal.refused(422, "validation_failed");
        assert_eq!(refusal.places(), [place]);
    }
    let part = now(&cashier, &path, "refund", refund(600)).await.expect(200);
    assert_eq!((&part["status"], &part["outstanding_amount"]), (&json!("paid"), &json!(400)));
    is_exact(&office, &path).await;
    now(&cashier, &path, "refund", refund(400)).await.expect(200);
    assert_eq!(is_exact(&office, &path).await["status"], "settled");
    now(&cashier, &path, "refund", refund(1)).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn a_reversed_claim_leaves_its_advance_outstanding_again() {
    let office = Office::open().await;
    let order = Order::default().given(&office).await;
    let path = paid(&office, Some(order), 2_000_000).await;
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let claim = approved_claim(&office, order, 1_700_000).await;
    let mut pay = payment();
    pay["refund"] = json!({"amount": 300_000, "voucher_number": voucher()});
    now(&office.login("lan.ht"), &claim, "pay", pay).await.expect(200);
    assert_eq!(is_exact(&office, &path).await["status"], "settled");
    for who in ["lan.ht", "linh.n"] {
        now(&office.login(who), &claim, "reverse", json!({"reason": "Chi nhầm"})).await.expect(200);
    }
    let open = is_exact(&office, &path).await;
    assert_eq!((&open["status"], &open["outstanding_amount"]), (&json!("paid"), &json!(1_700_000)));
    assert_eq!(open["refunded_amount"], 300_000, "what came back stays where it is");
    let again = approved_claim(&office, order, 1_800_000).await;
    let paid = now(&office.login("lan.ht"), &again, "pay", payment()).await.expect(200);
    assert_eq!(paid["settlement"]["to_receive_amount"], 100_000);
    assert_eq!(is_exact(&office, &path).await["status"], "settled");
}

#[actix_web::test]
async fn an_advance_is_not_paid_after_the_claim_that_would_settle_it() {
    let office = Office::open().await;
    let order = Order::default().given(&office).await;
    let path = asked(&office, Some(order), 2_000_000).await;
    now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
    set_status(&office, order, TravelOrderStatus::Completed).await;
    let claim = approved_claim(&office, order, 1000).await;
    now(&office.login("lan.ht"), &claim, "pay", payment()).await.expect(200);
    now(&office.login("lan.ht"), &path, "pay", payment()).await.refused(409, "already_paid");
}

#[actix_web::test]
async fn every_step_at_the_wrong_moment_is_refused() {
    use sea_orm::ActiveEnum;
    let office = Office::open().await;
    let lives: [(&str, &[&str]); 6] = [
        ("requested", &[]),
        ("approved", &["approve"]),
        ("paid", &["approve", "pay"]),
        ("settled", &["approve", "pay", "refund"]),
        ("rejected", &["reject"]),
        ("cancelled", &["cancel"]),
    ];
    let usual = |verb: &str| match verb {
        "cancel" => ("duong.ntt", json!({"reason": "Thôi"})),
        "pay" => ("lan.ht", payment()),
        "refund" => ("lan.ht", refund(1000)),
        _ => ("an.nv", json!({"reason": "Chưa đúng"})),
    };
    for (status, verbs) in lives {
        let path = asked(&office, None, 1000).await;
        let mut shown = office.login("an.nv").get(&path).await.expect(200);
        for verb in verbs {
            let (who, body) = usual(verb);
            let body = if *verb == "approve" { json!({}) } else { body };
            shown = now(&office.login(who), &path, verb, body).await.expect(200);
        }
        assert_eq!(shown["status"], status);
        let possible: Vec<&str> = (STEPS.iter())
            .filter(|step| step.from.iter().any(|from| from.to_value() == status))
            .map(|step| step.verb)
            .collect();
        let offered: Vec<&str> = shown["allowed_actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["action"].as_str().unwrap())
            .collect();
        assert_eq!(offered, possible, "{status}");
        for step in STEPS.iter().filter(|step| !possible.contains(&step.verb)) {
            let (who, body) = usual(step.verb);
            let body = if step.verb == "approve" { json!({}) } else { body };
            let refusal = now(&office.login(who), &path, step.verb, body).await;
            assert_eq!(refusal.refused(409, "state_conflict")["current_status"], status);
        }
    }
}

#[actix_web::test]
async fn outside_the_board_an_advance_does_not_exist() {
    let office = Office::open().await;
    let path = paid(&office, None, 1000).await;
    let stranger = office.login("vinh.pt");
    for tail in ["", "/history"] {
        stranger.get(&format!("{path}{tail}")).await.refused(404, "not_found");
    }
    now(&stranger, &path, "cancel", json!({"reason": "?"})).await.refused(404, "not_found");
    let mine = stranger.get(ADVANCES).await.expect(200);
    let boards: Vec<&Value> = mine["items"].as_array().unwrap().iter().map(|one| &one["board_id"]).collect();
    assert!(!boards.is_empty() && boards.iter().all(|board| **board == json!(id("ubkttu"))));
}

#[actix_web::test]
async fn advances_are_found_and_sorted() {
    let office = Office::open().await;
    let auditor = office.login("quang.lm");
    let numbers = |page: &Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["number"].as_str().unwrap().to_owned())
            .collect()
    };
    let late = auditor.get(&format!("{ADVANCES}?overdue=true")).await.expect(200);
    assert_eq!(numbers(&late), ["AD-2025-000012"]);
    let rest = auditor.get(&format!("{ADVANCES}?overdue=false&sort=settle_by&limit=2")).await.expect(200);
    assert_eq!(numbers(&rest)[0], "AD-2025-000011");
    let cursor = rest["next_cursor"].as_str().unwrap();
    let next = auditor
        .get(&format!("{ADVANCES}?overdue=false&sort=settle_by&limit=50&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(numbers(&next).len(), 4);
    let shown = auditor
        .get(&format!("{ADVANCES}?status=paid&board_id={}&expand=allowed_actions&q=khao%20sat", id("btctu")))
        .await
        .expect(200);
    assert_eq!(numbers(&shown), ["AD-2025-000017"]);
    assert_eq!(shown["items"][0]["waiting_on"]["role"], "requester");
}

/// Both clients have their tokens before a race.
async fn ready(clients: &[Client]) {
    join_all(clients.iter().map(Client::token)).await;
}

#[actix_web::test]
async fn twenty_payments_of_one_advance_from_two_processes_are_one() {
    let office = Office::open().await;
    let path = asked(&office, None, 1000).await;
    now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
    let second = office.second_process().await;
    let cashiers = [office.login("lan.ht"), office.login_at(&second, "lan.ht")];
    ready(&cashiers).await;
    let answers = join_all((0..20).map(|index| now(&cashiers[index % 2], &path, "pay", payment()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(409, "state_conflict");
    }
    is_exact(&office, &path).await;
}

#[actix_web::test]
async fn two_requests_for_one_order_are_one_advance() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let requesters = [office.login("duong.ntt"), office.login_at(&second, "duong.ntt")];
    ready(&requesters).await;
    for round in 0..4 {
        let order = Order { name: &format!("order {round}"), ..Order::default() }.given(&office).await;
        let asking = body(Some(order), 1000);
        let answers =
            join_all((0..6).map(|index| requesters[index % 2].post(ADVANCES, asking.clone()))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.refused(409, "duplicate");
        }
    }
}

#[actix_web::test]
async fn a_claim_and_an_advance_of_one_order_paid_at_once_know_of_each_other() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let cashiers = [office.login("lan.ht"), office.login_at(&second, "lan.ht")];
    ready(&cashiers).await;
    for round in 0..6 {
        let order = Order { name: &format!("order {round}"), ..Order::default() }.given(&office).await;
        let path = asked(&office, Some(order), 1000).await;
        now(&office.login("an.nv"), &path, "approve", json!({})).await.expect(200);
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let claim = approved_claim(&office, order, 5000 + round).await;
        let (advance, claimed) =
            join(now(&cashiers[0], &path, "pay", payment()), now(&cashiers[1], &claim, "pay", payment()))
                .await;
        let shown = claimed.expect(200);
        let received = shown["settlement"]["to_receive_amount"].as_i64().unwrap();
        if advance.status == 200 {
            assert_eq!(received, 4000 + round, "the advance came first and was set off");
        } else {
            advance.refused(409, "already_paid");
            assert_eq!(received, 5000 + round);
        }
        is_exact(&office, &path).await;
    }
}

#[actix_web::test]
async fn a_refund_and_a_settlement_at_once_leave_nothing_twice() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let cashiers = [office.login("lan.ht"), office.login_at(&second, "lan.ht")];
    ready(&cashiers).await;
    for round in 0..6 {
        let order = Order { name: &format!("order {round}"), ..Order::default() }.given(&office).await;
        let path = paid(&office, Some(order), 1000).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let claim = approved_claim(&office, order, 5000 + round).await;
        let (back, claimed) = join(
            now(&cashiers[0], &path, "refund", refund(1000)),
            now(&cashiers[1], &claim, "pay", payment()),
        )
        .await;
        let received = claimed.expect(200)["settlement"]["to_receive_amount"].as_i64().unwrap();
        if back.status == 200 {
            assert_eq!(received, 5000 + round);
        } else {
            back.refused(409, "state_conflict");
            assert_eq!(received, 4000 + round);
        }
        assert_eq!(is_exact(&office, &path).await["status"], "settled");
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[actix_web::test]
async fn whatever_happens_paid_is_set_off_plus_refunded_plus_outstanding() {
    let office = Office::open().await;
    let cashier = office.login("lan.ht");
    let mut dice = Dice(2025);
    for round in 0..8 {
        let order = Order { name: &format!("order {round}"), ..Order::default() }.given(&office).await;
        let amount = 1 + i64::try_from(dice.below(3_000_000)).unwrap();
        let path = paid(&office, Some(order), amount).await;
        set_status(&office, order, TravelOrderStatus::Completed).await;
        let mut claim: Option<String> = None;
        for _ in 0..6 {
            let shown = is_exact(&office, &path).await;
            let outstanding = shown["outstanding_amount"].as_i64().unwrap();
            match (dice.below(3), &claim) {
                (0, _) if outstanding > 0 => {
                    let back = 1 + i64::try_from(dice.below(u64::try_from(outstanding).unwrap())).unwrap();
                    now(&cashier, &path, "refund", refund(back)).await.expect(200);
                }
                (1, None) => {
                    let allowed = 1 + i64::try_from(dice.below(4_000_000)).unwrap();
                    let made = approved_claim(&office, order, allowed).await;
                    let mut pay = payment();
                    if outstanding > allowed {
                        pay["refund"] = json!({"amount": outstanding - allowed, "voucher_number": voucher()});
                    }
                    now(&cashier, &made, "pay", pay).await.expect(200);
                    claim = Some(made);
                }
                (2, Some(made)) => {
                    for who in ["lan.ht", "linh.n"] {
                        now(&office.login(who), made, "reverse", json!({"reason": "Chi nhầm"}))
                            .await
                            .expect(200);
                    }
                    claim = None;
                }
                _ => {}
            }
        }
        is_exact(&office, &path).await;
        // Signing in once is enough for a while; the clock of the next round goes on.
        office.advance(TimeDelta::seconds(1));
    }
    let all = advances::Entity::find().all(&office.app.db.writer).await.unwrap();
    for one in all.iter().filter(|one| one.payment_id.is_some() && one.number != "AD-2025-000011") {
        let (paid, set_off, refunded) = from_payments(&office, &json!(one.id)).await;
        assert_eq!(
            (paid, set_off, refunded),
            (one.amount, one.set_off_amount, one.refunded_amount),
            "{}",
            one.number
        );
    }
}

#[actix_web::test]
async fn the_office_s_setting_says_by_when_an_advance_for_a_journey_is_settled() {
    let office = Office::open().await;
    let (starts_at, ends_at) = ("2026-03-02T06:00:00+07:00", "2026-03-04T18:00:00+07:00");
    let order = Order { starts_at, ends_at, ..Order::default() }.given(&office).await;
    let requester = office.login("duong.ntt");
    let asking = |day: &str| {
        let mut asking = body(Some(order), 1000);
        asking["settle_by"] = json!(day);
        asking
    };
    for day in ["2026-03-20", "2026-03-03"] {
        let refusal = requester.post(ADVANCES, asking(day)).await;
        assert_eq!(refusal.refused(422, "validation_failed")["errors"][0]["code"], "out_of_range", "{day}");
    }
    let made = requester.post(ADVANCES, body(Some(order), 1000)).await.expect(201);
    assert_eq!(made["settle_by"], "2026-03-19", "15 days after the end of the journey");
    let path = format!("{ADVANCES}/{}", made["id"].as_str().unwrap());
    now(&requester, &path, "cancel", json!({"reason": "Sớm hơn"})).await.expect(200);
    requester.post(ADVANCES, asking("2026-03-10")).await.expect(201);
}
