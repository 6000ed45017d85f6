//! The figures of a period, as they are sent, kept and digested. The ends of the names tell the units, and
//! `units` says them in full: `_count` how many, `_amount` whole đồng, `_litres` and `_percent` texts with two decimals.

use chrono::{DateTime, NaiveDate, Utc};
use entity::accountant_assignments::AssignmentKind;
use entity::expense_claims::ClaimStatus;
use entity::funding_source::FundingSource;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was done in a period, for each board and in all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewFigures {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// What is open or due is counted at this moment: the end of the period, or the moment of counting before it.
    pub as_of: DateTime<Utc>,
    /// The unit and the names of every figure.
    pub units: Vec<ReviewUnit>,
    pub tasks: ReviewTasks,
    pub bookings: ReviewBookings,
    pub cars: ReviewCars,
    pub claims: ReviewClaims,
    pub budgets: ReviewBudgets,
    pub advances: ReviewAdvances,
    pub obstacles: ReviewObstacles,
    /// Who was in charge of which board in the period, by board and day.
    #[schema(max_items = 2_000)]
    pub accountants: Vec<ReviewAccountant>,
}

/// What a figure counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewUnit {
    /// The section and the field, e.g. `tasks.done_count`.
    pub figure: String,
    /// E.g. `task`, `vnd`, `litre`, `percent`; an open list.
    pub unit: String,
    pub name_vi: String,
    pub name_en: String,
}

/// Tasks of conferences, by the board that leads them.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReviewTasks {
    pub total: ReviewTaskFigures,
    #[schema(max_items = 1_000)]
    pub rows: Vec<ReviewTaskRow>,
}

/// A board's tasks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewTaskRow {
    pub board_id: Uuid,
    pub board_code: String,
    pub figures: ReviewTaskFigures,
}

/// How tasks went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReviewTaskFigures {
    /// Given out in the period.
    pub given_out_count: i64,
    /// Accepted as done in the period.
    pub done_count: i64,
    /// Of these, done when they were due.
    pub on_time_count: i64,
    /// The share of them; null where none was done.
    pub on_time_percent: Option<String>,
    /// Due in the period and not done by then; cancelled ones are left out.
    pub late_count: i64,
    /// Not accepted in time and brought before the chief of office in the period.
    pub silent_count: i64,
    /// Objections of leads in the period.
    pub objection_count: i64,
    /// Hand-overs that leads asked for in the period.
    pub hand_over_count: i64,
}

/// Requests for cars whose journey begins in the period.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReviewBookings {
    pub total: ReviewBookingFigures,
    #[schema(max_items = 1_000)]
    pub rows: Vec<ReviewBookingRow>,
}

/// A board's bookings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewBookingRow {
    pub board_id: Uuid,
    pub board_code: String,
    pub figures: ReviewBookingFigures,
}

/// What became of bookings. Those asked for are served, rejected, cancelled, expired or open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReviewBookingFigures {
    /// All but drafts.
    pub asked_count: i64,
    /// Whose car is on its way or was back.
    pub served_count: i64,
    pub rejected_count: i64,
    pub cancelled_count: i64,
    pub expired_count: i64,
    /// Still waiting for a decision or a car.
    pub open_count: i64,
    /// Of all, drafts included, those that came to nothing (so far) and name a car that another booking or trip had at
    /// that time. A refusal itself leaves no record.
    pub clashed_count: i64,
    /// Asked for in a hurry.
    pub urgent_count: i64,
}

/// Cars: what they drove and used.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReviewCars {
    pub total: ReviewCarFigures,
    #[schema(max_items = 2_000)]
    pub rows: Vec<ReviewCarRow>,
}

/// A car that drove or was filled in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewCarRow {
    pub vehicle_id: Uuid,
    /// As it stands on the car.
    pub plate: String,
    pub name: String,
    pub figures: ReviewCarFigures,
}

/// Km and litres. What was used is known for the months of the period whose statement is closed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReviewCarFigures {
    /// Completed trips that departed in the period.
    pub trip_count: i64,
    pub km: i64,
    /// Litres that the norms allow for these trips.
    #[schema(max_length = 20)]
    pub norm_litres: String,
    /// Litres of the refuels of the period.
    #[schema(max_length = 20)]
    pub bought_litres: String,
    /// What they cost.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub bought_amount: i64,
    /// Closed statements of months that lie in the period.
    pub statement_count: i64,
    /// Litres that the norms allow in these months.
    #[schema(max_length = 20)]
    pub statement_norm_litres: String,
    /// Litres used in these months.
    #[schema(max_length = 20)]
    pub statement_used_litres: String,
    /// Used in percent of the norm; null without a norm.
    pub used_percent: Option<String>,
}

/// Claims: handed in, paid, returned, and what still waits.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReviewClaims {
    pub total: ReviewClaimFigures,
    #[schema(max_items = 1_000)]
    pub rows: Vec<ReviewClaimRow>,
    /// What waits at which step, by board.
    #[schema(max_items = 2_000)]
    pub open: Vec<ReviewOpenClaims>,
    /// What was missing when claims were returned in the period, the most frequent first.
    pub return_reasons: Vec<ReviewReturnReason>,
}

/// A board's claims.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewClaimRow {
    pub board_id: Uuid,
    pub board_code: String,
    pub figures: ReviewClaimFigures,
}

/// How claims went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReviewClaimFigures {
    /// First handed in in the period.
    pub submitted_count: i64,
    /// What these ask for.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub submitted_amount: i64,
    /// Paid in the period, and not taken back since.
    pub paid_count: i64,
    /// What these cost, what advances covered included.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub paid_amount: i64,
    /// Half of them were paid within so many days of being handed in; null where none was paid.
    pub median_days_to_payment: Option<String>,
    /// Claims that were returned in the period.
    pub returned_count: i64,
    /// How often.
    pub return_count: i64,
    /// How many things were missing in all.
    pub return_reason_count: i64,
    /// Open at the end.
    pub open_count: i64,
    /// What these are worth: what is allowed, or asked for where nothing is allowed yet.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub open_amount: i64,
}

/// The open claims of a board at one step, by their age in days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewOpenClaims {
    pub board_id: Uuid,
    pub board_code: String,
    pub status: ClaimStatus,
    pub open_count: i64,
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub open_amount: i64,
    pub days_0_to_2_count: i64,
    pub days_3_to_5_count: i64,
    pub days_6_to_10_count: i64,
    pub days_over_10_count: i64,
    /// Past the time within which the hand that has them is to act.
    pub late_count: i64,
}

/// Why claims were returned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewReturnReason {
    /// As accountants name it; `unspecified` for a return that names none.
    pub code: String,
    pub return_reason_count: i64,
}

/// The budget of the years that the period touches, as the ledger stood at its end.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReviewBudgets {
    pub total: ReviewBudgetFigures,
    #[schema(max_items = 5_000)]
    pub rows: Vec<ReviewBudgetRow>,
}

/// A board's money of one year and source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewBudgetRow {
    pub year: i64,
    pub board_id: Uuid,
    pub board_code: String,
    pub funding_source: FundingSource,
    pub figures: ReviewBudgetFigures,
}

/// What became of the money.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReviewBudgetFigures {
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub appropriated_amount: i64,
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    pub transferred_amount: i64,
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub available_amount: i64,
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub committed_amount: i64,
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub spent_amount: i64,
    /// Of `appropriated_amount + transferred_amount`; null where that is 0.
    pub spent_percent: Option<String>,
}

/// Advances that are paid and not settled.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReviewAdvances {
    pub total: ReviewAdvanceFigures,
    #[schema(max_items = 1_000)]
    pub rows: Vec<ReviewAdvanceRow>,
}

/// A board's advances.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewAdvanceRow {
    pub board_id: Uuid,
    pub board_code: String,
    pub figures: ReviewAdvanceFigures,
}

/// How much is out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReviewAdvanceFigures {
    pub outstanding_count: i64,
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub outstanding_amount: i64,
    /// Of these, past the day by which they were to be settled.
    pub overdue_count: i64,
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub overdue_amount: i64,
}

/// What hinders the work, and what is done about it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReviewObstacles {
    pub total: ReviewObstacleFigures,
    #[schema(max_items = 1_000)]
    pub rows: Vec<ReviewObstacleRow>,
}

/// The obstacles that a board reported.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewObstacleRow {
    pub board_id: Uuid,
    pub board_code: String,
    pub figures: ReviewObstacleFigures,
}

/// How obstacles and their measures went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReviewObstacleFigures {
    /// Raised in the period.
    pub raised_count: i64,
    /// Resolved in the period.
    pub resolved_count: i64,
    /// Raised by the end of the period and not resolved.
    pub open_count: i64,
    /// Measures proposed in the period.
    pub proposed_measure_count: i64,
    /// Measures done in the period.
    pub done_measure_count: i64,
    /// Measures that were found effective in the period.
    pub effective_measure_count: i64,
    /// Measures that were found to change nothing in the period.
    pub ineffective_measure_count: i64,
    /// Agreed measures that were due by the end of the period and are not done.
    pub overdue_measure_count: i64,
}

/// An accountant in charge of a board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewAccountant {
    pub board_id: Uuid,
    pub board_code: String,
    pub accountant_id: Uuid,
    pub full_name: String,
    pub kind: AssignmentKind,
    pub valid_from: NaiveDate,
    /// Null while it lasts.
    pub valid_to: Option<NaiveDate>,
    pub decision_number: String,
}
