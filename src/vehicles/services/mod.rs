//! What was done to the cars in the workshop, and when it is to be done again: after a day, after some km, or after
//! whichever comes first. Of the services of one kind of a car the latest one says what is due.
//!
//! Operations: list, enter, read, change, delete, history.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod rules;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_vehicle_services)
        .service(handlers::create_vehicle_service)
        .service(handlers::get_vehicle_service)
        .service(handlers::update_vehicle_service)
        .service(handlers::delete_vehicle_service)
        .service(handlers::get_vehicle_service_history);
}
