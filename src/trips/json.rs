//! Bodies of the trips' operations.

use chrono::{DateTime, Utc};
use entity::trips::TripStatus;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::fuel::rules::NormWorking;
use crate::http::input::broken;
use crate::http::reply::Resource;
use crate::vehicles::json::VehicleOut;
use crate::workflow::{AllowedAction, WaitingOn};

/// A trip to plan.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "plan_in_order"))]
#[schema(examples(json!({
    "booking_ids": [demo::id("vb_18")], "vehicle_id": demo::id("v_cross"), "driver_id": demo::id("dr_tu"),
    "note": "Xuất phát đúng giờ, mang theo áo mưa",
})))]
pub struct TripIn {
    /// The bookings to carry out together.
    #[schema(min_items = 1, max_items = 20)]
    pub booking_ids: Vec<Uuid>,
    pub vehicle_id: Uuid,
    pub driver_id: Uuid,
    /// Null or left out: the earliest start of its bookings.
    pub starts_at: Option<DateTime<Utc>>,
    /// Does not belong to the period any more. Null or left out: the latest end of its bookings.
    pub ends_at: Option<DateTime<Utc>>,
    /// Null or left out: the places of its bookings as they are now.
    #[schema(max_length = 500)]
    pub route: Option<String>,
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

fn plan_in_order(body: &TripIn) -> Result<(), ValidationError> {
    once_each(&body.booking_ids)?;
    in_order(body.starts_at, body.ends_at)
}

fn once_each(ids: &[Uuid]) -> Result<(), ValidationError> {
    let distinct: std::collections::BTreeSet<&Uuid> = ids.iter().collect();
    if distinct.len() == ids.len() {
        return Ok(());
    }
    Err(broken("booking_ids", "repeated", "mỗi đăng ký chỉ ghi một lần", "names a booking twice"))
}

fn in_order(starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>) -> Result<(), ValidationError> {
    match (starts_at, ends_at) {
        (Some(start), Some(end)) if end <= start => {
            Err(broken("ends_at", "out_of_range", "phải sau starts_at", "must be after starts_at"))
        }
        _ => Ok(()),
    }
}

/// Changes of a planned trip, or of an issued one by an amendment. What is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "patch_in_order"))]
#[schema(examples(json!({"driver_id": demo::id("dr_tu"), "note": "Đổi lái xe do nghỉ phép"})))]
pub struct TripPatch {
    #[schema(min_items = 1, max_items = 20, nullable = false)]
    pub booking_ids: Option<Vec<Uuid>>,
    #[schema(nullable = false)]
    pub vehicle_id: Option<Uuid>,
    #[schema(nullable = false)]
    pub driver_id: Option<Uuid>,
    #[schema(nullable = false)]
    pub starts_at: Option<DateTime<Utc>>,
    #[schema(nullable = false)]
    pub ends_at: Option<DateTime<Utc>>,
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    pub route: Option<String>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 500)]
    pub note: Option<Option<String>>,
}

fn patch_in_order(body: &TripPatch) -> Result<(), ValidationError> {
    once_each(body.booking_ids.as_deref().unwrap_or_default())?;
    in_order(body.starts_at, body.ends_at)
}

/// The departure.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"odometer_km": 1200})))]
pub struct TripDepartIn {
    /// What the odometer shows (km).
    #[schema(maximum = 9_999_999)]
    pub odometer_km: i64,
    /// Null or left out: now.
    pub departed_at: Option<DateTime<Utc>>,
    /// Why the car moved since its last reading; needed where the odometer shows more than then.
    #[schema(max_length = 500)]
    pub gap_reason: Option<String>,
}

/// The return.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"odometer_km": 119670, "mountain_km": 40, "air_conditioned_km": 170, "idling_minutes": 30})))]
pub struct TripCompleteIn {
    /// What the odometer shows (km).
    #[schema(maximum = 9_999_999)]
    pub odometer_km: i64,
    /// Null or left out: now.
    pub returned_at: Option<DateTime<Utc>>,
    /// How many of the km were mountain road.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub mountain_km: i64,
    /// How many of the km were driven with air-conditioning.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub air_conditioned_km: i64,
    /// For how long the engine ran while the car stood (minutes).
    #[serde(default)]
    #[schema(minimum = 0, maximum = 50_000)]
    pub idling_minutes: i64,
}

/// How the km of a trip divide among its bookings.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({})))]
pub struct TripVerifyIn {
    /// One for each booking of the trip; null or left out: by passengers. Whatever the sum, the trip's km are divided in
    /// this proportion.
    #[schema(min_items = 1, max_items = 20)]
    pub shares: Option<Vec<TripShareIn>>,
}

/// The km of one booking.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TripShareIn {
    pub booking_id: Uuid,
    #[schema(minimum = 0, maximum = 100_000)]
    pub km: i64,
}

/// Why a trip is void.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Hoãn chuyến công tác do mưa bão"})))]
pub struct TripVoidIn {
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// Whether to write.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DryRun {
    /// `true` answers as the real call would and changes nothing.
    pub dry_run: Option<bool>,
}

/// A trip.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TripOut {
    pub id: Uuid,
    /// The dispatch order's number, e.g. `07/LĐX-2026`; null until it is issued. A void order keeps it.
    pub number: Option<String>,
    pub version: i64,
    pub status: TripStatus,
    /// 0 while planned, 1 when issued, and one more with each amendment.
    pub revision: i64,
    pub vehicle_id: Uuid,
    /// The car; null unless `expand=vehicle`.
    pub vehicle: Option<VehicleOut>,
    pub driver_id: Uuid,
    /// The name of the driver.
    pub driver_name: String,
    /// The bookings that the caller may see.
    #[schema(max_items = 20)]
    pub booking_ids: Vec<Uuid>,
    /// Those bookings with what each of them bears; null in lists unless `expand=bookings`.
    #[schema(max_items = 20)]
    pub bookings: Option<Vec<TripBookingOut>>,
    /// The passengers of all its bookings, those of other boards included.
    pub passenger_count: i64,
    /// From when on car and driver are held. A car that leaves earlier moves it to its departure.
    pub starts_at: DateTime<Utc>,
    /// Does not belong to the period any more.
    pub ends_at: DateTime<Utc>,
    /// In which zone people read the times.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    pub time_zone: &'static str,
    /// Where it goes; for who sees a part of its bookings only, their places.
    pub route: String,
    /// Null for who sees a part of its bookings only.
    pub note: Option<String>,
    pub issued_at: Option<DateTime<Utc>>,
    pub issued_by_id: Option<Uuid>,
    pub departed_at: Option<DateTime<Utc>>,
    pub returned_at: Option<DateTime<Utc>>,
    pub odometer_start_km: Option<i64>,
    pub odometer_end_km: Option<i64>,
    /// The way of the whole trip (km); null until it is completed.
    pub km: Option<i64>,
    pub mountain_km: Option<i64>,
    pub air_conditioned_km: Option<i64>,
    pub idling_minutes: Option<i64>,
    /// The fuel norm in force on the departure day.
    pub norm_id: Option<Uuid>,
    /// Litres allowed for the whole trip (two decimals), by that norm.
    #[schema(example = "20.40")]
    pub norm_litres: Option<String>,
    /// How the litres came about: each line with its quantity, rate and litres, and the document behind the norm.
    pub norm_working: Option<NormWorking>,
    pub verified_by_id: Option<Uuid>,
    /// Why it is void.
    pub decision_reason: Option<String>,
    /// Whose turn it is; null where nobody needs to act, and in lists unless `expand=allowed_actions`.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do now; null in lists unless `expand=allowed_actions`.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

/// A booking of a trip.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TripBookingOut {
    pub booking_id: Uuid,
    pub number: String,
    pub board_id: Uuid,
    pub passenger_count: i64,
    pub pick_up_place: String,
    pub destination: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// Its part of the trip's km; null until the return.
    pub share_km: Option<i64>,
    /// Its part of the litres allowed (two decimals); null until the return.
    pub share_litres: Option<String>,
}

impl Resource for TripOut {
    const COLLECTION: &'static str = "/v1/trips";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which trips.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct TripFilter {
    /// In one of these states.
    #[param(inline, max_items = 6)]
    pub status: Option<Vec<TripStatus>>,
    pub vehicle_id: Option<Uuid>,
    pub driver_id: Option<Uuid>,
    /// Carrying a booking of this board.
    pub board_id: Option<Uuid>,
    /// Carrying this booking.
    pub booking_id: Option<Uuid>,
    /// Starting at or after this instant.
    pub starts_at_from: Option<DateTime<Utc>>,
    /// Starting before this instant.
    pub starts_at_before: Option<DateTime<Utc>>,
    /// Finds words of number, route and note, whatever their case and diacritics; for boards and drivers a part of the
    /// number.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<TripSort>,
    /// What to show beside the trips.
    #[param(inline, max_items = 3)]
    pub expand: Option<Vec<TripExpand>>,
}

/// What a single read shows beside the trip; bookings and actions are always there.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct TripView {
    /// What to show beside the trip.
    #[param(inline, max_items = 3)]
    pub expand: Option<Vec<TripExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum TripSort {
    #[default]
    #[serde(rename = "starts_at")]
    StartsAt,
    #[serde(rename = "-starts_at")]
    StartsAtDescending,
}

/// What can stand beside a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TripExpand {
    Vehicle,
    Bookings,
    AllowedActions,
}

/// How far around the trip to look.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct SuggestionParams {
    /// By how many minutes a booking may begin before or end after the trip, 60 unless given.
    #[param(minimum = 0, maximum = 720, default = 60)]
    pub slack_minutes: Option<i64>,
}

/// Open bookings that could come along, the best fit first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BookingSuggestions {
    pub trip_id: Uuid,
    /// Seats that the trip's own bookings leave free.
    pub free_seats: i64,
    #[schema(max_items = 50)]
    pub items: Vec<BookingSuggestion>,
}

/// An open booking that could come along.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BookingSuggestion {
    pub booking_id: Uuid,
    pub number: String,
    pub board_id: Uuid,
    pub passenger_count: i64,
    pub pick_up_place: String,
    pub destination: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// Its destination is one of the trip's, or stands in the trip's route.
    pub same_way: bool,
    /// By how many minutes the trip would have to begin earlier or end later; 0 where it fits as it is.
    pub stretch_minutes: i64,
}
