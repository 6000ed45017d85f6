//! Obstacles: what hinders the work, and what the heads agreed to do about it.
//!
//! Anybody of a board reports what hinders it and names the boards that it concerns. A chief of office accepts the
//! obstacle, puts one owner in charge of it and sets a day. What is done about it are [`measures`]: each is agreed only
//! when the head of every board concerned has consented, and with the first agreed one the obstacle is in action. When
//! no measure is open any more the owner says that it is resolved, and somebody else says whether that is true. Words
//! are not enough either: on its day the effect of a measure is judged, and one without effect brings the obstacle back.
//!
//! An obstacle can block tasks of conferences ([`crate::conferences::tasks::blocking`]). It stops nobody's clock: it
//! says why a task does not go on. When it is over, its tasks are unblocked in the same transaction.
//!
//! Whoever changes several of them locks the obstacle first, then its measures, then the tasks that it blocks, each in
//! the order of their ids.
//!
//! Operations: list, report, read, change, history, and the steps of [`rules`]; those of measures are in [`measures`].

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod handlers;
pub mod json;
pub mod links;
pub mod measures;
pub mod rules;
pub mod show;
pub mod steps;
pub mod store;

/// The kind of record in history and change feed.
pub const TYPE: &str = "obstacle";

/// The text of the section, with the steps of an obstacle and of a measure.
pub fn about() -> String {
    format!(
        "What hinders the work (obstacles), and what the heads agreed to do about it (measures).\n\n\
         People see the obstacles of their boards, those that concern one of their boards, and those in which they have a part themselves. An accepted obstacle is `in_action` from the moment at which its first measure is agreed.\n\n\
         {}\n\n\
         A measure is agreed only when the head of each board concerned has consented; the head of its successor acts for a board that has ended. One refusal ends it: another measure is proposed instead. A measure without effect puts its obstacle back in action.\n\n\
         {}\n\n\
         A task of a conference that an obstacle blocks keeps its times. When the obstacle is verified, rejected or withdrawn, its tasks are unblocked at once.",
        workflow::markdown(rules::STEPS),
        workflow::markdown(measures::rules::STEPS),
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_obstacles)
        .service(handlers::create_obstacle)
        .service(handlers::get_obstacle)
        .service(handlers::update_obstacle)
        .service(handlers::get_obstacle_history)
        .service(handlers::accept_obstacle)
        .service(handlers::reject_obstacle)
        .service(handlers::withdraw_obstacle)
        .service(handlers::resolve_obstacle)
        .service(handlers::verify_obstacle)
        .service(handlers::reopen_obstacle)
        .configure(measures::configure);
}
