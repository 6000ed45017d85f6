//! The register of duties: which body leads which area of work, on every day.
//!
//! One body may do many duties; one duty has one lead. A lead body is a board, or a unit of the office (a division,
//! a desk, the motor pool: [`units`]), and it answers in person: a unit by its head of the day, a board by its head.
//! Who leads is never overwritten: from a day on another body leads by decision, and what was led before stays
//! readable. The database refuses a second lead on one day; a duty begins with its lead, and a change takes over
//! without a day between, so no day of a duty's life is without one.
//!
//! Other features ask [`register`] who leads what on a day.
//!
//! Operations: units (list, found, read, appoint the head, history), duties (list, enter, read, assign the lead,
//! history).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod register;
pub mod store;
pub mod units;

pub const ABOUT: &str = "The register of duties: one lead body for each area of work on every day, with the decision that made it so. A lead body is a board or a unit of the office; it answers by its head of the day (of a board: the person appointed `board_head`, `commission_chair` or `chief_of_office`). The lead changes from a day on and never in the past.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .configure(units::configure)
        .service(handlers::list_duties)
        .service(handlers::create_duty)
        .service(handlers::get_duty)
        .service(handlers::assign_duty_lead)
        .service(handlers::get_duty_history);
}
