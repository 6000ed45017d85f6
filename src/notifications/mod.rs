//! What a person should know without being asked to act: a car was refused, a claim was paid, a task is due tomorrow.
//!
//! What waits for somebody stands in the inbox, and only as long as it waits; what happened to somebody stands here, until
//! they have read it and for a while after. [`tell`] is called in the transaction of the change, so nobody is told of what
//! did not happen. [`reminders`] tells of days that come nearer. Nobody is told twice: each notification has a key of
//! its event or day, and a second one with the same key falls away in the database, whichever process tries it.
//!
//! A text is composed when it is read ([`wording`]), in the language of the reader. It holds the kind of the event, the
//! number of the record and its times (of papers what the directory shows to everybody), never a purpose, an amount or
//! a reason: rights may end after something was told, and the record itself is read under the rights of that moment.
//!
//! Notifications are a person's own and no records of the office: they have no version, no history and no place in the
//! change feed, which tells of the change itself already.
//!
//! Operations: list mine, mark mine as read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::notifications::{ActiveModel, Entity, NotificationKind};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveEnum, EntityTrait, Set};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::error::ApiResult;
use crate::write::Tx;

pub mod handlers;
pub mod json;
pub mod reminders;
pub mod store;
pub mod subjects;
pub mod wording;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(handlers::list_my_notifications).service(handlers::mark_my_notifications_read);
}

/// Something to tell.
#[derive(Clone, Debug)]
pub struct Notice {
    kind: NotificationKind,
    resource_id: Uuid,
    board_id: Option<Uuid>,
    facts: Value,
    due_at: Option<DateTime<Utc>>,
    once: String,
}

impl Notice {
    /// `facts` is what the text needs beside the kind and the due time: nothing that a right protects. `once` tells this
    /// event from the next one of its kind about the record: the version that it made, or the day that comes nearer.
    pub fn new(kind: NotificationKind, resource_id: Uuid, facts: Value, once: impl ToString) -> Self {
        Self { kind, resource_id, board_id: None, facts, due_at: None, once: once.to_string() }
    }

    /// About a record with a number, and a step that made this version of it.
    pub fn step(kind: NotificationKind, resource_id: Uuid, number: &str, version: i64) -> Self {
        Self::new(kind, resource_id, json!({"number": number}), version)
    }

    pub fn of_board(mut self, board_id: Uuid) -> Self {
        self.board_id = Some(board_id);
        self
    }

    pub fn due(mut self, at: DateTime<Utc>) -> Self {
        self.due_at = Some(at);
        self
    }
}

/// Tells each of these people, members of staff, once. Gives how many did not know yet.
///
/// # Errors
/// When the database does not take it.
pub async fn tell(tx: &Tx, people: impl IntoIterator<Item = Uuid>, notice: &Notice) -> ApiResult<u64> {
    tell_all(tx, people.into_iter().map(|person| (person, notice.clone()))).await
}

/// As [`tell`], each person their own.
///
/// # Errors
/// When the database does not take it.
pub async fn tell_all(tx: &Tx, told: impl IntoIterator<Item = (Uuid, Notice)>) -> ApiResult<u64> {
    // In the order of the keys, so that two processes which tell the same wait for each other and never both.
    let mut rows = BTreeMap::new();
    for (person, notice) in told {
        let key = format!("{}/{}/{}", notice.kind.to_value(), notice.resource_id, notice.once);
        rows.insert((person, key), notice);
    }
    let rows: Vec<ActiveModel> =
        rows.into_iter().map(|((person, key), notice)| row(tx, person, key, notice)).collect();
    if rows.is_empty() {
        return Ok(0);
    }
    let known = OnConflict::new().do_nothing().to_owned();
    Ok(Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx.db()).await?)
}

fn row(tx: &Tx, person: Uuid, unique_key: String, notice: Notice) -> ActiveModel {
    let Notice { kind, resource_id, board_id, facts, due_at, once: _ } = notice;
    ActiveModel {
        id: Set(tx.id()),
        staff_id: Set(person),
        kind: Set(kind),
        resource_type: Set(subjects::of(kind).resource_type.to_owned()),
        resource_id: Set(resource_id),
        board_id: Set(board_id),
        facts: Set(facts),
        due_at: Set(due_at),
        unique_key: Set(unique_key),
        created_at: Set(tx.now),
        read_at: Set(None),
    }
}
