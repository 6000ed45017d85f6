//! `shared-office verify`: a healthy office agrees with itself, and every kind of damage is found and named.

use entity::travel_orders::TravelOrderStatus;
use entity::vehicle_bookings::BookingStatus;
use entity::{
    advances, budget_lines, commitments, conference_plans, expense_claims, holds, travel_order_travellers,
    travel_orders, vehicle_bookings,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, Set,
};
use shared_office::db::Db;
use uuid::Uuid;

use crate::process::{command, run};
use crate::support::database::Database;
use crate::support::{Value, id, json};

/// An office to damage by hand.
struct Damaged {
    database: Database,
    db: DatabaseConnection,
}

impl Damaged {
    async fn open() -> Self {
        let database = Database::copy().await;
        let db = Db::connect(&database.url, None).await.unwrap().writer;
        Self { database, db }
    }

    /// The exit code, and the report.
    fn verify(&self) -> (Option<i32>, Value) {
        let output = run(&mut command(&self.database, &["verify"]), "");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let report =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("a report, not {told}"));
        (output.status.code(), report)
    }

    /// Exactly these kinds disagree, and the first one names the record.
    fn disagrees(&self, kinds: &[&str], id: Uuid) {
        let (code, report) = self.verify();
        assert_eq!((code, &report["ok"]), (Some(1), &json!(false)), "{report:#}");
        let broken = report["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false);
        let names: Vec<&str> = broken.map(|check| check["name"].as_str().unwrap()).collect();
        assert_eq!(names, kinds, "{report:#}");
        let named = check(&report, kinds[0])["mismatches"].as_array().unwrap();
        assert!(named.iter().any(|mismatch| mismatch["id"] == json!(id)), "{id}: {report:#}");
    }

    /// Lets the statements that follow break a rule of a table.
    async fn without(&self, table: &str, constraint: &str) {
        let sql = match self.db.get_database_backend() {
            DbBackend::Postgres => format!("ALTER TABLE {table} DROP CONSTRAINT {constraint}"),
            _ => "PRAGMA ignore_check_constraints = ON".to_owned(),
        };
        self.db.execute_unprepared(&sql).await.unwrap();
    }
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

#[actix_web::test]
async fn a_healthy_office_agrees_with_itself() {
    let office = Damaged::open().await;
    let (code, report) = office.verify();
    assert_eq!((code, &report["ok"]), (Some(0), &json!(true)), "{report:#}");
    let names: Vec<&Value> =
        report["checks"].as_array().unwrap().iter().map(|check| &check["name"]).collect();
    let all = ["ledger", "commitments", "budget_years", "payments", "holds", "four_eyes", "audit", "reviews"];
    assert_eq!(names, all);
    for check in report["checks"].as_array().unwrap() {
        assert!(check["checked"].as_u64().unwrap() > 0, "{check}");
        assert_eq!((&check["mismatches"], &check["mismatch_count"]), (&json!([]), &json!(0)));
    }
}

#[actix_web::test]
async fn what_cannot_be_checked_is_told_apart_from_what_disagrees() {
    let database = Database::empty().await;
    // SQLite's file is there from here on, with no table in it.
    Db::connect(&database.url, None).await.unwrap();
    let refused = run(&mut command(&database, &["verify"]), "");
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("migrate"));
    let missing = std::path::Path::new(&database.attachments).with_file_name("missing.db");
    let url = format!("sqlite://{}", missing.display());
    let refused = run(command(&database, &["verify"]).env("DATABASE_URL", url), "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(!missing.exists(), "a check makes no database");
}

#[actix_web::test]
async fn a_line_that_moved_money_without_an_entry_is_found() {
    use budget_lines::{Column, Entity};
    let office = Damaged::open().await;
    let line = Entity::find().filter(Column::AvailableAmount.gt(0)).one(&office.db).await.unwrap().unwrap();
    Entity::update_many()
        .col_expr(Column::AvailableAmount, Expr::col(Column::AvailableAmount).sub(1))
        .col_expr(Column::SpentAmount, Expr::col(Column::SpentAmount).add(1))
        .filter(Column::Id.eq(line.id))
        .exec(&office.db)
        .await
        .unwrap();
    office.disagrees(&["ledger"], line.id);
}

#[actix_web::test]
async fn a_commitment_that_forgot_its_spending_is_found() {
    use commitments::{Column, Entity};
    let office = Damaged::open().await;
    let row = Entity::find().filter(Column::SpentAmount.gt(0)).one(&office.db).await.unwrap().unwrap();
    // Onto another document, where the line's sums stay as they are.
    Entity::update_many()
        .col_expr(Column::DocumentId, Expr::value(Uuid::from_u128(1)))
        .filter(Column::Id.eq(row.id))
        .exec(&office.db)
        .await
        .unwrap();
    office.disagrees(&["commitments"], row.id);
}

#[actix_web::test]
async fn a_review_whose_figures_were_changed_is_found() {
    use entity::reviews::{Column, Entity};
    let office = Damaged::open().await;
    Entity::update_many()
        .col_expr(Column::Figures, Expr::value(json!({"tasks": {"total": {"done_count": 1_000}}})))
        .filter(Column::Id.eq(id("rv_2019")))
        .exec(&office.db)
        .await
        .unwrap();
    office.disagrees(&["reviews"], id("rv_2019"));
}

#[actix_web::test]
async fn a_released_conference_with_open_money_is_found() {
    use conference_plans::{Column, ConferenceCostStatus, Entity};
    let office = Damaged::open().await;
    let conference = id("cf_2029_btctu");
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(ConferenceCostStatus::Released))
        .filter(Column::ConferenceId.eq(conference))
        .exec(&office.db)
        .await
        .unwrap();
    let of_conference = commitments::Column::DocumentId.eq(conference);
    let row = commitments::Entity::find().filter(of_conference).one(&office.db).await.unwrap().unwrap();
    office.disagrees(&["commitments"], row.id);
}

#[actix_web::test]
async fn an_approved_claim_without_its_money_is_found() {
    let office = Damaged::open().await;
    let claim = id("ec_17");
    let moved = commitments::Entity::delete_many()
        .filter(commitments::Column::DocumentId.eq(claim))
        .exec(&office.db)
        .await
        .unwrap();
    assert!(moved.rows_affected > 0);
    let (code, report) = office.verify();
    let named = check(&report, "commitments")["mismatches"].to_string();
    assert!(code == Some(1) && named.contains(&claim.to_string()), "{report:#}");
    assert_eq!(check(&report, "ledger")["ok"], false, "the line reserves for nobody");
}

#[actix_web::test]
async fn a_paid_claim_without_its_payment_and_an_advance_without_its_refund_are_found() {
    let office = Damaged::open().await;
    let paid = expense_claims::Entity::find()
        .filter(expense_claims::Column::Status.eq(expense_claims::ClaimStatus::Paid))
        .one(&office.db)
        .await
        .unwrap()
        .unwrap();
    let mut claim = paid.clone().into_active_model();
    claim.payment_id = Set(None);
    claim.update(&office.db).await.unwrap();
    office.disagrees(&["payments"], paid.id);
    let settled = advances::Entity::find()
        .filter(advances::Column::SetOffAmount.gt(0))
        .one(&office.db)
        .await
        .unwrap()
        .unwrap();
    let mut advance = settled.clone().into_active_model();
    advance.set_off_amount = Set(settled.set_off_amount - 1);
    advance.refunded_amount = Set(1);
    advance.update(&office.db).await.unwrap();
    office.disagrees(&["payments"], settled.id);
}

#[actix_web::test]
async fn a_booking_without_its_hold_and_a_hold_of_nothing_are_found() {
    let office = Damaged::open().await;
    let booking = vehicle_bookings::Entity::find()
        .filter(vehicle_bookings::Column::Status.eq(BookingStatus::Submitted))
        .filter(vehicle_bookings::Column::VehicleId.is_not_null())
        .one(&office.db)
        .await
        .unwrap()
        .unwrap();
    let of_booking = holds::Entity::find().filter(holds::Column::HeldById.eq(booking.id));
    let hold = of_booking.one(&office.db).await.unwrap().unwrap();
    let mut changed = hold.clone().into_active_model();
    changed.held_by_id = Set(Uuid::from_u128(1));
    changed.update(&office.db).await.unwrap();
    office.disagrees(&["holds"], booking.id);
    office.disagrees(&["holds"], hold.id);
}

#[actix_web::test]
async fn a_car_that_is_held_twice_is_found() {
    let office = Damaged::open().await;
    let hold = holds::Entity::find()
        .filter(holds::Column::HeldByKind.eq(holds::HolderKind::Trip))
        .order_by_asc(holds::Column::Id)
        .one(&office.db)
        .await
        .unwrap()
        .unwrap();
    let sql = match office.db.get_database_backend() {
        DbBackend::Postgres => "ALTER TABLE holds DROP CONSTRAINT holds_no_overlap",
        _ => "DROP TRIGGER holds_no_overlap_on_INSERT",
    };
    office.db.execute_unprepared(sql).await.unwrap();
    let twice = holds::Model { id: Uuid::max(), held_by_id: Uuid::from_u128(1), ..hold };
    twice.into_active_model().insert(&office.db).await.unwrap();
    let (_, report) = office.verify();
    let named = check(&report, "holds")["mismatches"].to_string();
    assert!(named.contains("as well"), "{report:#}");
    office.disagrees(&["holds"], Uuid::max());
}

#[actix_web::test]
async fn a_traveller_who_approved_the_journey_is_found() {
    let office = Damaged::open().await;
    let order = travel_orders::Entity::find()
        .filter(travel_orders::Column::Status.eq(TravelOrderStatus::Approved))
        .one(&office.db)
        .await
        .unwrap()
        .unwrap();
    let first = travel_order_travellers::Entity::find()
        .filter(travel_order_travellers::Column::OrderId.eq(order.id))
        .one(&office.db)
        .await
        .unwrap()
        .unwrap();
    let approver = order.approved_by_id.unwrap();
    let late = travel_order_travellers::Model {
        id: Uuid::max(),
        position: 99,
        staff_id: approver,
        away: false,
        ..first
    };
    late.into_active_model().insert(&office.db).await.unwrap();
    office.disagrees(&["four_eyes"], order.id);
}

#[actix_web::test]
async fn a_claim_that_one_person_verified_and_approved_is_found() {
    let office = Damaged::open().await;
    office.without("expense_claims", "expense_claims_verified_by_is_not_approved_by_check").await;
    let claim = expense_claims::Entity::find_by_id(id("ec_17")).one(&office.db).await.unwrap().unwrap();
    let mut changed = claim.clone().into_active_model();
    changed.verified_by_id = Set(claim.approved_by_id);
    changed.update(&office.db).await.unwrap();
    office.disagrees(&["four_eyes"], claim.id);
}

#[actix_web::test]
async fn a_change_without_an_event_is_found() {
    let office = Damaged::open().await;
    let claim = id("ec_13");
    expense_claims::Entity::update_many()
        .col_expr(expense_claims::Column::Version, Expr::col(expense_claims::Column::Version).add(1))
        .filter(expense_claims::Column::Id.eq(claim))
        .exec(&office.db)
        .await
        .unwrap();
    office.disagrees(&["audit"], claim);
}

#[actix_web::test]
async fn a_state_that_no_step_led_to_is_found() {
    let office = Damaged::open().await;
    let claim = id("ec_14");
    expense_claims::Entity::update_many()
        .col_expr(expense_claims::Column::Status, Expr::value("confirmed"))
        .filter(expense_claims::Column::Id.eq(claim))
        .exec(&office.db)
        .await
        .unwrap();
    office.disagrees(&["audit"], claim);
}

#[actix_web::test]
async fn of_many_disagreements_twenty_are_named_and_all_are_counted() {
    use budget_lines::{Column, Entity};
    let office = Damaged::open().await;
    let broken = Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .exec(&office.db)
        .await
        .unwrap();
    let (code, report) = office.verify();
    let audit = check(&report, "audit");
    assert_eq!(code, Some(1));
    assert!(broken.rows_affected > 20);
    assert_eq!(audit["mismatches"].as_array().unwrap().len(), 20);
    assert_eq!(audit["mismatch_count"], json!(broken.rows_affected));
}
