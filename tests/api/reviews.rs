//! Reviews: figures that agree with the records and with the other reports, frozen by two people, corrected by a review
//! that supersedes; as a workbook and as the paper for the meeting.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use entity::{conference_tasks, reviews, vehicle_bookings};
use futures_util::future::join;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::support::dispatch::{
    allowed, approved, booking_at, drafted, driven, history, issued, january, status, step, submitted,
};
use crate::support::{Answer, Client, Office, Value, at, id, json};

const REVIEWS: &str = "/v1/reviews";
const YEAR: &str = "/v1/reports/review-figures?from=2025-01-01&to=2025-12-31";
const JANUARY: &str = "/v1/reports/review-figures?from=2026-01-01&to=2026-01-31";

fn review(reference: &str) -> String {
    format!("{REVIEWS}/{}", id(reference))
}

fn body(from: &str, to: &str) -> Value {
    let text = json!({"kind": "hindrances", "heading": "=1+1", "text": "Hồ sơ còn thiếu giấy tờ\n@SUM(A1)"});
    json!({"title": "Sơ kết tháng 01 năm 2026", "from": from, "to": to, "texts": [text]})
}

/// A review of January 2026 that the first chief of office began; its address.
async fn begun(office: &Office) -> String {
    let made = office.login("an.nv").post(REVIEWS, body("2026-01-01", "2026-01-31")).await.expect(201);
    format!("{REVIEWS}/{}", made["id"].as_str().unwrap())
}

/// The row of a board (or car) in a section.
fn row<'a>(figures: &'a Value, section: &str, name: &str) -> &'a Value {
    let rows = figures[section]["rows"].as_array().unwrap();
    let mine = |row: &&Value| row["board_code"] == name || row["vehicle_id"] == json!(id(name));
    &rows.iter().find(mine).unwrap_or_else(|| panic!("no {name} in {section}"))["figures"]
}

/// What happened between two counts of one figure.
fn more(before: &Value, after: &Value, pointer: &str) -> i64 {
    let count = |figures: &Value| figures.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    count(after) - count(before)
}

/// The digest as anybody can compute it: the names of `serde_json`'s objects are in order.
fn digest(figures: &Value) -> String {
    Sha256::digest(figures.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[actix_web::test]
async fn the_figures_of_a_year_agree_with_the_other_reports() {
    let office = Office::open().await;
    let auditor = office.login("quang.lm");
    let figures = auditor.get(YEAR).await.expect(200);
    let execution = auditor.get("/v1/reports/budget-execution?year=2025").await.expect(200);
    assert_eq!(figures["budgets"]["total"], execution["total"]);
    let of_board = |source: &str| -> i64 {
        let rows = execution["rows"].as_array().unwrap().iter();
        let rows = rows.filter(|row| row["board_code"] == "BTCTU" && row["funding_source"] == source);
        rows.map(|row| row["figures"]["spent_amount"].as_i64().unwrap()).sum()
    };
    for source in ["autonomous", "non_autonomous"] {
        let rows = figures["budgets"]["rows"].as_array().unwrap().iter();
        let told: i64 = rows
            .filter(|row| row["board_code"] == "BTCTU" && row["funding_source"] == source)
            .map(|row| row["figures"]["spent_amount"].as_i64().unwrap())
            .sum();
        assert_eq!(told, of_board(source), "{source}");
    }
    let ageing = auditor.get("/v1/reports/claim-ageing").await.expect(200);
    let waiting = figures["claims"]["open"].as_array().unwrap();
    let rows = ageing["rows"].as_array().unwrap();
    assert_eq!(waiting.len(), rows.len());
    for (told, row) in waiting.iter().zip(rows) {
        assert_eq!((&told["open_count"], &told["open_amount"]), (&row["count"], &row["amount"]));
        assert_eq!(told["days_over_10_count"], row["ages"]["days_over_10"]);
    }
    assert_eq!(figures["claims"]["total"]["open_count"], ageing["open_count"]);
    tasks_are_counted(&office, &figures).await;

    for section in ["tasks", "bookings", "claims", "advances"] {
        let told = &figures[section];
        for (name, total) in told["total"].as_object().unwrap() {
            let rows = told["rows"].as_array().unwrap().iter();
            let sum: i64 = rows.filter_map(|row| row["figures"][name].as_i64()).sum();
            assert!(!total.is_i64() || *total == sum, "{section}.{name}: {total} is not {sum}");
            let unit = figures["units"].as_array().unwrap().iter();
            let unit = unit.filter(|unit| unit["figure"] == format!("{section}.{name}"));
            assert_eq!(unit.count(), 1, "{section}.{name} has one unit");
        }
    }
    let btctu = figures["accountants"].as_array().unwrap().iter().find(|row| row["board_code"] == "BTCTU");
    assert_eq!(btctu.unwrap()["full_name"], "Lê Thu Hà");
    let wrong = auditor.get("/v1/reports/review-figures?from=2025-02-01&to=2025-01-01").await;
    wrong.refused(422, "validation_failed");
    assert_eq!(wrong.places(), ["to"]);
}

/// Against the rows of the table, one by one.
async fn tasks_are_counted(office: &Office, figures: &Value) {
    let all = conference_tasks::Entity::find().all(&office.app.db.reader).await.unwrap();
    let (from, to) = (at("2025-01-01T00:00:00+07:00"), at("2026-01-01T00:00:00+07:00"));
    let now = at(figures["as_of"].as_str().unwrap());
    let within = |at: &chrono::DateTime<chrono::Utc>| (from..to).contains(at);
    let given = all.iter().filter(|task| within(&task.created_at)).count();
    let done: Vec<_> = all.iter().filter(|task| task.done_at.as_ref().is_some_and(within)).collect();
    let in_time = done.iter().filter(|task| task.done_at.unwrap() <= task.due_at).count();
    let late = all.iter().filter(|task| {
        let missed = task.done_at.is_none_or(|done| done > task.due_at);
        within(&task.due_at)
            && task.due_at < now
            && missed
            && task.status != conference_tasks::TaskStatus::Cancelled
    });
    let total = &figures["tasks"]["total"];
    assert!(given > 0 && !done.is_empty());
    assert_eq!(total["given_out_count"], given);
    assert_eq!((&total["done_count"], &total["on_time_count"]), (&json!(done.len()), &json!(in_time)));
    assert_eq!(total["late_count"], late.count());
}

#[actix_web::test]
async fn what_happens_is_counted_for_its_board_and_its_car() {
    let office = Office::open().await;
    let before = office.login("an.nv").get(JANUARY).await.expect(200);
    let named = json!({"vehicle_id": id("v_everest")});
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    // A wish for the same car at the same time comes to nothing; the refusal itself is not stored.
    let wish = drafted(&office, "bnctu", &january("09:00"), &january("11:00"), named).await;
    step(&office.login("chin.k"), &booking_at(&wish), "submit", json!({})).await.refused(409, "time_taken");
    let hurry = json!({"urgent": true, "urgent_reason": "Họp đột xuất"});
    let refused = submitted(&office, "bnctu", &january("14T07:00"), &january("14T09:00"), hurry).await;
    let no = json!({"reason": "Không còn xe"});
    step(&office.login("an.nv"), &booking_at(&refused), "reject", no).await.expect(200);
    approved(&office, "btctu", "15T07:00", "15T09:00").await;
    driven(&office, &trip, 45_560, 45_760).await;
    let after = office.login("an.nv").get(JANUARY).await.expect(200);
    for (pointer, number) in [
        ("/bookings/total/asked_count", 3),
        ("/bookings/total/served_count", 1),
        ("/bookings/total/rejected_count", 1),
        ("/bookings/total/open_count", 1),
        ("/bookings/total/clashed_count", 1),
        ("/bookings/total/urgent_count", 1),
        ("/cars/total/trip_count", 1),
        ("/cars/total/km", 200),
    ] {
        assert_eq!(more(&before, &after, pointer), number, "{pointer}");
    }
    let (own, other) = (row(&after, "bookings", "BTCTU"), row(&after, "bookings", "BNCTU"));
    assert_eq!((&own["served_count"], &own["clashed_count"]), (&json!(1), &json!(0)));
    assert_eq!((&other["rejected_count"], &other["clashed_count"]), (&json!(1), &json!(1)));
    let car = row(&after, "cars", "v_everest");
    let driven = office.login("an.nv").get(&trip).await.expect(200);
    assert_eq!((&car["km"], &car["norm_litres"]), (&json!(200), &driven["norm_litres"]));
    assert_eq!((&car["statement_count"], &car["used_percent"]), (&json!(0), &Value::Null));
}

#[actix_web::test]
async fn claims_count_from_the_first_submission_to_the_payment() {
    let office = Office::open().await;
    let before = office.login("an.nv").get(YEAR).await.expect(200);
    let line = json!({"kind": "other", "incurred_on": "2025-12-10", "description": "Giấy in", "claimed_amount": 90_000});
    let new = json!({"board_id": id("btctu"), "kind": "other", "purpose": "Văn phòng phẩm", "lines": [line]});
    let claim = office.login("duong.ntt").post("/v1/expense-claims", new).await.expect(201);
    let claim = format!("/v1/expense-claims/{}", claim["id"].as_str().unwrap());
    let take = async |who: &str, verb: &str, body: Value| {
        office.login(who).act(&claim, verb, body).await.expect(200);
    };
    take("duong.ntt", "submit", json!({})).await;
    take("phuoc.dh", "confirm", json!({})).await;
    let gap = |code: &str| json!({"code": code, "detail": "Thiếu"});
    let gaps = json!({"reason": "Thiếu giấy tờ", "gaps": [gap("receipt_missing"), gap("stamp_missing")]});
    take("ha.lt", "return", gaps).await;
    office.set_clock("2025-12-19T08:00:00+07:00");
    for (who, verb) in
        [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify"), ("an.nv", "approve")]
    {
        take(who, verb, json!({})).await;
    }
    let voucher = json!({"method": "cash", "paid_on": "2025-12-19", "voucher_number": "PC-RV-1"});
    take("lan.ht", "pay", voucher).await;
    let after = office.login("an.nv").get(YEAR).await.expect(200);
    let index = after["claims"]["rows"].as_array().unwrap().iter();
    let index =
        index.map(|row| row["board_code"].as_str().unwrap()).position(|code| code == "BTCTU").unwrap();
    for (field, number) in [
        ("submitted_count", 1),
        ("submitted_amount", 90_000),
        ("paid_count", 1),
        ("paid_amount", 90_000),
        ("returned_count", 1),
        ("return_count", 1),
        ("return_reason_count", 2),
        ("open_count", 0),
    ] {
        let of_board = format!("/claims/rows/{index}/figures/{field}");
        for pointer in [of_board, format!("/claims/total/{field}")] {
            assert_eq!(more(&before, &after, &pointer), number, "{pointer}");
        }
    }
    let reasons = after["claims"]["return_reasons"].as_array().unwrap();
    assert!(reasons.contains(&json!({"code": "stamp_missing", "return_reason_count": 1})), "{reasons:?}");
    let days = &row(&after, "claims", "BTCTU")["median_days_to_payment"];
    assert!(days.as_str().unwrap().ends_with("0"), "{days}");
    // The payment is taken back: it was none.
    take("lan.ht", "reverse", json!({"reason": "Chi nhầm"})).await;
    take("an.nv", "reverse", json!({"reason": "Chi nhầm"})).await;
    let undone = office.login("an.nv").get(YEAR).await.expect(200);
    assert_eq!(more(&after, &undone, "/claims/total/paid_amount"), -90_000);
}

#[actix_web::test]
async fn a_review_is_frozen_by_a_second_person_and_corrected_by_another_review() {
    let office = Office::open().await;
    office.set_clock("2026-02-02T08:00:00+07:00");
    let (an, linh) = (office.login("an.nv"), office.login("linh.n"));
    let wrong = an.post(REVIEWS, body("2026-01-31", "2026-01-01")).await;
    wrong.refused(422, "validation_failed");
    assert_eq!(wrong.places(), ["#/to"]);
    let path = begun(&office).await;
    let shown = an.get(&path).await.expect(200);
    assert_eq!((&shown["status"], &shown["figures"]), (&json!("collecting"), &Value::Null));
    assert_eq!(allowed(&shown), ["draft"]);
    step(&an, &path, "approve", json!({})).await.refused(409, "state_conflict");

    let drafted = step(&an, &path, "draft", json!({})).await.expect(200);
    assert_eq!(drafted["figures_sha256"], digest(&drafted["figures"]));
    assert_eq!((&drafted["figures_intact"], &drafted["drafted_by_id"]), (&json!(true), &json!(id("p_an"))));
    assert_eq!(drafted["waiting_on"]["staff"], json!([id("p_linh")]));
    step(&an, &path, "approve", json!({})).await.refused(403, "four_eyes");
    step(&an, &path, "return", json!({})).await.refused(422, "validation_failed");
    let returned = step(&an, &path, "return", json!({"reason": "Thiếu số liệu"})).await.expect(200);
    assert_eq!((&returned["figures"], &returned["figures_sha256"]), (&Value::Null, &Value::Null));
    step(&an, &path, "draft", json!({})).await.expect(200);
    // Who writes on a draft shares in it.
    let version = an.get(&path).await.body["version"].as_i64().unwrap();
    linh.patch(&path, version, json!({"from": "2026-01-02"})).await.refused(409, "state_conflict");
    let text = json!({"texts": [{"kind": "results", "heading": "Kết quả", "text": "Đã phục vụ"}]});
    linh.patch(&path, version, text).await.expect(200);
    step(&linh, &path, "approve", json!({})).await.refused(403, "four_eyes");
    let counted = step(&linh, &path, "recompute", json!({})).await.expect(200);
    let approved_review = step(&an, &path, "approve", json!({})).await.expect(200);
    assert_eq!(approved_review["figures"], counted["figures"]);
    assert_eq!(allowed(&approved_review), ["correct"]);

    // Records change later, the review does not.
    let row = vehicle_bookings::Entity::find_by_id(id("vb_06")).one(&office.app.db.reader).await.unwrap();
    let mut moved: vehicle_bookings::ActiveModel = row.unwrap().into();
    (moved.starts_at, moved.ends_at) =
        (Set(at("2026-01-20T08:00:00+07:00")), Set(at("2026-01-20T09:00:00+07:00")));
    moved.update(&office.app.db.writer).await.unwrap();
    let now = an.get(JANUARY).await.expect(200);
    assert_ne!(now["bookings"], approved_review["figures"]["bookings"]);
    let kept = an.get(&path).await.expect(200);
    assert_eq!(kept["figures"], approved_review["figures"]);
    assert_eq!(
        (&kept["figures_intact"], &kept["figures_sha256"]),
        (&json!(true), &json!(digest(&kept["figures"])))
    );
    let version = kept["version"].as_i64().unwrap();
    an.patch(&path, version, json!({"title": "Khác"})).await.refused(409, "state_conflict");

    step(&an, &path, "correct", json!({})).await.refused(422, "validation_failed");
    let why = json!({"reason": "Bổ sung đăng ký xe"});
    let correction = step(&an, &path, "correct", why.clone()).await.expect(201);
    assert_eq!((&correction["revision"], &correction["supersedes_id"]), (&json!(2), &kept["id"]));
    assert_eq!(correction["texts"], kept["texts"]);
    step(&linh, &path, "correct", why.clone()).await.refused(409, "state_conflict");
    let second = format!("{REVIEWS}/{}", correction["id"].as_str().unwrap());
    step(&an, &second, "draft", json!({})).await.expect(200);
    assert_eq!(an.get(&path).await.expect(200)["superseded_by_id"], Value::Null);
    let new = step(&linh, &second, "approve", json!({})).await.expect(200);
    assert_eq!(new["figures"]["bookings"], now["bookings"]);
    let old = an.get(&path).await.expect(200);
    assert_eq!((&old["superseded_by_id"], &old["figures"]), (&new["id"], &kept["figures"]));
    step(&an, &path, "correct", why).await.refused(409, "state_conflict");
    let told = history(&an, &path).await;
    let steps = ["create", "draft", "return", "draft", "update", "recompute", "approve", "supersede"];
    assert_eq!(told, steps);
    let latest = an.get(&format!("{REVIEWS}?superseded=false&on=2026-01-15")).await.expect(200);
    let ids: Vec<_> = latest["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, [&new["id"]]);
}

#[actix_web::test]
async fn two_processes_approve_once_and_correct_once() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (path, an) = (begun(&office).await, office.login("an.nv"));
    step(&an, &path, "draft", json!({})).await.expect(200);
    let (here, there) = (office.login("linh.n"), office.login_at(&second, "linh.n"));
    here.token().await;
    let twice = async |verb: &str, body: Value| {
        let (one, other) =
            join(step(&here, &path, verb, body.clone()), step(&there, &path, verb, body.clone())).await;
        let mut answers = [one.status, other.status];
        answers.sort_unstable();
        answers
    };
    assert_eq!(twice("approve", json!({})).await, [200, 409]);
    assert_eq!(twice("correct", json!({"reason": "Sửa"})).await, [201, 409]);
}

#[actix_web::test]
async fn figures_that_somebody_changed_are_found_out() {
    let office = Office::open().await;
    let path = review("rv_2019");
    let auditor = office.login("quang.lm");
    assert_eq!(auditor.get(&path).await.expect(200)["figures_intact"], true);
    let row = reviews::Entity::find_by_id(id("rv_2019")).one(&office.app.db.reader).await.unwrap().unwrap();
    let mut figures = row.figures.clone().unwrap();
    figures["tasks"]["total"]["done_count"] = json!(1_000);
    let mut damaged: reviews::ActiveModel = row.into();
    damaged.figures = Set(Some(figures));
    damaged.update(&office.app.db.writer).await.unwrap();
    assert_eq!(auditor.get(&path).await.expect(200)["figures_intact"], false);
}

#[actix_web::test]
async fn the_office_reads_reviews_and_the_chiefs_write_them() {
    let office = Office::open().await;
    let path = review("rv_2025");
    for who in ["quang.lm", "bich.tt"] {
        let reader = office.login(who);
        assert_eq!(reader.get(REVIEWS).await.expect(200)["items"][0]["figures"], Value::Null);
        assert!(reader.get(&path).await.expect(200)["figures"].is_object());
        reader.post(REVIEWS, body("2026-01-01", "2026-01-31")).await.refused(403, "forbidden");
        step(&reader, &path, "approve", json!({})).await.refused(403, "forbidden");
    }
    for who in ["duong.ntt", "phuoc.dh", "ha.lt", "kien.ht"] {
        for address in [REVIEWS, path.as_str(), YEAR, &format!("{path}/workbook"), &format!("{path}/report")]
        {
            office.login(who).get(address).await.refused(403, "forbidden");
        }
    }
}

/// A workbook as a program reads it.
fn opened(answer: &Answer) -> Xlsx<Cursor<Vec<u8>>> {
    answer.expect(200);
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(answer.header("content-type"), Some(kind));
    Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook")
}

async fn book(client: &Client, path: &str, language: &str) -> Answer {
    client.send(Method::GET, &format!("{path}/workbook"), None, &[("Accept-Language", language)]).await
}

#[actix_web::test]
async fn the_workbook_has_numbers_charts_and_no_formulas() {
    let office = Office::open().await;
    let an = office.login("an.nv");
    let path = begun(&office).await;
    an.get(&format!("{path}/workbook")).await.refused(422, "form_not_ready");
    step(&an, &path, "draft", json!({})).await.expect(200);
    let answer = book(&an, &path, "en").await;
    let mut english = opened(&answer);
    assert_eq!(english.sheet_names(), ["Summary", "Tasks", "Cars", "Claims", "Budgets", "Obstacles"]);
    for sheet in english.sheet_names() {
        let formulas = english.worksheet_formula(&sheet).expect("a sheet");
        assert!(formulas.is_empty(), "{sheet} has formulas");
    }
    let obstacles = english.worksheet_range("Obstacles").expect("a sheet");
    let texts: Vec<&Data> = obstacles.rows().flatten().collect();
    assert!(texts.contains(&&Data::String("=1+1".to_owned())), "{texts:?}");
    assert!(texts.contains(&&Data::String("@SUM(A1)".to_owned())));
    // Names of the files of a workbook stand in it as they are.
    let holds = |name: &str| answer.bytes.windows(name.len()).any(|part| part == name.as_bytes());
    assert!(holds("xl/charts/chart1.xml") && holds("xl/drawings/drawing1.xml"));

    let yearly = review("rv_2025");
    let shown = an.get(&yearly).await.expect(200);
    let answer = book(&an, &yearly, "vi").await;
    let mut vietnamese = opened(&answer);
    let budgets = vietnamese.worksheet_range("Dự toán").expect("a sheet");
    let heads: Vec<String> = budgets.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(heads[..4], ["Năm", "Ban", "Nguồn", "Dự toán giao (đồng)"]);
    let total = budgets.rows().find(|row| row[0] == Data::String("Cộng".to_owned())).expect("a sum");
    let appropriated = shown["figures"]["budgets"]["total"]["appropriated_amount"].as_f64().unwrap();
    assert_eq!(total[3], Data::Float(appropriated));
    let charts = (1..=9).filter(|number| {
        let name = format!("xl/charts/chart{number}.xml");
        answer.bytes.windows(name.len()).any(|part| part == name.as_bytes())
    });
    assert!(charts.count() >= 5);
    let again = book(&an, &yearly, "vi").await;
    assert_eq!(again.bytes, answer.bytes, "the same review gives the same bytes");
    let tag = answer.header("etag").unwrap().to_owned();
    let known = [("If-None-Match", tag.as_str()), ("Accept-Language", "vi")];
    assert_eq!(an.send(Method::GET, &format!("{yearly}/workbook"), None, &known).await.status, 304);
    assert_ne!(book(&an, &yearly, "en").await.header("etag"), Some(tag.as_str()));
}

/// All texts of a PDF without any space, and how many pages it has.
fn printed(answer: &Answer) -> (String, usize) {
    answer.expect(200);
    let document = lopdf::Document::load_mem(&answer.bytes).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    let text = document.extract_text(&pages).expect("texts that can be copied");
    (squeezed(&text), pages.len())
}

fn squeezed(text: &str) -> String {
    text.nfc().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

#[actix_web::test]
async fn the_report_can_be_taken_to_the_meeting() {
    let office = Office::open().await;
    let (auditor, an) = (office.login("quang.lm"), office.login("an.nv"));
    let path = review("rv_2019");
    let shown = auditor.get(&path).await.expect(200);
    let answer = auditor.get(&format!("{path}/report")).await;
    let (text, pages) = printed(&answer);
    assert!(pages >= 3, "{pages} pages");
    for said in [
        "ĐẢNG CỘNG SẢN VIỆT NAM",
        "VĂN PHÒNG TỈNH ỦY",
        "Đắk Lắk, ngày 25 tháng 12 năm 2019",
        "BÁO CÁO",
        "Sơ kết một năm thực hiện Đề án 09-ĐA/TU",
        "(Từ ngày 25/12/2018 đến ngày 24/12/2019)",
        "I. KẾT QUẢ ĐẠT ĐƯỢC",
        "II. KHÓ KHĂN, VƯỚNG MẮC",
        "1. Thủ tục thanh toán xăng dầu còn vướng mắc",
        "III. PHƯƠNG HƯỚNG, NHIỆM VỤ",
        "- Mỗi việc của hội nghị có đúng một đơn vị chủ trì, có hạn và sản phẩm.",
        "CHÁNH VĂN PHÒNG",
        "Nguyễn Văn An",
        "PHỤ LỤC: SỐ LIỆU",
        "Số liệu tính đến 00 giờ 00, 25/12/2019",
        "Kế toán phụ trách các ban",
        shown["figures_sha256"].as_str().unwrap(),
        &format!("Trang {pages} / {pages}"),
    ] {
        assert!(text.contains(&squeezed(said)), "{said:?} is not in {text}");
    }
    assert!(!text.contains(&squeezed("DỰ THẢO")));
    office.set_clock("2026-02-02T08:00:00+07:00");
    let again = an.get(&format!("{path}/report")).await;
    assert_eq!(again.bytes, answer.bytes, "the same review gives the same bytes");
    let (draft, _) = printed(&an.get(&format!("{}/report", review("rv_2025"))).await);
    assert!(draft.contains(&squeezed("DỰ THẢO")));
    an.get(&format!("{}/report", review("rv_2029"))).await.refused(422, "form_not_ready");
}

#[actix_web::test]
async fn the_number_of_queries_does_not_grow_with_what_happened() {
    let office = Office::open().await;
    let (address, statements) = office.watched_process().await;
    let an = office.login_at(&address, "an.nv");
    an.token().await;
    let queries = async |path: &str| {
        statements.lock().unwrap().clear();
        an.get(path).await.expect(200);
        statements.lock().unwrap().len()
    };
    let before = queries(YEAR).await;
    assert!(before > 10, "the statements are seen: {before}");
    for (board, day) in [("btctu", "20"), ("bnctu", "21"), ("ubkttu", "22"), ("vptu", "23")] {
        let (from, to) = (format!("2025-12-{day}T07:00:00+07:00"), format!("2025-12-{day}T17:00:00+07:00"));
        submitted(&office, board, &from, &to, json!({})).await;
    }
    assert_eq!(queries(YEAR).await, before);
    let two = "/v1/reports/review-figures?from=2024-01-01&to=2028-12-31";
    assert_eq!(queries(two).await, before);
    assert_eq!(status(&office.login("an.nv"), &review("rv_2019")).await, "approved");
}
