//! Conferences, receptions of guests, and the tasks that make them happen.
//!
//! A conference belongs to one board and has one coordinator, who gives out its tasks. Every task has exactly
//! one lead at every moment: a person in a body. A lead who thinks that a task is not theirs objects once,
//! with a reason, and keeps the duty until the chief of office has decided. Silence is no way out either:
//! past its accept-by time a task is brought before the chief of office. Who held a task, and how long, is
//! kept from its first moment on ([`tasks`]), so that nobody can say that nobody was in charge.
//!
//! People see the conferences of their boards, and of other boards those in which they have a part; of the
//! latter they see only the tasks in which they, or their boards, have it.
//!
//! Operations: list, hold, read, change, history; those of tasks are in [`tasks`], the steps in [`rules`], the money in
//! [`costs`]; [`receptions`] arranges the reception of guests in one call.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod costs;
pub mod escalation;
pub mod handlers;
pub mod json;
pub mod receptions;
pub mod rules;
pub mod store;
pub mod tasks;
pub mod view;

/// The text of the section, with the steps of a task.
pub fn about() -> String {
    format!(
        "Conferences, receptions and their tasks. Every task has exactly one lead at every moment; `holders` shows who it was, without gap or overlap while the task is open.\n\n\
         A lead objects at most until the end of the second working day (Monday to Friday) after the assignment and keeps the duty until the chief of office decides. A task that is silent at its `accept_by` is escalated to the chief of office.\n\n\
         {}\n\n{}",
        workflow::markdown(rules::STEPS),
        costs::about()
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_conferences)
        .service(handlers::create_conference)
        .service(handlers::get_conference)
        .service(handlers::update_conference)
        .service(handlers::get_conference_history)
        .configure(tasks::configure)
        .configure(costs::configure)
        .configure(receptions::configure);
}
