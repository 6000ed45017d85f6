//! Receptions of guest delegations: a conference of the kind `reception` with guests, a host and a programme.
//!
//! One call arranges all of it ([`arrange`]): the conference, the cars through the bookings' own way, the tasks through
//! theirs, the plan of costs and its commitment. Either all of it stands or nothing. `rules.rs` says what a reception
//! must say by itself, [`store`] keeps and shows it.
//!
//! Operations: list, arrange, read, history; the rest is done with the conference of the same id.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod arrange;
pub mod handlers;
pub mod json;
pub mod rules;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_receptions)
        .service(handlers::create_reception)
        .service(handlers::get_reception)
        .service(handlers::get_reception_history);
}
