//! Fuel: how much a car may use, what it costs, what was bought, and what follows for each month.
//!
//! [`norms`] say how many litres a car may use, [`prices`] what a litre costs, [`tolerances`] how far both may be off;
//! all are dated, with their document. When a trip is completed the litres that it may have used are computed with the
//! norm in force on the day of departure and frozen with it (`rules.rs` has the arithmetic). [`refuels`] are what was
//! bought, each with its invoice. [`statements`] hold one against the other for a car and a month, and fuel claims are
//! made from them.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::vehicles::plate::Plate;
use crate::workflow;

pub mod norms;
pub mod prices;
pub mod refuels;
pub mod rules;
pub mod statements;
pub mod tolerances;

/// The section's text in the document.
pub fn about() -> String {
    format!(
        "Fuel. Norms, prices and tolerances are dated, with the document they come from; a completed trip keeps the \
         litres that the norm of its departure day allows, with their working. Refuels have their invoice, each \
         invoice once. A fuel statement holds what was used in a month against the norms and shares it out among the \
         boards; a fuel claim is made from its refuels, each of them once. Numbers of litres and percent are texts \
         with two decimals, e.g. `42.72`.\n\n{}",
        workflow::markdown(statements::rules::STEPS)
    )
}

/// A car's plate as it stands on the car, for texts.
pub(crate) fn plate(car: &entity::vehicles::Model) -> String {
    Plate::parse(&car.plate).map_or_else(|| car.plate.clone(), |plate| plate.display())
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .configure(norms::configure)
        .configure(prices::configure)
        .configure(tolerances::configure)
        .configure(refuels::configure)
        .configure(statements::configure);
}
