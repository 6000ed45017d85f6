//! What a booking must fulfil, and the table of its steps. Nothing here asks the database.

use chrono::{DateTime, TimeDelta, Utc};
use entity::vehicle_bookings::{BookingStatus, Model};
use entity::vehicles::{self, VehicleKind};
use uuid::Uuid;

use BookingStatus::{
    Approved, Cancelled, Closed, Completed, Draft, Rejected, Returned, Scheduled, Submitted,
};

use crate::auth::permissions::Action;
use crate::bookings::json::{BookingIn, BookingPatch};
use crate::error::{ApiError, ApiResult, Code, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::vehicles::period::{Period, storable};
use crate::workflow::{Step, only, wrong_state};

/// How long before its start a booking is submitted at the latest unless it is urgent, so that the dispatcher
/// can still send a car. To become a setting of the office.
pub const MINIMUM_NOTICE: TimeDelta = TimeDelta::hours(2);

/// Until when after its start an urgent booking can be submitted and approved.
pub const URGENT_GRACE: TimeDelta = TimeDelta::hours(24);

/// A completed service that its requester does not confirm is closed by itself.
pub const CLOSES_BY_ITSELF_AFTER: TimeDelta = TimeDelta::days(3);

/// A car is given for this long at most; longer needs are no trip any more.
pub const LONGEST: TimeDelta = TimeDelta::days(31);

/// From this allowance coefficient on (in hundredths) the position gives a right to a car.
pub const CAR_RIGHT_HUNDREDTHS: i64 = 70;

/// The steps that people take. What follows from the trip (scheduled, in progress, completed) stands in
/// [`crate::trips`], what happens by itself (expiring, closing) in `expiry.rs`.
pub const STEPS: &[Step<BookingStatus>] = &[
    Step {
        from: &[Draft, Returned],
        verb: "submit",
        to: Submitted,
        action: Action::RequestCar,
        needs_reason: false,
        turn: Some("requester"),
        who: "requester",
        about: "a named car is held from here on, else 409 `time_taken` with the clashes and the nearest free cars",
    },
    Step {
        from: &[Submitted],
        verb: "approve",
        to: Approved,
        action: Action::ApproveBooking,
        needs_reason: false,
        turn: Some("board_head"),
        who: "head of the board, chief of office; not the requester",
        about: "explicit consent where the requester has no car right; the held car is checked again",
    },
    Step {
        from: &[Submitted, Approved],
        verb: "return",
        to: Returned,
        action: Action::DeclineBooking,
        needs_reason: true,
        turn: None,
        who: "head of the board, chief of office, dispatcher; not the requester",
        about: "the car is free again; the requester corrects and submits again",
    },
    Step {
        from: &[Submitted, Approved],
        verb: "reject",
        to: Rejected,
        action: Action::DeclineBooking,
        needs_reason: true,
        turn: None,
        who: "head of the board, chief of office, dispatcher; not the requester",
        about: "the car is free again",
    },
    Step {
        from: &[Draft, Submitted, Returned, Approved, Scheduled],
        verb: "cancel",
        to: Cancelled,
        action: Action::CancelBooking,
        needs_reason: true,
        turn: None,
        who: "requester before departure, head of the board, dispatcher",
        about: "the car or the seat on the trip is free again; a trip without bookings is void",
    },
    Step {
        from: &[Completed],
        verb: "confirm",
        to: Closed,
        action: Action::RequestCar,
        needs_reason: false,
        turn: Some("requester"),
        who: "requester; by itself after 3 days",
        about: "a note where km or time differ from the trip log",
    },
];

/// Refuses a step to this very person, whatever their role.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn check_person(
    call: &Call,
    step: &Step<BookingStatus>,
    booking: &Model,
    now: DateTime<Utc>,
) -> ApiResult<()> {
    let own = call.caller.staff_id == Some(booking.requester_id);
    match step.verb {
        "submit" | "confirm" => only_requester(call, booking),
        "cancel" if call.reach(Action::DeclineBooking).covers(booking.board_id) => Ok(()),
        "cancel" if matches!(booking.status, Approved | Scheduled) && booking.starts_at <= now => {
            Err(ApiError::forbidden(text(
                "Sau giờ khởi hành chỉ trưởng ban hoặc người điều xe được hủy.",
                "After the departure only the head of the board or the dispatcher cancels.",
            )))
        }
        "cancel" => only_requester(call, booking),
        _ if own => Err(four_eyes()),
        _ => Ok(()),
    }
}

/// # Errors
/// 403 `forbidden`.
pub fn only_requester(call: &Call, booking: &Model) -> ApiResult<()> {
    only(
        call,
        booking.requester_id,
        "Chỉ người đăng ký được làm việc này.",
        "Only the requester may do this.",
    )
}

/// Refuses an approval that comes too late or lacks the explicit consent.
///
/// # Errors
/// 409 `state_conflict`, 422 `consent_required`.
pub fn check_approval(booking: &Model, consent: bool, now: DateTime<Utc>) -> ApiResult<()> {
    if now >= latest_decision(booking.starts_at, booking.urgent) {
        return Err(too_late(booking));
    }
    if booking.needs_consent && !consent {
        let detail = text(
            "người đăng ký có hệ số dưới 0,70; người duyệt phải gửi consent: true",
            "the requester's coefficient is below 0.70; the approver must send consent: true",
        );
        return Err(ApiError::new(Code::ConsentRequired, detail.clone())
            .with_errors(vec![FieldError::body("consent", "consent_required", detail)]));
    }
    Ok(())
}

/// Until when a booking makes sense that nobody has decided yet: its start, and a day more if it is urgent.
fn latest_decision(starts_at: DateTime<Utc>, urgent: bool) -> DateTime<Utc> {
    if urgent { starts_at + URGENT_GRACE } else { starts_at }
}

fn too_late(booking: &Model) -> ApiError {
    let known = wrong_state(STEPS, &booking.status);
    let mut error = ApiError::new(
        Code::StateConflict,
        text(
            "Đã quá giờ khởi hành nên không duyệt được nữa (đăng ký khẩn: quá 24 giờ).",
            "The start has passed, so it cannot be approved any more (24 hours ago if urgent).",
        ),
    );
    for (name, value) in &known.problem().more {
        error = error.with(name, value);
    }
    error
}

/// Everything that a requester asks for, as it would stand in the record.
#[derive(Clone, Debug)]
pub struct Wish {
    pub purpose: String,
    pub pick_up_place: String,
    pub destination: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub passenger_count: i64,
    pub vehicle_id: Option<Uuid>,
    pub urgent: bool,
    pub urgent_reason: Option<String>,
}

impl From<&BookingIn> for Wish {
    fn from(body: &BookingIn) -> Self {
        let BookingIn {
            board_id: _,
            purpose,
            pick_up_place,
            destination,
            starts_at,
            ends_at,
            passenger_count,
            vehicle_id,
            urgent,
            urgent_reason,
        } = body.clone();
        Self {
            purpose,
            pick_up_place,
            destination,
            starts_at: storable(starts_at),
            ends_at: storable(ends_at),
            passenger_count,
            vehicle_id,
            urgent,
            urgent_reason: urgent_reason.filter(|reason| !reason.is_empty()),
        }
    }
}

impl From<&Model> for Wish {
    fn from(booking: &Model) -> Self {
        let booking = booking.clone();
        Self {
            purpose: booking.purpose,
            pick_up_place: booking.pick_up_place,
            destination: booking.destination,
            starts_at: booking.starts_at,
            ends_at: booking.ends_at,
            passenger_count: booking.passenger_count,
            vehicle_id: booking.vehicle_id,
            urgent: booking.urgent,
            urgent_reason: booking.urgent_reason,
        }
    }
}

impl Wish {
    /// With what a patch names; the rest stays.
    pub fn patched(self, patch: &BookingPatch) -> Self {
        let BookingPatch {
            purpose,
            pick_up_place,
            destination,
            starts_at,
            ends_at,
            passenger_count,
            vehicle_id,
            urgent,
            urgent_reason,
        } = patch.clone();
        let urgent_reason = urgent_reason.unwrap_or(self.urgent_reason);
        Self {
            purpose: purpose.unwrap_or(self.purpose),
            pick_up_place: pick_up_place.unwrap_or(self.pick_up_place),
            destination: destination.unwrap_or(self.destination),
            starts_at: starts_at.map_or(self.starts_at, storable),
            ends_at: ends_at.map_or(self.ends_at, storable),
            passenger_count: passenger_count.unwrap_or(self.passenger_count),
            vehicle_id: vehicle_id.unwrap_or(self.vehicle_id),
            urgent: urgent.unwrap_or(self.urgent),
            urgent_reason: urgent_reason.filter(|reason| !reason.is_empty()),
        }
    }

    /// Every rule that does not depend on whether it is submitted yet.
    pub fn broken(
        &self,
        car: Option<&vehicles::Model>,
        requester_id: Uuid,
        now: DateTime<Utc>,
    ) -> Vec<FieldError> {
        let mut broken = Vec::new();
        match Period::new(self.starts_at, self.ends_at) {
            None => broken.push(FieldError::body(
                "ends_at",
                "out_of_range",
                text("phải sau starts_at", "must be after starts_at"),
            )),
            Some(period) if period.length() > LONGEST => broken.push(FieldError::body(
                "ends_at",
                "too_long",
                text("một lần đăng ký tối đa 31 ngày", "a booking may be at most 31 days long"),
            )),
            Some(period) => broken.extend(car.and_then(|car| out_of_service(car, period))),
        }
        if now >= latest_decision(self.starts_at, self.urgent) {
            broken.push(FieldError::body(
                "starts_at",
                "in_the_past",
                text(
                    "đã qua; chỉ đăng ký khẩn được gửi muộn, trong 24 giờ",
                    "has passed; only an urgent booking may come late, by 24 hours",
                ),
            ));
        }
        if self.urgent && self.urgent_reason.is_none() {
            broken.push(FieldError::body(
                "urgent_reason",
                "required",
                text("đăng ký khẩn phải nêu lý do", "an urgent booking says why"),
            ));
        }
        broken.extend(car.into_iter().flat_map(|car| self.unfit(car, requester_id)));
        broken
    }

    /// The rule that only counts when the booking is submitted.
    pub fn without_notice(&self, now: DateTime<Utc>) -> Option<FieldError> {
        let short = !self.urgent && now < self.starts_at && self.starts_at < now + MINIMUM_NOTICE;
        short.then(|| {
            FieldError::body(
                "starts_at",
                "too_soon",
                text(
                    "phải gửi trước giờ khởi hành ít nhất 2 giờ, nếu không thì là đăng ký khẩn có lý do",
                    "is less than 2 hours away; make the booking urgent and say why",
                ),
            )
        })
    }

    /// What is against this car, for these people and this requester.
    pub fn unfit(&self, car: &vehicles::Model, requester_id: Uuid) -> Vec<FieldError> {
        let mut broken = Vec::new();
        if self.passenger_count > car.seats {
            broken.push(FieldError::body(
                "passenger_count",
                "too_many_passengers",
                text(format!("xe này có {} chỗ", car.seats), format!("this car has {} seats", car.seats)),
            ));
        }
        if car.kind == VehicleKind::TitleCar && car.title_holder_id != Some(requester_id) {
            broken.push(FieldError::body(
                "vehicle_id",
                "title_car",
                text(
                    "xe chức danh chỉ người giữ chức danh được đăng ký",
                    "only its title holder may ask for a title car",
                ),
            ));
        }
        broken
    }
}

fn out_of_service(car: &vehicles::Model, period: Period) -> Option<FieldError> {
    let retired = car.retired_on.is_some_and(|day| day <= period.last_day());
    retired.then(|| {
        FieldError::body(
            "vehicle_id",
            "vehicle_retired",
            text("xe không còn được sử dụng vào thời gian đó", "the car is out of service by then"),
        )
    })
}
