//! The people of the boards and of the office, with their dated appointments.

use utoipa_actix_web::service_config::ServiceConfig;

pub const ABOUT: &str = "The people of the boards and of the office, with their dated appointments.";

pub(crate) fn configure(_config: &mut ServiceConfig) {}
