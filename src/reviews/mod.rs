//! The periodic review (sơ kết, tổng kết): what the office did in a period, what hindered it, and what is to come.
//!
//! People write the texts; the service counts the figures ([`figures`]), for each board and in all, with a fixed number of
//! queries. With the draft they are kept with a digest ([`digest`](mod@digest)), with the approval by a second person they are frozen: a
//! record that changes later changes no review. What was wrong is put right by a correction, a review of its own that
//! supersedes the one before once it is approved. [`columns`] names every figure and its unit; [`workbook`] and
//! [`report`] are the review as a spreadsheet and as the paper for the meeting.
//!
//! Operations: list, create, read, change, draft, recompute, return, approve, correct, history, workbook, report; the
//! figures of any period without storing them.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod columns;
pub mod digest;
pub mod figures;
pub mod handlers;
pub mod json;
pub mod report;
pub mod rules;
pub mod steps;
pub mod store;
pub mod workbook;

/// The kind of record in history and change feed.
pub const TYPE: &str = "review";

/// The section's text in the document.
pub fn about() -> String {
    format!(
        "The periodic review (sơ kết, tổng kết). People write what was achieved, what hinders and what is to be done; the \
         figures of the period are counted by the service, for each board and in all, and every figure has its unit. \
         A draft keeps them with the SHA-256 of their canonical JSON (RFC 8785); with the approval they are frozen, and \
         records that change later do not change them. `GET /v1/reports/review-figures` counts any period without \
         keeping anything.\n\n{}",
        workflow::markdown(rules::STEPS)
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_reviews)
        .service(handlers::create_review)
        .service(handlers::get_review)
        .service(handlers::update_review)
        .service(handlers::draft_review)
        .service(handlers::recompute_review)
        .service(handlers::return_review)
        .service(handlers::approve_review)
        .service(handlers::correct_review)
        .service(handlers::get_review_history)
        .service(handlers::get_review_workbook)
        .service(handlers::get_review_report)
        .service(handlers::get_review_figures);
}
