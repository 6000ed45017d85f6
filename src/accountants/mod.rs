//! Who looks after which board on which day.
//!
//! An accountant is a member of staff who may be put in charge of boards. Being in charge is an assignment with
//! a decision number and dates. The assignments of the kind `charge` tile the life of a board: the first one
//! begins with the board (see [`crate::boards`]), a hand-over ends one and begins the next on the day after,
//! and the last one ends with the board. So there is never a day without an accountant, and the database
//! refuses a second one. A substitute acts instead of the one in charge on some days.
//!
//! For other features: [`acting`] says who acts for boards on a day.
//!
//! Operations: accountants (list, create, read, change, workload, history), assignments (list, substitute,
//! read, hand over, end, history), and the accountant of a board.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod acting;
pub mod assignment_handlers;
pub mod assignments;
pub mod handlers;
pub mod json;
pub mod rules;
pub mod store;
pub mod workload;

pub const ABOUT: &str = "Who looks after which board on which day. On every day of its life a board has exactly one accountant in charge: the charge begins with the board, passes on by `hand-over` only, and ends with the board. A substitute acts instead on some days. `GET /v1/boards/{board_id}/accountant?on=` names the one who acts; for a board that has ended, its successor's accountant.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_accountants)
        .service(handlers::create_accountant)
        .service(handlers::get_accountant)
        .service(handlers::update_accountant)
        .service(handlers::get_accountant_workload)
        .service(handlers::get_accountant_history)
        .service(handlers::get_board_accountant)
        .service(assignment_handlers::list_accountant_assignments)
        .service(assignment_handlers::create_accountant_assignment)
        .service(assignment_handlers::get_accountant_assignment)
        .service(assignment_handlers::hand_over_accountant_assignment)
        .service(assignment_handlers::end_accountant_assignment)
        .service(assignment_handlers::get_accountant_assignment_history);
}
