//! The end of a budget year: it freezes as a whole, carries forward what is left, and closes; nothing is lost on the way.

use entity::sub_items;
use futures_util::future::join;
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use shared_office::budgets::commitments;

use crate::support::years::{
    ENTRIES, LINES, TRANSFERS, YEARS, actions, address, conference, id_of, in_ledger, line, lines, lines_of,
    money, obstacles, plan, preview, reserve, show, spend, sums, take, the_office_agrees_with_itself,
    verified, walk, year,
};
use crate::support::{Answer, Office, Value, id, json};

#[actix_web::test]
async fn the_first_line_of_a_year_makes_the_year() {
    let office = Office::open().await;
    let known: Vec<i64> = show(&office, YEARS).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|year| year["year"].as_i64().unwrap())
        .collect();
    assert_eq!(known, [2019, 2025, 2026, 2027, 2028, 2029, 2046]);
    let frozen = show(&office, &format!("{YEARS}?status=frozen&limit=1")).await;
    assert_eq!((&frozen["items"][0]["year"], frozen["next_cursor"].is_null()), (&json!(2027), false));

    let planner = office.login("bich.tt");
    let second = office.second_process().await;
    let bodies = ["6702", "6703"].map(|sub_item| plan(2040, "autonomous", sub_item, 1));
    let other = office.login_at(&second, "bich.tt");
    let [one, two] = bodies;
    for made in <[Answer; 2]>::from(join(planner.post(LINES, one), other.post(LINES, two)).await) {
        made.expect(201);
    }
    let path = year(&office, 2040).await;
    let shown = planner.get(&path).await.expect(200);
    assert_eq!((&shown["status"], &shown["version"]), (&json!("open"), &json!(1)));
    let allowed = |shown: &Value| -> Vec<(String, bool)> {
        let actions = shown["allowed_actions"].as_array().unwrap().iter();
        actions.map(|one| (one["action"].as_str().unwrap().to_owned(), one["allowed"] == true)).collect()
    };
    assert_eq!(allowed(&shown), [("freeze".to_owned(), true)]);
    assert_eq!(
        allowed(&office.login("phuoc.dh").get(&path).await.expect(200)),
        [("freeze".to_owned(), false)]
    );
    assert_eq!(actions(&office, &path).await, ["create"]);
    office.login("duong.ntt").get(YEARS).await.refused(403, "forbidden");
}

#[actix_web::test]
async fn a_frozen_year_takes_nothing_new_until_it_is_open_again() {
    let office = Office::open().await;
    let (planner, chief) = (office.login("bich.tt"), office.login("an.nv"));
    let path = year(&office, 2029).await;
    let lines: Vec<String> = lines_of(&office, 2029).await.iter().map(|line| address(LINES, line)).collect();
    let status = async || {
        let lines = lines_of(&office, 2029).await;
        let count = |status: &str| lines.iter().filter(|line| line["status"] == status).count();
        [count("planned"), count("active"), count("frozen")]
    };
    let before = status().await;
    assert_eq!((before[0], before[2]), (1, 1));
    take(&chief, &path, "freeze").await.refused(403, "forbidden");
    let frozen = take(&planner, &path, "freeze").await.expect(200);
    assert_eq!((&frozen["status"], &frozen["frozen_by_id"]), (&json!("frozen"), &json!(id("p_bich"))));
    assert_eq!(status().await, [1, 0, before[1] + 1]);
    let again = take(&planner, &path, "freeze").await.expect(200);
    assert_eq!(again, frozen, "nothing is done twice");
    assert_eq!(actions(&office, &path).await, ["create", "freeze"]);

    let not_open = |answer: Answer| {
        let body = answer.refused(409, "budget_year_not_open");
        assert_eq!(body["current_status"], "frozen");
    };
    not_open(planner.post(LINES, plan(2029, "autonomous", "6608", 1)).await);
    let planned = format!("{LINES}/{}", id("bl_2029_btctu_13_7761"));
    not_open(take(&office.login("linh.n"), &planned, "activate").await);
    let by_itself = format!("{LINES}/{}", id("bl_2029_btctu_13_6912"));
    not_open(take(&chief, &by_itself, "unfreeze").await);
    let mut supplement = json!({
        "kind": "supplement", "to_line_id": id("bl_2029_btctu_13_6702"), "amount": 1, "document_number": "32-QĐ/TU",
        "signed_on": "2025-12-10", "reason": "Bổ sung",
    });
    not_open(planner.post(TRANSFERS, supplement.clone()).await);
    supplement["kind"] = json!("transfer");
    supplement["from_line_id"] = json!(id("bl_2029_btctu_13_6703"));
    not_open(planner.post(TRANSFERS, supplement).await);
    let transfer = format!("{TRANSFERS}/{}", id("tr_2029"));
    walk(&office, &transfer, &[("phuoc.dh", "sign")]).await;
    not_open(take(&office.login("hanh.nt"), &transfer, "sign").await);

    let silent = planner.send(Method::POST, &format!("{path}/unfreeze"), Some(json!({})), &[]).await;
    assert_eq!(silent.refused(422, "validation_failed")["errors"][0]["pointer"], "#/reason");
    let open = take(&planner, &path, "unfreeze").await.expect(200);
    assert_eq!((&open["status"], &open["frozen_at"]), (&json!("open"), &Value::Null));
    assert_eq!(status().await, before, "a line that froze by itself stays frozen");
    assert_eq!(take(&planner, &path, "unfreeze").await.expect(200), open);
    assert_eq!(actions(&office, &path).await, ["create", "freeze", "unfreeze"]);
    walk(&office, &transfer, &[("hanh.nt", "sign")]).await;
    assert_eq!(actions(&office, &lines[0]).await.iter().filter(|verb| *verb == "freeze").count(), 1);
    the_office_agrees_with_itself(&office).await;
}

#[actix_web::test]
async fn what_was_reserved_before_the_freeze_is_still_paid_and_taken_back() {
    let office = Office::open().await;
    let path = line(&office, 2025, "autonomous", "6608", 5_000_000).await;
    let [paid, released, late] = [
        verified(&office, 400_000).await,
        verified(&office, 300_000).await,
        verified(&office, 200_000).await,
    ];
    walk(&office, &paid, &[("an.nv", "approve")]).await;
    walk(&office, &released, &[("an.nv", "approve")]).await;
    walk(&office, &year(&office, 2025).await, &[("bich.tt", "freeze")]).await;
    let refused = take(&office.login("an.nv"), &late, "approve").await;
    refused.refused(409, "budget_line_inactive");
    let voucher = json!({"method": "cash", "paid_on": "2025-12-12", "voucher_number": "PC-N1"});
    let cashier = office.login("lan.ht");
    cashier.act(&paid, "pay", voucher).await.expect(200);
    walk(&office, &released, &[("an.nv", "cancel-approval")]).await;
    assert_eq!(money(&office, &path).await, [0, 4_600_000, 0, 400_000]);
    for who in ["lan.ht", "linh.n"] {
        office.login(who).act(&paid, "reverse", json!({"reason": "Chi nhầm"})).await.expect(200);
    }
    assert_eq!(money(&office, &path).await, [0, 5_000_000, 0, 0]);
    the_office_agrees_with_itself(&office).await;
}

#[actix_web::test]
async fn the_preview_says_what_becomes_of_each_line_and_stores_nothing() {
    let office = Office::open().await;
    let new = line(&office, 2025, "autonomous", "6608", 5_000_000).await;
    let (approved, waiting) = (verified(&office, 400_000).await, verified(&office, 300_000).await);
    walk(&office, &approved, &[("an.nv", "approve")]).await;
    let path = year(&office, 2025).await;
    let before = (show(&office, &path).await, lines_of(&office, 2026).await);
    let told = preview(&office, &path).await;
    assert_eq!(told, preview(&office, &path).await);
    assert_eq!((show(&office, &path).await, lines_of(&office, 2026).await), before, "nothing is stored");

    let rows = told["lines"].as_array().unwrap();
    let (lines, next) = (lines_of(&office, 2025).await, lines_of(&office, 2026).await);
    assert_eq!(rows.len(), lines.len());
    let mut totals = [0; 3];
    for row in rows {
        let line = lines.iter().find(|line| line["id"] == row["budget_line_id"]).unwrap();
        let available = line["available_amount"].as_i64().unwrap();
        let carries = line["funding_source"] == "autonomous";
        let (to_carry, lapsing) = if carries { (available, 0) } else { (0, available) };
        assert_eq!((&row["to_carry_amount"], &row["lapsing_amount"]), (&json!(to_carry), &json!(lapsing)));
        let same = |other: &&Value| {
            ["board_id", "funding_source", "sub_item"].iter().all(|field| other[*field] == line[*field])
        };
        let to = next.iter().find(same).map_or(Value::Null, |to| to["id"].clone());
        assert_eq!(row["to_line_id"], to, "{row}");
        let reserved: i64 = row["obstacles"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["code"] == "open_commitment")
            .map(|one| one["amount"].as_i64().unwrap())
            .sum();
        assert_eq!(row["committed_amount"], reserved, "every commitment is named: {row}");
        let committed = line["committed_amount"].as_i64().unwrap();
        totals = [totals[0] + to_carry, totals[1] + lapsing, totals[2] + committed];
    }
    let sums = ["to_carry_amount", "lapsing_amount", "committed_amount"].map(|field| &told[field]);
    assert_eq!(sums, totals.each_ref().map(|sum| json!(sum)).each_ref());

    let row = rows.iter().find(|row| row["budget_line_id"] == json!(id_of(&new))).unwrap();
    assert_eq!((&row["to_carry_amount"], &row["to_line_id"]), (&json!(4_600_000), &Value::Null));
    let named = |code: &str| {
        let found = row["obstacles"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap();
        (found["document"]["href"].clone(), found["amount"].clone())
    };
    assert_eq!(named("open_commitment"), (json!(approved), json!(400_000)));
    assert_eq!(named("claim_under_way"), (json!(waiting), json!(300_000)));
    for document in told["obstacles"].as_array().unwrap().iter().map(|one| &one["document"]["href"]) {
        show(&office, document.as_str().unwrap()).await;
    }

    let own = office.login("phuoc.dh").get(&format!("{path}/carry-forward")).await.expect(200);
    let rows = own["lines"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["board_id"] == json!(id("btctu"))));
    assert!(own["to_carry_amount"].as_i64() < told["to_carry_amount"].as_i64());
}

#[actix_web::test]
async fn what_is_left_goes_to_the_same_line_of_the_next_year_once() {
    let office = Office::open().await;
    let all = lines(&office).await;
    let before = sums(&office, 2032).await;
    let planner = office.login("bich.tt");
    take(&planner, &all.year, "carry-forward").await.refused(409, "state_conflict");
    walk(&office, &all.year, &[("bich.tt", "freeze")]).await;
    planner
        .post(&format!("{}/carry-forward", all.year), json!({}))
        .await
        .refused(428, "precondition_required");
    let told = preview(&office, &all.year).await;
    assert_eq!((&told["to_carry_amount"], &told["lapsing_amount"]), (&json!(15_000_000), &json!(3_000_000)));
    let moment = office.app.clock.now();
    office.advance(chrono::TimeDelta::minutes(5));
    let carried = take(&planner, &all.year, "carry-forward").await.expect(200);
    assert_eq!(
        (&carried["status"], &carried["carried_forward_by_id"]),
        (&json!("frozen"), &json!(id("p_bich")))
    );

    assert_eq!(money(&office, &all.kept).await, [-10_000_000, 0, 0, 0]);
    assert_eq!(money(&office, &all.next).await, [10_000_000, 11_000_000, 0, 0]);
    assert_eq!(money(&office, &all.lapsing).await, [0, 3_000_000, 0, 0], "it lapses where it is");
    let after = preview(&office, &all.year).await;
    let row = |line: &str| {
        let rows = after["lines"].as_array().unwrap().iter();
        rows.clone().find(|row| row["budget_line_id"] == json!(id_of(line))).unwrap().clone()
    };
    assert_eq!((&after["carried_amount"], &after["to_carry_amount"]), (&json!(15_000_000), &json!(0)));
    let made = format!("{LINES}/{}", row(&all.alone)["to_line_id"].as_str().unwrap());
    assert_eq!(money(&office, &made).await, [5_000_000, 5_000_000, 0, 0]);
    let shown = show(&office, &made).await;
    for (field, value) in [
        ("status", "active"),
        ("funding_source", "autonomous"),
        ("sub_item", "6703"),
        ("document_number", "12-QĐ/TU"),
    ] {
        assert_eq!(shown[field], value, "{shown}");
    }
    assert_eq!(sums(&office, 2032).await, before, "nothing is lost, and sources never mix");

    let entries = show(&office, &format!("{ENTRIES}?document_id={}", id_of(&all.year))).await;
    let entries = entries["items"].as_array().unwrap();
    assert_eq!(entries.len(), 4);
    for entry in entries {
        assert_eq!((&entry["kind"], &entry["document"]["href"]), (&json!("transfer"), &json!(all.year)));
    }
    let then = moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    for (line, available) in [(&all.kept, 10_000_000), (&all.next, 1_000_000), (&made, 0)] {
        let told = show(&office, &format!("{line}/balance?as_of={then}")).await;
        assert_eq!(told["available_amount"], available, "the past stays as it was");
    }

    let again = take(&planner, &all.year, "carry-forward").await.expect(200);
    assert_eq!(again, carried, "a second call changes nothing");
    assert_eq!(actions(&office, &all.year).await, ["create", "freeze", "carry-forward"]);
    assert_eq!(money(&office, &all.next).await, [10_000_000, 11_000_000, 0, 0]);
    the_office_agrees_with_itself(&office).await;
}

#[actix_web::test]
async fn money_that_comes_back_later_is_carried_forward_too() {
    let office = Office::open().await;
    let all = lines(&office).await;
    let party = conference("đại hội");
    reserve(&office, party, &all.kept, 4_000_000).await;
    spend(&office.app, party, &all.kept, 4_000_000).await.unwrap();
    in_ledger(&office.app, async |tx| commitments::release(tx, party).await).await.unwrap();
    walk(&office, &all.year, &[("bich.tt", "freeze"), ("bich.tt", "carry-forward")]).await;
    assert_eq!(money(&office, &all.next).await, [6_000_000, 7_000_000, 0, 0]);
    in_ledger(&office.app, async |tx| commitments::unspend(tx, party, party).await).await.unwrap();
    let refused = take(&office.login("an.nv"), &all.year, "close").await;
    assert_eq!(obstacles(&refused), ["not_carried_forward"]);
    walk(&office, &all.year, &[("bich.tt", "carry-forward")]).await;
    assert_eq!(money(&office, &all.next).await, [10_000_000, 11_000_000, 0, 0]);
    assert_eq!(preview(&office, &all.year).await["carried_amount"], 15_000_000);
}

#[actix_web::test]
async fn all_that_stands_in_the_way_is_named_at_once_and_nothing_moves() {
    let office = Office::open().await;
    let all = lines(&office).await;
    let planned = office.login("bich.tt").post(LINES, plan(2033, "autonomous", "6703", 1)).await.expect(201);
    reserve(&office, conference("hội nghị"), &all.lapsing, 1_000_000).await;
    walk(&office, &all.year, &[("bich.tt", "freeze")]).await;
    sub_items::Entity::update_many()
        .col_expr(sub_items::Column::ValidTo, Expr::value("2032-12-31".parse::<chrono::NaiveDate>().unwrap()))
        .filter(sub_items::Column::Code.eq("6702"))
        .exec(&office.app.db.writer)
        .await
        .unwrap();
    let planner = office.login("bich.tt");
    let refused = take(&planner, &all.year, "carry-forward").await;
    assert_eq!(obstacles(&refused), ["next_line_not_active", "open_commitment", "sub_item_ended"]);
    let named = refused.body["obstacles"].as_array().unwrap();
    let of = |code: &str| named.iter().find(|one| one["code"] == code).unwrap();
    assert_eq!(of("sub_item_ended")["budget_line_id"], json!(id_of(&all.kept)));
    assert_eq!(of("next_line_not_active")["budget_line_id"], json!(id_of(&all.alone)));
    let open = of("open_commitment");
    assert_eq!((&open["budget_line_id"], &open["amount"]), (&json!(id_of(&all.lapsing)), &json!(1_000_000)));
    assert_eq!(open["document"]["id"], json!(id("hội nghị")));
    assert_eq!(money(&office, &all.kept).await, [0, 10_000_000, 0, 0]);
    let shown = preview(&office, &all.year).await;
    let in_preview: usize =
        shown["lines"].as_array().unwrap().iter().map(|row| row["obstacles"].as_array().unwrap().len()).sum();
    assert_eq!(in_preview, 3, "the preview says the same");

    walk(&office, &address(LINES, &planned), &[("an.nv", "activate")]).await;
    walk(&office, &year(&office, 2033).await, &[("bich.tt", "freeze")]).await;
    let refused = take(&planner, &all.year, "carry-forward").await;
    let expected = [
        "next_line_not_active",
        "next_line_not_active",
        "next_year_not_open",
        "open_commitment",
        "sub_item_ended",
    ];
    assert_eq!(obstacles(&refused), expected);
    // The last year of all has none after it.
    line(&office, 2100, "autonomous", "6703", 1).await;
    let last = year(&office, 2100).await;
    walk(&office, &last, &[("bich.tt", "freeze")]).await;
    assert_eq!(obstacles(&take(&planner, &last, "carry-forward").await), ["no_next_year"]);
}

#[actix_web::test]
async fn a_year_is_closed_by_another_hand_and_then_takes_nothing() {
    let office = Office::open().await;
    let all = lines(&office).await;
    let party = conference("đại hội");
    reserve(&office, party, &all.kept, 4_000_000).await;
    office.login("bich.tt").post(LINES, plan(2032, "autonomous", "6608", 1)).await.expect(201);
    let (planner, chief) = (office.login("bich.tt"), office.login("an.nv"));
    take(&chief, &all.year, "close").await.refused(409, "state_conflict");
    walk(&office, &all.year, &[("bich.tt", "freeze")]).await;
    take(&planner, &all.year, "close").await.refused(403, "forbidden");
    let refused = take(&chief, &all.year, "close").await;
    assert_eq!(obstacles(&refused), ["not_carried_forward", "not_carried_forward", "open_commitment"]);
    spend(&office.app, party, &all.kept, 4_000_000).await.unwrap();
    walk(&office, &all.year, &[("bich.tt", "carry-forward")]).await;
    let role = json!({"role": "chief_of_office", "valid_from": "2025-01-01"});
    office.login("kien.ht").post(&format!("/v1/users/{}/grant-role", id("lg_bich")), role).await.expect(200);
    take(&planner, &all.year, "close").await.refused(403, "four_eyes");
    let closed = take(&chief, &all.year, "close").await.expect(200);
    assert_eq!((&closed["status"], &closed["closed_by_id"]), (&json!("closed"), &json!(id("p_an"))));
    assert!(lines_of(&office, 2032).await.iter().all(|line| line["status"] == "closed"));
    assert_eq!(take(&chief, &all.year, "close").await.expect(200), closed, "once is enough");
    assert_eq!(take(&planner, &all.year, "carry-forward").await.expect(200)["version"], closed["version"]);
    for verb in ["freeze", "unfreeze"] {
        take(&planner, &all.year, verb).await.refused(409, "state_conflict");
    }
    planner.post(LINES, plan(2032, "autonomous", "6603", 1)).await.refused(409, "budget_year_not_open");
    assert_eq!(actions(&office, &all.year).await, ["create", "freeze", "carry-forward", "close"]);

    let taken_back = in_ledger(&office.app, async |tx| commitments::unspend(tx, party, party).await).await;
    assert_eq!(taken_back.unwrap_err().code().name(), "budget_line_inactive");
    the_office_agrees_with_itself(&office).await;
}
