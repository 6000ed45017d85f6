//! Parameters and bodies of the conferences' report.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// Which days, and which board.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BuckPassingFilter {
    /// The first day; the first of January of the last day's year unless given.
    pub from: Option<NaiveDate>,
    /// The last day; today unless given.
    pub to: Option<NaiveDate>,
    /// The body for which tasks are led.
    pub board_id: Option<Uuid>,
}

/// What became of the tasks that a person, or all people of a board, were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BuckPassingFigures {
    /// Tasks that came to them in these days, by whatever way; each counts once.
    pub tasks_received: i64,
    /// Objections raised in these days.
    pub objections: i64,
    pub objections_upheld: i64,
    pub objections_overruled: i64,
    /// Hand-overs asked for in these days.
    pub hand_overs_requested: i64,
    pub hand_overs_approved: i64,
    /// Refused by the coordinator of the conference or the chief of office.
    pub hand_overs_refused: i64,
    /// Declined by the receiver.
    pub hand_overs_declined: i64,
    /// Tasks that were still unanswered at their accept-by time, so that the chief of office was told.
    pub silent_tasks: i64,
    /// Half of the tasks accepted in these days were accepted within so many hours, two decimals; null where none was.
    #[schema(max_length = 20)]
    pub median_hours_to_accept: Option<String>,
    /// The sum of the days for which they held tasks within these days, two decimals.
    #[schema(max_length = 20)]
    pub days_held: String,
}

/// The figures of one person for one board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuckPassingPerson {
    pub staff_id: Uuid,
    pub full_name: String,
    pub figures: BuckPassingFigures,
}

/// The figures of one board: those of its people together. A task that went from one of them to another counts once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuckPassingBoard {
    pub board_id: Uuid,
    pub board_code: String,
    pub figures: BuckPassingFigures,
    /// By name.
    #[schema(max_items = 1_000)]
    pub people: Vec<BuckPassingPerson>,
}

/// How often tasks were passed on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuckPassingOut {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// By code; boards without any task in these days are left out.
    pub boards: Vec<BuckPassingBoard>,
}
