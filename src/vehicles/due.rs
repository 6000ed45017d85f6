//! What needs somebody soon: papers and licences that end, services that are due by day or by km.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::NaiveDate;
use entity::{vehicle_papers, vehicle_services, vehicles};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::Query;
use crate::http::reply::Reply;
use crate::vehicles::drivers::store as drivers;
use crate::vehicles::papers::rules::{KINDS, blocks, lapse};
use crate::vehicles::services::store as services;
use crate::vehicles::store::in_service_until;

/// How far ahead one looks unless told otherwise (days).
const DAYS_AHEAD: i64 = 30;

/// A service shows as soon as no more than this is left to drive (km).
const KM_AHEAD: i64 = 500;

/// How far ahead.
#[derive(Clone, Debug, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DueParams {
    /// What is due within so many days from today, 30 unless given.
    #[param(minimum = 0, maximum = 366, default = 30)]
    within_days: Option<i64>,
    /// Only what concerns this car, with the licences of those who usually drive it.
    vehicle_id: Option<Uuid>,
}

/// What is due, the most urgent first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VehicleDueItems {
    /// The day from which the days are counted: today.
    pub on: NaiveDate,
    pub within_days: i64,
    #[schema(max_items = 10_000)]
    pub items: Vec<VehicleDueItem>,
}

/// What kind of thing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    Paper,
    Service,
    Licence,
}

/// Something that is due.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VehicleDueItem {
    pub kind: DueKind,
    /// The kind of paper or service, or the class of the licence, e.g. `inspection`, `oil_change`, `b2`.
    pub what: String,
    /// The paper, the service or the driver; null for a paper that the car lacks and never had.
    pub record_id: Option<Uuid>,
    /// The car; of a licence the car that its driver usually drives, null where there is none in service.
    pub vehicle: Option<DueVehicle>,
    /// Whose licence it is; null for papers and services.
    pub driver: Option<DueDriver>,
    /// The last day; null where only the km count, and for a paper that the car never had.
    pub due_on: Option<NaiveDate>,
    /// What the odometer shows then (km); null where the km do not count.
    pub due_km: Option<i64>,
    /// 0 on the last day, negative after it.
    #[schema(minimum = -100_000)]
    pub days_left: Option<i64>,
    /// Counted from the car's odometer as the office knows it; negative once it is past (km).
    #[schema(minimum = -10_000_000)]
    pub km_left: Option<i64>,
    /// The last day or the km are past, or the car has no such paper.
    pub overdue: bool,
}

/// The car that something is due for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueVehicle {
    pub id: Uuid,
    pub plate: String,
}

/// The driver whose licence ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueDriver {
    pub id: Uuid,
    pub full_name: String,
}

impl From<&vehicles::Model> for DueVehicle {
    fn from(car: &vehicles::Model) -> Self {
        Self { id: car.id, plate: car.plate.clone() }
    }
}

/// See what is due soon.
///
/// Of the cars in service: papers that end within the days or have ended (a paper that was renewed in advance does not
/// count as ending), inspections and insurances that a car lacks, and services that are due within the days or within
/// 500 km, by the latest service of each kind. Of the drivers: licences that end. The most urgent comes first.
#[utoipa::path(
    tag = "vehicles",
    params(DueParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "What is due.", body = VehicleDueItems))
)]
#[get("/v1/vehicle-due-items")]
pub(crate) async fn list_vehicle_due_items(
    call: Call,
    params: Query<DueParams>,
) -> ApiResult<Reply<VehicleDueItems>> {
    let (today, days) = (call.today(), params.within_days.unwrap_or(DAYS_AHEAD));
    let items = within(call.db(), today, days, params.vehicle_id).await?;
    Reply::plain(&VehicleDueItems { on: today, within_days: days, items })
}

/// What is due within so many days from today, the most urgent first.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn within(
    db: &impl ConnectionTrait,
    today: NaiveDate,
    days: i64,
    vehicle_id: Option<Uuid>,
) -> ApiResult<Vec<VehicleDueItem>> {
    let window = Window { today, days };
    let in_service = cars(today, vehicle_id);
    let cars: BTreeMap<Uuid, vehicles::Model> =
        in_service.clone().all(db).await?.into_iter().map(|car| (car.id, car)).collect();
    let mut due = papers(db, window, &in_service, &cars).await?;
    due.extend(services(db, window, &in_service, &cars).await?);
    due.extend(licences(db, window, vehicle_id, &cars).await?);
    due.sort_by(|(one, a), (other, b)| (one, &a.what, a.record_id).cmp(&(other, &b.what, b.record_id)));
    Ok(due.into_iter().map(|(_, item)| item).collect())
}

/// The days that one looks at.
#[derive(Clone, Copy)]
struct Window {
    today: NaiveDate,
    days: i64,
}

/// How little of the warning time is left (in thousandths; negative when it is past), so that days and km are sorted
/// into one list; and the item.
type Due = (i64, VehicleDueItem);

impl Window {
    /// Fills in what is left of an item, if it is due in this window.
    fn due(self, mut item: VehicleDueItem, odometer_km: i64) -> Option<Due> {
        item.days_left = item.due_on.map(|day| (day - self.today).num_days());
        item.km_left = item.due_km.map(|km| km - odometer_km);
        let by_days =
            item.days_left.filter(|left| *left <= self.days).map(|left| left * 1000 / self.days.max(1));
        let by_km = item.km_left.filter(|left| *left <= KM_AHEAD).map(|left| left * 1000 / KM_AHEAD);
        item.overdue = [item.days_left, item.km_left].into_iter().flatten().any(|left| left < 0);
        let urgency = by_days.into_iter().chain(by_km).min()?;
        Some((urgency, item))
    }
}

/// Cars in service today, or the one that was asked for if it is.
fn cars(today: NaiveDate, vehicle_id: Option<Uuid>) -> Select<vehicles::Entity> {
    let cars = vehicles::Entity::find().filter(in_service_until(today));
    match vehicle_id {
        Some(id) => cars.filter(vehicles::Column::Id.eq(id)),
        None => cars,
    }
}

/// The ids of these cars, for a query about what belongs to them.
fn ids(cars: &Select<vehicles::Entity>) -> sea_orm::sea_query::SelectStatement {
    cars.clone().select_only().column(vehicles::Column::Id).into_query()
}

/// Something that is due, of which nothing is known yet but what it is.
fn item(kind: DueKind, what: String, vehicle: Option<&vehicles::Model>) -> VehicleDueItem {
    VehicleDueItem {
        kind,
        what,
        record_id: None,
        vehicle: vehicle.map(DueVehicle::from),
        driver: None,
        due_on: None,
        due_km: None,
        days_left: None,
        km_left: None,
        overdue: false,
    }
}

async fn papers(
    db: &impl ConnectionTrait,
    window: Window,
    in_service: &Select<vehicles::Entity>,
    cars: &BTreeMap<Uuid, vehicles::Model>,
) -> ApiResult<Vec<Due>> {
    use vehicle_papers::{Column, Entity, Model};
    let papers = Entity::find().filter(Column::VehicleId.in_subquery(ids(in_service))).all(db).await?;
    let mut by_car: BTreeMap<Uuid, Vec<&Model>> = BTreeMap::new();
    for paper in &papers {
        by_car.entry(paper.vehicle_id).or_default().push(paper);
    }
    let mut due = Vec::new();
    for car in cars.values() {
        let of_car = by_car.remove(&car.id).unwrap_or_default();
        for kind in KINDS {
            let of_kind: Vec<&Model> = of_car.iter().copied().filter(|paper| paper.kind == kind).collect();
            due.extend(paper(window, car, kind, &of_kind));
        }
    }
    Ok(due)
}

/// When the papers of one kind of a car end, renewals in advance included.
fn paper(
    window: Window,
    car: &vehicles::Model,
    kind: vehicle_papers::PaperKind,
    papers: &[&vehicle_papers::Model],
) -> Option<Due> {
    let lapse = lapse(papers, window.today).filter(|lapse| blocks(kind, lapse))?;
    let mut item = item(DueKind::Paper, sea_orm::ActiveEnum::to_value(&kind), Some(car));
    let Some(due_on) = lapse.valid_to else {
        item.overdue = true;
        return Some((i64::MIN, item));
    };
    item.due_on = Some(due_on);
    item.record_id = papers.iter().find(|paper| paper.valid_to == Some(due_on)).map(|paper| paper.id);
    window.due(item, car.odometer_km)
}

async fn services(
    db: &impl ConnectionTrait,
    window: Window,
    in_service: &Select<vehicles::Entity>,
    cars: &BTreeMap<Uuid, vehicles::Model>,
) -> ApiResult<Vec<Due>> {
    use vehicle_services::Column;
    let latest = services::latest().filter(Column::VehicleId.in_subquery(ids(in_service))).all(db).await?;
    let due = latest.into_iter().filter_map(|service| {
        let car = cars.get(&service.vehicle_id)?;
        let mut item = item(DueKind::Service, service.kind, Some(car));
        item.record_id = Some(service.id);
        (item.due_on, item.due_km) = (service.next_due_on, service.next_due_km);
        window.due(item, car.odometer_km)
    });
    Ok(due.collect())
}

async fn licences(
    db: &impl ConnectionTrait,
    window: Window,
    vehicle_id: Option<Uuid>,
    cars: &BTreeMap<Uuid, vehicles::Model>,
) -> ApiResult<Vec<Due>> {
    let drivers = drivers::all_named(db).await?;
    let asked_for = drivers
        .into_iter()
        .filter(|(driver, _)| vehicle_id.is_none() || driver.default_vehicle_id == vehicle_id);
    let due = asked_for.filter_map(|(driver, full_name)| {
        let car = driver.default_vehicle_id.and_then(|id| cars.get(&id));
        let mut item = item(DueKind::Licence, driver.licence_class, car);
        item.record_id = Some(driver.id);
        item.driver = Some(DueDriver { id: driver.id, full_name });
        item.due_on = Some(driver.licence_expires_on);
        window.due(item, 0)
    });
    Ok(due.collect())
}
