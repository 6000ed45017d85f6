//! The change feed: every change that the caller may know of, in an order in which none can be missed.
//!
//! The order is (transaction, number). On PostgreSQL a transaction with a small number may still be running
//! when a later one is visible, so only rows older than every running transaction are handed out.

use actix_web::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::changes::{ChangeKind, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::auth::permissions::{Action, Reach};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::Query;
use crate::http::page::invalid_cursor;
use crate::http::reply::Reply;

/// Which kinds of record a caller learns of by which right; kinds that stand nowhere are told to nobody.
const READ_BY: &[(&str, Action)] = &[
    ("board", Action::ReadDirectory),
    ("staff", Action::ReadDirectory),
    ("accountant", Action::ReadDirectory),
    ("accountant_assignment", Action::ReadDirectory),
    ("vehicle", Action::ReadDirectory),
    ("driver", Action::ReadDirectory),
    ("vehicle_downtime", Action::ReadDirectory),
    ("driver_absence", Action::ReadDirectory),
    ("fuel_norm", Action::ReadDirectory),
    ("fuel_price", Action::ReadDirectory),
    ("fuel_tolerance", Action::ReadDirectory),
    ("rate_table", Action::ReadDirectory),
    ("rate", Action::ReadDirectory),
    ("vehicle_paper", Action::ReadDirectory),
    ("vehicle_service", Action::ReadDirectory),
    ("user", Action::ReadUsers),
    ("service_account", Action::ReadUsers),
    ("vehicle_booking", Action::ReadBookings),
    ("expense_claim", Action::ReadClaims),
    ("payment", Action::ReadClaims),
    ("advance", Action::ReadClaims),
    ("travel_order", Action::ReadTravel),
    ("sub_item", Action::ReadDirectory),
    ("expense_kind", Action::ReadDirectory),
    ("budget_line", Action::ReadBudget),
    ("budget_transfer", Action::ReadBudget),
    ("budget_year", Action::ReadBudget),
    ("budget_import", Action::ReadBudget),
    ("conference", Action::ReadConferences),
    ("conference_task", Action::ReadConferences),
    ("office_unit", Action::ReadDirectory),
    ("duty", Action::ReadDirectory),
    ("task_template", Action::ReadDirectory),
    ("obstacle", Action::ReadObstacles),
    ("measure", Action::ReadObstacles),
    ("odometer_correction", Action::ReadDirectory),
    ("driver_hours_rule", Action::ReadDirectory),
    ("trip", Action::ReadTrips),
    ("refuel", Action::ReadRefuels),
    ("fuel_statement", Action::ReadFuelStatements),
    ("attachment", Action::ReadAttachments),
    ("review", Action::ReadReviews),
];

/// From where on.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
struct ChangeParams {
    /// How many changes at most, 50 unless given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the answer before; without it the feed begins at its beginning.
    #[param(min_length = 1, max_length = 200)]
    cursor: Option<String>,
}

/// A change of one record.
#[derive(Serialize, ToSchema)]
struct Change {
    seq: i64,
    /// The kind of record in the singular, e.g. `vehicle_booking`.
    resource_type: String,
    resource_id: Uuid,
    /// Null for what belongs to the whole office.
    board_id: Option<Uuid>,
    change: ChangeKind,
    /// The record's version after the change.
    version: i64,
    occurred_at: DateTime<Utc>,
}

/// A part of the feed.
#[derive(Serialize, ToSchema)]
struct ChangeFeed {
    items: Vec<Change>,
    /// Never null: keep it and ask again later.
    next_cursor: String,
}

impl From<Model> for Change {
    fn from(row: Model) -> Self {
        Self {
            seq: row.seq,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            board_id: row.board_id,
            change: row.change,
            version: row.version,
            occurred_at: row.occurred_at,
        }
    }
}

/// Follow what changes.
///
/// Every change of a record of the caller's boards and of the directory, oldest first, deletions included. A trip stands
/// under the board of its first booking (the bookings themselves under theirs), refuels, fuel statements and budget years under
/// the office, a file under the board of its record, an obstacle and its measures under the board that reports it;
/// records that somebody sees only as their driver, traveller or lead are followed by their lists. Read the records
/// themselves by their ids. `next_cursor` is never null: keep it, ask again, and nothing is missed.
#[utoipa::path(
    tag = "integration",
    params(ChangeParams),
    extensions(("x-action" = json!("changes.read"))),
    responses((status = 200, description = "The next changes.", body = ChangeFeed))
)]
#[get("/v1/changes")]
pub(crate) async fn list_changes(call: Call, params: Query<ChangeParams>) -> ApiResult<Reply<ChangeFeed>> {
    let db = &call.app.db.replica;
    let (transaction, seq) = match &params.cursor {
        Some(cursor) => read_cursor(&call, cursor)?,
        None => (-1, 0),
    };
    let horizon = horizon(db).await?;
    let after = Condition::any()
        .add(Column::TransactionId.gt(transaction))
        .add(Column::TransactionId.eq(transaction).and(Column::Seq.gt(seq)));
    let limit = params.limit.and_then(|limit| u64::try_from(limit).ok()).unwrap_or(50);
    let rows = Entity::find()
        .filter(after)
        .filter(Column::TransactionId.lt(horizon))
        .filter(visible(&call))
        .order_by_asc(Column::TransactionId)
        .order_by_asc(Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    let (transaction, seq) = rows.last().map_or((transaction, seq), |row| (row.transaction_id, row.seq));
    let next_cursor = write_cursor(&call, transaction, seq);
    Reply::plain(&ChangeFeed { items: rows.into_iter().map(Change::from).collect(), next_cursor })
}

/// All transactions before this one have ended.
async fn horizon(db: &DatabaseConnection) -> ApiResult<i64> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(i64::MAX);
    }
    let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.map(|row| row.try_get("", "horizon")).transpose()?.unwrap_or(0))
}

fn visible(call: &Call) -> Condition {
    READ_BY.iter().fold(Condition::any().add(Expr::value(false)), |any, (kind, action)| {
        match call.reach(*action) {
            Reach::None => any,
            Reach::Office => any.add(Column::ResourceType.eq(*kind)),
            Reach::Boards(boards) => {
                any.add(Column::ResourceType.eq(*kind).and(Column::BoardId.is_in(boards)))
            }
        }
    })
}

fn write_cursor(call: &Call, transaction: i64, seq: i64) -> String {
    let content = format!("changes.{transaction}.{seq}");
    let signature = call.app.tokens.sign_cursor(content.as_bytes());
    format!("{}.{}", URL_SAFE_NO_PAD.encode(&signature[..16]), URL_SAFE_NO_PAD.encode(content))
}

fn read_cursor(call: &Call, cursor: &str) -> ApiResult<(i64, i64)> {
    let read = || {
        let (signature, content) = cursor.split_once('.')?;
        let content = URL_SAFE_NO_PAD.decode(content).ok()?;
        if URL_SAFE_NO_PAD.decode(signature).ok()? != call.app.tokens.sign_cursor(&content)[..16] {
            return None;
        }
        let text = String::from_utf8(content).ok()?;
        let (transaction, seq) = text.strip_prefix("changes.")?.split_once('.')?;
        Some((transaction.parse().ok()?, seq.parse().ok()?))
    };
    read().ok_or_else(invalid_cursor)
}
