//! Drivers: members of staff who drive, with their licence. A driver is free unless a trip or an absence holds
//! them.
//!
//! Operations: list, enter, read, change, history; their [`absences`], and the [`hours_rules`] under which they are
//! sent out.
//! [`licence`] tells whether a driver may
//! drive a car on a trip, by the [`licence_classes`].

use utoipa_actix_web::service_config::ServiceConfig;

pub mod absences;
pub mod handlers;
pub mod hours;
pub mod hours_rules;
pub mod json;
pub mod licence;
pub mod licence_classes;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_drivers)
        .service(handlers::create_driver)
        .service(handlers::get_driver)
        .service(handlers::update_driver)
        .service(handlers::get_driver_history)
        .service(licence_classes::list_licence_classes)
        .configure(absences::configure)
        .configure(hours_rules::configure);
}
