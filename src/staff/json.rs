//! Bodies of the staff operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{appointments, staff};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::http::input::broken;
use crate::http::reply::Resource;

/// A person with the first appointment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "employee_code": "VP099", "full_name": "Nguyễn Thị Bình", "appointment": {
        "position": "specialist", "board_id": demo::id("btctu"), "title": "Chuyên viên", "allowance_coefficient": "0.00",
        "valid_from": "2029-01-01", "decision_number": "140-QĐ/TU",
    },
})))]
pub struct StaffIn {
    /// Unique, whatever its case.
    #[schema(min_length = 1, max_length = 20)]
    pub employee_code: String,
    #[schema(min_length = 1, max_length = 120)]
    pub full_name: String,
    /// The first appointment. It may come later, since the first board of an office cannot be founded before its
    /// accountant is known.
    #[validate(nested)]
    pub appointment: Option<StaffAppointmentIn>,
}

/// A position in a board, from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "in_order"))]
pub struct StaffAppointmentIn {
    /// What the person is, e.g. `board_head`, `specialist`, `driver`. The list grows.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", examples("specialist"))]
    pub position: String,
    pub board_id: Uuid,
    /// The part of the board, where it has parts.
    #[schema(max_length = 200)]
    pub division: Option<String>,
    /// The position as the decision words it.
    #[schema(max_length = 200)]
    pub title: Option<String>,
    /// Coefficient of the position allowance, `0.00` for positions without one.
    #[schema(min_length = 4, max_length = 4, pattern = r"^[0-9]\.[0-9]{2}$", examples("0.70"))]
    pub allowance_coefficient: String,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    #[schema(max_length = 60)]
    pub decision_number: Option<String>,
}

/// A further appointment of somebody who is known already.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "appoint_in_order"))]
#[schema(examples(json!({
    "position": "division_head", "board_id": demo::id("btctu"), "title": "Trưởng phòng", "allowance_coefficient": "0.50",
    "valid_from": "2029-01-01", "decision_number": "141-QĐ/TU", "ends_current": true,
})))]
pub struct StaffAppointIn {
    /// What the person is, e.g. `board_head`, `specialist`, `driver`. The list grows.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", examples("specialist"))]
    pub position: String,
    pub board_id: Uuid,
    /// The part of the board, where it has parts.
    #[schema(max_length = 200)]
    pub division: Option<String>,
    /// The position as the decision words it.
    #[schema(max_length = 200)]
    pub title: Option<String>,
    /// Coefficient of the position allowance, `0.00` for positions without one.
    #[schema(min_length = 4, max_length = 4, pattern = r"^[0-9]\.[0-9]{2}$", examples("0.70"))]
    pub allowance_coefficient: String,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    #[schema(max_length = 60)]
    pub decision_number: Option<String>,
    /// Ends the appointments that still run on the day before this one begins. They stay unless it is `true`.
    pub ends_current: Option<bool>,
    /// Who leads the open tasks that the person leads for a board which they leave with this; every one of them.
    #[serde(default)]
    pub hand_overs: Vec<StaffHandOverIn>,
}

impl StaffAppointIn {
    /// The appointment itself, and whether it ends the running ones.
    pub fn split(self) -> (StaffAppointmentIn, bool) {
        let Self {
            position,
            board_id,
            division,
            title,
            allowance_coefficient,
            valid_from,
            valid_to,
            decision_number,
            ends_current,
            hand_overs: _,
        } = self;
        let appointment = StaffAppointmentIn {
            position,
            board_id,
            division,
            title,
            allowance_coefficient,
            valid_from,
            valid_to,
            decision_number,
        };
        (appointment, ends_current == Some(true))
    }
}

/// The end of an appointment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "appointment_id": demo::id("ap_10"), "valid_to": "2029-01-31", "decision_number": "142-QĐ/TU", "hand_overs": [
        {"task_id": demo::id("tk_2025_btgdvtu_17"), "lead_board_id": demo::id("vptu"), "lead_id": demo::id("p_mai")}
    ],
})))]
pub struct StaffAppointmentEndIn {
    /// An appointment of this person.
    pub appointment_id: Uuid,
    /// The last day, not later than the one that is known already.
    pub valid_to: NaiveDate,
    /// The decision that ends it; it shows in the history.
    #[schema(max_length = 60)]
    pub decision_number: Option<String>,
    /// Who leads the open tasks that the person leads for a board which they leave with this; every one of them. The
    /// duty passes at once, also where the last day is still to come.
    #[serde(default)]
    pub hand_overs: Vec<StaffHandOverIn>,
    /// Who checks the open tasks that the person checks; every one of them, where no appointment is left.
    #[serde(default)]
    pub checkers: Vec<StaffCheckerIn>,
    /// Who coordinates the conferences of the person that are not over or have open tasks; every one of them, where no
    /// appointment is left.
    #[serde(default)]
    pub conference_coordinators: Vec<StaffConferenceIn>,
}

/// Who leads a task in the place of somebody who leaves.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct StaffHandOverIn {
    pub task_id: Uuid,
    pub lead_board_id: Uuid,
    /// Has an appointment in that body today, and is not the checker.
    pub lead_id: Uuid,
}

/// Who checks a task in the place of somebody who leaves.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct StaffCheckerIn {
    pub task_id: Uuid,
    /// Neither the lead nor the receiver of a pending hand-over.
    pub checker_id: Uuid,
}

/// Who coordinates a conference in the place of somebody who leaves.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct StaffConferenceIn {
    pub conference_id: Uuid,
    pub coordinator_id: Uuid,
}

/// Changes of who a person is. Appointments have operations of their own.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"full_name": "Lê Thị Thử Nghiệm"})))]
pub struct StaffPatch {
    #[schema(min_length = 1, max_length = 20, nullable = false)]
    pub employee_code: Option<String>,
    #[schema(min_length = 1, max_length = 120, nullable = false)]
    pub full_name: Option<String>,
}

fn in_order(appointment: &StaffAppointmentIn) -> Result<(), ValidationError> {
    ends_after_it_begins(appointment.valid_from, appointment.valid_to)
}

fn appoint_in_order(appointment: &StaffAppointIn) -> Result<(), ValidationError> {
    ends_after_it_begins(appointment.valid_from, appointment.valid_to)
}

fn ends_after_it_begins(from: NaiveDate, to: Option<NaiveDate>) -> Result<(), ValidationError> {
    if to.is_none_or(|to| to >= from) {
        return Ok(());
    }
    Err(broken("valid_to", "out_of_range", "không được trước valid_from", "must not be before valid_from"))
}

/// A person. Board, position and coefficient are those of today's main appointment: of the appointments in
/// force, the one with the highest coefficient. They are null for somebody without an appointment today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffOut {
    pub id: Uuid,
    pub version: i64,
    pub employee_code: String,
    pub full_name: String,
    /// Today's board; null without an appointment in force.
    pub board_id: Option<Uuid>,
    /// Today's position, e.g. `board_head`; null without an appointment in force.
    pub position: Option<String>,
    /// Today's coefficient of the position allowance, e.g. `0.70`; null without an appointment in force.
    pub allowance_coefficient: Option<String>,
    /// All appointments, those that have ended included, oldest first.
    pub appointments: Vec<StaffAppointmentOut>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

/// A position in a board on some days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffAppointmentOut {
    pub id: Uuid,
    pub position: String,
    pub board_id: Uuid,
    /// The part of the board; null where the appointment names none.
    pub division: Option<String>,
    /// The position as the decision words it.
    pub title: Option<String>,
    /// Coefficient of the position allowance, two decimals.
    pub allowance_coefficient: String,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub decision_number: Option<String>,
}

impl Resource for StaffOut {
    const COLLECTION: &'static str = "/v1/staff";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl StaffOut {
    /// `appointments` are all of this person, oldest first.
    pub fn new(person: staff::Model, appointments: Vec<appointments::Model>, today: NaiveDate) -> Self {
        let staff::Model {
            id,
            employee_code,
            employee_code_key: _,
            full_name,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = person;
        let main = main_appointment(&appointments, today);
        Self {
            id,
            version,
            employee_code,
            full_name,
            board_id: main.map(|main| main.board_id),
            position: main.map(|main| main.position.clone()),
            allowance_coefficient: main.map(|main| coefficient(main.coefficient_hundredths)),
            appointments: appointments.into_iter().map(StaffAppointmentOut::from).collect(),
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// The main appointment of a day: of those in force the one with the highest coefficient, the latest of equals.
pub fn main_appointment(appointments: &[appointments::Model], on: NaiveDate) -> Option<&appointments::Model> {
    let in_force =
        |one: &&appointments::Model| one.valid_from <= on && one.valid_to.is_none_or(|last| last >= on);
    let held = appointments.iter().filter(in_force);
    held.max_by_key(|one| (one.coefficient_hundredths, one.valid_from, one.id))
}

impl From<appointments::Model> for StaffAppointmentOut {
    fn from(appointment: appointments::Model) -> Self {
        let appointments::Model {
            id,
            staff_id: _,
            board_id,
            division,
            position,
            title,
            coefficient_hundredths,
            valid_from,
            valid_to,
            decision_number,
        } = appointment;
        Self {
            id,
            position,
            board_id,
            division,
            title,
            allowance_coefficient: coefficient(coefficient_hundredths),
            valid_from,
            valid_to,
            decision_number,
        }
    }
}

/// 70 is `0.70`.
fn coefficient(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Which people.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct StaffFilter {
    /// People with an appointment in this board.
    pub board_id: Option<Uuid>,
    /// The day on which the appointment must be in force; today where only board or position is given.
    pub on: Option<NaiveDate>,
    /// People with an appointment to this position, e.g. `board_head`.
    #[param(min_length = 1, max_length = 60)]
    pub position: Option<String>,
    /// Finds code and name, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<StaffSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum StaffSort {
    #[default]
    #[serde(rename = "full_name")]
    FullName,
    #[serde(rename = "-full_name")]
    FullNameDescending,
}
