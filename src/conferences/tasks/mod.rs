//! A task of a conference: one deliverable, one lead, one checker, any number of coordinators.
//!
//! The lead's duty is a chain of periods (`task_holders`). It begins with the task, passes at one instant to
//! a new lead when the chief of office upholds an objection, and ends when the task is done or cancelled. A
//! task that is reopened is held again from that moment on; between done and reopened nobody holds it. The
//! database refuses a second open period and overlapping ones.
//!
//! Operations: list, give out, read, change, history, the nine steps of [`crate::conferences::rules`], block and unblock.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod actions;
pub mod blocking;
pub mod duty;
pub mod handlers;
pub mod json;
pub mod people;
pub mod show;
pub mod steps;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_conference_tasks)
        .service(handlers::create_conference_task)
        .service(handlers::get_conference_task)
        .service(handlers::update_conference_task)
        .service(handlers::get_conference_task_history)
        .service(actions::accept_conference_task)
        .service(actions::object_conference_task)
        .service(actions::uphold_conference_task)
        .service(actions::overrule_conference_task)
        .service(actions::submit_conference_task_result)
        .service(actions::accept_conference_task_result)
        .service(actions::send_back_conference_task)
        .service(actions::cancel_conference_task)
        .service(actions::reopen_conference_task)
        .service(blocking::block_conference_task)
        .service(blocking::unblock_conference_task);
}
