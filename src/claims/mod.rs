//! An expense claim: what somebody spent for the office, line by line, and how they get it back.
//!
//! A claim goes through five hands. The claimant writes and submits it, the head of the board confirms that the
//! work was done, the accountant who acts for the board on that day verifies amounts and papers, the chief of
//! office approves, the cashier pays. No one acts twice on one claim: the rules say so politely, the checks
//! of the table say so whatever the rules do. While a claim is alive its invoices, and its person-days,
//! cannot be claimed again: unique keys on the lines hold that in any race. A claim that lacks papers goes
//! back once, with everything that is missing.
//!
//! `rules.rs` has the table of steps and the pure rules, `papers.rs` which kinds of cost need which paper,
//! `steps.rs` what each step does, `people.rs` whose turn it is, `view.rs` how a claim is
//! shown, `payments.rs` the money that left the cash desk.
//!
//! Operations: list, draft, read, change, history; submit, confirm, verify, approve, pay; return, reject,
//! withdraw, cancel-approval, reverse; payments: list, read, history.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod handlers;
pub mod json;
pub mod papers;
pub mod payments;
pub mod people;
pub mod rules;
pub mod steps;
pub mod store;
pub mod view;

/// The section's text in the document.
pub fn about() -> String {
    format!(
        "Expense claims with their lines, and the payments that follow from them. A claim goes through five \
         hands: claimant, board head, the accountant acting for the board on that day, chief of office, \
         cashier; no one acts twice on one claim. While a claim is alive its invoices, and for travel the \
         claimant's days, cannot be claimed again. `gaps` names everything that a claim lacks, all at once.\n\n{}",
        workflow::markdown(rules::STEPS)
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_expense_claims)
        .service(handlers::create_expense_claim)
        .service(handlers::get_expense_claim)
        .service(handlers::update_expense_claim)
        .service(handlers::get_expense_claim_history)
        .service(handlers::submit_expense_claim)
        .service(handlers::confirm_expense_claim)
        .service(handlers::verify_expense_claim)
        .service(handlers::approve_expense_claim)
        .service(handlers::pay_expense_claim)
        .service(handlers::return_expense_claim)
        .service(handlers::reject_expense_claim)
        .service(handlers::withdraw_expense_claim)
        .service(handlers::cancel_expense_claim_approval)
        .service(handlers::reverse_expense_claim)
        .service(payments::list_payments)
        .service(payments::get_payment)
        .service(payments::get_payment_history);
}
