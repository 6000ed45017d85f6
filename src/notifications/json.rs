//! Parameters and bodies of the notifications.

use chrono::{DateTime, Utc};
use entity::notifications::{Model, NotificationKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::http::language::Language;
use crate::notifications::{subjects, wording};

/// Something that the caller should know.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotificationOut {
    pub id: Uuid,
    /// What it tells; the list may grow.
    pub kind: NotificationKind,
    /// What happened, in the caller's language.
    #[schema(max_length = 200)]
    pub title: String,
    /// Which record, and by when or since when.
    #[schema(max_length = 500)]
    pub detail: String,
    /// The kind of record in the singular, e.g. `vehicle_booking`.
    pub resource_type: String,
    pub resource_id: Uuid,
    /// Null for what belongs to the whole office.
    pub board_id: Option<Uuid>,
    /// The address of the record, which is read under the rights that the caller has by then.
    #[schema(format = "uri-reference", max_length = 100)]
    pub href: String,
    /// The time that it speaks of; null where it speaks of none.
    pub due_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// When it was marked as read; null until then.
    pub read_at: Option<DateTime<Utc>>,
}

impl NotificationOut {
    pub fn new(row: Model, language: Language) -> Self {
        let subject = subjects::of(row.kind);
        let (title, detail) = wording::of(&row);
        Self {
            title: title.get(language).to_owned(),
            detail: detail.get(language).to_owned(),
            href: format!("{}/{}", subject.collection, row.resource_id),
            id: row.id,
            kind: row.kind,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            board_id: row.board_id,
            due_at: row.due_at,
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }
}

/// Which notifications.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct NotificationFilter {
    /// `true`: not marked as read. `false`: all others.
    pub unread: Option<bool>,
    /// Notifications of these kinds.
    #[param(inline)]
    pub kind: Option<Vec<NotificationKind>>,
}

/// What was read: either some, or everything up to one.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"up_to_id": demo::id("nt_duong_task")})))]
pub struct NotificationsReadIn {
    /// These notifications of the caller's.
    pub ids: Option<Vec<Uuid>>,
    /// This notification of the caller's and all that were told before it.
    pub up_to_id: Option<Uuid>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotificationsReadOut {
    /// How many were unread until now.
    pub marked_count: i64,
    /// How many the caller has not read yet.
    pub unread_count: i64,
}
