//! What each booking of a trip bears of its km and its fuel, exactly.

use entity::trip_bookings::{self, Model as Carried};
use entity::trips::Model as Trip;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::split::split_by_weight;
use crate::trips::json::TripShareIn;
use crate::trips::{rules, store};
use crate::write::Tx;

/// Divides km and litres of a trip that is back among its bookings: by the km stated for each, else by their
/// passengers. The parts add up to the whole.
///
/// # Errors
/// 422 where the stated shares are not those of the trip's bookings.
pub async fn divide(tx: &Tx, trip: &Trip, stated: Option<&[TripShareIn]>) -> ApiResult<()> {
    let rows = store::carried(tx.db(), trip.id).await?;
    let weights = match stated {
        Some(shares) => weights(&rows, shares)?,
        None => rows.iter().map(|row| row.passenger_count).collect(),
    };
    let km = split_by_weight(rules::km(trip)?, &weights);
    let litres = split_by_weight(trip.norm_litres_hundredths.unwrap_or(0), &weights);
    for ((row, km), litres) in rows.into_iter().zip(km).zip(litres) {
        let mut changed: trip_bookings::ActiveModel = row.into_active_model();
        changed.share_km = Set(Some(km));
        changed.share_litres_hundredths = Set(Some(litres));
        changed.update(tx.db()).await?;
    }
    Ok(())
}

fn weights(rows: &[Carried], shares: &[TripShareIn]) -> ApiResult<Vec<i64>> {
    let mut broken = Vec::new();
    for (index, share) in shares.iter().enumerate() {
        let first = shares.iter().position(|other| other.booking_id == share.booking_id) == Some(index);
        if !rows.iter().any(|row| row.booking_id == share.booking_id) || !first {
            broken.push(FieldError::body(
                &format!("shares/{index}/booking_id"),
                "not_on_this_trip",
                text(
                    "phải là một đăng ký của chuyến, mỗi đăng ký một lần",
                    "must be a booking of the trip, each once",
                ),
            ));
        }
    }
    if shares.len() < rows.len() {
        broken.push(FieldError::body(
            "shares",
            "incomplete",
            text("phải nêu đủ các đăng ký của chuyến", "must name every booking of the trip"),
        ));
    }
    if shares.iter().all(|share| share.km == 0) {
        broken.push(FieldError::body(
            "shares",
            "km_must_be_positive",
            text("ít nhất một đăng ký phải có km", "at least one booking bears km"),
        ));
    }
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let km =
        |row: &Carried| shares.iter().find(|share| share.booking_id == row.booking_id).map(|share| share.km);
    Ok(rows.iter().map(|row| km(row).unwrap_or(0)).collect())
}
