//! Who looks after which board on which day.

use utoipa_actix_web::service_config::ServiceConfig;

pub const ABOUT: &str = "Who looks after which board on which day.";

pub(crate) fn configure(_config: &mut ServiceConfig) {}
