//! Rate tables: the state's circulars in every office, the office's own rules, and rows that take over from a day on.

use entity::{rate_tables, rates};
use sea_orm::{EntityTrait, PaginatorTrait};
use shared_office::http::language::Language;
use shared_office::travel::estimates;
use shared_office::travel::estimates::json::TravelEstimateIn;
use shared_office::travel::rates::store;
use shared_office::write::{Actor, transaction};

use crate::support::{Client, Office, Value, id, json};

fn rates_of(table: &str) -> String {
    format!("/v1/rate-tables/{}/rates", id(table))
}

fn rate(reference: &str) -> String {
    format!("/v1/rates/{}", id(reference))
}

/// A tier of journeys within one day.
fn tier(hours: &str, amount: i64, valid_from: &str) -> Value {
    json!({"kind": "same_day_per_diem", "min_hours": hours, "min_one_way_km": "30", "unit": "per_person_per_trip",
        "amount": amount, "valid_from": valid_from, "verification": "verified"})
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

/// Keeps an estimate, as a travel order does.
async fn keep(office: &Office, body: Value) {
    let body: TravelEstimateIn = serde_json::from_value(body).unwrap();
    transaction(&office.app, &Actor::system(), async |tx| {
        let estimate = estimates::compute(tx.db(), Language::Vi, &body).await?;
        store::mark_used(tx, &estimate).await
    })
    .await
    .unwrap();
}

fn journey(first: &str, last: &str) -> Value {
    json!({"travellers": [{"coefficient": "0.00"}], "legs": [{
        "from_place": "Buôn Ma Thuột", "to_place": "Đà Lạt", "starts_at": format!("{first}T06:00:00+07:00"),
        "ends_at": format!("{last}T18:00:00+07:00"), "transport": "none", "one_way_km": "200", "lodging": "none"}]})
}

#[actix_web::test]
async fn every_office_has_the_states_circulars_and_no_invented_rules() {
    let office = Office::new_and_empty().await;
    let db = &office.app.db.reader;
    let mut codes: Vec<_> =
        rate_tables::Entity::find().all(db).await.unwrap().into_iter().map(|table| table.code).collect();
    codes.sort();
    assert_eq!(codes, ["TT12-2025", "TT40-2017", "TT71-2018"]);
    assert_eq!(rates::Entity::find().count(db).await.unwrap(), 59);
    let rows = rates::Entity::find().all(db).await.unwrap();
    assert!(rows.iter().all(|row| row.verification != rates::Verification::Demo));
}

#[actix_web::test]
async fn a_circular_shows_its_rows_of_a_day_and_how_well_they_are_proved() {
    let office = Office::open().await;
    let client = office.login("duong.ntt");
    let tables = items(&client, "/v1/rate-tables").await;
    let codes: Vec<_> = tables.iter().map(|table| table["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["TT40-2017", "TT71-2018", "QC01-DEMO", "TT12-2025"]);
    let in_force = items(&client, "/v1/rate-tables?authority=state&on=2025-05-03").await;
    let codes: Vec<_> = in_force.iter().map(|table| table["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["TT40-2017", "TT71-2018"]);
    let classes =
        items(&client, &format!("{}?kind=traveller_class&on=2025-12-12", rates_of("TT12-2025"))).await;
    let mut lump_sums: Vec<_> = classes
        .iter()
        .filter(|row| row["applies_to"] == "lodging_lump_sum")
        .map(|row| json!([row["coefficient_from"], row["coefficient_to"], row["code"]]))
        .collect();
    lump_sums.sort_by_key(Value::to_string);
    assert_eq!(
        json!(lump_sums),
        json!([
            ["0.00", "0.79", "others"],
            ["0.80", "1.24", "leader_080_to_125"],
            ["1.25", null, "leader_from_125"]
        ])
    );
    let nights = items(&client, &format!("{}?kind=lodging_lump_sum", rates_of("TT12-2025"))).await;
    assert_eq!(nights.len(), 5);
    assert!(nights.iter().all(|row| row["verification_basis"] == "news_summary"));
    assert_eq!(nights.iter().filter(|row| row["inferred"] == true).count(), 4);
    // Private transport outlives its circular.
    let still = items(&client, &format!("{}?on=2025-12-12", rates_of("TT40-2017"))).await;
    assert!(still.iter().all(|row| row["kind"] == "private_transport"), "{still:?}");
    assert_eq!(still.len(), 2);
}

#[actix_web::test]
async fn a_new_row_takes_over_from_its_first_day() {
    let office = Office::open().await;
    let (chief, reader) = (office.login("bich.tt"), office.login("quang.lm"));
    let path = rates_of("QC01-DEMO");
    let made = chief.post(&path, tier("6", 180_000, "2026-07-01")).await;
    let row = made.expect(201);
    assert_eq!((&row["min_hours"], &row["amount_kind"]), (&json!("6.00"), &json!("fixed")));
    assert_eq!(reader.get(made.header("location").unwrap()).await.expect(200), row);
    let tiers = items(&reader, &format!("{path}?kind=same_day_per_diem")).await;
    let days: Vec<_> = tiers.iter().map(|row| json!([row["valid_from"], row["valid_to"]])).collect();
    assert_eq!(json!(days), json!([["2019-01-01", "2026-06-30"], ["2026-07-01", null]]));
    let history = items(&reader, &format!("{}/history", rate("sd_qc01_tier1"))).await;
    assert_eq!(
        (&history[1]["action"], &history[1]["details"]["valid_to"]),
        (&json!("end"), &json!("2026-06-30"))
    );
    // Another tier stands beside it; the same one on days that are taken does not.
    chief.post(&path, tier("10", 220_000, "2026-01-01")).await.expect(201);
    let mut body = tier("6.0", 190_000, "2026-01-01");
    body["valid_to"] = json!("2026-12-31");
    chief.post(&path, body).await.refused(409, "period_taken");
    chief.post(&path, tier("6", 190_000, "2026-07-01")).await.refused(409, "period_taken");
    chief.post(&path, tier("6", 190_000, "2018-12-31")).await.refused(422, "validation_failed");
}

#[actix_web::test]
async fn the_highest_tier_that_was_reached_is_paid() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    chief.post(&rates_of("QC01-DEMO"), tier("10", 220_000, "2026-01-01")).await.expect(201);
    for (ends, amount) in [("15:59:00", 150_000), ("16:00:00", 220_000)] {
        let mut body = journey("2026-01-06", "2026-01-06");
        body["legs"][0]["ends_at"] = json!(format!("2026-01-06T{ends}+07:00"));
        let answer = chief.post("/v1/travel-estimates", body).await.expect(200);
        assert_eq!(answer["total_amount"], amount, "{ends}");
    }
}

#[actix_web::test]
async fn a_row_that_priced_something_kept_stays() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let tier_1 = rate("sd_qc01_tier1");
    keep(&office, journey("2026-03-10", "2026-03-10")).await;
    keep(&office, journey("2026-01-08", "2026-01-08")).await;
    let refused = chief.delete(&tier_1, 1).await.refused(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains("2026-03-10"), "{refused}");
    let path = rates_of("QC01-DEMO");
    chief.post(&path, tier("6", 180_000, "2026-03-10")).await.refused(409, "in_use");
    chief.post(&path, tier("6", 180_000, "2026-03-11")).await.expect(201);
    let unused = rate("st_task_refusal_window_days");
    office.login("an.nv").delete(&unused, 1).await.refused(403, "forbidden");
    chief.delete(&unused, 2).await.refused(412, "version_conflict");
    chief.delete(&unused, 1).await.expect(204);
    chief.get(&unused).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_rate_ends_without_another_one_in_its_place() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let tier_1 = rate("sd_qc01_tier1");
    keep(&office, journey("2026-03-10", "2026-03-10")).await;
    let end = async |day: &str| chief.act(&tier_1, "end", json!({"valid_to": day})).await;
    end("2018-12-31").await.refused(422, "validation_failed");
    end("2026-03-09").await.refused(409, "in_use");
    let ended = end("2026-03-10").await.expect(200);
    assert_eq!((&ended["valid_to"], &ended["version"]), (&json!("2026-03-10"), &json!(2)));
    end("2026-03-11").await.refused(422, "validation_failed");
    let history = items(&chief, &format!("{tier_1}/history")).await;
    assert_eq!(history[1]["action"], "end");
    let body = journey("2026-03-11", "2026-03-11");
    chief.post("/v1/travel-estimates", body).await.refused(422, "rate_not_found");
    office
        .login("an.nv")
        .act(&tier_1, "end", json!({"valid_to": "2026-03-10"}))
        .await
        .refused(403, "forbidden");
}

#[actix_web::test]
async fn the_class_of_a_kept_night_stays_with_its_rate() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let mut body = journey("2026-03-10", "2026-03-11");
    body["legs"][0]["lodging"] = json!("lump_sum");
    body["legs"][0]["place_class"] = json!("province");
    keep(&office, body).await;
    for used in ["pd_tt12_mainland", "ls_tt12_others_province", "tc_tt12_ls_others"] {
        chief.delete(&rate(used), 1).await.refused(409, "in_use");
    }
    chief.delete(&rate("pd_tt12_sea"), 1).await.expect(204);
}

#[actix_web::test]
async fn an_estimate_alone_uses_nothing() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let mut body = journey("2026-03-10", "2026-03-11");
    body["legs"][0]["at_sea"] = json!(true);
    let estimate = chief.post("/v1/travel-estimates", body).await.expect(200);
    assert_eq!(estimate["total_amount"], 2 * 400_000);
    chief.delete(&rate("pd_tt12_sea"), 1).await.expect(204);
}

#[actix_web::test]
async fn each_kind_of_row_has_its_own_fields() {
    let office = Office::open().await;
    let chief = office.login("bich.tt");
    let path = rates_of("QC01-DEMO");
    let bare = |kind: &str| json!({"kind": kind, "valid_from": "2026-01-01", "verification": "verified"});
    let codes = async |body: Value| {
        let refused = chief.post(&path, body).await.refused(422, "validation_failed");
        let mut found: Vec<String> = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
            })
            .collect();
        found.sort();
        found
    };
    let mut body = bare("per_diem");
    body["min_hours"] = json!("6");
    body["code"] = json!("moon");
    assert_eq!(
        codes(body).await,
        ["#/amount required", "#/code unknown_code", "#/min_hours not_for_this_kind", "#/unit required"]
    );
    let mut body = bare("lodging_lump_sum");
    for (field, value) in [
        ("traveller_class", json!("kings")),
        ("place_class", json!("z")),
        ("unit", json!("per_person_per_night")),
        ("amount", json!(1)),
    ] {
        body[field] = value;
    }
    assert_eq!(codes(body).await, ["#/place_class unknown_class", "#/traveller_class unknown_class"]);
    let mut body = bare("office_setting");
    body["code"] = json!("rate_change_pricing");
    body["value"] = json!("by_moon");
    assert_eq!(codes(body).await, ["#/value out_of_range"]);
    let mut body = bare("traveller_class");
    for (field, value) in [
        ("code", "k"),
        ("name", "K"),
        ("applies_to", "lodging_lump_sum"),
        ("coefficient_from", "1.00"),
        ("coefficient_to", "0.99"),
    ] {
        body[field] = json!(value);
    }
    assert_eq!(codes(body).await, ["#/coefficient_to out_of_range"]);
    let mut body = bare("hospitality");
    for (field, value) in [
        ("code", json!("gift")),
        ("unit", json!("any")),
        ("amount_kind", json!("forbidden")),
        ("amount", json!(1)),
    ] {
        body[field] = value;
    }
    assert_eq!(codes(body).await, ["#/amount out_of_range"]);
    let mut body = tier("6", 1, "2026-02-01");
    body["valid_to"] = json!("2026-01-31");
    assert_eq!(codes(body).await, ["#/valid_to out_of_range"]);
}

#[actix_web::test]
async fn a_regulation_has_a_code_of_its_own_and_the_chief_accountant_enters_it() {
    let office = Office::open().await;
    let body = json!({"code": "tt12 - 2025", "document_number": "12/2025/TT-BTC", "issuer": "Bộ Tài chính",
        "title": "Thông tư", "authority": "state", "valid_from": "2029-01-01", "scopes": ["travel", "travel"],
        "verification": "verified"});
    let chief = office.login("bich.tt");
    chief.post("/v1/rate-tables", body.clone()).await.refused(409, "duplicate");
    office.login("an.nv").post("/v1/rate-tables", body.clone()).await.refused(403, "forbidden");
    let mut other = body;
    other["code"] = json!("TT12-2029");
    let made = chief.post("/v1/rate-tables", other).await;
    let table = made.expect(201);
    assert_eq!(office.login("duong.ntt").get(made.header("location").unwrap()).await.expect(200), table);
    let path = made.header("location").unwrap().to_owned();
    assert_eq!(items(&chief, &format!("{path}/history")).await[0]["action"], "create");
    assert_eq!(items(&chief, &format!("{path}/rates")).await.len(), 0);
}
