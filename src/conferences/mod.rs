//! Conferences, receptions of guests, and the tasks that make them happen.
//!
//! A conference belongs to one board and has one coordinator, who gives out its tasks. Every task has exactly
//! one lead at every moment: a person in a body. A lead who thinks that a task is not theirs objects once,
//! with a reason, and keeps the duty until the chief of office has decided; who wants to pass a task on keeps it until
//! the receiver has accepted and the coordinator has approved. Silence is no way out either:
//! past its accept-by time a task is brought before the chief of office. Who held a task, and how long, is
//! kept from its first moment on ([`tasks`]), so that nobody can say that nobody was in charge.
//!
//! People see the conferences of their boards, and of other boards those in which they have a part; of the
//! latter they see only the tasks in which they, or their boards, have it.
//!
//! What every conference of a kind needs stands in [`templates`]; [`readiness`] tells how far one is prepared.
//!
//! Operations: list, hold, read, change, history; those of tasks are in [`tasks`], the steps in [`rules`], the money in
//! [`costs`], how often tasks are passed on in [`reports`]; [`receptions`] arranges the reception of guests in one call.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod costs;
pub mod escalation;
pub mod handlers;
pub mod json;
pub mod readiness;
pub mod receptions;
pub mod reports;
pub mod rules;
pub mod store;
pub mod tasks;
pub mod templates;
pub mod told;
pub mod view;

/// The text of the section, with the steps of a task.
pub fn about() -> String {
    format!(
        "Conferences, receptions and their tasks. Every task has exactly one lead at every moment; `holders` shows who it was, without gap or overlap while the task is open.\n\n\
         A lead objects at most until the end of the second working day (Monday to Friday) after the assignment and keeps the duty until the chief of office decides. A task that is silent at its `accept_by` is escalated to the chief of office.\n\n\
         A template makes all tasks of a conference at once, led by the bodies of the register of duties. Tasks may wait for each other: `waits_for_ids` in the readiness tells it, and no step is refused for it. A conference that moves takes its open tasks along.\n\n\
         A task in progress is handed over by three people: its lead asks, the receiver accepts, the coordinator of the conference approves (after the due time the chief of office); until then the lead keeps the duty. Who leaves a board hands over their tasks with the end of the appointment. Coordinators report their parts; the result comes when every part is done or excused.\n\n\
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
        .configure(readiness::configure)
        .configure(templates::configure)
        .configure(tasks::configure)
        .configure(costs::configure)
        .configure(receptions::configure)
        .configure(reports::configure);
}
