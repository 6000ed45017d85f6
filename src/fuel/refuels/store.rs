//! Every query about refuels.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::odometer_entries::ReadingKind;
use entity::refuels::{ActiveModel, Column, Entity, Model};
use entity::trips::{Model as Trip, TripStatus};
use entity::vehicles::{FuelType, Model as Vehicle};
use entity::{drivers, expense_claim_lines, trip_bookings, trips};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    ModelTrait, QueryFilter, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::claims::json::ClaimInvoice;
use crate::claims::rules::key_of_invoice;
use crate::clock::office_day;
use crate::decimal::hundredths;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::fuel::refuels::json::{RefuelFilter, RefuelIn, RefuelOut, RefuelParts, RefuelPatch, RefuelSort};
use crate::fuel::{prices, rules, statements, tolerances};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::vehicles::odometer::{self, Reading};
use crate::vehicles::period::storable;
use crate::vehicles::store as vehicles;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "refuel";

/// Refuels within the caller's reach: for the office all, else those of the trips that carry a booking of the
/// caller's boards or that the caller drives.
fn within(call: &Call) -> Select<Entity> {
    let boards = match call.reach(Action::ReadRefuels) {
        Reach::Office => return Entity::find(),
        Reach::Boards(boards) => boards,
        Reach::None => return Entity::find().filter(Expr::value(false)),
    };
    let carried = Query::select()
        .column(trip_bookings::Column::TripId)
        .from(trip_bookings::Entity)
        .and_where(trip_bookings::Column::BoardId.is_in(boards))
        .to_owned();
    let mine = Query::select()
        .column(trips::Column::Id)
        .from(trips::Entity)
        .and_where(trips::Column::DriverId.in_subquery(driving(call)))
        .to_owned();
    let either =
        Condition::any().add(Column::TripId.in_subquery(carried)).add(Column::TripId.in_subquery(mine));
    Entity::find().filter(either)
}

/// The caller as a driver.
fn driving(call: &Call) -> SelectStatement {
    Query::select()
        .column(drivers::Column::Id)
        .from(drivers::Entity)
        .and_where(drivers::Column::StaffId.eq(call.caller.driver_in_any_board().unwrap_or_default()))
        .to_owned()
}

pub fn select(call: &Call, filter: &RefuelFilter) -> Select<Entity> {
    let mut select = within(call);
    for (column, id) in [(Column::VehicleId, filter.vehicle_id), (Column::TripId, filter.trip_id)] {
        if let Some(id) = id {
            select = select.filter(column.eq(id));
        }
    }
    if let Some(at) = filter.refuelled_at_from {
        select = select.filter(Column::RefuelledAt.gte(at));
    }
    if let Some(at) = filter.refuelled_at_before {
        select = select.filter(Column::RefuelledAt.lt(at));
    }
    select
}

pub fn order(sort: Option<RefuelSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        RefuelSort::RefuelledAt => (Column::RefuelledAt, false),
        RefuelSort::RefuelledAtDescending => (Column::RefuelledAt, true),
        RefuelSort::Amount => (Column::Amount, false),
        RefuelSort::AmountDescending => (Column::Amount, true),
    };
    Order { column, descending }
}

/// # Errors
/// 404, the same outside the caller's reach.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    within(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// Refuels with what they are shown with; the same queries for one and for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn show(db: &impl ConnectionTrait, refuels: Vec<Model>) -> ApiResult<Vec<RefuelOut>> {
    let days: Vec<NaiveDate> = refuels.iter().map(|refuel| office_day(refuel.refuelled_at)).collect();
    let prices = prices::on_each(db, days).await?;
    let tolerances = tolerances::all(db).await?;
    let claims = claims_of(db, refuels.iter().map(|refuel| refuel.id)).await?;
    let shown = refuels.into_iter().map(|refuel| {
        let day = office_day(refuel.refuelled_at);
        let tolerance = tolerances
            .iter()
            .find(|row| row.valid_from <= day && row.valid_to.is_none_or(|last| last >= day));
        let parts = RefuelParts {
            listed_price: prices.get(&(refuel.fuel_type.to_value(), day)).copied(),
            price_tolerance: tolerance.map(|row| row.price_percent_hundredths),
            claim_id: claims.get(&refuel.id).copied(),
        };
        RefuelOut::new(refuel, parts)
    });
    Ok(shown.collect())
}

/// # Errors
/// When the database does not answer.
pub async fn one(db: &impl ConnectionTrait, refuel: Model) -> ApiResult<RefuelOut> {
    let mut shown = show(db, vec![refuel]).await?;
    shown.pop().ok_or_else(|| ApiError::internal("a refuel vanished while it was shown"))
}

/// The claims, under way or paid, that ask for these refuels.
///
/// # Errors
/// When the database does not answer.
pub async fn claims_of(
    db: &impl ConnectionTrait,
    refuels: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Uuid>> {
    use expense_claim_lines::{Column, Entity};
    let lines = Entity::find().filter(Column::LiveRefuelId.is_in(refuels)).all(db).await?;
    Ok(lines.into_iter().filter_map(|line| Some((line.live_refuel_id?, line.claim_id))).collect())
}

/// What can be wrong with a refuel, whether it is new or corrected.
struct Checked {
    litres_hundredths: i64,
    invoice_key: String,
}

/// Enters a refuel of a car that is locked from here on.
///
/// # Errors
/// 409 for a closed month or an invoice that is there already, 422 with everything that is wrong.
pub async fn insert(tx: &Tx, call: &Call, body: &RefuelIn) -> ApiResult<Model> {
    let RefuelIn {
        vehicle_id,
        trip_id,
        refuelled_at,
        odometer_km,
        fuel_type,
        litres,
        unit_price,
        amount,
        invoice,
    } = body.clone();
    let refuelled_at = storable(refuelled_at);
    let car = vehicles::find_for_update(tx, vehicle_id).await.map_err(|error| match error.code() {
        Code::NotFound => ApiError::unknown_reference("vehicle_id"),
        _ => error,
    })?;
    statements::refuse_closed(tx.db(), car.id, office_day(refuelled_at)).await?;
    let mut broken = Vec::new();
    let trip = trip(tx, call, &car, trip_id, &mut broken).await?;
    let departed_at = trip.as_ref().and_then(|trip| trip.departed_at);
    if refuelled_at > tx.now || departed_at.is_some_and(|departed_at| refuelled_at < departed_at) {
        let when = text(
            "không ở tương lai và không trước khi xe khởi hành",
            "must not be in the future, nor before the trip's departure",
        );
        broken.push(FieldError::body("refuelled_at", "out_of_range", when));
    }
    if car.fuel_type != fuel_type || fuel_type == FuelType::Electric {
        let name = car.fuel_type.to_value();
        let wrong = text(format!("xe này dùng {name}"), format!("the car takes {name}"));
        broken.push(FieldError::body("fuel_type", "wrong_fuel", wrong));
    }
    let checked = check(tx, &litres, unit_price, amount, &invoice, &mut broken)?;
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let refuel = ActiveModel {
        id: Set(tx.id()),
        vehicle_id: Set(car.id),
        trip_id: Set(trip_id),
        refuelled_at: Set(refuelled_at),
        odometer_km: Set(odometer_km),
        fuel_type: Set(fuel_type),
        litres_hundredths: Set(checked.litres_hundredths),
        unit_price: Set(unit_price),
        amount: Set(amount),
        invoice_seller_tax_code: Set(invoice.seller_tax_code),
        invoice_number: Set(invoice.number),
        invoice_issued_on: Set(invoice.issued_on),
        invoice_key: Set(checked.invoice_key),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    enter(tx, refuel.insert(tx.db()).await?).await
}

/// Writes down the reading of a new refuel, and that it happened.
///
/// # Errors
/// 422 `odometer_went_back`.
pub async fn enter(tx: &Tx, refuel: Model) -> ApiResult<Model> {
    let reading = Reading {
        vehicle_id: refuel.vehicle_id,
        read_at: refuel.refuelled_at,
        km: refuel.odometer_km,
        kind: ReadingKind::Refuel,
        source_id: Some(refuel.id),
        gap_reason: None,
    };
    odometer::record(tx, &reading).await?;
    tx.record(Event::new("create", TYPE, refuel.id, 1).with(details(&refuel))).await?;
    Ok(refuel)
}

fn details(refuel: &Model) -> serde_json::Value {
    json!({
        "vehicle_id": refuel.vehicle_id, "litres": crate::decimal::decimal(refuel.litres_hundredths),
        "amount": refuel.amount, "invoice_number": refuel.invoice_number,
    })
}

/// The trip that a refuel names, if it is one of the car that has departed and the caller may enter refuels of it.
async fn trip(
    tx: &Tx,
    call: &Call,
    car: &Vehicle,
    trip_id: Option<Uuid>,
    broken: &mut Vec<FieldError>,
) -> ApiResult<Option<Trip>> {
    let for_all = call.reach(Action::EnterRefuel) == Reach::Office;
    let Some(trip_id) = trip_id else {
        if !for_all {
            let needed = text(
                "lái xe chỉ nhập lần đổ nhiên liệu của chuyến mình lái",
                "drivers enter refuels of the trips they drive",
            );
            broken.push(FieldError::body("trip_id", "required", needed));
        }
        return Ok(None);
    };
    let mut select = trips::Entity::find_by_id(trip_id);
    if !for_all {
        select = select.filter(trips::Column::DriverId.in_subquery(driving(call)));
    }
    let Some(trip) = select.one(tx.db()).await? else {
        broken.push(FieldError::unknown_reference("trip_id"));
        return Ok(None);
    };
    let departed = matches!(trip.status, TripStatus::Departed | TripStatus::Completed | TripStatus::Verified);
    if trip.vehicle_id != car.id || !departed {
        let wrong = text(
            "phải là một chuyến của xe này đã khởi hành",
            "must be a trip of this car that has departed",
        );
        broken.push(FieldError::body("trip_id", "not_of_this_car", wrong));
        return Ok(None);
    }
    Ok(Some(trip))
}

fn check(
    tx: &Tx,
    litres: &str,
    unit_price: i64,
    amount: i64,
    invoice: &ClaimInvoice,
    broken: &mut Vec<FieldError>,
) -> ApiResult<Checked> {
    let litres_hundredths =
        hundredths(litres).ok_or_else(|| ApiError::internal("a number was not checked at the door"))?;
    if litres_hundredths == 0 {
        let more = text("phải lớn hơn 0", "must be more than 0");
        broken.push(FieldError::body("litres", "out_of_range", more));
    } else if !rules::fits(litres_hundredths, unit_price, amount) {
        let right = rules::cost(litres_hundredths, unit_price);
        let wrong = text(
            format!("lít × đơn giá là {right} đồng"),
            format!("litres times unit price make {right} đồng"),
        );
        broken.push(FieldError::body("amount", "not_the_product", wrong));
    }
    if invoice.issued_on > office_day(tx.now) {
        let future = text("không được ở tương lai", "must not be in the future");
        broken.push(FieldError::body("invoice/issued_on", "out_of_range", future));
    }
    let ClaimInvoice { seller_tax_code, number, issued_on } = invoice;
    Ok(Checked { litres_hundredths, invoice_key: key_of_invoice(seller_tax_code, number, *issued_on) })
}

/// A refuel that this caller may change now; its car and itself are locked until the transaction ends.
///
/// # Errors
/// 404, 412, 403 for a driver of another trip, 409 for one that is claimed or in a closed statement.
pub async fn open_for_change(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let seen = find(tx.db(), call, id).await?;
    vehicles::find_for_update(tx, seen.vehicle_id).await?;
    let refuel = within(call).filter(Column::Id.eq(id)).lock(ROW_LOCK).one(tx.db()).await?;
    let refuel = refuel.ok_or_else(ApiError::not_found)?;
    call.expect_version(refuel.version)?;
    if call.reach(Action::EnterRefuel) != Reach::Office && !drives(tx, call, refuel.trip_id).await? {
        return Err(ApiError::forbidden(text(
            "Chỉ người lái chuyến này hoặc người điều xe sửa được.",
            "Only the driver of the trip or a dispatcher changes this.",
        )));
    }
    if !claims_of(tx.db(), [refuel.id]).await?.is_empty() {
        return Err(ApiError::new(
            Code::AlreadyClaimed,
            text(
                "Lần đổ nhiên liệu này đã được đề nghị thanh toán nên không sửa được.",
                "A claim asks for this refuel already, so it stays as it is.",
            ),
        ));
    }
    statements::refuse_closed(tx.db(), refuel.vehicle_id, office_day(refuel.refuelled_at)).await?;
    Ok(refuel)
}

async fn drives(tx: &Tx, call: &Call, trip_id: Option<Uuid>) -> ApiResult<bool> {
    let Some(trip_id) = trip_id else { return Ok(false) };
    let mine = trips::Column::DriverId.in_subquery(driving(call));
    Ok(trips::Entity::find_by_id(trip_id).filter(mine).one(tx.db()).await?.is_some())
}

/// # Errors
/// 409 for an invoice that is there already, 422 with everything that is wrong.
pub async fn update(tx: &Tx, call: &Call, refuel: Model, patch: &RefuelPatch) -> ApiResult<Model> {
    let RefuelPatch { trip_id, litres, unit_price, amount, invoice } = patch.clone();
    let car = vehicles::find(tx.db(), refuel.vehicle_id).await?;
    let mut broken = Vec::new();
    if let Some(trip_id) = trip_id {
        let trip = trip(tx, call, &car, trip_id, &mut broken).await?;
        let departed_at = trip.and_then(|trip| trip.departed_at);
        if departed_at.is_some_and(|departed_at| refuel.refuelled_at < departed_at) {
            let late = text("chuyến này khởi hành sau đó", "that trip departed after it");
            broken.push(FieldError::body("trip_id", "out_of_range", late));
        }
    }
    let litres = litres.unwrap_or_else(|| crate::decimal::decimal(refuel.litres_hundredths));
    let (unit_price, amount) = (unit_price.unwrap_or(refuel.unit_price), amount.unwrap_or(refuel.amount));
    let invoice = invoice.unwrap_or_else(|| ClaimInvoice {
        seller_tax_code: refuel.invoice_seller_tax_code.clone(),
        number: refuel.invoice_number.clone(),
        issued_on: refuel.invoice_issued_on,
    });
    let checked = check(tx, &litres, unit_price, amount, &invoice, &mut broken)?;
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let mut changed = refuel.clone().into_active_model();
    changed.trip_id = Set(trip_id.unwrap_or(refuel.trip_id));
    changed.litres_hundredths = Set(checked.litres_hundredths);
    changed.unit_price = Set(unit_price);
    changed.amount = Set(amount);
    changed.invoice_seller_tax_code = Set(invoice.seller_tax_code);
    changed.invoice_number = Set(invoice.number);
    changed.invoice_issued_on = Set(invoice.issued_on);
    changed.invoice_key = Set(checked.invoice_key);
    changed.version = Set(refuel.version + 1);
    changed.updated_at = Set(tx.now);
    let saved = changed.update(tx.db()).await?;
    tx.record(Event::new("update", TYPE, saved.id, saved.version).with(details(&saved))).await?;
    Ok(saved)
}

/// # Errors
/// 409 `in_use` where a claim that ended still names it.
pub async fn remove(tx: &Tx, refuel: Model) -> ApiResult<()> {
    let (id, version, details) = (refuel.id, refuel.version + 1, details(&refuel));
    refuel.delete(tx.db()).await?;
    tx.record(Event::new("delete", TYPE, id, version).with(details)).await
}
