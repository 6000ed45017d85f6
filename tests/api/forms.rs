//! Forms, read back from their PDF: they say what the record says, and nothing of a record becomes part of a template.

use entity::travel_order_legs::{self, LegKind, Lodging, Transport};
use entity::travel_orders::TravelOrderStatus;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, Set};
use unicode_normalization::UnicodeNormalization;

use crate::support::dispatch::{approved, approved_with, driven, issue, issued, january, planned, step};
use crate::support::travel::{Order, set_status};
use crate::support::{Answer, Client, Office, Value, at, id, json};

const CLAIMS: &str = "/v1/expense-claims";

/// A form as a reader of PDF understands it.
struct Paper {
    /// All texts without any space, since a line may break anywhere.
    text: String,
    pages: usize,
}

impl Paper {
    fn of(answer: &Answer) -> Self {
        answer.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/pdf"));
        let document = lopdf::Document::load_mem(&answer.bytes).expect("a PDF");
        let pages: Vec<u32> = document.get_pages().into_keys().collect();
        let text = document.extract_text(&pages).expect("texts that can be copied");
        Self { text: squeezed(&text), pages: pages.len() }
    }

    #[track_caller]
    fn says(&self, value: &str) {
        assert!(self.text.contains(&squeezed(value)), "{value:?} is not in {}", self.text);
    }

    #[track_caller]
    fn is_silent_about(&self, value: &str) {
        assert!(!self.text.contains(&squeezed(value)), "{value:?} is in {}", self.text);
    }
}

fn squeezed(text: &str) -> String {
    text.nfc().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

async fn printed(client: &Client, form: &str) -> Paper {
    Paper::of(&client.get(form).await)
}

fn dispatch_order(trip: &str) -> String {
    format!("{trip}/dispatch-order")
}

fn payment_request(claim: &str) -> String {
    format!("{claim}/payment-request")
}

fn line(description: &str, amount: i64) -> Value {
    json!({"kind": "other", "incurred_on": "2025-12-10", "description": description, "claimed_amount": amount})
}

/// A claim of the organisation board's requester that was submitted; its address.
async fn submitted(office: &Office, purpose: &str, lines: Vec<Value>) -> String {
    let body = json!({"board_id": id("btctu"), "kind": "other", "purpose": purpose, "lines": lines});
    let claimant = office.login("duong.ntt");
    let claim = claimant.post(CLAIMS, body).await.expect(201);
    let claim = format!("{CLAIMS}/{}", claim["id"].as_str().unwrap());
    claimant.act(&claim, "submit", json!({})).await.expect(200);
    claim
}

#[actix_web::test]
async fn a_dispatch_order_says_what_the_trip_says() {
    let office = Office::open().await;
    let dispatcher = office.login("thinh.bd");
    let booking = approved(&office, "btctu", "07:00", "17:00").await;
    let trip = planned(&office, &[&booking], "v_everest", "dr_son").await;
    let form = dispatch_order(&trip);
    let refused = dispatcher.get(&form).await.refused(422, "form_not_ready");
    assert_eq!(refused["current_status"], "planned");

    let shown = issue(&dispatcher, &trip).await.expect(200);
    let paper = printed(&dispatcher, &form).await;
    let number = shown["number"].as_str().unwrap();
    for text in [
        "ĐẢNG CỘNG SẢN VIỆT NAM",
        "VĂN PHÒNG TỈNH ỦY",
        "Đắk Lắk, ngày 12 tháng 12 năm 2025",
        "LỆNH ĐIỀU XE",
        &format!("Số {number}"),
        "Lái xe: Phan Thanh Sơn",
        "Giờ đi: 07 giờ 00, 12/01/2026",
        "Dự kiến về: 17 giờ 00, 12/01/2026",
        "Ban Tổ chức Tỉnh ủy",
        "Nguyễn Thị Thùy Dương",
        "Làm việc tại cơ sở",
        shown["route"].as_str().unwrap(),
        "NGƯỜI ĐIỀU XE",
        "Bùi Đức Thịnh",
    ] {
        paper.says(text);
    }
    let car = dispatcher.get(&format!("/v1/vehicles/{}", id("v_everest"))).await.expect(200);
    let plate = car["plate"].as_str().unwrap();
    paper.says(&format!(
        "{}, biển số {}-{}.{}",
        car["name"].as_str().unwrap(),
        &plate[..3],
        &plate[3..6],
        &plate[6..]
    ));
    paper.is_silent_about("45.560");
    paper.is_silent_about("Sửa đổi");

    office.set_clock("2026-01-11T08:00:00+07:00");
    let amended = json!({"note": "Mang theo áo mưa"});
    step(&dispatcher, &trip, "amend", amended).await.expect(200);
    driven(&office, &trip, 45_560, 45_760).await;
    let paper = printed(&dispatcher, &form).await;
    for text in ["(Sửa đổi lần 1)", "Ghi chú: Mang theo áo mưa", "45.560", "45.760", "Quãng đường (km)200"]
    {
        paper.says(text);
    }
}

#[actix_web::test]
async fn a_void_dispatch_order_says_so() {
    let office = Office::open().await;
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    let dispatcher = office.login("thinh.bd");
    step(&dispatcher, &trip, "void", json!({"reason": "Hoãn do mưa bão"})).await.expect(200);
    printed(&dispatcher, &dispatch_order(&trip)).await.says("ĐÃ HỦY: Hoãn do mưa bão");
}

#[actix_web::test]
async fn a_board_finds_its_own_bookings_on_a_shared_dispatch_order() {
    let office = Office::open().await;
    let to = |place: &str| json!({"destination": place});
    let (from, until) = (january("07:00"), january("17:00"));
    let own = approved_with(&office, "btctu", &from, &until, to("Xã Ea Kao")).await;
    let other = approved_with(&office, "bnctu", &from, &until, to("Xã Cư Mgar")).await;
    let trip = planned(&office, &[&own, &other], "v_everest", "dr_son").await;
    issue(&office.login("thinh.bd"), &trip).await.expect(200);
    let form = dispatch_order(&trip);
    let all = printed(&office.login("son.pt"), &form).await;
    let part = printed(&office.login("duong.ntt"), &form).await;
    for (place, board) in [("Xã Ea Kao", "Ban Tổ chức Tỉnh ủy"), ("Xã Cư Mgar", "Ban Nội chính Tỉnh ủy")]
    {
        all.says(place);
        all.says(board);
    }
    part.says("Xã Ea Kao");
    part.is_silent_about("Xã Cư Mgar");
    part.is_silent_about("Ban Nội chính");
}

#[actix_web::test]
async fn a_payment_request_says_what_the_claim_says() {
    let office = Office::open().await;
    let invoice = json!({"seller_tax_code": "6001112223", "number": "0000987", "issued_on": "2025-12-09"});
    let mut night = line("Phòng nghỉ 1 đêm", 500_000);
    night["kind"] = json!("lodging_receipt");
    night["invoice"] = invoice;
    let claim = submitted(&office, "Khảo sát cơ sở", vec![line("Văn phòng phẩm", 1_205_000), night]).await;
    let form = payment_request(&claim);
    let duong = office.login("duong.ntt");
    let shown = duong.get(&claim).await.expect(200);
    let paper = printed(&duong, &form).await;
    for text in [
        "Đơn vị: Văn phòng Tỉnh ủy",
        "Bộ phận: Ban Tổ chức Tỉnh ủy",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "GIẤY ĐỀ NGHỊ THANH TOÁN",
        &format!("Số: {}", shown["number"].as_str().unwrap()),
        "ngày 12 tháng 12 năm 2025",
        "Người đề nghị thanh toán: Nguyễn Thị Thùy Dương",
        "Nội dung thanh toán: Khảo sát cơ sở",
        "Văn phòng phẩm 10/12/2025 1.205.000",
        "Phòng nghỉ 1 đêm 10/12/2025 0000987, 09/12/2025 500.000",
        "Số tiền đề nghị thanh toán: 1.705.000 đồng",
        "Bằng chữ: Một triệu bảy trăm linh năm nghìn đồng",
        "Kèm theo: 1 hóa đơn",
    ] {
        paper.says(text);
    }
    paper.is_silent_about("Số tiền được duyệt");
    paper.is_silent_about("Lê Thu Hà");

    office.login("phuoc.dh").act(&claim, "confirm", json!({})).await.expect(200);
    let verdict = json!({"line": 1, "allowed_amount": 400_000, "cut_reason": "Vượt định mức"});
    office.login("ha.lt").act(&claim, "verify", json!({"lines": [verdict]})).await.expect(200);
    let paper = printed(&duong, &form).await;
    for text in [
        "Giảm: Vượt định mức",
        "Số tiền được duyệt: 1.605.000 đồng",
        "Bằng chữ: Một triệu sáu trăm linh năm nghìn đồng",
        "Đặng Hữu Phước",
        "Lê Thu Hà",
    ] {
        paper.says(text);
    }
}

#[actix_web::test]
async fn a_claim_that_is_still_written_has_no_payment_request() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let body = json!({"board_id": id("btctu"), "kind": "other", "purpose": "Văn phòng phẩm"});
    let claim = duong.post(CLAIMS, body).await.expect(201);
    let form = payment_request(&format!("{CLAIMS}/{}", claim["id"].as_str().unwrap()));
    assert_eq!(duong.get(&form).await.refused(422, "form_not_ready")["current_status"], "draft");
}

#[actix_web::test]
async fn texts_of_a_record_are_shown_and_never_carried_out() {
    let office = Office::open().await;
    let hostile = [
        "#panic(\"x\") #read(\"/etc/passwd\") #include \"common.typ\"",
        "*đậm* _nghiêng_ $x^2$ @ref <nhãn> `mã` = Tiêu đề",
        "\\u{41} // chú thích /* khối */ https://example.org --- ... ~ \"trích\" 'x'",
        "]] }} )) [[ {{ (( #let data = none; data.head",
        "H'Ƀlĭ Kbuôr, Y Čhin Ktul, H'Yăm Ayŭn: ƀ Ŏ ŏ Ĭ Ñ ñ Ư",
    ];
    let lines = hostile.iter().map(|text| line(text, 1_000)).collect();
    let long = "w".repeat(400);
    let claim = submitted(&office, &long, lines).await;
    let paper = printed(&office.login("duong.ntt"), &payment_request(&claim)).await;
    paper.says(&long);
    for text in hostile {
        paper.says(text);
    }
}

#[actix_web::test]
async fn a_form_that_says_the_same_is_not_sent_again() {
    let office = Office::open().await;
    let claim = submitted(&office, "Văn phòng phẩm", vec![line("Giấy in", 90_000)]).await;
    let (form, duong) = (payment_request(&claim), office.login("duong.ntt"));
    let first = duong.get(&form).await;
    let tag = first.header("etag").unwrap().to_owned();
    office.set_clock("2025-12-15T08:00:00+07:00");
    let ask = async |headers: &[(&str, &str)]| duong.send(Method::GET, &form, None, headers).await;
    let again = ask(&[("If-None-Match", &tag)]).await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    // Neither the day of printing nor the language of the caller is on a form.
    let english = ask(&[("Accept-Language", "en"), ("Accept", "application/pdf")]).await;
    assert!(english.expect(200).is_null() && english.bytes == first.bytes);
    let name = first.header("content-disposition").unwrap();
    assert!(name.starts_with("inline; filename*=UTF-8''Gi%E1%BA%A5y%20"), "{name}");
    ask(&[("Accept", "application/json")]).await.refused(406, "not_acceptable");
    office.login("phuoc.dh").act(&claim, "confirm", json!({})).await.expect(200);
    let changed = ask(&[("If-None-Match", &tag)]).await;
    assert_eq!(changed.status, 200);
    Paper::of(&changed).says("Đặng Hữu Phước");
}

#[actix_web::test]
async fn a_form_is_for_who_may_read_its_record() {
    let office = Office::open().await;
    let claim = submitted(&office, "Văn phòng phẩm", vec![line("Giấy in", 90_000)]).await;
    let (trip, _) = issued(&office, "07:00", "17:00", "v_everest", "dr_son").await;
    let vinh = office.login("vinh.pt");
    let same = [("X-Request-Id", "the-same-request")];
    for (form, nowhere) in [
        (payment_request(&claim), payment_request(&format!("{CLAIMS}/{}", id("no_claim")))),
        (dispatch_order(&trip), dispatch_order(&format!("/v1/trips/{}", id("no_trip")))),
    ] {
        let foreign = vinh.send(Method::GET, &form, None, &same).await;
        let never = vinh.send(Method::GET, &nowhere, None, &same).await;
        foreign.refused(404, "not_found");
        assert_eq!(foreign.text, never.text);
        office.visitor().get(&form).await.refused(401, "token_invalid");
        printed(&office.login("quang.lm"), &form).await;
    }
}

#[actix_web::test]
async fn a_long_table_goes_on_over_pages_and_repeats_its_head() {
    let office = Office::open().await;
    let lines = (0..100).map(|place| line(&format!("Khoản chi thứ {place}"), 999_999_999_999)).collect();
    let claim = submitted(&office, "Nhiều khoản", lines).await;
    let paper = printed(&office.login("duong.ntt"), &payment_request(&claim)).await;
    assert!(paper.pages > 2, "{} pages", paper.pages);
    let heads = paper.text.matches("Nộidungchi").count();
    assert!(heads == paper.pages || heads + 1 == paper.pages, "{heads} heads on {} pages", paper.pages);
    for place in 0..100 {
        paper.says(&format!("Khoản chi thứ {place} 10/12/2025 999.999.999.999"));
    }
    paper.says("99.999.999.999.900 đồng");
}

#[actix_web::test]
async fn the_request_of_an_advance_says_what_the_advance_says() {
    let office = Office::open().await;
    let duong = office.login("duong.ntt");
    let body = json!({"board_id": id("btctu"), "purpose": "Mua tài liệu hội nghị", "amount": 1_500_000, "settle_by": "2025-12-31"});
    let advance = duong.post("/v1/advances", body).await.expect(201);
    let path = format!("/v1/advances/{}", advance["id"].as_str().unwrap());
    let form = format!("{path}/advance-request");
    let paper = printed(&duong, &form).await;
    for text in [
        "GIẤY ĐỀ NGHỊ TẠM ỨNG",
        &format!("Số: {}", advance["number"].as_str().unwrap()),
        "ngày 12 tháng 12 năm 2025",
        "Tên tôi là: Nguyễn Thị Thùy Dương",
        "Bộ phận công tác: Ban Tổ chức Tỉnh ủy",
        "Đề nghị cho tạm ứng số tiền: 1.500.000 đồng",
        "Bằng chữ: Một triệu năm trăm nghìn đồng",
        "Lý do tạm ứng: Mua tài liệu hội nghị",
        "Thời hạn thanh toán: 31/12/2025",
    ] {
        paper.says(text);
    }
    paper.is_silent_about("Nguyễn Văn An");
    office.login("an.nv").act(&path, "approve", json!({})).await.expect(200);
    printed(&duong, &form).await.says("Nguyễn Văn An");
    duong.act(&path, "cancel", json!({"reason": "Không cần nữa"})).await.expect(200);
    duong.get(&form).await.refused(422, "form_not_ready");
    office.login("vinh.pt").get(&form).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_travel_expense_sheet_divides_the_costs_and_settles_the_advance() {
    let office = Office::open().await;
    let order = Order { name: "journey", ..Order::default() }.given(&office).await;
    let duong = office.login("duong.ntt");
    let body = json!({"board_id": id("btctu"), "travel_order_id": order, "purpose": "Tạm ứng", "amount": 3_000_000, "settle_by": null});
    let advance = duong.post("/v1/advances", body).await.expect(201);
    let advance = format!("/v1/advances/{}", advance["id"].as_str().unwrap());
    office.login("an.nv").act(&advance, "approve", json!({})).await.expect(200);
    let voucher = json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": "PC-77"});
    office.login("lan.ht").act(&advance, "pay", voucher).await.expect(200);
    let cost = |kind: &str, amount: i64| {
        let invoice = json!({"seller_tax_code": "6001112223", "number": kind, "issued_on": "2025-11-11"});
        json!({"kind": kind, "incurred_on": "2025-11-11", "description": kind, "claimed_amount": amount, "invoice": invoice})
    };
    let lines = [
        cost("ticket", 410_000),
        cost("hired_vehicle", 520_000),
        cost("per_diem", 630_000),
        cost("lodging_receipt", 740_000),
        cost("other", 50_000),
    ];
    let body = json!({"board_id": id("btctu"), "kind": "travel", "purpose": "Khảo sát", "travel_order_id": order, "lines": lines});
    let claim = duong.post(CLAIMS, body).await.expect(201);
    let claim = format!("{CLAIMS}/{}", claim["id"].as_str().unwrap());
    let form = format!("{claim}/travel-expense-sheet");
    duong.get(&form).await.refused(422, "form_not_ready");
    set_status(&office, order, TravelOrderStatus::Completed).await;
    duong.act(&claim, "submit", json!({})).await.expect(200);
    let paper = printed(&duong, &form).await;
    for text in [
        "Mẫu số C17-HD",
        "Tháng 12 năm 2025",
        "1 Nguyễn Thị Thùy Dương Ban Tổ chức Tỉnh ủy 410.000 520.000 630.000 740.000 2.350.000 3.000.000 650.000 0",
        "Cột (5) gồm cả 50.000 đồng chi phí khác",
        "Hai triệu ba trăm năm mươi nghìn đồng",
        "Số chứng từ gốc kèm theo: 5",
    ] {
        paper.says(text);
    }
    let other = submitted(&office, "Văn phòng phẩm", vec![line("Giấy in", 90_000)]).await;
    duong.get(&format!("{other}/travel-expense-sheet")).await.refused(422, "form_not_ready");
}

#[actix_web::test]
async fn a_travel_permit_has_a_page_for_each_traveller() {
    let office = Office::open().await;
    let travellers = &["p_duong", "p_phuoc"];
    let order = Order { name: "pair", travellers, ..Order::default() }.given(&office).await;
    let leg = travel_order_legs::ActiveModel {
        id: Set(id("pair/leg")),
        order_id: Set(order),
        kind: Set(LegKind::Planned),
        position: Set(0),
        from_place: Set("Buôn Ma Thuột".to_owned()),
        to_place: Set("Đà Lạt".to_owned()),
        starts_at: Set(at("2025-11-10T07:00:00+07:00")),
        ends_at: Set(at("2025-11-12T17:00:00+07:00")),
        place_class: Set(None),
        other_place_classes: Set(json!([])),
        transport: Set(Transport::Air),
        one_way_km_hundredths: Set(Some(20_050)),
        round_trip: Set(true),
        difficult_area: Set(false),
        at_sea: Set(false),
        ticket_amount: Set(Some(1_250_000)),
        lodging: Set(Lodging::LumpSum),
        room_amount: Set(None),
        room_occupants: Set(None),
        late_check_out_cause: Set(None),
        late_check_out_reason: Set(None),
    };
    leg.insert(&office.app.db.writer).await.expect("a leg");
    let duong = office.login("duong.ntt");
    let form = format!("/v1/travel-orders/{order}/travel-permit");
    let paper = printed(&duong, &form).await;
    assert_eq!(paper.pages, 2);
    for text in [
        "Mẫu số C16-HD",
        "GIẤY ĐI ĐƯỜNG",
        "Cấp cho: Nguyễn Thị Thùy Dương",
        "Cấp cho: Đặng Hữu Phước",
        "Được cử đi công tác tại: Đà Lạt",
        "Nội dung công tác: Khảo sát",
        "Theo quyết định số: TO-pair, ngày 12/12/2025",
        "từ ngày 10/11/2025 đến ngày 12/11/2025",
        "Nơi đi: Buôn Ma Thuột",
        "Nơi đến: Đà Lạt",
        "Đi: 07 giờ 00, 10/11/2025",
        "Máy bay",
        "401,00",
        "Vé tàu, xe, máy bay: 1.250.000 đồng",
        "Nguyễn Văn An",
    ] {
        paper.says(text);
    }
    office.login("vinh.pt").get(&form).await.refused(404, "not_found");
    set_status(&office, order, TravelOrderStatus::Cancelled).await;
    assert_eq!(duong.get(&form).await.refused(422, "form_not_ready")["current_status"], "cancelled");
}
