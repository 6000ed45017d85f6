//! Measures: what the heads agreed to do about an obstacle, who leads it, and whether it helped.
//!
//! A measure is proposed by the owner of its obstacle, a head of a board concerned or a chief of office. Each head
//! consents on behalf of their boards, those included that theirs took over from; where a board has no head, a chief of
//! office consents in place of one and says why. A consent is not taken back, and one refusal ends the measure: what the
//! heads do not agree on is not done, and another measure is proposed instead. That is also why a measure does not
//! change: what was agreed on stays as it was read.
//!
//! Operations: list, propose, read, history, and the steps of [`rules`].

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod rules;
pub mod show;
pub mod steps;
pub mod store;

/// The kind of record in history and change feed.
pub const TYPE: &str = "measure";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_measures)
        .service(handlers::create_measure)
        .service(handlers::get_measure)
        .service(handlers::get_measure_history)
        .service(handlers::consent_measure)
        .service(handlers::reject_measure)
        .service(handlers::withdraw_measure)
        .service(handlers::complete_measure)
        .service(handlers::mark_measure_effective)
        .service(handlers::mark_measure_ineffective);
}
