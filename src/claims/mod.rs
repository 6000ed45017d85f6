//! Expense claims and their payment.

use utoipa_actix_web::service_config::ServiceConfig;

pub const ABOUT: &str = "Expense claims and their payment.";

pub(crate) fn configure(_config: &mut ServiceConfig) {}
