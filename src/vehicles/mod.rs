//! Cars and drivers, and when they are free.
//!
//! A car or a driver is never promised twice. Whatever takes their time (a booking with a named car, a trip,
//! a stay in the workshop, a leave) takes it in one place, [`holds`], and the database refuses two holds of
//! one car or driver that overlap. Periods exclude their end: 17:00 may follow 17:00.
//!
//! The directory of cars: list, add, read, change (which includes retiring), history. [`downtimes`] say when a
//! car cannot be used, [`availability`] which cars and drivers are free in a period. [`drivers`] are members of staff
//! with a licence, and their [`drivers::absences`]. [`odometer`] is what the cars' odometers showed. A car has its
//! [`papers`] and its [`services`]; [`due`] tells which of them, and which licences, need somebody soon.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod availability;
pub mod downtimes;
pub mod drivers;
pub mod due;
pub mod handlers;
pub mod holds;
pub mod json;
pub mod odometer;
pub mod papers;
pub mod period;
pub mod plate;
pub mod services;
pub mod store;

pub const ABOUT: &str = "Cars and drivers, and when they are free. Bookings, trips, downtimes and absences hold a car or a driver for a period; two holds of one car or driver never overlap, and a refusal (409 `time_taken`) names the clashes and the cars that are free. Periods exclude their end, so 17:00 may follow 17:00. The papers of a car and the licence of a driver must cover every day of a trip.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_vehicles)
        .service(handlers::create_vehicle)
        .service(handlers::get_vehicle)
        .service(handlers::update_vehicle)
        .service(handlers::get_vehicle_history)
        .service(availability::get_vehicle_availability)
        .configure(odometer::configure)
        .service(due::list_vehicle_due_items)
        .configure(downtimes::configure)
        .configure(papers::configure)
        .configure(services::configure)
        .configure(drivers::configure);
}
