//! Fuel: how much a car may use, what it costs, what was bought, and what follows for each month.
//!
//! [`norms`] say how many litres a car may use, dated, with their document. When a trip is completed the litres
//! that it may have used are computed with the norm in force on the day of departure and frozen with it
//! (`rules.rs` has the arithmetic).

use utoipa_actix_web::service_config::ServiceConfig;

use crate::vehicles::plate::Plate;

pub mod norms;
pub mod prices;
pub mod refuels;
pub mod rules;
pub mod statements;
pub mod tolerances;

pub const ABOUT: &str = "Fuel. Norms say how many litres a car may use, dated, with the document they come from: a completed trip keeps the litres that the norm of its departure day allows, with their working. Numbers of litres and percent are texts with two decimals, e.g. `42.72`.";

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
