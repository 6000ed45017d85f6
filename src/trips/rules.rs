//! The table of a trip's steps, and who may take them.

use entity::trips::{Model, TripStatus};
use uuid::Uuid;

use TripStatus::{Completed, Departed, Issued, Planned, Verified, Void};

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::trips::json::TripCompleteIn;
use crate::vehicles::period::Period;
use crate::workflow::{Step, only};

/// The life of a trip.
pub const STEPS: &[Step<TripStatus>] = &[
    Step {
        from: &[Planned],
        verb: "issue",
        to: Issued,
        action: Action::DispatchTrip,
        needs_reason: false,
        turn: Some("dispatcher"),
        who: "dispatcher",
        about: "car and driver are held for the whole time and the order gets its number; any failure answers with all violations and changes nothing",
    },
    Step {
        from: &[Issued],
        verb: "amend",
        to: Issued,
        action: Action::DispatchTrip,
        needs_reason: false,
        turn: None,
        who: "dispatcher",
        about: "another car, driver, time, route or other bookings, with the same checks; the revision grows by one",
    },
    Step {
        from: &[Issued],
        verb: "depart",
        to: Departed,
        action: Action::DriveTrip,
        needs_reason: false,
        turn: Some("driver"),
        who: "the trip's driver, dispatcher",
        about: "the odometer shows at least its last reading; a gap has its reason",
    },
    Step {
        from: &[Departed],
        verb: "complete",
        to: Completed,
        action: Action::DriveTrip,
        needs_reason: false,
        turn: Some("driver"),
        who: "the trip's driver, dispatcher",
        about: "the odometer shows more than at the departure; the litres allowed by the norm of the departure day are computed and kept",
    },
    Step {
        from: &[Completed],
        verb: "verify",
        to: Verified,
        action: Action::DispatchTrip,
        needs_reason: false,
        turn: Some("dispatcher"),
        who: "dispatcher, not the driver",
        about: "km and litres are shared out among the bookings exactly",
    },
    Step {
        from: &[Planned, Issued],
        verb: "void",
        to: Void,
        action: Action::DispatchTrip,
        needs_reason: true,
        turn: None,
        who: "dispatcher",
        about: "car and driver are free again, the bookings approved; the number is not used again",
    },
];

/// Refuses a step to this very caller. `driver` is the member of staff who drives the trip.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn permit(call: &Call, step: &Step<TripStatus>, driver: Uuid) -> ApiResult<()> {
    match call.reach(step.action) {
        Reach::Office if step.verb == "verify" && call.caller.staff_id == Some(driver) => Err(four_eyes()),
        Reach::Office => Ok(()),
        Reach::Boards(_) => only(
            call,
            driver,
            "Việc này dành cho lái xe của chuyến và người điều xe.",
            "This is for the driver of the trip and the dispatcher.",
        ),
        Reach::None => Err(call.caller.refusal(step.action)),
    }
}

/// Everything that is wrong with what was noted at the return.
pub fn broken_log(trip: &Model, log: &TripCompleteIn, out: Period) -> Vec<FieldError> {
    let mut broken = Vec::new();
    let start = trip.odometer_start_km.unwrap_or(0);
    let km = log.odometer_km - start;
    if km < 0 {
        broken.push(FieldError::body(
            "odometer_km",
            "odometer_went_back",
            text(
                format!("lúc khởi hành đồng hồ chỉ {start} km"),
                format!("the odometer showed {start} km at the departure"),
            ),
        ));
    }
    if km == 0 {
        broken.push(FieldError::body(
            "odometer_km",
            "km_must_be_positive",
            text("chuyến đi phải có số km lớn hơn 0", "a trip has more than 0 km"),
        ));
    }
    for (field, part) in [("mountain_km", log.mountain_km), ("air_conditioned_km", log.air_conditioned_km)] {
        if part > km.max(0) {
            broken.push(FieldError::body(
                field,
                "out_of_range",
                text(
                    format!("nhiều nhất là {} km của chuyến", km.max(0)),
                    format!("is at most the {} km of the trip", km.max(0)),
                ),
            ));
        }
    }
    if log.idling_minutes > out.length().num_minutes() {
        broken.push(FieldError::body(
            "idling_minutes",
            "out_of_range",
            text(
                format!("chuyến đi chỉ dài {} phút", out.length().num_minutes()),
                format!("the trip took only {} minutes", out.length().num_minutes()),
            ),
        ));
    }
    broken
}

/// `07/LĐX-2026`.
pub fn order_number(year: i64, number: i64) -> String {
    format!("{number:02}/LĐX-{year}")
}

/// The km of a trip that is back.
///
/// # Errors
/// 500 for a trip that is not.
pub fn km(trip: &Model) -> ApiResult<i64> {
    match (trip.odometer_start_km, trip.odometer_end_km) {
        (Some(start), Some(end)) => Ok(end - start),
        _ => Err(ApiError::internal("a completed trip has no readings")),
    }
}
