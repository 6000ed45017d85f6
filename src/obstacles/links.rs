//! The record in which people meet an obstacle: whoever reports it must be able to see it.

use entity::attachments::OwnerType;
use entity::obstacles::ObstacleResource as Kind;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::budgets::lines;
use crate::error::{ApiError, ApiResult, Code, FieldError};
use crate::http::call::Call;
use crate::integration::attachments::owners;
use crate::vehicles;

/// What is wrong with a link: a record that does not exist, or not for the caller.
///
/// # Errors
/// When the database does not answer.
pub async fn broken(
    db: &impl ConnectionTrait,
    call: &Call,
    link: Option<(Kind, Uuid)>,
) -> ApiResult<Option<FieldError>> {
    let Some((kind, id)) = link else { return Ok(None) };
    match seen(db, call, kind, id).await {
        Ok(()) => Ok(None),
        Err(error) if error.code() == Code::NotFound => {
            Ok(Some(FieldError::unknown_reference("resource_id")))
        }
        Err(error) => Err(error),
    }
}

async fn seen(db: &impl ConnectionTrait, call: &Call, kind: Kind, id: Uuid) -> ApiResult<()> {
    if call.reach(read_by(kind)).is_empty() {
        return Err(ApiError::not_found());
    }
    let owner = match kind {
        Kind::Vehicle => return vehicles::store::find(db, id).await.map(drop),
        Kind::Driver => return vehicles::drivers::store::find(db, id).await.map(drop),
        Kind::BudgetLine => return lines::store::find(db, call, id).await.map(drop),
        Kind::ExpenseClaim => OwnerType::ExpenseClaim,
        Kind::TravelOrder => OwnerType::TravelOrder,
        Kind::Advance => OwnerType::Advance,
        Kind::VehicleBooking => OwnerType::VehicleBooking,
        Kind::Trip => OwnerType::Trip,
        Kind::Conference => OwnerType::Conference,
        Kind::ConferenceTask => OwnerType::ConferenceTask,
    };
    owners::find(db, call, owner, id).await.map(drop)
}

/// The right by which such records are read.
fn read_by(kind: Kind) -> Action {
    match kind {
        Kind::ExpenseClaim | Kind::Advance => Action::ReadClaims,
        Kind::TravelOrder => Action::ReadTravel,
        Kind::VehicleBooking => Action::ReadBookings,
        Kind::Trip => Action::ReadTrips,
        Kind::Conference | Kind::ConferenceTask => Action::ReadConferences,
        Kind::Vehicle | Kind::Driver => Action::ReadDirectory,
        Kind::BudgetLine => Action::ReadBudget,
    }
}
