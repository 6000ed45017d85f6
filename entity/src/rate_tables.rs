//! Regulations that set rates.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::verification::Verification;

/// Whose rule it is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RateAuthority {
    /// A circular: its amounts are the most that the office may set.
    State,
    /// The office's own regulation: it comes first where it is not above the circular.
    Office,
}

/// What a regulation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateScope {
    Travel,
    Conference,
    Hospitality,
    Vehicle,
    Settings,
}

/// Where a figure was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum VerificationBasis {
    /// A public legal digest or the text of the law.
    LegalDigest,
    /// A published answer of the ministry.
    MinistryAnswer,
    /// News that quote the article, in agreement with legal digests.
    NewsAndLegalDigest,
    /// News only, but in the words of the article.
    NewsQuotingTheArticle,
    /// News that sum the rule up.
    NewsSummary,
    /// The internal rule of one institution.
    SingleInstitutionRule,
    /// Nothing was seen.
    Memory,
    /// The office's own decision.
    OfficeChoice,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rate_tables")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    /// The code without case and spaces; unique.
    #[sea_orm(unique)]
    pub code_key: String,
    pub document_number: String,
    pub issuer: String,
    pub title: String,
    pub authority: RateAuthority,
    pub signed_on: Option<Date>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// A list of [`RateScope`].
    pub scopes: Json,
    pub verification: Verification,
    pub verification_basis: Option<VerificationBasis>,
    pub note: Option<String>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
