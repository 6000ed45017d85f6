//! Templates: the list of tasks that every conference or reception of a kind needs.
//!
//! A template names no people: its tasks are led by duties and by parts such as the owner of the conference, and are
//! due so many days before or after the opening. Applied to a conference, it becomes tasks with leads, coordinators,
//! checkers, dates and the order in which they wait for each other, all of them or none. Who leads is looked up in
//! the register of duties ([`crate::duties`]) as it stands on the opening day.
//!
//! A template is not changed: another version of it takes over from a day on, and conferences that were prepared by
//! the one before keep their tasks.
//!
//! Operations: list, enter, read, history, and applying one to a conference.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod apply;
pub mod handlers;
pub mod json;
pub mod resolve;
pub mod rules;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_task_templates)
        .service(handlers::create_task_template)
        .service(handlers::get_task_template)
        .service(handlers::get_task_template_history)
        .service(handlers::apply_conference_template);
}
