//! For scripts and other systems: the history of a record, and the feed of all changes.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod changes;
pub mod history;

pub const ABOUT: &str = "For scripts and other systems. `GET /v1/changes` is an endless list of what changed: keep its `next_cursor` and ask again.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(changes::list_changes);
}
