//! The papers of the cars: registration, inspection, liability insurance, road-use fee.
//!
//! Papers of one kind follow each other and may overlap, since one renews in advance. What counts is whether every
//! day of a trip is covered: [`missing`] says what is not, and a car without its papers is not sent out.
//!
//! Operations: list, enter, read, change, delete, history.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod rules;
pub mod store;

pub use rules::MissingPaper;
pub use store::missing;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_vehicle_papers)
        .service(handlers::create_vehicle_paper)
        .service(handlers::get_vehicle_paper)
        .service(handlers::update_vehicle_paper)
        .service(handlers::delete_vehicle_paper)
        .service(handlers::get_vehicle_paper_history);
}
