//! Receptions of delegations: all of it in one call, or nothing.

use entity::{
    audit_events, conference_tasks, conferences, number_series, reception_guests, vehicle_bookings,
};
use futures_util::future::join;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::support::dispatch::broken;
use crate::support::travel::given_line_of;
use crate::support::{Answer, Client, Office, Value, id, json};

const RECEPTIONS: &str = "/v1/receptions";

/// A delegation of two that comes to the organisation board on 14 January 2026 and is driven, fed and looked after.
fn reception() -> Value {
    json!({
        "name": "Đoàn Ban Tổ chức Tỉnh ủy Lâm Đồng", "board_id": id("btctu"), "place": "Phòng khách Tỉnh ủy",
        "starts_at": "2026-01-14T08:00:00+07:00", "ends_at": "2026-01-15T17:00:00+07:00",
        "coordinator_id": id("p_duong"), "host_id": id("p_phuoc"), "organisation": "Ban Tổ chức Tỉnh ủy Lâm Đồng",
        "guests": [{"full_name": "Lê Thị Hoa"}, {"full_name": "Trần Văn Minh", "title": "Phó Trưởng ban", "head": true}],
        "legs": [
            {"starts_at": "2026-01-15T08:00:00+07:00", "ends_at": "2026-01-15T10:00:00+07:00", "place": "Buôn Hồ",
             "activity": "Thăm cơ sở"},
            {"starts_at": "2026-01-14T08:30:00+07:00", "ends_at": "2026-01-14T11:00:00+07:00",
             "place": "Phòng khách Tỉnh ủy", "activity": "Trao đổi kinh nghiệm"},
        ],
        "meals": [{"starts_at": "2026-01-14T11:30:00+07:00", "place": "Nhà khách", "persons": 8}],
        "vehicles": [{
            "pick_up_place": "Sân bay", "destination": "Trụ sở Tỉnh ủy", "passenger_count": 2, "vehicle_id": id("v_everest"),
            "starts_at": "2026-01-14T07:00:00+07:00", "ends_at": "2026-01-14T08:00:00+07:00",
        }],
        "tasks": [{
            "title": "Đón khách", "deliverable": "Khách về đến Nhà khách", "lead_board_id": id("vptu"),
            "lead_id": id("p_thinh"), "checker_id": id("p_duong"), "accept_by": "2026-01-05T17:00:00+07:00",
            "due_at": "2026-01-14T08:00:00+07:00",
        }],
        "costs": {"estimate": {"on": "2026-01-14", "hospitality": [
            {"kind": "meal", "persons": 8}, {"kind": "drinks", "persons": 8, "sessions": 2},
        ]}},
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    *body.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    body
}

/// Everything that a reception writes, counted.
async fn written(office: &Office) -> String {
    let db = &office.app.db.reader;
    let counts = [
        conferences::Entity::find().count(db).await.unwrap(),
        reception_guests::Entity::find().count(db).await.unwrap(),
        vehicle_bookings::Entity::find().count(db).await.unwrap(),
        conference_tasks::Entity::find().count(db).await.unwrap(),
        audit_events::Entity::find().count(db).await.unwrap(),
    ];
    let mut series = number_series::Entity::find().all(db).await.unwrap();
    series.sort_by_key(|row| (row.series.clone(), row.year));
    format!("{counts:?} {series:?}")
}

/// What the organisation board has for guests in 2026: available and committed.
async fn hospitality(office: &Office) -> [i64; 2] {
    let line = format!("/v1/budget-lines/{}", id("bl_2026_btctu_13_7761"));
    let shown = office.login("an.nv").get(&line).await.expect(200);
    ["available_amount", "committed_amount"].map(|field| shown[field].as_i64().unwrap())
}

async fn arrange(client: &Client, body: Value) -> Answer {
    client.post(RECEPTIONS, body).await
}

#[actix_web::test]
async fn a_reception_is_arranged_in_one_call() {
    let office = Office::open().await;
    let (phuoc, before) = (office.login("phuoc.dh"), hospitality(&office).await);
    let made = arrange(&phuoc, reception()).await.expect(201);
    let path = format!("{RECEPTIONS}/{}", made["id"].as_str().unwrap());
    assert!(made["number"].as_str().unwrap().starts_with("RC-2025-"));
    let guests: Vec<_> = made["guests"].as_array().unwrap().iter().map(|guest| &guest["full_name"]).collect();
    assert_eq!(guests, ["Trần Văn Minh", "Lê Thị Hoa"], "the head first");
    let legs: Vec<_> = made["legs"].as_array().unwrap().iter().map(|leg| &leg["activity"]).collect();
    assert_eq!(legs, ["Trao đổi kinh nghiệm", "Thăm cơ sở"], "in the order of time");
    assert_eq!((&made["delegate_count"], &made["host_id"]), (&json!(2), &json!(id("p_phuoc"))));
    assert_eq!(made["meals"][0]["persons"], 8);

    // The car is asked for by the coordinator, and its time is taken.
    let booking = format!("/v1/vehicle-bookings/{}", made["booking_ids"][0].as_str().unwrap());
    let booking = office.login("thinh.bd").get(&booking).await.expect(200);
    assert_eq!(
        json!([booking["status"], booking["requester_id"], booking["conference_id"], booking["vehicle_id"]]),
        json!(["submitted", id("p_duong"), made["id"], id("v_everest")])
    );
    let listed = format!("/v1/vehicle-bookings?conference_id={}", made["id"].as_str().unwrap());
    assert_eq!(office.login("thinh.bd").get(&listed).await.expect(200)["items"].as_array().unwrap().len(), 1);
    let tasks = format!("/v1/conference-tasks?conference_id={}", made["id"].as_str().unwrap());
    assert_eq!(phuoc.get(&tasks).await.expect(200)["items"][0]["lead_id"], json!(id("p_thinh")));

    // Eight at the table and eight twice at drinks, committed by the caller.
    let whole = 8 * 300_000 + 16 * 30_000;
    assert_eq!(
        (&made["costs"]["status"], &made["costs"]["open_amount"]),
        (&json!("committed"), &json!(whole))
    );
    assert_eq!(hospitality(&office).await, [before[0] - whole, before[1] + whole]);
    let costs = format!("/v1/conferences/{}/costs", made["id"].as_str().unwrap());
    let costs = phuoc.get(&costs).await.expect(200);
    assert_eq!(
        (&costs["planned_by_id"], &costs["committed_by_id"]),
        (&json!(id("p_duong")), &json!(id("p_phuoc")))
    );
    let history = phuoc.get(&format!("{path}/history")).await.expect(200);
    let verbs: Vec<_> = history["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(verbs, ["create", "plan-costs", "commit-funds"]);
    assert_eq!(phuoc.get(&path).await.expect(200), made);

    let found = phuoc.get(&format!("{RECEPTIONS}?q=lam%20dong&sort=starts_at")).await.expect(200);
    assert!(found["items"].as_array().unwrap().contains(&made));
    phuoc.get(&format!("{RECEPTIONS}/{}", id("cf_2029_btctu"))).await.expect(404);
    let plain = office.login("an.nv").get(&format!("{RECEPTIONS}/{}", id("gd_2025_bnctu"))).await.expect(200);
    assert_eq!((&plain["host_id"], &plain["guests"]), (&Value::Null, &json!([])));
}

#[actix_web::test]
async fn whatever_is_refused_is_told_at_once_and_nothing_remains() {
    let office = Office::open().await;
    let (phuoc, before) = (office.login("phuoc.dh"), written(&office).await);
    let mut body = with(reception(), "/guests/0/full_name", json!("Lê Thị Hoa"));
    body["guests"][1]["head"] = json!(false);
    body["host_id"] = json!(id("nobody"));
    body["legs"][0]["ends_at"] = json!("2026-01-16T10:00:00+07:00");
    body["meals"][0]["starts_at"] = json!("2026-01-16T10:00:00+07:00");
    body["vehicles"][0]["passenger_count"] = json!(50);
    body["vehicles"][0]["starts_at"] = json!("2025-12-01T07:00:00+07:00");
    body["tasks"][0]["checker_id"] = json!(id("p_thinh"));
    body["costs"]["estimate"]["hospitality"][0]["amount"] = json!(2_400_001);
    body["costs"]["estimate"]["hospitality"][1]["kind"] = json!("gift");
    let refused = arrange(&phuoc, body).await;
    refused.refused(422, "validation_failed");
    let mut told = broken(&refused);
    told.sort();
    assert_eq!(
        told,
        [
            "#/costs/estimate/hospitality/0/amount over_ceiling",
            "#/costs/estimate/hospitality/1/kind gift_not_allowed",
            "#/guests required",
            "#/host_id unknown_reference",
            "#/legs/0 out_of_range",
            "#/meals/0/starts_at out_of_range",
            "#/tasks/0/checker_id checker_is_lead",
            "#/vehicles/0/ends_at too_long",
            "#/vehicles/0/passenger_count too_many_passengers",
            "#/vehicles/0/starts_at in_the_past",
        ]
    );
    // Without a conference the parts are looked at all the same.
    let mut body = with(reception(), "/coordinator_id", json!(id("nobody")));
    body["guests"][0]["head"] = json!(true);
    body["vehicles"][0]["passenger_count"] = json!(50);
    body["costs"]["estimate"]["hospitality"][1]["on"] = json!("2010-01-01");
    let mut told = broken(&arrange(&phuoc, body).await);
    told.sort();
    assert_eq!(
        told,
        [
            "#/coordinator_id unknown_reference",
            "#/costs/estimate/hospitality/1 rate_not_found",
            "#/guests/1/head duplicate",
            "#/vehicles/0/passenger_count too_many_passengers",
        ]
    );
    assert_eq!(written(&office).await, before);
}

#[actix_web::test]
async fn a_single_clash_keeps_its_code_its_figures_and_its_place() {
    let office = Office::open().await;
    let phuoc = office.login("phuoc.dh");
    arrange(&phuoc, reception()).await.expect(201);
    let before = written(&office).await;
    let taken = arrange(&phuoc, reception()).await;
    assert_eq!(taken.refused(409, "time_taken")["clashes"].as_array().unwrap().len(), 1);
    assert_eq!(taken.places(), ["#/vehicles/0"]);

    let mut dear = reception();
    dear["vehicles"] = json!([]);
    dear["costs"]["estimate"]["hospitality"][0]["persons"] = json!(100);
    let short = arrange(&phuoc, dear.clone()).await;
    let shortage = short.refused(409, "budget_insufficient")["shortage"].clone();
    assert_eq!(shortage["budget_line_id"], json!(id("bl_2026_btctu_13_7761")));
    assert_eq!(short.places(), ["#/costs"]);
    // Two things at once are told together.
    dear["vehicles"] = reception()["vehicles"].clone();
    let both = arrange(&phuoc, dear).await;
    both.refused(422, "validation_failed");
    assert_eq!(broken(&both), ["#/vehicles/0 time_taken", "#/costs budget_insufficient"]);
    let mut nowhere = reception();
    nowhere["vehicles"] = json!([]);
    nowhere["costs"]["estimate"]["other"] = json!([{"kind": "conference_interpreter", "description": "Phiên dịch", "quantity": 1, "unit_amount": 1}]);
    let refused = arrange(&phuoc, nowhere).await;
    assert_eq!(broken(&refused), ["#/costs/estimate/other/0 budget_line_missing"]);
    assert_eq!(written(&office).await, before);
}

#[actix_web::test]
async fn who_decides_for_the_board_arranges_and_never_commits_a_plan_of_their_own() {
    let office = Office::open().await;
    arrange(&office.login("duong.ntt"), reception()).await.refused(403, "forbidden");
    arrange(&office.login("hanh.nt"), reception()).await.refused(422, "validation_failed");
    let own = with(reception(), "/coordinator_id", json!(id("p_phuoc")));
    let refused = arrange(&office.login("phuoc.dh"), own.clone()).await;
    assert_eq!(broken(&refused), ["#/coordinator_id four_eyes"]);
    let made = arrange(&office.login("an.nv"), own.clone()).await.expect(201);
    assert_eq!(made["costs"]["status"], "committed");
    // Without costs there is nothing to commit, and without cars and tasks nothing to ask for.
    let mut bare = own;
    for (part, nothing) in [("costs", Value::Null), ("vehicles", json!([])), ("tasks", json!([]))] {
        bare[part] = nothing;
    }
    let made = arrange(&office.login("phuoc.dh"), bare).await.expect(201);
    assert_eq!((&made["costs"], &made["booking_ids"]), (&Value::Null, &json!([])));
}

#[actix_web::test]
async fn a_reception_is_claimed_within_its_ceilings() {
    let office = Office::open().await;
    given_line_of(&office, "btctu", (2025, "7761"), 1).await;
    let mut body = reception();
    for part in ["vehicles", "tasks", "legs", "meals"] {
        body[part] = json!([]);
    }
    body["starts_at"] = json!("2025-12-12T07:00:00+07:00");
    body["ends_at"] = json!("2025-12-12T17:00:00+07:00");
    body["costs"]["estimate"]["on"] = json!("2025-12-12");
    body["costs"]["estimate"]["hospitality"] = json!([{"kind": "drinks", "persons": 10}]);
    let made = arrange(&office.login("phuoc.dh"), body).await.expect(201);
    let invoice = json!({"seller_tax_code": "6001234998", "number": "TK1", "issued_on": "2025-12-12"});
    let claim = json!({
        "board_id": id("btctu"), "kind": "reception", "purpose": "Tiếp khách", "conference_id": made["id"],
        "lines": [{"kind": "hospitality_drinks", "incurred_on": "2025-12-12", "description": "Nước uống",
                   "claimed_amount": 350_000, "invoice": invoice}],
    });
    let claim = office.login("duong.ntt").post("/v1/expense-claims", claim).await.expect(201);
    let path = format!("/v1/expense-claims/{}", claim["id"].as_str().unwrap());
    let mut shown = Value::Null;
    for (who, verb) in
        [("duong.ntt", "submit"), ("phuoc.dh", "confirm"), ("ha.lt", "verify"), ("an.nv", "approve")]
    {
        shown = office.login(who).act(&path, verb, json!({})).await.expect(200);
    }
    assert_eq!(shown["allowed_amount"], 300_000);
    assert!(shown["lines"][0]["cut_reason"].as_str().unwrap().contains("71/2018/TT-BTC"));
}

#[actix_web::test]
async fn of_two_receptions_that_want_one_car_one_is_arranged() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (one, other) = (office.login("phuoc.dh"), office.login_at(&second, "an.nv"));
    other.token().await;
    let (first, last) = join(arrange(&one, reception()), arrange(&other, reception())).await;
    let mut statuses = [first.status, last.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", first.text, last.text);
    let before = hospitality(&office).await;
    assert_eq!(before[1], 8 * 300_000 + 16 * 30_000, "only one is committed");
}
