//! Tolerances: how far fuel may be off before somebody has to say why, dated. One for the whole office.

use actix_web::{HttpRequest, delete, get, post};
use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::fuel_norms::Verification;
use entity::fuel_tolerances::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::dated;
use crate::decimal::{decimal, hundredths};
use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query, broken};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::{Reply, Resource};
use crate::integration::history::{self, HistoryEntry};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "fuel_tolerance";

/// The one scope: there is one tolerance for the whole office on each day.
pub const OFFICE: &str = "office";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_fuel_tolerances)
        .service(create_fuel_tolerance)
        .service(get_fuel_tolerance)
        .service(delete_fuel_tolerance)
        .service(get_fuel_tolerance_history);
}

/// How far fuel may be off from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "in_order"))]
#[schema(examples(json!({
    "over_percent": "4.50", "price_percent": "2.00", "valid_from": "2029-01-01", "document_number": "13-QĐ/VPTU",
    "issuer": "Văn phòng Tỉnh ủy", "verification": "verified",
})))]
pub struct FuelToleranceIn {
    /// Fuel used above the norm that needs no explanation, in percent of the norm, at most two decimals.
    #[schema(min_length = 1, max_length = 5, pattern = r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]
    pub over_percent: String,
    /// How far the price of a refuel may be off the dated one without being marked, in percent of it.
    #[schema(min_length = 1, max_length = 5, pattern = r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]
    pub price_percent: String,
    /// The first day. A tolerance that has no last day and begins earlier ends on the day before.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    /// The decision that sets the tolerance.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    pub verification: Verification,
}

fn in_order(body: &FuelToleranceIn) -> Result<(), ValidationError> {
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

/// How far fuel may be off in a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FuelToleranceOut {
    pub id: Uuid,
    pub version: i64,
    /// Fuel used above the norm that needs no explanation, in percent of the norm, with two decimals.
    #[schema(max_length = 5, example = "5.00")]
    pub over_percent: String,
    /// How far the price of a refuel may be off the dated one without being marked, in percent of it, with two decimals.
    #[schema(max_length = 5, example = "2.00")]
    pub price_percent: String,
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

impl Resource for FuelToleranceOut {
    const COLLECTION: &'static str = "/v1/fuel-tolerances";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for FuelToleranceOut {
    fn from(tolerance: Model) -> Self {
        let Model {
            id,
            scope: _,
            over_percent_hundredths,
            price_percent_hundredths,
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = tolerance;
        Self {
            id,
            version,
            over_percent: decimal(over_percent_hundredths),
            price_percent: decimal(price_percent_hundredths),
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

/// Which tolerances.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct FuelToleranceFilter {
    /// The tolerance in force on this day.
    pub on: Option<NaiveDate>,
}

/// List fuel tolerances.
///
/// From which excess over the norm a fuel statement needs an explanation, and from which difference the price of a
/// refuel is marked; past and to come, by first day.
#[utoipa::path(
    tag = "fuel",
    params(FuelToleranceFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of fuel tolerances.", body = Page<FuelToleranceOut>))
)]
#[get("/v1/fuel-tolerances")]
pub(crate) async fn list_fuel_tolerances(
    call: Call,
    request: HttpRequest,
    filter: Query<FuelToleranceFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<FuelToleranceOut>>> {
    let mut select = Entity::find();
    if let Some(day) = filter.on {
        select = select.filter(on_day(day));
    }
    let order = Order { column: Column::ValidFrom, descending: false };
    let page = page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    page.map(FuelToleranceOut::from).reply(&request)
}

/// Set the fuel tolerance.
///
/// In force from its first day on; a tolerance without a last day that begins earlier ends on the day
/// before. Days that have another tolerance with a last day are refused with `period_taken`.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_tolerance.manage"))),
    responses((status = 201, description = "Created.", body = FuelToleranceOut))
)]
#[post("/v1/fuel-tolerances")]
pub(crate) async fn create_fuel_tolerance(
    call: Call,
    body: Json<FuelToleranceIn>,
) -> ApiResult<Reply<FuelToleranceOut>> {
    call.write(async |tx| Reply::created(&FuelToleranceOut::from(insert(tx, &body).await?))).await
}

/// Read a fuel tolerance.
///
/// The percentages, the days and the document that sets them.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The fuel tolerance.", body = FuelToleranceOut))
)]
#[get("/v1/fuel-tolerances/{tolerance_id}")]
pub(crate) async fn get_fuel_tolerance(
    call: Call,
    tolerance_id: Path<Uuid>,
) -> ApiResult<Reply<FuelToleranceOut>> {
    Reply::ok(&FuelToleranceOut::from(find(call.db(), *tolerance_id).await?))
}

/// Delete a fuel tolerance.
///
/// For a tolerance that was entered wrongly. Closed statements keep what they were measured by; the tolerance before
/// it is not prolonged by itself.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_tolerance.manage"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/fuel-tolerances/{tolerance_id}")]
pub(crate) async fn delete_fuel_tolerance(call: Call, tolerance_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let tolerance = Entity::find_by_id(*tolerance_id).lock(ROW_LOCK).one(tx.db()).await?;
        let tolerance = tolerance.ok_or_else(ApiError::not_found)?;
        call.expect_version(tolerance.version)?;
        let (id, version) = (tolerance.id, tolerance.version + 1);
        tolerance.delete(tx.db()).await?;
        tx.record(Event::new("delete", TYPE, id, version)).await?;
        Reply::gone()
    })
    .await
}

/// Read a fuel tolerance's history.
///
/// Who set it, and when another one took over.
#[utoipa::path(
    tag = "fuel",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/fuel-tolerances/{tolerance_id}/history")]
pub(crate) async fn get_fuel_tolerance_history(
    call: Call,
    request: HttpRequest,
    tolerance_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let tolerance = find(call.db(), *tolerance_id).await?;
    history::of(&call, &request, tolerance.id, &params).await
}

fn on_day(day: NaiveDate) -> Condition {
    dated::on_day(Column::ValidFrom, Column::ValidTo, day)
}

async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The tolerance of a day.
///
/// # Errors
/// 422 `rate_not_found`, naming the day.
pub async fn in_force(db: &impl ConnectionTrait, day: NaiveDate) -> ApiResult<Model> {
    Entity::find().filter(on_day(day)).one(db).await?.ok_or_else(|| {
        ApiError::new(
            Code::RateNotFound,
            text(
                format!("Chưa có mức dung sai nhiên liệu vào ngày {day}."),
                format!("There is no fuel tolerance on {day}."),
            ),
        )
    })
}

/// All tolerances, by first day: there are few.
///
/// # Errors
/// When the database does not answer.
pub async fn all(db: &impl ConnectionTrait) -> ApiResult<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::ValidFrom).all(db).await?)
}

fn number(text: &str) -> ApiResult<i64> {
    hundredths(text).ok_or_else(|| ApiError::internal("a number was not checked"))
}

async fn insert(tx: &Tx, body: &FuelToleranceIn) -> ApiResult<Model> {
    give_way(tx, body).await?;
    let tolerance = ActiveModel {
        id: Set(tx.id()),
        scope: Set(OFFICE.to_owned()),
        over_percent_hundredths: Set(number(&body.over_percent)?),
        price_percent_hundredths: Set(number(&body.price_percent)?),
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
    let tolerance = tolerance.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, tolerance.id, 1)).await?;
    Ok(tolerance)
}

/// Ends the tolerance that still runs on the day before the new one.
async fn give_way(tx: &Tx, body: &FuelToleranceIn) -> ApiResult<()> {
    let running = Entity::find()
        .filter(dated::running_before(Column::ValidFrom, Column::ValidTo, body.valid_from))
        .lock(ROW_LOCK);
    let Some(running) = running.one(tx.db()).await? else { return Ok(()) };
    let last_day = body.valid_from.checked_sub_days(Days::new(1));
    let mut ended = running.clone().into_active_model();
    ended.valid_to = Set(last_day);
    ended.version = Set(running.version + 1);
    ended.updated_at = Set(tx.now);
    ended.update(tx.db()).await?;
    let event = Event::new("end", TYPE, running.id, running.version + 1);
    tx.record(event.with(serde_json::json!({"valid_to": last_day}))).await
}
