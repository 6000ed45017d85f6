//! What each kind of notification is about.

use entity::notifications::NotificationKind;

use NotificationKind::{
    AdvanceOverdue, BookingCancelled, BookingRejected, BookingReturned, ClaimPaid, ClaimRejected,
    ClaimReturned, LicenceExpiring, PaperExpiring, TaskAcceptSoon, TaskAssigned, TaskDueSoon, TaskEscalated,
    TaskMoved, TaskOverdue, TripAmended, TripIssued, TripVoided,
};

use crate::auth::permissions::Action;
use crate::http::reply::Resource;
use crate::{bookings, claims, conferences, trips, vehicles};

/// A kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// As in history and change feed.
    pub resource_type: &'static str,
    pub collection: &'static str,
    /// What lets somebody read records of the kind.
    pub read_by: Action,
}

fn subject<R: Resource>(resource_type: &'static str, read_by: Action) -> Subject {
    Subject { resource_type, collection: R::COLLECTION, read_by }
}

pub fn of(kind: NotificationKind) -> Subject {
    match kind {
        TaskAssigned | TaskMoved | TaskEscalated | TaskAcceptSoon | TaskDueSoon | TaskOverdue => {
            subject::<conferences::tasks::json::ConferenceTaskOut>(
                conferences::tasks::store::TYPE,
                Action::ReadConferences,
            )
        }
        BookingReturned | BookingRejected | BookingCancelled => {
            subject::<bookings::json::BookingOut>(bookings::store::TYPE, Action::ReadBookings)
        }
        TripIssued | TripAmended | TripVoided => {
            subject::<trips::json::TripOut>(trips::store::TYPE, Action::ReadTrips)
        }
        ClaimReturned | ClaimRejected | ClaimPaid => {
            subject::<claims::json::ClaimOut>(claims::store::TYPE, Action::ReadClaims)
        }
        AdvanceOverdue => {
            subject::<claims::advances::json::AdvanceOut>(claims::advances::store::TYPE, Action::ReadClaims)
        }
        PaperExpiring => subject::<vehicles::papers::json::VehiclePaperOut>(
            vehicles::papers::store::TYPE,
            Action::ReadDirectory,
        ),
        LicenceExpiring => subject::<vehicles::drivers::json::DriverOut>(
            vehicles::drivers::store::TYPE,
            Action::ReadDirectory,
        ),
    }
}
