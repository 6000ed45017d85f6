//! Whose time a calendar shows, and who may follow it.

use entity::calendar_feeds::CalendarKind;
use entity::{drivers, staff, vehicles};
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::auth::caller::Caller;
use crate::auth::permissions::Action;
use crate::error::{ApiError, ApiResult, text};
use crate::vehicles::plate::Plate;

/// See the module.
pub enum Subject {
    Vehicle(vehicles::Model),
    /// The driver and the member of staff who drives.
    Driver(drivers::Model, staff::Model),
    Person(staff::Model),
}

impl Subject {
    /// # Errors
    /// When the database does not answer.
    pub async fn find(db: &impl ConnectionTrait, kind: CalendarKind, id: Uuid) -> ApiResult<Option<Self>> {
        Ok(match kind {
            CalendarKind::Vehicle => vehicles::Entity::find_by_id(id).one(db).await?.map(Self::Vehicle),
            CalendarKind::Person => staff::Entity::find_by_id(id).one(db).await?.map(Self::Person),
            CalendarKind::Driver => {
                let Some(driver) = drivers::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
                let person = staff::Entity::find_by_id(driver.staff_id).one(db).await?;
                person.map(|person| Self::Driver(driver, person))
            }
        })
    }

    /// Cars are followed by those who manage cars, drivers by those who manage drivers and by themselves, people by
    /// themselves.
    ///
    /// # Errors
    /// 403.
    pub fn permit(&self, caller: &Caller) -> ApiResult<()> {
        let needs = |action: Action| {
            if caller.reach(action).is_empty() { Err(caller.refusal(action)) } else { Ok(()) }
        };
        match self {
            Self::Vehicle(_) => needs(Action::ManageVehicles),
            Self::Driver(driver, _) if caller.driver_in_any_board() == Some(driver.staff_id) => Ok(()),
            Self::Driver(..) => needs(Action::ManageDrivers),
            Self::Person(person) if caller.staff_id == Some(person.id) => Ok(()),
            Self::Person(_) => Err(ApiError::forbidden(text(
                "Lịch của một người chỉ dành cho chính người đó.",
                "A person's calendar is for that very person.",
            ))),
        }
    }

    /// How the calendar is called in an application.
    pub fn name(&self) -> String {
        match self {
            Self::Vehicle(car) => {
                let plate =
                    Plate::parse(&car.plate).map_or_else(|| car.plate.clone(), |plate| plate.display());
                format!("{plate} {}", car.name)
            }
            Self::Driver(_, person) | Self::Person(person) => person.full_name.clone(),
        }
    }
}
