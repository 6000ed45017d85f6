//! Every query about travel orders, their legs and travellers. Finders take the asker.

use std::collections::{BTreeMap, BTreeSet};

use entity::appointments;
use entity::travel_order_legs::{self, Entity as Legs, LegKind, Model as Leg};
use entity::travel_order_travellers::{self, Entity as Travellers, Model as Traveller};
use entity::travel_orders::{ActiveModel, Column, Entity, Model, TravelOrderStatus};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use serde_json::json;
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::budgets::commitments::{self, Document};
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::travel::legs::TravelLegIn;
use crate::travel::orders::journey;
use crate::travel::orders::json::{
    TravelOrderFilter, TravelOrderIn, TravelOrderPatch, TravelOrderSort, TravelOrderTravellerIn,
};
use crate::travel::orders::rules;
use crate::vehicles::period::Period;
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "travel_order";

/// Orders of the caller's boards, and those by which the caller travels; the others do not exist for them.
pub fn visible(call: &Call) -> Condition {
    let boards = match call.reach(Action::ReadTravel) {
        Reach::Office => return Condition::all(),
        Reach::Boards(boards) => boards,
        Reach::None => return Condition::any().add(Expr::value(false)),
    };
    let mine = call.caller.staff_in_any_board().map(travelled_by);
    Condition::any().add(Column::BoardId.is_in(boards)).add_option(mine)
}

/// "This person travels by it."
fn travelled_by(staff_id: Uuid) -> sea_orm::sea_query::SimpleExpr {
    use travel_order_travellers::Column as Of;
    let orders =
        Query::select().column(Of::OrderId).from(Travellers).and_where(Of::StaffId.eq(staff_id)).to_owned();
    Column::Id.in_subquery(orders)
}

pub fn select(call: &Call, filter: &TravelOrderFilter) -> Select<Entity> {
    let TravelOrderFilter {
        board_id,
        status,
        traveller_id,
        starts_at_from,
        starts_at_before,
        created_at_from,
        created_at_before,
        q,
        sort: _,
    } = filter;
    let wanted = Condition::all()
        .add_option(board_id.map(|board| Column::BoardId.eq(board)))
        .add_option(status.as_ref().map(|any| Column::Status.is_in(any.iter().copied())))
        .add_option(traveller_id.map(travelled_by))
        .add_option(starts_at_from.map(|from| Column::StartsAt.gte(from)))
        .add_option(starts_at_before.map(|before| Column::StartsAt.lt(before)))
        .add_option(created_at_from.map(|from| Column::CreatedAt.gte(from)))
        .add_option(created_at_before.map(|before| Column::CreatedAt.lt(before)))
        .add_option(
            q.as_ref().map(|query| Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query)))),
        );
    Entity::find().filter(visible(call)).filter(wanted)
}

pub fn order(sort: Option<TravelOrderSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        TravelOrderSort::StartsAt => (Column::StartsAt, false),
        TravelOrderSort::StartsAtDescending => (Column::StartsAt, true),
        TravelOrderSort::CreatedAt => (Column::CreatedAt, false),
        TravelOrderSort::CreatedAtDescending => (Column::CreatedAt, true),
    };
    Order { column, descending }
}

/// # Errors
/// 404, the same for an order outside the caller's reach: they must not learn that it exists.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    Entity::find_by_id(id).filter(visible(call)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The order, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = Entity::find_by_id(id).filter(visible(call)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// An order that the service knows by its id, locked until the transaction ends.
///
/// # Errors
/// 500 where it is gone.
pub async fn lock(tx: &Tx, id: Uuid) -> ApiResult<Model> {
    let order = Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?;
    order.ok_or_else(|| ApiError::internal(format!("travel order {id} vanished")))
}

/// The numbers of those of these orders that the caller may see.
///
/// # Errors
/// When the database does not answer.
pub async fn numbers(
    db: &impl ConnectionTrait,
    call: &Call,
    ids: BTreeSet<Uuid>,
) -> ApiResult<BTreeMap<Uuid, String>> {
    let rows = Entity::find().filter(visible(call)).filter(Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|order| (order.id, order.number)).collect())
}

/// The legs of these orders in their order, planned and actual; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn legs_of(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<Leg>>> {
    use travel_order_legs::Column;
    let rows = Legs::find().filter(Column::OrderId.is_in(orders)).order_by_asc(Column::Position);
    let mut found: BTreeMap<Uuid, Vec<Leg>> = BTreeMap::new();
    for leg in rows.all(db).await? {
        found.entry(leg.order_id).or_default().push(leg);
    }
    Ok(found)
}

/// The travellers of these orders in their order; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn travellers_of(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<Traveller>>> {
    use travel_order_travellers::Column;
    let rows = Travellers::find().filter(Column::OrderId.is_in(orders)).order_by_asc(Column::Position);
    let mut found: BTreeMap<Uuid, Vec<Traveller>> = BTreeMap::new();
    for traveller in rows.all(db).await? {
        found.entry(traveller.order_id).or_default().push(traveller);
    }
    Ok(found)
}

/// For each of these orders the latest version that amends it; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn amendments_of(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Uuid>> {
    let rows = Entity::find()
        .select_only()
        .columns([Column::AmendsId, Column::Id])
        .filter(Column::AmendsId.is_in(orders))
        .order_by_asc(Column::Revision)
        .into_tuple::<(Uuid, Uuid)>();
    Ok(rows.all(db).await?.into_iter().collect())
}

/// The amendment of an order that is on its way.
///
/// # Errors
/// When the database does not answer.
pub async fn open_amendment_of(db: &impl ConnectionTrait, order_id: Uuid) -> ApiResult<Option<Model>> {
    use TravelOrderStatus::{Draft, FundsChecked, Returned, Submitted};
    let amendment = Entity::find().filter(Column::AmendsId.eq(order_id)).filter(Column::Status.is_in([
        Draft,
        Submitted,
        FundsChecked,
        Returned,
    ]));
    Ok(amendment.one(db).await?)
}

/// Travellers whom the office does not know, or who hold no position on the day of departure.
///
/// # Errors
/// When the database does not answer.
pub async fn unknown_travellers(
    db: &impl ConnectionTrait,
    travellers: &[TravelOrderTravellerIn],
    period: Option<Period>,
) -> ApiResult<Vec<FieldError>> {
    use appointments::Column as Of;
    let rows = appointments::Entity::find()
        .filter(Of::StaffId.is_in(travellers.iter().map(|traveller| traveller.staff_id)))
        .all(db)
        .await?;
    let known: BTreeSet<Uuid> = rows.iter().map(|row| row.staff_id).collect();
    let in_office: BTreeSet<Uuid> = match period.map(|period| office_day(period.starts_at)) {
        None => known.clone(),
        Some(day) => rows
            .iter()
            .filter(|row| row.valid_from <= day && row.valid_to.is_none_or(|last| last >= day))
            .map(|row| row.staff_id)
            .collect(),
    };
    let mut broken = Vec::new();
    for (index, traveller) in travellers.iter().enumerate() {
        let field = format!("travellers/{index}/staff_id");
        if !known.contains(&traveller.staff_id) {
            broken.push(FieldError::unknown_reference(&field));
        } else if !in_office.contains(&traveller.staff_id) {
            let detail =
                text("không giữ chức vụ nào vào ngày khởi hành", "holds no position on the day of departure");
            broken.push(FieldError::body(&field, "not_in_office", detail));
        }
    }
    Ok(broken)
}

/// What a person may say of an order.
#[derive(Clone, Debug)]
pub struct Content {
    pub purpose: String,
    pub host: Option<String>,
    pub funding_note: Option<String>,
    pub travellers: Vec<TravelOrderTravellerIn>,
    pub legs: Vec<TravelLegIn>,
}

impl From<&TravelOrderIn> for Content {
    fn from(body: &TravelOrderIn) -> Self {
        let TravelOrderIn { board_id: _, purpose, host, funding_note, travellers, legs } = body.clone();
        Self { purpose, host, funding_note, travellers, legs }
    }
}

impl Content {
    /// What a stored order says.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(db: &impl ConnectionTrait, order: &Model) -> ApiResult<Self> {
        let mut travellers = Vec::new();
        for row in travellers_of(db, [order.id]).await?.remove(&order.id).unwrap_or_default() {
            let private_dates = journey::private_dates(&row)?;
            travellers.push(TravelOrderTravellerIn { staff_id: row.staff_id, private_dates });
        }
        let Model { purpose, host, funding_note, .. } = order.clone();
        Ok(Self { purpose, host, funding_note, travellers, legs: planned(db, order.id).await? })
    }

    /// What it says after a change.
    pub fn patched(self, patch: &TravelOrderPatch) -> Self {
        let TravelOrderPatch { purpose, host, funding_note, travellers, legs } = patch.clone();
        Self {
            purpose: purpose.unwrap_or(self.purpose),
            host: host.unwrap_or(self.host),
            funding_note: funding_note.unwrap_or(self.funding_note),
            travellers: travellers.unwrap_or(self.travellers),
            legs: legs.unwrap_or(self.legs),
        }
    }

    /// Everything that is wrong with a draft. What the estimate needs beyond that may still be missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn broken(&self, db: &impl ConnectionTrait) -> ApiResult<Vec<FieldError>> {
        let mut broken = rules::broken_legs(&self.legs);
        broken.extend(self.broken_travellers(db).await?);
        Ok(broken)
    }

    /// Everything that is wrong with the travellers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn broken_travellers(&self, db: &impl ConnectionTrait) -> ApiResult<Vec<FieldError>> {
        let period = rules::period(&self.legs).filter(|_| rules::broken_legs(&self.legs).is_empty());
        let mut broken = rules::broken_travellers(&self.travellers, period);
        broken.extend(unknown_travellers(db, &self.travellers, period).await?);
        Ok(broken)
    }
}

/// The planned legs of an order.
///
/// # Errors
/// When the database does not answer.
pub async fn planned(db: &impl ConnectionTrait, order_id: Uuid) -> ApiResult<Vec<TravelLegIn>> {
    let legs = legs_of(db, [order_id]).await?.remove(&order_id).unwrap_or_default();
    legs.into_iter().filter(|leg| leg.kind == LegKind::Planned).map(journey::leg_in).collect()
}

/// Whose order it is, and which version.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    pub id: Uuid,
    pub board_id: Uuid,
    pub requester_id: Uuid,
    pub amends: Option<(&'a Model, i64, &'a str)>,
}

/// Writes a draft.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &Tx, origin: Origin<'_>, content: Content) -> ApiResult<Model> {
    let Origin { id, board_id, requester_id, amends } = origin;
    let (number, revision) = match amends {
        None => (tx.next_number("TO").await?, 1),
        Some((before, revision, _)) => (rules::number_of_revision(&before.number, revision), revision),
    };
    let mut draft = ActiveModel {
        id: Set(id),
        number: Set(number),
        chain_id: Set(amends.map_or(id, |(before, _, _)| before.chain_id)),
        revision: Set(revision),
        amends_id: Set(amends.map(|(before, _, _)| before.id)),
        amend_reason: Set(amends.map(|(_, _, reason)| reason.to_owned())),
        board_id: Set(board_id),
        requester_id: Set(requester_id),
        status: Set(TravelOrderStatus::Draft),
        waiting_since: Set(tx.now),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
        ..Default::default()
    };
    let period = fill(&mut draft, &content)?;
    let order = draft.insert(tx.db()).await?;
    insert_travellers(tx, order.id, content.travellers, period).await?;
    insert_legs(tx, order.id, LegKind::Planned, &content.legs).await?;
    let event = Event::new("create", TYPE, order.id, 1).of_board(board_id);
    tx.record(event.with(json!({"revision": order.revision, "amends_id": order.amends_id}))).await?;
    Ok(order)
}

/// Changes what a person may say of an order.
///
/// # Errors
/// 412 if the order changed in between.
pub async fn update(tx: &Tx, order: &Model, content: Content, patch: &TravelOrderPatch) -> ApiResult<Model> {
    use travel_order_travellers::Column as Of;
    let mut changed = order.clone().into_active_model();
    let period = fill(&mut changed, &content)?;
    Travellers::delete_many().filter(Of::OrderId.eq(order.id)).exec(tx.db()).await?;
    insert_travellers(tx, order.id, content.travellers, period).await?;
    if patch.legs.is_some() {
        Legs::delete_many().filter(travel_order_legs::Column::OrderId.eq(order.id)).exec(tx.db()).await?;
        insert_legs(tx, order.id, LegKind::Planned, &content.legs).await?;
    }
    let event = Event::new("update", TYPE, order.id, order.version + 1);
    save(tx, order, changed, event).await
}

fn fill(row: &mut ActiveModel, content: &Content) -> ApiResult<Period> {
    let number = row.number.try_as_ref().cloned().unwrap_or_default();
    let head = content.travellers.first().map(|first| first.staff_id);
    let period =
        rules::period(&content.legs).ok_or_else(|| ApiError::internal("an order without a journey"))?;
    row.search = Set(search(&number, &content.purpose, content.host.as_deref()));
    row.traveller_id = Set(head.ok_or_else(|| ApiError::internal("an order without a traveller"))?);
    row.purpose = Set(content.purpose.clone());
    row.host = Set(content.host.clone());
    row.funding_note = Set(content.funding_note.clone());
    row.starts_at = Set(period.starts_at);
    row.ends_at = Set(period.ends_at);
    Ok(period)
}

pub fn search(number: &str, purpose: &str, host: Option<&str>) -> String {
    search_key(&format!("{number} {purpose} {}", host.unwrap_or_default()))
}

async fn insert_travellers(
    tx: &Tx,
    order_id: Uuid,
    travellers: Vec<TravelOrderTravellerIn>,
    period: Period,
) -> ApiResult<()> {
    let rows = (0_i64..).zip(travellers).map(|(position, traveller)| travel_order_travellers::ActiveModel {
        id: Set(tx.id()),
        order_id: Set(order_id),
        position: Set(position),
        staff_id: Set(traveller.staff_id),
        coefficient_hundredths: Set(None),
        private_dates: Set(json!(traveller.private_dates)),
        starts_at: Set(period.starts_at),
        ends_at: Set(period.ends_at),
        away: Set(false),
    });
    Travellers::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Writes the legs of a journey.
///
/// # Errors
/// When the database does not take them.
pub async fn insert_legs(tx: &Tx, order_id: Uuid, kind: LegKind, legs: &[TravelLegIn]) -> ApiResult<()> {
    let rows = (0_i64..).zip(legs).map(|(position, leg)| journey::leg_row(tx, order_id, kind, position, leg));
    Legs::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Keeps the coefficients by which the travellers were classed, in the travellers' order.
///
/// # Errors
/// When the database does not take them.
pub async fn freeze_coefficients(tx: &Tx, travellers: &[Traveller], hundredths: &[i64]) -> ApiResult<()> {
    for (traveller, coefficient) in travellers.iter().zip(hundredths) {
        let mut frozen = traveller.clone().into_active_model();
        frozen.coefficient_hundredths = Set(Some(*coefficient));
        frozen.update(tx.db()).await?;
    }
    Ok(())
}

/// Writes a changed order, its next version and its event.
///
/// # Errors
/// 412 if the order changed in between.
pub async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event.of_board(before.board_id)).await?;
    Ok(saved)
}

/// An order shows its commitment: when money moves without a step of the order, it has a new version all the same.
///
/// # Errors
/// When the database does not take it.
pub async fn money_moved(tx: &Tx, order_id: Uuid, verb: &str, amount: i64) -> ApiResult<()> {
    let order = lock(tx, order_id).await?;
    let changed = order.clone().into_active_model();
    let event = Event::new(verb, TYPE, order.id, order.version + 1).with(json!({"amount": amount}));
    save(tx, &order, changed, event).await?;
    Ok(())
}

/// Whether the actor wrote on an order: whoever changed its content had a part in it, also where somebody else wrote and
/// submitted it.
///
/// # Errors
/// When the database does not answer.
pub async fn wrote(tx: &Tx, order_id: Uuid) -> ApiResult<bool> {
    use entity::audit_events::{Column, Entity};
    let mine = Entity::find()
        .filter(Column::ResourceId.eq(order_id))
        .filter(Column::ActorId.eq(tx.actor.user_id))
        .filter(Column::Action.is_in(["create", "update", "submit"]));
    Ok(mine.one(tx.db()).await?.is_some())
}

/// Takes a settlement back, because a payment of the order was reversed: a claim can be written again.
///
/// # Errors
/// When the database does not take it.
pub async fn reopen(tx: &Tx, order_id: Uuid, reason: Option<&str>) -> ApiResult<()> {
    let order = lock(tx, order_id).await?;
    if order.status != TravelOrderStatus::Settled {
        return Ok(());
    }
    let to = TravelOrderStatus::Completed;
    let mut changed = order.clone().into_active_model();
    changed.status = Set(to);
    changed.waiting_since = Set(tx.now);
    changed.settled_at = Set(None);
    changed.settled_by_id = Set(None);
    let event = Event::new("reopen", TYPE, order.id, order.version + 1).step(&order.status, &to);
    save(tx, &order, changed, event.because(reason)).await?;
    commitments::reopen(tx, Document::travel_order(order_id)).await
}

/// The number of the next version in an order's chain.
///
/// # Errors
/// When the database does not answer.
pub async fn next_revision(db: &impl ConnectionTrait, chain_id: Uuid) -> ApiResult<i64> {
    let latest =
        Entity::find().filter(Column::ChainId.eq(chain_id)).order_by_desc(Column::Revision).one(db).await?;
    Ok(latest.map_or(1, |latest| latest.revision + 1))
}
