//! The demo office's fuel: what it is measured by, what was bought, and the statements of November.

use chrono::TimeDelta;
use entity::fuel_norms::{self, Verification};
use entity::fuel_statements::{self, FuelStatementStatus};
use entity::vehicles::FuelType;
use entity::{expense_claim_lines, fuel_prices, fuel_tolerances, number_series, refuels};
use sea_orm::{ActiveEnum, ActiveModelTrait, EntityTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::claims::rules::key_of_invoice;
use crate::clock::office_midnight;
use crate::decimal::hundredths;
use crate::demo::bookings::acting;
use crate::demo::claims::SELLER;
use crate::demo::{Demo, day, id, instant, optional, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::fuel;
use crate::fuel::statements::figures::{self, Tank};
use crate::fuel::statements::rules::month;
use crate::http::text::search_key;
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

/// What was bought on the trips, the month's statements, and the claim that was made from one of them.
///
/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for log in demo.rows("trip_logs") {
        refuels(tx, demo, log).await?;
    }
    let mut last_number = 0;
    for row in demo.rows("fuel_statements") {
        last_number += 1;
        statement(tx, demo, row, last_number).await?;
    }
    let series = number_series::ActiveModel {
        series: Set("FS".to_owned()),
        year: Set(2025),
        last_number: Set(last_number),
    };
    series.insert(tx.db()).await?;
    claimed(tx, demo).await
}

/// The ids of a trip log's refuels: `tl_04/fuel/0`, `tl_04/fuel/1`.
fn refuel_ids(log: &Value) -> Vec<Uuid> {
    let bought = log["fuel"].as_array().map_or(0, Vec::len);
    (0..bought).map(|index| id(&format!("{}/fuel/{index}", string(log, "ref")))).collect()
}

/// The last one on the way home, the others evenly before it; each at the end of its day, before the trip ended.
async fn refuels(tx: &Tx, demo: &Demo, log: &Value) -> ApiResult<()> {
    let order = demo.rows("dispatch_orders").find(|order| order["ref"] == log["dispatch_order"]);
    let returned_at = instant(order.unwrap_or(&Value::Null), "returned_at")?;
    let km = |field: &str| log[field].as_i64().unwrap_or_default();
    let (start, end) = (km("odometer_start_km"), km("odometer_end_km"));
    let ids = refuel_ids(log);
    let count = i64::try_from(ids.len()).unwrap_or(1);
    for ((part, refuel_id), row) in (1..).zip(ids).zip(log["fuel"].as_array().into_iter().flatten()) {
        let issued_on = day(row, "on")?;
        let evening = office_midnight(issued_on) + TimeDelta::hours(17);
        let refuelled_at = evening.min(returned_at - TimeDelta::minutes(10));
        let invoice_number = string(row, "invoice_number");
        let tx = acting(tx, demo, &string(log, "driver"), refuelled_at).await?;
        let refuel = refuels::ActiveModel {
            id: Set(refuel_id),
            vehicle_id: Set(reference(log, "vehicle")?),
            trip_id: Set(Some(reference(log, "dispatch_order")?)),
            refuelled_at: Set(refuelled_at),
            odometer_km: Set(start + (end - start) * part / count),
            fuel_type: Set(FuelType::try_from_value(&string(row, "fuel_type"))?),
            litres_hundredths: Set(number(row, "litres")?),
            unit_price: Set(row["price_vnd_per_litre"].as_i64().unwrap_or_default()),
            amount: Set(row["amount_vnd"].as_i64().unwrap_or_default()),
            invoice_seller_tax_code: Set(SELLER.to_owned()),
            invoice_key: Set(key_of_invoice(SELLER, &invoice_number, issued_on)),
            invoice_number: Set(invoice_number),
            invoice_issued_on: Set(issued_on),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(tx.actor.user_id),
        };
        fuel::refuels::store::enter(&tx, refuel.insert(tx.db()).await?).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn is_closed(statement: &Value) -> bool {
    statement["status"] != "returned"
}

/// A statement that was sent back is a draft here; the others are closed.
async fn statement(tx: &Tx, demo: &Demo, row: &Value, digits: i64) -> ApiResult<()> {
    let first_day = month(&string(row, "month")).ok_or_else(|| ApiError::internal("demo: no month"))?;
    let number_of = format!("FS-2025-{digits:06}");
    let car = demo.rows("vehicles").find(|car| car["ref"] == row["vehicle"]).unwrap_or(&Value::Null);
    let plates = format!("{} {}", string(car, "plate"), string(car, "plate_display"));
    let tank = Tank {
        opening: number(row, "opening_tank_litres")?,
        closing: Some(number(row, "closing_tank_litres")?),
    };
    let closed = is_closed(row);
    let vehicle_id = reference(row, "vehicle")?;
    let figures = figures::compute(tx.db(), vehicle_id, first_day, tank).await?;
    let statement = fuel_statements::ActiveModel {
        id: Set(reference(row, "ref")?),
        search: Set(search_key(&format!("{number_of} {plates}"))),
        number: Set(number_of),
        vehicle_id: Set(vehicle_id),
        month: Set(first_day),
        opening_tank_hundredths: Set(tank.opening),
        closing_tank_hundredths: Set(tank.closing),
        explanation: Set(optional(row, "explanation_vi")),
        status: Set(if closed { FuelStatementStatus::Closed } else { FuelStatementStatus::Draft }),
        waiting_since: Set(tx.now),
        figures: Set(if closed {
            Some(serde_json::to_value(&figures).map_err(ApiError::internal)?)
        } else {
            None
        }),
        decision_reason: Set(None),
        version: Set(if closed { 2 } else { 1 }),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(Some(id("lg_thinh"))),
    };
    let statement = statement.insert(tx.db()).await?;
    tx.record(Event::new("create", fuel::statements::store::TYPE, statement.id, 1)).await?;
    if closed {
        let event = Event::new("close", fuel::statements::store::TYPE, statement.id, 2);
        tx.record(event.step(&FuelStatementStatus::Draft, &FuelStatementStatus::Closed)).await?;
    }
    Ok(())
}

/// The lines of a claim that was made from a closed statement are its refuels, with their invoices. A claim about
/// the other one was written by hand, in one sum, and was returned.
async fn claimed(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for claim in demo.rows("expense_claims").filter(|claim| claim["fuel_statement"].is_string()) {
        let statement = demo.rows("fuel_statements").find(|row| row["ref"] == claim["fuel_statement"]);
        let logs = statement
            .filter(|row| is_closed(row))
            .and_then(|row| row["trip_logs"].as_array())
            .into_iter()
            .flatten();
        let bought = logs.filter_map(|log| demo.rows("trip_logs").find(|row| row["ref"] == *log));
        let lines = (0..).map(|index| id(&format!("{}/line/{index}", string(claim, "ref"))));
        for (line, refuel) in lines.zip(bought.flat_map(refuel_ids)) {
            let refuel = refuels::Entity::find_by_id(refuel).one(tx.db()).await?;
            let refuel = refuel.ok_or_else(|| ApiError::internal("demo: a refuel is missing"))?;
            let changed = expense_claim_lines::ActiveModel {
                id: Set(line),
                refuel_id: Set(Some(refuel.id)),
                live_refuel_id: Set(Some(refuel.id)),
                invoice_seller_tax_code: Set(Some(refuel.invoice_seller_tax_code)),
                invoice_number: Set(Some(refuel.invoice_number)),
                invoice_issued_on: Set(Some(refuel.invoice_issued_on)),
                live_invoice_key: Set(Some(refuel.invoice_key)),
                ..Default::default()
            };
            changed.update(tx.db()).await?;
        }
    }
    Ok(())
}
