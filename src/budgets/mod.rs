//! The money of the boards: what each may spend, what of it is reserved for whom, and what was spent.
//!
//! A budget line is year x board x source x sub-item. `ledger.rs` is the one way in which its money moves; every
//! movement is an entry that leads to its document. `commitments.rs` is the one place through which travel orders,
//! claims and conferences reserve money, spend it and give the rest back; `booking.rs` finds the line of a cost,
//! `bearing.rs` those of a document before it is claimed. `imports` brings the lines of a year in one file.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod bearing;
pub mod booking;
pub mod codes;
pub mod commitments;
pub mod imports;
pub mod ledger;
pub mod lines;
pub mod reports;
pub mod transfers;
pub mod years;

/// The kind of record in history and change feed.
pub const TYPE: &str = "budget_line";

/// The section of the document.
pub fn about() -> String {
    format!(
        "What each board may spend, and what became of it: one append-only ledger for the whole office.\n\n\
         A **budget line** is year, board, source and sub-item. It has four accounts: `source`, `available`, `committed` and \
         `spent`. Every movement is an **entry**: one positive amount from one account (`credit`) to another (`debit`), with the \
         record that moved it; entries are never changed or deleted, a correction is another entry. Approving a travel order or a \
         claim commits money, paying spends it, cancelling gives it back, reversing a payment takes the spending back. A line is \
         never overdrawn: 409 `budget_insufficient` names the line and what is missing in `shortage`.\n\n\
         Each **kind of expense** has its sub-item as dated data; an accountant may choose another one with a reason. The two \
         sources, autonomous and non-autonomous funds, never mix.\n\n\
         At its end a **budget year** is frozen, carried forward and closed: what is left of autonomous funds goes to the same \
         lines of the next year, what is left of non-autonomous funds lapses, and nothing is lost on the way. The preview \
         says beforehand what becomes of each line; 409 `budget_year_unsettled` names in `obstacles` what stands in the way. A step \
         that is taken already answers 200 and changes nothing.

\
         A year's appropriations come as one **import**: the chief accountant sends the sheet, all its rows become planned lines or \
         none, and a chief of office puts them in force together. The same file twice changes nothing.

\
         ### Budget lines

{}

### Imports

{}

### Transfers and supplements

{}

### Budget years

{}",
        workflow::markdown(lines::rules::STEPS),
        workflow::markdown(imports::rules::STEPS),
        workflow::markdown(transfers::rules::STEPS),
        workflow::markdown(years::rules::STEPS),
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .configure(codes::configure)
        .configure(lines::configure)
        .configure(imports::configure)
        .configure(transfers::configure)
        .configure(years::configure)
        .configure(reports::configure);
}
