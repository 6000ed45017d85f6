//! Units of the office: divisions, desks, the motor pool, and who heads them.
//!
//! A unit belongs to a board and may be a part of another unit. Its heads follow each other by decision; on no day
//! are there two. A unit may be without a head for a while, and then what it leads resolves to nobody.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_office_units)
        .service(handlers::create_office_unit)
        .service(handlers::get_office_unit)
        .service(handlers::appoint_office_unit_head)
        .service(handlers::get_office_unit_history);
}
