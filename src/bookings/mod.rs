//! Requests for a car.

use utoipa_actix_web::service_config::ServiceConfig;

pub const ABOUT: &str = "Requests for a car.";

pub(crate) fn configure(_config: &mut ServiceConfig) {}
