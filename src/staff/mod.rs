//! The people of the boards and of the office.
//!
//! A person has dated appointments: in which board, in which position, with which position allowance. The
//! allowance coefficient decides the class of travel rates and the right to a car, so what counts on a day is
//! the appointment in force on that day with the highest coefficient. An appointment is never overwritten: it
//! ends, and a new one begins. Who leaves a board hands over what they lead there ([`departures`]).
//!
//! Operations: list, create, read, change, appoint, end an appointment, history.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod departures;
pub mod handlers;
pub mod json;
pub mod store;

pub const ABOUT: &str = "The people of the boards and of the office, with their dated appointments. The position allowance coefficient of the appointment in force decides the class of travel rates and the right to a car. An appointment is never overwritten: it ends, and a new one begins. Who leaves a board hands over the open tasks that they lead for it, in the same call.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_staff)
        .service(handlers::create_staff)
        .service(handlers::get_staff)
        .service(handlers::update_staff)
        .service(handlers::appoint_staff)
        .service(handlers::end_staff_appointment)
        .service(handlers::get_staff_history);
}
