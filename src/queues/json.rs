//! Parameters and bodies of the queues.

use chrono::{DateTime, NaiveDate, Utc};
use entity::expense_claims::ClaimStatus;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// The kinds of record that wait for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InboxKind {
    ExpenseClaim,
    TravelOrder,
    Advance,
    VehicleBooking,
    Trip,
    OdometerCorrection,
    FuelStatement,
    ConferenceTask,
    Review,
    Obstacle,
    Measure,
}

/// A record whose next step is the caller's to take.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InboxItem {
    /// The kind of record; the list may grow.
    pub resource_type: InboxKind,
    pub id: Uuid,
    /// The number by which people speak of it; null where it has none (yet).
    pub number: Option<String>,
    /// What it is about.
    pub title: String,
    /// Null for what belongs to the whole office.
    pub board_id: Option<Uuid>,
    /// The status of the record, by its own kind.
    pub status: String,
    /// As whom the caller is to act, e.g. `board_head`, or the part in the record, e.g. `lead`.
    pub role: String,
    pub since: DateTime<Utc>,
    /// Until when; null where nothing sets a limit.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether `due_at` is past.
    pub overdue: bool,
    /// The address of the record; its `allowed_actions` tell what can be done.
    #[schema(format = "uri-reference", max_length = 100)]
    pub href: String,
}

/// Which items.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct InboxFilter {
    /// Records of these kinds.
    #[param(inline)]
    pub resource_type: Option<Vec<InboxKind>>,
    /// Whether the time to act is past.
    pub overdue: Option<bool>,
}

/// Which claims, and as of which day.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ClaimAgeingFilter {
    /// Claims of this board.
    pub board_id: Option<Uuid>,
    /// The day at whose end ages are counted, today unless given: today means now. Claims that came to their step after
    /// that day are left out.
    pub on: Option<NaiveDate>,
}

/// Open claims by board and step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimAgeingOut {
    pub on: NaiveDate,
    /// Open claims altogether.
    pub open_count: i64,
    /// Those of them whose time to act is past.
    pub late_count: i64,
    /// One row for each board and status with open claims, by the board's code, then in the order of the steps.
    #[schema(max_items = 2000)]
    pub rows: Vec<ClaimAgeingRow>,
}

/// The open claims of one board in one status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimAgeingRow {
    pub board_id: Uuid,
    pub board_code: String,
    pub board_name: String,
    pub status: ClaimStatus,
    pub count: i64,
    /// The sum of what is allowed, and of what is claimed where nothing is allowed yet.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    pub amount: i64,
    /// Since when the one that waits longest has been in this status.
    pub oldest_since: DateTime<Utc>,
    pub ages: AgeBuckets,
    /// How many are past the time within which the hand that has them is to act. Returned claims have none.
    pub late_count: i64,
}

/// How many wait for how many days of the office's calendar; 0 means since today.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgeBuckets {
    pub days_0_to_2: i64,
    pub days_3_to_5: i64,
    pub days_6_to_10: i64,
    pub days_over_10: i64,
}

impl AgeBuckets {
    /// Counts one more that has waited for so many days.
    pub fn add(&mut self, days: i64) {
        let bucket = match days {
            ..=2 => &mut self.days_0_to_2,
            3..=5 => &mut self.days_3_to_5,
            6..=10 => &mut self.days_6_to_10,
            _ => &mut self.days_over_10,
        };
        *bucket += 1;
    }
}
