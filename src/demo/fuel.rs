//! The demo office's fuel: norms, prices, tolerances.

use entity::fuel_norms::{self, Verification};
use entity::vehicles::FuelType;
use entity::{fuel_prices, fuel_tolerances};
use sea_orm::{ActiveEnum, ActiveModelTrait, Set};
use serde_json::{Value, json};

use crate::decimal::hundredths;
use crate::demo::{Demo, day, id, optional, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::fuel;
use crate::write::{Event, Tx};

/// What fuel is measured by.
///
/// # Errors
/// When the database does not take them.
pub(super) async fn fill_rates(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    norms(tx, demo).await?;
    prices(tx, demo).await?;
    tolerance(tx).await
}

async fn norms(tx: &Tx, demo: &Demo) -> ApiResult<()> {
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
            tx.record(Event::new("create", fuel::norms::TYPE, norm.id, 1)).await?;
        }
    }
    Ok(())
}

async fn prices(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("fuel_prices") {
        let price = fuel_prices::ActiveModel {
            id: Set(reference(row, "ref")?),
            fuel_type: Set(FuelType::try_from_value(&string(row, "fuel_type"))?),
            unit_price: Set(row["price_vnd_per_litre"].as_i64().unwrap_or_default()),
            valid_from: Set(day(row, "valid_from")?),
            valid_to: Set(optional_day(row, "valid_to")),
            document_number: Set(optional(row, "document_number")),
            issuer: Set(string(row, "issuer")),
            verification: Set(Verification::try_from_value(&string(row, "verification"))?),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(None),
        };
        let price = price.insert(tx.db()).await?;
        tx.record(Event::new("create", fuel::prices::TYPE, price.id, 1)).await?;
    }
    Ok(())
}

/// Five percent above the norm need no explanation; a price two percent off is marked.
async fn tolerance(tx: &Tx) -> ApiResult<()> {
    let tolerance = fuel_tolerances::ActiveModel {
        id: Set(id("ft_2019")),
        scope: Set(fuel::tolerances::OFFICE.to_owned()),
        over_percent_hundredths: Set(500),
        price_percent_hundredths: Set(200),
        valid_from: Set(day(&json!({"from": "2019-01-01"}), "from")?),
        valid_to: Set(None),
        document_number: Set("05-QĐ/VPTU".to_owned()),
        issuer: Set("Văn phòng Tỉnh ủy (demo)".to_owned()),
        verification: Set(Verification::Demo),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let tolerance = tolerance.insert(tx.db()).await?;
    tx.record(Event::new("create", fuel::tolerances::TYPE, tolerance.id, 1)).await
}

/// A number of a row in hundredths.
fn number(row: &Value, field: &str) -> ApiResult<i64> {
    let text = row[field].as_str().and_then(hundredths);
    text.ok_or_else(|| ApiError::internal(format!("demo: {field} is no number in {row}")))
}
