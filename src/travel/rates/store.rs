//! Every query about rate tables and their rows.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use entity::rate_tables::{self, Entity as Tables};
use entity::rates::{self, AmountKind, Column, Entity, RateKind};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::dated;
use crate::decimal::hundredths;
use crate::error::{ApiError, ApiResult, Code, FieldError, text};
use crate::http::text::code_key;
use crate::travel::estimates::json::{RateUsed, TravelEstimateOut};
use crate::travel::rates::json::{RateFilter, RateIn, RateTableFilter, RateTableIn};
use crate::travel::rates::{TABLE_TYPE, TYPE, rules};
use crate::write::{Event, ROW_LOCK, Tx};

pub fn select_tables(filter: &RateTableFilter) -> Select<Tables> {
    use rate_tables::Column;
    let mut select = Tables::find();
    if let Some(authority) = filter.authority {
        select = select.filter(Column::Authority.eq(authority));
    }
    if let Some(day) = filter.on {
        select = select.filter(dated::on_day(Column::ValidFrom, Column::ValidTo, day));
    }
    select
}

pub fn select(table_id: Uuid, filter: &RateFilter) -> Select<Entity> {
    let mut select = Entity::find().filter(Column::RateTableId.eq(table_id));
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(day) = filter.on {
        select = select.filter(between(day, day));
    }
    select
}

/// Rows in force on at least one day of a time.
fn between(first: NaiveDate, last: NaiveDate) -> Condition {
    dated::between(Column::ValidFrom, Column::ValidTo, first, last)
}

/// # Errors
/// 404.
pub async fn find_table(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<rate_tables::Model> {
    Tables::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// # Errors
/// 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<rates::Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The rows of these kinds in force in a time, each with its regulation: two queries.
///
/// # Errors
/// When the database does not answer.
pub async fn in_force(
    db: &impl ConnectionTrait,
    kinds: &[RateKind],
    first: NaiveDate,
    last: NaiveDate,
) -> ApiResult<Vec<(rates::Model, rate_tables::Model)>> {
    let rows = Entity::find()
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .filter(between(first, last))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let of = rate_tables::Column::Id.is_in(rows.iter().map(|row| row.rate_table_id));
    let tables: BTreeMap<Uuid, rate_tables::Model> =
        Tables::find().filter(of).all(db).await?.into_iter().map(|table| (table.id, table)).collect();
    let with_table = rows.into_iter().filter_map(|row| {
        let table = tables.get(&row.rate_table_id)?.clone();
        Some((row, table))
    });
    Ok(with_table.collect())
}

/// # Errors
/// 409 `duplicate` for a code that is taken.
pub async fn insert_table(tx: &Tx, id: Uuid, body: &RateTableIn) -> ApiResult<rate_tables::Model> {
    let body = body.clone();
    let table = rate_tables::ActiveModel {
        id: Set(id),
        code_key: Set(code_key(&body.code)),
        code: Set(body.code),
        document_number: Set(body.document_number),
        issuer: Set(body.issuer),
        title: Set(body.title),
        authority: Set(body.authority),
        signed_on: Set(body.signed_on),
        valid_from: Set(body.valid_from),
        valid_to: Set(body.valid_to),
        scopes: Set(serde_json::to_value(body.scopes).map_err(ApiError::internal)?),
        verification: Set(body.verification),
        verification_basis: Set(body.verification_basis),
        note: Set(body.note),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let table = table.insert(tx.db()).await?;
    tx.record(Event::new("create", TABLE_TYPE, table.id, 1)).await?;
    Ok(table)
}

/// The regulation, locked until the transaction ends; its rows change under this lock only.
///
/// # Errors
/// 404.
pub async fn find_table_for_update(tx: &Tx, id: Uuid) -> ApiResult<rate_tables::Model> {
    Tables::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// Adds a row to a locked regulation; the row about the same that still runs ends on the day before.
///
/// # Errors
/// 422 with everything that is wrong with the row; 409 `in_use` where the running row priced something since;
/// 409 `period_taken`.
pub async fn insert(tx: &Tx, table: &rate_tables::Model, id: Uuid, body: &RateIn) -> ApiResult<rates::Model> {
    let mut errors = rules::broken(body);
    if body.valid_from < table.valid_from {
        let detail = text(
            format!("quy định có hiệu lực từ {}", table.valid_from),
            format!("the regulation is in force from {}", table.valid_from),
        );
        errors.push(FieldError::body("valid_from", "out_of_range", detail));
    }
    errors.extend(unknown_classes(tx, table.id, body).await?);
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let key = rules::row_key(body);
    give_way(tx, table.id, &key, body.valid_from).await?;
    let rate = columns(tx, table.id, id, key, body.clone()).insert(tx.db()).await?;
    tx.record(Event::new("create", TYPE, rate.id, 1)).await?;
    Ok(rate)
}

fn columns(tx: &Tx, rate_table_id: Uuid, id: Uuid, row_key: String, body: RateIn) -> rates::ActiveModel {
    let number = |text: &Option<String>| text.as_deref().and_then(hundredths);
    rates::ActiveModel {
        id: Set(id),
        rate_table_id: Set(rate_table_id),
        row_key: Set(row_key),
        kind: Set(body.kind),
        applies_to: Set(body.applies_to),
        code: Set(body.code),
        name: Set(body.name),
        name_en: Set(body.name_en),
        traveller_class: Set(body.traveller_class),
        place_class: Set(body.place_class),
        coefficient_from_hundredths: Set(number(&body.coefficient_from)),
        coefficient_to_hundredths: Set(number(&body.coefficient_to)),
        min_hours_hundredths: Set(number(&body.min_hours)),
        min_one_way_km_hundredths: Set(number(&body.min_one_way_km)),
        litres_per_km_hundredths: Set(number(&body.litres_per_km)),
        percent_hundredths: Set(number(&body.percent)),
        min_travel_days: Set(body.min_travel_days),
        standard_occupants: Set(body.standard_occupants),
        unit: Set(body.unit),
        amount_kind: Set(body.amount.map(|_| body.amount_kind.unwrap_or(AmountKind::Fixed))),
        amount: Set(body.amount),
        value: Set(body.value),
        article: Set(body.article),
        valid_from: Set(body.valid_from),
        valid_to: Set(body.valid_to),
        verification: Set(body.verification),
        verification_basis: Set(body.verification_basis),
        inferred: Set(body.inferred),
        note: Set(body.note),
        last_used_on: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    }
}

/// The classes that a row names and its regulation does not have on the row's first day.
async fn unknown_classes(tx: &Tx, table_id: Uuid, body: &RateIn) -> ApiResult<Vec<FieldError>> {
    let mut errors = Vec::new();
    let named = [
        ("traveller_class", RateKind::TravellerClass, &body.traveller_class),
        ("place_class", RateKind::PlaceClass, &body.place_class),
    ];
    for (field, kind, name) in named {
        let Some(name) = name else { continue };
        let known = Entity::find()
            .filter(Column::RateTableId.eq(table_id))
            .filter(Column::Kind.eq(kind))
            .filter(Column::AppliesTo.eq(body.kind))
            .filter(Column::Code.eq(name))
            .filter(between(body.valid_from, body.valid_from));
        if known.one(tx.db()).await?.is_none() {
            let detail = text(
                format!("quy định không có nhóm {name} cho loại dòng này vào ngày {}", body.valid_from),
                format!("the regulation has no class {name} for this kind on {}", body.valid_from),
            );
            errors.push(FieldError::body(field, "unknown_class", detail));
        }
    }
    Ok(errors)
}

/// Ends the row that still runs on the day before the new one, unless something kept was priced by it since.
async fn give_way(tx: &Tx, table_id: Uuid, key: &str, from: NaiveDate) -> ApiResult<()> {
    let running = Entity::find()
        .filter(Column::RateTableId.eq(table_id))
        .filter(Column::RowKey.eq(key))
        .filter(dated::running_before(Column::ValidFrom, Column::ValidTo, from))
        .lock(ROW_LOCK);
    let Some(running) = running.one(tx.db()).await? else { return Ok(()) };
    if let Some(last) = running.last_used_on.filter(|last| *last >= from) {
        return Err(used(last));
    }
    match from.checked_sub_days(Days::new(1)) {
        Some(last_day) => shorten(tx, running, last_day).await.map(drop),
        None => Err(ApiError::internal("a day before all days")),
    }
}

/// Ends a locked row on an earlier day than it would.
///
/// # Errors
/// 422 for a day before the row's first or after its last; 409 `in_use` where something kept was priced by it later.
pub async fn end(tx: &Tx, rate: rates::Model, last_day: NaiveDate) -> ApiResult<rates::Model> {
    if last_day < rate.valid_from || rate.valid_to.is_some_and(|last| last < last_day) {
        let detail = text(
            "phải nằm trong thời gian hiệu lực của dòng này",
            "must lie within the days on which the row is in force",
        );
        return Err(ApiError::rule("valid_to", "out_of_range", detail));
    }
    if let Some(last) = rate.last_used_on.filter(|last| *last > last_day) {
        return Err(used(last));
    }
    shorten(tx, rate, last_day).await
}

async fn shorten(tx: &Tx, rate: rates::Model, last_day: NaiveDate) -> ApiResult<rates::Model> {
    let version = rate.version + 1;
    let mut ended = rate.into_active_model();
    ended.valid_to = Set(Some(last_day));
    ended.version = Set(version);
    ended.updated_at = Set(tx.now);
    let ended = ended.update(tx.db()).await?;
    let event = Event::new("end", TYPE, ended.id, version);
    tx.record(event.with(serde_json::json!({"valid_to": last_day}))).await?;
    Ok(ended)
}

fn used(last: NaiveDate) -> ApiError {
    ApiError::new(
        Code::InUse,
        text(
            format!("Định mức này đã dùng để tính tiền đến ngày {last}."),
            format!("Money was computed by this rate up to {last}."),
        ),
    )
}

/// The row, locked until the transaction ends.
///
/// # Errors
/// 404.
pub async fn find_for_update(tx: &Tx, id: Uuid) -> ApiResult<rates::Model> {
    let rate = find(tx.db(), id).await?;
    find_table_for_update(tx, rate.rate_table_id).await?;
    Entity::find_by_id(id).lock(ROW_LOCK).one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// Deletes a locked row.
///
/// # Errors
/// 409 `in_use` where something kept was priced by it.
pub async fn remove(tx: &Tx, rate: rates::Model) -> ApiResult<()> {
    if let Some(last) = rate.last_used_on {
        return Err(used(last));
    }
    let (id, version) = (rate.id, rate.version + 1);
    rate.delete(tx.db()).await?;
    tx.record(Event::new("delete", TYPE, id, version)).await
}

/// Notes that an estimate is kept: see [`mark_rates_used`].
///
/// # Errors
/// As [`mark_rates_used`].
pub async fn mark_used(tx: &Tx, estimate: &TravelEstimateOut) -> ApiResult<()> {
    let lines = estimate.travellers.iter().flat_map(|traveller| &traveller.lines);
    mark_rates_used(tx, lines.flat_map(|line| &line.rates)).await
}

/// Notes that amounts are kept: the rows behind them cannot be deleted any more, nor end before the last day that
/// they priced. Whoever keeps an estimate calls this in the transaction that keeps it.
///
/// # Errors
/// When a row has changed since the estimate was computed; the transaction then runs again.
pub async fn mark_rates_used<'a>(tx: &Tx, rates: impl Iterator<Item = &'a RateUsed>) -> ApiResult<()> {
    let mut last_days: BTreeMap<Uuid, NaiveDate> = BTreeMap::new();
    // A fuel price has no regulation and stands in a table of its own.
    for used in rates.filter(|used| used.table.is_some()) {
        let last = last_days.entry(used.rate_id).or_insert(used.priced_on);
        *last = (*last).max(used.priced_on);
    }
    let ids = last_days.keys().copied();
    // In the order of ids, so that two transactions never wait for each other.
    let rows = Entity::find().filter(Column::Id.is_in(ids)).order_by_asc(Column::Id).lock(ROW_LOCK);
    let rows = rows.all(tx.db()).await?;
    if rows.len() != last_days.len() {
        return Err(ApiError::look_again());
    }
    for row in rows {
        let Some(day) = last_days.get(&row.id).copied() else { continue };
        if row.valid_to.is_some_and(|last| last < day) {
            return Err(ApiError::look_again());
        }
        if row.last_used_on.is_none_or(|last| last < day) {
            let mut row = row.into_active_model();
            row.last_used_on = Set(Some(day));
            row.update(tx.db()).await?;
        }
    }
    Ok(())
}
