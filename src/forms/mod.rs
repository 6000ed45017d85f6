//! Forms: the papers that people sign, printed from the records.
//!
//! A form is a view of one record for who may read it: nothing is stored, and the same record gives the same bytes. What
//! is not known is left open as dots, to be filled in by hand. Forms are Vietnamese whatever the caller's language,
//! since they are signed and filed in Viet Nam.
//!
//! One file for each form gathers what stands on it ([`dispatch_order`], [`payment_request`], [`travel_permit`], …) and
//! describes it as a [`paper`]; [`head`] is what all have; [`format`](mod@format) and [`words`] write values as paper does;
//! [`layout`] makes lines and pages in the letters of [`faces`], [`press`] prints, [`answer`] sends. A form belongs to the
//! section of its record.
//!
//! Operations: dispatch order of a trip, payment request and travel expense sheet of an expense claim, request of an
//! advance, travel permit of a travel order.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod advance_request;
pub mod answer;
pub mod dispatch_order;
pub mod faces;
pub mod format;
pub mod handlers;
pub mod head;
pub mod layout;
pub mod paper;
pub mod payment_request;
pub mod press;
pub mod travel_expense_sheet;
pub mod travel_permit;
pub mod words;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::get_trip_dispatch_order)
        .service(handlers::get_expense_claim_payment_request)
        .service(handlers::get_expense_claim_travel_expense_sheet)
        .service(handlers::get_travel_order_permit)
        .service(handlers::get_advance_request);
}
