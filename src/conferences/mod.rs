//! Conferences, receptions and their tasks.

use utoipa_actix_web::service_config::ServiceConfig;

pub const ABOUT: &str = "Conferences, receptions and their tasks.";

pub(crate) fn configure(_config: &mut ServiceConfig) {}
