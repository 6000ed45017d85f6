//! The classes of driving licences: rows, not code, since the law changes them.

use actix_web::get;
use entity::licence_classes::{Column, Entity, Model, Verification};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::reply::Reply;

/// A class of driving licences.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceClassOut {
    /// In small letters, as drivers' licences have it.
    pub code: String,
    /// Seats of the largest car that it allows, the driver's included.
    pub max_seats: i64,
    pub verification: Verification,
}

/// All classes of driving licences.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceClasses {
    pub items: Vec<LicenceClassOut>,
}

impl From<Model> for LicenceClassOut {
    fn from(class: Model) -> Self {
        let Model { code, max_seats, verification } = class;
        Self { code, max_seats, verification }
    }
}

/// List the classes of driving licences.
///
/// How large a car each class allows. A driver whose class is not among them is not sent out, since nobody can tell
/// which cars it fits.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "All classes.", body = LicenceClasses))
)]
#[get("/v1/licence-classes")]
pub(crate) async fn list_licence_classes(call: Call) -> ApiResult<Reply<LicenceClasses>> {
    let classes = Entity::find().order_by_asc(Column::Code).all(call.db()).await?;
    Reply::plain(&LicenceClasses { items: classes.into_iter().map(LicenceClassOut::from).collect() })
}

/// The class of this code, if the office knows it.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl ConnectionTrait, code: &str) -> ApiResult<Option<Model>> {
    Ok(Entity::find_by_id(code).one(db).await?)
}
