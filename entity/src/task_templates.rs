//! Lists of tasks for conferences and receptions, dated.

use sea_orm::entity::prelude::*;

use crate::conferences::ConferenceKind;
pub use crate::verification::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_templates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    /// The code without case and spaces; one version of it on every day.
    pub code_key: String,
    pub kind: ConferenceKind,
    pub name: String,
    pub name_en: Option<String>,
    /// The duty whose lead unit stands for the owner where that unit is one of the owner's.
    pub owner_duty: Option<String>,
    /// The tasks, in their order.
    pub items: Json,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
