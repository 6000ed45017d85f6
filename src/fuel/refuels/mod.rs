//! Refuels: what was bought for a car, with its invoice. Each invoice is entered once, and the odometer read at the
//! pump goes into the car's one series of readings. Once the month's statement is closed a refuel stays as it is.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_refuels)
        .service(handlers::create_refuel)
        .service(handlers::get_refuel)
        .service(handlers::update_refuel)
        .service(handlers::delete_refuel)
        .service(handlers::get_refuel_history);
}
