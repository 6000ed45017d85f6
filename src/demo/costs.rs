//! The demo office's plans of costs, some of them committed, and what its receptions have beside their conferences.

use entity::conference_plans::ConferenceCostStatus::{Committed, Planned};
use entity::conferences::Model as Conference;
use entity::{reception_guests, reception_legs, receptions};
use sea_orm::{ActiveModelTrait, Set};
use serde_json::{Value, json};

use crate::conferences::costs::json::ConferencePlanIn;
use crate::conferences::costs::{steps, store};
use crate::demo::bookings::acting;
use crate::demo::rates::body;
use crate::demo::{Demo, id, instant, optional, reference, string};
use crate::error::ApiResult;
use crate::write::Tx;

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("receptions") {
        fill_reception(tx, row).await?;
    }
    for row in demo.rows("conference_plans") {
        plan(tx, demo, row).await?;
    }
    Ok(())
}

async fn plan(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let plan: ConferencePlanIn = body(&row["plan"])?;
    let at = acting(tx, demo, &string(row, "planned_by"), tx.now).await?;
    let conference = store::lock(&at, reference(row, "conference")?).await?;
    let estimate = steps::price(&at, &plan).await?;
    let planner = reference(row, "planned_by")?;
    let planned = steps::planned(&at, &conference, plan.funding_source, &estimate, planner)?;
    let planned = store::keep(&at, planned, true).await?;
    let details = json!({"planned_amount": planned.planned_amount});
    let conference = store::tell(&at, &conference, "plan-costs", (None, Planned), None, details).await?;
    at.commit().await?;
    match optional(row, "committed_by") {
        Some(chief) => commit(tx, demo, &conference, &chief).await,
        None => Ok(()),
    }
}

async fn commit(tx: &Tx, demo: &Demo, conference: &Conference, chief: &str) -> ApiResult<()> {
    let at = acting(tx, demo, chief, tx.now).await?;
    let Some(plan) = store::find(at.db(), conference.id).await? else { return Ok(()) };
    let (changed, commitment) = steps::committed(&at, conference, &plan, id(chief)).await?;
    store::keep(&at, changed, false).await?;
    let (states, details) = ((Some(Planned), Committed), json!({"commitment": commitment}));
    store::tell(&at, conference, "commit-funds", states, None, details).await?;
    at.commit().await
}

async fn fill_reception(tx: &Tx, row: &Value) -> ApiResult<()> {
    let conference_id = reference(row, "conference")?;
    let reception = receptions::ActiveModel {
        conference_id: Set(conference_id),
        organisation: Set(string(row, "organisation")),
        host_id: Set(reference(row, "host")?),
        meals: Set(row["meals"].clone()),
    };
    reception.insert(tx.db()).await?;
    for (position, guest) in (0..).zip(row["guests"].as_array().into_iter().flatten()) {
        let guest = reception_guests::ActiveModel {
            id: Set(tx.id()),
            conference_id: Set(conference_id),
            position: Set(position),
            full_name: Set(string(guest, "full_name")),
            title: Set(optional(guest, "title")),
            organisation: Set(optional(guest, "organisation")),
            head: Set(guest["head"] == true),
        };
        guest.insert(tx.db()).await?;
    }
    for (position, leg) in (0..).zip(row["legs"].as_array().into_iter().flatten()) {
        let leg = reception_legs::ActiveModel {
            id: Set(tx.id()),
            conference_id: Set(conference_id),
            position: Set(position),
            starts_at: Set(instant(leg, "starts_at")?),
            ends_at: Set(instant(leg, "ends_at")?),
            place: Set(string(leg, "place")),
            activity: Set(string(leg, "activity")),
        };
        leg.insert(tx.db()).await?;
    }
    Ok(())
}
