//! Bodies of the operations about accountants and their boards.

use chrono::{DateTime, NaiveDate, Utc};
use entity::accountant_assignments::{self as assignments, AssignmentKind};
use entity::accountants;
use entity::expense_claims::ClaimStatus;
use entity::travel_orders::TravelOrderStatus;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::http::input::broken;
use crate::http::reply::Resource;
use crate::queues::json::AgeBuckets;

/// A member of staff who may be put in charge of boards from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "active_in_order"))]
#[schema(examples(json!({"staff_id": demo::id("p_huy"), "active_from": "2029-01-01"})))]
pub struct AccountantIn {
    pub staff_id: Uuid,
    /// The first day.
    pub active_from: NaiveDate,
    /// The last day; null while no end is known.
    pub active_to: Option<NaiveDate>,
}

/// The last day of an accountant.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"active_to": null})))]
pub struct AccountantPatch {
    /// Only after the last day on which the accountant looks after a board; null takes the end back.
    #[serde(default, with = "double_option")]
    pub active_to: Option<Option<NaiveDate>>,
}

/// An accountant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountantOut {
    pub id: Uuid,
    pub version: i64,
    pub staff_id: Uuid,
    pub full_name: String,
    pub active_from: NaiveDate,
    /// The last day; null while no end is known.
    pub active_to: Option<NaiveDate>,
    /// The boards for which the accountant acts today, in charge or as a substitute. A board whose accountant
    /// is substituted today stands with the substitute.
    pub boards: Vec<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for AccountantOut {
    const COLLECTION: &'static str = "/v1/accountants";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl AccountantOut {
    pub fn new(accountant: accountants::Model, full_name: String, boards: Vec<Uuid>) -> Self {
        let accountants::Model {
            id,
            staff_id,
            active_from,
            active_to,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = accountant;
        Self {
            id,
            version,
            staff_id,
            full_name,
            active_from,
            active_to,
            boards,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which accountants.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AccountantFilter {
    /// The accountant who is this member of staff.
    pub staff_id: Option<Uuid>,
    /// Accountants who are active on this day.
    pub on: Option<NaiveDate>,
    /// Finds name and employee code, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<AccountantSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum AccountantSort {
    #[default]
    #[serde(rename = "active_from")]
    ActiveFrom,
    #[serde(rename = "-active_from")]
    ActiveFromDescending,
}

/// What an accountant has on the desk: the open claims of today's boards and of the boards they succeeded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountantWorkloadOut {
    pub accountant_id: Uuid,
    /// The day of the figures: today.
    pub on: NaiveDate,
    /// Open claims altogether.
    pub open_count: i64,
    /// Those of them that wait for the accountant: the confirmed ones.
    pub to_verify_count: i64,
    /// Every board of today, and every board before it that still has open claims.
    pub boards: Vec<AccountantWorkloadBoard>,
}

/// The open claims of one board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountantWorkloadBoard {
    pub board_id: Uuid,
    pub code: String,
    pub name: String,
    /// One entry for each status in which the board has claims.
    #[schema(max_items = 10)]
    pub claims: Vec<AccountantWorkloadClaims>,
    /// Travel orders that wait for the accountant: one entry for `submitted` (the funds are to be checked) and one for
    /// `completed` (to be settled), where there are any.
    #[schema(max_items = 2)]
    pub travel_orders: Vec<AccountantWorkloadOrders>,
}

/// The travel orders of one board that wait in one status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountantWorkloadOrders {
    pub status: TravelOrderStatus,
    pub count: i64,
    /// Since when the one that waits longest has been in this status.
    pub oldest_waiting_since: DateTime<Utc>,
    /// How long each of them waits.
    pub ages: AgeBuckets,
}

/// The open claims of one board in one status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountantWorkloadClaims {
    pub status: ClaimStatus,
    pub count: i64,
    /// Since when the one that waits longest has been in this status.
    pub oldest_waiting_since: DateTime<Utc>,
    /// The same in days of the office's calendar; 0 means today.
    pub oldest_age_days: i64,
    /// How long each of them waits.
    pub ages: AgeBuckets,
}

/// A substitute for some days.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "days_of_assignment"))]
#[schema(examples(json!({
    "board_id": demo::id("btctu"), "accountant_id": demo::id("p_mai/accountant"), "kind": "substitute",
    "valid_from": "2028-08-07", "valid_to": "2028-08-18", "decision_number": "30-QĐ/VPTU", "reason": "Nghỉ phép năm",
})))]
pub struct AccountantAssignmentIn {
    pub board_id: Uuid,
    pub accountant_id: Uuid,
    /// `substitute`. A `charge` is refused with `assignment_overlap`, since a board always has one: it begins
    /// with the board and passes on by `hand-over`.
    pub kind: AssignmentKind,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; a substitute must have one.
    pub valid_to: Option<NaiveDate>,
    #[schema(min_length = 1, max_length = 60)]
    pub decision_number: String,
    /// It shows in the history.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

fn active_in_order(accountant: &AccountantIn) -> Result<(), ValidationError> {
    in_order("active_to", accountant.active_from, accountant.active_to)
}

fn days_of_assignment(assignment: &AccountantAssignmentIn) -> Result<(), ValidationError> {
    if assignment.kind == AssignmentKind::Substitute && assignment.valid_to.is_none() {
        return Err(broken(
            "valid_to",
            "required",
            "thay thế phải có ngày kết thúc",
            "a substitute needs a last day",
        ));
    }
    in_order("valid_to", assignment.valid_from, assignment.valid_to)
}

fn in_order(field: &'static str, from: NaiveDate, to: Option<NaiveDate>) -> Result<(), ValidationError> {
    if to.is_none_or(|to| to >= from) {
        return Ok(());
    }
    Err(broken(field, "out_of_range", "không được trước ngày đầu", "must not be before the first day"))
}

/// An accountant's charge of a board, or a substitution.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountantAssignmentOut {
    pub id: Uuid,
    pub version: i64,
    pub board_id: Uuid,
    pub accountant_id: Uuid,
    pub kind: AssignmentKind,
    pub valid_from: NaiveDate,
    /// The last day; null while the charge goes on.
    pub valid_to: Option<NaiveDate>,
    pub decision_number: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for AccountantAssignmentOut {
    const COLLECTION: &'static str = "/v1/accountant-assignments";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<assignments::Model> for AccountantAssignmentOut {
    fn from(assignment: assignments::Model) -> Self {
        let assignments::Model {
            id,
            board_id,
            accountant_id,
            kind,
            valid_from,
            valid_to,
            decision_number,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = assignment;
        Self {
            id,
            version,
            board_id,
            accountant_id,
            kind,
            valid_from,
            valid_to,
            decision_number,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which assignments.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AccountantAssignmentFilter {
    pub board_id: Option<Uuid>,
    pub accountant_id: Option<Uuid>,
    /// Only charges or only substitutions.
    #[param(inline)]
    pub kind: Option<AssignmentKind>,
    /// Assignments in force on this day.
    pub on: Option<NaiveDate>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<AccountantAssignmentSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum AccountantAssignmentSort {
    #[default]
    #[serde(rename = "valid_from")]
    ValidFrom,
    #[serde(rename = "-valid_from")]
    ValidFromDescending,
}

/// Who takes the board over, and from which day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "accountant_id": demo::id("p_mai/accountant"), "valid_from": "2029-02-01", "decision_number": "32-QĐ/VPTU",
    "reason": "Điều chuyển công tác",
})))]
pub struct AccountantHandOverIn {
    /// The new accountant in charge.
    pub accountant_id: Uuid,
    /// The new accountant's first day; the day before is the old one's last.
    pub valid_from: NaiveDate,
    #[schema(min_length = 1, max_length = 60)]
    pub decision_number: String,
    /// It shows in the history of both assignments.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// A hand-over: what begins, what ends, and the files that move with the board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountantHandOverOut {
    pub assignment: AccountantAssignmentOut,
    pub ended_assignment: AccountantAssignmentOut,
    /// How many open files move.
    pub open_file_count: i64,
    /// The open files of the board and of the boards it succeeded, longest waiting first; the first 1000.
    #[schema(max_items = 1000)]
    pub open_files: Vec<HandOverFile>,
}

/// A file that was open when its board changed hands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandOverFile {
    /// `expense_claim`.
    pub resource_type: String,
    pub id: Uuid,
    pub number: String,
    pub status: ClaimStatus,
    pub board_id: Uuid,
}

/// The earlier end of a substitution.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"valid_to": "2028-06-09", "reason": "Trở lại làm việc sớm"})))]
pub struct AccountantAssignmentEndIn {
    /// The new last day, before the one that is known.
    pub valid_to: NaiveDate,
    /// The decision that ends it, where there is one; it shows in the history.
    #[schema(max_length = 60)]
    pub decision_number: Option<String>,
    /// It shows in the history.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// On which day.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BoardAccountantParams {
    /// The day that is asked about; today unless given.
    pub on: Option<NaiveDate>,
}

/// Who looks after a board on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardAccountantOut {
    /// The board that was asked about.
    pub board_id: Uuid,
    pub on: NaiveDate,
    /// The board that has taken over by then and whose accountant acts; null while the board itself lives.
    pub successor_id: Option<Uuid>,
    pub in_charge: BoardAccountant,
    /// Who stands in on that day; null on ordinary days.
    pub substitute: Option<BoardAccountant>,
    /// The one who acts: the substitute where there is one, else the one in charge.
    pub acting: BoardAccountant,
}

/// An accountant with the assignment that gives the board to them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardAccountant {
    pub accountant_id: Uuid,
    pub staff_id: Uuid,
    pub full_name: String,
    pub assignment_id: Uuid,
    pub decision_number: String,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
}
