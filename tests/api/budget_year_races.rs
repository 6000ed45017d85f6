//! The end of a budget year against everybody who comes at the same moment, and against whoever goes past the service.

use entity::budget_entries::{self, BudgetAccount, BudgetEntryKind, DocumentType};
use entity::budget_lines;
use futures_util::future::{join, join_all};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::support::years::{
    LINES, actions, conference, id_of, line, lines, lines_of, money, obstacles, plan, reserve, spend, sums,
    take, the_office_agrees_with_itself, verified, walk, year,
};
use crate::support::{Client, Office, id};

#[actix_web::test]
async fn the_database_itself_keeps_the_end_of_a_year() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let all = lines(&office).await;
    let refused = async |sql: &str, guard: &str| {
        let error = db.execute_unprepared(sql).await.expect_err(sql).to_string();
        assert!(error.contains(guard), "{sql}: {error}");
    };
    let to = |status: &str| {
        format!(
            "UPDATE budget_years SET status = '{status}', frozen_at = created_at, closed_at = created_at WHERE year = 2032"
        )
    };
    refused(&to("closed"), "budget_years_lines").await;
    refused(&to("frozen"), "budget_years_").await;
    walk(&office, &all.year, &[("bich.tt", "freeze")]).await;
    refused(&to("closed"), "budget_years_lines").await;
    let activate = "UPDATE budget_lines SET status = 'active', frozen_with_year = FALSE WHERE year = 2032";
    refused(activate, "budget_lines_year_open").await;
    let same_hand = "UPDATE budget_years SET closed_by_id = frozen_by_id WHERE year = 2032";
    refused(same_hand, "budget_years_freezer_is_not_closer_check").await;
    let row = budget_lines::Entity::find_by_id(id_of(&all.kept)).one(db).await.unwrap().unwrap();
    let new = budget_lines::Model { id: id("mới"), sub_item: "6608".to_owned(), ..row.clone() };
    let error = new.into_active_model().insert(db).await.unwrap_err().to_string();
    assert!(error.contains("budget_lines_year_open"), "{error}");

    let entry = |kind, credit, debit, document_type| budget_entries::Model {
        id: id("bút toán"),
        budget_line_id: row.id,
        board_id: row.board_id,
        year: row.year,
        funding_source: row.funding_source,
        kind,
        debit,
        credit,
        amount: 1,
        document_type,
        document_id: id_of(&all.year),
        reverses_id: None,
        posted_at: row.created_at,
        posted_by_id: None,
    };
    use BudgetAccount::{Available, Committed, Source};
    use BudgetEntryKind::{Commit, Transfer};
    let refused = async |entry: budget_entries::Model| {
        let told = format!("{entry:?}");
        let error = entry.into_active_model().insert(db).await.expect_err(&told).to_string();
        assert!(error.contains("budget_entries_line_status"), "{told}: {error}");
    };
    // Only its year takes money from a frozen line, and nothing gives it any.
    refused(entry(Transfer, Available, Source, DocumentType::BudgetTransfer)).await;
    refused(entry(Transfer, Source, Available, DocumentType::BudgetYear)).await;
    refused(entry(Commit, Available, Committed, DocumentType::BudgetYear)).await;
    walk(&office, &all.year, &[("bich.tt", "carry-forward"), ("an.nv", "close")]).await;
    refused(entry(Transfer, Available, Source, DocumentType::BudgetYear)).await;
}

/// Somebody at both processes, signed in.
async fn at_both(office: &Office, second: &str, who: &str) -> [Client; 2] {
    let both = [office.login(who), office.login_at(second, who)];
    join_all(both.iter().map(Client::token)).await;
    both
}

#[actix_web::test]
async fn a_freeze_and_approvals_at_once_leave_nothing_between() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let path = line(&office, 2025, "autonomous", "6608", 5_000_000).await;
    let mut claims = Vec::new();
    for _ in 0..5 {
        claims.push(verified(&office, 100_000).await);
    }
    let this_year = year(&office, 2025).await;
    let (chiefs, planner) =
        (at_both(&office, &second, "an.nv").await, at_both(&office, &second, "bich.tt").await);
    let approvals = claims.iter().enumerate().map(|(n, claim)| take(&chiefs[n % 2], claim, "approve"));
    let freezes = join_all(planner.iter().map(|one| take(one, &this_year, "freeze")));
    let (approved, frozen) = join(join_all(approvals), freezes).await;
    assert_eq!(frozen[0].expect(200), frozen[1].expect(200), "it froze once");
    let (done, refused): (Vec<_>, Vec<_>) = approved.iter().partition(|answer| answer.status == 200);
    refused.iter().for_each(|answer| drop(answer.refused(409, "budget_line_inactive")));
    let committed = 100_000 * i64::try_from(done.len()).unwrap();
    assert_eq!(money(&office, &path).await, [0, 5_000_000 - committed, committed, 0]);
    assert!(lines_of(&office, 2025).await.iter().all(|line| line["status"] != "active"));
    the_office_agrees_with_itself(&office).await;
}

#[actix_web::test]
async fn two_carry_forwards_at_once_carry_once() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let all = lines(&office).await;
    let before = sums(&office, 2032).await;
    walk(&office, &all.year, &[("bich.tt", "freeze")]).await;
    let planner = at_both(&office, &second, "bich.tt").await;
    let new_line = planner[0].post(LINES, plan(2033, "autonomous", "6703", 1));
    let calls = [0, 1, 0, 1].map(|at| take(&planner[at], &all.year, "carry-forward"));
    let (answers, made) = join(join_all(calls), new_line).await;
    // The line of the next year that comes first is planned and takes no money; or the carry-forward has made it.
    let outcome: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    if made.status == 201 {
        answers.iter().for_each(|answer| assert_eq!(obstacles(answer), ["next_line_not_active"]));
    } else {
        made.refused(409, "duplicate");
        assert_eq!(outcome, [200; 4], "{answers:?}");
        assert!(answers.iter().all(|answer| answer.body == answers[0].body));
        assert_eq!(money(&office, &all.next).await, [10_000_000, 11_000_000, 0, 0]);
        assert_eq!(actions(&office, &all.year).await, ["create", "freeze", "carry-forward"]);
    }
    assert_eq!(sums(&office, 2032).await, before);
    the_office_agrees_with_itself(&office).await;
}

#[actix_web::test]
async fn a_close_and_a_payment_at_once_have_one_outcome() {
    let office = Office::open().await;
    let other = office.second_app().await;
    let all = lines(&office).await;
    let party = conference("đại hội");
    reserve(&office, party, &all.lapsing, 3_000_000).await;
    let planner = office.login("bich.tt");
    walk(&office, &all.year, &[("bich.tt", "freeze")]).await;
    assert_eq!(obstacles(&take(&planner, &all.year, "carry-forward").await), ["open_commitment"]);
    // Own funds are spent to the last đồng, so that nothing but the payment is open.
    walk(&office, &all.year, &[("bich.tt", "unfreeze")]).await;
    for line in [&all.kept, &all.alone] {
        let document = conference(line);
        let amount = money(&office, line).await[1];
        reserve(&office, document, line, amount).await;
        spend(&office.app, document, line, amount).await.unwrap();
    }
    walk(&office, &all.year, &[("bich.tt", "freeze")]).await;
    let chief = office.login("an.nv");
    chief.token().await;
    let (closed, paid) =
        join(take(&chief, &all.year, "close"), spend(&other, party, &all.lapsing, 3_000_000)).await;
    paid.expect("the money was reserved");
    if closed.status != 200 {
        assert_eq!(obstacles(&closed), ["open_commitment"]);
        walk(&office, &all.year, &[("an.nv", "close")]).await;
    }
    assert_eq!(money(&office, &all.lapsing).await, [0, 0, 0, 3_000_000]);
    the_office_agrees_with_itself(&office).await;
}
