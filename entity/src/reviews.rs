//! Periodic reviews: what was done in a period, in texts and in figures that are kept.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a review stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Texts are gathered; there are no figures yet.
    Collecting,
    /// The figures are computed and wait for a second pair of eyes.
    Drafted,
    /// The figures are frozen.
    Approved,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub number: String,
    pub title: String,
    /// The first and the last day, both included.
    pub from_on: Date,
    pub to_on: Date,
    pub status: ReviewStatus,
    pub waiting_since: DateTimeUtc,
    #[sea_orm(column_type = "JsonBinary")]
    pub texts: Json,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub figures: Option<Json>,
    /// Of the canonical JSON of the figures, in lower-case hexadecimal digits.
    pub figures_sha256: Option<String>,
    /// 1 for the first review of a period, and one more with each correction.
    pub revision: i64,
    #[sea_orm(unique)]
    pub supersedes_id: Option<Uuid>,
    pub superseded_by_id: Option<Uuid>,
    /// Who last computed the figures or wrote beside them.
    pub drafted_by_id: Option<Uuid>,
    pub approved_by_id: Option<Uuid>,
    pub approved_at: Option<DateTimeUtc>,
    pub decision_reason: Option<String>,
    pub search: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
