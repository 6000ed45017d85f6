//! The records that wait for the caller, one function for each kind. Each reads what may wait for them (a query for the
//! records, and those for the people of the kind's rule) and leaves the decision to the rule behind `waiting_on`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::advances::{self, AdvanceStatus};
use entity::expense_claims::ClaimStatus;
use entity::measures::MeasureStatus;
use entity::obstacles::ObstacleStatus;
use entity::odometer_corrections::CorrectionStatus;
use entity::travel_orders::{self, TravelOrderStatus};
use entity::trips::TripStatus;
use entity::vehicle_bookings::BookingStatus;
use entity::{
    conference_tasks, drivers, expense_claims, fuel_statements, measures as measure_rows,
    obstacles as obstacle_rows, odometer_corrections, trips, vehicle_bookings, vehicles,
};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use crate::auth::deciders::Deciders;
use crate::auth::permissions::Action;
use crate::conferences::tasks;
use crate::error::ApiResult;
use crate::fuel::statements;
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::http::reply::Resource;
use crate::obstacles::measures;
use crate::queues::json::{InboxFilter, InboxItem, InboxKind};
use crate::travel::orders;
use crate::vehicles::odometer::corrections;
use crate::workflow::WaitingOn;
use crate::{bookings, claims, fuel, obstacles, reviews, trips as journeys};

/// A record that waits for somebody, before it is known for whom.
struct Waiting {
    kind: InboxKind,
    id: Uuid,
    number: Option<String>,
    title: String,
    board_id: Option<Uuid>,
    status: String,
    href: String,
    on: Option<WaitingOn>,
}

/// Everything that waits for the caller, in no order.
///
/// # Errors
/// When the database does not answer.
pub async fn all(call: &Call, filter: &InboxFilter) -> ApiResult<Vec<InboxItem>> {
    let Some(me) = call.caller.staff_id else { return Ok(Vec::new()) };
    let wanted = |kind: InboxKind, action: Action| {
        let asked = filter.resource_type.as_ref().is_none_or(|kinds| kinds.contains(&kind));
        asked && !call.reach(action).is_empty()
    };
    let deciders = Deciders::load(call.db(), call.today()).await?;
    let mut all = Vec::new();
    if wanted(InboxKind::ExpenseClaim, Action::ReadClaims) {
        all.extend(of_claims(call, me).await?);
    }
    if wanted(InboxKind::TravelOrder, Action::ReadTravel) {
        all.extend(of_orders(call).await?);
    }
    if wanted(InboxKind::Advance, Action::ReadClaims) {
        all.extend(of_advances(call).await?);
    }
    if wanted(InboxKind::VehicleBooking, Action::ReadBookings) {
        all.extend(of_bookings(call, &deciders).await?);
    }
    if wanted(InboxKind::Trip, Action::ReadTrips) {
        all.extend(of_trips(call, &deciders).await?);
    }
    if wanted(InboxKind::OdometerCorrection, Action::ConsentOdometer) {
        all.extend(of_corrections(call, &deciders).await?);
    }
    if wanted(InboxKind::FuelStatement, Action::ManageFuelStatements) {
        all.extend(of_statements(call, &deciders).await?);
    }
    if wanted(InboxKind::ConferenceTask, Action::ReadConferences) {
        all.extend(of_tasks(call, me, &deciders).await?);
    }
    if wanted(InboxKind::Review, Action::ManageReviews) {
        all.extend(of_reviews(call, &deciders).await?);
    }
    if wanted(InboxKind::Obstacle, Action::ReadObstacles) {
        all.extend(of_obstacles(call, &deciders).await?);
    }
    if wanted(InboxKind::Measure, Action::ReadObstacles) {
        all.extend(of_measures(call, &deciders).await?);
    }
    let now = call.now();
    let mine = all.into_iter().filter_map(|record| item(record, me, now));
    Ok(mine.filter(|item| filter.overdue.is_none_or(|overdue| item.overdue == overdue)).collect())
}

/// By what the inbox is ordered: due first, then by id. What is due at no time comes after everything.
pub fn key(item: &InboxItem) -> (DateTime<Utc>, Uuid) {
    (item.due_at.or_else(|| DateTime::from_timestamp(253_402_300_799, 0)).unwrap_or_default(), item.id)
}

fn item(record: Waiting, me: Uuid, now: DateTime<Utc>) -> Option<InboxItem> {
    let on = record.on.filter(|on| on.staff.contains(&me))?;
    Some(InboxItem {
        resource_type: record.kind,
        id: record.id,
        number: record.number,
        title: record.title,
        board_id: record.board_id,
        status: record.status,
        role: on.role,
        since: on.since,
        due_at: on.due_at,
        overdue: on.due_at.is_some_and(|due| due < now),
        href: record.href,
    })
}

fn href<R: Resource>(id: Uuid) -> String {
    format!("{}/{id}", R::COLLECTION)
}

/// Drafts and returned claims wait for their claimant; a paid one for the second signature of its reversal.
async fn of_claims(call: &Call, me: Uuid) -> ApiResult<Vec<Waiting>> {
    use expense_claims::Column;
    let under_way =
        [ClaimStatus::Submitted, ClaimStatus::Confirmed, ClaimStatus::Verified, ClaimStatus::Approved];
    let own =
        Column::ClaimantId.eq(me).and(Column::Status.is_in([ClaimStatus::Draft, ClaimStatus::Returned]));
    let signed = Column::Status.eq(ClaimStatus::Paid).and(Column::ReversalAskedById.is_not_null());
    let waiting = Condition::any().add(own).add(Column::Status.is_in(under_way)).add(signed);
    let rows = claims::store::select(call, &Default::default()).filter(waiting).all(call.db()).await?;
    let boards: BTreeSet<Uuid> = rows.iter().map(|claim| claim.board_id).collect();
    let people = claims::people::of(call.db(), &boards, call.today()).await?;
    let show = |claim: expense_claims::Model| Waiting {
        kind: InboxKind::ExpenseClaim,
        id: claim.id,
        on: claims::rules::waiting_on(&claim, &people),
        number: Some(claim.number),
        title: claim.purpose,
        board_id: Some(claim.board_id),
        status: claim.status.to_value(),
        href: href::<claims::json::ClaimOut>(claim.id),
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_orders(call: &Call) -> ApiResult<Vec<Waiting>> {
    use TravelOrderStatus::{Approved, Completed, Draft, FundsChecked, Returned, Submitted};
    let open = [Draft, Returned, Submitted, FundsChecked, Approved, Completed];
    let open = travel_orders::Column::Status.is_in(open);
    let rows = orders::store::select(call, &Default::default()).filter(open).all(call.db()).await?;
    let travellers = orders::store::travellers_of(call.db(), rows.iter().map(|order| order.id)).await?;
    let boards: BTreeSet<Uuid> = rows.iter().map(|order| order.board_id).collect();
    let people = claims::people::of(call.db(), &boards, call.today()).await?;
    let show = |order: travel_orders::Model| {
        let party = travellers.get(&order.id).into_iter().flatten();
        let party: Vec<Uuid> = party.map(|traveller| traveller.staff_id).collect();
        Waiting {
            kind: InboxKind::TravelOrder,
            id: order.id,
            on: orders::rules::waiting_on(&order, &party, &people),
            number: Some(order.number),
            title: order.purpose,
            board_id: Some(order.board_id),
            status: order.status.to_value(),
            href: href::<orders::json::TravelOrderOut>(order.id),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_advances(call: &Call) -> ApiResult<Vec<Waiting>> {
    use AdvanceStatus::{Approved, Paid, Requested};
    let open = advances::Column::Status.is_in([Requested, Approved, Paid]);
    let rows = claims::advances::store::select(call, &Default::default()).filter(open).all(call.db()).await?;
    let boards: BTreeSet<Uuid> = rows.iter().map(|advance| advance.board_id).collect();
    let people = claims::people::of(call.db(), &boards, call.today()).await?;
    let show = |advance: advances::Model| Waiting {
        kind: InboxKind::Advance,
        id: advance.id,
        on: claims::advances::rules::waiting_on(&advance, &people),
        number: Some(advance.number),
        title: advance.purpose,
        board_id: Some(advance.board_id),
        status: advance.status.to_value(),
        href: href::<claims::advances::json::AdvanceOut>(advance.id),
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_bookings(call: &Call, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    use BookingStatus::{Cancelled, Closed, Expired, Rejected};
    let open = vehicle_bookings::Column::Status.is_not_in([Closed, Rejected, Cancelled, Expired]);
    let rows = bookings::store::select(call, &Default::default()).filter(open).all(call.db()).await?;
    let drivers = bookings::store::drivers_of(call.db(), &rows).await?;
    let show = |booking: vehicle_bookings::Model| {
        let driver = booking.trip_id.and_then(|trip| drivers.get(&trip).copied());
        Waiting {
            kind: InboxKind::VehicleBooking,
            id: booking.id,
            on: bookings::waiting::waiting_on(deciders, &booking, driver),
            number: Some(booking.number),
            title: booking.purpose,
            board_id: Some(booking.board_id),
            status: booking.status.to_value(),
            href: href::<bookings::json::BookingOut>(booking.id),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_trips(call: &Call, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    let open = trips::Column::Status.is_not_in([TripStatus::Verified, TripStatus::Void]);
    let rows = journeys::store::select(call, &Default::default()).filter(open).all(call.db()).await?;
    let ids = rows.iter().map(|trip| trip.driver_id);
    let drivers = by_id::<drivers::Entity, _>(call.db(), ids, drivers::Column::Id).await?;
    let show = |trip: trips::Model| {
        let driver = drivers.get(&trip.driver_id).map(|driver| driver.staff_id).unwrap_or_default();
        Waiting {
            kind: InboxKind::Trip,
            id: trip.id,
            on: journeys::view::waiting_on(deciders, &trip, driver),
            number: trip.number,
            title: trip.route,
            board_id: None,
            status: trip.status.to_value(),
            href: href::<journeys::json::TripOut>(trip.id),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_corrections(call: &Call, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    use odometer_corrections::{Column, Entity};
    let rows = Entity::find().filter(Column::Status.eq(CorrectionStatus::Proposed)).all(call.db()).await?;
    let show = |row: odometer_corrections::Model| Waiting {
        kind: InboxKind::OdometerCorrection,
        id: row.id,
        number: None,
        on: corrections::waiting_on(deciders, &row),
        title: row.reason,
        board_id: None,
        status: row.status.to_value(),
        href: href::<crate::vehicles::odometer::json::OdometerCorrectionOut>(row.id),
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_statements(call: &Call, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    let rows = statements::store::select(call, &Default::default())
        .filter(fuel_statements::Column::Status.eq(fuel_statements::FuelStatementStatus::Draft))
        .all(call.db())
        .await?;
    let ids = rows.iter().map(|statement| statement.vehicle_id);
    let cars = by_id::<vehicles::Entity, _>(call.db(), ids, vehicles::Column::Id).await?;
    let show = |statement: fuel_statements::Model| {
        let plate = cars.get(&statement.vehicle_id).map(fuel::plate).unwrap_or_default();
        let month = statements::rules::month_text(statement.month);
        Waiting {
            kind: InboxKind::FuelStatement,
            id: statement.id,
            on: statements::steps::waiting_on(deciders, &statement),
            title: format!("{plate} {month}"),
            number: Some(statement.number),
            board_id: None,
            status: statement.status.to_value(),
            href: href::<statements::json::FuelStatementOut>(statement.id),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_reviews(call: &Call, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    use entity::reviews::{Column, Model, ReviewStatus};
    let open = Column::Status.ne(ReviewStatus::Approved);
    let rows = reviews::store::select(call, &Default::default()).filter(open).all(call.db()).await?;
    let show = |review: Model| Waiting {
        kind: InboxKind::Review,
        id: review.id,
        on: reviews::steps::waiting_on(deciders, &review),
        number: Some(review.number),
        title: review.title,
        board_id: None,
        status: review.status.to_value(),
        href: href::<reviews::json::ReviewOut>(review.id),
    };
    Ok(rows.into_iter().map(show).collect())
}

/// Tasks wait for their lead, their checker, the chiefs of office, or the people of a hand-over.
async fn of_tasks(call: &Call, me: Uuid, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    use conference_tasks::{Column, TaskStatus};
    use entity::user_roles::Role;
    let chiefs = deciders.of(Role::ChiefOfOffice, None, None);
    let passed_on = tasks::hand_overs::pending_tasks().into_query();
    let mut mine = Condition::any()
        .add(Column::LeadId.eq(me))
        .add(Column::CheckerId.eq(me))
        .add(Column::Id.in_subquery(passed_on));
    if chiefs.contains(&me) {
        mine = mine.add(Column::Status.eq(TaskStatus::Objected)).add(Column::EscalatedAt.is_not_null());
    }
    let rows = tasks::store::select(call, &Default::default())
        .filter(Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled]))
        .filter(mine)
        .all(call.db())
        .await?;
    let pending = tasks::hand_overs::pending_of(call.db(), &rows).await?;
    let show = |task: conference_tasks::Model| Waiting {
        kind: InboxKind::ConferenceTask,
        id: task.id,
        on: tasks::show::waits_on(
            &task,
            &chiefs,
            pending.get(&task.id).map(|(one, coordinator)| (one, *coordinator)),
            call.now(),
        ),
        number: Some(task.number),
        title: task.title,
        board_id: Some(task.board_id),
        status: task.status.to_value(),
        href: href::<tasks::json::ConferenceTaskOut>(task.id),
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn of_obstacles(call: &Call, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    use ObstacleStatus::{Rejected, Verified, Withdrawn};
    let open = obstacle_rows::Column::Status.is_not_in([Verified, Rejected, Withdrawn]);
    let rows = obstacles::store::select(call, &Default::default()).filter(open).all(call.db()).await?;
    let show = |obstacle: obstacle_rows::Model| Waiting {
        kind: InboxKind::Obstacle,
        id: obstacle.id,
        on: obstacles::rules::waiting_on(deciders, &obstacle),
        number: Some(obstacle.number),
        title: obstacle.title,
        board_id: Some(obstacle.board_id),
        status: obstacle.status.to_value(),
        href: href::<obstacles::json::ObstacleOut>(obstacle.id),
    };
    Ok(rows.into_iter().map(show).collect())
}

/// Measures wait for the heads who have not consented, then for their lead, and from the day of the check on for who
/// judges them.
async fn of_measures(call: &Call, deciders: &Deciders) -> ApiResult<Vec<Waiting>> {
    use MeasureStatus::{Agreed, Done, Proposed};
    let open = measure_rows::Column::Status.is_in([Proposed, Agreed, Done]);
    let rows = measures::store::select(call, &Default::default()).filter(open).all(call.db()).await?;
    let parties = measures::store::parties_of(call.db(), &rows).await?;
    let today = call.today();
    let show = |measure: measure_rows::Model| {
        let parties = parties.get(&measure.id).cloned().unwrap_or_default();
        Waiting {
            kind: InboxKind::Measure,
            id: measure.id,
            on: measures::rules::waiting_on(deciders, &measure, &parties, today),
            number: Some(measure.number),
            title: measure.title,
            board_id: Some(measure.board_id),
            status: measure.status.to_value(),
            href: href::<measures::json::MeasureOut>(measure.id),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}
