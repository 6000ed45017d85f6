//! Files of records: as readable and as changeable as their record, and what they say they are.

use std::path::PathBuf;

use chrono::TimeDelta;
use entity::{attachment_leftovers, attachments};
use futures_util::future::join_all;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, PaginatorTrait, Set};
use uuid::Uuid;

use crate::support::{Answer, Client, LARGEST_FILE, Office, PDF, Value, id, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn place(owner_type: &str, owner_id: Uuid, name: &str) -> String {
    let name = encoded(name);
    format!("/v1/attachments?owner_type={owner_type}&owner_id={owner_id}&kind=invoice&file_name={name}")
}

fn on_claim(claim: &str, name: &str) -> String {
    place("expense_claim", id(claim), name)
}

/// A PDF that nobody else has.
fn pdf(what: &str) -> Vec<u8> {
    [PDF, what.as_bytes()].concat()
}

async fn add(client: &Client, claim: &str, name: &str, bytes: &[u8]) -> Answer {
    client.send_file(&on_claim(claim, name), "application/pdf", bytes, &[]).await
}

fn address(file: &Value) -> String {
    format!("/v1/attachments/{}", file["id"].as_str().unwrap())
}

/// Where the bytes of a file lie.
fn bytes_of(office: &Office, file: &Value) -> PathBuf {
    PathBuf::from(&office.database.attachments).join(file["id"].as_str().unwrap())
}

fn list(owner_type: &str, owner_id: Uuid) -> String {
    format!("/v1/attachments?owner_type={owner_type}&owner_id={owner_id}")
}

async fn files(client: &Client, claim: &str) -> Vec<Value> {
    let page = client.get(&list("expense_claim", id(claim))).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

/// A claim of somebody that goes to their board head at once; its id.
async fn handed_in(client: &Client, board: &str, bytes: &[u8]) -> Uuid {
    let line =
        json!({"kind": "other", "incurred_on": "2025-12-10", "description": "Giấy", "claimed_amount": 1000});
    let body = json!({"board_id": id(board), "kind": "other", "purpose": "Văn phòng phẩm", "lines": [line]});
    let claim = client.post("/v1/expense-claims", body).await.expect(201);
    let claim_id: Uuid = claim["id"].as_str().unwrap().parse().unwrap();
    let file = place("expense_claim", claim_id, "hoa-don.pdf");
    client.send_file(&file, "application/pdf", bytes, &[]).await.expect(201);
    client.post(&format!("/v1/expense-claims/{claim_id}/submit"), json!({})).await.expect(200);
    claim_id
}

#[actix_web::test]
async fn a_file_comes_back_byte_for_byte_under_its_name() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let bytes = pdf("a file comes back");
    let added = add(&duong, "ec_13", "Hóa đơn số 17; \"phòng\".PDF", &bytes).await;
    let file = added.expect(201);
    assert_eq!(added.header("location"), Some(address(&file).as_str()));
    assert_eq!(file["file_name"], "Hóa đơn số 17; \"phòng\".PDF");
    assert_eq!((&file["media_type"], &file["kind"]), (&json!("application/pdf"), &json!("invoice")));
    assert_eq!((&file["size_bytes"], &file["board_id"]), (&json!(bytes.len()), &json!(id("btctu"))));
    assert_eq!((&file["uploaded_by_id"], &file["version"]), (&json!(id("lg_duong")), &json!(1)));
    assert_eq!(duong.get(&address(&file)).await.expect(200), file);

    let content = duong.get(&format!("{}/content", address(&file))).await;
    content.expect(200);
    assert_eq!(content.bytes, bytes);
    let etag = format!("\"{}\"", file["sha256"].as_str().unwrap());
    assert_eq!(content.header("etag"), Some(etag.as_str()));
    assert_eq!(content.header("content-type"), Some("application/pdf"));
    assert_eq!(content.header("content-length"), Some(bytes.len().to_string().as_str()));
    assert_eq!(content.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        content.header("content-disposition"),
        Some(
            "attachment; filename*=UTF-8''H%C3%B3a%20%C4%91%C6%A1n%20s%E1%BB%91%2017%3B%20%22ph%C3%B2ng%22.PDF"
        )
    );
    let path = format!("{}/content", address(&file));
    let again = duong.send(Method::GET, &path, None, &[("If-None-Match", &etag)]).await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    // A browser that shows pictures asks for pictures.
    duong.send(Method::GET, &path, None, &[("Accept", "image/*")]).await.expect(200);

    let history = duong.get(&format!("{}/history", address(&file))).await.expect(200);
    assert_eq!(history["items"][0]["action"], "create");
    assert_eq!(history["items"][0]["actor_id"], json!(id("lg_duong")));
}

#[actix_web::test]
async fn pictures_are_taken_and_listed_in_their_order() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let before = files(&duong, "ec_13").await.len();
    for (name, kind, bytes) in [("anh.jpeg", "image/jpeg", JPEG), ("anh.png", "image/png", PNG)] {
        office.advance(TimeDelta::seconds(1));
        duong.send_file(&on_claim("ec_13", name), kind, bytes, &[]).await.expect(201);
    }
    let all = files(&duong, "ec_13").await;
    let names: Vec<_> = all.iter().skip(before).map(|file| file["file_name"].clone()).collect();
    assert_eq!(names, ["anh.jpeg", "anh.png"]);
    let first = duong.get(&format!("{}&limit=1", list("expense_claim", id("ec_13")))).await.expect(200);
    let cursor = first["next_cursor"].as_str().expect("more");
    let next = format!("{}&limit=2&cursor={}", list("expense_claim", id("ec_13")), encoded(cursor));
    let next = duong.get(&next).await.expect(200);
    assert_eq!(next["items"].as_array().unwrap().as_slice(), &all[1..]);
    assert_eq!(next["next_cursor"], Value::Null);
}

#[actix_web::test]
async fn a_file_is_what_it_says_it_is() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    for (name, media_type, bytes, places) in [
        ("a.pdf", "application/pdf", PNG, vec!["#"]),
        ("a.png", "image/png", PDF, vec!["#"]),
        ("a.jpg", "image/jpeg", b"GIF89a".as_slice(), vec!["#"]),
        ("a.png", "application/pdf", PDF, vec!["file_name"]),
        ("a.pdf.exe", "application/pdf", PDF, vec!["file_name"]),
        ("pdf", "application/pdf", PDF, vec!["file_name"]),
        ("a.jpg", "image/png", b"<html>", vec!["#", "file_name"]),
        ("a.pdf", "application/pdf", b"", vec!["#"]),
    ] {
        let answer = duong.send_file(&on_claim("ec_13", name), media_type, bytes, &[]).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), places, "{name} {media_type}");
    }
    for media_type in ["text/html", "application/json", "image/svg+xml", "multipart/form-data; boundary=x"] {
        let answer = duong.send_file(&on_claim("ec_13", "a.pdf"), media_type, PDF, &[]).await;
        answer.refused(415, "unsupported_media_type");
    }
    assert_eq!(files(&duong, "ec_13").await.len(), 1, "a refused request changes nothing");
}

#[actix_web::test]
async fn a_file_name_is_a_name_and_no_path() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    for name in
        ["../a.pdf", "/etc/a.pdf", "a\\b.pdf", "C:a.pdf", ".a.pdf", "a\nb.pdf", "a\0.pdf", "a\u{202e}fdp.pdf"]
    {
        let answer = add(&duong, "ec_13", name, PDF).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.places(), ["file_name"], "{name:?}");
    }
    let long = format!("{}.pdf", "a".repeat(197));
    assert_eq!(add(&duong, "ec_13", &long, PDF).await.status, 400);
    // Composed and decomposed letters make the same name.
    let file = add(&duong, "ec_13", "Ho\u{301}a.pdf", &pdf("nfc")).await.expect(201);
    assert_eq!(file["file_name"], "Hóa.pdf");
}

#[actix_web::test]
async fn a_file_that_is_too_large_is_refused_and_the_largest_one_is_kept() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let mut bytes = pdf("large");
    bytes.resize(LARGEST_FILE, b' ');
    let file = add(&duong, "ec_13", "lon.pdf", &bytes).await.expect(201);
    let content = duong.get(&format!("{}/content", address(&file))).await;
    assert!(content.bytes == bytes);
    bytes.push(b' ');
    add(&duong, "ec_13", "lon.pdf", &bytes).await.refused(413, "payload_too_large");
    // Other operations keep their own limit.
    let body = json!({"username": "x".repeat(300 * 1024), "password": "x"});
    office.visitor().post("/v1/auth/token", body).await.refused(413, "payload_too_large");
}

#[actix_web::test]
async fn a_record_has_so_many_files_and_each_of_them_once_in_any_race() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let people = [office.login("duong.ntt"), office.login_at(&second, "duong.ntt")];
    people[0].token().await;
    let file = pdf("each once");
    let all = join_all((0..6).map(|n| add(&people[n % 2], "ec_13", "hoa-don.pdf", &file))).await;
    let mut statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    all.iter().find(|answer| answer.status == 409).unwrap().refused(409, "duplicate");
    // The demo office has put one there, the limit of the tests is three.
    let different: Vec<Vec<u8>> = (0..4).map(|n| pdf(&format!("so many {n}"))).collect();
    let all = join_all((0..4).map(|n| add(&people[n % 2], "ec_13", "hoa-don.pdf", &different[n]))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
    for refused in all.iter().filter(|answer| answer.status != 201) {
        refused.refused(409, "too_many_files");
    }
    let left = attachment_leftovers::Entity::find().count(&office.app.db.writer).await.unwrap();
    assert_eq!(left, 0, "no bytes stay without their row");
}

#[actix_web::test]
async fn files_are_added_by_the_claimant_and_only_while_the_claim_can_be_changed() {
    let office = Office::open().await;
    for (who, claim, status, code) in [
        ("phuoc.dh", "ec_13", 403, "forbidden"),
        ("ha.lt", "ec_13", 403, "forbidden"),
        ("quang.lm", "ec_13", 403, "forbidden"),
        ("duong.ntt", "ec_14", 409, "state_conflict"),
        ("duong.ntt", "ec_03", 409, "state_conflict"),
        ("vinh.pt", "ec_13", 422, "validation_failed"),
    ] {
        let answer = add(&office.login(who), claim, "a.pdf", &pdf(who)).await;
        answer.refused(status, code);
    }
    let unknown = add(&office.login("vinh.pt"), "ec_13", "a.pdf", PDF).await;
    assert_eq!(unknown.places(), ["owner_id"]);
    let never = place("expense_claim", Uuid::from_u128(7), "a.pdf");
    let never = office.login("vinh.pt").send_file(&never, "application/pdf", PDF, &[]).await;
    let strip = |answer: &Answer| {
        let mut body = answer.body.clone();
        body["request_id"] = Value::Null;
        body["instance"] = Value::Null;
        body
    };
    assert_eq!(strip(&never), strip(&unknown), "other boards do not learn that the claim exists");
    assert_eq!(
        office.visitor().send_file(&on_claim("ec_13", "a.pdf"), "application/pdf", PDF, &[]).await.status,
        401
    );
    // A booking of the same id is no claim.
    let wrong = place("vehicle_booking", id("ec_13"), "a.pdf");
    let wrong = office.login("duong.ntt").send_file(&wrong, "application/pdf", PDF, &[]).await;
    wrong.refused(422, "validation_failed");
}

#[actix_web::test]
async fn who_cannot_read_the_record_cannot_tell_its_files_from_none() {
    let office = Office::open().await;
    let file = json!({"id": id("at_ec_13")});
    let never = json!({"id": Uuid::from_u128(7)});
    let same = [("X-Request-Id", "same")];
    for who in ["vinh.pt", "dung.pq", "loc.tv"] {
        let client = office.login(who);
        for end in ["", "/content", "/history"] {
            let there = client.send(Method::GET, &format!("{}{end}", address(&file)), None, &same).await;
            let not = client.send(Method::GET, &format!("{}{end}", address(&never)), None, &same).await;
            assert_eq!((there.status, &there.text), (404, &not.text), "{who} {end}");
        }
        let delete = [("X-Request-Id", "same"), ("If-Match", "\"1\"")];
        let there = client.send(Method::DELETE, &address(&file), None, &delete).await;
        let not = client.send(Method::DELETE, &address(&never), None, &delete).await;
        assert_eq!((there.status, &there.text), (404, &not.text), "{who}");
        let there = client.get(&format!("{}&include_total=true", list("expense_claim", id("ec_13")))).await;
        assert_eq!(there.expect(200), json!({"items": [], "next_cursor": null, "total": 0}));
    }
    for who in ["phuoc.dh", "ha.lt", "an.nv", "quang.lm", "bich.tt", "lan.ht"] {
        let content = office.login(who).get(&format!("{}/content", address(&file))).await;
        content.expect(200);
        assert!(content.bytes.starts_with(b"%PDF-"), "{who}");
    }
}

#[actix_web::test]
async fn the_same_bytes_on_two_claims_are_shown_to_who_verifies() {
    let office = Office::open().await;
    let bytes = pdf("the same on two claims");
    let (duong, chin) = (office.login("duong.ntt"), office.login("chin.k"));
    let ours = handed_in(&duong, "btctu", &bytes).await;
    let theirs = handed_in(&chin, "bnctu", &bytes).await;
    let number = chin.get(&format!("/v1/expense-claims/{theirs}")).await.expect(200)["number"].clone();
    let also_on = async |who: &str, claim: Uuid| {
        let page = office.login(who).get(&list("expense_claim", claim)).await.expect(200);
        let item = page["items"][0].clone();
        let single = office.login(who).get(&address(&item)).await.expect(200);
        assert_eq!(single, item);
        item["also_on"].clone()
    };
    let known =
        json!([{"owner_type": "expense_claim", "owner_id": theirs, "number": number, "board_code": "BNCTU"}]);
    for who in ["an.nv", "quang.lm", "bich.tt"] {
        let told = also_on(who, ours).await;
        assert_eq!(told[0]["owner_id"], known[0]["owner_id"], "{who}");
        assert_eq!(told[0]["number"], known[0]["number"], "{who}");
    }
    // The accountant of the one board learns the number and the board, not the record.
    let told = also_on("ha.lt", ours).await;
    assert_eq!((&told[0]["owner_id"], &told[0]["number"]), (&Value::Null, &number));
    assert_eq!(told.as_array().unwrap().len(), 1);
    for who in ["duong.ntt", "phuoc.dh"] {
        assert_eq!(also_on(who, ours).await, Value::Null, "{who} does not verify");
    }
    // A claim that was withdrawn has no papers any more.
    chin.post(&format!("/v1/expense-claims/{theirs}/withdraw"), json!({})).await.expect(200);
    assert_eq!(also_on("ha.lt", ours).await, json!([]));
}

#[actix_web::test]
async fn a_deleted_file_is_gone_with_its_bytes() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let file = add(&duong, "ec_13", "nham.pdf", &pdf("deleted")).await.expect(201);
    assert!(bytes_of(&office, &file).exists());
    assert_eq!(duong.send(Method::DELETE, &address(&file), None, &[]).await.status, 428);
    duong.delete(&address(&file), 2).await.refused(412, "version_conflict");
    office.login("phuoc.dh").delete(&address(&file), 1).await.refused(403, "forbidden");
    duong.delete(&address(&file), 1).await.expect(204);
    duong.get(&address(&file)).await.refused(404, "not_found");
    duong.get(&format!("{}/content", address(&file))).await.refused(404, "not_found");
    duong.delete(&address(&file), 1).await.refused(404, "not_found");
    assert!(!bytes_of(&office, &file).exists());
    // The same file may come again.
    add(&duong, "ec_13", "nham.pdf", &pdf("deleted")).await.expect(201);
    duong.post(&format!("/v1/expense-claims/{}/submit", id("ec_13")), json!({})).await.expect(200);
    let kept = files(&duong, "ec_13").await.pop().unwrap();
    duong.delete(&address(&kept), 1).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn a_repeated_upload_is_carried_out_once() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let key = [("Idempotency-Key", "upload-1")];
    let send = async |bytes: &[u8]| {
        duong.send_file(&on_claim("ec_13", "a.pdf"), "application/pdf", bytes, &key).await
    };
    let bytes = pdf("repeated");
    let first = send(&bytes).await.expect(201);
    duong.post(&format!("/v1/expense-claims/{}/submit", id("ec_13")), json!({})).await.expect(200);
    let again = send(&bytes).await;
    assert_eq!((again.expect(201), again.header("idempotent-replayed")), (first.clone(), Some("true")));
    send(&pdf("other")).await.refused(422, "idempotency_key_reused");
    assert_eq!(files(&duong, "ec_13").await.len(), 2);
    let left = attachment_leftovers::Entity::find().count(&office.app.db.writer).await.unwrap();
    assert_eq!((left, bytes_of(&office, &first).exists()), (0, true));
}

#[actix_web::test]
async fn bytes_without_a_row_are_removed_by_the_job_and_others_are_not() {
    let office = Office::open().await;
    // What a process leaves that ends between the bytes and the row.
    let lost = json!({"id": office.app.ids.at(office.app.clock.now())});
    let lost_id: Uuid = lost["id"].as_str().unwrap().parse().unwrap();
    std::fs::write(bytes_of(&office, &lost), PDF).unwrap();
    let note = attachment_leftovers::ActiveModel { id: Set(lost_id), noted_at: Set(office.app.clock.now()) };
    note.insert(&office.app.db.writer).await.unwrap();
    let kept = add(&office.login("duong.ntt"), "ec_13", "a.pdf", &pdf("kept")).await.expect(201);
    office.run_jobs().await;
    assert!(bytes_of(&office, &lost).exists(), "an upload may still be under way");
    office.advance(TimeDelta::minutes(61));
    office.run_jobs().await;
    assert!(!bytes_of(&office, &lost).exists());
    assert!(bytes_of(&office, &kept).exists());
    assert_eq!(attachment_leftovers::Entity::find().count(&office.app.db.writer).await.unwrap(), 0);
    let rows = attachments::Entity::find().count(&office.app.db.writer).await.unwrap();
    assert_eq!(rows, 5, "four of the demo office and the new one");
}

#[actix_web::test]
async fn a_row_whose_bytes_were_lost_is_a_fault_of_the_service() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let file = add(&duong, "ec_13", "a.pdf", &pdf("lost")).await.expect(201);
    std::fs::remove_file(bytes_of(&office, &file)).unwrap();
    let answer = duong.get(&format!("{}/content", address(&file))).await;
    answer.refused(500, "internal");
    // What is known of it can still be read, and it can be deleted.
    duong.get(&address(&file)).await.expect(200);
    duong.delete(&address(&file), 1).await.expect(204);
}

#[actix_web::test]
async fn orders_advances_bookings_trips_conferences_and_tasks_have_files_too() {
    let office = Office::open().await;
    let photo = pdf("of other records");
    for (who, owner_type, owner, status) in [
        ("duong.ntt", "travel_order", "to_2029_draft", 201),
        ("phuoc.dh", "travel_order", "to_2029_draft", 403),
        ("duong.ntt", "travel_order", "to_2029_submitted", 409),
        ("duong.ntt", "advance", "ad_05", 201),
        ("phuoc.dh", "advance", "ad_05", 403),
        ("duong.ntt", "advance", "ad_06", 409),
        ("duong.ntt", "vehicle_booking", "vb_15", 201),
        ("phuoc.dh", "vehicle_booking", "vb_15", 403),
        ("duong.ntt", "vehicle_booking", "vb_16", 409),
        ("thinh.bd", "trip", "tr_issued", 201),
        ("duong.ntt", "trip", "tr_issued", 403),
        ("thinh.bd", "trip", "do_01", 409),
        ("phuoc.dh", "conference", "cf_2029_btctu", 201),
        ("quang.lm", "conference", "cf_2029_btctu", 403),
        ("duong.ntt", "conference_task", "tk_2029_btctu_02", 201),
        ("phuoc.dh", "conference_task", "tk_2029_btctu_02", 403),
    ] {
        let path = place(owner_type, id(owner), "anh.pdf");
        let answer = office.login(who).send_file(&path, "application/pdf", &photo, &[]).await;
        assert_eq!(answer.status, status, "{who} {owner_type} {owner}: {}", answer.text);
        if status != 201 {
            continue;
        }
        let shown = office.login("an.nv").get(&list(owner_type, id(owner))).await.expect(200);
        assert_eq!(shown["items"][0]["also_on"], Value::Null, "only claims have twins");
        let other = office.login("vinh.pt").get(&address(&answer.body)).await;
        other.refused(404, "not_found");
    }
}
