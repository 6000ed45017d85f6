//! Budget transfers and supplements: signed decisions that change what lines have. The chief accountant proposes, and
//! money moves only with the signatures of the others: of both boards where it goes from one to another, else of a chief
//! of office. Sources never mix, and a transfer keeps the sum.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod rules;
pub mod steps;
pub mod store;

/// The kind of record in history and change feed.
pub const TYPE: &str = "budget_transfer";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_budget_transfers)
        .service(handlers::create_budget_transfer)
        .service(handlers::get_budget_transfer)
        .service(handlers::get_budget_transfer_history)
        .service(handlers::sign_budget_transfer)
        .service(handlers::reject_budget_transfer)
        .service(handlers::withdraw_budget_transfer);
}
