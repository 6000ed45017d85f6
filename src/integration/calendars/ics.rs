//! A calendar as text (RFC 5545, RFC 7986). The same items always give the same text, so that its digest is its ETag.

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property, ValueType};
use uuid::Uuid;

/// How often an application should ask again.
const REFRESH: TimeDelta = TimeDelta::minutes(15);

/// One thing in a calendar.
#[derive(Clone, Debug)]
pub struct Item {
    /// The record's id: the same in all calendars and for ever.
    pub id: Uuid,
    /// Grows with every change, so that an application knows which of two copies is the newer one.
    pub version: i64,
    pub changed_at: DateTime<Utc>,
    pub starts_at: DateTime<Utc>,
    /// Nothing for an instant, which takes nobody's time.
    pub ends_at: Option<DateTime<Utc>>,
    pub standing: Standing,
    pub summary: String,
    pub place: Option<String>,
    pub description: Option<String>,
}

/// Whether a thing takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Tentative,
    Confirmed,
    Cancelled,
}

/// The whole calendar, with its items in the order of time.
pub fn write(name: &str, mut items: Vec<Item>) -> String {
    items.sort_by_key(|item| (item.starts_at, item.id));
    let mut calendar = Calendar::empty();
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", "-//Shared Office//Calendars//VI"))
        .append_property(("CALSCALE", "GREGORIAN"))
        .append_property(named("NAME", name))
        .append_property(named("X-WR-CALNAME", name))
        .ttl(&REFRESH);
    calendar.extend(items.iter().map(event));
    calendar.to_string()
}

/// The library knows the type of these properties only if it is told, and escapes nothing otherwise.
fn named(property: &str, name: &str) -> Property {
    Property::new(property, lines(name)).append_parameter(ValueType::Text).done()
}

fn event(item: &Item) -> Event {
    let mut event = Event::new();
    event
        .uid(&item.id.to_string())
        .sequence(u32::try_from(item.version).unwrap_or(u32::MAX))
        .timestamp(item.changed_at)
        .last_modified(item.changed_at)
        .starts(item.starts_at)
        .summary(&lines(&item.summary))
        .status(match item.standing {
            Standing::Tentative => EventStatus::Tentative,
            Standing::Confirmed => EventStatus::Confirmed,
            Standing::Cancelled => EventStatus::Cancelled,
        });
    match item.ends_at {
        Some(end) => event.ends(end),
        None => event.add_property("TRANSP", "TRANSPARENT"),
    };
    if let Some(place) = &item.place {
        event.location(&lines(place));
    }
    if let Some(description) = &item.description {
        event.description(&lines(description));
    }
    event.done()
}

/// A carriage return would end the line in the middle of a value.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
