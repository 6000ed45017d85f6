//! Imports: a year's appropriations from one sheet, CSV or XLSX, all of them or none.
//!
//! The chief accountant sends the sheet, and every row becomes a planned budget line; a chief of office puts all lines of
//! the import in force at once, as one does with a single line. The file goes through four rooms: [`sheet`] makes cells of
//! bytes whatever kind of file they are, [`columns`] knows the headings, [`rows`] reads what a row says by itself, and
//! [`checks`] holds the rows against the office. Nothing is entered until all rows are in order; what is wrong is told
//! with its row and column, all at once. The same bytes count once for a year: whoever sends them again gets the import
//! of then.
//!
//! Operations: list, import, read, history, activate.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod checks;
pub mod columns;
pub mod csv_file;
pub mod handlers;
pub mod json;
pub mod rows;
pub mod rules;
pub mod sheet;
pub mod steps;
pub mod store;
pub mod xlsx_file;

/// The kind of record in history and change feed.
pub const TYPE: &str = "budget_import";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_budget_imports)
        .service(handlers::create_budget_import)
        .service(handlers::get_budget_import)
        .service(handlers::get_budget_import_history)
        .service(handlers::activate_budget_import);
}
