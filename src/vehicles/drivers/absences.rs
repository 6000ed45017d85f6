//! When a driver is away: on leave, ill, at a course. An absence holds the driver like a trip does.

use actix_web::{HttpRequest, delete, get, post};
use chrono::{DateTime, Utc};
use entity::driver_absences::{ActiveModel, Column, Entity, Model};
use entity::holds::{HolderKind, ResourceKind};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QuerySelect,
    Select, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query, broken};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::{Reply, Resource};
use crate::integration::history::{self, HistoryEntry};
use crate::vehicles::drivers::store as drivers;
use crate::vehicles::holds::{self, Holder, Wanted};
use crate::vehicles::period::Period;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "driver_absence";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_driver_absences)
        .service(create_driver_absence)
        .service(get_driver_absence)
        .service(delete_driver_absence)
        .service(get_driver_absence_history);
}

/// A period in which the driver is away.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "ends_after_start"))]
#[schema(examples(json!({"starts_at": "2029-04-02T00:00:00+07:00", "ends_at": "2029-04-05T00:00:00+07:00", "reason": "Nghỉ phép năm"})))]
pub struct AbsenceIn {
    pub starts_at: DateTime<Utc>,
    /// Does not belong to the period any more.
    pub ends_at: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

fn ends_after_start(body: &AbsenceIn) -> Result<(), ValidationError> {
    match Period::new(body.starts_at, body.ends_at) {
        Some(_) => Ok(()),
        None => Err(broken("ends_at", "out_of_range", "phải sau starts_at", "must be after starts_at")),
    }
}

/// A period in which the driver is away.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AbsenceOut {
    pub id: Uuid,
    pub version: i64,
    pub driver_id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub reason: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for AbsenceOut {
    const COLLECTION: &'static str = "/v1/driver-absences";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for AbsenceOut {
    fn from(row: Model) -> Self {
        let Model {
            id,
            driver_id,
            starts_at,
            ends_at,
            reason,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = row;
        Self { id, version, driver_id, starts_at, ends_at, reason, created_at, updated_at, created_by_id }
    }
}

/// Which part of the list.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AbsenceFilter {
    /// Those that end at or after this instant; the present one gives what is still to come.
    pub ends_at_from: Option<DateTime<Utc>>,
    /// Those that start before this instant.
    pub starts_at_before: Option<DateTime<Utc>>,
}

/// List a driver's absences.
///
/// When the driver is away, past and to come, in order of time.
#[utoipa::path(
    tag = "vehicles",
    params(AbsenceFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of absences.", body = Page<AbsenceOut>))
)]
#[get("/v1/drivers/{driver_id}/absences")]
pub(crate) async fn list_driver_absences(
    call: Call,
    request: HttpRequest,
    driver_id: Path<Uuid>,
    filter: Query<AbsenceFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<AbsenceOut>>> {
    let driver = drivers::find(call.db(), *driver_id).await?;
    let order = Order { column: Column::StartsAt, descending: false };
    let list = (driver.id, &*filter);
    let page = page::load(&call, select(driver.id, &filter), order, Column::Id, &params, &list).await?;
    page.map(AbsenceOut::from).reply(&request)
}

/// Enter a driver's absence.
///
/// The absence holds the driver from now on. Where something holds them already, the answer is 409 `time_taken`
/// with the clashes.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("driver.manage"))),
    responses((status = 201, description = "Created.", body = AbsenceOut))
)]
#[post("/v1/drivers/{driver_id}/absences")]
pub(crate) async fn create_driver_absence(
    call: Call,
    driver_id: Path<Uuid>,
    body: Json<AbsenceIn>,
) -> ApiResult<Reply<AbsenceOut>> {
    let reach = call.reach(Action::ReadBookings);
    call.write(async |tx| {
        let driver = drivers::find_for_update(tx, *driver_id).await?;
        Reply::created(&AbsenceOut::from(insert(tx, &reach, driver.id, &body).await?))
    })
    .await
}

/// Read an absence.
///
/// The driver, the period and why.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The absence.", body = AbsenceOut))
)]
#[get("/v1/driver-absences/{absence_id}")]
pub(crate) async fn get_driver_absence(call: Call, absence_id: Path<Uuid>) -> ApiResult<Reply<AbsenceOut>> {
    Reply::ok(&AbsenceOut::from(find(call.db(), *absence_id).await?))
}

/// Delete an absence.
///
/// The driver is free again in its period.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("driver.manage"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/driver-absences/{absence_id}")]
pub(crate) async fn delete_driver_absence(call: Call, absence_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let row = Entity::find_by_id(*absence_id).lock(ROW_LOCK).one(tx.db()).await?;
        let row = row.ok_or_else(ApiError::not_found)?;
        call.expect_version(row.version)?;
        remove(tx, row).await?;
        Reply::gone()
    })
    .await
}

/// Read an absence's history.
///
/// Who entered it, and when.
#[utoipa::path(
    tag = "vehicles",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/driver-absences/{absence_id}/history")]
pub(crate) async fn get_driver_absence_history(
    call: Call,
    request: HttpRequest,
    absence_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let row = find(call.db(), *absence_id).await?;
    history::of(&call, &request, row.id, &params).await
}

fn select(driver_id: Uuid, filter: &AbsenceFilter) -> Select<Entity> {
    let mut select = Entity::find().filter(Column::DriverId.eq(driver_id));
    if let Some(at) = filter.ends_at_from {
        select = select.filter(Column::EndsAt.gte(at));
    }
    if let Some(at) = filter.starts_at_before {
        select = select.filter(Column::StartsAt.lt(at));
    }
    select
}

async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

async fn insert(tx: &Tx, reach: &Reach, driver_id: Uuid, body: &AbsenceIn) -> ApiResult<Model> {
    let period = Period::new(body.starts_at, body.ends_at)
        .ok_or_else(|| ApiError::internal("a period was not checked at the door"))?;
    let row = ActiveModel {
        id: Set(tx.id()),
        driver_id: Set(driver_id),
        starts_at: Set(period.starts_at),
        ends_at: Set(period.ends_at),
        reason: Set(body.reason.clone()),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    enter(tx, reach, row.insert(tx.db()).await?).await
}

/// Takes the time of a new row and writes down that it happened.
///
/// # Errors
/// 409 `time_taken`.
pub async fn enter(tx: &Tx, reach: &Reach, row: Model) -> ApiResult<Model> {
    let period = Period { starts_at: row.starts_at, ends_at: row.ends_at };
    let holder = Holder { kind: HolderKind::Absence, id: row.id, board_id: None };
    let kind = ResourceKind::Driver;
    let wanted = Wanted { kind, resource_id: row.driver_id, period, holder, passengers: 1 };
    holds::take(tx, reach, &wanted).await?;
    tx.record(Event::new("create", TYPE, row.id, 1).because(Some(&row.reason))).await?;
    Ok(row)
}

/// The history keeps what the row was: calendars go on showing it, as cancelled.
async fn remove(tx: &Tx, row: Model) -> ApiResult<()> {
    let (id, version) = (row.id, row.version + 1);
    holds::free(tx, id).await?;
    let was = json!({"driver_id": row.driver_id, "starts_at": row.starts_at, "ends_at": row.ends_at, "reason": row.reason});
    row.delete(tx.db()).await?;
    tx.record(Event::new("delete", TYPE, id, version).with(was)).await
}
