//! What people should know without being asked to act.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a notification tells.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// To the lead of a task that was given out.
    TaskAssigned,
    /// To the lead of a task whose conference moved.
    TaskMoved,
    /// To the chiefs of office: nobody accepted the task in time.
    TaskEscalated,
    /// To the lead, within a day of the time by which to accept.
    TaskAcceptSoon,
    /// To the lead, from the day before a task is due.
    TaskDueSoon,
    /// To the lead.
    TaskOverdue,
    /// To the requester; not of their own step, as all that follow.
    BookingReturned,
    BookingRejected,
    BookingCancelled,
    /// To the driver and the requesters.
    TripIssued,
    TripAmended,
    TripVoided,
    /// To the claimant.
    ClaimReturned,
    ClaimRejected,
    ClaimPaid,
    /// To the requester.
    AdvanceOverdue,
    /// To the dispatchers, 30 days and 7 days before the last day.
    PaperExpiring,
    LicenceExpiring,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub staff_id: Uuid,
    pub kind: NotificationKind,
    pub resource_type: String,
    pub resource_id: Uuid,
    /// Nothing for what belongs to the whole office.
    pub board_id: Option<Uuid>,
    /// What the text needs beside the kind and the due time.
    pub facts: Json,
    pub due_at: Option<DateTimeUtc>,
    /// The event or the day that is told of; nobody is told twice.
    pub unique_key: String,
    pub created_at: DateTimeUtc,
    pub read_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
