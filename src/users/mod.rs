//! Logins and roles. Only administrators manage them.

use utoipa_actix_web::service_config::ServiceConfig;

pub const ABOUT: &str = "Logins and roles. Only administrators manage them.";

pub(crate) fn configure(_config: &mut ServiceConfig) {}
