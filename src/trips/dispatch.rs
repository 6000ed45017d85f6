//! Everything that a dispatch order must fulfil, told at once.

use chrono::{DateTime, Utc};
use entity::holds::{HolderKind, Model as Hold, ResourceKind};
use entity::trips::Model as Trip;
use entity::vehicle_bookings::{BookingStatus, Model as Booking};
use entity::vehicles::{Model as Car, VehicleKind};
use entity::{drivers, vehicles};
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::bookings::rules::URGENT_GRACE;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::vehicles::drivers::{hours, licence};
use crate::vehicles::holds::{self, Holder, Wanted};
use crate::vehicles::papers;
use crate::vehicles::period::Period;
use crate::write::{ROW_LOCK, Tx};

/// A trip as it would be sent out: its row, its bookings (locked), and their order.
#[derive(Clone, Debug)]
pub struct Plan {
    pub trip: Trip,
    pub bookings: Vec<Booking>,
    pub order: Vec<Uuid>,
}

impl Plan {
    pub fn period(&self) -> Period {
        Period { starts_at: self.trip.starts_at, ends_at: self.trip.ends_at }
    }

    pub fn passengers(&self) -> i64 {
        self.bookings.iter().map(|booking| booking.passenger_count).sum()
    }

    /// The car's and the driver's time.
    pub fn wishes(&self) -> [Wanted; 2] {
        let board_id = self.order.first().and_then(|id| self.booking(*id)).map(|booking| booking.board_id);
        let holder = Holder { kind: HolderKind::Trip, id: self.trip.id, board_id };
        let wanted = |kind, resource_id| Wanted {
            kind,
            resource_id,
            period: self.period(),
            holder,
            passengers: self.passengers(),
        };
        [
            wanted(ResourceKind::Vehicle, self.trip.vehicle_id),
            wanted(ResourceKind::Driver, self.trip.driver_id),
        ]
    }

    fn booking(&self, id: Uuid) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.id == id)
    }
}

/// Refuses an order that cannot be sent out, with everything that is in the way. Car and driver stay locked.
///
/// # Errors
/// 409 `time_taken` where the car or the driver is held, else 422; `errors` lists every violation.
pub async fn check(tx: &Tx, call: &Call, plan: &Plan) -> ApiResult<()> {
    let car = vehicles::Entity::find_by_id(plan.trip.vehicle_id).lock(ROW_LOCK).one(tx.db()).await?;
    let driver = drivers::Entity::find_by_id(plan.trip.driver_id).lock(ROW_LOCK).one(tx.db()).await?;
    let (Some(car), Some(driver)) = (car, driver) else {
        return Err(ApiError::internal("a trip's car or driver vanished"));
    };
    let mut broken = bookings_unfit(plan);
    broken.extend(too_late(plan, tx.now));
    broken.extend(car_unfit(plan, &car));
    broken.extend(papers_missing(tx, plan, &car, &driver).await?);
    broken.extend(hours::broken(tx.db(), &driver, plan.period(), plan.trip.id).await?);
    let except: Vec<Uuid> = plan.order.iter().copied().chain([plan.trip.id]).collect();
    let in_the_way = holds::in_the_way(tx, &plan.wishes(), &except).await?;
    if in_the_way.is_empty() {
        return if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) };
    }
    for kind in [ResourceKind::Vehicle, ResourceKind::Driver] {
        if in_the_way.iter().any(|(wanted, _)| wanted.kind == kind) {
            broken.push(taken(kind));
        }
    }
    let clashes: Vec<Hold> = in_the_way.into_iter().map(|(_, hold)| hold).collect();
    let free = holds::nearest_free(tx.db(), plan.period(), plan.passengers()).await?;
    let refusal = holds::refusal(&call.reach(Action::ReadBookings), clashes);
    Err(refusal.with("free_vehicles", free).with_errors(broken))
}

fn taken(kind: ResourceKind) -> FieldError {
    let (field, vi, en) = match kind {
        ResourceKind::Vehicle => {
            ("vehicle_id", "xe đã được giữ; xem clashes", "the car is held; see clashes")
        }
        ResourceKind::Driver => {
            ("driver_id", "lái xe đã được giữ; xem clashes", "the driver is held; see clashes")
        }
    };
    FieldError::body(field, "time_taken", text(vi, en))
}

/// Bookings that nobody approved, that another trip carries, or that lie outside the trip's time.
fn bookings_unfit(plan: &Plan) -> Vec<FieldError> {
    let mut broken = Vec::new();
    for (index, id) in plan.order.iter().enumerate() {
        let Some(booking) = plan.booking(*id) else { continue };
        let field = format!("booking_ids/{index}");
        let carried_here =
            booking.trip_id == Some(plan.trip.id) && booking.status == BookingStatus::Scheduled;
        if booking.trip_id.is_some_and(|trip| trip != plan.trip.id) {
            broken.push(FieldError::body(
                &field,
                "on_another_trip",
                text(
                    format!("{} đã có chuyến khác", booking.number),
                    format!("another trip carries {}", booking.number),
                ),
            ));
        } else if booking.status != BookingStatus::Approved && !carried_here {
            broken.push(FieldError::body(
                &field,
                "not_approved",
                text(
                    format!("{} chưa được duyệt", booking.number),
                    format!("{} is not approved", booking.number),
                ),
            ));
        }
        if booking.starts_at < plan.trip.starts_at || plan.trip.ends_at < booking.ends_at {
            broken.push(FieldError::body(
                &field,
                "outside_trip",
                text(
                    format!("thời gian của {} nằm ngoài chuyến đi", booking.number),
                    format!("the time of {} is not within the trip's", booking.number),
                ),
            ));
        }
    }
    broken
}

/// An order is written before the trip is over; an urgent one up to a day after its start.
fn too_late(plan: &Plan, now: DateTime<Utc>) -> Option<FieldError> {
    let urgent = plan.bookings.iter().any(|booking| booking.urgent);
    let late = plan.trip.ends_at <= now && !(urgent && now < plan.trip.starts_at + URGENT_GRACE);
    late.then(|| {
        FieldError::body(
            "ends_at",
            "in_the_past",
            text("thời gian của chuyến đi đã qua", "the trip's time has passed"),
        )
    })
}

fn car_unfit(plan: &Plan, car: &Car) -> Vec<FieldError> {
    let mut broken = Vec::new();
    if plan.passengers() > car.seats {
        broken.push(FieldError::body(
            "vehicle_id",
            "too_many_passengers",
            text(
                format!("xe có {} chỗ, các đăng ký cần {} chỗ", car.seats, plan.passengers()),
                format!("the car has {} seats, the bookings need {}", car.seats, plan.passengers()),
            ),
        ));
    }
    if car.retired_on.is_some_and(|day| day <= plan.period().last_day()) {
        broken.push(FieldError::body(
            "vehicle_id",
            "vehicle_retired",
            text("xe không còn được sử dụng vào thời gian đó", "the car is out of service by then"),
        ));
    }
    let holder_rides = plan.bookings.iter().any(|booking| Some(booking.requester_id) == car.title_holder_id);
    if car.kind == VehicleKind::TitleCar && !holder_rides {
        broken.push(FieldError::body(
            "vehicle_id",
            "title_car",
            text(
                "xe chức danh chỉ phục vụ người giữ chức danh",
                "a title car is sent for its title holder only",
            ),
        ));
    }
    broken
}

/// Papers and licence, valid on every day of the trip; the licence's class fits the car.
async fn papers_missing(
    tx: &Tx,
    plan: &Plan,
    car: &Car,
    driver: &drivers::Model,
) -> ApiResult<Vec<FieldError>> {
    let (first_day, last_day) = (office_day(plan.trip.starts_at), plan.period().last_day());
    let missing = papers::store::missing(tx.db(), car.id, first_day, last_day).await?;
    let unfit = licence::check(tx.db(), driver, car.seats, last_day).await?;
    let of_car = missing.iter().map(|paper| paper.broken("vehicle_id"));
    Ok(of_car.chain(unfit.iter().map(|reason| reason.broken("driver_id"))).collect())
}
