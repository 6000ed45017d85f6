//! A trip: one car and one driver sent out for one booking or for several that go the same way.
//!
//! A trip is the dispatch order and the trip log in one. The dispatcher plans it and issues it; from then on car
//! and driver are held for its whole time, it has its number, and its bookings follow it: scheduled, in progress,
//! completed. At the departure and at the return somebody reads the odometer; at the return the litres that the
//! fuel norm allows are computed and kept with their working. Another person than the driver verifies it, and the
//! kilometres and litres are shared out among the boards to the last one.
//!
//! [`rules`] holds the table of its steps, [`dispatch`] everything that an order must fulfil, [`steps`] carries a
//! step out, [`carriage`] lets the bookings follow, [`sharing`] divides, [`suggestions`] finds who could come along.
//!
//! Operations: list, plan, read, change, history, suggestions; issue, amend, depart, complete, verify, void.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod carriage;
pub mod dispatch;
pub mod handlers;
pub mod json;
pub mod rules;
pub mod sharing;
pub mod steps;
pub mod store;
pub mod suggestions;
pub mod told;
pub mod view;

pub fn about() -> String {
    format!(
        "Trips: a car and a driver sent out for one booking or for several. Issuing checks everything in one \
         transaction (car and driver free, papers and licence valid to the end, seats, the driver's hours) and \
         answers with everything that is in the way; `dry_run=true` gives the same answer and writes nothing. Orders are \
         numbered without gaps in each year, e.g. `07/LĐX-2026`; a void order keeps its number.\n\n{}\n\n\
         The bookings of a trip follow it: issued makes them `scheduled`, the departure `in_progress`, the return \
         `completed`; a void trip makes them `approved` again. Kilometres and litres of a trip with several \
         bookings are shared by the km that the dispatcher states for each, else by passengers; the parts always \
         add up to the whole. A board sees the trips that carry its bookings, and of those its own bookings only; \
         drivers see their own trips.",
        workflow::markdown(rules::STEPS)
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_trips)
        .service(handlers::plan_trip)
        .service(handlers::get_trip)
        .service(handlers::update_trip)
        .service(handlers::get_trip_history)
        .service(handlers::list_trip_booking_suggestions)
        .service(handlers::issue_trip)
        .service(handlers::amend_trip)
        .service(handlers::depart_trip)
        .service(handlers::complete_trip)
        .service(handlers::verify_trip)
        .service(handlers::void_trip);
}
