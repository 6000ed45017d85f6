//! The demo office's cars with their papers and services, its drivers, a stay in the workshop and a leave.

use entity::vehicle_papers::PaperKind;
use entity::vehicles::{FuelType, VehicleKind};
use entity::{driver_absences, drivers, vehicle_downtimes, vehicle_papers, vehicle_services, vehicles};
use sea_orm::{ActiveEnum, ActiveModelTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::permissions::Reach;
use crate::clock::office_midnight;
use crate::demo::{Demo, day, id, instant, link, optional, optional_day, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::vehicles::drivers::{absences, store as driver_store};
use crate::vehicles::plate::Plate;
use crate::vehicles::{downtimes, odometer, papers, services, store};
use crate::write::{Event, Tx};

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("vehicles") {
        let (plate, name) = (string(row, "plate"), string(row, "make_model"));
        let plate = Plate::parse(&plate).ok_or_else(|| ApiError::internal(format!("demo: {plate}")))?;
        let car = vehicles::ActiveModel {
            id: Set(reference(row, "ref")?),
            search: Set(store::search(&plate, &name)),
            plate: Set(plate.as_str().to_owned()),
            name: Set(name),
            kind: Set(VehicleKind::try_from_value(&string(row, "kind"))?),
            seats: Set(row["seats"].as_i64().unwrap_or(1)),
            fuel_type: Set(FuelType::try_from_value(&string(row, "fuel_type"))?),
            // Its trips tell how far it went since.
            odometer_km: Set(row["odometer_opening"]["km"].as_i64().unwrap_or(0)),
            title_holder_id: Set(link(row, "title_holder")),
            retired_on: Set(None),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(None),
        };
        let car = car.insert(tx.db()).await?;
        tx.record(Event::new("create", store::TYPE, car.id, 1)).await?;
        let read_on = day(&row["odometer_opening"], "as_of")?;
        odometer::record(tx, &store::opening(&car, office_midnight(read_on))).await?;
        for paper in row["papers"].as_array().into_iter().flatten() {
            let reference = format!("{}/{}", string(row, "ref"), string(paper, "kind"));
            enter_paper(tx, id(&reference), car.id, paper).await?;
        }
    }
    for row in demo.rows("vehicle_papers") {
        enter_paper(tx, reference(row, "ref")?, reference(row, "vehicle")?, row).await?;
    }
    for row in demo.rows("vehicle_services") {
        enter_service(tx, row).await?;
    }
    for row in demo.rows("drivers") {
        let driver = drivers::ActiveModel {
            id: Set(reference(row, "ref")?),
            staff_id: Set(reference(row, "person")?),
            licence_number: Set(string(row, "licence_number")),
            licence_class: Set(string(row, "licence_class")),
            licence_expires_on: Set(day(row, "licence_valid_to")?),
            default_vehicle_id: Set(link(row, "default_vehicle")),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(None),
        };
        let driver = driver.insert(tx.db()).await?;
        tx.record(Event::new("create", driver_store::TYPE, driver.id, 1)).await?;
    }
    workshop(tx).await?;
    leave(tx).await
}

async fn enter_paper(tx: &Tx, id: Uuid, vehicle_id: Uuid, row: &Value) -> ApiResult<()> {
    let paper = vehicle_papers::ActiveModel {
        id: Set(id),
        vehicle_id: Set(vehicle_id),
        kind: Set(PaperKind::try_from_value(&string(row, "kind"))?),
        number: Set(string(row, "number")),
        valid_from: Set(day(row, "valid_from")?),
        valid_to: Set(optional_day(row, "valid_to")),
        issuer: Set(optional(row, "issuer")),
        note: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let paper = paper.insert(tx.db()).await?;
    tx.record(Event::new("create", papers::store::TYPE, paper.id, 1)).await
}

async fn enter_service(tx: &Tx, row: &Value) -> ApiResult<()> {
    let service = vehicle_services::ActiveModel {
        id: Set(reference(row, "ref")?),
        vehicle_id: Set(reference(row, "vehicle")?),
        kind: Set(string(row, "kind")),
        done_on: Set(day(row, "done_on")?),
        odometer_km: Set(row["odometer_km"].as_i64().unwrap_or(0)),
        cost_amount: Set(row["cost_amount"].as_i64()),
        workshop: Set(optional(row, "workshop")),
        note: Set(None),
        next_due_on: Set(optional_day(row, "next_due_on")),
        next_due_km: Set(row["next_due_km"].as_i64()),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let service = service.insert(tx.db()).await?;
    tx.record(Event::new("create", services::store::TYPE, service.id, 1)).await
}

/// The bus is in the workshop shortly before Christmas.
async fn workshop(tx: &Tx) -> ApiResult<()> {
    let period = json!({"from": "2025-12-22T07:30:00+07:00", "to": "2025-12-24T17:00:00+07:00"});
    let downtime = vehicle_downtimes::ActiveModel {
        id: Set(id("vd_hiace")),
        vehicle_id: Set(id("v_hiace")),
        starts_at: Set(instant(&period, "from")?),
        ends_at: Set(instant(&period, "to")?),
        reason: Set("Bảo dưỡng định kỳ 80.000 km".to_owned()),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(Some(id("lg_thinh"))),
    };
    downtimes::enter(tx, &Reach::Office, downtime.insert(tx.db()).await?).await.map(drop)
}

/// One driver takes his leave at the turn of the year.
async fn leave(tx: &Tx) -> ApiResult<()> {
    let period = json!({"from": "2025-12-29T00:00:00+07:00", "to": "2026-01-03T00:00:00+07:00"});
    let absence = driver_absences::ActiveModel {
        id: Set(id("da_truong")),
        driver_id: Set(id("dr_truong")),
        starts_at: Set(instant(&period, "from")?),
        ends_at: Set(instant(&period, "to")?),
        reason: Set("Nghỉ phép năm".to_owned()),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(Some(id("lg_thinh"))),
    };
    absences::enter(tx, &Reach::Office, absence.insert(tx.db()).await?).await.map(drop)
}
