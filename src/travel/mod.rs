//! Official travel: what it may cost by the rates in force, and who decided that somebody goes.
//!
//! `rates/` are the regulations with their dated rows. `legs.rs` is the shape of a journey, shared by estimates and
//! orders. `estimates/` computes what a journey may cost and explains every amount; it stores nothing. `orders/` is
//! the decision that sends somebody, from the draft to the last đồng.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod estimates;
pub mod legs;
pub mod orders;
pub mod rates;

/// The section's text in the document.
pub fn about() -> String {
    format!(
        "Official travel. Rate tables are the regulations that say what travel, conferences and hospitality may cost: \
         circulars of the state and the office's own, with dated rows that are never changed. The office's rate comes \
         first where it is not above the state's; of several regulations the newest answers; what has no row is refused \
         with `rate_not_found`, never guessed. A travel estimate prices a journey day by day and night by night, each \
         amount with its working, the rows and documents behind it, and the weakest of their marks.\n\n\
         A travel order says who goes where, on which days, for what. Its estimate is computed when it is submitted, \
         and the travellers' time is taken: nobody travels for two orders at once (`traveller_away`). The approval \
         commits the estimated amount in the same transaction; claims spend of it, and the settlement releases the \
         rest. An approved order is amended by a new version, which supersedes it when it is approved.\n\n{}\n\n\
         Orders are read by the people of their board, and by those who travel by them, of whatever board. Days \
         outside the authorized ones are not paid (`outside_authorization`).",
        workflow::markdown(orders::rules::STEPS)
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.configure(rates::configure).configure(estimates::configure).configure(orders::configure);
}
