//! The story of an office, told through HTTP with the people of the demo: set up from nothing in 2018, two
//! boards merged in 2025, and the winter after.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Client, Office, PASSWORD, PDF};

/// The rows of the demo office, as facts to type in.
fn rows(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../../src/demo/office.json")).unwrap();
    all[kind].as_array().unwrap().clone()
}

/// What was made so far, by the demo's references.
#[derive(Default)]
struct Made(BTreeMap<String, String>);

impl Made {
    fn id(&self, reference: &str) -> &str {
        self.0.get(reference).unwrap_or_else(|| panic!("{reference} was not made"))
    }

    async fn make(&mut self, client: &Client, path: &str, reference: &str, body: Value) -> Value {
        let made = client.post(path, body).await.expect(201);
        self.0.insert(reference.to_owned(), made["id"].as_str().unwrap().to_owned());
        made
    }
}

/// A login with its roles: `(role, board)`, the board empty for the whole office.
async fn hire(made: &mut Made, admin: &Client, username: &str, person: &str, roles: &[(&str, &str)]) {
    let body = json!({"username": username, "password": PASSWORD, "staff_id": made.id(person)});
    let user = admin.post("/v1/users", body).await.expect(201);
    let address = format!("/v1/users/{}", user["id"].as_str().unwrap());
    made.0.insert(username.to_owned(), address.clone());
    for (role, board) in roles {
        give(made, admin, username, role, board, "2018-12-25").await;
    }
}

async fn give(made: &Made, admin: &Client, username: &str, role: &str, board: &str, from: &str) {
    let board = (!board.is_empty()).then(|| made.id(board));
    let grant = json!({"role": role, "board_id": board, "valid_from": from});
    admin.post(&format!("{}/grant-role", made.id(username)), grant).await.expect(200);
}

/// The verbs of a record's history, in order.
async fn history(client: &Client, record: &str) -> Vec<String> {
    let page = client.get(&format!("{record}/history")).await.expect(200);
    let entries = page["items"].as_array().unwrap();
    entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

async fn set_up(office: &Office) -> Made {
    let mut made = Made::default();
    shared_office::users::create_admin(&office.app, "quan.tri", PASSWORD)
        .await
        .expect("the first administrator");
    let admin = office.login("quan.tri");
    for person in rows("people") {
        let body = json!({"employee_code": person["employee_code"], "full_name": person["full_name"]});
        made.make(&admin, "/v1/staff", person["ref"].as_str().unwrap(), body).await;
    }
    hire(&mut made, &admin, "an.nv", "p_an", &[("chief_of_office", "")]).await;
    let chief = office.login("an.nv");
    for person in ["p_mai", "p_ha", "p_thuan", "p_dung"] {
        let body = json!({"staff_id": made.id(person), "active_from": "2018-12-25"});
        made.make(&chief, "/v1/accountants", &format!("{person}/accountant"), body).await;
    }
    let assignments = rows("accountant_assignments");
    for board in rows("boards").iter().filter(|board| board["successor_of"] == json!([])) {
        let first = assignments.iter().find(|row| row["board"] == board["ref"]).unwrap();
        let accountant = format!("{}/accountant", first["person"].as_str().unwrap());
        let body = json!({
            "code": board["code"], "name": board["name_vi"], "name_en": board["name_en"], "kind": "advisory_body",
            "valid_from": board["valid_from"], "accountant_id": made.id(&accountant),
            "decision_number": first["decision_number"],
        });
        made.make(&chief, "/v1/boards", board["ref"].as_str().unwrap(), body).await;
    }
    for row in rows("appointments").iter().filter(|row| row["valid_from"] == "2018-12-25") {
        let body = json!({
            "position": row["position"], "board_id": made.id(row["board"].as_str().unwrap()), "title": row["title_vi"],
            "allowance_coefficient": row["position_allowance_coefficient"], "valid_from": row["valid_from"],
            "decision_number": row["decision_number"],
        });
        let staff = format!("/v1/staff/{}/appoint", made.id(row["person"].as_str().unwrap()));
        admin.post(&staff, body).await.expect(200);
    }
    for (username, person, roles) in [
        ("linh.n", "p_linh", vec![("chief_of_office", "")]),
        ("bich.tt", "p_bich", vec![("chief_accountant", "")]),
        ("lan.ht", "p_lan", vec![("cashier", "")]),
        ("tu.dc", "p_tu", vec![("driver", "")]),
        ("thinh.bd", "p_thinh", vec![("dispatcher", ""), ("requester", "vptu")]),
        ("phuoc.dh", "p_phuoc", vec![("board_head", "btctu"), ("requester", "btctu")]),
        ("duong.ntt", "p_duong", vec![("requester", "btctu")]),
        ("vinh.pt", "p_vinh", vec![("requester", "ubkttu")]),
        ("chin.k", "p_chin", vec![("requester", "bnctu")]),
        ("khoi.vm", "p_khoi", vec![("board_head", "btgtu")]),
        ("bli.k", "p_bli", vec![("requester", "bdvtu")]),
        ("ha.lt", "p_ha", vec![]),
        ("dung.pq", "p_dung", vec![]),
        ("thuan.b", "p_thuan", vec![]),
    ] {
        hire(&mut made, &admin, username, person, &roles).await;
    }
    made
}

fn claim(made: &Made, board: &str, invoice: Option<&str>) -> Value {
    let invoice = invoice
        .map(|number| json!({"seller_tax_code": "6000123456", "number": number, "issued_on": "2025-01-08"}));
    json!({
        "board_id": made.id(board), "kind": "other", "purpose": "In tài liệu",
        "lines": [{"kind": "conference_printing", "incurred_on": "2025-01-08", "description": "84 bộ tài liệu",
            "claimed_amount": 1_260_000, "invoice": invoice}],
    })
}

/// The chief accountant plans a budget line, and a chief of office gives it its money.
async fn allocate(office: &Office, made: &mut Made, board: &str, (year, sub_item): (i64, &str), amount: i64) {
    let body = json!({"year": year, "board_id": made.id(board), "funding_source": "autonomous", "sub_item": sub_item,
        "planned_amount": amount, "document_number": "12-QĐ/TU", "issuer": "Ban Thường vụ Tỉnh ủy", "signed_on": "2024-12-25"});
    let name = format!("{board} {year} {sub_item}");
    made.make(&office.login("bich.tt"), "/v1/budget-lines", &name, body).await;
    let line = format!("/v1/budget-lines/{}", made.id(&name));
    let active = office.login("an.nv").act(&line, "activate", json!({})).await.expect(200);
    assert_eq!((&active["status"], &active["available_amount"]), (&json!("active"), &json!(amount)));
}

/// What a line has available, committed and spent.
async fn balances(office: &Office, made: &Made, name: &str) -> [i64; 3] {
    let line = office.login("an.nv").get(&format!("/v1/budget-lines/{}", made.id(name))).await.expect(200);
    ["available_amount", "committed_amount", "spent_amount"].map(|field| line[field].as_i64().unwrap())
}

/// The boards of 2018 work on; in February 2025 two of them merge, and what was open is finished by the people
/// of the new one.
async fn two_boards_merge(office: &Office, made: &mut Made) {
    office.set_clock("2025-02-10T09:00:00+07:00");
    allocate(office, made, "bdvtu", (2025, "6651"), 2_000_000).await;
    let body = claim(made, "bdvtu", Some("HD-0001"));
    made.make(&office.login("bli.k"), "/v1/expense-claims", "old claim", body).await;
    let old_claim = format!("/v1/expense-claims/{}", made.id("old claim"));
    office.login("bli.k").act(&old_claim, "submit", json!({})).await.expect(200);

    let chief = office.login("an.nv");
    let body = json!({"code": "BTGDVTU", "name": "Ban Tuyên giáo và Dân vận Tỉnh ủy", "kind": "advisory_body",
        "valid_from": "2025-02-15", "accountant_id": made.id("p_thuan/accountant"), "decision_number": "27-QĐ/VPTU"});
    made.make(&chief, "/v1/boards", "btgdvtu", body).await;
    let board = format!("/v1/boards/{}", made.id("btgdvtu"));
    let merger =
        json!({"predecessor_ids": [made.id("btgtu"), made.id("bdvtu")], "reason": "Hợp nhất hai ban"});
    chief.act(&board, "merge", merger).await.expect(200);
    give(made, &office.login("quan.tri"), "khoi.vm", "board_head", "btgdvtu", "2025-02-15").await;

    office.set_clock("2025-02-17T09:00:00+07:00");
    let chief = office.login("an.nv");
    let old = chief.get(&format!("/v1/boards/{}", made.id("bdvtu"))).await.expect(200);
    assert_eq!(old["valid_to"], "2025-02-14");
    let acting =
        chief.get(&format!("/v1/boards/{}/accountant?on=2025-02-17", made.id("bdvtu"))).await.expect(200);
    assert_eq!(
        acting["acting"]["staff_id"],
        made.id("p_thuan"),
        "the successor's accountant looks after old files"
    );
    let head = office.login("khoi.vm");
    head.act(&old_claim, "confirm", json!({})).await.expect(200);
    office.login("thuan.b").act(&old_claim, "verify", json!({})).await.expect(200);
    chief.act(&old_claim, "approve", json!({})).await.expect(200);
    let payment = json!({"method": "cash", "paid_on": "2025-02-17", "voucher_number": "PC-2025-001"});
    office.login("lan.ht").act(&old_claim, "pay", payment).await.expect(200);
    assert_eq!(history(&head, &old_claim).await, ["create", "submit", "confirm", "verify", "approve", "pay"]);
    assert_eq!(balances(office, made, "bdvtu 2025 6651").await, [740_000, 0, 1_260_000]);
    assert_eq!(history(&chief, &format!("/v1/boards/{}", made.id("bdvtu"))).await, ["create", "end"]);
    assert_eq!(history(&chief, &board).await, ["create", "merge"]);
}

/// An accountant hands a board over; the open files move with it, and from that day another one verifies.
async fn an_accountant_hands_over(office: &Office, made: &mut Made) {
    office.set_clock("2025-06-20T09:00:00+07:00");
    let body = claim(made, "bnctu", None);
    made.make(&office.login("chin.k"), "/v1/expense-claims", "open claim", body).await;
    let open_claim = format!("/v1/expense-claims/{}", made.id("open claim"));
    office.login("chin.k").act(&open_claim, "submit", json!({})).await.expect(200);
    let accountants = office.login("bich.tt");
    let of_board = format!("/v1/accountant-assignments?board_id={}&on=2025-06-20", made.id("bnctu"));
    let assignment =
        accountants.get(&of_board).await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let assignment = format!("/v1/accountant-assignments/{assignment}");
    let hand_over = json!({"accountant_id": made.id("p_dung/accountant"), "valid_from": "2025-07-01",
        "decision_number": "26-QĐ/VPTU"});
    let handed = accountants.act(&assignment, "hand-over", hand_over).await.expect(200);
    assert_eq!(handed["open_files"][0]["id"], made.id("open claim"));
    for (day, person) in [("2025-06-30", "p_ha"), ("2025-07-01", "p_dung")] {
        let path = format!("/v1/boards/{}/accountant?on={day}", made.id("bnctu"));
        let answer = accountants.get(&path).await.expect(200);
        assert_eq!(answer["in_charge"]["staff_id"], made.id(person), "{day}");
    }
    assert_eq!(history(&accountants, &assignment).await, ["create", "hand-over"]);
}

/// Two boards want one car for the same morning: one gets it, the other is shown what is free.
async fn two_boards_want_one_car(office: &Office, made: &mut Made) {
    office.set_clock("2025-12-11T08:00:00+07:00");
    let dispatcher = office.login("thinh.bd");
    for car in rows("vehicles").iter().take(4) {
        let body = json!({"plate": car["plate"], "name": car["make_model"], "kind": car["kind"], "seats": car["seats"],
            "fuel_type": car["fuel_type"], "odometer_km": car["odometer_km"]});
        made.make(&dispatcher, "/v1/vehicles", car["ref"].as_str().unwrap(), body).await;
    }
    let booking = |board: &str, from: &str, to: &str| {
        json!({"board_id": made.id(board), "purpose": "Làm việc tại cơ sở", "pick_up_place": "Trụ sở Tỉnh ủy",
            "destination": "M'Đrắk", "starts_at": format!("2025-12-12T{from}:00+07:00"),
            "ends_at": format!("2025-12-12T{to}:00+07:00"), "passenger_count": 3,
            "vehicle_id": made.id("v_innova_086")})
    };
    let (first, second) = (booking("btctu", "07:00", "11:30"), booking("ubkttu", "09:00", "12:00"));
    let (duong, vinh) = (office.login("duong.ntt"), office.login("vinh.pt"));
    made.make(&duong, "/v1/vehicle-bookings", "first", first).await;
    made.make(&vinh, "/v1/vehicle-bookings", "second", second).await;
    let (first, second) = (
        format!("/v1/vehicle-bookings/{}", made.id("first")),
        format!("/v1/vehicle-bookings/{}", made.id("second")),
    );
    duong.act(&first, "submit", json!({})).await.expect(200);
    let refused = vinh.act(&second, "submit", json!({})).await.refused(409, "time_taken");
    assert_eq!(refused["clashes"][0]["starts_at"], "2025-12-12T00:00:00Z");
    assert_eq!(refused["clashes"][0]["record_id"], json!(null), "whose booking it is stays hidden");
    let free = &refused["free_vehicles"][0];
    assert!(free["seats"].as_i64().unwrap() >= 3, "{refused}");
    let version = vinh.get(&second).await.expect(200)["version"].as_i64().unwrap();
    vinh.patch(&second, version, json!({"vehicle_id": free["vehicle_id"]})).await.expect(200);
    vinh.act(&second, "submit", json!({})).await.expect(200);
    office.login("phuoc.dh").act(&first, "approve", json!({"consent": true})).await.expect(200);
    assert_eq!(history(&duong, &first).await, ["create", "submit", "approve"]);
    assert_eq!(history(&vinh, &second).await, ["create", "update", "submit"]);
}

/// The dispatcher sends the car: everything that is missing is told at once, then the order has its number.
async fn the_booking_gets_its_trip(office: &Office, made: &mut Made) {
    let dispatcher = office.login("thinh.bd");
    let driver = json!({"staff_id": made.id("p_tu"), "licence_number": "470000004", "licence_class": "B2",
        "licence_expires_on": "2029-12-31"});
    made.make(&dispatcher, "/v1/drivers", "driver", driver).await;
    let plan = json!({"booking_ids": [made.id("first")], "vehicle_id": made.id("v_innova_086"),
        "driver_id": made.id("driver")});
    made.make(&dispatcher, "/v1/trips", "trip", plan).await;
    let (trip, booking) =
        (format!("/v1/trips/{}", made.id("trip")), format!("/v1/vehicle-bookings/{}", made.id("first")));
    let refused = dispatcher.act(&trip, "issue", json!({})).await;
    refused.refused(422, "validation_failed");
    let missing = ["vehicle_inspection_expired", "vehicle_insurance_expired", "rate_not_found"];
    let told = refused.body["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap());
    assert_eq!(told.collect::<Vec<_>>(), missing);
    for kind in ["inspection", "insurance"] {
        let paper =
            json!({"kind": kind, "number": "00086", "valid_from": "2025-04-16", "valid_to": "2026-04-15"});
        dispatcher.post(&format!("/v1/vehicles/{}/papers", made.id("v_innova_086")), paper).await.expect(201);
    }
    let hours = json!({"daily_minutes": 840, "rest_minutes": 480, "valid_from": "2019-01-01",
        "document_number": "05-QĐ/VPTU", "issuer": "Văn phòng Tỉnh ủy", "verification": "verified"});
    office.login("an.nv").post("/v1/driver-hours-rules", hours).await.expect(201);
    let order = dispatcher.act(&trip, "issue", json!({})).await.expect(200);
    assert_eq!((&order["number"], &order["status"]), (&json!("01/LĐX-2025"), &json!("issued")));
    let scheduled = office.login("duong.ntt").get(&booking).await.expect(200);
    assert_eq!((&scheduled["status"], &scheduled["trip_id"]), (&json!("scheduled"), &order["id"]));
    assert_eq!(scheduled["waiting_on"]["staff"], json!([made.id("p_tu")]));
    office.login("vinh.pt").get(&trip).await.refused(404, "not_found");
}

/// The car leaves and comes back, its fuel is held against the norm, and the requester confirms the service.
async fn the_trip_is_driven(office: &Office, made: &Made) {
    let (trip, booking) =
        (format!("/v1/trips/{}", made.id("trip")), format!("/v1/vehicle-bookings/{}", made.id("first")));
    let car = rows("vehicles").into_iter().find(|car| car["ref"] == "v_innova_086").unwrap();
    let km = car["odometer_km"].as_i64().unwrap();
    let driver = office.login("tu.dc");
    driver.act(&trip, "depart", json!({"odometer_km": km})).await.expect(200);
    assert_eq!(driver.get(&trip).await.expect(200)["bookings"][0]["destination"], "M'Đrắk");
    office.set_clock("2025-12-12T11:20:00+07:00");
    let back = json!({"odometer_km": km + 170});
    office.login("tu.dc").act(&trip, "complete", back.clone()).await.refused(422, "rate_not_found");
    let norm = json!({"litres_per_100_km": "12", "valid_from": "2025-01-01", "document_number": "18-QĐ/VPTU",
        "issuer": "Văn phòng Tỉnh ủy", "verification": "verified"});
    let norms = format!("/v1/vehicles/{}/fuel-norms", made.id("v_innova_086"));
    office.login("bich.tt").post(&norms, norm).await.expect(201);
    let completed = office.login("tu.dc").act(&trip, "complete", back).await.expect(200);
    assert_eq!((&completed["km"], &completed["norm_litres"]), (&json!(170), &json!("20.40")));
    office.login("thinh.bd").act(&trip, "verify", json!({})).await.expect(200);
    let duong = office.login("duong.ntt");
    let body = json!({"stated_km": 168, "note": "Theo định vị"});
    let closed = duong.act(&booking, "confirm", body).await.expect(200);
    assert_eq!((&closed["status"], &closed["waiting_on"]), (&json!("closed"), &json!(null)));
    assert_eq!(history(&duong, &trip).await, ["create", "issue", "depart", "complete", "verify"]);
    assert_eq!(
        history(&duong, &booking).await,
        ["create", "submit", "approve", "schedule", "depart", "complete", "confirm"]
    );
    let told = duong.get(&format!("{booking}/history")).await.expect(200);
    let people: Vec<_> = told["items"].as_array().unwrap().iter().map(|entry| &entry["actor_name"]).collect();
    let name = |person: &str| {
        rows("people").into_iter().find(|row| row["ref"] == person).unwrap()["full_name"].clone()
    };
    let [duong, phuoc, thinh, tu] = ["p_duong", "p_phuoc", "p_thinh", "p_tu"].map(name);
    assert_eq!(people, [&duong, &duong, &phuoc, &thinh, &tu, &tu, &duong]);
}

/// The driver enters what was bought on the way; after the month the dispatcher claims it, each refuel once.
async fn the_fuel_is_claimed(office: &Office, made: &mut Made) {
    let car = made.id("v_innova_086").to_owned();
    let refuel = json!({"vehicle_id": car, "trip_id": made.id("trip"), "fuel_type": "petrol",
        "refuelled_at": "2025-12-12T11:00:00+07:00", "odometer_km": 119_660, "litres": "20.00",
        "unit_price": 20_150, "amount": 403_000,
        "invoice": {"seller_tax_code": "6001234567", "number": "HD0099001", "issued_on": "2025-12-12"}});
    office.login("tu.dc").post("/v1/refuels", refuel).await.expect(201);
    let tolerance = json!({"over_percent": "5", "price_percent": "2", "valid_from": "2025-01-01",
        "document_number": "18-QĐ/VPTU", "issuer": "Văn phòng Tỉnh ủy", "verification": "verified"});
    office.login("bich.tt").post("/v1/fuel-tolerances", tolerance).await.expect(201);
    office.set_clock("2026-01-05T08:00:00+07:00");
    let dispatcher = office.login("thinh.bd");
    let month = json!({"vehicle_id": car, "month": "2025-12", "opening_tank_litres": "20", "closing_tank_litres": "20"});
    let statement = made.make(&dispatcher, "/v1/fuel-statements", "statement", month).await;
    let figures = &statement["figures"];
    assert_eq!((&figures["km"], &figures["norm_litres"]), (&json!(170), &json!("20.40")));
    let statement = format!("/v1/fuel-statements/{}", made.id("statement"));
    dispatcher.act(&statement, "close", json!({})).await.expect(200);
    let claimed_for = json!({"board_id": made.id("vptu")});
    let claim = dispatcher.act(&statement, "claim", claimed_for.clone()).await.expect(201);
    assert_eq!((&claim["kind"], &claim["claimed_amount"]), (&json!("fuel"), &json!(403_000)));
    dispatcher.act(&statement, "claim", claimed_for).await.expect(409);
    assert_eq!(history(&dispatcher, &statement).await, ["create", "close", "claim"]);
    let readings = dispatcher.get(&format!("/v1/vehicles/{car}/odometer-entries")).await.expect(200);
    let kinds: Vec<_> =
        readings["items"].as_array().unwrap().iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["opening", "departure", "refuel", "return"]);
}

/// A claim comes back with all its gaps at once, is completed, and paid.
async fn a_claim_is_returned_once_and_paid(office: &Office, made: &mut Made) {
    let open_claim = format!("/v1/expense-claims/{}", made.id("open claim"));
    let admin = office.login("quan.tri");
    hire(made, &admin, "hanh.nt", "p_hanh", &[("board_head", "bnctu")]).await;
    allocate(office, made, "bnctu", (2025, "6651"), 2_000_000).await;
    let (chin, hanh, dung) = (office.login("chin.k"), office.login("hanh.nt"), office.login("dung.pq"));
    hanh.act(&open_claim, "confirm", json!({})).await.expect(200);
    let refused = dung.act(&open_claim, "verify", json!({})).await.refused(422, "claim_incomplete");
    assert_eq!(refused["gaps"].as_array().unwrap().len(), 1);
    let gaps = json!([{"code": "list_missing", "line": null, "detail": "Thiếu danh sách đại biểu"}]);
    let returned = json!({"reason": "Thiếu hóa đơn và danh sách", "gaps": gaps});
    let claim = dung.act(&open_claim, "return", returned).await.expect(200);
    assert_eq!((&claim["status"], claim["gaps"].as_array().unwrap().len()), (&json!("returned"), 2));
    let version = claim["version"].as_i64().unwrap();
    let completed = self::claim(made, "bnctu", Some("HD-0777"));
    chin.patch(&open_claim, version, json!({"lines": completed["lines"]})).await.expect(200);
    chin.act(&open_claim, "submit", json!({})).await.expect(200);
    hanh.act(&open_claim, "confirm", json!({})).await.expect(200);
    dung.act(&open_claim, "verify", json!({})).await.expect(200);
    office.login("an.nv").act(&open_claim, "approve", json!({})).await.expect(200);
    let payment = json!({"method": "transfer", "paid_on": "2025-12-11", "voucher_number": "PC-2025-077"});
    let paid = office.login("lan.ht").act(&open_claim, "pay", payment).await.expect(200);
    assert_eq!((&paid["status"], &paid["allowed_amount"]), (&json!("paid"), &json!(1_260_000)));
    let told =
        ["create", "submit", "confirm", "return", "update", "submit", "confirm", "verify", "approve", "pay"];
    assert_eq!(history(&chin, &open_claim).await, told);
}

/// The tasks of a conference: one is accepted, one objected to and decided, one stays silent and escalates.
async fn a_conference_is_prepared(office: &Office, made: &mut Made) {
    let (duong, chief) = (office.login("duong.ntt"), office.login("an.nv"));
    let conference = json!({"kind": "conference", "name": "Tổng kết công tác tổ chức xây dựng Đảng năm 2025",
        "board_id": made.id("btctu"), "starts_at": "2025-12-18T08:00:00+07:00", "ends_at": "2025-12-18T17:00:00+07:00",
        "place": "Hội trường Tỉnh ủy", "delegate_count": 150, "coordinator_id": made.id("p_duong")});
    made.make(&duong, "/v1/conferences", "conference", conference).await;
    let task = |title: &str, board: &str, lead: &str| {
        json!({"conference_id": made.id("conference"), "title": title, "deliverable": title,
            "lead_board_id": made.id(board), "lead_id": made.id(lead), "coordinators": [], "checker_id": made.id("p_phuoc"),
            "accept_by": "2025-12-12T08:00:00+07:00", "due_at": "2025-12-16T17:00:00+07:00"})
    };
    let tasks = [
        ("hall", task("Hội trường, âm thanh", "vptu", "p_thinh")),
        ("lodging", task("Chỗ nghỉ cho đại biểu ở xa", "ubkttu", "p_vinh")),
        ("minutes", task("Biên bản, thông báo kết luận", "bnctu", "p_chin")),
    ];
    for (name, body) in tasks {
        made.make(&duong, "/v1/conference-tasks", name, body).await;
    }
    let address = |name: &str| format!("/v1/conference-tasks/{}", made.id(name));
    let (hall, lodging, minutes) = (address("hall"), address("lodging"), address("minutes"));
    office.login("thinh.bd").act(&hall, "accept", json!({})).await.expect(200);
    let objection = json!({"reason": "Danh sách đại biểu ở xa chưa chốt"});
    let objected = office.login("vinh.pt").act(&lodging, "object", objection).await.expect(200);
    assert_eq!(objected["lead_id"], made.id("p_vinh"), "the lead keeps the duty until the decision");
    let decision = json!({"reason": "Văn phòng quản trị phục vụ", "lead_board_id": made.id("vptu"),
        "lead_id": made.id("p_thinh"), "accept_by": "2025-12-13T08:00:00+07:00"});
    let decided = chief.act(&lodging, "uphold", decision).await.expect(200);
    assert_eq!((&decided["status"], &decided["lead_id"]), (&json!("assigned"), &json!(made.id("p_thinh"))));
    office.login("thinh.bd").act(&lodging, "accept", json!({})).await.expect(200);

    office.set_clock("2025-12-12T08:00:01+07:00");
    office.run_jobs().await;
    office.run_jobs().await;
    let chief = office.login("an.nv");
    let silent = chief.get(&minutes).await.expect(200);
    assert_eq!(silent["status"], "assigned");
    assert!(
        silent["escalated_at"].is_string() && silent["waiting_on"]["role"] == "chief_of_office",
        "{silent}"
    );
    office.login("chin.k").act(&minutes, "accept", json!({})).await.expect(200);
    let result = json!({"result": "Hội trường sẵn sàng", "evidence": "Biên bản kiểm tra 12/12"});
    office.login("thinh.bd").act(&hall, "submit-result", result).await.expect(200);
    office.login("phuoc.dh").act(&hall, "accept-result", json!({})).await.expect(200);
    assert_eq!(history(&chief, &hall).await, ["create", "accept", "submit-result", "accept-result"]);
    assert_eq!(history(&chief, &lodging).await, ["create", "object", "uphold", "accept"]);
    assert_eq!(history(&chief, &minutes).await, ["create", "escalate", "accept"]);
}

/// The addresses of what waits for somebody.
async fn inbox(office: &Office, who: &str) -> Vec<String> {
    let page = office.login(who).get("/v1/me/inbox").await.expect(200);
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["href"].as_str().unwrap().to_owned()).collect()
}

/// The office has a form for somebody to sign.
async fn prints(office: &Office, who: &str, form: &str) {
    let paper = office.login(who).get(form).await;
    paper.expect(200);
    assert!(paper.bytes.starts_with(b"%PDF"), "{form}");
}

/// What the state leaves to the office is unknown until the office has decided it.
async fn the_office_makes_its_own_rates(office: &Office, made: &mut Made) {
    let (bich, duong) = (office.login("bich.tt"), office.login("duong.ntt"));
    let day_out = json!({"travellers": [{"staff_id": made.id("p_duong")}], "legs": [{
        "from_place": "Buôn Ma Thuột", "to_place": "Krông Pắc", "starts_at": "2026-01-08T07:00:00+07:00",
        "ends_at": "2026-01-08T17:00:00+07:00", "transport": "none", "one_way_km": "35", "lodging": "none"}]});
    let asked = duong.post("/v1/travel-estimates", day_out.clone()).await;
    asked.refused(422, "rate_not_found");
    let regulation = json!({"code": "QC01-2026", "document_number": "01-QC/VPTU", "issuer": "Văn phòng Tỉnh ủy",
        "title": "Quy chế chi tiêu nội bộ", "authority": "office", "signed_on": "2025-12-12",
        "valid_from": "2026-01-01", "scopes": ["travel"], "verification": "verified"});
    made.make(&bich, "/v1/rate-tables", "regulation", regulation).await;
    let tier = json!({"kind": "same_day_per_diem", "min_hours": "8", "min_one_way_km": "30",
        "unit": "per_person_per_trip", "amount": 120_000, "valid_from": "2026-01-01", "verification": "verified"});
    bich.post(&format!("/v1/rate-tables/{}/rates", made.id("regulation")), tier).await.expect(201);
    let estimate = duong.post("/v1/travel-estimates", day_out).await.expect(200);
    assert_eq!(estimate["total_amount"], 120_000);
    assert_eq!(estimate["document_numbers"], json!(["01-QC/VPTU"]));
}

/// The register of duties is written down, and a template gives out the tasks of the next conference by it.
async fn a_template_prepares_a_conference(office: &Office, made: &mut Made) {
    let (chief, duong) = (office.login("an.nv"), office.login("duong.ntt"));
    for unit in rows("divisions").iter().filter(|unit| unit["head"] == "p_thinh" || unit["head"] == "p_bich")
    {
        let body = json!({"code": unit["ref"], "name": unit["name_vi"], "board_id": made.id("vptu"),
            "head_id": made.id(unit["head"].as_str().unwrap()), "valid_from": unit["valid_from"],
            "decision_number": "02-QĐ/VPTU", "verification": "verified"});
        made.make(&chief, "/v1/office-units", unit["ref"].as_str().unwrap(), body).await;
    }
    let duties = [
        ("property_and_service", "Quản trị, phục vụ", "vptu_quan_tri", "head"),
        ("board_accounting", "Kế toán phụ trách ban", "vptu_tai_chinh_dang", "board_accountant"),
    ];
    for (code, name, unit, lead_person) in duties {
        let lead = json!({"lead_board_id": made.id("vptu"), "lead_unit_id": made.id(unit),
            "decision_number": "02-QĐ/VPTU", "verification": "verified"});
        let body = json!({"code": code, "name": name, "lead_person": lead_person, "valid_from": "2018-12-25",
            "document_number": "09-ĐA/TU", "issuer": "Ban Thường vụ Tỉnh ủy", "verification": "verified", "lead": lead});
        made.make(&chief, "/v1/duties", code, body).await;
    }
    let item = |code: &str, kind: &str, lead: &str, offset_days: i64, depends_on: &[&str]| {
        json!({"code": code, "title": code, "lead": {"kind": kind, "ref": lead}, "offset_days": offset_days,
            "deliverable": code, "depends_on": depends_on})
    };
    let body = json!({"code": "small_conference", "kind": "conference", "name": "Hội nghị nhỏ", "valid_from": "2025-12-01",
    "document_number": "03-QC/VPTU", "issuer": "Văn phòng Tỉnh ủy", "verification": "verified", "items": [
        item("plan", "board_role", "owner_board", -20, &[]),
        item("estimate", "duty", "board_accounting", -15, &["plan"]),
        item("hall", "duty", "property_and_service", -1, &["plan"]),
    ]});
    made.make(&chief, "/v1/task-templates", "template", body).await;
    let conference = json!({"kind": "conference", "name": "Hội nghị cán bộ", "board_id": made.id("btctu"),
        "starts_at": "2026-01-20T08:00:00+07:00", "ends_at": "2026-01-20T17:00:00+07:00",
        "place": "Hội trường Tỉnh ủy", "delegate_count": 60, "coordinator_id": made.id("p_duong")});
    made.make(&duong, "/v1/conferences", "next conference", conference).await;
    let conference = format!("/v1/conferences/{}", made.id("next conference"));
    let applied = json!({"template_id": made.id("template")});
    let applied = duong.act(&conference, "apply-template", applied).await.expect(200);
    let accountant = format!("/v1/boards/{}/accountant?on=2026-01-05", made.id("btctu"));
    let accountant = duong.get(&accountant).await.expect(200);
    let leads: Vec<_> = applied["tasks"].as_array().unwrap().iter().map(|task| &task["lead_id"]).collect();
    assert_eq!(
        leads,
        [made.id("p_phuoc"), accountant["acting"]["staff_id"].as_str().unwrap(), made.id("p_thinh")]
    );
    let later = json!({"starts_at": "2026-01-21T08:00:00+07:00", "ends_at": "2026-01-21T17:00:00+07:00"});
    duong.patch(&conference, 2, later).await.expect(200);
    let readiness = duong.get(&format!("{conference}/readiness")).await.expect(200);
    assert_eq!((&readiness["counts"]["open"], &readiness["counts"]["waiting"]), (&json!(3), &json!(2)));
    assert!(readiness["tasks"].as_array().unwrap().iter().all(|task| task["moved_at"].is_string()));
    assert_eq!(history(&duong, &conference).await, ["create", "apply-template", "update"]);
}

/// A task in progress goes to somebody else only when three people agree, and the report tells of it.
async fn a_task_changes_hands(office: &Office, made: &Made) {
    let task = format!("/v1/conference-tasks/{}", made.id("lodging"));
    let to = json!({"reason": "Trùng đợt kiểm kê tài sản", "lead_board_id": made.id("vptu"), "lead_id": made.id("p_ha")});
    let asked = office.login("thinh.bd").act(&task, "request-hand-over", to).await.expect(200);
    assert_eq!(
        (&asked["lead_id"], &asked["waiting_on"]["role"]),
        (&json!(made.id("p_thinh")), &json!("receiver"))
    );
    office.login("ha.lt").act(&task, "accept-hand-over", json!({})).await.expect(200);
    let approved = office.login("duong.ntt").act(&task, "approve-hand-over", json!({})).await.expect(200);
    assert_eq!(approved["lead_id"], made.id("p_ha"));
    let holders: Vec<_> =
        approved["holders"].as_array().unwrap().iter().map(|one| &one["staff_id"]).collect();
    assert_eq!(holders, [made.id("p_vinh"), made.id("p_thinh"), made.id("p_ha")]);
    let report =
        format!("/v1/reports/buck-passing?from=2025-12-11&to=2025-12-12&board_id={}", made.id("vptu"));
    let report = office.login("an.nv").get(&report).await.expect(200);
    let figures = &report["boards"][0]["figures"];
    assert_eq!(
        (&figures["tasks_received"], &figures["hand_overs_approved"]),
        (&json!(4), &json!(1)),
        "the template gave two"
    );
}

/// The head of the board receives a delegation in one call; the drinks are claimed within the plan, and the rest is given
/// back.
async fn a_delegation_is_received(office: &Office, made: &mut Made) {
    allocate(office, made, "btctu", (2026, "7761"), 5_000_000).await;
    let body = json!({"name": "Đoàn Ban Tổ chức Tỉnh ủy Lâm Đồng", "board_id": made.id("btctu"), "place": "Phòng khách Tỉnh ủy",
    "starts_at": "2026-01-15T08:00:00+07:00", "ends_at": "2026-01-15T17:00:00+07:00",
    "coordinator_id": made.id("p_duong"), "host_id": made.id("p_phuoc"), "organisation": "Ban Tổ chức Tỉnh ủy Lâm Đồng",
    "guests": [{"full_name": "Trần Văn Minh", "title": "Phó Trưởng ban", "head": true}],
    "costs": {"estimate": {"on": "2026-01-15", "hospitality": [
        {"kind": "meal", "persons": 6}, {"kind": "drinks", "persons": 6},
    ]}}});
    let reception = made.make(&office.login("phuoc.dh"), "/v1/receptions", "reception", body).await;
    assert_eq!(reception["costs"]["open_amount"], 6 * 300_000 + 6 * 30_000);
    assert_eq!(balances(office, made, "btctu 2026 7761").await, [3_020_000, 1_980_000, 0]);

    let invoice = json!({"seller_tax_code": "6000123456", "number": "77", "issued_on": "2026-01-15"});
    let body = json!({"board_id": made.id("btctu"), "kind": "reception", "purpose": "Tiếp khách",
        "conference_id": made.id("reception"), "lines": [{"kind": "hospitality_drinks", "incurred_on": "2026-01-15",
            "description": "Nước uống", "claimed_amount": 200_000, "invoice": invoice}]});
    made.make(&office.login("duong.ntt"), "/v1/expense-claims", "drinks", body).await;
    let claim = format!("/v1/expense-claims/{}", made.id("drinks"));
    for (who, verb) in
        [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify"), ("an.nv", "approve")]
    {
        office.login(who).act(&claim, verb, json!({})).await.expect(200);
    }
    let voucher = json!({"method": "cash", "paid_on": "2026-01-15", "voucher_number": "PC-2026-003"});
    let paid = office.login("lan.ht").act(&claim, "pay", voucher).await.expect(200);
    assert_eq!(paid["allowed_amount"], 180_000, "cut to the ceiling");
    let conference = format!("/v1/conferences/{}", made.id("reception"));
    let settled = office.login("ha.lt").act(&conference, "settle-costs", json!({})).await.expect(200);
    assert_eq!(settled["difference_amount"], 1_800_000);
    assert_eq!(balances(office, made, "btctu 2026 7761").await, [4_820_000, 0, 180_000]);
    let told = history(&office.login("an.nv"), &conference).await;
    assert_eq!(told, ["create", "plan-costs", "commit-funds", "spend", "settle-costs"]);
}

/// Somebody is sent away for three days with an advance, comes back after two, and pays back what is left.
async fn a_journey_is_ordered_advanced_and_settled(office: &Office, made: &mut Made) {
    let way = |from: &str, to: &str, starts_at: &str, ends_at: &str, lodging: &str| {
        json!({"from_place": from, "to_place": to, "starts_at": starts_at, "ends_at": ends_at,
            "place_class": "province", "transport": "office_car", "lodging": lodging})
    };
    let (home, away) = ("Buôn Ma Thuột", "Nha Trang");
    let journey = |back: &str, home_at: &str| {
        json!([
            way(home, away, "2026-01-12T06:00:00+07:00", back, "lump_sum"),
            way(away, home, back, home_at, "none")
        ])
    };
    // The rooms have more than they need, the per diems less: two signatures move what is missing.
    allocate(office, made, "btctu", (2026, "6702"), 400_000).await;
    allocate(office, made, "btctu", (2026, "6703"), 2_000_000).await;
    let body = json!({"kind": "transfer", "from_line_id": made.id("btctu 2026 6703"), "to_line_id": made.id("btctu 2026 6702"),
        "amount": 500_000, "document_number": "02-QĐ/VPTU", "signed_on": "2025-12-12", "reason": "Bổ sung phụ cấp lưu trú"});
    made.make(&office.login("bich.tt"), "/v1/budget-transfers", "transfer", body).await;
    let transfer = format!("/v1/budget-transfers/{}", made.id("transfer"));
    let posted = office.login("an.nv").act(&transfer, "sign", json!({})).await.expect(200);
    assert_eq!(posted["status"], "posted");
    let duong = office.login("duong.ntt");
    let mut body = json!({"travellers": [{"staff_id": made.id("p_duong")}],
        "legs": journey("2026-01-14T13:00:00+07:00", "2026-01-14T18:00:00+07:00")});
    let estimate = duong.post("/v1/travel-estimates", body.clone()).await.expect(200);
    body["board_id"] = json!(made.id("btctu"));
    body["purpose"] = json!("Học tập kinh nghiệm công tác tổ chức");
    made.make(&duong, "/v1/travel-orders", "order", body).await;
    let order = format!("/v1/travel-orders/{}", made.id("order"));
    let submitted = duong.act(&order, "submit", json!({})).await.expect(200);
    assert_eq!(submitted["estimate"]["total_amount"], 3 * 300_000 + 2 * 500_000);
    assert_eq!(submitted["estimate"]["total_amount"], estimate["total_amount"]);
    assert!(inbox(office, "ha.lt").await.contains(&order));
    office
        .login("ha.lt")
        .act(&order, "check-funds", json!({"funding_source": "autonomous"}))
        .await
        .expect(200);
    let approved = office.login("phuoc.dh").act(&order, "approve", json!({})).await.expect(200);
    assert_eq!(approved["commitment"]["committed_amount"], 1_900_000);
    assert_eq!(balances(office, made, "btctu 2026 6702").await, [0, 900_000, 0]);
    assert_eq!(balances(office, made, "btctu 2026 6703").await, [500_000, 1_000_000, 0]);

    let body = json!({"board_id": made.id("btctu"), "travel_order_id": made.id("order"), "purpose": "Tạm ứng đi đường",
        "amount": 1_500_000, "settle_by": "2026-01-29"});
    made.make(&duong, "/v1/advances", "advance", body).await;
    let advance = format!("/v1/advances/{}", made.id("advance"));
    office.login("an.nv").act(&advance, "approve", json!({})).await.expect(200);
    let voucher = json!({"method": "cash", "paid_on": "2026-01-05", "voucher_number": "PC-2026-001"});
    let paid = office.login("lan.ht").act(&advance, "pay", voucher).await.expect(200);
    assert_eq!(paid["outstanding_amount"], 1_500_000);
    prints(office, "duong.ntt", &format!("{advance}/advance-request")).await;
    prints(office, "duong.ntt", &format!("{order}/travel-permit")).await;

    office.set_clock("2026-01-15T08:00:00+07:00");
    let duong = office.login("duong.ntt");
    let real = json!({"starts_at": "2026-01-12T06:00:00+07:00", "ends_at": "2026-01-13T18:00:00+07:00",
        "legs": journey("2026-01-13T13:00:00+07:00", "2026-01-13T18:00:00+07:00"), "permit_stamped": true});
    duong.act(&order, "complete", real).await.expect(200);
    let claim = duong.act(&order, "start-claim", json!({})).await.expect(201);
    let lines: Vec<_> = claim["lines"].as_array().unwrap().iter().map(|line| &line["kind"]).collect();
    assert_eq!(lines, ["per_diem", "lodging_lump_sum", "per_diem"]);
    assert_eq!(claim["claimed_amount"], 2 * 300_000 + 500_000);
    let claim_id = claim["id"].as_str().unwrap();
    let claim = format!("/v1/expense-claims/{claim_id}");
    let permit = format!(
        "/v1/attachments?owner_type=expense_claim&owner_id={claim_id}&kind=travel_permit&file_name=giay.pdf"
    );
    let file = duong.send_file(&permit, "application/pdf", PDF, &[]).await.expect(201);
    for (who, verb) in
        [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify"), ("an.nv", "approve")]
    {
        assert!(inbox(office, who).await.contains(&claim), "{who}");
        office.login(who).act(&claim, verb, json!({})).await.expect(200);
        assert!(!inbox(office, who).await.contains(&claim), "{who}");
    }
    let content = format!("/v1/attachments/{}/content", file["id"].as_str().unwrap());
    assert_eq!(office.login("ha.lt").get(&content).await.bytes, PDF);
    for form in ["payment-request", "travel-expense-sheet"] {
        prints(office, "duong.ntt", &format!("{claim}/{form}")).await;
    }
    let mut voucher = json!({"method": "cash", "paid_on": "2026-01-15", "voucher_number": "PC-2026-002"});
    let cashier = office.login("lan.ht");
    let refused = cashier.act(&claim, "pay", voucher.clone()).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.body["errors"][0]["code"], "refund_required");
    voucher["refund"] = json!({"amount": 400_000, "voucher_number": "PT-2026-001"});
    let paid = cashier.act(&claim, "pay", voucher).await.expect(200);
    let row = &paid["settlement"];
    assert_eq!((&row["set_off_amount"], &row["to_pay_back_amount"]), (&json!(1_100_000), &json!(400_000)));
    let settled = office.login("ha.lt").act(&order, "settle", json!({})).await.expect(200);
    let money = &settled["commitment"];
    assert_eq!((&money["spent_amount"], &money["released_amount"]), (&json!(1_100_000), &json!(800_000)));
    assert_eq!(balances(office, made, "btctu 2026 6702").await, [300_000, 0, 600_000]);
    assert_eq!(balances(office, made, "btctu 2026 6703").await, [1_000_000, 0, 500_000]);
    assert_eq!(history(&duong, &advance).await, ["create", "approve", "pay", "set-off"]);
    let told = history(&duong, &order).await;
    assert_eq!(told, ["create", "submit", "check-funds", "approve", "complete", "spend", "settle"]);
}

/// In January the books of 2025 are closed; what the boards saved of their own funds is theirs in 2026.
async fn the_year_2025_ends(office: &Office, made: &mut Made) {
    let (bich, an) = (office.login("bich.tt"), office.login("an.nv"));
    let found = bich.get("/v1/budget-years?year=2025").await.expect(200);
    let year = format!("/v1/budget-years/{}", found["items"][0]["id"].as_str().unwrap());
    // A board that was merged has no next year: what it saved goes to the board that took over.
    let told = bich.get(&format!("{year}/carry-forward")).await.expect(200);
    let rows = told["lines"].as_array().unwrap();
    let merged = rows.iter().find(|row| row["budget_line_id"] == made.id("bdvtu 2025 6651")).unwrap();
    assert_eq!(merged["obstacles"][0]["code"], "board_ended");
    allocate(office, made, "btgdvtu", (2025, "6651"), 0).await;
    let body = json!({"kind": "transfer", "from_line_id": made.id("bdvtu 2025 6651"), "to_line_id": made.id("btgdvtu 2025 6651"),
        "amount": merged["to_carry_amount"], "document_number": "01-QĐ/VPTU", "signed_on": "2026-01-05", "reason": "Sáp nhập ban"});
    made.make(&bich, "/v1/budget-transfers", "merger", body).await;
    let transfer = format!("/v1/budget-transfers/{}", made.id("merger"));
    for who in ["an.nv", "linh.n"] {
        office.login(who).act(&transfer, "sign", json!({})).await.expect(200);
    }
    bich.act(&year, "freeze", json!({})).await.expect(200);
    let told = bich.get(&format!("{year}/carry-forward")).await.expect(200);
    let rows = told["lines"].as_array().unwrap();
    let left: i64 = rows.iter().map(|row| row["available_amount"].as_i64().unwrap()).sum();
    assert_eq!((&told["to_carry_amount"], &told["lapsing_amount"]), (&json!(left), &json!(0)));
    bich.act(&year, "carry-forward", json!({})).await.expect(200);
    bich.act(&year, "close", json!({})).await.refused(403, "forbidden");
    assert_eq!(an.act(&year, "close", json!({})).await.expect(200)["status"], "closed");
    assert_eq!(history(&an, &year).await, ["create", "freeze", "carry-forward", "close"]);
    let saved = bich.get(&format!("{year}/carry-forward")).await.expect(200);
    assert_eq!((&saved["carried_amount"], &saved["to_carry_amount"]), (&json!(left), &json!(0)));
    for row in saved["lines"].as_array().unwrap().iter().filter(|row| row["carried_amount"] != 0) {
        let next =
            an.get(&format!("/v1/budget-lines/{}", row["to_line_id"].as_str().unwrap())).await.expect(200);
        assert_eq!((&next["year"], &next["transferred_amount"]), (&json!(2026), &row["carried_amount"]));
    }
    let old = format!("/v1/budget-lines/{}", rows[0]["budget_line_id"].as_str().unwrap());
    assert_eq!(an.get(&old).await.expect(200)["status"], "closed");
}

/// The appropriations of the next year come as one sheet; what is wrong with it is told at once, and two people put it in
/// force.
async fn a_year_is_imported(office: &Office, made: &mut Made) {
    let row = |board: &str, amount: &str| {
        format!("{board};Tự chủ;6702;{amount};15-QĐ/TU;Ban Thường vụ;10/01/2026\n")
    };
    let head = "Mã ban;Nguồn kinh phí;Tiểu mục;Số tiền;Số quyết định;Cơ quan ban hành;Ngày ký\n";
    let place = "/v1/budget-imports?year=2027&file_name=du-toan-2027.csv";
    let accountant = office.login("bich.tt");
    let sheet = [head, &row("BTCTU", "12.000.000"), &row("BNC", "8000000")].concat();
    let refused = accountant.send_file(place, "text/csv", sheet.as_bytes(), &[]).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.places(), ["#/rows/2/amount", "#/rows/3/board"]);
    let sheet = [head, &row("BTCTU", "12000000"), &row("BNCTU", "8000000")].concat();
    let import = accountant.send_file(place, "text/csv", sheet.as_bytes(), &[]).await.expect(201);
    assert_eq!((&import["row_count"], &import["total_amount"]), (&json!(2), &json!(20_000_000)));
    made.0.insert("import".to_owned(), import["id"].as_str().unwrap().to_owned());
    let import = format!("/v1/budget-imports/{}", made.id("import"));
    office.login("an.nv").act(&import, "activate", json!({})).await.expect(200);
    let lines = format!("/v1/budget-lines?year=2027&import_id={}", made.id("import"));
    let lines = office.login("phuoc.dh").get(&lines).await.expect(200);
    assert_eq!(lines["items"].as_array().map(Vec::len), Some(1), "a board head sees the line of their board");
    assert_eq!(lines["items"][0]["available_amount"], 12_000_000);
    assert_eq!(history(&office.login("an.nv"), &import).await, ["create", "activate"]);
}

/// What the office told its people on the way; they read it, and that is that.
async fn nobody_had_to_ask(office: &Office) {
    for (who, told) in [
        ("tu.dc", vec!["trip_issued"]),
        ("duong.ntt", vec!["trip_issued", "claim_paid"]),
        ("chin.k", vec!["claim_returned", "claim_paid", "task_assigned"]),
        ("an.nv", vec!["task_escalated"]),
    ] {
        let client = office.login(who);
        let page = client.get("/v1/me/notifications?unread=true").await.expect(200);
        for kind in told {
            let items = page["items"].as_array().unwrap();
            assert!(items.iter().any(|item| item["kind"] == kind), "{who} was not told of {kind}: {page}");
        }
        let read = json!({"up_to_id": page["items"][0]["id"]});
        let left = client.post("/v1/me/notifications/read", read).await.expect(200);
        assert_eq!(left["unread_count"], 0);
    }
}

/// The winter is reviewed: the figures are those of this story, and a second chief of office freezes them.
async fn the_winter_is_reviewed(office: &Office, made: &mut Made) {
    let body = json!({"title": "Sơ kết mùa đông", "from": "2025-12-01", "to": "2026-01-31",
        "texts": [{"kind": "results", "heading": "Kết quả", "text": "Các ban được phục vụ theo một quy trình chung"}]});
    made.make(&office.login("an.nv"), "/v1/reviews", "review", body).await;
    let review = format!("/v1/reviews/{}", made.id("review"));
    office.login("an.nv").act(&review, "draft", json!({})).await.expect(200);
    let approved = office.login("linh.n").act(&review, "approve", json!({})).await.expect(200);
    let figures = &approved["figures"];
    assert_eq!(figures["claims"]["total"]["return_count"], 1);
    let paid = figures["claims"]["total"]["paid_count"].as_i64().unwrap();
    assert!(paid >= 2, "{paid}");
    assert!(figures["cars"]["total"]["km"].as_i64().unwrap() > 0);
    assert_eq!(history(&office.login("an.nv"), &review).await, ["create", "draft", "approve"]);
}

/// Something hinders the work of a board: two heads agree on a measure, it helps, and the board says so.
async fn an_obstacle_is_named_and_removed(office: &Office, made: &mut Made) {
    let (duong, chief) = (office.login("duong.ntt"), office.login("an.nv"));
    let body = json!({"board_id": made.id("btctu"), "title": "Hồ sơ công tác phí bị trả lại nhiều lần",
        "description": "Mỗi lần trả lại nêu một giấy tờ còn thiếu", "area": "fuel_and_travel",
        "board_ids": [made.id("btctu"), made.id("vptu")]});
    made.make(&duong, "/v1/obstacles", "obstacle", body).await;
    let obstacle = format!("/v1/obstacles/{}", made.id("obstacle"));
    let owner = json!({"owner_id": made.id("p_thinh"), "due_on": "2026-03-31"});
    chief.act(&obstacle, "accept", owner).await.expect(200);
    let body = json!({"obstacle_id": made.id("obstacle"), "title": "Nêu đủ mọi thiếu sót ngay lần đầu",
        "description": "Kế toán dùng một danh mục giấy tờ", "lead_board_id": made.id("vptu"),
        "lead_id": made.id("p_bich"), "due_on": "2026-01-31", "check_on": "2026-02-27"});
    made.make(&office.login("thinh.bd"), "/v1/measures", "measure", body).await;
    let measure = format!("/v1/measures/{}", made.id("measure"));
    office.login("phuoc.dh").act(&measure, "consent", json!({})).await.expect(200);
    // Nobody heads the office itself in this story, so its chief consents in place of a head.
    let note = json!({"board_id": made.id("vptu"), "note": "Văn phòng chưa có người đứng đầu ban"});
    let agreed = chief.act(&measure, "consent", note).await.expect(200);
    assert_eq!(agreed["status"], "agreed");
    let result = json!({"result": "Danh mục giấy tờ đã gửi các ban"});
    office.login("bich.tt").act(&measure, "complete", result).await.expect(200);
    let gone = json!({"resolution": "Từ tháng 2 không hồ sơ nào bị trả lại lần thứ hai"});
    office.login("thinh.bd").act(&obstacle, "resolve", gone).await.expect(200);
    let verified = duong.act(&obstacle, "verify", json!({})).await.expect(200);
    assert_eq!(verified["status"], "verified");
    office.set_clock("2026-02-27T08:00:00+07:00");
    let helped = office.login("an.nv").act(&measure, "mark-effective", json!({})).await.expect(200);
    assert_eq!(helped["status"], "effective");
    let told = history(&office.login("duong.ntt"), &obstacle).await;
    assert_eq!(told, ["create", "accept", "begin-action", "resolve", "verify"]);
}

#[actix_web::test]
async fn the_story_of_the_office() {
    let office = Office::new_and_empty().await;
    office.set_clock("2018-12-25T08:00:00+07:00");
    let mut made = set_up(&office).await;
    two_boards_merge(&office, &mut made).await;
    an_accountant_hands_over(&office, &mut made).await;
    two_boards_want_one_car(&office, &mut made).await;
    the_booking_gets_its_trip(&office, &mut made).await;
    a_claim_is_returned_once_and_paid(&office, &mut made).await;
    a_conference_is_prepared(&office, &mut made).await;
    a_template_prepares_a_conference(&office, &mut made).await;
    a_task_changes_hands(&office, &made).await;
    the_trip_is_driven(&office, &made).await;
    the_fuel_is_claimed(&office, &mut made).await;
    the_office_makes_its_own_rates(&office, &mut made).await;
    a_journey_is_ordered_advanced_and_settled(&office, &mut made).await;
    the_year_2025_ends(&office, &mut made).await;
    a_year_is_imported(&office, &mut made).await;
    nobody_had_to_ask(&office).await;
    the_winter_is_reviewed(&office, &mut made).await;
    a_delegation_is_received(&office, &mut made).await;
    an_obstacle_is_named_and_removed(&office, &mut made).await;
}
