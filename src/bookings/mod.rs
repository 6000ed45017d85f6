//! A booking: somebody of a board asks for a car.
//!
//! It is drafted and submitted by its requester, approved by a head of the board or the chief of office, and
//! never by the requester. A booking may name a car; from its submission on the car is held for it, in the one
//! place where time is taken ([`crate::vehicles::holds`]), so that two bookings can never have one car at one
//! time. Returning, rejecting, cancelling and expiring give the time back.
//!
//! [`rules`] holds the table of its steps and what a request must fulfil, [`steps`] carries a step out,
//! [`waiting`] says whose turn it is, [`expiry`] ends what nobody decided or confirmed in time. What carries a
//! booking out is a trip ([`crate::trips`]).
//!
//! Operations: list, draft, read, change, history; submit, approve, return, reject, cancel, confirm.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod expiry;
pub mod handlers;
pub mod json;
pub mod rules;
pub mod steps;
pub mod store;
pub mod waiting;

pub fn about() -> String {
    format!(
        "Requests for a car. A booking that names a car holds it from its submission on; a car is never held \
         twice at one time, and a refusal (409 `time_taken`) names the clashes and the cars that are free.\n\n\
         Unless it is urgent, a booking is submitted at least two hours before its start and approved before \
         its start. An urgent one says why, and may be submitted and approved until 24 hours after its start. A \
         requester whose allowance coefficient is below 0.70 needs the approver's explicit consent.\n\n{}\n\n\
         A submitted or approved booking whose end has passed expires by itself. A title car may be asked for by \
         its holder only.\n\n\
         The dispatcher answers an approved booking with a trip: issuing it makes the booking `scheduled`, the \
         departure `in_progress`, the return `completed`; a void trip makes it `approved` again. The requester \
         confirms a completed service; without a word it is closed by itself after three days.",
        workflow::markdown(rules::STEPS)
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_vehicle_bookings)
        .service(handlers::create_vehicle_booking)
        .service(handlers::get_vehicle_booking)
        .service(handlers::update_vehicle_booking)
        .service(handlers::get_vehicle_booking_history)
        .service(handlers::submit_vehicle_booking)
        .service(handlers::approve_vehicle_booking)
        .service(handlers::return_vehicle_booking)
        .service(handlers::reject_vehicle_booking)
        .service(handlers::cancel_vehicle_booking)
        .service(handlers::confirm_vehicle_booking);
}
