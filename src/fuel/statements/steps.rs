//! What happens to a fuel statement: begun, changed, closed, opened again, claimed.

use chrono::NaiveDate;
use entity::expense_claims::ClaimKind;
use entity::fuel_statements::{FuelStatementStatus, Model};
use entity::refuels::Model as Refuel;
use entity::trips;
use entity::user_roles::Role;
use entity::vehicles::{FuelType, Model as Vehicle};
use sea_orm::{ConnectionTrait, Set};
use serde_json::json;
use uuid::Uuid;

use crate::auth::deciders::Deciders;
use crate::claims::json::{ClaimIn, ClaimInvoice, ClaimLineIn};
use crate::claims::steps as claims;
use crate::clock::office_day;
use crate::decimal::{decimal, hundredths};
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::fuel::plate;
use crate::fuel::refuels::store as refuels;
use crate::fuel::statements::figures::{self, FuelFigures, Tank};
use crate::fuel::statements::json::{FuelClaimIn, FuelStatementIn, FuelStatementOut, FuelStatementPatch};
use crate::fuel::statements::rules::{STEPS, last_day, month};
use crate::fuel::statements::store::{self, NewStatement, TYPE};
use crate::http::call::Call;
use crate::http::page;
use crate::vehicles::store as vehicles;
use crate::workflow::{self, Step, WaitingOn, check_state, reason_for, step, wrong_state};
use crate::write::{Event, Tx};

/// Begins a statement.
///
/// # Errors
/// 409 where the month has one or a later month is closed, 422 with everything that is wrong.
pub async fn begin(tx: &Tx, body: &FuelStatementIn) -> ApiResult<Model> {
    let car = vehicles::find_for_update(tx, body.vehicle_id).await.map_err(|error| match error.code() {
        Code::NotFound => ApiError::unknown_reference("vehicle_id"),
        _ => error,
    })?;
    let first_day = month(&body.month).ok_or_else(|| ApiError::internal("a month was not checked"))?;
    store::refuse_closed_after(tx, car.id, first_day).await?;
    let mut broken = Vec::new();
    if car.fuel_type == FuelType::Electric {
        let electric = text("xe điện không dùng nhiên liệu", "an electric car uses no fuel");
        broken.push(FieldError::body("vehicle_id", "not_fuel", electric));
    }
    if first_day > office_day(tx.now) {
        let future = text("không được ở tương lai", "must not be in the future");
        broken.push(FieldError::body("month", "out_of_range", future));
    }
    let given = litres(body.opening_tank_litres.as_deref())?;
    let opening = opening(tx.db(), car.id, first_day, given, &mut broken).await?;
    if !broken.is_empty() {
        return Err(ApiError::invalid(broken));
    }
    let new = NewStatement {
        month: first_day,
        opening_tank_hundredths: opening,
        closing_tank_hundredths: litres(body.closing_tank_litres.as_deref())?,
        explanation: body.explanation.clone().filter(|text| !text.is_empty()),
    };
    store::insert(tx, &car, new).await
}

/// The tank at the beginning: the end of the closed statement before, else as it is given.
async fn opening(
    db: &impl ConnectionTrait,
    vehicle_id: Uuid,
    month: NaiveDate,
    given: Option<i64>,
    broken: &mut Vec<FieldError>,
) -> ApiResult<i64> {
    let before = store::closed_before(db, vehicle_id, month).await?;
    let carried_over = before.as_ref().and_then(|before| before.closing_tank_hundredths);
    match (carried_over, given) {
        (Some(carried), Some(given)) if carried != given => {
            let carried = decimal(carried);
            let wrong = text(
                format!("bảng kê trước khóa với {carried} lít trong bình"),
                format!("the statement before was closed with {carried} litres in the tank"),
            );
            broken.push(FieldError::body("opening_tank_litres", "does_not_go_on", wrong));
            Ok(0)
        }
        (Some(carried), _) => Ok(carried),
        (None, Some(given)) => Ok(given),
        (None, None) => {
            let needed = text(
                "xe chưa có bảng kê khóa trước đó nên phải nêu",
                "is needed: the car has no closed statement before",
            );
            broken.push(FieldError::body("opening_tank_litres", "required", needed));
            Ok(0)
        }
    }
}

fn litres(text: Option<&str>) -> ApiResult<Option<i64>> {
    let number = |text| hundredths(text).ok_or_else(|| ApiError::internal("a number was not checked"));
    text.map(number).transpose()
}

/// The tank of a statement. A draft goes on from what the statement before it holds now.
async fn tank(db: &impl ConnectionTrait, statement: &Model) -> ApiResult<Tank> {
    let mut opening = statement.opening_tank_hundredths;
    if statement.status == FuelStatementStatus::Draft {
        let before = store::closed_before(db, statement.vehicle_id, statement.month).await?;
        opening = before.and_then(|before| before.closing_tank_hundredths).unwrap_or(opening);
    }
    Ok(Tank { opening, closing: statement.closing_tank_hundredths })
}

/// One statement with its figures, and what the caller can do.
///
/// # Errors
/// 422 `rate_not_found` for a draft of a month without a tolerance.
pub async fn out(db: &impl ConnectionTrait, call: &Call, statement: Model) -> ApiResult<FuelStatementOut> {
    let tank = tank(db, &statement).await?;
    let mut out = FuelStatementOut::from(statement.clone());
    out.opening_tank_litres = decimal(tank.opening);
    if statement.status == FuelStatementStatus::Draft {
        out.figures = Some(figures::compute(db, statement.vehicle_id, statement.month, tank).await?);
    }
    out.allowed_actions =
        Some(workflow::allowed_actions(call, STEPS, &statement.status, |step| permit(call, step)));
    if workflow::whose_turn(STEPS, &statement.status).is_some() {
        let deciders = Deciders::load(db, call.today()).await?;
        out.waiting_on = waiting_on(&deciders, &statement);
    }
    Ok(out)
}

/// Whose turn it is.
pub(crate) fn waiting_on(deciders: &Deciders, statement: &Model) -> Option<WaitingOn> {
    let role = workflow::whose_turn(STEPS, &statement.status)?;
    Some(WaitingOn {
        role: role.to_owned(),
        staff: deciders.of(Role::Dispatcher, None, None),
        since: statement.waiting_since,
        due_at: None,
    })
}

/// The permission page, for steps of the office and for the one that a board takes.
fn permit(call: &Call, step: &Step<FuelStatementStatus>) -> ApiResult<()> {
    if call.reach(step.action).is_empty() { Err(call.caller.refusal(step.action)) } else { Ok(()) }
}

/// Changes a draft.
///
/// # Errors
/// 404, 412, 403, 409, 422, in this order.
pub async fn change(tx: &Tx, call: &Call, id: Uuid, patch: &FuelStatementPatch) -> ApiResult<Model> {
    let (statement, car) = store::find_for_update(tx, call, id).await?;
    call.expect_version(statement.version)?;
    if statement.status != FuelStatementStatus::Draft {
        return Err(wrong_state(STEPS, &statement.status));
    }
    let FuelStatementPatch { opening_tank_litres, closing_tank_litres, explanation } = patch;
    let mut changed = store::changing(&statement);
    if let Some(given) = litres(opening_tank_litres.as_deref())? {
        let mut broken = Vec::new();
        let opening = opening(tx.db(), car.id, statement.month, Some(given), &mut broken).await?;
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken));
        }
        changed.opening_tank_hundredths = Set(opening);
    }
    if let Some(closing) = closing_tank_litres {
        changed.closing_tank_hundredths = Set(litres(closing.as_deref())?);
    }
    if let Some(explanation) = explanation {
        changed.explanation = Set(explanation.clone().filter(|text| !text.is_empty()));
    }
    let event = Event::new("update", TYPE, id, statement.version + 1);
    store::save(tx, &statement, changed, event.with(json!(FuelStatementDetails::of(patch)))).await
}

/// What the history tells of a change.
#[derive(serde::Serialize)]
struct FuelStatementDetails<'a> {
    opening_tank_litres: Option<&'a str>,
    closing_tank_litres: Option<&'a str>,
    explanation: Option<&'a str>,
}

impl<'a> FuelStatementDetails<'a> {
    fn of(patch: &'a FuelStatementPatch) -> Self {
        Self {
            opening_tank_litres: patch.opening_tank_litres.as_deref(),
            closing_tank_litres: patch.closing_tank_litres.as_ref().and_then(Option::as_deref),
            explanation: patch.explanation.as_ref().and_then(Option::as_deref),
        }
    }
}

/// Keeps the figures as they are now.
///
/// # Errors
/// 404, 412, 409, 422, in this order.
pub async fn close(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let (statement, car) = store::find_for_update(tx, call, id).await?;
    call.expect_version(statement.version)?;
    let step = step(STEPS, "close")?;
    check_state(STEPS, step, &statement.status)?;
    let last = last_day(statement.month);
    if office_day(tx.now) < last {
        return Err(ApiError::new(
            Code::StateConflict,
            text(
                format!("Tháng chưa hết; khóa bảng kê từ ngày {last}."),
                format!("The month is not over; close the statement from {last} on."),
            ),
        ));
    }
    store::refuse_draft_before(tx, car.id, statement.month).await?;
    store::refuse_closed_after(tx, car.id, statement.month).await?;
    store::refuse_open_trips(tx, car.id, statement.month).await?;
    let tank = tank(tx.db(), &statement).await?;
    let figures = figures::compute(tx.db(), car.id, statement.month, tank).await?;
    check_tank(&figures)?;
    let mut changed = store::changing(&statement);
    changed.opening_tank_hundredths = Set(tank.opening);
    changed.figures = Set(Some(serde_json::to_value(&figures).map_err(ApiError::internal)?));
    changed.status = Set(step.to);
    changed.waiting_since = Set(tx.now);
    let details = json!({
        "km": figures.km, "bought_litres": figures.bought_litres, "used_litres": figures.used_litres,
        "norm_litres": figures.norm_litres, "bought_amount": figures.bought_amount,
    });
    let event = Event::new(step.verb, TYPE, id, statement.version + 1);
    store::save(tx, &statement, changed, event.step(&statement.status, &step.to).with(details)).await
}

/// A closing tank is known, and does not hold more than there was.
fn check_tank(figures: &FuelFigures) -> ApiResult<()> {
    let (code, wrong) = match figures.used_litres.as_deref() {
        None => ("required", text("phải nêu lượng còn trong bình cuối tháng", "is needed to close")),
        Some(used) if used.starts_with('-') => (
            "out_of_range",
            text(
                "không thể còn nhiều hơn lượng đầu tháng cộng lượng mua",
                "cannot be more than was in the tank and was bought",
            ),
        ),
        Some(_) => return Ok(()),
    };
    Err(ApiError::rule("closing_tank_litres", code, wrong))
}

/// Opens a closed statement again.
///
/// # Errors
/// 404, 412, 409, 422, in this order.
pub async fn reopen(tx: &Tx, call: &Call, id: Uuid, reason: Option<&str>) -> ApiResult<Model> {
    let (statement, car) = store::find_for_update(tx, call, id).await?;
    call.expect_version(statement.version)?;
    let step = step(STEPS, "reopen")?;
    check_state(STEPS, step, &statement.status)?;
    let refuelled = figures::refuels_of(tx.db(), car.id, statement.month).await?;
    if !refuels::claims_of(tx.db(), refuelled.iter().map(|refuel| refuel.id)).await?.is_empty() {
        return Err(already_claimed());
    }
    store::refuse_closed_after(tx, car.id, statement.month).await?;
    let reason = reason_for(step, reason)?;
    let mut changed = store::changing(&statement);
    changed.figures = Set(None);
    changed.status = Set(step.to);
    changed.waiting_since = Set(tx.now);
    changed.decision_reason = Set(reason.map(str::to_owned));
    let event = Event::new(step.verb, TYPE, id, statement.version + 1);
    store::save(tx, &statement, changed, event.step(&statement.status, &step.to).because(reason)).await
}

/// Writes a draft of a fuel claim for every refuel of the month that no claim asks for yet.
///
/// # Errors
/// 404, 412, 409, 422, in this order.
pub async fn claim(
    tx: &Tx,
    call: &Call,
    id: Uuid,
    body: &FuelClaimIn,
) -> ApiResult<entity::expense_claims::Model> {
    let (statement, car) = store::find_for_update(tx, call, id).await?;
    call.expect_version(statement.version)?;
    let step = step(STEPS, "claim")?;
    check_state(STEPS, step, &statement.status)?;
    let refuelled = figures::refuels_of(tx.db(), car.id, statement.month).await?;
    let taken = refuels::claims_of(tx.db(), refuelled.iter().map(|refuel| refuel.id)).await?;
    let free: Vec<Refuel> = refuelled.into_iter().filter(|refuel| !taken.contains_key(&refuel.id)).collect();
    if free.is_empty() {
        return Err(already_claimed());
    }
    let figures = FuelStatementOut::from(statement.clone()).figures;
    let figures = figures.ok_or_else(|| ApiError::internal("a closed statement has no figures"))?;
    if figures.explanation_required && statement.explanation.is_none() {
        return Err(ApiError::new(
            Code::ExplanationRequired,
            text(
                "Vượt định mức quá dung sai: mở lại bảng kê và ghi giải trình trước khi đề nghị thanh toán.",
                "More than the tolerance was used above the norm: reopen the statement and explain it before claiming.",
            ),
        ));
    }
    let month = statement.month.format("%m/%Y");
    let purpose = body.purpose.clone().filter(|purpose| !purpose.is_empty());
    let claim = ClaimIn {
        board_id: body.board_id,
        kind: ClaimKind::Fuel,
        purpose: purpose.unwrap_or_else(|| format!("Nhiên liệu xe {} tháng {month}", plate(&car))),
        travel_order_id: None,
        conference_id: None,
        lines: lines(tx, &car, &free).await?,
        papers: Vec::new(),
    };
    let claim = claims::draft(call, tx, &claim).await?;
    let mut touched = store::changing(&statement);
    touched.waiting_since = Set(statement.waiting_since);
    let event = Event::new(step.verb, TYPE, id, statement.version + 1);
    let details = json!({"claim_id": claim.id, "claimed_amount": claim.claimed_amount});
    store::save(tx, &statement, touched, event.with(details)).await?;
    Ok(claim)
}

async fn lines(tx: &Tx, car: &Vehicle, free: &[Refuel]) -> ApiResult<Vec<ClaimLineIn>> {
    let trips = free.iter().filter_map(|refuel| refuel.trip_id);
    let trips = page::by_id::<trips::Entity, _>(tx.db(), trips, trips::Column::Id).await?;
    let line = |refuel: &Refuel| {
        let trip = refuel.trip_id.and_then(|id| trips.get(&id)).and_then(|trip| trip.number.clone());
        let trip = trip.map_or(String::new(), |number| format!(", lệnh {number}"));
        let (litres, price) = (decimal(refuel.litres_hundredths), refuel.unit_price);
        ClaimLineIn {
            kind: "fuel".to_owned(),
            incurred_on: office_day(refuel.refuelled_at),
            description: format!("Xe {}: {litres} lít × {price} đ{trip}", plate(car)),
            claimed_amount: refuel.amount,
            invoice: Some(ClaimInvoice {
                seller_tax_code: refuel.invoice_seller_tax_code.clone(),
                number: refuel.invoice_number.clone(),
                issued_on: refuel.invoice_issued_on,
            }),
            refuel_id: Some(refuel.id),
        }
    };
    Ok(free.iter().map(line).collect())
}

fn already_claimed() -> ApiError {
    ApiError::new(
        Code::AlreadyClaimed,
        text(
            "Nhiên liệu của bảng kê này đã được đề nghị thanh toán.",
            "The refuels of this statement are claimed already.",
        ),
    )
}
