//! The demo office's fuel: norms.

use entity::fuel_norms::{self, Verification};
use sea_orm::{ActiveEnum, ActiveModelTrait, Set};
use serde_json::Value;

use crate::decimal::hundredths;
use crate::demo::{Demo, day, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::fuel::norms;
use crate::write::{Event, Tx};

/// # Errors
/// When the database does not take them.
pub(super) async fn fill_norms(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for car in demo.rows("vehicles") {
        for row in car["fuel_norms"].as_array().into_iter().flatten() {
            let norm = fuel_norms::ActiveModel {
                id: Set(reference(row, "ref")?),
                vehicle_id: Set(reference(car, "ref")?),
                litres_per_100_km_hundredths: Set(number(row, "litres_per_100km")?),
                mountain_percent_hundredths: Set(0),
                air_conditioning_percent_hundredths: Set(0),
                idling_litres_per_hour_hundredths: Set(0),
                valid_from: Set(day(row, "valid_from")?),
                valid_to: Set(optional_day(row, "valid_to")),
                document_number: Set(string(row, "document_number")),
                issuer: Set(string(row, "issuer")),
                verification: Set(Verification::try_from_value(&string(row, "verification"))?),
                version: Set(1),
                created_at: Set(tx.now),
                updated_at: Set(tx.now),
                created_by_id: Set(None),
            };
            let norm = norm.insert(tx.db()).await?;
            tx.record(Event::new("create", norms::TYPE, norm.id, 1)).await?;
        }
    }
    Ok(())
}

/// A number of a row in hundredths.
fn number(row: &Value, field: &str) -> ApiResult<i64> {
    let text = row[field].as_str().and_then(hundredths);
    text.ok_or_else(|| ApiError::internal(format!("demo: {field} is no number in {row}")))
}
