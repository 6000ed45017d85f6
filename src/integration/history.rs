//! The history of one record, read from the audit events. Every feature offers it at `…/{id}/history`.

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use entity::audit_events::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;

/// One thing that happened to a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    pub id: Uuid,
    pub occurred_at: DateTime<Utc>,
    /// The user; null where the service did it by itself.
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    /// The verb, e.g. `create`, `approve`.
    pub action: String,
    pub from_status: Option<String>,
    pub to_status: Option<String>,
    pub reason: Option<String>,
    /// The record's version after it.
    pub version: i64,
    /// What else is worth knowing, by kind of record.
    #[schema(value_type = Option<Object>)]
    pub details: Option<serde_json::Value>,
    pub request_id: Option<String>,
}

impl From<Model> for HistoryEntry {
    fn from(event: Model) -> Self {
        Self {
            id: event.id,
            occurred_at: event.occurred_at,
            actor_id: event.actor_id,
            actor_name: event.actor_name,
            action: event.action,
            from_status: event.from_status,
            to_status: event.to_status,
            reason: event.reason,
            version: event.version,
            details: event.details,
            request_id: event.request_id,
        }
    }
}

/// The history of a record that the caller may see, oldest first.
///
/// # Errors
/// 422 `invalid_cursor`.
pub async fn of(
    call: &Call,
    request: &HttpRequest,
    resource_id: Uuid,
    params: &PageParams,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let events = Entity::find().filter(Column::ResourceId.eq(resource_id));
    let order = Order { column: Column::Seq, descending: false };
    page::load(call, events, order, Column::Id, params, &resource_id)
        .await?
        .map(HistoryEntry::from)
        .reply(request)
}
