//! Trips as the caller sees them: whole pages at once, with one query for each kind of related record.

use std::collections::BTreeMap;

use entity::trips::{Model, TripStatus};
use entity::user_roles::Role;
use entity::{drivers, staff, trip_bookings, vehicle_bookings, vehicles};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::auth::deciders::Deciders;
use crate::auth::permissions::{Action, Reach};
use crate::clock::TIME_ZONE;
use crate::decimal::decimal;
use crate::error::{ApiError, ApiResult};
use crate::fuel::rules::NormWorking;
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::trips::json::{TripBookingOut, TripExpand, TripOut};
use crate::trips::{rules, store};
use crate::vehicles::json::VehicleOut;
use crate::workflow::{self, WaitingOn};

/// One trip with everything that a single read shows.
///
/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, call: &Call, trip: Model) -> ApiResult<TripOut> {
    let all = [TripExpand::Bookings, TripExpand::AllowedActions];
    let shown = outs(db, call, vec![trip], &all).await?;
    shown.into_iter().next().ok_or_else(|| ApiError::internal("a trip vanished on its way out"))
}

/// A page of trips, in its order.
///
/// # Errors
/// When the database does not answer.
pub async fn outs(
    db: &impl ConnectionTrait,
    call: &Call,
    trips: Vec<Model>,
    expand: &[TripExpand],
) -> ApiResult<Vec<TripOut>> {
    let related = Related::load(db, call, &trips, expand).await?;
    Ok(trips.into_iter().map(|trip| related.show(call, trip)).collect())
}

/// What a page of trips needs beside their rows.
struct Related {
    carried: BTreeMap<Uuid, Vec<trip_bookings::Model>>,
    drivers: BTreeMap<Uuid, drivers::Model>,
    names: BTreeMap<Uuid, staff::Model>,
    bookings: BTreeMap<Uuid, vehicle_bookings::Model>,
    shows_bookings: bool,
    cars: BTreeMap<Uuid, vehicles::Model>,
    deciders: Option<Deciders>,
}

impl Related {
    async fn load(
        db: &impl ConnectionTrait,
        call: &Call,
        trips: &[Model],
        expand: &[TripExpand],
    ) -> ApiResult<Self> {
        let wants = |kind| expand.contains(&kind);
        let rows = trip_bookings::Entity::find()
            .filter(trip_bookings::Column::TripId.is_in(trips.iter().map(|trip| trip.id)))
            .order_by_asc(trip_bookings::Column::Id)
            .all(db)
            .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.booking_id).collect();
        let mut carried: BTreeMap<Uuid, Vec<trip_bookings::Model>> = BTreeMap::new();
        for row in rows {
            carried.entry(row.trip_id).or_default().push(row);
        }
        let drivers =
            by_id::<drivers::Entity, _>(db, trips.iter().map(|trip| trip.driver_id), drivers::Column::Id)
                .await?;
        let names =
            by_id::<staff::Entity, _>(db, drivers.values().map(|one| one.staff_id), staff::Column::Id)
                .await?;
        let bookings = by_id::<vehicle_bookings::Entity, _>(db, ids, vehicle_bookings::Column::Id).await?;
        let shows_bookings = wants(TripExpand::Bookings);
        let cars = trips.iter().map(|trip| trip.vehicle_id).filter(|_| wants(TripExpand::Vehicle));
        let cars = by_id::<vehicles::Entity, _>(db, cars, vehicles::Column::Id).await?;
        let deciders = match wants(TripExpand::AllowedActions) {
            true => Some(Deciders::load(db, call.today()).await?),
            false => None,
        };
        Ok(Self { carried, drivers, names, bookings, shows_bookings, cars, deciders })
    }

    fn show(&self, call: &Call, trip: Model) -> TripOut {
        let driver = self.drivers.get(&trip.driver_id).map(|driver| driver.staff_id).unwrap_or_default();
        let carried = self.carried.get(&trip.id).map(Vec::as_slice).unwrap_or_default();
        let seen: Vec<&trip_bookings::Model> =
            carried.iter().filter(|row| sees(call, driver, row.board_id)).collect();
        let own: Vec<_> =
            seen.iter().filter_map(|row| Some((*row, self.bookings.get(&row.booking_id)?))).collect();
        // Route and note may speak of other boards' places; who sees a part of the bookings reads of that part.
        let (route, note) = match seen.len() == carried.len() {
            true => (trip.route.clone(), trip.note.clone()),
            false => (store::route_of(own.iter().map(|(_, booking)| *booking)), None),
        };
        let bookings =
            self.shows_bookings.then(|| own.iter().map(|(row, booking)| booking_out(row, booking)).collect());
        let allowed_actions = self.deciders.as_ref().map(|_| {
            workflow::allowed_actions(call, rules::STEPS, &trip.status, |step| {
                rules::permit(call, step, driver)
            })
        });
        TripOut {
            id: trip.id,
            version: trip.version,
            status: trip.status,
            revision: trip.revision,
            vehicle_id: trip.vehicle_id,
            vehicle: self.cars.get(&trip.vehicle_id).cloned().map(VehicleOut::from),
            driver_id: trip.driver_id,
            driver_name: self.names.get(&driver).map(|person| person.full_name.clone()).unwrap_or_default(),
            booking_ids: seen.iter().map(|row| row.booking_id).collect(),
            bookings,
            passenger_count: carried.iter().map(|row| row.passenger_count).sum(),
            starts_at: trip.starts_at,
            ends_at: trip.ends_at,
            time_zone: TIME_ZONE,
            issued_at: trip.issued_at,
            issued_by_id: trip.issued_by_id,
            departed_at: trip.departed_at,
            returned_at: trip.returned_at,
            odometer_start_km: trip.odometer_start_km,
            odometer_end_km: trip.odometer_end_km,
            km: rules::km(&trip).ok(),
            mountain_km: trip.mountain_km,
            air_conditioned_km: trip.air_conditioned_km,
            idling_minutes: trip.idling_minutes,
            norm_id: trip.norm_id,
            norm_litres: trip.norm_litres_hundredths.map(decimal),
            verified_by_id: trip.verified_by_id,
            waiting_on: self.deciders.as_ref().and_then(|deciders| waiting_on(deciders, &trip, driver)),
            allowed_actions,
            created_at: trip.created_at,
            updated_at: trip.updated_at,
            created_by_id: trip.created_by_id,
            number: trip.number,
            route,
            note,
            norm_working: trip.norm_working.as_ref().and_then(NormWorking::from_json),
            decision_reason: trip.decision_reason,
        }
    }
}

/// Of a trip's bookings a board sees its own; the driver sees all, to know whom to fetch where.
fn sees(call: &Call, driver: Uuid, board_id: Uuid) -> bool {
    match call.reach(Action::ReadTrips) {
        Reach::Office => true,
        Reach::Boards(boards) => {
            call.caller.driver_in_any_board() == Some(driver) || boards.contains(&board_id)
        }
        Reach::None => false,
    }
}

fn booking_out(row: &trip_bookings::Model, booking: &vehicle_bookings::Model) -> TripBookingOut {
    TripBookingOut {
        booking_id: booking.id,
        number: booking.number.clone(),
        board_id: booking.board_id,
        passenger_count: row.passenger_count,
        pick_up_place: booking.pick_up_place.clone(),
        destination: booking.destination.clone(),
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
        share_km: row.share_km,
        share_litres: row.share_litres_hundredths.map(decimal),
    }
}

/// Whose turn it is.
pub(crate) fn waiting_on(deciders: &Deciders, trip: &Model, driver: Uuid) -> Option<WaitingOn> {
    let turn = workflow::whose_turn(rules::STEPS, &trip.status)?;
    let staff = match turn {
        "driver" => vec![driver],
        // Nobody verifies their own drive.
        _ => deciders.of(Role::Dispatcher, None, (trip.status == TripStatus::Completed).then_some(driver)),
    };
    let due_at = match trip.status {
        TripStatus::Planned | TripStatus::Issued => Some(trip.starts_at),
        TripStatus::Departed => Some(trip.ends_at),
        _ => None,
    };
    let role = if turn == "driver" { Role::Driver } else { Role::Dispatcher };
    Some(WaitingOn { role: role.to_value(), staff, since: trip.waiting_since, due_at })
}
