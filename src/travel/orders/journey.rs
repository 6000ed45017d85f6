//! Bodies, rows and the estimate of a journey, turned into each other.

use chrono::NaiveDate;
use entity::travel_order_legs::{ActiveModel, LegKind, Model as Leg};
use entity::travel_order_travellers::Model as Traveller;
use sea_orm::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::decimal::{decimal, hundredths};
use crate::error::{ApiError, ApiResult};
use crate::travel::estimates::json::{EstimateTravellerIn, TravelEstimateIn, TravelEstimateOut};
use crate::travel::legs::{
    LateCheckOutIn, LateCheckOutOut, PlaceClassIn, PlaceClassOut, TravelLegIn, TravelLegOut,
};
use crate::vehicles::period::storable;
use crate::write::Tx;

/// The row of a leg.
pub fn leg_row(tx: &Tx, order_id: Uuid, kind: LegKind, position: i64, leg: &TravelLegIn) -> ActiveModel {
    let TravelLegIn {
        from_place,
        to_place,
        starts_at,
        ends_at,
        place_class,
        other_place_classes,
        transport,
        one_way_km,
        round_trip,
        difficult_area,
        at_sea,
        ticket_amount,
        lodging,
        room_amount,
        room_occupants,
        late_check_out,
    } = leg.clone();
    let classes: Vec<Value> = other_place_classes
        .into_iter()
        .map(|class| json!({"table": class.table, "place_class": class.place_class}))
        .collect();
    let (cause, reason) = late_check_out.map_or((None, None), |late| (Some(late.cause), Some(late.reason)));
    ActiveModel {
        id: Set(tx.id()),
        order_id: Set(order_id),
        kind: Set(kind),
        position: Set(position),
        from_place: Set(from_place),
        to_place: Set(to_place),
        starts_at: Set(storable(starts_at)),
        ends_at: Set(storable(ends_at)),
        place_class: Set(place_class),
        other_place_classes: Set(Value::Array(classes)),
        transport: Set(transport),
        one_way_km_hundredths: Set(one_way_km.as_deref().and_then(hundredths)),
        round_trip: Set(round_trip),
        difficult_area: Set(difficult_area),
        at_sea: Set(at_sea),
        ticket_amount: Set(ticket_amount),
        lodging: Set(lodging),
        room_amount: Set(room_amount),
        room_occupants: Set(room_occupants),
        late_check_out_cause: Set(cause),
        late_check_out_reason: Set(reason),
    }
}

/// A stored leg as it is shown.
///
/// # Errors
/// 500 for a row that this version cannot read.
pub fn leg_out(leg: Leg) -> ApiResult<TravelLegOut> {
    let late = leg.late_check_out_cause.zip(leg.late_check_out_reason);
    Ok(TravelLegOut {
        from_place: leg.from_place,
        to_place: leg.to_place,
        starts_at: leg.starts_at,
        ends_at: leg.ends_at,
        place_class: leg.place_class,
        other_place_classes: serde_json::from_value(leg.other_place_classes).map_err(ApiError::internal)?,
        transport: leg.transport,
        one_way_km: leg.one_way_km_hundredths.map(decimal),
        round_trip: leg.round_trip,
        difficult_area: leg.difficult_area,
        at_sea: leg.at_sea,
        ticket_amount: leg.ticket_amount,
        lodging: leg.lodging,
        room_amount: leg.room_amount,
        room_occupants: leg.room_occupants,
        late_check_out: late.map(|(cause, reason)| LateCheckOutOut { cause, reason }),
    })
}

/// A stored leg as it was sent.
///
/// # Errors
/// As [`leg_out`].
pub fn leg_in(leg: Leg) -> ApiResult<TravelLegIn> {
    let TravelLegOut {
        from_place,
        to_place,
        starts_at,
        ends_at,
        place_class,
        other_place_classes,
        transport,
        one_way_km,
        round_trip,
        difficult_area,
        at_sea,
        ticket_amount,
        lodging,
        room_amount,
        room_occupants,
        late_check_out,
    } = leg_out(leg)?;
    let class = |PlaceClassOut { table, place_class }| PlaceClassIn { table, place_class };
    let late = |LateCheckOutOut { cause, reason }| LateCheckOutIn { cause, reason };
    Ok(TravelLegIn {
        from_place,
        to_place,
        starts_at,
        ends_at,
        place_class,
        other_place_classes: other_place_classes.into_iter().map(class).collect(),
        transport,
        one_way_km,
        round_trip,
        difficult_area,
        at_sea,
        ticket_amount,
        lodging,
        room_amount,
        room_occupants,
        late_check_out: late_check_out.map(late),
    })
}

/// The days of a traveller that are their own.
///
/// # Errors
/// 500 for a row that this version cannot read.
pub fn private_dates(traveller: &Traveller) -> ApiResult<Vec<NaiveDate>> {
    serde_json::from_value(traveller.private_dates.clone()).map_err(ApiError::internal)
}

/// The question to the estimate. A coefficient that is frozen already counts; else the estimate finds it.
///
/// # Errors
/// As [`private_dates`].
pub fn question(travellers: &[Traveller], legs: Vec<TravelLegIn>) -> ApiResult<TravelEstimateIn> {
    let mut asked = Vec::new();
    for traveller in travellers {
        let frozen = traveller.coefficient_hundredths;
        asked.push(EstimateTravellerIn {
            staff_id: frozen.is_none().then_some(traveller.staff_id),
            coefficient: frozen.map(decimal),
            has_car_right: None,
            private_dates: private_dates(traveller)?,
        });
    }
    Ok(TravelEstimateIn { travellers: asked, legs, rate_change_pricing: None, monthly_lump_sum: None })
}

/// Names the travellers of an answer that was asked for by coefficients.
pub fn name_travellers(estimate: &mut TravelEstimateOut, travellers: &[Traveller]) {
    for (shown, traveller) in estimate.travellers.iter_mut().zip(travellers) {
        shown.staff_id = Some(traveller.staff_id);
    }
}
