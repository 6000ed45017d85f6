//! Budget years: one row for each year that has lines. At the end of a year the chief accountant freezes it, carries
//! what is left of the autonomous funds to the same lines of the next year, and a chief of office, who holds the
//! account, closes it.
//!
//! `plan.rs` draws up what would be carried forward and what stands in the way (`obstacles.rs`); `steps.rs` posts exactly that. The row of
//! the year is locked before its lines, and the earlier year before the later one, so that nobody waits in a circle.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod obstacles;
pub mod plan;
pub mod rules;
pub mod steps;
pub mod store;

/// The kind of record in history and change feed.
pub const TYPE: &str = "budget_year";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_budget_years)
        .service(handlers::get_budget_year)
        .service(handlers::get_budget_year_history)
        .service(handlers::get_budget_year_carry_forward)
        .service(handlers::freeze_budget_year)
        .service(handlers::unfreeze_budget_year)
        .service(handlers::carry_budget_year_forward)
        .service(handlers::close_budget_year);
}
