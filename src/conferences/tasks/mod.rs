//! A task of a conference: one deliverable, one lead, one checker, any number of coordinators.
//!
//! The lead's duty is a chain of periods (`task_holders`). It begins with the task, passes at one instant to
//! a new lead when the chief of office upholds an objection, when a hand-over is approved ([`hand_overs`]) or when
//! the lead leaves the body ([`crate::staff::departures`]), and ends when the task is done or cancelled. A task that is reopened
//! is held again from that moment on; between done and reopened nobody holds it. The database refuses a second open
//! period and overlapping ones, and that a period which has ended is changed.
//!
//! Coordinators have parts of their own ([`parts`]); none may be open when the lead hands in the result.
//!
//! Operations: list, give out, read, change, history, the steps of [`crate::conferences::rules`], block and unblock.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod actions;
pub mod blocking;
pub mod duty;
pub mod hand_over_actions;
pub mod hand_overs;
pub mod handlers;
pub mod json;
pub mod part_actions;
pub mod parts;
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
        .service(hand_over_actions::request_conference_task_hand_over)
        .service(hand_over_actions::accept_conference_task_hand_over)
        .service(hand_over_actions::decline_conference_task_hand_over)
        .service(hand_over_actions::withdraw_conference_task_hand_over)
        .service(hand_over_actions::approve_conference_task_hand_over)
        .service(hand_over_actions::refuse_conference_task_hand_over)
        .service(part_actions::report_conference_task_part)
        .service(part_actions::excuse_conference_task_part)
        .service(part_actions::reopen_conference_task_part)
        .service(blocking::block_conference_task)
        .service(blocking::unblock_conference_task);
}
