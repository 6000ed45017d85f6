//! How long drivers may be on duty, dated.

use sea_orm::entity::prelude::*;

use crate::fuel_norms::Verification;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "driver_hours_rules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `office`: one rule for the whole office on each day.
    pub scope: String,
    /// The longest time on trips in one day.
    pub daily_minutes: i64,
    /// The shortest rest between the trips of two days.
    pub rest_minutes: i64,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
