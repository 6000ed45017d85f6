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
//! shown. `advances/` is money paid before it is spent, `settlement.rs` what an advance covers of a claim,
//! `start.rs` writes the claim of a journey, `norms.rs` says what the rules allow of each line, `journey.rs` what the
//! journey forbids, `travel_papers.rs` what its file must hold;
//! `cash.rs` writes every payment and `payments.rs` shows them, `orders.rs` is what is asked of travel orders, and
//! `grounds.rs` what reserved a claim's money before it was written: its order or its conference.
//!
//! Operations: list, draft, read, change, history; submit, confirm, verify, approve, pay; return, reject,
//! withdraw, cancel-approval, reverse; payments: list, read, history; advances: see there.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod advances;
pub mod cash;
pub mod funds;
pub mod grounds;
pub mod handlers;
pub mod journey;
pub mod json;
pub mod norms;
pub mod orders;
pub mod papers;
pub mod payments;
pub mod people;
pub mod rules;
pub mod settings;
pub mod settlement;
pub mod start;
pub mod steps;
pub mod store;
pub mod travel_papers;
pub mod view;

/// The section's text in the document.
pub fn about() -> String {
    format!(
        "Expense claims with their lines, and the payments that follow from them. A claim goes through five \
         hands: claimant, board head, the accountant acting for the board on that day, chief of office, \
         cashier; no one acts twice on one claim. While a claim is alive its invoices, and for travel the \
         claimant's days, cannot be claimed again. `gaps` names everything that a claim lacks, all at once.\n\n{}\n\n\
         An advance is money paid before it is spent. Paying the requester's claim of the same travel order sets it \
         off: even, the rest is paid, or the rest is refunded. What was paid is at every moment what was set off, \
         refunded and is outstanding.\n\n{}",
        workflow::markdown(rules::STEPS),
        workflow::markdown(advances::rules::STEPS)
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_expense_claims)
        .service(handlers::create_expense_claim)
        .service(start::start_expense_claim)
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
        .service(advances::handlers::list_advances)
        .service(advances::handlers::create_advance)
        .service(advances::handlers::get_advance)
        .service(advances::handlers::get_advance_history)
        .service(advances::handlers::approve_advance)
        .service(advances::handlers::reject_advance)
        .service(advances::handlers::cancel_advance)
        .service(advances::handlers::pay_advance)
        .service(advances::handlers::refund_advance)
        .service(payments::list_payments)
        .service(payments::get_payment)
        .service(payments::get_payment_history);
}
