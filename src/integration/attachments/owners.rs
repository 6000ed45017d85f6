//! The records that files belong to. A new kind is a name in [`OwnerType`], a line in [`look`] and its rule.
//!
//! | Record | Who adds and deletes files | While it is |
//! |---|---|---|
//! | expense claim | the claimant | draft, returned |
//! | travel order | who wrote it, the first traveller | draft, returned, approved |
//! | advance | the requester | requested |
//! | vehicle booking | the requester | draft, returned |
//! | trip | its driver, the dispatcher | not verified, not void |
//! | conference | coordinator, board head, chief of office | there |
//! | conference task | the lead | not done, not cancelled |
//!
//! An accountant who misses a paper returns the claim: nobody puts papers into somebody else's file.

use entity::advances::{self, AdvanceStatus};
use entity::attachments::OwnerType;
use entity::expense_claims::{self, ClaimStatus};
use entity::travel_orders::{self, TravelOrderStatus};
use entity::vehicle_bookings::{self, BookingStatus};
use entity::{conference_tasks, conferences, drivers, trips, trips::TripStatus};
use sea_orm::{ActiveEnum, ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::conferences::tasks;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::travel::orders;
use crate::workflow::only;
use crate::write::Tx;
use crate::{bookings, claims, conferences as meetings, trips as journeys};

/// A record with files, as far as its files need it.
pub struct Owner {
    /// The record's board; of a trip that of its first booking.
    pub board_id: Option<Uuid>,
    record: Record,
}

enum Record {
    Claim(expense_claims::Model),
    Order(travel_orders::Model),
    Advance(advances::Model),
    Booking(vehicle_bookings::Model),
    Trip { trip: trips::Model, driver: Uuid },
    Conference(conferences::Model),
    Task(conference_tasks::Model),
}

/// How a record is looked at.
#[derive(Clone, Copy)]
enum Look<'a> {
    /// To read it.
    Read,
    /// To change its files: locked until the transaction ends.
    Change(&'a Tx),
}

/// The record, if the caller may read it.
///
/// # Errors
/// 404, the same for a record outside the caller's reach.
pub async fn find(db: &impl ConnectionTrait, call: &Call, kind: OwnerType, id: Uuid) -> ApiResult<Owner> {
    look(db, call, kind, id, Look::Read).await
}

/// The record, locked, so that two requests do not add its last file twice.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, kind: OwnerType, id: Uuid) -> ApiResult<Owner> {
    look(tx.db(), call, kind, id, Look::Change(tx)).await
}

async fn look(
    db: &impl ConnectionTrait,
    call: &Call,
    kind: OwnerType,
    id: Uuid,
    look: Look<'_>,
) -> ApiResult<Owner> {
    let record = match (kind, look) {
        (OwnerType::ExpenseClaim, Look::Read) => Record::Claim(claims::store::find(db, call, id).await?),
        (OwnerType::ExpenseClaim, Look::Change(tx)) => {
            Record::Claim(claims::store::find_for_update(tx, call, id).await?)
        }
        (OwnerType::TravelOrder, Look::Read) => Record::Order(orders::store::find(db, call, id).await?),
        (OwnerType::TravelOrder, Look::Change(tx)) => {
            Record::Order(orders::store::find_for_update(tx, call, id).await?)
        }
        (OwnerType::Advance, Look::Read) => {
            Record::Advance(claims::advances::store::find(db, call, id).await?)
        }
        (OwnerType::Advance, Look::Change(tx)) => {
            Record::Advance(claims::advances::store::find_for_update(tx, call, id).await?)
        }
        (OwnerType::VehicleBooking, Look::Read) => {
            Record::Booking(bookings::store::find(db, call, id).await?)
        }
        (OwnerType::VehicleBooking, Look::Change(tx)) => {
            Record::Booking(bookings::store::find_for_update(tx, call, id).await?)
        }
        (OwnerType::Trip, Look::Read) => with_driver(db, journeys::store::find(db, call, id).await?).await?,
        (OwnerType::Trip, Look::Change(tx)) => {
            with_driver(db, journeys::store::find_for_update(tx, call, id).await?).await?
        }
        (OwnerType::Conference, Look::Read) => Record::Conference(meetings::store::find(db, call, id).await?),
        (OwnerType::Conference, Look::Change(tx)) => {
            Record::Conference(meetings::store::find_for_update(tx, call, id).await?)
        }
        (OwnerType::ConferenceTask, Look::Read) => Record::Task(tasks::store::find(db, call, id).await?),
        (OwnerType::ConferenceTask, Look::Change(tx)) => {
            Record::Task(tasks::store::find_for_update(tx, call, id).await?)
        }
    };
    let board_id = match &record {
        Record::Claim(claim) => Some(claim.board_id),
        Record::Order(order) => Some(order.board_id),
        Record::Advance(advance) => Some(advance.board_id),
        Record::Booking(booking) => Some(booking.board_id),
        Record::Trip { trip, .. } => {
            journeys::store::carried(db, trip.id).await?.first().map(|booking| booking.board_id)
        }
        Record::Conference(conference) => Some(conference.board_id),
        Record::Task(task) => Some(task.board_id),
    };
    Ok(Owner { board_id, record })
}

async fn with_driver(db: &impl ConnectionTrait, trip: trips::Model) -> ApiResult<Record> {
    let driver = drivers::Entity::find_by_id(trip.driver_id).one(db).await?;
    let driver = driver.ok_or_else(|| ApiError::internal("a trip without its driver"))?.staff_id;
    Ok(Record::Trip { trip, driver })
}

impl Owner {
    /// Whether the caller may add and delete files of the record as it stands.
    ///
    /// # Errors
    /// 403, then 409 `state_conflict`.
    pub fn permit_change(&self, call: &Call) -> ApiResult<()> {
        match &self.record {
            Record::Claim(claim) => {
                call.may_own(Action::ClaimExpenses, claim.board_id, claim.claimant_id)?;
                only(
                    call,
                    claim.claimant_id,
                    "Chỉ người đề nghị đính kèm hoặc xóa tệp của hồ sơ.",
                    "Only the claimant adds and deletes files of the claim.",
                )?;
                still_open(matches!(claim.status, ClaimStatus::Draft | ClaimStatus::Returned), &claim.status)
            }
            Record::Order(order) => {
                use TravelOrderStatus::{Approved, Draft, Returned};
                orders::rules::own(call, order, Action::RequestTravel)?;
                still_open(matches!(order.status, Draft | Returned | Approved), &order.status)
            }
            Record::Advance(advance) => {
                call.may_own(Action::RequestAdvance, advance.board_id, advance.requester_id)?;
                only(
                    call,
                    advance.requester_id,
                    "Chỉ người đề nghị đính kèm hoặc xóa tệp của tạm ứng.",
                    "Only the requester adds and deletes files of the advance.",
                )?;
                still_open(advance.status == AdvanceStatus::Requested, &advance.status)
            }
            Record::Booking(booking) => {
                call.may(Action::RequestCar, booking.board_id)?;
                bookings::rules::only_requester(call, booking)?;
                let open = matches!(booking.status, BookingStatus::Draft | BookingStatus::Returned);
                still_open(open, &booking.status)
            }
            Record::Trip { trip, driver } => {
                drives(call, *driver)?;
                let open = !matches!(trip.status, TripStatus::Verified | TripStatus::Void);
                still_open(open, &trip.status)
            }
            Record::Conference(conference) => meetings::rules::may_arrange(call, conference),
            Record::Task(task) => {
                call.within_limits(task.lead_board_id)?;
                if call.reach(Action::LeadTask).is_empty() {
                    return Err(call.caller.refusal(Action::LeadTask));
                }
                only(
                    call,
                    task.lead_id,
                    "Chỉ người chủ trì đính kèm hoặc xóa tệp của việc.",
                    "Only the lead adds and deletes files of the task.",
                )?;
                still_open(meetings::rules::is_open(task.status), &task.status)
            }
        }
    }

    /// Whether the same bytes on other claims are told to the caller: to who verifies the record, and to those who
    /// read the claims of the whole office.
    pub fn tells_twins(&self, call: &Call) -> bool {
        let Record::Claim(claim) = &self.record else { return false };
        call.reach(Action::ReadClaims) == Reach::Office
            || call.reach(Action::VerifyClaim).covers(claim.board_id)
    }
}

fn drives(call: &Call, driver: Uuid) -> ApiResult<()> {
    match call.reach(Action::DriveTrip) {
        Reach::Office => Ok(()),
        Reach::Boards(_) => only(
            call,
            driver,
            "Việc này dành cho lái xe của chuyến và người điều xe.",
            "This is for the driver of the trip and the dispatcher.",
        ),
        Reach::None => Err(call.caller.refusal(Action::DriveTrip)),
    }
}

fn still_open<S: ActiveEnum<Value = String>>(open: bool, status: &S) -> ApiResult<()> {
    if open {
        return Ok(());
    }
    let status = status.to_value();
    Err(ApiError::new(
        Code::StateConflict,
        text(
            format!("Hồ sơ đang ở trạng thái {status}; tệp của nó không đổi được nữa."),
            format!("The record is {status}; its files can no longer be changed."),
        ),
    )
    .with("current_status", status)
    .with("possible_actions", Vec::<String>::new()))
}
