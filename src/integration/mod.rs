//! For scripts and other systems: the history of a record, the feed of all changes, calendars to follow, and the files
//! that belong to records.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod attachments;
pub mod calendars;
pub mod changes;
pub mod history;

pub const ABOUT: &str = "For scripts and other systems. `GET /v1/changes` is an endless list of what changed: keep its `next_cursor` and ask again. Calendar applications follow cars, drivers and people under secret addresses. Files belong to a record and follow its rights: send the bytes as they are.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(changes::list_changes).configure(calendars::configure).configure(attachments::configure);
}
