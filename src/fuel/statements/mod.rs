//! The fuel of a car in a month: what was in the tank, what was bought, how far the car went, what its norm allows,
//! and who bears it.
//!
//! While a statement is a draft its figures follow the trips and refuels of the month; closing keeps them as they
//! are, and from then on no refuel of the month changes. The tank goes on from month to month. The refuels of a
//! closed statement are claimed in one call, each of them once; what is over the tolerance is explained first.
//!
//! `figures.rs` computes, `rules.rs` has the table of steps, `steps.rs` what each step does.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod figures;
pub mod handlers;
pub mod json;
pub mod rules;
pub mod steps;
pub mod store;

pub use store::refuse_closed;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_fuel_statements)
        .service(handlers::create_fuel_statement)
        .service(handlers::get_fuel_statement)
        .service(handlers::update_fuel_statement)
        .service(handlers::close_fuel_statement)
        .service(handlers::reopen_fuel_statement)
        .service(handlers::claim_fuel_statement)
        .service(handlers::get_fuel_statement_history);
}
