//! Every claim, travel order and budget line against its history: each of its versions has one event, and it stands
//! where the last step led.
//!
//! That moments grow with the sequence is not asked: a transaction that began earlier may write later.

use std::collections::BTreeMap;

use entity::audit_events::{Column, Entity};
use entity::{budget_lines, expense_claims, travel_orders};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::ops::verify::{Check, Pages};

/// A record as it is.
struct Record {
    id: Uuid,
    version: i64,
    status: String,
}

/// What the events of a record tell of it.
#[derive(Default)]
struct Told {
    events: i64,
    versions: i64,
    /// Of the last event.
    version: i64,
    /// Of the last event that has one.
    status: Option<String>,
}

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("audit");
    let mut pages = Pages::of(
        expense_claims::Entity::find(),
        expense_claims::Column::Id,
        |claim: &expense_claims::Model| claim.id,
    );
    while let Some(rows) = pages.next(db, &mut check).await? {
        let records = rows.iter().map(|row| Record::of(row.id, row.version, &row.status)).collect();
        compare(db, &mut check, records).await?;
    }
    let mut pages = Pages::of(
        travel_orders::Entity::find(),
        travel_orders::Column::Id,
        |order: &travel_orders::Model| order.id,
    );
    while let Some(rows) = pages.next(db, &mut check).await? {
        let records = rows.iter().map(|row| Record::of(row.id, row.version, &row.status)).collect();
        compare(db, &mut check, records).await?;
    }
    let mut pages =
        Pages::of(budget_lines::Entity::find(), budget_lines::Column::Id, |line: &budget_lines::Model| {
            line.id
        });
    while let Some(rows) = pages.next(db, &mut check).await? {
        let records = rows.iter().map(|row| Record::of(row.id, row.version, &row.status)).collect();
        compare(db, &mut check, records).await?;
    }
    Ok(check)
}

impl Record {
    fn of<S: ActiveEnum<Value = String>>(id: Uuid, version: i64, status: &S) -> Self {
        Self { id, version, status: status.to_value() }
    }
}

async fn compare(db: &impl ConnectionTrait, check: &mut Check, records: Vec<Record>) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let mut told = told_of(db, &ids).await?;
    for record in records {
        let Record { id, version, status } = record;
        let told = told.remove(&id).unwrap_or_default();
        check.equal(id, "version and the last event", version, told.version);
        if told.events != told.version || told.versions != told.version {
            let Told { events, versions, version: last, .. } = told;
            check.differs(id, format!("{events} events tell of {versions} versions up to {last}"));
        }
        // A record that no step has moved stands where it was made.
        if let Some(last) = told.status.filter(|last| *last != status) {
            check.differs(id, format!("it is {status}, the last step led to {last}"));
        }
    }
    Ok(())
}

async fn told_of(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Told>, DbErr> {
    let counts: Vec<(Uuid, i64, i64, i64)> = Entity::find()
        .filter(Column::ResourceId.is_in(ids.iter().copied()))
        .select_only()
        .column(Column::ResourceId)
        .column_as(Column::Seq.count(), "events")
        .column_as(Expr::col(Column::Version).count_distinct(), "versions")
        .column_as(Column::Seq.max(), "last")
        .group_by(Column::ResourceId)
        .into_tuple()
        .all(db)
        .await?;
    let steps: Vec<(Uuid, i64)> = Entity::find()
        .filter(Column::ResourceId.is_in(ids.iter().copied()))
        .filter(Column::ToStatus.is_not_null())
        .select_only()
        .column(Column::ResourceId)
        .column_as(Column::Seq.max(), "last")
        .group_by(Column::ResourceId)
        .into_tuple()
        .all(db)
        .await?;
    let last = counts.iter().map(|(.., last)| *last).chain(steps.iter().map(|(_, last)| *last));
    let events = events_at(db, last).await?;
    let mut found: BTreeMap<Uuid, Told> = BTreeMap::new();
    for (id, events_of, versions, last) in counts {
        let version = events.get(&last).map_or(0, |(version, _)| *version);
        found.insert(id, Told { events: events_of, versions, version, status: None });
    }
    for (id, last) in steps {
        let status = events.get(&last).and_then(|(_, status)| status.clone());
        found.entry(id).or_default().status = status;
    }
    Ok(found)
}

/// Version and state of the events with these numbers.
async fn events_at(
    db: &impl ConnectionTrait,
    numbers: impl Iterator<Item = i64>,
) -> Result<BTreeMap<i64, (i64, Option<String>)>, DbErr> {
    let rows: Vec<(i64, i64, Option<String>)> = Entity::find()
        .filter(Column::Seq.is_in(numbers))
        .select_only()
        .columns([Column::Seq, Column::Version, Column::ToStatus])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(seq, version, status)| (seq, (version, status))).collect())
}
