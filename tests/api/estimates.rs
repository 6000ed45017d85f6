//! Travel estimates: the worked examples of the rules, and how a journey is read.

use chrono::{Days, NaiveDate, TimeDelta};
use serde_json::from_str;
use shared_office::decimal::{decimal, hundredths};

use crate::support::{Answer, Client, Office, Value, at, id, json};

/// Worked examples of the rules.
fn vectors(operation: &str) -> Vec<Value> {
    let all: Vec<Value> = from_str(include_str!("travel_vectors.json")).unwrap();
    let found: Vec<Value> = all.into_iter().filter(|row| row["operation"] == operation).collect();
    assert!(!found.is_empty(), "{operation}");
    found
}

async fn estimate(client: &Client, body: Value) -> Answer {
    client.post("/v1/travel-estimates", body).await
}

/// A leg with nothing paid but the days.
fn leg(starts_at: &str, ends_at: &str) -> Value {
    json!({"from_place": "Buôn Ma Thuột", "to_place": "Nơi công tác", "starts_at": starts_at, "ends_at": ends_at,
        "transport": "none", "lodging": "none"})
}

/// The leg with other members.
fn with(mut leg: Value, members: Value) -> Value {
    leg.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    leg
}

fn journey(coefficient: &Value, legs: Value) -> Value {
    json!({"travellers": [{"coefficient": coefficient}], "legs": legs})
}

/// From the morning of one day to the afternoon of another.
fn stay(first: &Value, last: &Value) -> Value {
    let (first, last) = (first.as_str().unwrap(), last.as_str().unwrap());
    leg(&format!("{first}T07:00:00+07:00"), &format!("{last}T17:00:00+07:00"))
}

fn later(day: &Value, days: u64) -> Value {
    let day: NaiveDate = day.as_str().unwrap().parse().unwrap();
    json!(day.checked_add_days(Days::new(days)).unwrap())
}

/// The example's answer, or its refusal; every refusal names its code.
async fn answered(client: &Client, row: &Value, body: Value) -> Option<Value> {
    let answer = estimate(client, body).await;
    let expected = &row["expected"];
    if expected["outcome"] != "refused" {
        return Some(answer.expect(200));
    }
    let code = expected["error_code"].as_str().unwrap();
    assert_eq!(answer.status, expected["http_status"], "{}: {}", row["id"], answer.text);
    let errors = answer.body["errors"].as_array().unwrap();
    assert!(errors.iter().any(|error| error["code"] == code), "{}: {}", row["id"], answer.text);
    None
}

fn lines<'a>(answer: &'a Value, kind: &str) -> Vec<&'a Value> {
    let travellers = answer["travellers"].as_array().unwrap();
    let all = travellers.iter().flat_map(|one| one["lines"].as_array().unwrap());
    all.filter(|line| line["kind"] == kind).collect()
}

fn sum(lines: &[&Value], field: &str) -> i64 {
    lines.iter().map(|line| line[field].as_i64().unwrap()).sum()
}

fn legs_of_quote(input: &Value) -> Value {
    let members =
        json!({"other_place_classes": input["place_classes"], "lodging": input["lodging"]["method"]});
    let whole = with(stay(&input["from_date"], &input["to_date"]), members);
    if let Some(same_day) = input.get("same_day") {
        let starts_at = at(whole["starts_at"].as_str().unwrap());
        let seconds = hundredths(same_day["hours"].as_str().unwrap()).unwrap() * 36;
        let ends_at = starts_at + TimeDelta::seconds(seconds);
        return json!([with(whole, json!({"ends_at": ends_at, "one_way_km": same_day["one_way_km"]}))]);
    }
    let Some(sea) = input["sea_dates"].as_array() else { return json!([whole]) };
    let ashore = format!("{}T00:00:00+07:00", later(sea.last().unwrap(), 1).as_str().unwrap());
    json!([
        with(whole.clone(), json!({"ends_at": ashore, "at_sea": true})),
        with(whole, json!({"starts_at": ashore})),
    ])
}

#[actix_web::test]
async fn journeys_are_priced_as_the_examples_say() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let rows = vectors("travel_quote");
    assert_eq!(rows.len(), 32);
    for row in rows {
        let (input, expected) = (&row["input"], &row["expected"]);
        let mut body = journey(&input["coefficient"], legs_of_quote(input));
        body["rate_change_pricing"] = input["pricing"].clone();
        body["travellers"][0]["private_dates"] = input.get("private_dates").cloned().unwrap_or(json!([]));
        let Some(answer) = answered(&client, &row, body).await else { continue };
        let one = &answer["travellers"][0];
        let found = json!({
            "days": one["days"], "nights": one["nights"], "paid_days": one["paid_days"],
            "per_diem_vnd": one["per_diem_amount"], "lodging_vnd": one["lodging_amount"],
            "total_vnd": answer["total_amount"], "verification": answer["verification"],
            "document_numbers": answer["document_numbers"],
        });
        assert_eq!(&found, expected, "{}", row["id"]);
        let own = one["lines"].as_array().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(sum(&own, "amount"), answer["total_amount"], "{}", row["id"]);
    }
}

#[actix_web::test]
async fn rooms_are_paid_by_receipt_as_the_examples_say() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let rows = vectors("lodging_receipt");
    assert_eq!(rows.len(), 8);
    for row in rows {
        let (input, expected) = (&row["input"], &row["expected"]);
        let check_out = later(&input["check_in"], input["nights"].as_u64().unwrap());
        let leg = with(
            stay(&input["check_in"], &check_out),
            json!({"other_place_classes": input["place_classes"], "lodging": "receipt",
                "room_amount": input["invoice_per_night_vnd"], "room_occupants": input["occupants"]}),
        );
        let mut body = journey(&input["coefficient"], json!([leg]));
        let occupants = usize::try_from(input["occupants"].as_i64().unwrap()).unwrap();
        body["travellers"] = json!(vec![json!({"coefficient": input["coefficient"]}); occupants]);
        let Some(answer) = answered(&client, &row, body).await else { continue };
        let nights = lines(&answer, "lodging_receipt");
        let found = json!({
            "ceiling_per_night_vnd": nights[0]["rate_amount"],
            "payable_vnd": sum(&nights, "amount"),
            "refused_vnd": sum(&nights, "asked_amount") - sum(&nights, "amount"),
            "refusal_reason": nights[0]["reason"],
            "verification": answer["verification"],
            "document_numbers": answer["document_numbers"],
        });
        assert_eq!(&found, expected, "{}", row["id"]);
    }
}

#[actix_web::test]
async fn half_a_day_more_in_the_room_is_paid_as_the_examples_say() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    for row in vectors("lodging_half_day_extra") {
        let (input, expected) = (&row["input"], &row["expected"]);
        let last: NaiveDate = input["date"].as_str().unwrap().parse().unwrap();
        let leg = with(
            stay(&json!(last.pred_opt().unwrap()), &input["date"]),
            json!({"other_place_classes": input["place_classes"], "lodging": "lump_sum",
                "late_check_out": {"cause": input["cause"], "reason": input["reason"]}}),
        );
        let body = journey(&input["coefficient"], json!([leg]));
        let Some(answer) = answered(&client, &row, body).await else { continue };
        let extra = lines(&answer, "lodging_late_check_out");
        assert_eq!(extra.len(), 1);
        assert_eq!(extra[0]["amount"], expected["max_extra_vnd"], "{}", row["id"]);
        assert_eq!(extra[0]["on"], input["date"]);
        assert_eq!(answer["verification"], expected["verification"], "{}", row["id"]);
    }
}

/// A way on one day, home on the next: what the days cost is no matter here.
fn way(day: &Value, members: Value) -> Value {
    let there = with(stay(day, day), members);
    json!([there, stay(&later(day, 1), &later(day, 1))])
}

#[actix_web::test]
async fn private_transport_is_paid_as_the_examples_say() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let rows = vectors("private_transport");
    assert_eq!(rows.len(), 8);
    for row in rows {
        let (input, expected) = (&row["input"], &row["expected"]);
        assert_eq!(input["petrol_price_vnd"], 20150, "what petrol costs in the demo office on that day");
        let by_office = input.get("dispatch_order").is_some();
        let members = json!({"transport": if by_office { "office_car" } else { "private" },
            "one_way_km": input["one_way_km"], "round_trip": true,
            "difficult_area": input["area"] == "difficult_commune"});
        let mut body = journey(&json!("0.00"), way(&input["date"], members));
        body["travellers"][0]["has_car_right"] = input.get("has_car_right").cloned().unwrap_or(json!(false));
        let answer = answered(&client, &row, body).await.unwrap();
        let line = lines(&answer, if by_office { "office_car" } else { "private_transport" })[0];
        assert_eq!(line["amount"], expected["amount_vnd"], "{}", row["id"]);
        assert_eq!(line["reason"], expected["reason"], "{}", row["id"]);
        assert_eq!(answer["travellers"][0]["transport_amount"], expected["amount_vnd"], "{}", row["id"]);
        if !by_office {
            let km = hundredths(expected["payable_km"].as_str().unwrap()).unwrap();
            assert_eq!(line["quantity"], decimal(km), "{}", row["id"]);
        }
    }
}

#[actix_web::test]
async fn a_month_on_the_move_is_paid_as_the_examples_say() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    for row in vectors("monthly_lump_sum") {
        let body = json!({"travellers": [{"coefficient": "0.00"}], "monthly_lump_sum": row["input"]});
        let answer = answered(&client, &row, body).await.unwrap();
        assert_eq!(answer["total_amount"], row["expected"]["amount_vnd"], "{}", row["id"]);
        assert_eq!(answer["verification"], row["expected"]["verification"], "{}", row["id"]);
        assert_eq!(lines(&answer, "monthly_travel_lump_sum").len(), 1);
    }
}

/// A regulation of the office from 2029 on.
async fn regulation(chief: &Client) -> String {
    let body = json!({"code": "QC-2029", "document_number": "09-QC/VPTU", "issuer": "Văn phòng Tỉnh ủy",
        "title": "Quy chế chi tiêu nội bộ", "authority": "office", "valid_from": "2029-01-01",
        "scopes": ["travel"], "verification": "verified"});
    let table = chief.post("/v1/rate-tables", body).await.expect(201);
    format!("/v1/rate-tables/{}/rates", table["id"].as_str().unwrap())
}

/// A row in force in 2029, beside what its kind needs.
fn row_of_2029(members: Value) -> Value {
    with(json!({"valid_from": "2029-01-01", "verification": "verified"}), members)
}

#[actix_web::test]
async fn an_amount_is_rounded_once_at_its_line() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let rates = regulation(&chief).await;
    // A hundredth of a litre for each km, so that the km are the litres of the example.
    let rule = json!({"kind": "private_transport", "code": "ordinary_commune", "min_one_way_km": "0", "litres_per_km": "0.01"});
    chief.post(&rates, row_of_2029(rule)).await.expect(201);
    let mut day = json!("2029-01-08");
    let mut rows = vectors("round_line");
    assert_eq!(rows.len(), 4);
    rows.extend(vectors("round_lines"));
    for row in rows {
        let (input, expected) = (&row["input"], &row["expected"]);
        let price = json!({"fuel_type": "petrol", "unit_price": input["price_vnd_per_litre"], "valid_from": day,
            "valid_to": day, "issuer": "Công ty Xăng dầu", "verification": "verified"});
        chief.post("/v1/fuel-prices", price).await.expect(201);
        let all = input["litres"].as_array().cloned().unwrap_or_else(|| vec![input["litres"].clone()]);
        let litres: i64 = all.iter().map(|litres| hundredths(litres.as_str().unwrap()).unwrap()).sum();
        let km = litres.to_string();
        let body = journey(&json!("0.00"), way(&day, json!({"transport": "private", "one_way_km": km})));
        let answer = estimate(&chief, body).await.expect(200);
        let line = lines(&answer, "private_transport")[0];
        assert_eq!(line["amount"], expected["amount_vnd"], "{}: {line}", row["id"]);
        day = later(&day, 7);
    }
}

#[actix_web::test]
async fn the_office_pays_by_its_own_rate_where_it_is_not_above_the_states() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let rates = regulation(&chief).await;
    let per_diem = |amount: i64, from: &str| {
        with(
            row_of_2029(
                json!({"kind": "per_diem", "code": "mainland", "unit": "per_person_per_day", "amount": amount}),
            ),
            json!({"valid_from": from}),
        )
    };
    chief.post(&rates, per_diem(280_000, "2029-01-01")).await.expect(201);
    chief.post(&rates, per_diem(320_000, "2029-03-01")).await.expect(201);
    for (first, last, amount, document, mark) in [
        ("2028-12-30", "2028-12-31", 300_000, "12/2025/TT-BTC", "press_only"),
        ("2029-02-01", "2029-02-02", 280_000, "09-QC/VPTU", "verified"),
        ("2029-03-01", "2029-03-02", 300_000, "12/2025/TT-BTC", "press_only"),
    ] {
        let body = journey(&json!("0.00"), json!([stay(&json!(first), &json!(last))]));
        let answer = estimate(&chief, body).await.expect(200);
        assert_eq!(lines(&answer, "per_diem")[0]["rate_amount"], amount, "{first}");
        assert_eq!(answer["document_numbers"], json!([document]), "{first}");
        assert_eq!(answer["verification"], mark, "{first}");
    }
}

#[actix_web::test]
async fn the_newest_of_several_circulars_answers() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let body = json!({"code": "TT99-2029", "document_number": "99/2029/TT-BTC", "issuer": "Bộ Tài chính",
        "title": "Thông tư mới", "authority": "state", "valid_from": "2029-06-01", "scopes": ["travel"],
        "verification": "verified"});
    let table = chief.post("/v1/rate-tables", body).await.expect(201);
    let rates = format!("/v1/rate-tables/{}/rates", table["id"].as_str().unwrap());
    let row = json!({"kind": "per_diem", "code": "mainland", "unit": "per_person_per_day", "amount": 350_000,
        "valid_from": "2029-06-01", "verification": "verified"});
    chief.post(&rates, row).await.expect(201);
    let body = journey(&json!("0.00"), json!([stay(&json!("2029-05-31"), &json!("2029-06-01"))]));
    let answer = estimate(&chief, body).await.expect(200);
    let amounts: Vec<_> = lines(&answer, "per_diem").iter().map(|line| line["amount"].clone()).collect();
    assert_eq!(amounts, [300_000, 350_000]);
    assert_eq!(answer["document_numbers"], json!(["12/2025/TT-BTC", "99/2029/TT-BTC"]));
}

#[actix_web::test]
async fn a_shared_room_is_divided_to_the_last_dong() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let leg = with(
        stay(&json!("2019-12-10"), &json!("2019-12-11")),
        json!({"place_class": "a", "lodging": "receipt", "room_amount": 900_001, "room_occupants": 2}),
    );
    let of = |travellers: usize| {
        let mut body = journey(&json!("0.00"), json!([leg]));
        body["travellers"] = json!(vec![json!({"coefficient": "0.00"}); travellers]);
        body
    };
    // The third one is left over and has an own room.
    let answer = estimate(&client, of(3)).await.expect(200);
    let amounts: Vec<_> =
        lines(&answer, "lodging_receipt").iter().map(|line| line["amount"].clone()).collect();
    assert_eq!(amounts, [450_001, 450_000, 900_001]);
    // A single one shares with somebody else.
    let answer = estimate(&client, of(1)).await.expect(200);
    assert_eq!(lines(&answer, "lodging_receipt")[0]["amount"], 450_001);
}

#[actix_web::test]
async fn the_room_may_cost_what_the_highest_of_its_guests_may() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let leg = with(
        stay(&json!("2019-12-10"), &json!("2019-12-11")),
        json!({"place_class": "a", "lodging": "receipt", "room_amount": 1_400_000, "room_occupants": 2}),
    );
    let mut body = journey(&json!("0.00"), json!([leg]));
    body["travellers"] = json!([{"coefficient": "0.00"}, {"coefficient": "1.25"}]);
    let answer = estimate(&client, body).await.expect(200);
    let nights = lines(&answer, "lodging_receipt");
    assert_eq!((&nights[0]["amount"], &nights[0]["asked_amount"]), (&json!(600_000), &json!(700_000)));
    assert_eq!((&nights[0]["reason"], &nights[1]["amount"]), (&json!("over_ceiling"), &json!(600_000)));
}

#[actix_web::test]
async fn a_member_of_staff_is_classed_by_the_position_of_the_departure_day() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let person = json!({"employee_code": "MOI-1", "full_name": "Nguyễn Văn Mới"});
    let person = chief.post("/v1/staff", person).await.expect(201);
    let record = format!("/v1/staff/{}", person["id"].as_str().unwrap());
    for (position, coefficient, from) in
        [("specialist", "0.00", "2024-01-01"), ("board_deputy_head", "0.90", "2025-09-01")]
    {
        let body = json!({"board_id": id("btctu"), "position": position, "allowance_coefficient": coefficient, "valid_from": from});
        chief.act(&record, "appoint", body).await.expect(200);
    }
    let body = |first: &str, last: &str| {
        let leg = with(
            stay(&json!(first), &json!(last)),
            json!({"place_class": "province", "lodging": "lump_sum"}),
        );
        json!({"travellers": [{"staff_id": person["id"]}], "legs": [leg]})
    };
    for (first, last, coefficient, nights) in
        [("2025-08-31", "2025-09-02", "0.00", 1_000_000), ("2025-09-01", "2025-09-03", "0.90", 1_200_000)]
    {
        let answer = estimate(&chief, body(first, last)).await.expect(200);
        let one = &answer["travellers"][0];
        assert_eq!(
            (&one["coefficient"], &one["lodging_amount"]),
            (&json!(coefficient), &json!(nights)),
            "{first}"
        );
    }
    let refused = estimate(&chief, body("2023-12-31", "2024-01-02")).await.refused(422, "validation_failed");
    assert_eq!(refused["errors"][0]["code"], "no_appointment");
    assert_eq!(refused["errors"][0]["pointer"], "#/travellers/0/staff_id");
}

#[actix_web::test]
async fn who_may_have_a_car_pays_for_the_own_one() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    for (coefficient, reason) in [("0.69", Value::Null), ("0.70", json!("has_car_right"))] {
        let members = json!({"transport": "private", "one_way_km": "30"});
        let body = journey(&json!(coefficient), way(&json!("2025-11-20"), members));
        let answer = estimate(&client, body).await.expect(200);
        assert_eq!(lines(&answer, "private_transport")[0]["reason"], reason, "{coefficient}");
    }
}

#[actix_web::test]
async fn a_night_between_two_legs_is_not_paid_and_the_day_is() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let room = json!({"place_class": "province", "lodging": "lump_sum"});
    let legs = json!([
        with(leg("2025-06-10T07:00:00+07:00", "2025-06-11T21:00:00+07:00"), room.clone()),
        with(leg("2025-06-13T06:00:00+07:00", "2025-06-14T12:00:00+07:00"), room),
    ]);
    let answer = estimate(&client, journey(&json!("0.00"), legs)).await.expect(200);
    let nights: Vec<_> = lines(&answer, "lodging_lump_sum")
        .iter()
        .map(|line| (line["on"].clone(), line["leg"].clone()))
        .collect();
    assert_eq!(json!(nights), json!([["2025-06-10", 0], ["2025-06-13", 1]]));
    let days: Vec<_> = lines(&answer, "per_diem").iter().map(|line| line["leg"].clone()).collect();
    assert_eq!(days, [0, 0, 0, 1, 1]);
}

#[actix_web::test]
async fn a_private_day_and_its_night_are_not_paid() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let room = json!({"place_class": "province", "lodging": "lump_sum"});
    let leg = with(stay(&json!("2025-06-10"), &json!("2025-06-13")), room);
    let mut body = journey(&json!("0.00"), json!([leg]));
    body["travellers"][0]["private_dates"] = json!(["2025-06-11"]);
    let answer = estimate(&client, body.clone()).await.expect(200);
    let one = &answer["travellers"][0];
    assert_eq!((&one["per_diem_amount"], &one["lodging_amount"]), (&json!(900_000), &json!(1_000_000)));
    assert_eq!((&one["days"], &one["paid_days"]), (&json!(4), &json!(3)));
    for kind in ["per_diem", "lodging_lump_sum"] {
        let own = lines(&answer, kind)[1];
        assert_eq!((&own["amount"], &own["reason"]), (&json!(0), &json!("private_day")));
    }
    body["travellers"][0]["private_dates"] = json!(["2025-06-13", "2025-06-14"]);
    let refused = estimate(&client, body).await.refused(422, "validation_failed");
    assert_eq!(refused["errors"][0]["pointer"], "#/travellers/0/private_dates/1");
}

#[actix_web::test]
async fn tickets_are_added_and_never_beside_another_way() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let there = with(
        leg("2025-06-10T07:00:00+07:00", "2025-06-11T12:00:00+07:00"),
        json!({"transport": "air", "ticket_amount": 1_450_000}),
    );
    let back = with(
        leg("2025-06-11T12:00:00+07:00", "2025-06-11T18:00:00+07:00"),
        json!({"transport": "hired", "ticket_amount": 600_000}),
    );
    let answer = estimate(&client, journey(&json!("0.00"), json!([there, back]))).await.expect(200);
    assert_eq!(answer["travellers"][0]["transport_amount"], 2_050_000);
    assert_eq!((lines(&answer, "ticket").len(), lines(&answer, "hired_transport").len()), (1, 1));
    for (transport, code) in [
        ("office_car", "double_transport"),
        ("private", "double_transport"),
        ("none", "not_with_this_transport"),
    ] {
        let there = with(there.clone(), json!({"transport": transport, "one_way_km": "30"}));
        let body = journey(&json!("0.00"), json!([there]));
        let refused = estimate(&client, body).await.refused(422, "validation_failed");
        assert_eq!(refused["errors"][0]["code"], code);
        assert_eq!(refused["errors"][0]["pointer"], "#/legs/0/ticket_amount");
    }
}

#[actix_web::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let late = json!({"cause": "work_until_end_of_day", "reason": ""});
    let legs = json!([
        with(leg("2025-06-10T07:00:00+07:00", "2025-06-10T06:00:00+07:00"), json!({"transport": "private"})),
        with(leg("2025-06-09T07:00:00+07:00", "2025-06-12T06:00:00+07:00"), json!({"lodging": "receipt"})),
        with(
            leg("2025-06-12T07:00:00+07:00", "2025-06-13T06:00:00+07:00"),
            json!({"late_check_out": late, "room_amount": 1, "room_occupants": 2,
                "other_place_classes": [{"table": "TT12-2025", "place_class": "province"},
                    {"table": "TT12-2025", "place_class": "province"}]}),
        ),
    ]);
    let body = json!({
        "travellers": [{}, {"staff_id": id("p_duong"), "coefficient": "0.10"}, {"staff_id": id("nobody")}],
        "legs": legs, "monthly_lump_sum": {"month": "2025-06", "travel_days": 1},
    });
    let refused = estimate(&client, body).await.refused(422, "validation_failed");
    let mut found: Vec<_> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            let pointer = error["pointer"].as_str().unwrap().trim_start_matches("#/");
            format!("{pointer} {}", error["code"].as_str().unwrap())
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "legs/0/ends_at out_of_range",
            "legs/0/one_way_km required",
            "legs/1/place_class required",
            "legs/1/room_amount required",
            "legs/1/starts_at legs_overlap",
            "legs/2/late_check_out not_with_this_lodging",
            "legs/2/late_check_out/reason reason_required",
            "legs/2/other_place_classes/1/table duplicate",
            "legs/2/room_amount not_with_this_lodging",
            "legs/2/room_occupants not_with_this_lodging",
            "monthly_lump_sum not_with_legs",
            "travellers/0/coefficient one_of",
            "travellers/1/coefficient one_of",
            "travellers/2/staff_id unknown_reference",
        ]
    );
}

#[actix_web::test]
async fn every_missing_rate_is_named_once() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let leg = with(
        stay(&json!("2017-06-01"), &json!("2017-06-10")),
        json!({"place_class": "a", "lodging": "lump_sum", "transport": "private", "one_way_km": "40"}),
    );
    let refused =
        estimate(&client, journey(&json!("0.90"), json!([leg]))).await.refused(422, "rate_not_found");
    let pointers: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["#/legs/0", "#/legs/0/lodging", "#/legs/0/transport"]);
    assert!(refused["detail"].as_str().unwrap().contains("2017-06-01"), "{refused}");
    let details = refused["errors"].to_string();
    assert!(details.contains("0.90") && details.contains("loại a"), "{details}");
}

#[actix_web::test]
async fn a_journey_has_bounds() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let of = |last: &str, travellers: usize| {
        let mut body = journey(&json!("0.00"), json!([stay(&json!("2026-01-01"), &json!(last))]));
        body["travellers"] = json!(vec![json!({"coefficient": "0.00"}); travellers]);
        body
    };
    let answer = estimate(&client, of("2027-02-04", 5)).await.expect(200);
    assert_eq!(answer["travellers"][0]["days"], 400);
    assert_eq!(answer["total_amount"], 5 * 400 * 300_000);
    for body in [of("2027-02-05", 1), of("2027-02-04", 6)] {
        let refused = estimate(&client, body).await.refused(422, "validation_failed");
        assert_eq!(refused["errors"][0]["code"], "too_long");
    }
    let ticket = json!({"transport": "air", "ticket_amount": 999_999_999_999_999_i64});
    let mut body = of("2026-01-02", 2);
    body["legs"][0] = with(body["legs"][0].clone(), ticket);
    estimate(&client, body).await.refused(422, "validation_failed");
    estimate(&client, json!({"travellers": [{"coefficient": "0.00"}]}))
        .await
        .refused(422, "validation_failed");
    let month = json!({"month": "2025-02", "travel_days": 29});
    let body = json!({"travellers": [{"coefficient": "0.00"}], "monthly_lump_sum": month});
    let refused = estimate(&client, body).await.refused(422, "validation_failed");
    assert_eq!(refused["errors"][0]["pointer"], "#/monthly_lump_sum/travel_days");
}

#[actix_web::test]
async fn the_office_chooses_how_a_change_of_rates_is_priced() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let body = journey(&json!("0.00"), json!([stay(&json!("2025-05-02"), &json!("2025-05-06"))]));
    let answer = estimate(&chief, body.clone()).await.expect(200);
    assert_eq!(
        (&answer["rate_change_pricing"], &answer["total_amount"]),
        (&json!("by_day"), &json!(1_300_000))
    );
    let setting = json!({"kind": "office_setting", "code": "rate_change_pricing", "value": "by_departure",
        "valid_from": "2025-05-01", "verification": "verified"});
    let rates = format!("/v1/rate-tables/{}/rates", id("QC01-DEMO"));
    chief.post(&rates, setting).await.expect(201);
    let answer = estimate(&chief, body.clone()).await.expect(200);
    assert_eq!(answer["rate_change_pricing"], "by_departure");
    assert_eq!(answer["total_amount"], 1_000_000);
    let body = with(body, json!({"rate_change_pricing": "by_day"}));
    assert_eq!(estimate(&chief, body).await.expect(200)["total_amount"], 1_300_000);
}

#[actix_web::test]
async fn a_line_shows_its_working_in_the_callers_language() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let members =
        json!({"transport": "private", "one_way_km": "12.5", "round_trip": true, "difficult_area": true});
    let body = journey(&json!("0.00"), way(&json!("2025-11-20"), members));
    let answer = estimate(&client, body.clone()).await.expect(200);
    let line = lines(&answer, "private_transport")[0];
    assert_eq!(line["working"], "25.00 km x 0.20 lít x 20.150 đ");
    assert_eq!(line["rate_amount"], 4030);
    assert_eq!(lines(&answer, "per_diem")[0]["working"], "1 ngày x 300.000 đ");
    let rates: Vec<_> = line["rates"].as_array().unwrap().iter().map(|rate| rate["table"].clone()).collect();
    assert_eq!(rates, [json!("TT40-2017"), Value::Null]);
    assert_eq!(line["rates"][0]["article"], "Điều 5 khoản 2 điểm b");
    let english = [("Accept-Language", "en")];
    let answer =
        client.send(reqwest::Method::POST, "/v1/travel-estimates", Some(body), &english).await.expect(200);
    assert_eq!(lines(&answer, "private_transport")[0]["working"], "25.00 km x 0.20 l x 20,150 đ");
}

#[actix_web::test]
async fn a_long_journey_asks_no_more_queries_than_a_short_one() {
    let office = Office::open().await;
    let (address, statements) = office.watched_process().await;
    let client = office.login_at(&address, "duong.ntt");
    client.get("/v1/me").await.expect(200);
    let mut counts = Vec::new();
    for (last, travellers) in [("2026-01-02", 1), ("2026-12-01", 5)] {
        let room = json!({"place_class": "province", "lodging": "lump_sum"});
        let leg = with(stay(&json!("2026-01-01"), &json!(last)), room);
        let mut body = journey(&json!("0.00"), json!([leg]));
        body["travellers"] = json!(vec![json!({"staff_id": id("p_duong")}); travellers]);
        statements.lock().unwrap().clear();
        estimate(&client, body).await.expect(200);
        counts.push(statements.lock().unwrap().len());
    }
    assert_eq!(counts[0], counts[1]);
}
