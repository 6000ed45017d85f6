//! Who travels: their coefficient on the day of departure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::appointments;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::decimal::hundredths;
use crate::error::{ApiResult, FieldError, text};
use crate::staff::store as staff;
use crate::travel::estimates::json::{EstimateTravellerIn, TravelEstimateIn};
use crate::travel::estimates::pricing::Person;

/// The travellers in the order of the body. One who cannot be classed is missing, and an error says why.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    body: &TravelEstimateIn,
    departure: NaiveDate,
) -> ApiResult<(Vec<Person>, Vec<FieldError>)> {
    let ids = body.travellers.iter().filter_map(|traveller| traveller.staff_id);
    let known = staff::known(db, ids.clone()).await?;
    let held = staff::appointments_of(db, ids).await?;
    let (mut people, mut errors) = (Vec::new(), Vec::new());
    for (index, traveller) in body.travellers.iter().enumerate() {
        let pointer = format!("travellers/{index}/staff_id");
        let coefficient = match traveller.staff_id {
            None => traveller.coefficient.as_deref().and_then(hundredths),
            Some(id) if !known.contains(&id) => {
                errors.push(FieldError::unknown_reference(&pointer));
                None
            }
            Some(id) => {
                let coefficient = on_day(&held, id, departure);
                errors.extend(coefficient.is_none().then(|| unappointed(&pointer, departure)));
                coefficient
            }
        };
        people.extend(coefficient.map(|coefficient| person(traveller, coefficient)));
    }
    Ok((people, errors))
}

/// The highest coefficient that somebody has on a day: who holds two positions is classed by the better one.
fn on_day(held: &BTreeMap<Uuid, Vec<appointments::Model>>, id: Uuid, day: NaiveDate) -> Option<i64> {
    let appointments = held.get(&id)?.iter();
    let in_force =
        appointments.filter(|one| one.valid_from <= day && one.valid_to.is_none_or(|last| day <= last));
    in_force.map(|one| one.coefficient_hundredths).max()
}

fn unappointed(pointer: &str, day: NaiveDate) -> FieldError {
    let detail = text(
        format!("người này không có chức vụ vào ngày {day}; hãy gửi coefficient"),
        format!("the person holds no position on {day}; send coefficient instead"),
    );
    FieldError::body(pointer, "no_appointment", detail)
}

fn person(traveller: &EstimateTravellerIn, coefficient: i64) -> Person {
    Person {
        staff_id: traveller.staff_id,
        coefficient,
        has_car_right: traveller.has_car_right,
        private_dates: traveller.private_dates.iter().copied().collect(),
    }
}
