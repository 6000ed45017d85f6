//! Whose turn it is with a booking, and what the caller can do with it.

use entity::user_roles::Role;
use entity::vehicle_bookings::{BookingStatus, Model};
use sea_orm::ActiveEnum;
use uuid::Uuid;

use crate::auth::deciders::Deciders;
use crate::bookings::json::BookingOut;
use crate::bookings::rules::{self, STEPS};
use crate::http::call::Call;
use crate::workflow::{self, WaitingOn};

/// Fills in whose turn it is and what the caller can do. `driver` is the member of staff who drives the trip.
pub fn complete(
    deciders: &Deciders,
    call: &Call,
    booking: &Model,
    driver: Option<Uuid>,
    out: &mut BookingOut,
) {
    out.waiting_on = waiting_on(deciders, booking, driver);
    let now = call.now();
    out.allowed_actions = Some(workflow::allowed_actions(call, STEPS, &booking.status, |step| {
        call.may(step.action, booking.board_id)?;
        rules::check_person(call, step, booking, now)
    }));
}

/// Whose turn it is.
pub(crate) fn waiting_on(deciders: &Deciders, booking: &Model, driver: Option<Uuid>) -> Option<WaitingOn> {
    let named = |role: Role, staff: Vec<Uuid>| (role.to_value(), staff);
    let ((role, staff), due_at) = match (workflow::whose_turn(STEPS, &booking.status), booking.status) {
        (Some("requester"), status) => {
            let due_at = (status == BookingStatus::Completed)
                .then(|| booking.waiting_since + rules::CLOSES_BY_ITSELF_AFTER);
            (("requester".to_owned(), vec![booking.requester_id]), due_at)
        }
        (Some(_), _) => (approvers(deciders, booking), Some(booking.starts_at)),
        // The dispatcher's and the driver's steps are the trip's.
        (None, BookingStatus::Approved) => {
            (named(Role::Dispatcher, deciders.of(Role::Dispatcher, None, None)), Some(booking.starts_at))
        }
        (None, BookingStatus::Scheduled) => {
            (named(Role::Driver, driver.into_iter().collect()), Some(booking.starts_at))
        }
        (None, BookingStatus::InProgress) => {
            (named(Role::Driver, driver.into_iter().collect()), Some(booking.ends_at))
        }
        (None, _) => return None,
    };
    Some(WaitingOn { role, staff, since: booking.waiting_since, due_at })
}

/// The heads of the board, or the chief of office where the requester is its only head.
fn approvers(deciders: &Deciders, booking: &Model) -> (String, Vec<Uuid>) {
    let requester = Some(booking.requester_id);
    let heads = deciders.of(Role::BoardHead, Some(booking.board_id), requester);
    if heads.is_empty() {
        return (Role::ChiefOfOffice.to_value(), deciders.of(Role::ChiefOfOffice, None, requester));
    }
    (Role::BoardHead.to_value(), heads)
}
