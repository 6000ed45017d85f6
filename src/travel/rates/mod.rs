//! Rate tables: what travel, conferences and hospitality may cost, as dated data.
//!
//! A rate table is a regulation: a circular of the state, or the office's own spending regulation. Its rows are
//! dated and of several kinds, all of one shape. A row is never changed, since money was computed by it: a new row
//! takes over from a day on, and a row that nothing kept was priced by can be deleted. [`lookup`] finds the row
//! that answers for a day: the office's own rate where it is not above the state's, else the state's, and where
//! several regulations answer, the newest. What is not known has no row; asking for it is an error, never a guess.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod handlers;
pub mod json;
pub mod lookup;
pub mod rules;
pub mod store;

/// The kind of record in history and change feed: a regulation.
pub const TABLE_TYPE: &str = "rate_table";

/// The kind of record in history and change feed: a row of a regulation.
pub const TYPE: &str = "rate";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_rate_tables)
        .service(handlers::create_rate_table)
        .service(handlers::get_rate_table)
        .service(handlers::get_rate_table_history)
        .service(handlers::list_rate_table_rates)
        .service(handlers::create_rate_table_rate)
        .service(handlers::get_rate)
        .service(handlers::end_rate)
        .service(handlers::delete_rate)
        .service(handlers::get_rate_history);
}
