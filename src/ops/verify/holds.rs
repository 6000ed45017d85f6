//! Every hold against the record that it is made for, and the other way round; and no car or driver is held twice.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::holds::{Column, Entity, HolderKind, Model, ResourceKind};
use entity::trips::{self, TripStatus};
use entity::vehicle_bookings::{self, BookingStatus};
use entity::{audit_events, driver_absences, vehicle_downtimes};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use crate::ops::verify::{Check, PAGE, Pages};

/// What a record is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    kind: ResourceKind,
    resource_id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// What each living record is to hold, by its id.
type Dues = BTreeMap<Uuid, Vec<Due>>;

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("holds");
    check_holds(db, &mut check).await?;
    check_holders(db, &mut check).await?;
    check_overlaps(db, &mut check).await?;
    Ok(check)
}

/// Submitted and approved bookings hold the car that they name; from then on their trip does.
fn bookings() -> Select<vehicle_bookings::Entity> {
    use vehicle_bookings::{Column, Entity};
    let living = [BookingStatus::Submitted, BookingStatus::Approved];
    Entity::find().filter(Column::Status.is_in(living)).filter(Column::VehicleId.is_not_null())
}

/// Trips that were sent out hold car and driver, also for as long as they lasted.
fn trips() -> Select<trips::Entity> {
    let living = [TripStatus::Issued, TripStatus::Departed, TripStatus::Completed, TripStatus::Verified];
    trips::Entity::find().filter(trips::Column::Status.is_in(living))
}

fn of_booking(booking: &vehicle_bookings::Model) -> Vec<Due> {
    let due = booking.vehicle_id.map(|resource_id| Due {
        kind: ResourceKind::Vehicle,
        resource_id,
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
    });
    due.into_iter().collect()
}

/// A trip that came back early gave the rest of its time back; one that came back late took no more.
fn of_trip(trip: &trips::Model) -> Vec<Due> {
    let starts_at = trip.starts_at;
    let ends_at = trip.returned_at.map_or(trip.ends_at, |returned_at| returned_at.min(trip.ends_at));
    if ends_at <= starts_at {
        return Vec::new();
    }
    [(ResourceKind::Vehicle, trip.vehicle_id), (ResourceKind::Driver, trip.driver_id)]
        .map(|(kind, resource_id)| Due { kind, resource_id, starts_at, ends_at })
        .into()
}

fn of_downtime(row: &vehicle_downtimes::Model) -> Vec<Due> {
    let (resource_id, starts_at, ends_at) = (row.vehicle_id, row.starts_at, row.ends_at);
    vec![Due { kind: ResourceKind::Vehicle, resource_id, starts_at, ends_at }]
}

fn of_absence(row: &driver_absences::Model) -> Vec<Due> {
    let (resource_id, starts_at, ends_at) = (row.driver_id, row.starts_at, row.ends_at);
    vec![Due { kind: ResourceKind::Driver, resource_id, starts_at, ends_at }]
}

/// Each hold belongs to a living record and is what that record is to hold.
async fn check_holds(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    let mut pages = Pages::of(Entity::find(), Column::Id, |hold: &Model| hold.id);
    while let Some(holds) = pages.next(db, check).await? {
        for kind in [HolderKind::Booking, HolderKind::Trip, HolderKind::Downtime, HolderKind::Absence] {
            let of_kind: Vec<&Model> = holds.iter().filter(|hold| hold.held_by_kind == kind).collect();
            let ids: Vec<Uuid> = of_kind.iter().map(|hold| hold.held_by_id).collect();
            let dues = dues_of(db, kind, ids).await?;
            for hold in of_kind {
                fits(check, hold, dues.get(&hold.held_by_id));
            }
        }
    }
    Ok(())
}

async fn dues_of(db: &impl ConnectionTrait, kind: HolderKind, ids: Vec<Uuid>) -> Result<Dues, DbErr> {
    Ok(match kind {
        HolderKind::Booking => {
            let rows = bookings().filter(vehicle_bookings::Column::Id.is_in(ids)).all(db).await?;
            rows.iter().map(|row| (row.id, of_booking(row))).collect()
        }
        HolderKind::Trip => {
            let rows = trips().filter(trips::Column::Id.is_in(ids)).all(db).await?;
            rows.iter().map(|row| (row.id, of_trip(row))).collect()
        }
        HolderKind::Downtime => {
            use vehicle_downtimes::{Column, Entity};
            let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
            rows.iter().map(|row| (row.id, of_downtime(row))).collect()
        }
        HolderKind::Absence => {
            use driver_absences::{Column, Entity};
            let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
            rows.iter().map(|row| (row.id, of_absence(row))).collect()
        }
    })
}

fn fits(check: &mut Check, hold: &Model, dues: Option<&Vec<Due>>) {
    let (kind, holder) = (hold.held_by_kind.to_value(), hold.held_by_id);
    let held = Due {
        kind: hold.resource_kind,
        resource_id: hold.resource_id,
        starts_at: hold.starts_at,
        ends_at: hold.ends_at,
    };
    match dues {
        None => check.differs(hold.id, format!("{kind} {holder} is gone or over and holds nothing")),
        Some(dues) if dues.contains(&held) => {}
        Some(_) => {
            let Due { resource_id, starts_at, ends_at, .. } = held;
            let detail = format!("{kind} {holder} does not hold {resource_id} from {starts_at} to {ends_at}");
            check.differs(hold.id, detail);
        }
    }
}

/// Each living record has its holds. Whether they fit is said of the holds.
async fn check_holders(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    let mut pages =
        Pages::of(bookings(), vehicle_bookings::Column::Id, |row: &vehicle_bookings::Model| row.id);
    while let Some(rows) = pages.next(db, check).await? {
        let mut lacking = lacking(db, rows.iter().map(|row| (row.id, of_booking(row))).collect()).await?;
        forgive_taken_off(db, &mut lacking).await?;
        name(check, &lacking);
    }
    let mut pages = Pages::of(trips(), trips::Column::Id, |row: &trips::Model| row.id);
    while let Some(rows) = pages.next(db, check).await? {
        name(check, &lacking(db, rows.iter().map(|row| (row.id, of_trip(row))).collect()).await?);
    }
    let downtimes = vehicle_downtimes::Entity::find();
    let mut pages =
        Pages::of(downtimes, vehicle_downtimes::Column::Id, |row: &vehicle_downtimes::Model| row.id);
    while let Some(rows) = pages.next(db, check).await? {
        name(check, &lacking(db, rows.iter().map(|row| (row.id, of_downtime(row))).collect()).await?);
    }
    let absences = driver_absences::Entity::find();
    let mut pages = Pages::of(absences, driver_absences::Column::Id, |row: &driver_absences::Model| row.id);
    while let Some(rows) = pages.next(db, check).await? {
        name(check, &lacking(db, rows.iter().map(|row| (row.id, of_absence(row))).collect()).await?);
    }
    Ok(())
}

/// What these records are to hold and do not.
async fn lacking(db: &impl ConnectionTrait, mut dues: Dues) -> Result<Dues, DbErr> {
    let held: Vec<(Uuid, Uuid)> = Entity::find()
        .filter(Column::HeldById.is_in(dues.keys().copied()))
        .select_only()
        .columns([Column::HeldById, Column::ResourceId])
        .into_tuple()
        .all(db)
        .await?;
    let held: BTreeSet<(Uuid, Uuid)> = held.into_iter().collect();
    for (id, due) in &mut dues {
        due.retain(|due| !held.contains(&(*id, due.resource_id)));
    }
    dues.retain(|_, due| !due.is_empty());
    Ok(dues)
}

/// A booking that was taken off a trip has its car again only where the car was still free.
async fn forgive_taken_off(db: &impl ConnectionTrait, lacking: &mut Dues) -> Result<(), DbErr> {
    use audit_events::{Column, Entity};
    let taken_off: Vec<Uuid> = Entity::find()
        .filter(Column::ResourceId.is_in(lacking.keys().copied()))
        .filter(Column::Action.eq("unschedule"))
        .select_only()
        .column(Column::ResourceId)
        .into_tuple()
        .all(db)
        .await?;
    lacking.retain(|id, _| !taken_off.contains(id));
    Ok(())
}

fn name(check: &mut Check, lacking: &Dues) {
    for (id, dues) in lacking {
        for Due { kind, resource_id, .. } in dues {
            check.differs(*id, format!("it lacks its hold of {} {resource_id}", kind.to_value()));
        }
    }
}

/// In the order of their beginning, a hold begins after all before it have ended.
async fn check_overlaps(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    let mut cursor = Entity::find().cursor_by((Column::ResourceId, Column::StartsAt, Column::Id));
    let mut longest: Option<Model> = None;
    loop {
        let holds = cursor.first(PAGE).all(db).await?;
        let Some(last) = holds.last() else { return Ok(()) };
        cursor.after((last.resource_id, last.starts_at, last.id));
        for hold in holds {
            let same = longest.take().filter(|other| other.resource_id == hold.resource_id);
            if let Some(other) = same.as_ref().filter(|other| other.ends_at > hold.starts_at) {
                check.differs(hold.id, format!("{} is held by {} as well", hold.resource_id, other.id));
            }
            longest = same.filter(|other| other.ends_at > hold.ends_at).or(Some(hold));
        }
    }
}
