//! The register of duties: the areas of work of the office and the boards.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::verification::Verification;

/// Who leads a task of the duty in person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LeadPerson {
    /// The head of the lead body.
    Head,
    /// The accountant who acts for the board that the task is about.
    BoardAccountant,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "duties")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    /// The code without case and spaces; unique.
    #[sea_orm(unique)]
    pub code_key: String,
    pub name: String,
    pub name_en: Option<String>,
    pub scope: Option<String>,
    pub lead_person: LeadPerson,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    pub search: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
