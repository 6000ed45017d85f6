//! The costs of a conference or a reception: estimated, planned, committed, claimed, settled.
//!
//! [`estimates`] is a calculator that stores nothing. The coordinator keeps such an estimate with the conference as its
//! plan; the accountant in charge may say which money bears it ([`funds`]), and the head of the board or the chief of
//! office commits it, never who planned it. Claims of the conference draw on that commitment, and what a rate binds is
//! cut to its norm ([`norms`]). The accountant settles when all claims are done. [`rules`] has the table of steps,
//! [`steps`] carries them out, [`view`] shows plan against reality.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::workflow;

pub mod estimates;
pub mod funds;
pub mod handlers;
pub mod json;
pub mod norms;
pub mod rules;
pub mod steps;
pub mod store;
pub mod view;

/// The part of the section about money.
pub fn about() -> String {
    format!(
        "### Costs\n\nA plan of costs is committed on budget lines by somebody else than who planned it. Claims of the kinds \
         `conference` and `reception` that name the conference draw on the commitment; of refreshments, meals and hospitality \
         no more is allowed than the plan has for the kind.\n\n{}",
        workflow::markdown(rules::STEPS)
    )
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(estimates::create_conference_estimate)
        .service(handlers::get_conference_costs)
        .service(handlers::plan_conference_costs)
        .service(handlers::check_conference_funds)
        .service(handlers::commit_conference_funds)
        .service(handlers::release_conference_funds)
        .service(handlers::settle_conference_costs);
}
