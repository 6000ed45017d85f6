//! Imports of a year's appropriations: all rows are checked, all errors told by row, all or nothing, and the same file
//! twice changes nothing.

use std::io::{Cursor, Read, Write};

use entity::{budget_imports, budget_lines, sub_items};
use futures_util::future::join_all;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use zip::write::SimpleFileOptions;

use crate::support::{Answer, Client, Office, Value, id, json};

const IMPORTS: &str = "/v1/budget-imports";
const HEAD: &str = "board;source;sub_item;amount;document_number;issuer;signed_on\n";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn row(board: &str, source: &str, sub_item: &str, amount: &str) -> String {
    format!("{board};{source};{sub_item};{amount};12-QĐ/TU;Ban Thường vụ;2025-12-05\n")
}

fn sheet(rows: &[String]) -> Vec<u8> {
    [HEAD, &rows.concat()].concat().into_bytes()
}

/// Three good rows.
fn good() -> Vec<u8> {
    sheet(&[
        row("UBKTTU", "13", "6701", "45000000"),
        row("ubkttu", "non_autonomous", "6702", "20000000"),
        row("BNCTU", "autonomous", "6701", "0"),
    ])
}

async fn send(client: &Client, year: i64, bytes: &[u8]) -> Answer {
    client.send_file(&format!("{IMPORTS}?year={year}&file_name=du-toan.csv"), "text/csv", bytes, &[]).await
}

fn address(import: &Value) -> String {
    format!("{IMPORTS}/{}", import["id"].as_str().unwrap())
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn verbs(client: &Client, path: &str) -> Vec<String> {
    let entries = items(client, &format!("{path}/history")).await;
    entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

/// How many lines and imports a year has.
async fn count(office: &Office, year: i64) -> (u64, u64) {
    let db = &office.app.db.writer;
    let lines = budget_lines::Entity::find().filter(budget_lines::Column::Year.eq(year));
    let imports = budget_imports::Entity::find().filter(budget_imports::Column::Year.eq(year));
    (lines.count(db).await.unwrap(), imports.count(db).await.unwrap())
}

/// The places of a refusal with their codes.
#[track_caller]
fn told(answer: &Answer) -> Vec<(String, String)> {
    let body = answer.refused(422, "validation_failed");
    let text = |error: &Value, field: &str| error[field].as_str().unwrap_or_default().to_owned();
    let errors = body["errors"].as_array().unwrap();
    errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect()
}

#[track_caller]
fn tells(answer: &Answer, expected: &[(&str, &str)]) {
    let told = told(answer);
    let told: Vec<(&str, &str)> = told.iter().map(|(place, code)| (place.as_str(), code.as_str())).collect();
    assert_eq!(told, expected, "{}", answer.text);
}

#[actix_web::test]
async fn a_sheet_becomes_planned_lines_that_one_activation_puts_in_force() {
    let office = Office::open().await;
    let (accountant, chief) = (office.login("bich.tt"), office.login("an.nv"));
    let answer = send(&accountant, 2029, &good()).await;
    let import = answer.expect(201);
    assert_eq!(answer.header("location"), Some(address(&import).as_str()));
    assert_eq!((&import["year"], &import["status"]), (&json!(2029), &json!("planned")));
    assert_eq!((&import["row_count"], &import["total_amount"]), (&json!(3), &json!(65_000_000)));
    assert_eq!((&import["file_name"], &import["size_bytes"]), (&json!("du-toan.csv"), &json!(good().len())));
    assert_eq!((&import["imported_by_id"], &import["activated_by_id"]), (&json!(id("p_bich")), &Value::Null));
    assert_eq!(import["allowed_actions"][0]["allowed"], false);
    assert_eq!(accountant.get(&address(&import)).await.expect(200), import);

    let import_id = import["id"].as_str().unwrap();
    let of_import = format!("/v1/budget-lines?import_id={import_id}");
    let lines = items(&accountant, &of_import).await;
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!((&line["status"], &line["available_amount"]), (&json!("planned"), &json!(0)));
        assert_eq!(
            (&line["document_number"], &line["issuer"]),
            (&json!("12-QĐ/TU"), &json!("Ban Thường vụ"))
        );
        assert_eq!(
            (&line["signed_on"], &line["planned_by_id"]),
            (&json!("2025-12-05"), &json!(id("p_bich")))
        );
    }
    assert_eq!(lines[2]["funding_source"], "non_autonomous");

    accountant.act(&address(&import), "activate", json!({})).await.refused(403, "forbidden");
    let active = chief.act(&address(&import), "activate", json!({})).await.expect(200);
    assert_eq!((&active["status"], &active["activated_by_id"]), (&json!("active"), &json!(id("p_an"))));
    assert_eq!((&active["version"], &active["allowed_actions"]), (&json!(2), &json!([])));
    for line in items(&chief, &of_import).await {
        assert_eq!((&line["status"], &line["available_amount"]), (&json!("active"), &line["planned_amount"]));
        assert_eq!(
            (&line["appropriated_amount"], &line["activated_by_id"]),
            (&line["planned_amount"], &json!(id("p_an")))
        );
        let path = format!("/v1/budget-lines/{}", line["id"].as_str().unwrap());
        let mut expected = vec!["create", "activate", "appropriate"];
        expected.truncate(if line["planned_amount"] == 0 { 2 } else { 3 });
        assert_eq!(verbs(&chief, &path).await, expected);
        assert_eq!(line["version"], expected.len());
    }
    let entries = items(&chief, &format!("/v1/budget-entries?document_id={import_id}")).await;
    let amounts: i64 = entries.iter().map(|entry| entry["amount"].as_i64().unwrap()).sum();
    assert_eq!((entries.len(), amounts), (2, 65_000_000), "no entry is made of nothing");
    let document = json!({"type": "budget_import", "id": import_id, "href": address(&import)});
    assert!(entries.iter().all(|entry| entry["document"] == document && entry["kind"] == "appropriate"));
    assert_eq!(verbs(&chief, &address(&import)).await, ["create", "activate"]);
    chief.act(&address(&import), "activate", json!({})).await.refused(409, "state_conflict");

    let listed = items(&chief, &format!("{IMPORTS}?year=2029")).await;
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &import["id"]));
    assert_eq!(items(&chief, &format!("{IMPORTS}?status=planned")).await[0]["id"], json!(id("bi_2046")));
    let report = shared_office::ops::verify::run(&office.app.db, office.app.clock.now()).await.unwrap();
    assert_eq!(json!(report)["ok"], true, "{:#}", json!(report));
}

#[actix_web::test]
async fn the_same_bytes_twice_change_nothing() {
    let office = Office::open().await;
    let accountant = office.login("bich.tt");
    let first = send(&accountant, 2029, &good()).await.expect(201);
    let before = count(&office, 2029).await;
    let path = format!("{IMPORTS}?year=2029&file_name=ban-sao.csv");
    let again = accountant.send_file(&path, "application/vnd.ms-excel", &good(), &[]).await;
    assert_eq!(again.expect(200), first, "the earlier import, with the name of then");
    assert_eq!((again.header("location"), again.header("etag")), (None, Some("\"1\"")));
    office.login("an.nv").act(&address(&first), "activate", json!({})).await.expect(200);
    assert_eq!(send(&accountant, 2029, &good()).await.expect(200)["status"], "active");
    assert_eq!(count(&office, 2029).await, before);
    assert_ne!(
        send(&accountant, 2030, &good()).await.expect(201)["id"],
        first["id"],
        "another year is another import"
    );

    let path = format!("{IMPORTS}?year=2031&file_name=a.csv");
    let key = [("Idempotency-Key", "import-2031")];
    let first = accountant.send_file(&path, "text/csv", &good(), &key).await;
    let again = accountant.send_file(&path, "text/csv", &good(), &key).await;
    assert_eq!((first.expect(201), again.header("idempotent-replayed")), (again.expect(201), Some("true")));
    let other = sheet(&[row("VPTU", "13", "6701", "1")]);
    accountant.send_file(&path, "text/csv", &other, &key).await.refused(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn of_two_processes_that_import_at_once_one_wins_and_the_other_gets_its_import() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let people = [office.login("bich.tt"), office.login_at(&second, "bich.tt")];
    people[0].token().await;
    let file = good();
    let all = join_all((0..6).map(|n| send(&people[n % 2], 2029, &file))).await;
    let mut statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 201]);
    assert!(all.iter().all(|answer| answer.body["id"] == all[0].body["id"]));
    assert_eq!(count(&office, 2029).await.1, 1);

    // Different files that plan one and the same line: one of them does, the others are told where it stands.
    let files: Vec<Vec<u8>> = (0..4)
        .map(|n| sheet(&[row("VPTU", "13", "6701", &n.to_string()), row("BNCTU", "12", "6702", "5")]))
        .collect();
    let all = join_all((0..4).map(|n| send(&people[n % 2], 2030, &files[n]))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
    for refused in all.iter().filter(|answer| answer.status != 201) {
        tells(refused, &[("#/rows/2", "line_exists"), ("#/rows/3", "line_exists")]);
    }
    assert_eq!(count(&office, 2030).await, (2, 1));
}

#[actix_web::test]
async fn everything_that_is_wrong_is_told_at_once_by_row_and_nothing_is_entered() {
    let office = Office::open().await;
    let accountant = office.login("bich.tt");
    let rows = [
        row("BTCTU", "13", "6702", "1"),
        row("KHONGCO", "13", "6702", "1"),
        row("BTGTU", "13", "6702", "1"),
        row("UBKTTU", "14", "9999", "-5"),
        String::from("\n"),
        row("UBKTTU", "13", "67", "1.000.000"),
        row("UBKTTU", "13", "6703", "1000000000000000"),
        row("UBKTTU", "13", "6704", "12,5"),
        row("UBKTTU", "13", "6701", "7"),
        row(" ubkttu ", "Tự chủ", "6701", "8"),
        format!("UBKTTU;13;6749;1;{};;31/02/2026\n", "x".repeat(61)),
        String::from("BNCTU;13;6749;1;12-QĐ\u{200b}/TU;Ban;2026-01-05\n"),
        String::from("BNCTU;13;6751;1;12;Ban;05/12/2025;;x\n"),
        String::from("BNCTU;13\n"),
    ];
    let answer = send(&accountant, 2029, &sheet(&rows)).await;
    tells(
        &answer,
        &[
            ("#/rows/2", "line_exists"),
            ("#/rows/3/board", "unknown_board"),
            ("#/rows/4/board", "board_not_active"),
            ("#/rows/5/source", "unknown_source"),
            ("#/rows/5/amount", "out_of_range"),
            ("#/rows/5/sub_item", "unknown_sub_item"),
            ("#/rows/7/amount", "amount_spelling"),
            ("#/rows/7/sub_item", "pattern"),
            ("#/rows/8/amount", "too_large"),
            ("#/rows/9/amount", "amount_spelling"),
            ("#/rows/11", "duplicate_row"),
            ("#/rows/12/issuer", "required"),
            ("#/rows/12/signed_on", "format"),
            ("#/rows/12/document_number", "too_long"),
            ("#/rows/13/document_number", "invisible_character"),
            ("#/rows/13/signed_on", "out_of_range"),
            ("#/rows/14/I", "no_heading"),
            ("#/rows/15/sub_item", "required"),
            ("#/rows/15/amount", "required"),
            ("#/rows/15/document_number", "required"),
            ("#/rows/15/issuer", "required"),
            ("#/rows/15/signed_on", "required"),
        ],
    );
    let detail = |place: usize| answer.body["errors"][place]["detail"].as_str().unwrap().to_owned();
    assert!(detail(0).starts_with("dòng 2: ") && detail(0).contains("bổ sung"), "{}", detail(0));
    assert!(detail(6).starts_with("dòng 7, Số tiền: ") && detail(6).contains("hàng nghìn"), "{}", detail(6));
    assert!(detail(10).contains("dòng 10"), "{}", detail(10));
    assert_eq!(items(&accountant, &format!("{IMPORTS}?year=2029")).await, Vec::<Value>::new());
    assert_eq!(
        items(&accountant, &format!("/v1/budget-lines?year=2029&board_id={}", id("ubkttu"))).await.len(),
        0
    );

    // Nothing but the last row is wrong, and nothing of the others is entered.
    let mut rows: Vec<String> = (6501..6506).map(|code| row("VPTU", "13", &code.to_string(), "1")).collect();
    rows.push(row("VPTU", "13", "9999", "1"));
    tells(&send(&accountant, 2040, &sheet(&rows)).await, &[("#/rows/7/sub_item", "unknown_sub_item")]);
    assert_eq!(count(&office, 2040).await, (0, 0));

    // More errors than a problem holds are counted.
    let rows: Vec<String> = (0..300).map(|_| row("KHONGCO", "13", "6702", "1")).collect();
    let answer = send(&accountant, 2040, &sheet(&rows)).await;
    assert_eq!(told(&answer).len(), 200);
    assert!(answer.body["detail"].as_str().unwrap().contains("còn 100 lỗi"), "{}", answer.text);
}

#[actix_web::test]
async fn headings_are_known_in_two_languages_and_every_wrong_one_is_named() {
    let office = Office::open().await;
    let accountant = office.login("bich.tt");
    // As Excel in English writes it: a byte order mark, commas, its own line ends; columns in another order.
    let sheet = "\u{feff}NGAY KY,Cơ quan ban hành,so quyet dinh,\"Số tiền (đồng)\",Tiểu mục,Nguồn,Đơn vị\r\n\
        5/12/2025,\"Ban Thường vụ,\nTỉnh ủy\",\"12-QĐ/TU\",100,6701,không tự chủ,VPTU\r\n";
    let import = send(&accountant, 2031, sheet.as_bytes()).await.expect(201);
    let line = &items(&accountant, &format!("/v1/budget-lines?import_id={}", import["id"].as_str().unwrap()))
        .await[0];
    assert_eq!((&line["funding_source"], &line["planned_amount"]), (&json!("non_autonomous"), &json!(100)));
    assert_eq!(
        (&line["issuer"], &line["signed_on"]),
        (&json!("Ban Thường vụ,\nTỉnh ủy"), &json!("2025-12-05"))
    );

    let sheet =
        "board;Ghi chú;board_code;\u{feff}source;sub_item;amount;document_number\nVPTU;;VPTU;13;6701;x;12\n";
    let answer = send(&accountant, 2032, sheet.as_bytes()).await;
    tells(
        &answer,
        &[
            ("#/columns/B", "unknown_column"),
            ("#/columns/C", "duplicate_column"),
            ("#/columns/D", "invisible_character"),
            ("#/columns/source", "missing_column"),
            ("#/columns/issuer", "missing_column"),
            ("#/columns/signed_on", "missing_column"),
            ("#/rows/2/amount", "amount_spelling"),
        ],
    );
}

#[actix_web::test]
async fn a_file_that_is_no_sheet_is_refused() {
    let office = Office::open().await;
    let accountant = office.login("bich.tt");
    let utf16: Vec<u8> = [0xfe_u8, 0xff].into_iter().chain(HEAD.bytes().flat_map(|byte| [0, byte])).collect();
    let many: Vec<String> = (0..5_001).map(|_| "a;b;c;d;e;f;g\n".to_owned()).collect();
    for (bytes, code) in [
        (b"".to_vec(), "empty"),
        (b"\xef\xbb\xbf".to_vec(), "empty"),
        (HEAD.as_bytes().to_vec(), "empty"),
        (utf16, "wrong_content"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "wrong_content"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "wrong_content"),
        (b"PK\x03\x04 and nothing more".to_vec(), "unreadable"),
        (sheet(&many), "too_many_rows"),
        (format!("{HEAD}{}x\n", ";".repeat(60)).into_bytes(), "too_many_columns"),
    ] {
        tells(&send(&accountant, 2029, &bytes).await, &[("#", code)]);
    }
    let path = format!("{IMPORTS}?year=2029&file_name=..%2Fa.csv");
    let answer = accountant.send_file(&path, "text/csv", b"", &[]).await;
    answer.refused(422, "validation_failed");
    assert_eq!(answer.places(), ["#", "file_name"]);
    let path = format!("{IMPORTS}?year=2029&file_name=a.pdf");
    accountant.send_file(&path, "application/pdf", &good(), &[]).await.refused(415, "unsupported_media_type");
    for query in ["file_name=a.csv", "year=1999&file_name=a.csv", "year=2029", "year=x&file_name=a.csv"] {
        let answer = accountant.send_file(&format!("{IMPORTS}?{query}"), "text/csv", &good(), &[]).await;
        answer.refused(400, "malformed_request");
    }
    let huge = vec![b' '; crate::support::LARGEST_FILE + 1];
    send(&accountant, 2029, &huge).await.refused(413, "payload_too_large");
}

/// The headings, and one row as a spreadsheet holds it: codes and amounts as numbers, days as days.
fn fill(sheet: &mut Worksheet, amount: f64) {
    for (column, heading) in
        (0..).zip(["Mã ban", "Nguồn", "Tiểu mục", "Số tiền", "Số quyết định", "Cơ quan ban hành", "Ngày ký"])
    {
        sheet.write_string(0, column, heading).unwrap();
    }
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_string(2, 0, "VPTU").unwrap();
    sheet.write_number(2, 1, 13).unwrap();
    sheet.write_number(2, 2, 6701).unwrap();
    sheet.write_number(2, 3, amount).unwrap();
    sheet.write_string(2, 4, "12-QĐ/TU").unwrap();
    sheet.write_string(2, 5, "Ban Thường vụ").unwrap();
    sheet.write_with_format(2, 6, ExcelDateTime::from_ymd(2025, 12, 5).unwrap(), &day).unwrap();
}

fn workbook(amount: f64, more: impl Fn(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Ẩn").unwrap().set_hidden(true).write_string(0, 0, "ẩn").unwrap();
    let sheet = book.add_worksheet().set_active(true);
    fill(sheet, amount);
    more(sheet);
    book.add_worksheet().write_string(0, 0, "trang khác").unwrap();
    book.save_to_buffer().unwrap()
}

/// The file with some of its XML exchanged.
fn patched(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut anew = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut found = false;
    for index in 0..parts.len() {
        let mut part = parts.by_index(index).unwrap();
        let mut content = String::new();
        part.read_to_string(&mut content).unwrap();
        found |= content.contains(from);
        anew.start_file(part.name().unwrap().into_owned(), SimpleFileOptions::default()).unwrap();
        anew.write_all(content.replace(from, to).as_bytes()).unwrap();
    }
    assert!(found, "{from}");
    anew.finish().unwrap().into_inner()
}

#[actix_web::test]
async fn a_spreadsheet_is_read_as_its_cells_are() {
    let office = Office::open().await;
    let accountant = office.login("bich.tt");
    let path = format!("{IMPORTS}?year=2031&file_name=du-toan.csv");
    let good = workbook(80_000_000.0, |sheet| {
        sheet.write_row(4, 0, ["VPTU", "khong tu chu", "6702"]).unwrap();
        sheet.write_formula(4, 3, Formula::new("D3*2").set_result("160000000")).unwrap();
        sheet.write_row(4, 4, ["12-QĐ/TU", "Ban Thường vụ", "05/12/2025"]).unwrap();
    });
    let import = accountant.send_file(&path, XLSX, &good, &[]).await.expect(201);
    assert_eq!((&import["row_count"], &import["total_amount"]), (&json!(2), &json!(240_000_000)));
    let lines =
        items(&accountant, &format!("/v1/budget-lines?import_id={}", import["id"].as_str().unwrap())).await;
    assert_eq!((&lines[0]["sub_item"], &lines[0]["funding_source"]), (&json!("6701"), &json!("autonomous")));
    assert_eq!(
        (&lines[0]["signed_on"], &lines[1]["signed_on"]),
        (&json!("2025-12-05"), &json!("2025-12-05"))
    );

    let wrong = workbook(1.5, |sheet| {
        let moment = Format::new().set_num_format("dd/mm/yyyy hh:mm");
        sheet.write_string(3, 0, "VPTU").unwrap();
        sheet.write_boolean(3, 1, true).unwrap();
        sheet.write_number(3, 2, 6702.5).unwrap();
        sheet.write_formula(3, 3, Formula::new("D3*2").set_result("77")).unwrap();
        sheet.write_with_format(3, 4, ExcelDateTime::from_ymd(2025, 12, 5).unwrap(), &moment).unwrap();
        sheet.write_formula(3, 5, Formula::new("1/0").set_result("#DIV/0!")).unwrap();
        let noon = ExcelDateTime::from_ymd(2025, 12, 5).unwrap().and_hms(12, 0, 0).unwrap();
        sheet.write_with_format(3, 6, &noon, &moment).unwrap();
    });
    let wrong = patched(&wrong, "<v>77</v>", "");
    let answer = accountant.send_file(&path, XLSX, &wrong, &[]).await;
    tells(
        &answer,
        &[
            ("#/rows/3/amount", "amount_spelling"),
            ("#/rows/3", "line_exists"),
            ("#/rows/4/source", "wrong_kind"),
            ("#/rows/4/sub_item", "wrong_kind"),
            ("#/rows/4/amount", "formula_without_value"),
            ("#/rows/4/document_number", "wrong_kind"),
            ("#/rows/4/issuer", "wrong_kind"),
            ("#/rows/4/signed_on", "format"),
        ],
    );
}

#[actix_web::test]
async fn a_small_file_with_an_enormous_sheet_is_refused_unread() {
    let office = Office::open().await;
    let accountant = office.login("bich.tt");
    let sheet = workbook(1.0, |_| {});
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("xl/media/image1.png", SimpleFileOptions::default()).unwrap();
    bomb.write_all(&vec![0; 40 * 1024 * 1024]).unwrap();
    let bomb = bomb.finish().unwrap().into_inner();
    let cells = |count: usize| "<c r=\"A3\"/>".repeat(count);
    for (what, bytes, code) in [
        ("forty megabytes of nothing", bomb, "too_large"),
        ("a cell at the far end", patched(&sheet, "r=\"A3\"", "r=\"XFD3\""), "too_many_columns"),
        (
            "a list that promises more texts than there can be",
            patched(&sheet, "uniqueCount=\"", "uniqueCount=\"99999999"),
            "too_large",
        ),
        ("another encoding", patched(&sheet, "<sst", "\u{1b}<sst"), "unreadable"),
        ("no sheet", patched(&sheet, "<sheetData>", "<sheetDate>"), "unreadable"),
        (
            "cells without end",
            patched(&sheet, "<c r=\"A3\"", &format!("{}<c r=\"A3\"", cells(200_001))),
            "too_large",
        ),
    ] {
        assert!(bytes.len() < crate::support::LARGEST_FILE, "{what}: {}", bytes.len());
        let path = format!("{IMPORTS}?year=2031&file_name=a.xlsx");
        let answer = accountant.send_file(&path, XLSX, &bytes, &[]).await;
        assert_eq!(told(&answer), [("#".to_owned(), code.to_owned())], "{what}");
    }
    // A cell far below is a row like any other.
    let deep = patched(&sheet, "<row r=\"3\"", "<row r=\"1048576\"");
    let deep = ["A", "B", "C", "D", "E", "F", "G"].iter().fold(deep, |deep, column| {
        patched(&deep, &format!("r=\"{column}3\""), &format!("r=\"{column}1048576\""))
    });
    let path = format!("{IMPORTS}?year=2031&file_name=a.xlsx");
    accountant.send_file(&path, XLSX, &deep, &[]).await.expect(201);
}

#[actix_web::test]
async fn two_thousand_rows_are_imported_and_put_in_force() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let known =
        sub_items::Entity::find().filter(sub_items::Column::Code.eq("6701")).one(db).await.unwrap().unwrap();
    let more = (0..250).map(|n| {
        let code = (8000 + n).to_string();
        sub_items::Model { id: id(&format!("sub-item {n}")), code, ..known.clone() }.into_active_model()
    });
    sub_items::Entity::insert_many(more).exec_without_returning(db).await.unwrap();
    let boards = ["VPTU", "BTCTU", "UBKTTU", "BNCTU"];
    let rows: Vec<String> = (0..2_000)
        .map(|n| {
            row(boards[n % 4], ["13", "12"][n / 4 % 2], &(8000 + n / 8).to_string(), &(n + 1).to_string())
        })
        .collect();
    let import = send(&office.login("bich.tt"), 2035, &sheet(&rows)).await.expect(201);
    assert_eq!((&import["row_count"], &import["total_amount"]), (&json!(2_000), &json!(2_001_000)));
    office.login("an.nv").act(&address(&import), "activate", json!({})).await.expect(200);
    assert_eq!(count(&office, 2035).await, (2_000, 1));
    let lines =
        budget_lines::Entity::find().filter(budget_lines::Column::Year.eq(2035)).all(db).await.unwrap();
    assert!(lines.iter().all(|line| line.available_amount == line.planned_amount && line.version == 3));
    assert_eq!(lines.iter().map(|line| line.available_amount).sum::<i64>(), 2_001_000);
    let report = shared_office::ops::verify::run(&office.app.db, office.app.clock.now()).await.unwrap();
    assert_eq!(json!(report)["ok"], true, "{:#}", json!(report));
}

#[actix_web::test]
async fn the_chief_accountant_imports_another_activates_and_who_reads_all_budgets_reads_it() {
    let office = Office::open().await;
    for who in ["an.nv", "ha.lt", "phuoc.dh", "quang.lm", "lan.ht", "kien.ht"] {
        send(&office.login(who), 2029, &good()).await.refused(403, "forbidden");
    }
    assert_eq!(send(&office.visitor(), 2029, &good()).await.status, 401);
    let (accountant, chief) = (office.login("bich.tt"), office.login("an.nv"));
    let import = send(&accountant, 2029, &good()).await.expect(201);
    for who in ["an.nv", "quang.lm", "lan.ht"] {
        office.login(who).get(&address(&import)).await.expect(200);
    }
    let head = office.login("phuoc.dh");
    head.get(&address(&import)).await.refused(404, "not_found");
    head.get(&format!("{}/history", address(&import))).await.refused(404, "not_found");
    assert_eq!(items(&head, IMPORTS).await, Vec::<Value>::new());

    // Both roles in one hand are not two hands.
    let grant = format!("/v1/users/{}/grant-role", id("lg_bich"));
    let role = json!({"role": "chief_of_office", "valid_from": "2025-01-01"});
    office.login("kien.ht").post(&grant, role).await.expect(200);
    accountant.act(&address(&import), "activate", json!({})).await.refused(403, "four_eyes");

    // A line that was put in force by itself keeps its own entry, and the import brings the others.
    let import_id = import["id"].as_str().unwrap();
    let lines = items(&chief, &format!("/v1/budget-lines?import_id={import_id}&sub_item=6702")).await;
    let line = format!("/v1/budget-lines/{}", lines[0]["id"].as_str().unwrap());
    chief.act(&line, "activate", json!({})).await.expect(200);
    chief.act(&address(&import), "activate", json!({})).await.expect(200);
    assert_eq!(verbs(&chief, &line).await, ["create", "activate", "appropriate"]);
    let entries = items(&chief, &format!("/v1/budget-entries?document_id={import_id}")).await;
    assert_eq!(entries.len(), 1);
}
