//! What people are told without having to ask: each of them once, in their language, and nothing that they may not know.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::notifications;
use futures_util::future::join_all;
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::support::dispatch::{TRIPS, booking_at, demo, issue, issued, january, planned, step, submitted};
use crate::support::{Client, Office, Value, id, json};

const MINE: &str = "/v1/me/notifications";
const READ: &str = "/v1/me/notifications/read";
const TASKS: &str = "/v1/conference-tasks";

async fn list(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("{MINE}?limit=200{query}")).await.expect(200)["items"].as_array().unwrap().clone()
}

/// The kinds of what somebody was told of a record, the first one first.
async fn told(client: &Client, record: &str) -> Vec<String> {
    let mut all = list(client, "").await;
    all.retain(|item| item["href"] == record);
    all.sort_by_key(|item| item["created_at"].as_str().unwrap().to_owned());
    all.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

fn address(collection: &str, record: &Value) -> String {
    format!("{collection}/{}", record["id"].as_str().unwrap())
}

fn reason() -> Value {
    json!({"reason": "Lý do riêng của người duyệt"})
}

/// A task of the organisation board's conference, led by somebody.
fn task(board: &str, lead: &str) -> Value {
    json!({
        "conference_id": id("cf_2025_btctu"), "title": "Trưng bày ảnh", "deliverable": "Ảnh đã treo",
        "lead_board_id": id(board), "lead_id": id(lead), "checker_id": id("p_tuan"), "coordinators": [],
        "accept_by": "2025-12-15T17:00:00+07:00", "due_at": "2025-12-17T17:00:00+07:00",
    })
}

async fn given_out(office: &Office) -> String {
    address(TASKS, &office.login("duong.ntt").post(TASKS, task("vptu", "p_thinh")).await.expect(201))
}

#[actix_web::test]
async fn requesters_are_told_what_others_did_with_their_bookings() {
    let office = Office::open().await;
    let (duong, phuoc) = (office.login("duong.ntt"), office.login("phuoc.dh"));
    let mut bookings = Vec::new();
    for hour in ["07", "08", "09", "10"] {
        let (from, to) = (january(&format!("{hour}:00")), january(&format!("{hour}:30")));
        bookings.push(booking_at(&submitted(&office, "btctu", &from, &to, json!({})).await));
    }
    for (booking, verb) in bookings.iter().zip(["return", "reject", "cancel"]) {
        step(&phuoc, booking, verb, json!({})).await.refused(422, "validation_failed");
        assert!(told(&duong, booking).await.is_empty(), "nobody is told of what did not happen");
        step(&phuoc, booking, verb, reason()).await.expect(200);
        office.advance(TimeDelta::minutes(1));
    }
    step(&duong, &bookings[3], "cancel", reason()).await.expect(200);
    assert_eq!(told(&duong, &bookings[0]).await, ["booking_returned"]);
    assert_eq!(told(&duong, &bookings[1]).await, ["booking_rejected"]);
    assert_eq!(told(&duong, &bookings[2]).await, ["booking_cancelled"]);
    assert!(told(&duong, &bookings[3]).await.is_empty(), "nobody is told of their own step");
    assert!(told(&phuoc, &bookings[0]).await.is_empty());
    // Corrected and returned once more: another event, told again.
    step(&duong, &bookings[0], "submit", json!({})).await.expect(200);
    step(&phuoc, &bookings[0], "return", reason()).await.expect(200);
    assert_eq!(told(&duong, &bookings[0]).await, ["booking_returned", "booking_returned"]);

    // The latest comes first, and the text has the number in the language of the reader, but not the reason.
    let first = list(&duong, "").await[0].clone();
    let booking = duong.get(&bookings[0]).await.expect(200);
    let number = booking["number"].as_str().unwrap();
    assert_eq!((&first["title"], &first["board_id"]), (&json!("Đăng ký xe bị trả lại"), &json!(id("btctu"))));
    assert_eq!(first["detail"], format!("Đăng ký {number} cần được sửa và gửi lại."));
    let english = duong.send(Method::GET, MINE, None, &[("Accept-Language", "en")]).await.expect(200);
    assert_eq!(english["items"][0]["title"], "A booking was returned");
    assert!(!duong.get(MINE).await.text.contains("Lý do riêng"), "reasons stand in the record");
}

#[actix_web::test]
async fn drivers_and_requesters_are_told_of_their_dispatch_orders() {
    let office = Office::open().await;
    let (thinh, duong, son) = (office.login("thinh.bd"), office.login("duong.ntt"), office.login("son.pt"));
    let (trip, booking) = issued(&office, "08:00", "16:00", "v_everest", "dr_son").await;
    assert_eq!(
        (told(&duong, &trip).await, told(&son, &trip).await),
        (vec!["trip_issued".to_owned()], vec!["trip_issued".to_owned()])
    );
    assert!(told(&thinh, &trip).await.is_empty());
    let seen = list(&son, "&kind=trip_issued").await;
    let mine = seen.iter().find(|item| item["href"] == trip).unwrap();
    let number = thinh.get(&trip).await.expect(200)["number"].as_str().unwrap().to_owned();
    assert_eq!(mine["detail"], format!("Lệnh {number}, khởi hành lúc 08:00 ngày 12/01/2026."));
    assert_eq!((&mine["due_at"], &mine["board_id"]), (&json!("2026-01-12T01:00:00Z"), &Value::Null));

    // A trial tells nobody; another driver means that both are told.
    let other = json!({"driver_id": id("dr_khoa")});
    let attempt = format!("{trip}/amend?dry_run=true");
    thinh.post(&attempt, other.clone()).await.expect(200);
    assert_eq!(told(&son, &trip).await, ["trip_issued"]);
    office.advance(TimeDelta::minutes(1));
    step(&thinh, &trip, "amend", other).await.expect(200);
    assert_eq!(told(&son, &trip).await, ["trip_issued", "trip_amended"]);
    let drivers = notifications::Entity::find().all(&office.app.db.writer).await.unwrap();
    assert!(drivers.iter().any(|row| row.staff_id == id("p_khoa")), "who drives now is told too");
    office.advance(TimeDelta::minutes(1));
    step(&thinh, &trip, "void", reason()).await.expect(200);
    assert_eq!(told(&duong, &trip).await, ["trip_issued", "trip_amended", "trip_voided"]);
    assert_eq!(told(&son, &trip).await, ["trip_issued", "trip_amended"], "it is not their trip any more");

    // The last booking takes its trip along; of a plan nobody was told.
    let trip = planned(&office, &[booking.rsplit('/').next().unwrap()], "v_everest", "dr_son").await;
    issue(&thinh, &trip).await.expect(200);
    step(&thinh, &booking, "cancel", reason()).await.expect(200);
    assert_eq!(told(&son, &trip).await.len(), 2);
    assert_eq!(told(&duong, &booking).await, ["booking_cancelled"]);
    let plan = demo("tr_planned");
    step(&thinh, &plan, "void", reason()).await.expect(200);
    let plan = plan.trim_start_matches(&format!("{TRIPS}/")).to_owned();
    let rows = notifications::Entity::find().all(&office.app.db.writer).await.unwrap();
    assert!(rows.iter().all(|row| row.resource_id.to_string() != plan));
}

#[actix_web::test]
async fn claimants_are_told_how_their_claims_went() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let claim = |name: &str| format!("/v1/expense-claims/{}", id(name));
    office.login("phuoc.dh").act(&claim("ec_14"), "return", reason()).await.expect(200);
    office.login("ha.lt").act(&claim("ec_15"), "reject", reason()).await.expect(200);
    let voucher = json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": "PC-2025-777"});
    office.login("lan.ht").act(&claim("ec_17"), "pay", voucher).await.expect(200);
    office.login("lan.ht").act(&claim("ec_17"), "reverse", reason()).await.expect(200);
    assert_eq!(told(&duong, &claim("ec_14")).await, ["claim_returned"]);
    assert_eq!(told(&duong, &claim("ec_15")).await, ["claim_rejected"]);
    assert_eq!(
        told(&duong, &claim("ec_17")).await,
        ["claim_paid"],
        "a signature for a reversal pays nothing"
    );
}

#[actix_web::test]
async fn leads_and_chiefs_are_told_of_tasks() {
    let office = Office::open().await;
    let (duong, thinh) = (office.login("duong.ntt"), office.login("thinh.bd"));
    let path = given_out(&office).await;
    let own = address(TASKS, &duong.post(TASKS, task("btctu", "p_duong")).await.expect(201));
    assert_eq!(told(&thinh, &path).await, ["task_assigned"]);
    assert!(told(&duong, &own).await.is_empty(), "who gives themselves a task knows");
    // The conference is held a day later: every lead of an open task is told, and the detail has the new time.
    office.advance(TimeDelta::minutes(1));
    let conference = format!("/v1/conferences/{}", id("cf_2025_btctu"));
    let seen = duong.get(&conference).await.expect(200);
    let moved = |at: &Value| {
        (at.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap() + TimeDelta::days(1))
            .to_rfc3339()
    };
    let later = json!({"starts_at": moved(&seen["starts_at"]), "ends_at": moved(&seen["ends_at"])});
    duong.patch(&conference, seen["version"].as_i64().unwrap(), later).await.expect(200);
    assert_eq!(told(&thinh, &path).await, ["task_assigned", "task_moved"]);
    let latest = list(&thinh, "&kind=task_moved").await;
    let latest = latest.iter().find(|item| item["href"] == path).unwrap();
    assert!(latest["detail"].as_str().unwrap().ends_with("nay có hạn 17:00 ngày 18/12/2025."), "{latest}");

    // Silence: the chiefs of office, the deputy who holds the delegation included, once.
    office.set_clock("2025-12-16T17:00:00+07:00");
    let second = office.second_app().await;
    let jobs = shared_office::jobs::run_once;
    let ran = join_all([jobs(&office.app), jobs(&second), jobs(&office.app)]).await;
    ran.into_iter().for_each(|outcome| outcome.unwrap());
    for chief in ["an.nv", "linh.n"] {
        assert_eq!(told(&office.login(chief), &path).await, ["task_escalated"], "{chief}");
    }
    // A new lead is told as the first one was.
    thinh.post(&format!("{path}/object"), reason()).await.expect(200);
    let decision = json!({"reason": "Ban nắm danh sách", "lead_board_id": id("btctu"), "lead_id": id("p_phuoc"),
        "accept_by": "2026-03-01T17:00:00+07:00", "due_at": "2026-03-10T17:00:00+07:00"});
    office.login("an.nv").post(&format!("{path}/uphold"), decision).await.expect(200);
    assert_eq!(told(&office.login("phuoc.dh"), &path).await, ["task_assigned"]);
}

#[actix_web::test]
async fn reminders_come_once_however_many_processes_look() {
    let office = Office::open().await;
    let apps = [Arc::clone(&office.app), office.second_app().await, office.second_app().await];
    let path = given_out(&office).await;
    let remind = async |now: &str| {
        office.set_clock(now);
        let outcomes = join_all(apps.iter().map(shared_office::notifications::reminders::remind)).await;
        outcomes.into_iter().map(|outcome| outcome.unwrap()).sum::<u64>()
    };
    let thinh = async || {
        let mut all = told(&office.login("thinh.bd"), &path).await;
        all.retain(|kind| kind != "task_assigned");
        all
    };
    remind("2025-12-14T16:59:59+07:00").await;
    assert_eq!(thinh().await, [""; 0]);
    remind("2025-12-14T17:00:00+07:00").await;
    assert_eq!(thinh().await, ["task_accept_soon"]);
    office.set_clock("2025-12-15T10:00:00+07:00");
    office.login("thinh.bd").act(&path, "accept", json!({})).await.expect(200);
    remind("2025-12-15T23:59:59+07:00").await;
    assert_eq!(thinh().await, ["task_accept_soon"]);
    let first = remind("2025-12-16T00:00:00+07:00").await;
    assert!(first > 0);
    assert_eq!(thinh().await, ["task_accept_soon", "task_due_soon"]);
    assert_eq!(remind("2025-12-16T00:00:00+07:00").await, 0, "nothing is told twice");
    remind("2025-12-17T17:00:00+07:00").await;
    remind("2025-12-18T17:00:00+07:00").await;
    assert_eq!(thinh().await, ["task_accept_soon", "task_due_soon", "task_overdue"]);
    // Another day is another reminder.
    let duong = office.login("duong.ntt");
    let later = json!({"due_at": "2025-12-19T17:00:00+07:00"});
    let version = duong.get(&path).await.expect(200)["version"].as_i64().unwrap();
    duong.patch(&path, version, later).await.expect(200);
    remind("2025-12-18T17:30:00+07:00").await;
    assert_eq!(thinh().await.last().unwrap(), "task_due_soon");
    assert_eq!(thinh().await.len(), 4);

    // The advance of the demo is overdue since 31 October; its owner is told once.
    let advance = format!("/v1/advances/{}", id("ad_02"));
    let late = list(&office.login("vinh.pt"), "&kind=advance_overdue").await;
    assert_eq!(late.len(), 1);
    assert_eq!(late[0]["href"], advance);
    assert!(late[0]["detail"].as_str().unwrap().ends_with("trong ngày 31/10/2025."), "{}", late[0]);
    // The licence ends on 5 October 2026: a month before, a week before, and no more.
    let licence = format!("/v1/drivers/{}", id("dr_son"));
    for (now, count) in [
        ("2026-09-04T12:00:00+07:00", 0),
        ("2026-09-05T12:00:00+07:00", 1),
        ("2026-09-27T12:00:00+07:00", 1),
        ("2026-09-28T12:00:00+07:00", 2),
        ("2026-10-09T12:00:00+07:00", 2),
    ] {
        remind(now).await;
        let told = told(&office.login("thinh.bd"), &licence).await;
        assert_eq!(told, vec!["licence_expiring"; count], "at {now}");
    }
    let all = list(&office.login("thinh.bd"), "&kind=licence_expiring").await;
    let licence = all.iter().find(|item| item["href"] == licence).unwrap();
    assert!(licence["detail"].as_str().unwrap().starts_with("Giấy phép hạng C của "), "{licence}");
    let papers = list(&office.login("thinh.bd"), "&kind=paper_expiring").await;
    assert!(!papers.is_empty() && papers.iter().all(|item| item["resource_type"] == "vehicle_paper"));
}

#[actix_web::test]
async fn people_mark_what_they_have_read_and_only_their_own() {
    let office = Office::open().await;
    let (thinh, duong) = (office.login("thinh.bd"), office.login("duong.ntt"));
    for _ in 0..5 {
        given_out(&office).await;
        office.advance(TimeDelta::seconds(1));
    }
    let all = list(&thinh, "").await;
    assert_eq!(all.len(), 5);
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let page = thinh.get(&format!("{MINE}?limit=2&include_total=true{next}")).await.expect(200);
        assert_eq!(page["total"], 5);
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        duong.get(&format!("{MINE}?limit=2&cursor={cursor}")).await.refused(422, "invalid_cursor");
        next = format!("&cursor={cursor}");
    }
    assert_eq!(paged, all);
    let ids: Vec<&str> = all.iter().map(|item| item["id"].as_str().unwrap()).collect();

    let key = [("Idempotency-Key", "read-1")];
    let some = json!({"ids": [ids[0], ids[2]]});
    let first = thinh.send(Method::POST, READ, Some(some.clone()), &key).await;
    assert_eq!(first.expect(200), json!({"marked_count": 2, "unread_count": 3}));
    let again = thinh.send(Method::POST, READ, Some(some.clone()), &key).await;
    assert_eq!((again.body, again.headers.contains_key("idempotent-replayed")), (first.body, true));
    assert_eq!(thinh.post(READ, some).await.expect(200)["marked_count"], 0, "what is read stays read");
    assert_eq!(list(&thinh, "&unread=true").await.len(), 3);
    assert_eq!(list(&thinh, "&unread=false").await.len(), 2);
    let upto = thinh.post(READ, json!({"up_to_id": ids[1]})).await.expect(200);
    assert_eq!(upto, json!({"marked_count": 3, "unread_count": 0}));
    given_out(&office).await;
    let upto = thinh.post(READ, json!({"up_to_id": ids[0]})).await.expect(200);
    assert_eq!(upto, json!({"marked_count": 0, "unread_count": 1}), "what came later is still new");

    let refused = duong.post(READ, json!({"ids": [id("nt_duong_task"), ids[0]]})).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/ids/1"]);
    duong.post(READ, json!({"up_to_id": ids[0]})).await.refused(422, "validation_failed");
    for body in [json!({}), json!({"ids": [ids[0]], "up_to_id": ids[0]})] {
        assert_eq!(thinh.post(READ, body).await.places(), ["#/ids"]);
    }
    assert_eq!(list(&duong, "&unread=true").await.len(), 1, "a refusal marks nothing");
}

#[actix_web::test]
async fn who_may_not_read_the_records_any_more_is_not_reminded_of_them() {
    let office = Office::open().await;
    let (duong, admin) = (office.login("duong.ntt"), office.login("kien.ht"));
    let booking = submitted(&office, "btctu", &january("07:00"), &january("08:00"), json!({})).await;
    step(&office.login("phuoc.dh"), &booking_at(&booking), "return", reason()).await.expect(200);
    let kinds = async |client: &Client| -> Vec<Value> {
        let mut kinds: Vec<Value> =
            list(client, "").await.iter().map(|item| item["resource_type"].clone()).collect();
        kinds.sort_by_key(Value::to_string);
        kinds
    };
    assert_eq!(kinds(&duong).await, ["conference_task", "expense_claim", "vehicle_booking"]);

    // A key sees what its scopes and boards leave of it, and marks nothing.
    let script = async |scopes: Value, boards: Value| {
        let body = json!({"name": format!("{scopes} {boards}"), "owner_id": id("lg_duong"), "scopes": scopes, "board_ids": boards});
        let account = admin.post("/v1/service-accounts", body).await.expect(201);
        let issue = format!("{}/issue-key", address("/v1/service-accounts", &account));
        let key = admin.post(&issue, json!({})).await.expect(200)["key"].as_str().unwrap().to_owned();
        office.visitor().with_key(&key)
    };
    let claims = script(json!(["claim.read"]), Value::Null).await;
    assert_eq!(kinds(&claims).await, ["expense_claim"]);
    claims.post(READ, json!({"ids": []})).await.refused(403, "forbidden");
    let of_board = script(json!(["claim.read", "booking.read"]), json!([id("btctu")])).await;
    assert_eq!(kinds(&of_board).await, ["expense_claim", "vehicle_booking"]);

    // Who drives from now on and asks for nothing any more keeps what a driver may read.
    let user = format!("/v1/users/{}", id("lg_duong"));
    let driver = json!({"role": "driver", "valid_from": "2025-12-01"});
    admin.post(&format!("{user}/grant-role"), driver).await.expect(200);
    let end = json!({"role_id": id("lg_duong/requester/btctu"), "reason": "Chuyển công tác"});
    admin.post(&format!("{user}/end-role"), end).await.expect(200);
    assert_eq!(kinds(&duong).await, ["conference_task"]);
    assert_eq!(kinds(&admin).await, [""; 0]);
}

#[actix_web::test]
async fn what_was_read_is_forgotten_after_ninety_days_and_nothing_else() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let (read, unread) = (given_out(&office).await, given_out(&office).await);
    let thinh = office.login("thinh.bd");
    let mine = list(&thinh, "").await.into_iter().find(|item| item["href"] == read).unwrap();
    thinh.post(READ, json!({"ids": [mine["id"]]})).await.expect(200);
    let forget = shared_office::jobs::run_once;
    office.set_clock("2026-03-12T08:00:00+07:00");
    forget(&office.app).await.unwrap();
    assert!(told(&office.login("thinh.bd"), &read).await.contains(&"task_assigned".to_owned()));
    office.set_clock("2026-03-12T08:00:01+07:00");
    forget(&office.app).await.unwrap();
    let thinh = office.login("thinh.bd");
    assert!(!told(&thinh, &read).await.contains(&"task_assigned".to_owned()));
    assert!(told(&thinh, &unread).await.contains(&"task_assigned".to_owned()));
    let count = notifications::Entity::find().count(db).await.unwrap();
    forget(&office.app).await.unwrap();
    assert_eq!(notifications::Entity::find().count(db).await.unwrap(), count, "and is not told again");
}
