//! Calendars to follow: per car, driver and person one RFC 5545 feed behind a secret address, since a calendar
//! application sends no header. The address is shown once and can be revoked; it is good as long as the login of who
//! asked for it is open and has the right, which is looked at with every read.
//!
//! [`sources`] says what stands in a calendar, one function for each kind of record; [`ics`] writes it down. What was
//! cancelled or deleted stays as cancelled, so that it also goes from calendars that keep a copy.
//!
//! Operations: list, create, read, revoke, history, and the feed itself.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod ics;
pub mod json;
pub mod sources;
pub mod store;
pub mod subject;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_calendar_feeds)
        .service(handlers::create_calendar_feed)
        .service(handlers::get_calendar_feed)
        .service(handlers::revoke_calendar_feed)
        .service(handlers::get_calendar_feed_history)
        .service(handlers::get_calendar);
}
