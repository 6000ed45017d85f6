//! An advance: money that the cash desk pays before it is spent.
//!
//! Somebody who is to travel asks for it, a chief of office approves it, a cashier pays it: three people. From then
//! on it is theirs to settle: paying their claim of the same order sets off what was advanced, and what is left comes
//! back to the cash desk. At every moment what was paid is what was set off, plus what was refunded, plus what is
//! outstanding; when nothing is outstanding the advance is settled. Who has an overdue advance gets no other one.
//!
//! Locks are taken in one order: claim, travel order, advance.
//!
//! Operations: list, ask, read, history; approve, reject, cancel, pay, refund.

pub mod handlers;
pub mod json;
pub mod rules;
pub mod steps;
pub mod store;
pub mod view;
