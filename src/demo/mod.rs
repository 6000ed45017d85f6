//! A small office to try the service in: its boards, people, cars and files, as of 12 December 2025. All of
//! it is invented.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::Value;
use uuid::{Builder, Uuid};

use crate::app::App;
use crate::error::{ApiError, ApiResult};
use crate::write::{Actor, transaction};

mod advances;
mod attachments;
mod boards;
mod bookings;
mod budgets;
mod calendars;
mod claims;
mod conferences;
mod costs;
mod duties;
mod fuel;
mod imports;
mod notifications;
mod obstacles;
mod people;
mod rates;
mod reviews;
mod service_accounts;
mod travel;
mod trips;
mod vehicles;

/// Stands in the document's examples; the real password is printed at start or set by the environment.
pub const PASSWORD_HINT: &str = "the demo password";

/// 12 December 2025, 08:00 in the office, in milliseconds: ids of demo records are of that moment.
const DEMO_MILLIS: u64 = 1_765_501_200_000;

/// The id of a demo record, always the same, so that the document's examples work on every demo office.
pub fn id(reference: &str) -> Uuid {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(reference);
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    Builder::from_unix_timestamp_millis(DEMO_MILLIS, &bytes).into_uuid()
}

/// A demo record for an operation's path parameter, so that "Try it out" finds something: for an action one
/// in the state that it needs.
pub fn example_of(operation: &str, parameter: &str) -> Option<Uuid> {
    acted_on(operation).or_else(|| read_in(parameter)).map(id)
}

/// The record that an action is tried on, where not every record will do.
fn acted_on(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "create_attachment" => "ec_13",
        "delete_attachment" => "at_ec_13",
        "reopen_fuel_statement" | "claim_fuel_statement" => "fs_innova_105_2025_11",
        "delete_fuel_norm" => "fn_camry_1",
        "merge_board" => "bdntu",
        // The day is far off, and the login's roles stay as they are; one task passes on at once.
        "end_staff_appointment" => "p_thuan",
        "end_accountant_assignment" => "aa_btctu_substitute",
        "submit_vehicle_booking" | "update_vehicle_booking" => "vb_15",
        "confirm_vehicle_booking" => "vb_21",
        "issue_trip" | "update_trip" | "list_trip_booking_suggestions" => "tr_planned",
        "amend_trip" | "depart_trip" | "void_trip" => "tr_issued",
        "complete_trip" => "do_06",
        "verify_trip" => "do_05",
        "approve_vehicle_booking" | "reject_vehicle_booking" => "vb_16",
        "submit_travel_order" | "update_travel_order" => "to_2029_draft",
        "check_travel_order_funds" | "return_travel_order" | "reject_travel_order" => "to_2029_submitted",
        "approve_travel_order" => "to_2029_checked",
        "amend_travel_order" | "cancel_travel_order" => "to_2029_approved",
        "complete_travel_order" => "to_2025_btctu_dec",
        "settle_travel_order" | "start_expense_claim" => "to_2025_btctu_nov",
        "submit_expense_claim" | "update_expense_claim" | "withdraw_expense_claim" => "ec_13",
        "confirm_expense_claim" | "reject_expense_claim" | "return_expense_claim" => "ec_14",
        "verify_expense_claim" => "ec_15",
        "approve_expense_claim" => "ec_16",
        "approve_advance" | "reject_advance" | "cancel_advance" => "ad_05",
        "pay_advance" => "ad_06",
        "get_travel_order_permit" => "to_2029_approved",
        "refund_advance" => "ad_07",
        "pay_expense_claim" | "cancel_expense_claim_approval" => "ec_17",
        "update_budget_line" | "activate_budget_line" => "bl_2029_btctu_13_7761",
        "freeze_budget_line" => "bl_2029_btctu_13_6551",
        "unfreeze_budget_line" | "close_budget_line" => "bl_2029_btctu_13_6912",
        "freeze_budget_year" => "by_2029",
        "unfreeze_budget_year" | "carry_budget_year_forward" => "by_2028",
        "close_budget_year" => "by_2027",
        "sign_budget_transfer" | "reject_budget_transfer" | "withdraw_budget_transfer" => "tr_2029",
        "reopen_conference_task" => "tk_2029_btctu_01",
        "accept_conference_task_result" | "send_back_conference_task" => "tk_2029_btctu_03",
        "accept_conference_task" => "tk_2029_btctu_04",
        "object_conference_task" => "tk_2029_btctu_05",
        "overrule_conference_task" | "uphold_conference_task" => "tk_2029_btctu_06",
        "cancel_conference_task" | "unblock_conference_task" => "tk_2029_btctu_07",
        "get_conference_readiness" => "cf_2029_bnctu",
        "accept_conference_task_hand_over"
        | "decline_conference_task_hand_over"
        | "withdraw_conference_task_hand_over" => "tk_2029_hand_over_1",
        "approve_conference_task_hand_over"
        | "refuse_conference_task_hand_over"
        | "reopen_conference_task_part" => "tk_2029_hand_over_2",
        "report_conference_task_part" | "excuse_conference_task_part" => "tk_2029_parts",
        "update_review" | "draft_review" => "rv_2029",
        "recompute_review" | "return_review" | "approve_review" => "rv_2025",
        "check_conference_funds" | "commit_conference_funds" => "cf_2029_btctu_training",
        "update_obstacle" | "accept_obstacle" | "reject_obstacle" | "withdraw_obstacle" => "ob_2029_reported",
        "resolve_obstacle" => "ob_2029_ready",
        "verify_obstacle" | "reopen_obstacle" => "ob_2029_resolved",
        "consent_measure" | "reject_measure" | "withdraw_measure" => "ms_2029_proposed",
        "complete_measure" => "ms_2029_agreed",
        "mark_measure_effective" | "mark_measure_ineffective" => "ms_2029_done",
        _ => return None,
    })
}

/// A record that is good for reading, and for changes that any record of its kind takes. Logins and staff
/// are those of somebody whom nobody needs, so that no example locks out a person of the README.
fn read_in(parameter: &str) -> Option<&'static str> {
    Some(match parameter {
        "board_id" => "btctu",
        "user_id" => "lg_nghiem",
        "staff_id" => "p_nghiem",
        "service_account_id" => "sa_nightly",
        "calendar_feed_id" => "cal_duong",
        "accountant_id" => "p_ha/accountant",
        "assignment_id" => "aa_btctu_2018",
        "vehicle_id" => "v_innova_086",
        "norm_id" => "fn_innova_086_1",
        "refuel_id" => "tl_05/fuel/0",
        "statement_id" => "fs_pajero_2025_11",
        "price_id" => "fp_petrol_20250424",
        "tolerance_id" => "ft_2019",
        "rate_table_id" => "QC01-DEMO",
        "rate_id" => "st_task_refusal_window_days",
        "driver_id" => "dr_tu",
        "downtime_id" => "vd_hiace",
        "absence_id" => "da_truong",
        "paper_id" => "v_innova_086/inspection",
        "service_id" => "vs_innova_086",
        "booking_id" => "vb_17",
        "trip_id" => "do_01",
        "correction_id" => "oc_innova_105",
        "rule_id" => "driver_hours_2019",
        "order_id" => "to_2025_btctu_jun",
        "claim_id" => "ec_03",
        "owner_id" => "ec_03",
        "attachment_id" => "at_ec_03",
        "payment_id" => "ec_03/payment",
        "advance_id" => "ad_01",
        "import_id" => "bi_2046",
        "budget_line_id" => "bl_2025_btctu_13_6702",
        "sub_item_id" => "si_6752",
        "expense_kind_id" => "ek_other",
        "entry_id" => "bl_2025_btctu_13_6702/appropriation",
        "transfer_id" => "tr_2025_1",
        "budget_year_id" => "by_2028",
        "conference_id" => "cf_2029_btctu",
        "task_id" => "tk_2029_btctu_02",
        "unit_id" => "vptu_tong_hop",
        "duty_id" => "fuel_payment",
        "template_id" => "conference_standard",
        "review_id" => "rv_2019",
        "reception_id" => "rc_2029_btctu",
        "obstacle_id" => "ob_02",
        "measure_id" => "om_02c",
        _ => return None,
    })
}

/// The rows of the demo office and what all logins share.
pub(crate) struct Demo {
    /// The office as it is, and the records that the document's examples act on.
    rows: [Value; 2],
    password_hash: String,
}

impl Demo {
    /// The rows of one kind, e.g. `boards`.
    pub(crate) fn rows<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.rows.iter().filter_map(move |file| file[kind].as_array()).flatten()
    }
}

/// A text of a row; empty where there is none.
pub(crate) fn string(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

/// A text of a row that may be missing.
pub(crate) fn optional(row: &Value, field: &str) -> Option<String> {
    row[field].as_str().map(str::to_owned)
}

/// The id of the row that a field names, if it names one.
pub(crate) fn link(row: &Value, field: &str) -> Option<Uuid> {
    row[field].as_str().map(id)
}

/// The id of the row that a field must name.
pub(crate) fn reference(row: &Value, field: &str) -> ApiResult<Uuid> {
    link(row, field).ok_or_else(|| ApiError::internal(format!("demo: {field} is missing in {row}")))
}

/// A day of a row, if it has one.
pub(crate) fn optional_day(row: &Value, field: &str) -> Option<NaiveDate> {
    row[field].as_str()?.parse().ok()
}

/// A day that a row must have.
pub(crate) fn day(row: &Value, field: &str) -> ApiResult<NaiveDate> {
    optional_day(row, field).ok_or_else(|| ApiError::internal(format!("demo: {field} is no day in {row}")))
}

/// An instant that a row must have.
pub(crate) fn instant(row: &Value, field: &str) -> ApiResult<DateTime<Utc>> {
    let text = row[field].as_str().unwrap_or_default();
    text.parse().map_err(|_| ApiError::internal(format!("demo: {field} is no instant in {row}")))
}

/// Fills an empty database in one transaction and gives the password of all demo logins. A database that has
/// boards already is left as it is.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(app: &Arc<App>, password: Option<&str>) -> ApiResult<String> {
    let password = match password {
        Some(password) => password.to_owned(),
        None => format!("demo-{}", app.ids.at(app.clock.now()).simple()),
    };
    if entity::boards::Entity::find().count(&app.db.writer).await? > 0 {
        return Ok(password);
    }
    let office = serde_json::from_str(include_str!("office.json")).map_err(ApiError::internal)?;
    let examples = serde_json::from_str(include_str!("examples.json")).map_err(ApiError::internal)?;
    let demo = Demo { rows: [office, examples], password_hash: app.hasher.hash(&password).await? };
    attachments::store(app).await?;
    transaction(app, &Actor { name: "demo".to_owned(), ..Actor::system() }, async |tx| {
        boards::fill(tx, &demo).await?;
        people::fill(tx, &demo).await?;
        service_accounts::fill(tx, &demo).await?;
        calendars::fill(tx, &demo).await?;
        vehicles::fill(tx, &demo).await?;
        fuel::fill_rates(tx, &demo).await?;
        rates::fill(tx).await?;
        budgets::fill(tx, &demo).await?;
        imports::fill(app, tx, &demo).await?;
        bookings::fill(tx, &demo).await?;
        trips::fill(tx, &demo).await?;
        travel::fill(tx, &demo).await?;
        advances::fill(tx, &demo).await?;
        claims::fill(tx, &demo).await?;
        attachments::fill(tx).await?;
        fuel::fill(tx, &demo).await?;
        duties::fill(tx).await?;
        conferences::fill(tx, &demo).await?;
        duties::prepare(tx).await?;
        costs::fill(tx, &demo).await?;
        notifications::fill(tx).await?;
        obstacles::fill(tx, &demo).await?;
        reviews::fill(tx, &demo).await
    })
    .await?;
    Ok(password)
}

/// What a newcomer reads after the start: who can sign in, and three calls to copy.
pub fn greeting(address: &str, password: &str) -> String {
    let logins = [
        ("duong.ntt", "requester of the organisation board: asks for cars, claims expenses, leads tasks"),
        ("phuoc.dh", "head of the organisation board: approves bookings, confirms claims"),
        ("ha.lt", "accountant in charge of the organisation board: verifies claims"),
        ("an.nv", "chief of office: approves claims, decides objections"),
        ("lan.ht", "cashier: pays claims"),
        ("thinh.bd", "dispatcher: cars, drivers, trips and fuel"),
        ("tu.dc", "driver, on the road with one car: notes readings and refuels"),
        ("bich.tt", "chief accountant: puts accountants in charge"),
        ("kien.ht", "administrator: users and their roles"),
        ("quang.lm", "auditor: reads everything"),
    ];
    let logins: String = logins.iter().map(|(name, about)| format!("  {name:<10} {about}\n")).collect();
    format!(
        "\nThe password of all demo logins: {password}\n{logins}\n\
         Swagger UI: {address}/docs/\n\n\
         Three calls to begin with:\n\
         TOKEN=$(curl -s {address}/v1/auth/token -H 'Content-Type: application/json' \
         -d '{{\"username\":\"an.nv\",\"password\":\"{password}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n\
         curl -s {address}/v1/me -H \"Authorization: Bearer $TOKEN\"\n\
         curl -s '{address}/v1/boards?q=to%20chuc' -H \"Authorization: Bearer $TOKEN\"\n"
    )
}
