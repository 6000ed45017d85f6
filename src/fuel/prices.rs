//! Fuel prices: what a litre costs, dated. A refuel at another price is marked, not refused.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, delete, get, post};
use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::fuel_norms::Verification;
use entity::fuel_prices::{ActiveModel, Column, Entity, Model};
use entity::vehicles::FuelType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::dated;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query, broken};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::{Reply, Resource};
use crate::integration::history::{self, HistoryEntry};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "fuel_price";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_fuel_prices)
        .service(create_fuel_price)
        .service(get_fuel_price)
        .service(delete_fuel_price)
        .service(get_fuel_price_history);
}

/// What a litre costs from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "plausible"))]
#[schema(examples(json!({
    "fuel_type": "petrol", "unit_price": 21_500, "valid_from": "2029-03-01", "document_number": "88/TB-GXD",
    "issuer": "Công ty Xăng dầu", "verification": "press_only",
})))]
pub struct FuelPriceIn {
    /// Electric cars are not refuelled: `petrol` or `diesel`.
    pub fuel_type: FuelType,
    /// Whole đồng a litre.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub unit_price: i64,
    /// The first day. A price that has no last day and begins earlier ends on the day before.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    /// The announcement, where it has a number.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    pub verification: Verification,
}

fn plausible(body: &FuelPriceIn) -> Result<(), ValidationError> {
    if body.fuel_type == FuelType::Electric {
        return Err(broken("fuel_type", "not_fuel", "điện không tính bằng lít", "is not sold by the litre"));
    }
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

/// What a litre costs in a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FuelPriceOut {
    pub id: Uuid,
    pub version: i64,
    pub fuel_type: FuelType,
    /// Whole đồng a litre.
    pub unit_price: i64,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub document_number: Option<String>,
    pub issuer: String,
    pub verification: Verification,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for FuelPriceOut {
    const COLLECTION: &'static str = "/v1/fuel-prices";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for FuelPriceOut {
    fn from(price: Model) -> Self {
        let Model {
            id,
            fuel_type,
            unit_price,
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = price;
        Self {
            id,
            version,
            fuel_type,
            unit_price,
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

/// Which prices.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct FuelPriceFilter {
    /// Prices of this fuel.
    #[param(inline)]
    pub fuel_type: Option<FuelType>,
    /// Prices in force on this day.
    pub on: Option<NaiveDate>,
}

/// List fuel prices.
///
/// What a litre cost and costs, by first day.
#[utoipa::path(
    tag = "fuel",
    params(FuelPriceFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of fuel prices.", body = Page<FuelPriceOut>))
)]
#[get("/v1/fuel-prices")]
pub(crate) async fn list_fuel_prices(
    call: Call,
    request: HttpRequest,
    filter: Query<FuelPriceFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<FuelPriceOut>>> {
    let mut select = Entity::find();
    if let Some(fuel_type) = filter.fuel_type {
        select = select.filter(Column::FuelType.eq(fuel_type));
    }
    if let Some(day) = filter.on {
        select = select.filter(on_day(day));
    }
    let order = Order { column: Column::ValidFrom, descending: false };
    let page = page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    page.map(FuelPriceOut::from).reply(&request)
}

/// Set a fuel price.
///
/// In force from its first day on; a price of the same fuel without a last day that begins earlier ends on the day
/// before. Days that have another price with a last day are refused with `period_taken`.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_price.manage"))),
    responses((status = 201, description = "Created.", body = FuelPriceOut))
)]
#[post("/v1/fuel-prices")]
pub(crate) async fn create_fuel_price(call: Call, body: Json<FuelPriceIn>) -> ApiResult<Reply<FuelPriceOut>> {
    call.write(async |tx| Reply::created(&FuelPriceOut::from(insert(tx, &body).await?))).await
}

/// Read a fuel price.
///
/// The price of a litre, the days and where it comes from.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The fuel price.", body = FuelPriceOut))
)]
#[get("/v1/fuel-prices/{price_id}")]
pub(crate) async fn get_fuel_price(call: Call, price_id: Path<Uuid>) -> ApiResult<Reply<FuelPriceOut>> {
    Reply::ok(&FuelPriceOut::from(find(call.db(), *price_id).await?))
}

/// Delete a fuel price.
///
/// For a price that was entered wrongly. The price before it is not prolonged by itself.
#[utoipa::path(
    tag = "fuel",
    extensions(("x-action" = json!("fuel_price.manage"))),
    responses((status = 204, description = "Deleted."))
)]
#[delete("/v1/fuel-prices/{price_id}")]
pub(crate) async fn delete_fuel_price(call: Call, price_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    call.write(async |tx| {
        let price = Entity::find_by_id(*price_id).lock(ROW_LOCK).one(tx.db()).await?;
        let price = price.ok_or_else(ApiError::not_found)?;
        call.expect_version(price.version)?;
        let (id, version) = (price.id, price.version + 1);
        price.delete(tx.db()).await?;
        tx.record(Event::new("delete", TYPE, id, version)).await?;
        Reply::gone()
    })
    .await
}

/// Read a fuel price's history.
///
/// Who set it, and when another one took over.
#[utoipa::path(
    tag = "fuel",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/fuel-prices/{price_id}/history")]
pub(crate) async fn get_fuel_price_history(
    call: Call,
    request: HttpRequest,
    price_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let price = find(call.db(), *price_id).await?;
    history::of(&call, &request, price.id, &params).await
}

fn on_day(day: NaiveDate) -> Condition {
    dated::on_day(Column::ValidFrom, Column::ValidTo, day)
}

async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The prices of all fuels on each of these days; one query for a page of refuels.
///
/// # Errors
/// When the database does not answer.
pub async fn on_each(
    db: &impl ConnectionTrait,
    days: impl IntoIterator<Item = NaiveDate>,
) -> ApiResult<BTreeMap<(String, NaiveDate), i64>> {
    use sea_orm::ActiveEnum;
    let days: Vec<NaiveDate> = days.into_iter().collect();
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
        return Ok(BTreeMap::new());
    };
    let of_days = dated::between(Column::ValidFrom, Column::ValidTo, *first, *last);
    let rows = Entity::find().filter(of_days).all(db).await?;
    let mut prices = BTreeMap::new();
    for row in rows {
        for day in &days {
            if row.valid_from <= *day && row.valid_to.is_none_or(|last| last >= *day) {
                prices.insert((row.fuel_type.to_value(), *day), row.unit_price);
            }
        }
    }
    Ok(prices)
}

/// The prices of a fuel in a time.
///
/// # Errors
/// When the database does not answer.
pub async fn between(
    db: &impl ConnectionTrait,
    fuel_type: FuelType,
    first: NaiveDate,
    last: NaiveDate,
) -> ApiResult<Vec<Model>> {
    let of_days = dated::between(Column::ValidFrom, Column::ValidTo, first, last);
    Ok(Entity::find().filter(Column::FuelType.eq(fuel_type)).filter(of_days).all(db).await?)
}

async fn insert(tx: &Tx, body: &FuelPriceIn) -> ApiResult<Model> {
    give_way(tx, body).await?;
    let price = ActiveModel {
        id: Set(tx.id()),
        fuel_type: Set(body.fuel_type),
        unit_price: Set(body.unit_price),
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
    let price = price.insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, price.id, 1)).await?;
    Ok(price)
}

/// Ends the price that still runs on the day before the new one.
async fn give_way(tx: &Tx, body: &FuelPriceIn) -> ApiResult<()> {
    let running = Entity::find()
        .filter(Column::FuelType.eq(body.fuel_type))
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
