//! Bodies of the bookings' operations.

use chrono::{DateTime, Utc};
use entity::vehicle_bookings::{BookingStatus, Model};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::clock::TIME_ZONE;
use crate::demo;
use crate::http::reply::Resource;
use crate::vehicles::json::VehicleOut;
use crate::workflow::{AllowedAction, WaitingOn};

/// A car to ask for. The caller is the requester.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "board_id": demo::id("btctu"), "purpose": "Làm việc với đảng ủy cơ sở", "pick_up_place": "Trụ sở Tỉnh ủy",
    "destination": "Buôn Hồ", "starts_at": "2029-03-15T07:00:00+07:00", "ends_at": "2029-03-15T17:00:00+07:00",
    "passenger_count": 3, "vehicle_id": demo::id("v_everest"),
})))]
pub struct BookingIn {
    /// The board for which the car is asked.
    pub board_id: Uuid,
    #[schema(min_length = 1, max_length = 500)]
    pub purpose: String,
    #[schema(min_length = 1, max_length = 200)]
    pub pick_up_place: String,
    #[schema(min_length = 1, max_length = 200)]
    pub destination: String,
    pub starts_at: DateTime<Utc>,
    /// Does not belong to the period any more; at most 31 days after the start.
    pub ends_at: DateTime<Utc>,
    #[schema(minimum = 1, maximum = 500)]
    pub passenger_count: i64,
    /// A certain car, whose time is taken on submission. Without it no time is taken until the dispatcher issues a
    /// trip; `GET /v1/vehicle-availability` shows what is free.
    pub vehicle_id: Option<Uuid>,
    /// Skips the minimum notice and may be approved until 24 hours after the start; needs `urgent_reason`.
    #[serde(default)]
    pub urgent: bool,
    #[schema(max_length = 500)]
    pub urgent_reason: Option<String>,
}

/// Changes of a draft or a returned booking.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"passenger_count": 4, "pick_up_place": "Cổng sau Trụ sở Tỉnh ủy"})))]
pub struct BookingPatch {
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    pub purpose: Option<String>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub pick_up_place: Option<String>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub destination: Option<String>,
    #[schema(nullable = false)]
    pub starts_at: Option<DateTime<Utc>>,
    #[schema(nullable = false)]
    pub ends_at: Option<DateTime<Utc>>,
    #[schema(minimum = 1, maximum = 500, nullable = false)]
    pub passenger_count: Option<i64>,
    #[serde(default, with = "double_option")]
    pub vehicle_id: Option<Option<Uuid>>,
    #[schema(nullable = false)]
    pub urgent: Option<bool>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 500)]
    pub urgent_reason: Option<Option<String>>,
}

/// An approval.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"consent": true})))]
pub struct BookingApproveIn {
    /// The explicit consent that a booking with `needs_consent` is approved with.
    #[serde(default)]
    pub consent: bool,
}

/// Why a booking is returned, rejected or cancelled.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Thiếu giấy mời; bổ sung rồi gửi lại"})))]
pub struct BookingReasonIn {
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// The requester's word on a completed service. Empty where everything was as the trip log says.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"note": "Về trễ 20 phút do đường sạt lở", "stated_km": 98})))]
pub struct BookingConfirmIn {
    /// What differs; needed where a figure is stated.
    #[schema(max_length = 500)]
    pub note: Option<String>,
    /// The kilometres by the requester's count.
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub stated_km: Option<i64>,
    /// When the service really ended.
    pub stated_ends_at: Option<DateTime<Utc>>,
}

/// A booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BookingOut {
    pub id: Uuid,
    /// What people call it by, e.g. `VB-2025-000123`.
    pub number: String,
    pub version: i64,
    pub status: BookingStatus,
    pub board_id: Uuid,
    pub requester_id: Uuid,
    /// The requester; null unless `expand=requester`.
    pub requester: Option<BookingRequester>,
    pub purpose: String,
    pub pick_up_place: String,
    pub destination: String,
    pub starts_at: DateTime<Utc>,
    /// Does not belong to the period any more.
    pub ends_at: DateTime<Utc>,
    /// In which zone people read the times.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    pub time_zone: &'static str,
    pub passenger_count: i64,
    /// The car that was asked for; null where the dispatcher chooses.
    pub vehicle_id: Option<Uuid>,
    /// That car; null unless `expand=vehicle`.
    pub vehicle: Option<VehicleOut>,
    pub urgent: bool,
    pub urgent_reason: Option<String>,
    /// The requester's allowance coefficient gives no right to a car, so the approver must consent explicitly.
    pub needs_consent: bool,
    /// The member of staff who approved it; null until then, and again after a return.
    pub approved_by_id: Option<Uuid>,
    /// Why it was returned, rejected or cancelled last.
    pub decision_reason: Option<String>,
    /// The trip that carries it out; null until the dispatcher issued one.
    pub trip_id: Option<Uuid>,
    /// The conference or reception for which the car is asked; null for other bookings.
    pub conference_id: Option<Uuid>,
    /// The requester who confirmed the service; null until then, and where it was closed by itself.
    pub confirmed_by_id: Option<Uuid>,
    /// What the requester says about differences.
    pub confirm_note: Option<String>,
    /// The kilometres by the requester's count, where they differ from the trip log.
    pub stated_km: Option<i64>,
    /// When the service really ended, where it differs from the trip log.
    pub stated_ends_at: Option<DateTime<Utc>>,
    /// Whose turn it is; null where nobody needs to act, and in lists unless `expand=allowed_actions`.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do now; null in lists unless `expand=allowed_actions`.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

/// Who asks for the car.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BookingRequester {
    pub id: Uuid,
    pub full_name: String,
}

impl Resource for BookingOut {
    const COLLECTION: &'static str = "/v1/vehicle-bookings";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for BookingOut {
    /// The record alone; what stands around it is filled in by [`crate::bookings::waiting`] and the store.
    fn from(booking: Model) -> Self {
        let Model {
            id,
            number,
            board_id,
            requester_id,
            purpose,
            pick_up_place,
            destination,
            starts_at,
            ends_at,
            passenger_count,
            vehicle_id,
            urgent,
            urgent_reason,
            needs_consent,
            status,
            waiting_since: _,
            approved_by_id,
            trip_id,
            conference_id,
            decision_reason,
            search: _,
            confirmed_by_id,
            confirm_note,
            stated_km,
            stated_ends_at,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = booking;
        Self {
            id,
            number,
            version,
            status,
            board_id,
            requester_id,
            requester: None,
            purpose,
            pick_up_place,
            destination,
            starts_at,
            ends_at,
            time_zone: TIME_ZONE,
            passenger_count,
            vehicle_id,
            vehicle: None,
            urgent,
            urgent_reason,
            needs_consent,
            approved_by_id,
            decision_reason,
            trip_id,
            conference_id,
            confirmed_by_id,
            confirm_note,
            stated_km,
            stated_ends_at,
            waiting_on: None,
            allowed_actions: None,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which bookings.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BookingFilter {
    /// Bookings of this board.
    pub board_id: Option<Uuid>,
    /// Bookings with one of these statuses.
    #[param(inline)]
    pub status: Option<Vec<BookingStatus>>,
    /// Bookings of this member of staff.
    pub requester_id: Option<Uuid>,
    /// Bookings for this conference or reception.
    pub conference_id: Option<Uuid>,
    /// Bookings that name this car.
    pub vehicle_id: Option<Uuid>,
    /// Bookings that start at or after this instant.
    pub starts_at_from: Option<DateTime<Utc>>,
    /// Bookings that start before this instant.
    pub starts_at_before: Option<DateTime<Utc>>,
    /// Finds number, purpose and places, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<BookingSort>,
    /// What to add to each booking: the car, the requester, and what the caller can do with it.
    #[param(inline)]
    pub expand: Option<Vec<BookingExpand>>,
}

/// What to add to a single booking.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BookingView {
    /// What to add: the car, the requester. What the caller can do comes without asking.
    #[param(inline)]
    pub expand: Option<Vec<BookingExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum BookingSort {
    #[default]
    #[serde(rename = "starts_at")]
    StartsAt,
    #[serde(rename = "-starts_at")]
    StartsAtDescending,
    #[serde(rename = "created_at")]
    CreatedAt,
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BookingExpand {
    Vehicle,
    Requester,
    AllowedActions,
}
