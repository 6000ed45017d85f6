//! Budget lines: what a board may spend of one source on one sub-item in one year; and the entries that made its
//! balances.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod checks;
pub mod handlers;
pub mod json;
pub mod rules;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_budget_lines)
        .service(handlers::create_budget_line)
        .service(handlers::get_budget_line)
        .service(handlers::update_budget_line)
        .service(handlers::get_budget_line_history)
        .service(handlers::activate_budget_line)
        .service(handlers::freeze_budget_line)
        .service(handlers::unfreeze_budget_line)
        .service(handlers::close_budget_line)
        .service(handlers::get_budget_line_balance)
        .service(handlers::list_budget_entries)
        .service(handlers::get_budget_entry);
}
