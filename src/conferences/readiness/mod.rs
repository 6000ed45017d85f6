//! How far a conference is prepared, in one answer: every task with who holds it, what is late, silent or blocked, and
//! the chain of tasks that decides when all is ready. A fixed number of queries, however many tasks there are.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod rules;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(handlers::get_conference_readiness);
}
