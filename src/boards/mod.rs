//! A board: a body of the committee that the office serves.
//!
//! Boards come and go by decision. A merger ends some boards and starts another one the day after; the
//! records of the old ones stay with them, and the people of the new board see and finish them. On every day
//! of its life a board has exactly one accountant in charge, so a board is founded together with its
//! accountant (see [`crate::accountants`]).
//!
//! Operations: list, found, read, change, merge, history.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod store;

pub const ABOUT: &str = "The boards that the office serves. Founding a board puts its accountant in charge; a merger ends the old boards and keeps their history readable to the people of the new one.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_boards)
        .service(handlers::create_board)
        .service(handlers::get_board)
        .service(handlers::update_board)
        .service(handlers::merge_board)
        .service(handlers::get_board_history);
}
