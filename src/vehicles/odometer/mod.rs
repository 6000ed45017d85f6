//! What the odometer of a car showed: one series for each car, which never goes back.
//!
//! Departures, returns and refuels write readings. A departure above the last reading leaves a gap, which has its
//! reason. A wrong reading or a new instrument is put right by a correction: somebody proposes it, another person
//! consents, and it is an entry of its own from which the readings go on; nothing that was read is erased.
//!
//! Operations: list a car's readings, list, propose, read, consent to and refuse corrections, their history.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod corrections;
pub mod handlers;
pub mod json;
pub mod readings;

pub use readings::{Reading, record};

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_odometer_entries)
        .service(handlers::list_odometer_corrections)
        .service(handlers::propose_odometer_correction)
        .service(handlers::get_odometer_correction)
        .service(handlers::consent_odometer_correction)
        .service(handlers::refuse_odometer_correction)
        .service(handlers::get_odometer_correction_history);
}
