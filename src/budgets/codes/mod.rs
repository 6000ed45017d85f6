//! The budget's classification: sub-items, and which of them each kind of expense is booked on. Dated rows: a new one
//! takes over from a day on, and what was booked keeps its code.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod store;

/// The kinds of record in history and change feed.
pub const SUB_ITEM: &str = "sub_item";
pub const EXPENSE_KIND: &str = "expense_kind";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_sub_items)
        .service(handlers::create_sub_item)
        .service(handlers::get_sub_item)
        .service(handlers::get_sub_item_history)
        .service(handlers::list_expense_kinds)
        .service(handlers::create_expense_kind)
        .service(handlers::get_expense_kind)
        .service(handlers::get_expense_kind_history);
}
