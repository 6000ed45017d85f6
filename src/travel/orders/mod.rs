//! A travel order: who goes where, on which days, for what, and what that may cost.
//!
//! Somebody of a board writes the order, for colleagues of any board. With its submission the estimate is computed
//! from the dated rates and frozen, and the travellers' time is taken: nobody travels for two orders at once, which a
//! constraint of the database holds in any race. The accountant acting for the board says which money bears it, the
//! head of the board or the chief of office approves, and in the same transaction the estimated amount is committed.
//! Whoever came back tells when they really travelled; once the claims are paid and the advances cleared, the
//! accountant settles the order and the rest of the commitment is released.
//!
//! An approved order is not changed but amended: a new version goes the same way from its draft on, while the old one
//! stays in force and keeps its travellers' time. Its approval supersedes the old one, hands over the commitment and
//! adjusts it by the difference.
//!
//! `rules.rs` has the table of steps and the pure rules, `steps.rs` what each step does, `journey.rs` turns bodies,
//! rows and the estimate into each other, `away.rs` is the travellers' time, `papers.rs` what hangs on an order
//! (claims, advances), `store.rs` every query, `view.rs` how an order is shown.
//!
//! Operations: list, draft, read, change, history; submit, check-funds, approve, return, reject, cancel; amend,
//! complete, settle.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod away;
pub mod funds;
pub mod handlers;
pub mod journey;
pub mod json;
pub mod papers;
pub mod rules;
pub mod steps;
pub mod store;
pub mod view;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_travel_orders)
        .service(handlers::create_travel_order)
        .service(handlers::get_travel_order)
        .service(handlers::update_travel_order)
        .service(handlers::get_travel_order_history)
        .service(handlers::submit_travel_order)
        .service(handlers::check_travel_order_funds)
        .service(handlers::approve_travel_order)
        .service(handlers::return_travel_order)
        .service(handlers::reject_travel_order)
        .service(handlers::cancel_travel_order)
        .service(handlers::amend_travel_order)
        .service(handlers::complete_travel_order)
        .service(handlers::settle_travel_order);
}
