//! Fuel norms: how many litres a car may use, dated, with the document that says so.
//!
//! A norm is never changed, since trips were measured by it: a new one takes over from a day on. One that no
//! trip was measured by can be deleted.

use actix_web::{HttpRequest, delete, get, post};
use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::fuel_norms::{ActiveModel, Column, Entity, Model, Verification};
use entity::trips;
use entity::vehicles::{FuelType, Model as Vehicle};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::clock::office_midnight;
use crate::dated;
use crate::decimal::{decimal, hundredths};
use crate::error::{ApiError, ApiResult, Code, text};
use crate::fuel::plate;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query, broken};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::{Reply, Resource};
use crate::integration::history::{self, HistoryEntry};
use crate::vehicles::store as vehicles;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "fuel_norm";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_vehicle_fuel_norms)
        .service(create_vehicle_fuel_norm)
        .service(get_fuel_norm)
        .service(delete_fuel_norm)
        .service(get_fuel_norm_history);
}

/// How much fuel a car may use from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "in_order"))]
#[schema(examples(json!({
    "litres_per_100_km": "12.50", "mountain_percent": "15.00", "air_conditioning_percent": "5.00",
    "idling_litres_per_hour": "1.20", "valid_from": "2029-01-01", "document_number": "12-QĐ/VPTU",
    "issuer": "Văn phòng Tỉnh ủy", "verification": "verified",
})))]
pub struct FuelNormIn {
    /// Litres for 100 km on ordinary roads, at most two decimals. `0.00` for an electric car, and only there.
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub litres_per_100_km: String,
    /// What km on mountain roads get on top, in percent; none unless given.
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub mountain_percent: Option<String>,
    /// What km with air-conditioning get on top, in percent; none unless given.
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub air_conditioning_percent: Option<String>,
    /// Litres for an hour of standing with the engine running; none unless given.
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub idling_litres_per_hour: Option<String>,
    /// The first day. A norm that has no last day and begins earlier ends on the day before.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    /// The decision that sets the norm.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    pub verification: Verification,
}

fn in_order(body: &FuelNormIn) -> Result<(), ValidationError> {
    if body.valid_to.is_some_and(|last| last < body.valid_from) {
        return Err(broken(
            "valid_to",
            "out_of_range",
            "không được trước valid_from",
            "must not be before valid_from",
        ));
    }
    Ok(())
}

/// How much fuel a car may use in a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FuelNormOut {
    pub id: Uuid,
    pub version: i64,
    pub vehicle_id: Uuid,
    /// Litres for 100 km on ordinary roads, with two decimals.
    #[schema(max_length = 6, example = "12.00")]
    pub litres_per_100_km: String,
    /// What km on mountain roads get on top, in percent with two decimals.
    #[schema(max_length = 6, example = "15.00")]
    pub mountain_percent: String,
    /// What km with air-conditioning get on top, in percent with two decimals.
    #[schema(max_length = 6, example = "5.00")]
    pub air_conditioning_percent: String,
    /// Litres for an hour of standing with the engine running, with two decimals.
    #[schema(max_length = 6, example = "1.20")]
    pub idling_litres_per_hour: String,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for FuelNormOut {
    const COLLECTION: &'static str = "/v1/fuel-norms";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for FuelNormOut {
    fn from(norm: Model) -> Self {
        let Model {
            id,
            vehicle_id,
            litres_per_100_km_hundredths,
            mountain_percent_hundredths,
            air_conditioning_percent_hundredths,
            idling_litres_per_hour_hundredths,
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = norm;
        Self {
            id,
            version,
            vehicle_id,
            litres_per_100_km: decimal(litres_per_100_km_hundredths),
            mountain_percent: decimal(mountain_percent_hundredths),
            air_conditioning_percent: decimal(air_conditioning_percent_hundredths),
            idling_litres_per_hour: decimal(idling_litres_per_hour_hundredths),
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which norms.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct FuelNormFilter {
    /// The norm in force on this day.
    pub on: Option<NaiveDate>,
}

/// List a car's fuel norms.
///
/// What the car may use, past and to come, by first day. On every day at most one norm is in force.
#[utoipa::path(
    tag = "fuel",
    params(FuelNormFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of fuel norms.", body = Page<FuelNormOut>))
)]
#[get("/v1/vehicles/{vehicle_id}/fuel-norms")]
pub(crate) async fn list_vehicle_fuel_norms(
    call: Call,
    request: HttpRequest,
    vehicle_id: Path<Uuid>,
    filter: Query<FuelNormFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<FuelNormOut>>> {
    let vehicle = vehicles::find(call.db(), *vehicle_id).await?;
    let mut select = of_vehicle(vehicle.id);
    if let Some(day) = filter.on {
        select = select.filter(on_day(day));
    }
    let order = Order { column: Column::ValidFrom, descending: false };
    let list = (vehicle.id, &*filter);
    let page = page::load(&call, select, order, Column::Id, &params, &list).await?;
    page.map(FuelNormOut::from).reply(&request)
}

/// Set a car's fuel norm.
///
/// In force from its first day on; a norm without a last day that begins earlier ends on the day before. Days that
/// have another norm with a last day are refused with `period_taken`, and days on which completed trips were
/// measured by the norm that would end with `in_use`: what was computed stays as it is.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_norm.manage"))),
    responses((status = 201, description = "Created.", body = FuelNormOut))
)]
#[post("/v1/vehicles/{vehicle_id}/fuel-norms")]
pub(crate) async fn create_vehicle_fuel_norm(
    call: Call,
    vehicle_id: Path<Uuid>,
    body: Json<FuelNormIn>,
) -> ApiResult<Reply<FuelNormOut>> {
    call.write(async |tx| {
        // Whoever completes a trip of the car locks it too, so no norm changes between its look and its commit.
        let vehicle = vehicles::find_for_update(tx, *vehicle_id).await?;
        Reply::created(&FuelNormOut::from(insert(tx, &vehicle, &body).await?))
    })
    .await
}

/// Read a fuel norm.
///
/// The figures, the days and the document that sets them.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The fuel norm.", body = FuelNormOut))
)]
#[get("/v1/fuel-norms/{norm_id}")]
pub(crate) async fn get_fuel_norm(call: Call, norm_id: Path<Uuid>) -> ApiResult<Reply<FuelNormOut>> {
    Reply::ok(&FuelNormOut::from(find(call.db(), *norm_id).await?))
}

/// Delete a fuel norm.
///
/// For a norm that was entered wrongly. One by which a trip was measured stays (409 `in_use`); the norm before it
/// is not prolonged by itself.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_norm.manage"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/fuel-norms/{norm_id}")]
pub(crate) async fn delete_fuel_norm(call: Call, norm_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let norm = find(tx.db(), *norm_id).await?;
        vehicles::find_for_update(tx, norm.vehicle_id).await?;
        let norm = Entity::find_by_id(norm.id).lock(ROW_LOCK).one(tx.db()).await?;
        let norm = norm.ok_or_else(ApiError::not_found)?;
        call.expect_version(norm.version)?;
        remove(tx, norm).await?;
        Reply::gone()
    })
    .await
}

/// Read a fuel norm's history.
///
/// Who set it, and when another one took over.
#[utoipa::path(
    tag = "fuel",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/fuel-norms/{norm_id}/history")]
pub(crate) async fn get_fuel_norm_history(
    call: Call,
    request: HttpRequest,
    norm_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let norm = find(call.db(), *norm_id).await?;
    history::of(&call, &request, norm.id, &params).await
}

/// The norm of a car on a day. Whoever keeps it locks the car's row first, so that it stays the norm of that day.
///
/// # Errors
/// 422 `rate_not_found`, naming the car and the day: litres are never guessed.
pub async fn in_force(db: &impl ConnectionTrait, vehicle_id: Uuid, day: NaiveDate) -> ApiResult<Model> {
    match of_vehicle(vehicle_id).filter(on_day(day)).one(db).await? {
        Some(norm) => Ok(norm),
        None => {
            let plate = plate(&vehicles::find(db, vehicle_id).await?);
            Err(ApiError::new(
                Code::RateNotFound,
                text(
                    format!("Xe {plate} không có định mức nhiên liệu vào ngày {day}."),
                    format!("The car {plate} has no fuel norm on {day}."),
                ),
            ))
        }
    }
}

fn of_vehicle(vehicle_id: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::VehicleId.eq(vehicle_id))
}

fn on_day(day: NaiveDate) -> Condition {
    dated::on_day(Column::ValidFrom, Column::ValidTo, day)
}

async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The norm's figures in hundredths, in the order of the columns.
fn figures(vehicle: &Vehicle, body: &FuelNormIn) -> ApiResult<[i64; 4]> {
    let number = |text: &str| hundredths(text).ok_or_else(|| ApiError::internal("a number was not checked"));
    let or_none = |text: &Option<String>| text.as_deref().map_or(Ok(0), number);
    let litres = number(&body.litres_per_100_km)?;
    if (litres == 0) != (vehicle.fuel_type == FuelType::Electric) {
        let detail = text(
            "chỉ xe điện có định mức 0 lít, và xe điện luôn là 0 lít",
            "an electric car has a norm of 0 litres, and no other car has",
        );
        return Err(ApiError::rule("litres_per_100_km", "out_of_range", detail));
    }
    Ok([
        litres,
        or_none(&body.mountain_percent)?,
        or_none(&body.air_conditioning_percent)?,
        or_none(&body.idling_litres_per_hour)?,
    ])
}

/// Sets a norm of a locked car.
async fn insert(tx: &Tx, vehicle: &Vehicle, body: &FuelNormIn) -> ApiResult<Model> {
    let [litres, mountain, air, idling] = figures(vehicle, body)?;
    give_way(tx, vehicle, body).await?;
    let norm = ActiveModel {
        id: Set(tx.id()),
        vehicle_id: Set(vehicle.id),
        litres_per_100_km_hundredths: Set(litres),
        mountain_percent_hundredths: Set(mountain),
        air_conditioning_percent_hundredths: Set(air),
        idling_litres_per_hour_hundredths: Set(idling),
        valid_from: Set(body.valid_from),
        valid_to: Set(body.valid_to),
        document_number: Set(body.document_number.clone()),
        issuer: Set(body.issuer.clone()),
        verification: Set(body.verification),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let norm = norm.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, norm.id, 1)).await?;
    Ok(norm)
}

/// Ends the norm that still runs on the day before the new one, unless a trip was measured by it since.
async fn give_way(tx: &Tx, vehicle: &Vehicle, body: &FuelNormIn) -> ApiResult<()> {
    let running = of_vehicle(vehicle.id)
        .filter(dated::running_before(Column::ValidFrom, Column::ValidTo, body.valid_from))
        .lock(ROW_LOCK);
    let Some(running) = running.one(tx.db()).await? else { return Ok(()) };
    let since = trips::Column::DepartedAt.gte(office_midnight(body.valid_from));
    refuse_use(tx, &running, Condition::all().add(since)).await?;
    let last_day = body.valid_from.checked_sub_days(Days::new(1));
    let mut ended = running.clone().into_active_model();
    ended.valid_to = Set(last_day);
    ended.version = Set(running.version + 1);
    ended.updated_at = Set(tx.now);
    ended.update(tx.db()).await?;
    let event = Event::new("end", TYPE, running.id, running.version + 1);
    tx.record(event.with(serde_json::json!({"valid_to": last_day}))).await
}

/// 409 where trips were measured by the norm, with their numbers.
async fn refuse_use(tx: &Tx, norm: &Model, which: Condition) -> ApiResult<()> {
    use trips::Column;
    let measured = trips::Entity::find()
        .filter(Column::NormId.eq(norm.id))
        .filter(which)
        .order_by_asc(Column::DepartedAt)
        .limit(5)
        .all(tx.db())
        .await?;
    if measured.is_empty() {
        return Ok(());
    }
    let numbers: Vec<String> = measured.into_iter().filter_map(|trip| trip.number).collect();
    let numbers = numbers.join(", ");
    let detail = text(
        format!("Đã có lệnh điều xe hoàn thành tính theo định mức này: {numbers}."),
        format!("Completed trips were measured by this norm: {numbers}."),
    );
    Err(ApiError::new(Code::InUse, detail))
}

async fn remove(tx: &Tx, norm: Model) -> ApiResult<()> {
    refuse_use(tx, &norm, Condition::all()).await?;
    let (id, version) = (norm.id, norm.version + 1);
    norm.delete(tx.db()).await?;
    tx.record(Event::new("delete", TYPE, id, version)).await
}
