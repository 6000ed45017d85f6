//! The whole estimate: its sum, the documents behind it, and the weakest of their marks.

use std::collections::BTreeSet;

use entity::verification::Verification;

use crate::error::ApiResult;
use crate::travel::estimates::in_bounds;
use crate::travel::estimates::json::{RateChangePricing, RateUsed, TravelEstimateOut, TravellerEstimate};

/// # Errors
/// 422 where the sum is too large.
pub(super) fn of(
    travellers: Vec<TravellerEstimate>,
    mode: RateChangePricing,
) -> ApiResult<TravelEstimateOut> {
    let total_amount = in_bounds(travellers.iter().map(|traveller| traveller.total_amount))?;
    let rates = || travellers.iter().flat_map(|one| &one.lines).flat_map(|line| &line.rates);
    let documents: BTreeSet<String> = rates().filter_map(|rate| rate.document_number.clone()).collect();
    Ok(TravelEstimateOut {
        total_amount,
        verification: weakest(rates()),
        document_numbers: documents.into_iter().collect(),
        rate_change_pricing: mode,
        travellers,
    })
}

/// Where no rate was needed, nothing is unproved.
pub fn weakest<'a>(rates: impl Iterator<Item = &'a RateUsed>) -> Verification {
    let strength = |mark: &Verification| match mark {
        Verification::Verified => 0,
        Verification::PressOnly => 1,
        Verification::Unverified => 2,
        Verification::Demo => 3,
    };
    rates.map(|rate| rate.verification).max_by_key(strength).unwrap_or(Verification::Verified)
}
