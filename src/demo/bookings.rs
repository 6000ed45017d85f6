//! The demo office's bookings, with what happened to each.
//!
//! One car was asked for twice on the afternoon of 12 December: `vb_06` has it until 17:00, `vb_08` from 17:00
//! on, and `vb_07`, still a draft, wants it from 16:30 on: submitting it shows the clash.

use chrono::{DateTime, Utc};
use entity::vehicle_bookings::{ActiveModel, BookingStatus, Model};
use entity::{number_series, vehicle_bookings};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};

use crate::auth::permissions::Reach;
use crate::bookings::{steps, store};
use crate::demo::{Demo, id, instant, link, optional, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::vehicles::holds;
use crate::write::{Actor, Event, Tx};

/// A draft on purpose, whatever its row says.
const CLASHING: &str = "vb_07";

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    let mut last_number = 0;
    for row in demo.rows("vehicle_bookings") {
        let number = number(row)?;
        last_number = last_number.max(number);
        let booking = book(tx, demo, row, number).await?;
        if let Some(wanted) = steps::wanted(&booking).filter(|_| holds_its_car(booking.status)) {
            holds::take(tx, &Reach::Office, &wanted).await?;
        }
    }
    let series = number_series::ActiveModel {
        series: Set("VB".to_owned()),
        year: Set(2025),
        last_number: Set(last_number),
    };
    number_series::Entity::insert(series).exec_without_returning(tx.db()).await?;
    Ok(())
}

fn holds_its_car(status: BookingStatus) -> bool {
    matches!(status, BookingStatus::Submitted | BookingStatus::Approved)
}

/// `PX-2025-101` on paper is `VB-2025-000101` here.
fn number(row: &Value) -> ApiResult<i64> {
    let paper = string(row, "number");
    let digits = paper.rsplit('-').next().unwrap_or_default();
    digits.parse().map_err(|_| ApiError::internal(format!("demo: {paper} is no number")))
}

/// The draft, then each step that its row tells.
async fn book(tx: &Tx, demo: &Demo, row: &Value, number: i64) -> ApiResult<Model> {
    let is_draft = string(row, "ref") == CLASHING;
    let story = row["history"].as_array().into_iter().flatten();
    // What follows from the dispatch order is told by the trip.
    let followed = |step: &&Value| {
        !row["dispatch_order"].is_null()
            && ["dispatched", "completed"].contains(&step["to"].as_str().unwrap_or_default())
    };
    let steps: Vec<&Value> = story.clone().filter(|_| !is_draft).filter(|step| !followed(step)).collect();
    let drafted_at = match story.clone().next() {
        Some(first) => instant(first, "at")?,
        None => tx.now,
    };
    let requester = string(row, "requester");
    let drafting = acting(tx, demo, &requester, drafted_at).await?;
    let mut booking = draft(&drafting, demo, row, number).await?.insert(drafting.db()).await?;
    drafting.record(Event::new("create", store::TYPE, booking.id, 1).of_board(booking.board_id)).await?;
    drafting.commit().await?;
    for step in steps {
        let acting = acting(tx, demo, &string(step, "by"), instant(step, "at")?).await?;
        let (verb, to) = match step["to"].as_str() {
            Some("pending_approval") => ("submit", BookingStatus::Submitted),
            Some("pending_dispatch") => ("approve", BookingStatus::Approved),
            Some("returned") => ("return", BookingStatus::Returned),
            _ => ("complete", BookingStatus::Completed),
        };
        booking = advance(&acting, booking, verb, to, step).await?;
        acting.commit().await?;
    }
    Ok(booking)
}

/// The transaction as it would have been then, and by that person.
pub(super) async fn acting(tx: &Tx, demo: &Demo, person: &str, at: DateTime<Utc>) -> ApiResult<Tx> {
    let named = |kind: &str, field: &str| {
        demo.rows(kind).find(|row| row[field].as_str() == Some(person)).cloned().unwrap_or_default()
    };
    let mut acting = tx.nested().await?;
    acting.now = at;
    acting.actor = Actor {
        user_id: link(&named("logins", "person"), "ref"),
        name: string(&named("people", "ref"), "full_name"),
        request_id: None,
    };
    Ok(acting)
}

async fn draft(tx: &Tx, demo: &Demo, row: &Value, number: i64) -> ApiResult<ActiveModel> {
    let number = format!("VB-2025-{number:06}");
    let (purpose, destination) = (string(row, "purpose_vi"), place(demo, row));
    let pick_up_place = optional(row, "pickup_point_vi").unwrap_or_else(|| "Chưa ghi".to_owned());
    let (requester_id, starts_at) = (reference(row, "requester")?, instant(row, "depart_at")?);
    Ok(ActiveModel {
        id: Set(reference(row, "ref")?),
        search: Set(store::search(&number, &purpose, &pick_up_place, &destination)),
        number: Set(number),
        board_id: Set(reference(row, "board")?),
        requester_id: Set(requester_id),
        purpose: Set(purpose),
        pick_up_place: Set(pick_up_place),
        destination: Set(destination),
        starts_at: Set(starts_at),
        ends_at: Set(instant(row, "return_at")?),
        passenger_count: Set(row["passenger_count"].as_i64().unwrap_or(1)),
        vehicle_id: Set(link(row, "requested_vehicle")),
        urgent: Set(false),
        urgent_reason: Set(None),
        needs_consent: Set(!store::has_car_right(tx.db(), requester_id, starts_at).await?),
        status: Set(BookingStatus::Draft),
        waiting_since: Set(tx.now),
        approved_by_id: Set(None),
        trip_id: Set(None),
        conference_id: Set(None),
        confirmed_by_id: Set(None),
        confirm_note: Set(None),
        stated_km: Set(None),
        stated_ends_at: Set(None),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    })
}

fn place(demo: &Demo, row: &Value) -> String {
    let place = demo.rows("places").find(|place| place["ref"] == row["destination"]);
    place.map_or_else(|| string(row, "destination"), |place| string(place, "name_vi"))
}

async fn advance(tx: &Tx, booking: Model, verb: &str, to: BookingStatus, step: &Value) -> ApiResult<Model> {
    let mut changed: vehicle_bookings::ActiveModel = booking.clone().into_active_model();
    let reason = optional(step, "reason_vi");
    changed.status = Set(to);
    changed.waiting_since = Set(tx.now);
    if to == BookingStatus::Approved {
        changed.approved_by_id = Set(Some(id(&string(step, "by"))));
    }
    if to == BookingStatus::Returned {
        changed.decision_reason = Set(reason.clone());
    }
    let event = Event::new(verb, store::TYPE, booking.id, booking.version + 1)
        .of_board(booking.board_id)
        .step(&booking.status, &to)
        .because(reason.as_deref());
    let consented = to == BookingStatus::Approved && booking.needs_consent;
    let event = if consented { event.with(json!({"consent": true})) } else { event };
    store::save(tx, &booking, changed, event).await
}
