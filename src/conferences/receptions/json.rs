//! Bodies of the receptions' operations.

use chrono::{DateTime, Utc};
use entity::conferences::{ConferenceKind, Model as Conference};
use entity::{reception_guests, reception_legs};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::clock::TIME_ZONE;
use crate::conferences::costs::json::{ConferenceMoney, ConferencePlanIn};
use crate::conferences::json::{ConferenceFilter, ConferenceIn, ConferenceSort};
use crate::conferences::tasks::json::{ConferenceTaskIn, TaskCoordinatorIn};
use crate::demo;
use crate::http::reply::Resource;

/// A guest.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionGuestIn {
    #[schema(min_length = 1, max_length = 200)]
    pub full_name: String,
    /// Position, as it stands on the invitation.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Where it is another than the delegation's.
    #[schema(min_length = 1, max_length = 300)]
    pub organisation: Option<String>,
    /// Heads the delegation; exactly one guest does.
    #[serde(default)]
    pub head: bool,
}

/// A part of the programme.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionLegIn {
    /// Within the times of the reception.
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 300)]
    pub place: String,
    /// What happens.
    #[schema(min_length = 1, max_length = 500)]
    pub activity: String,
}

/// A meal that is needed. What it may cost stands in the costs.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionMeal {
    /// Within the times of the reception.
    pub starts_at: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 300)]
    pub place: String,
    /// All at the table, hosts included.
    #[schema(minimum = 1, maximum = 100_000)]
    pub persons: i64,
    #[schema(min_length = 1, max_length = 500)]
    pub note: Option<String>,
}

/// A car that is needed: a booking of the coordinator, submitted at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionVehicleIn {
    #[schema(min_length = 1, max_length = 200)]
    pub pick_up_place: String,
    #[schema(min_length = 1, max_length = 200)]
    pub destination: String,
    pub starts_at: DateTime<Utc>,
    /// Does not belong to the period any more; at most 31 days after the start.
    pub ends_at: DateTime<Utc>,
    #[schema(minimum = 1, maximum = 500)]
    pub passenger_count: i64,
    /// A certain car, whose time is taken at once.
    pub vehicle_id: Option<Uuid>,
}

/// A task of the reception.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionTaskIn {
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// What there is when the task is done.
    #[schema(min_length = 1, max_length = 500)]
    pub deliverable: String,
    /// The body that leads.
    pub lead_board_id: Uuid,
    /// The person who leads; has an appointment in the lead body today.
    pub lead_id: Uuid,
    /// Who helps the lead. Nobody unless given.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub coordinators: Vec<TaskCoordinatorIn>,
    /// The person who checks the result; not the lead.
    pub checker_id: Uuid,
    /// Until when the lead accepts or objects. Before `due_at`.
    pub accept_by: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

/// A reception to arrange: all of it, or nothing.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "name": "Đoàn công tác Ban Tổ chức Tỉnh ủy Lâm Đồng", "board_id": demo::id("btctu"),
    "starts_at": "2029-05-14T08:00:00+07:00", "ends_at": "2029-05-15T17:00:00+07:00", "place": "Phòng khách Tỉnh ủy",
    "coordinator_id": demo::id("p_duong"), "host_id": demo::id("p_phuoc"),
    "organisation": "Ban Tổ chức Tỉnh ủy Lâm Đồng",
    "guests": [
        {"full_name": "Trần Văn Minh", "title": "Phó Trưởng ban", "head": true}, {"full_name": "Lê Thị Hoa"},
    ],
    "legs": [{
        "starts_at": "2029-05-14T08:30:00+07:00", "ends_at": "2029-05-14T11:00:00+07:00", "place": "Phòng khách Tỉnh ủy",
        "activity": "Trao đổi kinh nghiệm công tác tổ chức",
    }],
    "meals": [{"starts_at": "2029-05-14T11:30:00+07:00", "place": "Nhà khách Tỉnh ủy", "persons": 8}],
    "vehicles": [{
        "pick_up_place": "Sân bay Buôn Ma Thuột", "destination": "Trụ sở Tỉnh ủy", "passenger_count": 2,
        "starts_at": "2029-05-14T07:00:00+07:00", "ends_at": "2029-05-14T08:00:00+07:00",
    }],
    "tasks": [{
        "title": "Đón khách", "deliverable": "Khách về đến Nhà khách", "lead_board_id": demo::id("vptu"),
        "lead_id": demo::id("p_thinh"), "checker_id": demo::id("p_duong"), "accept_by": "2029-05-02T17:00:00+07:00",
        "due_at": "2029-05-14T08:00:00+07:00",
    }],
    "costs": {
        "funding_source": "non_autonomous",
        "estimate": {"on": "2029-05-14", "hospitality": [{"kind": "meal", "persons": 8}, {"kind": "drinks", "persons": 8}]},
    },
})))]
pub struct ReceptionIn {
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// The board that receives.
    pub board_id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 300)]
    pub place: String,
    /// The member of staff who gives out the tasks, asks for the cars and plans the costs. With costs another person than
    /// the caller, who commits them.
    pub coordinator_id: Uuid,
    /// The member of staff who receives the guests.
    pub host_id: Uuid,
    /// From where the delegation comes.
    #[schema(min_length = 1, max_length = 300)]
    pub organisation: String,
    #[schema(min_items = 1, max_items = 100)]
    pub guests: Vec<ReceptionGuestIn>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub legs: Vec<ReceptionLegIn>,
    #[serde(default)]
    #[schema(max_items = 30)]
    pub meals: Vec<ReceptionMeal>,
    #[serde(default)]
    #[schema(max_items = 10)]
    pub vehicles: Vec<ReceptionVehicleIn>,
    #[serde(default)]
    #[schema(max_items = 30)]
    pub tasks: Vec<ReceptionTaskIn>,
    /// What it may cost; committed at once. Null where it costs nothing, or is planned later.
    pub costs: Option<ConferencePlanIn>,
}

impl ReceptionIn {
    /// The conference under the reception.
    pub fn conference(&self) -> ConferenceIn {
        ConferenceIn {
            kind: ConferenceKind::Reception,
            name: self.name.clone(),
            board_id: self.board_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            place: self.place.clone(),
            delegate_count: i64::try_from(self.guests.len()).unwrap_or(i64::MAX),
            coordinator_id: self.coordinator_id,
        }
    }
}

impl ReceptionTaskIn {
    pub fn of(&self, conference_id: Uuid) -> ConferenceTaskIn {
        let Self { title, deliverable, lead_board_id, lead_id, coordinators, checker_id, accept_by, due_at } =
            self.clone();
        ConferenceTaskIn {
            conference_id,
            title,
            deliverable,
            lead_board_id,
            lead_id,
            coordinators,
            checker_id,
            accept_by,
            due_at,
        }
    }
}

/// A guest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceptionGuestOut {
    pub full_name: String,
    pub title: Option<String>,
    /// Null where it is the delegation's.
    pub organisation: Option<String>,
    pub head: bool,
}

impl From<reception_guests::Model> for ReceptionGuestOut {
    fn from(guest: reception_guests::Model) -> Self {
        let reception_guests::Model {
            id: _,
            conference_id: _,
            position: _,
            full_name,
            title,
            organisation,
            head,
        } = guest;
        Self { full_name, title, organisation, head }
    }
}

/// A part of the programme.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceptionLegOut {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub place: String,
    pub activity: String,
}

impl From<reception_legs::Model> for ReceptionLegOut {
    fn from(leg: reception_legs::Model) -> Self {
        let reception_legs::Model {
            id: _,
            conference_id: _,
            position: _,
            starts_at,
            ends_at,
            place,
            activity,
        } = leg;
        Self { starts_at, ends_at, place, activity }
    }
}

/// A reception: a conference of the kind `reception` with its guests. One that was held as a mere conference has no
/// host and no guests.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceptionOut {
    /// The id of the conference too: tasks, costs and claims name it.
    pub id: Uuid,
    /// `RC-2026-000001`.
    pub number: String,
    pub version: i64,
    pub name: String,
    /// The board that receives.
    pub board_id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The time zone in which people think of its times.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    pub time_zone: String,
    pub place: String,
    /// How many guests are expected.
    pub delegate_count: i64,
    pub coordinator_id: Uuid,
    pub host_id: Option<Uuid>,
    /// From where the delegation comes.
    pub organisation: Option<String>,
    /// The head of the delegation first.
    pub guests: Vec<ReceptionGuestOut>,
    /// In the order of time.
    pub legs: Vec<ReceptionLegOut>,
    pub meals: Vec<ReceptionMeal>,
    /// The cars that were asked for with it.
    pub booking_ids: Vec<Uuid>,
    /// Where its money stands; null while nothing is planned, and for those who only have a task in it.
    pub costs: Option<ConferenceMoney>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for ReceptionOut {
    const COLLECTION: &'static str = "/v1/receptions";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// What a reception is shown with.
#[derive(Clone, Debug, Default)]
pub struct ReceptionParts {
    pub host_id: Option<Uuid>,
    pub organisation: Option<String>,
    pub guests: Vec<ReceptionGuestOut>,
    pub legs: Vec<ReceptionLegOut>,
    pub meals: Vec<ReceptionMeal>,
    pub booking_ids: Vec<Uuid>,
    pub costs: Option<ConferenceMoney>,
}

impl ReceptionOut {
    pub fn new(conference: Conference, parts: ReceptionParts) -> Self {
        let Conference {
            id,
            number,
            kind: _,
            name,
            board_id,
            starts_at,
            ends_at,
            place,
            delegate_count,
            coordinator_id,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = conference;
        let ReceptionParts { host_id, organisation, guests, legs, meals, booking_ids, costs } = parts;
        Self {
            id,
            number,
            version,
            name,
            board_id,
            starts_at,
            ends_at,
            time_zone: TIME_ZONE.to_owned(),
            place,
            delegate_count,
            coordinator_id,
            host_id,
            organisation,
            guests,
            legs,
            meals,
            booking_ids,
            costs,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which receptions.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ReceptionFilter {
    /// Receptions of this board.
    pub board_id: Option<Uuid>,
    /// Begins at this time or later.
    pub starts_at_from: Option<DateTime<Utc>>,
    /// Begins before this time.
    pub starts_at_before: Option<DateTime<Utc>>,
    /// Finds number, name and place, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<ConferenceSort>,
}

impl ReceptionFilter {
    pub fn conferences(&self) -> ConferenceFilter {
        let Self { board_id, starts_at_from, starts_at_before, q, sort } = self.clone();
        let kind = Some(ConferenceKind::Reception);
        ConferenceFilter { board_id, kind, starts_at_from, starts_at_before, q, sort }
    }
}
