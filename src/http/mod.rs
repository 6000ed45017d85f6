//! What every endpoint shares, so that a handler is only its five steps.
//!
//! A request passes [`envelope`] (request id, log, panic net, the caller's language), then [`gate`] (known
//! address, caller, permission, published schema) and reaches its handler with a [`call::Call`].

pub mod call;
pub mod contract;
pub mod document;
pub mod envelope;
pub mod gate;
pub mod idempotency;
pub mod input;
pub mod language;
pub mod page;
pub mod reply;
pub mod text;
