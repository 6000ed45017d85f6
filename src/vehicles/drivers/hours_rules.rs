//! The rules of drivers' hours: dated, with the document that says so. A rule is never changed, since orders were
//! given under it: a new one takes over from a day on.

use actix_web::{HttpRequest, get, post};
use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::driver_hours_rules::{ActiveModel, Column, Entity, Model};
use entity::fuel_norms::Verification;
use sea_orm::{
    ActiveModelTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use crate::dated;
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::{Reply, Resource};
use crate::integration::history::{self, HistoryEntry};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "driver_hours_rule";

/// One rule for the whole office.
const SCOPE: &str = "office";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_driver_hours_rules)
        .service(create_driver_hours_rule)
        .service(get_driver_hours_rule)
        .service(get_driver_hours_rule_history);
}

/// How long drivers may be on trips, from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "daily_minutes": 720, "rest_minutes": 540, "valid_from": "2029-01-01", "document_number": "15-QĐ/VPTU",
    "issuer": "Văn phòng Tỉnh ủy", "verification": "verified",
})))]
pub struct DriverHoursRuleIn {
    /// The longest time on trips in one day (minutes). Nights within a trip of several days do not count.
    #[schema(minimum = 60, maximum = 1440)]
    pub daily_minutes: i64,
    /// The shortest rest between the trips of two days (minutes).
    #[schema(minimum = 0, maximum = 1440)]
    pub rest_minutes: i64,
    /// The first day; the rule in force until then ends on the day before.
    pub valid_from: NaiveDate,
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    pub verification: Verification,
}

/// How long drivers may be on trips in a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DriverHoursRuleOut {
    pub id: Uuid,
    pub version: i64,
    pub daily_minutes: i64,
    pub rest_minutes: i64,
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

impl Resource for DriverHoursRuleOut {
    const COLLECTION: &'static str = "/v1/driver-hours-rules";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for DriverHoursRuleOut {
    fn from(rule: Model) -> Self {
        Self {
            id: rule.id,
            version: rule.version,
            daily_minutes: rule.daily_minutes,
            rest_minutes: rule.rest_minutes,
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
            document_number: rule.document_number,
            issuer: rule.issuer,
            verification: rule.verification,
            created_at: rule.created_at,
            updated_at: rule.updated_at,
            created_by_id: rule.created_by_id,
        }
    }
}

/// Which rules.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DriverHoursRuleFilter {
    /// The one in force on this day.
    pub on: Option<NaiveDate>,
}

/// List the rules of drivers' hours.
///
/// Those of the past, of today and to come, in order of their first day.
#[utoipa::path(
    tag = "vehicles",
    params(DriverHoursRuleFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of rules.", body = Page<DriverHoursRuleOut>))
)]
#[get("/v1/driver-hours-rules")]
pub(crate) async fn list_driver_hours_rules(
    call: Call,
    request: HttpRequest,
    filter: Query<DriverHoursRuleFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<DriverHoursRuleOut>>> {
    let select = match filter.on {
        Some(day) => Entity::find().filter(on_day(day)),
        None => Entity::find(),
    };
    let order = Order { column: Column::ValidFrom, descending: false };
    let page = page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    page.map(DriverHoursRuleOut::from).reply(&request)
}

/// Enter a rule of drivers' hours.
///
/// It takes over from its first day on: the rule without a last day ends on the day before. A day that a later rule
/// covers already is refused (409 `duplicate`).
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("driver_hours.manage"))),
    responses((status = 201, description = "Created.", body = DriverHoursRuleOut))
)]
#[post("/v1/driver-hours-rules")]
pub(crate) async fn create_driver_hours_rule(
    call: Call,
    body: Json<DriverHoursRuleIn>,
) -> ApiResult<Reply<DriverHoursRuleOut>> {
    call.write(async |tx| {
        end_open(tx, body.valid_from).await?;
        let rule = ActiveModel {
            id: Set(tx.id()),
            scope: Set(SCOPE.to_owned()),
            daily_minutes: Set(body.daily_minutes),
            rest_minutes: Set(body.rest_minutes),
            document_number: Set(body.document_number.clone()),
            issuer: Set(body.issuer.clone()),
            verification: Set(body.verification),
            valid_from: Set(body.valid_from),
            valid_to: Set(None),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(tx.actor.user_id),
        };
        let rule = rule.insert(tx.db()).await?;
        tx.record(Event::new("create", TYPE, rule.id, 1)).await?;
        Reply::created(&DriverHoursRuleOut::from(rule))
    })
    .await
}

/// Read a rule of drivers' hours.
///
/// The limits, the document and the days on which it is in force.
#[utoipa::path(
    tag = "vehicles",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The rule.", body = DriverHoursRuleOut))
)]
#[get("/v1/driver-hours-rules/{rule_id}")]
pub(crate) async fn get_driver_hours_rule(
    call: Call,
    rule_id: Path<Uuid>,
) -> ApiResult<Reply<DriverHoursRuleOut>> {
    Reply::ok(&DriverHoursRuleOut::from(find(call.db(), *rule_id).await?))
}

/// Read the history of a rule of drivers' hours.
///
/// Who entered it, and when another one took over.
#[utoipa::path(
    tag = "vehicles",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/driver-hours-rules/{rule_id}/history")]
pub(crate) async fn get_driver_hours_rule_history(
    call: Call,
    request: HttpRequest,
    rule_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let rule = find(call.db(), *rule_id).await?;
    history::of(&call, &request, rule.id, &params).await
}

async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The rule in force on a day, if there is one.
///
/// # Errors
/// When the database does not answer.
pub async fn in_force(db: &impl ConnectionTrait, day: NaiveDate) -> ApiResult<Option<Model>> {
    Ok(Entity::find().filter(on_day(day)).one(db).await?)
}

fn on_day(day: NaiveDate) -> Condition {
    dated::on_day(Column::ValidFrom, Column::ValidTo, day)
}

/// The rule without a last day that began earlier ends on the day before.
async fn end_open(tx: &Tx, valid_from: NaiveDate) -> ApiResult<()> {
    let open = Entity::find()
        .filter(dated::running_before(Column::ValidFrom, Column::ValidTo, valid_from))
        .lock(ROW_LOCK)
        .one(tx.db())
        .await?;
    let Some(open) = open else { return Ok(()) };
    let mut ended = open.clone().into_active_model();
    ended.valid_to = Set(valid_from.checked_sub_days(Days::new(1)));
    ended.version = Set(open.version + 1);
    ended.updated_at = Set(tx.now);
    ended.update(tx.db()).await?;
    tx.record(Event::new("end", TYPE, open.id, open.version + 1)).await
}
