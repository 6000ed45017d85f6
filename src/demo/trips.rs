//! The demo office's trips: dispatch orders with what happened to each, and the readings of the odometers.

use entity::holds::{HolderKind, ResourceKind};
use entity::odometer_corrections::{self, CorrectionStatus};
use entity::odometer_entries::ReadingKind;
use entity::trips::{ActiveModel, Model, TripStatus};
use entity::vehicle_bookings::{BookingStatus, Model as Booking};
use entity::{driver_hours_rules, fuel_norms, number_series, trip_bookings, vehicle_bookings};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set};
use serde_json::Value;
use uuid::Uuid;

use crate::auth::permissions::Reach;
use crate::bookings::store as bookings;
use crate::clock::office_day;
use crate::demo::bookings::acting;
use crate::demo::{Demo, day, id, instant, link, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::fuel::norms;
use crate::fuel::rules::{Usage, allowed};
use crate::trips::{carriage, rules, sharing, store};
use crate::vehicles::drivers::hours_rules;
use crate::vehicles::holds::{self, Holder, Wanted};
use crate::vehicles::odometer::{self, Reading};
use crate::vehicles::period::Period;
use crate::write::{Event, ROW_LOCK, Tx};

/// This trip is back and waits for the dispatcher to verify it; those before it are verified.
const UNVERIFIED: &str = "do_05";

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    limit_hours(tx).await?;
    propose_correction(tx).await?;
    let mut rows: Vec<&Value> = demo.rows("dispatch_orders").collect();
    rows.sort_by_key(|row| string(row, "depart_at"));
    let mut last_number = 0;
    for row in rows {
        last_number = last_number.max(number(row).unwrap_or(0));
        send(tx, demo, row).await?;
    }
    let series = number_series::ActiveModel {
        series: Set("LĐX".to_owned()),
        year: Set(2025),
        last_number: Set(last_number),
    };
    number_series::Entity::insert(series).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// The office's own rule of drivers' hours.
async fn limit_hours(tx: &Tx) -> ApiResult<()> {
    let rule = driver_hours_rules::ActiveModel {
        id: Set(id("driver_hours_2019")),
        scope: Set("office".to_owned()),
        daily_minutes: Set(14 * 60),
        rest_minutes: Set(8 * 60),
        document_number: Set("05-QĐ/VPTU".to_owned()),
        issuer: Set("Văn phòng Tỉnh ủy (demo)".to_owned()),
        verification: Set(fuel_norms::Verification::Demo),
        valid_from: Set(day(&serde_json::json!({"from": "2019-01-01"}), "from")?),
        valid_to: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let rule = rule.insert(tx.db()).await?;
    tx.record(Event::new("create", hours_rules::TYPE, rule.id, 1)).await
}

/// The dispatcher noticed that a reading is wrong; somebody else has to agree.
async fn propose_correction(tx: &Tx) -> ApiResult<()> {
    let proposal = odometer_corrections::ActiveModel {
        id: Set(id("oc_innova_105")),
        vehicle_id: Set(id("v_innova_105")),
        km: Set(98_006),
        reason: Set("Ghi nhầm số km khi nhận xe từ xưởng; ảnh đồng hồ kèm theo".to_owned()),
        status: Set(CorrectionStatus::Proposed),
        proposed_by_id: Set(id("p_thinh")),
        decided_by_id: Set(None),
        decision_reason: Set(None),
        open_vehicle_id: Set(Some(id("v_innova_105"))),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(Some(id("lg_thinh"))),
    };
    let proposal = proposal.insert(tx.db()).await?;
    tx.record(Event::new("create", odometer::corrections::TYPE, proposal.id, 1)).await
}

/// `107-LĐX/VPTU` on paper is `107/LĐX-2025` here; plans have none.
fn number(row: &Value) -> Option<i64> {
    row["document_number"].as_str()?.split('-').next()?.parse().ok()
}

/// The plan, the order, and the trip as far as it went.
async fn send(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let booking = booking(tx, row).await?;
    let dispatcher = acting(tx, demo, &string(row, "dispatcher"), instant(row, "issued_at")?).await?;
    let mut trip = plan(&dispatcher, row, &booking).await?;
    if let Some(number) = number(row) {
        trip = issue(&dispatcher, trip, number, &booking).await?;
    }
    dispatcher.commit().await?;
    let log = demo.rows("trip_logs").find(|log| log["dispatch_order"] == row["ref"]);
    if !row["odometer_out_km"].is_null() {
        trip = depart(tx, demo, trip, row, log).await?;
    }
    if !row["returned_at"].is_null() {
        trip = complete(tx, demo, trip, row).await?;
        if string(row, "ref") != UNVERIFIED {
            verify(tx, demo, trip, row).await?;
        }
    }
    Ok(())
}

/// The booking as it stands now.
async fn booking(tx: &Tx, row: &Value) -> ApiResult<Booking> {
    let booking = vehicle_bookings::Entity::find_by_id(reference(row, "booking")?).lock(ROW_LOCK);
    booking.one(tx.db()).await?.ok_or_else(|| ApiError::internal("demo: a booking is missing"))
}

async fn plan(tx: &Tx, row: &Value, booking: &Booking) -> ApiResult<Model> {
    let route = string(row, "route_vi");
    let plan = ActiveModel {
        id: Set(reference(row, "ref")?),
        number: Set(None),
        vehicle_id: Set(reference(row, "vehicle")?),
        driver_id: Set(driver(row)),
        starts_at: Set(instant(row, "depart_at")?),
        ends_at: Set(instant(row, "expected_return_at")?),
        search: Set(store::search(None, &route, None)),
        route: Set(route),
        note: Set(None),
        status: Set(TripStatus::Planned),
        waiting_since: Set(tx.now),
        revision: Set(0),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
        ..store::empty_log()
    };
    let trip = plan.insert(tx.db()).await?;
    let carried = trip_bookings::ActiveModel {
        id: Set(tx.id()),
        trip_id: Set(trip.id),
        booking_id: Set(booking.id),
        board_id: Set(booking.board_id),
        passenger_count: Set(booking.passenger_count),
        share_km: Set(None),
        share_litres_hundredths: Set(None),
        carried_booking_id: Set(None),
    };
    carried.insert(tx.db()).await?;
    tx.record(store::event("create", &trip, 1, Some(booking.board_id))).await?;
    Ok(trip)
}

/// `p_tu` drives as `dr_tu`.
fn driver(row: &Value) -> Uuid {
    id(&string(row, "driver").replacen("p_", "dr_", 1))
}

async fn issue(tx: &Tx, trip: Model, number: i64, booking: &Booking) -> ApiResult<Model> {
    let number = rules::order_number(2025, number);
    let mut changed = store::changing(&trip);
    changed.search = Set(store::search(Some(&number), &trip.route, None));
    changed.number = Set(Some(number));
    changed.revision = Set(1);
    changed.issued_at = Set(Some(tx.now));
    changed.issued_by_id = Set(Some(id("p_thinh")));
    carriage::schedule(tx, &trip, std::slice::from_ref(booking)).await?;
    let holder = Holder { kind: HolderKind::Trip, id: trip.id, board_id: Some(booking.board_id) };
    for (kind, resource_id) in
        [(ResourceKind::Vehicle, trip.vehicle_id), (ResourceKind::Driver, trip.driver_id)]
    {
        let period = Period { starts_at: trip.starts_at, ends_at: trip.ends_at };
        let passengers = booking.passenger_count;
        holds::take(tx, &Reach::Office, &Wanted { kind, resource_id, period, holder, passengers }).await?;
    }
    advance(tx, trip, changed, "issue", TripStatus::Issued).await
}

async fn depart(tx: &Tx, demo: &Demo, trip: Model, row: &Value, log: Option<&Value>) -> ApiResult<Model> {
    let tx = acting(tx, demo, &string(row, "driver"), instant(row, "depart_at")?).await?;
    let km = row["odometer_out_km"].as_i64().unwrap_or(0);
    let gap_reason = log.and_then(|log| log["gap_reason_vi"].as_str());
    read(&tx, &trip, km, ReadingKind::Departure, gap_reason).await?;
    carriage::move_on(&tx, &trip, "depart", BookingStatus::InProgress).await?;
    let mut changed = store::changing(&trip);
    changed.departed_at = Set(Some(tx.now));
    changed.odometer_start_km = Set(Some(km));
    let trip = advance(&tx, trip, changed, "depart", TripStatus::Departed).await?;
    tx.commit().await?;
    Ok(trip)
}

async fn complete(tx: &Tx, demo: &Demo, mut trip: Model, row: &Value) -> ApiResult<Model> {
    let tx = acting(tx, demo, &string(row, "driver"), instant(row, "returned_at")?).await?;
    let km = row["odometer_in_km"].as_i64().unwrap_or(0);
    read(&tx, &trip, km, ReadingKind::Return, None).await?;
    let mut changed = store::changing(&trip);
    trip.odometer_end_km = Some(km);
    let on = office_day(trip.starts_at);
    let norm = norms::in_force(tx.db(), trip.vehicle_id, on).await?;
    let allowed = allowed(&norm, &Usage { km: rules::km(&trip)?, ..Usage::default() });
    trip.norm_litres_hundredths = Some(allowed.litres_hundredths);
    changed.norm_litres_hundredths = Set(Some(allowed.litres_hundredths));
    changed.norm_working = Set(Some(allowed.under(&norm, on).to_json()));
    changed.norm_id = Set(Some(norm.id));
    changed.returned_at = Set(Some(tx.now));
    changed.odometer_end_km = Set(Some(km));
    changed.mountain_km = Set(Some(0));
    changed.air_conditioned_km = Set(Some(0));
    changed.idling_minutes = Set(Some(0));
    sharing::divide(&tx, &trip, None).await?;
    holds::end_at(&tx, trip.id, tx.now).await?;
    carriage::move_on(&tx, &trip, "complete", BookingStatus::Completed).await?;
    let trip = advance(&tx, trip, changed, "complete", TripStatus::Completed).await?;
    tx.commit().await?;
    Ok(trip)
}

/// The dispatcher verifies the log, and the requester confirms the service.
async fn verify(tx: &Tx, demo: &Demo, trip: Model, row: &Value) -> ApiResult<()> {
    let dispatcher = acting(tx, demo, &string(row, "dispatcher"), instant(row, "returned_at")?).await?;
    let mut changed = store::changing(&trip);
    changed.verified_by_id = Set(link(row, "dispatcher"));
    advance(&dispatcher, trip, changed, "verify", TripStatus::Verified).await?;
    dispatcher.commit().await?;
    let booking = booking(tx, row).await?;
    let asked = demo.rows("vehicle_bookings").find(|asked| asked["ref"] == row["booking"]);
    let requester = string(asked.unwrap_or(&Value::Null), "requester");
    let requester = acting(tx, demo, &requester, instant(row, "returned_at")?).await?;
    let mut confirmed = booking.clone().into_active_model();
    confirmed.status = Set(BookingStatus::Closed);
    confirmed.waiting_since = Set(requester.now);
    confirmed.confirmed_by_id = Set(Some(booking.requester_id));
    let event = Event::new("confirm", bookings::TYPE, booking.id, booking.version + 1)
        .of_board(booking.board_id)
        .step(&booking.status, &BookingStatus::Closed);
    bookings::save(&requester, &booking, confirmed, event).await?;
    requester.commit().await
}

async fn read(tx: &Tx, trip: &Model, km: i64, kind: ReadingKind, gap_reason: Option<&str>) -> ApiResult<()> {
    let vehicle_id = trip.vehicle_id;
    let reading = Reading { vehicle_id, read_at: tx.now, km, kind, source_id: Some(trip.id), gap_reason };
    odometer::record(tx, &reading).await.map(drop)
}

async fn advance(
    tx: &Tx,
    trip: Model,
    mut changed: ActiveModel,
    verb: &str,
    to: TripStatus,
) -> ApiResult<Model> {
    changed.status = Set(to);
    changed.waiting_since = Set(tx.now);
    let board_id = store::carried(tx.db(), trip.id).await?.first().map(|row| row.board_id);
    let event = store::event(verb, &trip, trip.version + 1, board_id).step(&trip.status, &to);
    store::save(tx, &trip, changed, event).await
}
