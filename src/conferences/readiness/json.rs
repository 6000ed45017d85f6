//! What the readiness of a conference looks like.

use chrono::{DateTime, Utc};
use entity::conference_tasks::TaskStatus;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far a conference is prepared at this moment, as far as the caller sees its tasks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadinessOut {
    pub conference_id: Uuid,
    /// The moment at which all this is so.
    pub as_of: DateTime<Utc>,
    /// Calendar days until the opening day; negative after it.
    #[schema(minimum = -100_000, maximum = 100_000)]
    pub days_to_opening: i64,
    pub counts: ReadinessCounts,
    /// The earliest due first.
    #[schema(max_items = 1000)]
    pub tasks: Vec<ReadinessTask>,
    /// From the open task that is due last back along what it still waits for, each time what is due last of that; the
    /// first to be done first. A delay on it moves the end.
    #[schema(max_items = 1000)]
    pub critical_path: Vec<Uuid>,
    /// Whether cars are booked for it. Null: bookings do not name a conference, so the service does not know.
    pub cars_booked: Option<bool>,
    /// Whether money is committed for it. Null: commitments do not name a conference, so the service does not know.
    pub funded: Option<bool>,
}

/// How many tasks are in which state. A task may count as late, silent and blocked at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadinessCounts {
    pub total: i64,
    pub open: i64,
    pub done: i64,
    pub cancelled: i64,
    pub late: i64,
    pub silent: i64,
    pub objected: i64,
    pub blocked: i64,
    /// Open tasks that wait for another open one.
    pub waiting: i64,
}

/// A task as far as its readiness goes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadinessTask {
    pub id: Uuid,
    pub number: String,
    pub title: String,
    pub deliverable: String,
    pub status: TaskStatus,
    /// Who holds it; null where it is done or cancelled.
    pub holder: Option<ReadinessHolder>,
    /// How often leads have objected to it.
    pub objection_count: i64,
    /// How often it passed from one person to another.
    pub hand_over_count: i64,
    pub due_at: DateTime<Utc>,
    /// When it moved last, with its conference; null if never.
    pub moved_at: Option<DateTime<Utc>>,
    /// Calendar days until its due day, negative when that is over; null where it is done or cancelled.
    #[schema(minimum = -100_000, maximum = 100_000)]
    pub days_left: Option<i64>,
    /// Open, and due already.
    pub late: bool,
    /// The time to accept it is over, and its lead has neither accepted nor objected.
    pub silent: bool,
    pub blocked: bool,
    pub blocked_by_obstacle_id: Option<Uuid>,
    /// The open tasks for which it waits.
    pub waits_for_ids: Vec<Uuid>,
    pub on_critical_path: bool,
}

/// The person who holds a task now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadinessHolder {
    pub staff_id: Uuid,
    pub full_name: String,
    pub board_id: Uuid,
    pub held_from: DateTime<Utc>,
    /// Whole days since then.
    pub days_held: i64,
}
