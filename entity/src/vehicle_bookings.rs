//! Requests for a car.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a vehicle booking stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    Draft,
    Submitted,
    Returned,
    Approved,
    Scheduled,
    InProgress,
    Completed,
    Closed,
    Rejected,
    Cancelled,
    Expired,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_bookings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub board_id: Uuid,
    pub requester_id: Uuid,
    pub purpose: String,
    pub pick_up_place: String,
    pub destination: String,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub passenger_count: i64,
    pub vehicle_id: Option<Uuid>,
    pub urgent: bool,
    pub urgent_reason: Option<String>,
    pub needs_consent: bool,
    pub status: BookingStatus,
    pub waiting_since: DateTimeUtc,
    pub approved_by_id: Option<Uuid>,
    pub trip_id: Option<Uuid>,
    /// The conference or reception for which the car is asked.
    pub conference_id: Option<Uuid>,
    pub decision_reason: Option<String>,
    pub search: String,
    pub confirmed_by_id: Option<Uuid>,
    pub confirm_note: Option<String>,
    pub stated_km: Option<i64>,
    pub stated_ends_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
