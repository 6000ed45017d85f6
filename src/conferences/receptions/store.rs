//! Every query about what a reception has beside its conference.

use std::collections::BTreeMap;

use entity::conferences::{ConferenceKind, Model as Conference};
use entity::{conferences, reception_guests, reception_legs, receptions, vehicle_bookings};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use crate::conferences::costs;
use crate::conferences::receptions::json::{ReceptionIn, ReceptionOut, ReceptionParts};
use crate::conferences::store::visible;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::write::Tx;

/// # Errors
/// 404, also for what the caller may not see, and for a conference that is no reception.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Conference> {
    let found = conferences::Entity::find_by_id(id)
        .filter(visible(call))
        .filter(conferences::Column::Kind.eq(ConferenceKind::Reception));
    found.one(db).await?.ok_or_else(ApiError::not_found)
}

/// Writes what a reception has beside its conference.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &Tx, conference: &Conference, body: &ReceptionIn) -> ApiResult<()> {
    let reception = receptions::ActiveModel {
        conference_id: Set(conference.id),
        organisation: Set(body.organisation.clone()),
        host_id: Set(body.host_id),
        meals: Set(serde_json::to_value(&body.meals).map_err(ApiError::internal)?),
    };
    reception.insert(tx.db()).await?;
    let guests = (0_i64..).zip(&body.guests).map(|(position, guest)| reception_guests::ActiveModel {
        id: Set(tx.id()),
        conference_id: Set(conference.id),
        position: Set(position),
        full_name: Set(guest.full_name.clone()),
        title: Set(guest.title.clone()),
        organisation: Set(guest.organisation.clone()),
        head: Set(guest.head),
    });
    reception_guests::Entity::insert_many(guests).exec_without_returning(tx.db()).await?;
    if body.legs.is_empty() {
        return Ok(());
    }
    let legs = (0_i64..).zip(&body.legs).map(|(position, leg)| reception_legs::ActiveModel {
        id: Set(tx.id()),
        conference_id: Set(conference.id),
        position: Set(position),
        starts_at: Set(leg.starts_at),
        ends_at: Set(leg.ends_at),
        place: Set(leg.place.clone()),
        activity: Set(leg.activity.clone()),
    });
    reception_legs::Entity::insert_many(legs).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Receptions as they are shown; the queries are the same for one and for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    call: &Call,
    db: &impl ConnectionTrait,
    conferences: Vec<Conference>,
) -> ApiResult<Vec<ReceptionOut>> {
    let mut money = costs::view::money_of(call, db, &conferences).await?;
    let ids: Vec<Uuid> = conferences.iter().map(|conference| conference.id).collect();
    let mut beside = beside(db, ids).await?;
    let show = |conference: Conference| {
        let parts = beside.remove(&conference.id).unwrap_or_default();
        let costs = money.remove(&conference.id);
        ReceptionOut::new(conference, ReceptionParts { costs, ..parts })
    };
    Ok(conferences.into_iter().map(show).collect())
}

/// One reception.
///
/// # Errors
/// When the database does not answer.
pub async fn one(call: &Call, db: &impl ConnectionTrait, conference: Conference) -> ApiResult<ReceptionOut> {
    let mut shown = page(call, db, vec![conference]).await?;
    shown.pop().ok_or_else(|| ApiError::internal("a reception vanished while it was shown"))
}

/// What these receptions have beside their conferences; four queries for a page.
async fn beside(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> ApiResult<BTreeMap<Uuid, ReceptionParts>> {
    let mut found: BTreeMap<Uuid, ReceptionParts> = BTreeMap::new();
    let of = receptions::Column::ConferenceId.is_in(ids.clone());
    for reception in receptions::Entity::find().filter(of).all(db).await? {
        let parts = found.entry(reception.conference_id).or_default();
        parts.host_id = Some(reception.host_id);
        parts.organisation = Some(reception.organisation);
        parts.meals = serde_json::from_value(reception.meals).map_err(ApiError::internal)?;
    }
    let guests = reception_guests::Entity::find()
        .filter(reception_guests::Column::ConferenceId.is_in(ids.clone()))
        .order_by_desc(reception_guests::Column::Head)
        .order_by_asc(reception_guests::Column::Position);
    for guest in guests.all(db).await? {
        found.entry(guest.conference_id).or_default().guests.push(guest.into());
    }
    let legs = reception_legs::Entity::find()
        .filter(reception_legs::Column::ConferenceId.is_in(ids.clone()))
        .order_by_asc(reception_legs::Column::StartsAt)
        .order_by_asc(reception_legs::Column::Position);
    for leg in legs.all(db).await? {
        found.entry(leg.conference_id).or_default().legs.push(leg.into());
    }
    let bookings: Vec<(Option<Uuid>, Uuid)> = vehicle_bookings::Entity::find()
        .filter(vehicle_bookings::Column::ConferenceId.is_in(ids))
        .order_by_asc(vehicle_bookings::Column::Id)
        .select_only()
        .columns([vehicle_bookings::Column::ConferenceId, vehicle_bookings::Column::Id])
        .into_tuple()
        .all(db)
        .await?;
    for (conference_id, booking_id) in bookings {
        let Some(conference_id) = conference_id else { continue };
        found.entry(conference_id).or_default().booking_ids.push(booking_id);
    }
    Ok(found)
}
