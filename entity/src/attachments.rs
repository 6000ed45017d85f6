//! Files attached to records.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kinds of record that files are attached to, in the singular as in the change feed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OwnerType {
    ExpenseClaim,
    TravelOrder,
    Advance,
    VehicleBooking,
    Trip,
    Conference,
    ConferenceTask,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_type: OwnerType,
    pub owner_id: Uuid,
    /// The record's board when the file came; nothing for a trip that carries nobody yet.
    pub board_id: Option<Uuid>,
    pub kind: String,
    pub file_name: String,
    pub media_type: String,
    pub size_bytes: i64,
    /// Of the bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    pub uploaded_by_id: Option<Uuid>,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
