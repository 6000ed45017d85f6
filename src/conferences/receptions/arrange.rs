//! Arranging a reception: conference, guests, cars, tasks and money in one transaction. Every part goes its own way of
//! creation, so that all its rules hold; what they refuse is told at once, each under its place in the body.

use entity::conferences::Model as Conference;
use entity::staff;
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

use crate::bookings::rules::Wish;
use crate::bookings::{steps as booking_steps, store as bookings};
use crate::conferences::costs::json::ConferencePlanIn;
use crate::conferences::costs::{steps as cost_steps, store as costs};
use crate::conferences::receptions::json::{ReceptionIn, ReceptionTaskIn, ReceptionVehicleIn};
use crate::conferences::receptions::{rules, store};
use crate::conferences::store as conferences;
use crate::conferences::tasks::store as tasks;
use crate::error::{ApiError, ApiResult, Code, FieldError};
use crate::http::call::Call;
use crate::vehicles::period::storable;
use crate::write::Tx;
use entity::conference_plans::ConferenceCostStatus::{Committed, Planned};

/// What the parts of a reception refused.
#[derive(Default)]
struct Refused {
    errors: Vec<FieldError>,
    /// The refusals with a code of their own: told as they are where nothing else is wrong.
    own: Vec<ApiError>,
}

impl Refused {
    /// The value of a part, unless it was refused. What is no refusal goes on.
    fn part<T>(&mut self, place: &str, outcome: ApiResult<T>) -> ApiResult<Option<T>> {
        let error = match outcome {
            Ok(value) => return Ok(Some(value)),
            Err(error) => error,
        };
        if !matches!(error.code().status().as_u16(), 409 | 422) || error.problem().transient {
            return Err(error);
        }
        let error = if place.is_empty() { error } else { error.under(place) };
        let problem = error.problem();
        if problem.errors.is_empty() {
            let (code, detail) = (problem.code.name(), problem.detail.clone());
            self.errors.push(FieldError::body(place, code, detail));
        }
        self.errors.extend(problem.errors.iter().cloned());
        if problem.code != Code::ValidationFailed {
            self.own.push(error);
        }
        Ok(None)
    }

    fn refuse(mut self) -> ApiResult<()> {
        if self.errors.is_empty() {
            return Ok(());
        }
        match self.own.pop() {
            // All that is wrong is of this one part.
            Some(error)
                if self.own.is_empty() && error.problem().errors.len().max(1) == self.errors.len() =>
            {
                Err(error.with_errors(self.errors))
            }
            _ => Err(ApiError::invalid(self.errors)),
        }
    }
}

/// Arranges a reception, or nothing of it.
///
/// # Errors
/// 403 for who does not decide for the board; 422 with everything that is wrong; a single 409, such as `time_taken` or
/// `budget_insufficient`, as its part tells it.
pub async fn arrange(call: &Call, tx: &Tx, body: &ReceptionIn) -> ApiResult<Conference> {
    rules::may_hold(call, body)?;
    let mut refused = Refused { errors: rules::broken(call, body), own: Vec::new() };
    if staff::Entity::find_by_id(body.host_id).one(tx.db()).await?.is_none() {
        refused.errors.push(FieldError::unknown_reference("host_id"));
    }
    let conference = if body.ends_at > body.starts_at {
        refused.part("", conferences::insert(tx, &body.conference()).await)?
    } else {
        None
    };
    if let Some(conference) = conference.as_ref().filter(|_| refused.errors.is_empty()) {
        store::insert(tx, conference, body).await?;
    }
    for (index, vehicle) in body.vehicles.iter().enumerate() {
        let asked = ask_for_car(call, tx, body, conference.as_ref(), vehicle).await;
        refused.part(&format!("vehicles/{index}"), asked)?;
    }
    for (index, task) in tasks_of(body).iter().enumerate() {
        let given = give_out(call, tx, conference.as_ref(), task).await;
        refused.part(&format!("tasks/{index}"), given)?;
    }
    let mut arranged = conference.clone();
    if let Some(plan) = &body.costs {
        // Budget lines come last: others wait for them.
        let committed = commit(call, tx, conference.as_ref(), body, plan).await;
        arranged = refused.part("costs", committed)?.flatten().or(arranged);
    }
    refused.refuse()?;
    arranged.ok_or_else(|| ApiError::internal("a reception that nothing refused was not made"))
}

/// The tasks of a reception: those of the body. A list from a template joins them here.
fn tasks_of(body: &ReceptionIn) -> Vec<ReceptionTaskIn> {
    body.tasks.clone()
}

/// The coordinator asks for a car, and it is submitted: whoever decides about it is told at once.
async fn ask_for_car(
    call: &Call,
    tx: &Tx,
    body: &ReceptionIn,
    conference: Option<&Conference>,
    vehicle: &ReceptionVehicleIn,
) -> ApiResult<()> {
    let ReceptionVehicleIn { pick_up_place, destination, starts_at, ends_at, passenger_count, vehicle_id } =
        vehicle.clone();
    let wish = Wish {
        purpose: body.name.clone(),
        pick_up_place,
        destination,
        starts_at: storable(starts_at),
        ends_at: storable(ends_at),
        passenger_count,
        vehicle_id,
        urgent: false,
        urgent_reason: None,
    };
    let requester_id = body.coordinator_id;
    let broken = bookings::check(tx, &wish, requester_id).await?;
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let Some(conference) = conference else { return Ok(()) };
    let conference_id = Some(conference.id);
    let origin = bookings::Origin { board_id: conference.board_id, requester_id, conference_id };
    let booking = bookings::write(tx, origin, wish).await?;
    booking_steps::submit_new(tx, call, &booking).await.map(drop)
}

/// Gives out a task; without a conference, only tells what is wrong with it.
async fn give_out(
    call: &Call,
    tx: &Tx,
    conference: Option<&Conference>,
    task: &ReceptionTaskIn,
) -> ApiResult<()> {
    let outcome = tasks::insert(tx, call, &task.of(conference.map_or(Uuid::nil(), |one| one.id))).await;
    let error = match outcome {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let of_task = |error: &&FieldError| !matches!(&error.place, crate::error::Place::Body(pointer) if pointer == "/conference_id");
    let errors: Vec<FieldError> = error.problem().errors.iter().filter(of_task).cloned().collect();
    if conference.is_none() && errors.is_empty() {
        return Ok(());
    }
    Err(error.with_errors(errors))
}

/// The coordinator's plan, and the caller's commitment. Gives the conference as it then is.
async fn commit(
    call: &Call,
    tx: &Tx,
    conference: Option<&Conference>,
    body: &ReceptionIn,
    plan: &ConferencePlanIn,
) -> ApiResult<Option<Conference>> {
    let estimate = cost_steps::price(tx, plan).await.map_err(|error| error.under("estimate"))?;
    let me = call.staff_id()?;
    let Some(conference) = conference.filter(|_| me != body.coordinator_id) else { return Ok(None) };
    let source = plan.funding_source;
    let planned = cost_steps::planned(tx, conference, source, &estimate, body.coordinator_id)?;
    let planned = costs::keep(tx, planned, true).await?;
    let details = json!({"planned_amount": planned.planned_amount, "planned_by_id": body.coordinator_id});
    let states = (None, Planned);
    let conference = costs::tell(tx, conference, "plan-costs", states, None, details).await?;
    let (changed, commitment) = cost_steps::committed(tx, &conference, &planned, me).await?;
    costs::keep(tx, changed, false).await?;
    let (states, details) = ((Some(Planned), Committed), json!({"commitment": commitment}));
    costs::tell(tx, &conference, "commit-funds", states, None, details).await.map(Some)
}
