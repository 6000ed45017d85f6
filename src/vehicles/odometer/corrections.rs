//! Corrections of odometers: proposed by one person, consented to or refused by another.

use chrono::{DateTime, TimeDelta, Utc};
use entity::odometer_corrections::{ActiveModel, Column, CorrectionStatus, Entity, Model};
use entity::odometer_entries::ReadingKind;
use entity::user_roles::Role;
use entity::{odometer_entries, trips};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use CorrectionStatus::{Consented, Proposed, Refused};

use crate::auth::deciders::Deciders;
use crate::auth::permissions::Action;
use crate::error::{ApiError, ApiResult, Code, four_eyes, text};
use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::vehicles::odometer::json::{
    OdometerCorrectionFilter, OdometerCorrectionIn, OdometerCorrectionOut,
};
use crate::vehicles::odometer::{Reading, record};
use crate::vehicles::store as vehicles;
use crate::workflow::{self, Step, WaitingOn};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "odometer_correction";

/// What can be done with a proposal.
pub const STEPS: &[Step<CorrectionStatus>] = &[
    Step {
        from: &[Proposed],
        verb: "consent",
        to: Consented,
        action: Action::ConsentOdometer,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office, dispatcher; not who proposed it",
        about: "the odometer goes on from the corrected reading",
    },
    Step {
        from: &[Proposed],
        verb: "refuse",
        to: Refused,
        action: Action::ConsentOdometer,
        needs_reason: true,
        turn: None,
        who: "chief of office, dispatcher; not who proposed it",
        about: "the odometer stays as it was read",
    },
];

pub fn select(vehicle_id: Uuid, filter: &OdometerCorrectionFilter) -> Select<Entity> {
    let select = Entity::find().filter(Column::VehicleId.eq(vehicle_id));
    match filter.status {
        Some(status) => select.filter(Column::Status.eq(status)),
        None => select,
    }
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// 409 `duplicate` while another correction of the car is open.
pub async fn insert(tx: &Tx, call: &Call, vehicle_id: Uuid, body: &OdometerCorrectionIn) -> ApiResult<Model> {
    let proposed = ActiveModel {
        id: Set(tx.id()),
        vehicle_id: Set(vehicle_id),
        km: Set(body.odometer_km),
        reason: Set(body.reason.clone()),
        status: Set(Proposed),
        proposed_by_id: Set(call.staff_id()?),
        decided_by_id: Set(None),
        decision_reason: Set(None),
        open_vehicle_id: Set(Some(vehicle_id)),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let proposed = proposed.insert(tx.db()).await?;
    let details = json!({"vehicle_id": vehicle_id, "odometer_km": body.odometer_km});
    let event = Event::new("create", TYPE, proposed.id, 1).because(Some(&body.reason)).with(details);
    tx.record(event).await?;
    Ok(proposed)
}

/// Consents to a proposal or refuses it.
///
/// # Errors
/// 404, 412, 403, 409, 422, in this order.
pub async fn decide(
    call: &Call,
    id: Uuid,
    verb: &str,
    reason: Option<&str>,
) -> ApiResult<Reply<OdometerCorrectionOut>> {
    let step = workflow::step(STEPS, verb)?;
    call.write(async |tx| {
        let proposal = Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?;
        let proposal = proposal.ok_or_else(ApiError::not_found)?;
        call.expect_version(proposal.version)?;
        permit(call, &proposal)?;
        workflow::check_state(STEPS, step, &proposal.status)?;
        let reason = workflow::reason_for(step, reason)?;
        if step.to == Consented {
            let car = vehicles::find_for_update(tx, proposal.vehicle_id).await?;
            refuse_on_the_road(tx, car.id).await?;
            let reading = Reading {
                vehicle_id: car.id,
                read_at: after_all(tx, car.id).await?,
                km: proposal.km,
                kind: ReadingKind::Correction,
                source_id: Some(proposal.id),
                gap_reason: None,
            };
            record(tx, &reading).await?;
        }
        let mut changed = proposal.clone().into_active_model();
        changed.status = Set(step.to);
        changed.decided_by_id = Set(Some(call.staff_id()?));
        changed.decision_reason = Set(reason.map(str::to_owned));
        changed.open_vehicle_id = Set(None);
        changed.version = Set(proposal.version + 1);
        changed.updated_at = Set(tx.now);
        let saved = Entity::update(changed).exec(tx.db()).await?;
        let event = Event::new(step.verb, TYPE, id, saved.version).step(&proposal.status, &step.to);
        tx.record(event.because(reason)).await?;
        Reply::ok(&out(tx.db(), call, saved).await?)
    })
    .await
}

/// Now, or just after the latest reading: one that came in while this waited for the car must not overtake it.
async fn after_all(tx: &Tx, vehicle_id: Uuid) -> ApiResult<DateTime<Utc>> {
    use odometer_entries::{Column, Entity};
    let latest = Entity::find().filter(Column::VehicleId.eq(vehicle_id)).order_by_desc(Column::ReadAt);
    let latest = latest.one(tx.db()).await?.map(|entry| entry.read_at + TimeDelta::microseconds(1));
    Ok(latest.map_or(tx.now, |latest| latest.max(tx.now)))
}

/// A trip's km are the difference of two readings, so both must be of one series.
async fn refuse_on_the_road(tx: &Tx, vehicle_id: Uuid) -> ApiResult<()> {
    let under_way = trips::Entity::find()
        .filter(trips::Column::VehicleId.eq(vehicle_id))
        .filter(trips::Column::Status.eq(trips::TripStatus::Departed))
        .one(tx.db())
        .await?;
    match under_way {
        None => Ok(()),
        Some(_) => Err(ApiError::new(
            Code::StateConflict,
            text(
                "Xe đang trên đường; hãy đồng ý sau khi chuyến đi hoàn thành.",
                "The car is on a trip; consent when the trip is completed.",
            ),
        )),
    }
}

/// The office as a whole, and another person than the one who proposed it.
fn permit(call: &Call, proposal: &Model) -> ApiResult<()> {
    if call.reach(Action::ConsentOdometer).is_empty() {
        return Err(call.caller.refusal(Action::ConsentOdometer));
    }
    if call.caller.staff_id == Some(proposal.proposed_by_id) { Err(four_eyes()) } else { Ok(()) }
}

/// One proposal with whose turn it is.
///
/// # Errors
/// When the database does not answer.
pub async fn out(db: &impl ConnectionTrait, call: &Call, row: Model) -> ApiResult<OdometerCorrectionOut> {
    let mut out = OdometerCorrectionOut::from(row.clone());
    out.allowed_actions = Some(workflow::allowed_actions(call, STEPS, &row.status, |_| permit(call, &row)));
    if row.status == Proposed {
        let deciders = Deciders::load(db, call.today()).await?;
        out.waiting_on = waiting_on(&deciders, &row);
    }
    Ok(out)
}

/// Whose turn it is.
pub(crate) fn waiting_on(deciders: &Deciders, row: &Model) -> Option<WaitingOn> {
    (row.status == Proposed).then(|| WaitingOn {
        role: Role::ChiefOfOffice.to_value(),
        staff: deciders.of(Role::ChiefOfOffice, None, Some(row.proposed_by_id)),
        since: row.created_at,
        due_at: None,
    })
}
