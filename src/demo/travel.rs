//! The demo office's travel orders, each with its steps: journeys that were paid are settled, other past ones are
//! completed, coming ones approved. Estimates and commitments are made as the service makes them.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use entity::funding_source::FundingSource;
use entity::travel_order_legs::{LegKind, Lodging, Transport};
use entity::travel_order_travellers::Model as Traveller;
use entity::travel_orders::{ActiveModel, Model, TravelOrderStatus};
use sea_orm::{IntoActiveModel, Set};
use serde_json::{Value, json};

use TravelOrderStatus::{Approved, Completed, FundsChecked, Settled, Submitted};

use crate::accountants::acting::acting_on_each;
use crate::budgets::commitments::{self, Document, Shares};
use crate::clock::office_midnight;
use crate::demo::bookings::acting;
use crate::demo::{Demo, budgets, day, id, optional, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::travel::legs::{PlaceClassIn, TravelLegIn};
use crate::travel::orders::json::{TravelOrderFundsIn, TravelOrderTravellerIn};
use crate::travel::orders::store::{self, Content, Origin};
use crate::travel::orders::{away, funds, steps};
use crate::write::{Event, Tx};

/// The regulation in force today and the day from which it is.
const IN_FORCE: (&str, NaiveDate) = ("TT12-2025", {
    match NaiveDate::from_ymd_opt(2025, 5, 4) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
});

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("travel_orders") {
        fill_one(tx, demo, row).await?;
    }
    Ok(())
}

/// The draft, then each step that its status needs.
async fn fill_one(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let signed_on = day(row, "signed_on")?;
    let signed = |hour: i64| office_midnight(signed_on) + TimeDelta::hours(hour);
    let writer = writer(row);
    let at = acting(tx, demo, &writer, signed(7)).await?;
    let origin = Origin {
        id: reference(row, "ref")?,
        board_id: reference(row, "board")?,
        requester_id: id(&writer),
        amends: None,
    };
    let mut order = store::insert(&at, origin, content(demo, row)?).await?;
    at.commit().await?;
    let goal = goal(demo, row);
    let accountant = accountant(tx, demo, &order, signed_on).await?;
    for (status, verb) in [(Submitted, "submit"), (FundsChecked, "check-funds"), (Approved, "approve")] {
        if rank(status) <= rank(goal) {
            let (who, hour) = match status {
                Submitted => (writer.clone(), 8),
                FundsChecked => (accountant.clone(), 9),
                _ => (approver(demo, row), 10),
            };
            let at = acting(tx, demo, &who, signed(hour)).await?;
            order = step(&at, row, order, verb, status, &who).await?;
            at.commit().await?;
        }
    }
    if rank(Completed) <= rank(goal) {
        let at = acting(tx, demo, &writer, order.ends_at + TimeDelta::hours(16)).await?;
        order = complete(&at, order, &writer).await?;
        at.commit().await?;
    }
    if goal == Settled {
        let at = acting(tx, demo, &accountant, order.ends_at + TimeDelta::days(30)).await?;
        settle(&at, demo, row, order, &accountant).await?;
        at.commit().await?;
    }
    Ok(())
}

/// How far a status is along the way.
fn rank(status: TravelOrderStatus) -> usize {
    [Submitted, FundsChecked, Approved, Completed, Settled]
        .iter()
        .position(|one| *one == status)
        .map_or(0, |at| at + 1)
}

fn goal(demo: &Demo, row: &Value) -> TravelOrderStatus {
    match row["status"].as_str() {
        Some("submitted") => Submitted,
        Some("funds_checked") => FundsChecked,
        Some("upcoming") => Approved,
        Some("finished") if is_paid(demo, row) => Settled,
        Some("finished") => Completed,
        _ => TravelOrderStatus::Draft,
    }
}

fn claims_of<'a>(demo: &'a Demo, row: &'a Value) -> impl Iterator<Item = &'a Value> {
    demo.rows("expense_claims").filter(|claim| !row["ref"].is_null() && claim["travel_order"] == row["ref"])
}

fn is_paid(demo: &Demo, row: &Value) -> bool {
    claims_of(demo, row).next().is_some() && claims_of(demo, row).all(|claim| claim["status"] == "paid")
}

/// The first of the party who may ask for a journey, as everybody of a board may; a chief of office may not.
fn writer(row: &Value) -> String {
    let members: Vec<String> =
        row["members"].as_array().into_iter().flatten().map(|member| string(member, "person")).collect();
    let may = members.iter().find(|person| person.as_str() != "p_an").or(members.first());
    may.cloned().unwrap_or_default()
}

/// Whoever signed it, if they head the board and do not travel; else a chief of office who does not.
fn approver(demo: &Demo, row: &Value) -> String {
    let travels = |person: &str| {
        row["members"].as_array().into_iter().flatten().any(|member| member["person"] == person)
    };
    let signer = string(row, "signed_by");
    let heads = demo.rows("logins").any(|login| {
        login["person"] == signer.as_str()
            && login["roles"].as_array().is_some_and(|roles| roles.contains(&json!("board_head")))
    });
    if heads && !travels(&signer) {
        return signer;
    }
    let chief = ["p_an", "p_linh"].into_iter().find(|chief| !travels(chief));
    chief.unwrap_or_default().to_owned()
}

/// The accountant who acted for the board on a day.
async fn accountant(tx: &Tx, demo: &Demo, order: &Model, on: NaiveDate) -> ApiResult<String> {
    let acting = acting_on_each(tx.db(), &[order.board_id].into(), on).await?;
    let staff_id = acting.get(&order.board_id).map(|acting| acting.staff_id);
    let person = demo.rows("people").find(|person| staff_id == person["ref"].as_str().map(id));
    person
        .map(|person| string(person, "ref"))
        .ok_or_else(|| ApiError::internal("demo: a board without an accountant"))
}

fn content(demo: &Demo, row: &Value) -> ApiResult<Content> {
    let mut travellers = Vec::new();
    for member in row["members"].as_array().into_iter().flatten() {
        travellers.push(TravelOrderTravellerIn {
            staff_id: reference(member, "person")?,
            private_dates: Vec::new(),
        });
    }
    Ok(Content {
        purpose: string(row, "purpose_vi"),
        host: optional(row, "host_vi"),
        funding_note: None,
        travellers,
        legs: legs(demo, row)?,
    })
}

/// Out on the first day, back on the last one.
fn legs(demo: &Demo, row: &Value) -> ApiResult<Vec<TravelLegIn>> {
    let (first, last) = (day(row, "from_date")?, day(row, "to_date")?);
    let at = |day: NaiveDate, hour: i64| office_midnight(day) + TimeDelta::hours(hour);
    let place = demo.rows("places").find(|place| place["ref"] == row["places"][0]);
    let place = place.ok_or_else(|| ApiError::internal("demo: a journey to nowhere"))?;
    let rooms = match row["host_provides"].as_array().is_some_and(|given| given.contains(&json!("room"))) {
        _ if first == last => Lodging::None,
        true => Lodging::FreeRoom,
        false => Lodging::LumpSum,
    };
    let home = "Buôn Ma Thuột".to_owned();
    let out = leg(row, place, (home.clone(), string(place, "name_vi")), (at(first, 7), at(last, 12)), rooms);
    let back = leg(row, place, (string(place, "name_vi"), home), (at(last, 12), at(last, 16)), Lodging::None);
    Ok(vec![out, back])
}

fn leg(
    row: &Value,
    place: &Value,
    (from_place, to_place): (String, String),
    (starts_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
    lodging: Lodging,
) -> TravelLegIn {
    let classes: Vec<PlaceClassIn> = place["place_classes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|class| PlaceClassIn {
            table: string(class, "table"),
            place_class: string(class, "place_class"),
        })
        .collect();
    let (newest, since) = IN_FORCE;
    let is_new = starts_at >= office_midnight(since);
    let class = classes.iter().find(|class| (class.table == newest) == is_new);
    TravelLegIn {
        from_place,
        to_place,
        starts_at,
        ends_at,
        place_class: class.map(|class| class.place_class.clone()),
        other_place_classes: classes,
        transport: match row["means"].as_str() {
            Some("office_car") => Transport::OfficeCar,
            Some("air") => Transport::Air,
            Some("private") => Transport::Private,
            _ => Transport::Public,
        },
        one_way_km: optional(place, "one_way_km_from_buon_ma_thuot"),
        round_trip: false,
        difficult_area: false,
        at_sea: false,
        ticket_amount: row["ticket_each_way_vnd"].as_i64(),
        lodging,
        room_amount: None,
        room_occupants: None,
        late_check_out: None,
    }
}

async fn travellers(tx: &Tx, order: &Model) -> ApiResult<Vec<Traveller>> {
    Ok(store::travellers_of(tx.db(), [order.id]).await?.remove(&order.id).unwrap_or_default())
}

async fn step(
    tx: &Tx,
    row: &Value,
    order: Model,
    verb: &str,
    status: TravelOrderStatus,
    who: &str,
) -> ApiResult<Model> {
    let mut changed = order.clone().into_active_model();
    match status {
        Submitted => {
            let travellers = travellers(tx, &order).await?;
            away::set(tx, order.id, true).await?;
            let legs = store::planned(tx.db(), order.id).await?;
            let estimate = steps::price(tx, &travellers, legs).await?;
            steps::freeze(tx, &travellers, &estimate).await?;
            changed.estimated_amount = Set(Some(estimate.total_amount));
            changed.estimate = Set(Some(json!(estimate)));
            changed.submitted_by_id = Set(Some(id(who)));
        }
        FundsChecked => {
            let own = row["funding_source"] == "13";
            let funding_source = if own { FundingSource::Autonomous } else { FundingSource::NonAutonomous };
            let body = TravelOrderFundsIn { funding_source, budget_line_id: None, reason: None };
            let shares = funds::choose(tx, &order, &body).await?;
            funds::keep(tx, order.id, &shares).await?;
            changed.funding_source = Set(Some(funding_source));
            changed.funds_checked_by_id = Set(Some(id(who)));
        }
        _ => {
            let mut kept = funds::of(tx.db(), [order.id]).await?;
            let shares = kept.remove(&order.id).unwrap_or_default();
            commitments::commit(tx, Document::travel_order(order.id), &shares).await?;
            changed.approved_by_id = Set(Some(id(who)));
        }
    }
    advance(tx, order, changed, verb, status).await
}

/// As planned.
async fn complete(tx: &Tx, order: Model, who: &str) -> ApiResult<Model> {
    let legs = store::planned(tx.db(), order.id).await?;
    store::insert_legs(tx, order.id, LegKind::Actual, &legs).await?;
    let estimate = steps::price(tx, &travellers(tx, &order).await?, legs).await?;
    let mut changed = order.clone().into_active_model();
    changed.actual_starts_at = Set(Some(order.starts_at));
    changed.actual_ends_at = Set(Some(order.ends_at));
    changed.actual_amount = Set(Some(estimate.total_amount));
    changed.actual_estimate = Set(Some(json!(estimate)));
    changed.permit_stamped = Set(Some(true));
    changed.completed_at = Set(Some(tx.now));
    changed.completed_by_id = Set(Some(id(who)));
    advance(tx, order, changed, "complete", Completed).await
}

async fn settle(tx: &Tx, demo: &Demo, row: &Value, mut order: Model, who: &str) -> ApiResult<Model> {
    let document = Document::travel_order(order.id);
    for claim in claims_of(demo, row) {
        let mut shares = Shares::new();
        for cost in claim["lines"].as_array().into_iter().flatten() {
            let (year, board) = (i64::from(order.starts_at.year()), string(claim, "board"));
            let line = budgets::line_of(
                demo,
                year,
                &board,
                &string(row, "funding_source"),
                &string(cost, "sub_item"),
            );
            let line = line.ok_or_else(|| ApiError::internal("demo: a claim without its budget line"))?;
            *shares.entry(line).or_default() += cost["allowed_vnd"].as_i64().unwrap_or_default();
        }
        let more = shares.values().sum::<i64>() - order.estimated_amount.unwrap_or_default();
        if let Some((line, _)) = shares.first_key_value().filter(|_| more > 0) {
            commitments::commit(tx, document, &[(*line, more)].into()).await?;
        }
        let paid = Document::claim(reference(claim, "ref")?);
        commitments::spend(tx, document, paid, &shares, &Shares::new()).await?;
        order.version += 1;
    }
    commitments::release(tx, document).await?;
    let mut changed = order.clone().into_active_model();
    changed.settled_at = Set(Some(tx.now));
    changed.settled_by_id = Set(Some(id(who)));
    advance(tx, order, changed, "settle", Settled).await
}

async fn advance(
    tx: &Tx,
    order: Model,
    mut changed: ActiveModel,
    verb: &str,
    status: TravelOrderStatus,
) -> ApiResult<Model> {
    changed.status = Set(status);
    changed.waiting_since = Set(tx.now);
    let event = Event::new(verb, store::TYPE, order.id, order.version + 1).step(&order.status, &status);
    store::save(tx, &order, changed, event).await
}
