//! The one way to change data: a transaction that writes its audit event and its change-feed row with the
//! change, and runs again where the database asks for it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{audit_events, changes, number_series};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveEnum, ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    ExprTrait, QueryFilter, Set, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::clock::office_year;
use crate::error::{ApiError, ApiResult};

/// How a record is locked before it is changed. Not the strongest lock: rows that refer to the record can still
/// be inserted beside it, so that a change of a board does not stop every claim of the office. SQLite, which
/// has one writer, leaves it out.
pub const ROW_LOCK: LockType = LockType::NoKeyUpdate;

/// So many rows stand in one statement at most: SQLite takes 32766 values, and no table has more than thirty columns.
pub const ROWS_AT_ONCE: usize = 500;

/// A transaction runs at most this often; more would only queue behind the same contention.
const ATTEMPTS: u32 = 5;

/// Who changes something: a person behind a request, or the service itself.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: Option<Uuid>,
    pub name: String,
    pub request_id: Option<String>,
}

impl Actor {
    /// The background jobs.
    pub fn system() -> Self {
        Self { user_id: None, name: "system".to_owned(), request_id: None }
    }
}

/// An open transaction: its moment, its actor, and what it must write beside the change.
pub struct Tx {
    connection: DatabaseTransaction,
    app: Arc<App>,
    pub actor: Actor,
    /// The moment of the whole transaction.
    pub now: DateTime<Utc>,
}

/// What happened to a record; becomes its history and a line of the change feed.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The verb, e.g. `create`, `approve`.
    pub action: &'a str,
    /// The kind of record in the singular, e.g. `vehicle_booking`.
    pub resource_type: &'static str,
    pub resource_id: Uuid,
    /// Nothing for what belongs to the whole office.
    pub board_id: Option<Uuid>,
    /// The record's version after the change; 1 means that it is new.
    pub version: i64,
    pub from_status: Option<String>,
    pub to_status: Option<String>,
    pub reason: Option<String>,
    pub details: Option<Value>,
}

impl<'a> Event<'a> {
    pub fn new(action: &'a str, resource_type: &'static str, resource_id: Uuid, version: i64) -> Self {
        Self {
            action,
            resource_type,
            resource_id,
            board_id: None,
            version,
            from_status: None,
            to_status: None,
            reason: None,
            details: None,
        }
    }

    /// What the change feed tells of it.
    fn change(&self) -> changes::ChangeKind {
        match self.action {
            "delete" => changes::ChangeKind::Deleted,
            _ if self.version == 1 => changes::ChangeKind::Created,
            _ => changes::ChangeKind::Updated,
        }
    }

    pub fn of_board(mut self, board_id: Uuid) -> Self {
        self.board_id = Some(board_id);
        self
    }

    /// A step of a workflow.
    pub fn step<S: ActiveEnum<Value = String>>(mut self, from: &S, to: &S) -> Self {
        self.from_status = Some(from.to_value());
        self.to_status = Some(to.to_value());
        self
    }

    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }

    pub fn with(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }
}

/// Runs the work in a transaction: immediate on SQLite, READ COMMITTED with row locks on PostgreSQL, and again
/// after a serialization failure or a deadlock, but after nothing else.
///
/// # Errors
/// What the work refuses, or what the commit does; the database is then as before.
pub async fn transaction<T>(
    app: &Arc<App>,
    actor: &Actor,
    work: impl AsyncFn(&Tx) -> ApiResult<T>,
) -> ApiResult<T> {
    let mut attempt = 1;
    loop {
        let tx = Tx::begin(app, actor).await?;
        let outcome = match work(&tx).await {
            Ok(value) => tx.commit().await.map(|()| value),
            Err(error) => {
                // A connection that broke cannot be rolled back; the database has done it by itself.
                if let Err(trouble) = tx.rollback().await {
                    tracing::debug!(%trouble, "rollback failed");
                }
                Err(error)
            }
        };
        match outcome {
            Err(error) if error.problem().transient && attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
    }
}

impl Tx {
    async fn begin(app: &Arc<App>, actor: &Actor) -> ApiResult<Self> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = app.db.writer.begin_with_options(options).await?;
        Ok(Self { connection, app: Arc::clone(app), actor: actor.clone(), now: app.clock.now() })
    }

    /// A part that can be undone by itself (a savepoint).
    pub(crate) async fn nested(&self) -> ApiResult<Self> {
        let connection = self.connection.begin().await?;
        Ok(Self { connection, app: Arc::clone(&self.app), actor: self.actor.clone(), now: self.now })
    }

    pub(crate) async fn commit(self) -> ApiResult<()> {
        Ok(self.connection.commit().await?)
    }

    pub(crate) async fn rollback(self) -> ApiResult<()> {
        Ok(self.connection.rollback().await?)
    }

    pub fn db(&self) -> &DatabaseTransaction {
        &self.connection
    }

    /// A new id, of this moment.
    pub fn id(&self) -> Uuid {
        self.app.ids.at(self.now)
    }

    /// Writes the audit event and the change-feed row of a change. Every change calls it once.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn record(&self, event: Event<'_>) -> ApiResult<()> {
        self.record_all(vec![event]).await
    }

    /// As [`Tx::record`] for many changes, in their order, with few statements.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn record_all(&self, events: Vec<Event<'_>>) -> ApiResult<()> {
        for part in events.chunks(ROWS_AT_ONCE) {
            let rows = part.iter().map(|event| self.audit(event.clone()));
            audit_events::Entity::insert_many(rows).exec_without_returning(&self.connection).await?;
            self.announce(part).await?;
        }
        Ok(())
    }

    fn audit(&self, event: Event<'_>) -> audit_events::ActiveModel {
        audit_events::ActiveModel {
            seq: ActiveValue::NotSet,
            id: Set(self.id()),
            occurred_at: Set(self.now),
            actor_id: Set(self.actor.user_id),
            actor_name: Set(self.actor.name.clone()),
            action: Set(event.action.to_owned()),
            resource_type: Set(event.resource_type.to_owned()),
            resource_id: Set(event.resource_id),
            board_id: Set(event.board_id),
            version: Set(event.version),
            from_status: Set(event.from_status),
            to_status: Set(event.to_status),
            reason: Set(event.reason),
            details: Set(event.details),
            request_id: Set(self.actor.request_id.clone()),
        }
    }

    /// The feed's order is the order of transactions: a number alone could become visible after a larger one.
    async fn announce(&self, events: &[Event<'_>]) -> ApiResult<()> {
        let backend = self.connection.get_database_backend();
        let transaction = match backend {
            DbBackend::Postgres => "pg_current_xact_id()::text::bigint",
            _ => "0",
        };
        let (mut rows, mut values) = (Vec::with_capacity(events.len()), Vec::with_capacity(6 * events.len()));
        for event in events {
            let marks: Vec<String> = (1..=6).map(|mark| format!("${}", values.len() + mark)).collect();
            rows.push(format!("({transaction}, {})", marks.join(", ")));
            values.extend::<[sea_orm::Value; 6]>([
                self.now.into(),
                event.resource_type.into(),
                event.resource_id.into(),
                event.board_id.into(),
                event.change().to_value().into(),
                event.version.into(),
            ]);
        }
        let sql = format!(
            "INSERT INTO changes (transaction_id, occurred_at, resource_type, resource_id, board_id, change, version) \
             VALUES {}",
            rows.join(", ")
        );
        self.connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(())
    }

    /// The next number of a series in the office's current year, e.g. `EC-2026-000123`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_number(&self, series: &str) -> ApiResult<String> {
        let (year, number) = self.next_in_series(series).await?;
        Ok(format!("{series}-{year}-{number:06}"))
    }

    /// The office's current year and the next number of a series in it. The series' row stays locked until the
    /// commit, so no number is skipped or given twice.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_in_series(&self, series: &str) -> ApiResult<(i64, i64)> {
        use number_series::{ActiveModel, Column, Entity};
        let year = i64::from(office_year(self.now));
        let row = ActiveModel { series: Set(series.to_owned()), year: Set(year), last_number: Set(0) };
        Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.connection)
            .await?;
        let updated = Entity::update_many()
            .col_expr(
                Column::LastNumber,
                ExprTrait::add(sea_orm::sea_query::Expr::col(Column::LastNumber), 1),
            )
            .filter(Column::Series.eq(series))
            .filter(Column::Year.eq(year))
            .exec_with_returning(&self.connection)
            .await?;
        let last = updated.first().map(|row| row.last_number);
        Ok((year, last.ok_or_else(|| ApiError::internal("a number series vanished"))?))
    }
}
