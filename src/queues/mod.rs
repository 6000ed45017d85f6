//! What waits: for the caller (the inbox), and for whom and how long in the whole office (the ageing of claims).
//!
//! Nothing is stored here. A record waits for whom its own `waiting_on` names; the inbox asks the same rule of every
//! kind of record, so the two cannot differ. [`sources`] has one function for each kind; a new kind is a function and
//! a line in [`sources::all`].
//!
//! Operations: inbox, claim ageing.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod ageing;
pub mod handlers;
pub mod json;
pub mod sources;

pub const ABOUT: &str = "What waits. `GET /v1/me/inbox` has every record whose next step is the caller's to take, whatever its kind, the most urgent first: the records whose `waiting_on` names the caller. The ageing of claims shows by board and step how many claims wait, how long, and how many are late. `GET /v1/me/notifications` tells what the caller should know without being asked to act: what others did with their records, and days that come nearer; nobody is told anything twice.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(handlers::get_my_inbox).service(handlers::get_claim_ageing);
}
