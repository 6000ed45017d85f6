//! Cars and drivers, and when they are free.

use utoipa_actix_web::service_config::ServiceConfig;

pub const ABOUT: &str = "Cars and drivers, and when they are free.";

pub(crate) fn configure(_config: &mut ServiceConfig) {}
