//! Bodies of the calendars' operations.

use chrono::{DateTime, Utc};
use entity::calendar_feeds::{CalendarKind, Model};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::http::input::broken;
use crate::http::reply::Resource;

/// A calendar to follow.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "names_its_subject"))]
#[schema(examples(json!({"kind": "person", "vehicle_id": null, "driver_id": null})))]
pub struct CalendarFeedIn {
    /// `person` is the caller's own calendar.
    pub kind: CalendarKind,
    /// The car; with the kind `vehicle` only.
    pub vehicle_id: Option<Uuid>,
    /// The driver; with the kind `driver` only.
    pub driver_id: Option<Uuid>,
}

fn names_its_subject(feed: &CalendarFeedIn) -> Result<(), ValidationError> {
    let fields = [
        ("vehicle_id", CalendarKind::Vehicle, feed.vehicle_id),
        ("driver_id", CalendarKind::Driver, feed.driver_id),
    ];
    for (field, kind, given) in fields {
        if (feed.kind == kind) != given.is_some() {
            return Err(broken(
                field,
                "wrong_subject",
                "nêu đúng một đối tượng theo kind",
                "is named with its own kind and no other",
            ));
        }
    }
    Ok(())
}

/// A calendar that somebody follows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CalendarFeedOut {
    pub id: Uuid,
    pub version: i64,
    pub kind: CalendarKind,
    /// Null unless it is a car's calendar.
    pub vehicle_id: Option<Uuid>,
    /// Null unless it is a driver's calendar.
    pub driver_id: Option<Uuid>,
    /// Null unless it is a person's calendar.
    pub staff_id: Option<Uuid>,
    /// The secret address on this server, e.g. `/calendars/cal_….ics`: this once, when it is made, and null ever after.
    /// Who knows it reads the calendar.
    #[schema(format = "uri-reference", max_length = 100)]
    pub address: Option<String>,
    /// How the secret begins, to recognise the address by.
    pub prefix: String,
    /// Null unless it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl From<Model> for CalendarFeedOut {
    fn from(feed: Model) -> Self {
        let Model {
            id,
            kind,
            subject_id,
            owner_id: _,
            digest: _,
            prefix,
            revoked_at,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = feed;
        let subject = |of: CalendarKind| (kind == of).then_some(subject_id);
        Self {
            id,
            version,
            kind,
            vehicle_id: subject(CalendarKind::Vehicle),
            driver_id: subject(CalendarKind::Driver),
            staff_id: subject(CalendarKind::Person),
            address: None,
            prefix,
            revoked_at,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

impl Resource for CalendarFeedOut {
    const COLLECTION: &'static str = "/v1/calendar-feeds";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which calendars.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct CalendarFeedFilter {
    /// Calendars of this kind.
    #[param(inline)]
    pub kind: Option<CalendarKind>,
    /// Whether the address was revoked.
    pub revoked: Option<bool>,
}
