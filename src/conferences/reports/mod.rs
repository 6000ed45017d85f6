//! How often tasks are passed on instead of done, by board and person: objections, hand-overs, silence, and how long
//! each held what they got.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod buck_passing;
pub mod handlers;
pub mod json;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(handlers::get_buck_passing);
}
