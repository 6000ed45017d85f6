//! Bodies of the travel orders' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::funding_source::FundingSource;
use entity::travel_orders::TravelOrderStatus;
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::budgets::commitments::CommitmentOut;
use crate::demo;
use crate::http::reply::Resource;
use crate::travel::estimates::json::TravelEstimateOut;
use crate::travel::legs::{TravelLegIn, TravelLegOut};
use crate::workflow::{AllowedAction, WaitingOn};

/// Somebody who is to travel.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TravelOrderTravellerIn {
    /// A colleague of any board, in office on the day of departure.
    pub staff_id: Uuid,
    /// Days of the journey that are the traveller's own: not paid.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub private_dates: Vec<NaiveDate>,
}

/// An order to write.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "board_id": demo::id("btctu"), "purpose": "Khảo sát công tác cán bộ", "host": "Ban Tổ chức Tỉnh ủy Khánh Hòa",
    "travellers": [{"staff_id": demo::id("p_duong")}],
    "legs": [
        {"from_place": "Buôn Ma Thuột", "to_place": "Nha Trang", "starts_at": "2029-03-05T06:00:00+07:00",
         "ends_at": "2029-03-07T14:00:00+07:00", "place_class": "province", "transport": "office_car", "lodging": "lump_sum"},
        {"from_place": "Nha Trang", "to_place": "Buôn Ma Thuột", "starts_at": "2029-03-07T14:00:00+07:00",
         "ends_at": "2029-03-07T18:30:00+07:00", "transport": "office_car", "lodging": "none"},
    ],
})))]
pub struct TravelOrderIn {
    /// The board that sends the travellers and bears the cost; one of the caller's that exists today.
    pub board_id: Uuid,
    #[schema(min_length = 1, max_length = 500)]
    pub purpose: String,
    /// Who receives the travellers; null where nobody does.
    #[schema(max_length = 200)]
    pub host: Option<String>,
    /// A note for the accountant on who bears what.
    #[schema(max_length = 500)]
    pub funding_note: Option<String>,
    /// The first one is the head of the party. Everybody makes all legs.
    #[schema(min_items = 1, max_items = 50)]
    pub travellers: Vec<TravelOrderTravellerIn>,
    /// The planned journey, in the order of time.
    #[schema(min_items = 1, max_items = 50)]
    pub legs: Vec<TravelLegIn>,
}

/// What changes in an order; what is left out stays.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, examples(json!({"purpose": "Khảo sát công tác cán bộ cơ sở"})))]
pub struct TravelOrderPatch {
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    pub purpose: Option<String>,
    /// Null clears it.
    #[serde(default, with = "double_option")]
    #[schema(max_length = 200)]
    pub host: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, with = "double_option")]
    #[schema(max_length = 500)]
    pub funding_note: Option<Option<String>>,
    /// Replaces all travellers.
    #[schema(min_items = 1, max_items = 50, nullable = false)]
    pub travellers: Option<Vec<TravelOrderTravellerIn>>,
    /// Replaces all legs.
    #[schema(min_items = 1, max_items = 50, nullable = false)]
    pub legs: Option<Vec<TravelLegIn>>,
}

/// Why a step is taken.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Cơ quan mời hoãn cuộc họp"})))]
pub struct TravelOrderReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// Which money bears the journey.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"funding_source": "autonomous"})))]
pub struct TravelOrderFundsIn {
    /// Each kind of cost is booked on the line of its sub-item, of this source and of the year of departure.
    pub funding_source: FundingSource,
    /// One line of the board and source that bears all of it instead; null unless the accountant departs from the
    /// sub-items.
    pub budget_line_id: Option<Uuid>,
    /// Why one line bears all of it; needed with `budget_line_id`, and only there.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// What a budget line bears of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TravelOrderFund {
    pub budget_line_id: Uuid,
    pub amount: i64,
}

/// How the journey really was.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "starts_at": "2025-12-10T06:30:00+07:00", "ends_at": "2025-12-11T17:00:00+07:00", "permit_stamped": true,
})))]
pub struct TravelOrderCompleteIn {
    /// The real departure. Its day lies within the authorized days.
    pub starts_at: DateTime<Utc>,
    /// The real return, not in the future. Its day lies within the authorized days.
    pub ends_at: DateTime<Utc>,
    /// The legs as they were made, where they differ from the plan in more than the first departure and the last
    /// arrival.
    #[schema(min_items = 1, max_items = 50)]
    pub legs: Option<Vec<TravelLegIn>>,
    /// The host has stamped the travel permit.
    pub permit_stamped: bool,
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// Somebody who travels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TravelOrderTravellerOut {
    pub staff_id: Uuid,
    /// Null unless `expand=travellers` was sent.
    pub full_name: Option<String>,
    /// The position allowance coefficient on the day of departure, with two decimals; null until the order is
    /// submitted.
    pub coefficient: Option<String>,
    pub private_dates: Vec<NaiveDate>,
    /// Whether the order takes the traveller's time.
    pub away: bool,
    /// The time that it takes: the planned journey, once completed the real one.
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// The journey as it was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TravelOrderActual {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub legs: Vec<TravelLegOut>,
    pub permit_stamped: bool,
    pub note: Option<String>,
    /// What the journey may be paid by the rates, computed from what was really made; null in lists unless
    /// `expand=estimate` was sent.
    pub estimate: Option<TravelEstimateOut>,
    pub estimated_amount: i64,
    pub completed_at: Option<DateTime<Utc>>,
    /// As staff.
    pub completed_by_id: Option<Uuid>,
}

/// A travel order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TravelOrderOut {
    pub id: Uuid,
    /// The order's number, e.g. `TO-2026-000001`; an amendment has its revision behind it: `TO-2026-000001/2`.
    pub number: String,
    pub version: i64,
    /// 1 for the order as first written, one more for each amendment.
    pub revision: i64,
    /// The version that this one replaces once it is approved; null for the first.
    pub amends_id: Option<Uuid>,
    pub amend_reason: Option<String>,
    /// The version that amends this one, on its way or in force; null where there is none.
    pub amended_by_id: Option<Uuid>,
    pub board_id: Uuid,
    /// Who wrote the order, as staff.
    pub requester_id: Uuid,
    /// The head of the party: the first traveller.
    pub traveller_id: Uuid,
    pub travellers: Vec<TravelOrderTravellerOut>,
    pub purpose: String,
    pub host: Option<String>,
    pub funding_note: Option<String>,
    /// The authorized period: the first departure and the last arrival of the plan. Whole days count.
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The office's time zone.
    pub time_zone: String,
    /// The planned journey.
    pub legs: Vec<TravelLegOut>,
    pub status: TravelOrderStatus,
    /// Null when nobody needs to act; in lists also unless `expand=allowed_actions` was sent.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do; null in lists unless `expand=allowed_actions` was sent.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// What the journey may cost, as computed at the submission and frozen then; null before it, and in lists unless
    /// `expand=estimate` was sent.
    pub estimate: Option<TravelEstimateOut>,
    /// Null until the order is submitted.
    pub estimated_amount: Option<i64>,
    /// Null until the funds are checked.
    pub funding_source: Option<FundingSource>,
    /// The one line that bears all of it, where the accountant chose so; null where the sub-items decide.
    pub budget_line_id: Option<Uuid>,
    /// Why one line bears all of it.
    pub funds_reason: Option<String>,
    /// Which budget lines bear it; empty until the funds are checked.
    pub funds: Vec<TravelOrderFund>,
    /// The money that is reserved; null before the approval, and once another version has taken it over.
    pub commitment: Option<CommitmentOut>,
    /// The journey as it was made; null until the order is completed.
    pub actual: Option<TravelOrderActual>,
    /// As staff; this and the next two start anew when a returned order is submitted again.
    pub submitted_by_id: Option<Uuid>,
    /// The accountant, as staff.
    pub funds_checked_by_id: Option<Uuid>,
    /// As staff.
    pub approved_by_id: Option<Uuid>,
    /// Why it was last returned, rejected or cancelled.
    pub decision_reason: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
    /// The accountant, as staff.
    pub settled_by_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for TravelOrderOut {
    const COLLECTION: &'static str = "/v1/travel-orders";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which orders.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct TravelOrderFilter {
    /// Orders of this board.
    pub board_id: Option<Uuid>,
    /// Orders that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<TravelOrderStatus>>,
    /// Orders by which this member of staff travels, as head of the party or not.
    pub traveller_id: Option<Uuid>,
    /// Orders that start at this moment or later.
    pub starts_at_from: Option<DateTime<Utc>>,
    /// Orders that start before this moment.
    pub starts_at_before: Option<DateTime<Utc>>,
    /// Orders made at this moment or later.
    pub created_at_from: Option<DateTime<Utc>>,
    /// Orders made before this moment.
    pub created_at_before: Option<DateTime<Utc>>,
    /// Finds number, purpose and host, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<TravelOrderSort>,
}

/// What to show beside each order. No filter, so a cursor stays valid when it changes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct TravelOrderExpansion {
    /// What to show beside each order.
    #[param(inline)]
    pub expand: Option<Vec<TravelOrderExpand>>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum TravelOrderSort {
    #[serde(rename = "starts_at")]
    StartsAt,
    #[default]
    #[serde(rename = "-starts_at")]
    StartsAtDescending,
    #[serde(rename = "created_at")]
    CreatedAt,
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
}

/// What can be shown beside an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TravelOrderExpand {
    /// The travellers' names.
    Travellers,
    /// The whole working of the amounts.
    Estimate,
    /// What the caller can do, and whose turn it is.
    AllowedActions,
}
