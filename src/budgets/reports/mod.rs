//! What became of the budget: how much of it is used, how differently boards use it, and where a decision departed from
//! the rule.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod comparison;
pub mod departures;
pub mod execution;
pub mod handlers;
pub mod json;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::get_budget_execution)
        .service(handlers::get_budget_comparison)
        .service(handlers::list_budget_departures);
}
